"""Counts and their weightings: by hand, what must hold of any text, and reference, fast form, scikit-learn."""

from fractions import Fraction
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import normalize
from sklearn.utils.estimator_checks import parametrize_with_checks

from hornbook import HornbookError, Trace
from hornbook.fast import counts as fast
from hornbook.fast.counts import Counts
from hornbook.reference import counts, names, word_name_table
from hornbook.reference.counts import WEIGHTINGS, Config
from hornbook.reference.distances import cosine, euclidean, product_terms, similarity_terms, unit, word_terms
from hornbook.weighting import BM25Transformer

few = settings(max_examples=30, deadline=None)
bags_of_words = arrays(int, st.tuples(st.integers(1, 8), st.integers(1, 9)), elements=st.integers(0, 5))
bags_of_words = bags_of_words.filter(lambda bags: bags.any())
vectors = arrays(int, 5, elements=st.integers(-999, 999)).map(lambda whole: whole / 8)
TEXTS = ["the cat chased the dog", "the dog chased the cat", "the cat sat", "stars shine at night"]
VOCABULARY = sorted(set(" ".join(TEXTS).split()))
CONFIGS = [*({"weighting": word} for word in WEIGHTINGS), {"weighting": "tfidf", "sublinear": True},
           {"weighting": "bm25", "k1": 0.0}, {"weighting": "bm25", "k1": 2.0, "b": 0.3}]  # fmt: skip


def counted(text):
    return counts.bag([VOCABULARY.index(word) for word in text.split()], len(VOCABULARY))


def weighed(bags, **settings):
    config = Config(bags.shape[1], **settings)
    return counts.forward(counts.fit(bags, config), bags, config)


def random_bags(seed, shape=(30, 20)):
    rng = np.random.default_rng(seed)
    bags = rng.poisson(0.7, shape) * rng.integers(1, 4, shape)
    bags[3], bags[:, 5] = 0, 0  # a text without words, a word without texts
    return bags


def random_parameters(seed, V=20):
    """What no fit gave: every number of its own."""
    rng = np.random.default_rng(seed)
    found = rng.integers(1, 99, V), rng.integers(0, 40, V), np.array(41), np.array(rng.uniform(3, 9))
    return dict(zip(fast.PARAMETERS, found))


# -- by hand -----------------------------------------------------------------------------------------------------------


def test_one_hot_and_bag_by_hand():
    np.testing.assert_array_equal(counts.one_hot([2, 0, 2], 4), [[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 1, 0]])
    np.testing.assert_array_equal(counts.bag([2, 0, 2], 4), [1, 0, 2, 0])
    np.testing.assert_array_equal(counts.bag([], 4), [0, 0, 0, 0])


def test_counts_cannot_tell_who_chased_whom():
    for choices in CONFIGS:
        weights = weighed(np.array([counted(text) for text in TEXTS]), **choices)
        np.testing.assert_array_equal(weights[0], weights[1])
        assert euclidean(weights[0], weights[1]) == 0
        assert cosine(weights[0], weights[1]) == pytest.approx(1)


def test_distances_by_hand():
    """From dog cat to five times dog cat: √(4² + 4²), the same direction. To sun: √3, at right angles."""
    assert euclidean([1, 1, 0], [5, 5, 0]) == pytest.approx(sqrt(32))
    assert euclidean([1, 1, 0], [0, 0, 1]) == pytest.approx(sqrt(3))
    assert cosine([1, 1, 0], [5, 5, 0]) == pytest.approx(1)
    assert cosine([1, 1, 0], [0, 0, 1]) == 0
    assert cosine([3, 4], [4, 3]) == pytest.approx(float(Fraction(24, 25)))
    assert cosine([0, 0], [4, 3]) == 0


def test_tfidf_by_hand():
    """Texts aab, b: idf(a) = ln(3/2) + 1, idf(b) = ln(3/3) + 1 = 1."""
    bags = np.array([[2, 1], [0, 1]])
    a = log(3 / 2) + 1
    norm = sqrt((2 * a) ** 2 + 1)
    np.testing.assert_allclose(weighed(bags, weighting="tfidf"), [[2 * a / norm, 1 / norm], [0, 1]], rtol=1e-15)
    a *= 1 + log(2)
    norm = sqrt(a**2 + 1)
    np.testing.assert_allclose(weighed(bags, weighting="tfidf", sublinear=True)[0], [a / norm, 1 / norm], rtol=1e-15)


