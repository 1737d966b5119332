"""microgpt's fast form: the numbers of hornbook.reference.microgpt, with gradients written out and compiled."""

import math
import random
import re
import time
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from hornbook.errors import HornbookError, nearest
from hornbook.fast import microgpt_kernels as kernels
from hornbook.fast import microgpt_layout as memories
from hornbook.reference.microgpt import Config, alphabet


class Step(NamedTuple):
    """What one step did: the mean loss of its names before it, in nats a token, and its learning rate."""

    step: int
    loss: float
    learning_rate: float


def begin(names, config=None, seed=42):
    """Shuffle the names and draw the weights from one random stream, as the scalar form does: (model, names, rng)."""
    rng, names = random.Random(seed), list(names)
    rng.shuffle(names)
    return MicroGPT(alphabet(names), config, rng), names, rng


def compile_now():
    """Compile the loops, or load them from Numba's cache: (seconds, whether they had to be compiled)."""
    misses, began = sum(kernels.run.stats.cache_misses.values()), time.perf_counter()
    MicroGPT("a").loss(["a"])
    return time.perf_counter() - began, sum(kernels.run.stats.cache_misses.values()) > misses


class MicroGPT:
    """A microgpt of any size and alphabet, in float64.

    `parameters`, `gradients` (of the last batch), and Adam's `m` and `v` are dicts of (out, in) arrays under the same
    names, views into one memory: write into them to change them. `step` counts the training steps so far. Without an
    `rng` to draw them from, the weights are 0. A bad config raises HornbookError.
    """

    def __init__(self, letters, config=None, rng=None):
        config = config or Config()
        _check(letters, config)
        self.letters, self.config, self.bos, self.step = list(letters), config, len(letters), 0
        self.at, size = memories.layout(config, self.vocab_size)
        self.memory = memories.aligned(size)
        self.parameters, self.gradients, self.m, self.v = (
            {name: memories.view(self.memory, start + at, shape) for name, at, shape in memories.parameters(self.at)}
            for start in (0, self.at.gradients, self.at.m, self.at.v)
        )
        for weight in self.parameters.values() if rng else ():
            weight[:] = [[rng.gauss(0, config.init_std) for _ in row] for row in weight]

    @property
    def vocab_size(self):
        return len(self.letters) + 1

    def counts(self):
        """How many parameters each matrix has, by name."""
        return {name: weight.size for name, weight in self.parameters.items()}

    def encode(self, names):
        """The ids of the names end to end, <BOS> before, between and after, and where the <BOS> of each stands."""
        ids, text, offsets = {letter: i for i, letter in enumerate(self.letters)}, [self.bos], [0]
        for word in names:
            if unknown := sorted(set(word) - set(ids)):
                raise HornbookError(
                    f"the model knows no {' '.join(map(repr, unknown))}, found in {word!r}."
                    f" It was made for names of {''.join(self.letters)}."
                )
            text += [*(ids[letter] for letter in word), self.bos]
            offsets.append(len(text) - 1)
        if len(offsets) == 1:
            raise HornbookError("there are no names; it needs at least one.")
        return np.array(text, np.int64), np.array(offsets, np.int64)

    def train(self, names, steps=None, batch=1, chunk=256):
        """Take `steps` steps of `batch` names each, or all that the schedule still has; yields a Step each.

        They are made `chunk` at a time: parameters read in between are those after the chunk. A loss that is no number,
        or stays worse than guessing, raises HornbookError.
        """
        last = self.config.steps if steps is None else self.step + steps
        if last > self.config.steps:
            raise HornbookError(
                f"the learning rate is 0 after step {self.config.steps}, and step {last} was asked for."
                f" Plan them all at the start: Config(steps={last})."
            )
        text, offsets = self.encode(names)
        losses, rate, steps = [], self.config.learning_rate, self.config.steps
        while self.step < last:
            first, chunk = self.step, min(chunk, last - self.step)
            done = self._run(text, offsets, kernels.TRAIN, (chunk, batch), first)
            losses += done
            finished = [loss for loss in done if math.isfinite(loss)]
            self.step += len(finished)
            for step, loss in enumerate(finished, first + 1):
                yield Step(step, loss, rate * (1 - (step - 1) / steps))
            _judge(losses, self.step, self.config, self.vocab_size)

    def _run(self, text, offsets, mode, shape, first=0):
        """The mean loss of each batch, shape (batches, names a batch), up to the first that is no number."""
        losses, config = np.empty(shape), self.config
        rates = config.learning_rate, config.beta1, config.beta2, config.epsilon
        schedule = config.steps, *map(float, rates)  # an int among them would compile everything again
        done = kernels.run(self.memory, self.at, text, offsets, mode, first, losses, schedule)
        return losses[: done + 1].mean(axis=1).tolist()

    def gradient(self, names):
        """The mean of the losses of some names; leaves its gradient in `gradients` and moves nothing."""
        text, offsets = self.encode(names)
        return self._run(text, offsets, kernels.GRADIENTS, (1, len(names)))[0]

    def losses(self, names):
        """The loss of each name: the mean of −log p over its letters and its end, in nats."""
        text, offsets = self.encode(names)
        losses = np.empty((1, len(names)))
        kernels.run(self.memory, self.at, text, offsets, kernels.LOSS, 0, losses, (1, 0.0, 0.0, 0.0, 0.0))
        return losses[0]

    def loss(self, names):
        """The loss of a whole set of names: the mean of −log p over all their letters and ends, in nats."""
        tokens = np.minimum([len(word) + 1 for word in names], self.config.block_size)
        return float(self.losses(names) @ tokens / tokens.sum())

    def probabilities(self, word):
        """What may follow <BOS> and each letter of the beginning of a name: (letters + 1, V)."""
        return self._follow([self.bos, *self.encode([word])[0][1:-1]])

    def _follow(self, ids):
        """(T, V); past the block, from the last `block_size` ids as if they began it."""
        T, B = len(ids), self.config.block_size
        if T > B:
            windows = [self._follow(ids[end - B : end])[-1] for end in range(B + 1, T + 1)]
            return np.vstack([self._follow(ids[:B]), *windows])
        self._run(np.array([*ids, self.bos], np.int64), np.array([0, T], np.int64), kernels.LOSS, (1, 1))
        at = self.at
        return self.memory[at.probabilities : at.probabilities + at.V * at.W].reshape(at.V, at.W)[:, :T].T.copy()

    def forward(self, ids, state=None):
        """Log probabilities (B, T, V) of what follows ids (B, T), and the state to go on from. <BOS> begins anew."""
        whole = np.asarray(ids) if state is None else np.concatenate([state, ids], axis=1)
        logprobs = np.empty((*whole.shape, self.vocab_size))
        for row, line in zip(whole, logprobs):
            edges = [0, *(np.flatnonzero(row[1:] == self.bos) + 1), len(row)]
            for start, end in pairwise(edges):
                with np.errstate(divide="ignore"):
                    line[start:end] = np.log(self._follow(row[start:end]))
        return logprobs[:, whole.shape[1] - np.shape(ids)[1] :], whole

    def sample(self, rng, temperature=0.5):
        """Write one name: letter after letter from softmax(logits / temperature), to <BOS> or the block's end."""
        if temperature <= 0:
            raise HornbookError(f"temperature {temperature} is not above 0; 0.5 is careful, 1 as it was trained.")
        word = ""
        for _ in range(self.config.block_size):
            p = self.probabilities(word)[-1]
            token = rng.choices(range(self.vocab_size), weights=(p / p.max()) ** (1 / temperature))[0]
            if token == self.bos:
                break
            word += self.letters[token]
        return word

    def find(self, number):
        """The name and index of one parameter written like "wte[7][3]"; HornbookError when there is none."""
        match = re.fullmatch(r"([\w.]+)\[(\d+)\]\[(\d+)\]", number)
        if not match:
            raise HornbookError(f"{number!r} is not a parameter; write one like wte[7][3].")
        name, index = match[1], (int(match[2]), int(match[3]))
        if name not in self.parameters:
            raise HornbookError(f'there is no parameter "{name}".{nearest(name, self.parameters)}')
        rows, columns = self.parameters[name].shape
        if index[0] >= rows or index[1] >= columns:
            raise HornbookError(f"{name} has {rows} rows of {columns}, counted from 0; there is no {number}.")
        return name, index

    def slope(self, word, number, step=1e-5):
        """The gradient of a name's loss in one parameter by nudging it: (L(x + h) − L(x − h)) / 2h."""
        name, index = self.find(number)
        weight, x, around = self.parameters[name], self.parameters[name][index], []
        for nudged in (x + step, x - step):
            weight[index] = nudged
            around.append(self.losses([word])[0])
        weight[index] = x
        return float(around[0] - around[1]) / (2 * step)

    def moments(self, number):
        """One parameter, its gradient in the last batch, and Adam's m and v for it, as they are now."""
        name, index = self.find(number)
        parts = {"value": self.parameters, "gradient": self.gradients, "m": self.m, "v": self.v}
        return {part: float(arrays[name][index]) for part, arrays in parts.items()}


