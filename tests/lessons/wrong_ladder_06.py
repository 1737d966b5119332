"""Written wrong answers to ladder notebook 06, each with a piece of the diagnosis it must get."""

from functools import partial

import numpy as np


def soft(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def hide(scores):
    T = scores.shape[-1]
    return scores + np.triu(np.full((T, T), -np.inf), 1)


def products(q, k):
    return np.einsum("...tk,...sk->...ts", q, k)


# -- L6.1
def pattern_over_queries(q, k):
    return soft(hide(products(q, k) / q.shape[-1] ** 0.5), axis=-2)


def pattern_late_mask(q, k):
    return np.tril(soft(products(q, k) / q.shape[-1] ** 0.5))


def pattern_unscaled(q, k):
    return soft(hide(products(q, k)))


def pattern_by_k(q, k):
    return soft(hide(products(q, k) / q.shape[-1]))


def pattern_upside_down(q, k):
    T = q.shape[-2]
    return soft(products(q, k) / q.shape[-1] ** 0.5 + np.tril(np.full((T, T), -np.inf), -1))


def pattern_sees_all(q, k):
    return soft(products(q, k) / q.shape[-1] ** 0.5)


def pattern_zeroed(q, k):
    return soft(np.tril(products(q, k) / q.shape[-1] ** 0.5))


def pattern_in_place(q, k, hidden=0.0, heads=False):
    scores = q @ k.swapaxes(-1, -2)
    may_see = np.tril(np.ones(scores.shape[-2:], bool))
    scores = scores / np.sqrt(q.shape[-1])
    scores[(..., ~may_see) if heads else ~may_see] = hidden
    return soft(scores)


# -- L6.2
def split_straight(x, n_head):
    B, T, D = x.shape
    return x.reshape(B, n_head, T, D // n_head)


def split_strided(x, n_head):
    return np.stack([x[..., a::n_head] for a in range(n_head)], axis=1)


def split_no_swap(x, n_head):
    B, T, D = x.shape
    return x.reshape((B, T, n_head, D // n_head))


# -- L6.3
def heads(x, A):
    return np.stack(np.split(x, A, axis=-1), axis=1)


def attend(q, k, v, scale):
    return soft(hide(products(q, k) / scale)) @ v


def joined_unswapped(x, w, n_head):
    q, k, v = (heads(x @ w[name].T, n_head) for name in ("wq", "wk", "wv"))
    return attend(q, k, v, q.shape[-1] ** 0.5).reshape(x.shape) @ w["wo"].T


def join(z):
    return np.concatenate(list(z.swapaxes(0, 1)), axis=-1)


def without_wo(x, w, n_head):
    q, k, v = (heads(x @ w[name].T, n_head) for name in ("wq", "wk", "wv"))
    return join(attend(q, k, v, q.shape[-1] ** 0.5))


def without_wv(x, w, n_head):
    q, k = (heads(x @ w[name].T, n_head) for name in ("wq", "wk"))
    return join(attend(q, k, heads(x, n_head), q.shape[-1] ** 0.5)) @ w["wo"].T


def keys_as_values(x, w, n_head):
    q, k = (heads(x @ w[name].T, n_head) for name in ("wq", "wk"))
    return join(attend(q, k, k, q.shape[-1] ** 0.5)) @ w["wo"].T


def untransposed(*names):
    def answer(x, w, n_head):
        wq, wk, wv, wo = (w[name] if name in names else w[name].T for name in ("wq", "wk", "wv", "wo"))
        q, k, v = (heads(x @ matrix, n_head) for matrix in (wq, wk, wv))
        return join(attend(q, k, v, q.shape[-1] ** 0.5)) @ wo

    return answer


def by_root_of_d(x, w, n_head):
    q, k, v = (heads(x @ w[name].T, n_head) for name in ("wq", "wk", "wv"))
    return join(attend(q, k, v, x.shape[-1] ** 0.5)) @ w["wo"].T


# -- L6.4
def normed(x):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5)


def whole(x, w, A):
    q, k, v = (heads(x @ w[name].T, A) for name in ("wq", "wk", "wv"))
    return join(attend(q, k, v, q.shape[-1] ** 0.5)) @ w["wo"].T


def keys_of_embeddings(x, layers, n_head):
    return [normed(x) @ w["wk"].T for w in layers]


def keys_reused(x, layers, n_head):
    return [normed(x) @ layers[0]["wk"].T] * len(layers)


def stream_replaced(x, layers, n_head):
    keys = []
    for w in layers:
        keys.append(normed(x) @ w["wk"].T)
        x = whole(normed(x), w, n_head)
    return keys


def keys_unnormed(x, layers, n_head):
    keys = []
    for w in layers:
        keys.append(x @ w["wk"].T)
        x = x + whole(normed(x), w, n_head)
    return keys


# -- L6.5
def count(V, P, S, L, D, embedded=None, attention=None, inner=None, biases=True, norms=None):
    bias, F = (1 if biases else 0), inner or 4 * D
    return {
        "embeddings": (V + P + S if embedded is None else embedded) * D,
        "attention": (L * 4 if attention is None else attention) * D * (D + bias),
        "mlp": L * (2 * D * F + bias * (F + D)),
        "norms": (2 * L + 1 if norms is None else norms) * 2 * D,
    }


WRONG = {
    "L6.1": [
        (pattern_over_queries, "softmax over the queries"),
        (pattern_late_mask, "after the softmax"),
        (pattern_unscaled, "not divided by the root"),
        (pattern_by_k, "divided by K"),
        (pattern_upside_down, "upside down"),
        (pattern_sees_all, "future is not hidden"),
        (pattern_zeroed, "hidden scores are 0, a score like any other"),
        (partial(pattern_in_place, heads=True), "only minus infinity"),
        (pattern_in_place, "where minus infinity alone gets no share"),
        (partial(pattern_in_place, hidden=-np.inf), "scores[~may_see] fits scores of two axes"),
    ],
    "L6.2": [
        (split_straight, "cut straight into (B, A, T, K)"),
        (split_strided, "every A-th number"),
        (split_no_swap, "not swapped"),
    ],
    "L6.3": [
        (joined_unswapped, "without swapping back"),
        (without_wo, "wo is left out"),
        (without_wv, "wv is not used"),
        (keys_as_values, "keys are taken as values"),
        (untransposed("wq", "wk", "wv", "wo"), "all four are used without transpose"),
        (untransposed("wk", "wv", "wo"), "wk, wv and wo are used without transpose"),
        (untransposed("wk", "wv"), "wk and wv are used without transpose"),
        (untransposed("wk"), "wk is used without transpose"),
        (untransposed("wv"), "wv is used without transpose"),
        (untransposed("wo"), "wo is used without transpose"),
        (by_root_of_d, "root of D"),
    ],
    "L6.4": [
        (keys_of_embeddings, "from the first embeddings"),
        (keys_reused, "reused by all layers"),
        (stream_replaced, "replaces the stream"),
        (keys_unnormed, "without its norm"),
    ],
    "L6.5": [
        (lambda V, P, S, L, D: count(V, P, S, L, D, attention=2 * L + 2), "counted once for all layers"),
        (lambda V, P, S, L, D: count(V, P, S, L, D, attention=3 * L), "is the fourth"),
        (lambda V, P, S, L, D: count(V, P, S, L, D, biases=False), "biases are left out"),
        (lambda V, P, S, L, D: count(V, P, S, L, D, inner=D), "D wide inside"),
        (lambda V, P, S, L, D: count(V, P, S, L, D, embedded=V), "positions and segments"),
        (lambda V, P, S, L, D: count(V, P, S, L, D, norms=L + 1), "one norm a layer"),
    ],
}
