"""Step 3: the embedding matrix: its size, its rows before and after training, lookup, one-hot, first values."""

import math

import numpy as np

from hornbook.film.record import novels
from hornbook.film.record.runs import LM, SEED, about, first_lm, frankenstein, lm, trained
from hornbook.film.record.sentence import SENTENCE, SHOWN, cosine, tokens_of
from hornbook.reference import word2vec
from hornbook.reference.init import INITS

WORDS = ["the", "I", "father", "friend", "night", "moon"]
CORNER = 4  # columns of the small matrix
ASKED = [1, 5, 2]  # its rows that are looked up
PAIRS = [("king", "queen"), ("mother", "sister"), ("ship", "sea"), ("king", "bread")]
EDGES = np.linspace(-0.6, 0.6, 41)
LATER = 100  # steps


def record(keep):
    model = lm(keep)
    parameters, first = model.exact_parameters(), first_lm()
    wte = parameters["wte"]
    _sizes(keep, wte, parameters)
    _rows(keep, model, first["wte"], wte)
    _lookup(keep, model, wte)
    _cosines(keep)
    _first_values(keep)
    _first_losses(keep)


def _sizes(keep, wte, parameters):
    every = sum(value.size for value in parameters.values())
    keep("matrix.V", wte.shape[0], "rows of wte, the entries of the vocabulary", "lm")
    keep("matrix.D", wte.shape[1], "its columns, the width of the model", "lm")
    keep("matrix.numbers", wte.size, "V × D", "lm")
    keep("matrix.bytes", 4 * wte.size, "its bytes, 4 a number", "lm")
    keep("matrix.share", wte.size / every, "its share of all parameters", "lm")


def _rows(keep, model, before, after):
    ids = [model.tokenizer.id_of(word) for word in WORDS]
    keep("matrix.words", WORDS, "words whose rows are shown", "lm")
    keep("matrix.ids", ids, "their rows in the vocabulary", "lm")
    keep("matrix.before", before[ids, :SHOWN], "the first 8 numbers of their rows before training", "lm")
    keep("matrix.after", after[ids, :SHOWN], "and after it", "lm")
    keep("matrix.before.std", before.std(), "spread of all of wte before training", "lm")
    keep("matrix.after.std", after.std(), "and after it", "lm")


def _lookup(keep, model, wte):
    small = wte[[model.tokenizer.id_of(word) for word in WORDS], :CORNER]
    onehot = np.eye(len(WORDS))[ASKED]
    keep("matrix.small", small, "the rows of matrix.words, first 4 columns", "lm")
    keep("matrix.asked", [WORDS[row] for row in ASKED], "the words that are looked up", "lm")
    keep("matrix.asked.rows", ASKED, "their rows in matrix.small", "lm")
    keep("matrix.onehot.small", onehot.astype(int), "their one-hot rows", "lm")
    keep("matrix.product", onehot @ small, "one-hot rows × matrix.small", "lm")
    words, ids = tokens_of(model, SENTENCE)
    product = np.eye(len(wte))[ids] @ wte
    keep("matrix.lookup.difference", np.abs(product - wte[ids]).max(),
         "largest difference of onehot(ids) E and E[ids], over the sentence", "lm")  # fmt: skip
    keep("matrix.lookup.tokens", len(words), "tokens of the sentence", "lm")
    keep("matrix.multiplications", len(ids) * wte.size, "multiplications of the product, T × V × D", "lm")
    keep("matrix.lookups", len(ids) * wte.shape[1], "numbers that the lookup reads, T × D", "lm")


def _cosines(keep):
    vectors, run = novels.vectors(), novels.run(keep)
    words = sorted({word for pair in PAIRS for word in pair})
    config = word2vec.Config(len(words), embedding_dim=vectors.embedding_dim, seed=SEED)
    drawn = word2vec.init(config, np.random.default_rng(SEED))["wte"]
    rows = np.array([[words.index(word) for word in pair] for pair in PAIRS])
    keep("matrix.pairs", [" ".join(pair) for pair in PAIRS], "pairs of words", run)
    onehot = np.eye(len(words))
    keep("matrix.cosine.onehot", cosine(onehot[rows[:, 0]], onehot[rows[:, 1]]), "cosines of their one-hot rows", run)
    keep("matrix.cosine.before", cosine(drawn[rows[:, 0]], drawn[rows[:, 1]]), "of rows as they are first drawn", run)
    keep("matrix.cosine.dense", [vectors.similarity(*pair) for pair in PAIRS], "of trained rows", run)


def _first_values(keep):
    shape = LM["vocab_size"], LM["n_embd"]
    settings = {"init": ", ".join(INITS), "shape": shape} | {"head": "tied", "embed_std": "by init", "max_steps": LATER}
    run = keep.run("init", about(frankenstein(), "gpt", {"tokenizer": "words"} | LM | settings, LATER))
    drawn = {name: draw(np.random.default_rng(SEED), shape) for name, draw in INITS.items()}
    promised = {"normal": 0.02, "xavier": math.sqrt(2 / sum(shape)), "he": math.sqrt(2 / shape[1]), "unit": 1.0}
    keep("init.names", list(INITS), "ways to draw the first values", run)
    keep("init.std", [values.std() for values in drawn.values()], "measured spread of a V × D matrix", run)
    keep("init.formula.std", [promised[name] for name in INITS], "promised: 0.02, √(2/(V+D)), √(2/D), 1", run)
    keep("init.edges", EDGES, "edges of the bars of a histogram", run)
    keep("init.counts", [np.histogram(values, EDGES)[0] for values in drawn.values()],
         "values between them, by way; those beyond ±0.6 are in none", run)  # fmt: skip
    keep("init.beyond", [(np.abs(values) > EDGES[-1]).mean() for values in drawn.values()], "share beyond ±0.6", run)
    keep("init.first", [values[0, :SHOWN] for values in drawn.values()], "the first 8 values drawn, by way", run)


def _first_losses(keep):
    first, later = [], []
    for name in INITS:
        settings = LM | {"init": name, "head": "tied", "embed_std": None, "max_steps": LATER, "validations": 1}
        _, curves = trained(keep, f"init.{name}", settings)
        first.append(curves.loss[0])
        later.append(curves.loss[-10:].mean())
    keep("init.loss.blind", math.log(LM["vocab_size"]), "ln V: the loss of a blind guess", "init")
    keep("init.loss.first", first, "loss of the first batch with each, the embedding being the head too", "init")
    keep("init.loss.later", later, "mean loss of steps 91 to 100", "init")
    keep("init.loss.steps", LATER, "steps trained", "init")
