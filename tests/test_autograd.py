"""The Value node: derivatives one can check on paper, the chain rule's laws, agreement with nudging and with torch."""

import gc
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook.reference.autograd import Value, name, slope, without_garbage_collector

numbers = st.floats(-3, 3).filter(lambda x: abs(x) > 1e-2)
OPERATIONS = {  # name -> (operation, where it is asked, its value there, its derivatives there)
    "add": (lambda a, b: a + b, (2.0, 3.0), 5.0, (1.0, 1.0)),
    "subtract": (lambda a, b: a - b, (2.0, 3.0), -1.0, (1.0, -1.0)),
    "multiply": (lambda a, b: a * b, (2.0, 3.0), 6.0, (3.0, 2.0)),
    "divide": (lambda a, b: a / b, (2.0, 4.0), 0.5, (0.25, -0.125)),
    "power": (lambda a: a**3, (2.0,), 8.0, (12.0,)),
    "negate": (lambda a: -a, (2.0,), -2.0, (-1.0,)),
    "exp": (lambda a: a.exp(), (0.0,), 1.0, (1.0,)),
    "log": (lambda a: a.log(), (4.0,), math.log(4), (0.25,)),
    "tanh": (lambda a: a.tanh(), (0.0,), 0.0, (1.0,)),
    "relu above 0": (lambda a: a.relu(), (2.0,), 2.0, (1.0,)),
    "relu at 0": (lambda a: a.relu(), (0.0,), 0.0, (0.0,)),
    "relu below 0": (lambda a: a.relu(), (-2.0,), 0.0, (0.0,)),
    "number + value": (lambda a: 3 + a, (2.0,), 5.0, (1.0,)),
    "number - value": (lambda a: 3 - a, (2.0,), 1.0, (-1.0,)),
    "number * value": (lambda a: 3 * a, (2.0,), 6.0, (3.0,)),
    "number / value": (lambda a: 3 / a, (2.0,), 1.5, (-0.75,)),
}


@pytest.mark.parametrize("case", OPERATIONS)
def test_each_operation_by_hand(case):
    operation, inputs, value, derivatives = OPERATIONS[case]
    leaves = [Value(x) for x in inputs]
    result = operation(*leaves)
    result.backward()
    assert result.data == value
    assert tuple(leaf.grad for leaf in leaves) == derivatives


def test_a_number_used_twice_is_owed_twice():
    a = Value(3.0)
    (a * a + a).backward()
    assert a.grad == 7.0  # 2a + 1


def test_leaves_add_up_over_graphs():
    a = Value(3.0)
    (a * 2).backward()
    (a * 5).backward()
    assert a.grad == 7.0


def test_nodes_are_in_topological_order_and_each_is_there_once():
    a, b = Value(2.0), Value(3.0)
    shared = a * b
    nodes = (shared + shared.exp()).nodes()
    place = {node: i for i, node in enumerate(nodes)}
    assert len(place) == len(nodes) == 5
    assert all(place[child] < place[node] for node in nodes for child in node.children)


def test_a_long_chain_needs_no_recursion():
    a = Value(1.0)
    result = a
    for _ in range(20_000):
        result = result + 1
    result.backward()
    assert (result.data, a.grad) == (20_001.0, 1.0)


def test_names_and_what_a_value_says_of_itself():
    first, second = name("q", [Value(0.5), Value(1.5)])
    (first * second).backward()
    assert (first.name, second.name) == ("q[0]", "q[1]")
    assert repr(first) == "q[0] = 0.5 (grad 1.5)"


def test_a_subclass_reaches_every_node():
    class Marked(Value):
        pass

    result = (1 - Marked(2.0).tanh()) / 3
    assert all(type(node) is Marked for node in result.nodes())


@pytest.mark.parametrize("before", [True, False])
def test_the_garbage_collector_is_left_as_it_was(before):
    was_on = gc.isenabled()
    try:
        (gc.enable if before else gc.disable)()
        with pytest.raises(KeyError), without_garbage_collector():
            assert not gc.isenabled()
            raise KeyError
        assert gc.isenabled() == before
    finally:
        (gc.enable if was_on else gc.disable)()


def composed(a, b):
    """Every operation once, all of them defined everywhere."""
    return ((a * b).tanh() + (a - b).exp() / (1 + b**2)).relu() + (a**2 + 1).log() * b - a / 3


@settings(max_examples=50, deadline=None)
@given(numbers, numbers)
def test_gradients_are_slopes(x, y):
    a, b = Value(x), Value(y)
    composed(a, b).backward()
    for leaf in (a, b):
        gradient = leaf.grad
        # the error of a central difference is about step² · f''' / 6 + 1e-16 · f / step
        assert math.isclose(gradient, slope(lambda: composed(a, b), leaf), rel_tol=1e-6, abs_tol=1e-6)
    assert (a.data, b.data) == (x, y)


@settings(max_examples=50, deadline=None)
@given(numbers, numbers, numbers)
def test_the_gradient_is_linear(x, y, factor):
    def gradient(f):
        leaf = Value(x)
        f(leaf).backward()
        return leaf.grad

    together = gradient(lambda a: (a * y).tanh() * factor + a.exp())
    apart = factor * gradient(lambda a: (a * y).tanh()) + gradient(lambda a: a.exp())
    assert math.isclose(together, apart, rel_tol=1e-12, abs_tol=1e-12)


@settings(max_examples=25, deadline=None)
@given(numbers, numbers)
def test_agrees_with_torch(x, y):
    torch = pytest.importorskip("torch")
    a, b = Value(x), Value(y)
    result = composed(a, b)
    result.backward()
    s, t = (torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in (x, y))
    theirs = composed(s, t)
    theirs.backward()
    for mine, other in ((result.data, theirs.item()), (a.grad, s.grad.item()), (b.grad, t.grad.item())):
        assert math.isclose(mine, other, rel_tol=1e-12, abs_tol=1e-12)
