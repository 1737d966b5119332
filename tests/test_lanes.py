"""Eight numbers at a time: each operation against NumPy, exp to the last places, nothing written beside its target."""

import numpy as np
import pytest
from numba import njit

from hornbook.fast import columns, lanes

rng = np.random.default_rng(0)


@njit
def exponentials(memory):
    for i in range(0, len(memory), 8):
        lanes.store(memory, i, lanes.exp(lanes.load(memory, i)))


@njit
def arithmetic(memory, first):
    """Rows of 8: a, b, then one for each result."""
    a, b = lanes.load(memory, 0), lanes.load(memory, 8)
    lanes.store(memory, 16, a + b)
    lanes.store(memory, 24, a - b * 2.0)
    lanes.store(memory, 32, a / b)
    lanes.store(memory, 40, lanes.sqrt(lanes.maximum(a, b)))
    lanes.store(memory, 48, lanes.multiply_add(a, b, lanes.every(0.5)))
    lanes.store(memory, 56, lanes.where_positive(a, b))
    lanes.store(memory, 64, lanes.from_lane(first, a, b))
    lanes.store(memory, 72, lanes.spread(memory, 3))


def test_arithmetic():
    memory = np.concatenate([rng.normal(size=8), rng.uniform(0.1, 1, 8), np.zeros(64)])
    a, b = memory[:8].copy(), memory[8:16].copy()
    for first in (-1, 0, 3, 9):
        arithmetic(memory, first)
        wanted = [a + b, a - b * 2, a / b, np.sqrt(np.maximum(a, b)), a * b + 0.5, np.where(a > 0, b, 0),
                  np.where(np.arange(8) >= first, a, b), np.full(8, a[3])]  # fmt: skip
        assert memory[16:].reshape(8, 8) == pytest.approx(np.array(wanted), rel=1e-15, abs=1e-16)


def test_exp_is_right_to_two_units_in_the_last_place():
    chosen = [0, -1e-300, -700, -np.log(2), -1, -2, -3, -4]
    x = np.concatenate([-rng.uniform(0, 1, 8000), -rng.uniform(0, 700, 8000), chosen])
    wanted, found = np.exp(x), x.copy()
    exponentials(found)
    assert (np.abs(found - wanted) <= 2 * np.spacing(wanted)).all()


def test_exp_far_below_is_nothing_and_no_number_stays_one():
    x = np.array([-700.5, -1e10, -1e300, -np.inf, np.nan, 0, 0, 0])
    exponentials(x)
    assert x[:4].tolist() == [0, 0, 0, 0]
    assert np.isnan(x[4])


@pytest.mark.parametrize(("rows", "width"), [(8, 8), (5, 7), (16, 9), (24, 40)])
def test_transpose(rows, width):
    high, wide = columns.rounded(rows), columns.rounded(width)
    memory = rng.normal(size=2 * high * wide)
    x = memory[: high * wide].reshape(high, wide).copy()
    columns.transpose(memory, 0, wide, high * wide, high, rows, width)
    assert np.array_equal(memory[high * wide :].reshape(wide, high), x.T)
    assert np.array_equal(memory[: high * wide].reshape(high, wide), x)


@pytest.mark.parametrize(("rows", "inner", "width"), [(1, 1, 8), (4, 3, 8), (8, 16, 16), (27, 16, 24), (15, 64, 8)])
@pytest.mark.parametrize("more", [False, True])
@pytest.mark.parametrize("transposed", [False, True])
def test_product(rows, inner, width, more, transposed):
    a, b, c = rng.normal(size=(rows, inner)), rng.normal(size=(inner, width)), rng.normal(size=(rows, width))
    down, right = (1, rows) if transposed else (inner, 1)
    beside = np.full(16, 7.0)
    memory = np.concatenate([(a.T if transposed else a).ravel(), b.ravel(), beside, c.ravel(), beside])
    start = a.size + b.size + 16
    columns.product(memory, 0, down, right, a.size, width, start, width, rows, inner, width, more)
    assert memory[start : start + c.size].reshape(c.shape) == pytest.approx(a @ b + (c if more else 0), rel=1e-12)
    assert (memory[start - 16 : start] == 7).all()
    assert (memory[start + c.size :] == 7).all()
