"""Wrong answers to Frankenstein 00, each with a piece of the diagnosis that it must get."""

import math


def no_shift(text):
    features = text[0 : len(text) - 1]
    return features, features


def pairs_backwards(text):
    places = range(1, len(text))
    return "".join(text[t] for t in places), "".join(text[t - 1] for t in places)


def all_of_it(text):
    return text, text[1 : len(text)]


def two_ahead(text):
    return text[: len(text) - 1], text[2:]


def time_first(B, T, E, H, V):
    return (T, B), (T, B, E), (T, B, H), (T, B, V)


def hidden_as_scores(B, T, E, H, V):
    before = (B, T)
    return before, (*before, E), (*before, H), (*before, H)


def widths_swapped(B, T, E, H, V):
    before = (B, T)
    return before, (*before, H), (*before, E), (*before, V)


def one_hot(B, T, E, H, V):
    before = (B, T)
    return (*before, V), (*before, E), (*before, H), (*before, V)


def last_only(B, T, E, H, V):
    return (B, T), (B, T, E), (B, H), (B, V)


def untouched(logits, labels):
    return logits, labels


def labels_untouched(logits, labels):
    B, T, V = logits.shape
    return logits.reshape(B * T, V), labels


def by_time(logits, labels):
    return logits.transpose(1, 0, 2).reshape(-1, logits.shape[2]), labels.ravel()


def raveled(logits, labels):
    return logits.ravel(), labels.ravel()


WRONG = {
    "00.1": [
        (no_shift, "labels are not shifted"),
        (pairs_backwards, "shifted the wrong way"),
        (all_of_it, "one too long"),
        (two_ahead, "shifted by two"),
        (lambda text: [text[:-1]], "length is wrong"),
    ],
    "00.2": [
        (time_first, "time stands before the batch"),
        (hidden_as_scores, "the logits have H numbers"),
        (widths_swapped, "E and H are swapped"),
        (one_hot, "the features are ids"),
        (last_only, "only one prediction a window"),
    ],
    "00.3": [
        (untouched, "without reshaping"),
        (labels_untouched, "the labels are not"),
        (by_time, "axes were swapped"),
        (raveled, "in one line"),
    ],
    "00.4": [
        (lambda V: math.log(V) / math.log(2), "in bits"),
        (lambda V: -math.log(V), "sign is turned"),
        (lambda V: V**-1, "probability 1/V itself"),
    ],
}
