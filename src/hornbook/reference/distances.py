"""How near two vectors are: Euclidean distance, cosine, and the terms that a cosine is the sum of."""

import numpy as np


def euclidean(a, b):
    """How far apart the points are: ‖a − b‖ = √Σ (a_i − b_i)². Also called L2 distance. a, b (…, D) -> (…)."""
    return np.sqrt(((np.asarray(a, float) - b) ** 2).sum(axis=-1))


def cosine(a, b):
    """How alike the directions are: a·b / (‖a‖ ‖b‖), from −1 to 1, whatever the lengths. a, b (…, D) -> (…).

    A vector of zeros has no direction: 0. Its distance is 1 − cosine.
    """
    return (unit(a) * unit(b)).sum(axis=-1)


def unit(a):
    """The same direction with length 1: a / ‖a‖, row by row. Also called L2 normalisation. Zeros stay. a (…, D)."""
    a = np.asarray(a, float)
    norm = np.sqrt((a * a).sum(axis=-1, keepdims=True))
    return a / np.where(norm > 0, norm, 1)


def product_terms(a, b, names):
    """What a·b is the sum of: (name, a_i b_i), the largest in size first, without those that add nothing.

    a, b (D,), `names` of the D coordinates: words of counts, dimensions of word vectors. BM25's score is such a sum,
    of the query's counts and the document's weights.
    """
    return _sorted(np.asarray(a, float) * b, names)


def similarity_terms(a, b, names):
    """What the cosine of a and b is the sum of: (name, a_i b_i / ‖a‖‖b‖), as `product_terms` has them."""
    return product_terms(unit(a), unit(b), names)


def word_terms(x, y, matrix, names):
    """What the cosine of a = x M and b = y M is the sum of, word by word: (name, (x_v M_v·b + y_v M_v·a) / 2‖a‖‖b‖).

    x, y (V,) weigh the words of two texts, `matrix` M (V, D) has a row for each word. Half of the cosine is told by
    the words of one text, half by those of the other: a word need not be shared to add to it.
    """
    a, b = x @ matrix, y @ matrix
    size = np.linalg.norm(a) * np.linalg.norm(b)
    return _sorted((x * (matrix @ b) + y * (matrix @ a)) / (2 * size if size else 1), names)


def _sorted(values, names):
    order = np.argsort(-np.abs(values), kind="stable")
    return [(names[i], float(values[i])) for i in order if values[i]]


if __name__ == "__main__":
    words = "dog", "cat", "sun"
    texts = {"dog cat": [1, 1, 0], "dog cat, five times": [5, 5, 0], "sun": [0, 0, 1], "dog sun": [1, 0, 1]}
    a = np.array(texts["dog cat"])
    print('from "dog cat" to      Euclidean   cosine   1 − cosine')
    for text, b in texts.items():
        print(f"{text:20}  {euclidean(a, b):10.4f} {cosine(a, b):8.4f} {1 - cosine(a, b):12.4f}")
    print("Euclidean distance finds the sun nearer than the same words five times; the cosine does not look at length.")
    terms = similarity_terms(a, texts["dog sun"], words)
    print('"dog cat" and "dog sun":', " + ".join(f"{value:.4f} ({word})" for word, value in terms))
