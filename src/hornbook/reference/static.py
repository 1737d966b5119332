"""A static encoder: every token has one vector and one weight, and a text is the mean of what its tokens bring.

Distilled from an encoder as model2vec does it (Tulkens & van Dongen 2024, "Model2Vec: Fast State-of-the-Art Static
Embeddings"): each token is read alone, the vectors are cut down by PCA, and frequent tokens count less.
"""

from dataclasses import dataclass

import numpy as np

from hornbook.errors import HornbookError, nearest
from hornbook.reference import sif


def zipf_weights(counts, a=1e-4):
    """counts (V,) -> (V,): a / (a + p), p = 1 / (r + 1) / Σ 1 / (r + 1) of the token at place r = 1, 2, …

    Zipf's law in place of counts that nobody made: the order of the vocabulary stands for how frequent tokens are.
    model2vec's `compute_weights`. Tokens that never occur in a text have count 0, and take no place.
    """
    weights, some = np.ones(len(counts)), np.flatnonzero(counts)
    inverse = 1 / np.arange(2, len(some) + 2)
    weights[some] = a / (a + inverse / inverse.sum())
    return weights


def equal_weights(counts, a=1e-4):
    """counts (V,) -> (V,) ones: every token counts alike, whatever `a`."""
    return np.ones(len(counts))


WEIGHTINGS = {"sif": sif.sif_weights, "zipf": zipf_weights, "equal": equal_weights}


@dataclass(frozen=True)
class Config:
    """What a static encoder is: its sizes, how its tokens are weighted (a word of WEIGHTINGS), and with which `a`."""

    vocab_size: int
    embedding_dim: int = 256
    weighting: str = "sif"
    a: float = 1e-3

    def __post_init__(self):
        if self.weighting not in WEIGHTINGS:
            raise HornbookError(f'there is no weighting "{self.weighting}".{nearest(self.weighting, WEIGHTINGS)}')
        for name in ("vocab_size", "embedding_dim", "a"):
            if not getattr(self, name) > 0:
                raise HornbookError(f"{name} is {getattr(self, name)}; it must be greater than 0.")


def principal(vectors, embedding_dim):
    """vectors (V, H) -> (V, D): where each lies along the D directions in which they differ most (PCA).

    The mean of all is taken away first; of each direction's two signs, the largest number is positive. Raises
    HornbookError where there are fewer than D + 1 vectors, or fewer than D numbers in one.
    """
    most = min(len(vectors) - 1, vectors.shape[1])
    if embedding_dim > most:
        raise HornbookError(f"{vectors.shape[0]:,} vectors of {vectors.shape[1]} numbers have {most} directions;"
                            f" {embedding_dim} were asked for.")  # fmt: skip
    centred = vectors - vectors.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    along = centred @ directions[:, ::-1][:, :embedding_dim]
    return along * np.sign(along[np.abs(along).argmax(axis=0), np.arange(embedding_dim)])


def without(direction, wte):
    """wte (V, D) -> (V, D): each row without its part along u (D,): v − (v·u) u.

    Whoever takes u out of the rows need not take it out of texts: their vectors are sums of rows.
    """
    return wte - np.outer(wte @ direction, direction)


def encode(bags, wte, weights):
    """bags (N, V) -> (N, D): Σ count · weight · vector, over the number of tokens. A text without tokens is 0."""
    return sif.mean(bags, wte, weights)


if __name__ == "__main__":
    tokens, counts = ("the", "monster", "creature", "train"), np.array([6000, 30, 20, 10])
    rng = np.random.default_rng(0)
    wte = principal(rng.normal(size=(4, 6)), 2)
    for name, weigh in WEIGHTINGS.items():
        print(f"{name:6}", *(f"{token} {weight:.4f}" for token, weight in zip(tokens, weigh(counts))))
    texts = ["the monster", "the the creature", "the train"]
    bags = np.array([[text.split().count(token) for token in tokens] for text in texts])
    for text, vector in zip(texts, encode(bags, wte, zipf_weights(counts))):
        print(f"{text:18}", *(f"{x:8.4f}" for x in vector))
