"""Choosing the next token: sharpen the scores, strike out the unlikely, and let one number decide among the rest.

Every filter takes probabilities (V,) and strikes tokens out by setting theirs to 0. Equal probabilities rank by id, the
smaller first. The order is that of `FILTERS`, as in Hugging Face's generation: temperature, top-k, top-p, min-p.
"""

import numpy as np

from hornbook.errors import HornbookError
from hornbook.reference.layers import softmax


def greedy(logits):
    """All probability on the best score, the first of equals: onehot(argmax logits). Also called temperature 0."""
    return np.eye(1, len(logits), np.argmax(logits))[0]


def top_k(probs, k):
    """Keep the k likeliest tokens. Fan et al. 2018, arXiv 1805.04833."""
    return _keep(probs, _ranked(probs)[:k])


def top_p(probs, p):
    """Keep the likeliest tokens, up to the one with which they sum to p. Also called nucleus sampling.

    Holtzman et al. 2019, arXiv 1904.09751.
    """
    ranked = _ranked(probs)
    likelier = np.append(0, np.cumsum(probs[ranked])[:-1])  # what all likelier ones sum to
    return _keep(probs, ranked[(likelier < p) | (p == 1)])  # rounding must not let 1 strike the tail out


def min_p(probs, share):
    """Keep the tokens at least `share` times as likely as the likeliest. Nguyen et al. 2024, arXiv 2407.01082."""
    return _keep(probs, np.flatnonzero(probs >= share * probs.max()))


FILTERS = {"top_k": top_k, "top_p": top_p, "min_p": min_p}


def probabilities(logits, temperature=1.0, top_k=None, top_p=None, min_p=None):
    """What the next token is drawn from: softmax(logits / temperature), filtered, each time summing to 1 again.

    logits (V,) -> (V,). Temperature below 1 sharpens, above 1 flattens, 0 is `greedy`; a filter that is None is off.
    A logit of −∞ is a token that is never drawn. Raises HornbookError for a temperature below 0, a top_k below 1, and a
    top_p or min_p outside (0, 1].
    """
    chosen = {"top_k": top_k, "top_p": top_p, "min_p": min_p}
    _check(temperature, chosen)
    if temperature == 0:
        return greedy(logits)
    logits = np.asarray(logits, np.float64)
    with np.errstate(over="ignore"):  # a tiny temperature sends every gap to −∞, as it should
        probs = softmax((logits - logits.max()) / temperature)
    for name, strike in FILTERS.items():
        if chosen[name] is not None:
            probs = strike(probs, chosen[name])
            probs = probs / probs.sum()
    return probs


def draw(probs, u):
    """The token that u falls on when the probabilities lie end to end from 0 to 1.

    probs (V,), u in [0, 1): the smallest id with probs[0] + … + probs[id] > u, so a probability of 0 is never drawn.
    Also called inverse transform sampling.
    """
    ends = np.cumsum(probs)
    return int(np.searchsorted(ends, u * ends[-1], side="right"))


def _ranked(probs):
    return np.argsort(-probs, kind="stable")


def _keep(probs, kept):
    left = np.zeros_like(probs)
    left[kept] = probs[kept]
    return left


def _check(temperature, chosen):
    if not temperature >= 0:
        raise HornbookError(f"temperature is {temperature}; it needs to be at least 0 (0 takes the likeliest token).")
    if chosen["top_k"] is not None and chosen["top_k"] < 1:
        raise HornbookError(f"top_k is {chosen['top_k']}; it needs to be at least 1.")
    for name in ("top_p", "min_p"):
        if chosen[name] is not None and not 0 < chosen[name] <= 1:
            raise HornbookError(f"{name} is {chosen[name]}; it needs to be above 0 and at most 1.")


if __name__ == "__main__":
    scores = np.array([0.1, 0.3, 0.8, 0.2, 0.1, 2.1, 0.4])
    choices = [{}, {"temperature": 0.5}, {"top_k": 3}, {"top_p": 0.8}, {"min_p": 0.25}, {"temperature": 0}]
    for choice in choices:
        row = probabilities(scores, **choice)
        print(f"{choice or 'softmax'!s:20}", *(f"{p:6.3f}" for p in row), "  u = 0.5 draws", draw(row, 0.5))
