"""Wrong answers to the ladder's third notebook, and the diagnosis each must get."""

import math

import numpy as np


def window_from(first, last, itself=False, clip=True):
    """Pairs whose neighbours go from at + first(w) to at + last(w)."""

    def answer(ids, window):
        found = []
        for at in range(len(ids)):
            begin = max(0, at + first(window)) if clip else at + first(window)
            for near in range(begin, min(len(ids), at + last(window) + 1)):
                if (itself or near != at) and near >= -len(ids):
                    found.append((ids[near], ids[at]))
        return found

    return answer


def turned(ids, window):
    return [(centre, word) for word, centre in window_from(lambda w: -w, lambda w: w)(ids, window)]


def reading(share=True, more=True, cap=True, out=False):
    def answer(counts, t):
        found = []
        for count in counts:
            ratio = t / (count / sum(counts) if share else count)
            chance = math.sqrt(ratio) + (ratio if more else 0)
            chance = min(1, chance) if cap else chance
            found.append(1 - chance if out else chance)
        return np.array(found)

    return answer


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def surprise(turn=-1, mean=False, keep_centre=False, away=True):
    def answer(wte, head, word, centre, negatives):
        costs = [-math.log(sigmoid(turn * (wte[word] @ head[n]))) for n in negatives if keep_centre or n != centre]
        cost = sum(costs) / (len(costs) if mean else 1)
        return -math.log(sigmoid(wte[word] @ head[centre])) + (cost if away else 0)

    return answer


def stepping(sign=1, label=1, late=False, keep_centre=False, once=False):
    def answer(wte, head, word, centre, negatives, rate):
        new_wte, new_head = wte.copy(), head.copy()
        slopes = [(centre, sigmoid(head[centre] @ wte[word]) - label)]
        slopes += [(n, sign * sigmoid(head[n] @ wte[word])) for n in negatives if keep_centre or n != centre]
        for row, slope in slopes:
            new_head[row] = (head if once else new_head)[row] - rate * slope * wte[word]
        for row, slope in slopes:
            new_wte[word] = new_wte[word] - rate * slope * (new_head if late else head)[row]
        return new_wte, new_head

    return answer


def answering(signs=(1, -1, 1), norm=True, leave_out=True, raw=False):
    def answer(matrix, *asked):
        rows = np.array([row / (math.sqrt(row @ row) if norm else 1) for row in matrix])
        goal = sum(sign * (matrix if raw else rows)[id_] for sign, id_ in zip(signs, asked))
        allowed = [i for i in range(len(rows)) if not leave_out or i not in asked]
        return max(allowed, key=lambda i: rows[i] @ goal)

    return answer


def by_word(ids, window):
    found = []
    for at, centre in enumerate(ids):
        found += [(near, centre) for near in ids[max(0, at - window) : at + window + 1] if near != centre]
    return found


def highest_score(matrix, plus, minus, also_plus):
    rows = matrix / np.linalg.norm(matrix, axis=1)[:, None]
    goal = rows[plus] - rows[minus] + rows[also_plus]
    return max(rows[i] @ goal for i in range(len(rows)) if i not in (plus, minus, also_plus))


def in_place(wte, head, word, centre, negatives, rate):
    wte[:], head[:] = stepping()(wte, head, word, centre, negatives, rate)
    return wte, head


WRONG = {
    "L3.1": [(window_from(lambda w: -w, lambda w: -1), "only neighbours on the left"), (turned, "(centre, word)"),
             (window_from(lambda w: -w, lambda w: w - 1), "too narrow"),
             (window_from(lambda w: -w, lambda w: w, itself=True), "with itself"), (by_word, "same word again"),
             (window_from(lambda w: -w, lambda w: w, clip=False), "wraps around")],
    "L3.2": [(reading(more=False), "paper's form"), (reading(out=True), "leaving a word out"),
             (reading(share=False), "f is a share"), (reading(cap=False), "above 1")],
    "L3.3": [(lambda c: np.array([x / sum(c) for x in c]), "power ¾ is missing"),
             (lambda c: c ** (3 / 4), "not divided"), (lambda c: c ** (3 / 4) / np.sum(c), "does not add up"),
             (lambda c: np.ones(len(c)) / len(c), "equally likely")],
    "L3.4": [(surprise(turn=1), "rewarded"), (surprise(mean=True), "mean was taken"),
             (surprise(keep_centre=True), "among the negatives"), (surprise(away=False), "negatives are missing"),
             (lambda *args: -surprise()(*args), "minus is missing")],
    "L3.5": [(stepping(sign=-1), "pulled closer"), (stepping(label=0), "label is missing"),
             (stepping(late=True), "already moved"), (stepping(keep_centre=True), "negative of itself"),
             (stepping(once=True), "moved once"), (in_place, "in place")],
    "L3.6": [(answering(leave_out=False), "word of the question"), (answering(norm=False), "long rows win"),
             (answering(raw=True), "their own lengths"), (answering(signs=(1, 1, -1)), "signs are exchanged"),
             (highest_score, "highest score")],
}  # fmt: skip
