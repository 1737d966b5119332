"""The parts of networks: worked out on paper, their laws, and agreement with PyTorch, values and gradients."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook.reference import activations, layers

seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=15)


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


# By hand


def test_softmax_of_the_introduction():
    shares = layers.softmax(np.array([0.1, 0.3, 0.8, 0.2, 0.1, 2.1, 0.4]))
    assert round(shares[5], 3) == 0.490
    assert shares.sum() == pytest.approx(1)


def test_softmax_by_hand():
    """e^ln 3 : e^0 = 3 : 1; the way back of dy = (1, 0) is y (dy − 3/4) = (3/16, −3/16)."""
    y = layers.softmax(np.array([math.log(3), 0, -np.inf]))
    assert y == pytest.approx(np.array([0.75, 0.25, 0]))
    assert layers.softmax_backward(np.array([1.0, 0, 0]), y) == pytest.approx(np.array([3, -3, 0]) / 16)


def test_linear_by_hand():
    x, w, b = np.array([[1.0, 2.0]]), np.array([[1.0, 1.0], [0.0, 3.0]]), np.array([10.0, 20.0])
    assert layers.linear(x, w, b).tolist() == [[13, 26]]
    dx, dw, db = layers.linear_backward(np.array([[1.0, 10.0]]), x, w)
    assert (dx.tolist(), dw.tolist(), db.tolist()) == ([[1, 31]], [[1, 2], [10, 20]], [1, 10])


def test_norms_by_hand():
    """(1, 3) has mean 2 and variance 1; (3, 4) over its root mean square √12.5, (1, 7) over √25."""
    assert layers.layernorm(np.array([1.0, 3.0]), np.array([10, 10]), np.array([1, 1]), eps=0).tolist() == [-9, 11]
    assert layers.rmsnorm(np.array([1.0, 7.0]), eps=0) == pytest.approx(np.array([0.2, 1.4]))


def test_activations_by_hand():
    """A bell curve has 84.134 % of its mass below 1."""
    x = np.array([-1.0, 0.0, 1.0, 2.0])
    assert activations.relu(x).tolist() == [0, 0, 1, 2]
    assert activations.relu2(x).tolist() == [0, 0, 1, 4]
    assert activations.gelu(x) == pytest.approx(np.array([-0.15866, 0, 0.84134, 1.95450]), abs=1e-5)


def test_gelu_by_tanh_is_off_by_at_most_what_it_says():
    x = np.linspace(-6, 6, 2001)
    assert 0.0004 < np.abs(activations.gelu_tanh(x) - activations.gelu(x)).max() < 0.0005


def test_rotary_by_hand():
    """Of two pairs the first turns by 1 radian a position, the second by 10000^(−1/2) = 0.01."""
    x = np.tile([1.0, 0.0, 0.0, 1.0], (3, 1))
    expected = [math.cos(2), math.sin(2), -math.sin(0.02), math.cos(0.02)]
    assert layers.rotary(x)[2] == pytest.approx(np.array(expected))
    assert layers.rotary(x)[0].tolist() == x[0].tolist()


# Laws


@few
@given(seeds, st.floats(-500, 500))
def test_softmax_is_a_share_and_ignores_a_shift(seed, shift):
    x = random(3, 5, seed=seed)
    assert layers.softmax(x).sum(-1) == pytest.approx(np.ones(3))
    assert layers.softmax(x + shift) == pytest.approx(layers.softmax(x), abs=1e-12)


@few
@given(seeds, st.floats(0.01, 100))
def test_norms_ignore_the_scale_of_a_row(seed, scale):
    x = random(3, 8, seed=seed)
    assert layers.rmsnorm(scale * x, eps=0) == pytest.approx(layers.rmsnorm(x, eps=0))
    assert (layers.rmsnorm(x, eps=0) ** 2).mean(-1) == pytest.approx(np.ones(3))
    normal = layers.layernorm(scale * x + 3, np.ones(8), np.zeros(8), eps=0)
    assert normal == pytest.approx(layers.layernorm(x, np.ones(8), np.zeros(8), eps=0), abs=1e-9)


@few
@given(seeds)
def test_rotary_keeps_lengths_and_knows_only_distances(seed):
    q, k = (np.tile(random(8, seed=seed + part), (6, 1)) for part in (0, 1))
    turned_q, turned_k = layers.rotary(q), layers.rotary(k)
    assert np.linalg.norm(turned_q, axis=-1) == pytest.approx(np.linalg.norm(q, axis=-1))
    fit = turned_q @ turned_k.T
    assert fit[1:, 1:] == pytest.approx(fit[:-1, :-1])  # the same on every diagonal
    assert layers.rotary_backward(turned_q) == pytest.approx(q)


# Agreement with PyTorch, in float64 on random numbers


def same_as_torch(ours, theirs, backward, *arrays):
    """Values and gradients agree to 1e-12; `backward` gives the gradients of the arrays in turn."""
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    y, y_torch = ours(*arrays), theirs(*tensors)
    np.testing.assert_allclose(y, y_torch.detach().numpy(), rtol=1e-12, atol=1e-12)
    dy = random(*y.shape, seed=9)
    y_torch.backward(torch.from_numpy(dy))
    for grad, tensor in zip(backward(dy, *arrays), tensors, strict=True):
        np.testing.assert_allclose(grad, tensor.grad.numpy(), rtol=1e-12, atol=1e-12)


def test_softmax_agrees():
    same_as_torch(
        layers.softmax, lambda x: x.softmax(-1), lambda dy, x: [layers.softmax_backward(dy, layers.softmax(x))],
        random(2, 3, 5),
    )  # fmt: skip


def test_linear_agrees():
    same_as_torch(
        layers.linear, F.linear, lambda dy, x, w, b: layers.linear_backward(dy, x, w),
        random(2, 3, 5), random(4, 5, seed=1), random(4, seed=2),
    )  # fmt: skip


def test_layernorm_agrees():
    def backward(dy, x, weight, bias):
        dx, grads = layers.layernorm_backward(dy, x, weight, bias)
        return dx, grads["weight"], grads["bias"]

    same_as_torch(
        layers.layernorm, lambda x, weight, bias: F.layer_norm(x, (5,), weight, bias), backward,
        random(2, 3, 5), random(5, seed=1), random(5, seed=2),
    )  # fmt: skip


def test_rmsnorm_agrees():
    same_as_torch(
        layers.rmsnorm, lambda x: F.rms_norm(x, (5,), eps=1e-5), lambda dy, x: layers.rmsnorm_backward(dy, x)[:1],
        random(2, 3, 5) / 100,  # small enough for eps to matter
    )  # fmt: skip


@pytest.mark.parametrize(
    "name, theirs",
    [
        ("relu", F.relu),
        ("gelu", F.gelu),
        ("gelu_tanh", lambda x: F.gelu(x, approximate="tanh")),
        ("relu2", lambda x: F.relu(x).square()),
    ],
)
def test_activations_agree(name, theirs):
    forward, backward = activations.ACTIVATIONS[name]
    same_as_torch(forward, theirs, lambda dy, x: [backward(dy, x)], 3 * random(4, 50))


def test_every_activation_is_tested():
    assert set(activations.ACTIVATIONS) == {"relu", "gelu", "gelu_tanh", "relu2"}
    assert set(layers.NORMS) == {"layernorm", "rmsnorm"}
