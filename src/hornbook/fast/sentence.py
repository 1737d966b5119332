"""A sentence encoder that reads: texts to vectors by `hornbook.fast.encode`, from the parameters of a transformer."""

import warnings

import numpy as np

from hornbook.errors import CutTexts
from hornbook.fast.encode import Reading, quickest

__all__ = ["SentenceEncoder"]


class SentenceEncoder:
    """What a `TextEncoder` holds where texts are read by a transformer: `encode_texts`, and `export` of its weights.

    `parameters` are name -> NumPy array as `reference.sentence` has them; `reading` says how vectors are made.
    """

    def __init__(self, config, parameters, tokenizer, reading=None):
        self.config, self.parameters, self.reading = config, parameters, reading or Reading()
        self.encoder, self._told = quickest(config, parameters, tokenizer, self.reading), set()

    def __reduce__(self):
        """What it was made of: weights laid out for one processor cannot be kept, and another may choose otherwise."""
        return type(self), (self.config, self.parameters, self.encoder.tokenizer, self.reading)

    def encode_texts(self, texts, watch=None):
        """The vectors (N, D) of texts, float32; `watch(n)` is told whenever n more are done.

        What is longer than `max_tokens` is read up to there, of which a `CutTexts` warning tells, once a text.
        """
        vectors, losses = np.empty((len(texts), self.config.n_embd), np.float32), []
        for places, found in self.encoder.stream(texts, losses):
            vectors[places] = found
            if watch:
                watch(len(places))
        self._warn({hash(texts[place]): tokens for place, tokens, _ in losses if tokens})
        return vectors

    def _warn(self, cut):
        """Warn of texts, by their hash, that were cut by so many tokens, but of those that were told before."""
        if new := cut.keys() - self._told:
            self._told |= new
            warnings.warn(CutTexts({text: cut[text] for text in new}, self.encoder.room), stacklevel=6)

    def export(self):
        """The parameters by name."""
        return self.parameters
