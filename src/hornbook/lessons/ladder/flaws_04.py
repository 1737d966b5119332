"""What the checks of the ladder's fourth notebook compare with: right answers, and answers with one known flaw."""

import math
import random
from itertools import islice

import numpy as np

from hornbook.reference import microgpt, optim
from hornbook.reference.autograd import Value

OPERATIONS = {
    "a · b": lambda make, a, b: make(a) * make(b),
    "a · 3, a plain number": lambda make, a, b: make(a) * 3.0,
    "a + b": lambda make, a, b: make(a) + make(b),
    "e^a": lambda make, a, b: make(a).exp(),
    "ln a": lambda make, a, b: make(a).log(),
}


def made(answer, operation):
    """What a class of Values makes of an operation."""
    node = OPERATIONS[operation](answer, 2.5, -4.0)
    return {"data": node.data, "children": [child.data for child in node.children],
            "local_grads": list(node.local_grads)}  # fmt: skip


def with_method(name, method):
    """A class of Values whose method `name` is method(self, other)."""
    return type("Flawed", (Value,), {"__slots__": (), name: method})


def product(local_grads):
    def times(self, other):
        other = self._lift(other)
        return self.__class__(self.data * other.data, (self, other), local_grads(self.data, other.data))

    return with_method("__mul__", times)


def function(name, f, slope):
    return with_method(name, lambda self: self.__class__(f(self.data), (self,), (slope(self.data),)))


def used_twice(a, b, c):
    return a * b + a


def each_once(a, b, c):
    return (a * b + c).tanh()


def two_ways(a, b, c):
    d = a * b
    return d + (d * c).exp() * a  # one way to d is longer than the other


GRAPHS = {"a · b + a": used_twice, "tanh(a · b + c)": each_once, "d + e^(d · c) · a with d = a · b": two_ways}


def gradients(answer, graph):
    """The gradient of every leaf after answer(result)."""
    leaves = dict(zip("abc", map(Value, (0.7, -1.2, 0.4))))
    answer(GRAPHS[graph](**leaves))
    return {name: leaf.grad for name, leaf in leaves.items()}


def walk(result, order, hand):
    """Backward with a choice of the order and of what a node hands to a child: hand(child's grad, local, own)."""
    result.grad = 1.0
    for node in order(result):
        for child, local in zip(node.children, node.local_grads):
            child.grad = hand(child.grad, local, node.grad)


def by_rule(has, local, own):
    return has + local * own


def from_the_result(result):
    return reversed(result.nodes())


def breadth_first(result):
    queue = [result]
    for node in queue:
        queue += [child for child in node.children if child not in queue]
    return queue


def cross_entropy(logits, target):
    largest = max(logits)
    powers = [math.exp(score - largest) for score in logits]
    return powers[target] / sum(powers), math.log(sum(powers)) + largest - logits[target]


def overflowing(logits, target):
    powers = [math.exp(score) for score in logits]
    return powers[target] / sum(powers), -math.log(powers[target] / sum(powers))


def overflowing_array(logits, target):
    with np.errstate(all="ignore"):
        powers = np.exp(np.array(logits))
        probability = (powers / powers.sum())[target]
        return probability, -np.log(probability)


def pattern(q, k, power=0.5, axis=1, seen=np.tril, largest=None):
    """softmax(q kᵀ / K^power) along an axis, over what is seen; the maximum along `largest` is taken off first."""
    T, K = q.shape
    scores = np.where(seen(np.ones((T, T))), q @ k.T / K**power, -np.inf)
    powers = np.exp(scores - (0 if largest is None else scores.max(axis=largest, keepdims=True)))
    return powers / powers.sum(axis=axis, keepdims=True)


def masked_late(q, k):
    return np.tril(pattern(q, k, seen=np.ones_like))


def masked_by_0(q, k):
    powers = np.exp(np.tril(q @ k.T / np.sqrt(q.shape[1])))
    return powers / powers.sum(axis=1, keepdims=True)


def adam(x, g, m, v, step, rate, beta1=0.85, beta2=0.99, epsilon=1e-8):
    state = {"m": m, "v": v, "step": step - 1}
    return optim.adam(x, g, state, rate, beta1, beta2, epsilon), state["m"], state["v"]


def moving(distance, square=lambda g: g * g):
    """Adam with another distance, of (m, v, step, rate), or another square."""

    def step_of(x, g, m, v, step, rate):
        m, v = 0.85 * m + 0.15 * g, 0.99 * v + (1 - 0.99) * square(g)
        return x - distance(m, v, step, rate), m, v

    return step_of


def corrected(m, v, step):
    return m / (1 - 0.85**step), v / (1 - 0.99**step)


def full(m, v, step, rate):
    m, v = corrected(m, v, step)
    return rate * m / (v**0.5 + 1e-8)


def no_root(m, v, step, rate):
    m, v = corrected(m, v, step)
    return rate * m / (v + 1e-8)


SMALL = microgpt.Config(n_embd=4, n_head=2, block_size=4, steps=8, learning_rate=0.1)


def trained(answer, names, steps):
    """answer(weights, names, letters, config, steps) on a small model, drawn anew."""
    letters = microgpt.alphabet(names)
    weights = microgpt.init(len(letters) + 1, SMALL, random.Random(3))
    return answer(weights, names, letters, SMALL, steps)


def first_losses(weights, names, letters, config, steps):
    return [loss for _, loss in islice(microgpt.train(weights, names, letters, config), steps)]


def training(learns=True, clears=True, same=False, late=False):
    """first_losses with a flaw."""

    def answer(weights, names, letters, config, steps):
        leaves = [leaf for rows in weights.values() for row in rows for leaf in row]
        m, v, losses = [0.0] * len(leaves), [0.0] * len(leaves), []
        for step in range(1, steps + 1):
            ids = microgpt.encode(names[0 if same else step - 1], letters)
            loss = microgpt.loss(weights, ids, config)
            loss.backward()
            grads = [leaf.grad for leaf in leaves]
            if learns:
                microgpt.adam(leaves, m, v, step, config)
            for leaf, grad in zip(leaves, grads):
                leaf.grad = 0.0 if clears else grad
            losses.append((microgpt.loss(weights, ids, config) if late else loss).data)
        return losses

    return answer
