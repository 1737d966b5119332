"""One file that holds all a run needs to go on: weights, optimizer state, the step, the best so far."""

import json

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from hornbook.files import written_whole


def save(path, model, optimizers, progress):
    """Write weights, optimizer state and `progress` (a dict that JSON can hold), whole or not at all."""
    tensors = {f"model.{name}": p.detach() for name, p in model.named_parameters()}
    for name, state in _states(model, optimizers):
        for key, value in state.items():
            tensors[f"optimizer.{name}.{key}"] = torch.as_tensor(value)
    tensors = {name: tensor.contiguous() for name, tensor in tensors.items()}
    with written_whole(path) as temporary:
        save_file(tensors, temporary, metadata={"progress": json.dumps(progress)})


def load(path, model, optimizers):
    """Put weights and optimizer state back where `save` found them; return the progress."""
    with safe_open(path, "pt") as file:
        parameters = dict(model.named_parameters())
        owners = {
            id(p): optimizer for optimizer in optimizers for group in optimizer.param_groups for p in group["params"]
        }
        for key in file.keys():  # noqa: SIM118 (it is no dict)
            kind, rest = key.split(".", 1)
            if kind == "model":
                parameters[rest].data.copy_(file.get_tensor(key))
            else:
                name, field = rest.rsplit(".", 1)
                owners[id(parameters[name])].state[parameters[name]][field] = file.get_tensor(key)
        return json.loads(file.metadata()["progress"])


def _states(model, optimizers):
    for name, parameter in model.named_parameters():
        for optimizer in optimizers:
            if parameter in optimizer.state:
                yield name, optimizer.state[parameter]
