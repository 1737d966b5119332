"""The similarity from which on two texts are taken for the same: fitted on pairs of which it is known."""

from typing import NamedTuple

import numpy as np

from hornbook.errors import HornbookError
from hornbook.trace import see


class Threshold(NamedTuple):
    """Where to cut, and what came of it on the pairs that it was fitted on, or `judge`d on."""

    value: float
    accuracy: float  # share of pairs that are told right
    f1: float  # of "same": 2 · right / (said same + are same)
    n: int


def fit(similarities, same):
    """The cut between same and different at which the most pairs (n,) are told right; same is 1 or 0.

    A pair at or above it is taken for the same. It lies halfway between two neighbouring similarities; of equally good
    places the one with the widest gap around it, then the lowest. Sees `order`, `right`. Raises HornbookError where all
    pairs are marked alike, as nothing could be told apart.
    """
    similarities, same = np.asarray(similarities, float), np.asarray(same)
    if len(set(same.tolist())) < 2:
        word = "same" if same.any() else "different"
        raise HornbookError(f"all {len(same)} pairs are {word}; a threshold needs pairs of both kinds.")
    order = see("order", np.argsort(similarities, kind="stable"))
    ordered, marked = similarities[order], same[order]
    below = np.append(0, np.cumsum(marked == 0))  # different ones among the k lowest
    above = marked.sum() - np.append(0, np.cumsum(marked == 1))  # same ones among the others
    right = see("right", below + above)  # (n + 1,): told right if the k lowest are taken for different
    edges = np.concatenate([[ordered[0] - 1e-6], ordered, [ordered[-1] + 1e-6]])
    gaps = np.diff(edges)
    usable = (gaps > 0) & (right == right[gaps > 0].max())
    k = int(np.where(usable, gaps, -1).argmax())
    return judge(similarities, same, (edges[k] + edges[k + 1]) / 2)


def judge(similarities, same, threshold):
    """The `Threshold` as it does on these pairs: accuracy, and the F1 of "same"."""
    said, same = np.asarray(similarities) >= threshold, np.asarray(same) == 1
    f1 = 2 * (said & same).sum() / max(1, said.sum() + same.sum())
    return Threshold(float(threshold), float((said == same).mean()), float(f1), len(same))


if __name__ == "__main__":
    cosines, truth = np.array([0.9, 0.8, 0.75, 0.6, 0.55, 0.3]), np.array([1, 1, 0, 1, 0, 0])
    print("cosines", cosines, "\nsame   ", truth)
    for cut in (0.5, 0.7, 0.78):
        print(f"cut at {cut:.3f}: accuracy {judge(cosines, truth, cut).accuracy:.3f}")
    print("fitted:", fit(cosines, truth))
