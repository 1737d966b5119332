"""Reverse-mode automatic differentiation of single numbers: the `Value` node, its backward pass, and a check of it."""

import gc
import math
from contextlib import contextmanager


class Value:
    """One number of a computation, what it was made from, and how the result changes when it does.

    `children` are the operands, `local_grads` the derivative of this number in each; `grad`, filled by `backward`, is
    ∂result/∂this. `op` is "" for a leaf. Also called a scalar tensor, a variable, a node of the tape.
    """

    __slots__ = ("children", "data", "grad", "local_grads", "name", "op")

    def __init__(self, data, children=(), local_grads=(), op="", name=None):
        self.data = data
        self.grad = 0.0
        self.children = children
        self.local_grads = local_grads
        self.op = op
        self.name = name

    def _lift(self, other):  # numbers of the class of self, so that a subclass reaches every node it leads to
        return other if isinstance(other, Value) else self.__class__(other)

    def __add__(self, other):
        other = self._lift(other)
        return self.__class__(self.data + other.data, (self, other), (1.0, 1.0), "+")

    def __mul__(self, other):
        other = self._lift(other)
        return self.__class__(self.data * other.data, (self, other), (other.data, self.data), "×")

    def __pow__(self, exponent):
        """self ** exponent for a plain number `exponent`; derivative exponent · self ** (exponent − 1)."""
        slope = exponent * self.data ** (exponent - 1)
        return self.__class__(self.data**exponent, (self,), (slope,), f"**{exponent}")

    def exp(self):
        result = math.exp(self.data)
        return self.__class__(result, (self,), (result,), "exp")

    def log(self):
        """The natural logarithm; ValueError at zero and below."""
        return self.__class__(math.log(self.data), (self,), (1 / self.data,), "log")

    def tanh(self):
        result = math.tanh(self.data)
        return self.__class__(result, (self,), (1 - result * result,), "tanh")

    def relu(self):
        """max(0, self), with derivative 0 at 0."""
        return self.__class__(max(0.0, self.data), (self,), (float(self.data > 0),), "relu")

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __truediv__(self, other):
        return self * other**-1

    def __rsub__(self, other):
        return other + (-self)

    def __rtruediv__(self, other):
        return other * self**-1

    __radd__ = __add__
    __rmul__ = __mul__

    def nodes(self):
        """Every node this one was made from, children before parents and this one last: a topological order.

        Depth first with a stack of its own, so that no depth is too deep.
        """
        order, seen, stack = [], set(), [self]
        while stack:
            node = stack.pop()
            if node is None:  # everything below the node underneath is in the order
                order.append(stack.pop())
            elif node not in seen:
                seen.add(node)
                stack += (node, None, *node.children)
        return order

    def backward(self):
        """Add ∂self/∂node to the `grad` of every node, by the chain rule: child.grad += ∂node/∂child · node.grad.

        Call it once for a graph; leaves used again keep adding up until their `grad` is set to 0.
        """
        self.grad = 1.0
        for node in reversed(self.nodes()):
            grad = node.grad
            for child, local_grad in zip(node.children, node.local_grads):
                child.grad += local_grad * grad

    def __repr__(self):
        return f"{self.name or self.op or 'Value'} = {self.data:.6g} (grad {self.grad:.6g})"


def name(label, values):
    """Name a list of Values `label[0]`, `label[1]`, …, and return it."""
    for i, value in enumerate(values):
        value.name = f"{label}[{i}]"
    return values


def slope(result, leaf, step=1e-5):
    """The derivative of `result()` in `leaf`, without any calculus: (result(x + h) − result(x − h)) / 2h.

    Also called the central finite difference. `result` is a function that makes its Value anew from the leaves. The
    error falls with step² until rounding, about 1e-16 / step, takes over.
    """
    x = leaf.data
    leaf.data = x + step
    above = result().data
    leaf.data = x - step
    below = result().data
    leaf.data = x
    return (above - below) / (2 * step)


@contextmanager
def without_garbage_collector():
    """No search for cycles inside: the nodes hold none, and the search takes three quarters of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


if __name__ == "__main__":
    a, b = Value(1.0, name="a"), Value(2.0, name="b")
    result = a * b + (a / b).tanh()
    result.backward()
    print(f"a = {a.data}, b = {b.data}, a × b + tanh(a ÷ b) = {result.data:.5f}")
    for leaf in (a, b):
        by_nudging = slope(lambda: a * b + (a / b).tanh(), leaf)
        print(f"nudge {leaf.name} and it moves {by_nudging:.8f} times as far; its gradient is {leaf.grad:.8f}")
