"""Step 5: the learning task: the next word, or a masked one; what a text gives to learn from."""

from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F

from hornbook.film.record.predicting import best, probabilities, top
from hornbook.film.record.runs import LM, SEED, about, frankenstein, lm, mean_of
from hornbook.film.record.sentence import SENTENCE
from hornbook.reference.losses import log_softmax
from hornbook.reference.masking import SHARE, Vocabulary, masked
from hornbook.training.loop import descend
from hornbook.training.optimizers import optimizers_for
from hornbook.training.settings import Settings
from hornbook.training.tokens import Windows

CAT = "The cat sat on"
MLM = {"from": "lm", "causal": False, "dropout": 0.2, "max_steps": 800, "batch_size": 64, "learning_rate": 0.002}
MASKED = ("I saw the face of my", "father", ", and I was silent .")  # before, what is masked, behind


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
    _masked(keep, model)


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


def _masked(keep, model):
    network, losses = _trained(keep, model)
    tokenizer, (before, answer, behind) = model.tokenizer, MASKED
    front, back = tokenizer.encode(before), tokenizer.encode(behind)
    ids, place, target = [*front, tokenizer.mask, *back], len(front), tokenizer.id_of(answer)
    with torch.no_grad():
        logits = network(torch.tensor([ids]))[0][0, place]
    probs = np.exp(log_softmax(logits.double().numpy()))
    order = np.argsort(-probs, kind="stable")[:5]
    keep("mlm.text", f"{before} {answer} {behind}", "a sentence", "mlm")
    keep("mlm.masked", f"{before} <MASK> {behind}", "with a word masked", "mlm")
    keep("mlm.place", place, "its place, the first being 0", "mlm")
    keep("mlm.answer", answer, "the word that was there", "mlm")
    keep("mlm.words", tokenizer.tokens(order), "the 5 likeliest words there", "mlm")
    keep("mlm.probs", probs[order], "their probabilities", "mlm")
    keep("mlm.answer.prob", probs[target], "the probability of the answer", "mlm")
    keep("mlm.rank", int((probs > probs[target]).sum()) + 1, "the answer's place among all", "mlm")
    keep("mlm.share", SHARE, "share of the words that are asked for in training", "mlm")
    keep("mlm.curve.steps", np.arange(20, len(losses) + 1, 20), "the last step of each mean", "mlm")
    keep("mlm.curve.loss", mean_of(losses, 20), "mean loss of each 20 steps, nats a masked word", "mlm")


def _trained(keep, model):
    """(the film's model looking both ways and gone on with on masked words, the loss of each step)."""
    keep.run("mlm", about(frankenstein(), "gpt that looks both ways", {"tokenizer": "words"} | LM | MLM, 800))
    tokenizer, config = model.tokenizer, replace(model.network.config, causal=False, dropout=MLM["dropout"])
    network = type(model.network)(config)
    network.load(model.parameters)
    settings = Settings(**{name: MLM[name] for name in ("max_steps", "batch_size", "learning_rate")},
                        precision="float32", seed=SEED)  # fmt: skip
    windows = Windows(model.stream(frankenstein().split().train), LM["block_size"], MLM["batch_size"], SEED)
    vocabulary = Vocabulary(tokenizer.vocab_size, tokenizer.special_ids, tokenizer.mask)

    def loss_of(step):
        ids = windows.batch(step)[:, :-1]
        inputs, asked = masked(ids, vocabulary, np.random.default_rng([SEED, step]))
        read, _ = network.read(torch.from_numpy(inputs))
        logits = network.logits(read[torch.from_numpy(asked)])
        return F.cross_entropy(logits, torch.from_numpy(ids[asked])), step * ids.size

    torch.set_num_threads(1)
    losses = [step.loss for step in descend(network, optimizers_for(network, settings), loss_of, settings)]
    return network.eval(), losses
