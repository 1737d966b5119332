"""Optimizers and schedules: one step on paper, laws, and agreement with torch.optim on random gradients."""

import math
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook.reference.optim import (
    FIVE_STEPS,
    RULES,
    SCHEDULES,
    THREE_STEPS,
    adam,
    adamw,
    clip,
    momentum,
    muon,
    orthogonalised,
    sgd,
    update,
)

seeds = st.integers(0, 2**32 - 1)
TWO, FOUR = np.array([2.0]), np.array([4.0])


def test_one_step_by_hand():
    assert sgd(TWO, FOUR, {}, 0.1) == pytest.approx(1.6)
    # at the first step m̂ = g and v̂ = g², so Adam goes lr in the direction of the sign
    assert adam(TWO, FOUR, {}, 0.1, eps=0) == pytest.approx(1.9)
    assert adamw(TWO, FOUR, {}, 0.1, eps=0, weight_decay=0.5) == pytest.approx(2 * 0.95 - 0.1)


def test_momentum_by_hand():
    """m = 4, then 0.9 · 4 + 1 = 4.6."""
    state = {}
    first = momentum(TWO, FOUR, state, 0.1)
    assert first == pytest.approx(1.6)
    assert momentum(first, np.array([1.0]), state, 0.1) == pytest.approx(1.6 - 0.46)


def test_adam_second_step_by_hand():
    """β₁ = β₂ = ½, gradients 4 then 2: m = ½·2 + ½·2 = 2, m̂ = 2/¾ = 8/3; v = ½·8 + ½·4 = 6, v̂ = 6/¾ = 8."""
    state = {}
    first = adam(TWO, FOUR, state, 0.1, 0.5, 0.5, eps=0)
    second = adam(first, np.array([2.0]), state, 0.1, 0.5, 0.5, eps=0)
    assert first - second == pytest.approx(0.1 * (8 / 3) / math.sqrt(8))


def test_update_keeps_a_state_for_each_parameter_and_leaves_the_old_ones_alone():
    params, grads, states = {"a": TWO, "b": FOUR}, {"a": FOUR, "b": -TWO}, {}
    after = update(adam, params, grads, states, 0.1)
    assert after["a"] == pytest.approx(1.9) and after["b"] == pytest.approx(4.1)
    assert params == {"a": TWO, "b": FOUR} and states["a"]["step"] == states["b"]["step"] == 1


def test_clip_by_hand():
    """‖(3, 4)‖ = 5 over both parameters together."""
    grads = {"a": np.array([3.0]), "b": np.array([4.0])}
    clipped, norm = clip(grads, 1.0)
    assert norm == 5 and clipped["a"] == pytest.approx(0.6, abs=1e-6) and clipped["b"] == pytest.approx(0.8, abs=1e-6)
    assert clip(grads, 6.0)[0] == grads
    assert clip({"a": np.zeros(3)}, 1.0)[1] == 0


