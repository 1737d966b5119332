"""Two answers beside each other: what counts as the same, and how the first difference is told."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.lessons.comparing import Yielded, brief, difference, form

PLAIN = st.recursive(
    st.one_of(st.integers(), st.floats(), st.text(max_size=5), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=8,
)


@given(PLAIN)
def test_everything_is_like_itself(value):
    assert difference(value, value) is None


@given(st.lists(st.floats(-1e5, 1e5), min_size=1, max_size=6), st.data())
def test_one_number_moved_is_found_where_it_is(numbers, data):
    place = data.draw(st.integers(0, len(numbers) - 1))
    moved = list(numbers)
    moved[place] += 1.0
    for kind in (list, np.array):
        found = difference(kind(moved), kind(numbers))
        assert (found.kind, found.name) == ("value", f"answer[{place}]")
        assert float(found.yours) - float(found.right) == pytest.approx(1.0, abs=10)
        assert found.yours != found.right


SAME = [
    (1, 1.0),
    (np.float64(0.1) + np.float64(0.2), 0.3),
    (np.array(3), 3),
    (np.array([1, 2]), np.array([1.0, 2.0])),
    (np.array([-np.inf, np.nan]), np.array([-np.inf, np.nan])),
    (math.nan, math.nan),
    (Counter("aab"), {"b": 1, "a": 2}),
    ({1, 2}, frozenset([2, 1])),
    ([1, 2], Yielded([1, 2])),
    (np.array(["a", "b"]), np.array(["a", "b"])),
    (1 + 0j, 1),
]


@pytest.mark.parametrize(("yours", "right"), SAME, ids=repr)
def test_these_are_the_same(yours, right):
    assert difference(yours, right) is None


DIFFERENT = [  # yours, right, kind, name, shown
    (2, 3, "value", "answer", ("2", "3")),
    (10**20 + 1, 10**20, "value", "answer", (str(10**20 + 1), str(10**20))),
    (0.123456, 0.123457, "value", "answer", ("0.123456", "0.123457")),
    (0.1234567, 0.1234568, "digits", "answer", ("0.1234567", "0.1234568")),
    (np.array([1, 2.000001]), np.array([1.0, 2]), "digits", "answer[1]", ("2.000001", "2")),
    (np.array([5, 2.000001]), np.array([4, 2.0]), "value", "answer[0]", ("5", "4")),
    (np.array([4.000001, 3]), np.array([4, 2.0]), "value", "answer[0]", ("4.000001", "4")),
    (3e-8, 1e-9, "value", "answer", ("3e-08", "1e-09")),
    (True, 1, "type", "answer", ("True", "1")),
    ("3", 3, "type", "answer", ("'3'", "3")),
    (None, 3, "type", "answer", ("None", "3")),
    (math.nan, 3.0, "nan", "answer", ("nan", "3")),
    (math.inf, 3.0, "nan", "answer", ("inf", "3")),
    (3.0, math.nan, "value", "answer", ("3", "nan")),
    ([1, 2], (1, 2), "type", "answer", ("[1, 2]", "(1, 2)")),
    (Yielded([1]), [1], "type", "answer", ("[1]", "[1]")),
    ([1, 2, 4], [1, 2, 3], "value", "answer[2]", ("4", "3")),
    ([1, 2], [1, 2, 3], "length", "answer[2]", ("(nothing)", "3")),
    ([1, 2, 3], [1, 2], "length", "answer[2]", ("3", "(nothing)")),
    ([[1], [2]], [[1], [3]], "value", "answer[1][0]", ("2", "3")),
    ("hello", "hallo", "text", "answer", ("'hello'", "'hallo'")),
    (b"ab", b"ac", "text", "answer", ("b'ab'", "b'ac'")),
    ("x" * 50 + "a", "x" * 50 + "b", "text", "answer[50]", ("'xxxxxxxxxxxxa'", "'xxxxxxxxxxxxb'")),
    ({"e": "both"}, {"e": "none"}, "text", "answer['e']", ("'both'", "'none'")),
    (True, False, "other", "answer", ("True", "False")),
    ({"a": 1}, {"a": 2}, "value", "answer['a']", ("1", "2")),
    ({"a": 1}, {"a": 1, "b": 2}, "keys", "answer", ("lacks what is right", "has 'b'")),
    ({"c": 1}, {"a": 1}, "keys", "answer", ("has 'c'", "has 'a'")),
    ({"a": 1, "b": 2}, {"a": 1}, "keys", "answer", ("has 'b'", "has nothing more")),
    ({1, 2}, {1}, "keys", "answer", ("has 2", "has nothing more")),
    (np.array([[0, 5], [6, 7]]), np.zeros((2, 2), int), "value", "answer[0, 1]", ("5", "0")),
    (np.zeros((2, 3)), np.zeros((3, 2)), "shape", "answer", ("(2, 3)", "(3, 2)")),
    (np.zeros(1), 0.0, "type", "answer", ("array([0.])", "0")),
    ([0.0], np.zeros(1), "type", "answer", ("[0.0]", "array([0.])")),
    (np.array([0, np.nan]), np.array([0, 1.0]), "nan", "answer[1]", ("nan", "1")),
    (np.array([2**60 + 1]), np.array([2**60]), "value", "answer[0]", (str(2**60 + 1), str(2**60))),
    (np.array(["a", "b"]), np.array(["a", "c"]), "text", "answer[1]", ("'b'", "'c'")),
]


@pytest.mark.parametrize(("yours", "right", "kind", "name", "shown"), DIFFERENT, ids=lambda value: brief(value, 20))
def test_these_differ_and_how(yours, right, kind, name, shown):
    found = difference(yours, right)
    assert (found.kind, found.name, (found.yours, found.right)) == (kind, name, shown)


def test_parts_of_a_tuple_have_names_and_a_list_passes_for_it():
    right = (np.zeros((2, 3)), np.ones(2))
    yours = [np.zeros((2, 3)), np.array([1.0, 5.0])]
    found = difference(yours, right, ("hidden", "cell"))
    assert (found.name, found.yours, found.right, found.count, found.of) == ("cell[1]", "5", "1", 1, 2)
    assert difference([np.zeros((2, 3)), np.ones(2)], right, ("hidden", "cell")) is None
    assert difference(yours[:1], right, ("hidden", "cell")).kind == "length"


def test_the_tolerance_is_relative_and_absolute():
    assert difference(1e6 + 1e-4, 1e6, tolerance=1e-9) is None
    assert difference(1e-10, 0.0, tolerance=1e-9) is None
    assert difference(1.00001, 1.0, tolerance=1e-6).kind == "value"
    assert difference(np.array([1.00001]), np.array([1.0]), tolerance=1e-4) is None


def test_float32_is_compared_with_the_digits_it_has():
    right = np.array([1 / 3, 2 / 3])
    assert difference(right.astype(np.float32), right) is None
    assert difference(right, right.astype(np.float32)) is None
    assert difference([np.float32(1 / 3)], [1 / 3]) is None
    assert difference(np.float32(1 / 3) * 1.0001, 1 / 3).kind == "value"
    assert difference(right.astype(np.float16), right).kind == "value"
    assert difference(right.astype(np.float32) * np.float32(1.000001), right.astype(np.float32), tolerance=0)
    assert difference(float(np.float32(1 / 3)), 1 / 3).kind == "digits"
    torch = pytest.importorskip("torch")
    assert difference(torch.tensor(1 / 3), 1 / 3) is None
    assert difference({"a": torch.tensor([1 / 3])}, {"a": np.array([1 / 3])}) is None


def test_tensors_and_sparse_matrices_are_compared_as_arrays():
    torch = pytest.importorskip("torch")
    sparse = pytest.importorskip("scipy.sparse")
    weights = torch.ones(2, 3, requires_grad=True)
    assert difference(weights, np.ones((2, 3))) is None
    assert difference(torch.nn.Parameter(torch.ones(2, 3).bfloat16()), np.ones((2, 3))) is None
    assert difference(weights.sum(), 6) is None
    assert difference(sparse.csr_array(np.eye(2)), np.eye(2)) is None
    assert difference(weights, torch.ones(3, 2)).right == "(3, 2)"


def test_forms_say_type_and_shape():
    told = [form(value) for value in (np.zeros((2, 1), np.float32), [1, 2], "abc", None, 3, 3.0, True, {1: 2}, len)]
    assert told[:2] == ["array (2, 1) float32", "list of 2"]
    assert told[2:5] == ["str of 3 characters", "nothing (None)", "int"]
    assert told[5:] == ["float", "bool", "dict of 1", "builtin_function_or_method"]


def test_what_is_long_is_cut():
    assert brief("x" * 100) == "'" + "x" * 46 + "…"
    assert brief(list(range(100)), 10) == "[0, 1, 2,…"