def _check(letters, config):
    for size in ("n_layer", "n_embd", "n_head", "block_size", "steps"):
        if getattr(config, size) < 1:
            raise HornbookError(f"{size} is {getattr(config, size)}; it needs at least 1.")
    if config.n_embd % config.n_head:
        raise HornbookError(f"n_embd {config.n_embd} is no multiple of n_head {config.n_head}; heads are equally wide.")
    if not letters:
        raise HornbookError("the names have no letters; it needs at least one.")


def _judge(losses, step, config, vocab_size):
    """Stop a run whose last loss is no number, or that for 200 steps was worse than guessing and did not fall."""
    rate, guessing = config.learning_rate, math.log(vocab_size)
    advice = f"Training stopped. Its learning rate began at {rate:g}; try {rate / 10:g}, or a smaller init_std."
    if not math.isfinite(losses[-1]):
        raise HornbookError(f"the loss became {losses[-1]} at step {step + 1}. {advice}")
    if len(losses) >= 200:
        before, now = np.mean(losses[-200:-100]), np.mean(losses[-100:])
        if now >= before > guessing + 0.5:
            raise HornbookError(
                f"the mean loss of the last 100 steps is {now:.2f} nats, worse than guessing"
                f" (ln {vocab_size} = {guessing:.2f}), and not falling. {advice}"
            )
