"""Frankenstein 04: the LSTM, gate by gate in NumPy, then the same in PyTorch with embedding and head, and its size."""
# %% [markdown]
# # 04: The LSTM
#
# You write an LSTM by hand, in a dozen lines of NumPy, and then the same in PyTorch, and see that the two give the
# same numbers. Five functions and one class. The cells together take about 7 s of one processor core, half of it for
# training a small model whose gates you will look at. Needs PyTorch.

# %% [markdown]
# ## Concept primer
#
# The LSTM reads one character after the other. It carries two lists of `H` numbers: the **cell** $c$, its memory, and
# the **hidden state** $h$, what it shows of it. For each character, with the vector $x$, it computes four lists at
# once:
#
# $$z = W_x x + W_h h + b$$
#
# cut into four blocks of `H`, in PyTorch's order **i, f, g, o**, and squashed:
#
# $$i = \sigma(z_i) \quad f = \sigma(z_f) \quad g = \tanh(z_g) \quad o = \sigma(z_o)$$
#
# * $i$, the **input gate**: how much of the candidate comes in,
# * $f$, the **forget gate**: how much of the old cell stays,
# * $g$, the **candidate**: what might come in,
# * $o$, the **output gate**: how much of the cell is shown.
#
# $$c \leftarrow f \cdot c + i \cdot g \qquad h \leftarrow o \cdot \tanh(c)$$
#
# Gates are no fixed weights. They are computed anew at every character, from it and from what was read before.

# %% [markdown]
# ## Objectives
#
# Afterwards you can
#
# * describe the three gates and what each is for,
# * say why an LSTM has both `h` and `c`,
# * write a step and a whole sequence by hand,
# * build the character model in PyTorch, and count its parameters.

# %% [markdown]
# ## What breaks if we skip this
#
# The order of the blocks is a convention, and conventions differ: read weights saved as i, f, g, o as f, i, g, o, and
# every shape fits, nothing is raised, and the model has lost its mind. Who has once written the step knows where to
# look.

# %%
import matplotlib.pyplot as plt
import numpy as np

from hornbook.lessons import check, given, hint, needs, predict, text  # noqa: F401 (hint: for when you are stuck)

needs("torch")
import torch
from torch import nn

torch.set_num_threads(1)
B, T, E, H = 36, 48, 48, 96


def sigmoid(z):
    """Squash any number into (0, 1); written with tanh, so that nothing can overflow."""
    return 0.5 * (1 + np.tanh(0.5 * z))


z = np.linspace(-6, 6, 200)
fig, ax = plt.subplots(figsize=(6, 2.4))
ax.plot(z, sigmoid(z), label="sigmoid: a gate, 0 to 1")
ax.plot(z, np.tanh(z), label="tanh: a candidate, -1 to 1")
ax.legend()
plt.show()

# %% [markdown]
# ## Worked example: one gate
#
# Take one text and `H = 2`, so `z` has 8 numbers: two for each of i, f, g, o. The input gate is the sigmoid of the
# first block.

# %%
z = np.array([[2.0, -2.0, 0.0, 4.0, 1.0, -1.0, 3.0, -3.0]])
print("i =", sigmoid(z[:, 0:2]))

# %% [markdown]
# The first cell lets 0.88 of its candidate in, the second 0.12. Predict the forget gate of the first cell: which
# number of `z` is it made of, and what is the sigmoid of that?

# %%
predict("04.a", ...)

# %% exercise 04.1
def gates(z):
    """The sums z (B, 4H), blocks in the order i, f, g, o -> i, f, g, o, each (B, H)."""
    H = z.shape[1] // 4
    i = sigmoid(z[:, 0:H])
    g = np.tanh(z[:, 2 * H : 3 * H])
    # solution
    f = sigmoid(z[:, H : 2 * H])
    o = sigmoid(z[:, 3 * H :])
    return i, f, g, o
    # end of solution

# %%
check("04.1", gates)
gates = given("04.1", gates)
for name, value in zip("ifgo", gates(z)):
    print(name, value.round(3))

# %% [markdown]
# ## The update
#
# Suppose the cell held 1.5, the forget gate says 0.5, the input gate 0.88 and the candidate is 0.76. Then it holds
# `0.5 * 1.5 + 0.88 * 0.76 = 1.42` afterwards: half of the old, most of the new.

# %% exercise 04.2
def update(i, f, g, o, cell):
    """Gates, candidate and the old cell, each (B, H) -> the new hidden state and the new cell, each (B, H)."""
    # solution
    cell = f * cell + i * g
    return o * np.tanh(cell), cell
    # end of solution

# %%
check("04.2", update)
update = given("04.2", update)
print(update(*gates(z), cell=np.array([[1.5, 1.5]])))

# %% [markdown]
# ## One step, all of it
#
# Nothing is given now but the shapes. PyTorch keeps weights as (out, in), so `x` is multiplied by the transpose.

# %% exercise 04.3
def lstm_step(x, hidden, cell, w_x, w_h, b):
    """Read one character: x (B, E), hidden and cell (B, H); w_x (4H, E), w_h (4H, H), b (4H) -> hidden, cell (B, H)."""
    # solution
    z = x @ w_x.T + hidden @ w_h.T + b
    return update(*gates(z), cell)
    # end of solution

# %%
check("04.3", lstm_step)
lstm_step = given("04.3", lstm_step)

# %% [markdown]
# ## A whole sequence
#
# The same step, with the same weights, for one character after another. What a step returns, the next one starts from.

