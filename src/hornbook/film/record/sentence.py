"""The sentence that the film goes through from step 4 to step 7, and what the model's own numbers are read with."""

import numpy as np

from hornbook.reference import transformer
from hornbook.trace import Trace

SENTENCE = "I saw the face of my father"  # of common words of the novel, and not in it
SHOWN = 8  # columns of a vector that are kept


def tokens_of(model, text):
    """(words, ids) of a text: as from the middle of the novel, without `<BOS>`."""
    ids = model.tokenizer.encode(text)
    return model.tokenizer.tokens(ids), ids


def forward(model, ids, mask=None):
    """The trace of the reference's forward pass over ids (B, T), in float64."""
    with Trace() as trace:
        transformer.forward(model.exact_parameters(), ids, model.network.config, mask)
    return trace


def backward(model, text):
    """The trace of forward and backward pass over a text, each word but the first being asked for; in float64."""
    ids, config, parameters = tokens_of(model, text)[1][None], model.network.config, model.exact_parameters()
    with Trace() as trace:
        transformer.loss(transformer.forward(parameters, ids[:, :-1], config), ids[:, 1:])
        transformer.backward(parameters, trace, config)
    return trace


def cosine(a, b):
    """The cosines of the rows of a and b: (…, D) -> (…)."""
    return (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)
