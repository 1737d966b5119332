"""The ladder 04: a number that remembers how it was made, cross-entropy, attention, Adam, microgpt's first steps."""
# %% [markdown]
# # 04: Autograd and microgpt
#
# ## What this is, and how long it takes
# A whole GPT in plain Python, number by number. You write the part that finds all gradients by itself, the loss, who
# looks at whom, and the optimiser; then you train microgpt and meet the losses that its author's program prints.
#
# The cells run in 2 to 3 seconds together on one core (measured). Six exercises, two to six lines each.

# %% [markdown]
# ## Concept primer
# * A **Value** is a number that remembers what it was made from, and how fast it changes with each of them.
# * The **chain rule**: if $c$ depends on $b$ and $b$ on $a$, then $\frac{dc}{da} = \frac{dc}{db} \cdot \frac{db}{da}$.
#   Where several ways lead from $a$ to the result, what they carry is **added**.
# * **Backward**: start at the result and walk towards the leaves, each node only after everything made from it.
# * **Cross-entropy** is $-\ln p$ of what came: 0 when the model was sure of it, $\ln 27 = 3.30$ when it guesses among
#   27.
# * **Attention**: every position asks (query) and is asked (key); a softmax turns the scores into shares of a look
#   back.
# * **Adam** is a rule for the step: a running mean of the gradient over the running size of it.

# %% [markdown]
# ## Objectives
# 1. Write an automatic derivative, and check it by nudging.
# 2. Compute a softmax and a loss that do not overflow.
# 3. Compute one head's attention with its mask, and one step of Adam with its correction.
# 4. Put them together and reproduce microgpt's first losses to four decimals.

# %% [markdown]
# ## What breaks if we skip this
# "Then backpropagation does its work" stays magic, and a wrong sign, a gradient that was not set back to 0 or a missing
# mask cannot be found: the program runs all the same, and learns badly.

# %%
import math
import random

import matplotlib.pyplot as plt
import numpy as np

from hornbook.lessons import check, given, hint, predict  # noqa: F401 (hint: for when you are stuck)

# %% [markdown]
# ## Worked example: nudging
# How fast does `a * b + a` change with `a`, at a = 2, b = -3? Without any calculus: nudge it.

# %%
a, b, h = 2.0, -3.0, 1e-5
print("by nudging a:", ((a + h) * b + (a + h) - ((a - h) * b + (a - h))) / (2 * h), " b + 1 =", b + 1)

# %% [markdown]
# ## A number that remembers
# Addition is given: its result changes as fast as either part, so both local gradients are 1. How fast does a product
# change with each factor? And $e^x$, and $\ln x$?

# %% exercise L4.1
class Value:
    """A number `data`, the Values it was made from, the local gradient by each; `grad` is filled by backward."""

    def __init__(self, data, children=(), local_grads=()):
        self.data, self.grad = data, 0.0
        self.children, self.local_grads = children, local_grads

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        # solution
        return Value(self.data * other.data, (self, other), (other.data, self.data))
        # end of solution

    def exp(self):
        # solution
        return Value(math.exp(self.data), (self,), (math.exp(self.data),))
        # end of solution

    def log(self):
        # solution
        return Value(math.log(self.data), (self,), (1 / self.data,))
        # end of solution

# %%
check("L4.1", Value)

# %% [markdown]
# ## Backward
# `order` lists every node after those it was made from (a **topological order**). Walk it from its end: the result's
# own gradient is 1, and each node hands to every child its own gradient times the local one. Here *a* is used twice.

# %% exercise L4.2
def backward(result):
    """Add d result / d node to the `grad` of every node that `result` was made from, and of itself."""
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for child in node.children:
                visit(child)
            order.append(node)

    visit(result)
    # solution
    result.grad = 1.0
    for node in reversed(order):
        for child, local_grad in zip(node.children, node.local_grads):
            child.grad += local_grad * node.grad
    # end of solution

# %%
check("L4.2", backward)
Value, backward = given("L4.1", Value), given("L4.2", backward)
a, b = Value(2.0), Value(-3.0)
result = a * b + a
backward(result)
print(f"a * b + a = {result.data}, gradient of a {a.grad}, of b {b.grad}")

