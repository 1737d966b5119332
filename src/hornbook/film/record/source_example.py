"""The example of the textbook: seven logits, the sixth is asked for; what softmax and cross-entropy make of them."""

import math

import numpy as np

from hornbook.reference.losses import cross_entropy, cross_entropy_backward, log_softmax, perplexity

LOGITS = np.array([0.1, 0.3, 0.8, 0.2, 0.1, 2.1, 0.4])
TARGET = 5


def record(keep):
    run = keep.run("example", corpus="", sha256="", model="seven logits", settings={"target": TARGET}, seed=0, steps=0,
                   command="python -m hornbook.reference.losses")  # fmt: skip
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
    keep("loss.example.grad", cross_entropy_backward(LOGITS, np.array(TARGET)), "dL/dlogits: p, less 1 at the target",
         run)  # fmt: skip
