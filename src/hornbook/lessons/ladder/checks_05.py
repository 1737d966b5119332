"""The checks of ladder notebook 05: one step of an RNN, its Jacobian, blame walked back, the LSTM's cell, clipping."""

import numpy as np

from hornbook.lessons.exercise import Case, Exercise, Mistake
from hornbook.reference import lstm, optim, rnn
from hornbook.reference.lstm import sigmoid


def _steps():
    rng = np.random.default_rng(5)
    return [
        Case(tuple(rng.normal(size=shape) for shape in ((B, D), (B, H), (H, D), (H, H), (H,))), label)
        for B, D, H, label in ((2, 3, 4, "2 letters 3 wide, a state of 4"), (1, 5, 3, "1 letter, a state of 3"))
    ]


def _rnn_step(x, hidden, w_x, w_h, b):
    return rnn.step(x, [hidden], w_x, w_h, b)[-1]


def _slopes():
    rng = np.random.default_rng(6)
    return [Case((np.tanh(rng.normal(size=H)), rng.normal(size=(H, H))), f"a state of {H}") for H in (3, 5)]


def _jacobian(hidden, w_h):
    return rnn.step_backward([np.eye(len(hidden))], (None, hidden), None, w_h)[2][0]


def _walks():
    rng = np.random.default_rng(7)
    return [
        Case((np.tanh(rng.normal(size=(T, H))), rng.normal(size=(H, H)), rng.normal(size=H)), f"{T} steps, {H} numbers")
        for T, H in ((4, 3), (6, 2))
    ]


def _walk(factor):
    """The walk back with another rule for one step: factor(hidden, t, w_h) -> what blame is multiplied by."""

    def walk_back(hidden, w_h, last):
        blame = [last]
        for t in range(len(hidden) - 1, 0, -1):
            blame.insert(0, factor(hidden, t, w_h) @ blame[0])
        return np.stack(blame)

    return walk_back


_walk_back = _walk(lambda hidden, t, w_h: _jacobian(hidden[t], w_h).T)


def _lstm_cases():
    rng = np.random.default_rng(8)
    return [
        Case(tuple(rng.normal(size=at) for at in ((B, D), (B, H), (B, H), (4 * H, D), (4 * H, H), (4 * H,))), label)
        for B, D, H, label in ((2, 3, 2, "2 letters 3 wide, 2 cells"), (1, 2, 3, "1 letter, 3 cells"))
    ]


def _lstm_step(x, hidden, cell, w_x, w_h, b):
    *_, cell, hidden = lstm.step(x, [cell, hidden], w_x, w_h, b)
    return hidden, cell


def _lstm(update):
    """An LSTM step with another rule for the last part: update(four blocks, cell) -> (hidden, cell)."""
    return lambda x, hidden, cell, w_x, w_h, b: update(*np.split(x @ w_x.T + hidden @ w_h.T + b, 4, axis=-1), cell)


def _kept(f, i, g, o, cell):
    cell = f * cell + i * g
    return o * np.tanh(cell), cell


def _untanhed(i, f, g, o, cell):
    cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * cell, cell


def _clips():
    rng = np.random.default_rng(9)
    grads = {"w": rng.normal(size=(2, 3)), "b": 5 * rng.normal(size=3)}
    short = {name: 0.02 * grad for name, grad in grads.items()}
    return [Case((grads, 1.0), "a gradient that is too long"), Case((short, 2.0), "one that is short enough")]


def _shortened(factor_of):
    """All gradients times one factor, factor_of(sum of squares, max_norm)."""

    def clip(grads, max_norm):
        factor = factor_of(sum((grad**2).sum() for grad in grads.values()), max_norm)
        return {name: factor * grad for name, grad in grads.items()}

    return clip


