"""The ladder 01: a text as counts of its words, what the counts are worth, and the order that they forget."""
# %% [markdown]
# # 01: Counts, and why order matters
#
# ## What this is, and how long it takes
# The first rung: a text becomes a row of numbers by counting its words. You write the counts, the two distances, TF-IDF
# and BM25, find out how far they get on a real book, and see exactly what they cannot know.
#
# The cells run in 1 to 3 seconds together on one core (measured). How long you think is up to you: there are six
# exercises, each of one to four lines.

# %% [markdown]
# ## Concept primer
# * A **vocabulary** is a list of words; a word's **id** is its place in it.
# * A **bag of words** is a row as long as the vocabulary: how often each word occurs. It is also called *term
#   frequencies*.
# * Two rows can be compared as points (**Euclidean distance**, how far apart) or as directions (**cosine**, how alike;
#   1 is the same direction, 0 means not a word in common). `1 − cosine` is the distance that belongs to it.
# * Not every word says equally much. **Inverse document frequency** (IDF) is high for a word that few texts have.
# * **BM25** adds two thoughts: a word said ten times is not ten times as telling, and long texts repeat words anyway.

# %% [markdown]
# ## Objectives
# 1. Count a text's words, compare two rows, and say what each distance looks at.
# 2. Weigh words by TF-IDF and BM25, and say what each part of the formula is for.
# 3. Measure, without any labels, whether a way of counting finds what belongs together.
# 4. Show with numbers what counting forgets, and how much of it comes back when pairs of words are counted.

# %% [markdown]
# ## What breaks if we skip this
# Everything later is compared with these rows. An encoder that does not beat TF-IDF on your text is not worth its
# training, and you cannot know whether it does if you never counted.

# %%
import re

import matplotlib.pyplot as plt
import numpy as np

from hornbook.lessons import check, given, hint, predict, text  # noqa: F401 (hint: for when you are stuck)

# %% [markdown]
# ## Worked example: ids and one-hot rows
# Four small texts and their vocabulary. A **one-hot** row has a single 1, in the column of one word.

# %%
sentences = ["the cat chased the dog", "the dog chased the cat", "the cat sat", "stars shine at night"]
vocabulary = sorted({word for sentence in sentences for word in sentence.split()})
ids = [[vocabulary.index(word) for word in sentence.split()] for sentence in sentences]
print(dict(enumerate(vocabulary)))
print(sentences[0], "->", ids[0])
print(np.eye(len(vocabulary), dtype=int)[ids[0]])

# %% [markdown]
# The bag of words is what you get when these rows are added up.

# %% exercise L1.1
def bag(ids, vocab_size):
    """ids (T,) -> (V,): how often each word of the vocabulary occurs."""
    # solution
    return np.eye(vocab_size, dtype=int)[np.asarray(ids, int)].sum(axis=0)
    # end of solution

# %%
check("L1.1", bag)

# %%
bag = given("L1.1", bag)
bags = np.array([bag(row, len(vocabulary)) for row in ids])
fig, axis = plt.subplots(figsize=(7, 2.4))
axis.imshow(bags, cmap="Blues", vmax=4)
axis.set_xticks(range(len(vocabulary)), vocabulary, rotation=45)
axis.set_yticks(range(len(sentences)), sentences)
for (row, column), count in np.ndenumerate(bags):
    axis.text(column, row, count, ha="center", va="center")
plt.tight_layout()
plt.show()

# %% [markdown]
# Look at the first two rows. You may have read that dividing by the length makes `cat` 33 %, `dog` 33 % and `chased` 33
# % of either sentence. That leaves out both *the*; the true shares stand below, and they are equal in both sentences
# too.

# %%
for row, sentence in zip(bags[:2], sentences):
    print(sentence.ljust(24), {word: f"{share:.0%}" for word, share in zip(vocabulary, row / row.sum()) if share})

# %% [markdown]
# ## Two distances
# Before you write them: what will the cosine of the first two sentences be? Note your guess instead of the `...`.

# %%
predict("L1.a", ...)

