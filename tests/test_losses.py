"""Losses and first values: a softmax on paper, laws, and agreement with PyTorch."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook import HornbookError, Trace
from hornbook.reference.init import INITS
from hornbook.reference.losses import bits_per_character, cross_entropy, cross_entropy_backward, log_softmax, perplexity

rows = st.lists(st.floats(-50, 50), min_size=2, max_size=9)


def test_two_logits_by_hand():
    """softmax(ln 3, 0) = (3/4, 1/4), so the surprises are ln 4/3 and ln 4."""
    logits = np.array([[math.log(3), 0.0], [math.log(3), 0.0]])
    targets = np.array([0, 1])
    assert np.exp(log_softmax(logits)) == pytest.approx(np.array([[0.75, 0.25], [0.75, 0.25]]), abs=1e-15)
    assert cross_entropy(logits, targets) == pytest.approx((math.log(4 / 3) + math.log(4)) / 2, abs=1e-15)
    expected = np.array([[-0.25, 0.25], [0.75, -0.75]]) / 2
    assert cross_entropy_backward(logits, targets) == pytest.approx(expected, abs=1e-15)


def test_the_seven_scores_of_the_introduction():
    scores = np.array([0.1, 0.3, 0.8, 0.2, 0.1, 2.1, 0.4])
    assert round(float(np.exp(log_softmax(scores))[5]), 3) == 0.490
    assert round(float(cross_entropy(scores, np.array(5))), 4) == 0.7133


def test_units_by_hand():
    assert perplexity(math.log(27)) == pytest.approx(27)
    assert bits_per_character(math.log(2), tokens=10, characters=40) == pytest.approx(0.25)


@given(rows)
def test_probabilities_sum_to_one_and_a_shift_changes_nothing(row):
    logits = np.array(row)
    assert np.exp(log_softmax(logits)).sum() == pytest.approx(1, abs=1e-12)
    assert log_softmax(logits + 7.0) == pytest.approx(log_softmax(logits), abs=1e-12)
    assert cross_entropy_backward(logits, np.array(1)).sum() == pytest.approx(0, abs=1e-12)


def test_huge_logits_stay_finite():
    logits = np.array([[1e4, 0.0], [-1e4, 0.0]])
    assert cross_entropy(logits, np.array([1, 0])) == 1e4
    assert np.isfinite(cross_entropy_backward(logits, np.array([1, 0]))).all()


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_gradient_is_the_slope(seed):
    rng = np.random.default_rng(seed)
    logits, targets = rng.normal(size=(2, 3, 5)), rng.integers(0, 5, (2, 3))
    direction = rng.normal(size=logits.shape)
    ahead, behind = (cross_entropy(logits + step * direction, targets) for step in (1e-5, -1e-5))
    along = (cross_entropy_backward(logits, targets) * direction).sum()
    assert along == pytest.approx((ahead - behind) / 2e-5, abs=1e-8)


def test_names_of_the_numbers():
    logits, targets = np.zeros((2, 3, 4)), np.ones((2, 3), int)
    with Trace() as trace:
        cross_entropy(logits, targets)
        cross_entropy_backward(logits, targets)
    assert {name: trace[name].shape for name in trace} == {
        "targets": (2, 3), "logprobs": (2, 3, 4), "loss": (), "grad.logits": (2, 3, 4),
    }  # fmt: skip


@pytest.mark.parametrize(
    "targets, words", [([0, 4], "target 4 is not one"), ([0, -1], "target -1 is"), ([0, 1, 2], "one a row")]
)
def test_wrong_targets_are_said_plainly(targets, words):
    with pytest.raises(HornbookError, match=words):
        cross_entropy(np.zeros((2, 4)), np.array(targets, int))


def test_equals_pytorch():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    logits, targets = 5 * rng.normal(size=(3, 4, 11)), rng.integers(0, 11, (3, 4))
    theirs = torch.tensor(logits, requires_grad=True)
    loss = torch.nn.functional.cross_entropy(theirs.flatten(0, 1), torch.tensor(targets).flatten())
    loss.backward()
    assert cross_entropy(logits, targets) == pytest.approx(loss.item(), abs=1e-12)
    assert cross_entropy_backward(logits, targets) == pytest.approx(theirs.grad.numpy(), abs=1e-12)


@pytest.mark.parametrize(
    "name, spread", [("normal", 0.02), ("unit", 1), ("xavier", math.sqrt(2 / 700)), ("he", math.sqrt(2 / 400))]
)
def test_first_values_have_the_spread_of_their_formula(name, spread):
    """300 · 400 draws: the measured spread is within five of its standard errors, spread / √(2n)."""
    weights = INITS[name](np.random.default_rng(0), (300, 400))
    assert weights.std() == pytest.approx(spread, abs=5 * spread / math.sqrt(2 * weights.size))
    assert weights.mean() == pytest.approx(0, abs=5 * spread / math.sqrt(weights.size))
