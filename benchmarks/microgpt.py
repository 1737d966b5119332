"""microgpt at its speeds: scalar, compiled, and the same model as a bare PyTorch loop; one thread, the same losses.

    python benchmarks/microgpt.py [--rounds 20] [--names FILE] [--json]

The names: those of HORNBOOK_DATA where they are, else hornbook's own. Times are CPU seconds of this process. The forms
take turns; of all turns the least and the median are given. Compiling is timed by itself, in a process of its own.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from statistics import median

from machine import machine

os.environ |= {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}  # before anything starts a thread

COMPILE = "from hornbook.fast import microgpt; print(microgpt.compile_now()[0])"
TURN = {"scalar": 4, "fast": 2000, "batch_of_16": 200, "pytorch": 40}  # steps a turn


def main():
    options = parse()
    names = read(options.names)
    report = {"machine": machine(), "names": len(names), **compiling(), **measure(names, options.rounds)}
    report |= {
        f"fast.times_{other}": report[f"{other}.microseconds_per_step"] / report["fast.microseconds_per_step"]
        for other in ("scalar", "pytorch")
    }
    print(json.dumps(report, indent=1)) if options.json else show(report)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20, help="turns of each form")
    parser.add_argument("--names", type=Path, help="a file with one name a line")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def read(path):
    import hornbook

    published = Path(os.environ.get("HORNBOOK_DATA", "none"), "corpora", "names.txt")
    own = Path(hornbook.__file__).parent / "data" / "names.txt"
    path = path or (published if published.exists() else own)
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def measure(names, rounds):
    """Microseconds a step of each form, and how far their losses are apart where all have taken the same steps."""
    forms = {"scalar": scalar(names), "fast": fast(names, 1), "batch_of_16": fast(names, 16), "pytorch": pytorch(names)}
    times, losses = {form: [] for form in forms}, {form: [] for form in forms}
    for form, steps in forms.items():
        losses[form] += islice(steps, TURN[form])  # the first turn warms up
    for _ in range(rounds):
        for form, steps in forms.items():
            began = time.process_time()
            losses[form] += islice(steps, TURN[form])
            times[form].append((time.process_time() - began) * 1e6 / TURN[form])
    report = {}
    for form, found in times.items():
        report[f"{form}.microseconds_per_step"] = min(found)
        report[f"{form}.median_microseconds_per_step"] = median(found)
    report["fast.microseconds_per_name_in_batches_of_16"] = min(times["batch_of_16"]) / 16
    report["fast.median_microseconds_per_name_in_batches_of_16"] = median(times["batch_of_16"]) / 16
    for form in ("scalar", "pytorch"):
        pairs = list(zip(losses[form], losses["fast"]))
        report[f"{form}.steps_compared"] = len(pairs)
        report[f"{form}.largest_difference_of_loss"] = max(abs(theirs - ours) for theirs, ours in pairs)
    return report


def scalar(names):
    import random

    from hornbook.reference import microgpt

    rng, config = random.Random(42), long_run()
    names, letters = list(names), microgpt.alphabet(names)
    rng.shuffle(names)
    weights = microgpt.init(len(letters) + 1, config, rng)
    return (loss for _, loss in microgpt.train(weights, names, letters, config))


def fast(names, batch):
    from hornbook.fast import microgpt

    model, names, _ = microgpt.begin(names, long_run())
    chunk = TURN["fast" if batch == 1 else "batch_of_16"]  # a turn is a chunk, or it would do another's work
    return (step.loss for step in model.train(names, batch=batch, chunk=chunk))


def pytorch(names):
    """The model as one writes it in PyTorch: a name at a time, all its positions at once, in float64."""
    import torch
    from torch.nn import functional as F

    from hornbook.fast import microgpt

    torch.set_num_threads(1)
    config = long_run()
    model, names, _ = microgpt.begin(names, config)
    wte, wpe, lm_head, wq, wk, wv, wo, fc1, fc2 = weights = [
        torch.tensor(array, requires_grad=True) for array in model.parameters.values()
    ]
    adam = torch.optim.Adam(weights, betas=(config.beta1, config.beta2), eps=config.epsilon)

    def norm(x):
        return x * (x.square().mean(-1, keepdim=True) + 1e-5).rsqrt()

    def heads(x):  # (T, D) -> (A, T, K)
        return x.view(len(x), config.n_head, -1).transpose(0, 1)

    for step in range(config.steps):
        ids = torch.from_numpy(model.encode([names[step % len(names)]])[0][: config.block_size + 1])
        x = norm(wte[ids[:-1]] + wpe[: len(ids) - 1])
        n = norm(x)
        z = F.scaled_dot_product_attention(heads(n @ wq.T), heads(n @ wk.T), heads(n @ wv.T), is_causal=True)
        x = x + z.transpose(0, 1).reshape(x.shape) @ wo.T
        x = x + (norm(x) @ fc1.T).relu() @ fc2.T
        loss = F.cross_entropy(x @ lm_head.T, ids[1:])
        adam.zero_grad()
        loss.backward()
        adam.param_groups[0]["lr"] = config.learning_rate * (1 - step / config.steps)
        adam.step()
        yield loss.item()


def long_run():
    """The published training, made long enough for every turn."""
    from hornbook.reference.microgpt import Config

    return Config(steps=1_000_000)


def compiling():
    """Seconds to compile the loops in a fresh process, and in another one that finds them compiled."""
    with tempfile.TemporaryDirectory() as cache:
        seconds = [
            float(
                subprocess.run(
                    [sys.executable, "-c", COMPILE],
                    env=os.environ | {"NUMBA_CACHE_DIR": cache},
                    capture_output=True,
                    text=True,
                    check=True,
                ).stdout
            )
            for _ in range(2)
        ]
    return {"compile_seconds": seconds[0], "load_compiled_seconds": seconds[1]}


def show(report):
    slowest = report["scalar.microseconds_per_step"]
    print(f"{report['machine']}\n{report['names']:,} names, one a step; one thread\n")
    print("                          µs a step   median   × the scalar form")
    for form, label in (("scalar", "scalar, Python"), ("pytorch", "PyTorch loop"), ("fast", "compiled")):
        least, usual = report[f"{form}.microseconds_per_step"], report[f"{form}.median_microseconds_per_step"]
        print(f"  {label:<22} {least:>10,.1f} {usual:>8,.1f} {slowest / least:>10,.0f}")
    least, usual = (report[f"fast.{which}microseconds_per_name_in_batches_of_16"] for which in ("", "median_"))
    print(f"  {'compiled, 16 a step':<22} {least:>10,.1f} {usual:>8,.1f} {slowest / least:>10,.0f}   a name\n")
    for form in ("scalar", "pytorch"):
        print(
            f"the first {report[f'{form}.steps_compared']} losses of {form} and compiled differ by at most"
            f" {report[f'{form}.largest_difference_of_loss']:.1e}"
        )
    print(
        f"compiling takes {report['compile_seconds']:.1f} s, once; loading it again"
        f" {report['load_compiled_seconds']:.1f} s"
    )


if __name__ == "__main__":
    main()
