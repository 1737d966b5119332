"""The ladder 06: attention, the transformer around it, and the count of its parameters."""
# %% [markdown]
# # 06: Attention, and the transformer around it
# ## What this is, and how long it takes
# Every token asks all tokens before it, at once. You write that, with several heads, stack it into layers, count the
# parameters of BERT, and look at what the heads of a small trained GPT look at. 60 minutes for you; all cells together
# take about 9 seconds of one processor core (measured). Only NumPy, offline.
#
# ## Concept primer
# In a recurrent network, news from thirteen tokens ago has passed through thirteen steps (notebook 05). **Attention**
# makes it one step. Each token's vector is projected three times, by three learned matrices:
#
# - a **query** $q$: what this token looks for;
# - a **key** $k$: what it can be found by;
# - a **value** $v$: what it gives when it is found.
#
# The score of a pair is $q \cdot k / \sqrt K$, with $K$ the width of a key. A softmax turns the scores of a query into
# shares that sum to 1, the **pattern**, and the token takes that mixture of values. A language model may not see the
# future, so later tokens get the score $-\infty$ before the softmax: the **causal mask**.
#
# A **layer** adds what attention found to the token's vector (its *stream*), then what an MLP makes of it; the next
# layer reads the new stream. Some notes say keys and values are computed once, from the first embeddings, for all
# layers, and that 12 layers of 768 hold one to two billion parameters. You will see that both are wrong.
#
# ## Objectives
# - write causal attention with several heads, and say along which axis the softmax runs and why the root of $K$;
# - say what every layer computes anew;
# - count a transformer's parameters part by part, and how the count grows with the width;
# - read a picture of a pattern.
#
# ## What breaks if we skip this
# The usual mistakes here raise no error. A softmax over the wrong axis, a mask after the softmax, heads cut across
# the tokens: the network still trains, only badly, or it peeks at the answer and looks brilliant. One has to know what
# the rows of the pattern must be.
# %%
import timeit
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np

from hornbook import Trace
from hornbook.lessons import check, given, hint, predict, text  # noqa: F401 (hint: for when you are stuck)
from hornbook.reference import lstm, optim, transformer
from hornbook.reference.attention import attention
from hornbook.reference.layers import rmsnorm


def softmax(x, axis):
    """Shares along `axis` that sum to 1; a score of minus infinity gets exactly 0."""
    grown = np.exp(x - x.max(axis=axis, keepdims=True))
    return grown / grown.sum(axis=axis, keepdims=True)
# %% [markdown]
# ## Worked example: one query, three keys
# One token looks for something: its query is (1, 0). Three tokens offer keys and values. Which share of the second
# value will it take? Guess before you run the cell after.
# %%
predict("L6.a", ...)  # a share between 0 and 1
# %%
query = np.array([1.0, 0.0])
keys = np.array([[0.0, 1.0], [2.0, 0.0], [1.0, 1.0]])
values = np.array([[10.0, 0.0], [0.0, 10.0], [5.0, 5.0]])
scores = keys @ query / np.sqrt(2)  # one number for each key
shares = softmax(scores, axis=-1)
print("scores", scores.round(3), " shares", shares.round(3), " what it takes", (shares @ values).round(3))
# %% [markdown]
# ## All queries at once
# `q` and `k` are (…, T, K): T tokens, and perhaps several heads and texts in front. Scores are (…, T, T): **row** t
# holds the scores of query t, **column** s those of key s. The root of $K$ is there because a sum of $K$ products of
# independent numbers spreads like $\sqrt K$:
# %%
rng = np.random.default_rng(0)
for K in (4, 64, 1024):
    q, k = rng.normal(size=(2, 200, K))
    plain, scaled = (softmax(q @ k.T / by, axis=-1).max(axis=-1).mean() for by in (1, np.sqrt(K)))
    print(f"K {K:4}: largest of 200 shares, on average {plain:.2f} without the root, {scaled:.2f} with it")
