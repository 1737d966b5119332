"""Wrong answers to Frankenstein 05, each with a piece of the diagnosis that it must get."""

import math
from functools import partial

import numpy as np


def probabilities(logits, axis=1):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))  # the line that the notebook gives
    with np.errstate(all="ignore"):
        return powers / np.sum(powers, axis=axis, keepdims=True)


def at_labels(p, labels):
    return np.array([row[label] for row, label in zip(p, labels)])


def by_column(logits, labels):
    with np.errstate(all="ignore"):
        return np.mean(-np.log(at_labels(probabilities(logits, axis=0), labels)))


def by_column_throughout(logits, labels):
    with np.errstate(all="ignore"):
        powers = np.exp(logits - logits.max(axis=0))
        return -np.log(at_labels(powers / powers.sum(axis=0), labels)).mean()


def unguarded(logits, labels):
    with np.errstate(all="ignore"):
        p = np.exp(logits) / np.exp(logits).sum(1)[:, None]
        return -np.log(at_labels(p, labels)).mean()


def turned(logits, labels):
    return np.mean(np.log(at_labels(probabilities(logits), labels)))


def summed(logits, labels):
    return -sum(np.log(at_labels(probabilities(logits), labels)))


def in_bits(logits, labels):
    return np.mean(-np.log2(at_labels(probabilities(logits), labels)))


def at_best(logits, labels):
    return np.mean(-np.log(np.max(probabilities(logits), axis=1)))


def no_logarithm(logits, labels):
    return np.mean(-at_labels(probabilities(logits), labels))


def entropy(logits, labels, **how):
    import torch

    return torch.nn.functional.cross_entropy(logits, labels, **how)


def by_time(logits, labels):
    return entropy(logits.permute(1, 0, 2).reshape(-1, logits.shape[2]), labels.reshape(-1))


def twice(logits, labels):
    return entropy(logits.softmax(dim=2).reshape(-1, logits.shape[2]), labels.reshape(-1))


def total(logits, labels):
    return entropy(logits.reshape(-1, logits.shape[2]), labels.reshape(-1), reduction="sum")


def final(logits, labels):
    return entropy(logits[:, labels.shape[1] - 1], labels[:, labels.shape[1] - 1])


def whole(logits, labels):
    return entropy(logits.reshape(-1, logits.shape[2]), labels.reshape(-1))


def by_hand(logits, labels):
    logits = np.asarray(logits)
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares = powers / powers.sum(axis=-1, keepdims=True)
    return -np.log(np.take_along_axis(shares, labels.numpy()[..., None], -1)).mean()


def norm_of(*grads):
    return np.sqrt(sum(np.sum(grad * grad) for grad in grads))


def each_alone(grads, max_norm):
    return {name: grad / max(1, norm_of(grad) / max_norm) for name, grad in grads.items()}, norm_of(*grads.values())


def cut_off(grads, max_norm):
    kept = {name: np.minimum(max_norm, np.maximum(-max_norm, grad)) for name, grad in grads.items()}
    return kept, norm_of(*grads.values())


def always_scaled(grads, max_norm):
    norm = norm_of(*grads.values())
    return {name: grad * max_norm / norm for name, grad in grads.items()}, norm


def norm_of_result(grads, max_norm):
    norm = norm_of(*grads.values())
    clipped = {name: grad / max(1, norm / max_norm) for name, grad in grads.items()}
    return clipped, norm_of(*clipped.values())


def squared(grads, max_norm):
    norm = norm_of(*grads.values()) ** 2
    return {name: grad / max(1, norm / max_norm) for name, grad in grads.items()}, norm


def in_place(grads, max_norm):
    norm = norm_of(*grads.values())
    for grad in grads.values():
        grad /= max(1, norm / max_norm)
    return grads, norm


def walk(
    model, optimizer, features, labels, max_norm, order=("zero", "backward", "clip", "step"), shifted=True, number=True
):
    import torch

    logits, _ = model(features)
    loss = entropy(logits.reshape(-1, logits.shape[-1]), (labels if shifted else features).reshape(-1))
    deeds = {
        "zero": optimizer.zero_grad,
        "backward": loss.backward,
        "clip": lambda: torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm),
        "step": optimizer.step,
    }
    for deed in order:
        deeds[deed]()
    return loss.item() if number else loss


WRONG = {
    "05.1": [
        (by_column, "along each row (axis=1), not down"),
        (by_column_throughout, "each row must sum to 1, not each column"),
        (unguarded, "exp overflows"),
        (turned, "sign is turned"),
        (summed, "the sum over the questions"),
        (in_bits, "in bits"),
        (at_best, "at the likeliest character"),
        (no_logarithm, "logarithm is missing"),
    ],
    "05.2": [
        (entropy, "over [B, T, V] without reshaping"),
        (by_time, "axes were swapped"),
        (twice, "a softmax before cross_entropy"),
        (total, "the sum over the characters"),
        (final, "only the last character"),
        (lambda logits, labels: whole(logits, labels).item(), "no .item()"),
        (lambda logits, labels: whole(logits, labels).detach(), "no .detach()"),
        (lambda logits, labels: whole(logits.detach(), labels), "cut off from the logits"),
        (by_hand, "leaves torch"),
    ],
    "05.3": [
        (lambda nats: nats * 0.6931471805599453, "multiplied by ln 2"),
        (lambda nats: math.e**nats, "perplexity"),
        (lambda nats: nats * math.log10(math.e), "ln 10"),
    ],
    "05.4": [
        (each_alone, "clipped by itself"),
        (cut_off, "each number is clipped"),
        (always_scaled, "made longer"),
        (norm_of_result, "norm after clipping"),
        (squared, "root is missing"),
        (in_place, "changed in place"),
    ],
    "05.5": [
        (partial(walk, order=("backward", "clip", "step")), "zero_grad is missing"),
        (partial(walk, order=("zero", "backward", "step")), "are not clipped"),
        (partial(walk, order=("zero", "backward", "step", "clip")), "before the step"),
        (partial(walk, order=("zero", "clip", "backward", "step")), "clip after backward"),
        (partial(walk, order=("zero", "step", "backward", "clip")), "comes after it"),
        (partial(walk, order=("zero", "backward", "clip")), "step is missing"),
        (partial(walk, order=("zero", "clip", "step")), "backward is missing"),
        (partial(walk, order=("backward", "clip", "zero", "step")), "zero_grad comes between"),
        (partial(walk, shifted=False), "labels not shifted"),
        (partial(walk, number=False), "returned as a tensor"),
    ],
}
