"""Contrastive losses in PyTorch: the functions and numbers of hornbook.reference.contrastive, differentiable."""

import torch
import torch.nn.functional as F

from hornbook.trace import see


def info_nce(anchors, positives, temperature=0.05, rivals=None):
    """(B, D), (U, D) -> nats a pair: each anchor's own positive is to be picked among all."""
    scores = anchors @ positives.T / temperature
    if rivals is not None:
        own = torch.eye(*scores.shape, dtype=torch.bool, device=scores.device)
        scores = scores.masked_fill(~(rivals | own), -torch.inf)
    logprobs = see("logprobs", see("scores", scores).log_softmax(dim=1))
    return see("loss", -logprobs.diagonal().mean())


def margin(anchors, positives, same, margin=1.0):
    """Same pairs together, different ones `margin` apart; same (B,) is 1 or 0."""
    distances = see("distances", _distance(anchors, positives))
    return see("loss", torch.where(same == 1, distances**2, F.relu(margin - distances) ** 2).mean() / 2)


def triplet(anchors, positives, negatives, margin=0.5):
    """The positive nearer than the negative by `margin`; all (B, D)."""
    distances, far = see("distances", _distance(anchors, positives)), see("far", _distance(anchors, negatives))
    return see("loss", F.relu(distances - far + margin).mean())


def cosine_mse(anchors, positives, targets):
    """Each pair's cosine is to be its score; targets (B,)."""
    return see("loss", ((see("cosines", (anchors * positives).sum(1)) - targets) ** 2).mean())


def cosent(anchors, positives, targets, temperature=0.05):
    """Cosines in the order of the scores; targets (B,)."""
    cosines = see("cosines", (anchors * positives).sum(1))
    gaps = (cosines - cosines[:, None]) / temperature
    gaps = see("gaps", gaps.masked_fill(targets[:, None] <= targets, -torch.inf))
    return see("loss", F.pad(gaps.flatten(), (0, 1)).logsumexp(0))


LOSSES = {"info_nce": info_nce, "margin": margin, "triplet": triplet, "cosine_mse": cosine_mse, "cosent": cosent}


def _distance(a, b):
    """‖a − b‖ of each row, with the gradient 0 where they are the same: there, PyTorch's is a root's, infinite."""
    square = ((a - b) ** 2).sum(1)
    apart = square > 0
    return torch.where(apart, square, 1.0).sqrt() * apart
