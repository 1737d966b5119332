"""Training runs of the film: a text, a model and settings in; every step, every validation and the model out."""

from dataclasses import asdict
from functools import cache
from typing import NamedTuple

import numpy as np

from hornbook.corpus import Corpus, load
from hornbook.language_model import LanguageModel
from hornbook.trainer import Trainer
from hornbook.training.doctor import Diverged

COMMAND = "python -m hornbook.film.record"
SEED = 42
LM = {  # the film's language model: few layers, no dropout, one rate throughout, so that each part shows
    "vocab_size": 4000, "n_layer": 2, "n_head": 4, "n_embd": 64, "block_size": 32, "norm": "layernorm",
    "activation": "gelu", "positions": "learned", "head": "untied", "residual": "scaled", "std": 0.02,
    "embed_std": 0.02, "dropout": 0.0, "max_steps": 1000, "batch_size": 16, "optimizer": "adamw",
    "learning_rate": 0.003, "weight_decay": 0.1, "schedule": "constant", "warmup": 0.05, "precision": "float32",
    "threads": 1, "validations": 25, "seed": SEED,
}  # fmt: skip


class Curves(NamedTuple):
    """What a run said on its way: a number a step, and one a validation; `broke` is the step at which it diverged."""

    steps: np.ndarray
    loss: np.ndarray
    norms: np.ndarray
    seconds: np.ndarray
    validated: np.ndarray
    validation: np.ndarray
    broke: int | None


@cache
def frankenstein():
    return load("frankenstein")


def about(corpus, model, settings, steps, command=COMMAND):
    """What `Recording.run` says of a value; `corpus` is a Corpus, or None where no text was read."""
    text = {"corpus": corpus.name if corpus else "", "sha256": corpus.sha256 if corpus else ""}
    settings = {name: value for name, value in settings.items() if value is not None and name != "seed"}
    return text | {"model": model, "settings": settings, "seed": SEED, "steps": steps, "command": command}


def beginning(corpus, characters):
    """The first part of a Corpus's text, under a name that says so."""
    return Corpus(f"{corpus.name}, the first {characters:,} characters", [corpus.documents[0][:characters]])


def trained(keep, name, settings, corpus=None, model="gpt", tokenizer="words"):
    """(the trainer with its trained network, `Curves`) of the run `name`, of which `keep` is told.

    The network is as the last step left it; `LanguageModel.load(trainer.folder)` has the best weights.
    """
    corpus = corpus or frankenstein()
    trainer = Trainer(corpus, model, tokenizer=tokenizer, settings=settings)
    trainer.begin(keep.folder / name, overwrite=True)
    curves = watched(trainer)
    keep.run(name, about(corpus, model, {"tokenizer": tokenizer} | settings, len(curves.steps)))
    return trainer, curves


def watched(trainer, most=None):
    """The `Curves` of a begun trainer's steps, or of the first `most` of them."""
    steps, validated, broke = [], [], None
    try:
        for step, validation in trainer.steps():
            steps.append(asdict(step))
            if validation is not None:
                validated.append((step.step, validation))
            if step.step == most:
                trainer.stop()
    except Diverged:
        broke = len(steps) + 1
    column = lambda name: np.array([step[name] for step in steps])
    places, losses = np.array(validated or np.zeros((0, 2))).T
    return Curves(column("step"), column("loss"), column("grad_norm"), column("seconds"),
                  places.astype(int), losses, broke)  # fmt: skip


def mean_of(values, k):
    """The means of each k values, one behind the other; what fills no k is left out."""
    return np.asarray(values)[: len(values) // k * k].reshape(-1, k).mean(axis=1)


def lm(keep):
    """The film's LanguageModel with its best weights: from the folder, where it was trained before, or trained now."""
    folder = keep.folder / "lm"
    if not (folder / "README.md").exists():
        trainer, _ = trained(keep, "lm", LM)
        trainer.finish()
    keep.run("lm", about(frankenstein(), "gpt", {"tokenizer": "words"} | LM, LM["max_steps"]))
    return LanguageModel.load(folder)


def first_lm():
    """The same model before its first step: (parameters by name, float64)."""
    from hornbook.reference.transformer import init

    trainer = Trainer(frankenstein(), "gpt", tokenizer="words", settings=LM)
    return init(trainer.config, np.random.default_rng(SEED))
