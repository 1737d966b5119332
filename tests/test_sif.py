"""SIF: weights and directions by hand, what must hold of any text, and the reference beside the sparse form."""

from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from hornbook import HornbookError, Trace
from hornbook.fast import sif as fast
from hornbook.reference import names, sif, word_name_table
from hornbook.reference.distances import cosine, word_terms

few = settings(max_examples=25, deadline=None)


def random_case(seed, N=30, V=20, D=6):
    """Bags, word vectors that share a direction, counts."""
    rng = np.random.default_rng(seed)
    bags = rng.poisson(0.5, (N, V))
    bags[2] = 0
    return bags, rng.normal(size=(V, D)) + 2 * rng.normal(size=D), rng.integers(0, 1000, V) + (np.arange(V) == 0)


def test_weights_by_hand():
    """p = ½, ¼, ¼, 0 and a = ¼: ¼ / ¾, ¼ / ½, ¼ / ½, 1."""
    expected = [float(Fraction(1, 3)), 0.5, 0.5, 1]
    np.testing.assert_allclose(sif.sif_weights(np.array([2, 1, 1, 0]), a=0.25), expected, rtol=1e-15)


def test_a_mean_by_hand():
    """Twice (1, 0) of weight 1/3 and once (0, 2) of weight 1/2, over three words: (2/9, 1/3)."""
    bags, wte, weights = np.array([[2, 1], [0, 0]]), np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([1 / 3, 1 / 2])
    for mean in (sif.mean(bags, wte, weights), fast.mean(csr_matrix(bags), wte, weights)):
        np.testing.assert_allclose(mean, [[2 / 9, 1 / 3], [0, 0]], rtol=1e-15)


def test_the_common_direction_by_hand():
    """Means (2, 1) and (1, 2) share (1, 1)/√2; without it (½, −½) and (−½, ½) are left: opposites."""
    bags, wte, weights = np.eye(2, dtype=int), np.array([[2.0, 1.0], [1.0, 2.0]]), np.ones(2)
    for form, given_ in (sif, bags), (fast, csr_matrix(bags)):
        direction = form.fit_direction(given_, wte, weights)
        np.testing.assert_allclose(direction, [1 / sqrt(2), 1 / sqrt(2)], rtol=1e-12)
        encoded = form.encode(given_, wte, weights, direction)
        np.testing.assert_allclose(encoded, [[0.5, -0.5], [-0.5, 0.5]], atol=1e-12)
    assert cosine(*wte) == pytest.approx(4 / 5) and cosine(*encoded) == pytest.approx(-1)


@few
@given(st.integers(0, 999), st.floats(1e-5, 1))
def test_weights_fall_with_the_count_and_texts_lose_what_they_share(seed, a):
    bags, wte, counts = random_case(seed)
    weights = sif.sif_weights(counts, a)
    assert (weights > 0).all() and (weights <= 1).all()
    assert (np.diff(weights[np.argsort(counts)]) <= 0).all()
    direction = sif.fit_direction(bags, wte, weights)
    encoded = sif.encode(bags, wte, weights, direction)
    np.testing.assert_allclose(encoded @ direction, 0, atol=1e-12)
    np.testing.assert_allclose(encoded, sif.encode(2 * bags, wte, weights, direction), atol=1e-12)
    assert not encoded[2].any()


@few
@given(st.integers(0, 999))
def test_the_sparse_form_agrees(seed):
    bags, wte, counts = random_case(seed)
    weights = fast.sif_weights(counts)
    np.testing.assert_array_equal(weights, sif.sif_weights(counts))
    direction = fast.fit_direction(csr_matrix(bags), wte, weights)
    np.testing.assert_allclose(direction, sif.fit_direction(bags, wte, weights), rtol=0, atol=1e-12)
    drawn = np.random.default_rng(seed).normal(size=wte.shape[1])
    for u in (direction, drawn):
        expected = sif.encode(bags, wte, weights, u)
        np.testing.assert_allclose(fast.encode(csr_matrix(bags), wte, weights, u), expected, rtol=0, atol=1e-12)


def test_word_vectors_of_half_the_precision_give_texts_of_the_same():
    bags, wte, counts = random_case(1)
    weights = fast.sif_weights(counts)
    expected = sif.encode(bags, wte, weights, sif.fit_direction(bags, wte, weights))
    wte, bags = wte.astype(np.float32), csr_matrix(bags)
    encoded = fast.encode(bags, wte, weights, fast.fit_direction(bags, wte, weights))
    assert encoded.dtype == np.float32
    np.testing.assert_allclose(encoded, expected, atol=1e-5)


def test_a_similarity_is_told_by_words():
    """The mean and the projection are linear: a text's vector is its weighted counts times the projected vectors."""
    bags, wte, counts = random_case(3)
    weights = sif.sif_weights(counts)
    u = sif.fit_direction(bags, wte, weights)
    a, b = sif.encode(bags[:2], wte, weights, u)
    terms = word_terms(*(bags[:2] * weights), wte - np.outer(wte @ u, u), range(20))
    assert sum(value for _, value in terms) == pytest.approx(cosine(a, b), abs=1e-12)


def test_numbers_have_the_declared_names_and_shapes(monkeypatch):
    monkeypatch.setattr(names, "NUMBERS", word_name_table.NUMBERS)
    monkeypatch.setattr(names, "PARAMETERS", word_name_table.PARAMETERS)
    bags, wte, counts = random_case(1)
    sizes = {"N": 30, "V": 20, "D": 6}
    with Trace() as fitted:
        weights = sif.sif_weights(counts)
        direction = sif.fit_direction(bags, wte, weights)
    with Trace() as trace:
        sif.encode(bags, wte, weights, direction)
    assert names.check_shapes(trace, "sif", sizes) == names.check_shapes(fitted, "sif", sizes) == sizes
    names.check_shapes({"wte": wte, "counts": counts, "direction": direction}, "sif", sizes)


def test_bad_input_is_said():
    with pytest.raises(HornbookError, match="a is 0"):
        sif.sif_weights(np.array([1, 2]), a=0)
    with pytest.raises(HornbookError, match="a is nan"):
        sif.sif_weights(np.array([1, 2]), a=float("nan"))
    with pytest.raises(HornbookError, match="counts are all 0"):
        sif.sif_weights(np.array([0, 0]))
    for fit, empty in (sif.fit_direction, np.zeros((3, 2), int)), (fast.fit_direction, csr_matrix((3, 2))):
        with pytest.raises(HornbookError, match="no text has a word"):
            fit(empty, np.ones((2, 4)), np.ones(2))
