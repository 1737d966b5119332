"""LDA: one token by hand, the posterior of a tiny corpus by enumeration, laws of the counts, planted topics."""

from fractions import Fraction
from itertools import product
from math import lgamma

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from hornbook import HornbookError, Trace
from hornbook.fast.lda import LDA, Topics
from hornbook.fast.lda import sweep as fast_sweep
from hornbook.reference import lda, names, topics, word_name_table
from hornbook.reference.lda import BOS, Config

V = 12  # five specials and seven words
streams = st.lists(st.sampled_from([BOS, BOS, 1, *range(5, V)]), min_size=1, max_size=80)
few = settings(max_examples=40, deadline=None)


@pytest.fixture(autouse=True, scope="module")
def names_of_words_and_documents():
    with pytest.MonkeyPatch.context() as patch:
        for table in ("NUMBERS", "PARAMETERS"):
            patch.setattr(names, table, getattr(word_name_table, table))
        yield


def trained(stream, **choices):
    model = LDA(Config(V, **{"max_document_share": 1.0} | choices), stream)
    return model, [model.run_round(number) for number in range(model.n_rounds)]


def planted(seed=0, documents=300, length=40):
    """A stream whose topics have ten words each, one after another, and whose documents mix two; and their words."""
    rng, stream = np.random.default_rng(seed), []
    for _ in range(documents):
        two = rng.choice(4, 2, replace=False)
        stream += [BOS, *(5 + 10 * rng.choice(two, length) + rng.integers(10, size=length))]
    return np.array(stream)


def log_joint(z, documents, config):
    """ln p(z, words), with mixtures and topics integrated out, up to a constant (Griffiths & Steyvers, eq. 2–3)."""
    counts = lda.tables(documents, np.array(z), config)
    alpha, beta, words = lda.priors(documents[0], config)
    used = counts[1][np.unique(documents[0])]
    return (sum(lgamma(n + alpha) for n in counts[0].flat) + sum(lgamma(n + beta) for n in used.flat)
            - sum(lgamma(n + words * beta) for n in counts[2]))  # fmt: skip


def test_the_documents_of_a_stream_by_hand():
    """A document may be empty; <UNK> is no word; 7 is in ¾ of the documents: too many once that is over 20."""
    stream = [BOS, 5, 7, 1, BOS, BOS, 7, 7, BOS, 6, 7]
    words, starts = lda.documents(stream, Config(V))
    assert words.tolist() == [5, 7, 7, 7, 6, 7]
    assert starts.tolist() == [0, 2, 2, 4, 6]
    for share, kept, at in ((0.7, [5, 6], [0, 1, 1, 1, 2]), (0.75, [5, 7, 7, 7, 6, 7], [0, 2, 2, 4, 6])):
        words, starts = lda.documents(stream * 10, Config(V, max_document_share=share))
        assert words.tolist() == kept * 10
        assert starts[:5].tolist() == at


def test_one_token_by_hand():
    """Two documents, "a b a" with topics 0 1 0 and "b b" with 1 0; the last b is asked, α = β = 1, V = 2.

    Without it: topic 0 has a a, topic 1 has b b, its document has one token, of topic 1:
    (0 + 1)(0 + 1)/(2 + 2) to (1 + 1)(2 + 1)/(2 + 2), so 1/7 to 6/7.
    """
    a, b = 5, 6
    config = Config(V, 2, doc_topic_prior=1, topic_word_prior=1)
    documents = lda.documents([BOS, a, b, a, BOS, b, b], config)
    doc_topic, word_topic, of_topic = lda.tables(documents, np.array([0, 1, 0, 1, 0]), config)
    assert doc_topic.tolist() == [[2, 1], [1, 1]]
    assert (word_topic[a].tolist(), word_topic[b].tolist(), of_topic.tolist()) == ([2, 0], [1, 2], [3, 2])
    without = doc_topic[1] - [1, 0], word_topic[b] - [1, 0], of_topic - [1, 0]
    with Trace() as trace:
        lda.conditional(*without, lda.priors(documents[0], config))
    assert [Fraction(p).limit_denominator(1000) for p in trace["conditional"]] == [Fraction(1, 7), Fraction(6, 7)]
    assert trace["liked"].tolist() == [1, 2]
    assert trace["offered"].tolist() == [1 / 4, 3 / 4]
    names.check_shapes(trace, "lda", {"S": 2})


