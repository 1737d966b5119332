"""A trace told in order: each number with its name, formula, shape, values, and the line that made it. Plain data."""

import json
from pathlib import Path

import numpy as np

import hornbook
from hornbook.errors import HornbookError
from hornbook.explain_view import to_html, to_terminal
from hornbook.palette import family
from hornbook.reference.names import find

__all__ = ["Explanation", "distance", "embedding_gradient", "explanation", "moments", "optimiser_step", "to_html",
           "to_json", "to_terminal"]  # fmt: skip


class Explanation(list):
    """Entries in order, each a dict of plain data with a `kind`. Draws itself in a terminal and in a notebook.

    `labels` give the places along a letter a name: {"T": the text's tokens, "V": the vocabulary's}.
    """

    def __init__(self, entries=(), labels=None):
        super().__init__(entries)
        self.labels = labels or {}

    def __rich_console__(self, console, options):
        yield from to_terminal(self, self.labels, options.max_width)

    def _repr_html_(self):
        return to_html(self, self.labels, page=False)


def explanation(trace, model, labels=None, precision=None):
    """Every number of the trace as an entry, in the order it was made, and what was predicted as a table of its own.

    `model` is "transformer", "rnn", "lstm" or "ngram": whose table of names to read. A number that the table does not
    know keeps its name and values, without a formula. With `precision`, values are rounded to that many figures.
    """
    entries = []
    for name in trace:
        entries.append(_number(name, trace[name], trace.made_at.get(name), model, precision))
        if name == "loss" and {"targets", "logprobs"} <= set(trace):
            entries.append(_predictions(trace, labels or {}, precision))
    return Explanation(entries, labels)


def embedding_gradient(trace, precision=None):
    """Which rows of wte a backward pass reaches: those of the text's tokens, through the text, and no other.

    A row's gradient through the text is the sum of grad.embed over its token's places. Where the head is tied to wte,
    grad.wte has a second part, through the logits, which reaches every row: `with_gradient` counts both parts,
    `through_text` the first. Raises HornbookError for a trace without a backward pass.
    """
    if not {"ids", "grad.embed", "grad.wte"} <= set(trace):
        raise HornbookError("which rows receive a gradient is known after a backward pass; the trace has none.")
    ids, both = trace["ids"], trace["grad.wte"]
    through_text = np.zeros_like(both)
    np.add.at(through_text, ids, trace["grad.embed"])
    norms = _plain(np.linalg.norm(through_text, axis=1), precision)
    used = dict.fromkeys(ids.ravel().tolist())  # each token once, in the text's order
    rows = [{"row": row, "times": int((ids == row).sum()), "norm": norms[row]} for row in used]
    return {
        "kind": "embedding_gradient",
        "name": "grad.wte",
        "rows": rows,
        "vocabulary": len(both),
        "through_text": int(through_text.any(axis=1).sum()),
        "with_gradient": int(both.any(axis=1).sum()),
    }


def optimiser_step(before, after, ids, name="wte", precision=None):
    """Rows of an embedding (V, D) before and after one step: those of the text's tokens, and the first other one."""
    before, after = np.asarray(before), np.asarray(after)
    used = list(dict.fromkeys(np.asarray(ids).ravel().tolist()))
    other = [row for row in range(len(before)) if row not in used][:1]
    moved = np.linalg.norm(after - before, axis=1)
    rows = [{
        "row": row,
        "in_text": row in used,
        "before": _plain(before[row], precision),
        "after": _plain(after[row], precision),
        "moved": _plain(moved[row], precision),
    } for row in used + other]  # fmt: skip
    still = int((before == after).all(axis=1).sum())
    return {"kind": "optimiser_step", "name": name, "rows": rows, "moved": len(before) - still, "still": still}


def moments(before, after, grads, state_before, state_after, learning_rate):
    """One step of Adam at the entry of each parameter whose gradient is largest: value, gradient, m and v.

    All but the rate are dicts by parameter name; a state has `step`, `m` and `v`, as `optim.adam` keeps them.
    """
    rows = []
    for name, grad in grads.items():
        at = np.unravel_index(np.abs(grad).argmax(), grad.shape)
        old, new = state_before.get(name, {}), state_after[name]
        row = {"name": name, "index": [int(i) for i in at], "gradient": float(grad[at])}
        for key in ("m", "v"):
            row |= {f"{key}_before": float(np.broadcast_to(old.get(key, 0.0), grad.shape)[at])}
            row |= {f"{key}_after": float(new[key][at])}
        rows.append(row | {"value_before": float(before[name][at]), "value_after": float(after[name][at])})
    return {"kind": "moments", "step": new["step"], "learning_rate": learning_rate, "rows": rows}


def distance(norms, precision=None):
    """‖∂L/∂h‖ against the distance in time, name -> (T,) with distance 0 first: `gradient_flow.gradient_norms`."""
    return {"kind": "distance", "norms": {name: _plain(values, precision) for name, values in norms.items()}}


def to_json(entries, labels=None):
    """The entries and their labels as JSON text. What is not finite is "NaN", "Infinity" or "-Infinity", in quotes."""
    labels = labels or getattr(entries, "labels", {})
    return json.dumps({"labels": labels, "entries": list(entries)}, ensure_ascii=False, allow_nan=False)


def _number(name, array, made_at, model, precision):
    try:
        letters, formula, meaning = find(name, model)
    except (HornbookError, KeyError):
        letters = formula = meaning = ""
    return {
        "kind": "number",
        "name": name,
        "family": family(name),
        "formula": formula,
        "meaning": meaning,
        "letters": letters.split(),
        "shape": list(array.shape),
        "made_at": _place(*made_at) if made_at else "",
        "values": _plain(array, precision),
    }


def _predictions(trace, labels, precision, best=3):
    """For each token of the first text: what came next, how probable it was, and what was likelier."""
    rows = []
    for at, (token, came, logprobs) in enumerate(zip(trace["ids"][0], trace["targets"][0], trace["logprobs"][0])):
        likeliest = np.argsort(-logprobs, kind="stable")[:best]
        rows.append({
            "at": at,
            "token": int(token),
            "came": int(came),
            "probability": _plain(np.exp(logprobs[came]), precision),
            "rank": int((logprobs > logprobs[came]).sum()) + 1,
            "likeliest": [[int(other), _plain(np.exp(logprobs[other]), precision)] for other in likeliest],
        })  # fmt: skip
    return {"kind": "predictions", "name": "predictions", "rows": rows}


def _place(file, line):
    """`reference/attention.py:33`, seen from the package; the whole path for a file of someone else's."""
    package, file = Path(hornbook.__file__).parent, Path(file)
    return f"{file.relative_to(package) if file.is_relative_to(package) else file}:{line}"


def _plain(array, precision=None):
    """Nested lists of Python numbers, to `precision` figures; what is not finite is text: JSON has no word for it."""
    array = np.asarray(array)
    if array.dtype.kind in "biu":
        return array.tolist()
    if precision is None and np.isfinite(array).all():
        return array.astype(float).tolist()
    return _mapped(array.astype(float).tolist(), precision)


def _mapped(values, precision):
    if isinstance(values, list):
        return [_mapped(value, precision) for value in values]
    if not np.isfinite(values):
        return str(json.dumps(values))
    return values if precision is None else float(f"{values:.{precision}g}")
