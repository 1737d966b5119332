"""The parameters of a transformer: their names and shapes, their first values, their number."""

import math

import numpy as np

from hornbook.reference.init import INITS
from hornbook.reference.transformer_config import RESIDUALS

NORM_PARAMETERS = {"layernorm": ("weight", "bias"), "rmsnorm": ()}


def shapes(config):
    """Every parameter's name and shape, (out, in) for a matrix, in the order they are drawn."""
    V, D, F, P = (config.sizes[letter] for letter in "VDFP")
    found = {"wte": (V, D)}
    if config.positions == "learned":
        found["wpe"] = (P, D)
    if config.head == "untied":
        found["lm_head"] = (V, D)
    if config.norm_place in ("micro", "post"):
        found |= _norm_shapes("embed_norm", config)
    if config.kv == "shared":
        found |= _norm_shapes("kv.norm", config) | _projection_shapes("kv", "kv", config)
    for i in range(config.n_layer):
        layer = f"layers.{i}"
        found |= _norm_shapes(f"{layer}.norm1", config)
        found |= _projection_shapes(f"{layer}.attn", "qkvo" if config.kv == "per_layer" else "qo", config)
        found |= _norm_shapes(f"{layer}.norm2", config)
        found |= {f"{layer}.mlp.fc1": (F, D), f"{layer}.mlp.fc2": (D, F)}
        if config.bias:
            found |= {f"{layer}.mlp.b1": (F,), f"{layer}.mlp.b2": (D,)}
    if config.norm_place == "pre":
        found |= _norm_shapes("norm_final", config)
    return found


def _norm_shapes(name, config):
    return {f"{name}.{part}": (config.n_embd,) for part in NORM_PARAMETERS[config.norm]}


def _projection_shapes(place, letters, config):
    D = config.n_embd
    matrices = {f"{place}.w{letter}": (D, D) for letter in letters}
    return matrices | ({f"{place}.b{letter}": (D,) for letter in letters} if config.bias else {})


def init(config, rng):
    """Draw first parameters: matrices from N(0, std²), the embedding and the two that add to the stream as configured.

    Biases begin at 0, scales of norms at 1. rng is a np.random.Generator.
    """
    return {name: _draw(name, shape, config, rng) for name, shape in shapes(config).items()}


def _draw(name, shape, config, rng):
    if len(shape) == 1:
        return np.ones(shape) if name.endswith(".weight") else np.zeros(shape)
    if name == "wte" and config.init != "normal":
        return INITS[config.init](rng, shape)
    if name == "wte" and config.embed_std is not None:
        return rng.normal(0, config.embed_std, shape)
    adds_to_stream = name.endswith((".wo", ".fc2"))
    if name == "lm_head" and config.residual == "zero":
        return np.zeros(shape)
    factor = RESIDUALS[config.residual](config.n_layer) if adds_to_stream else 1.0
    return rng.normal(0, config.std * factor, shape)


def count(config):
    """How many parameters each part has: {"token embeddings": V·D, "attention": n_layer·4D², …}; their sum is all."""
    parts = {}
    for name, shape in shapes(config).items():
        part = _part(name)
        parts[part] = parts.get(part, 0) + math.prod(shape)
    return parts


def _part(name):
    wholes = {"wte": "token embeddings", "wpe": "position embeddings", "lm_head": "head"}
    if name in wholes:
        return wholes[name]
    place, last = name.split(".")[-2:]
    if "norm" in place:
        return "norms"
    if last[0] == "b":
        return "biases"
    return "mlp" if place == "mlp" else "attention"


if __name__ == "__main__":
    from hornbook.reference.transformer_config import PRESETS, Config

    for preset, choices in PRESETS.items():
        parts = count(Config(vocab_size=27, **choices))
        listed = ", ".join(f"{part} {number:,}" for part, number in parts.items())
        print(f"{preset:6} {sum(parts.values()):>9,} = {listed}")
