"""Training throughput of hornbook beside a bare PyTorch loop: the same model, the same first weights, one process.

    OMP_NUM_THREADS=1 python benchmarks/training_throughput.py [--chunks 15] [--only lstm,nano] [--json]

hornbook's side is all that `Trainer.steps` does: windows, schedule, clipping, the doctor, the log. The bare side is
what people write: nn.Embedding, nn.LSTM, nn.Linear, windows stacked from slices, AdamW as it comes, no clipping, no
log. They take turns; times are CPU seconds of a step, the median of all turns, and so are the ratios within a turn.
Losses are of the same held-out tokens after the same number of steps.
"""

import argparse
import json
import os
import tempfile
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before anything starts a thread

import torch
import torch.nn.functional as F
from torch import nn

from bare import BareGpt, BareLstm
from hornbook import corpus
from hornbook.trainer import Trainer
from machine import machine, timed

NANOGPT = {
    "norm": "layernorm",
    "activation": "gelu",
    "positions": "learned",
    "head": "tied",
    "residual": "scaled",
    "std": 0.02,
    "embed_std": None,
    "optimizer": "adamw",
    "learning_rate": 1e-3,
    "beta1": 0.9,
}
ROWS = {  # name -> model, what the run is told
    "lstm": ("lstm", {}),
    "nano": ("gpt", NANOGPT | {"batch_size": 12}),
    "nano-64": ("gpt", NANOGPT | {"batch_size": 64}),
}
COMMON = {
    "max_steps": 1_000_000,
    "schedule": "constant",
    "warmup": 0.0,
    "weight_decay": 0.0,
    "validations": 1,
    "threads": 1,
}


BARE = {"lstm": BareLstm, "gpt": BareGpt}


def bare_steps(model, data, length, batch_size, lr, bfloat16):
    """The loop people write; yields nothing of interest after every step."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, betas=(0.9, 0.99), weight_decay=0.0)
    criterion = nn.CrossEntropyLoss()
    while True:
        starts = torch.randint(len(data) - length, (batch_size,))
        x = torch.stack([data[i : i + length] for i in starts])
        y = torch.stack([data[i + 1 : i + 1 + length] for i in starts])
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            logits = model(x)
            loss = criterion(logits.view(-1, logits.shape[-1]), y.view(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def main():
    options = parse()
    torch.set_num_threads(1)
    rows = {name: row(*ROWS[name], options) for name in options.only.split(",")}
    report = {"machine": machine(), "torch": torch.__version__, "chunks": options.chunks, "rows": rows}
    print(json.dumps(report, indent=1)) if options.json else show(report)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", default="shakespeare", help="a corpus of hornbook's, or a path")
    parser.add_argument("--chunks", type=int, default=15, help="turns of each program")
    parser.add_argument("--only", default=",".join(ROWS), help="rows, by name")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def row(model, told, options):
    """Throughput and held-out loss of hornbook and of the bare loop, each in float32 and in bfloat16."""
    text = corpus.load(options.corpus)
    with tempfile.TemporaryDirectory() as folder:
        runs, networks = {}, {}
        for precision in precisions():
            trainer = Trainer(text, model, settings=COMMON | told | {"precision": precision})
            trainer.begin(Path(folder, precision))
            bare = BARE[model](trainer.config)
            bare.take({name: p.detach().clone() for name, p in trainer.job.network.named_parameters()})
            data = torch.from_numpy(trainer.tokens("train").astype("int64"))
            size, length = trainer.settings.batch_size, trainer.job.windows.length
            torch.manual_seed(1)
            runs[f"hornbook {precision}"] = trainer.steps()
            runs[f"bare {precision}"] = bare_steps(
                bare, data, length, size, trainer.settings.learning_rate, precision == "bfloat16"
            )
            networks |= {f"hornbook {precision}": trainer.job.network, f"bare {precision}": bare}
        seconds = take_turns(runs, options.chunks, tokens=size * length)
        held_out = trainer.tokens("validation").astype("int64")
        for run in runs.values():
            run.close()
    base, result = seconds["bare float32"], {}
    for name, spent in seconds.items():
        step, ratio = median(spent), median(bare / own for bare, own in zip(base, spent))
        result[name] = {
            "milliseconds": 1000 * step,
            "tokens_per_second": size * length / step,
            "times_bare_float32": ratio,
            "steps": trainer.job.done,
            "held_out_nats": held_out_loss(networks[name], held_out, length),
        }
    return result


def precisions():
    """bfloat16 where the processor multiplies it."""
    from hornbook.training.settings import choose_precision

    return ["float32"] if choose_precision("auto") == "float32" else ["float32", "bfloat16"]


def take_turns(runs, chunks, tokens):
    """CPU seconds a step of each run, in each of `chunks` turns of about 20,000 tokens, after one to warm up."""
    steps, spent = max(4, 20_000 // tokens), {name: [] for name in runs}
    for _ in range(chunks + 1):
        for name, run in runs.items():
            _, seconds = timed(lambda run=run: [next(run) for _ in range(steps)])
            spent[name].append(seconds / steps)
    return {name: times[1:] for name, times in spent.items()}


@torch.no_grad()
def held_out_loss(network, tokens, length, most=256):
    """Nats a token over up to `most` windows, in float32."""
    count = min(most, (len(tokens) - 1) // length)
    ids = torch.from_numpy(tokens[: count * length + 1])
    logits = network.eval()(ids[:-1].view(count, length))
    logits = logits if isinstance(logits, torch.Tensor) else logits[0]
    return F.cross_entropy(logits.flatten(0, 1), ids[1:]).item()


def show(report):
    print(f"{report['machine']}, torch {report['torch']}, one thread; median of {report['chunks']} turns, CPU time\n")
    print(f"{'':<8} {'':<18} {'ms a step':>9} {'tokens/s':>9} {'× bare float32':>15} {'held-out nats':>14}")
    for name, sides in report["rows"].items():
        for side, row in sides.items():
            print(
                f"{name:<8} {side:<18} {row['milliseconds']:>9.2f} {row['tokens_per_second']:>9,.0f}"
                f" {row['times_bare_float32']:>15.2f} {row['held_out_nats']:>14.3f}  after {row['steps']} steps"
            )


if __name__ == "__main__":
    main()
