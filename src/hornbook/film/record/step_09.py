"""Step 9: the training run: its curves, where validation turns, its epochs, and what the time of a step goes into."""

import time

import numpy as np
import torch
import torch.nn.functional as F
from torch.nn.utils import clip_grad_norm_

from hornbook.film.record.runs import LM, SEED, about, frankenstein, lm, mean_of
from hornbook.run import read_log
from hornbook.trainer import Trainer

EVERY = 10
PATIENCE = 5  # validations without a better one
TIMED = 60  # steps


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
    """Processor time of each part of a step, the median of some; the loop is that of `training.loop`, taken apart."""
    keep.run("lm.parts", about(frankenstein(), "gpt", {"tokenizer": "words"} | LM, TIMED))
    trainer = Trainer(frankenstein(), "gpt", tokenizer="words", settings=LM)
    trainer.begin(keep.folder / "lm.parts", overwrite=True)
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    rows = [_timed(trainer.job, step) for step in range(1, TIMED + 1)]
    parts = list(rows[0])
    medians = np.median([list(row.values()) for row in rows[5:]], axis=0)
    keep("train.parts", parts, "parts of a step", "lm.parts")
    keep("train.milliseconds", 1000 * medians, "processor time of each, the median of 55 steps", "lm.parts")
    keep("train.shares", medians / medians.sum(), "their shares", "lm.parts")


def _timed(job, step, clock=time.process_time):
    """{part: seconds} of one step."""
    network, (optimizer,) = job.network, job.optimizers
    network.train()
    marks = [clock()]
    ids = torch.from_numpy(job.windows.batch(step))
    marks.append(clock())
    logits, _ = network(ids[:, :-1])
    marks.append(clock())
    loss = F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
    marks.append(clock())
    optimizer.zero_grad()
    loss.backward()
    marks.append(clock())
    clip_grad_norm_(network.parameters(), 1.0)
    marks.append(clock())
    optimizer.step()
    marks.append(clock())
    return dict(zip(("batch", "forward", "loss", "backward", "clip", "update"), np.diff(marks)))
