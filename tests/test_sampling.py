"""Sampling: filters on paper, laws, and agreement with the definitions of Hugging Face's logits warpers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook import HornbookError
from hornbook.reference.sampling import FILTERS, draw, greedy, min_p, probabilities, top_k, top_p

PROBS = np.array([0.1, 0.4, 0.05, 0.25, 0.2])
LOGITS = np.log(PROBS)

rows = st.lists(st.integers(-2000, 2000), min_size=1, max_size=12).map(lambda row: np.array(row) / 100)
choices = st.fixed_dictionaries(
    {},
    optional={
        "temperature": st.floats(0.05, 5),
        "top_k": st.integers(1, 15),
        "top_p": st.floats(0.01, 1),
        "min_p": st.floats(0.01, 1),
    },
)


def test_filters_by_hand():
    assert top_k(PROBS, 2) == pytest.approx([0, 0.4, 0, 0.25, 0])
    assert top_p(PROBS, 0.6) == pytest.approx([0, 0.4, 0, 0.25, 0])  # 0.4 is not enough, 0.65 is
    assert top_p(PROBS, 0.39) == pytest.approx([0, 0.4, 0, 0, 0])
    assert top_p(np.array([0.5, 0.25, 0.25]), 0.5).tolist() == [0.5, 0, 0]  # 0.5 is just enough
    assert min_p(PROBS, 0.5) == pytest.approx([0, 0.4, 0, 0.25, 0.2])  # at least 0.2


def test_probabilities_by_hand():
    assert probabilities(LOGITS) == pytest.approx(PROBS)
    squares = PROBS**2
    assert probabilities(LOGITS, temperature=0.5) == pytest.approx(squares / squares.sum())
    assert probabilities(LOGITS, top_k=2) == pytest.approx([0, 0.4 / 0.65, 0, 0.25 / 0.65, 0])


def test_order_is_temperature_then_top_k_then_top_p_then_min_p():
    """After top-k 3 the shares are 8/17, 5/17, 4/17: top-p 0.75 keeps two of them, where 0.75 of all keeps three."""
    assert list(FILTERS) == ["top_k", "top_p", "min_p"]
    assert np.flatnonzero(probabilities(LOGITS, top_p=0.75)).tolist() == [1, 3, 4]
    assert np.flatnonzero(probabilities(LOGITS, top_k=3, top_p=0.75)).tolist() == [1, 3]
    assert np.flatnonzero(probabilities(LOGITS, temperature=0.5, top_p=0.75)).tolist() == [1, 3]
    assert np.flatnonzero(probabilities(LOGITS, top_k=3, min_p=0.6)).tolist() == [1, 3]


def test_equals_rank_by_id():
    even = np.zeros(4)
    assert greedy(even).tolist() == [1, 0, 0, 0]
    assert probabilities(even, top_k=2).tolist() == [0.5, 0.5, 0, 0]
    assert np.flatnonzero(top_k(np.full(500, 1 / 500), 40)).tolist() == list(range(40))
    assert probabilities(even, top_p=0.6).tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0])


def test_draw_by_hand():
    """The ends lie at 0.1, 0.5, 0.55, 0.8, 1."""
    assert [draw(PROBS, u) for u in (0, 0.0999, 0.1001, 0.4999, 0.5001, 0.7, 0.9)] == [0, 0, 1, 1, 2, 3, 4]
    assert draw(PROBS, 1 - 2**-53) == 4
    assert draw(np.array([0.0, 0.0, 1.0, 0.0]), 0.0) == 2
    assert draw(np.array([0.0, 0.0, 1.0, 0.0]), 1 - 2**-53) == 2


def test_draws_come_as_often_as_they_should():
    rng = np.random.default_rng(0)
    counts = np.bincount([draw(PROBS, u) for u in rng.random(20_000)], minlength=5)
    spread = np.sqrt(20_000 * PROBS * (1 - PROBS))
    assert (np.abs(counts - 20_000 * PROBS) < 5 * spread).all()


def test_struck_out_tokens_are_never_drawn():
    logits = np.array([-np.inf, 1.0, -np.inf, 0.0])
    assert probabilities(logits, top_k=4)[[0, 2]].tolist() == [0, 0]
    assert probabilities(logits, temperature=0).tolist() == [0, 1, 0, 0]


@given(rows, choices)
def test_always_a_distribution_that_keeps_the_order(logits, choice):
    probs = probabilities(logits, **choice)
    assert probs.sum() == pytest.approx(1, abs=1e-12) and (probs >= 0).all()
    ranked = probs[np.argsort(-logits, kind="stable")]
    assert (np.diff(ranked) <= 0).all()
    assert probs[np.argmax(logits)] == probs.max() > 0


@given(rows, choices, st.floats(0, 1, exclude_max=True))
def test_only_what_is_left_is_drawn(logits, choice, u):
    probs = probabilities(logits, **choice)
    assert probs[draw(probs, u)] > 0


@given(rows)
def test_limits(logits):
    assert (probabilities(logits, top_k=1) == greedy(logits)).all()
    assert (probabilities(logits, temperature=0) == greedy(logits)).all()
    everything = probabilities(logits)
    assert probabilities(logits, top_k=len(logits)) == pytest.approx(everything, abs=1e-15)
    assert probabilities(logits, top_p=1.0) == pytest.approx(everything, rel=1e-15, abs=0)
    assert (np.flatnonzero(probabilities(logits, min_p=1.0)) == np.flatnonzero(everything == everything.max())).all()


@given(st.lists(st.integers(-20, 20), min_size=2, max_size=9, unique=True).map(lambda row: np.array(row, float)))
def test_a_temperature_towards_zero_becomes_greedy(logits):
    for temperature in (0.01, 1e-10, 1e-310):
        assert probabilities(logits, temperature) == pytest.approx(greedy(logits), abs=1e-12)


def warped(logits, temperature, k, p, share):
    """What Hugging Face's four warpers do, in turn, to scores without ties: the reverse cumulative sum for top-p."""
    scores = [score / temperature for score in logits]
    kth = sorted(scores, reverse=True)[min(k, len(scores)) - 1]
    scores = [score if score >= kth else -math.inf for score in scores]
    rising = sorted(range(len(scores)), key=lambda i: scores[i])
    chances, total = softmaxed(scores), 0.0
    for i in rising[:-1]:
        total += chances[i]
        if total <= 1 - p:
            scores[i] = -math.inf
    chances = softmaxed(scores)
    scores = [score if chance >= share * max(chances) else -math.inf for score, chance in zip(scores, chances)]
    return softmaxed(scores)


def softmaxed(scores):
    grown = [math.exp(score - max(scores)) for score in scores]
    return [value / sum(grown) for value in grown]


@settings(max_examples=200)
@given(st.integers(0, 2**32 - 1))
def test_equals_the_warpers(seed):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=rng.integers(1, 30)) * 3
    choice = rng.uniform(0.2, 3), int(rng.integers(1, 31)), rng.uniform(0.1, 0.99), rng.uniform(0.01, 1)
    assert probabilities(logits, *choice) == pytest.approx(np.array(warped(logits, *choice)), abs=1e-12)


@pytest.mark.parametrize(
    "wrong", [{"temperature": -1}, {"temperature": math.nan}, {"top_k": 0}, {"top_p": 0}, {"top_p": 1.5}, {"min_p": 2}]
)
def test_settings_that_make_no_sense_are_said_plainly(wrong):
    (name,) = wrong
    with pytest.raises(HornbookError, match=f"{name} is .* needs to be"):
        probabilities(LOGITS, **wrong)
