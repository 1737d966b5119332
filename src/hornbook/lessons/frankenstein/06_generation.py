"""Frankenstein 06: softmax, temperature, drawing by one number, and a text that goes on, with its state kept."""
# %% [markdown]
# # 06: Generation
#
# The model of 05 gives scores. You turn them into a character, feed it back, and it writes. Four functions. The cells
# together take about 9 s of one processor core, most of it for training the model that writes. Needs PyTorch.

# %% [markdown]
# ## Concept primer
#
# Generation is a loop: read a character, get `V` scores, make probabilities of them, **draw** one character, append
# it, read it. Two things decide how the text sounds.
#
# **Drawing.** Always taking the likeliest character (*argmax*, or greedy) sounds safe and soon goes round in circles.
# Drawing by lot, each character with its own probability, sounds like the text.
#
# **Temperature.** Dividing the scores by a number below 1 before the softmax makes the likely likelier: careful, dull.
# Above 1: bold, wild.
#
# And the model has to remember what it has written. The **state**, `h` and `c`, is what it remembers: it goes from
# each character to the next.
#
# This is where training and generating differ. In training the next input was the real one, whatever the model would
# have said. Here it is what the model *did* say, right or wrong, and a slip becomes part of what it reads.

# %% [markdown]
# ## Objectives
#
# Afterwards you can
#
# * write a softmax that cannot overflow,
# * say what temperature does to a distribution,
# * draw from a distribution, and repeat it by its seed,
# * keep `h` and `c` between characters, and say what is lost without,
# * tell training on real text from generating on one's own.

# %% [markdown]
# ## What breaks if we skip this
#
# Reset the state at every character, and a good model writes rubbish; people then blame the training. Multiply by the
# temperature instead of dividing, and your careful setting is the wild one.

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

# %% [markdown]
# The model and the loop of 04 and 05, in short, for 300 steps. Your own class of 04 may stand in place of this one.

# %%
class CharLSTM(nn.Module):
    """The model of 04: ids (B, T) and a state -> logits (B, T, V) and the state after."""

    def __init__(self, V, E, H):
        super().__init__()
        self.embed, self.lstm, self.head = nn.Embedding(V, E), nn.LSTM(E, H, batch_first=True), nn.Linear(H, V)

    def forward(self, ids, state=None):
        hidden, state = self.lstm(self.embed(ids), state)
        return self.head(hidden), state


