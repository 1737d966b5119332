"""The ladder: from counts to sentence encoders, a notebook a rung."""
