"""Tiny shakespeare, 90/10: hornbook's `nano` GPT beside nanoGPT's CPU recipe in plain PyTorch, the LSTM, and n-grams.

    OMP_NUM_THREADS=1 python benchmarks/shakespeare.py [--only recipe,quick] [--seed 42] [--json]

All read the same ids. What trains by gradients takes turns in one process on one thread, a few steps each; the times
are of training alone (hornbook's with its validations, checkpoints and log). `windows of 64`: nats a token over the
whole validation split, every token once, in windows of 64 side by side. `as evaluated`: as `hornbook evaluate` does it,
with windows that overlap, 64 at stride 32 for a GPT, 512 at 384 for an LSTM; an n-gram always sees all it can use.
"""

import argparse
import json
import math
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before anything starts a thread

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from bare import BareGpt
from hornbook import corpus
from hornbook.language_model import LanguageModel
from hornbook.reference.transformer_config import Config
from hornbook.trainer import Trainer
from machine import machine

LENGTH = 64
QUICK = {
    "max_steps": 200,
    "learning_rate": 0.03,
    "muon_learning_rate": 0.02,
    "momentum": 0.9,
    "warmup": 0.025,
    "clip_norm": 0.0,
    "validations": 1,
}
ROWS = {  # name -> model, what `--set` would be told
    "quick": ("gpt", QUICK),
    "default": ("gpt", {}),
    "lstm": ("lstm", {}),
    "5-gram": ("ngram", {"order": 5}),
    "6-gram": ("ngram", {"order": 6}),
}
RECIPE_STEPS, RECIPE_WARMUP = 2000, 100


class Recipe:
    """nanoGPT's CPU recipe: the model of `bare`, AdamW from 1e-3 to 1e-4 in a cosine, 2,000 batches of 12 windows."""

    def __init__(self, tokens, vocab_size, seed):
        torch.manual_seed(seed)
        self.tokens = torch.from_numpy(tokens.astype(np.int64))
        self.network = BareGpt(Config(vocab_size, n_layer=4, n_head=4, n_embd=128, block_size=LENGTH), norm_bias=False)
        for name, p in self.network.named_parameters():
            if p.ndim == 2:
                nn.init.normal_(p, 0, 0.02 / math.sqrt(8) if name.endswith(("wo.weight", "fc2.weight")) else 0.02)

    def steps(self):
        parameters = list(self.network.parameters())
        groups = [
            {"params": [p for p in parameters if p.ndim == 2], "weight_decay": 0.1},
            {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
        ]
        adam = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.99))
        for step in range(RECIPE_STEPS):
            for group in adam.param_groups:
                group["lr"] = recipe_rate(step)
            starts = torch.randint(len(self.tokens) - LENGTH, (12,))
            x = torch.stack([self.tokens[i : i + LENGTH] for i in starts])
            y = torch.stack([self.tokens[i + 1 : i + 1 + LENGTH] for i in starts])
            loss = F.cross_entropy(self.network(x).flatten(0, 1), y.flatten())
            adam.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            adam.step()
            yield loss


def recipe_rate(step):
    if step < RECIPE_WARMUP:
        return 1e-3 * (step + 1) / (RECIPE_WARMUP + 1)
    part = (step - RECIPE_WARMUP) / (RECIPE_STEPS - RECIPE_WARMUP)
    return 1e-4 + 0.5 * (1 + math.cos(math.pi * part)) * 9e-4


