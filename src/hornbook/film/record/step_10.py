"""Step 10: evaluation: perplexity beside counting, cosines, neighbours, a map, and vectors at work on questions."""

import math
import os
from pathlib import Path

from hornbook.encoder import TextEncoder
from hornbook.film.record import novels
from hornbook.film.record.runs import LM, SEED, about, frankenstein, lm
from hornbook.labelled import load_labelled
from hornbook.language_model import LanguageModel
from hornbook.map_points import chosen
from hornbook.mapping import make
from hornbook.probe import probe
from hornbook.word_tasks import measure_words

COUNTED = {"unigram": ("unigram", {}), "bigram": ("ngram", {"order": 2})}
GRID = ("king", "queen", "man", "woman", "ship", "sea", "horse", "dog")
ASKED = ("horse", "sister", "night")
ANALOGY = (("king", "woman"), ("man",))
FIELDS = ("sea", "mother", "bread", "king", "walked", "sad", "book")  # each with its neighbours, for the map
NEAR = 19
QUESTIONS = 2000


def record(keep):
    _perplexity(keep)
    vectors, run = novels.vectors(), novels.run(keep)
    _cosines(keep, run, vectors)
    _map(keep, run, vectors)
    _people(keep, run, vectors)
    _probe(keep)


def _perplexity(keep):
    settings = {"vocab_size": LM["vocab_size"], "counted": "unigram, bigram (interpolated Kneser-Ney)"}
    run = keep.run("eval", about(frankenstein(), "gpt, ngram", {"tokenizer": "words"} | settings, LM["max_steps"]))
    model = lm(keep)
    stream = model.stream(frankenstein().split().validation)
    untrained = LanguageModel("gpt", type(model.network)(model.network.config, SEED), model.tokenizer)
    nats = {"blind": math.log(LM["vocab_size"]), "untrained": float(untrained.nats(stream).astype(float).mean())}
    for name, (kind, more) in COUNTED.items():
        given = {"vocab_size": LM["vocab_size"]} | more
        counted = LanguageModel.train(frankenstein(), kind, "words", settings=given)
        nats[name] = float(counted.nats(stream).astype(float).mean())
    nats["lm"] = float(model.nats(stream).astype(float).mean())
    told = "a blind guess, the untrained model, counted words, counted pairs, the trained model"
    keep("eval.names", list(nats), told, run)
    keep("eval.nats", list(nats.values()), "mean loss of the held-out words", run)
    keep("eval.perplexity", [math.exp(value) for value in nats.values()], "e to the power of it", run)
    keep("eval.tokens", len(stream) - 1, "words that were scored", run)


def _cosines(keep, run, vectors):
    keep("eval.cosine.words", list(GRID), "words", run)
    keep("eval.cosine", [[vectors.similarity(a, b) for b in GRID] for a in GRID], "the cosines between them", run)
    keep("eval.neighbours.words", list(ASKED), "words whose neighbours are asked for", run)
    for word in ASKED:
        near = vectors.neighbours(word, 5)
        keep(f"eval.neighbours.{word}.words", [name for name, _ in near], "the nearest words", run)
        keep(f"eval.neighbours.{word}.cosines", [cosine for _, cosine in near], "their cosines", run)
    keep("eval.vectors.words", len(vectors), "words that have a vector", run)
    found = vectors.analogy(*ANALOGY, k=3)
    keep("eval.analogy.question", "king − man + woman", "vectors added up", run)
    keep("eval.analogy.words", [one.word for one in found.candidates], "the words nearest to the sum", run)
    keep("eval.analogy.scores", [one.score for one in found.candidates], "their cosines to it", run)


def _map(keep, run, vectors):
    fields = [[field, *(word for word, _ in vectors.neighbours(field, NEAR))] for field in FIELDS]
    words = list(dict.fromkeys(word for field in fields for word in field))
    placed = make(chosen(vectors, words), "tsne", groups=len(FIELDS))
    keep("eval.map.words", placed.points.names, "words on the map: those near seven words", run)
    keep("eval.map.positions", placed.positions, "their places by t-SNE", run)
    keep("eval.map.groups", placed.groups, "their groups by k-means on the vectors, 0 the largest", run)
    keep("eval.map.names", [placed.points.names[central[0]] for central in placed.central], "a word of each", run)
    keep("eval.map.trustworthiness", placed.measured["trustworthiness"], "1: all neighbours on it are true", run)
    keep("eval.map.count", len(placed.positions), "words on the map", run)
    keep("eval.map.perplexity", placed.settings["perplexity"], "t-SNE's own perplexity: neighbours it looks at", run)


def _people(keep, run, vectors):
    (task,) = measure_words(vectors.words, vectors.matrix, ["men"])
    (found,) = task.figures.values()
    keep("eval.men", found.value, "MEN: agreement with people on pairs of words, Spearman", run)
    keep("eval.men.low", found.low, "its 95 % interval", run)
    keep("eval.men.high", found.high, "its 95 % interval", run)
    keep("eval.men.pairs", found.n, "pairs of which both words are known", run)


def _probe(keep):
    place = Path(os.environ["HORNBOOK_DATA"]) / "classification/trec/TREC.train"
    texts, labels = load_labelled(place, encoding="cp1252")
    texts, labels = texts[:QUESTIONS], labels[:QUESTIONS]
    settings = {"texts": f"the first {QUESTIONS:,} questions of TREC", "told by": "logistic regression", "folds": 5}
    run = keep.run("probe", about(None, "all-MiniLM-L6-v2", settings, 0) | {"corpus": "trec"})
    found = probe(TextEncoder.load("minilm"), texts, labels)
    ways = ["majority", "tfidf", "encoder"]
    figures = [found.figures[way]["accuracy"] for way in ways]
    keep("eval.probe.names", ["commonest class", "TF-IDF", "MiniLM"], "ways to tell questions into classes", run)
    for side, value in (("accuracy", "value"), ("low", "low"), ("high", "high")):
        keep(f"eval.probe.{side}", [getattr(one, value) for one in figures], "accuracy, and its 95 % interval", run)
    keep("eval.probe.texts", len(texts), "questions", run)
    keep("eval.probe.classes", len(found.classes), "classes", run)
