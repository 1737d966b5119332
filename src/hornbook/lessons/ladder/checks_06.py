"""The checks of ladder notebook 06: causal pattern, heads, attention, what each layer makes anew, BERT's parameters."""

from types import SimpleNamespace

import numpy as np

from hornbook.lessons.exercise import Case, Exercise, Mistake
from hornbook.reference import attention
from hornbook.reference.layers import rmsnorm, softmax
from hornbook.reference.transformer_config import BERT, Config
from hornbook.reference.transformer_parameters import shapes

WEIGHTS = ("wq", "wk", "wv", "wo")


def _queries():
    rng = np.random.default_rng(61)
    return [
        Case((rng.normal(size=(4, 3)), rng.normal(size=(4, 3))), "4 tokens, keys 3 wide"),
        Case((rng.normal(size=(2, 2, 3, 5)), rng.normal(size=(2, 2, 3, 5))), "2 texts, 2 heads, 3 tokens, keys 5 wide"),
    ]


def _scores(q, k):
    return q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])


def _seen(scores):
    return np.tril(np.ones(scores.shape[-2:], bool))


def _masked(scores):
    return np.where(_seen(scores), scores, -np.inf)


def _over_queries(q, k):
    return softmax(_masked(_scores(q, k)).swapaxes(-1, -2)).swapaxes(-1, -2)


def _ahead(q, k):
    scores = _scores(q, k)
    return softmax(np.where(_seen(scores).T, scores, -np.inf))


def _masked_late(q, k):
    scores = _scores(q, k)
    return softmax(scores) * _seen(scores)


def _streams():
    rng = np.random.default_rng(62)
    return [Case((rng.normal(size=(B, T, D)), A), f"{B} texts, {T} tokens, width {D}, {A} heads")
            for B, T, D, A in ((2, 3, 8, 2), (1, 4, 12, 3))]  # fmt: skip


def _drawn(rng, D):
    return {name: rng.normal(size=(D, D)) / 2 for name in WEIGHTS}


def _attentions():
    rng = np.random.default_rng(63)
    return [Case((rng.normal(size=(B, T, D)), _drawn(rng, D), A), f"{B} texts, {T} tokens, width {D}, {A} heads")
            for B, T, D, A in ((2, 3, 8, 2), (1, 4, 6, 3))]  # fmt: skip


def _self_attention(x, w, n_head):
    return attention.attention(x, w, SimpleNamespace(n_head=n_head, positions="learned", causal=True))


def _by_hand(x, w, n_head, value=None, scale=None, merge=attention.merge_heads):
    """Attention of which one part is another."""
    q, k = (attention.split_heads(x @ w[name].T, n_head) for name in ("wq", "wk"))
    v = attention.split_heads(x @ w["wv"].T if value is None else value, n_head)
    scores = q @ k.swapaxes(-1, -2) / (scale or np.sqrt(q.shape[-1]))
    return merge(softmax(_masked(scores)) @ v) @ w["wo"].T


def _unmixed(x, w, n_head):
    return _self_attention(x, w | {"wo": np.eye(x.shape[-1])}, n_head)


def _untransposed(x, w, n_head):
    return _self_attention(x, {name: matrix.T for name, matrix in w.items()}, n_head)


def _stacks():
    rng = np.random.default_rng(64)
    return [Case((rng.normal(size=(1, T, D)), [_drawn(rng, D) for _ in range(L)], 2), f"{L} layers of width {D}")
            for L, T, D in ((3, 3, 4), (2, 4, 6))]  # fmt: skip


def _stacked(keys_of, after):
    """Another stack: keys_of(stream, first stream, w, layers) and after(stream, read, w, n_head) -> the next stream."""

    def keys_of_layers(x, layers, n_head):
        keys, first = [], x
        for w in layers:
            keys.append(keys_of(x, first, w, layers))
            x = after(x, rmsnorm(x), w, n_head)
        return keys

    return keys_of_layers


def _added(x, read, w, n_head):
    return x + _self_attention(read, w, n_head)


def _own_keys(x, first, w, layers):
    return rmsnorm(x) @ w["wk"].T


def _sizes():
    return [Case((30_522, 512, 2, 12, 768), "BERT-base"), Case((1_000, 64, 2, 3, 32), "3 layers of 32")]


