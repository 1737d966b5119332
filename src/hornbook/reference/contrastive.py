"""Contrastive losses, forward and backward: what moves the vectors of texts that belong together closer than others.

All take vectors (B, D) of length 1, as `pooling.pool` gives them: a product is then a cosine. None has parameters; the
gradient goes back into the vectors, and from there into the encoder that made them.
"""

import numpy as np

from hornbook.errors import HornbookError
from hornbook.reference.losses import log_softmax
from hornbook.trace import see


def info_nce(anchors, positives, temperature=0.05, rivals=None):
    """Pick each anchor's own positive among all of the batch: −mean log softmax(anchors positivesᵀ / temperature)[own].

    Also called in-batch negatives, MultipleNegativesRankingLoss, NT-Xent, batch softmax. positives (U, D), U ≥ B, begin
    with the anchors' own; what is behind them is negative for all. rivals (B, U) is False for those that are not to
    count as wrong. Sees `scores`, `logprobs`, `loss`. van den Oord et al. 2018, arXiv 1807.03748.
    """
    _check(anchors, positives[: len(anchors)])
    scores = anchors @ positives.T / temperature  # (B, D), (U, D) -> (B, U)
    if rivals is not None:
        scores = np.where(rivals | np.eye(*scores.shape, dtype=bool), scores, -np.inf)
    logprobs = see("logprobs", log_softmax(see("scores", scores)))
    return see("loss", -np.diagonal(logprobs).mean())


def info_nce_backward(anchors, positives, temperature=0.05, rivals=None):
    """(dL/danchors, dL/dpositives): with dscores = (softmax(scores) − own) / B, what is wrongly near is pushed away."""
    scores = anchors @ positives.T / temperature
    own = np.eye(*scores.shape)
    if rivals is not None:
        scores = np.where(rivals | (own > 0), scores, -np.inf)
    grad = see("grad.scores", (np.exp(log_softmax(scores)) - own) / len(anchors))
    return _seen(anchors=grad @ positives / temperature, positives=grad.T @ anchors / temperature)


def margin(anchors, positives, same, margin=1.0):
    """Pull pairs marked same together, push different ones `margin` apart: mean of d²/2, or max(0, margin − d)²/2.

    Also called contrastive loss. d = ‖a − b‖; same (B,) is 1 or 0. What is different and far enough is left alone. Sees
    `distances`, `loss`. Hadsell, Chopra & LeCun 2006.
    """
    _check(anchors, positives, same)
    distances = see("distances", np.linalg.norm(anchors - positives, axis=1))
    short = np.maximum(margin - distances, 0)
    return see("loss", np.where(same == 1, distances**2, short**2).mean() / 2)


def margin_backward(anchors, positives, same, margin=1.0):
    """dL/da = (a − b) / B for same, −(margin − d) (a − b) / (d B) for different and nearer than the margin."""
    apart, distances = _apart(anchors, positives)
    grad = np.where(same == 1, distances, -np.maximum(margin - distances, 0)) / len(anchors)
    step = see("grad.distances", grad)[:, None] * apart
    return _seen(anchors=step, positives=-step)


def triplet(anchors, positives, negatives, margin=0.5):
    """The positive is to be nearer than the negative by `margin`: mean max(0, ‖a − p‖ − ‖a − n‖ + margin).

    Sees `distances` (to the positive), `far` (to the negative), `loss`. Schroff et al. 2015, arXiv 1503.03832, with
    distances instead of their squares.
    """
    _check(anchors, positives, negatives)
    distances = see("distances", np.linalg.norm(anchors - positives, axis=1))
    far = see("far", np.linalg.norm(anchors - negatives, axis=1))
    return see("loss", np.maximum(distances - far + margin, 0).mean())


def triplet_backward(anchors, positives, negatives, margin=0.5):
    """Of each triplet that is not right by the margin: towards the positive, away from the negative, by 1 / B."""
    near, distances = _apart(anchors, positives)
    away, far = _apart(anchors, negatives)
    grad = see("grad.distances", (distances - far + margin > 0) / len(anchors))[:, None]
    see("grad.far", -grad[:, 0])
    return _seen(anchors=grad * (near - away), positives=-grad * near, negatives=grad * away)


