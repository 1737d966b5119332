"""The RNN: two steps on paper, its Jacobian, agreement with torch.nn.RNN. All it shares is in test_recurrent.py."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook import Trace
from hornbook.reference import rnn
from hornbook.reference.gradient_flow import gradient_norms, jacobian_norms

ONE = np.ones((1, 1))


def test_two_steps_by_hand():
    """tanh(ln 2) = 3/5 and tanh(ln 3) = 4/5; back from h₂: 1 − 16/25 = 9/25, then 9/25 · (1 − 9/25) = 144/625."""
    first = rnn.step(math.log(2) * ONE, [0 * ONE], ONE, ONE, np.zeros(1))
    second = rnn.step((math.log(3) - 0.6) * ONE, [first[1]], ONE, ONE, np.zeros(1))
    assert first[1] == pytest.approx(3 / 5) and second[1] == pytest.approx(4 / 5)
    _, dsum, (dh,) = rnn.step_backward([ONE], second, [first[1]], ONE)
    assert dsum == pytest.approx(9 / 25) and dh == pytest.approx(9 / 25)
    assert rnn.step_backward([dh], first, [0 * ONE], ONE)[1] == pytest.approx(144 / 625)


def test_weights_are_full_matrices():
    """Each hidden number hears every input and every hidden number: w_x (2, 3), w_h (2, 2)."""
    x, h = np.array([[1.0, 0.0, 2.0]]), np.array([[1.0, -1.0]])
    w_x, w_h = np.array([[1.0, 5.0, 0.5], [0.0, 5.0, -1.0]]), np.array([[0.5, 2.0], [3.0, 0.0]])
    pre, _ = rnn.step(x, [h], w_x, w_h, np.array([0.5, 1.0]))
    assert pre == pytest.approx(np.array([[1 + 1 + 0.5 - 2 + 0.5, -2 + 3 + 1]]))


def test_a_constant_factor_shrinks_as_its_power():
    """The toy: one number a step, h = 0 throughout, factor 0.8. Thirteen steps back 0.8¹³ = 0.05498 is left."""
    config = rnn.Config(1, embedding_dim=1, hidden_size=1)
    params = {
        "wte": 0 * ONE,
        "layers.0.w_x": ONE,
        "layers.0.w_h": 0.8 * ONE,
        "layers.0.b": np.zeros(1),
        "lm_head": ONE,
        "lm_bias": np.zeros(1),
    }
    with Trace() as trace:
        rnn.forward(params, np.zeros((1, 14), int), config)
        last_only = np.eye(1, 14, 13)[..., None]  # ∂L/∂logits: 1 at the last position
        rnn.backward(params, trace, config, grad_logits=last_only)
    assert trace["grad.layers.0.hidden"][0, :, 0] == pytest.approx(0.8 ** np.arange(13, -1, -1))
    assert round(float(trace["grad.layers.0.hidden"][0, 0, 0]), 5) == 0.05498
    assert jacobian_norms(0.8 * ONE, np.zeros((1, 14, 1))) == pytest.approx(np.full((1, 14), 0.8))


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_no_step_back_grows_a_gradient_beyond_the_jacobian_norm(seed):
    rng = np.random.default_rng(seed)
    w_h, h = rng.normal(size=(4, 4)), np.tanh(rng.normal(size=(2, 4)))
    slopes = (1 - h**2)[..., None] * w_h  # (2, 4, 4)
    norms = jacobian_norms(w_h, h)
    assert norms == pytest.approx(np.linalg.svd(slopes)[1][:, 0])
    dh = rng.normal(size=(2, 4))
    _, _, (dbefore,) = rnn.step_backward([dh], [None, h], [None], w_h)
    assert (np.linalg.norm(dbefore, axis=1) <= norms * np.linalg.norm(dh, axis=1) + 1e-12).all()


def test_small_recurrent_weights_vanish_and_large_ones_do_not():
    rng, config = np.random.default_rng(0), rnn.Config(5, embedding_dim=4, hidden_size=16)
    params = rnn.init(config, rng)
    ids, targets = rng.integers(0, 5, (8, 20)), rng.integers(0, 5, 8)
    reach = {}
    for size in (0.5, 1.5):  # the largest singular value of w_h
        w_h = params["layers.0.w_h"]
        scaled = params | {"layers.0.w_h": size * w_h / np.linalg.norm(w_h, 2)}
        norms = gradient_norms(rnn, scaled, ids, targets, config)["layers.0.hidden"]
        reach[size] = norms[19] / norms[0]
    assert reach[0.5] < 0.5**19 < reach[1.5]


@pytest.mark.parametrize("n_layer", [1, 2])
def test_equals_nn_rnn(n_layer):
    torch = pytest.importorskip("torch")
    config = rnn.Config(7, embedding_dim=5, hidden_size=4, n_layer=n_layer)
    rng = np.random.default_rng(1)
    params = {name: rng.normal(size=value.shape) for name, value in rnn.init(config, rng).items()}
    theirs = torch.nn.RNN(5, 4, n_layer, batch_first=True, dtype=torch.float64)
    for i in range(n_layer):
        for name, value in {"weight_ih": "w_x", "weight_hh": "w_h", "bias_ih": "b"}.items():
            getattr(theirs, f"{name}_l{i}").data = torch.tensor(params[f"layers.{i}.{value}"])
        getattr(theirs, f"bias_hh_l{i}").data.zero_()
    with Trace() as trace:
        rnn.forward(params, rng.integers(0, 7, (3, 6)), config)
    hidden, _ = theirs(torch.tensor(trace["embed"]))
    assert trace[f"layers.{n_layer - 1}.hidden"] == pytest.approx(hidden.detach().numpy(), abs=1e-12)
