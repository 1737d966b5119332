"""Step 7: gradients: from p − onehot down to the rows of the embedding; one step, and what it leaves alone."""

import numpy as np

from hornbook.film.record.runs import lm
from hornbook.film.record.sentence import SENTENCE, SHOWN, backward, tokens_of
from hornbook.film.record.step_06 import last_place
from hornbook.reference import transformer
from hornbook.reference.losses import cross_entropy, log_softmax

PATH = {  # what a person calls it -> the gradient's name in the trace
    "logits": "logits", "last norm": "norm_final", "behind layer 2": "layers.1.resid_post",
    "behind layer 1": "layers.0.resid_post", "E[ids]": "embed", "wte": "wte",
}  # fmt: skip
WORD, UNUSED = "face", "moon"
RATE, EPS = 0.5, 1e-5


def record(keep):
    model = lm(keep)
    trace = backward(model, SENTENCE)
    _logits(keep, model, trace)
    keep("grad.path.names", list(PATH), "the way from the logits down to the embedding", "lm")
    keep("grad.path.norms", [np.linalg.norm(trace[f"grad.{name}"]) for name in PATH.values()],
         "the length of the gradient there", "lm")  # fmt: skip
    _rows(keep, model, trace)
    _step(keep, model, trace)
    _check(keep, model, trace)


def _logits(keep, model, trace):
    logits, target, shown = last_place(model)
    probs, onehot = np.exp(log_softmax(logits)), (np.arange(len(logits)) == target).astype(int)
    tokens = trace["targets"].size
    keep("grad.words", model.tokenizer.tokens(shown), "the words of loss.words", "lm")
    keep("grad.probs", probs[shown], "their probabilities at the last place", "lm")
    keep("grad.onehot", onehot[shown], "1 for what came", "lm")
    keep("grad.difference", (probs - onehot)[shown], "p − onehot: the gradient of that place's own loss", "lm")
    keep("grad.logits", trace["grad.logits"][0, -1, shown], "the same by the number of places, of the mean loss", "lm")
    keep("grad.places", tokens, "places of the sentence, over which the loss is a mean", "lm")
    keep("grad.logits.sum", trace["grad.logits"][0, -1].sum(), "the sum of grad.logits over all V", "lm")


def _rows(keep, model, trace):
    norms = np.linalg.norm(trace["grad.wte"], axis=1)
    used = np.flatnonzero(norms)
    keep("grad.rows.used", len(used), "rows of wte that have a gradient", "lm")
    keep("grad.rows.V", len(norms), "rows of wte", "lm")
    keep("grad.rows.unused", len(norms) - len(used), "rows that have none", "lm")
    unused = np.setdiff1d(np.arange(len(norms)), trace["ids"])
    keep("grad.rows.unused_max", np.abs(trace["grad.wte"][unused]).max(), "the largest number in those", "lm")
    ids = trace["ids"][0]
    keep("grad.rows.words", model.tokenizer.tokens(ids), "the tokens that were read", "lm")
    keep("grad.rows.ids", ids, "their rows", "lm")
    keep("grad.rows.norms", norms[ids], "the length of each row's gradient", "lm")
    head = np.linalg.norm(trace["grad.lm_head"], axis=1)
    keep("grad.head.rows", np.count_nonzero(head), "rows of the head that have a gradient: every word was scored", "lm")


def _step(keep, model, trace):
    before = model.exact_parameters()
    after = {name: value - RATE * trace[f"grad.{name}"] for name, value in before.items()}
    row, unused = model.tokenizer.id_of(WORD), model.tokenizer.id_of(UNUSED)
    keep("grad.row.word", WORD, "a word that was read", "lm")
    keep("grad.row.id", row, "its row", "lm")
    keep("grad.row.before", before["wte"][row, :SHOWN], "the row's first 8 numbers", "lm")
    keep("grad.row.gradient", trace["grad.wte"][row, :SHOWN], "their gradient", "lm")
    keep("grad.row.lr", RATE, "the learning rate of one step of SGD", "lm")
    keep("grad.row.step", -RATE * trace["grad.wte"][row, :SHOWN], "the step: − rate × gradient", "lm")
    keep("grad.row.after", after["wte"][row, :SHOWN], "the row after it", "lm")
    keep("grad.unused.word", UNUSED, "a word that was not read", "lm")
    keep("grad.unused.id", unused, "its row", "lm")
    keep("grad.unused.before", before["wte"][unused, :SHOWN], "before", "lm")
    keep("grad.unused.after", after["wte"][unused, :SHOWN], "after", "lm")
    keep("grad.unused.change", (after["wte"] - before["wte"])[unused, :SHOWN], "how far it moved", "lm")
    keep("grad.loss.before", _loss(model, before), "the sentence's loss before the step", "lm")
    keep("grad.loss.after", _loss(model, after), "and after it", "lm")


def _loss(model, parameters):
    ids = tokens_of(model, SENTENCE)[1][None]
    return cross_entropy(transformer.forward(parameters, ids[:, :-1], model.network.config), ids[:, 1:])


def _check(keep, model, trace):
    """One entry of wte moved a little both ways: what the loss changes by is the gradient."""
    row, losses = model.tokenizer.id_of(WORD), []
    for sign in (+1, -1):
        moved = model.exact_parameters()
        moved["wte"] = moved["wte"].copy()
        moved["wte"][row, 0] += sign * EPS
        losses.append(_loss(model, moved))
    numeric, analytic = (losses[0] - losses[1]) / (2 * EPS), trace["grad.wte"][row, 0]
    keep("grad.check.eps", EPS, "how far one number was moved", "lm")
    keep("grad.check.entry", f"wte[{row}][0]", "which", "lm")
    keep("grad.check.losses", losses, "the loss with it moved up and down", "lm")
    keep("grad.check.numeric", numeric, "their difference by twice that", "lm")
    keep("grad.check.analytic", analytic, "the gradient by the chain rule", "lm")
    keep("grad.check.difference", abs(numeric - analytic), "how far the two are apart", "lm")
