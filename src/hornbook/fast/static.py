"""A static encoder, fast: texts are read, looked up and added in compiled loops; nothing here needs torch."""

import json
import re

import numpy as np
from numba import njit

from hornbook.fast import sif, terms, wordpiece

HALF = re.compile("[\ud800-\udfff]")  # half of a surrogate pair, which no UTF-8 can hold


class Static:
    """Token vectors `wte` (V, D) and their weights (V,): a text is Σ weight · vector over its tokens, by their number.

    Special tokens, the unknown one among them, are neither added nor counted. `counts` (V,) where they are known.
    """

    def __init__(self, config, wte, weights, counts=None):
        self.config, self.vectors, self.weights, self.counts = config, wte, weights, counts
        self._rows = np.ascontiguousarray(wte * weights[:, None], np.float32)

    @classmethod
    def from_parameters(cls, config, arrays):
        """The network that `export` wrote down. ValueError where its arrays are not of the sizes of `config`."""
        shape = (config.vocab_size, config.embedding_dim)
        if arrays["wte"].shape != shape or arrays["weights"].shape != shape[:1]:
            raise ValueError(f"wte is {arrays['wte'].shape} and weights {arrays['weights'].shape}, of {shape}")
        return cls(config, arrays["wte"], arrays["weights"], arrays.get("counts"))

    def export(self):
        """Name -> array: `wte` (V, D), `weights` (V,), and `counts` (V,) where they are known."""
        arrays = {"wte": self.vectors, "weights": self.weights}
        return arrays if self.counts is None else arrays | {"counts": self.counts}

    def encode(self, bags):
        """csr bags (N, V) -> (N, D) float32, see `reference.static.encode`."""
        return sif.mean(bags, self.vectors, self.weights).astype(np.float32)

    def encode_ids(self, ids, ends, unknown):
        """The same of ids (T,), of texts that end at `ends` (N,); `unknown` is left out. (N, D) float32"""
        out = np.empty((len(ends), self._rows.shape[1]), np.float32)
        _add(ids, ends, unknown, self._rows, out)
        return out


class Reader:
    """Texts to (ids (T,), ends (N,)) by a hornbook.Tokenizer, in the fastest way that gives its ids."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        is_plain = wordpiece.treats(json.loads(tokenizer.backend.to_str()))
        self._pieces = wordpiece.Encoder(tokenizer.backend) if is_plain else None
        self._id_of = tokenizer.backend.get_vocab() if tokenizer.kind == "terms" else None

    def read(self, texts):
        """The ids of all texts and where each text's end, without <BOS> and <EOS>; half characters become U+FFFD."""
        try:
            return self._read(texts)
        except (UnicodeEncodeError, TypeError):
            return self._read([HALF.sub("\ufffd", text) for text in texts])

    def _read(self, texts):
        if self._pieces:
            return self._pieces.encode(texts)
        if self._id_of:
            look, unknown, found = self._id_of.get, self.tokenizer.unk, [terms.words_of(text) for text in texts]
            ids = [look(word, unknown) for words in found for word in words]
        else:
            found = [one.ids for one in self.tokenizer.backend.encode_batch_fast(texts, add_special_tokens=False)]
            ids = [id_ for one in found for id_ in one]
        return np.array(ids, np.int32), np.fromiter(map(len, found), np.int64, len(found)).cumsum()


@njit(cache=True)
def _add(ids, ends, unknown, rows, out):
    """out[n] = Σ rows[id] / how many, over the ids of text n but the unknown one."""
    start = 0
    for text in range(len(ends)):
        sums, many = out[text], 0
        sums[:] = 0
        for k in range(start, ends[text]):
            if ids[k] != unknown:
                row = rows[ids[k]]
                for d in range(len(sums)):
                    sums[d] += row[d]
                many += 1
        start = ends[text]
        if many:
            sums /= np.float32(many)
