"""Frankenstein 05: the loss over [B*T, V], the loop, bits per character beside counting, overfitting, gradients."""
# %% [markdown]
# # 05: Training
#
# You write the loss and the five lines that train every network there is, let them run, and then judge the result
# without mercy: against counting, on text it has not seen. Five functions. The cells together take about 9 s of one
# processor core. Needs PyTorch.

# %% [markdown]
# ## Concept primer
#
# **Training** is: let the model predict, measure how surprised it was by what came (the *loss*), ask of every
# parameter which way it would have lowered that surprise (the *gradient*, by `backward`), and move all of them a
# little that way (the *optimizer's step*). Then again, with another batch.
#
# While training, the model always reads the *real* text, whatever it would have guessed itself. That is called
# **teacher forcing**. It makes all `T` positions of a window trainable at once. The loss is measured in **nats**.
# Divided by $\ln 2$ it is in **bits per character**: how many yes-or-no answers it takes, on average, to tell the model
# the next character.

# %% [markdown]
# ## Objectives
#
# Afterwards you can
#
# * compute the loss by hand, and say why torch needs it as `[B*T, V]`,
# * state a model's quality in bits per character, beside what counting reaches,
# * write a training step, and say what each of its lines is for,
# * recognise overfitting in a curve,
# * say how far back in the text a prediction can teach anything.

# %% [markdown]
# ## What breaks if we skip this
#
# Forget `zero_grad`, and old gradients pile up on new ones. Take the softmax along the wrong axis, and 36 unrelated
# windows compete with each other. Nothing crashes; the curve just looks disappointing.

# %%
import matplotlib.pyplot as plt
import numpy as np

from hornbook.lessons import check, given, hint, needs, predict, text  # noqa: F401 (hint: for when you are stuck)

