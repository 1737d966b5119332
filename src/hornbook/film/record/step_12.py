"""Step 12: troubles, each on a run that fails, and its cure on the same run with one thing changed.

Only the word vectors of few words and of many differ by more: by their texts, and the rarest word that is kept.
"""

import re

import numpy as np

from hornbook.encoder import TextEncoder
from hornbook.errors import HornbookError
from hornbook.film.record import allotted, novels
from hornbook.film.record.runs import LM, SEED, about, beginning, frankenstein, lm, mean_of, trained
from hornbook.reference.layers import layernorm, linear
from hornbook.vectors import WordVectors

STEPS, EVERY = 150, 5
RATES = {"low": 1e-5, "good": 3e-3, "high": 1.0}
STDS = {"good": 0.02, "large": 1.0}
CHARACTERS, FIT_STEPS, DROPOUT, PATIENCE = 60_000, 300, 0.5, 5
RNN = {
    "embedding_dim": 32, "hidden_size": 64, "sequence_length": 128, "batch_size": 16, "max_steps": 150,
    "optimizer": "sgd", "learning_rate": 4.0, "schedule": "constant", "warmup": 0.0, "weight_decay": 0.0,
    "precision": "float32", "threads": 1, "validations": 1, "seed": SEED,
}  # fmt: skip
LIMIT = 1.0  # of the gradient's length
DEEP, WIDE = 8, 0.5
FEW, WORD = 20_000, "night"
ALLOTTED = 512 * 2**20  # bytes
SIZES = {"batches": (4, 16, 64, 256, 1024), "lengths": (256, 512, 1024, 2048, 4096)}


def record(keep):
    _rates(keep)
    _first_values(keep)
    _overfitting(keep)
    _clipping(keep)
    _norms(keep)
    _memory(keep)
    _few_words(keep)


def _short(**changes):
    return LM | {"max_steps": STEPS, "validations": 1, "warmup": 0.0} | changes


def _pair(keep, topic, runs, field):
    """Train a run for each word, one setting changed, and keep its curve; {word: Curves}."""
    curves = {}
    for word, value in runs.items():
        name = f"trouble.{topic}.{word}"
        changes = {"std": value, "embed_std": value} if field == "std" else {field: value}
        _, curves[word] = trained(keep, name, _short(**changes))
        keep(f"{name}.loss", mean_of(curves[word].loss, EVERY), "mean training loss of each 5 steps", name)
        keep(f"{name}.final", curves[word].validation[-1], "validation loss at the end", name)
        keep(f"{name}.first", curves[word].loss[0], "loss of the first batch", name)
        keep(f"{name}.most", curves[word].loss.max(), "the highest loss of a step", name)
    keep(f"trouble.{topic}.steps", np.arange(EVERY, STEPS + 1, EVERY), "the last step of each mean", name)
    return curves


def _rates(keep):
    _pair(keep, "rate", RATES, "learning_rate")
    keep("trouble.rate.names", list(RATES), "learning rates: too low, right, too high", "trouble.rate.good")
    keep("trouble.rate.lr", list(RATES.values()), "what they are", "trouble.rate.good")


def _first_values(keep):
    _pair(keep, "init", STDS, "std")
    keep("trouble.init.names", list(STDS), "first values: right, too large", "trouble.init.good")
    keep("trouble.init.std", list(STDS.values()), "the spread they are drawn with", "trouble.init.good")


def _overfitting(keep):
    corpus = beginning(frankenstein(), CHARACTERS)
    for word, dropout in (("none", 0.0), ("dropout", DROPOUT)):
        name = f"trouble.fit.{word}"
        settings = LM | {"dropout": dropout, "max_steps": FIT_STEPS, "validations": 20}
        _, curves = trained(keep, name, settings, corpus)
        gap = FIT_STEPS // 20
        keep(f"{name}.train", mean_of(curves.loss, gap), "mean training loss of each 15 steps", name)
        keep(f"{name}.validation", curves.validation, "validation loss at the end of them", name)
        keep(f"{name}.best", curves.validation.min(), "the lowest of these", name)
        keep(f"{name}.best.step", curves.validated[curves.validation.argmin()], "the step of it", name)
        keep(f"{name}.last", curves.validation[-1], "validation loss at the end", name)
        keep(f"{name}.last.train", mean_of(curves.loss, gap)[-1], "training loss at the end", name)
        if not dropout:
            _stopped(keep, curves, name)
    keep("trouble.fit.steps", curves.validated, "steps at which the held-out text was scored", name)
    keep("trouble.fit.dropout.rate", DROPOUT, "share of the numbers that dropout sets to 0", name)
    keep("trouble.fit.characters", CHARACTERS, "characters of the text that is learnt by heart", name)


