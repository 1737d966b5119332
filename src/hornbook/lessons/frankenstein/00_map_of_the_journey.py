"""Frankenstein 00: map of the journey, all ten steps from a text to a text of one's own, with their real shapes."""
# %% [markdown]
# # 00: Map of the journey
#
# In eight short notebooks you build a program that reads *Frankenstein* letter by letter and then writes on in
# its manner. This one is the map: all ten steps, run once, with the real shape of everything. You write four tiny
# functions. The cells together take about 1 s of one processor core; the rest of the time is yours.

# %% [markdown]
# ## Concept primer
#
# A **character-level language model** answers one question, over and over: *given the characters so far, which
# comes next?* Show it `You will rejoice to hea`, and it should bet on `r`.
#
# Why characters? There are only some 75 different ones in the book, against thousands of different words. There
# is no word list to argue about, and no word that is unknown.
#
# An **LSTM** (long short-term memory) reads one character at a time and carries two lists of numbers along: the
# **cell** `c`, which it keeps, and the **hidden state** `h`, which it shows. Three gates, each a number between 0
# and 1 computed *anew at every character*, decide what happens to the cell:
#
# * the **forget gate**: how much of the old cell stays,
# * the **input gate**: how much of the new candidate comes in,
# * the **output gate**: how much of the cell is shown.

# %% [markdown]
# ## Objectives
#
# Afterwards you can
#
# * narrate the ten steps in 90 seconds,
# * say why labels are the features shifted by one,
# * name the shape of every number between ids and logits,
# * say why logits are reshaped to `[B*T, V]` before the loss,
# * tell from the very first loss whether a model is wired up rightly.

# %% [markdown]
# ## What breaks if we skip this
#
# Nothing crashes, and that is the trouble. A model whose labels are not shifted reaches a loss near zero, and can
# only repeat what it has just read. A reshape that mixes up the axes trains happily on the wrong answers. Who
# knows the shapes sees it in the first minute.

# %%
import matplotlib.pyplot as plt
import numpy as np

from hornbook.lessons import check, given, hint, predict, text  # noqa: F401 (hint: for when you are stuck)

# %% [markdown]
# ## The ten steps, once
#
# Letters stand for sizes throughout the course: `B` windows in a batch, `T` characters in a window, `E` numbers
# for a character, `H` numbers of memory, `V` characters in the vocabulary.

# %%
B, T, E, H = 36, 48, 48, 96

book = text("frankenstein")                                        # 1 load
characters = list(book)                                            # 2 tokenize: a token is a character
vocabulary = sorted(set(characters))                               # 3 the vocabulary and its two tables
c2ix = {character: i for i, character in enumerate(vocabulary)}
ix2c = dict(enumerate(vocabulary))
ids = np.array([c2ix[character] for character in characters])      # 4 ids
V = len(vocabulary)

print(f"{len(book):,} characters, {V} different ones")
first = max(0, book.find("You will rejoice"))
print(repr(book[first : first + 24]), "->", ids[first : first + 24])

# %% [markdown]
# The model never sees a letter, only these numbers. `c2ix` leads in, `ix2c` leads out.
#
# Now the text is cut into windows. Look at the two rows of the picture: the lower row is the upper one, moved one
# place to the left. Under each character stands the one that follows it.

# %%
starts = first + T * np.arange(B)
windows = ids[starts[:, None] + np.arange(T + 1)]                  # 5 windows of T + 1 characters
features, labels = windows[:, :-1], windows[:, 1:]                 # 6 a batch
print("features", features.shape, " labels", labels.shape)

shown = 16
fig, ax = plt.subplots(figsize=(9, 1.8))
for row, (name, part) in enumerate((("features", features), ("labels", labels))):
    ax.text(-1, -row, name, ha="right", va="center")
    for t in range(shown):
        letter = ix2c[part[0, t]].replace(" ", "␣").replace("\n", "↵")
        ax.text(t, -row, letter, ha="center", va="center", fontsize=14, family="monospace")
        if row == 0:
            ax.annotate("", (t, -0.75), (t, -0.25), arrowprops={"arrowstyle": "->", "color": "tab:blue"})
ax.set(xlim=(-4, shown), ylim=(-1.5, 0.6), title="one question at every position")
ax.axis("off")
plt.show()

