"""What a run will need, told before it starts: parameters, memory, threads."""

import os
from dataclasses import dataclass

import torch

BYTES = 4  # weights, gradients and optimizer state are float32
OVERLAP = 1.4  # measured: a step takes this much more than it keeps, as one begins before the last is given back
STATE_PER_WEIGHT = {"sgd": 0, "momentum": 1, "adam": 2, "adamw": 2, "muon": 2}


@dataclass(frozen=True)
class Budget:
    """Bytes a run takes, measured from one forward pass of one window: `fixed` + `per_window` × batch size."""

    parameters: int
    fixed: int
    per_window: int

    def needs(self, batch_size):
        return self.fixed + self.per_window * batch_size

    def fits(self, memory):
        """The largest batch size that `memory` bytes hold; 0 where not even one window fits."""
        return max(0, int(memory - self.fixed) // max(1, self.per_window))

    def sentence(self, batch_size):
        """``this needs about 1.2 GB; --batch-size 18 would need 0.7``: half the batch where it saves a tenth."""
        needs, half = self.needs(batch_size), max(1, batch_size // 2)
        text = f"this needs about {_amount(needs)}"
        if needs > 0.5e9 and self.needs(half) < 0.9 * needs:
            text += f"; --batch-size {half} would need {_amount(self.needs(half))}"
        return text


def budget(model, settings, length):
    """Count the parameters and the bytes that autograd keeps for one window of `length` tokens."""
    kept = {}

    def count(tensor):
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    owned = {p.untyped_storage().data_ptr() for p in model.parameters()}
    with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
        logits, _ = model(torch.zeros(1, length, dtype=torch.int64))
    activations = sum(size for pointer, size in kept.items() if pointer not in owned)
    logits_bytes = 3 * logits.numel() * BYTES  # logits, their softmax, and the gradient
    parameters = sum(p.numel() for p in model.parameters())
    weights = parameters * BYTES * (2 + STATE_PER_WEIGHT.get(settings.optimizer, 2))
    return Budget(parameters, _resident() + weights, round(OVERLAP * (activations + logits_bytes)))


def memory_here():
    """Bytes of memory this machine could still give, or None where it does not say."""
    try:
        with open("/proc/meminfo") as file:
            return 1024 * next(int(line.split()[1]) for line in file if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        return None


def choose_threads(parameters, tokens_per_step):
    """One thread for a step of little work: more would wait for each other longer than they compute.

    A step costs about 6 floating-point operations a parameter and token. Above 2e10 of them, every free core.
    """
    if 6 * parameters * tokens_per_step < 2e10:
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return max(1, min(cores, round(cores - busy)))


def _resident():
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 300_000_000


def _amount(size):
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
