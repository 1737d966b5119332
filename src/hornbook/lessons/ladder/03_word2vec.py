"""The ladder 03: word2vec by hand: pairs, thinning, noise, loss, the step of exactly the rows used, analogies."""
# %% [markdown]
# # 03: word2vec
#
# ## What this is, and how long it takes
# A word's row learnt from its neighbours. You write every part of skip-gram with negative sampling, train it on small
# sentences whose meaning you know, and then do king − man + woman on real vectors.
#
# The cells run in 1 to 3 seconds together on one core (measured). Six exercises, one to six lines each.

# %% [markdown]
# ## Concept primer
# * Every word has **two** rows: one in `wte`, the vector that is kept, and one in `head`, with which it is predicted.
# * A **pair** is a word and a neighbour, the *centre* of the window in which the word stands. Its score is the dot
#   product of the word's `wte` row and the centre's `head` row.
# * $\sigma(x) = 1 / (1 + e^{-x})$, the **sigmoid**, turns a score into the chance that the pair is a true one.
# * **Negative sampling**: next to each true pair, some words drawn at random stand in for the centre; their scores
#   shall fall. Without them all rows would simply grow together.
# * Very frequent words are **thinned out**; words as noise are drawn by their count to the power of **¾**.

# %% [markdown]
# ## Objectives
# 1. Say what word2vec is trained on, and make the pairs yourself.
# 2. Compute the loss of a pair with its negatives, and its gradient.
# 3. Show which rows one step moves, and that no other row moves at all.
# 4. Do an analogy with real vectors, and say honestly how often it comes out.

# %% [markdown]
# ## What breaks if we skip this
# The first layer of every language model is such a table, moved in exactly this way: only the rows of the tokens that
# were used. And telling the true one from strangers comes back in notebook 07, for whole texts.

# %%
import base64

import matplotlib.pyplot as plt
import numpy as np

from hornbook.guide.words import load
from hornbook.lessons import check, given, hint, predict  # noqa: F401 (hint: for when you are stuck)
from hornbook.reference.distances import cosine

# %% [markdown]
# ## Worked example: a small world
# Three hundred sentences drawn from two patterns. You know what belongs together: animals, people, food. The program
# does not.

# %%
rng = np.random.default_rng(7)


def sentence():
    if rng.random() < 0.5:
        animals, places = ["dog", "cat", "horse"], ["garden", "field"]
        return ["the", rng.choice(animals), rng.choice(["sleeps", "runs"]), "in", "the", rng.choice(places)]
    people, foods = ["queen", "king", "girl", "boy"], ["soup", "bread", "cheese"]
    return ["the", rng.choice(people), rng.choice(["eats", "cooks"]), "the", rng.choice(foods)]


sentences = [[str(word) for word in sentence()] for _ in range(300)]
words = list(dict.fromkeys(word for line in sentences for word in line))
texts = [[words.index(word) for word in line] for line in sentences]
counts = np.bincount(np.concatenate(texts))
for line in sentences[:3]:
    print(" ".join(line))
print(f"{counts.sum():,} words, {len(words)} different, {words[counts.argmax()]!r} {counts.max()} times")

# %% [markdown]
# ## Pairs
# You may have seen a window drawn as a triple, `(the, cat, sat)`, which is "one example". Skip-gram makes **pairs** of
# it: each word in turn is the centre, and every word up to `window` places to its left and right is paired with it. How
# many pairs has a text of 5 words with a window of 1?

# %%
predict("L3.a", ...)

# %% exercise L3.1
def pairs(ids, window):
    """ids (T,) -> [(word, centre), …]: centres from left to right, for each its neighbours from left to right."""
    found = []
    for at, centre in enumerate(ids):
        # solution
        for near in range(max(0, at - window), min(len(ids), at + window + 1)):
            if near != at:
                found.append((ids[near], centre))
        # end of solution
    return found

# %%
check("L3.1", pairs)
pairs = given("L3.1", pairs)
print([(words[word], words[centre]) for word, centre in pairs(texts[0], 1)])

# %% [markdown]
# ## Thinning frequent words
# `the` stands next to everything and tells little. With $f$ its share of all words, an occurrence is read with
# probability $\sqrt{t / f} + t / f$, at most 1. (So word2vec's own program; the paper has only the root.)

# %% exercise L3.2
def keep(counts, t):
    """counts (V,) -> (V,): the probability that an occurrence of each word is read."""
    # solution
    ratio = t / (counts / counts.sum())
    return np.minimum(np.sqrt(ratio) + ratio, 1)
    # end of solution

# %%
check("L3.2", keep)