def test_bm25_by_hand():
    """Texts aab, b: lengths 3 and 1, mean 2. k1 = 1, b = ½: K = ½ + ½·3/2 = 5/4 and ½ + ½·½ = 3/4.

    idf(a) = ln(1 + 3/2 : 3/2) = ln 2, idf(b) = ln(1 + ½ : 5/2) = ln 6/5.
    """
    weights = weighed(np.array([[2, 1], [0, 1]]), weighting="bm25", k1=1.0, b=0.5)
    part = Fraction(2) / (2 + Fraction(5, 4)), Fraction(1) / (1 + Fraction(5, 4)), Fraction(1) / (1 + Fraction(3, 4))
    expected = [[log(2) * part[0], log(6 / 5) * part[1]], [0, log(6 / 5) * part[2]]]
    np.testing.assert_allclose(weights, np.array(expected, float), rtol=1e-15)
    model = Counts.fit(csr_matrix([[2, 1], [0, 1]]), Config(2, "bm25", k1=1.0, b=0.5))
    scores = model.scores(csr_matrix([[0, 2], [0, 0]]), csr_matrix([[2, 1], [0, 1]]))
    np.testing.assert_allclose(scores, [[2 * expected[0][1], 2 * expected[1][1]], [0, 0]], rtol=1e-6)


def test_terms_of_a_similarity_by_hand():
    """(1, 1, 0) and (1, 0, 1): one of two words shared, 1/√2 · 1/√2."""
    assert similarity_terms([1, 1, 0], [1, 0, 1], "abc") == [("a", pytest.approx(1 / 2))]
    assert product_terms([1, 2, 3], [1, -2, 1], "abc") == [("b", -4), ("c", 3), ("a", 1)]
    assert similarity_terms([0, 0], [1, 1], "ab") == []


def test_words_that_are_not_shared_add_to_a_similarity_by_their_vectors():
    """a and b both lie at (1, 0): a·b = 1, and each word brings half of the cosine 1."""
    matrix = np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    assert word_terms(np.array([1, 0, 0]), np.array([0, 1, 0]), matrix, "abc") == [("a", 0.5), ("b", 0.5)]


# -- what holds of any text --------------------------------------------------------------------------------------------


@few
@given(st.lists(st.integers(0, 6), max_size=20), st.randoms())
def test_the_order_of_words_changes_nothing(ids, random):
    before = counts.bag(ids, 7)
    random.shuffle(ids)
    np.testing.assert_array_equal(counts.bag(ids, 7), before)
    assert before.sum() == len(ids)


@few
@given(bags_of_words)
def test_shares_sum_to_one_and_tfidf_rows_have_length_one(bags):
    has_words = bags.any(axis=1).astype(float)
    np.testing.assert_allclose(weighed(bags, weighting="normalized").sum(axis=1), has_words, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(weighed(bags, weighting="tfidf"), axis=1), has_words, atol=1e-12)


@given(st.integers(1, 1000))
def test_a_rarer_word_never_weighs_less(N):
    n = np.arange(N + 1)
    assert (np.diff(counts.smooth_idf(n, N)) < 0).all() and counts.smooth_idf(N, N) == 1
    assert (np.diff(counts.bm25_idf(n, N)) < 0).all() and counts.bm25_idf(N, N) > 0


@given(st.floats(0.01, 5), st.floats(0, 1), st.floats(0.1, 10))
def test_bm25_rises_with_the_count_but_stays_below_its_idf(k1, b, relative_length):
    config = Config(1, "bm25", k1=k1, b=b)
    parts = counts.saturated(np.arange(50), relative_length, config)
    assert parts[0] == 0 and (np.diff(parts) > 0).all() and parts[-1] < 1
    assert (counts.saturated(np.arange(1, 50), relative_length + 1, config) <= parts[1:]).all()