def main():
    options = parse()
    torch.set_num_threads(1)
    names = options.only.split(",")
    with tempfile.TemporaryDirectory() as folder:
        trainers = begin([name for name in names if name in ROWS], Path(folder), options.seed)
        some = next(iter(trainers.values()))
        train, held_out = some.tokens("train"), some.tokens("validation").astype(np.int64)
        runs = {name: (trainer.steps(), trainer.settings.max_steps) for name, trainer in trainers.items()}
        if "recipe" in names:
            recipe = Recipe(train, some.tokenizer.vocab_size, options.seed)
            runs = {"recipe": (recipe.steps(), RECIPE_STEPS)} | runs
        spent = take_turns(runs)
        rows = {name: {"steps": runs[name][1], **spent[name]} for name in runs}
        for name, trainer in trainers.items():
            rows[name] |= losses(LanguageModel.load(trainer.folder), held_out)
            if trainer.kind.trained_by == "counting":
                rows[name]["steps"] = None
    if "recipe" in names:
        rows["recipe"] |= {
            "parameters": sum(p.numel() for p in recipe.network.parameters()),
            "nats_windows_of_64": mean_surprise(recipe.network, held_out),
        }
        for row in rows.values():
            row["share_of_recipe_cpu"] = row["cpu_seconds"] / rows["recipe"]["cpu_seconds"]
            row["share_of_recipe_wall"] = row["wall_seconds"] / rows["recipe"]["wall_seconds"]
    report = {
        "machine": machine(),
        "torch": torch.__version__,
        "seed": options.seed,
        "held_out_tokens": len(held_out) - 1,
        "rows": rows,
    }
    print(json.dumps(report, indent=1)) if options.json else show(report)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="recipe," + ",".join(ROWS), help="rows, by name; not the recipe alone")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def begin(names, folder, seed):
    """A trainer for each row, its files written."""
    text, trainers = corpus.load("shakespeare"), {}
    for name in names:
        model, told = ROWS[name]
        trainers[name] = Trainer(text, model, settings={"threads": 1, "seed": seed} | told).begin(folder / name)
    return trainers


def take_turns(runs):
    """Go through all runs side by side, each in proportion to its length; name -> CPU and wall seconds."""
    cpu, wall = dict.fromkeys(runs, 0.0), dict.fromkeys(runs, 0.0)
    turns = max(steps for _, steps in runs.values())
    for turn in range(turns):
        for name, (run, steps) in runs.items():
            last = turn == turns - 1
            for _ in range((turn + 1) * steps // turns - turn * steps // turns + last):  # one more, to end it
                began_cpu, began = time.process_time(), time.perf_counter()
                next(run, None)
                cpu[name] += time.process_time() - began_cpu
                wall[name] += time.perf_counter() - began
    return {name: {"cpu_seconds": cpu[name], "wall_seconds": wall[name]} for name in runs}


def losses(model, held_out):
    numbers = {"parameters": model.n_parameters, "nats_as_evaluated": float(model.nats(held_out).mean())}
    if model.windows:
        numbers["nats_windows_of_64"] = mean_surprise(lambda ids: model.network(ids)[0], held_out)
    return numbers


@torch.no_grad()
def mean_surprise(logits_of, held_out):
    """Nats a token over the whole split in windows of 64 side by side, in float32; the last window may be shorter."""
    ids, total = torch.from_numpy(held_out), 0.0
    for x, y in zip(ids[:-1].split(64 * LENGTH), ids[1:].split(64 * LENGTH)):
        whole = len(x) // LENGTH * LENGTH
        for features, labels in ((x[:whole].view(-1, LENGTH), y[:whole]), (x[whole:][None], y[whole:])):
            if len(labels):
                total += F.cross_entropy(logits_of(features).flatten(0, 1), labels, reduction="sum").item()
    return total / (len(ids) - 1)


def show(report):
    print(
        f"{report['machine']}, torch {report['torch']}, one thread; seed {report['seed']}\n"
        f"validation: all {report['held_out_tokens']:,} tokens; nats a token\n"
    )
    print(
        f"{'':<9} {'steps':>6} {'parameters':>10} {'CPU s':>7} {'wall s':>7} {'of recipe':>10} {'windows of 64':>14}"
        f" {'as evaluated':>13}"
    )
    for name, row in report["rows"].items():
        shown = [
            f"{row[key]:{form}}" if row.get(key) is not None else ""
            for key, form in (
                ("steps", ","),
                ("parameters", ","),
                ("cpu_seconds", ".1f"),
                ("wall_seconds", ".1f"),
                ("share_of_recipe_cpu", ".3f"),
                ("nats_windows_of_64", ".4f"),
                ("nats_as_evaluated", ".4f"),
            )
        ]
        print(
            f"{name:<9} {shown[0]:>6} {shown[1]:>10} {shown[2]:>7} {shown[3]:>7} {shown[4]:>10} {shown[5]:>14}"
            f" {shown[6]:>13}"
        )


if __name__ == "__main__":
    main()
