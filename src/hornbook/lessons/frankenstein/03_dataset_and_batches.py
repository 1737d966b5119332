"""Frankenstein 03: windows of the text with labels shifted by one, a torch Dataset of them, batches."""
# %% [markdown]
# # 03: Dataset and batches
#
# You have one long list of ids. Training wants many short questions at once. You cut the list into windows, give each
# its labels, and hand them to PyTorch in batches of 36. Four functions and classes. Together the cells take 2.5 s of
# one processor core, most of it for loading PyTorch, which must be installed: `pip install 'hornbook[torch]'`.

# %% [markdown]
# ## Concept primer
#
# A **window** is a piece of `T + 1` characters: `T` features and, shifted by one, `T` labels. Every position is a
# question of its own, with all of the window before it as context. So one window of 48 holds 48 lessons: what comes
# after one character, after two, … after 48.
#
# The **stride** is how far one window starts after the one before. With `stride = T` they lie end to end; with a
# smaller one they overlap, and the model sees each character in several places.
#
# A **batch** is `B` windows stacked up: features `[B, T]`, labels `[B, T]`. In PyTorch a `Dataset` says how many
# windows there are and which is number `k`; a `DataLoader` shuffles them and stacks them up.

# %% [markdown]
# ## Objectives
#
# Afterwards you can
#
# * count windows without losing the last one,
# * cut a text into windows with labels shifted by one,
# * write a torch `Dataset`,
# * say what the shape `[B, T]` of a batch means.

# %% [markdown]
# ## What breaks if we skip this
#
# Off by one at the end of the text, and the program stops after an hour, in the last batch, or worse, pads in silence.
# Off by one at the labels, and it learns to repeat instead of to predict: its loss falls beautifully, and it can write
# nothing.

# %%
import matplotlib.pyplot as plt

from hornbook.lessons import check, given, hint, needs, predict, text  # noqa: F401 (hint: for when you are stuck)

needs("torch")
import torch
from torch.utils.data import DataLoader, Dataset

torch.set_num_threads(1)
book = text("frankenstein")
characters = sorted(set(book))
c2ix = {character: i for i, character in enumerate(characters)}
ids = torch.tensor([c2ix[character] for character in book])
print(ids.shape, ids.dtype)

# %% [markdown]
# ## Worked example: windows of a small text
#
# Ten characters, `T = 4`, `stride = 3`. Each window takes `T + 1 = 5` characters, starts at 0, 3, 6 …, and must end
# inside the text.

# %%
small, T, stride = "0123456789", 4, 3
for start in range(0, 10, stride):
    part = small[start : start + T + 1]
    whole = len(part) == T + 1
    print(f"start {start}:", f"features {part[:-1]}, labels {part[1:]}" if whole else f"{part} is too short: no window")

# %% [markdown]
# Predict before you run the check: how many windows has a text of 24 characters, with `T = 8` and `stride = 4`?

# %%
predict("03.a", ...)

# %% exercise 03.1
def n_windows(n, T, stride):
    """How many windows of T + 1 characters, one every `stride` places, fit into n characters."""
    # solution
    return max(0, (n - T - 1) // stride + 1)
    # end of solution

# %%
check("03.1", n_windows)
n_windows = given("03.1", n_windows)
print("24 characters, T=8, stride=4:", n_windows(24, 8, 4), "windows")

# %% [markdown]
# Where those windows lie. A bar is a window's features, the dot behind it the last label:

# %%
fig, ax = plt.subplots(figsize=(8, 1.8))
for k in range(n_windows(24, 8, 4)):
    ax.barh(-k, 8, left=4 * k, height=0.6, color="tab:blue", alpha=0.6)
    ax.plot(4 * k + 8.5, -k, "o", color="tab:orange")
ax.set(xlim=(0, 24), xticks=range(0, 25, 4), yticks=[], xlabel="place in the text of 24 characters")
plt.show()

# %% exercise 03.2
def window(ids, k, T, stride):
    """Features and labels of window number k, each of T ids."""
    # solution
    part = ids[k * stride : k * stride + T + 1]
    return part[:-1], part[1:]
    # end of solution

# %%
check("03.2", window)
window = given("03.2", window)
print(*("".join(characters[i] for i in part) for part in window(ids, 5, 48, 48)), sep="\n")

# %% [markdown]
# ## A Dataset
#
# A torch `Dataset` is a class with two methods. Here is one that does something else, so that you can see the form:

# %%
class Squares(Dataset):
    """The first n square numbers."""

    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, k):
        return k * k


