"""The LSTM of Frankenstein 04 by hand and in torch, right, or with a flaw that `flaw` names; how the model is tried."""

from collections import Counter
from zlib import crc32

BLOCKS = {"": "ifgo", "f, i, g, o": "figo", "i, f, o, g": "ifog", "i, o, g, f": "iogf"}  # flaw -> order of the rows


def gates(z, flaw=""):
    import numpy as np

    from hornbook.reference.lstm import sigmoid

    found = dict(zip(BLOCKS.get(flaw, "ifgo"), np.split(z, 4, axis=-1)))
    if flaw == "f is i":
        found["f"] = found["i"]
    squash = np.tanh if flaw == "tanh gates" else sigmoid
    of_f_and_o = (lambda z: z) if flaw == "bare" else squash
    of_g = sigmoid if flaw == "sigmoid candidate" else np.tanh
    return sigmoid(found["i"]), of_f_and_o(found["f"]), of_g(found["g"]), of_f_and_o(found["o"])


def update(i, f, g, o, cell, flaw=""):
    import numpy as np

    before = cell
    cell = f * g + i * cell if flaw == "swapped" else f * cell + (g if flaw == "no input gate" else i * g)
    if flaw == "replaced":
        cell = i * g
    shown = {"no tanh": cell, "old cell": np.tanh(before)}.get(flaw, np.tanh(cell))
    return (shown if flaw == "no output gate" else o * shown), cell


def lstm_step(x, hidden, cell, w_x, w_h, b):
    from hornbook.reference.lstm import step

    *_, cell, hidden = step(x, (cell, hidden), w_x, w_h, b)
    return hidden, cell


def flawed_step(x, hidden, cell, w_x, w_h, b, flaw=""):
    z = x @ w_x.T
    z = z if flaw == "no hidden" else z + hidden @ w_h.T
    z = z if flaw == "no bias" else z + b
    return update(*gates(z, flaw), cell, flaw)


def lstm(x, hidden, cell, w_x, w_h, b, flaw=""):
    import numpy as np

    start, seen = (hidden, cell), []
    for t in reversed(range(x.shape[1])) if flaw == "backwards" else range(x.shape[1]):
        if flaw == "reset":
            hidden, cell = start
        if flaw == "cell reset":
            cell = start[1]
        hidden, cell = lstm_step(x[:, t], hidden, cell, w_x, w_h, b)
        seen.append(cell if flaw == "cells" else hidden)
    return np.stack(seen, axis=0 if flaw == "time first" else 1), hidden, cell


def turned(function):
    """The same with the last two of its results, hidden and cell, in each other's place."""

    def call(*args):
        *first, hidden, cell = function(*args)
        return *first, cell, hidden

    return call


def char_lstm(flaw, V, E, H):
    """A CharLSTM of those sizes."""
    from torch import nn

    class CharLSTM(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(V, E)
            self.lstm = nn.LSTM(E, H, batch_first=flaw != "time first")
            self.head = nn.Linear(H, V, bias=flaw != "no bias")

        def forward(self, ids, state=None):
            hidden, state = self.lstm(self.embed(ids), None if flaw == "forgetful" else state)
            logits = self.head(hidden[:, -1] if flaw == "last only" else hidden)
            return (logits.softmax(-1) if flaw == "softmax" else logits), state

    return CharLSTM()


def read_twice(make, V, E, H, ids):
    """Logits of two halves of a text read one after the other, and the state at the end, with fixed parameters."""
    import torch

    model = make(V, E, H).double()
    with torch.no_grad():
        for what, parameter in parameters_by_kind(model):
            seed = torch.Generator().manual_seed(crc32(what.encode()))
            parameter.copy_(torch.randn(parameter.shape, generator=seed, dtype=torch.float64) / 2)
        half = ids.shape[1] // 2
        first, state = model(ids[:, :half])
        second, (hidden, cell) = model(ids[:, half:], state)
    return first, second, hidden, cell


def parameters_by_kind(model):
    """("LSTM 0 bias_hh_l0", parameter) of each: by the layer that has it, whatever the learner has called that."""
    met = Counter()
    for module in model.modules():
        kind = next((each.__name__ for each in type(module).__mro__ if each.__module__.startswith("torch.")), "")
        for name, parameter in module.named_parameters(recurse=False):
            yield f"{kind} {met[kind]} {name}", parameter
        met[kind] += 1


def n_parameters(V, E, H):
    return V * E + 4 * H * (E + H + 2) + H * V + V
