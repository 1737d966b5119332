"""The ladder 02: LSA by power iteration and LDA by Gibbs sampling on one small text, and what each of them finds."""
# %% [markdown]
# # 02: LSA and LDA
#
# ## What this is, and how long it takes
# Two old ways to fold many columns of counts into a few numbers a text. You write the heart of both, run them on the
# same eleven sentences, and see that they do not find the same thing.
#
# The cells run in 1 to 3 seconds together on one core (measured). Five exercises, one to five lines each.

# %% [markdown]
# ## Concept primer
# * **LSA** is *latent semantic analysis*: a truncated **singular value decomposition** (SVD) of the counts. It looks
#   for the few **directions** in which the texts differ most. A direction has a size σ, and its entries have **signs**.
# * **LDA** is *latent Dirichlet allocation*: a story with chances in it. Every text is a mixture of topics, every topic
#   a set of word **probabilities**, never negative, adding up to 1. (The A of LSA is *analysis*; *allocation* is
#   LDA's.)
# * LSA is found by multiplying a vector again and again until it stands still: **power iteration**.
# * LDA is found by asking every word again and again which topic it belongs to, given all others: **Gibbs sampling**.

# %% [markdown]
# ## Objectives
# 1. Find the strongest direction of a table of counts by hand, then the next.
# 2. Give words coordinates in which *dog* and *canine* are alike though they never stand in one sentence.
# 3. Compute one Gibbs step's probabilities, and a topic's word probabilities.
# 4. Say from measurements how the results of LSA and LDA differ.

# %% [markdown]
# ## What breaks if we skip this
# In counts *cat* and *feline* have nothing in common. Whoever believes that only neural networks repair this, or that
# LSA's directions are topics, will misread every picture of an embedding made later.

# %%
import matplotlib.pyplot as plt
import numpy as np

from hornbook.lessons import check, given, hint, predict  # noqa: F401 (hint: for when you are stuck)
from hornbook.reference.distances import cosine

# %% [markdown]
# ## Worked example: eleven sentences
# *dog* and *canine* share no sentence, nor do *cat* and *feline*. Little words are left out.

# %%
sentences = [
    "the dog is a pet", "the cat is a pet", "my dog barks at night", "her canine barks at night",
    "my cat purrs and sleeps", "her feline purrs and sleeps", "the canine barks and bites", "the feline purrs",
    "the sun shines", "the moon shines at night", "the sun and the moon",
]
little = {"the", "is", "a", "my", "her", "at", "and"}
documents = [[word for word in sentence.split() if word not in little] for sentence in sentences]
words = sorted({word for document in documents for word in document})
X = np.array([[document.count(word) for word in words] for document in documents], float)
column = {word: X[:, i] for i, word in enumerate(words)}
print(f"{X.shape[0]} sentences, {X.shape[1]} words")
for one, other in ("dog", "canine"), ("cat", "feline"), ("dog", "cat"):
    print(f"as counted, cosine of {one} and {other}: {cosine(column[one], column[other]):.3f}")

# %% [markdown]
# ## The strongest direction
# Take any weights `v` of the words, of length 1. `X @ v` gives every sentence its share of them, and
# $\sigma = \lVert X v \rVert$ says how much there is. Going back with $X^\top$ strengthens the words of those
# sentences: $v \leftarrow X^\top X v \,/\, \lVert X^\top X v \rVert$. The first line is given.

# %% exercise L2.1
def power_step(X, v):
    """X (N, V), v (V,) of length 1 -> sigma = how long X v is, and the next v (V,), again of length 1."""
    u = X @ v
    # solution
    sigma = np.sqrt((u * u).sum())
    back = X.T @ u
    v = back / np.sqrt((back * back).sum())
    # end of solution
    return sigma, v

# %%
check("L2.1", power_step)

# %% [markdown]
# Which words will the strongest direction weigh most? Write down two before you run it.

# %%
predict("L2.a", ...)

# %%
power_step = given("L2.1", power_step)
v = np.ones(len(words)) / np.sqrt(len(words))
path = []
for _ in range(60):
    sigma, v = power_step(X, v)
    path.append(sigma)
print("sigma, step by step:", *(f"{sigma:.4f}" for sigma in path[:8]), "…", f"{path[-1]:.4f}")
print({words[i]: round(float(v[i]), 3) for i in np.argsort(-np.abs(v))[:5]})
plt.plot(path, "o-", markersize=3)
plt.xlabel("step")
plt.ylabel("sigma")
plt.show()

