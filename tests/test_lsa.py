"""LSA: directions by hand, what must hold of any decomposition, and reference, fast form, NumPy and scikit-learn."""

import re
from math import sqrt

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save
from scipy.sparse import csr_array, csr_matrix
from sklearn.decomposition import TruncatedSVD

from hornbook import HornbookError, Trace
from hornbook.fast import lsa as fast
from hornbook.fast.lsa import LSA
from hornbook.reference import lsa, names, svd, word_name_table
from hornbook.reference.distances import cosine, word_terms
from hornbook.reference.lsa import Config

few = settings(max_examples=25, deadline=None)
DOG, CANINE, BARKS, CAT, FELINE, PURRS = range(6)
WORDS = ("dog", "canine", "barks", "cat", "feline", "purrs")
TALES = np.zeros((6, 6), int)  # dog barks · canine barks · cat purrs, twice · feline purrs, twice
for tale, pair in enumerate([(DOG, BARKS), (CANINE, BARKS), *[(CAT, PURRS)] * 2, *[(FELINE, PURRS)] * 2]):
    TALES[tale, pair] = 1


def falling(seed, shape=(40, 25), ratio=0.7):
    """A random matrix of the singular values 1, ratio, ratio², …: no two are close, so directions are determined."""
    rng = np.random.default_rng(seed)
    U, V = (np.linalg.qr(rng.normal(size=(size, min(shape))))[0] for size in shape)
    return U * ratio ** np.arange(min(shape)) @ V.T


def random_bags(seed, shape=(40, 25)):
    rng = np.random.default_rng(seed)
    topics = rng.dirichlet(np.full(shape[1], 0.3), 4) * 30  # uneven, so that singular values are apart
    return rng.poisson(topics[rng.choice(4, shape[0], p=[0.5, 0.25, 0.15, 0.1])])


# -- by hand -----------------------------------------------------------------------------------------------------------


def test_dog_and_canine_never_meet_and_mean_the_same():
    """The Gram matrix of the first two texts is [[2, 1], [1, 2]]: σ² = 3, u = (1, 1)/√2, v = (1, 1, 2)/√6.

    Each cat text stands twice: σ² = 6, the same v. Kept are 6 and 3, so the words lie at v · σ: a word and its synonym
    at 1 and 1/√2, the words they share at twice as much; √2 and 1, which tell synonyms apart, are dropped.
    """
    params = lsa.fit(TALES, Config(6, "counts", n_components=2))
    np.testing.assert_allclose(params["singular_values"], [sqrt(6), sqrt(3)], rtol=1e-12)
    half = 1 / sqrt(2)
    expected = [[0, half], [0, half], [0, 2 * half], [1, 0], [1, 0], [2, 0]]
    np.testing.assert_allclose(lsa.term_vectors(params), expected, atol=1e-12)
    assert cosine(TALES[:, DOG], TALES[:, CANINE]) == 0
    for one, other, near in (DOG, CANINE, 1), (CAT, FELINE, 1), (DOG, CAT, 0), (CANINE, BARKS, 1):
        assert cosine(*lsa.term_vectors(params)[[one, other]]) == pytest.approx(near, abs=1e-12)
    documents = lsa.forward(params, TALES, Config(6, "counts", n_components=2))
    np.testing.assert_allclose(documents[0], [0, 3 / sqrt(6)], atol=1e-12)
    np.testing.assert_allclose(documents[5], [3 / sqrt(6), 0], atol=1e-12)


def test_two_texts_without_a_common_word_are_explained_by_their_words():
    """dog and canine, each alone: the cosine is 1 with 2 dimensions, half told by either word."""
    params = lsa.fit(TALES, Config(6, "counts", n_components=2))
    one_hot = np.eye(6)
    terms = word_terms(one_hot[DOG], one_hot[CANINE], params["components"].T, WORDS)
    assert dict(terms) == {"dog": pytest.approx(0.5), "canine": pytest.approx(0.5)}


