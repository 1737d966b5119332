"""The exercises of Frankenstein 04: gates, cell and hidden state, a step, a sequence, the torch model, its size."""

from functools import partial

from hornbook.lessons.exercise import Case, Exercise, Mistake
from hornbook.lessons.frankenstein.flawed_lstm import (
    char_lstm,
    flawed_step,
    gates,
    lstm,
    lstm_step,
    n_parameters,
    read_twice,
    turned,
    update,
)


def _sums():
    return [Case((_rng(5).normal(size=(B, 4 * H)),), f"z of {B} texts, H={H}") for B, H in ((2, 3), (3, 2))]


# -- 04.2: update -------------------------------------------------------------------------------------------------


def _gate_values():
    rng = _rng(6)
    return [
        Case((*gates(rng.normal(size=(B, 4 * H))), rng.normal(size=(B, H)) * 2), f"{B} texts, H={H}")
        for B, H in ((2, 3), (1, 4))
    ]


# -- 04.3: a step -------------------------------------------------------------------------------------------------


def _rng(seed):
    import numpy as np

    return np.random.default_rng(seed)


def _weights(rng, B, E, H):
    """hidden, cell, w_x, w_h, b, large enough to set every mistake apart."""
    return [rng.normal(size=size) for size in ((B, H), (B, H), (4 * H, E), (4 * H, H), (4 * H,))]


def _steps():
    rng = _rng(7)
    return [
        Case((rng.normal(size=(B, E)), *_weights(rng, B, E, H)), f"{B} texts, E={E}, H={H}")
        for B, E, H in ((2, 4, 3), (1, 2, 5))
    ]


# -- 04.4: a sequence ---------------------------------------------------------------------------------------------


def _sequences():
    rng = _rng(8)
    return [
        Case((rng.normal(size=(B, T, E)), *_weights(rng, B, E, H)), f"{B} texts of {T} characters, E={E}, H={H}")
        for B, T, E, H in ((2, 5, 4, 3), (3, 2, 2, 4))
    ]


# -- 04.5: the model ----------------------------------------------------------------------------------------------


def _texts():
    import torch

    draw = torch.Generator().manual_seed(9)
    return [
        Case((V, E, H, torch.randint(V, (B, T), generator=draw)), f"{B} texts of {T} ids, V={V}, E={E}, H={H}")
        for B, T, V, E, H in ((2, 6, 7, 3, 4), (3, 4, 5, 2, 6))
    ]


# -- 04.6: parameters ---------------------------------------------------------------------------------------------


def _sizes():
    return [Case(sizes, "V={}, E={}, H={}".format(*sizes)) for sizes in ((75, 48, 96), (27, 16, 32), (2, 3, 5))]


ORDERS = (
    Mistake(
        "gates are split as f, i, g, o; this course uses i, f, g, o"
        " (f on the candidate and i on the cell comes to the same)",
        partial(flawed_step, flaw="f, i, g, o"),
    ),
    Mistake("gates are split as i, f, o, g; this course uses i, f, g, o", partial(flawed_step, flaw="i, f, o, g")),
)

TURNED = partial(Mistake, "cell and hidden are in each other's place: return hidden first, the cell last")