# %% [markdown]
# ## Softmax and loss
# Seven scores (logits), and the sixth is what came. How probable was it? You may have read 0.75 and a loss of 0.29 for
# these very numbers. Your guess:

# %%
predict("L4.a", ...)

# %% [markdown]
# $p_i = e^{s_i} / \sum_j e^{s_j}$. Taking the largest score off all of them first changes nothing, except that
# $e^{1000}$ is never asked for.

# %% exercise L4.3
def cross_entropy(logits, target):
    """A list of scores and the place of what came -> its probability, and the loss -ln p in nats."""
    largest = max(logits)
    # solution
    powers = [math.exp(score - largest) for score in logits]
    probability = powers[target] / sum(powers)
    loss = -math.log(probability)
    # end of solution
    return probability, loss

# %%
check("L4.3", cross_entropy)

# %%
cross_entropy = given("L4.3", cross_entropy)
logits = [0.1, 0.3, 0.8, 0.2, 0.1, 2.1, 0.4]
probability, nats = cross_entropy(logits, 5)
print(f"probability {probability:.3f}, loss {nats:.4f} nats; all seven add up to",
      round(sum(cross_entropy(logits, i)[0] for i in range(7)), 12))

# %% [markdown]
# ## One head of attention
# Queries and keys of T positions, K numbers each. Scores are dot products over $\sqrt{K}$; a position sees itself and
# what came **before**; a softmax makes every **row** add up to 1.

# %% exercise L4.4
def attention_pattern(q, k):
    """q, k (T, K) -> (T, T): how much the position of the row takes from the position of the column."""
    T, K = q.shape
    # solution
    scores = q @ k.T / np.sqrt(K)
    scores = np.where(np.tril(np.ones((T, T), bool)), scores, -np.inf)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
    # end of solution

# %%
check("L4.4", attention_pattern)

# %% [markdown]
# ## A step of Adam
# $m \leftarrow \beta_1 m + (1 - \beta_1) g$ and $v \leftarrow \beta_2 v + (1 - \beta_2) g^2$ begin at 0 and are
# therefore too small at first. Dividing by $1 - \beta^{\text{step}}$ corrects that. Then
# $x \leftarrow x - \text{rate} \cdot \hat m / (\sqrt{\hat v} + \varepsilon)$.
#
# With rate 0.01, how far does the *first* step go if the gradient is 100? And if it is 0.001?

# %%
predict("L4.b", ...)

# %% exercise L4.5
def adam(x, g, m, v, step, rate, beta1=0.85, beta2=0.99, epsilon=1e-8):
    """One step (counted from 1) of a number x with gradient g -> x, m, v after it."""
    m = beta1 * m + (1 - beta1) * g
    # solution
    v = beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
    x = x - rate * m_hat / (v_hat**0.5 + epsilon)
    # end of solution
    return x, m, v

# %%
check("L4.5", adam)
adam = given("L4.5", adam)
for g in 100, 1, 0.001:
    print(f"gradient {g}: the first step goes {0 - adam(0.0, g, 0.0, 0.0, 1, 0.01)[0]:.6f}")

# %% [markdown]
# ## microgpt
# Names, letter by letter: one layer, 16 numbers wide, 4 heads. Everything in it is made of Values like yours. First a
# look at one name: the size of the graph, who looks at whom, and which rows of the table of letters get a gradient.

# %%
from hornbook.reference import microgpt
from hornbook.reference.autograd import without_garbage_collector

letters, config, rng = list("abcdefghijklmnopqrstuvwxyz"), microgpt.Config(), random.Random(42)
rng.shuffle(list(range(32_033)))  # as the author's program: the names are shuffled before the weights are drawn
weights = microgpt.init(len(letters) + 1, config, rng)
with without_garbage_collector():
    loss = microgpt.loss(weights, microgpt.encode("yuheng", letters), config)
    loss.backward()
    nodes = loss.nodes()
moved = [letter for letter, row in zip([*letters, "<BOS>"], weights["wte"]) if any(leaf.grad for leaf in row)]
leaves = [leaf for rows in weights.values() for row in rows for leaf in row]
print(f"{len(leaves):,} parameters; loss {loss.data:.4f}, ln 27 = {math.log(27):.4f}")
print(f"{len(nodes):,} nodes in one name's graph; rows of wte with a gradient: {' '.join(moved)}")
for leaf in leaves:
    leaf.grad = 0.0  # the training below begins anew

