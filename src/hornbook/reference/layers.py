"""The parts that networks are built of, each with its gradient: softmax, linear, norms, rotary positions.

`part_backward(dy, …)` takes the gradient of the loss with respect to the part's result and what went in (for `softmax`,
what came out), and returns the gradients with respect to what went in.
"""

import numpy as np


def softmax(x):
    """Turn scores (…, V) into shares that sum to 1: exp(x) / Σ exp(x). Minus infinity gets a share of exactly 0."""
    grown = np.exp(x - x.max(axis=-1, keepdims=True))  # the shift changes no share and lets nothing overflow
    return grown / grown.sum(axis=-1, keepdims=True)


def softmax_backward(dy, y):
    """dx = y ∘ (dy − Σ dy ∘ y), with y the shares that `softmax` returned."""
    return y * (dy - (dy * y).sum(axis=-1, keepdims=True))


def linear(x, w, b=None):
    """Mix the numbers of each row: x Wᵀ + b; also called dense, fully connected. x (…, in), w (out, in), b (out)."""
    return x @ w.T if b is None else x @ w.T + b


def linear_backward(dy, x, w):
    """dx = dy W, dw = Σ dyᵀ x, db = Σ dy, summed over all rows."""
    rows = dy.reshape(-1, dy.shape[-1])  # (…, out) -> (N, out)
    return dy @ w, rows.T @ x.reshape(-1, x.shape[-1]), rows.sum(axis=0)


def layernorm(x, weight, bias, eps=1e-5):
    """Give each row mean 0 and variance 1, then a learned scale and shift: (x − mean) / √(var + eps) ∘ weight + bias.

    x (…, D), weight and bias (D). Ba et al. 2016, arXiv 1607.06450.
    """
    normal, _ = _standardised(x, eps)
    return normal * weight + bias


def layernorm_backward(dy, x, weight, bias, eps=1e-5):
    """dx = (dn − mean dn − n ∘ mean(dn ∘ n)) / √(var + eps), n the row before scale and shift, dn = dy ∘ weight."""
    normal, spread = _standardised(x, eps)
    dnormal = dy * weight
    dx = (dnormal - dnormal.mean(-1, keepdims=True) - normal * (dnormal * normal).mean(-1, keepdims=True)) / spread
    every_row = tuple(range(x.ndim - 1))
    return dx, {"weight": (dy * normal).sum(every_row), "bias": dy.sum(every_row)}


def _standardised(x, eps):
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + eps)
    return centred / spread, spread


def rmsnorm(x, eps=1e-5):
    """Give each row a mean square of 1, with nothing learned: x / √(mean x² + eps). x (…, D).

    Zhang & Sennrich 2019, arXiv 1910.07467.
    """
    return x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)


def rmsnorm_backward(dy, x, eps=1e-5):
    """dx = (dy − y ∘ mean(dy ∘ y)) / √(mean x² + eps)."""
    spread = np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)
    y = x / spread
    return (dy - y * (dy * y).mean(axis=-1, keepdims=True)) / spread, {}


def rotary(x, direction=1):
    """Turn pair j of the row at position t by the angle t · 10000^(−2j/K); also called RoPE.

    x (…, T, K); pair j is numbers 2j and 2j + 1. Lengths stay; q · k then depends only on how far apart the two are.
    Su et al. 2021 (RoFormer), arXiv 2104.09864.
    """
    angles = direction * rotary_angles(*x.shape[-2:])
    first, second = x[..., 0::2], x[..., 1::2]  # (…, T, K) -> two of (…, T, K/2)
    turned = first * np.cos(angles) - second * np.sin(angles), first * np.sin(angles) + second * np.cos(angles)
    return np.stack(turned, axis=-1).reshape(x.shape)


def rotary_backward(dy):
    """Turn back by the same angles: dx = Rᵀ dy, and the transpose of a rotation is its inverse."""
    return rotary(dy, direction=-1)


def rotary_angles(positions, width):
    """Every angle that `rotary` turns by, (T, K/2), in radians."""
    return np.outer(np.arange(positions), 10_000.0 ** (-np.arange(0, width, 2) / width))


# choice -> (forward, backward)
NORMS = {"layernorm": (layernorm, layernorm_backward), "rmsnorm": (rmsnorm, rmsnorm_backward)}


if __name__ == "__main__":
    scores = np.array([0.1, 0.3, 0.8, 0.2, 0.1, 2.1, 0.4])
    print("softmax ", scores, "->", softmax(scores).round(3))
    print("rmsnorm ", scores, "->", rmsnorm(scores).round(3))