# %% exercise 04.4
def lstm(x, hidden, cell, w_x, w_h, b):
    """Read x (B, T, E) from the state hidden, cell (B, H) -> all hidden states (B, T, H), last hidden, last cell."""
    # solution
    seen = []
    for t in range(x.shape[1]):
        hidden, cell = lstm_step(x[:, t], hidden, cell, w_x, w_h, b)
        seen.append(hidden)
    return np.stack(seen, axis=1), hidden, cell
    # end of solution

# %%
check("04.4", lstm)
lstm = given("04.4", lstm)

# %% [markdown]
# ## The same in PyTorch
#
# `nn.LSTM` runs that loop in C++. It has a habit to know: two biases, one beside each matrix, where one would do.
# Their sum is your `b`. Here is the proof that it is the same LSTM, on random numbers:

# %%
torch.manual_seed(0)
theirs = nn.LSTM(E, H, batch_first=True).double()
x, start = torch.randn(B, T, E, dtype=torch.float64), np.zeros((B, H))
w_x, w_h, b_ih, b_hh = (weight.detach().numpy() for weight in theirs.parameters())
ours, _, _ = lstm(x.numpy(), start, start, w_x, w_h, b_ih + b_hh)
print("largest difference:", np.abs(ours - theirs(x)[0].detach().numpy()).max())

# %% [markdown]
# Now the model: an **embedding** (a row of `E` numbers for each id), the LSTM, and a **head** that turns each hidden
# state into `V` scores, the *logits*.

# %% exercise 04.5
class CharLSTM(nn.Module):
    """ids (B, T), and the state to begin from -> logits (B, T, V), and the state to go on from."""

    def __init__(self, V, E, H):
        super().__init__()
        self.embed = nn.Embedding(V, E)
        # solution
        self.lstm = nn.LSTM(E, H, batch_first=True)
        self.head = nn.Linear(H, V)
        # end of solution

    def forward(self, ids, state=None):
        # solution
        hidden, state = self.lstm(self.embed(ids), state)
        return self.head(hidden), state
        # end of solution

# %%
check("04.5", CharLSTM)
CharLSTM = given("04.5", CharLSTM)

# %% [markdown]
# Predict: which of the three parts (embedding, LSTM, head) has the most parameters, and how many has the model in all,
# to the nearest ten thousand?

# %%
predict("04.b", ...)

# %%
book = text("frankenstein")
characters = sorted(set(book))
V = len(characters)
model = CharLSTM(V, E, H)
for name, parameter in model.named_parameters():
    print(f"{name:18} {tuple(parameter.shape)!s:12} {parameter.numel():7,}")

# %% exercise 04.6
def n_parameters(V, E, H):
    """How many parameters CharLSTM(V, E, H) has."""
    # solution
    embedding = V * E
    lstm = 4 * H * (E + H + 2)
    head = V * H + V
    return embedding + lstm + head
    # end of solution

# %%
check("04.6", n_parameters)
n_parameters = given("04.6", n_parameters)
print(f"{n_parameters(V, E, H):,} by your formula, {sum(p.numel() for p in model.parameters()):,} in the model")

# %% [markdown]
# ## Gates at work
#
# What do gates do in a model that has learnt something? hornbook's LSTM (the same one, with one bias) trains for 120
# steps and then shows the forget gate of every cell at every character. Blue: forget. Yellow: keep. The cells are
# sorted by what they do at blanks.

# %%
import hornbook
from hornbook.corpus import Corpus

trained = hornbook.LanguageModel.train(Corpus("book", [book]), "lstm", settings={"max_steps": 120, "threads": 1})
first = max(0, book.find("You will rejoice"))
passage = book[first : first + 60]
forget = trained.trace(passage)["layers.0.gates.forget"][0, 1:]  # (characters but the last, H), without <BOS>
letters = passage[: len(forget)]

# %%
at_blank = np.array([letter == " " for letter in letters])
order = np.argsort(forget[at_blank].mean(axis=0) - forget[~at_blank].mean(axis=0))
fig, ax = plt.subplots(figsize=(10, 3.8))
shown = ax.imshow(forget[:, order].T, aspect="auto", cmap="viridis", vmin=0, vmax=1)
ax.set_xticks(range(len(letters)), [letter.replace(" ", "␣") for letter in letters], fontsize=8)
ax.set(ylabel="cell, sorted", title="forget gate at every character")
fig.colorbar(shown, label="how much stays")
plt.show()

keep = forget[:, order[0]]
print(f"the top cell keeps {keep[at_blank].mean():.2f} of itself at a blank, {keep[~at_blank].mean():.2f} elsewhere")

# %% [markdown]
# Some cells are wiped at every blank: they remember the *word so far*. Others do the opposite. Nobody told them what a
# word is.

# %% [markdown]
# ## Where this stands elsewhere
#
# * In the page and the film there is a small GPT in its place: section *architecture* walks through its numbers one by
#   one, *parameters* counts them; step 4 is the forward pass, step 11 the whole code.
# * In the library: `hornbook/reference/lstm.py` is your step with its way back, `hornbook/fast/lstm.py` the one in
#   PyTorch. `hornbook explain` shows gates, cell and hidden state of any trained model.

# %% [markdown]
# ## Reflection prompts
#
# 1. Set $f = 1$ and $i = 0$ for a while in your mind. What happens to the cell? What does the hidden state do
#    meanwhile?
# 2. Why does the model carry `h` *and* `c`? Which of them goes through a matrix at every character, which does not?
# 3. The state has 96 numbers, whatever was read. What must be lost?

# %% [markdown]
# ## Next
#
# **05: Training.** Sixty-odd thousand numbers, all of them random so far. Take your `CharLSTM` along: put in place of
# the course's class there, and in 06 and 99, it is yours that is trained and that writes.