# %% [markdown]
# Euclid is given. $\cos(a, b) = \frac{a \cdot b}{\lVert a \rVert \, \lVert b \rVert}$ is yours, and the square root.

# %% exercise L1.2
def distances(a, b):
    """Two rows (V,) -> their Euclidean distance and their cosine."""
    squares = ((a - b) ** 2).sum()
    # solution
    euclidean = np.sqrt(squares)
    cosine = (a * b).sum() / (np.sqrt((a * a).sum()) * np.sqrt((b * b).sum()))
    # end of solution
    return euclidean, cosine

# %%
check("L1.2", distances)

# %%
distances = given("L1.2", distances)
for other in 1, 2, 3:
    apart, alike = distances(bags[0], bags[other])
    print(f"{sentences[0]!r} and {sentences[other]!r}: Euclidean {apart:.4f}, cosine {alike:.4f}")
apart, alike = distances(np.array([10, 1]), np.array([200, 1]))
print(f"dog 10, cat 1 and dog 200, cat 1: Euclidean {apart:.1f}, cosine {alike:.4f}")
apart, alike = distances(bags[0], 5 * bags[0])
print(f"the same words, five times over: Euclidean {apart:.4f}, cosine {alike:.4f}")

# %% [markdown]
# Who chased whom is gone: distance 0, cosine 1. And Euclid calls five copies of a sentence far from one copy; the
# cosine does not look at length.
#
# ## What a word is worth
# `the` is in three of our four texts and says little. With $N$ texts, of which $n$ have the word:
# $\text{idf} = \ln\frac{1 + N}{1 + n} + 1$. The ones inside pretend that there is one more text, with every word in it.

# %% exercise L1.3
def idf(n, N):
    """n, in how many of the N documents a word is (a number or an array) -> its inverse document frequency."""
    # solution
    return np.log((1 + N) / (1 + n)) + 1
    # end of solution

# %%
check("L1.3", idf)

# %% [markdown]
# TF-IDF multiplies counts by it, then gives each **row** length 1, so that a dot product of two rows is their cosine.

# %% exercise L1.4
def tfidf(bags):
    """bags (N, V) -> (N, V): count times idf, every row divided by its length."""
    # solution
    weighted = bags * idf((bags > 0).sum(axis=0), len(bags))
    return weighted / np.sqrt((weighted**2).sum(axis=1, keepdims=True))
    # end of solution

# %%
idf = given("L1.3", idf)
check("L1.4", tfidf)

# %%
tfidf = given("L1.4", tfidf)
for word, count, weight in zip(vocabulary, bags[0], tfidf(bags)[0]):
    if count:
        print(f"{word:8} counted {count}, weighs {weight:.4f}")

# %% [markdown]
# ## BM25: enough is enough
# BM25 replaces the count by $\frac{\text{count}}{\text{count} + K}$ with
# $K = k_1 \,(1 - b + b \cdot \frac{\text{length}}{\text{mean length}})$. It rises from 0 towards 1. You write it whole.

# %% exercise L1.5
def saturated(count, relative_length, k1=1.2, b=0.75):
    """A word's count (above 0) in a text of `relative_length` = length / mean length -> what it adds, below 1."""
    # solution
    K = k1 * (1 - b + b * relative_length)
    return count / (count + K)
    # end of solution

# %%
check("L1.5", saturated)

# %%
saturated = given("L1.5", saturated)
times = np.arange(1, 21)
for relative_length in 0.5, 1, 3:
    plt.plot(times, saturated(times, relative_length), "o-", label=f"text of {relative_length} mean lengths")
plt.xlabel("the word occurs so many times")
plt.ylabel("it adds")
plt.legend()
plt.show()

# %% [markdown]
# ## How far does counting get? Half-match
# Cut passages of a book in two. For each first half, sort all second halves by their score: at which place is its own?
# No labels are needed, and an order drawn by lot says what chance reaches. **Mean reciprocal rank** (MRR) is the mean
# of 1 / place. With 200 passages of 60 words, how often will TF-IDF have the right half at place 1? Chance: once in
# 200.

