"""Small transformers with random parameters, there and back in both forms: what the tests of the transformer share."""

import itertools

import numpy as np
import torch
import torch.nn.functional as F

from hornbook import Trace, see
from hornbook.fast.transformer import Transformer
from hornbook.reference import transformer as reference
from hornbook.reference.transformer import CHOICES, Config

torch.set_num_threads(1)  # at these sizes a second thread is waited for longer than it works

FIELDS = ["norm", "norm_place", "activation", "positions", "head", "kv", "bias", "causal"]
WORDS = CHOICES | {"head": ["tied", "untied"]}  # "none" has no loss of its own and is tested by itself
EVERY = list(itertools.product(*(WORDS.get(field, [True, False]) for field in FIELDS)))
SMOOTH = [  # a few far apart, without corners that would spoil a slope
    {"norm": "layernorm", "norm_place": "micro", "activation": "gelu", "positions": "learned", "kv": "shared",
     "bias": True},
    {"activation": "gelu", "head": "untied", "kv": "shared"},
    {"activation": "gelu"},
    {"norm": "layernorm", "activation": "gelu", "positions": "learned", "bias": True, "causal": False},
    {"norm": "layernorm", "norm_place": "post", "activation": "gelu_tanh", "positions": "learned", "bias": True},
    {"norm_place": "post", "activation": "gelu", "kv": "shared"},
]  # fmt: skip


def small(**choices):
    return Config(**{"vocab_size": 11, "n_layer": 2, "n_head": 2, "n_embd": 8, "block_size": 6} | choices)


def drawn(config, seed=0, tokens=5):
    """Random parameters, biases and scales too, and a batch: params, ids (2, tokens), targets (2, tokens)."""
    rng = np.random.default_rng(seed)
    params = {name: rng.normal(0, 0.5, shape) for name, shape in reference.shapes(config).items()}
    return params, *rng.integers(0, config.vocab_size, (2, 2, tokens))


def traced(params, ids, targets, config):
    """The reference, there and back."""
    with Trace() as trace:
        reference.loss(reference.forward(params, ids, config), targets)
        reference.backward(params, trace, config)
    return trace


def fast(params, config):
    model = Transformer(config).double().eval()
    model.load(params)
    return model


def traced_fast(params, ids, targets, config):
    """PyTorch, there and back."""
    model = fast(params, config)
    with Trace(gradients=True) as trace:
        logits, _ = model(torch.from_numpy(ids))
        see("loss", F.cross_entropy(logits.flatten(0, 1), torch.from_numpy(targets).flatten())).backward()
    trace.add_gradients(model.named_parameters())
    return trace


def logits_of(params, ids, config):
    with torch.no_grad():
        return fast(params, config)(torch.from_numpy(ids))[0].numpy()
