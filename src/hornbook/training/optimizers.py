"""The optimizers by name: torch's own, fused; and the learning rate they have at each point of a run."""

import torch

from hornbook.fast.optim import Muon
from hornbook.reference.optim import SCHEDULES


def _groups(parameters, settings):
    """Matrices decay; vectors (norms, biases) do not."""
    matrices = [p for _, p in parameters if p.ndim >= 2]
    vectors = [p for _, p in parameters if p.ndim < 2]
    groups = [{"params": matrices, "weight_decay": settings.weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    return [group for group in groups if group["params"]]


def sgd(parameters, settings):
    return [torch.optim.SGD(_groups(parameters, settings), settings.learning_rate, fused=True)]


def momentum(parameters, settings):
    return [torch.optim.SGD(_groups(parameters, settings), settings.learning_rate, settings.momentum, fused=True)]


def adam(parameters, settings):
    betas = (settings.beta1, settings.beta2)
    return [torch.optim.Adam(_groups(parameters, settings), settings.learning_rate, betas, fused=True)]


def adamw(parameters, settings):
    betas = (settings.beta1, settings.beta2)
    return [torch.optim.AdamW(_groups(parameters, settings), settings.learning_rate, betas, fused=True)]


def muon(parameters, settings):
    """Muon for the matrices inside the layers; AdamW for embeddings, the head and vectors."""
    inside = {name for name, p in parameters if name.startswith("layers.") and p.ndim == 2}
    hidden = [p for name, p in parameters if name in inside]
    others = [(name, p) for name, p in parameters if name not in inside]
    return [
        Muon(hidden, settings.muon_learning_rate, settings.momentum, settings.weight_decay),
        *adamw(others, settings),
    ]


OPTIMIZERS = {"sgd": sgd, "momentum": momentum, "adam": adam, "adamw": adamw, "muon": muon}


def optimizers_for(model, settings):
    """The optimizers of `model`'s parameters: a list, since Muon leaves embeddings and vectors to AdamW."""
    optimizers = OPTIMIZERS[settings.optimizer](list(model.named_parameters()), settings)
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["highest_lr"] = group["lr"]
    return optimizers


def set_learning_rate(optimizers, settings, progress):
    """Give every group its place on the schedule; `progress` runs from 0 to 1. Returns the first group's rate."""
    factor = SCHEDULES[settings.schedule](progress, settings.warmup, settings.final_lr)
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["highest_lr"] * factor
    return optimizers[0].param_groups[0]["lr"]