EXERCISES = (
    Exercise(
        id="04.1",
        title="Two gates",
        goal="Fill in the forget gate and the output gate; input gate and candidate are given.",
        accept=("the blocks of z stand in the order i, f, g, o", "both gates are between 0 and 1"),
        hints=(
            "The input gate is the sigmoid of the first of four equal blocks of z. Which block is f, which is o?",
            "f is the second block, from H to 2H; o the fourth, from 3H on.",
        ),
        right=gates,
        cases=_sums,
        mistakes=(
            Mistake("forget and output gate are swapped: the order is i, f, g, o", partial(gates, flaw="i, o, g, f")),
            Mistake("tanh where a sigmoid belongs: a gate is between 0 and 1", partial(gates, flaw="tanh gates")),
            Mistake("the forget gate is made of the input gate's block", partial(gates, flaw="f is i")),
            Mistake("the sigmoid is missing: these are the bare sums", partial(gates, flaw="bare")),
        ),
        why="Three valves and one candidate out of one matrix product: all four are sums of the same inputs.",
        outcome="can describe the three LSTM gates and what each is for",
        page="architecture",
        film=4,
        outputs=("i", "f", "g", "o"),
    ),
    Exercise(
        id="04.2",
        title="Keep, take in, show",
        goal="Compute the new cell and the new hidden state from gates, candidate and old cell.",
        accept=("the new cell is f * cell + i * g", "the new hidden state is o * tanh(new cell)"),
        hints=(
            "The forget gate belongs to the old cell, the input gate to the candidate.",
            "The hidden state is computed from the *new* cell, squashed, and then let through by o.",
        ),
        right=update,
        cases=_gate_values,
        mistakes=(
            Mistake("tanh is forgotten on the cell: hidden = o * tanh(cell)", partial(update, flaw="no tanh")),
            Mistake(
                "the forget gate is applied to the candidate: it belongs to the old cell",
                partial(update, flaw="swapped"),
            ),
            Mistake("the output gate is missing: hidden = o * tanh(cell)", partial(update, flaw="no output gate")),
            Mistake("hidden is made of the old cell: use the new one", partial(update, flaw="old cell")),
            Mistake("the candidate comes in without its gate: i * g", partial(update, flaw="no input gate")),
            Mistake("the old cell is gone: it stays as far as f lets it", partial(update, flaw="replaced")),
            TURNED(turned(update)),
        ),
        why="The cell is only scaled and added to. That is why gradients survive in it for many characters.",
        outcome="can say why an LSTM has both h and c",
        page="architecture",
        film=4,
        outputs=("hidden", "cell"),
    ),
    Exercise(
        id="04.3",
        title="One full step",
        goal="Read one character's vector: from x, hidden and cell to the new hidden and cell.",
        accept=("z = x w_x^T + hidden w_h^T + b", "gates in PyTorch's order: i, f, g, o"),
        hints=(
            "Three lines: the sum z, the gates, the update.",
            "The weights are stored as (out, in), as in PyTorch: multiply by their transpose.",
            "gates and update from above do the rest.",
        ),
        right=lstm_step,
        cases=_steps,
        mistakes=(
            *ORDERS,
            Mistake("the bias is missing", partial(flawed_step, flaw="no bias")),
            Mistake("the old hidden state is not used: add hidden @ w_h.T", partial(flawed_step, flaw="no hidden")),
            Mistake("tanh is forgotten on the cell: hidden = o * tanh(cell)", partial(flawed_step, flaw="no tanh")),
            Mistake(
                "the candidate is a sigmoid: it is a tanh, between -1 and 1",
                partial(flawed_step, flaw="sigmoid candidate"),
            ),
            TURNED(turned(lstm_step)),
        ),
        why="This is the whole LSTM. nn.LSTM runs the same six lines, in C++.",
        outcome="can write an LSTM step by hand",
        page="architecture",
        film=4,
        outputs=("hidden", "cell"),
    ),
    Exercise(
        id="04.4",
        title="A whole sequence",
        goal="Read T characters one after the other, and keep every hidden state.",
        accept=("all hidden states, (B, T, H)", "and the last hidden and cell, to go on from"),
        hints=(
            "A loop over t; x[:, t] is character t of every text.",
            "What one step returns, the next one starts from. Collect the hidden states in a list.",
            "np.stack with axis=1 puts time in second place.",
        ),
        right=lstm,
        cases=_sequences,
        mistakes=(
            Mistake(
                "the state is reset at every character: each step must start from the last", partial(lstm, flaw="reset")
            ),
            Mistake(
                "the cell is reset at every character, only hidden is carried on", partial(lstm, flaw="cell reset")
            ),
            Mistake("these are the cells; what an LSTM shows are its hidden states", partial(lstm, flaw="cells")),
            Mistake("time stands before the batch: stack along axis 1", partial(lstm, flaw="time first")),
            Mistake("the text is read backwards", partial(lstm, flaw="backwards")),
            TURNED(turned(lstm)),
        ),
        why="The same weights at every character; only the state differs. So the text may have any length.",
        outcome="can say what a hidden state is, and what is carried from character to character",
        page="architecture",
        film=4,
        outputs=("all hidden states", "hidden", "cell"),
    ),
    Exercise(
        id="04.5",
        title="The model in PyTorch",
        goal="Build embedding, LSTM and head as a Module that gives logits and the state.",
        accept=("logits (B, T, V): scores, not probabilities", "a state that is given is where the reading begins"),
        hints=(
            "nn.LSTM(E, H) expects time first, unless you tell it batch_first.",
            "nn.Linear(H, V) works on the last axis, whatever comes before it.",
            "forward hands `state` to the LSTM, and returns what it gives back beside the hidden states.",
        ),
        right=partial(char_lstm, ""),
        cases=_texts,
        mistakes=(
            Mistake("batch_first=True is missing: nn.LSTM took the batch for time", partial(char_lstm, "time first")),
            Mistake("a softmax in the model: the loss wants logits and takes it itself", partial(char_lstm, "softmax")),
            Mistake("the state given is not used: hand it to the LSTM", partial(char_lstm, "forgetful")),
            Mistake("only the last position is scored: every one has a label", partial(char_lstm, "last only")),
            Mistake("the head has no bias", partial(char_lstm, "no bias")),
        ),
        why="Three parts: a row for each id, a memory, a score for each character. The widths are yours to choose.",
        outcome="can build the character model in PyTorch",
        page="architecture",
        film=11,
        outputs=("logits", "logits of the text that follows", "hidden", "cell"),
        probe=read_twice,
    ),
    Exercise(
        id="04.6",
        title="Count the parameters",
        goal="Give the number of parameters of that model from V, E and H.",
        accept=("embedding, LSTM and head, all weights and biases", "nn.LSTM has two biases, b_ih and b_hh"),
        hints=(
            "The embedding is V rows of E. The head is a V by H matrix and V biases.",
            "The LSTM has four blocks of H rows; each row meets E inputs and H hidden numbers, and has two biases.",
        ),
        right=n_parameters,
        cases=_sizes,
        mistakes=(
            Mistake(
                "one bias is counted; nn.LSTM has two of 4H each",
                lambda V, E, H: n_parameters(V, E, H) - 4 * H,
            ),
            Mistake(
                "one gate is counted; there are four blocks",
                lambda V, E, H: n_parameters(V, E, H) - 3 * H * (E + H + 2),
            ),
            Mistake(
                "the embedding is left out: it is trained like all the rest",
                lambda V, E, H: n_parameters(V, E, H) - V * E,
            ),
            Mistake("the head's V biases are left out", lambda V, E, H: n_parameters(V, E, H) - V),
            Mistake("no biases are counted at all", lambda V, E, H: n_parameters(V, E, H) - 8 * H - V),
        ),
        why="Most of it is the LSTM, and most of that grows with H squared: twice the memory, four times the matrix.",
        outcome="can count the parameters of an LSTM language model",
        page="parameters",
        film=11,
    ),
)
