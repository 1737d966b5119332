"""Word vectors to ask: neighbours, similarities, analogies, the odd one out, and what a cosine is made of.

Every cosine a person is shown is computed in float64; a float32 product only chooses which words are worth it.
"""

from functools import cached_property
from heapq import nlargest
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hornbook import run
from hornbook.analogy import Analogy, Candidate, Term, method_of, terms_of
from hornbook.errors import HornbookError

SCORES = 2**23  # most cosines held at once when many words are asked for
ROUNDING = 1e-5  # how far a float32 cosine may be from the float64 one, with plenty to spare


class WordVectors:
    """A vector for each word: `words` (V) in order of id, `matrix` (V, D) float32, and `counts` (V,) where known.

    A word is looked up as it stands, then in lower case; then `pieces(word) -> (D,)` is asked, where there is one.
    Raises HornbookError where the shapes do not agree, a word is there twice or a number is not finite.
    """

    def __init__(self, words, matrix, counts=None, pieces=None):
        self.words = list(words)
        self.matrix = np.ascontiguousarray(matrix, dtype=np.float32)
        self.counts = None if counts is None else np.asarray(counts)
        self.pieces = pieces
        self._ids = {word: row for row, word in enumerate(self.words)}
        self._check()

    def __len__(self):
        return len(self.words)

    def __contains__(self, word):
        return self.row(word) is not None

    @property
    def embedding_dim(self):
        return self.matrix.shape[1]

    def row(self, word):
        """The id of `word`, or else of its lower-cased form, or None. A vector has none."""
        if not isinstance(word, str):
            return None
        return self._ids.get(word, self._ids.get(word.lower()))

    def count(self, word):
        """How often `word` was seen where the vectors were learnt, or None where that is not known."""
        row = self.row(word)
        return None if row is None or self.counts is None else int(self.counts[row])

    def vector(self, word):
        """word -> (D,) float32: its row, or what its pieces make. An unknown word raises HornbookError."""
        row = self.row(word)
        if row is not None:
            return self.matrix[row]
        made = None if self.pieces is None else self.pieces(word)
        if made is None:
            raise HornbookError(f'"{word}" is not among the {len(self):,} words.{self._spelt_like(word)}')
        return np.asarray(made, dtype=np.float32)

    def unit(self, word):
        """v / ‖v‖ in float64, (D,): of a word's vector, of a vector, or of the mean of a list of words' vectors.

        Raises HornbookError for a vector of zeros, which points nowhere, and for one that is not D wide.
        """
        if isinstance(word, (list, tuple)) and word and all(isinstance(one, str) for one in word):
            vector = np.mean([self.vector(one) for one in word], axis=0, dtype=np.float64)
        else:
            vector = self.vector(word) if isinstance(word, str) else word
        vector = np.asarray(vector, dtype=np.float64)
        if vector.shape != (self.embedding_dim,):
            raise HornbookError(f"a vector here is {self.embedding_dim} numbers wide; this one is {vector.shape}.")
        length = np.linalg.norm(vector)
        if not 0 < length < np.inf:
            name = f'the vector of "{word}"' if isinstance(word, str) else "this vector"
            raise HornbookError(f"{name} has length {length}: it points nowhere, so it has no neighbours.")
        return vector / length

    def neighbours(self, word, k=10, among=None):
        """The k words with the highest cosine to a word (or a vector), best first: [(word, cosine)].

        cos(a, b) = a · b / (‖a‖ ‖b‖). The word itself and rows of zeros are never among them; ties stand in order of
        id. `among`: the words to choose from. gensim's `most_similar`.
        """
        return self.neighbours_of_each([word], k, among)[0]

    def neighbours_of_each(self, words, k=10, among=None):
        """`neighbours` of many words (or vectors) at once: products of (some words, D) by (D, V)."""
        _check_k(k)
        never = [] if among is None else np.setdiff1d(np.arange(len(self)), [self._known(word) for word in among])
        some = max(1, SCORES // len(self))
        return [
            found
            for start in range(0, len(words), some)
            for found in self._neighbours(words[start : start + some], k, never)
        ]

    def similarity(self, a, b):
        """cos(a, b), each a word, a vector, or a list of words that stands for the mean of their vectors.

        gensim's `similarity`, and for lists its `n_similarity`.
        """
        return float(np.clip(self.unit(a) @ self.unit(b), -1, 1))

    def explain(self, a, b):
        """The D products that add up to cos(a, b): `Pair`, whose products[d] = a[d]/‖a‖ · b[d]/‖b‖."""
        a, b = self.unit(a), self.unit(b)
        return Pair(float((a * b).sum()), a, b, a * b)

    def odd_one_out(self, words):
        """[(word, cosine to the mean)], the odd one first: mean = Σ v / ‖v‖ over the words. gensim's `doesnt_match`.

        Raises HornbookError for fewer than three different words: of two, neither is odder than the other.
        """
        words = list(dict.fromkeys(words))
        if len(words) < 3:
            raise HornbookError(
                f"the odd one out is found among three words or more, all different; here {len(words)}."
            )
        units = np.array([self.unit(word) for word in words])
        cosines = np.clip(units @ self.unit(units.sum(axis=0)), -1, 1)
        return [(words[place], float(cosines[place])) for place in np.argsort(cosines, kind="stable")]

    def analogy(self, positive, negative=(), k=10, method="add"):
        """Which word is to `woman` as `king` is to `man`? positive = [king, woman], negative = [man]: `Analogy`.

        `method` is a word of METHODS. The question's own words are left out of the candidates, as everywhere (gensim's
        `most_similar`); `unrestricted` says which word would have come first had they been allowed.
        """
        _check_k(k)
        words, signs = terms_of(positive, negative)
        how = method_of(method)
        units = np.array([self.unit(word) for word in words])
        length = float(np.linalg.norm(signs @ units))
        if not length > 1e-6:
            raise HornbookError("the terms cancel out: nothing is left that a word could be similar to.")

        def exact(ids):
            return how.score(np.array([self._cosines(ids, unit) for unit in units]), signs, length)

        scores = how.score(self._roughly(units), signs, length)
        asked = [row for row in map(self.row, words) if row is not None]
        scores[asked] = -np.inf
        best, totals = self._best(scores, k, exact)
        if not len(best):
            raise HornbookError(f"all {len(self)} words are in the question: there is none left to answer it.")
        cosines = np.array([self._cosines(best, unit) for unit in units])
        parts = how.parts(cosines, signs, length).T.tolist()
        return Analogy(
            method,
            [Term(int(sign), word, float(cosine)) for sign, word, cosine in zip(signs, words, cosines[:, 0])],
            [Candidate(self.words[row], float(s), tuple(p)) for row, s, p in zip(best, totals, parts)],
            self._unrestricted([*asked, best[0]], exact),
        )

    @cached_property
    def _units(self):
        """v / ‖v‖ of every word, (V, D) float32; zeros stay zeros."""
        return self.matrix / np.where(self._lengths, self._lengths, 1)[:, None]

    @cached_property
    def _lengths(self):
        return np.sqrt(np.einsum("vd,vd->v", self.matrix, self.matrix, dtype=np.float64)).astype(np.float32)

    def _roughly(self, units):
        """units (some, D) -> their cosines to every word, (some, V) float32. In this order BLAS needs half the time."""
        return np.ascontiguousarray((self._units @ units.astype(np.float32).T).T)

    def _cosines(self, ids, unit):
        """The cosines of a few words to a unit vector, in float64; equal rows give equal bits wherever they stand."""
        rows = self.matrix[ids].astype(np.float64)
        return np.clip((rows * unit).sum(axis=1) / np.sqrt((rows * rows).sum(axis=1)), -1, 1)

    def _neighbours(self, words, k, never):
        targets = np.array([self.unit(word) for word in words])
        found = []
        for word, target, scores in zip(words, targets, self._roughly(targets)):
            scores[never] = -np.inf
            if self.row(word) is not None:
                scores[self.row(word)] = -np.inf
            best, cosines = self._best(scores, k, lambda ids, target=target: self._cosines(ids, target))
            found.append([(self.words[row], float(cosine)) for row, cosine in zip(best, cosines)])
        return found

    def _best(self, scores, k, exact):
        """(ids, scores) of the k highest: `scores` (V,) in float32 say which come near, exact(ids) decides."""
        scores[self._lengths == 0] = -np.inf
        k = min(k, int(np.count_nonzero(scores > -np.inf)))
        if not k:
            return [], []
        least = np.partition(scores, -k)[-k]
        near = np.flatnonzero(scores >= least - ROUNDING * (1 + abs(least)))
        exactly = exact(near)
        order = np.lexsort((near, -exactly))[:k]
        return near[order], exactly[order]

    def _unrestricted(self, ids, exact):
        """(word, score) of the best of all: it is the best answer, or else one of the words that were asked with."""
        ids = np.unique(ids)
        scores = exact(ids)
        return self.words[ids[scores.argmax()]], float(scores.max())

    def _known(self, word):
        self.vector(word)
        row = self.row(word)
        if row is None:
            raise HornbookError(f'"{word}" has a vector by its pieces only; to choose among, name words of the list.')
        return row

    def _spelt_like(self, word, many=3):
        """The known words most like an unknown one: of those that share most pairs of letters, difflib's choice."""
        from difflib import get_close_matches

        edged = f" {word.lower()} "
        pairs = {edged[i : i + 2] for i in range(len(edged) - 1)}
        shared = lambda known: 2 * sum(map(f" {known} ".__contains__, pairs)) / (len(known) + len(word) + 2)
        close = get_close_matches(word.lower(), nlargest(60, self.words, key=shared), n=many, cutoff=0.6)
        return f" Spelt like it: {', '.join(close)}." if close else " None is spelt like it."

    def _check(self):
        if self.matrix.ndim != 2 or len(self.matrix) != len(self.words) or not self.matrix.size:
            raise HornbookError(
                f"{len(self.words)} words need a matrix with a row for each; this is {self.matrix.shape}."
            )
        if self.counts is not None and self.counts.shape != (len(self.words),):
            raise HornbookError(f"{len(self.words)} words have {len(self.words)} counts; here are {self.counts.shape}.")
        if len(self._ids) < len(self.words):
            twice = next(word for row, word in enumerate(self.words) if self._ids[word] != row)
            raise HornbookError(f'the word "{twice}" is there twice: give each word one vector.')
        if not np.isfinite(self.matrix).all():
            broken = self.words[int(np.flatnonzero(~np.isfinite(self.matrix).all(axis=1))[0])]
            raise HornbookError(f'the vector of "{broken}" holds a number that is not finite.')


class Pair(NamedTuple):
    """What a cosine is made of: products[d] = a[d] · b[d] of two unit vectors, all (D,); their sum is the cosine."""

    cosine: float
    a: np.ndarray
    b: np.ndarray
    products: np.ndarray


def load(place):
    """WordVectors from a run folder that has some (word2vec, lsa), or from a word2vec file: .txt, .vec, .bin, or .gz.

    Raises HornbookError where there is neither.
    """
    place = Path(place)
    if place.is_file():
        from hornbook import word2vec_format

        return word2vec_format.read(place)
    if not place.exists() and place.suffix in (".txt", ".vec", ".bin", ".gz"):
        raise HornbookError(f"there is no file {place}.")
    model = run.read_config(place).get("model")
    from hornbook.encoder import TextEncoder  # loads scikit-learn: after the folder is known to be a run

    vectors = TextEncoder.load(place).vectors
    if vectors is None:
        raise HornbookError(f"{place} is a run of {model}, which has no word vectors. word2vec and lsa have.")
    return vectors


def _check_k(k):
    if k < 1:
        raise HornbookError(f"k is {k}: how many words to list, 1 or more.")
