"""N-grams: counts and probabilities on paper, laws of every order, agreement with KenLM and of the fast form."""

import math
from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook import HornbookError, Trace
from hornbook.fast.ngram import Ngram
from hornbook.reference import ngram
from hornbook.reference.ngram import Config

BOS, UNK = 0, 1

streams = st.lists(st.integers(0, 4), max_size=60)  # 0 is <BOS>; 5 is in the vocabulary, never in a stream
orders = st.integers(0, 4)
few = settings(max_examples=60, deadline=None)

RHYME = """this is the house that jack built
this is the malt that lay in the house that jack built
this is the rat that ate the malt that lay in the house that jack built
this is the cat that killed the rat that ate the malt
this is the dog that worried the cat that killed the rat
the dog and the cat and the rat lay in the malt
jack ate the malt and the dog ate the rat
the house is built and the cat is in the house
a cat and a dog and a cow
the cow that jack milked killed no rat"""

# log₁₀ p(last word | the words before it) as KenLM's lmplz -o 3 writes them for the ten lines; it computes in float32
KENLM_DISCOUNTS = [(0.230769, 1.86154, 2.53846), (0.730769, 0.120879, 2.02564), (0.662338, 0.93007, 3)]
KENLM = """
-1.5471995 <unk>
-1.1310606 </s>
-1.3704765 this
-0.95472693 the
-0.49359417 <s> this
-0.7996388 <s> the
-0.8422891 house </s>
-0.023985619 in the
-1.4486207 the cow
-0.30186877 rat </s>
-0.23828001 <s> this is
-0.7862114 <s> the dog
-0.33184987 the rat </s>
-0.29885545 this is the
-0.015737567 is in the
-1.1112719 in the house
-0.34925777 milked killed no
"""


def learned(ids, order, bos=BOS, vocab_size=6):
    config = Config(vocab_size, order, bos)
    return ngram.train(ids, config), config


def rhyme(order):
    words = sorted(set(RHYME.split()))
    number = {"<s>": BOS, "</s>": BOS, "<unk>": UNK} | {word: 2 + i for i, word in enumerate(words)}
    ids = [number[word] for line in RHYME.splitlines() for word in ["<s>", *line.split()]] + [BOS]
    return ids, Config(2 + len(words), order, BOS), number


def test_counts_by_hand():
    """In "abcab": b follows only a, so one continuation, though it occurs twice; the first a is given."""
    a, b, c = 2, 3, 4
    unigrams, bigrams = ngram.count([a, b, c, a, b], Config(6, 2))
    assert unigrams == {(b,): 1, (c,): 1, (a,): 1}
    assert bigrams == {(a, b): 2, (b, c): 1, (c, a): 1}


def test_contexts_stop_at_a_document_by_hand():
    """<BOS> a b <BOS> a <BOS>: "a" is twice the first word, and "b <BOS> a" is no gram."""
    a, b = 2, 3
    unigrams, bigrams, trigrams = ngram.count([BOS, a, b, BOS, a, BOS], Config(6, 3, BOS))
    assert trigrams == {(BOS, a, b): 1, (a, b, BOS): 1, (BOS, a, BOS): 1}
    assert bigrams == {(BOS, a): 2, (a, b): 1, (b, BOS): 1, (a, BOS): 1}  # nothing is before <BOS> a: it counts twice
    assert unigrams == {(a,): 1, (b,): 1, (BOS,): 2}


def test_discounts_by_hand():
    """n = (4, 2, 1, 1): Y = 4 / (4 + 2·2) = 1/2, D₁ = 1 − 2·½·2/4, D₂ = 2 − 3·½·1/2, D₃ = 3 − 4·½·1/1."""
    assert ngram.discounts([0, 4, 2, 1, 1]) == (0, 0.5, 1.25, 1.0)


