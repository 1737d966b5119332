"""Step 9: the training run: its curves, where validation turns, its epochs, and what the time of a step goes into."""

import inspect
import sys
import time

import numpy as np
import torch

from hornbook.film import example
from hornbook.film.record.runs import LM, frankenstein, lm, mean_of
from hornbook.film.record.step_11 import program
from hornbook.run import read_log

EVERY = 10
PATIENCE = 5  # validations without a better one
TIMED = 60  # steps
PARTS = {  # what stands in a line of the program's loop -> the part of a step that it is
    "batch(stream)": "batch", "model.head": "forward", "cross_entropy": "loss", "zero_grad": "clear",
    "backward": "backward", "clip_grad": "clip", "adam.step": "update",
}  # fmt: skip


def record(keep):
    model = lm(keep)
    log = read_log(keep.folder / "lm")
    loss = np.array([line["loss"] for line in log])
    _curves(keep, log, loss)
    _turn(keep, log)
    tokens = {part: len(model.stream(getattr(frankenstein().split(), part))) for part in ("train", "validation")}
    keep("train.split.train", tokens["train"], "tokens to learn from", "lm")
    keep("train.split.validation", tokens["validation"], "tokens held out", "lm")
    keep("train.tokens", log[-1]["tokens"], "tokens read in all steps", "lm")
    keep("train.epochs", log[-1]["tokens"] / tokens["train"], "times the text was gone through", "lm")
    keep("train.best.epoch", _best(log)["tokens"] / tokens["train"], "times, when validation was best", "lm")
    keep("train.seconds", log[-1]["seconds"], "seconds of all steps on one thread", "lm")
    for name in ("batch_size", "block_size", "learning_rate", "max_steps"):
        keep(f"train.{name}", LM[name], "a setting of the run", "lm")
    _parts(keep)


def _curves(keep, log, loss):
    keep("train.steps", [line["step"] for line in log[EVERY - 1 :: EVERY]], "every 10th step", "lm")
    keep("train.loss", loss[EVERY - 1 :: EVERY], "the training loss of that step's batch", "lm")
    keep("train.first.loss", loss[0], "the loss of the first batch", "lm")
    keep("train.first.norm", log[0]["grad_norm"], "the length of the first gradient", "lm")


def _validated(log):
    return [line for line in log if "validation" in line]


def _best(log):
    return min(_validated(log), key=lambda line: line["validation"])


def _turn(keep, log):
    evaluated, best = _validated(log), _best(log)
    gap = evaluated[0]["step"]
    validation = [line["validation"] for line in evaluated]
    keep("train.eval.steps", [line["step"] for line in evaluated], "steps at which the held-out text was scored", "lm")
    keep("train.eval.loss", validation, "the validation loss there", "lm")
    keep("train.eval.train", mean_of([line["loss"] for line in log], gap), "mean training loss since the last", "lm")
    keep("train.eval.every", gap, "steps between two of them", "lm")
    keep("train.best.step", best["step"], "where validation is lowest: these weights are kept", "lm")
    keep("train.best.loss", best["validation"], "the lowest validation loss", "lm")
    keep("train.last.loss", validation[-1], "the validation loss at the end", "lm")
    keep("train.last.train", np.mean([line["loss"] for line in log][-gap:]), "the training loss at the end", "lm")
    worse, stop = 0, None
    for at, value in enumerate(validation):
        worse = 0 if value <= min(validation[: at + 1]) else worse + 1
        stop = stop or (evaluated[at]["step"] if worse == PATIENCE else None)
    keep("train.patience", PATIENCE, "validations without a better one, after which one may stop", "lm")
    keep("train.patience.step", stop, "the step at which that would have been", "lm")


def _parts(keep):
    """Processor time of each part of a step: of the lines of the film's program, as they are run."""
    words = example.tokens(frankenstein().documents[0])
    keep.run("program.parts", program(TIMED))
    torch.set_num_threads(1)
    times = line_times(example.train, lambda: example.learnt(words, TIMED))
    rows = {part: times[line] for line, part in parts_of(example.train).items()}
    medians = np.array([np.median(seconds) for seconds in rows.values()])
    keep("train.parts", list(rows), "parts of a step", "program.parts")
    keep("train.milliseconds", 1000 * medians, f"processor time of each, the median of {TIMED} steps", "program.parts")
    keep("train.shares", medians / medians.sum(), "their shares", "program.parts")


def parts_of(function):
    """{line of a function, its first being 0: the part of a step that it is}, by what stands in it, in their order."""
    lines = enumerate(inspect.getsource(function).splitlines())
    return {place: part for place, line in lines for mark, part in PARTS.items() if mark in line}


def line_times(function, call):
    """{line of `function`, its first being 0: processor seconds, each time it was run} while ``call()`` runs."""
    code, times, last = function.__code__, {}, []

    def at_line(frame, event, _):
        now = time.process_time()
        if last:
            times.setdefault(last[0], []).append(now - last[1])
        last[:] = [frame.f_lineno - code.co_firstlineno, time.process_time()] if event == "line" else []
        return at_line

    sys.settrace(lambda frame, event, _: at_line if frame.f_code is code else None)
    try:
        call()
    finally:
        sys.settrace(None)
    return times
