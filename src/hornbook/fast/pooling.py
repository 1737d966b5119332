"""Pooling in PyTorch: the vectors of texts as in hornbook.reference.pooling, differentiable."""

import torch
import torch.nn.functional as F

from hornbook.reference.pooling import SMALLEST
from hornbook.trace import see


def mean(hidden, mask):
    """Σ mask ∘ hidden / Σ mask: (B, T, D), (B, T) -> (B, D)"""
    mask = mask.to(hidden.dtype)
    return (mask[:, None] @ hidden).squeeze(1) / mask.sum(1, keepdim=True)


def first(hidden, mask):
    """The first token's."""
    return hidden[:, 0]


def largest(hidden, mask):
    """The largest of the text's tokens, number by number; of equals, the first has the gradient."""
    return hidden.masked_fill(~mask[..., None], -torch.inf).max(dim=1).values


POOLINGS = {"mean": mean, "first": first, "max": largest}


def pool(hidden, mask, pooling="mean", normalize=True):
    """The vectors of texts: hidden (B, T, D), mask (B, T) True for text -> (B, D); sees `pooled` and `vector`."""
    pooled = see("pooled", POOLINGS[pooling](hidden, mask))
    return see("vector", F.normalize(pooled, dim=-1, eps=SMALLEST)) if normalize else pooled