CharLSTM = given("04.5", CharLSTM)
torch.manual_seed(0)
model = CharLSTM(V, E, H)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(300):
    windows = ids[torch.randint(len(ids) * 9 // 10 - T, (B, 1)) + torch.arange(T + 1)]
    loss = F.cross_entropy(model(windows[:, :-1])[0].reshape(-1, V), windows[:, 1:].reshape(-1))
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
print(f"the last batch: {loss.item() / np.log(2):.2f} bits per character")

# %% [markdown]
# ## Worked example: what comes after the prompt?
#
# `step` reads one id and gives back the scores of what comes next, and the state to go on from.

# %%
def step(i, state=None):
    """Read one id from a state (None: nothing was read) -> logits (V,) as NumPy, the state after."""
    with torch.inference_mode():
        logits, state = model(torch.tensor([[i]]), state)
    return logits[0, -1].double().numpy(), state


prompt = [c2ix[character] for character in "You will rejoice to hea"]
state = None
for i in prompt:
    logits, state = step(i, state)
hidden, cell = state
print("h", tuple(hidden.shape), " c", tuple(cell.shape), " (layers, texts, H)")
print("likeliest next:", [characters[i] for i in np.argsort(-logits)[:5]])

# %% exercise 06.1
def softmax(logits):
    """Scores (B, V) -> probabilities (B, V), each row summing to 1, whatever the size of the scores."""
    # solution
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
    # end of solution

# %%
check("06.1", softmax)
softmax = given("06.1", softmax)

# %% exercise 06.2
def at_temperature(logits, temperature):
    """Scores (V,) -> probabilities (V,): sharper for a temperature below 1, flatter above."""
    # solution
    return softmax(logits[None] / temperature)[0]
    # end of solution

# %%
check("06.2", at_temperature)
at_temperature = given("06.2", at_temperature)

# %% [markdown]
# The same scores at three temperatures. The order of the characters never changes, only how much the first are ahead.

# %%
best = np.argsort(-logits)[:10]
fig, axes = plt.subplots(1, 3, figsize=(10, 2.4), sharey=True)
for ax, temperature in zip(axes, (0.5, 1.0, 2.0)):
    ax.bar([characters[i].replace(" ", "␣") for i in best], at_temperature(logits, temperature)[best])
    ax.set_title(f"temperature {temperature}")
axes[0].set_ylabel("probability after …hea")
plt.show()

# %% [markdown]
# ## Drawing
#
# Lay the probabilities end to end: together they reach from 0 to 1. Throw a dart `u` at that line. The piece it hits
# is the character. Likely characters have long pieces.

# %%
probabilities = at_temperature(logits, 1.0)[best[:5]]
probabilities = probabilities / probabilities.sum()
u = np.random.default_rng(1).random()
fig, ax = plt.subplots(figsize=(9, 1.4))
for i, end, p in zip(best, probabilities.cumsum(), probabilities):
    ax.barh(0, p, left=end - p, edgecolor="white", color="tab:blue")
    ax.text(end - p / 2, 0, characters[i].replace(" ", "␣"), ha="center", va="center", color="white")
ax.annotate(f"u = {u:.2f}", (u, 0.4), (u, 0.8), ha="center", arrowprops={"arrowstyle": "->"})
ax.set(ylim=(-0.5, 1.1), xlim=(0, 1), yticks=[], title="the five likeliest, end to end")
plt.show()

# %% exercise 06.3
def draw(probabilities, u):
    """The id on which u, from 0 to 1, falls when the probabilities (V,) lie end to end."""
    ends = np.cumsum(probabilities)
    # solution
    return int(np.sum(ends <= u))
    # end of solution

# %%
check("06.3", draw)
draw = given("06.3", draw)

# %% [markdown]
# ## Writing on
#
# Now the loop. The numbers `us` come from a generator with a **seed**; the same seed gives the same numbers, and so
# the same text.

# %% exercise 06.4
def write(step, prompt, us, temperature):
    """Ids that follow the ids of `prompt`, one for each number of `us`; step(id, state) -> logits (V,), state."""
    # solution
    state, written = None, []
    for i in prompt:
        logits, state = step(i, state)
    for u in us:
        i = draw(at_temperature(logits, temperature), u)
        written.append(i)
        logits, state = step(i, state)
    return written
    # end of solution

# %%
check("06.4", write)
write = given("06.4", write)

# %% [markdown]
# Predict: which of the temperatures 0.1, 0.7 and 1.5 will go round in circles, and which will make up words?

# %%
predict("06.a", ...)

# %%
def say(temperature, seed=0, n=160, step=step):
    """What the model writes after the prompt."""
    written = write(step, prompt, np.random.default_rng(seed).random(n), temperature)
    return "".join(characters[i] for i in [*prompt, *written])


for temperature in (0.1, 0.7, 1.5):
    print(f"temperature {temperature}:\n{say(temperature)}\n")

# %% [markdown]
# 300 steps, and it spells the short words, knows where blanks go, and has no idea what it is talking about. That is
# about right for its score. Now the seed:

# %%
print("the same seed, the same text:", say(0.7, seed=1) == say(0.7, seed=1))
print("another seed:", say(0.7, seed=2, n=60))

# %% [markdown]
# ## What the state is worth
#
# The same weights, but the state is thrown away at every character: the model knows the last character and nothing
# else. Predict how many bits per character that costs on text it has not seen.

# %%
predict("06.b", ...)

# %%
held_out = ids[-6000:]
with torch.inference_mode():
    kept = F.cross_entropy(model(held_out[None, :-1])[0][0], held_out[1:]).item() / np.log(2)
    reset = F.cross_entropy(model(held_out[:-1, None])[0][:, 0], held_out[1:]).item() / np.log(2)
print(f"state kept {kept:.2f}, state reset at every character {reset:.2f} bits per character")
print(say(0.7, step=lambda i, state: step(i)))

# %% [markdown]
# ## Where this stands elsewhere
#
# * In the page: section *generation*; move the temperature and watch each draw.
# * In the film: step 6 (softmax), step 11 (the implementation).
# * In the library: `hornbook/reference/sampling.py` has temperature, draw, and the filters top-k, top-p and min-p;
#   `hornbook/generation.py` is your loop. `hornbook generate RUN "You will rejoice"` runs it.

# %% [markdown]
# ## Reflection prompts
#
# 1. What is the difference between training (real next characters) and generation (drawn ones)? Where does a slip go?
# 2. What do `h` and `c` hold after the prompt that the last character alone does not?
# 3. A text is to be *checked* for spelling by this model, not continued. Would you need a temperature at all?

# %% [markdown]
# ## Next
#
# **99: Lab notes.** Ninety seconds, ten steps, your own words.
