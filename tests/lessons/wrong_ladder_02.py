"""Wrong answers to the ladder's second notebook, and the diagnosis each must get."""

import numpy as np


def length(v):
    return (v**2).sum() ** 0.5


def long_v(X, v):
    return length(X @ v), X.T @ X @ v


def squared_sigma(X, v):
    u = X @ v
    return u @ u, X.T @ u / length(X.T @ u)


def late_sigma(X, v):
    back = X.T @ X @ v
    return length(back), back / length(back)


def by_sigma(X, v):
    u = X @ v
    return length(u), X.T @ u / length(u)


def parts(v, found):
    return sum(((v @ f) * f for f in found), np.zeros_like(v))


def first_only(v, found):
    return v - parts(v, found[:1])


def gibbs(decrement=1, document=True, size=True, each=True, divide=True):
    def answer(now, in_document, of_word, of_topic, alpha, beta, V):
        p = []
        for s in range(len(of_topic)):
            less = decrement * (s == now)
            weight = of_word[s] - less + beta
            weight *= in_document[s] - less + alpha if document else 1
            weight /= of_topic[s] - less + (V if each else 1) * beta if size else 1
            p.append(weight)
        return np.array(p) / (sum(p) if divide else 1)

    return answer


def in_place(now, in_document, of_word, of_topic, alpha, beta, V):
    for counts in in_document, of_word, of_topic:
        counts[now] -= 1
    p = (in_document + alpha) * (of_word + beta) / (of_topic + V * beta)
    return p / p.sum()


def of_word(counts, beta):
    smooth = counts + beta
    return smooth / smooth.sum(0)


def unsmoothed(counts, beta):
    return np.array([row / row.sum() for row in counts])


def beta_once(counts, beta):
    return np.array([(row + beta) / (row.sum() + beta) for row in counts])


WRONG = {
    "L2.1": [(long_v, "not divided by its length"), (squared_sigma, "sigma is squared"),
             (late_sigma, "after the way back"),
             (by_sigma, "divided by sigma")],
    "L2.2": [(lambda v, found: v + parts(v, found), "added"),
             (parts, "parts themselves"), (first_only, "only the first")],
    "L2.3": [(lambda s, C: C.T + 0, "values are missing"), (lambda s, C: (C.T * s) * s, "squared"),
             (lambda s, C: C.T / s, "divided by the singular"), (lambda s, C: np.diag(s) @ C, "each direction")],
    "L2.4": [(gibbs(decrement=0), "still counted"), (gibbs(divide=False), "do not add up to 1"),
             (gibbs(each=False), "V · β"),
             (gibbs(document=False), "text's own topics"), (gibbs(size=False), "size of the topic"),
             (in_place, "in place")],
    "L2.5": [(of_word, "each column"), (unsmoothed, "β is missing"), (beta_once, "β once")],
}  # fmt: skip
