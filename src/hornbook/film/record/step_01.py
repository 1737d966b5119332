"""Step 1: the finished encoder at work: texts of any length, vectors of one; alike, found, gone on with."""

import numpy as np

from hornbook.encoder import TextEncoder
from hornbook.film.record.predicting import top
from hornbook.film.record.runs import about, frankenstein, lm
from hornbook.passages import cut

SENTENCES = [
    "The dog sleeps by the fire.",
    "A puppy is dozing next to the warm hearth.",
    "Ships sail across the sea.",
    "The boat crossed the ocean in a storm.",
    "Love.",
]
QUERY = "Who brought the monster to life?"
LETTERS = "fire"
PROMPT = "I was surprised, but my"
SHOWN = 8  # columns of a vector
EXCERPT = 90  # characters of a passage


def record(keep):
    encoder = TextEncoder.load("minilm")
    settings = {"width": encoder.network.config.n_embd, "layers": encoder.network.config.n_layer, "pooling": "mean"}
    run = keep.run("minilm", about(frankenstein(), "all-MiniLM-L6-v2", settings, 0))
    vectors = encoder.encode(SENTENCES, normalize=True).astype(np.float64)
    keep("encoder.sentences", SENTENCES, "sentences that are compared", run)
    keep("encoder.lengths.characters", [len(text) for text in SENTENCES], "their characters", run)
    tokens = encoder.network.encoder.tokenize(SENTENCES)
    keep("encoder.lengths.tokens", tokens.lengths, "their word pieces, with the two specials", run)
    keep("encoder.width", vectors.shape[1], "numbers in every vector", run)
    keep("encoder.vectors", vectors[:, :SHOWN], "the first 8 numbers of each sentence's vector, of length 1", run)
    keep("encoder.similarity", np.clip(vectors @ vectors.T, -1, 1), "the cosines between the sentences", run)
    keep("encoder.parameters", sum(array.size for array in encoder.network.export().values()), "its numbers", run)
    _search(keep, encoder, run)
    keep("encoder.codepoints.text", LETTERS, "a word", run)
    keep("encoder.codepoints.values", [ord(letter) for letter in LETTERS], "its letters as Unicode numbers", run)
    _predict(keep)


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


def _predict(keep):
    words, probs = top(lm(keep), PROMPT)
    keep("predict.prompt", PROMPT, "a beginning", "lm")
    keep("predict.words", words, "the 5 likeliest next words", "lm")
    keep("predict.probs", probs, "their probabilities", "lm")
