"""Activations, which bend what is straight: max(x, 0) and its softer kin, number by number, each with its gradient."""

import math

import numpy as np

_erf = np.frompyfunc(math.erf, 1, 1)


def relu(x):
    """Keep what is positive: max(x, 0)."""
    return np.maximum(x, 0)


def relu_backward(dy, x):
    """dx = dy where x > 0, else 0."""
    return dy * (x > 0)


def gelu(x):
    """Weigh x by the share of a bell curve that lies below it: x Φ(x), Φ exact through erf, not the tanh form.

    Hendrycks & Gimpel 2016, arXiv 1606.08415.
    """
    return x * _below(x)


def gelu_backward(dy, x):
    """dx = dy ∘ (Φ(x) + x φ(x)), φ the bell curve."""
    return dy * (_below(x) + x * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi))


def _below(x):
    return 0.5 * (1 + _erf(x / math.sqrt(2)).astype(float))


def gelu_tanh(x):
    """`gelu` with Φ(x) taken as (1 + tanh u) / 2, u = √(2/π) (x + 0.044715 x³), off by at most 0.0005; GPT-2's."""
    return 0.5 * x * (1 + np.tanh(_u(x)))


def gelu_tanh_backward(dy, x):
    """dx = dy ∘ (1 + tanh u + x (1 − tanh² u) u′) / 2, u′(x) = √(2/π) (1 + 3 · 0.044715 x²)."""
    t, slope = np.tanh(_u(x)), math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x**2)
    return dy * 0.5 * (1 + t + x * (1 - t**2) * slope)


def _u(x):
    return math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)


def relu2(x):
    """Square what is positive: max(x, 0)². So et al. 2021 (Primer), arXiv 2109.08668."""
    return np.maximum(x, 0) ** 2


def relu2_backward(dy, x):
    """dx = 2 dy ∘ max(x, 0)."""
    return 2 * dy * np.maximum(x, 0)


# choice -> (forward, backward)
ACTIVATIONS = {
    "relu": (relu, relu_backward),
    "gelu": (gelu, gelu_backward),
    "gelu_tanh": (gelu_tanh, gelu_tanh_backward),
    "relu2": (relu2, relu2_backward),
}


if __name__ == "__main__":
    numbers = np.array([-3, -1, -0.5, 0, 0.5, 1, 3])
    print(f"{'x':9}", numbers)
    for name, (activation, _) in ACTIVATIONS.items():
        print(f"{name:9}", activation(numbers).round(4))
