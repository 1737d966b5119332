"""Masked tokens: the shares there should be, who is never asked for, and that chance is the generator's alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from hornbook import HornbookError, Trace
from hornbook.reference.masking import MASKED, RANDOM, SHARE, Vocabulary, masked
from hornbook.reference.names import check_shapes

SPECIALS = range(5)
VOCABULARY = Vocabulary(1000, SPECIALS, 4)
N = 100_000


def within(count, n, p):
    """Whether a count is one that n throws give all but once in a billion times."""
    return binom.ppf(1e-9, n, p) <= count <= binom.isf(1e-9, n, p)


def test_shares_are_those_of_the_paper():
    ids = np.random.default_rng(0).integers(5, 1000, N)
    inputs, asked = masked(ids, VOCABULARY, np.random.default_rng(1))
    n = int(asked.sum())
    assert within(n, N, SHARE)
    assert within((inputs[asked] == 4).sum(), n, MASKED)
    kept = (1 - MASKED - RANDOM) + RANDOM / 995  # a random word is sometimes the true one
    assert within((inputs[asked] == ids[asked]).sum(), n, kept)
    np.testing.assert_array_equal(inputs[~asked], ids[~asked])


def test_random_words_are_all_words_alike():
    ids = np.full(N, 7)
    inputs, asked = masked(ids, Vocabulary(10, SPECIALS, 4), np.random.default_rng(0), share=0.99)
    drawn = inputs[asked & (inputs != 4) & (inputs != 7)]
    counts = np.bincount(drawn, minlength=10)
    assert not counts[:5].any()
    assert all(within(counts[word], len(drawn), 1 / 4) for word in (5, 6, 8, 9))


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 0.99))
def test_specials_are_neither_asked_for_nor_changed(seed, share):
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, 12, (4, 20))
    inputs, asked = masked(ids, Vocabulary(12, SPECIALS, 4), rng, share)
    assert not asked[ids < 5].any()
    np.testing.assert_array_equal(inputs[ids < 5], ids[ids < 5])
    assert set(np.unique(inputs[asked])) <= {4, *range(5, 12)}


def test_the_generator_is_all_the_chance_there_is():
    ids = np.random.default_rng(0).integers(5, 1000, (8, 64))
    first, again, other = (masked(ids, VOCABULARY, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert all((one == two).all() for one, two in zip(first, again))
    assert (first[0] != other[0]).any()


def test_every_number_has_a_name():
    with Trace() as trace:
        masked(np.full((2, 3), 6), VOCABULARY, np.random.default_rng(0))
    assert list(trace) == ["ids", "asked", "inputs"]
    assert check_shapes(trace, "masking") == {"B": 2, "T": 3}


def test_what_cannot_be_masked_is_refused():
    with pytest.raises(HornbookError, match="has no <MASK>"):
        Vocabulary(10, SPECIALS, None)
    with pytest.raises(HornbookError, match="nothing but specials"):
        Vocabulary(5, SPECIALS, 4)
    with pytest.raises(HornbookError, match=r"share of 1\.5"):
        masked(np.full(3, 6), VOCABULARY, np.random.default_rng(0), 1.5)
