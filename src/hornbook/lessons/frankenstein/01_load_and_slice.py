"""Frankenstein 01: load the text, take the publisher's wrapper off, hold a part back, count."""
# %% [markdown]
# # 01: Load and slice the text
#
# A model can be no better than the text it is given. You read a book as bytes, make it a clean string, hold a
# tenth back, and count what is there. Five short functions. The cells together take less than 1 s of one
# processor core.

# %% [markdown]
# ## Concept primer
#
# A file is a row of **bytes**, numbers from 0 to 255. A **string** is a row of characters. An *encoding* is the
# table between the two; nearly every text today is in UTF-8, where an English letter is one byte and a long dash
# three.
#
# Project Gutenberg wraps its books: a header before, a licence after, with a line of stars at each border. That
# is not Mary Shelley's, and should not be learnt.
#
# And a tenth of the text is **held out**: the model never trains on it, so its score there shows what it has
# learnt rather than what it has memorised.

# %% [markdown]
# ## Objectives
#
# Afterwards you can
#
# * read a text file without damaging its characters,
# * strip what is not part of the text, and say why it matters,
# * hold out text so that a score means something,
# * count characters so that anyone gets the same list,
# * say what a model must beat before it knows anything about order.

# %% [markdown]
# ## What breaks if we skip this
#
# A wrong encoding adds ghost characters to the vocabulary. A licence left in is learnt by heart and comes out
# again in the middle of a sentence. And a model judged on the text it trained on looks brilliant until the day it
# is used.

# %%
from collections import Counter

import matplotlib.pyplot as plt

from hornbook.lessons import check, given, hint, predict, text  # noqa: F401 (hint: for when you are stuck)

# %% [markdown]
# ## Worked example: bytes
#
# Here is the date of the novel's first letter, as bytes. The dash is the part that does not look like itself.

# %%
raw = "Dec. 11th, 17—".encode()
print(raw)
print(len(raw), "bytes,", len(raw.decode("utf-8")), "characters")

# %% [markdown]
# Predict before you run the next cell: how many characters come out if these bytes are read with the wrong table,
# Latin-1, where every byte is one character?

# %%
predict("01.a", ...)

# %%
wrong = raw.decode("latin-1")
print(len(wrong), repr(wrong))

# %% [markdown]
# No error, no warning, just three ghosts where a dash was. Some files also begin with a *byte order mark*, an
# invisible character `\ufeff` that says "this is UTF-8". Gutenberg's *Frankenstein* does.

# %% exercise 01.1
def decode(raw):
    """The bytes of a UTF-8 file, with or without a byte order mark -> its text, without it."""
    # solution
    return raw.decode("utf-8-sig")
    # end of solution

# %%
check("01.1", decode)
decode = given("01.1", decode)

# %% [markdown]
# ## Taking the wrapper off
#
# hornbook's copy of the book comes clean. To practise on, we put a short header and a short licence around it,
# with Gutenberg's own border lines between, and make a file of it: bytes, byte order mark and all.

# %%
START = "*** START OF THE PROJECT GUTENBERG EBOOK FRANKENSTEIN ***"
END = "*** END OF THE PROJECT GUTENBERG EBOOK FRANKENSTEIN ***"

clean = text("frankenstein").strip("\n") + "\n"
file = f"\ufeffTitle: Frankenstein\n\n{START}\n\n\n{clean}\n\n{END}\n\nThis eBook is for the use of anyone.\n".encode()
wrapped = decode(file)
print(f"{len(file):,} bytes, {len(wrapped):,} characters")
print(wrapped[:120])

# %% [markdown]
# `find` gives the place where a piece of text begins, and -1 where it is not to be found. Mind the -1: as a slice
# it means "the last character", and raises no error at all.

# %%
print(wrapped.find(START), wrapped.find("*** NOWHERE ***"), repr("abc"[-1:]))

# %% exercise 01.2
def strip_gutenberg(text):
    """The book between START and END, without blank lines at its ends, closed by one line break."""
    start, end = text.find(START), text.find(END)
    # solution
    if start < 0:
        return text
    return text[start + len(START) : end].strip("\n") + "\n"
    # end of solution

# %%
check("01.2", strip_gutenberg)
strip_gutenberg = given("01.2", strip_gutenberg)
book = strip_gutenberg(wrapped)
print("the clean book again:", book == clean)

# %% [markdown]
# ## Slicing
#
# A string is sliced like a list. Two slices that meet at one place lose nothing and repeat nothing.

# %%
middle = len(book) // 2
print(repr(book[middle : middle + 60]))
print(book[:middle] + book[middle:] == book)

# %% exercise 01.3
def split(text):
    """The first nine tenths of a text, to learn from, and the rest, to be judged on."""
    # solution
    where = len(text) * 9 // 10
    return text[:where], text[where:]
    # end of solution

# %%
check("01.3", split)
split = given("01.3", split)
train, validation = split(book)
print(f"{len(train):,} characters to learn from, {len(validation):,} held out")
print("the held-out part begins:", repr(validation[:60]))

# %% [markdown]
# ## Counting
#
# Which character is the most frequent of all? Write your guess down before you count.

# %%
predict("01.b", ...)

# %% exercise 01.4
def most_common(text, n):
    """The n most frequent characters as pairs (character, count); equal counts in the order of the alphabet."""
    counts = Counter(text)
    # solution
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:n]
    # end of solution

# %%
check("01.4", most_common)
most_common = given("01.4", most_common)
top = most_common(train, 30)
print(top[:5], "…")

fig, ax = plt.subplots(figsize=(9, 2.8))
names = [character.replace(" ", "␣").replace("\n", "↵") for character, _ in top]
ax.bar(names, [100 * count / len(train) for _, count in top])
ax.set(ylabel="per cent of all characters", title="the 30 most frequent characters")
plt.show()

# %% [markdown]
# The bars are far from equal, and that alone is worth something. To write down one character out of `V` equally
# likely ones costs $\log_2 V$ bits. With unequal ones, a character of probability $p$ costs $-\log_2 p$ bits:
# little for the frequent, much for the rare. The average price is
#
# $$-\sum_c p_c \log_2 p_c .$$

# %% exercise 01.5
def bits(counts):
    """Counts by character -> bits per character of a model that knows only these frequencies."""
    # solution
    from math import log2

    total = sum(counts.values())
    return -sum(count / total * log2(count / total) for count in counts.values())
    # end of solution

# %%
check("01.5", bits)
bits = given("01.5", bits)
all_equal = bits(dict.fromkeys(book, 1))
print(f"all equally likely {all_equal:.3f}; by their frequencies {bits(Counter(book)):.3f} bits per character")

# %% [markdown]
# That is the first bar. Everything the LSTM gains beyond it, it gains from *order*.

# %% [markdown]
# ## Where this stands elsewhere
#
# * In the page: section *tokenizer* shows a name's letters and their ids, *training* the loss beside that of guessing
#   and of counting.
# * In the film: step 2 (raw text), step 6 (the loss), step 9 (validation).
# * In the library: `hornbook/cleaning.py` strips the wrapper of any Gutenberg book, `hornbook/corpus.py` splits.
#   `hornbook train frankenstein --model unigram` is the model of the last exercise.

# %% [markdown]
# ## Reflection prompts
#
# 1. The held-out text is the *end* of the novel. What might be unlike the rest there? Would you rather hold out
#    something else?
# 2. Should capital letters be kept? What would the model gain from losing them, and what would its text lose?

# %% [markdown]
# ## Next
#
# **02: Vocabulary and ids.** A network cannot read letters. It gets numbers.
