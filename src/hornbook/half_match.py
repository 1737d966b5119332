"""Half-match: cut every passage in two, and find the second half from the first among all others. No labels."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hornbook.errors import HornbookError
from hornbook.passages import halves
from hornbook.reference.bootstrap import Figure, difference, figure
from hornbook.reference.metrics import mrr, place_of, recall_at_k

LIMIT = 1000  # passages compared; fewer candidates make the task easier, so runs share one number
CELLS = 1 << 24  # scores held at a time
SHOWN = 3  # worst mistakes kept


class Mistake(NamedTuple):
    """A first half whose second came late: its `place` (ties averaged), and what came first instead.

    `tied` says that nothing scored higher than the right one: the encoder could not tell them apart.
    """

    first: str
    second: str
    place: float
    instead: str
    tied: bool


@dataclass(frozen=True)
class HalfMatch:
    """What came of it: MRR and recall@10 with intervals, and the place of every right half, in the passages' order."""

    mrr: Figure
    recall: Figure
    places: np.ndarray
    of: int  # passages there were to choose from
    empty: int  # left out for a half without words
    repeated: int  # left out since they stand before, word for word
    mistakes: tuple[Mistake, ...]

    @property
    def chance(self):
        """(MRR, recall@10) of ordering the halves by lot: Σ 1/i / n and 10 / n."""
        n = len(self.places)
        return float((1 / np.arange(1, n + 1)).mean()), min(1.0, 10 / n)

    def numbers(self):
        """The figures as a dict that JSON can hold."""
        by_chance = dict(zip(("mrr", "recall_at_10"), self.chance))
        figures = {"mrr": self.mrr.numbers(), "recall_at_10": self.recall.numbers()}
        return figures | {"by_chance": by_chance, "of": self.of, "empty": self.empty, "repeated": self.repeated}

    def beats(self, other):
        """By how much this MRR is above that of `other`, on the same passages: the `Figure` of a paired bootstrap."""
        if len(self.places) != len(other.places):
            raise HornbookError(
                f"one half-match is of {len(self.places)} passages, the other of {len(other.places)};"
                " only places on the same passages can be compared."
            )
        return difference(mrr, self.places, other.places)


def half_match(encoder, passages, limit=LIMIT):
    """Measure `encoder.scores` by the place that each second half takes for its first, highest score first.

    Passages with an empty half, and repeated ones, are left out and counted; of what is left, `limit` evenly spaced
    ones are taken. Equal scores share the mean of their places: a text of only unknown words lies in the middle.
    Raises HornbookError for fewer than two passages, or scores that are not finite.
    """
    kept, empty, repeated = _usable(passages)
    if len(kept) < 2:
        raise HornbookError(f"half-match needs at least 2 different passages of two words or more; it got {len(kept)}.")
    chosen = kept if limit is None or len(kept) <= limit else [kept[i * len(kept) // limit] for i in range(limit)]
    places, best, tied = _search(encoder, *zip(*chosen))
    mistakes = tuple(
        Mistake(*chosen[i], float(places[i]), chosen[best[i]][1], bool(tied[i]))
        for i in np.argsort(-places, kind="stable")[:SHOWN]
        if places[i] > 1
    )
    return HalfMatch(figure(mrr, places), figure(recall_at_k, places), places, len(kept), empty, repeated, mistakes)


def _usable(passages):
    """The (first, second) halves of passages that have both, and how many were empty or stood there before."""
    pairs = [halves(passage) for passage in passages]
    full = [pair for pair in pairs if pair[0].strip() and pair[1].strip()]
    different = list(dict.fromkeys(full))
    return different, len(pairs) - len(full), len(full) - len(different)


def _search(encoder, firsts, seconds):
    """For every first half: the place of its own second, the column that scored highest (another, where one scored as
    high), and whether its own scored as high as that."""
    size, found = max(1, CELLS // len(seconds)), []
    for start in range(0, len(firsts), size):
        scores = encoder.scores(list(firsts[start : start + size]), list(seconds))
        scores = np.array(scores.toarray() if hasattr(scores, "toarray") else scores)  # (block, N); ours to write in
        rows, right = np.arange(len(scores)), start + np.arange(len(scores))
        places, own = place_of(scores, right), scores[rows, right]
        scores[rows, right] = -np.inf
        best = scores.argmax(axis=1)
        found.append((places, best, scores[rows, best] == own))
    return (np.concatenate(part) for part in zip(*found))
