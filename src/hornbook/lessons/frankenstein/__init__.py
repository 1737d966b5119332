"""The course Frankenstein: a character-level LSTM from the text to a text of its own, in eight notebooks."""