# %% [markdown]
# ## Words as noise
# Drawn by $\text{count}^{3/4}$, divided by the sum of these powers: rare words come a little more often than their
# share.

# %% exercise L3.3
def noise(counts):
    """counts (V,) -> (V,): the probability that each word is drawn as a negative."""
    # solution
    powers = counts**0.75
    return powers / powers.sum()
    # end of solution

# %%
check("L3.3", noise)

# %%
keep, noise = given("L3.2", keep), given("L3.3", noise)
order = np.argsort(-counts)
plt.figure(figsize=(8, 3))
plt.bar(np.arange(len(words)) - 0.2, (counts / counts.sum())[order], 0.4, label="share of the text")
plt.bar(np.arange(len(words)) + 0.2, noise(counts)[order], 0.4, label="as noise")
plt.xticks(range(len(words)), [words[i] for i in order], rotation=60)
plt.legend()
plt.tight_layout()
plt.show()
for word in "the", "in", "dog":
    print(f"{word!r} is read with probability {keep(counts, 0.02)[words.index(word)]:.2f}")

# %% [markdown]
# ## The loss of one pair and its negatives
# $$L = -\ln \sigma(v \cdot u_{\text{centre}}) - \sum_{n \ne \text{centre}} \ln \sigma(-v \cdot u_n)$$
# $v$ is the word's row of `wte`, the $u$ are rows of `head`. The true pair's score shall be high, each negative's low.
# A negative that happens to be the centre itself is left out: it would push and pull at once.

# %% exercise L3.4
def loss(wte, head, word, centre, negatives):
    """Tables (V, D), ids of a word and its centre, ids (k,) of negatives -> the loss in nats, one number."""
    v = wte[word]
    others = negatives[negatives != centre]
    true_score, noise_scores = head[centre] @ v, head[others] @ v
    # solution
    return np.log1p(np.exp(-true_score)) + np.log1p(np.exp(noise_scores)).sum()
    # end of solution

# %%
check("L3.4", loss)

# %% [markdown]
# ## The step
# The derivative of $L$ by a score is $\sigma(\text{score}) - 1$ for the true pair and $\sigma(\text{score})$ for a
# negative: chance minus label. By the chain rule, `head` row $n$ gets (that) times $v$, and $v$ gets the sum of (that)
# times $u_n$, with the $u_n$ as they were *before* the step. A negative drawn twice counts twice.
#
# A table of 6 words, 4 wide: *love* is paired with the centre *apples*, with one negative, *you*. How many of the 4
# numbers of *love* will change?

# %%
predict("L3.b", ...)

# %% exercise L3.5
def step(wte, head, word, centre, negatives, rate):
    """New (wte, head) after one step down the gradient of `loss`; the tables that come in stay as they are."""
    wte, head = wte.copy(), head.copy()
    rows = np.append(centre, negatives[negatives != centre])
    labels = np.arange(len(rows)) == 0
    # solution
    v, u = wte[word].copy(), head[rows]
    by_score = 1 / (1 + np.exp(-u @ v)) - labels
    wte[word] -= rate * by_score @ u
    np.subtract.at(head, rows, rate * by_score[:, None] * v)
    # end of solution
    return wte, head

# %%
loss = given("L3.4", loss)
check("L3.5", step)

# %%
step = given("L3.5", step)
table = ["I", "love", "apples", "you", "like", "pears"]
draw = np.random.default_rng(0)
before = draw.normal(size=(6, 4)).round(1), draw.normal(size=(6, 4)).round(1)
after = step(*before, table.index("love"), table.index("apples"), np.array([table.index("you")]), 0.1)
print("love before", before[0][1], "\nlove after ", after[0][1].round(4))
for name, old, new in zip(("wte", "head"), before, after):
    print(name, {word: int((a != b).sum()) for word, a, b in zip(table, old, new)}, "of 4 numbers moved")

# %% [markdown]
# All four numbers of *love* moved; you may have read of a step in which "the 4th dimension decreased" as if the others
# had stood still. And every row that was not used moved by exactly 0.
#
# ## Training
# Each epoch thins anew and draws new noise. Before the first step every score is 0, so a pair with 5 negatives that are
# not the centre costs $6 \ln 2 = 4.16$ nats.

