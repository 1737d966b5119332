"""One layer of a transformer: attention lets tokens speak to each other, the MLP lets each think. Forward and backward.

`w` holds the layer's weights and `tape` its numbers by the names they have inside it: `attn.wq`, `resid_mid`, …
"""

from hornbook.reference.activations import ACTIVATIONS
from hornbook.reference.attention import attention, attention_backward
from hornbook.reference.layers import NORMS, linear, linear_backward
from hornbook.trace import see, within


def layer(x, w, config, shared=None, mask=None):
    """x + attention(norm(x)), then x + mlp(norm(x)); also called a block. x (B, T, D) -> (B, T, D).

    With `norm_place` post, as in BERT: norm(x + attention(x)), then norm(x + mlp(x)). `shared` is the (k, v) that all
    layers share, where `config.kv` says so; `mask` (B, T) is False for padding.
    """
    post = config.norm_place == "post"
    see("resid_pre", x)
    read = x if post else norm("norm1", x, w, config)
    with within("attn"):
        x = x + attention(read, under("attn", w), config, shared, mask)
    see("resid_mid", x)
    x = norm("norm1", x, w, config) if post else x
    read = x if post else norm("norm2", x, w, config)
    with within("mlp"):
        x = x + mlp(read, under("mlp", w), config)
    see("resid_post", x)
    return norm("norm2", x, w, config) if post else x


def layer_backward(dx, w, tape, config, shared=None):
    """The gradients with respect to x, (k, v) and the weights: each branch adds what it owes to the stream's own."""
    way = _backward_post if config.norm_place == "post" else _backward_pre
    return way(dx, w, tape, config, shared)


def _backward_pre(dx, w, tape, config, shared):
    see("resid_post", dx)
    with within("mlp"):
        dnormed, mlp_grads = mlp_backward(dx, tape["norm2"], under("mlp", w), under("mlp", tape), config)
    branch, norm2_grads = norm_backward("norm2", dnormed, tape["resid_mid"], w, config)
    dx = see("resid_mid", dx + branch)
    with within("attn"):
        dnormed, dkv, attn_grads = attention_backward(
            dx, tape["norm1"], under("attn", w), under("attn", tape), config, shared
        )
    branch, norm1_grads = norm_backward("norm1", dnormed, tape["resid_pre"], w, config)
    grads = norm1_grads | over("attn", attn_grads) | norm2_grads | over("mlp", mlp_grads)
    return dx + branch, dkv, grads


def _backward_post(dx, w, tape, config, shared):
    dx, norm2_grads = norm_backward("norm2", dx, tape["resid_post"], w, config)
    see("resid_post", dx)
    with within("mlp"):
        branch, mlp_grads = mlp_backward(dx, tape["norm1"], under("mlp", w), under("mlp", tape), config)
    dx, norm1_grads = norm_backward("norm1", dx + branch, tape["resid_mid"], w, config)
    see("resid_mid", dx)
    with within("attn"):
        branch, dkv, attn_grads = attention_backward(
            dx, tape["resid_pre"], under("attn", w), under("attn", tape), config, shared
        )
    grads = norm1_grads | over("attn", attn_grads) | norm2_grads | over("mlp", mlp_grads)
    return dx + branch, dkv, grads


def mlp(x, w, config):
    """fc2 activation(fc1 x): every token by itself, F numbers wide inside. x (B, T, D) -> (B, T, F) -> (B, T, D)."""
    activation, _ = ACTIVATIONS[config.activation]
    pre = see("pre", linear(x, w["fc1"], w.get("b1")))
    post = see("post", activation(pre))
    return see("out", linear(post, w["fc2"], w.get("b2")))


def mlp_backward(dout, x, w, tape, config):
    """The gradients with respect to x and the weights."""
    _, activation_backward = ACTIVATIONS[config.activation]
    grads = {}
    dpost, grads["fc2"], grads["b2"] = linear_backward(see("out", dout), tape["post"], w["fc2"])
    dpre = activation_backward(see("post", dpost), tape["pre"])
    dx, grads["fc1"], grads["b1"] = linear_backward(see("pre", dpre), x, w["fc1"])
    return dx, grads


def norm(name, x, w, config):
    """The norm that `config` chose, with the weights of its name if it has any, seen under its name."""
    forward, _ = NORMS[config.norm]
    return see(name, forward(x, **under(name, w), eps=config.eps))


def norm_backward(name, dy, x, w, config):
    """The gradients with respect to x and to the weights of that name."""
    _, backward = NORMS[config.norm]
    dx, grads = backward(see(name, dy), x, **under(name, w), eps=config.eps)
    return dx, over(name, grads)


def under(place, mapping):
    """What lies under a place, by its name from there: "attn.wq" is "wq" under "attn"."""
    return {name.removeprefix(f"{place}."): mapping[name] for name in mapping if name.startswith(f"{place}.")}


def over(place, mapping):
    """The way back from `under`."""
    return {f"{place}.{name}": value for name, value in mapping.items()}


if __name__ == "__main__":
    import numpy as np

    from hornbook.reference.transformer_config import Config
    from hornbook.reference.transformer_parameters import init
    from hornbook.trace import Trace

    words = ["the", "cat", "sat"]
    config = Config(vocab_size=len(words), n_layer=1, n_head=2, n_embd=8, block_size=len(words), std=0.5)
    params = init(config, np.random.default_rng(0))
    with Trace() as trace:
        layer(params["wte"][None], under("layers.0", params), config)
    for name, value in trace.items():
        print(f"{name:13} {value.shape!s:13} {words[0]}: {value[0].reshape(-1)[:4].round(2)} …")
