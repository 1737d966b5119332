"""The checks of the ladder's second notebook: power iteration, deflation, LSA's words, a Gibbs step, topics."""

import numpy as np

from hornbook.lessons.exercise import Case, Exercise, Mistake
from hornbook.reference import lda, lsa, svd, topics
from hornbook.reference.distances import unit


def tables():
    rng = np.random.default_rng(2)
    for N, V in (4, 6), (5, 3):
        X = rng.integers(0, 3, (N, V)).astype(float)
        yield Case((X, unit(rng.normal(size=V))), f"{N} texts of {V} words")


def power_step(X, v):
    return np.linalg.norm(X @ v), unit(X.T @ (X @ v))


def directions():
    rng = np.random.default_rng(3)
    for found, width in (2, 5), (1, 4), (0, 3):
        rows = np.linalg.qr(rng.normal(size=(width, width)))[0][:found]
        yield Case((rng.normal(size=width), rows), f"{found} directions of width {width}")


def decomposed():
    rng = np.random.default_rng(4)
    for k, width in (2, 5), (3, 3):
        sigmas = np.sort(rng.uniform(1, 4, k))[::-1]
        yield Case((sigmas, np.linalg.qr(rng.normal(size=(width, width)))[0][:k]), f"{k} directions of {width} words")


def word_vectors(sigmas, components):
    return lsa.term_vectors({"singular_values": sigmas, "components": components})


def asked():
    counts = np.array([2, 0, 1]), np.array([1, 0, 3]), np.array([9, 8, 12])
    two = np.array([1, 4]), np.array([2, 1]), np.array([20, 31])
    return (
        Case((0, *counts, 0.1, 0.1, 13), "3 topics, the word now in topic 0"),
        Case((1, *two, 0.5, 0.01, 100), "2 topics, the word now in topic 1"),
    )


def conditional(now, in_document, of_word, of_topic, alpha, beta, V):
    itself = np.arange(len(of_topic)) == now
    return lda.conditional(in_document - itself, of_word - itself, of_topic - itself, (alpha, beta, float(V)))


def flawed(now, in_document, of_word, of_topic, priors, flaw):
    """The same, with one flaw."""
    alpha, beta, V = priors
    itself = np.arange(len(of_topic)) == now
    liked = 1 if flaw == "text" else in_document - itself + alpha
    of_all = of_topic - itself + (beta if flaw == "V" else V * beta)
    weights = liked * (of_word - itself + beta) / (1 if flaw == "topic" else of_all)
    return weights if flaw == "sum" else weights / weights.sum()


def with_flaw(flaw):
    return lambda now, d, w, t, alpha, beta, V: flawed(now, d, w, t, (alpha, beta, V), flaw)


def voting(now, d, w, t, alpha, beta, V):
    return lda.conditional(d, w, t, (alpha, beta, float(V)))


def topic_counts():
    return (
        Case((np.array([[3, 0, 1, 2], [0, 5, 1, 0]]), 0.1), "2 topics of 4 words"),
        Case((np.array([[1, 2, 0], [4, 0, 1], [0, 1, 6]]), 0.5), "3 topics of 3 words, beta 0.5"),
    )


