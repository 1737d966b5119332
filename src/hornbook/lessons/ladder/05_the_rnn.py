"""The ladder 05: a recurrent network, how fast its gradient fades, and the LSTM's cell beside it."""
# %% [markdown]
# # 05: The recurrent network, and the gradient that fades
#
# ## What this is, and how long it takes
# A network that reads one letter at a time and keeps a short note of what it has read. You write its step, walk the
# blame of one mistake back through time, *measure* how fast it fades, and put the LSTM's cell beside it. 45 to 60
# minutes for you; all cells together take about 7 seconds of one processor core (measured). Only NumPy, offline.
#
# ## Concept primer
# Counting (notebook 01) forgets everything but the last few letters. A **recurrent network** carries a list of $H$
# numbers, its *hidden state* $h$, from letter to letter:
# $$h_t = \tanh(W_x x_t + W_h h_{t-1} + b)$$
# $x_t$ is the letter's vector. $W_x$ and $W_h$ are **full matrices**: every new number may listen to every number of
# the letter and to every number of the old state. (Some notes say "one weight per dimension". That is a network whose
# matrices are zero off the diagonal; below you see what it costs.)
#
# Learning walks the other way. The gradient $\partial L/\partial h_t$ says how much the loss $L$ would change if $h_t$
# changed a little: how much of the *blame* reaches step $t$. One step back multiplies it by the **Jacobian**
# $\mathrm{diag}(1-h_t^2)\,W_h$, the slope of the tanh times the matrix. Many steps back, many such factors. If they
# shrink, blame *vanishes*; if they stretch, it *explodes*.
#
# ## Objectives
# - write one step of a recurrent network and of an LSTM;
# - say what the factor of one step back is, and why it is no fixed 0.8;
# - measure how far back a trained network hears, and read the figure;
# - clip a gradient by its norm, and say what clipping does not cure.
#
# ## What breaks if we skip this
# "RNNs forget because $0.8^{13} = 0.055$" is a fair picture and a wrong explanation. With it one cannot say why the
# LSTM helps, why gradients *explode* in the same network, or what to do when a loss suddenly jumps.
# %%
import matplotlib.pyplot as plt
import numpy as np

from hornbook import Trace
from hornbook.lessons import check, given, hint, predict, text  # noqa: F401 (hint: for when you are stuck)
from hornbook.reference import lstm, optim, rnn
from hornbook.reference.gradient_flow import gradient_norms, jacobian_norms
from hornbook.reference.lstm import sigmoid

book = text("frankenstein")
letters, ids = np.unique(list(book), return_inverse=True)  # the alphabet, and each letter's place in it
train_ids, held_out = np.split(ids, [int(0.9 * len(ids))])
V, H = len(letters), 48
print(f"{len(book):,} characters, {V} different ones; a blind guess costs ln {V} = {np.log(V):.3f} nats")
# %% [markdown]
# ## Worked example: the toy, one number a step
# Suppose each step back multiplied the blame by exactly 0.8. How much is left 13 steps back? Predict first.
# %%
predict("L5.a", ...)  # your number
# %%
print(f"0.8 to the 13th = {0.8**13:.5f}")
# %% [markdown]
# The product in the notes is right. What is wrong is the 0.8: in a real network the factor is a matrix, another one at
# every step, and it depends on the text. To see that we need the network.
#
# ## One step
# Shapes: `x` (B, D) a batch of letter vectors, `hidden` (B, H), `w_x` (H, D), `w_h` (H, H), `b` (H,). The matrices have
# one **row per output**, as in PyTorch, so a batch of rows is multiplied by the transpose: `x @ w_x.T`.
# %% exercise L5.1
def rnn_step(x, hidden, w_x, w_h, b):
    """h_t = tanh(W_x x_t + W_h h_{t-1} + b). x (B, D), hidden (B, H) -> the new hidden (B, H)."""
    heard_from_letter = x @ w_x.T
    # solution
    heard_from_state = hidden @ w_h.T
    return np.tanh(heard_from_letter + heard_from_state + b)
    # end of solution
# %%
check("L5.1", rnn_step)
# %% [markdown]
# Now three networks learn the same book for the same 200 small steps: the RNN you have just written, the *diagonal
# toy* (one weight per dimension, everything else held at 0), and an LSTM, which you write further down. The training
# loop is that of notebook 04: forward, backward, clip, Adam.
# %%
def windows(ids, count, length, rng):
    """`count` random stretches of length + 1."""
    starts = rng.integers(len(ids) - length - 1, size=count)
    return ids[starts[:, None] + np.arange(length + 1)]


