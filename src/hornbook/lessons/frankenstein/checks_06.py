"""The exercises of Frankenstein 06: a stable softmax, temperature, drawing by one number, and writing on."""

from functools import partial

from hornbook.lessons.exercise import Case, Exercise, Mistake


def _rng(seed):
    import numpy as np

    return np.random.default_rng(seed)


# -- 06.1 ---------------------------------------------------------------------------------------------------------


def softmax(logits):
    from hornbook.reference.layers import softmax

    return softmax(logits)


def _flawed_softmax(logits, flaw):
    import numpy as np

    axis = {"batch axis": 0, "batch axis throughout": 0, "all": None}.get(flaw, -1)
    largest = logits.max(axis=-1, keepdims=True) if flaw == "batch axis" else logits.max()
    shifted = logits if flaw == "overflow" else logits - largest
    if flaw == "sign":
        shifted = -shifted
    with np.errstate(all="ignore"):
        powers = np.exp(shifted)
        return powers if flaw == "not divided" else powers / powers.sum(axis=axis, keepdims=True)


def _scores():
    import numpy as np

    cases = [Case((_rng(21).normal(size=(B, V)),), f"{B} rows of {V} scores") for B, V in ((3, 4), (2, 6))]
    return [*cases, Case((np.array([[1000.0, 999.0, 998.0], [999.0, 1001.0, 1000.0]]),), "scores as large as 1,000")]


# -- 06.2 ---------------------------------------------------------------------------------------------------------


def at_temperature(logits, temperature):
    from hornbook.reference.sampling import probabilities

    return probabilities(logits, temperature)


def _after_softmax(logits, temperature):
    probabilities = softmax(logits) / temperature
    return probabilities / probabilities.sum()


def _temperatures():
    logits = _rng(22).normal(size=6) * 2
    return [Case((logits, temperature), f"six scores at temperature {temperature}") for temperature in (0.5, 1.0, 2.0)]


# -- 06.3 ---------------------------------------------------------------------------------------------------------


def draw(probabilities, u):
    from hornbook.reference.sampling import draw

    return draw(probabilities, u)


def _flawed_draw(probabilities, u, flaw):
    import random

    import numpy as np

    ids, ends = range(len(probabilities)), np.cumsum(probabilities)
    found = {
        "np.random": lambda: np.random.choice(ids, p=probabilities),
        "random": lambda: random.choices(ids, probabilities)[0],
        "argmax": lambda: np.argmax(probabilities),
        "equal": lambda: u * len(probabilities),
        "one too far": lambda: np.sum(ends <= u) + 1,
        "alone": lambda: np.argmax(probabilities > u),
        "from the end": lambda: np.sum(ends <= 1 - u),
    }
    return int(found[flaw]())


def _chances():
    import numpy as np

    cases = {(0.125, 0.5, 0.0, 0.25, 0.125): (0.05, 0.125, 0.4, 0.7, 0.95)}
    cases[0.1, 0.2, 0.15, 0.25, 0.0, 0.2, 0.1] = (0.02, 0.15, 0.34, 0.56, 0.8, 0.93)  # chance seldom hits the same
    return [Case((np.array(each), u), f"u = {u}, {len(each)} ids") for each, us in cases.items() for u in us]


# -- 06.4 ---------------------------------------------------------------------------------------------------------


def write(step, prompt, us, temperature, flaw=""):
    import numpy as np

    state, written = None, []
    for i in prompt[-1:] if flaw == "last only" else prompt:
        logits, state = step(i, state)
    for u in us:
        t = {"multiplied": 1 / temperature, "temperature": 1.0}.get(flaw, temperature)
        probabilities = at_temperature(logits, t)
        drawn = int(np.argmax(probabilities)) if flaw == "argmax" else draw(probabilities, u)
        written.append(drawn)
        before = None if flaw == "reset" else state
        logits, after = step(prompt[-1] if flaw == "not fed back" else drawn, before)
        state = state if flaw == "state kept still" else after
    return [*prompt, *written] if flaw == "with prompt" else written


def reader(seed, V=7, H=5):
    """step(id, state) -> (logits (V,), state): a small recurrent network with random weights; state None is zeros."""
    import numpy as np

    rng = _rng(seed)
    wte, w_h, head = rng.normal(size=(V, H)), rng.normal(size=(H, H)), 2 * rng.normal(size=(V, H))

    def step(i, state=None):
        if not 0 <= i < V:
            raise IndexError(f"id {i} is outside the vocabulary of {V}")
        hidden = np.tanh(wte[i] + (0 if state is None else w_h @ state))
        return head @ hidden, hidden

    return step


def _writings():
    return [
        Case((reader(seed), prompt, _rng(seed).random(12).tolist(), temperature), f"12 characters after ids {prompt}")
        for seed, prompt, temperature in ((23, [3, 1, 4], 0.8), (24, [2, 0], 1.5))
    ]


