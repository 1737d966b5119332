"""What recurrent language models share: embedding, layers that step through time, head. Forward, and back through time.

What a layer does in one step is in rnn.py and lstm.py. The forward pass's trace is the tape that backward reads.
Werbos 1990, "Backpropagation through time: what it does and how to do it".
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from hornbook.errors import HornbookError
from hornbook.reference.layers import linear, linear_backward
from hornbook.reference.losses import cross_entropy_backward
from hornbook.trace import see, within


class Cell(NamedTuple):
    """One kind of layer: what it computes at one token, and the way back through it."""

    numbers: tuple[str, ...]  # names of what `step` returns, in order
    carried: tuple[str, ...]  # the last of them, which the next step starts from
    step: Callable  # (x, carried before, w_x, w_h, b) -> numbers
    step_backward: Callable  # (gradients of carried, numbers, carried before, w_h) -> gradients of numbers, sum, before


def forward(cell, params, ids, config, state=None):
    """Score every token of the vocabulary as the next one, at every position: ids (B, T) -> logits (B, T, V).

    `state` is what `state_after` gave for the text before; None starts from zeros. Raises HornbookError for an id
    outside the vocabulary.
    """
    if ids.min() < 0 or ids.max() >= config.vocab_size:
        raise HornbookError(f"ids go from {ids.min()} to {ids.max()}; the vocabulary has 0 to {config.vocab_size - 1}.")
    x = see("embed", params["wte"][see("ids", ids)])
    for i in range(config.n_layer):
        start = _start(cell, i, len(ids), config, state)
        with within(f"layers.{i}"):
            x = _unroll(cell, x, start, *_weights(params, i))
    return see("logits", linear(x, params["lm_head"], params["lm_bias"]))


def _unroll(cell, x, carried, w_x, w_h, b):
    """One layer over the text, token after token: (B, T, D) -> (B, T, H)."""
    steps = []
    for t in range(x.shape[1]):
        steps.append(cell.step(x[:, t], carried, w_x, w_h, b))
        carried = steps[-1][-len(cell.carried) :]
    for name, number in zip(cell.numbers, zip(*steps)):
        see(name, list(number))
    return np.stack([step[-1] for step in steps], axis=1)


def state_after(cell, trace, config):
    """What the text of `trace` leaves behind for the text that follows: {name: numbers at the last token (B, H)}."""
    names = [f"layers.{i}.{name}" for i in range(config.n_layer) for name in cell.carried]
    return {name: trace[name][:, -1] for name in names}


def backward(cell, params, trace, config, state=None, grad_logits=None):
    """The gradient of the loss with respect to every parameter, by name, from a trace of `forward` and `cross_entropy`.

    `state` is the one that `forward` started from; `grad_logits` (B, T, V) stands for a loss of one's own. Sees
    `grad.<name>` of every number and parameter: that of a number in one step is its total, through all later steps.
    """
    if grad_logits is None:
        grad_logits = cross_entropy_backward(trace["logits"], trace["targets"])
    grads = {name: np.zeros_like(value) for name, value in params.items()}
    top = trace[f"layers.{config.n_layer - 1}.hidden"]
    dx, grads["lm_head"], grads["lm_bias"] = linear_backward(grad_logits, top, params["lm_head"])
    for i in reversed(range(config.n_layer)):
        x = trace[f"layers.{i - 1}.hidden"] if i else trace["embed"]
        numbers = [trace[f"layers.{i}.{name}"] for name in cell.numbers]
        start = _start(cell, i, len(x), config, state)
        with within(f"grad.layers.{i}"):
            dx, *owed = _unroll_backward(cell, dx, x, numbers, start, *_weights(params, i))
        grads |= {f"layers.{i}.{name}": grad for name, grad in zip(("w_x", "w_h", "b"), owed)}
    np.add.at(grads["wte"], trace["ids"], see("grad.embed", dx))  # a token that occurs twice adds twice
    return {name: see(f"grad.{name}", grad) for name, grad in grads.items()}


def _unroll_backward(cell, dhidden, x, numbers, start, w_x, w_h, b):
    """Walk back from the last token; the gradients of x, w_x, w_h and b."""
    before = [
        np.concatenate([first[:, None], number[:, :-1]], axis=1)  # (B, T, H), what each step started from
        for first, number in zip(start, numbers[-len(start) :])
    ]
    later, steps = [np.zeros_like(first) for first in start], []  # what the steps after this one owe to it
    for t in reversed(range(x.shape[1])):
        later[-1] = later[-1] + dhidden[:, t]
        *made, later = cell.step_backward(later, [number[:, t] for number in numbers], [b4[:, t] for b4 in before], w_h)
        steps.insert(0, made)
    for name, grad in zip(cell.numbers, zip(*(of_numbers for of_numbers, _ in steps))):
        see(name, list(grad))
    dsum = np.stack([of_sum for _, of_sum in steps], axis=1)  # (B, T, G), the weighted sum before any nonlinearity
    dx, dw_x, db = linear_backward(dsum, x, w_x)
    return dx, dw_x, linear_backward(dsum, before[-1], w_h)[1], db


def _weights(params, i):
    return [params[f"layers.{i}.{name}"] for name in ("w_x", "w_h", "b")]


def _start(cell, i, batch, config, state):
    zeros = np.zeros((batch, config.hidden_size))
    return [zeros if state is None else state[f"layers.{i}.{name}"] for name in cell.carried]