EXERCISES = (
    Exercise(
        id="L5.1",
        title="One step of a recurrent network",
        goal="Finish h_t = tanh(W_x x_t + W_h h_{t-1} + b) for a batch.",
        accept=("returns (B, H)", "every number lies between -1 and 1", "agrees with hornbook.reference.rnn.step"),
        hints=(
            "The old state goes through its own matrix, just as the letter does.",
            "W_h has one row per output: multiply the rows of `hidden` by its transpose.",
            "Add the three parts (letter, state, bias) first; np.tanh comes last, around the whole sum.",
        ),
        right=_rnn_step,
        cases=_steps,
        mistakes=(
            Mistake("W_h is used without its transpose: rows are outputs, so a batch is multiplied by w_h.T",
                    lambda x, hidden, w_x, w_h, b: np.tanh(x @ w_x.T + hidden @ w_h + b)),
            Mistake("the tanh is missing: the sum itself is returned",
                    lambda x, hidden, w_x, w_h, b: x @ w_x.T + hidden @ w_h.T + b),
            Mistake("W_h is used as one weight per dimension (its diagonal); it is a full matrix",
                    lambda x, hidden, w_x, w_h, b: np.tanh(x @ w_x.T + hidden * np.diag(w_h) + b)),
            Mistake("the bias b is left out", lambda x, hidden, w_x, w_h, b: np.tanh(x @ w_x.T + hidden @ w_h.T)),
            Mistake("the last state is left out: without W_h h the network has no memory",
                    lambda x, hidden, w_x, w_h, b: np.tanh(x @ w_x.T + b)),
        ),
        why=(
            "The same three parameters serve at every letter, so a text of any length can be read: what it was "
            "lives in h."
        ),
        outcome="can write one step of a recurrent network with full matrices",
        page="architecture",
        film=4,
    ),
    Exercise(
        id="L5.2",
        title="The factor of one step back",
        goal="Return the Jacobian diag(1 - h²) W_h of one step.",
        accept=("returns (H, H)", "row k is row k of W_h times 1 - h_k²", "a state of zeros gives W_h itself"),
        hints=(
            "The slope of tanh, written with what came out of it, is 1 minus the square of that.",
            "Each slope belongs to one output, and outputs are rows: turn the slopes into a column with [:, None].",
        ),
        right=_jacobian,
        cases=_slopes,
        mistakes=(
            Mistake("the slope of tanh is 1 - h², not h²: a state of 0 lets everything through",
                    lambda hidden, w_h: (hidden**2)[:, None] * w_h),
            Mistake("the slopes scale the columns of W_h; they belong to its rows, the outputs",
                    lambda hidden, w_h: (1 - hidden**2) * w_h),
            Mistake("W_h is transposed: the Jacobian is diag(1 - h²) W_h; the transpose comes when you walk back",
                    lambda hidden, w_h: (1 - hidden**2)[:, None] * w_h.T),
            Mistake("tanh is taken again: hidden has been through the tanh already",
                    lambda hidden, w_h: (1 - np.tanh(hidden) ** 2)[:, None] * w_h),
        ),
        why="It holds everything one step can do to blame: the matrix mixes it, and states near ±1 shut it off.",
        outcome="can say what multiplies the gradient at every step back, and that it is not a constant",
        page="autograd",
        film=7,
    ),
    Exercise(
        id="L5.3",
        title="Walk the blame back",
        goal="Fill dL/dh for every step, from the last to the first.",
        accept=(
            "returns (T, H) in the order of the text",
            "the last row is `last`",
            "each row before: J_t transposed times the next",
        ),
        hints=(
            "Loop t from T - 1 down to 1 and fill row t - 1 from row t.",
            "The Jacobian of the step into t is made of hidden[t], the state after that step.",
            "Forward, a change is multiplied by J; backward, blame is multiplied by its transpose: J.T @ blame[t].",
        ),
        right=_walk_back,
        cases=_walks,
        mistakes=(
            Mistake("J is used without its transpose: back through a matrix goes the transpose",
                    _walk(lambda hidden, t, w_h: _jacobian(hidden[t], w_h))),
            Mistake("the slope is taken at hidden[t-1]; the step into t has the slope of hidden[t]",
                    _walk(lambda hidden, t, w_h: _jacobian(hidden[t - 1], w_h).T)),
            Mistake("the slope 1 - h² is missing: blame is multiplied by W_h alone",
                    _walk(lambda hidden, t, w_h: w_h.T)),
            Mistake("every step multiplies by 0.8: that is the toy; the real factor is the Jacobian",
                    _walk(lambda hidden, t, w_h: 0.8 * np.eye(len(w_h)))),
            Mistake("the rows are in reverse: row 0 belongs to the first step, the last row is `last`",
                    lambda hidden, w_h, last: _walk_back(hidden, w_h, last)[::-1]),
        ),
        why=(
            "T - 1 factors in a row: whether they shrink or stretch what passes decides how far back the network "
            "hears."
        ),
        outcome="can measure how much of a loss's blame reaches each earlier step",
        page="autograd",
        film=7,
    ),
    Exercise(
        id="L5.4",
        title="The LSTM's cell",
        goal="From z, return the new hidden state and the new cell.",
        accept=(
            "returns (hidden, cell), each (B, H)",
            "gates in the order i, f, g, o",
            "as hornbook.reference.lstm.step",
        ),
        hints=(
            "Cut z into four blocks of H columns: np.split(z, 4, axis=-1).",
            "Three of the blocks are gates and go through the sigmoid; the candidate g goes through tanh.",
            "New cell: gated old cell plus gated candidate. New hidden: output gate times the tanh of the new cell.",
        ),
        right=_lstm_step,
        cases=_lstm_cases,
        mistakes=(
            Mistake("gates are split as i, f, o, g; this course uses i, f, g, o",
                    _lstm(lambda i, f, o, g, c: _kept(sigmoid(f), sigmoid(i), np.tanh(g), sigmoid(o), c))),
            Mistake("gates are split as f, i, g, o; this course uses i, f, g, o",
                    _lstm(lambda f, i, g, o, c: _kept(sigmoid(f), sigmoid(i), np.tanh(g), sigmoid(o), c))),
            Mistake("the forget gate is a fixed 0.85; it is the sigmoid of its block, new at every letter",
                    _lstm(lambda i, f, g, o, c: _kept(0.85, sigmoid(i), np.tanh(g), sigmoid(o), c))),
            Mistake("the candidate g goes through the sigmoid; it needs tanh, so that it can also be negative",
                    _lstm(lambda i, f, g, o, c: _kept(sigmoid(f), sigmoid(i), sigmoid(g), sigmoid(o), c))),
            Mistake("the hidden state is o times the cell; it is o times the tanh of the cell", _lstm(_untanhed)),
            Mistake("cell and hidden are in each other's place: return hidden first, then the cell",
                    lambda *args: _lstm_step(*args)[::-1]),
        ),
        why="Back along the cell the factor is f alone: no matrix, no slope. Where f is near 1, blame passes whole.",
        outcome="can write the LSTM's step and say why its gates are no fixed weights",
        page="architecture",
        film=4,
        outputs=("hidden", "cell"),
    ),
    Exercise(
        id="L5.5",
        title="Clip by the norm",
        goal="Shorten all gradients by one factor where their joint norm is above max_norm.",
        accept=("the joint norm is at most max_norm", "the direction stays", "short gradients come back unchanged"),
        hints=(
            "One norm for all parameters together: the root of the sum of all squares.",
            "The factor is max_norm / norm, but never more than 1.",
        ),
        right=lambda grads, max_norm: optim.clip(grads, max_norm)[0],
        cases=_clips,
        mistakes=(
            Mistake("each number is clipped by itself, which turns the direction; clip the norm of all together",
                    lambda grads, max_norm: {n: np.clip(g, -max_norm, max_norm) for n, g in grads.items()}),
            Mistake("each parameter is clipped by its own norm; one norm and one factor hold for all together",
                    lambda grads, max_norm: {n: g * min(1, max_norm / np.linalg.norm(g)) for n, g in grads.items()}),
            Mistake("short gradients are stretched to max_norm; the factor is never above 1",
                    _shortened(lambda squares, max_norm: max_norm / np.sqrt(squares))),
            Mistake("the sum of squares is used without its root",
                    _shortened(lambda total, most: min(1, most / total))),
        ),
        why="One factor for everything keeps the direction of descent: the step is shorter, not another one.",
        outcome="can clip gradients by their joint norm and say what clipping cannot cure",
        page="training",
        film=12,
        tolerance=1e-5,  # the library adds 1e-6 to the norm
    ),
)