# %% [markdown]
# ## The next directions
# They are found in the same way, when what is already found is taken out of `v` in each step: for every row `f` of
# `found`, subtract $(v \cdot f)\, f$. The rows have length 1 and stand at right angles.

# %% exercise L2.2
def without(v, found):
    """v (V,), found (i, V) -> what is left of v when its parts along all rows of `found` are taken out."""
    # solution
    return v - (found @ v) @ found
    # end of solution

# %%
check("L2.2", without)

# %%
without = given("L2.2", without)
rng = np.random.default_rng(0)
components, sigmas = np.empty((0, len(words))), []
for _ in range(3):
    v = without(rng.normal(size=len(words)), components)
    v /= np.linalg.norm(v)
    for _ in range(300):
        sigma, v = power_step(X, v)
        v = without(v, components)  # rounding would bring the stronger ones back
    v = v * np.sign(v[np.abs(v).argmax()])  # v and −v serve equally; the largest entry shall be positive
    components, sigmas = np.vstack([components, v]), [*sigmas, sigma]
sigmas = np.array(sigmas)
for sigma, v in zip(sigmas, components):
    print(f"sigma {sigma:.4f}:", {words[i]: round(float(v[i]), 2) for i in np.argsort(-np.abs(v))[:7]})
print("NumPy's SVD says:", np.linalg.svd(X)[1][:3].round(4))

# %% [markdown]
# Read the third: the sky is positive and barking negative. That is no topic, it is a **contrast**: an axis with two
# ends.
#
# ## Where words lie
# The coordinates of the words are the entries of the directions, each direction stretched by its σ: $V \Sigma$, one row
# a word. Both lines are yours now, or one.

# %% exercise L2.3
def word_vectors(sigmas, components):
    """sigmas (S,), components (S, V) -> (V, S): a row of coordinates for each word."""
    # solution
    return components.T * sigmas
    # end of solution

# %%
check("L2.3", word_vectors)

# %%
word_vectors = given("L2.3", word_vectors)
lies = dict(zip(words, word_vectors(sigmas, components)))
print("cosine of                 as counted   in 3 dimensions")
for one, other in ("dog", "canine"), ("cat", "feline"), ("dog", "cat"), ("canine", "feline"), ("dog", "moon"):
    print(f"{one:8} and {other:8} {cosine(column[one], column[other]):14.3f} {cosine(lies[one], lies[other]):14.3f}")
book = np.array([{"dog": 2, "cat": 1, "pet": 1}.get(word, 0) for word in words])
print("a text with dog 2, cat 1, pet 1 lies at", (book @ components.T).round(3))

# %% [markdown]
# You may have read that such a text becomes "(Catness 1.9, Dogness 1.5)". The idea is right, the numbers are invented:
# the true ones are the line above, nobody gave the axes their names, and one of them runs from barking to sky.
#
# ## LDA: one word is asked
# Every word of every text has a topic, at first any. A Gibbs step takes **one** word out of the counts and asks: which
# topic, if all the others are right?
# $$p(s) \propto (n_{d,s} + \alpha)\,\frac{n_{w,s} + \beta}{n_s + V \beta}$$
# $n_{d,s}$: words of this text in topic $s$; $n_{w,s}$: this word in topic $s$ anywhere; $n_s$: all words in $s$; $V$:
# how many different words there are. $\alpha$ and $\beta$ are small counts that each topic has in advance, so that no
# chance is ever 0. The sign $\propto$ says that the numbers for all topics are then divided by their sum. The word
# itself must not vote for where it already is.

# %% exercise L2.4
def conditional(now, in_document, of_word, of_topic, alpha, beta, V):
    """Counts (S,), in all of which the word still stands at topic `now` -> p of each topic (S,)."""
    itself = np.arange(len(of_topic)) == now
    # solution
    liked = in_document - itself + alpha
    offered = (of_word - itself + beta) / (of_topic - itself + V * beta)
    return liked * offered / (liked * offered).sum()
    # end of solution

# %%
check("L2.4", conditional)

# %%
conditional = given("L2.4", conditional)
counts = np.array([2, 0, 1]), np.array([1, 0, 3]), np.array([9, 8, 12])
print("now in topic 0; p of the topics:", conditional(0, *counts, 0.1, 0.1, len(words)).round(4))

