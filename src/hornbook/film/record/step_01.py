"""Step 1: an encoder at work: texts of any length, vectors of one; alike, found, gone on with; one-hot and counts."""

import numpy as np

from hornbook.corpus import load
from hornbook.encoder import TextEncoder
from hornbook.film.record.predicting import top
from hornbook.film.record.runs import LM, about, frankenstein, lm
from hornbook.passages import cut

SENTENCES = [
    "The dog sleeps by the fire.",
    "A puppy is dozing next to the warm hearth.",
    "Ships sail across the sea.",
    "The boat crossed the ocean in a storm.",
    "Love.",
]
QUERY = "Which books did he read?"
LETTERS = "fire"
TRAINED = {"embedding_dim": 100, "mode": "deterministic"}
COUNTED, AROUND = "I", 2  # a word, and how many columns of the vocabulary are shown on each of its sides
PROMPT = "I was surprised, but my"
SHOWN = 8  # columns of a vector
EXCERPT = 90  # characters of a passage


def record(keep):
    encoder, run = _trained(keep)
    vectors = encoder.encode(SENTENCES, normalize=True).astype(np.float64)
    keep("encoder.sentences", SENTENCES, "sentences that are compared", run)
    keep("encoder.lengths.characters", [len(text) for text in SENTENCES], "their characters", run)
    lengths = [len(encoder.tokenizer.encode(text)) for text in SENTENCES]
    keep("encoder.lengths.tokens", lengths, "their words", run)
    keep("encoder.width", vectors.shape[1], "numbers in every vector", run)
    keep("encoder.vectors", vectors[:, :SHOWN], "the first 8 numbers of each sentence's vector, of length 1", run)
    keep("encoder.similarity", np.clip(vectors @ vectors.T, -1, 1), "the cosines between the sentences", run)
    _search(keep, encoder, run)
    keep("encoder.codepoints.text", LETTERS, "a word", run)
    keep("encoder.codepoints.values", [ord(letter) for letter in LETTERS], "its letters as Unicode numbers", run)
    _columns(keep)
    _predict(keep)


def _trained(keep):
    """(the film's TextEncoder, its run): word2vec of a hundred novels, a text being the mean of its words by rarity."""
    folder, novels = keep.folder / "encoder", load("novels")
    if not (folder / "README.md").exists():
        TextEncoder.train(novels, "word2vec", folder, TRAINED)
    encoder = TextEncoder.load(folder)
    read = int(np.sum(encoder.vectors.counts))
    run = keep.run("encoder", about(novels, "word2vec", TRAINED | {"epochs": encoder.network.config.epochs}, 0))
    keep("encoder.novels", len(novels.split().train), "novels it has learnt from", run)
    keep("encoder.words", read, "words of them", run)
    return encoder, run


def _search(keep, encoder, run):
    passages = [passage.text for passage in cut(frankenstein().documents[0], 40)]
    scores = encoder.similarity([QUERY], passages)[0]
    best = np.argsort(-scores, kind="stable")[:3]
    keep("encoder.search.query", QUERY, "a question", run)
    keep("encoder.search.count", len(passages), "passages of about 40 words that were searched", run)
    keep("encoder.search.passages", [_excerpt(passages[i]) for i in best], "how the 3 best begin", run)
    keep("encoder.search.scores", scores[best], "their cosines to the question", run)


def _excerpt(text):
    """The beginning of a passage, whole words of it."""
    text = " ".join(text.split())
    return text if len(text) <= EXCERPT else f"{text[: text.rindex(' ', 0, EXCERPT)]} …"


def _columns(keep):
    """One word as a one-hot row, and the counts of a novel, both between the same columns of the vocabulary."""
    tokenizer, text = lm(keep).tokenizer, frankenstein().documents[0]
    here = tokenizer.id_of(COUNTED)
    columns = np.arange(here - AROUND, here + AROUND + 1)
    counts = np.bincount(tokenizer.encode(text), minlength=LM["vocab_size"])
    keep("columns.ids", columns, "some columns of the vocabulary", "lm")
    keep("columns.words", tokenizer.tokens(columns), "what they stand for", "lm")
    keep("columns.onehot", (columns == here).astype(int), f"of the one-hot row of {COUNTED}", "lm")
    keep("columns.counts", counts[columns], "how often each occurs in the novel", "lm")


def _predict(keep):
    words, probs = top(lm(keep), PROMPT)
    keep("predict.prompt", PROMPT, "a beginning", "lm")
    keep("predict.words", words, "the 5 likeliest next words", "lm")
    keep("predict.probs", probs, "their probabilities", "lm")