def kept_in(grads, kept):
    """Gradients (or parameters), those of the recurrent matrices multiplied by `kept`, number by number."""
    return grads | {n: grads[n] * kept for n in ("layers.0.w_x", "layers.0.w_h")}


def learn(model, steps=200, kept=1.0):
    """Train a fresh `model` (the module rnn or lstm); its parameters and the losses."""
    config, rng = model.Config(V, embedding_dim=H, hidden_size=H), np.random.default_rng(0)
    params, states, losses = kept_in(model.init(config, np.random.default_rng(0)), kept), {}, []
    for step in range(steps):
        part = windows(train_ids, 16, 48, rng)
        with Trace() as trace:
            losses.append(model.loss(model.forward(params, part[:, :-1], config), part[:, 1:]))
        grads, _ = optim.clip(kept_in(model.backward(params, trace, config), kept), 1.0)
        params = optim.update(optim.adam, params, grads, states, 0.01 * (1 - step / steps))
    return params, losses


# %% [markdown]
# Same width, same text, same number of steps. By how many nats will the full RNN be better than the diagonal toy?
# %%
predict("L5.b", ...)  # nats, for example 0.05
# %%
trained = {"RNN": learn(rnn), "diagonal toy": learn(rnn, kept=np.eye(H)), "LSTM": learn(lstm)}
test = windows(held_out, 64, 64, np.random.default_rng(1))
config = rnn.Config(V, embedding_dim=H, hidden_size=H)
for name, (params, losses) in trained.items():
    model = lstm if name == "LSTM" else rnn
    nats = model.loss(model.forward(params, test[:, :-1], config), test[:, 1:])
    print(f"{name:13} {losses[0]:.3f} at first, {nats:.3f} nats a character on text it has not read")
# %% [markdown]
# The diagonal toy is not a smaller version of the same idea: its numbers never hear one another. (After so few steps
# the LSTM, with four times the weights, need not be ahead yet. Its advantage lies elsewhere.)
# Your own step, letter by letter, must give the very states of the trained RNN:
# %%
rnn_step = given("L5.1", rnn_step)
params, _ = trained["RNN"]
w_x, w_h, b = (params[f"layers.0.{name}"] for name in ("w_x", "w_h", "b"))
hidden, by_hand = np.zeros((len(test), H)), []
for t in range(64):
    hidden = rnn_step(params["wte"][test[:, t]], hidden, w_x, w_h, b)
    by_hand.append(hidden)
with Trace() as trace:
    rnn.forward(params, test[:, :-1], config)
states = trace["layers.0.hidden"]  # (64 texts, 64 letters, H)
print("largest difference:", np.abs(np.stack(by_hand, axis=1) - states).max())
# %% [markdown]
# ## The factor of one step
# If $h_{t-1}$ moves a little, $h_t$ moves by the Jacobian times that: first $W_h$ mixes, then the tanh's slope scales
# each **row**. The slope of tanh at $z$ is $1-\tanh(z)^2$, and $\tanh(z)$ is what we have kept: $h_t$. So the slope is
# $1-h_t^2$: 1 where the state is 0, nearly 0 where it is saturated at ±1.
# %% exercise L5.2
def jacobian(hidden, w_h):
    """d h_t / d h_{t-1} = diag(1 - h_t²) W_h. hidden (H,) is h_t, after the tanh; w_h (H, H) -> (H, H)."""
    # solution
    return (1 - hidden**2)[:, None] * w_h
    # end of solution
# %%
check("L5.2", jacobian)
# %% [markdown]
# Is one step's factor a fixed 0.8? Its *norm* is the most by which it can stretch any gradient. Over all letters of all
# test texts:
# %%
jacobian = given("L5.2", jacobian)
norms = jacobian_norms(w_h, states)
print(f"norm of one step's Jacobian: {norms.min():.2f} to {norms.max():.2f}, mean {norms.mean():.2f}")
print(f"at one letter {norms[0, 20]:.4f}, by your function {np.linalg.norm(jacobian(states[0, 20], w_h), ord=2):.4f}")
# %% [markdown]
# Not fixed, not one number, and mostly *above* 1. So gradients explode? The norm is only the **worst case**, for the
# one direction that is stretched most. What happens to the gradients that really come back has to be measured.
#
# ## Walking back
# Let the loss sit at the last letter only. `last` is $\partial L/\partial h$ there. One step back:
# $$\frac{\partial L}{\partial h_{t-1}} = J_t^{\top}\,\frac{\partial L}{\partial h_t} \qquad \text{with }
# J_t = \mathrm{diag}(1-h_t^2)\,W_h$$
# %% exercise L5.3
def walk_back(hidden, w_h, last):
    """How much blame reaches every step: hidden (T, H), last (H,) = dL/dh at the last step -> (T, H), in text order."""
    blame = np.zeros_like(hidden)
    blame[-1] = last
    # solution
    for t in range(len(hidden) - 1, 0, -1):
        blame[t - 1] = jacobian(hidden[t], w_h).T @ blame[t]
    return blame
    # end of solution