@pytest.mark.parametrize("n, expected", [
    ([0, 0, 0, 0, 0], (0, 0.5, 1, 1.5)),  # no text
    ([9, 0, 5, 5, 5], (0, 0.5, 1, 1.5)),  # nothing occurs once
    ([0, 4, 0, 0, 3], (0, 1, 1, 1.5)),  # nothing occurs two or three times
    ([0, 4, 2, 4, 4], (0, 0.5, 1, 1)),  # D₂ = 2 − 3·½·4/2 < 0
])  # fmt: skip
def test_discounts_that_cannot_be_estimated_by_hand(n, expected):
    assert ngram.discounts(n) == pytest.approx(expected)


def test_a_probability_by_hand():
    """V = 3, the stream aaabab. Bigrams: c(aa) = 2, c(ab) = 2, c(ba) = 1, so n₁ = 1, n₂ = 2, Y = 1/5:

    D₁ = 1 − 2·⅕·2/1 = 1/5, D₂ = 2 − 0, γ(a) = (2 + 2)/4, γ(b) = ⅕/1.
    Unigrams: a follows {a, b}, b follows {a}, so c = 2 and 1, n₁ = n₂ = 1, Y = 1/3: D₁ = ⅓, D₂ = 2, γ = (2 + ⅓)/3.
    """
    a, b, unseen = range(3)
    params, config = learned([a, a, a, b, a, b], 2, None, vocab_size=3)
    gamma = (2 + 1 / 3) / 3
    below = {a: 0 / 3 + gamma / 3, b: (1 - 1 / 3) / 3 + gamma / 3}
    assert ngram.probability(params, [a], b, config) == pytest.approx(0 / 4 + 4 / 4 * below[b])
    assert ngram.probability(params, [b], a, config) == pytest.approx(4 / 5 + 1 / 5 * below[a])
    assert ngram.probability(params, [unseen], a, config) == pytest.approx(below[a])
    assert ngram.probability(params, [], unseen, config) == pytest.approx(gamma / 3)


@few
@given(streams, orders, st.lists(st.integers(0, 5), max_size=5), st.sampled_from([None, BOS]))
def test_probabilities_are_positive_and_sum_to_one_in_every_context(ids, order, context, bos):
    params, config = learned(ids, order, bos)
    p = [ngram.probability(params, context, token, config) for token in range(6)]
    assert min(p) > 0
    assert math.fsum(p) == pytest.approx(1, abs=1e-12)


@few
@given(streams, orders, st.lists(st.integers(0, 5), max_size=5), st.integers(0, 5))
def test_the_terms_explain_each_order_from_the_one_below(ids, order, context, token):
    params, config = learned(ids, order)
    terms = ngram.explain(params, context, token, config)
    p = terms[0]["discounted"]
    for k, term in enumerate(terms[1:], start=1):
        p = term["discounted"] + term["backoff"] * p
        assert p == pytest.approx(ngram.probability(params[:k], context, token, config), abs=1e-14)
        assert 0 < term["backoff"] <= 1


@given(st.integers(1, 50), streams)
def test_order_0_is_uniform(vocab_size, ids):
    config = Config(vocab_size + 5, 0)
    logits, _ = Ngram.train(ids, config).forward([[1, 2]])
    assert np.exp(logits) == pytest.approx(np.full((1, 2, vocab_size + 5), 1 / (vocab_size + 5)))


@few
@given(streams)
def test_order_1_knows_a_token_by_its_count_alone(ids):
    params, config = learned(ids, 1, None)
    often = Counter(ids[1:])
    p = [ngram.probability(params, [], token, config) for token in range(6)]
    for x, y in product(range(6), repeat=2):
        assert often[x] != often[y] or p[x] == p[y]
        assert often[x] < often[y] + 3 or p[x] >= p[y]  # no discount is above 3


@few
@given(streams, orders, st.sampled_from([None, BOS]))
def test_the_fast_form_counts_the_same(ids, order, bos):
    params, config = learned(ids, order, bos)
    model = Ngram.train(ids, config)
    for level, fast in zip(params, model.levels, strict=True):
        assert sorted(level.counts.values()) == sorted(fast.counts[fast.counts > 0])
        assert level.discounts == tuple(fast.discounts)
    assert model.n_parameters == sum(len(level.counts) for level in params)