def test_explained_variance_by_hand():
    """Texts a, aaa, b, b: dimension a holds 1 3 0 0, variance 6/4; b 0 0 1 1, variance 1/4."""
    params = lsa.fit(np.array([[1, 0], [3, 0], [0, 1], [0, 1]]), Config(2, "counts", n_components=2))
    np.testing.assert_allclose(params["explained_variance_ratio"], [6 / 7, 1 / 7], rtol=1e-12)


def test_power_iteration_by_hand():
    """XᵀX = diag(4, 1): from (1, 1)/√2, a step leads to (4, 1)/√17, a second to (16, 1)/√257."""
    with Trace() as trace:
        svd.direction(np.diag([2.0, 1.0]), np.empty((0, 2)), np.array([1.0, 1.0]), 0.0, (1e-13, 100))
    np.testing.assert_allclose(trace["iterations.0.sigma"], sqrt(5 / 2), rtol=1e-15)
    np.testing.assert_allclose(trace["iterations.0.v"], np.array([4, 1]) / sqrt(17), rtol=1e-15)
    np.testing.assert_allclose(trace["iterations.1.v"], np.array([16, 1]) / sqrt(257), rtol=1e-15)


@pytest.mark.parametrize("v, expected", [
    ([0.6, -0.8], [-0.6, 0.8]),
    ([-0.5, 0.1, 0.5], [0.5, -0.1, -0.5]),  # a tie: the first decides
    ([-0.5, 0.5 + 1e-12], [0.5, -0.5 - 1e-12]),  # a tie but for rounding
    ([0.0, 0.0], [0.0, 0.0]),
])  # fmt: skip
def test_signs_by_hand(v, expected):
    np.testing.assert_array_equal(svd.signed(np.array(v)), expected)
    np.testing.assert_array_equal(svd.signed(-np.array([v, v])), [expected, expected])


# -- what holds of any decomposition -----------------------------------------------------------------------------------


@few
@given(st.integers(0, 999), st.integers(1, 8), st.tuples(st.integers(8, 20), st.integers(8, 20)))
def test_directions_are_orthonormal_and_nothing_of_that_rank_is_nearer(seed, k, shape):
    """Eckart & Young 1936: what is left of X is the tail of its singular values, Σ σ² over those not kept."""
    X = falling(seed, shape)
    sigmas, components = svd.truncated(X, k, np.random.default_rng(seed))
    np.testing.assert_allclose(components @ components.T, np.eye(k), atol=1e-12)
    np.testing.assert_allclose(sigmas, 0.7 ** np.arange(k), rtol=1e-12)
    left = X - X @ components.T @ components
    tail = 0.7 ** (2 * np.arange(k, min(shape)))
    assert (left**2).sum() == pytest.approx(tail.sum(), rel=1e-9)


@few
@given(st.integers(0, 999))
def test_the_start_does_not_matter_and_every_step_stretches_more(seed):
    X = falling(1)
    with Trace() as trace:
        _, components = svd.truncated(X, 3, np.random.default_rng(seed))
    np.testing.assert_allclose(components, svd.truncated(X, 3, np.random.default_rng(0))[1], atol=1e-11)
    for i in range(3):
        sigmas = [trace[name] for name in trace if name.startswith(f"components.{i}.") and name.endswith("sigma")]
        assert (np.diff(sigmas) > -1e-14).all()


@few
@given(st.integers(0, 999), st.integers(1, 6))
def test_the_rank_is_found(seed, rank):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(15, rank)) @ rng.normal(size=(rank, 12))
    for sigmas, components in (svd.truncated(X, 8, rng), fast.truncated(csr_array(X), 8, seed)):
        assert len(sigmas) == len(components) == rank


@few
@given(st.integers(0, 99))
def test_similarities_are_those_of_the_weighted_counts_when_all_dimensions_are_kept(seed):
    bags = random_bags(seed, (12, 7))
    assume(np.linalg.matrix_rank(bags) == 7)
    config = Config(7, n_components=7)
    model = LSA.fit(csr_matrix(bags), config)
    weighted = model.counts.weigh(bags).toarray()
    np.testing.assert_allclose(model.encode(bags) @ model.encode(bags).T, weighted @ weighted.T, atol=1e-5)
    np.testing.assert_allclose(model.term_vectors @ model.term_vectors.T, weighted.T @ weighted, atol=1e-9)
    assert model.explained_variance_ratio.sum() == pytest.approx(1)


