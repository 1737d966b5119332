"""The exercises of Frankenstein 00: labels, shapes, the reshape before the loss, and the loss of pure guessing."""

import math

from hornbook.lessons.exercise import Case, Exercise, Mistake

# -- 00.1 ---------------------------------------------------------------------------------------------------------


def features_and_labels(text):
    return text[:-1], text[1:]


def _texts():
    return [Case((text,), f"the text {text!r}") for text in ("You will rejoice", "it was on", "ab")]


# -- 00.2 ---------------------------------------------------------------------------------------------------------


def shapes(B, T, E, H, V):
    return (B, T), (B, T, E), (B, T, H), (B, T, V)


def _sizes():
    return [
        Case((36, 48, 48, 96, 75), "B=36, T=48, E=48, H=96, V=75"),
        Case((2, 5, 3, 4, 7), "B=2, T=5, E=3, H=4, V=7"),
    ]


# -- 00.3 ---------------------------------------------------------------------------------------------------------


def for_the_loss(logits, labels):
    return logits.reshape(-1, logits.shape[-1]), labels.reshape(-1)


def _time_first(logits, labels):
    return for_the_loss(logits.swapaxes(0, 1), labels)


def _logits():
    import numpy as np

    rng = np.random.default_rng(3)
    return [
        Case((rng.normal(size=(B, T, V)), rng.integers(V, size=(B, T))), f"a batch of {B}, {T} characters, {V} scores")
        for B, T, V in ((2, 3, 4), (3, 2, 5))
    ]


# -- 00.4 ---------------------------------------------------------------------------------------------------------


def guessing_loss(V):
    return math.log(V)


def _vocabularies():
    return [Case((V,), f"a vocabulary of {V}") for V in (75, 2, 27)]


EXERCISES = (
    Exercise(
        id="00.1",
        title="Labels are the features, shifted by one",
        goal="Turn a text into what the model reads (features) and what it must say (labels).",
        accept=(
            "both have one character fewer than the text",
            "label number t is the character that comes right after feature number t",
        ),
        hints=(
            "Write the text twice, one copy under the other, and push the lower one a character to the left.",
            "The last character has no successor, so it cannot be a feature. The first has no predecessor, so it is"
            " no label.",
            "Two slices: everything but the last character, and everything but the first.",
        ),
        right=features_and_labels,
        cases=_texts,
        mistakes=(
            Mistake(
                "labels are not shifted: each label is the character that the model has just read",
                lambda text: (text[:-1], text[:-1]),
            ),
            Mistake(
                "shifted the wrong way: these labels are the characters before, not after",
                lambda text: (text[1:], text[:-1]),
            ),
            Mistake(
                "the last character is still a feature, and has no label: features are one too long",
                lambda text: (text, text[1:]),
            ),
            Mistake("shifted by two: each label skips a character", lambda text: (text[:-1], text[2:])),
        ),
        why="Every position of a text is a question with a known answer: what came next? No one had to label anything.",
        outcome="can say why labels are the features shifted by one",
        page="training",
        film=5,
        outputs=("features", "labels"),
    ),
    Exercise(
        id="00.2",
        title="Shapes along the way",
        goal="Say the shape of the features, the embedded features, the hidden states and the logits.",
        accept=("four tuples, in the order in which the numbers are made", "the batch comes first, then time"),
        hints=(
            "Only the last axis changes: what stands for one character at each stage?",
            "One id; then E numbers; then H numbers; then one score for each of the V characters.",
        ),
        right=shapes,
        cases=_sizes,
        mistakes=(
            Mistake(
                "time stands before the batch; this course puts the batch first: (B, T, …)",
                lambda B, T, E, H, V: ((T, B), (T, B, E), (T, B, H), (T, B, V)),
            ),
            Mistake(
                "the logits have H numbers a character; they need one score for each of the V characters",
                lambda B, T, E, H, V: ((B, T), (B, T, E), (B, T, H), (B, T, H)),
            ),
            Mistake(
                "E and H are swapped: the embedding is E wide, the LSTM's hidden state H",
                lambda B, T, E, H, V: ((B, T), (B, T, H), (B, T, E), (B, T, V)),
            ),
            Mistake(
                "the features are ids, (B, T): the model looks their vectors up itself",
                lambda B, T, E, H, V: ((B, T, V), (B, T, E), (B, T, H), (B, T, V)),
            ),
            Mistake(
                "only one prediction a window: the model predicts at every one of the T positions",
                lambda B, T, E, H, V: ((B, T), (B, T, E), (B, H), (B, V)),
            ),
        ),
        why="B and T never change on the way up; only the width of what stands for one character does: 1, E, H, V.",
        outcome="can name the shape of every number between ids and logits",
        page="architecture",
        film=4,
        outputs=("features", "embedded", "hidden", "logits"),
    ),
    Exercise(
        id="00.3",
        title="Flat for the loss",
        goal="Reshape logits [B, T, V] and labels [B, T] into one long list of questions and answers.",
        accept=("logits become `[B*T, V]`, labels `[B*T]`", "row n of the logits still belongs to label n"),
        hints=(
            "The loss does not care which window a question came from, only that each row keeps its answer.",
            "`reshape` reads row by row; -1 lets NumPy work one size out.",
        ),
        right=for_the_loss,
        cases=_logits,
        mistakes=(
            Mistake(
                "the loss is taken over [B, T, V] without reshaping: it needs [B*T, V] and [B*T]",
                lambda logits, labels: (logits, labels),
            ),
            Mistake(
                "the logits are flat, the labels are not: labels need [B*T]",
                lambda logits, labels: (for_the_loss(logits, labels)[0], labels),
            ),
            Mistake("the logits' axes were swapped first: rows no longer belong to their labels", _time_first),
            Mistake(
                "everything is in one line: keep the V scores of a character together, as a row",
                lambda logits, labels: (logits.reshape(-1), labels.reshape(-1)),
            ),
        ),
        why="Reshaping moves no number. 36 windows of 48 characters are simply 1,728 questions with 1,728 answers.",
        outcome="can say why logits are reshaped to [B*T, V] before the loss",
        page="training",
        film=6,
        outputs=("logits", "labels"),
    ),
    Exercise(
        id="00.4",
        title="The loss of pure guessing",
        goal="Give the loss, in nats, of a model that finds all V characters equally likely.",
        accept=("in nats (natural logarithm), positive",),
        hints=(
            "Such a model gives the right character the probability 1/V.",
            "The loss is minus the natural logarithm of the probability of the right answer: -ln(1/V).",
        ),
        right=guessing_loss,
        cases=_vocabularies,
        mistakes=(
            Mistake("that is in bits (log2); the loss is in nats, the natural logarithm", math.log2),
            Mistake("the sign is turned: a loss is minus the logarithm of a probability", lambda V: math.log(1 / V)),
            Mistake("that is the probability 1/V itself; the loss is minus its logarithm", lambda V: 1 / V),
        ),
        why="A fresh model should start within a few hundredths of ln V. If it starts far above, something is wrong"
        " before training has begun.",
        outcome="can tell from the first loss whether a model is wired up rightly",
        page="training",
        film=3,
    ),
)