def _stopped(keep, curves, name):
    """The same run, had it stopped after `PATIENCE` validations without a better one, and kept its best weights."""
    best = int(curves.validation.argmin())
    seen = best + 1 + PATIENCE
    if curves.validation[:seen].min() != curves.validation.min() or seen > len(curves.validation):
        raise HornbookError(f"{name} would not have stopped {PATIENCE} validations behind its best one.")
    keep("trouble.fit.stopped.steps", curves.validated[:seen], "steps at which it was scored until it stopped", name)
    keep("trouble.fit.stopped.validation", curves.validation[:seen], "validation loss there", name)
    keep("trouble.fit.stopped.train", mean_of(curves.loss, FIT_STEPS // 20)[best], "training loss at the best", name)
    keep("trouble.fit.stopped.patience", PATIENCE, "validations without a better one, after which it stops", name)


def _clipping(keep):
    for word, limit in (("none", 0.0), ("clipped", LIMIT)):
        name = f"trouble.clip.{word}"
        _, curves = trained(keep, name, RNN | {"clip_norm": limit}, model="rnn", tokenizer="characters")
        keep(f"{name}.norms", curves.norms, "the gradient's length before clipping, every step", name)
        keep(f"{name}.loss", curves.loss, "the loss of the batch, every step", name)
        keep(f"{name}.most", curves.norms.max(), "the longest gradient of any step", name)
        keep(f"{name}.most.step", int(curves.steps[curves.norms.argmax()]), "the step of it", name)
        keep(f"{name}.final", curves.loss[-20:].mean(), "mean loss of the last 20 steps", name)
        keep(f"{name}.broke", curves.broke or 0, "the step at which the loss was no number any more; 0: none", name)
    keep("trouble.clip.steps", curves.steps, "the steps", name)
    keep("trouble.clip.limit", LIMIT, "the length to which a longer gradient is cut", name)


def _norms(keep):
    """Numbers on their way through layers drawn too wide, each a matrix and a ReLU; with norms before them or none."""
    model = lm(keep)
    settings = {"layers": DEEP, "width": LM["n_embd"], "std": WIDE, "activation": "relu", "norm": "none; layernorm"}
    run = keep.run("trouble.norm", about(None, "a stack of layers", settings, 0))
    rng, width = np.random.default_rng(SEED), LM["n_embd"]
    matrices = [rng.normal(0, WIDE, (width, width)) for _ in range(DEEP)]
    rows = model.exact_parameters()["wte"]
    rows = rows / rows.std()
    keep("trouble.norm.layers", np.arange(1, DEEP + 1), "layers", run)
    keep("trouble.norm.std", WIDE, "the spread their matrices are drawn with", run)
    norms = {"with": lambda x: layernorm(x, np.ones(width), np.zeros(width)), "without": lambda x: x}
    for name, normed in norms.items():
        x, spreads = rows, []
        for matrix in matrices:
            x = np.maximum(linear(normed(x), matrix), 0)
            spreads.append(x.std())
        keep(f"trouble.norm.{name}", spreads, f"spread of the numbers behind each, {name} norms; 1 in front", run)


def _memory(keep):
    """Batches of windows, then texts of tokens, ever larger: what each takes, and whether it runs in `ALLOTTED`."""
    run = keep.run("trouble.memory", about(None, "gpt", LM | {"allotted": ALLOTTED}, 1))
    whats = {"batches": "windows of 32 tokens in a batch", "lengths": "tokens of a text, by NumPy"}
    for way, sizes in SIZES.items():
        free = [allotted.outcome(way, size) for size in sizes]
        bound = [allotted.outcome(way, size, ALLOTTED) for size in sizes]
        keep(f"trouble.{way}.sizes", sizes, whats[way], run)
        keep(f"trouble.{way}.bytes", [one["bytes"] for one in free], "bytes that each takes, where it may", run)
        keep(f"trouble.{way}.ran", [int(one["ran"]) for one in bound], "1: it ran in the allotted bytes; 0: not", run)
        (words,) = re.findall(r"(?:tried|Unable) to allocate [\d.]+ \w+", bound[-1]["complaint"])
        keep(f"trouble.{way}.complaint", words, "of what the largest one ended with", run)
    keep("trouble.memory.allotted", ALLOTTED, "bytes that a process might take beside what it had", run)


def _few_words(keep):
    """The neighbours of a word after the first words of a novel, and after all words of a hundred."""
    many, run_of_all = novels.vectors(), novels.run(keep)
    text = " ".join(frankenstein().documents[0].split()[:FEW])
    settings = {"embedding_dim": many.embedding_dim, "mode": "deterministic", "min_count": 2, "words": FEW}
    run = keep.run("words.few", about(frankenstein(), "word2vec", settings, 0))
    encoder = TextEncoder("word2vec", {name: value for name, value in settings.items() if name != "words"}).fit([text])
    few, known = encoder.vectors, set(many.words)
    few = WordVectors(*zip(*[(word, row) for word, row in zip(few.words, few.matrix) if word in known]))
    for name, vectors, by in (("few", few, run), ("all", many, run_of_all)):
        near = vectors.neighbours(WORD, 5)
        keep(f"trouble.words.{name}", [word for word, _ in near], f"the nearest words to {WORD}", by)
        keep(f"trouble.words.{name}.cosines", [cosine for _, cosine in near], "their cosines", by)
    keep("trouble.words.word", WORD, "a word", run)
    keep("trouble.words.few.count", FEW, "words of text", run)
    keep("trouble.words.all.count", keep.runs[run_of_all]["settings"]["tokens"], "words of text", run_of_all)