# %% [markdown]
# Steps 7, 8 and 9 are the model, the loss and one step of training. Here hornbook's readable LSTM does them
# (plain NumPy, `hornbook/reference/lstm.py`). It is new: its weights are random.
#
# Predict before you run: what will its loss be, in nats? Any reasoned guess is good. Replace the `...`.

# %%
predict("00.a", ...)

# %%
from hornbook.reference import lstm, optim
from hornbook.trace import Trace

config = lstm.Config(vocab_size=V, embedding_dim=E, hidden_size=H)
params = lstm.init(config, np.random.default_rng(0))
with Trace() as trace:                                             # keeps every number by its name
    logits = lstm.forward(params, features, config)                # 7 model
    loss = lstm.loss(logits, labels)                               # 8 loss
print("embedded", trace["embed"].shape)
print("hidden  ", trace["layers.0.hidden"].shape)
print("logits  ", logits.shape)
print(f"loss     {loss:.4f} nats;  ln {V} = {np.log(V):.4f}")

# %%
gradients = lstm.backward(params, trace, config)
params = optim.update(optim.adam, params, gradients, {}, lr=0.01)  # 9 one step of training
print(f"the same batch after one step: {lstm.loss(lstm.forward(params, features, config), labels):.4f} nats")

# %% [markdown]
# One step, and the loss has already gone down. Step 10 is generation: draw a character from the model's
# probabilities, feed it back in, repeat. After a single step of training it is still gibberish; in notebook 06 it
# will not be.

# %%
rng, written, state = np.random.default_rng(0), list(ids[first : first + 24]), None
for _ in range(40):                                                # 10 generation
    scores = lstm.forward(params, np.array([written[-T:]]), config)[0, -1]
    probabilities = np.exp(scores - scores.max())
    written.append(rng.choice(V, p=probabilities / probabilities.sum()))
print(repr("".join(ix2c[i] for i in written)))

# %% [markdown]
# That was all of it. The rest of the course takes these forty lines apart, one at a time.

# %% [markdown]
# ## Exercises
#
# Fill in what stands as `...`, run the cell, then the check below it. A check says PASS, TODO or FAIL; a FAIL
# shows your answer beside the right one.

# %% exercise 00.1
def features_and_labels(text):
    """A text of n characters -> (features, labels), two strings of n - 1 characters."""
    # solution
    return text[:-1], text[1:]
    # end of solution

# %%
check("00.1", features_and_labels)

# %% exercise 00.2
def shapes(B, T, E, H, V):
    """The shapes of features, embedded features, hidden states and logits: four tuples."""
    features = (B, T)
    # solution
    embedded, hidden, logits = (B, T, E), (B, T, H), (B, T, V)
    return features, embedded, hidden, logits
    # end of solution

# %%
check("00.2", shapes)

# %% exercise 00.3
def for_the_loss(logits, labels):
    """logits (B, T, V), labels (B, T) -> (B*T, V), (B*T)."""
    # solution
    B, T, V = logits.shape
    return logits.reshape(B * T, V), labels.reshape(B * T)
    # end of solution

# %%
check("00.3", for_the_loss)

# %% [markdown]
# The last one explains the loss you saw above. A model that knows nothing gives each of the `V` characters the
# probability `1/V`. The loss is $-\ln p$ of the character that really came.

# %% exercise 00.4
def guessing_loss(V):
    """The loss in nats of a model that finds all V characters equally likely."""
    # solution
    return np.log(V)
    # end of solution

# %%
check("00.4", guessing_loss)
guessing_loss = given("00.4", guessing_loss)
print(f"pure guessing {guessing_loss(V):.4f}; our new model {loss:.4f} nats")

# %% [markdown]
# ## Where this stands elsewhere
#
# * In the interactive page (`hornbook guide`): section *architecture* shows each number between ids and logits
#   of a small GPT, *training* the loss.
# * In the film: step 4 (the forward pass), step 5 (the task), step 6 (the loss).
# * In the library: `hornbook/training/tokens.py` cuts the windows, `hornbook/reference/lstm.py` is the model.

# %% [markdown]
# ## Reflection prompts
#
# Write a sentence for each, here, before you go on. You will meet them again in notebook 99.
#
# 1. In your own words: what is a *hidden state*?
# 2. Why might a model carry two lists, `h` and `c`, and not one?
# 3. While training, the next input is the *real* next character. While generating it is the one just drawn. What
#    could go wrong in the second case that cannot in the first?

# %% [markdown]
# ## Next
#
# **01: Load and slice the text.** Everything starts with reading a file properly.
