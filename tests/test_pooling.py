"""Pooling: worked out on paper, its laws, its gradients as slopes, agreement of the two forms, what it refuses."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook import HornbookError, Trace
from hornbook.fast import pooling as fast
from hornbook.reference import pooling as reference
from hornbook.reference.pooling import POOLINGS, pool, pool_backward, unit

MASK = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 0, 0]], bool)
CASES = [(pooling, normalize) for pooling in POOLINGS for normalize in (False, True)]


def hidden(seed=0):
    return np.random.default_rng(seed).normal(size=(*MASK.shape, 5))


# By hand


def test_poolings_by_hand():
    """Of (3, 0), (0, 4) and padding the mean is (1.5, 2), of length 2.5; the first (3, 0); the largest (3, 4)."""
    tokens, text = np.array([[[3.0, 0.0], [0.0, 4.0], [99.0, 99.0]]]), np.array([[True, True, False]])
    expected = {"mean": [1.5, 2], "first": [3, 0], "max": [3, 4]}
    assert {name: pool(tokens, text, name, normalize=False)[0].tolist() for name in POOLINGS} == expected
    assert pool(tokens, text)[0] == pytest.approx([0.6, 0.8])


def test_gradients_by_hand():
    """The mean shares its blame, the largest takes it all: 3 belongs to the first token, 4 to the second."""
    tokens, text = np.array([[[3.0, 0.0], [0.0, 4.0], [99.0, 99.0]]]), np.array([[True, True, False]])
    back = {name: pool_backward(np.array([[1.0, 10.0]]), tokens, text, name, normalize=False)[0].tolist()
            for name in POOLINGS}  # fmt: skip
    assert back["mean"] == [[0.5, 5], [0.5, 5], [0, 0]]
    assert back["first"] == [[1, 10], [0, 0], [0, 0]]
    assert back["max"] == [[1, 0], [0, 10], [0, 0]]
    assert reference.unit_backward(np.array([1.0, 0.0]), np.array([3.0, 4.0])) == pytest.approx([0.128, -0.096])


def test_a_vector_of_zeros_stays_one():
    nothing = np.zeros((1, 3))
    assert not unit(nothing).any()
    assert np.isfinite(reference.unit_backward(np.ones((1, 3)), nothing)).all()


# Laws


@pytest.mark.parametrize("pooling, normalize", CASES)
def test_padding_takes_no_part(pooling, normalize):
    x = hidden()
    other = np.where(MASK[..., None], x, 1e6)
    np.testing.assert_array_equal(pool(x, MASK, pooling, normalize), pool(other, MASK, pooling, normalize))
    back = pool_backward(np.ones((3, 5)), x, MASK, pooling, normalize)
    assert not back[~MASK].any()


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100))
def test_length_one_whatever_the_length(seed, scale):
    x = np.random.default_rng(seed).normal(size=(3, 5))
    assert np.linalg.norm(unit(scale * x), axis=-1) == pytest.approx(np.ones(3))
    assert unit(scale * x) == pytest.approx(unit(x))


@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_the_order_of_tokens_means_nothing(pooling):
    x = hidden()
    turned = x.copy()
    turned[0], turned[1, :2] = x[0, ::-1], x[1, 1::-1]
    np.testing.assert_allclose(pool(turned, MASK, pooling), pool(x, MASK, pooling), rtol=0, atol=1e-15)


@pytest.mark.parametrize("pooling, normalize", CASES)
def test_gradients_are_slopes(pooling, normalize):
    x, rng = hidden(), np.random.default_rng(1)
    own, direction = rng.normal(size=(3, 5)), rng.normal(size=x.shape)
    ahead, behind = ((pool(x + h * direction, MASK, pooling, normalize) * own).sum() for h in (1e-6, -1e-6))
    slope = (pool_backward(own, x, MASK, pooling, normalize) * direction).sum()
    assert slope == pytest.approx((ahead - behind) / 2e-6, rel=1e-7)


# Agreement


@pytest.mark.parametrize("pooling, normalize", CASES)
def test_forms_agree(pooling, normalize):
    x, own = hidden(), np.random.default_rng(1).normal(size=(3, 5))
    x[0, 1], x[0, 3] = x[0, 0], x[0, 2]  # of equals, both give the blame to the first
    with Trace() as ours:
        pool(x, MASK, pooling, normalize)
        grad = pool_backward(own, x, MASK, pooling, normalize)
    tensor = torch.tensor(x, requires_grad=True)
    with Trace(gradients=True) as theirs:
        (fast.pool(tensor, torch.from_numpy(MASK), pooling, normalize) * torch.from_numpy(own)).sum().backward()
    theirs.add_gradients()
    np.testing.assert_allclose(tensor.grad, grad, rtol=0, atol=1e-14)
    assert set(theirs) == set(ours)
    for name in ours:
        np.testing.assert_allclose(theirs[name], ours[name], rtol=0, atol=1e-14, err_msg=name)


def test_the_table_is_the_same():
    assert list(fast.POOLINGS) == list(POOLINGS)


# Bad input


def test_what_cannot_be_pooled_is_refused():
    with pytest.raises(HornbookError, match=r'no pooling "men"\. Did you mean "mean"'):
        pool(hidden(), MASK, "men")
    with pytest.raises(HornbookError, match="text 2 has no token"):
        pool(hidden(), MASK & (np.arange(3) < 2)[:, None])
