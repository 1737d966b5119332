"""Attention: every token asks those it may look at, and takes a weighted mean of their answers. Forward and backward.

Scaled dot-product attention with several heads, Vaswani et al. 2017, arXiv 1706.03762. `w` holds the weights by their
short names (`wq`, `bq`, …), `tape` the forward's numbers by theirs (`q`, `pattern`, …).
"""

import math

import numpy as np

from hornbook.reference.layers import linear, linear_backward, rotary, rotary_backward, softmax, softmax_backward
from hornbook.trace import see


def _still(x):
    return x


# positions -> (what it does to queries and keys, its gradient)
TURNS = {"learned": (_still, _still), "rotary": (rotary, rotary_backward)}


def attention(x, w, config, shared=None, mask=None):
    """Each head: softmax(q kᵀ / √K, masked) v; the heads side by side, then mixed by wo. x (B, T, D) -> (B, T, D).

    `shared` is a (k, v) made elsewhere; without it they are projected from x. With `config.causal` a token sees itself
    and those before it, otherwise all; never one that `mask` (B, T), True for text, calls padding.
    """
    turn, _ = TURNS[config.positions]
    q = see("q", turn(split_heads(linear(x, w["wq"], w.get("bq")), config.n_head)))
    k, v = shared or keys_values(x, w, config)
    scores = see("scores", q @ k.swapaxes(-1, -2) / math.sqrt(q.shape[-1]))  # (B, A, T, K) -> (B, A, T, T)
    pattern = see("pattern", softmax(np.where(visible(x.shape[1], config, mask), scores, -np.inf)))
    z = see("z", pattern @ v)  # (B, A, T, K)
    return see("out", linear(merge_heads(z), w["wo"], w.get("bo")))


def attention_backward(dout, x, w, tape, config, shared=None):
    """The gradients with respect to x, (k, v) and the weights; x owes nothing to keys and values that are shared."""
    _, turn_back = TURNS[config.positions]
    k, v = shared or (tape["k"], tape["v"])
    scale = 1 / math.sqrt(k.shape[-1])
    grads = {}
    dmerged, grads["wo"], grads["bo"] = linear_backward(see("out", dout), merge_heads(tape["z"]), w["wo"])
    dz = see("z", split_heads(dmerged, config.n_head))
    dpattern = see("pattern", dz @ v.swapaxes(-1, -2))
    dscores = see("scores", softmax_backward(dpattern, tape["pattern"]))  # a masked pattern is 0, so its score gets 0
    dq = see("q", dscores @ k * scale)
    dkv = dscores.swapaxes(-1, -2) @ tape["q"] * scale, tape["pattern"].swapaxes(-1, -2) @ dz
    dx, grads["wq"], grads["bq"] = linear_backward(merge_heads(turn_back(dq)), x, w["wq"])
    if shared is None:
        dx_of_kv, grads_of_kv = keys_values_backward(dkv, x, w, config)
        dx, grads = dx + dx_of_kv, grads | grads_of_kv
    return dx, dkv, grads


def keys_values(x, w, config):
    """What each token offers: keys to be found by and values to be taken. x (B, T, D) -> two of (B, A, T, K)."""
    turn, _ = TURNS[config.positions]
    k = see("k", turn(split_heads(linear(x, w["wk"], w.get("bk")), config.n_head)))
    v = see("v", split_heads(linear(x, w["wv"], w.get("bv")), config.n_head))
    return k, v


def keys_values_backward(dkv, x, w, config):
    """The gradients of `keys_values` with respect to x and the weights."""
    _, turn_back = TURNS[config.positions]
    dk, dv = see("k", dkv[0]), see("v", dkv[1])
    grads = {}
    dx_of_k, grads["wk"], grads["bk"] = linear_backward(merge_heads(turn_back(dk)), x, w["wk"])
    dx_of_v, grads["wv"], grads["bv"] = linear_backward(merge_heads(dv), x, w["wv"])
    return dx_of_k + dx_of_v, grads


def visible(tokens, config, mask=None):
    """Who may look at whom: True where the row's token sees the column's. (T, T), or with a mask (B, 1, T, T)."""
    everyone = np.ones((tokens, tokens), dtype=bool)
    seen = np.tril(everyone) if config.causal else everyone
    return seen if mask is None else seen & mask[:, None, None, :]


def split_heads(x, n_head):
    """(B, T, D) -> (B, A, T, K)"""
    return x.reshape(*x.shape[:-1], n_head, -1).swapaxes(1, 2)


def merge_heads(x):
    """(B, A, T, K) -> (B, T, D)"""
    return x.swapaxes(1, 2).reshape(x.shape[0], x.shape[2], -1)


if __name__ == "__main__":
    from types import SimpleNamespace

    from hornbook.trace import Trace

    words, rng = ["the", "cat", "sat", "on", "the", "mat"], np.random.default_rng(0)
    row_of = {word: rng.normal(size=8) for word in sorted(words)}
    weights = {name: rng.normal(size=(8, 8)) / 3 for name in ("wq", "wk", "wv", "wo")}
    one_head = SimpleNamespace(n_head=1, positions="rotary", causal=True)
    with Trace() as trace:
        attention(np.array([[row_of[word] for word in words]]), weights, one_head)
    print("who looks at whom (weights drawn at random):", *words)
    for word, row in zip(words, trace["pattern"][0, 0]):
        print(f"{word:>5}", *(f"{share:5.2f}" for share in row))
