"""Exercises made for the tests of the lessons' engine, and answers to them as a learner might write them."""

import numpy as np

from hornbook.lessons.exercise import Case, Exercise, Mistake


def softmax(x):
    raised = np.exp(x - x.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def over_the_batch(x):
    return np.exp(x) / np.exp(x).sum(axis=0, keepdims=True)


def not_divided(x):
    return np.exp(x)


def rows():
    drawn = np.random.default_rng(0).normal(size=(2, 3))
    return (Case((np.zeros((1, 1)),), "a single score"), Case((drawn,), "2 rows of 3"))


MISTAKES = (Mistake("softmax over the batch axis", over_the_batch), Mistake("not divided by the sum", not_divided))


def exercise(**changes):
    """An exercise about the softmax, or another."""
    parts = {
        "id": "04.2",
        "title": "The softmax",
        "goal": "Turn scores into probabilities.",
        "accept": ("each row sums to 1",),
        "hints": ("exp", "divide", "by the row's sum"),
        "right": softmax,
        "cases": rows,
        "mistakes": MISTAKES,
        "why": "exp is positive",
        "outcome": "can say why each row sums to 1",
        "page": "attention",
        "film": 6,
    }
    return Exercise(**parts | changes)


def of_a_value(right, *mistakes, **changes):
    """An exercise whose answer is a value."""
    told = tuple(Mistake(says, lambda wrong=wrong: wrong) for says, wrong in mistakes)
    return exercise(right=lambda: right, cases=None, mistakes=told, **changes)
