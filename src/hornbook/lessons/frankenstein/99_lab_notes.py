"""Frankenstein 99: lab notes: the narration in 90 seconds, all shapes, training against generation, four curves."""
# %% [markdown]
# # 99: Lab notes
#
# No new material. You say in your own words what you have built, test yourself on shapes, and read four curves as a
# doctor reads a chart. One function and three small lists. The cells together take about 7.5 s of one processor core.
# Needs PyTorch.

# %% [markdown]
# ## Concept primer
#
# You know something when you can say it without looking. So this notebook asks, and you answer: first aloud, then in
# code, then at the bedside of four models, three of which are ill.
#
# One thing to take along: a loss has **landmarks**. Pure guessing costs $\ln V$. Knowing the frequencies alone costs
# the entropy of 01.5. Counting with five characters of context costs about 1.3 nats on *Frankenstein* (1.869 bits, in
# 05). Nothing honest is near zero.

# %% [markdown]
# ## Objectives
#
# Afterwards you can
#
# * narrate the ten steps from text to text in 90 seconds,
# * name every shape of a training step from memory,
# * tell training from generation, point by point,
# * tell from a curve what is wrong with a run.

# %% [markdown]
# ## What breaks if we skip this
#
# Nothing, today. In three weeks, everything: what was only read is gone by then. What was said aloud once, and got
# wrong once, tends to stay.

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

# %% [markdown]
# ## The 90-second narration
#
# Tell someone, or the wall, what happens from the file to the generated text: all ten steps, a sentence or two each.
# Then write it down between the quotes. As a worked example, here is step 5.

# %%
narration = """
Step 5. I cut the ids into windows of 49. The first 48 of each are the features, the last 48 the labels: the same
text, shifted by one. So at every position the label is the character that really came next.
"""
words = len(narration.split())
print(f"{words} words: about {words / 140 * 60:.0f} seconds at 140 words a minute")

# %% [markdown]
# ## All shapes
#
# Predict first: how many of these eight will you get right at the first go?

# %%
predict("99.a", ...)

# %% exercise 99.1
def shapes(B, T, E, H, V):
    """Eight tuples: features, embedded features, z of one LSTM step, cell of one step,
    all hidden states, logits, and logits and labels as the loss wants them.
    """
    features, embedded = (B, T), (B, T, E)
    # solution
    z, cell, hidden = (B, 4 * H), (B, H), (B, T, H)
    logits, flat_logits, flat_labels = (B, T, V), (B * T, V), (B * T,)
    return features, embedded, z, cell, hidden, logits, flat_logits, flat_labels
    # end of solution

# %%
check("99.1", shapes)

# %% [markdown]
# ## Ten steps
#
# Here they are in the order of the alphabet. Write them as a list in the order of the pipeline.

# %%
steps = ["batches", "generation", "ids", "load", "loss", "model", "tokenize", "training", "vocabulary", "windows"]
print(steps)

# %% exercise 99.2
# solution
order = ["load", "tokenize", "vocabulary", "ids", "windows", "batches", "model", "loss", "training", "generation"]
# end of solution

# %%
check("99.2", order)

# %% [markdown]
# ## Training or generation?
#
# Which is it: `"training"`, `"generation"` or `"both"`? Answer as `{"a": "...", "b": "...", …}`.
#
# * a: the next character that the model reads is the real one
# * b: the next character that the model reads is one that it has just written
# * c: there are labels
# * d: the weights change
# * e: `h` and `c` are carried from character to character
# * f: a character is drawn by lot

# %% exercise 99.3
# solution
where = {"a": "training", "b": "generation", "c": "training", "d": "training", "e": "both", "f": "generation"}
# end of solution

# %%
check("99.3", where)

# %% [markdown]
# ## Four patients
#
# Four runs of the same model on the same batches, 60 steps each. One is right. In one the **labels are not shifted**.
# In one the **optimizer's step** is missing. In one the **rows are mixed up** before the loss (the axes B and T of the
# logits are swapped, those of the labels are not). The cell knows which is which; try not to read it too closely. Your
# own class of 04 may stand in place of the model.

