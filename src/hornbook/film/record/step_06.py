"""Step 6: the loss: logits of one place, softmax, and minus the logarithm of what came; `source_example` by hand."""

import math

import numpy as np

from hornbook.film.record.runs import lm
from hornbook.film.record.sentence import SENTENCE, forward
from hornbook.reference.losses import cross_entropy, log_softmax

LIKELY, UNLIKELY = 5, ("moon", "Geneva")


def last_place(model):
    """(logits (V,) behind all words of the sentence but the last, id of the last, ids of the words shown)."""
    ids = model.tokenizer.encode(SENTENCE)
    logits = forward(model, ids[None, :-1])["logits"][0, -1]
    likely = np.argsort(-logits, kind="stable")[:LIKELY].tolist()
    asked = [] if ids[-1] in likely else [int(ids[-1])]
    return logits, int(ids[-1]), likely + asked + [model.tokenizer.id_of(word) for word in UNLIKELY]


def record(keep):
    model = lm(keep)
    logits, target, shown = last_place(model)
    logprobs = log_softmax(logits)
    loss = cross_entropy(logits, np.array(target))
    keep("loss.context", SENTENCE.rsplit(" ", 1)[0], "a beginning", "lm")
    keep("loss.target", model.tokenizer.tokens([target])[0], "what came", "lm")
    keep("loss.target_id", target, "its row in the vocabulary", "lm")
    keep("loss.target_place", shown.index(target), "its place among loss.words, from 0", "lm")
    keep("loss.words", model.tokenizer.tokens(shown), "the 5 likeliest words and 2 unlikely ones", "lm")
    keep("loss.ids", shown, "their rows in the vocabulary", "lm")
    keep("loss.logits", logits[shown], "their scores", "lm")
    keep("loss.exp", np.exp(logits[shown]), "e to the power of each", "lm")
    keep("loss.exp_sum", np.exp(logits).sum(), "Σ exp over all V", "lm")
    keep("loss.logsumexp", np.log(np.exp(logits).sum()), "its logarithm", "lm")
    keep("loss.probs", np.exp(logprobs[shown]), "their probabilities", "lm")
    keep("loss.probs.sum", np.exp(logprobs).sum(), "the sum of the probabilities of all V", "lm")
    keep("loss.p_target", math.exp(-loss), "the probability of what came", "lm")
    keep("loss.value", loss, "minus its logarithm, nats", "lm")
    keep("loss.bits", loss / math.log(2), "the same in bits", "lm")
    keep("loss.blind", math.log(len(logits)), "ln V: the loss of a blind guess", "lm")
    _every_place(keep, model)


def _every_place(keep, model):
    ids = model.tokenizer.encode(SENTENCE)
    logits = forward(model, ids[None, :-1])["logits"][0]
    losses = [cross_entropy(row, np.array(target)) for row, target in zip(logits, ids[1:])]
    keep("loss.positions.words", model.tokenizer.tokens(ids[1:]), "the words that were asked for", "lm")
    keep("loss.positions", losses, "the loss at each", "lm")
    keep("loss.mean", np.mean(losses), "their mean, the sentence's loss", "lm")
