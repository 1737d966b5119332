"""Smooth inverse frequency, fast: pooling word vectors is one product of the sparse bags with them."""

import numpy as np
from scipy.sparse import csr_array

from hornbook.reference.sif import check_direction, sif_weights
from hornbook.reference.svd import signed

__all__ = ["encode", "fit_direction", "mean", "sif_weights"]


def mean(bags, wte, weights):
    """csr bags (N, V) -> (N, D), of the dtype of `wte` (V, D): Σ count · weight · vector, over the number of words."""
    bags = csr_array(bags)
    lengths = bags.sum(axis=1)
    share = np.repeat(1 / np.where(lengths > 0, lengths, 1), np.diff(bags.indptr))  # the part of one word in its text
    data = (bags.data * weights[bags.indices] * share).astype(wte.dtype)
    return csr_array((data, bags.indices, bags.indptr), shape=bags.shape) @ wte


def fit_direction(bags, wte, weights):
    """csr bags (N, V) -> (D,) float64: the direction that all texts share, the first singular vector of their means.

    Raises HornbookError where no text has a word.
    """
    means = mean(bags, wte, weights)
    values, vectors = np.linalg.eigh(means.T.astype(float) @ means)  # (D, D), which is small whatever N is
    check_direction(np.count_nonzero(values[-1:] > 0))
    return signed(vectors[:, -1])


def encode(bags, wte, weights, direction):
    """csr bags (N, V) -> (N, D), of the dtype of `wte`: the mean of each without its part along the direction (D,)."""
    m = mean(bags, wte, weights)
    direction = direction.astype(m.dtype)
    return m - (m @ direction)[:, None] * direction
