"""Paraphrases: pairs of texts whose vectors point nearly the same way, found by exact search; and texts said twice."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hornbook.errors import HornbookError
from hornbook.threshold import Threshold, fit_threshold

CELLS = 1 << 23  # similarities held at a time
MOST = 100_000  # pairs kept, the most similar
RANDOM = 1_000_000  # pairs drawn for the default threshold
RARE = 1e-4  # share of random pairs that lie above it


class Pair(NamedTuple):
    """Two texts by their numbers, the earlier first, and their cosine."""

    first: int
    second: int
    similarity: float


@dataclass(frozen=True)
class Paraphrases:
    """The pairs at or above the threshold, most similar first; `found` counts them all, where more than kept.

    `duplicates`: groups of texts equal but for case and white space, which are searched once, as their first one.
    `unknown`: texts whose vector is 0, of which nothing can be said.
    """

    pairs: list[Pair]
    found: int
    duplicates: list[list[int]]
    unknown: list[int]
    threshold: Threshold
    searched: int  # different texts

    def groups(self):
        """Texts that are linked by pairs, directly or through others, with their duplicates; the largest group first.

        Also called connected components, single linkage: the ends of a long chain may be far apart.
        """
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import connected_components

        links = [(a, b) for a, b, _ in self.pairs] + [(own[0], b) for own in self.duplicates for b in own[1:]]
        if not links:
            return []
        a, b = np.array(links).T
        size = int(max(a.max(), b.max())) + 1
        component = connected_components(coo_matrix((np.ones(len(a)), (a, b)), (size, size)), directed=False)[1]
        members = {}
        for text in np.unique([a, b]).tolist():
            members.setdefault(int(component[text]), []).append(text)
        return sorted(members.values(), key=lambda own: (-len(own), own[0]))

    def numbers(self):
        """Everything as a dict that JSON can hold."""
        return {"pairs": [pair._asdict() for pair in self.pairs], "found": self.found, "duplicates": self.duplicates,
                "unknown": self.unknown, "searched": self.searched, **self.threshold.numbers()}  # fmt: skip


def paraphrases(encoder, texts, threshold=None, seed=0, most=MOST):
    """All pairs of `texts` whose cosine is at least `threshold`: a number, a `Threshold`, or None for `rare_threshold`.

    Raises HornbookError for fewer than two texts, or too few for `rare_threshold`, a threshold that no cosine can have,
    and broken vectors.
    """
    if len(texts) < 2:
        raise HornbookError(f"pairs need at least 2 texts; here {'is' if len(texts) == 1 else 'are'} {len(texts)}."
                            " A file of many lines: --documents line.")  # fmt: skip
    different, duplicates = told_apart(texts)
    vectors = encoder.encode([texts[place] for place in different], normalize=True)
    if not np.isfinite(vectors.data if hasattr(vectors, "toarray") else vectors).all():
        raise HornbookError("some vectors hold numbers that are not finite; nothing can be compared by them.")
    known = np.asarray(abs(vectors).sum(axis=1)).ravel() > 0
    unknown = [place for place, there in zip(different, known) if not there]
    vectors, numbers = vectors[np.flatnonzero(known)], np.array(different)[known]
    if threshold is None:
        threshold = rare_threshold(vectors, seed)
    elif not isinstance(threshold, Threshold):
        threshold = Threshold(float(threshold), "given")
    if not -1 <= threshold.value <= 1 + 1e-6:
        raise HornbookError(f"the threshold is {threshold.value:g}; a cosine lies between -1 and 1.")
    first, second, similarities, found = near_pairs(vectors, threshold.value, most)
    pairs = [Pair(*pair) for pair in zip(numbers[first].tolist(), numbers[second].tolist(), similarities.tolist())]
    return Paraphrases(pairs, found, duplicates, unknown, threshold, len(different))


def told_apart(texts):
    """(numbers of the texts that differ in more than case and white space; groups of those that do not)."""
    same = {}
    for number, text in enumerate(texts):
        same.setdefault(" ".join(text.split()).casefold(), []).append(number)
    return [own[0] for own in same.values()], [own for own in same.values() if len(own) > 1]


def near_pairs(unit, threshold, most=MOST):
    """Every pair i < j of unit (N, D) with unit_i · unit_j >= threshold -> i, j, cosine, best first, and how many.

    All products are computed, in blocks of some CELLS; of more than `most` pairs, the best are kept. Equals stay in the
    order of their numbers. Also called an all-pairs similarity join.
    """
    N, found = unit.shape[0], 0
    first, second, cosines = np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32)
    size = max(1, CELLS // max(N, 1))
    for start in range(0, N, size):
        product = unit[start : start + size] @ unit[start:].T
        block = np.asarray(product.toarray() if hasattr(product, "toarray") else product)
        near = block >= threshold
        near[:, : len(block)] &= np.tri(len(block), dtype=bool).T ^ np.eye(len(block), dtype=bool)  # each pair once
        rows, columns = np.divmod(np.flatnonzero(near), near.shape[1])
        found += len(rows)
        first, second = np.append(first, rows + start), np.append(second, columns + start)
        cosines = np.append(cosines, block[rows, columns])
        if len(cosines) > most or start + size >= N:
            kept = np.lexsort((second, first, -cosines))[:most]
            first, second, cosines = first[kept], second[kept], cosines[kept]
    return first, second, cosines, found


def rare_threshold(unit, seed=0):
    """The cosine that one random pair in 10,000 reaches: most texts do not repeat one another. A rule of thumb.

    All pairs of up to some 1,400 texts; of more, a million drawn pairs. Raises HornbookError for so few texts that
    they do not make 10,000 pairs: the nearest two would always be taken for paraphrases.
    """
    N = unit.shape[0]
    possible = N * (N - 1) // 2
    if possible < 1 / RARE:
        raise HornbookError(
            f"{N:,} texts make {possible:,} pairs: fewer than {1 / RARE:,.0f} cannot tell which cosine is rare."
            " Give a threshold, as --threshold 0.9, or labelled pairs that it is fitted on, --pairs FILE."
        )
    if possible <= RANDOM:
        product = unit @ unit.T
        drawn = np.asarray(product.toarray() if hasattr(product, "toarray") else product)[np.triu_indices(N, 1)]
    else:
        rng = np.random.default_rng(seed)
        a, b = rng.integers(N, size=RANDOM), rng.integers(N - 1, size=RANDOM)
        b += b >= a
        size = 20_000
        drawn = np.concatenate([row_products(unit[a[i : i + size]], unit[b[i : i + size]])
                                for i in range(0, RANDOM, size)])  # fmt: skip
    value = min(float(np.quantile(drawn, 1 - RARE)), 1.0)
    drawn_of = f"{len(drawn):,} {'drawn' if len(drawn) == RANDOM else 'possible'} pairs"
    return Threshold(value, f"one in {1 / RARE:,.0f} of {drawn_of} is as similar")


def fitted(encoder, pairs, measure="f1", same_from=None):
    """The `Threshold` fitted on labelled `Pairs`, by the cosines that `encoder` gives them."""
    return fit_threshold(pair_similarities(encoder, pairs.first, pairs.second), pairs.same(same_from), measure)


def pair_similarities(encoder, first, second):
    """The cosine (N,) of each text of `first` with that of `second`; 0 where one has no known word."""
    return row_cosines(*(encoder.encode(list(texts)) for texts in (first, second)))


def row_cosines(a, b):
    """The cosine (N,) of each row of a (N, D) with that of b; 0 where one of them is 0."""
    lengths = np.sqrt(row_products(a, a)) * np.sqrt(row_products(b, b))
    return np.divide(row_products(a, b), lengths, out=np.zeros_like(lengths), where=lengths > 0)


def row_products(a, b):
    """The product (N,) of each row of a (N, D) with that of b, both dense or both csr."""
    product = a.multiply(b) if hasattr(a, "multiply") else a * b
    return np.asarray(product.sum(axis=1), np.float32).ravel()
