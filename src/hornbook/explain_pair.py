"""Why two texts are alike: the terms, word by word and dimension by dimension, that add up to their similarity."""

from typing import NamedTuple

import numpy as np

from hornbook import subwords
from hornbook.encoder import checked
from hornbook.errors import HornbookError
from hornbook.explain_sentence import reads_text, token_terms, trace, vector_of
from hornbook.models import kind_of
from hornbook.reference.distances import cosine, euclidean, product_terms, similarity_terms, word_terms


class PairExplained(NamedTuple):
    """`similarity` is the sum of `words`, of `dimensions`, and of `tokens`: [(name, term)], largest first, or None."""

    measure: str  # "cosine", or "BM25 score"
    similarity: float
    distance: float  # Euclidean, of the two vectors
    words: list[tuple[str, float]] | None
    dimensions: list[tuple[str, float]] | None
    unknown: dict[str, int]  # words of either text that the vocabulary does not have
    tokens: list[tuple[str, float]] | None = None  # of a transformer: each token of each text
    passed_over: tuple[str, ...] = ()  # words of the vocabulary that have no part in it: for lda too common for a topic


def explain_pair(encoder, one, other):
    """The similarity of two texts taken apart, in float64: `PairExplained`.

    Two single words are taken apart by their own vectors, where the encoder has some: the cosine is that of
    `neighbours`. For bm25 `one` is the query. Where a text has no known word, the similarity is 0 and there are no
    terms.
    """
    texts = checked([one, other])
    if (words := _of_words(encoder, texts)) is not None:
        return words
    unknown = dict(sum((encoder.tokenizer.unknown(text) for text in texts), start=encoder.tokenizer.unknown("")))
    if reads_text(encoder):
        return _of_tokens(encoder, texts, unknown)
    form = kind_of(encoder.kind).form
    counts = _dense(encoder.bags(texts))
    a, b = _dense(encoder.encode(texts))
    names = encoder.tokenizer.tokens(range(encoder.tokenizer.vocab_size))
    measure, similarity = "cosine", float(cosine(a, b))
    if encoder.kind == "bm25":
        words, dimensions = product_terms(counts[0], b, names), None
        measure, similarity = "BM25 score", float(counts[0] @ b)
    elif form == "counts":
        words, dimensions = similarity_terms(a, b, names), None
    else:
        dimensions = similarity_terms(a, b, encoder.get_feature_names_out())
        words = _by_word(encoder, texts, names)
    pair = PairExplained(measure, similarity, float(euclidean(a, b)), words, dimensions, unknown)
    return pair._replace(passed_over=_without_topic(encoder, counts, names)) if form == "lda" else pair


def _of_words(encoder, texts):
    """The same for two words by their own vectors, or None where one is no single word, or has no vector."""
    if (vectors := encoder.vectors) is None or any(len(text.split()) != 1 for text in texts):
        return None
    try:
        a, b = (np.asarray(vectors.vector(text.strip()), float) for text in texts)
    except HornbookError:
        return None
    dimensions = similarity_terms(a, b, encoder.get_feature_names_out())
    return PairExplained("cosine", float(cosine(a, b)), float(euclidean(a, b)), None, dimensions, {})


def _of_tokens(encoder, texts, unknown):
    """The same for a transformer, from the trace of its readable form."""
    traces = [trace(encoder, text) for text in texts]
    a, b = map(vector_of, traces)
    dimensions = similarity_terms(a, b, [f"vector[{i}]" for i in range(len(a))])
    tokens = token_terms(encoder, traces)
    return PairExplained("cosine", float(cosine(a, b)), float(euclidean(a, b)), None, dimensions, unknown, tokens)


def _without_topic(encoder, counts, names):
    """The words of the vocabulary in counts (2, V) that no topic was asked for, since too many passages have them."""
    return tuple(names[id_] for id_ in np.flatnonzero(counts.sum(axis=0) * (encoder.network.counts == 0)))


def _by_word(encoder, texts, names):
    """The words' terms, where a text's vector is a weighted sum of its words': x M."""
    network, bags = encoder.network, encoder.bags(texts)
    if encoder.kind == "lsa":
        (x, y), matrix = _dense(network.counts.weigh(bags)), network.params["components"].T
    elif encoder.kind == "word2vec":
        bags, weights, matrix, names = _with_pieces(encoder, texts, names)
        x, y = bags * weights / np.maximum(1, bags.sum(axis=1, keepdims=True))
        if network.direction is not None:
            matrix = matrix - np.outer(matrix @ network.direction, network.direction)
    else:
        return None
    return word_terms(x, y, np.asarray(matrix, float), names)


def _with_pieces(encoder, texts, names):
    """(bags, weights, vectors, names) of word2vec's vocabulary, and of words made of pieces, where there are some."""
    network = encoder.network
    bags, vectors, weights = _dense(encoder.bags(texts)), network.vectors.astype(float), network.weights
    if not encoder.is_spelling:
        return bags, weights, vectors, names
    _, lacking, words = subwords.read(texts, encoder.tokenizer)
    made = subwords.rows(words, encoder.pieces, network.tables["pieces"])
    bags, vectors = np.hstack([bags, _dense(lacking)]), np.vstack([vectors, made])
    return bags, np.append(weights, np.ones(len(words))), vectors, [*names, *words]


def _dense(rows):
    return np.asarray(rows.toarray() if hasattr(rows, "toarray") else rows, float)
