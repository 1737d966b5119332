"""Calibration: whether what is said with 80 % confidence is right 80 times in 100, and the one number that mends it."""

from typing import NamedTuple

import numpy as np

BINS = 10


class Bin(NamedTuple):
    """Answers whose confidence is above `low` and at most `high`: how many, how sure they were, how often right."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


def probabilities(logits, temperature=1.0):
    """softmax(logits / T): logits (N, C) -> (N, C), rows that sum to 1."""
    scaled = np.asarray(logits, float) / temperature
    raised = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def cross_entropy(logits, truth, temperature=1.0):
    """Mean of −ln of the probability of the true class: logits (N, C), truth (N,). Also called log loss."""
    scaled = np.asarray(logits, float) / temperature
    scaled = scaled - scaled.max(axis=1, keepdims=True)
    return float((np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(truth)), truth]).mean())


def fit_temperature(logits, truth):
    """The T of the lowest `cross_entropy`, from 1/20 to 20: above 1 doubts more, below 1 is surer; the order stays.

    logits (N, C) of texts that were not learnt from. Also called temperature scaling. Guo et al. 2017, "On
    calibration of modern neural networks". The loss is convex in 1 / T, so there is one best. It is that of
    `smoothed_targets`: where every text is told rightly, T would else fall to its edge and nothing be doubted.
    """
    from scipy.optimize import minimize_scalar

    targets, edge = smoothed_targets(truth, np.shape(logits)[1]), np.log(20.0)
    loss = lambda log: -float((targets * np.log(np.maximum(probabilities(logits, np.exp(log)), 1e-300))).sum())
    found = minimize_scalar(loss, bounds=(-edge, edge), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))


def smoothed_targets(truth, classes):
    """truth (N,) -> (N, C): (n + 1) / (n + 2) for the true class, of n texts, and the rest dealt among the others.

    As if one more text of each class, and one of its opposite, had been seen. Platt 1999, "Probabilistic outputs for
    support vector machines"; of two classes these are his.
    """
    n = np.bincount(truth, minlength=classes)[truth]
    targets = np.repeat((1 / (n + 2) / max(classes - 1, 1))[:, None], classes, axis=1)
    targets[np.arange(len(truth)), truth] = (n + 1) / (n + 2)
    return targets


def reliability(given, truth):
    """A `Bin` for each tenth of confidence that occurs: given (N, C) probabilities, truth (N,) class numbers."""
    confidence, right = given.max(axis=1), given.argmax(axis=1) == truth
    places = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    bins = []
    for place in np.unique(places):
        inside = places == place
        edges, sure = (float(place / BINS), float((place + 1) / BINS)), float(confidence[inside].mean())
        bins.append(Bin(*edges, int(inside.sum()), sure, float(right[inside].mean())))
    return bins


def expected_calibration_error(given, truth):
    """Mean over texts of |how sure − how often right| in their tenth: Σ n_b / N · |confidence_b − accuracy_b|.

    Also called ECE. Naeini, Cooper & Hauskrecht 2015. 0 is honest; few texts a tenth make it too high.
    """
    return sum(one.n * abs(one.confidence - one.accuracy) for one in reliability(given, truth)) / len(truth)