@settings(max_examples=20)
@given(seeds)
def test_orthogonalised_keeps_directions_and_levels_sizes(seed):
    """Newton–Schulz acts on each singular value alone, by the polynomial a s + b s³ + c s⁵."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(rng.integers(1, 9), rng.integers(1, 9)))
    u, s, vt = np.linalg.svd(matrix, full_matrices=False)
    sizes = s / np.linalg.norm(matrix)
    for _ in range(5):
        sizes = 3.4445 * sizes - 4.7750 * sizes**3 + 2.0315 * sizes**5
    assert orthogonalised(matrix) == pytest.approx(u * sizes @ vt, abs=1e-10)
    assert orthogonalised(1000 * matrix) == pytest.approx(orthogonalised(matrix), abs=1e-10)


def test_orthogonalised_brings_singular_values_near_one():
    for share in np.linspace(0.01, 1, 100):  # the second as a share of the first
        left = np.linalg.svd(orthogonalised(np.diag([1.0, share])))[1]
        assert left.min() > 0.65 and left.max() < 1.22


@pytest.mark.parametrize("name", RULES)
def test_every_rule_goes_down_a_bowl(name):
    params, states = {"w": np.full((2, 2), 3.0)}, {}
    for _ in range(300):
        params = update(RULES[name], params, {"w": params["w"]}, states, 0.02)
    assert np.linalg.norm(params["w"]) < 2  # from 6


def run_torch(make, params, gradients):
    torch = pytest.importorskip("torch")
    theirs = {name: torch.nn.Parameter(torch.tensor(value)) for name, value in params.items()}
    optimizer = make(torch.optim, list(theirs.values()))
    for grads in gradients:
        for name, value in theirs.items():
            value.grad = torch.tensor(grads[name])
        optimizer.step()
    return {name: value.detach().numpy() for name, value in theirs.items()}


def random_run(steps=12):
    rng = np.random.default_rng(7)
    shapes = {"wte": (5, 3), "fc1": (8, 3), "b": (4,)}
    draw = lambda: {name: rng.normal(size=shape) for name, shape in shapes.items()}
    return draw(), [draw() for _ in range(steps)]


@pytest.mark.parametrize(
    "rule, make",
    [
        (sgd, lambda optim, p: optim.SGD(p, 0.03)),
        (partial(momentum, beta=0.8), lambda optim, p: optim.SGD(p, 0.03, momentum=0.8)),
        (adam, lambda optim, p: optim.Adam(p, 0.03)),
        (partial(adam, beta1=0.85, beta2=0.99), lambda optim, p: optim.Adam(p, 0.03, (0.85, 0.99), fused=True)),
        (partial(adamw, weight_decay=0.1), lambda optim, p: optim.AdamW(p, 0.03, weight_decay=0.1, fused=True)),
    ],
    ids=["sgd", "momentum", "adam", "adam of microgpt", "adamw"],
)
def test_equals_torch(rule, make):
    params, gradients = random_run()
    theirs, states = run_torch(make, params, gradients), {}
    for grads in gradients:
        params = update(rule, params, grads, states, 0.03)
    for name in params:
        assert params[name] == pytest.approx(theirs[name], abs=1e-12), name


@pytest.mark.parametrize("shape", [(6, 4), (4, 6)])
def test_muon_equals_torch(shape):
    """torch iterates in bfloat16, 8 bits a number, five times over: each of four steps of 0.1 is ours to 2 %."""
    torch = pytest.importorskip("torch")
    if not hasattr(torch.optim, "Muon"):
        pytest.skip("torch.optim.Muon came with torch 2.9")
    rng = np.random.default_rng(3)
    params, gradients = {"w": rng.normal(size=shape)}, [{"w": rng.normal(size=shape)} for _ in range(4)]
    theirs = run_torch(lambda optim, p: optim.Muon(p, 0.1, weight_decay=0.5), params, gradients)
    states = {}
    for grads in gradients:
        params = update(partial(muon, weight_decay=0.5), params, grads, states, 0.1)
    assert params["w"] == pytest.approx(theirs["w"], abs=0.008)


def test_clip_equals_torch():
    torch = pytest.importorskip("torch")
    _, (grads, *_) = random_run()
    theirs = {name: torch.zeros(grad.shape, dtype=torch.float64) for name, grad in grads.items()}
    for name, value in theirs.items():
        value.grad = torch.tensor(grads[name])
    their_norm = torch.nn.utils.clip_grad_norm_(theirs.values(), 0.5)
    clipped, norm = clip(grads, 0.5)
    assert norm == pytest.approx(their_norm.item(), abs=1e-12)
    for name in grads:
        assert clipped[name] == pytest.approx(theirs[name].grad.numpy(), abs=1e-12)


def test_schedules_by_hand():
    assert [SCHEDULES["constant"](p, 0.2) for p in (0, 0.1, 0.2, 1)] == [0, 0.5, 1, 1]
    assert [SCHEDULES["linear"](p, 0.2, 0.5) for p in (0, 0.1, 0.2, 0.6, 1)] == pytest.approx([0, 0.5, 1, 0.75, 0.5])
    assert [SCHEDULES["cosine"](p, 0.0, 0.1) for p in (0, 0.5, 1)] == pytest.approx([1, 0.55, 0.1])


@given(st.sampled_from(list(SCHEDULES)), st.floats(0, 0.9), st.floats(0, 1), st.lists(st.floats(0, 1), min_size=2))
def test_schedules_rise_then_never_rise_again(name, warmup, final, progresses):
    factors = [(p, SCHEDULES[name](p, warmup, final)) for p in sorted(progresses)]
    assert all(0 <= factor <= 1 + 1e-12 for _, factor in factors)
    for (p, before), (_, after) in pairwise(factors):
        if p >= warmup:
            assert after <= before + 1e-12
    assert SCHEDULES[name](warmup, warmup, final) == 1


@pytest.mark.parametrize("name", ["linear", "cosine"])
def test_schedules_equal_torch(name):
    torch = pytest.importorskip("torch")
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=2.0)
    scheduler = {
        "linear": lambda s: s.LinearLR(optimizer, 1.0, 0.25, total_iters=40),
        "cosine": lambda s: s.CosineAnnealingLR(optimizer, T_max=40, eta_min=0.5),
    }[name](torch.optim.lr_scheduler)
    for step in range(41):
        assert 2.0 * SCHEDULES[name](step / 40, 0.0, 0.25) == pytest.approx(scheduler.get_last_lr()[0], abs=1e-12)
        optimizer.step()
        scheduler.step()


@pytest.mark.parametrize("steps", [FIVE_STEPS, THREE_STEPS])
def test_the_fast_muon_takes_the_same_steps_for_all_matrices_at_once(steps):
    torch = pytest.importorskip("torch")
    from hornbook.fast.optim import Muon

    rng = np.random.default_rng(0)
    params = {"a": rng.normal(size=(4, 6)), "b": rng.normal(size=(6, 4)), "c": rng.normal(size=(4, 6))}
    tensors = {name: torch.tensor(value, requires_grad=True) for name, value in params.items()}
    fast = Muon(tensors.values(), lr=0.1, momentum=0.9, weight_decay=0.5, dtype=torch.float64, steps=steps)
    states = {}
    for _ in range(5):
        grads = {name: rng.normal(size=value.shape) for name, value in params.items()}
        for name, tensor in tensors.items():
            tensor.grad = torch.tensor(grads[name])
        fast.step()
        params = update(partial(muon, beta=0.9, weight_decay=0.5, newton_schulz=steps), params, grads, states, 0.1)
        for name, tensor in tensors.items():
            assert tensor.detach().numpy() == pytest.approx(params[name], rel=1e-12, abs=1e-12)


def test_three_steps_bring_singular_values_within_their_bounds():
    for share in np.geomspace(0.003, 1, 40):
        x = share
        for a, b, c in THREE_STEPS:
            x = a * x + b * x**3 + c * x**5
        assert 0.35 <= x <= 1.65
