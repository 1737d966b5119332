"""The exercises of Frankenstein 05: the loss, by hand and over [B*T, V], bits, clipping, and one step of training."""

import math
from functools import partial

from hornbook.lessons.exercise import Case, Exercise, Mistake
from hornbook.lessons.frankenstein.flawed_training import (
    bits_per_character,
    clip,
    cross_entropy,
    flawed_clip,
    flawed_loss,
    loss_and_slope,
    loss_of,
    three_steps,
    train_step,
)

# -- cases --------------------------------------------------------------------------------------------------------


def _scores():
    import numpy as np

    rng = np.random.default_rng(11)
    cases = [
        Case((rng.normal(size=(N, V)), rng.integers(V, size=N)), f"{N} questions, {V} scores each")
        for N, V in ((4, 3), (2, 6))
    ]
    return [*cases, Case((np.array([[1000.0, 999.0], [0.0, 2.0]]), np.array([1, 1])), "scores as large as 1,000")]


def _batches():
    import torch

    draw = torch.Generator().manual_seed(12)
    return [
        Case(
            (torch.randn(B, T, V, generator=draw, dtype=torch.float64), torch.randint(V, (B, T), generator=draw)),
            f"a batch of {B}, {T} characters, {V} scores",
        )
        for B, T, V in ((3, 5, 5), (2, 4, 6))
    ]


def _losses():
    return [Case((nats,), f"{nats} nats") for nats in (4.3175, 1.0, 0.2)]


def _gradients():
    import numpy as np

    rng = np.random.default_rng(13)
    return [
        Case(({"w": size * rng.normal(size=(2, 3)), "b": rng.normal(size=2)}, 1.0), f"gradients of {what}")
        for size, what in ((3.0, "a norm above 1"), (0.01, "a norm near 1"))
    ] + [Case(({"w": np.full((2, 2), 0.1), "b": np.array([0.2, -0.1])}, 1.0), "gradients of a norm below 1")]


def _rates():
    return [Case((rate,), f"three steps at learning rate {rate}") for rate in (0.5, 2.0)]


def _mistakes(function, **says):
    return tuple(Mistake(say, partial(function, flaw=flaw.replace("_", " "))) for flaw, say in says.items())


