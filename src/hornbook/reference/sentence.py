"""A sentence encoder, to read: a transformer that looks both ways, and one vector for all its tokens; there and back.

Reimers & Gurevych 2019 (Sentence-BERT), arXiv 1908.10084. What moves its vectors is in contrastive.py.
"""

import numpy as np

from hornbook.reference import transformer
from hornbook.reference.pooling import pool, pool_backward
from hornbook.reference.transformer_config import BERT, Config
from hornbook.reference.transformer_parameters import init, shapes

__all__ = ["BERT", "PRESETS", "Config", "backward", "forward", "init", "shapes"]

_SIZES = {"std": 0.02, "residual": "plain"}
PRESETS = {  # beside BERT's choices; a short text is learnt soonest by few layers
    "tiny": _SIZES | {"n_layer": 1, "n_head": 2, "n_embd": 64, "block_size": 128},
    "light": _SIZES | {"n_layer": 1, "n_head": 4, "n_embd": 128, "block_size": 128},
    "deep": _SIZES | {"n_layer": 3, "n_head": 4, "n_embd": 256, "block_size": 128},
}


def forward(params, ids, config, mask=None, pooling="mean", normalize=True):
    """The vectors (B, D) of texts: hidden = transformer(ids), then `pool`. ids (B, T), mask (B, T), all text if None.

    They are of length 1, unless `normalize` is False. Raises HornbookError for what neither of the two can read.
    """
    hidden = transformer.forward(params, ids, config, mask=mask)
    return pool(hidden, np.ones(ids.shape, bool) if mask is None else mask, pooling, normalize)


def backward(dvectors, params, trace, config, pooling="mean", normalize=True):
    """dL/dparameter by name, from dL/dvectors (B, D) and the trace of `forward`. Sees `grad.<name>` of every number."""
    mask = trace["mask"] if "mask" in trace else np.ones(trace["ids"].shape, bool)
    dhidden = pool_backward(dvectors, trace["hidden"], mask, pooling, normalize)
    return transformer.backward(params, trace, config, grad_hidden=dhidden)


if __name__ == "__main__":
    from hornbook.reference.contrastive import info_nce, info_nce_backward
    from hornbook.trace import Trace

    rng = np.random.default_rng(0)
    small = Config(12, n_layer=1, n_head=2, n_embd=8, block_size=8, **BERT)
    weights, texts = init(small, rng), rng.permuted(np.tile(np.arange(5, 12), (4, 1)), axis=1)[:, :6]
    for step in range(41):
        with Trace() as one:
            a = forward(weights, texts[:, :3], small)
        with Trace() as two:
            b = forward(weights, texts[:, 3:], small)
        if step % 10 == 0:
            print(f"step {step:2}  loss {info_nce(a, b):.4f}   own cosines", (a * b).sum(axis=1).round(2))
        da, db = info_nce_backward(a, b)
        grads = (backward(da, weights, one, small), backward(db, weights, two, small))
        weights = {name: value - 0.02 * (grads[0][name] + grads[1][name]) for name, value in weights.items()}