# %% [markdown]
# ## A topic's words
# From the counts of all words in all topics, $p(w \mid s) = \frac{n_{w,s} + \beta}{n_s + V \beta}$. All yours.

# %% exercise L2.5
def topic_words(counts, beta):
    """counts (S, V), a row for each topic -> (S, V): p(word | topic), every row adding up to 1."""
    # solution
    return (counts + beta) / (counts.sum(axis=1, keepdims=True) + counts.shape[1] * beta)
    # end of solution

# %%
check("L2.5", topic_words)

# %% [markdown]
# Now the whole of it: 200 rounds, every word asked once in each. Will two runs with different dice find the same three
# topics?

# %%
predict("L2.b", ...)

# %%
topic_words = given("L2.5", topic_words)


def gibbs(documents, S, seed, rounds=200, alpha=0.1, beta=0.1):
    rng = np.random.default_rng(seed)
    tokens = [(d, words.index(word)) for d, document in enumerate(documents) for word in document]
    topics = rng.integers(S, size=len(tokens))
    of_document, of_word = np.zeros((len(documents), S), int), np.zeros((len(words), S), int)
    for (d, w), s in zip(tokens, topics):
        of_document[d, s] += 1
        of_word[w, s] += 1
    for _ in range(rounds):
        for i, (d, w) in enumerate(tokens):
            p = conditional(topics[i], of_document[d], of_word[w], of_word.sum(axis=0), alpha, beta, len(words))
            for s, by in (topics[i], -1), (rng.choice(S, p=p), 1):
                of_document[d, s] += by
                of_word[w, s] += by
                topics[i] = s
    return topic_words(of_word.T, beta), topic_words(of_document, alpha)


runs = {seed: gibbs(documents, 3, seed) for seed in (1, 2, 3)}
for seed, (found, _) in runs.items():
    print(f"dice {seed}")
    for row in found:
        print("   ", {words[i]: round(float(row[i]), 2) for i in np.argsort(-row)[:5]})

# %% [markdown]
# ## The same thing? Look and measure
# Left LSA, right LDA of the first dice: the same words, three rows each.

# %%
found, mixtures = runs[1]
fig, axes = plt.subplots(1, 2, figsize=(11, 2.6))
for axis, table, title, colours, low in (
    (axes[0], components, "LSA: directions, with signs", "RdBu", -0.8),
    (axes[1], found, "LDA: probabilities", "Blues", 0),
):
    image = axis.imshow(table, cmap=colours, vmin=low, vmax=-low or 0.5, aspect="auto")
    axis.set_xticks(range(len(words)), words, rotation=60)
    axis.set_title(title)
    fig.colorbar(image)
plt.tight_layout()
plt.show()

# %%
for name, table in ("LSA", components), ("LDA", found):
    crossing = np.abs(cosine(table[:, None], table[None]) - np.eye(3)).max()
    print(f"{name}: {(table < -0.005).sum()} of {table.size} below zero, rows sum to", table.sum(axis=1).round(2))
    print(f"     largest |cosine| of two rows {crossing:.3f}")
for seed, (table, _) in runs.items():
    best = np.abs(cosine(table[:, None], components[None])).max(axis=1)
    print(f"dice {seed}: cosine of each topic and the LSA direction most like it", best.round(2))
print(sentences[9], "-> LSA", (X[9] @ components.T).round(2), " LDA", mixtures[9].round(2))

# %% [markdown]
# They overlap and they differ. LSA gives the same directions every time, in the order of σ, at right angles, with
# signs: good for *distances*. LDA gives probabilities that one can read out loud, but draws lots: the topics change
# with the dice, above all on so small a text. "Both find the same topics" is not so.
#
# ## Where this stands elsewhere
# * Library: `hornbook/reference/svd.py`, `lsa.py`, `lda.py`, `topics.py`; compiled in `hornbook/fast/`.
# * Page: section *meaning* (what a cosine is made of). Film: step 3 (dense rows) and step 10 (looking at vectors).
# * Commands: `hornbook train frankenstein --model lsa` and `--model lda`; `hornbook topics`.
#
# ## Reflection prompts
# * Why does *dog* come near *canine* although they never meet? Name the words that carry it.
# * What would happen to LSA's first direction if *the* had not been left out?
# * Explain in one sentence each, to somebody who counts words, what σ, α and β are.
#
# ## Next
# 03: word2vec. The same wish, words as short rows, learnt from neighbours instead of whole texts.
