"""What `hornbook explain` tells of one text in a trained model: the passes, the gradient, a step, the proof."""

from functools import partial

import numpy as np
from safetensors import safe_open

from hornbook import run as files
from hornbook.errors import HornbookError
from hornbook.explain import distance, embedding_gradient, explanation, moments, optimiser_step
from hornbook.models import kind_of
from hornbook.reference.gradient_flow import gradient_norms
from hornbook.reference.optim import adam, update

CHECKED = 3  # entries of each parameter that a check nudges


def explain(model, text, backward=False, step=False, precision=None):
    """Every number that `model` makes of `text`, in order; `backward` adds all gradients, `step` one optimizer step.

    Returns an `Explanation`: a list of plain entries that draws itself in a terminal and a notebook.
    """
    trace = model.trace(text, backward or step)
    ids = trace["ids"][0] if "ids" in trace else model.stream([text])[:-1]
    tokenizer = model.tokenizer
    labels = {"T": tokenizer.tokens(ids), "V": tokenizer.tokens(range(tokenizer.vocab_size))}
    told = explanation(trace, kind_of(model.model).form, labels, precision)
    if backward or step:
        told.append(embedding_gradient(trace, precision))
    if step:
        before = model.exact_parameters()
        settings = model.about.get("settings", {})
        rate = settings.get("learning_rate", 1e-3)
        rule = partial(adam, beta1=settings.get("beta1", 0.9), beta2=settings.get("beta2", 0.99))
        grads = {name: trace[f"grad.{name}"] for name in before}
        states = remembered(model)
        kept = {name: dict(state) for name, state in states.items()}
        after = update(rule, before, grads, states, rate)
        told.append(optimiser_step(before["wte"], after["wte"], trace["ids"], precision=precision))
        told.append(moments(before, after, grads, kept, states, rate))
    return told


def remembered(model):
    """What Adam kept of each parameter at the run's last checkpoint: {"m", "v", "step"} by name; where nothing, {}."""
    path = getattr(model, "folder", None) and model.folder / files.CHECKPOINT
    if not path or not path.exists():
        return {}
    with safe_open(path, "np") as file:
        keys, states = set(file.keys()), {}
        for name in model.parameters:
            at = f"optimizer.{name}."
            for m, v in (("exp_avg", "exp_avg_sq"), ("m", "v")):  # as torch calls them, and as the paper
                if {at + m, at + v, at + "step"} <= keys:
                    step = int(file.get_tensor(at + "step"))
                    states[name] = {"m": file.get_tensor(at + m), "v": file.get_tensor(at + v), "step": step}
        return states


def memory(model, text):
    """‖∂L/∂h_t‖ of a recurrent model against the distance in time, where L is the loss of the text's last token."""
    kind = kind_of(model.model)
    if not hasattr(kind.reference, "CELL"):
        raise HornbookError(f"{model.model} carries no state through time; --distance needs an rnn or an lstm.")
    ids = model.stream([text])[None]
    model.check_length(ids.shape[1] - 1, text)
    params = model.exact_parameters()
    return distance(gradient_norms(kind.reference, params, ids[:, :-1], ids[:, -1], model.network.config))


def check(model, text, seed=0, nudge=1e-5):
    """Nudge some entries of each parameter, and compare how the loss moves with the gradient that backward gave.

    Returns rows of {name, index, gradient, by_nudging, difference}; by_nudging is (L(θ + h) − L(θ − h)) / 2h.
    """
    reference, config = kind_of(model.model).reference, model.network.config
    trace, params = model.trace(text, backward=True), model.exact_parameters()
    rng, rows = np.random.default_rng(seed), []

    def loss():
        return float(reference.loss(reference.forward(params, trace["ids"], config), trace["targets"]))

    for name, value in params.items():
        gradient = trace[f"grad.{name}"]
        reached = np.argwhere(gradient)  # of rows that nothing reaches there is nothing to compare
        for index in map(tuple, rng.permutation(reached)[:CHECKED].tolist()):
            kept, moved = value[index], []
            for sign in (1, -1):
                value[index] = kept + sign * nudge
                moved.append(loss())
            value[index] = kept
            slope = (moved[0] - moved[1]) / (2 * nudge)
            rows.append(
                {
                    "name": name,
                    "index": list(index),
                    "gradient": float(gradient[index]),
                    "by_nudging": slope,
                    "difference": abs(slope - float(gradient[index])),
                }
            )
    return rows
