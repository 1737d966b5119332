"""The example of the textbook: seven logits, the sixth is asked for; what softmax and cross-entropy make of them."""

import math

import numpy as np

from hornbook.film.record.runs import about
from hornbook.reference.losses import cross_entropy, cross_entropy_backward, log_softmax, perplexity

LOGITS = np.array([0.1, 0.3, 0.8, 0.2, 0.1, 2.1, 0.4])
TARGET = 5
SURE = np.array([0.5, 0.1, 0.01, 0.001, 0.0001])  # how likely the right one of two was held to be


def record(keep):
    run = keep.run("example", about(None, "seven logits", {"target": TARGET}, 0, "python -m hornbook.reference.losses"))
    loss = cross_entropy(LOGITS, np.array(TARGET))
    keep("loss.example.logits", LOGITS, "seven scores, given", run)
    keep("loss.example.target", TARGET, "the index that is asked for, the sixth", run)
    keep("loss.example.exp", np.exp(LOGITS), "e to the power of each", run)
    keep("loss.example.exp_sum", np.exp(LOGITS).sum(), "their sum", run)
    keep("loss.example.probs", np.exp(log_softmax(LOGITS)), "softmax: each by the sum", run)
    keep("loss.example.p_target", math.exp(-loss), "the probability of the one asked for", run)
    keep("loss.example.loss", loss, "minus its logarithm, nats", run)
    keep("loss.example.bits", loss / math.log(2), "the same in bits", run)
    keep("loss.example.perplexity", perplexity(loss), "e to the power of the loss", run)
    keep("loss.example.grad", cross_entropy_backward(LOGITS, np.array(TARGET)), "p, less 1 at the target", run)
    _curve(keep, run)
    _two_losses(keep, run)


def _curve(keep, run):
    p = np.concatenate([[0.01], np.arange(0.03, 1.001, 0.03), [1.0]])
    keep("loss.curve.p", p, "probabilities of what came", run)
    keep("loss.curve.loss", np.abs(np.log(p)), "minus their logarithms, nats", run)


def _two_losses(keep, run):
    """Of two classes with logits (z, 0), p = σ(z) for the right one: cross-entropy −ln p, squared error 2 (1 − p)²."""
    keep("loss.wrong.p", SURE, "how likely the right one of two classes was held to be", run)
    keep("loss.wrong.cross_entropy", -np.log(SURE), "cross-entropy −ln p", run)
    keep("loss.wrong.squared", 2 * (1 - SURE) ** 2, "squared error of both probabilities, 2 (1 − p)²", run)
    keep("loss.wrong.grad.cross_entropy", 1 - SURE, "size of d(cross-entropy)/dz, 1 − p: large where it is wrong", run)
    keep("loss.wrong.grad.squared", 4 * SURE * (1 - SURE) ** 2,
         "size of d(squared error)/dz, 4 p (1 − p)²: almost nothing where it is most wrong", run)  # fmt: skip
