"""Step 5: the learning task: the next word, or a masked one; what a text gives to learn from."""

import numpy as np
import torch

from hornbook.encoder import TextEncoder
from hornbook.film.record.predicting import best, probabilities, top
from hornbook.film.record.runs import LM, SEED, about, frankenstein, lm, mean_of
from hornbook.film.record.sentence import SENTENCE
from hornbook.reference.losses import log_softmax
from hornbook.sentence_trainer import SentenceTrainer

CAT = "The cat sat on"
MLM = {
    "n_layer": 2, "n_head": 4, "n_embd": 64, "block_size": 64, "vocab_size": 4000, "max_steps": 900, "batch_size": 32,
    "shortest": 16, "longest": 32, "learning_rate": 0.002, "precision": "float32", "threads": 1, "validations": 10,
    "seed": SEED,
}  # fmt: skip
MASKED = ("he saw the face of his", "father", "and was silent .")  # before, what is masked, behind


def record(keep):
    model = lm(keep)
    _next_words(keep, model)
    words, probs = top(model, CAT)
    keep("task.cat.prompt", CAT, "a beginning", "lm")
    keep("task.cat.words", words, "the 5 likeliest next words", "lm")
    keep("task.cat.probs", probs, "their probabilities", "lm")
    tokens = len(model.stream(frankenstein().split().train))
    keep("task.characters", sum(map(len, frankenstein().split().train)), "characters of the training text", "lm")
    keep("task.examples", tokens - 1, "its words and marks but the first: each is asked for once", "lm")
    keep("task.windows", (tokens - LM["block_size"]) // LM["block_size"], "windows of 32 in an epoch", "lm")
    _masked(keep)


def _next_words(keep, model):
    probs, ids = probabilities(model, SENTENCE), model.tokenizer.encode(SENTENCE)
    words, targets = model.tokenizer.tokens(ids), ids[1:]
    came = probs[np.arange(len(targets)), targets]
    found = [best(model, row) for row in probs[:-1]]
    keep("task.contexts", [" ".join(words[: at + 1]) for at in range(len(targets))], "what has been read", "lm")
    keep("task.targets", words[1:], "what came next", "lm")
    keep("task.top.words", [word for words, _ in found for word in words], "the 5 likeliest, place after place", "lm")
    keep("task.top.probs", [row for _, row in found], "their probabilities, a row a place", "lm")
    keep("task.target.probs", came, "the probability of what came", "lm")
    keep("task.target.ranks", 1 + (probs[:-1] > came[:, None]).sum(axis=1), "how many were as likely or more", "lm")


def _masked(keep):
    encoder, losses = _trained(keep)
    tokenizer, (before, answer, behind) = encoder.tokenizer, MASKED
    front, back = tokenizer.encode(before), tokenizer.encode(behind)
    ids = np.array([[tokenizer.bos, *front, tokenizer.mask, *back, tokenizer.eos]])
    place, target = 1 + len(front), tokenizer.id_of(answer)
    probs = _at(encoder, ids, place)
    order = np.argsort(-probs, kind="stable")[:5]
    keep("mlm.text", f"{before} {answer} {behind}", "a sentence", "mlm")
    keep("mlm.masked", f"{before} <MASK> {behind}", "with a word masked", "mlm")
    keep("mlm.place", place, "its place, <BOS> being 0", "mlm")
    keep("mlm.answer", answer, "the word that was there", "mlm")
    keep("mlm.words", tokenizer.tokens(order), "the 5 likeliest words there", "mlm")
    keep("mlm.probs", probs[order], "their probabilities", "mlm")
    keep("mlm.answer.prob", probs[target], "the probability of the answer", "mlm")
    keep("mlm.rank", int((probs > probs[target]).sum()) + 1, "the answer's place among all", "mlm")
    keep("mlm.share", 0.15, "share of the words that are asked for in training", "mlm")
    keep("mlm.V", tokenizer.vocab_size, "entries of its vocabulary of word pieces", "mlm")
    if losses is not None:
        keep("mlm.curve.steps", np.arange(1, len(losses) // 20 + 1) * 20, "steps", "mlm")
        keep("mlm.curve.loss", mean_of(losses, 20), "mean loss of each 20 steps, nats a masked token", "mlm")


def _trained(keep):
    """(the encoder, the loss of each step)."""
    keep.run("mlm", about(frankenstein(), "mlm", MLM, MLM["max_steps"]))
    trainer = SentenceTrainer(frankenstein(), "mlm", settings=MLM)
    trainer.begin(keep.folder / "mlm", overwrite=True)
    losses = [step.loss for step, _ in trainer.steps()]
    return TextEncoder.load(trainer.folder), losses


def _at(encoder, ids, place):
    """(V,): how likely each token is at a place; the embedding is the head."""
    from hornbook.fast.transformer import Transformer

    network = Transformer(encoder.network.config)
    network.load({name: np.asarray(value) for name, value in encoder.network.export().items()})
    network.eval()
    with torch.no_grad():
        hidden, _ = network(torch.from_numpy(ids))
        logits = network.logits(hidden[0, place])
    return np.exp(log_softmax(logits.double().numpy()))
