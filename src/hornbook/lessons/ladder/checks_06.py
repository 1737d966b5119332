"""The checks of ladder notebook 06: causal pattern, heads, attention, what each layer makes anew, BERT's parameters."""

import numpy as np

from hornbook.lessons.exercise import Case, Exercise, Mistake
from hornbook.lessons.ladder import flaws_06 as flaws
from hornbook.reference import attention
from hornbook.reference.layers import rmsnorm, softmax

WEIGHTS = ("wq", "wk", "wv", "wo")
UNTRANSPOSED = {"all four are": WEIGHTS, "wk, wv and wo are": WEIGHTS[1:], "wk and wv are": WEIGHTS[1:3],
                "wk is": WEIGHTS[1:2], "wv is": WEIGHTS[2:3], "wo is": WEIGHTS[3:]}  # fmt: skip


def _queries():
    rng = np.random.default_rng(61)
    return [
        Case((rng.normal(size=(4, 3)), rng.normal(size=(4, 3))), "4 tokens, keys 3 wide"),
        Case((rng.normal(size=(2, 2, 3, 5)), rng.normal(size=(2, 2, 3, 5))), "2 texts, 2 heads, 3 tokens, keys 5 wide"),
    ]


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


def _stacks():
    rng = np.random.default_rng(64)
    return [Case((rng.normal(size=(1, T, D)), [_drawn(rng, D) for _ in range(L)], 2), f"{L} layers of width {D}")
            for L, T, D in ((3, 3, 4), (2, 4, 6))]  # fmt: skip


def _sizes():
    return [Case((30_522, 512, 2, 12, 768), "BERT-base"), Case((1_000, 64, 2, 3, 32), "3 layers of 32")]


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
        right=lambda q, k: softmax(flaws.masked(flaws.scored(q, k))),
        cases=_queries,
        mistakes=(
            Mistake("softmax over the queries: columns sum to 1; each row, one query's shares over the keys, must",
                    flaws.over_queries),
            Mistake("the mask comes after the softmax, so rows no longer sum to 1; hide scores before it",
                    flaws.masked_late),
            Mistake("hidden scores are 0, a score like any other: only minus infinity gets no share",
                    lambda q, k: softmax(flaws.scored(q, k) * flaws.seen(flaws.scored(q, k)))),
            Mistake("hidden scores are 0, where minus infinity alone gets no share; and scores[~may_see] fits two axes,"
                    " not texts and heads in front: np.where, or scores[..., ~may_see]", flaws.masked_in_place(0)),
            Mistake("scores[~may_see] fits scores of two axes, and here texts and heads stand in front:"
                    " np.where, or scores[..., ~may_see]", flaws.masked_in_place(-np.inf)),
            Mistake("scores are not divided by the root of K",
                    lambda q, k: softmax(flaws.masked(flaws.scored(q, k) * np.sqrt(q.shape[-1])))),
            Mistake("scores are divided by K; it is the root of K",
                    lambda q, k: softmax(flaws.masked(flaws.scored(q, k) / np.sqrt(q.shape[-1])))),
            Mistake("the mask is upside down: tokens see what comes after them, not before", flaws.ahead),
            Mistake("the future is not hidden: may_see is not used", lambda q, k: softmax(flaws.scored(q, k))),
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
        page="architecture",
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
        right=flaws.self_attention,
        cases=_attentions,
        mistakes=(
            Mistake("heads are joined without swapping back: the reshape mixes tokens",
                    lambda x, w, A: flaws.by_hand(x, w, A, merge=lambda z: z.reshape(x.shape))),
            Mistake("wo is left out", flaws.unmixed),
            Mistake("the values are the tokens themselves; wv is not used",
                    lambda x, w, A: flaws.by_hand(x, w, A, value=x)),
            Mistake("the keys are taken as values; values have a matrix of their own, wv",
                    lambda x, w, A: flaws.by_hand(x, w, A, value=x @ w["wk"].T)),
            *(Mistake(f"{says} used without transpose: the matrices are (out, in)", flaws.untransposed(*names))
              for says, names in UNTRANSPOSED.items()),
            Mistake("scores are divided by the root of D; it is the root of K, the width of one head",
                    lambda x, w, A: flaws.by_hand(x, w, A, scale=np.sqrt(x.shape[-1]))),
        ),
        why=(
            "Four matrices and one softmax: each token gathers from any earlier one in a single step, however "
            "far it is."
        ),
        outcome="can write causal self-attention with several heads",
        page="architecture",
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
        right=flaws.stacked(flaws.own_keys, flaws.added),
        cases=_stacks,
        mistakes=(
            Mistake("every layer's keys are made from the first embeddings; a layer projects its own input",
                    flaws.stacked(lambda x, first, w, layers: rmsnorm(first) @ w["wk"].T, flaws.added)),
            Mistake("the first layer's keys are reused by all layers; each layer makes its own",
                    flaws.stacked(lambda x, first, w, layers: rmsnorm(first) @ layers[0]["wk"].T, flaws.added)),
            Mistake("attention replaces the stream; it is added to it: x + attention",
                    flaws.stacked(flaws.own_keys, lambda x, read, w, n_head: flaws.self_attention(read, w, n_head))),
            Mistake("keys are made from the stream without its norm",
                    flaws.stacked(lambda x, first, w, layers: x @ w["wk"].T, flaws.added)),
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
        right=flaws.bert_parameters,
        cases=_sizes,
        mistakes=(
            Mistake("keys and values are counted once for all layers; every layer has its own q, k, v and o",
                    flaws.counted(attention=lambda V, P, S, L, D: (2 * L + 2) * (D * D + D))),
            Mistake("three matrices are counted for attention; o, which mixes what the heads found, is the fourth",
                    flaws.counted(attention=lambda V, P, S, L, D: L * 3 * (D * D + D))),
            Mistake("biases are left out: a matrix (out, in) also has out biases",
                    flaws.counted(attention=lambda V, P, S, L, D: L * 4 * D * D,
                                  mlp=lambda V, P, S, L, D: L * 8 * D * D)),
            Mistake("the MLP is D wide inside; it is 4 D",
                    flaws.counted(mlp=lambda V, P, S, L, D: L * 2 * (D * D + D))),
            Mistake("positions and segments are left out: they have embeddings too",
                    flaws.counted(embeddings=lambda V, P, S, L, D: V * D)),
            Mistake("one norm a layer is counted; there are two, and one after the embeddings",
                    flaws.counted(norms=lambda V, P, S, L, D: (1 + L) * 2 * D)),
        ),
        why=(
            "Two thirds of each block are the MLP's; the embeddings are a good fifth of BERT-base. Nothing comes near "
            "a billion."
        ),
        outcome="can count a transformer's parameters part by part",
        page="parameters",
        film=11,
    ),
)