# %%
check("L5.3", walk_back)
# %% [markdown]
# Thirteen steps back the toy keeps 0.055. How much does the trained RNN keep of the last letter's blame? And the cell
# of the LSTM, forty steps back?
# %%
predict("L5.c", ...)  # the RNN, 13 steps back
predict("L5.d", ...)  # the LSTM's cell, 40 steps back
# %%
walk_back = given("L5.3", walk_back)
felt = {"RNN, hidden": gradient_norms(rnn, params, test[:, :-1], test[:, -1], config)["layers.0.hidden"]}
of_lstm = gradient_norms(lstm, trained["LSTM"][0], test[:, :-1], test[:, -1], config)
felt["LSTM, cell"] = of_lstm["layers.0.cell"]
for steps in (1, 5, 13, 40):
    shares = "".join(f"{name} {norms[steps] / norms[0]:9.1e}   " for name, norms in felt.items())
    print(f"{steps:2} steps back: {shares}toy {0.8**steps:9.1e}")
one = walk_back(states[0], w_h, np.linalg.norm(w_h, axis=0))  # any first blame will do
lengths = np.linalg.norm(one, axis=1)
print(f"your walk through one text, 13 steps back: {lengths[-14] / lengths[-1]:.1e}")
# %%
fig, axes = plt.subplots(figsize=(7, 4))
for name, norms in felt.items():
    axes.semilogy(norms / norms[0], label=name)
axes.semilogy(0.8 ** np.arange(64), ":", color="grey", label="the toy, 0.8 a step")
axes.set(xlabel="steps back from the loss", ylabel="share left", title="How far back a loss is felt, mean of 64 texts")
axes.legend()
plt.show()
# %% [markdown]
# Look at the slopes. The RNN's line falls far faster than the toy's, and keeps falling. The LSTM's begins as steeply
# and then **bends**: some of its cells keep nearly everything, and these are what still reaches back. The scale is
# logarithmic: at the right edge the two lie many powers of ten apart. The toy was never meant to be measured: it
# promised the RNN too much.
#
# The same network also explodes. Only the size of $W_h$ is changed here, nothing is trained:
# %%
fresh = rnn.init(config, np.random.default_rng(0))
for factor in (0.5, 1, 2, 3):
    scaled = fresh | {"layers.0.w_h": factor * fresh["layers.0.w_h"]}
    norms = gradient_norms(rnn, scaled, test[:, :-1], test[:, -1], config)["layers.0.hidden"]
    print(f"W_h times {factor}: 40 steps back {norms[40] / norms[0]:.1e} of the blame is left")
# %% [markdown]
# ## The cell beside it
# The LSTM has a second state, the **cell** $c$, that is not squashed and multiplied at every step, but kept by a gate:
# $$c_t = f \circ c_{t-1} + i \circ g \qquad h_t = o \circ \tanh(c_t)$$
# Back along the cell, the factor is simply $f$. Where $f$ is near 1, blame passes almost whole.
# **The gates are no fixed weights** such as 0.85: each is $\sigma(\text{letter and last state through matrices})$,
# new at every letter, one for each of the $H$ cells. The four blocks of rows are, in this course's order, i, f, g, o.
# (`sigmoid` is imported above.)
# %% exercise L5.4
def lstm_step(x, hidden, cell, w_x, w_h, b):
    """x (B, D), hidden and cell (B, H), w_x (4H, D), w_h (4H, H), b (4H,) -> (new hidden, new cell), each (B, H)."""
    z = x @ w_x.T + hidden @ w_h.T + b  # (B, 4H)
    # solution
    i, f, g, o = np.split(z, 4, axis=-1)
    cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(cell), cell
    # end of solution
# %%
check("L5.4", lstm_step)
# %% [markdown]
# Now look at the forget gates of the *trained* LSTM while it reads. Predict: in the figure, will a row (one cell) keep
# one shade along the text, or change from letter to letter?
# %%
predict("L5.e", ...)  # "one shade", "changes" or "both kinds"
# %%
lstm_step = given("L5.4", lstm_step)
of_lstm, _ = trained["LSTM"]
with Trace() as trace:
    lstm.forward(of_lstm, test[:1, :-1], config)
