"""How alike two texts are, and whether that is much: their cosine, set beside those of pairs drawn by lot."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hornbook.errors import HornbookError
from hornbook.paraphrases import row_cosines, row_products

DRAWN = 20_000  # pairs
LEAST = 20  # texts to draw them from


class Similar(NamedTuple):
    """Two texts, the cosine and the Euclidean distance of their vectors, and the share of random pairs below it.

    `percentile` is None where there is nothing to draw from; `known` says whether both have a known word.
    """

    first: str
    second: str
    cosine: float
    euclidean: float
    percentile: float | None
    known: bool


@dataclass(frozen=True)
class Usual:
    """The cosines of pairs drawn by lot from `texts` texts, sorted."""

    cosines: np.ndarray
    texts: int

    @property
    def interval(self):
        """Where 95 of 100 of them lie: quantiles 0.025 and 0.975."""
        return tuple(float(edge) for edge in np.quantile(self.cosines, [0.025, 0.975]))

    def percentile(self, cosine):
        """Share of the pairs that are less alike, those as alike counting half, in percent."""
        below, up_to = (np.searchsorted(self.cosines, cosine, side) for side in ("left", "right"))
        return float(50 * (below + up_to) / len(self.cosines))

    def numbers(self):
        """As JSON holds it."""
        return {"median": float(np.median(self.cosines)), "interval_95": self.interval, "pairs": len(self.cosines),
                "texts": self.texts}  # fmt: skip


def usual(encoder, texts, seed=0):
    """The `Usual` cosines between different ones of `texts`; None for fewer than 20 that have a known word."""
    different = list(dict.fromkeys(texts))
    unit = encoder.encode(different, normalize=True) if different else np.zeros((0, 1))
    known = np.flatnonzero(np.asarray(abs(unit).sum(axis=1)).ravel())
    if len(known) < LEAST:
        return None
    unit, rng = unit[known], np.random.default_rng(seed)
    a, b = rng.integers(len(known), size=DRAWN), rng.integers(len(known) - 1, size=DRAWN)
    return Usual(np.sort(row_products(unit[a], unit[b + (b >= a)])), len(known))


def compare(encoder, pairs, beside=None):
    """A `Similar` for each of `pairs` of texts, its percentile among `beside`, a `Usual` or None.

    Raises HornbookError for an empty text and for vectors that are not finite.
    """
    for number, pair in enumerate(pairs, 1):
        if not all(text.strip() for text in pair):
            raise HornbookError(f"pair {number} has an empty text; two are needed to be alike.")
    first, second = (list(texts) for texts in zip(*pairs))
    a, b = encoder.encode(first), encoder.encode(second)
    cosines, lengths = row_cosines(a, b), row_products(a, a) * row_products(b, b)
    if not np.isfinite(lengths).all():
        raise HornbookError("the vectors hold numbers that are not finite; nothing can be compared by them.")
    apart = a - b
    distances = np.sqrt(np.maximum(row_products(apart, apart), 0))
    return [Similar(*pair, float(cosine), float(distance), beside and beside.percentile(cosine), bool(length > 0))
            for pair, cosine, distance, length in zip(pairs, cosines, distances, lengths)]  # fmt: skip