# %%
attention_pattern = given("L4.4", attention_pattern)
named = {node.name: node.data for node in nodes if node.name}
fig, axes = plt.subplots(1, 4, figsize=(11, 3))
for head, axis in enumerate(axes):
    q, k = (np.array([[named[f"layers.0.attn.{part}[{t}][{4 * head + j}]"] for j in range(4)] for t in range(7)])
            for part in "qk")
    pattern = attention_pattern(q, k)
    axis.imshow(pattern, cmap="Greens", vmin=0, vmax=1)
    axis.set_title(f"head {head}")
    axis.set_xticks(range(7), "▸yuheng")
    axis.set_yticks(range(7), "▸yuheng")
last = [named[f"layers.0.attn.pattern[6][3][{t}]"] for t in range(7)]
print("largest difference of your last row, head 3, to the model's own:", f"{np.abs(pattern[6] - last).max():.1e}")
plt.show()

# %% [markdown]
# Before training a head looks back almost evenly; the upper right is 0, for that is the future.
#
# ## Training
# One name a step: its loss, backward, then Adam for every leaf, at a rate that falls in a straight line. The body is
# all yours; `microgpt.loss(weights, ids, config)` and its `.backward()` are there.

# %% exercise L4.6
def first_losses(weights, names, letters, config, steps):
    """Train `steps` steps, step s on names[s - 1]; the loss of each name before its step, as plain numbers."""
    leaves = [leaf for rows in weights.values() for row in rows for leaf in row]
    m, v, losses = [0.0] * len(leaves), [0.0] * len(leaves), []
    for step in range(1, steps + 1):
        rate = config.learning_rate * (1 - (step - 1) / config.steps)
        # solution
        loss = microgpt.loss(weights, microgpt.encode(names[step - 1], letters), config)
        loss.backward()
        losses.append(loss.data)
        for i, leaf in enumerate(leaves):
            leaf.data, m[i], v[i] = adam(leaf.data, leaf.grad, m[i], v[i], step, rate)
            leaf.grad = 0.0
        # end of solution
    return losses

# %%
check("L4.6", first_losses)

# %% [markdown]
# The losses that the published program prints for its first thirteen names, and yours:

# %%
first_losses = given("L4.6", first_losses)
published = [3.3660, 3.4243, 3.1778, 3.0664, 3.2209, 2.9452, 3.2894, 3.3245, 2.8990, 3.2229, 2.7964, 2.9345, 3.0544]
names = ["yuheng", "diondre", "xavien", "jori", "juanluis", "erandi", "phia", "samatha", "phoenix", "emmelynn",
         "hollan", "hollis", "callalily"]
with without_garbage_collector():
    losses = first_losses(weights, names, letters, config, len(names))
for name, mine, theirs in zip(names, losses, published):
    print(f"{name:10} {mine:.4f}  published {theirs:.4f}")
plt.plot(range(1, 14), losses, "o-")
plt.axhline(math.log(27), color="grey", linestyle="--", label="ln 27: guessing")
plt.xlabel("step")
plt.ylabel("loss of that name, nats a letter")
plt.legend()
plt.show()

# %% [markdown]
# ## Where this stands elsewhere
# * Library: `hornbook/reference/autograd.py` and `microgpt.py`, which you have just rewritten; fast in
#   `hornbook/fast/microgpt.py`.
# * Page: sections *autograd*, *attention*, *training*. Film: steps 6 (loss), 7 (gradients), 8 (Adam), 9 (the loop).
# * Commands: `hornbook train names --model microgpt`, then `hornbook explain` with `--backward`.
#
# ## Reflection prompts
# * Why must a gradient be added, not assigned? Find the place in `a * b + a`.
# * What would the model learn if the mask were missing?
# * Adam's first step has the length of the rate, whatever the gradient. What is good about that, and what is not?
#
# ## Next
# 05: the recurrent network, which reads with a memory instead of looking back, and the gradient that fades on the way.
