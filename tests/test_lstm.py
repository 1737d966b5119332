"""The LSTM: a step on paper, laws of its gates, agreement with torch.nn.LSTM. All it shares is in test_recurrent.py."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook import Trace
from hornbook.reference import lstm
from hornbook.reference.lstm import sigmoid, step, step_backward

LN2, LN3 = math.log(2), math.log(3)
BY_HAND = np.array([LN3, 0.0, LN2, -LN3])  # b: σ(ln 3) = 3/4, σ(0) = 1/2, tanh(ln 2) = 3/5, σ(−ln 3) = 1/4
ZERO = np.zeros((1, 1))
NONE = np.zeros((4, 1))


def test_a_step_by_hand():
    """c = ½ · 0.1 + ¾ · 0.6 = 0.5, h = ¼ tanh 0.5."""
    i, f, g, o, c, h = step(ZERO, [ZERO + 0.1, ZERO], NONE, NONE, BY_HAND)
    assert [float(x[0, 0]) for x in (i, f, g, o, c)] == pytest.approx([0.75, 0.5, 0.6, 0.25, 0.5])
    assert h == pytest.approx(0.25 * math.tanh(0.5))


def test_a_step_back_by_hand():
    """From ∂L/∂h = 0 and 1 along the cell: every gate's share of c = f c₋ + i g, through its own slope."""
    numbers = step(ZERO, [ZERO + 0.1, ZERO], NONE, NONE, BY_HAND)
    w_h = np.array([[1.0], [2.0], [3.0], [4.0]])
    grads, dsum, (dc, dh) = step_backward([ZERO + 1, ZERO], numbers, [ZERO + 0.1, ZERO], w_h)
    assert [float(x[0, 0]) for x in grads] == pytest.approx([0.6, 0.1, 0.75, 0, 1, 0])
    sums = [0.6 * 0.75 * 0.25, 0.1 * 0.5 * 0.5, 0.75 * (1 - 0.36), 0]
    assert dsum[0] == pytest.approx(np.array(sums))
    assert dc == pytest.approx(0.5) and dh == pytest.approx(sums[0] + 2 * sums[1] + 3 * sums[2])


def test_the_output_gate_by_hand():
    """From ∂L/∂h = 1 alone: do = tanh c, dc = o (1 − tanh² c)."""
    numbers = step(ZERO, [ZERO + 0.1, ZERO], NONE, NONE, BY_HAND)
    grads, dsum, _ = step_backward([ZERO, ZERO + 1], numbers, [ZERO + 0.1, ZERO], NONE)
    tanh = math.tanh(0.5)
    assert grads[3] == pytest.approx(tanh) and grads[4] == pytest.approx(0.25 * (1 - tanh**2))
    assert dsum[0, 3] == pytest.approx(tanh * 0.25 * 0.75)


def test_rows_of_the_weights_are_input_forget_candidate_output():
    for gate, name in enumerate(("gates.input", "gates.forget", "candidate", "gates.output")):
        b = np.zeros(4)
        b[gate] = 1.0
        numbers = dict(zip(lstm.CELL.numbers, step(ZERO, [ZERO, ZERO], NONE, NONE, b)))
        moved = [other for other in lstm.CELL.numbers[:4] if numbers[other] not in (0.0, 0.5)]
        assert moved == [name]


def test_an_open_forget_gate_keeps_the_cell_for_ever():
    """f = 1, i = 0: the cell of the first step is that of the last, and so is its gradient."""
    config = lstm.Config(1, embedding_dim=1, hidden_size=1)
    params = {
        "wte": ZERO,
        "layers.0.w_x": NONE,
        "layers.0.w_h": NONE,
        "layers.0.b": np.array([-1e3, 1e3, 0, 1e3]),
        "lm_head": ZERO + 1,
        "lm_bias": np.zeros(1),
    }
    state = {"layers.0.cell": ZERO + 0.7, "layers.0.hidden": ZERO}
    with Trace() as trace:
        lstm.forward(params, np.zeros((1, 50), int), config, state)
        lstm.backward(params, trace, config, state, grad_logits=np.eye(1, 50, 49)[..., None])
    assert trace["layers.0.cell"].tolist() == [[[0.7]] * 50]
    assert trace["grad.layers.0.cell"] == pytest.approx(np.full((1, 50, 1), 1 - math.tanh(0.7) ** 2))


@given(st.floats(-1e4, 1e4))
def test_sigmoid_stays_between_and_is_even_handed(x):
    assert 0 <= sigmoid(x) <= 1
    assert sigmoid(x) + sigmoid(-x) == pytest.approx(1)


@given(st.floats(-30, 30))
def test_sigmoid_is_its_formula(x):
    assert sigmoid(x) == pytest.approx(1 / (1 + math.exp(-x)), abs=1e-15)


@pytest.mark.parametrize("n_layer", [1, 2])
def test_equals_nn_lstm(n_layer):
    torch = pytest.importorskip("torch")
    config = lstm.Config(7, embedding_dim=5, hidden_size=4, n_layer=n_layer)
    rng = np.random.default_rng(1)
    params = {name: rng.normal(size=value.shape) for name, value in lstm.init(config, rng).items()}
    theirs = torch.nn.LSTM(5, 4, n_layer, batch_first=True, dtype=torch.float64)
    for i in range(n_layer):
        for name, value in {"weight_ih": "w_x", "weight_hh": "w_h", "bias_ih": "b"}.items():
            getattr(theirs, f"{name}_l{i}").data = torch.tensor(params[f"layers.{i}.{value}"])
        getattr(theirs, f"bias_hh_l{i}").data.zero_()
    with Trace() as trace:
        lstm.forward(params, rng.integers(0, 7, (3, 6)), config)
    hidden, (_, cells) = theirs(torch.tensor(trace["embed"]))
    assert trace[f"layers.{n_layer - 1}.hidden"] == pytest.approx(hidden.detach().numpy(), abs=1e-12)
    for i in range(n_layer):
        assert trace[f"layers.{i}.cell"][:, -1] == pytest.approx(cells[i].detach().numpy(), abs=1e-12)


def test_bfloat16_stays_close():
    """Eight bits a number: gates are right to about 2⁻⁸, and logits, sums of a few of them, to a few hundredths."""
    torch = pytest.importorskip("torch")
    from hornbook.fast.lstm import Lstm

    torch.manual_seed(0)
    network, ids = Lstm(lstm.Config(20, embedding_dim=16, hidden_size=32)), torch.randint(20, (4, 12))
    with torch.autocast("cpu", torch.bfloat16):
        try:
            logits, state = network(ids[:, :5])
        except RuntimeError as error:
            pytest.skip(f"this processor has no LSTM in bfloat16: {error}")
        rest, _ = network(ids[:, 5:], state)
    whole, _ = network(ids)
    assert torch.cat([logits, rest], dim=1).detach().float().numpy() == pytest.approx(whole.detach().numpy(), abs=0.05)