@few
@given(vectors, vectors, st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_the_cosine_does_not_look_at_length(a, b, s, t):
    assert cosine(s * a, t * b) == pytest.approx(cosine(a, b), abs=1e-9)
    assert abs(cosine(a, b)) <= 1 + 1e-12
    assert cosine(a, -b) == pytest.approx(-cosine(a, b))
    lengths = int(a.any()) + int(b.any())
    assert euclidean(unit(a), unit(b)) ** 2 == pytest.approx(lengths - 2 * cosine(a, b), abs=1e-9)


@few
@given(vectors, vectors)
def test_terms_add_up_to_the_similarity(a, b):
    terms = similarity_terms(a, b, range(5))
    assert sum(value for _, value in terms) == pytest.approx(cosine(a, b), abs=1e-9)
    sizes = [abs(value) for _, value in terms]
    assert sizes == sorted(sizes, reverse=True) and all(sizes)
    matrix = np.random.default_rng(0).normal(size=(5, 3))
    by_word = word_terms(a, b, matrix, range(5))
    assert sum(value for _, value in by_word) == pytest.approx(cosine(a @ matrix, b @ matrix), abs=1e-9)


def test_numbers_have_the_declared_names_and_shapes(monkeypatch):
    monkeypatch.setattr(names, "NUMBERS", word_name_table.NUMBERS)
    monkeypatch.setattr(names, "PARAMETERS", word_name_table.PARAMETERS)
    seen = set()
    for choices in CONFIGS:
        config, bags = Config(20, **choices), random_bags(1)
        params = counts.fit(bags, config)
        with Trace() as trace:
            counts.forward(params, bags, config)
        assert names.check_shapes(trace, "counts", {"V": 20, "N": 30}) == {"V": 20, "N": 30}
        names.check_shapes(params, "counts", {"V": 20})
        seen |= {*trace, *params}
    assert seen == {*word_name_table.NUMBERS["counts"], *word_name_table.PARAMETERS["counts"]}


# -- agreement ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", CONFIGS, ids=str)
def test_the_fast_form_agrees(settings):
    config, bags = Config(20, **settings), random_bags(2)
    model = Counts.fit(csr_matrix(bags), config)
    for name, expected in counts.fit(bags, config).items():
        np.testing.assert_allclose(model.export()[name], expected, rtol=1e-15, err_msg=name)
    model = Counts.from_parameters(config, random_parameters(3))
    expected = counts.forward(model.export(), bags, config)
    np.testing.assert_allclose(model.weigh(bags).toarray(), expected, rtol=0, atol=1e-12)
    encoded = model.encode(csr_matrix(bags))
    assert encoded.dtype == np.float32 and encoded.format == "csr"
    np.testing.assert_allclose(encoded.toarray(), expected, rtol=1e-6)
    queries = random_bags(4)[:7]
    if config.weighting == "bm25":
        expected = queries @ expected.T
    else:
        weights = counts.forward(model.export(), queries, config)
        expected = cosine(weights[:, None], expected[None])
    np.testing.assert_allclose(model.scores(csr_matrix(queries), bags), expected, rtol=2e-6, atol=1e-6)


def test_scikit_learn_agrees():
    of_texts = np.array([counted(text) for text in TEXTS])
    theirs = CountVectorizer(vocabulary=VOCABULARY).transform(TEXTS)
    np.testing.assert_array_equal(theirs.toarray(), of_texts)
    for bags in (of_texts, random_bags(5), random_bags(6)):
        for sublinear in (False, True):
            theirs = TfidfTransformer(sublinear_tf=sublinear).fit_transform(csr_matrix(bags)).toarray()
            ours = weighed(bags, weighting="tfidf", sublinear=sublinear)
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)
        theirs = normalize(csr_matrix(bags, dtype=float), "l1").toarray()
        np.testing.assert_allclose(weighed(bags, weighting="normalized"), theirs, rtol=0, atol=1e-12)
    theirs = cosine_similarity(random_bags(5), random_bags(6))
    for kind in (np.asarray, csr_matrix):
        np.testing.assert_allclose(fast.cosine(kind(random_bags(5)), kind(random_bags(6))), theirs, rtol=0, atol=1e-12)
    np.testing.assert_allclose(fast.cosine(csr_matrix(random_bags(5)), random_bags(6)), theirs, rtol=0, atol=1e-12)
    assert (theirs[3] == 0).all()
    zero = csr_matrix((np.zeros(1), [1], [0, 1]), shape=(1, 20))  # a 0 that is kept is no word
    np.testing.assert_array_equal(fast.cosine(zero, csr_matrix(random_bags(5))), np.zeros((1, 30)))


