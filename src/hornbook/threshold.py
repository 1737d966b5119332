"""A threshold on similarity: from where on two texts count as the same, fitted on labelled pairs, and what it costs."""

from dataclasses import dataclass

import numpy as np

from hornbook.errors import HornbookError, nearest
from hornbook.reference.bootstrap import Figure, figure
from hornbook.reference.metrics import accuracy, average_precision
from hornbook.reference.threshold import best_cut, counted, f1


def precision(same, taken):
    """Share of the pairs taken for the same that are: #both / #taken. 0 where none is taken."""
    same, taken = np.asarray(same, bool), np.asarray(taken, bool)
    return (same & taken).sum(axis=-1) / np.maximum(taken.sum(axis=-1), 1)


def recall(same, taken):
    """Share of the pairs that are the same that are taken for it: #both / #same. Also called sensitivity, hit rate."""
    return precision(taken, same)


def pair_f1(same, taken):
    """`threshold.f1` of pairs that are the same and pairs that are taken for it, both (…, N)."""
    return f1(*counted(same, taken))


MEASURES = {"f1": pair_f1, "accuracy": accuracy}  # what a threshold can be best at
NAMES = {"f1": "F1", "accuracy": "accuracy"}
SHOWN = {"F1": pair_f1, "accuracy": accuracy, "precision": precision, "recall": recall}


@dataclass(frozen=True)
class Threshold:
    """The similarity from which on two texts count as the same, and where it comes from.

    Where it was fitted, `figures` are those of pairs that did not help to fit it, `all_same` and `none_same` what
    calling every pair, or none, the same would give.
    """

    value: float
    how: str
    figures: dict[str, Figure] | None = None
    all_same: dict[str, float] | None = None
    none_same: dict[str, float] | None = None
    spread: tuple[float, float] | None = None  # the lowest and highest threshold of the folds
    measure: str | None = None  # what it is best at: a word of SHOWN

    @property
    def is_useful(self):
        """Whether it was better, at what it is best at, than calling every pair the same, or none; None if not fitted.

        F1 is high for calling all the same wherever most of the marked pairs are.
        """
        if self.figures is None:
            return None
        return self.figures[self.measure].value > max(self.all_same[self.measure], self.none_same[self.measure])

    def numbers(self):
        """Everything as a dict that JSON can hold."""
        figures = self.figures and {name: made.numbers() for name, made in self.figures.items()}
        return {"threshold": self.value, "how": self.how, "figures": figures, "all_same": self.all_same,
                "none_same": self.none_same, "spread": self.spread, "is_useful": self.is_useful}  # fmt: skip


def fit_threshold(similarities, same, measure="f1", folds=5, seed=0):
    """The `Threshold` that is best for pairs of these similarities (N,), of which `same` (N,) are the same.

    Its figures are cross-validated: each fold is judged by the threshold of the others. Raises HornbookError as
    `told_in_folds` does.
    """
    taken, values = told_in_folds(similarities, same, measure, folds, seed)
    similarities, same = np.asarray(similarities, float), np.asarray(same, bool)
    figures = {name: figure(of, same, taken) for name, of in SHOWN.items()}
    figures["average precision"] = figure(average_precision, same, similarities)
    return Threshold(
        best_cut(similarities, same, measure), f"best {measure} on {len(same):,} labelled pairs", figures,
        {name: float(of(same, np.ones_like(same))) for name, of in SHOWN.items()},
        {name: float(of(same, np.zeros_like(same))) for name, of in SHOWN.items()},
        (min(values), max(values)), NAMES[measure],
    )  # fmt: skip


def told_in_folds(similarities, same, measure="f1", folds=5, seed=0):
    """(taken (N,), thresholds): whether each pair is taken for the same, by the best threshold of the other folds.

    Raises HornbookError for pairs that are all the same or all different, or fewer of one kind than folds, and for
    similarities that are not finite.
    """
    from sklearn.model_selection import StratifiedKFold

    if measure not in MEASURES:
        raise HornbookError(f'a threshold cannot be best at "{measure}".{nearest(str(measure), MEASURES)}')
    similarities, same = np.asarray(similarities, float), np.asarray(same, bool)
    if not np.isfinite(similarities).all():
        raise HornbookError("some similarities are not finite; no threshold can be fitted to them.")
    fewest = min(int(same.sum()), int((~same).sum()))
    if fewest < folds:
        raise HornbookError(
            f"of {len(same)} pairs {int(same.sum())} are the same; a threshold needs at least {folds} that are the same"
            f" and {folds} that are different."
        )
    taken, values = np.zeros(len(same), bool), []
    for others, held_out in StratifiedKFold(folds, shuffle=True, random_state=seed).split(same, same):
        values.append(best_cut(similarities[others], same[others], measure))
        taken[held_out] = similarities[held_out] >= values[-1]
    return taken, values
