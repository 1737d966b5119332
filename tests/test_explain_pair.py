"""Why two texts are alike: the terms add up to the very similarity that is printed."""

import numpy as np
import pytest

from hornbook import TextEncoder
from hornbook.corpus import Corpus
from hornbook.explain_pair import explain_pair
from hornbook.models import ENCODERS

PAIR = ("the default value of an object", "an object has the default value of its class")


@pytest.fixture
def corpus_of_rhymes():
    return Corpus("rhyme", ["the cats sat on the mat and the dogs sat on the log. " * 300])


@pytest.mark.parametrize("model", ENCODERS)
def test_terms_add_up_to_the_similarity(model, encoders):
    encoder = encoders[model]
    pair = explain_pair(encoder, *PAIR)
    assert pair.similarity == pytest.approx(float(encoder.scores(PAIR[:1], PAIR[1:])[0, 0]), rel=1e-5)
    assert pair.similarity != 0
    for terms in (pair.words, pair.tokens, pair.dimensions):
        if terms is not None:
            assert sum(value for _, value in terms) == pytest.approx(pair.similarity, rel=1e-6)
            sizes = [abs(value) for _, value in terms]
            assert sizes == sorted(sizes, reverse=True)
    assert pair.words is not None or model == "lda" or pair.tokens is not None
    assert (pair.tokens is not None) == ENCODERS[model].needs_torch


@pytest.mark.parametrize("model", ["word2vec", "lsa"])
def test_two_words_have_the_cosine_that_their_neighbours_are_told_by(model, encoders):
    near, told = encoders[model].vectors.neighbours("value", 3)[0]
    pair = explain_pair(encoders[model], "Value", near)
    assert pair.similarity == pytest.approx(told, abs=1e-12)
    assert sum(value for _, value in pair.dimensions) == pytest.approx(told, abs=1e-12)
    assert (pair.words, pair.unknown) == (None, {})
    a, b = (np.asarray(encoders[model].vectors.vector(word), float) for word in ("value", near))
    assert pair.distance == pytest.approx(np.linalg.norm(a - b))


def test_an_unknown_word_is_compared_by_its_pieces(corpus_of_rhymes, tmp_path):
    encoder = TextEncoder.train(corpus_of_rhymes, "word2vec", tmp_path / "run", {"subwords": "bpe", "epochs": 1})
    ((near, told),) = encoder.vectors.neighbours("catss", 1)
    assert explain_pair(encoder, "catss", near).similarity == pytest.approx(told, abs=1e-12)


def test_only_shared_words_make_counts_alike(encoders):
    words = [name for name, _ in explain_pair(encoders["tfidf"], *PAIR).words]
    assert set(words) == {"the", "default", "value", "of", "an", "object"}


def test_order_is_nothing_to_a_bag(encoders):
    pair = explain_pair(encoders["counts"], "the class calls the function", "the function calls the class")
    assert (pair.similarity, pair.distance) == (pytest.approx(1), 0)


@pytest.mark.parametrize("model", [model for model, kind in ENCODERS.items() if not kind.needs_torch])
def test_unknown_words_are_named_and_add_nothing(model, encoders):
    pair = explain_pair(encoders[model], "zzz", "the default value")
    assert pair.unknown == {"zzz": 1}
    terms = pair.dimensions if pair.words is None else pair.words
    assert (pair.similarity, sum(value for _, value in terms)) == (0, 0)


def test_words_that_are_passed_over_are_named(encoders):
    pair = explain_pair(encoders["lda"], "the value of zzz", "the default value and class")
    assert pair.passed_over == ("the", "of", "and", "class", "value")
    assert pair.unknown == {"zzz": 1} and pair.similarity == 0
    assert explain_pair(encoders["lsa"], *PAIR).passed_over == ()
