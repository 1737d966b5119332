"""Step 11: the film's program, run: its settings, sizes, log and memory; the library's files, and what lm writes."""

import inspect
import io
from contextlib import redirect_stdout
from importlib.resources import files

import numpy as np
import torch
from torch import nn

from hornbook.film import example
from hornbook.film.record.runs import LM, about, frankenstein, lm
from hornbook.reference import transformer
from hornbook.training.budget import BYTES, budget
from hornbook.training.settings import Settings

SHOWN = ("vocab_size", "n_embd", "n_layer", "n_head", "block_size", "batch_size", "learning_rate", "max_steps",
         "optimizer", "warmup")  # fmt: skip
FILES = ("corpus.py", "tokenizer.py", "reference/transformer.py", "reference/losses.py", "reference/optim.py",
         "training/tokens.py", "training/loop.py", "evaluate.py")  # fmt: skip
PROMPT = "You will rejoice to hear"
CHARACTERS = 240
RATES = (0.001, 0.003, 0.01)


def record(keep):
    model = lm(keep)
    counts = transformer.count(model.network.config)
    keep("code.parts", list(counts), "parts of the model", "lm")
    keep("code.parameters", list(counts.values()), "their parameters", "lm")
    keep("code.total", sum(counts.values()), "all of them", "lm")
    keep("code.settings.names", list(SHOWN), "settings", "lm")
    keep("code.settings.values", [str(LM[name]) for name in SHOWN], "their values", "lm")
    for name in SHOWN:
        keep(f"code.settings.{name}", LM[name], "a setting", "lm")
    _files(keep)
    keep("code.prompt", PROMPT, "a beginning", "lm")
    keep("code.temperature", 0.7, "the temperature it is gone on with", "lm")
    sample = model.generate(PROMPT, characters=CHARACTERS, temperature=0.7)
    keep("code.sample", sample.rsplit(" ", 1)[0].strip(), "what the model writes on", "lm")
    batch, length, size = LM["batch_size"], LM["block_size"], LM["vocab_size"]
    keep("code.shape.ids", [batch, length], "ids of a batch: windows, tokens", "lm")
    keep("code.shape.logits", [batch, length, size], "its logits", "lm")
    _memory(keep, model)
    _program(keep)


def program(steps):
    """What `Recording.run` says of a run of film/example.py on the film's novel."""
    settings = program_settings()
    command = "python -m hornbook.film.example frankenstein.txt"
    return about(frankenstein(), "film/example.py", settings, steps, command) | {"seed": 0}


def program_settings():
    """What the program's functions take where nothing is said: vocabulary, width, window, batch, rate."""
    usual = lambda function, name: inspect.signature(function).parameters[name].default
    return {
        "vocab_size": usual(example.vocabulary, "V"), "n_embd": usual(example.Encoder, "D"),
        "block_size": usual(example.Encoder, "T"), "batch_size": usual(example.batch, "B"),
        "learning_rate": usual(example.train, "lr"),
    }  # fmt: skip


def parts_of(model):
    """{part: its numbers} of the program's model, the two tables and the head first."""
    parts = {"token embeddings": "wte", "position embeddings": "wpe", "head": "head", "norms": ".norm",
             "attention": "self_attn", "mlp": ".linear"}  # fmt: skip
    sizes = {name: weights.numel() for name, weights in model.named_parameters()}
    return {part: sum(size for name, size in sizes.items() if mark in name) for part, mark in parts.items()}


def _program(keep):
    run = keep.run("program", program(example.STEPS))
    for name, value in program_settings().items():
        keep(f"program.{name}", value, "a setting", run)
    words = example.tokens(frankenstein().documents[0])
    learnt_from = example.Counter(words[: len(words) * 9 // 10])
    keep("program.twice", sum(count > 1 for count in learnt_from.values()), "words that occur twice or more", run)
    torch.set_num_threads(1)
    model = _logged(keep, words, run)
    parts = parts_of(model)
    keep("program.parts", list(parts), "parts of its model", run)
    keep("program.parameters", list(parts.values()), "their parameters", run)
    keep("program.total", sum(weights.numel() for weights in model.parameters()), "all of them", run)
    needs = budget(Scored(model), Settings(optimizer="adam"), example.Encoder(1).wpe.num_embeddings)
    windows = program_settings()["batch_size"]
    keep("program.memory", 4 * BYTES * needs.parameters + windows * needs.per_window,
         "bytes of weights, gradients, Adam's means and a batch", run)  # fmt: skip


def _logged(keep, words, run):
    """Train the program's model at each rate and keep what it prints; its model, at its own rate."""
    last = {}
    for rate in RATES:
        with redirect_stdout(io.StringIO()) as printed:
            trained, _ = example.learnt(words, example.STEPS, rate)
        log = np.array([line.split() for line in printed.getvalue().splitlines()], dtype=float)
        last[rate] = log[-1, 1]
        if rate == program_settings()["learning_rate"]:
            model = trained
            keep("program.log.steps", log[:, 0].astype(int), "steps at which it prints", run)
            keep("program.log.perplexity", log[:, 1], "held-out perplexity", run)
    keep("program.rates", RATES, "learning rates", run)
    keep("program.rates.perplexity", list(last.values()), "held-out perplexity at the end with each", run)
    return model


class Scored(nn.Module):
    """The program's model as `training.budget` asks for one: ids -> (logits, nothing)."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids):
        return self.model.head(self.model(ids)), None


def _files(keep):
    command = "python -m hornbook.film.record step_11"
    run = keep.run("code", about(None, "hornbook's own files", {}, 0, command))
    texts = [files("hornbook").joinpath(name).read_text(encoding="utf-8") for name in FILES]
    keep("code.files", list(FILES), "files of the library, in the order of the film", run)
    keep("code.lines", [text.count("\n") for text in texts], "their lines", run)
    keep("code.lines.total", np.sum([text.count("\n") for text in texts]), "their lines in all", run)


def _memory(keep, model):
    needs = budget(model.network, Settings(optimizer="adamw"), LM["block_size"])
    weights, batch = needs.parameters * BYTES, LM["batch_size"] * needs.per_window
    keep("code.memory.names", ["weights", "gradients", "Adam's means", "a batch's numbers"], "what takes memory", "lm")
    keep("code.memory.bytes", [weights, weights, 2 * weights, batch], "bytes of each", "lm")
    keep("code.memory.total", 4 * weights + batch, "bytes in all", "lm")
