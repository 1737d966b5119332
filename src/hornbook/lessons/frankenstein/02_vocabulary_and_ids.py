"""Frankenstein 02: the vocabulary, its two tables c2ix and ix2c, encoding, decoding, and characters never seen."""
# %% [markdown]
# # 02: Vocabulary and ids
#
# A network multiplies numbers; it has never seen a letter. You give every character of the book a number, and a
# way back. Five very short functions. The cells together take less than 1 s of one processor core.

# %% [markdown]
# ## Concept primer
#
# A **token** is the smallest thing a model reads; here it is a character. The **vocabulary** is the list of all
# tokens. A token's place in that list is its **id**.
#
# Two tables lead to and fro: `c2ix` from a character to its id (*encoding*), `ix2c` from an id to its character
# (*decoding*). You need both: the first to let the model read, the second to read what it writes.
#
# An id is a name, not a quantity. That `b` is 1 more than `a` means nothing. What a character is *like* will be
# learnt later: its id picks a row of a matrix, the embedding, and the row is trained.

# %% [markdown]
# ## Objectives
#
# Afterwards you can
#
# * build a vocabulary that is the same on every machine,
# * say why both `c2ix` and `ix2c` are needed,
# * turn a text into ids and back, and test it by a round trip,
# * say what a model does with a character it has never seen.

# %% [markdown]
# ## What breaks if we skip this
#
# Leave the vocabulary unsorted, and Python may number it differently in the next run. You load yesterday's
# weights, and the model that wrote English now writes noise, with no error anywhere.

# %%
import matplotlib.pyplot as plt

from hornbook.lessons import check, given, hint, predict, text  # noqa: F401 (hint: for when you are stuck)

book = text("frankenstein")
print(f"{len(book):,} characters")

# %% [markdown]
# ## Worked example: a vocabulary of one line
#
# A `set` keeps one of each, but promises no order. `sorted` gives it one: that of Unicode's numbers, so blanks
# come before capital letters, capital letters before small ones, accents last.

# %%
line = "It was on a dreary night of November"
print(sorted(set(line)))

# %% [markdown]
# Predict before you run on: how many *different* characters does the whole book use? (26 letters, twice, and
# then?)

# %%
predict("02.a", ...)

# %% exercise 02.1
def vocabulary(text):
    """Every character of a text once, sorted, as a list."""
    # solution
    return sorted(set(text))
    # end of solution

# %%
check("02.1", vocabulary)
vocabulary = given("02.1", vocabulary)
characters = vocabulary(book)
print(len(characters), "different characters:")
print(repr("".join(characters)))

# %% [markdown]
# ## Two tables
#
# `enumerate` counts while it goes. One table can be had from the other by turning every pair round:

# %%
small = dict(enumerate("xyz"))
print(small, "and turned round", {letter: i for i, letter in small.items()})

# %% exercise 02.2
def tables(characters):
    """A vocabulary (a list) -> (c2ix, ix2c): from a character to its id, from an id to its character."""
    # solution
    ix2c = dict(enumerate(characters))
    c2ix = {character: i for i, character in ix2c.items()}
    return c2ix, ix2c
    # end of solution

# %%
check("02.2", tables)
tables = given("02.2", tables)
c2ix, ix2c = tables(characters)
print({character: c2ix[character] for character in " .Ie" if character in c2ix})

# %% [markdown]
# ## There and back again

# %% exercise 02.3
def encode(text, c2ix):
    """The id of each character of a text, as a list."""
    # solution
    return [c2ix[character] for character in text]
    # end of solution

# %%
check("02.3", encode)

# %% exercise 02.4
def decode(ids, ix2c):
    """The text of a list of ids."""
    # solution
    return "".join(ix2c[i] for i in ids)
    # end of solution

# %%
check("02.4", decode)

# %% [markdown]
# The round trip over the whole book is the proof:

# %%
encode, decode = given("02.3", encode), given("02.4", decode)
ids = encode(book, c2ix)
print("all the way there and back:", decode(ids, ix2c) == book)

# %% [markdown]
# And this is what the model will see of a passage. Every dot is a character, its height the id. The small letters
# form the broad band, the blanks the line at the bottom: words are what stands between two dips.

# %%
first = len(book) // 3
passage = ids[first : first + 90]
fig, ax = plt.subplots(figsize=(10, 2.8))
ax.plot(passage, color="lightgrey", linewidth=0.8)
ax.scatter(range(len(passage)), passage, s=14, color="tab:blue")
for t, i in enumerate(passage):
    ax.text(t, i + 3, ix2c[i].replace("\n", "↵"), ha="center", fontsize=7)
ax.set(xlabel="character", ylabel="id", ylim=(-3, len(characters) + 6))
plt.show()

# %% [markdown]
# ## Characters never seen
#
# Somebody prompts your model with a character that is not in the book. Plain encoding stops with a `KeyError`,
# which is at least honest:

# %%
try:
    encode("a ☃ in the ice", c2ix)
except KeyError as error:
    print("KeyError:", error)

# %% [markdown]
# The usual way out: one more id, `unknown`, for everything the vocabulary does not have.

# %% exercise 02.5
def encode_any(text, c2ix, unknown):
    """The id of each character of a text; `unknown` for a character that c2ix does not have."""
    # solution
    return [c2ix.get(character, unknown) for character in text]
    # end of solution

# %%
check("02.5", encode_any)
encode_any = given("02.5", encode_any)
print(encode_any("a ☃ in the ice", c2ix, unknown=len(c2ix)))

# %% [markdown]
# ## Where this stands elsewhere
#
# * In the page: section *tokenizer*; type a name and watch its ids.
# * In the film: step 2 (text to tokens), step 3 (an id picks a row of the embedding).
# * In the library: `hornbook/tokenizer.py`; kind `characters` is what you have just written, with `<UNK>` among
#   its special tokens. `hornbook tokenize` shows it in the terminal.

# %% [markdown]
# ## Reflection prompts
#
# 1. Why is it harmless that `q` and `r` have neighbouring ids, though they have little in common?
# 2. A word-level vocabulary of this book would be far larger, its texts far shorter. What would get easier, what
#    harder?
# 3. If the vocabulary is made from the training part only, some held-out character may be unknown. Would you
#    rather make it from the whole book? What speaks against it?

# %% [markdown]
# ## Next
#
# **03: Dataset and batches.** One list of 400,000 numbers is not yet a lesson. It becomes one when it is cut into
# questions and answers.
