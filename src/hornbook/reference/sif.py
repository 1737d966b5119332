"""Smooth inverse frequency: a text's vector from its words' vectors, frequent words lowered, the common part removed.

Arora, Liang & Ma 2017, "A simple but tough-to-beat baseline for sentence embeddings".
"""

import numpy as np

from hornbook.errors import HornbookError
from hornbook.reference import svd
from hornbook.trace import see


def sif_weights(counts, a=1e-3):
    """counts (V,) -> (V,): a / (a + p), where p = count / all counts. A word as frequent as a weighs one half.

    Raises HornbookError for an `a` that is not above 0, and for a vocabulary that nobody used.
    """
    if not 0 < a < np.inf:
        raise HornbookError(f"a is {a}; it needs to be above 0, for example 0.001.")
    total = np.sum(counts)
    if not total > 0:
        raise HornbookError("the words' counts are all 0, so none has a frequency; count the words of a text first.")
    return see("word_weights", a / (a + np.asarray(counts) / total))


def mean(bags, wte, weights):
    """bags (N, V) -> (N, D): Σ count · weight · vector, over the number of words. A text without words is 0."""
    lengths = bags.sum(axis=1, keepdims=True)
    return see("mean", (bags * weights) @ wte / np.where(lengths > 0, lengths, 1))


def fit_direction(bags, wte, weights):
    """bags (N, V) -> (D,): the direction that all texts share, the first singular vector of their means (N, D).

    Raises HornbookError where no text has a word.
    """
    sigmas, components = svd.truncated(mean(bags, wte, weights), 1, np.random.default_rng(0))
    check_direction(len(sigmas))
    return see("direction", components[0])


def check_direction(n_directions):
    """Raise HornbookError where there is no direction."""
    if not n_directions:
        raise HornbookError("no text has a word with a vector, so they share no direction; learn it from more texts.")


def encode(bags, wte, weights, direction):
    """bags (N, V) -> (N, D): the mean of each without its part along the direction u (D,): m − (m·u) u."""
    m = mean(bags, wte, weights)
    return see("vectors", m - (m @ direction)[:, None] * direction)


if __name__ == "__main__":
    words, counts = ("the", "monster", "creature", "train"), np.array([6000, 30, 20, 10])
    wte = np.array([[2.0, 0.1, 0.1], [1.0, 1.0, 0.2], [1.2, 0.9, 0.0], [1.1, -0.2, 1.0]])
    texts = ["the monster", "the the creature", "the train"]
    bags = np.array([[text.split().count(word) for word in words] for text in texts])
    weights = sif_weights(counts)
    print("weights:", *(f"{word} {weight:.4f}" for word, weight in zip(words, weights)))
    direction = fit_direction(bags, wte, weights)
    print("the direction they share:", *(f"{x:.4f}" for x in direction))
    for text, before, after in zip(texts, mean(bags, wte, weights), encode(bags, wte, weights, direction)):
        print(f"{text:18}", *(f"{x:8.4f}" for x in before), "  ->", *(f"{x:8.4f}" for x in after))
