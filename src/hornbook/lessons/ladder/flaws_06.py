"""What the checks of the ladder's sixth notebook compare with: right answers, and answers with one known flaw."""

from types import SimpleNamespace

import numpy as np

from hornbook.reference import attention
from hornbook.reference.layers import rmsnorm, softmax
from hornbook.reference.transformer_config import BERT, Config
from hornbook.reference.transformer_parameters import shapes


def scored(q, k):
    return q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])


def seen(scores):
    return np.tril(np.ones(scores.shape[-2:], bool))


def masked(scores):
    return np.where(seen(scores), scores, -np.inf)


def masked_in_place(hidden):
    """The pattern with scores[~may_see] = hidden, which fits scores of two axes alone."""

    def pattern(q, k):
        found = scored(q, k)
        found[~seen(found)] = hidden
        return softmax(found)

    return pattern


def over_queries(q, k):
    return softmax(masked(scored(q, k)).swapaxes(-1, -2)).swapaxes(-1, -2)


def ahead(q, k):
    scores = scored(q, k)
    return softmax(np.where(seen(scores).T, scores, -np.inf))


def masked_late(q, k):
    scores = scored(q, k)
    return softmax(scores) * seen(scores)


def self_attention(x, w, n_head):
    return attention.attention(x, w, SimpleNamespace(n_head=n_head, positions="learned", causal=True))


def by_hand(x, w, n_head, value=None, scale=None, merge=attention.merge_heads):
    """Attention of which one part is another."""
    q, k = (attention.split_heads(x @ w[name].T, n_head) for name in ("wq", "wk"))
    v = attention.split_heads(x @ w["wv"].T if value is None else value, n_head)
    scores = q @ k.swapaxes(-1, -2) / (scale or np.sqrt(q.shape[-1]))
    return merge(softmax(masked(scores)) @ v) @ w["wo"].T


def unmixed(x, w, n_head):
    return self_attention(x, w | {"wo": np.eye(x.shape[-1])}, n_head)


def untransposed(*names):
    """Attention with the matrices of these names, (out, in), used as if they were (in, out)."""
    return lambda x, w, n_head: self_attention(x, w | {name: w[name].T for name in names}, n_head)


def stacked(keys_of, after):
    """Another stack: keys_of(stream, first stream, w, layers) and after(stream, read, w, n_head) -> the next stream."""

    def keys_of_layers(x, layers, n_head):
        keys, first = [], x
        for w in layers:
            keys.append(keys_of(x, first, w, layers))
            x = after(x, rmsnorm(x), w, n_head)
        return keys

    return keys_of_layers


def added(x, read, w, n_head):
    return x + self_attention(read, w, n_head)


def own_keys(x, first, w, layers):
    return rmsnorm(x) @ w["wk"].T


def bert_parameters(V, P, S, n_layer, D):
    numbers = {"embeddings": S * D, "attention": 0, "mlp": 0, "norms": 0}
    for name, shape in shapes(Config(V, n_layer=n_layer, n_head=1, n_embd=D, block_size=P, **BERT)).items():
        numbers[part(name)] += int(np.prod(shape))
    return numbers


def part(name):
    words = {"attn": "attention", "mlp": "mlp", "norm": "norms"}
    return next((found for word, found in words.items() if word in name), "embeddings")


def counted(**changed):
    """The right count of a model, with the parts in `changed` replaced by functions of (V, P, S, n_layer, D)."""
    return lambda *sizes: bert_parameters(*sizes) | {part: count(*sizes) for part, count in changed.items()}