def test_duplicated_documents_change_no_direction():
    bags = random_bags(1)
    once = LSA.fit(csr_matrix(bags), Config(25, "counts", n_components=4)).export()
    twice = LSA.fit(csr_matrix(np.repeat(bags, 2, axis=0)), Config(25, "counts", n_components=4)).export()
    np.testing.assert_allclose(twice["components"], once["components"], atol=1e-10)
    np.testing.assert_allclose(twice["singular_values"], sqrt(2) * once["singular_values"], rtol=1e-12)


def test_numbers_have_the_declared_names_and_shapes(monkeypatch):
    monkeypatch.setattr(names, "NUMBERS", word_name_table.NUMBERS)
    monkeypatch.setattr(names, "PARAMETERS", word_name_table.PARAMETERS)
    bags, config = random_bags(2), Config(25, n_components=3)
    with Trace() as fitted:
        params = lsa.fit(bags, config)
    with Trace() as trace:
        lsa.forward(params, bags, config)
        lsa.term_vectors(params)
    sizes = {"V": 25, "N": 40, "S": 3}
    assert names.check_shapes(trace, "lsa", sizes) == names.check_shapes(fitted, "lsa", sizes) == sizes
    names.check_shapes(params, "lsa", sizes)
    assert params.keys() == word_name_table.PARAMETERS["lsa"].keys()


# -- agreement ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [1, 5, 25])
def test_numpy_agrees(k):
    """Power iteration, ARPACK and, where all 25 are asked for, LAPACK."""
    X = falling(3)
    _, sigmas, components = np.linalg.svd(X, full_matrices=False)
    for found in (svd.truncated(X, k, np.random.default_rng(0)), fast.truncated(csr_array(X), k, 0)):
        np.testing.assert_allclose(found[0], sigmas[:k], rtol=0, atol=1e-12)
        np.testing.assert_allclose(found[1], svd.signed(components[:k]), rtol=0, atol=1e-9 if k == 25 else 1e-11)


@pytest.mark.parametrize("choices", [
    {}, {"weighting": "counts"}, {"weighting": "bm25", "k1": 2.0}, {"sublinear": True}, {"n_components": 1},
], ids=str)  # fmt: skip
def test_the_fast_form_agrees(choices):
    config, bags = Config(25, **{"n_components": 4} | choices), random_bags(4)
    params, model = lsa.fit(bags, config), LSA.fit(csr_matrix(bags), config)
    assert params.keys() == model.export().keys()
    for name, expected in params.items():
        np.testing.assert_allclose(model.export()[name], expected, rtol=0, atol=1e-10, err_msg=name)
    drawn = np.random.default_rng(0).normal(size=(4, 25))
    model = LSA.from_parameters(config, model.export() | {"components": drawn})
    expected = lsa.forward(model.export(), bags, config)
    encoded = model.encode(csr_matrix(bags))
    assert encoded.dtype == np.float32 and encoded.shape == (40, 4)
    np.testing.assert_allclose(encoded, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.term_vectors, lsa.term_vectors(model.export()), rtol=0, atol=1e-12)
    np.testing.assert_allclose(model.scores(bags[:5], bags), cosine(expected[:5, None], expected), atol=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_scikit_learn_agrees(seed):
    bags = random_bags(seed)
    model = LSA.fit(csr_matrix(bags), Config(25, n_components=4))
    weighted = model.counts.weigh(bags)
    theirs = TruncatedSVD(4, algorithm="arpack", random_state=0).fit(weighted)
    ours = model.export()
    np.testing.assert_allclose(ours["components"], svd.signed(theirs.components_), rtol=0, atol=1e-10)
    np.testing.assert_allclose(ours["singular_values"], theirs.singular_values_, rtol=0, atol=1e-10)
    np.testing.assert_allclose(ours["explained_variance_ratio"], theirs.explained_variance_ratio_, rtol=0, atol=1e-10)


def test_it_is_the_same_every_time_and_survives_being_kept():
    bags, config = csr_matrix(random_bags(5)), Config(25, n_components=4)
    model = LSA.fit(bags, config)
    for name, array in LSA.fit(bags, config).export().items():
        np.testing.assert_array_equal(array, model.export()[name], err_msg=name)
    again = LSA.from_parameters(config, load(save(model.export())))
    np.testing.assert_array_equal(again.encode(bags), model.encode(bags))
    assert again.encode(bags[:0]).shape == (0, 4)


def test_a_text_without_known_words_lies_at_zero():
    model = LSA.fit(csr_matrix(random_bags(5)), Config(25, n_components=4))
    assert not model.encode(np.zeros((1, 25), int)).any()
    assert not model.scores(np.zeros((1, 25), int), random_bags(5)).any()


# -- bad input ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bags, choices, said", [
    (TALES, {"n_components": 7}, "n_components is 7, but these documents differ in 4 directions only: n_components=4"),
    (TALES, {"n_components": 5}, "differ in 4 directions only: n_components=4 would work, .* if_too_many=lower"),
    (np.repeat(TALES[:1], 3, axis=0), {"n_components": 2}, "differ in 1 direction only"),
    (TALES[:1], {"n_components": 1}, "at least two documents.*got one"),
    (TALES[:1], {"if_too_many": "lower"}, "at least two documents"),
    (TALES[:0], {}, "no documents"),
    (TALES * 0, {}, "none of the 6 documents has a word"),
])  # fmt: skip
def test_too_little_to_decompose(bags, choices, said):
    for fit in (lsa.fit, LSA.fit):
        with pytest.raises(HornbookError, match=said):
            fit(bags, Config(6, "counts", **choices))