needs("torch")
import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)
B, T, E, H = 36, 48, 48, 96
book = text("frankenstein")
characters = sorted(set(book))
V = len(characters)
c2ix = {character: i for i, character in enumerate(characters)}
ids = torch.tensor([c2ix[character] for character in book])
train, validation = ids[: len(ids) * 9 // 10], ids[len(ids) * 9 // 10 :]

# %% [markdown]
# ## Worked example: softmax and loss
#
# Seven scores; the sixth is the right one. The **softmax** makes them positive and lets them sum to 1.

# %%
scores = np.array([0.1, 0.3, 0.8, 0.2, 0.1, 2.1, 0.4])
powers = np.exp(scores - scores.max())  # minus the maximum: changes nothing below, and cannot overflow
probabilities = powers / powers.sum()
print(probabilities.round(3), "sum", probabilities.sum().round(3))

# %% [markdown]
# The sixth gets about a half. Predict the loss, $-\ln p$: is it nearer to 0.3, 0.7 or 2?

# %%
predict("05.a", ...)

# %%
print(f"p = {probabilities[5]:.3f}, loss = {-np.log(probabilities[5]):.4f} nats")

# %% exercise 05.1
def cross_entropy(logits, labels):
    """The mean loss in nats of scores (N, V) at labels (N)."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    # solution
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    return -np.log(probabilities[np.arange(len(labels)), labels]).mean()
    # end of solution

# %%
check("05.1", cross_entropy)

# %% [markdown]
# PyTorch has it ready as `F.cross_entropy`. It wants a list of questions: `(N, V)` and `(N)`. Your logits are `[B, T,
# V]`.

# %% exercise 05.2
def loss_of(logits, labels):
    """The mean loss in nats of logits (B, T, V) at labels (B, T), as a tensor."""
    # solution
    B, T, V = logits.shape
    return F.cross_entropy(logits.reshape(B * T, V), labels.reshape(B * T))
    # end of solution

# %%
check("05.2", loss_of)
loss_of = given("05.2", loss_of)

# %% exercise 05.3
def bits_per_character(nats):
    """A loss in nats per character -> bits per character."""
    # solution
    return nats / np.log(2)
    # end of solution

# %%
check("05.3", bits_per_character)
bits_per_character = given("05.3", bits_per_character)

# %% [markdown]
# ## Not too far at once
#
# Now and then a batch has a gradient many times as long as usual, and one step along it undoes a hundred. **Clipping**
# shortens it: all gradients by *one* factor, so that the direction stays.

# %% exercise 05.4
def clip(grads, max_norm):
    """Gradients by name -> (the same, at most max_norm long together; their norm before)."""
    # solution
    norm = np.sqrt(sum((grad**2).sum() for grad in grads.values()))
    factor = min(1, max_norm / (norm + 1e-6))
    return {name: factor * grad for name, grad in grads.items()}, norm
    # end of solution

# %%
check("05.4", clip)

# %% [markdown]
# ## The step
#
# Five lines, in the one order that works. For the clipping, use torch's own:
# `nn.utils.clip_grad_norm_(model.parameters(), max_norm)`, called after the gradients are there and before they are
# used.

# %% exercise 05.5
def train_step(model, optimizer, features, labels, max_norm):
    """One step on one batch, features and labels (B, T); returns the loss as a number."""
    # solution
    optimizer.zero_grad()
    loss = loss_of(model(features)[0], labels)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item()
    # end of solution

# %%
check("05.5", train_step)
train_step = given("05.5", train_step)

# %% [markdown]
# ## The run
#
# The model of notebook 04: put your own class in place of this one, and it is yours that is trained. Random windows
# (the `DataLoader` of 03 would do as well), and Adam as the optimizer.

# %%
class CharLSTM(nn.Module):
    """The model of 04: ids (B, T) and a state -> logits (B, T, V) and the state after."""

    def __init__(self, V, E, H):
        super().__init__()
        self.embed, self.lstm, self.head = nn.Embedding(V, E), nn.LSTM(E, H, batch_first=True), nn.Linear(H, V)

    def forward(self, ids, state=None):
        hidden, state = self.lstm(self.embed(ids), state)
        return self.head(hidden), state


def score(model, ids):
    """Bits per character on a text that is read from end to end."""
    with torch.no_grad():
        return bits_per_character(loss_of(model(ids[None, :-1])[0], ids[None, 1:]).item())


def run(ids, steps, every):
    """Train a new model on `ids`; the model, and rows of (step, training bits, validation bits)."""
    torch.manual_seed(0)
    model, rows, recent = CharLSTM(V, E, H), [], []
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for step in range(1, steps + 1):
        starts = torch.randint(len(ids) - T, (B, 1))
        windows = ids[starts + torch.arange(T + 1)]
        recent.append(train_step(model, optimizer, windows[:, :-1], windows[:, 1:], max_norm=1.0))
        if step % every == 0:
            rows.append((step, bits_per_character(np.mean(recent)), score(model, validation[:5000])))
            recent = []
    return model, np.array(rows)

# %% [markdown]
# Guessing costs 6.2 bits, knowing the frequencies alone (01.5) 4.3. Predict: where will the model be after 200 steps,
# some three seconds, on text it has not seen?

# %%
predict("05.b", ...)

# %%
CharLSTM = given("04.5", CharLSTM)
model, rows = run(train, steps=200, every=20)
for step, on_train, on_validation in rows[::2]:
    print(f"step {step:3.0f}  training {on_train:.3f}  validation {on_validation:.3f} bits per character")

# %% [markdown]
# ## Without mercy
# Is that good? The ladder's rung below knows no network at all: an **n-gram model** counts which character followed
# the last five. It learns from the same nine tenths and is judged on the same last tenth.

# %%
from hornbook import LanguageModel
from hornbook.corpus import Corpus

counted = [LanguageModel.train(Corpus("book", [book]), name) for name in ("unigram", "ngram")]
counted = {each.model: each.about["results"]["validation"]["bits_per_character"] for each in counted}
bars = {"guessing": np.log2(V)} | counted | {"LSTM, 200 steps": score(model, validation)}
fig, ax = plt.subplots(figsize=(7, 2.2))
ax.bar_label(ax.barh(list(bars), list(bars.values()), color="tab:blue"), fmt="%.3f", padding=3)
ax.set(xlabel="bits per character, held out (less is better)", xlim=(0, 7.5))
plt.show()
print({name: round(float(value), 3) for name, value in bars.items()})

# %% [markdown]
# Counting wins, in a fraction of the time. Does more training help? hornbook's own run of this model (4,000 steps,
# about a minute) reached 1.974 on *Frankenstein*, against 1.869 of the 6-gram: measured, in `docs/log.md`. A single
# novel is too small for the LSTM to get past counting. It is still worth knowing: its memory has no fixed length.

# %% [markdown]
# ## Overfitting
# What if the text is too small? The same model, on 3,000 characters. Watch the two curves part: the training text is
# learnt by heart, and sooner or later the rest of the book gets *stranger* with every step.

# %%
_, small = run(train[:3000], steps=120, every=10)
fig, axes = plt.subplots(1, 2, figsize=(10, 3), sharey=True)
for ax, part, name in ((axes[0], rows, f"{len(train):,} characters"), (axes[1], small, "3,000 characters")):
    ax.plot(part[:, 0], part[:, 1], label="training")
    ax.plot(part[:, 0], part[:, 2], label="validation")
    ax.set(title=name, xlabel="step", ylabel="bits per character")
axes[1].legend()
plt.show()
print(f"on 3,000 characters: validation at best {small[:, 2].min():.2f}, at the end {small[-1, 2]:.2f}")

# %% [markdown]
# ## Gradient through time
#
# The last prediction of a window sends blame back through all 48 steps. How much of it arrives? For every distance,
# this is the length of $\partial L / \partial c_t$, measured by hornbook's readable LSTM with the weights of a new
# model and of yours. Predict: after how many characters is only a hundredth of it left?

# %%
predict("05.c", ...)

# %%
from hornbook.reference import lstm
from hornbook.reference.gradient_flow import gradient_norms


def through_time(model):
    parts = sorted(model.children(), key=lambda part: type(part).__name__)  # Embedding, LSTM, Linear
    wte, w_x, w_h, b_ih, b_hh, lm_head, lm_bias = (w.double().detach().numpy() for p in parts for w in p.parameters())
    params = {"layers.0.w_x": w_x, "layers.0.w_h": w_h, "layers.0.b": b_ih + b_hh}
    windows = validation[: B * (T + 1)].reshape(B, T + 1).numpy()
    params |= {"wte": wte, "lm_head": lm_head, "lm_bias": lm_bias}
    return gradient_norms(lstm, params, windows[:, :-1], windows[:, -1], lstm.Config(V, E, H))["layers.0.cell"]


fig, ax = plt.subplots(figsize=(7, 2.6))
for name, each in (("new", CharLSTM(V, E, H)), ("trained", model)):
    norm = through_time(each)
    ax.semilogy(norm / norm[0], label=name)
    print(f"{name}: a hundredth is left {np.argmax(norm < norm[0] / 100)} characters back")
ax.set(xlabel="characters back", ylabel="share of the gradient")
ax.legend()
plt.show()

# %% [markdown]
# So that is how far back a prediction teaches anything worth mentioning. The new model loses the same share at every
# character, a straight line. Training has lifted the far end: some cells have learnt to keep.
#
# ## Where this stands elsewhere
#
# * In the page: section *training*; one step, number by number. In the film: steps 6 to 10.
# * In the library: `hornbook/training/loop.py` is your loop, `hornbook/reference/lstm.py` the way back by hand.
#   `hornbook train frankenstein --model lstm` does all of this, and writes a card that says what it does not beat.

# %% [markdown]
# ## Reflection prompts
# 1. Name the five lines of a step, and what happens without each.
# 2. Training reads real text at every position. What will be different when the model reads what it wrote itself?
# 3. At which step would you have stopped the run on 3,000 characters, and how could you have known without the rest?

# %% [markdown]
# ## Next
# **06: Generation.** Some two and a half bits per character. What does that *sound* like?