@few
@given(streams, orders, st.lists(st.integers(0, 5), min_size=1, max_size=12), st.sampled_from([None, BOS]))
def test_the_fast_form_agrees(ids, order, text, bos):
    params, config = learned(ids, order, bos)
    model = Ngram.train(ids, config)
    assert model.nll(text) == pytest.approx(ngram.nll(params, text, config), abs=1e-12)
    text = np.array([text, text[::-1]])
    with Trace() as slow:
        ngram.forward(params, text, config)
    with Trace() as fast:
        logits, _ = model.forward(text)
    for name in fast:
        np.testing.assert_allclose(fast[name], slow[name], rtol=0, atol=1e-12, err_msg=name)
    chosen = np.take_along_axis(logits[:, :-1], text[:, 1:, None], axis=-1)[..., 0]
    assert -chosen[0] == pytest.approx(model.nll(text[0])[1:], abs=1e-12)


@few
@given(streams, orders, st.lists(st.integers(0, 5), min_size=2, max_size=12), st.data())
def test_a_carried_state_changes_nothing(ids, order, text, data):
    model = Ngram.train(ids, Config(6, order, BOS))
    cut = data.draw(st.integers(1, len(text) - 1))
    text = np.array([text])
    first, state = model.forward(text[:, :cut])
    rest, _ = model.forward(text[:, cut:], state)
    whole, _ = model.forward(text)
    np.testing.assert_array_equal(np.concatenate([first, rest], axis=1), whole)
    assert state.shape[1] <= max(order - 1, 0)


@few
@given(streams, orders)
def test_exported_arrays_hold_the_whole_model(ids, order):
    model = Ngram.train(ids, Config(6, order, BOS))
    again = Ngram.from_parameters(model.config, model.export())
    params = ngram.from_parameters(model.export(), model.config)
    text = [[0, 2, 3, 4, 5, 1, 0]]
    np.testing.assert_array_equal(again.forward(text)[0], model.forward(text)[0])
    np.testing.assert_allclose(ngram.forward(params, text, model.config), model.forward(text)[0], rtol=0, atol=1e-12)


def test_kenlm_agrees():
    ids, config, number = rhyme(3)
    params = ngram.train(ids, config)
    for level, theirs in zip(params, KENLM_DISCOUNTS, strict=True):
        assert level.discounts[1:] == pytest.approx(theirs, rel=1e-5)
    model = Ngram.train(ids, config)
    for line in KENLM.split("\n")[1:-1]:
        log10, *words = line.split()
        gram = [number[word] for word in words]
        ours = math.log10(ngram.probability(params, gram[:-1], gram[-1], config))
        assert ours == pytest.approx(float(log10), abs=1e-6), words
        assert -model.nll(gram)[-1] / math.log(10) == pytest.approx(ours, abs=1e-12)


def test_many_keys_are_sorted_instead_of_tabled(monkeypatch):
    ids, config, _ = rhyme(3)
    tabled = Ngram.train(ids, config).export()
    monkeypatch.setattr("hornbook.fast.ngram.TABLE", 0)
    for name, array in Ngram.train(ids, config).export().items():
        np.testing.assert_array_equal(array, tabled[name], err_msg=name)


def test_a_subword_vocabulary_takes_no_row_per_token():
    """16,000 words, 30,000 of them in a row: V-wide rows of one pass would be 3.8 GB; the arrays here are 5 MB."""
    ids = np.random.default_rng(0).zipf(1.5, 30_000) % 16_000
    model = Ngram.train(ids, Config(16_000, 3))
    assert np.isfinite(model.nll(ids)).all()
    assert sum(array.nbytes for array in model.export().values()) < 5e6


@pytest.mark.parametrize("ids, config, said", [
    ([0, 1, 6], Config(6, 2), "token id 6 is not one of the 6"),
    ([0, -1], Config(6, 2), "token id -1"),
    ([0], Config(6, -1), "the order is -1"),
])  # fmt: skip
def test_bad_input_is_said(ids, config, said):
    with pytest.raises(HornbookError, match=said):
        Ngram.train(ids, config)
