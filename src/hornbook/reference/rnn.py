"""The recurrent network: one hidden state, rewritten at every token. Also called the Elman network, vanilla RNN.

Elman 1990, "Finding structure in time"; as a language model, Mikolov et al. 2010.
"""

import numpy as np

from hornbook.reference import recurrent
from hornbook.reference.losses import cross_entropy as loss
from hornbook.reference.recurrent_parameters import Config
from hornbook.reference.recurrent_parameters import init as draw

__all__ = ["CELL", "Config", "backward", "forward", "init", "loss", "step", "step_backward"]


def step(x, before, w_x, w_h, b):
    """Read one token: h_t = tanh(W_x x_t + W_h h_{t−1} + b). x (B, D), before [h] (B, H) -> pre, hidden (B, H)."""
    (h,) = before
    pre = x @ w_x.T + h @ w_h.T + b
    return pre, np.tanh(pre)


def step_backward(later, numbers, before, w_h):
    """Hand the blame of one step back: dpre = dh ∘ (1 − h²), and W_hᵀ dpre to the step before.

    later [dh] is ∂L/∂h_t in full. ∂h_t/∂h_{t−1} = diag(1 − h²) W_h is the factor that, step after step, makes gradients
    vanish or explode. Returns the gradients of pre and hidden, of the sum in the tanh (which pre is), and of h before.
    """
    (dh,), (_, h) = later, numbers
    dpre = dh * (1 - h**2)
    return (dpre, dh), dpre, [dpre @ w_h]


CELL = recurrent.Cell(("pre", "hidden"), ("hidden",), step, step_backward)


def init(config, rng):
    """Draw first parameters by name; see `recurrent_parameters.init`."""
    return draw(config, rng, gates=1)


def forward(params, ids, config, state=None):
    """ids (B, T) -> logits (B, T, V); see `recurrent.forward`."""
    return recurrent.forward(CELL, params, ids, config, state)


def backward(params, trace, config, state=None, grad_logits=None):
    """The gradient of every parameter by name; see `recurrent.backward`."""
    return recurrent.backward(CELL, params, trace, config, state, grad_logits)


if __name__ == "__main__":
    from hornbook.reference import rnn
    from hornbook.reference.gradient_flow import demo

    demo(rnn)