@parametrize_with_checks([BM25Transformer()])
def test_the_transformer_is_one_of_scikit_learns(estimator, check):
    check(estimator)


def test_the_transformer_weighs_in_a_pipeline():
    pipeline = clone(make_pipeline(CountVectorizer(vocabulary=VOCABULARY), BM25Transformer(k1=1.5, b=0.6)))
    assert pipeline[-1].get_params() == {"k1": 1.5, "b": 0.6}
    expected = weighed(np.array([counted(text) for text in TEXTS]), weighting="bm25", k1=1.5, b=0.6)
    np.testing.assert_allclose(pipeline.fit_transform(TEXTS).toarray(), expected, rtol=0, atol=1e-12)


# -- bad input ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings, said", [
    ({"weighting": "tfdf"}, 'no weighting "tfdf".*"tfidf"'),
    ({"vocab_size": 0}, "vocab_size is 0"),
    ({"weighting": "bm25", "k1": -1}, "k1 is -1"),
    ({"weighting": "bm25", "k1": float("nan")}, "k1 is nan"),
    ({"weighting": "bm25", "b": 1.5}, "b is 1.5"),
    ({"weighting": "bm25", "k1": "x"}, 'k1 is "x"; it needs a finite number of at least 0'),
    ({"weighting": "bm25", "b": None}, "b is None; it needs a finite number from 0 to 1"),
    ({"vocab_size": 2.5}, "vocab_size is 2.5; it needs a whole number"),
    ({"weighting": "tfidf", "k1": 2.0}, "k1 changes nothing in tfidf: it belongs to bm25"),
    ({"weighting": "binary", "sublinear": True}, "sublinear changes nothing in binary"),
])  # fmt: skip
def test_settings_that_make_no_sense(settings, said):
    with pytest.raises(HornbookError, match=said):
        Config(**{"vocab_size": 3} | settings)


@pytest.mark.parametrize("bags, said", [
    (np.zeros((0, 3), int), "no documents"),
    (np.zeros((2, 3), int), "none of the 2 documents has a word"),
])  # fmt: skip
def test_nothing_to_count(bags, said):
    for fit in (counts.fit, Counts.fit):
        with pytest.raises(HornbookError, match=said):
            fit(bags, Config(3))


@pytest.mark.parametrize("bags, said", [
    ([[1, 2]], r"shape \(1, 2\); they need 3 columns"),
    ([[1, -2, 0]], "the number -2"),
    ([[1, np.nan, 0]], "the number nan"),
])  # fmt: skip
def test_bags_that_are_none(bags, said):
    with pytest.raises(HornbookError, match=said):
        Counts.fit(csr_matrix(bags), Config(3))
    with pytest.raises(HornbookError, match=said):
        Counts.fit(csr_matrix([[1, 1, 1]]), Config(3)).encode(csr_matrix(bags))


def test_texts_without_words_are_zeros_and_what_is_given_stays_as_it_is():
    untidy = csr_matrix((np.array([1, 2, 0]), np.array([1, 1, 2]), np.array([0, 2, 3])), shape=(2, 3))
    for choices in CONFIGS:
        model = Counts.fit(untidy, Config(3, **choices))
        assert model.params["document_frequency"].tolist() == [0, 1, 0]
        expected = weighed(untidy.toarray(), **choices)
        np.testing.assert_allclose(model.encode(untidy).toarray(), expected, rtol=1e-6)
        assert not expected[1].any()
    assert untidy.data.tolist() == [1, 2, 0]
