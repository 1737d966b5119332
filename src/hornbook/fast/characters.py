"""Characters to ids by one table lookup for a whole batch of documents."""

import numpy as np

MISSING = -1


class Encoder:
    """Texts to ids, one a character: `id_of` maps characters to ids; all others become `unknown`, or MISSING."""

    def __init__(self, id_of, unknown=None):
        codes = np.array([ord(character) for character in id_of], dtype=np.int64)
        self.missing = MISSING if unknown is None else unknown
        self.table = np.full(codes.max(initial=0) + 2, self.missing, dtype=np.int32)  # the last: all code points beyond
        self.table[codes] = list(id_of.values())

    def encode(self, texts, bos=None):
        """The ids of all `texts` in one int32 array, with `bos` before each where it is given."""
        codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        ids = self.table[np.minimum(codes, len(self.table) - 1)]
        if bos is None:
            return ids
        return np.insert(ids, np.cumsum([0, *map(len, texts)])[:-1], bos)