# %%
def train(texts, counts, epochs=5, width=8, window=2, negative=5, rate=0.1, seed=1):
    rng = np.random.default_rng(seed)
    wte, head = (rng.random((len(counts), width)) - 0.5) / width, np.zeros((len(counts), width))
    chances, drawn, curve = keep(counts, 0.02), noise(counts), []
    for _ in range(epochs):
        losses = []
        for text in texts:
            read = [id_ for id_ in text if rng.random() < chances[id_]]
            for word, centre in pairs(read, window):
                negatives = rng.choice(len(counts), negative, p=drawn)
                losses.append(loss(wte, head, word, centre, negatives))
                wte, head = step(wte, head, word, centre, negatives, rate)
        curve.append(np.mean(losses))
    return wte, curve


wte, curve = train(texts, counts)
print("nats a pair, epoch by epoch:", *(f"{nats:.3f}" for nats in curve))
unit = wte / np.linalg.norm(wte, axis=1, keepdims=True)
for word in "dog", "king", "bread", "runs":
    cosines = unit @ unit[words.index(word)]
    print(f"{word:6} ->", *(f"{words[i]} {cosines[i]:.2f}" for i in np.argsort(-cosines)[1:4]))
flat = np.linalg.svd(unit - unit.mean(axis=0), full_matrices=False)
points = flat[0][:, :2] * flat[1][:2]
plt.figure(figsize=(6, 5))
plt.scatter(*points.T)
for word, point in zip(words, points):
    plt.annotate(word, point, xytext=(4, 3), textcoords="offset points")
plt.show()

# %% [markdown]
# *garden* comes near *dog* too, for they stand in the same windows: word2vec finds company, not kinds.
#
# ## Analogies on real vectors
# A thousand words of a word2vec that read a hundred novels come with this package (24 numbers a word, each kept as a
# byte). `king − man + woman`: bring every row to length 1, add and subtract, and take the word with the highest cosine
# to the result that is **not** one of the three. All of it is yours.

# %% exercise L3.6
def analogy(matrix, plus, minus, also_plus):
    """matrix (V, D), three ids -> the id of the word nearest to plus − minus + also_plus, none of the three."""
    # solution
    unit = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    scores = unit @ (unit[plus] - unit[minus] + unit[also_plus])
    scores[[plus, minus, also_plus]] = -np.inf
    return scores.argmax()
    # end of solution

# %%
check("L3.6", analogy)
analogy = given("L3.6", analogy)

# %%
packed = load()
book_words = packed["words"]
matrix = np.frombuffer(base64.b64decode(packed["rows"]), np.int8).reshape(len(book_words), -1) * np.c_[packed["scales"]]
questions = "king man woman", "prince man woman", "paris london england", "uncle boy girl", "england france french"
for a, b, c in map(str.split, questions):
    answer = analogy(matrix, book_words.index(a), book_words.index(b), book_words.index(c))
    print(f"{a} − {b} + {c} ≈ {book_words[answer]}")
share, asked = packed["about"]["tasks"]["analogies"]
print(f"of {asked} analogies asked of these words {share:.0%} came out right when they were packed")

# %% [markdown]
# Is "gender" a dimension that the network found? Take the difference of *man − woman* and see how alike the other
# differences are, and how much of it lies in any single one of the 24 numbers.

# %%
rows = dict(zip(book_words, matrix / np.linalg.norm(matrix, axis=1, keepdims=True)))
difference = rows["man"] - rows["woman"]
for he, she in ("king", "queen"), ("boy", "girl"), ("brother", "sister"), ("father", "mother"), ("husband", "wife"):
    print(f"{he} − {she}: cosine to man − woman {cosine(rows[he] - rows[she], difference):.2f}")
print(f"largest share of man − woman in one coordinate: {(difference**2).max() / (difference**2).sum():.2f}")
total = rows["king"] - rows["man"] + rows["woman"]
nearest = sorted(rows, key=lambda word: -rows[word] @ total)[:3]
print("nearest to king − man + woman if its own words may answer:", nearest)

# %% [markdown]
# It is a **direction**, roughly shared, spread over all numbers, and for *husband − wife* it even points the other way.
# The nearest word to the sum is *king* itself; *queen* comes first because the question's own words are left out.
#
# ## Where this stands elsewhere
# * Library: `hornbook/reference/word2vec.py` and `word2vec_sampling.py`; compiled in `hornbook/fast/word2vec.py`.
# * Page: section *meaning* has the same thousand words. Film: step 3 (the matrix), 5 (the task), 7 (only used rows
#   move).
# * Commands: `hornbook train shakespeare --model word2vec`, `hornbook neighbours`.
#
# ## Reflection prompts
# * Why would all rows end up alike if there were no negatives?
# * *dog* and *cat* never stand in one sentence here. What brought them together?
# * A word has one row, whatever it means in a sentence. Where will that hurt?
#
# ## Next
# 04: autograd and microgpt. You have just derived a gradient by hand for the last time.
