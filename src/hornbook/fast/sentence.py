"""A sentence encoder that reads: texts to vectors by `hornbook.fast.encode`, from the parameters of a transformer."""

import numpy as np

from hornbook.fast.encode import Encoder, Reading

__all__ = ["SentenceEncoder"]


class SentenceEncoder:
    """What a `TextEncoder` holds where texts are read by a transformer: `encode_texts`, and `export` of its weights.

    `parameters` are name -> NumPy array as `reference.sentence` has them; `reading` says how vectors are made.
    """

    def __init__(self, config, parameters, tokenizer, reading=None):
        self.config, self.parameters = config, parameters
        self.encoder = Encoder(config, parameters, tokenizer, reading or Reading())

    def encode_texts(self, texts):
        """The vectors (N, D) of texts, float32. What is longer than `max_tokens` is read up to there."""
        if not texts:
            return np.zeros((0, self.config.n_embd), np.float32)
        return self.encoder.encode(texts)

    def export(self):
        """The parameters by name."""
        return self.parameters
