"""First values of weights: how wide to draw them, so that numbers neither vanish nor explode on their way."""

import numpy as np


def normal(rng, shape):
    """Draw from N(0, 0.02²) whatever the shape; GPT-2's choice."""
    return rng.normal(0.0, 0.02, shape)


def xavier(rng, shape):
    """Draw from N(0, 2 / (fan_in + fan_out)); also called Glorot, `xavier_normal_`.

    shape is (out, in) = (fan_out, fan_in). Keeps the variance of a linear layer's numbers on the way forward and of its
    gradients on the way back, as well as one draw can do both. Glorot & Bengio 2010.
    """
    fan_out, fan_in = shape
    return rng.normal(0.0, np.sqrt(2 / (fan_in + fan_out)), shape)


def he(rng, shape):
    """Draw from N(0, 2 / fan_in); also called Kaiming, `kaiming_normal_`.

    shape is (out, in) = (fan_out, fan_in). The 2 makes up for the half that ReLU sets to zero. He et al. 2015,
    arXiv 1502.01852.
    """
    _, fan_in = shape
    return rng.normal(0.0, np.sqrt(2 / fan_in), shape)


def unit(rng, shape):
    """Draw from N(0, 1) whatever the shape; `nn.Embedding`'s choice.

    For embeddings that a norm rescales, or that go straight into the gates of a recurrent layer.
    """
    return rng.normal(0.0, 1.0, shape)


INITS = {"normal": normal, "xavier": xavier, "he": he, "unit": unit}  # (rng, shape) -> array of float64


if __name__ == "__main__":
    x = np.random.default_rng(0).normal(size=(1000, 256))
    for name, draw in INITS.items():
        h = x
        for layer in range(4):
            h = np.maximum(h @ draw(np.random.default_rng(layer), (256, 256)).T, 0)
        print(f"{name:8} spread of a number after 4 ReLU layers, from 1: {np.sqrt((h * h).mean()):.2g}")
