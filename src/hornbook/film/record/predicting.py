"""What a language model expects next: the likeliest words of one place, in float64."""

import numpy as np

from hornbook.reference.losses import log_softmax


def probabilities(model, text):
    """(T, V): after each token of a text, without `<BOS>`, the probability of every token as the next."""
    ids = model.tokenizer.encode(text)[None]
    return np.exp(log_softmax(model.logits(ids)[0][0].astype(np.float64)))


def top(model, text, k=5):
    """(words, probabilities) of the k likeliest tokens after `text`, the likeliest first."""
    return best(model, probabilities(model, text)[-1], k)


def best(model, probs, k=5):
    """(words, probabilities) of the k likeliest of a row of V."""
    order = np.argsort(-probs, kind="stable")[:k]
    return model.tokenizer.tokens(order), probs[order]