squares = Squares(5)
print(len(squares), squares[3])

# %% exercise 03.3
class Windows(Dataset):
    """Windows of a text: Windows(ids, T, stride)[k] is (features, labels)."""

    def __init__(self, ids, T, stride):
        self.ids, self.T, self.stride = ids, T, stride

    def __len__(self):
        # solution
        return n_windows(len(self.ids), self.T, self.stride)
        # end of solution

    def __getitem__(self, k):
        # solution
        return window(self.ids, k, self.T, self.stride)
        # end of solution

# %%
check("03.3", Windows)
Windows = given("03.3", Windows)
B, T = 36, 48
dataset = Windows(ids, T, stride=T)
print(f"{len(dataset):,} windows of {T} characters")

# %% [markdown]
# ## Batches
#
# A batch is a list of windows, stacked. `torch.stack` lays tensors on top of each other and makes a new axis for it:

# %%
print(torch.stack([torch.tensor([1, 2, 3]), torch.tensor([4, 5, 6])]))

# %% exercise 03.4
def stack(items):
    """A list of B pairs (features (T,), labels (T,)) -> features (B, T), labels (B, T)."""
    # solution
    features, labels = zip(*items)
    return torch.stack(features), torch.stack(labels)
    # end of solution

# %%
check("03.4", stack)
stack = given("03.4", stack)

# %% [markdown]
# The `DataLoader` does the rest: it shuffles the windows, takes `B` at a time, and calls your `stack`. `drop_last`
# leaves out a last batch that would be smaller than the others.
#
# Predict: how many batches will one pass over the book give? (Windows, divided by 36.)

# %%
predict("03.b", ...)

# %%
order = torch.Generator().manual_seed(0)
loader = DataLoader(dataset, batch_size=B, shuffle=True, drop_last=True, collate_fn=stack, generator=order)
features, labels = next(iter(loader))
print(len(loader), "batches;", "features", tuple(features.shape), "labels", tuple(labels.shape))
print("labels are the features, one further:", torch.equal(features[:, 1:], labels[:, :-1]))

# %% [markdown]
# One batch to look at: each row a window, each cell an id, the same colour the same character. The blanks (the
# smallest ids, dark) make the text look like woven words. The right picture is the left one, moved one place.

# %%
fig, axes = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True)
for ax, name, part in zip(axes, ("features", "labels"), (features, labels)):
    ax.imshow(part.numpy(), cmap="viridis", aspect="auto")
    ax.set(title=f"{name} {tuple(part.shape)}", xlabel="t")
axes[0].set_ylabel("window")
plt.show()

# %% [markdown]
# ## Where this stands elsewhere
#
# * In the page: section *training*; its documents are names, each a row of questions with its answers.
# * In the film: step 4 (batches), step 5 (the task), step 9 (loading data in the training loop).
# * In the library: `Windows` of `hornbook/training/tokens.py` does the same on a memory-mapped file, lies windows end
#   to end, and begins each pass at another phase, so that the cuts fall elsewhere.

# %% [markdown]
# ## Reflection prompts
#
# 1. The first label of a window is predicted from one character, the last from 48. Which answers will the model get
#    wrong most often?
# 2. What does a smaller stride give, and what does it cost?
# 3. Why shuffle windows, but never the characters inside one?

# %% [markdown]
# ## Next
#
# **04: The LSTM.** What reads these windows, one character at a time.
