"""Measures: how well a ranking, a similarity or a classification agrees with the truth; bootstrap.py: how sure that is.

All of them work along the last axis, (…, n) -> (…): a thousand resamplings are one call. Places count from 1, and equal
values share the mean of the places they take, so that nothing wins by standing first.
"""

import numpy as np

from hornbook.errors import HornbookError


def ranks(values):
    """Places from the smallest, 1, to the largest, n: (first + last place of equals) / 2. Also fractional ranking."""
    first, last, _ = _places(values)
    return (first + last) / 2


def pearson(x, y):
    """How far y is a straight line of x: Σ(x−x̄)(y−ȳ) / √(Σ(x−x̄)² Σ(y−ȳ)²), from −1 to 1. Also linear correlation, r.

    NaN where x or y is the same everywhere.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    straight = (np.ptp(x, axis=-1) == 0) | (np.ptp(y, axis=-1) == 0)
    x, y = x - x.mean(axis=-1, keepdims=True), y - y.mean(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (x * y).sum(axis=-1) / np.sqrt((x**2).sum(axis=-1) * (y**2).sum(axis=-1))
    return np.where(straight, np.nan, r)


def spearman(x, y):
    """How far y rises wherever x does: `pearson` of the `ranks`. Also called rank correlation, ρ. Spearman 1904."""
    return pearson(ranks(x), ranks(y))


def place_of(scores, right):
    """The place of the one right answer, the best score having 1: 1 + #higher + #equal / 2.

    scores (N, M), right (N,) column of the right answer -> (N,). Raises HornbookError for scores that are no numbers.
    """
    scores = np.asarray(scores)
    if not np.isfinite(scores).all():
        raise HornbookError(f"{np.count_nonzero(~np.isfinite(scores)):,} of {scores.size:,} scores are not finite.")
    own = np.take_along_axis(scores, np.asarray(right)[:, None], axis=1)  # (N, 1)
    return 1 + (scores > own).sum(axis=1) + ((scores == own).sum(axis=1) - 1) / 2


def mrr(places):
    """Mean of 1 / place of the one right answer: Σ 1/place / n. Also called mean reciprocal rank."""
    return (1 / np.asarray(places)).mean(axis=-1)


def recall_at_k(places, k=10):
    """Share of questions whose one right answer is among the first k. Also called hits@k, top-k accuracy, success@k."""
    return (np.asarray(places) <= k).mean(axis=-1)


def ndcg_at_k(grades, scores, k=10):
    """Worth of the first k, set beside the best order there is: Σ grade / log₂(1 + place), over the same in best order.

    grades and scores (…, M) of all documents; 0 where every grade is 0. Järvelin & Kekäläinen 2002, with linear gains.
    """
    grades = np.asarray(grades, float)
    discounts = 1 / np.log2(np.arange(grades.shape[-1]) + 2)
    discounts[k:] = 0
    up_to = np.append(0, np.cumsum(discounts))
    first, last, _ = _places(-np.asarray(scores))
    gained = (grades * (up_to[last] - up_to[first - 1]) / (last - first + 1)).sum(axis=-1)
    best = -np.sort(-grades, axis=-1) @ discounts
    return np.divide(gained, best, out=np.zeros_like(gained), where=best > 0)


def average_precision(relevant, scores):
    """Mean, over the relevant ones, of the share of relevant among all that score at least as high. Also called AP.

    relevant (…, M) of 0 and 1; 0 where none is. The area under the steps of the precision-recall curve.
    """
    relevant = np.asarray(relevant, float)
    _, last, order = _places(-np.asarray(scores))
    found = np.cumsum(np.take_along_axis(relevant, order, axis=-1), axis=-1)
    precision = np.take_along_axis(found, last - 1, axis=-1) / last
    return (precision * relevant).sum(axis=-1) / np.maximum(relevant.sum(axis=-1), 1)


def accuracy(truth, given):
    """Share of the labels given that are the true ones: #(given = truth) / n."""
    return (np.asarray(truth) == np.asarray(given)).mean(axis=-1)


def f1(truth, given):
    """Mean over classes of 2·#both / (#truth + #given), each class counting alike. Also called macro-F1.

    Both (…, n) class numbers 0, 1, …; classes that occur in neither are left out.
    """
    truth, given = np.asarray(truth), np.asarray(given)
    classes = int(max(truth.max(), given.max())) + 1
    both = _count(np.where(truth == given, truth, classes), classes + 1)[..., :-1]  # (…, C)
    either = _count(truth, classes) + _count(given, classes)
    return (2 * both / np.maximum(either, 1)).sum(axis=-1) / (either > 0).sum(axis=-1)


def _places(values):
    """First and last place (…, n) that the equals of each value take from the smallest up, and the order itself."""
    values = np.asarray(values)
    order = np.argsort(values, axis=-1, kind="stable")
    ordered, place = np.take_along_axis(values, order, axis=-1), np.arange(1, values.shape[-1] + 1)
    edge = np.ones((*values.shape[:-1], 1), bool)
    new = ordered[..., 1:] != ordered[..., :-1]
    first = np.maximum.accumulate(np.where(np.concatenate([edge, new], -1), place, 0), axis=-1)
    last = np.where(np.concatenate([new, edge], -1), place, len(place))
    last = np.minimum.accumulate(last[..., ::-1], axis=-1)[..., ::-1]
    back = np.argsort(order, axis=-1, kind="stable")
    return np.take_along_axis(first, back, -1), np.take_along_axis(last, back, -1), order


def _count(numbers, classes):
    rows = numbers.reshape(-1, numbers.shape[-1])
    counts = np.bincount((rows + classes * np.arange(len(rows))[:, None]).ravel(), minlength=classes * len(rows))
    return counts.reshape(*numbers.shape[:-1], classes)


if __name__ == "__main__":
    near, people = np.array([0.9, 0.4, 0.6, 0.1]), np.array([10, 7, 6, 1])
    print("ranks of", near, "are", ranks(near), " spearman with", people, f"{spearman(near, people):.3f}")
    scores = np.array([[0.9, 0.2, 0.1], [0.5, 0.5, 0.1], [0.7, 0.6, 0.3]])
    places = place_of(scores, np.arange(3))
    print("places of the right ones", places, f" mrr {mrr(places):.3f}  recall@2 {recall_at_k(places, 2):.3f}")
    print(f"ndcg@3 of grades 0 2 1 shown in this order: {ndcg_at_k([0, 2, 1], [3, 2, 1], 3):.3f}")
    print(f"spam 1 1 0 0 taken for 1 0 0 0: accuracy {accuracy([1, 1, 0, 0], [1, 0, 0, 0]):.3f}", end="  ")
    print(f"macro-F1 {f1([1, 1, 0, 0], [1, 0, 0, 0]):.3f}")
