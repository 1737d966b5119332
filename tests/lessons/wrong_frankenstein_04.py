"""Wrong answers to Frankenstein 04, each with a piece of the diagnosis that it must get."""

from functools import partial

import numpy as np

ORDER = {"": (0, 1, 2, 3), "figo": (1, 0, 2, 3), "ifog": (0, 1, 3, 2), "o first": (0, 3, 2, 1), "i twice": (0, 0, 2, 3)}


def squash(z):
    return 1 / (1 + np.exp(-z))


def blocks(z, order=""):
    H = z.shape[-1] // 4
    return [z[..., n * H : (n + 1) * H] for n in ORDER[order]]


def gates(z, order="", of_gate=squash):
    i, f, g, o = blocks(z, order)
    return squash(i), of_gate(f), np.tanh(g), of_gate(o)


def no_tanh(i, f, g, o, cell):
    new = i * g + f * cell
    return o * new, new


def crossed(i, f, g, o, cell):
    new = i * cell + f * g
    return o * np.tanh(new), new


def wide_open(i, f, g, o, cell):
    new = i * g + f * cell
    return np.tanh(new), new


def late(i, f, g, o, cell):
    return o * np.tanh(cell), i * g + f * cell


def ungated(i, f, g, o, cell):
    new = g + f * cell
    return o * np.tanh(new), new


def forgets_all(i, f, g, o, cell):
    return o * np.tanh(i * g), i * g


def usual(i, f, g, o, cell):
    new = i * g + f * cell
    return o * np.tanh(new), new


def step(x, hidden, cell, w_x, w_h, b, order="", then=usual):
    z = np.concatenate([x, hidden], axis=1) @ np.concatenate([w_x, w_h], axis=1).T + b
    return then(*gates(z, order), cell)


def without_bias(x, hidden, cell, w_x, w_h, b):
    return step(x, hidden, cell, w_x, w_h, 0 * b)


def without_memory(x, hidden, cell, w_x, w_h, b):
    return step(x, 0 * hidden, cell, w_x, w_h, b)


def all_sigmoids(x, hidden, cell, w_x, w_h, b):
    return usual(*map(squash, blocks(x @ w_x.T + hidden @ w_h.T + b)), cell)


def untransposed(x, hidden, cell, w_x, w_h, b):
    return usual(*gates(x @ w_x + hidden @ w_h + b), cell)


def read(x, hidden, cell, weights, keep="", part=0, axis=1, order=1):
    h, c, kept = hidden, cell, []
    for t in range(x.shape[1])[::order]:
        h, c = step(x[:, t], hidden if "h" in keep else h, cell if "c" in keep else c, *weights)
        kept.append((h, c)[part])
    return np.stack(kept, axis), h, c


def reading(**how):
    return lambda x, hidden, cell, *weights: read(x, hidden, cell, weights, **how)


def cell_before_hidden(x, hidden, cell, *weights):
    seen, h, c = read(x, hidden, cell, weights)
    return seen, c, h


def model(V, E, H, first=True, bias=True, scores=lambda head, hidden: head(hidden), keeps=True):
    import torch

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = torch.nn.Embedding(V, E)
            self.lstm = torch.nn.LSTM(input_size=E, hidden_size=H, batch_first=first)
            self.head = torch.nn.Linear(H, V, bias=bias)

        def forward(self, ids, state=None):
            hidden, after = self.lstm(self.embed(ids), state if keeps else None)
            return scores(self.head, hidden), after

    return Model()


def one_bias(V, E, H):
    return V * E + 4 * (H * E + H * H + H) + H * V + V


def one_gate(V, E, H):
    return V * E + H * E + H * H + 2 * H + H * V + V


WRONG = {
    "04.1": [
        (partial(gates, order="o first"), "forget and output gate are swapped"),
        (partial(gates, of_gate=np.tanh), "tanh where a sigmoid belongs"),
        (partial(gates, order="i twice"), "of the input gate's block"),
        (partial(gates, of_gate=lambda z: z), "bare sums"),
    ],
    "04.2": [
        (no_tanh, "tanh is forgotten"),
        (crossed, "applied to the candidate"),
        (wide_open, "output gate is missing"),
        (late, "made of the old cell"),
        (ungated, "without its gate"),
        (forgets_all, "the old cell is gone"),
        (lambda i, f, g, o, cell: usual(i, f, g, o, cell)[::-1], "in each other's place"),
    ],
    "04.3": [
        (partial(step, order="figo"), "split as f, i, g, o"),
        (partial(step, order="ifog"), "split as i, f, o, g"),
        (without_bias, "the bias is missing"),
        (without_memory, "old hidden state is not used"),
        (partial(step, then=no_tanh), "tanh is forgotten"),
        (partial(step, then=crossed), "f on the candidate"),
        (all_sigmoids, "the candidate is a sigmoid"),
        (lambda *args: step(*args)[::-1], "in each other's place"),
        (untransposed, "ValueError"),
    ],
    "04.4": [
        (reading(keep="hc"), "reset at every character: each"),
        (reading(keep="c"), "only hidden is carried on"),
        (reading(part=1), "these are the cells"),
        (reading(axis=0), "time stands before the batch"),
        (reading(order=-1), "read backwards"),
        (cell_before_hidden, "in each other's place"),
    ],
    "04.5": [
        (partial(model, first=False), "batch_first=True is missing"),
        (partial(model, scores=lambda head, hidden: head(hidden).softmax(dim=2)), "a softmax in the model"),
        (partial(model, keeps=False), "state given is not used"),
        (partial(model, scores=lambda head, hidden: head(hidden[:, -1])), "only the last position"),
        (partial(model, bias=False), "no bias"),
    ],
    "04.6": [
        (one_bias, "one bias is counted"),
        (one_gate, "one gate is counted"),
        (lambda V, E, H: 4 * H * (E + H + 2) + (H + 1) * V, "embedding is left out"),
        (lambda V, E, H: V * E + 4 * H * (E + H + 2) + H * V, "head's V biases"),
        (lambda V, E, H: V * E + 4 * H * (E + H) + H * V, "no biases"),
    ],
}
