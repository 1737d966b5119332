"""Pooling: one vector for a text out of one vector for each of its tokens, forward and backward; then its length is 1.

`hidden` (B, T, D) is what a transformer made of each token, `mask` (B, T) is True for text and False for padding, which
takes no part. Reimers & Gurevych 2019 (Sentence-BERT), arXiv 1908.10084.
"""

import numpy as np

from hornbook.errors import HornbookError, nearest
from hornbook.trace import see

SMALLEST = 1e-12  # a vector shorter than this stays short, where its length could not be divided by


def mean(hidden, mask):
    """The mean of the text's tokens: Σ mask ∘ hidden / Σ mask; also called average pooling. -> (B, D)"""
    return (hidden * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)


def mean_backward(dy, hidden, mask):
    """dhidden = dy / Σ mask at every token of the text."""
    return (dy / mask.sum(axis=1, keepdims=True))[:, None] * mask[..., None]


def first(hidden, mask):
    """The first token's vector; also called [CLS] pooling, as that is BERT's first token. -> (B, D)"""
    return hidden[:, 0]


def first_backward(dy, hidden, mask):
    """dhidden = dy at the first token, 0 elsewhere."""
    grad = np.zeros_like(hidden)
    grad[:, 0] = dy
    return grad


def largest(hidden, mask):
    """The largest of the text's tokens, number by number; also called max pooling over time. -> (B, D)"""
    return np.where(mask[..., None], hidden, -np.inf).max(axis=1)


def largest_backward(dy, hidden, mask):
    """dhidden = dy at the token that was the largest, 0 elsewhere; of equals, at the first of them."""
    grad, where = np.zeros_like(hidden), np.where(mask[..., None], hidden, -np.inf).argmax(axis=1)
    np.put_along_axis(grad, where[:, None], dy[:, None], axis=1)
    return grad


# choice -> (forward, backward)
POOLINGS = {"mean": (mean, mean_backward), "first": (first, first_backward), "max": (largest, largest_backward)}


def unit(x):
    """Give each row the length 1: x / max(‖x‖, 1e-12); also called L2 normalisation. Products are then cosines."""
    return x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), SMALLEST)


def unit_backward(dy, x):
    """dx = (dy − y (y · dy)) / ‖x‖: what would only change the length is taken out. y is the row of length 1."""
    length = np.linalg.norm(x, axis=-1, keepdims=True)
    y = x / np.maximum(length, SMALLEST)
    along = np.where(length > SMALLEST, (y * dy).sum(axis=-1, keepdims=True), 0)
    return (dy - y * along) / np.maximum(length, SMALLEST)


def pool(hidden, mask, pooling="mean", normalize=True):
    """The vectors of texts: hidden (B, T, D) -> (B, D). Sees `pooled`, and where it is normalised `vector`.

    Raises HornbookError for a pooling that is not in POOLINGS, and a text without a token.
    """
    forward, _ = _checked(pooling, mask)
    pooled = see("pooled", forward(hidden, mask))
    return see("vector", unit(pooled)) if normalize else pooled


def pool_backward(dvector, hidden, mask, pooling="mean", normalize=True):
    """The gradient of `pool` with respect to hidden, (B, T, D); 0 at padding. Whoever goes on from there names it."""
    forward, backward = _checked(pooling, mask)
    dpooled = unit_backward(see("grad.vector", dvector), forward(hidden, mask)) if normalize else dvector
    return backward(see("grad.pooled", dpooled), hidden, mask)


def _checked(pooling, mask):
    if pooling not in POOLINGS:
        raise HornbookError(f'there is no pooling "{pooling}".{nearest(str(pooling), POOLINGS)}')
    if not mask.any(axis=1).all():
        raise HornbookError(f"text {int((~mask.any(axis=1)).argmax())} has no token, so it has no vector.")
    return POOLINGS[pooling]


if __name__ == "__main__":
    words, padding = ["the", "cat", "sat"], 1
    rng = np.random.default_rng(0)
    tokens = np.round(rng.normal(size=(1, len(words) + padding, 4)), 2)
    text = np.array([[True] * len(words) + [False] * padding])
    for word, row in zip([*words, "padding"], tokens[0]):
        print(f"{word:8}", row)
    for name in POOLINGS:
        print(f"{name:8}", pool(tokens, text, name, normalize=False)[0].round(3), "of length 1:",
              pool(tokens, text, name)[0].round(3))  # fmt: skip