@pytest.mark.parametrize("asked", [5, 6, 100])
def test_the_number_offered_works_and_one_more_does_not(asked):
    for fit in (lsa.fit, LSA.fit):
        with pytest.raises(HornbookError) as said:
            fit(TALES, Config(6, "counts", n_components=asked))
        offered = int(re.search("n_components=([0-9]+) would work", str(said.value))[1])
        fit(TALES, Config(6, "counts", n_components=offered))
        with pytest.raises(HornbookError, match=f"n_components={offered} would work"):
            fit(TALES, Config(6, "counts", n_components=offered + 1))


def test_of_many_documents_the_most_is_told_without_a_decomposition(monkeypatch):
    monkeypatch.setattr(fast, "MANY", 5)
    with pytest.raises(HornbookError, match=r"cannot differ in more than 6 directions, and may in fewer: .*=lower"):
        LSA.fit(TALES, Config(6, "counts", n_components=7))
    assert LSA.fit(TALES, Config(6, "counts", n_components=7, if_too_many="lower")).config.n_components == 4


@pytest.mark.parametrize("asked", [5, 6, 100])
def test_dimensions_are_lowered_to_the_rank_where_that_is_wanted(asked):
    config = Config(6, "counts", n_components=asked, if_too_many="lower")
    model = LSA.fit(TALES, config)
    assert model.encode(TALES).shape == (6, 4) == lsa.forward(lsa.fit(TALES, config), TALES, config).shape
    assert model.config.n_components == LSA.from_parameters(config, model.export()).config.n_components == 4


@pytest.mark.parametrize("choices, said", [
    ({"n_components": 0}, "n_components is 0; it needs a whole number of at least 1"),
    ({"n_components": 2.5}, "n_components is 2.5; it needs a whole number"),
    ({"n_components": "x"}, 'n_components is "x"'),
    ({"seed": -1}, "seed is -1; it needs a whole number of at least 0"),
    ({"if_too_many": "lowr"}, 'if_too_many is "lowr".*"lower"'),
    ({"weighting": "tfdif"}, '"tfidf"'),
    ({"weighting": "tfidf", "k1": 2.0}, "k1 changes nothing in tfidf"),
])  # fmt: skip
def test_settings_that_make_no_sense(choices, said):
    with pytest.raises(HornbookError, match=said):
        Config(6, **choices)