EXERCISES = (
    Exercise(
        id="06.1",
        title="A softmax that cannot overflow",
        goal="Turn rows of scores into rows of probabilities.",
        accept=("each row sums to 1", "scores of 1,000 give no nan and no warning"),
        hints=(
            "exp(1000) is infinite. Softmax does not change when one number is taken off all scores of a row: which?",
            "Take each row's maximum off; axis=-1 and keepdims=True, for the maximum and for the sum.",
        ),
        right=softmax,
        cases=_scores,
        mistakes=tuple(
            Mistake(says, partial(_flawed_softmax, flaw=flaw))
            for flaw, says in {
                "batch axis": "softmax over the batch axis: sum along each row (axis=-1), not down the columns",
                "batch axis throughout": "softmax over the batch axis: each row must sum to 1, not each column",
                "overflow": "exp overflows: take each row's maximum off first",
                "all": "all rows together sum to 1; each row must",
                "not divided": "the powers are not divided by their sum",
                "sign": "the sign is turned: the highest score must be the likeliest",
            }.items()
        ),
        why="Softmax sees differences alone. So the largest score may be called 0, and exp meets nothing positive.",
        outcome="can write a stable softmax",
        page="generation",
        film=6,
    ),
    Exercise(
        id="06.2",
        title="Temperature",
        goal="Give the probabilities of scores at a temperature: softmax of scores / temperature.",
        accept=("below 1 sharper, above 1 flatter, at 1 unchanged", "the probabilities sum to 1"),
        hints=(
            "Is it before or after the softmax that the temperature acts?",
            "A temperature of 0.5 should double the scores.",
        ),
        right=at_temperature,
        cases=_temperatures,
        mistakes=(
            Mistake(
                "multiplied by the temperature: divide, so that a low temperature is careful",
                lambda logits, temperature: at_temperature(logits, 1 / temperature),
            ),
            Mistake(
                "the temperature acts after the softmax, where it changes nothing",
                _after_softmax,
            ),
            Mistake(
                "the probabilities do not sum to 1: divide the scores, before the softmax",
                lambda logits, temperature: softmax(logits) / temperature,
            ),
            Mistake(
                "these are the scores, divided: the softmax that makes probabilities of them is missing",
                lambda logits, temperature: logits / temperature,
            ),
        ),
        why="Dividing all scores stretches or shrinks their differences, which is all that softmax sees.",
        outcome="can say what temperature does to a distribution",
        page="generation",
        film=6,
    ),
    Exercise(
        id="06.3",
        title="Draw by one number",
        goal="Return the id on which u falls when the probabilities lie end to end from 0 to 1.",
        accept=(
            "the smallest id whose probabilities, summed up to and with it, exceed u",
            "a whole number; an id of probability 0 is never drawn",
        ),
        hints=(
            "np.cumsum gives the end of each piece.",
            "How many pieces end at or before u? The next one is it.",
        ),
        right=draw,
        cases=_chances,
        mistakes=tuple(
            Mistake(says, partial(_flawed_draw, flaw=flaw))
            for flaw, says in {
                "np.random": "u is not used: np.random has a number of its own, and nobody can repeat the draw by u",
                "random": "u is not used: random has a number of its own, and nobody can repeat the draw by u",
                "argmax": "argmax instead of sampling: always the likeliest, whatever u",
                "equal": "all ids are equally likely here: the probabilities are not used",
                "one too far": "one piece too far: count the pieces that end at or before u",
                "alone": "each probability is compared with u on its own: sum them up first",
                "from the end": "counted from the far end: the pieces lie in the order of the ids",
            }.items()
        ),
        why="One random number and one sum: whoever has the same seed writes the same text.",
        outcome="can draw from a distribution, and repeat it",
        page="generation",
        film=11,
    ),
    Exercise(
        id="06.4",
        title="Write on",
        goal="Read a prompt, then draw one id after another, each fed back into the model.",
        accept=(
            "the whole prompt is read, id by id, each from the state after the one before",
            "step(id, state) is called with the state that the last call returned",
            "the list of new ids, one for each u, without the prompt",
        ),
        hints=(
            "Two loops: one over the prompt, that keeps the last logits and the state; one over us.",
            "In the second: probabilities, draw, append, step with what was drawn.",
            "The state goes from each call into the next, across both loops. None begins.",
        ),
        right=write,
        cases=_writings,
        mistakes=tuple(
            Mistake(says, partial(write, flaw=flaw))
            for flaw, says in {
                "reset": "the state is reset at every character: hand on what step returned",
                "state kept still": "the state stays that of the prompt: keep the one that each step returns",
                "last only": "only the last character of the prompt is known: read all of it, and hand the state on",
                "temperature": "the temperature is not used",
                "argmax": "argmax instead of sampling: the u are not used",
                "not fed back": "the drawn character is not fed back: the model reads the prompt's last one again",
                "multiplied": "multiplied by the temperature: divide",
                "with prompt": "the prompt is in front: only the new ids are asked for",
            }.items()
        ),
        why="The state is all the model remembers. Without it, each character is written by someone new.",
        outcome="can tell training on real text from generating on one's own",
        page="generation",
        film=11,
    ),
)
