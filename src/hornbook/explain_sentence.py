"""Every number that a sentence encoder makes of a text, and what each token adds to the cosine of two texts."""

import numpy as np

from hornbook.errors import HornbookError
from hornbook.explain import explanation
from hornbook.models import kind_of
from hornbook.reference import sentence
from hornbook.reference.distances import word_terms
from hornbook.reference.pooling import POOLINGS
from hornbook.trace import Trace, see


def reads_text(encoder):
    """Whether texts are read token by token, by a transformer."""
    return kind_of(encoder.kind).form == "sentence"


def trace(encoder, text):
    """Every number of the readable form in float64 on the encoder's own weights, by name: `TextEncoder.trace`.

    The last is `vector`, or `pooled` where vectors are not normalised. What is longer than the encoder reads is cut, as
    `encode` does. Raises HornbookError for encoders that are no transformer.
    """
    if not reads_text(encoder):
        raise HornbookError(f"{encoder.kind} has no layers to follow a text through; explain(one, other) says what"
                            " makes two texts alike.")  # fmt: skip
    network, ids = encoder.network, encoder.network.encoder.tokenize([text]).ids
    exact = {name: np.asarray(value, np.float64) for name, value in network.export().items()}
    reading = network.encoder.reading
    with Trace() as found:
        sentence.forward(exact, ids[None], network.config, None, reading.pooling, reading.normalize)
    return found


def explain_text(encoder, text, precision=None):
    """The numbers of `trace` as an `Explanation`; of an encoder that is no transformer, the vector alone."""
    if reads_text(encoder):
        found = trace(encoder, text)
        return explanation(found, "sentence", {"T": encoder.tokenizer.tokens(found["ids"][0])}, precision)
    vector = encoder.encode([text])
    vector = np.asarray(vector.toarray() if hasattr(vector, "toarray") else vector, float)
    with Trace() as found:
        see("vector", vector)
    return explanation(found, kind_of(encoder.kind).form, precision=precision)


def vector_of(found):
    """The vector (D,) of a text, from its trace."""
    return found.get("vector", found["pooled"])[0]


def token_terms(encoder, traces):
    """What the cosine of two texts is the sum of, token by token: (name, term), the largest first.

    A pooled vector is a sum over tokens, Σ hidden ∘ ∂pooled/∂hidden: of hidden / T for the mean, of each number's
    largest for max. Half of the cosine is told by the tokens of one text, half by those of the other.
    """
    _, backward = POOLINGS[encoder.network.encoder.reading.pooling]
    parts, names = [], []
    for number, found in enumerate(traces, 1):
        hidden = found["hidden"]
        parts.append((hidden * backward(np.ones_like(hidden[:, 0]), hidden, np.ones(hidden.shape[:2], bool)))[0])
        tokens = encoder.tokenizer.tokens(found["ids"][0])
        names += [f"{token} (text {number}, token {place})" for place, token in enumerate(tokens, 1)]
    of_one = np.arange(len(names)) < len(parts[0])
    return word_terms(of_one.astype(float), (~of_one).astype(float), np.concatenate(parts), names)


def cut_off(encoder, text):
    """(tokens that are read of a text, tokens behind them that are not)."""
    tokens = encoder.network.encoder.tokenize([text])
    return int(tokens.lengths[0]), int(tokens.cut[0])
