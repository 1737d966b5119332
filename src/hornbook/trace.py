"""Names for numbers: `see(name, value)` records a value in the open `Trace`, and costs one look when none is open."""

import sys
from collections.abc import Mapping
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

_open = ContextVar("trace", default=None)


def see(name, value):
    """Record `value` under `name` in the open trace, and return it.

    A list stands for one array per time step: it is kept as it is and stacked along axis 1 when read.
    """
    trace = _open.get()
    if trace is not None:
        frame = sys._getframe(1)
        trace._add(name, value, (frame.f_code.co_filename, frame.f_lineno))
    return value


def looking():
    """True while a trace is open: a form that gives every number its name is then taken before one that is fused."""
    return _open.get() is not None


@contextmanager
def within(prefix):
    """Every `see` inside gets `prefix.` before its name: ``with within("layers.0"): see("attn.q", q)``."""
    trace = _open.get()
    if trace is None:
        yield
        return
    before, trace.prefix = trace.prefix, f"{trace.prefix}{prefix}."
    try:
        yield
    finally:
        trace.prefix = before


class Trace(Mapping):
    """Every named number of a run, in the order it was made; reads as NumPy arrays.

    ``with Trace() as trace: logits = forward(...)`` then ``trace["layers.0.attn.pattern"]``.
    With ``gradients=True``, torch tensors keep their gradients: call `add_gradients` after ``loss.backward()``.
    """

    def __init__(self, gradients=False):
        self.values_as_made = {}
        self.made_at = {}  # name -> (file, line)
        self.prefix = ""
        self.gradients = gradients

    def __enter__(self):
        self._token = _open.set(self)
        return self

    def __exit__(self, *_):
        _open.reset(self._token)

    def _add(self, name, value, made_at):
        name = self.prefix + name
        if name in self.values_as_made:
            raise ValueError(f"two numbers are named {name!r} in one trace; `within` tells them apart")
        self.values_as_made[name] = value
        self.made_at[name] = made_at
        if self.gradients:
            for tensor in value if isinstance(value, list) else [value]:
                if getattr(tensor, "requires_grad", False) and not tensor.is_leaf:
                    tensor.retain_grad()

    def add_gradients(self, parameters=()):
        """Record ``grad.<name>`` for every seen tensor, and for `parameters` (name, tensor), that has a gradient."""
        for name, value in [*self.values_as_made.items(), *parameters]:
            steps = value if isinstance(value, list) else [value]
            grads = [getattr(step, "grad", None) for step in steps]
            if all(grad is not None for grad in grads):
                self.values_as_made[f"grad.{name}"] = grads if isinstance(value, list) else grads[0]

    def __getitem__(self, name):
        value = self.values_as_made[name]
        if isinstance(value, list):
            return np.stack([_array(step) for step in value], axis=1)
        return _array(value)

    def __iter__(self):
        return iter(self.values_as_made)

    def __len__(self):
        return len(self.values_as_made)


def _array(value):
    """Any array-like, torch tensor or scalar as a NumPy array."""
    if hasattr(value, "detach"):
        value = value.detach().float() if str(value.dtype) == "torch.bfloat16" else value.detach()
    return np.asarray(value)
