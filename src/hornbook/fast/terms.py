"""Terms: the lower-cased words of a text without its marks, found by Python's own pattern where it agrees."""

import re
from collections import Counter
from functools import cache

import numpy as np

PATTERN = r"\w+(?:['’]\w+)*"  # don't is one word
MOST = 4_000_000  # different words that are counted at a time
_WORD = re.compile(PATTERN)
# characters of which Python and the patterns of `tokenizers` think alike, and whose lower case is one letter
_PLAIN = re.compile("[\x00-\u012f\u0132-\u0148\u014a-\u01ef\u0400-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u203e]*")


def is_plain(text):
    """Whether Python's pattern finds the same words in `text` as that of `tokenizers`, three times as fast."""
    return text.isascii() or _PLAIN.fullmatch(text) is not None


def words_of(text):
    """The terms of `text`, in order."""
    if is_plain(text):
        return _WORD.findall(text.lower())
    normalizer, pre_tokenizer = pipeline()
    return [word for word, _ in pre_tokenizer.pre_tokenize_str(normalizer.normalize_str(text))]


@cache
def pipeline():
    """The normalizer and the pre-tokenizer with which `tokenizers` finds the same terms."""
    from tokenizers import Regex, normalizers, pre_tokenizers

    return normalizers.Lowercase(), pre_tokenizers.Split(Regex(PATTERN), "removed", invert=True)


def count(texts, most=MOST):
    """How often each term occurs in all `texts`, read one by one.

    Where there are more than `most` different ones, the rarest are forgotten, as word2vec.c does: those met once, then
    those met twice, …; a word that keeps being rare between two such moments is missing in the end.
    """
    counts, floor = Counter(), 0
    for text in texts:
        counts.update(words_of(text))
        while len(counts) > most:
            floor += 1
            counts = Counter({word: number for word, number in counts.items() if number > floor})
    return counts


class Encoder:
    """Texts to ids by looking each term up."""

    def __init__(self, id_of, missing):
        self.id_of, self.missing = id_of, missing

    def encode(self, texts, bos=None):
        """The ids of all `texts` (int32), each with `bos` in front where it is given."""
        opening = [] if bos is None else [np.array([bos], np.int32)]
        parts = [part for text in texts for part in (*opening, self._ids(text))]
        return np.concatenate(parts) if parts else np.zeros(0, np.int32)

    def _ids(self, text):
        look, missing = self.id_of.get, self.missing
        return np.array([look(word, missing) for word in words_of(text)], np.int32)
