"""The transformer: layers that each add to one stream of numbers per token. Forward and backward.

Vaswani et al. 2017, arXiv 1706.03762, with GPT-2's norms first. Choices: transformer_config.py. Parameters:
transformer_parameters.py. One layer: transformer_layer.py. The forward pass's trace is the tape that backward reads.
"""

import numpy as np

from hornbook.reference.attention import keys_values, keys_values_backward
from hornbook.reference.layers import linear, linear_backward
from hornbook.reference.losses import cross_entropy as loss
from hornbook.reference.losses import cross_entropy_backward
from hornbook.reference.transformer_config import CHOICES, PRESETS, Config, check_ids, check_mask
from hornbook.reference.transformer_layer import layer, layer_backward, norm, norm_backward, over, under
from hornbook.reference.transformer_parameters import count, init, shapes
from hornbook.trace import Trace, see, within

__all__ = ["CHOICES", "PRESETS", "Config", "backward", "count", "forward", "init", "loss", "shapes"]

HEADS = {"tied": "wte", "untied": "lm_head"}  # head -> the matrix that turns the stream into logits


def forward(params, ids, config, mask=None):
    """Score every token of the vocabulary as the next one, at every position: ids (B, T) -> logits (B, T, V).

    Where there is no head: ids -> hidden (B, T, D), what the layers made of each token. `mask` (B, T) is True for text
    and False for padding, which nobody looks at; what comes out at padding means nothing and is to be left out. Raises
    HornbookError for more tokens than `block_size`, an id outside the vocabulary, and a mask that does not fit.
    """
    check_ids(ids, config)
    if mask is not None:
        check_mask(see("mask", mask), ids)
    x, shared = embed(params, ids, config), None
    if config.kv == "shared":
        w = under("kv", params)
        with within("kv"):
            shared = keys_values(norm("norm", x, w, config), w, config)
    for i in range(config.n_layer):
        with within(f"layers.{i}"):
            x = layer(x, under(f"layers.{i}", params), config, shared, mask)
    if config.norm_place == "pre":
        x = norm("norm_final", x, params, config)
    if config.head == "none":
        return see("hidden", x)
    return see("logits", linear(x, params[HEADS[config.head]]))


def backward(params, trace, config, grad_logits=None, grad_hidden=None):
    """The gradient of the loss with respect to every parameter, by name, from a trace of `forward` and `loss`.

    `grad_logits` (B, T, V), or where there is no head `grad_hidden` (B, T, D), stands for a loss of one's own. Sees
    `grad.<name>` of every number and parameter.
    """
    if grad_logits is None and config.head != "none":
        grad_logits = cross_entropy_backward(trace["logits"], trace["targets"])
    grads = {name: np.zeros_like(value) for name, value in params.items()}
    with within("grad"):
        if config.head == "none":
            dx = see("hidden", grad_hidden)
        else:
            dx = _head_backward(grad_logits, params, trace, config, grads)
        dx = _layers_backward(dx, params, trace, config, grads)
        embed_backward(dx, params, trace, config, grads)
        for name, grad in grads.items():
            see(name, grad)
    return grads


def _add(grads, owed):
    """Add to the gradients of the parameters there are: a matrix used twice is owed twice, an absent bias nothing."""
    for name in grads.keys() & owed.keys():
        grads[name] += owed[name]


def _head_backward(grad_logits, params, trace, config, grads):
    last, head = f"layers.{config.n_layer - 1}", HEADS[config.head]
    read = {"pre": "norm_final", "micro": f"{last}.resid_post", "post": f"{last}.norm2"}[config.norm_place]
    dx, dhead, _ = linear_backward(grad_logits, trace[read], params[head])
    _add(grads, {head: dhead})
    return dx


def _layers_backward(dx, params, trace, config, grads):
    kv = under("kv", trace)
    shared = (kv["k"], kv["v"]) if kv else None
    dkv = 0
    if config.norm_place == "pre":
        dx, owed = norm_backward("norm_final", dx, trace[f"layers.{config.n_layer - 1}.resid_post"], params, config)
        _add(grads, owed)
    for i in reversed(range(config.n_layer)):
        place = f"layers.{i}"
        with within(place):
            dx, owed_kv, owed = layer_backward(dx, under(place, params), under(place, trace), config, shared)
        _add(grads, over(place, owed))
        dkv = dkv + np.stack(owed_kv)
        if i == 0 and shared:
            dx = dx + _shared_backward(dkv, params, trace, config, grads)
        see(f"{place}.resid_pre", dx)
    return dx


def _shared_backward(dkv, params, trace, config, grads):
    w = under("kv", params)
    with within("kv"):
        dnormed, owed = keys_values_backward(dkv, trace["kv.norm"], w, config)
        dx, owed_norm = norm_backward("norm", dnormed, trace["layers.0.resid_pre"], w, config)
    _add(grads, over("kv", owed | owed_norm))
    return dx


def embed(params, ids, config):
    """The stream at its source: a row of wte for each token, and for its position one of wpe. (B, T) -> (B, T, D)."""
    x = see("embed", params["wte"][see("ids", ids)])
    if config.positions == "learned":
        x = x + see("pos_embed", params["wpe"][: ids.shape[1]])
    return x if config.norm_place == "pre" else norm("embed_norm", x, params, config)


def embed_backward(dx, params, trace, config, grads):
    """Add the gradients of the rows that were looked up; rows of absent tokens stay at 0."""
    if config.norm_place != "pre":
        x = trace["embed"] + (trace["pos_embed"] if config.positions == "learned" else 0)
        dx, owed = norm_backward("embed_norm", dx, x, params, config)
        _add(grads, owed)
    if config.positions == "learned":
        grads["wpe"][: dx.shape[1]] += see("pos_embed", dx.sum(axis=0))
    np.add.at(grads["wte"], trace["ids"], see("embed", dx))  # a token that occurs twice adds twice


if __name__ == "__main__":
    text = "the cat sat on the mat"
    letters = sorted(set(text))
    ids = np.array([[letters.index(letter) for letter in text]])
    config = Config(len(letters), n_layer=1, n_head=2, n_embd=16, block_size=32)
    params = init(config, np.random.default_rng(0))
    print(f"learning to say {text!r}: {sum(count(config).values()):,} parameters; ln {len(letters)} is a blind guess")
    for step in range(101):
        with Trace() as trace:
            nats = loss(forward(params, ids[:, :-1], config), ids[:, 1:])
        if step % 20 == 0:
            said = "".join(letters[i] for i in trace["logits"][0].argmax(-1))
            print(f"step {step:3}  loss {nats:.4f} nats  {text[0]}{said}")
        for name, grad in backward(params, trace, config).items():
            params[name] -= 0.5 * grad
