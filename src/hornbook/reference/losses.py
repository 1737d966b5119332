"""Losses of language models: how surprised the model was by what came next, in nats, bits and branches."""

import math

import numpy as np

from hornbook.errors import HornbookError
from hornbook.trace import see


def log_softmax(logits):
    """Turn any real scores (…, V) into log probabilities (…, V): logits − log Σ exp(logits).

    Stable: the row's maximum is taken off first, which changes no result and lets nothing overflow.
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def cross_entropy(logits, targets):
    """Mean surprise at the right answers, in nats: −mean log softmax(logits)[target].

    Also called negative log likelihood of the softmax, log loss, `CrossEntropyLoss`. logits (…, V) and integer
    targets (…) of any leading shape, (B, T) or (N,). Sees `targets`, `logprobs`, `loss`.
    Raises HornbookError where the shapes disagree or a target is not one of the V ids.
    """
    _check(logits, targets)
    see("targets", targets)
    logprobs = see("logprobs", log_softmax(logits))  # (…, V)
    right = np.take_along_axis(logprobs, targets[..., None], axis=-1)  # (…, V) -> (…, 1)
    return see("loss", -right.mean())


def cross_entropy_backward(logits, targets):
    """The gradient of `cross_entropy` with respect to the logits: (softmax(logits) − onehot(targets)) / N.

    N counts the targets. Returns (…, V) and sees it as `grad.logits`; every row sums to 0.
    """
    _check(logits, targets)
    grad = np.exp(log_softmax(logits))
    right = targets[..., None]
    np.put_along_axis(grad, right, np.take_along_axis(grad, right, axis=-1) - 1, axis=-1)
    return see("grad.logits", grad / targets.size)


def perplexity(nats):
    """The number of equally likely choices that would surprise as much: exp(nats), nats being the mean a token."""
    return math.exp(nats)


def bits_per_character(nats, tokens, characters):
    """Bits needed to write one character of the text: nats · tokens / (ln 2 · characters).

    `nats` is the mean a token, as `cross_entropy` gives it. Models with different tokenizers can be compared by it.
    """
    return nats * tokens / math.log(2) / characters


def _check(logits, targets):
    if logits.shape[:-1] != targets.shape:
        raise HornbookError(f"logits {logits.shape} need targets {logits.shape[:-1]}, one a row; got {targets.shape}.")
    if targets.size == 0:
        raise HornbookError("the loss of no tokens is not defined; it needs at least one target.")
    if targets.min() < 0 or targets.max() >= logits.shape[-1]:
        wrong = targets.min() if targets.min() < 0 else targets.max()
        raise HornbookError(f"target {wrong} is not one of the {logits.shape[-1]} ids, 0 to {logits.shape[-1] - 1}.")


if __name__ == "__main__":
    scores = np.array([0.1, 0.3, 0.8, 0.2, 0.1, 2.1, 0.4])
    nats = cross_entropy(scores, np.array(5))
    print("logits       ", *(f"{x:7.3f}" for x in scores))
    print("probabilities", *(f"{x:7.3f}" for x in np.exp(log_softmax(scores))))
    print("gradient     ", *(f"{x:7.3f}" for x in cross_entropy_backward(scores, np.array(5))))
    print(f"the sixth came: loss {nats:.4f} nats = {nats / math.log(2):.4f} bits, perplexity {perplexity(nats):.3f}")