EXERCISES = (
    Exercise(
        id="L2.1", title="One step of power iteration",
        goal="Turn any weights of the words towards the direction in which the texts differ most.",
        accept=("Returns sigma, the length of X v, and the next v.", "The next v has length 1.",
                "X and v stay as they are."),
        hints=("The length of u is the root of its sum of squares.",
               "The way back to the words is `X.T @ u`.", "Divide what comes back by its own length."),
        right=power_step, cases=tables, outputs=("sigma", "v"),
        mistakes=(
            Mistake("v is not divided by its length: after some steps it would overflow",
                    lambda X, v: (power_step(X, v)[0], X.T @ (X @ v))),
            Mistake("sigma is squared: it is the length of X v, the root of the sum of squares",
                    lambda X, v: (power_step(X, v)[0] ** 2, power_step(X, v)[1])),
            Mistake("sigma was taken after the way back, where it is about σ²; it is the length of X v alone",
                    lambda X, v: (np.linalg.norm(X.T @ (X @ v)), power_step(X, v)[1])),
            Mistake("v was divided by sigma; divide it by its own length",
                    lambda X, v: (power_step(X, v)[0], X.T @ (X @ v) / power_step(X, v)[0])),
        ),
        why="Each step multiplies the strongest direction by the largest σ², the others by less: it remains.",
        outcome="can find the strongest direction of a table by multiplying again and again",
        page="meaning", film=3,
    ),
    Exercise(
        id="L2.2", title="Taking out what is found",
        goal="Remove from a vector its parts along directions that are already known.",
        accept=("What is left is at right angles to every row of `found`.", "With no rows, v comes back as it was."),
        hints=("`found @ v` holds all the v·f at once.", "`(found @ v) @ found` adds the parts up; subtract them."),
        right=svd.without, cases=directions,
        mistakes=(
            Mistake("the parts are added, not taken out", lambda v, found: v + (found @ v) @ found),
            Mistake("these are the parts themselves; what is left without them is asked for",
                    lambda v, found: (found @ v) @ found),
            Mistake("only the first direction is taken out",
                    lambda v, found: svd.without(v, found[:1])),
        ),
        why="At right angles to the first, the strongest that is left is the second: the same step finds them all.",
        outcome="can find further directions by deflation",
        page="meaning", film=3,
    ),
    Exercise(
        id="L2.3", title="Coordinates of words",
        goal="Give every word a row of S coordinates.",
        accept=("Returns (V, S), a row for each word.", "Column i is stretched by sigma i."),
        hints=("`components.T` has a row for each word.", "Multiplying by `sigmas` broadcasts over the columns."),
        right=word_vectors, cases=decomposed,
        mistakes=(
            Mistake("the singular values are missing: every direction counts as much as the strongest",
                    lambda s, C: C.T),
            Mistake("the singular values are squared", lambda s, C: C.T * s**2),
            Mistake("divided by the singular values: the weakest direction would count most",
                    lambda s, C: C.T / s),
            Mistake("a row for each direction: transpose, so that each word has a row", lambda s, C: s[:, None] * C),
        ),
        why="The dot product of two such rows is nearly that of the words' columns in the counts, with few numbers.",
        outcome="can place words in few dimensions, and say what the singular values do there",
        page="meaning", film=3,
    ),
    Exercise(
        id="L2.4", title="One Gibbs step",
        goal="Compute how likely each topic is for one word, given all the others.",
        accept=("The word itself is taken out of all three counts first.", "The probabilities add up to 1.",
                "The arrays that come in are not changed."),
        hints=("`count - itself` is the count without the word: True counts 1.",
               "Do it for all three counts, then the formula.", "At the end divide by the sum over the topics."),
        right=conditional, cases=asked,
        mistakes=(
            Mistake("the word is still counted in its own topic: take it out of the counts before asking", voting),
            Mistake("the weights do not add up to 1: divide them by their sum", with_flaw("sum")),
            Mistake("β is added once below; each of the V words has it: V · β", with_flaw("V")),
            Mistake("the text's own topics do not enter: multiply by (n_ds + α)", with_flaw("text")),
            Mistake("the size of the topic does not enter: divide by (n_s + V β)", with_flaw("topic")),
        ),
        why="A word that votes for its present place tends to stay. Without it the counts say what the others think.",
        outcome="can compute a Gibbs step of LDA, and say why the word is taken out first",
        page="meaning", film=9,
    ),
    Exercise(
        id="L2.5", title="A topic as probabilities",
        goal="Turn counts of words in topics into probabilities.",
        accept=("Every row, a topic, adds up to 1.", "A word never seen in a topic has a small probability, not 0."),
        hints=("Sum over the words of each topic: axis 1, with `keepdims=True`.",
               "β is added to each of the V words, so V · β below."),
        right=topics.probabilities, cases=topic_counts,
        mistakes=(
            Mistake("each column adds up to 1: that is p(topic | word); here p(word | topic), each row, is asked for",
                    lambda c, beta: (c + beta) / (c + beta).sum(axis=0)),
            Mistake("β is missing: unseen words would have probability 0",
                    lambda c, beta: c / c.sum(axis=1, keepdims=True)),
            Mistake("rows do not add up to 1: below stands β once, not V · β",
                    lambda c, beta: (c + beta) / (c.sum(axis=1, keepdims=True) + beta)),
        ),
        why="β is what every topic believes of every word before it has read any: it keeps chances above 0.",
        outcome="can read LDA's topics as probabilities, and tell them from LSA's signed directions",
        page="meaning", film=10,
    ),
)  # fmt: skip
