"""Step 8: optimisation: three rules, rare words, schedules, three rates, three sizes of a batch, one model and seed."""

import time

import numpy as np

from hornbook.film.record.runs import LM, about, first_lm, frankenstein, lm, mean_of, trained
from hornbook.reference.optim import SCHEDULES
from hornbook.training.budget import BYTES

RULES = {"sgd": 0.5, "momentum": 0.05, "adam": 0.003}  # each at a rate that suits it
STEPS, EVERY = 200, 10
RARE = ("the", "father", "moon", "insect")
PEAKS = (0.0003, 0.003, 0.03)
BATCHES = {4: 640, 16: 160, 64: 40}  # windows -> steps, so that all read the same tokens
WARMUP = 0.1


def record(keep):
    model = lm(keep)
    _rules(keep, model)
    _schedules(keep)
    _peaks(keep)
    _batches(keep)
    windows = (len(model.stream(frankenstein().split().train)) - LM["block_size"]) // LM["block_size"]
    keep("optim.epoch.windows", windows, "windows of the training text, each seen once an epoch", "lm")
    keep("optim.epoch.steps", windows / LM["batch_size"], "steps of an epoch", "lm")
    keep("optim.epoch.tokens", windows * LM["block_size"], "tokens of an epoch", "lm")


def settings_of(rule, rate):
    """The film's settings with another rule, without the weights' decay, which is a rule of its own."""
    rest = {"weight_decay": 0.0, "max_steps": STEPS, "validations": 1}
    return LM | rest | {"optimizer": rule, "learning_rate": rate} | ({"momentum": 0.9} if rule == "momentum" else {})


def _rules(keep, model):
    final, moved, tokens = [], {}, None
    rows = [model.tokenizer.id_of(word) for word in RARE]
    for rule, rate in RULES.items():
        name = f"optim.{rule}"
        first = first_lm()["wte"]
        trainer, curves = trained(keep, name, settings_of(rule, rate))
        final.append(curves.validation[-1])
        moved[rule] = np.linalg.norm(trainer.job.network.export()["wte"] - first, axis=1)[rows]
        tokens = np.concatenate([trainer.job.windows.batch(step)[:, :-1].ravel() for step in range(1, STEPS + 1)])
        keep(f"{name}.loss", mean_of(curves.loss, EVERY), "mean training loss of each 10 steps", name)
    keep("optim.names", list(RULES), "rules", "optim.adam")
    keep("optim.lr", list(RULES.values()), "the learning rate of each", "optim.adam")
    keep("optim.final", final, "validation loss after 200 steps, by rule", "optim.adam")
    keep("optim.steps", np.arange(EVERY, STEPS + 1, EVERY), "the last step of each mean", "optim.adam")
    keep("optim.rare.words", list(RARE), "words from frequent to rare", "optim.adam")
    keep("optim.rare.counts", [int((tokens == row).sum()) for row in rows], "times read in these steps", "optim.adam")
    for rule in ("sgd", "adam"):
        keep(f"optim.rare.{rule}", moved[rule], "how far each one's row has moved in 200 steps", f"optim.{rule}")


def _schedules(keep):
    command = "python -m hornbook.reference.optim"
    run = keep.run("optim.schedule", about(None, "schedules", {"warmup": WARMUP, "final_lr": 0.0}, 50, command))
    progress = np.linspace(0, 1, 51)
    keep("optim.schedule.progress", progress, "share of the run that is done", run)
    keep("optim.schedule.names", list(SCHEDULES), "schedules", run)
    for name, schedule in SCHEDULES.items():
        factors = [schedule(part, WARMUP, 0.0) for part in progress]
        keep(f"optim.schedule.{name}", factors, "what the learning rate is multiplied by", run)


def _peaks(keep):
    final = []
    for number, peak in enumerate(PEAKS):
        name = f"optim.peak.{number}"
        settings = LM | {"learning_rate": peak, "max_steps": STEPS, "validations": 1, "schedule": "cosine"}
        _, curves = trained(keep, name, settings)
        final.append(curves.validation[-1])
        keep(f"{name}.loss", mean_of(curves.loss, EVERY), "mean training loss of each 10 steps", name)
    keep("optim.peak.lr", PEAKS, "three peak rates of a cosine schedule", "optim.peak.0")
    keep("optim.peak.final", final, "validation loss after 200 steps, by rate", "optim.peak.0")
    keep("optim.peak.steps", np.arange(EVERY, STEPS + 1, EVERY), "the last step of each mean", "optim.peak.0")


def _batches(keep):
    final, needed, seconds = [], [], []
    for size, steps in BATCHES.items():
        name = f"optim.batch.{size}"
        began = time.process_time()
        trainer, curves = trained(keep, name, LM | {"batch_size": size, "max_steps": steps, "validations": 1})
        seconds.append(time.process_time() - began)
        final.append(curves.validation[-1])
        needed.append(size * trainer.job.budget.per_window)
        every = steps // 20
        ends = np.arange(1, 21) * every
        keep(f"optim.batch.{size}.loss", mean_of(curves.loss, every), f"mean training loss of each {every} steps", name)
        keep(f"optim.batch.{size}.steps", ends, "the last step of each mean", name)
        keep(f"optim.batch.{size}.tokens", ends * size * LM["block_size"], "tokens read by then", name)
    weights = trainer.job.budget.parameters * BYTES
    keep("optim.batch.sizes", list(BATCHES), "windows of a batch", "optim.batch.4")
    keep("optim.batch.final", final, "validation loss after the same tokens", "optim.batch.4")
    keep("optim.batch.bytes", needed, "bytes of a batch's own numbers, measured by one window", "optim.batch.4")
    keep("optim.batch.fixed", 4 * weights, "bytes of weights, gradients and Adam's two means", "optim.batch.4")
    keep("optim.batch.seconds", seconds, "processor seconds of each run, preparation included", "optim.batch.4")