# %% [markdown]
# Without it, wide keys would make every query stare at one token before anything is learnt.
# %% exercise L6.1
def causal_pattern(q, k):
    """Who takes how much of whom: q, k (…, T, K) -> (…, T, T), rows sum to 1, nothing of later tokens."""
    scores = q @ k.swapaxes(-1, -2)
    may_see = np.tril(np.ones(scores.shape[-2:], bool))  # True on and below the diagonal
    # solution
    scores = np.where(may_see, scores / np.sqrt(q.shape[-1]), -np.inf)
    return softmax(scores, axis=-1)
    # end of solution
# %%
check("L6.1", causal_pattern)
# %%
causal_pattern = given("L6.1", causal_pattern)
print(causal_pattern(rng.normal(size=(5, 8)), rng.normal(size=(5, 8))).round(2))
# %% [markdown]
# The first row is always (1, 0, 0, …): the first token has nobody else to look at.
#
# ## Several heads
# One pattern a layer would be one question a token. So the $D$ numbers are cut into $A$ **heads** of $K = D/A$ *next to
# each other*, each with its own pattern: (B, T, D) becomes (B, A, T, K). Each head keeps all tokens and gets some of
# the numbers, not the other way round.
# %% exercise L6.2
def split_heads(x, n_head):
    """(B, T, D) -> (B, A, T, K): head a has the numbers a·K to (a + 1)·K - 1 of every token."""
    B, T, D = x.shape
    # solution
    return x.reshape(B, T, n_head, D // n_head).swapaxes(1, 2)
    # end of solution
# %%
check("L6.2", split_heads)
# %% [markdown]
# ## The whole of it
# Project to q, k, v; split each; pattern; mix the values; put the heads side by side again; and a last matrix `wo`
# mixes what the heads found. Weights are (out, in): `x @ w["wq"].T`.
# %% exercise L6.3
def self_attention(x, w, n_head):
    """x (B, T, D), w {wq, wk, wv, wo: (D, D)} -> (B, T, D)."""
    q = split_heads(x @ w["wq"].T, n_head)
    # solution
    k = split_heads(x @ w["wk"].T, n_head)
    v = split_heads(x @ w["wv"].T, n_head)
    z = causal_pattern(q, k) @ v  # (B, A, T, K)
    joined = z.swapaxes(1, 2).reshape(x.shape)
    return joined @ w["wo"].T
    # end of solution
# %%
split_heads = given("L6.2", split_heads)
check("L6.3", self_attention)
# %% [markdown]
# ## A set has no order
# Take the causal mask away and shuffle the tokens. Will a token's result change because its neighbours changed places?
# %%
predict("L6.b", ...)  # "yes" or "no"
# %%
self_attention = given("L6.3", self_attention)
weights = {name: rng.normal(size=(8, 8)) / 3 for name in ("wq", "wk", "wv", "wo")}
x, order = rng.normal(size=(1, 6, 8)), rng.permutation(6)
free = SimpleNamespace(n_head=2, positions="learned", causal=False)
for name, look in (("without a mask", lambda x: attention(x, weights, free)),
                   ("with the causal mask", lambda x: self_attention(x, weights, 2))):  # fmt: skip
    print(f"{name}: shuffled before or after, differs by {np.abs(look(x[:, order]) - look(x)[:, order]).max():.3g}")
# %% [markdown]
# Without a mask it changes nothing: to attention a text is a *set*. So order has to be put in: by adding a vector for
# each position to the embeddings (BERT), or by turning queries and keys by an angle that grows with the position
# (*rotary*, in the GPT below). In one layer, the mask alone tells who came before, but not in which order.
#
# ## Layers: what is computed anew?
# Each layer norms its stream, projects **that** to its own q, k and v, and adds what attention found. Collect the keys
# that each layer makes. (The MLP is left out here.)
# %% exercise L6.4
def keys_of_layers(x, layers, n_head):
    """x (B, T, D), layers a list of {wq, wk, wv, wo} -> the keys (B, T, D) that each layer makes, one array a layer."""
    # solution
    keys = []
    for w in layers:
        read = rmsnorm(x)
        keys.append(read @ w["wk"].T)
        x = x + self_attention(read, w, n_head)
    return keys
    # end of solution
# %%
check("L6.4", keys_of_layers)
# %% [markdown]
# Three layers with the *same* matrices. If keys were computed once, the three would be equal.
# %%
keys_of_layers = given("L6.4", keys_of_layers)
made = keys_of_layers(x, [weights] * 3, 2)
for number, own in enumerate(made):
    far = np.linalg.norm(own - made[0]) / np.linalg.norm(made[0])
    print(f"keys of layer {number}: moved from those of layer 0 by {far:.0%}")
# %% [markdown]
# What *is* computed once and kept is something else: while **generating**, a token's keys and values do not change when
# further tokens come, so each layer keeps its own. That is the "KV cache": once a *token*, not once for all *layers*.
#
# ## A small GPT, trained twice
# Sharing keys and values among all layers can be built (`kv="shared"`), so measure instead of arguing: two layers, four
# heads, 48 wide. How many nats will sharing cost?
# %%
predict("L6.c", ...)  # nats a character, for example 0.2
# %%
book = text("frankenstein")
letters, ids = np.unique(list(book), return_inverse=True)  # the alphabet, and each letter's place in it
learnt, kept = np.split(ids, [int(0.9 * len(ids))])
SIZES = {"n_layer": 2, "n_head": 4, "n_embd": 48, "head": "untied", "residual": "zero", "std": 0.06, "embed_std": 0.5}


def windows(ids, count, rng):
    """`count` random stretches of 65 letters."""
    return ids[rng.integers(len(ids) - 65, size=count)[:, None] + np.arange(65)]


def learn(kv, steps=140):
    """Train a GPT: (its config, its parameters)."""
    config, rng = transformer.Config(len(letters), kv=kv, **SIZES), np.random.default_rng(0)
    params, states = transformer.init(config, np.random.default_rng(0)), {}
    for step in range(steps):
        part = windows(learnt, 10, rng)
        with Trace() as trace:
            transformer.loss(transformer.forward(params, part[:, :-1], config), part[:, 1:])
        grads, _ = optim.clip(transformer.backward(params, trace, config), 1.0)
        params = optim.update(optim.adam, params, grads, states, 0.006 * (1 - step / steps))
    return config, params


held_out = windows(kept, 48, np.random.default_rng(1))
models = {kv: learn(kv) for kv in ("per_layer", "shared")}
print(f"a blind guess: {np.log(len(letters)):.3f} nats a character")
for kv, (config, params) in models.items():
    nats = transformer.loss(transformer.forward(params, held_out[:, :-1], config), held_out[:, 1:])
    print(f"keys and values {kv:10} {sum(transformer.count(config).values()):7,} parameters  {nats:.3f} nats held out")
# %% [markdown]
# At this size the two are hardly to be told apart: sharing can work. It is not what a transformer does.
#
# ## Look
# Patterns of the trained GPT on a piece of text it has not read. Rows are the letters that ask, columns those that are
# asked; every row sums to 1, and the upper right is the future. The titles say how far back each head looks on average.
# %%
config, params = models["per_layer"]
with Trace() as trace:
    transformer.forward(params, held_out[:1, :32], config)
shown = [letters[i] if letters[i] != "\n" else "¶" for i in held_out[0, :32]]
fig, axes = plt.subplots(2, 4, figsize=(13, 7))
for layer, head in np.ndindex(2, 4):
    pattern = trace[f"layers.{layer}.attn.pattern"][0, head]
    back = ((np.arange(32)[:, None] - np.arange(32)) * pattern).sum(axis=1).mean()
    axes[layer, head].imshow(pattern, vmin=0, vmax=1, cmap="magma")
    axes[layer, head].set_xticks(range(32), shown, fontsize=6)
    axes[layer, head].set_yticks(range(32), shown, fontsize=6)
    axes[layer, head].set_title(f"layer {layer}, head {head}: {back:.1f} back")
plt.tight_layout()
plt.show()
# %% [markdown]
# When this was written, on Frankenstein: steps along the diagonal in layer 1 (heads that look at the last letter or
# two), and in its last head upright bars, one place that all letters of the next word look back to. Nobody told them
# to. Be careful with stories, though: a pattern says where a head looks, not what it takes from there.
#
# ## How many parameters?
# BERT-base: vocabulary 30,522, 512 positions, 2 segments, 12 layers, width 768, an MLP of 4 · 768 inside. Count, with
# biases: every matrix (out, in) has `out` biases; every norm has a scale and a shift of width D; one norm after the
# embeddings and two in each layer. Guess the total first.
# %%
predict("L6.d", ...)  # in millions
# %% exercise L6.5
def bert_parameters(V, P, S, n_layer, D):
    """How many numbers are learnt in {"embeddings", "attention", "mlp", "norms"}: V words, P positions, S segments."""
    # solution
    return {
        "embeddings": (V + P + S) * D,
        "attention": n_layer * 4 * (D * D + D),  # q, k, v and o, in every layer
        "mlp": n_layer * ((4 * D * D + 4 * D) + (4 * D * D + D)),
        "norms": (1 + 2 * n_layer) * 2 * D,
    }
    # end of solution
# %%
check("L6.5", bert_parameters)
# %%
bert_parameters = given("L6.5", bert_parameters)
parts = bert_parameters(30_522, 512, 2, 12, 768)
for part, number in parts.items():
    print(f"{part:11} {number:12,}")
print(f"{'together':11} {sum(parts.values()):12,}")
# %% [markdown]
# 109 million, not billions. And the width: if $D$ doubles, do the blocks double, quadruple, grow "exponentially"?
# %%
predict("L6.e", ...)  # the factor
# %%
widths = np.array([96, 192, 384, 768, 1536])
embeddings = (30_522 + 512 + 2) * widths
blocks = np.array([sum(bert_parameters(30_522, 512, 2, 12, int(D)).values()) for D in widths]) - embeddings
print("blocks, each width to the one before:    ", (blocks[1:] / blocks[:-1]).round(3))
print("embeddings, each width to the one before:", (embeddings[1:] / embeddings[:-1]).round(3))
plt.loglog(widths, blocks, "o-", widths, embeddings, "o-")
plt.legend(["12 blocks", "embeddings"])
plt.title("Parameters against the width, both logarithmic: a power is a straight line")
plt.show()
# %% [markdown]
# Four times: *quadratic*, slope 2 in the figure; an exponential would bend upwards even here. Embeddings only double.
#
# ## Is it a hundred times faster than an LSTM?
# It depends on the machine, the sizes and the length. On yours, now, 16 texts of 64 letters, NumPy, 48 wide (when this
# was written: 4 ms and 9 ms, the LSTM ahead):
# %%
sizes = lstm.Config(len(letters), embedding_dim=48, hidden_size=48)
of_lstm, texts = lstm.init(sizes, np.random.default_rng(0)), held_out[:16, :64]
for name, read in (("LSTM", lambda: lstm.forward(of_lstm, texts, sizes)),
                   ("GPT of 2 layers", lambda: transformer.forward(params, texts, config))):  # fmt: skip
    print(f"{name:16} {min(timeit.repeat(read, number=1, repeat=10)) * 1000:6.1f} ms")
# %% [markdown]
# The true part of the story: attention needs no loop over tokens, so hardware that does thousands of things at once
# (a GPU) can be kept busy. The price: T · T scores for T tokens.
#
# ## Where this stands elsewhere
# - Page (`hornbook guide`): *attention*, the same q, k, scores and pattern for one name; *parameters*, the count.
# - Film: step 3, the embedding matrix; step 4, the forward pass with positions.
# - Library: `reference/attention.py`, `reference/transformer.py`, `reference/transformer_parameters.py` (`count`).
#
# ## Reflection prompts
# - In 90 seconds: query, key, value, for somebody who has only used a search box. Along which axis do shares sum to 1?
# - What does a layer compute anew, and what does a KV cache keep? Why can it keep that?
#
# ## Next
# Notebook 07 takes the causal mask away: a transformer that looks both ways gives one vector for a whole text.
