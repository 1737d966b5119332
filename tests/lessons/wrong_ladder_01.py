"""Wrong answers to the ladder's first notebook, and the diagnosis each must get."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np


def bag_once(ids, vocab_size):
    row = np.zeros(vocab_size)
    row[np.array(ids, int)] += 1
    return row


def bag_rows(ids, vocab_size):
    return np.array([[float(id_ == column) for column in range(vocab_size)] for id_ in ids]).reshape(-1, vocab_size)


def bag_shares(ids, vocab_size):
    row = np.bincount(np.array(ids, int), minlength=vocab_size)
    return row / row.sum() if len(ids) else row * 1.0


def dot(a, b):
    return math.sqrt(sum((x - y) ** 2 for x, y in zip(a, b))), sum(x * y for x, y in zip(a, b))


def no_root(a, b):
    return np.square(a - b).sum(), a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def squared_lengths(a, b):
    return np.linalg.norm(a - b), a @ b / (a @ a) / (b @ b)


def apart(a, b):
    return np.linalg.norm(a - b), 1 - a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def idf_of(ratio, log=np.log, more=1):
    return lambda n, N: log(ratio(np.asarray(n, float), N)) + more


def smooth(n, N):
    return (N + 1) / (n + 1)


def unsmoothed(n, N):
    return np.where(n > 0, N / np.where(n > 0, n, 1), N / 1e-300)


def tfidf_with(frequency, divided):
    def answer(bags):
        weighted = bags * (1 + np.log((1 + len(bags)) / (1 + frequency(bags))))
        return weighted / divided(weighted)

    return answer


def documents(bags):
    return np.count_nonzero(bags, axis=0)


def pairs_of(neighbours):
    def answer(ids, vocab_size):
        table = np.zeros((vocab_size, vocab_size))
        for (left, right), count in Counter(neighbours(ids)).items():
            table[left, right] = count
        return table

    return answer


def both_ways(ids):
    there = list(pairwise(ids))
    return there + [(right, left) for left, right in there]


WRONG = {
    "L1.1": [(bag_once, "counted once"), (bag_rows, "not added up"), (bag_shares, "shares")],
    "L1.2": [(no_root, "squared: take its root"), (dot, "dot product"), (squared_lengths, "squared lengths"),
             (apart, "cosine distance")],
    "L1.3": [(idf_of(lambda n, N: (n + 1) / (N + 1)), "upside down"), (idf_of(smooth, more=0), "last + 1"),
             (idf_of(smooth, np.log2), "another base"), (idf_of(unsmoothed), "ones inside the logarithm")],
    "L1.4": [(tfidf_with(documents, lambda w: 1.0), "not divided by their length"),
             (tfidf_with(documents, lambda w: w.sum(1)[:, None]), "divided by their sum"),
             (tfidf_with(documents, lambda w: np.linalg.norm(w, axis=0)), "columns were given"),
             (tfidf_with(documents, lambda w: np.linalg.norm(w, axis=1)), "keepdims"),
             (tfidf_with(lambda bags: bags.sum(0), lambda w: np.linalg.norm(w, axis=1)[:, None]), "how often words")],
    "L1.5": [(lambda c, r, k1=1.2, b=0.75: c / (c + k1), "length does not enter"),
             (lambda c, r, k1=1.2, b=0.75: c / (c + k1 * (1 - b + b / r)), "favoured"),
             (lambda c, r, k1=1.2, b=0.75: c / (c + k1 * (b + r - b * r)), "exchanged"),
             (lambda c, r, k1=1.2, b=0.75: c / k1 / (1 - b + b * r), "without end")],
    "L1.6": [(pairs_of(lambda ids: [pair[::-1] for pair in pairwise(ids)]), "row and column"),
             (pairs_of(lambda ids: zip(ids, [*ids[1:], ids[0]])), "no ring"), (pairs_of(both_ways), "both directions"),
             (pairs_of(lambda ids: set(pairwise(ids))), "counted once")],
}  # fmt: skip