@given(st.lists(st.floats(0.001, 100), min_size=1, max_size=30), st.floats(0, 0.999999))
def test_a_topic_is_drawn_where_its_weight_lies(weights, u):
    """The four parts are only an order of adding: topic s is drawn for u in [Σ before s, Σ up to s) / Σ."""
    nothing, running = np.zeros(len(weights), int), np.zeros(len(weights))
    total, s = lda.draw(np.array(weights), nothing, 1.0, running, u)
    assert total == pytest.approx(sum(weights))
    assert sum(weights[:s]) <= u * total + 1e-9
    assert u * total <= sum(weights[: s + 1]) + 1e-9


def test_equal_weights_are_drawn_in_order():
    for S in range(1, 40):
        ones, running = np.ones(S), np.zeros(S)
        drawn = [lda.draw(ones, np.zeros(S), 1.0, running, (s + 0.5) / S) for s in range(S)]
        assert drawn == [(S, s) for s in range(S)]


def test_every_sweep_of_every_seed_has_its_own_random_numbers():
    assert len({lda.seed(Config(V, seed=seed), number) for seed in range(9) for number in range(9)}) == 81


def test_random_numbers_are_even():
    """10,000 numbers in 20 bins: χ² of 19 degrees of freedom is above 43.8 once in a thousand seeds; so are pairs."""
    x, drawn = lda.seed(Config(V), 0), []
    for _ in range(10_000):
        x = lda.MULTIPLIER * (x & 0xFFFFFFFF) + (x >> 32)
        drawn.append(x / (lda.MULTIPLIER * 2.0**32))
    bins = np.histogram(drawn, 20, (0, 1))[0]
    assert ((bins - 500) ** 2 / 500).sum() < 43.8
    pairs = np.histogram2d(drawn[::2], drawn[1::2], (5, 4), ((0, 1), (0, 1)))[0]
    assert ((pairs - 250) ** 2 / 250).sum() < 43.8
    assert lda.MULTIPLIER * 2**32 < 2**63  # no overflow where integers have 64 bits


def test_long_run_frequencies_are_the_posterior_of_all_assignments():
    """Four tokens, two topics: all 16 assignments by enumeration against 100,000 sweeps.

    A frequency's standard error is below √(¼ / 100,000) = 0.0016 for independent draws; 0.015 leaves nine of those, as
    one sweep resembles the next.
    """
    config = Config(V, 2, doc_topic_prior=0.5, topic_word_prior=0.3)
    documents = lda.documents([BOS, 5, 6, BOS, 6, 7], config)
    log_p = {z: log_joint(z, documents, config) for z in product(range(2), repeat=4)}
    p = np.exp(np.array(list(log_p.values())) - max(log_p.values()))
    z, seen = np.zeros(4, np.int32), dict.fromkeys(log_p, 0)
    tables, priors = lda.tables(documents, z, config), lda.priors(documents[0], config)
    rng = np.random.default_rng(0)
    for _ in range(100_000):
        fast_sweep(documents, z, tables, priors, int(rng.integers(1, 2**60)))
        seen[tuple(z.tolist())] += 1
    np.testing.assert_allclose(np.array(list(seen.values())) / 100_000, p / p.sum(), atol=0.015)


