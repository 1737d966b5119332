"""The checks of the ladder's fourth notebook: Value, backward, cross-entropy, attention, Adam, microgpt's losses."""

import math

import numpy as np

from hornbook.lessons.exercise import Case, Exercise, Mistake
from hornbook.lessons.ladder import flaws_04 as flaws
from hornbook.reference.autograd import Value


def operations():
    return [Case((name,), f"{name} at a = 2.5, b = −4") for name in flaws.OPERATIONS]


def scores():
    return (
        Case(([0.1, 0.3, 0.8, 0.2, 0.1, 2.1, 0.4], 5), "seven scores, the sixth came"),
        Case(([1.5, -0.5, 0.0], 1), "three scores, the least likely came"),
        Case(([1000.0, 999.0, 0.0], 1), "scores of a thousand"),
    )


def heads():
    rng = np.random.default_rng(9)
    for T, K in (3, 4), (5, 2):
        yield Case((rng.normal(size=(T, K)), rng.normal(size=(T, K))), f"{T} positions, {K} numbers each")


def moments():
    return (
        Case((0.5, 0.2, 0.0, 0.0, 1, 0.01), "the first step"),
        Case((-1.0, 3.0, 0.4, 0.6, 7, 0.1), "the seventh step"),
    )


def names():
    return (
        Case((["ab", "ca", "bb", "acb"], 4), "4 steps of a model 4 wide"),
        Case((["no", "on", "noon"], 3), "3 steps on other names"),
    )


def backward_by(order=flaws.from_the_result, hand=flaws.by_rule):
    return lambda result: flaws.walk(result, order, hand)


