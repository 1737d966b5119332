"""The film: every step of building a text encoder, drawn from the numbers of real runs."""