def _bert_parameters(V, P, S, n_layer, D):
    counted = {"embeddings": S * D, "attention": 0, "mlp": 0, "norms": 0}
    for name, shape in shapes(Config(V, n_layer=n_layer, n_head=1, n_embd=D, block_size=P, **BERT)).items():
        counted[_part(name)] += int(np.prod(shape))
    return counted


def _part(name):
    words = {"attn": "attention", "mlp": "mlp", "norm": "norms"}
    return next((part for word, part in words.items() if word in name), "embeddings")


def _counted(**changed):
    """The right count of a model, with the parts in `changed` replaced by functions of (V, P, S, n_layer, D)."""
    return lambda *sizes: _bert_parameters(*sizes) | {part: count(*sizes) for part, count in changed.items()}


EXERCISES = (
    Exercise(
        id="L6.1",
        title="The causal pattern",
        goal="Turn scores into a pattern: divide, mask, softmax over the keys.",
        accept=("every row sums to 1", "nothing above the diagonal", "scores are divided by the root of K"),
        hints=(
            "Three things in this order: divide by the root of the keys' width, hide the future, softmax.",
            "Hidden scores must be minus infinity before the softmax: np.where(may_see, ..., -np.inf).",
            "Each query shares itself out over the keys, and keys are the last axis.",
        ),
        right=lambda q, k: softmax(_masked(_scores(q, k))),
        cases=_queries,
        mistakes=(
            Mistake("softmax over the queries: columns sum to 1; each row, one query's shares over the keys, must",
                    _over_queries),
            Mistake("the mask comes after the softmax, so rows no longer sum to 1; hide scores before it",
                    _masked_late),
            Mistake("hidden scores are 0, a score like any other: only minus infinity gets no share",
                    lambda q, k: softmax(_scores(q, k) * _seen(_scores(q, k)))),
            Mistake("scores are not divided by the root of K",
                    lambda q, k: softmax(_masked(_scores(q, k) * np.sqrt(q.shape[-1])))),
            Mistake("scores are divided by K; it is the root of K",
                    lambda q, k: softmax(_masked(_scores(q, k) / np.sqrt(q.shape[-1])))),
            Mistake("the mask is upside down: tokens see what comes after them, not before", _ahead),
            Mistake("the future is not hidden: may_see is not used", lambda q, k: softmax(_scores(q, k))),
        ),
        why=(
            "Minus infinity becomes a share of exactly 0, and the rest of the row is shared out anew, so it "
            "still sums to 1."
        ),
        outcome="can turn queries and keys into a causal pattern and say along which axis it sums to 1",
        page="attention",
        film=4,
    ),
    Exercise(
        id="L6.2",
        title="Split into heads",
        goal="Cut each token's D numbers into A neighbouring groups: (B, T, D) -> (B, A, T, K).",
        accept=("the shape is (B, A, T, D / A)", "head 0 has the first K numbers of every token"),
        hints=(
            "First only cut the last axis in two, A and K: the tokens stay where they are.",
            "Then bring the heads in front of the tokens: swap axes 1 and 2.",
        ),
        right=attention.split_heads,
        cases=_streams,
        mistakes=(
            Mistake("cut straight into (B, A, T, K): a reshape alone mixes tokens; cut to (B, T, A, K), then swap",
                    lambda x, A: x.reshape(x.shape[0], A, x.shape[1], -1)),
            Mistake("every A-th number goes to a head; a head has K numbers next to each other",
                    lambda x, A: x.reshape(*x.shape[:2], -1, A).transpose(0, 3, 1, 2)),
            Mistake("heads and tokens are not swapped: (B, T, A, K) instead of (B, A, T, K)",
                    lambda x, A: x.reshape(*x.shape[:2], A, -1)),
        ),
        why=(
            "With heads as an axis in front, one matrix product makes all their patterns at once, and none sees "
            "another's."
        ),
        outcome="can cut a stream into heads without mixing tokens",
        page="attention",
        film=4,
    ),
    Exercise(
        id="L6.3",
        title="Attention with several heads",
        goal="Project, split, mix the values by the pattern, join the heads, and mix by wo.",
        accept=(
            "returns (B, T, D)",
            "changing a later token changes no earlier row",
            "as hornbook.reference.attention",
        ),
        hints=(
            "k and v are made as q is, each with its own matrix.",
            "The pattern times v gives (B, A, T, K); undo split_heads: swap axes 1 and 2 back, then reshape.",
            "The last thing is the matrix wo, also transposed.",
        ),
        right=_self_attention,
        cases=_attentions,
        mistakes=(
            Mistake("heads are joined without swapping back: the reshape mixes tokens",
                    lambda x, w, A: _by_hand(x, w, A, merge=lambda z: z.reshape(x.shape))),
            Mistake("wo is left out", _unmixed),
            Mistake("the values are the tokens themselves; wv is not used", lambda x, w, A: _by_hand(x, w, A, value=x)),
            Mistake("the keys are taken as values; values have a matrix of their own, wv",
                    lambda x, w, A: _by_hand(x, w, A, value=x @ w["wk"].T)),
            Mistake("the matrices are used without their transpose: they are (out, in)", _untransposed),
            Mistake("scores are divided by the root of D; it is the root of K, the width of one head",
                    lambda x, w, A: _by_hand(x, w, A, scale=np.sqrt(x.shape[-1]))),
        ),
        why=(
            "Four matrices and one softmax: each token gathers from any earlier one in a single step, however "
            "far it is."
        ),
        outcome="can write causal self-attention with several heads",
        page="attention",
        film=4,
    ),
    Exercise(
        id="L6.4",
        title="What each layer makes anew",
        goal="Return the keys of every layer while the stream passes through the layers.",
        accept=("one (B, T, D) array a layer, in a list", "each from the layer's own normed input and its own wk"),
        hints=(
            "Loop over the layers and keep the stream x up to date.",
            "A layer reads rmsnorm(x), both for its keys and for its attention.",
            "After the keys are noted: x = x + self_attention(what it read, w, n_head).",
        ),
        right=_stacked(_own_keys, _added),
        cases=_stacks,
        mistakes=(
            Mistake("every layer's keys are made from the first embeddings; a layer projects its own input",
                    _stacked(lambda x, first, w, layers: rmsnorm(first) @ w["wk"].T, _added)),
            Mistake("the first layer's keys are reused by all layers; each layer makes its own",
                    _stacked(lambda x, first, w, layers: rmsnorm(first) @ layers[0]["wk"].T, _added)),
            Mistake("attention replaces the stream; it is added to it: x + attention",
                    _stacked(_own_keys, lambda x, read, w, n_head: _self_attention(read, w, n_head))),
            Mistake("keys are made from the stream without its norm",
                    _stacked(lambda x, first, w, layers: x @ w["wk"].T, _added)),
        ),
        why="Queries, keys and values all come from what the layers below have made of a token, so all three change.",
        outcome="can say that every layer projects its own input to queries, keys and values",
        page="architecture",
        film=4,
    ),
    Exercise(
        id="L6.5",
        title="Count BERT",
        goal="Count the learnt numbers of a BERT, part by part.",
        accept=("a dict with embeddings, attention, mlp and norms", "BERT-base gives 108,891,648 together"),
        hints=(
            "Embeddings: a row of D for every word, every position and every segment.",
            "A matrix (out, in) with its bias has out · in + out numbers; a layer has four (D, D) in attention.",
            "The MLP goes from D to 4 D and back; there is one norm after the embeddings and two a layer, 2 D each.",
        ),
        right=_bert_parameters,
        cases=_sizes,
        mistakes=(
            Mistake("keys and values are counted once for all layers; every layer has its own q, k, v and o",
                    _counted(attention=lambda V, P, S, L, D: (2 * L + 2) * (D * D + D))),
            Mistake("three matrices are counted for attention; o, which mixes what the heads found, is the fourth",
                    _counted(attention=lambda V, P, S, L, D: L * 3 * (D * D + D))),
            Mistake("biases are left out: a matrix (out, in) also has out biases",
                    _counted(attention=lambda V, P, S, L, D: L * 4 * D * D, mlp=lambda V, P, S, L, D: L * 8 * D * D)),
            Mistake("the MLP is D wide inside; it is 4 D",
                    _counted(mlp=lambda V, P, S, L, D: L * 2 * (D * D + D))),
            Mistake("positions and segments are left out: they have embeddings too",
                    _counted(embeddings=lambda V, P, S, L, D: V * D)),
            Mistake("one norm a layer is counted; there are two, and one after the embeddings",
                    _counted(norms=lambda V, P, S, L, D: (1 + L) * 2 * D)),
        ),
        why=(
            "Two thirds of each block are the MLP's; the embeddings are a good fifth of BERT-base. Nothing comes near "
            "a billion."
        ),
        outcome="can count a transformer's parameters part by part",
        page="parameters",
        film=3,
    ),
)