EXERCISES = (
    Exercise(
        id="L4.1", title="A number that remembers",
        goal="Let a product, e^x and ln x keep what they were made from and their local gradients.",
        accept=("`data` is the result, `children` the Values it was made from.",
                "`local_grads[i]` is how fast the result changes with child i.", "Plain numbers may be factors too."),
        hints=("Each method returns a new `Value(data, children, local_grads)`, as `__add__` does.",
               "a · b changes b times as fast as a, and a times as fast as b.",
               "The slope of e^x is e^x itself, that of ln x is 1 / x."),
        right=Value, cases=operations, probe=flaws.made,
        mistakes=(
            Mistake("the local gradients of the product are exchanged: a · b changes b times as fast as a",
                    flaws.product(lambda a, b: (a, b))),
            Mistake("a product has the local gradients of a sum: 1 and 1", flaws.product(lambda a, b: (1.0, 1.0))),
            Mistake("the slope of e^x is e^x itself", flaws.function("exp", math.exp, lambda x: 1.0)),
            Mistake("the slope of ln x is 1 / x", flaws.function("log", math.log, math.log)),
        ),
        why="Local gradients need no knowledge of the rest of the program: every operation brings its own.",
        outcome="can write operations that keep their local gradients",
        page="autograd", film=7,
    ),
    Exercise(
        id="L4.2", title="Backward",
        goal="Hand the gradient from the result back to every number it was made from.",
        accept=("The result's own gradient is 1.", "A Value used twice gets what both ways carry, added.",
                "Every node is finished before it hands on."),
        hints=("`reversed(order)` begins at the result.", "`zip(node.children, node.local_grads)` goes through both.",
               "A child gets the local gradient times the node's own, on top of what it has."),
        right=Value.backward, cases=lambda: [Case((name,), name) for name in flaws.GRAPHS], probe=flaws.gradients,
        mistakes=(
            Mistake("the gradient is assigned, not added: a Value used twice keeps only the last way (+=)",
                    backward_by(hand=lambda has, local, own: local * own)),
            Mistake("the order is not turned round: the leaves come first and have nothing to hand on yet",
                    backward_by(lambda result: result.nodes())),
            Mistake("a node handed its gradient on before all that it is part of had added to it",
                    backward_by(flaws.breadth_first)),
            Mistake("the local gradient alone was added: multiply by the node's own gradient (the chain rule)",
                    backward_by(hand=lambda has, local, own: has + local)),
            Mistake("all gradients are 0: begin by setting that of the result to 1", lambda result: None),
        ),
        why="Along a way gradients multiply, over several ways they add up: one walk gives all of them at once.",
        outcome="can write the backward pass, and say why gradients are added and in which order",
        page="autograd", film=7,
    ),
    Exercise(
        id="L4.3", title="Softmax and cross-entropy",
        goal="Turn scores into the probability of what came, and into a loss.",
        accept=("Returns the probability of `target` and −ln of it.", "Works for scores of a thousand."),
        hints=("Take `largest` off every score before `math.exp`.",
               "Divide the target's power by the sum of all powers."),
        right=flaws.cross_entropy, cases=scores, outputs=("probability", "loss"),
        mistakes=(
            Mistake("the largest score is not taken off first: e^1000 is too large for a number",
                    flaws.overflowing),
            Mistake("the largest score is not taken off first: in NumPy e^1000 is inf, and inf / inf is NaN",
                    flaws.overflowing_array),
            Mistake("the loss is in bits: the natural logarithm is asked for",
                    lambda z, t: (flaws.cross_entropy(z, t)[0], flaws.cross_entropy(z, t)[1] / math.log(2))),
            Mistake("this is the most likely one; the probability of the target is asked for",
                    lambda z, t: flaws.cross_entropy(z, z.index(max(z)))),
            Mistake("the minus of the loss is missing",
                    lambda z, t: (flaws.cross_entropy(z, t)[0], -flaws.cross_entropy(z, t)[1])),
        ),
        why="Only differences of scores matter, so the largest may become 0: then no power is above 1.",
        outcome="can compute a softmax and a cross-entropy that do not overflow",
        page="training", film=6,
    ),
    Exercise(
        id="L4.4", title="One head's attention",
        goal="Compute who looks at whom, and how much.",
        accept=("Every row adds up to 1.", "Above the diagonal everything is 0: nobody sees what comes later.",
                "Scores are divided by √K before the softmax."),
        hints=("`q @ k.T` has a row for each query.", "`np.tril(np.ones((T, T), bool))` says who sees whom.",
               "Where nobody sees, a score of `-np.inf` becomes a share of 0."),
        right=flaws.pattern, cases=heads,
        mistakes=(
            Mistake("scores are not divided by √K", lambda q, k: flaws.pattern(q, k, power=0)),
            Mistake("scores are divided by K; by its root", lambda q, k: flaws.pattern(q, k, power=1)),
            Mistake("the softmax runs over the queries (axis 0): each row must add up to 1",
                    lambda q, k: flaws.pattern(q, k, axis=0)),
            Mistake("the softmax runs over the queries: the powers are summed along axis 0, each row must add up to 1",
                    lambda q, k: flaws.pattern(q, k, axis=0, largest=1)),
            Mistake("the mask is missing: positions see what comes later",
                    lambda q, k: flaws.pattern(q, k, seen=np.ones_like)),
            Mistake("masked after the softmax: the rows no longer add up to 1", flaws.masked_late),
            Mistake("hidden scores are 0, a score like any other: only minus infinity gets no share",
                    flaws.masked_by_0),
            Mistake("the mask is upside down: positions see only what comes later",
                    lambda q, k: flaws.pattern(q, k, seen=np.triu)),
        ),
        why="Dot products of K numbers grow like √K; divided by it, the softmax stays soft at any width.",
        outcome="can compute one head's attention pattern with its mask",
        page="attention", film=4,
    ),
    Exercise(
        id="L4.5", title="A step of Adam",
        goal="Move a number by its mean gradient over the gradient's size.",
        accept=("Returns x, m and v after the step.",
                "m and v are corrected before they are used, not where they are kept."),
        hints=("v is made like m, of g squared and with beta2.", "`m / (1 - beta1**step)` corrects m; v likewise.",
               "Then x goes against it: minus."),
        right=flaws.adam, cases=moments, outputs=("x", "m", "v"),
        mistakes=(
            Mistake("the bias correction is missing: m and v began at 0, divide by 1 − βᵗ",
                    flaws.moving(lambda m, v, t, rate: rate * m / (v**0.5 + 1e-8))),
            Mistake("the root of v is missing", flaws.moving(flaws.no_root)),
            Mistake("the step goes up: x minus, not plus", flaws.moving(lambda *args: -flaws.full(*args))),
            Mistake("v is a running mean of g squared, not of g", flaws.moving(flaws.full, abs)),
        ),
        why="Divided by its own size, a steady gradient gives steps as long as the rate, whatever its scale.",
        outcome="can write a step of Adam with its bias correction",
        page="training", film=8,
    ),
    Exercise(
        id="L4.6", title="microgpt's first losses",
        goal="Train a GPT some steps and keep the loss of each name.",
        accept=("The loss is that of the name before its step, a plain number.", "Each step takes the next name.",
                "Every gradient is 0 again before the next."),
        hints=("Four things: the loss, `.backward()`, keeping `loss.data`, moving the leaves.",
               "`leaf.data, m[i], v[i] = adam(…)` for each leaf, with its own m and v.",
               "After it is moved, a leaf's gradient is set back to 0."),
        right=flaws.first_losses, cases=names, probe=flaws.trained,
        mistakes=(
            Mistake("gradients were not set back to 0: each step adds to those before", flaws.training(clears=False)),
            Mistake("nothing was learnt: the leaves did not move", flaws.training(learns=False)),
            Mistake("every step took the first name", flaws.training(same=True)),
            Mistake("this is the loss after the step; before it is asked for", flaws.training(late=True)),
        ),
        why="Four lines are the whole of training: forward, backward, step, and the gradients back to 0.",
        outcome="can write a training loop, and reproduce published losses with it",
        page="training", film=9,
    ),
)  # fmt: skip