EXERCISES = (
    Exercise(
        id="05.1",
        title="The loss by hand",
        goal="Compute the mean surprise, in nats, of N rows of scores at their N labels.",
        accept=(
            "softmax along each row, over the V characters",
            "minus the natural logarithm of the label's probability, averaged over the rows",
            "scores of 1,000 overflow nothing",
        ),
        hints=(
            "Take the row's maximum off first: it changes no probability, and exp cannot overflow any more.",
            "keepdims=True keeps a column to divide by; axis=1 sums along a row.",
            "probabilities[np.arange(N), labels] picks one number from each row.",
        ),
        right=cross_entropy,
        cases=_scores,
        mistakes=_mistakes(
            flawed_loss,
            batch_axis="softmax over the batch axis: sum the powers along each row (axis=1), not down each column",
            batch_axis_throughout="softmax over the batch axis: each row must sum to 1, not each column",
            overflow="exp overflows: take each row's maximum off first",
            sign="the sign is turned: a loss is minus the logarithm",
            sum="that is the sum over the questions; their mean is asked for",
            bits="that is in bits; the loss is in nats, with the natural logarithm",
            largest="that is the surprise at the likeliest character, not at the label",
            probability="the logarithm is missing: that is minus the mean probability",
        ),
        why="The loss only looks at the probability of what came. To lower it, the model must take from all others.",
        outcome="can compute the loss by hand",
        page="training",
        film=6,
    ),
    Exercise(
        id="05.2",
        title="The loss over [B*T, V]",
        goal="Compute the same loss with torch, for logits [B, T, V] and labels [B, T].",
        accept=("one number, in nats, averaged over all B*T characters", "it can be differentiated: stay in torch"),
        hints=(
            "nn.functional.cross_entropy wants scores (N, V) and labels (N).",
            "What did you write in 00.3? reshape(-1, V) and reshape(-1).",
        ),
        right=loss_of,
        cases=_batches,
        mistakes=_mistakes(
            loss_of,
            not_flat="loss over [B, T, V] without reshaping: torch takes the second axis, time, for the characters",
            time_first="the logits' axes were swapped: rows no longer belong to their labels",
            softmax="a softmax before cross_entropy, which takes its own: give it the logits",
            sum="that is the sum over the characters; their mean is asked for",
            last_only="only the last character of each window is asked: every position has a label",
            cut_off="the loss is cut off from the logits, and cannot be differentiated: no .item(), no .detach()",
            numpy="this leaves torch: what NumPy computes cannot be differentiated; stay in torch",
        ),
        why="Where T and V differ, torch complains about [B, T, V]. Where they are equal, it trains on nonsense.",
        outcome="can say why the loss needs [B*T, V], and what happens without",
        page="training",
        film=6,
        outputs=("loss", "slope of the loss at the logits"),
        probe=loss_and_slope,
    ),
    Exercise(
        id="05.3",
        title="Bits per character",
        goal="Turn a loss in nats per character into bits per character.",
        accept=("a guess between two equal choices, ln 2 nats, is one bit",),
        hints=("How many nats is one bit? The answer is in the acceptance criteria.", "Divide by it."),
        right=bits_per_character,
        cases=_losses,
        mistakes=(
            Mistake("multiplied by ln 2: divide", lambda nats: nats * math.log(2)),
            Mistake("that is the perplexity, exp(nats), not bits", math.exp),
            Mistake("divided by ln 10: these are digits, not bits", lambda nats: nats / math.log(10)),
        ),
        why="Bits can be compared with anything that predicts text, a zip program included.",
        outcome="can state a model's quality in bits per character",
        page="training",
        film=10,
    ),
    Exercise(
        id="05.4",
        title="Clip the gradients",
        goal="Shorten all gradients by one factor, so that together they are no longer than max_norm.",
        accept=(
            "the norm is the root of the sum of all squares, over all parameters",
            "gradients that are short enough stay as they are",
            "a new dict, and the norm before clipping",
        ),
        hints=(
            "One norm for everything: square and sum all numbers of all gradients.",
            "The factor is max_norm / norm, but never more than 1. Add 1e-6 to the norm below, as torch does.",
        ),
        right=clip,
        cases=_gradients,
        mistakes=_mistakes(
            flawed_clip,
            one_by_one="each gradient is clipped by itself: that turns the direction; one factor for all",
            by_element="each number is clipped: that turns the direction; scale all of them by one factor",
            lengthened="short gradients are made longer: the factor is at most 1",
            norm_after="that is the norm after clipping; the one before is asked for",
            no_root="the root is missing: that is the squared norm",
        ),
        why="Clipping limits how far one odd batch can throw the weights, and keeps the direction.",
        outcome="can say what gradient clipping changes and what it keeps",
        page="training",
        film=12,
        outputs=("gradients", "norm"),
        tolerance=1e-5,
    ),
    Exercise(
        id="05.5",
        title="One step of training",
        goal="Write the step: forward, loss, backward, clip, and one step of the optimizer.",
        accept=(
            "old gradients are zeroed before new ones are computed",
            "clipped by torch.nn.utils.clip_grad_norm_ before the optimizer's step",
            "returns the loss as a number",
        ),
        hints=(
            "The model returns (logits, state); the loss needs the logits.",
            "The order: zero_grad, loss, backward, clip, step.",
        ),
        right=train_step,
        cases=_rates,
        mistakes=_mistakes(
            train_step,
            no_zero="zero_grad is missing: each step adds its gradients to those of all steps before",
            no_clip="the gradients are not clipped when the step comes: clip after backward and before the step",
            no_step="nothing is learnt: the optimizer's step is missing, or finds no gradients"
            " (backward is missing or comes after it, or zero_grad comes between the two)",
            not_shifted="labels not shifted: the loss compares with the features",
            tensor="the loss is returned as a tensor, which keeps its whole computation: .item() makes it a number",
        ),
        why="These five lines train everything in this house, from this LSTM to a transformer.",
        outcome="can write a training step",
        page="training",
        film=9,
        outputs=("what a loss is", "losses", "weights"),
        probe=three_steps,
    ),
)
