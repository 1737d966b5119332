"""A text as counts of its words: one-hot, bag of words, shares, TF-IDF, BM25. None of them knows the words' order."""

from dataclasses import dataclass

import numpy as np

from hornbook.errors import HornbookError, nearest
from hornbook.reference.bounds import check_number, check_whole
from hornbook.reference.distances import cosine, euclidean, unit
from hornbook.trace import see

USED_BY = {"sublinear": "tfidf", "k1": "bm25", "b": "bm25"}


@dataclass(frozen=True)
class Config:
    """How words are weighed.

    Raises HornbookError for an unknown weighting, a number out of range, and a setting that the weighting does not use.
    """

    vocab_size: int
    weighting: str = "counts"
    sublinear: bool = False  # tfidf: 1 + ln tf instead of tf
    k1: float = 1.2  # bm25: how late a repeated word stops adding; 0: at once
    b: float = 0.75  # bm25: how much a long document is held against it; 0: not at all

    def __post_init__(self):
        if self.weighting not in WEIGHTINGS:
            raise HornbookError(f'there is no weighting "{self.weighting}".{nearest(str(self.weighting), WEIGHTINGS)}')
        check_whole(self, ("vocab_size",))
        check_number(self, ("k1",))
        check_number(self, ("b",), 0, 1)
        for setting, weighting in USED_BY.items():
            if self.weighting != weighting and getattr(self, setting) != getattr(Config, setting):
                raise HornbookError(f"{setting} changes nothing in {self.weighting}: it belongs to {weighting}.")


def one_hot(ids, vocab_size):
    """ids (T,) -> (T, V): for each word a row of zeros with a single 1, in the word's column."""
    return np.eye(vocab_size, dtype=int)[np.asarray(ids, int)]


def bag(ids, vocab_size):
    """ids (T,) -> (V,): how often each word occurs, the sum of the one-hot rows. Also called term frequencies."""
    return one_hot(ids, vocab_size).sum(axis=0)


def fit(bags, config):
    """bags (N, V) -> what weightings know of all documents: words' counts, in how many they are, N, the mean length.

    Raises HornbookError where there are no documents or no words in them.
    """
    lengths = bags.sum(axis=1)  # (N,)
    check_words(len(bags), lengths.sum())
    return {
        "counts": bags.sum(axis=0),
        "document_frequency": (bags > 0).sum(axis=0),
        "n_documents": np.array(len(bags)),
        "mean_length": np.array(lengths.mean()),
    }


def check_words(n_documents, n_words):
    """Raise HornbookError where there is nothing to count."""
    if not n_documents:
        raise HornbookError("there are no documents to count the words of; at least one is needed.")
    if not n_words:
        raise HornbookError(f"none of the {n_documents} documents has a word of the vocabulary; learn it from them.")


def forward(params, bags, config):
    """bags (N, V) -> (N, V): every count replaced by its weight."""
    return see("weighted", WEIGHTINGS[config.weighting](see("bags", np.asarray(bags)), params, config))


def counts(bags, params, config):
    """The counts as they are."""
    return bags


def binary(bags, params, config):
    """1 where the word occurs, 0 where it does not."""
    return (bags > 0).astype(int)


def normalized(bags, params, config):
    """Shares: counts / length, so that a row sums to 1. Also called L1 normalisation. A text without words stays 0."""
    lengths = see("lengths", bags.sum(axis=1))
    return bags / np.where(lengths > 0, lengths, 1)[:, None]


def tfidf(bags, params, config):
    """tf · idf, then `unit`: a word says much that is often here and in few texts. Spärck Jones 1972."""
    tf = see("tf", dampened(bags) if config.sublinear else bags)
    idf = see("idf", smooth_idf(params["document_frequency"], params["n_documents"]))
    return unit(see("tf_idf", tf * idf))


def dampened(count):
    """Sublinear term frequency: 1 + ln count, and 0 for 0. A word said ten times says 3.3 times as much."""
    return np.where(count > 0, 1 + np.log(np.where(count > 0, count, 1)), 0)


def smooth_idf(n, N):
    """Inverse document frequency: ln((1 + N) / (1 + n)) + 1, as if one more document held every word."""
    return np.log((1 + N) / (1 + n)) + 1


def bm25(bags, params, config):
    """What a word of a query finds in each document: idf · tf / (tf + K). Also called Okapi BM25.

    Robertson & Zaragoza 2009, formula 3.15, with Lucene's idf. Some multiply by k1 + 1, which changes no ranking.
    """
    lengths = see("lengths", bags.sum(axis=1))
    idf = see("idf", bm25_idf(params["document_frequency"], params["n_documents"]))
    return idf * see("saturated", saturated(bags, lengths[:, None] / params["mean_length"], config))


def bm25_idf(n, N):
    """ln(1 + (N − n + ½) / (n + ½)), always above 0."""
    return np.log(1 + (N - n + 0.5) / (n + 0.5))


def saturated(count, relative_length, config):
    """count / (count + K), K = k1 (1 − b + b · length / mean length): from 0 towards 1, slowly in long documents."""
    K = config.k1 * (1 - config.b + config.b * relative_length)
    return count / np.where(count > 0, count + K, 1)


WEIGHTINGS = {"counts": counts, "binary": binary, "normalized": normalized, "tfidf": tfidf, "bm25": bm25}


if __name__ == "__main__":
    texts = ["the cat chased the dog", "the dog chased the cat", "the cat sat", "stars shine at night"]
    words = sorted({word for text in texts for word in text.split()})
    bags = np.array([bag([words.index(word) for word in text.split()], len(words)) for text in texts])
    print("bag of words".ljust(24), *words)
    for text, row in zip(texts, bags):
        print(text.ljust(24), *(str(count).rjust(len(word)) for count, word in zip(row, words)))
    print("one-hot: the is", *one_hot([words.index("the")], len(words))[0])
    for other in 1, 2, 3:
        a, b = bags[0], bags[other]
        print(f"{texts[0]!r} and {texts[other]!r}: Euclidean {euclidean(a, b):.4f}, cosine {cosine(a, b):.4f}")
    for weighting in WEIGHTINGS:
        config = Config(len(words), weighting)
        row = forward(fit(bags, config), bags, config)[0]
        print(f"{weighting:10}", *(f"{word} {weight:.4f}" for word, weight in zip(words, row) if weight))
