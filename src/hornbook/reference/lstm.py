"""Long short-term memory: a cell that keeps, and three gates that decide what it forgets, takes in and shows.

Hochreiter & Schmidhuber 1997; the forget gate is Gers et al. 2000, "Learning to forget".
"""

import numpy as np

from hornbook.reference import recurrent
from hornbook.reference.losses import cross_entropy as loss
from hornbook.reference.recurrent_parameters import Config
from hornbook.reference.recurrent_parameters import init as draw

__all__ = ["CELL", "Config", "backward", "forward", "init", "loss", "sigmoid", "step", "step_backward"]


def sigmoid(x):
    """Squash any number into (0, 1): 1 / (1 + e⁻ˣ), here as (1 + tanh(x/2)) / 2, which cannot overflow."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def step(x, before, w_x, w_h, b):
    """Read one token: i, f, o = σ(W_x x + W_h h + b), g = tanh(W_x x + W_h h + b), c ← f ∘ c + i ∘ g, h ← o ∘ tanh c.

    x (B, D), before [c, h] (B, H); the rows of w_x (4H, D), w_h (4H, H), b (4H) are those of i, f, g, o in turn.
    Returns input gate i, forget gate f, candidate g, output gate o, cell c, hidden h, each (B, H).
    """
    c, h = before
    i, f, g, o = np.split(x @ w_x.T + h @ w_h.T + b, 4, axis=-1)  # (B, 4H) -> four of (B, H)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    c = f * c + i * g
    return i, f, g, o, c, o * np.tanh(c)


def step_backward(later, numbers, before, w_h):
    """Hand the blame of one step back: along the cell, where only the forget gate shrinks it, and through the gates.

    later [dc, dh]: ∂L/∂c_t by way of c_{t+1} alone, ∂L/∂h_t in full. Returns the gradients of the six numbers, of the
    sum before the nonlinearities (B, 4H), and of c and h before.
    """
    (dc, dh), (i, f, g, o, c, _), (c_before, _) = later, numbers, before
    dc = dc + dh * o * (1 - np.tanh(c) ** 2)
    di, df, dg, do = dc * g, dc * c_before, dc * i, dh * np.tanh(c)
    dsum = np.concatenate([di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)], axis=-1)
    return (di, df, dg, do, dc, dh), dsum, [dc * f, dsum @ w_h]


NUMBERS = ("gates.input", "gates.forget", "candidate", "gates.output", "cell", "hidden")
CELL = recurrent.Cell(NUMBERS, ("cell", "hidden"), step, step_backward)


def init(config, rng):
    """Draw first parameters by name; see `recurrent_parameters.init`."""
    return draw(config, rng, gates=4)


def forward(params, ids, config, state=None):
    """ids (B, T) -> logits (B, T, V); see `recurrent.forward`."""
    return recurrent.forward(CELL, params, ids, config, state)


def backward(params, trace, config, state=None, grad_logits=None):
    """The gradient of every parameter by name; see `recurrent.backward`."""
    return recurrent.backward(CELL, params, trace, config, state, grad_logits)


if __name__ == "__main__":
    from hornbook.reference import lstm
    from hornbook.reference.gradient_flow import demo

    demo(lstm)