# %%
predict("L1.b", ...)

# %%
words = re.findall(r"[^\W\d_]+", text("frankenstein").lower())
starts = np.linspace(0, len(words) - 60, 200).astype(int)
passages = [words[start : start + 60] for start in starts]
column = {word: i for i, word in enumerate(dict.fromkeys(word for passage in passages for word in passage))}
halves = [passage[:30] for passage in passages] + [passage[30:] for passage in passages]
counted = np.zeros((400, len(column)), int)
for row, half in enumerate(halves):
    np.add.at(counted[row], [column[word] for word in half], 1)
document_frequency = (counted > 0).sum(axis=0)
worth = np.log(1 + (400 - document_frequency + 0.5) / (document_frequency + 0.5))  # BM25's own idf
lengthless = counted / np.sqrt((counted**2).sum(axis=1, keepdims=True))
found_in = np.where(counted > 0, worth * saturated(np.maximum(counted, 1), 1.0), 0)  # all halves are equally long
scores = {
    "counts, Euclidean": -((counted[:200, None] - counted[None, 200:]) ** 2).sum(axis=2),
    "counts, cosine": lengthless[:200] @ lengthless[200:].T,
    "TF-IDF": tfidf(counted)[:200] @ tfidf(counted)[200:].T,
    "BM25": counted[:200] @ found_in[200:].T,
}

# %%
from hornbook.reference.metrics import mrr, place_of

results = {"chance": (1 / np.arange(1, 201)).mean()}
for name, score in scores.items():
    places = place_of(score, np.arange(200))
    results[name] = mrr(places)
    print(f"{name:18} MRR {results[name]:.3f}, {(places == 1).sum():3} of 200 at place 1")
plt.barh(list(results), list(results.values()))
plt.xlabel("MRR on 200 passages (higher is better)")
plt.tight_layout()
plt.show()

# %% [markdown]
# On *Frankenstein* this cell gave 0.029 for chance, 0.057 for the distance of plain counts, 0.110 for TF-IDF and 0.121
# for BM25: what words are worth does most of the work. All of it is far from 1, for thirty words of one novel share few
# rare words with the thirty that follow.
#
# ## Bringing order back
# Does it take a neural network to tell *the cat chased the dog* from *the dog chased the cat*? No: count **pairs of
# neighbours**. The whole function is yours.

# %% exercise L1.6
def pairs(ids, vocab_size):
    """ids (T,) -> (V, V): how often the word of the row is followed by the word of the column."""
    # solution
    table = np.zeros((vocab_size, vocab_size), int)
    for i in range(len(ids) - 1):
        table[ids[i], ids[i + 1]] += 1
    return table
    # end of solution

# %%
check("L1.6", pairs)

# %%
pairs = given("L1.6", pairs)
one, other = (pairs(row, len(vocabulary)) for row in ids[:2])
apart, alike = distances(one.ravel(), other.ravel())
print(f"pairs: Euclidean {apart:.4f}, cosine {alike:.4f}")
print(f"but a row is now {one.size} numbers for {len(vocabulary)} words; for 30,000 words it would be {30_000**2:,}.")

# %% [markdown]
# So counts *can* hold order. What they cannot do is share what they learn: *feline* and *cat* remain two columns that
# have nothing in common, and a table of pairs is almost all zeros. That is what the next rungs are for.
#
# ## Where this stands elsewhere
# * Library: `hornbook/reference/counts.py` and `distances.py`; the measure is `hornbook/half_match.py`.
# * Page: section *meaning* draws cosines of words. Film: step 1 (the problem) and step 10 (the measures).
# * Command: `hornbook ladder frankenstein` runs half-match for every rung on a text.
#
# ## Reflection prompts
# * Which of your own texts would count as far apart although they mean the same?
# * Half-match needs no labels. What might it reward that you do not want?
# * In one breath: what does IDF know that the counts do not?
#
# ## Next
# 02: LSA and LDA. Two ways to fold 30,000 columns into a few, and why they do not find the same thing.