# %%
book = text("frankenstein")
characters = sorted(set(book))
V = len(characters)
c2ix = {character: i for i, character in enumerate(characters)}
ids = torch.tensor([c2ix[character] for character in book])


class CharLSTM(nn.Module):
    """The model of 04: ids (B, T) and a state -> logits (B, T, V) and the state after."""

    def __init__(self, V, E, H):
        super().__init__()
        self.embed, self.lstm, self.head = nn.Embedding(V, E), nn.LSTM(E, H, batch_first=True), nn.Linear(H, V)

    def forward(self, ids, state=None):
        hidden, state = self.lstm(self.embed(ids), state)
        return self.head(hidden), state


CharLSTM = given("04.5", CharLSTM)


def losses(shift=1, rate=0.01, axes=(0, 1, 2)):
    """The losses in nats of 60 steps, always on the same batches."""
    torch.manual_seed(0)
    model, found = CharLSTM(V, E, H), []
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    for _ in range(60):
        windows = ids[torch.randint(len(ids) - T, (B, 1)) + torch.arange(T + 1)]
        logits, labels = model(windows[:, :T])[0].permute(axes), windows[:, shift : shift + T]
        loss = F.cross_entropy(logits.reshape(-1, V), labels.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        found.append(loss.item())
    return found


curves = {"A": losses(shift=0), "B": losses(rate=0.0), "C": losses(axes=(1, 0, 2)), "D": losses()}

# %%
shares = np.bincount(ids) / len(ids)
frequencies = -(shares[shares > 0] * np.log(shares[shares > 0])).sum()
fig, ax = plt.subplots(figsize=(8, 3.6))
for name, curve in curves.items():
    ax.plot(curve, label=name)
    print(f"{name}: first {curve[0]:.2f}, last {curve[-1]:.2f} nats")
for level, name in ((np.log(V), "ln V"), (frequencies, "frequencies alone")):
    ax.axhline(level, color="grey", linestyle=":")
    ax.text(60, level + 0.06, name, ha="right")
ax.set(xlabel="step", ylabel="loss, nats", ylim=(0, 4.8))
ax.legend()
plt.show()

# %% [markdown]
# Your diagnosis, as `{"A": "...", "B": "...", "C": "...", "D": "..."}`, each one of `"right"`, `"labels not shifted"`,
# `"no optimizer step"`, `"rows mixed up"`.

# %% exercise 99.4
# solution
diagnosis = {"A": "labels not shifted", "B": "no optimizer step", "C": "rows mixed up", "D": "right"}
# end of solution

# %%
check("99.4", diagnosis)

# %% [markdown]
# Of the four, the most dangerous has the most beautiful curve.

# %% [markdown]
# ## Where this stands elsewhere
#
# * In the page: *training* has the loss of every step beside that of guessing; *generation* draws from what was
#   learnt.
# * In the film: step 11 (the whole implementation), step 12 (debugging).
# * In the library: `hornbook/training/doctor.py` stops a run whose loss is no number any more, and says what to
#   change.

# %% [markdown]
# ## Reflection prompts
#
# Write a few sentences for each; then compare with what you wrote in notebook 00.
#
# 1. **The narration.** Ten steps, 90 seconds. Which step took you longest to explain, and why?
# 2. **h and c.** What is a hidden state, in one sentence? What does the cell do that the hidden state cannot?
# 3. **Training against generation.** Where does the model's next input come from in each? What follows from that?
# 4. **Counting won.** On one novel the n-gram model stays ahead of the LSTM. What would have to change for the LSTM to
#    win?
# 5. What was the mistake you made most often? Which check, or which printed shape, would catch it next time?

# %% [markdown]
# ## Next
#
# **The ladder**: the second course, from counted words to sentence encoders. `hornbook lessons` lists both and knows
# how far you are. And then: a text of your own.
