"""Wrong answers to Frankenstein 06, each with a piece of the diagnosis that it must get."""

import random

import numpy as np


def quiet(function):
    """The same, without NumPy's warnings."""

    def call(*args):
        with np.errstate(all="ignore"):
            return function(*args)

    return call


def by_column(logits):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=0, keepdims=True)


def by_column_throughout(logits):
    powers = np.exp(logits - logits.max(axis=0, keepdims=True))
    return powers / powers.sum(axis=0, keepdims=True)


def all_at_once(logits):
    powers = np.exp(logits - np.max(logits))
    return powers / powers.sum()


def powers_only(logits):
    return np.exp(logits - np.max(logits))


def upside_down(logits):
    powers = np.exp(np.max(logits) - logits)
    return powers / powers.sum(1)[:, None]


def unguarded(logits):
    return np.exp(logits) / np.exp(logits).sum(1)[:, None]


def chances(scores):
    powers = np.exp(scores - np.max(scores))
    return powers / powers.sum()


def renormalised(scores, temperature):
    p = chances(scores) / temperature
    return p / sum(p)


def fall(p, u):
    total = 0.0
    for i, each in enumerate(p):
        total += each
        if total > u:
            return i
    return len(p) - 1


def alone(p, u):
    return next((i for i, each in enumerate(p) if each > u), 0)


def from_behind(p, u):
    return fall(p, 1 - u)


def write(step, prompt, us, temperature, pick=fall, read=None, forget=False, still=False, same=False, front=False):
    state, new = None, []
    for i in prompt if read is None else prompt[read:]:
        logits, state = step(i, state)
    of_prompt = state
    for u in us:
        new.append(pick(chances(logits / temperature), u))
        logits, state = step(prompt[-1] if same else new[-1], None if forget else of_prompt if still else state)
    return prompt + new if front else new


def hot(step, prompt, us, temperature):
    return write(step, prompt, us, 1 / temperature)


def prompt_without_state(step, prompt, us, temperature):
    for i in prompt:
        logits, state = step(i)
    new = []
    for u in us:
        new.append(fall(chances(logits / temperature), u))
        logits, state = step(new[-1], state)
    return new


def writing(**how):
    return lambda step, prompt, us, temperature: write(step, prompt, us, temperature, **how)


WRONG = {
    "06.1": [
        (by_column, "along each row (axis=-1), not down"),
        (by_column_throughout, "each row must sum to 1, not each column"),
        (quiet(unguarded), "exp overflows"),
        (all_at_once, "all rows together"),
        (powers_only, "not divided"),
        (upside_down, "sign is turned"),
    ],
    "06.2": [
        (lambda scores, temperature: chances(scores * temperature), "multiplied by the temperature"),
        (renormalised, "acts after the softmax"),
        (lambda scores, temperature: chances(scores) / temperature, "do not sum to 1"),
        (lambda scores, temperature: scores / temperature, "softmax that makes probabilities of them is missing"),
    ],
    "06.3": [
        (lambda p, u: int(np.random.choice(len(p), p=p)), "u is not used: np.random"),
        (lambda p, u: random.choices(range(len(p)), weights=p)[0], "u is not used: random"),
        (lambda p, u: int(np.argmax(p)), "argmax instead of sampling"),
        (lambda p, u: int(u * len(p)), "equally likely"),
        (lambda p, u: fall(p, u) + 1, "one piece too far"),
        (alone, "on its own"),
        (from_behind, "from the far end"),
    ],
    "06.4": [
        (writing(forget=True), "state is reset at every character"),
        (writing(still=True), "stays that of the prompt"),
        (writing(read=-1), "only the last character of the prompt"),
        (prompt_without_state, "hand the state on"),
        (lambda step, prompt, us, temperature: write(step, prompt, us, 1.0), "temperature is not used"),
        (writing(pick=lambda p, u: int(np.argmax(p))), "argmax instead of sampling"),
        (writing(same=True), "not fed back"),
        (hot, "multiplied by the temperature"),
        (writing(front=True), "the prompt is in front"),
    ],
}