@few
@given(streams, st.integers(1, 6), st.integers(0, 9))
def test_both_forms_give_the_same_assignments_and_counts_that_follow_from_them(stream, S, seed):
    config = Config(V, S, sweeps=3, seed=seed, max_document_share=1.0)
    documents = lda.documents(stream, config)
    if len(documents[0]) < S:
        with pytest.raises(HornbookError, match="words in all"):
            LDA(config, stream)
        return
    with Trace() as trace:
        assignments, tables = lda.train(documents, config)
    model, rounds = trained(stream, n_components=S, sweeps=3, seed=seed)
    np.testing.assert_array_equal(model.assignments, assignments)
    for slow, fast, again in zip(tables, model.tables, lda.tables(documents, assignments, config), strict=True):
        np.testing.assert_array_equal(slow, fast)
        np.testing.assert_array_equal(slow, again)
    np.testing.assert_array_equal(tables[0].sum(axis=1), np.diff(documents[1]))
    np.testing.assert_array_equal(tables[1].sum(axis=1), np.bincount(documents[0], minlength=V))
    assert [done.loss for done in rounds] == [trace[f"sweeps.{number}.loss"] for number in range(3)]
    names.check_shapes(trace, "lda", {"V": V, "S": S})


def test_the_loss_is_the_surprise_at_each_token_when_asked():
    """One topic: p(w | others) = (n_w − 1 + β) / (T − 1 + V β), whatever is drawn."""
    _, rounds = trained([BOS, 5, 5, 6, BOS, 5], n_components=1, sweeps=1, topic_word_prior=0.5)
    assert rounds[0].tokens == 4
    assert rounds[0].loss == pytest.approx(-(3 * np.log(2.5 / 4) + np.log(0.5 / 4)) / 4)


def test_many_tokens_do_not_underflow():
    _, rounds = trained(np.tile([BOS, *range(5, V)], 500), n_components=3, sweeps=2)
    assert 0 < rounds[-1].loss < np.log(V)


def test_planted_topics_are_found():
    model = LDA(Config(45, 4, sweeps=60, max_document_share=1.0), planted())
    for number in range(model.n_rounds):
        model.run_round(number)
    share = model.word_probabilities[5:].reshape(4, 10, 4).sum(axis=1)  # (planted, word, found) -> (planted, found)
    assert (share.max(axis=0) > 0.9).all()
    assert len(set(share.argmax(axis=0))) == 4
    assert np.exp(model.validate(planted(1))) < 26  # two topics of ten words would be 20, all four 40


def test_names_of_topics_mean_nothing():
    """Another order of the topics changes neither a conditional nor the held-out loss."""
    model, _ = trained(planted()[:2000] % 7 + 5, n_components=3, sweeps=5)
    order = [2, 0, 1]
    turned = Topics(model.config, model.word_topic[:, order], model.counts)
    assert turned.validate([BOS, 5, 6, 7, 8]) == pytest.approx(model.validate([BOS, 5, 6, 7, 8]), abs=1e-12)
    counts = np.array([3, 0, 1]), np.array([4, 1, 0]), np.array([9, 8, 7])
    straight = lda.conditional(*counts, (0.1, 0.01, 7.0))
    np.testing.assert_allclose(lda.conditional(*(n[order] for n in counts), (0.1, 0.01, 7.0)), straight[order])


@pytest.mark.parametrize("stopped", [1, 5, 7])
def test_a_run_that_was_stopped_goes_on_to_the_same(stopped):
    config, stream = Config(45, 4, sweeps=8, averaged=3, max_document_share=1.0), planted(documents=20)
    whole, first, second = LDA(config, stream), LDA(config, stream), LDA(config, stream)
    losses = [whole.run_round(number).loss for number in range(8)]
    for number in range(stopped):
        first.run_round(number)
    second.restore({name: array.copy() for name, array in first.state().items()})
    assert [second.run_round(number).loss for number in range(stopped, 8)] == losses[stopped:]
    for name, array in whole.export().items():
        np.testing.assert_array_equal(second.export()[name], array)


