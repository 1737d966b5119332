"""Wrong answers to the ladder's fourth notebook, and the diagnosis each must get."""

import math

import numpy as np

from hornbook.reference import microgpt


def a_value(times=lambda a, b: (b, a), exp=math.exp, log=lambda x: 1 / x):
    """A class of Values with its own slopes."""

    class Node:
        def __init__(self, data, children=(), local_grads=()):
            self.data, self.grad, self.children, self.local_grads = data, 0.0, children, local_grads

        def __add__(self, other):
            return Node(self.data + other.data, (self, other), (1.0, 1.0))

        def __mul__(self, other):
            other = other if isinstance(other, Node) else Node(other)
            return Node(self.data * other.data, (self, other), times(self.data, other.data))

        def exp(self):
            return Node(math.exp(self.data), (self,), (exp(self.data),))

        def log(self):
            return Node(math.log(self.data), (self,), (log(self.data),))

    return Node


def deep(node, order):
    if node not in order:
        for child in node.children:
            deep(child, order)
        order.append(node)
    return order


def broad(result):
    found, level = [], [result]
    while level:
        found += [node for node in dict.fromkeys(level) if node not in found]
        level = [child for node in level for child in node.children]
    return found


def handing(nodes=lambda result: deep(result, [])[::-1], start=1.0, add=True, chain=True):
    def answer(result):
        result.grad = start
        for node in nodes(result):
            for i, child in enumerate(node.children):
                piece = node.local_grads[i] * (node.grad if chain else 1)
                child.grad = child.grad + piece if add else piece

    return answer


def softmax(logits, off=True):
    top = max(logits) if off else 0
    powers = [math.exp(z - top) for z in logits]
    return [power / sum(powers) for power in powers]


def numpy_softmax(logits, target):
    with np.errstate(all="ignore"):
        p = np.exp(logits) / np.exp(logits).sum()
        return p[target], -np.log(p[target])


def head(scale=np.sqrt, axis=1, mask=np.tril, late=False, largest=None, hidden=-np.inf):
    def answer(q, k):
        T, K = q.shape
        seen = mask(np.ones((T, T))) > 0
        scores = np.where(seen | late, q @ k.T / scale(K), hidden)
        scores = scores - scores.max(axis=axis if largest is None else largest, keepdims=True)
        shares = np.exp(scores) / np.exp(scores).sum(axis=axis, keepdims=True)
        return shares * seen if late else shares

    return answer


def adam(correct=True, root=0.5, sign=-1, of=lambda g: g**2):
    def answer(x, g, m, v, step, rate):
        m, v = 0.85 * m + 0.15 * g, 0.99 * v + 0.01 * of(g)
        m_hat = m / (1 - 0.85**step) if correct else m
        v_hat = v / (1 - 0.99**step) if correct else v
        return x + sign * rate * m_hat / (v_hat**root + 1e-8), m, v

    return answer


def loop(backward=True, zero=True, name=lambda names, step: names[step - 1], before=True):
    def answer(weights, names, letters, config, steps):
        leaves = [leaf for table in weights.values() for row in table for leaf in row]
        m, v, losses = np.zeros(len(leaves)), np.zeros(len(leaves)), []
        for step in range(1, steps + 1):
            ids = microgpt.encode(name(names, step), letters)
            loss = microgpt.loss(weights, ids, config)
            if backward:
                loss.backward()
            g = np.array([leaf.grad for leaf in leaves])
            m, v = 0.85 * m + 0.15 * g, 0.99 * v + 0.01 * g * g
            far = (m / (1 - 0.85**step)) / (np.sqrt(v / (1 - 0.99**step)) + 1e-8)
            for leaf, by in zip(leaves, far * config.learning_rate * (1 - (step - 1) / config.steps)):
                leaf.data -= by
                leaf.grad = 0.0 if zero else leaf.grad
            losses.append(float((loss if before else microgpt.loss(weights, ids, config)).data))
        return losses

    return answer


WRONG = {
    "L4.1": [(a_value(times=lambda a, b: (a, b)), "exchanged"), (a_value(times=lambda a, b: (1.0, 1.0)), "of a sum"),
             (a_value(exp=lambda x: 1.0), "e^x itself"), (a_value(log=math.log), "1 / x")],
    "L4.2": [(handing(add=False), "assigned"), (handing(lambda result: deep(result, [])), "turned round"),
             (handing(broad), "before all"), (handing(chain=False), "chain rule"), (handing(start=0.0), "set")],
    "L4.3": [(lambda z, t: (softmax(z, False)[t], -math.log(softmax(z, False)[t])), "too large"),
             (numpy_softmax, "inf / inf"), (lambda z, t: (softmax(z)[t], -math.log2(softmax(z)[t])), "bits"),
             (lambda z, t: (max(softmax(z)), -math.log(max(softmax(z)))), "most likely one"),
             (lambda z, t: (softmax(z)[t], math.log(softmax(z)[t])), "minus")],
    "L4.4": [(head(scale=lambda K: 1), "not divided"), (head(scale=lambda K: K), "by its root"),
             (head(axis=0), "(axis 0)"),
             (head(axis=0, largest=1), "summed along axis 0"), (head(mask=np.ones_like), "mask is missing"),
             (head(late=True), "masked after"), (head(hidden=0.0), "only minus infinity"),
             (head(mask=np.triu), "upside down")],
    "L4.5": [(adam(correct=False), "bias correction"), (adam(root=1), "root of v"), (adam(sign=1), "goes up"),
             (adam(of=abs), "g squared")],
    "L4.6": [(loop(zero=False), "set back to 0"), (loop(backward=False), "nothing was learnt"),
             (loop(name=lambda names, step: names[0]), "first name"), (loop(before=False), "after the step")],
}  # fmt: skip