def cosine_mse(anchors, positives, targets):
    """The cosine of each pair is to be its score: mean (cosine − target)²; also called CosineSimilarityLoss.

    targets (B,) lie between −1 and 1. Sees `cosines`, `loss`. Reimers & Gurevych 2019, arXiv 1908.10084.
    """
    _check(anchors, positives, targets)
    cosines = see("cosines", (anchors * positives).sum(axis=1))
    return see("loss", ((cosines - targets) ** 2).mean())


def cosine_mse_backward(anchors, positives, targets):
    """dL/dcosine = 2 (cosine − target) / B, and dcosine/da = b."""
    grad = see("grad.cosines", 2 * ((anchors * positives).sum(axis=1) - targets) / len(anchors))[:, None]
    return _seen(anchors=grad * positives, positives=grad * anchors)


def cosent(anchors, positives, targets, temperature=0.05):
    """Cosines are to have the order of the scores: ln(1 + Σ exp((cosineⱼ − cosineᵢ) / temperature)) over targetᵢ > ⱼ.

    Only who is more alike than whom counts, as in Spearman's measure. Sees `cosines`, `gaps` (B, B), −∞ where nothing
    is asked, and `loss`. Su Jianlin 2022, CoSENT.
    """
    _check(anchors, positives, targets)
    gaps = _gaps(see("cosines", (anchors * positives).sum(axis=1)), targets, temperature)
    return see("loss", np.logaddexp.reduce(np.append(see("gaps", gaps), 0.0)))


def cosent_backward(anchors, positives, targets, temperature=0.05):
    """dgaps = exp(gaps − loss), each gap's share in the sum; a cosine has those of its column less those of its row."""
    gaps = _gaps((anchors * positives).sum(axis=1), targets, temperature)
    shares = see("grad.gaps", np.exp(gaps - np.logaddexp.reduce(np.append(gaps, 0.0))))
    grad = see("grad.cosines", (shares.sum(axis=0) - shares.sum(axis=1)) / temperature)[:, None]
    return _seen(anchors=grad * positives, positives=grad * anchors)


LOSSES = {  # name -> (forward, backward)
    "info_nce": (info_nce, info_nce_backward), "margin": (margin, margin_backward),
    "triplet": (triplet, triplet_backward), "cosine_mse": (cosine_mse, cosine_mse_backward),
    "cosent": (cosent, cosent_backward),
}  # fmt: skip


def _gaps(cosines, targets, temperature):
    return np.where(targets[:, None] > targets, (cosines - cosines[:, None]) / temperature, -np.inf)


def _apart(a, b):
    """(direction from b to a, of length 1, and how far); 0 where they are the same."""
    length = np.linalg.norm(a - b, axis=1)
    return (a - b) / np.where(length > 0, length, 1)[:, None], length


def _seen(**gradients):
    return tuple(see(f"grad.{name}", value) for name, value in gradients.items())


def _check(anchors, *others):
    for n in map(len, others):
        if n != len(anchors) or n == 0:
            raise HornbookError(f"{len(anchors)} anchors need as many positives or labels, 1 or more, not {n}.")


if __name__ == "__main__":
    from hornbook.reference.pooling import unit

    a, b = unit(np.array([[1.0, 0], [0, 1], [1, 1]])), unit(np.array([[1.0, 0.2], [0.5, 1], [1, -1]]))
    print("cosines of three pairs", (a * b).sum(axis=1).round(3), "\nof all with all\n", (a @ b.T).round(3))
    for name, third in {"info_nce": 0.05, "margin": np.array([1, 1, 0]), "triplet": b[::-1],
                        "cosine_mse": np.array([1, 0.8, 0]), "cosent": np.array([5, 4, 0])}.items():  # fmt: skip
        forward, backward = LOSSES[name]
        print(f"{name:10} loss {forward(a, b, third):.4f}   dL/danchors", *backward(a, b, third)[0].round(3).tolist())