def test_exported_topics_are_the_mean_of_the_last_sweeps():
    model, _ = trained(planted()[:200] % 7 + 5, n_components=2, sweeps=4, averaged=1)
    np.testing.assert_array_equal(model.export()["topic_word"].T, model.tables[1])
    model, tables = LDA(Config(V, 2, sweeps=4, averaged=9), [BOS, 5, 6, BOS, 6, 7, 7]), []
    for number in range(4):
        model.run_round(number)
        tables.append(model.tables[1].copy())
    np.testing.assert_array_equal(model.export()["topic_word"].T, (tables[2] + tables[3]) / 2)
    again = LDA.from_parameters(model.config, model.export())
    np.testing.assert_array_equal(again.encode(np.eye(V)), model.encode(np.eye(V)))


@few
@given(st.lists(st.lists(st.integers(0, 3), min_size=V, max_size=V), min_size=1, max_size=6))
def test_a_mixture_depends_on_its_own_document(rows):
    model, _ = trained(planted()[:400] % 7 + 5, n_components=3, sweeps=5)
    mixtures = model.encode(csr_matrix(rows))
    np.testing.assert_allclose(mixtures.sum(axis=1), 1, rtol=1e-6)
    for row, mixture in zip(rows, mixtures):
        np.testing.assert_array_equal(model.encode([row])[0], mixture)
        np.testing.assert_array_equal(model.encode([[9] * 5 + row[5:]])[0], mixture)  # specials are no words
        if not any(row[5:]):
            np.testing.assert_array_equal(mixture, np.full(3, 1 / 3, np.float32))


def test_a_mixture_by_hand():
    """One word that only topic 0 knows, α = 1: (1 + 1)/3 to 1/3. Two words of one topic each: even."""
    word_topic, theta = np.array([[1.0, 0.0], [0.0, 1.0]]), np.zeros(2)
    topics.mixture(np.array([0]), np.array([1.0]), word_topic, 1.0, theta)
    assert theta == pytest.approx([2 / 3, 1 / 3])
    topics.mixture(np.array([0, 1]), np.array([2.0, 2.0]), word_topic, 1.0, theta)
    assert theta == pytest.approx([1 / 2, 1 / 2])
    nats, scored = topics.completion(np.array([0, 0, 1]), np.array([0, 2, 3]), word_topic, 1.0)
    assert (nats, scored) == (pytest.approx(-np.log(2 / 3) - np.log(1 / 2)), 2)


def test_words_never_seen_are_passed_over():
    model, _ = trained([BOS, 5, 6, 5, BOS, 6, 7], n_components=2, sweeps=5)
    assert model.validate([BOS, 5, 6]) == model.validate([BOS, 5, 11, 6, 11])
    assert np.isnan(model.validate([BOS, 11]))
    np.testing.assert_allclose(model.word_probabilities.sum(axis=0), 1)


def test_one_document_and_duplicates_are_fine():
    for stream in ([BOS, 5, 6, 7], [BOS, 5, 6, 7] * 4):
        _, rounds = trained(stream, n_components=2, sweeps=3)
        assert np.isfinite(rounds[-1].loss)


@pytest.mark.parametrize("choice, said", [
    ({"n_components": 0}, "n_components is 0; it needs a whole number of at least 1"),
    ({"n_components": 2.5}, "n_components is 2.5; it needs a whole number"),
    ({"n_components": "x"}, 'n_components is "x"'),
    ({"seed": -1}, "seed is -1; it needs a whole number of at least 0"),
    ({"topic_word_prior": float("inf")}, "topic_word_prior is inf"),
    ({"sweeps": 0}, "sweeps is 0"),
    ({"doc_topic_prior": 0}, "doc_topic_prior is 0; it can be any number above 0"),
    ({"topic_word_prior": -1}, "topic_word_prior is -1"),
    ({"max_document_share": 0}, "max_document_share is 0"),
    ({"n_components": 5}, "the documents have 4 words in all; 5 topics need at least as many"),
])  # fmt: skip
def test_bad_input_is_said(choice, said):
    with pytest.raises(HornbookError, match=said):
        LDA(Config(V, **choice), [BOS, 5, 6, BOS, 5, 6])
