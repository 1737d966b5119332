"""The similarity from which on two texts are taken for the same: fitted on pairs of which it is known."""

from typing import NamedTuple

import numpy as np

from hornbook.errors import HornbookError, nearest
from hornbook.trace import see


class Threshold(NamedTuple):
    """Where to cut, and what came of it on the pairs that it was fitted on, or `judge`d on."""

    value: float
    accuracy: float  # share of pairs that are told right
    f1: float  # of "same"
    n: int


def accuracy(both, taken, same, n):
    """Share of the pairs that are told right: (n − same − taken + 2 both) / n."""
    return (n - same - taken + 2 * both) / n


def f1(both, taken, same, n):
    """Harmonic mean of both / taken and both / same: 2 both / (same + taken). Also called binary F1, the Dice index."""
    return 2 * both / np.maximum(same + taken, 1)


MEASURES = {"accuracy": accuracy, "f1": f1}  # what a cut can be best at


def counted(same, taken):
    """(both, taken, same, n): how many of the pairs (…, n) are the same and taken for it, are taken, are the same."""
    same, taken = np.asarray(same) == 1, np.asarray(taken) == 1
    return (same & taken).sum(axis=-1), taken.sum(axis=-1), same.sum(axis=-1), same.shape[-1]


def best_cut(similarities, same, measure="accuracy"):
    """The cut at which taking `similarities >= cut` for the same has the highest measure, a word of MEASURES.

    It lies halfway between two neighbouring similarities (n,), or takes all, or none; of equally good places it is the
    one with the widest gap around it, then the lowest. same (n,) is 1 or 0. Sees `order`, `both`, `score`.
    """
    if measure not in MEASURES:
        raise HornbookError(f'a threshold cannot be best at "{measure}".{nearest(str(measure), MEASURES)}')
    similarities, same = np.asarray(similarities, float), np.asarray(same) == 1
    order = see("order", np.argsort(similarities, kind="stable"))
    ordered, n = similarities[order], len(order)
    both = see("both", same.sum() - np.append(0, np.cumsum(same[order])))  # (n + 1,): above the k lowest
    gaps = np.concatenate([[0.0], np.diff(ordered), [0.0]])
    between_equals = np.concatenate([[False], np.diff(ordered) == 0, [False]])
    score = MEASURES[measure](both, n - np.arange(n + 1), same.sum(), n)
    score = see("score", np.where(between_equals, -1, score))
    k = int(np.where(score == score.max(), gaps, -1).argmax())
    if k == n:
        return float(np.nextafter(ordered[-1], np.inf))
    return float(ordered[0] if k == 0 else (ordered[k - 1] + ordered[k]) / 2)


def fit(similarities, same, measure="accuracy"):
    """`best_cut` and how it does. Raises HornbookError where all pairs are marked alike, so nothing is to be told."""
    same = np.asarray(same)
    if len(set(same.tolist())) < 2:
        word = "same" if same.any() else "different"
        raise HornbookError(f"all {len(same)} pairs are {word}; a threshold needs pairs of both kinds.")
    return judge(similarities, same, best_cut(similarities, same, measure))


def judge(similarities, same, threshold):
    """The `Threshold` as it does on these pairs: accuracy, and the F1 of "same"."""
    counts = counted(same, np.asarray(similarities) >= threshold)
    return Threshold(float(threshold), float(accuracy(*counts)), float(f1(*counts)), counts[-1])


if __name__ == "__main__":
    cosines, truth = np.array([0.9, 0.8, 0.75, 0.6, 0.55, 0.3]), np.array([1, 1, 0, 1, 0, 0])
    print("cosines", cosines, "\nsame   ", truth)
    for cut in (0.5, 0.7, 0.78):
        print(f"cut at {cut:.3f}: accuracy {judge(cosines, truth, cut).accuracy:.3f}")
    for word in MEASURES:
        print(f"best {word}:", fit(cosines, truth, word))