forget = trace["layers.0.gates.forget"][0]  # (T, H)
hidden = cell = np.zeros((1, H))
for t in range(64):
    weights = (of_lstm[f"layers.0.{name}"] for name in ("w_x", "w_h", "b"))
    hidden, cell = lstm_step(of_lstm["wte"][test[:1, t]], hidden, cell, *weights)
print("your step and the library's, largest difference:", np.abs(cell[0] - trace["layers.0.cell"][0, -1]).max())
print(f"forget gates: {forget.min():.2f} to {forget.max():.2f}, mean {forget.mean():.2f}")
fig, axes = plt.subplots(figsize=(10, 5))
shown = axes.imshow(forget.T[np.argsort(forget.mean(axis=0))], aspect="auto", vmin=0, vmax=1, cmap="viridis")
axes.set_xticks(range(64), [letters[i] if letters[i] != "\n" else "¶" for i in test[0, :-1]], fontsize=7)
axes.set(ylabel="cells, the forgetful above", title="Forget gate of every cell at every character: 1 keeps, 0 forgets")
plt.colorbar(shown)
plt.show()
# %% [markdown]
# Both kinds: rows that stay bright are cells that carry something far; rows that flicker decide anew at each letter.
#
# ## When it explodes: clip the norm
# A single enormous gradient can throw away all that was learnt. **Clipping** shortens *all* gradients by *one* factor
# when together they are longer than `max_norm`: the direction stays, only the step gets shorter. The norm is of all
# numbers of all parameters together: $\sqrt{\sum g^2}$. This time the function is all yours.
# %% exercise L5.5
def clip(grads, max_norm):
    """grads {name: array} -> the same names, shortened by one factor so that the joint norm is at most max_norm."""
    # solution
    norm = np.sqrt(sum((grad**2).sum() for grad in grads.values()))
    factor = min(1.0, max_norm / norm)
    return {name: factor * grad for name, grad in grads.items()}
    # end of solution
# %%
check("L5.5", clip)
# %%
clip = given("L5.5", clip)
wild = fresh | {"layers.0.w_h": 3 * fresh["layers.0.w_h"]}  # the exploding network from above
part = windows(train_ids, 16, 48, np.random.default_rng(0))
with Trace() as trace:
    rnn.loss(rnn.forward(wild, part[:, :-1], config), part[:, 1:])
grads = rnn.backward(wild, trace, config)
print(f"joint norm of the gradient: {np.sqrt(sum((grad**2).sum() for grad in grads.values())):,.0f}")
for name, max_norm in (("no step yet", 0.0), ("one step, clipped to 1", 1.0), ("one step, not clipped", np.inf)):
    after = optim.update(optim.sgd, wild, clip(grads, max_norm), {}, 1.0)
    with Trace() as trace:
        rnn.forward(after, test[:, :-1], config)
    full = (np.abs(trace["layers.0.hidden"]) > 0.999).mean()
    heard = gradient_norms(rnn, after, test[:, :-1], test[:, -1], config)["layers.0.hidden"]
    print(f"{name:23} norm of W_h {np.linalg.norm(after['layers.0.w_h']):9,.1f}   states stuck at ±1: {full:4.0%}"
          f"   blame left 5 steps back: {heard[5] / heard[0]:.0e}")  # fmt: skip
# %% [markdown]
# One step without clipping has thrown $W_h$ so far out that every state is stuck at ±1, where the slope $1-h^2$ is 0:
# the network has lost its memory for good, and no gradient is left to bring it back. Clipped, it has moved a little,
# and the next step can move it on. Clipping does nothing for gradients that *vanish*: a factor can shorten what is
# long, not bring back what is gone. For that the path itself has to change, and that is the LSTM's cell, or attention.
#
# ## Where this stands elsewhere
# - Page (`hornbook guide`): *autograd*, where blame is handed back number by number; *training*.
# - Film: step 7, gradients; step 12, what goes wrong.
# - Library: `reference/rnn.py`, `reference/lstm.py`, `reference/gradient_flow.py`, `reference/optim.py` (`clip`).
#
# ## Reflection prompts
# - In 90 seconds, to a friend: what is in $h$, what is in $c$, and why is one of them easier to learn through?
# - The Jacobian's norm was above 1 and gradients vanished all the same. How can both be true?
#
# ## Next
# Notebook 06 does away with the walk: attention links every token to every earlier one in a single step.
