"""The walkable graph of a computation: every node with its operation, value, gradient, owner and lines of source."""

import json
import linecache
import re
import sys
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import numpy as np

from hornbook.errors import HornbookError, nearest
from hornbook.reference import autograd, microgpt
from hornbook.reference.autograd import Value

FORMAT = "hornbook graph 1"
REPLAY = {"+": Value.__add__, "×": Value.__mul__, "exp": Value.exp, "log": Value.log, "tanh": Value.tanh,
          "relu": Value.relu}  # fmt: skip


def _surprise(a, b):
    chosen = a.exp()
    return -(chosen / (chosen + b.exp())).log()


PRESETS = {  # name -> (formula, its inputs): small graphs to look at
    "addition": (lambda a, b: a + b, {"a": 2.0, "b": -3.0}),
    "multiplication": (lambda a, b, c: a * b + c, {"a": 2.0, "b": -3.0, "c": 10.0}),
    "log + exp (softmax fragment)": (_surprise, {"a": 1.0, "b": 2.0}),
    "ReLU": (lambda a, b, c: (a * b + c).relu(), {"a": 2.0, "b": 1.5, "c": -1.0}),
}


class Watched(Value):
    """A Value that remembers where it was made; whatever is computed from a watched value is watched.

    `place` is (file, line, the caller's line, its caller's line, …) of the code that used the autograd, in one file.
    """

    __slots__ = ("place",)

    def __init__(self, data, children=(), local_grads=(), op="", name=None):
        super().__init__(data, children, local_grads, op, name)
        self.place = _place(sys._getframe(1))


def _place(frame):
    while frame.f_code.co_filename == autograd.__file__:
        frame = frame.f_back
    file, lines = frame.f_code.co_filename, []
    while frame and frame.f_code.co_filename == file:
        if not lines or lines[-1] != frame.f_lineno:  # a comprehension may have a frame of its own
            lines.append(frame.f_lineno)
        frame = frame.f_back
    return file, *lines


def of_preset(title, **inputs):
    """The graph of one of PRESETS, with its usual inputs or others. HornbookError when there is no such preset."""
    if title not in PRESETS:
        raise HornbookError(f'there is no preset "{title}".{nearest(title, PRESETS)}')
    formula, usual = PRESETS[title]
    return Graph.of(formula(**{name: Watched(x, name=name) for name, x in {**usual, **inputs}.items()}))


def of_name(model, word):
    """The graph of the loss of one name under a `fast.microgpt.MicroGPT`, as the scalar form computes it."""
    weights = {
        label: [autograd.name(f"{label}[{o}]", [Watched(x) for x in row]) for o, row in enumerate(array.tolist())]
        for label, array in model.parameters.items()
    }
    ids = model.encode([word])[0].tolist()
    with autograd.without_garbage_collector():
        return Graph.of(microgpt.loss(weights, ids, model.config))


@dataclass(eq=False)
class Graph:
    """Nodes in an order in which children come before parents and the result last; a node is its place in it.

    One entry a node: `op` ("" for a leaf), `children`, `value`, `grad`, `lines` (of `file`, innermost first), `owner`:
    what it is or is part of, "wte[7][3]" or "layers.0.attn.q[position][i]". `numbers` maps a name to the nodes of its
    array, −1 where it has none: graph.value[graph.numbers["logits"]]. `source` maps a line to its text.
    """

    op: list[str]
    children: list[tuple[int, ...]]
    value: np.ndarray
    grad: np.ndarray
    owner: list[str]
    lines: list[tuple[int, ...]]
    numbers: dict[str, np.ndarray]
    file: str
    source: dict[int, str]

    @classmethod
    def of(cls, result):
        """Run the backward pass of a Watched result, and write down all it was made from."""
        result.backward()
        nodes = result.nodes()
        index = {node: i for i, node in enumerate(nodes)}
        file = result.place[0]
        computed = [node.place[0] == file and (node.children or not node.name) for node in nodes]
        lines = [node.place[1:] if by_a_line else () for node, by_a_line in zip(nodes, computed)]
        children = [tuple(index[child] for child in node.children) for node in nodes]
        names = [node.name for node in nodes]
        return cls(
            op=[node.op for node in nodes],
            children=children,
            value=np.array([node.data for node in nodes], float),
            grad=np.array([node.grad for node in nodes], float),
            owner=_owners(names, children),
            lines=lines,
            numbers=_numbers(names),
            file=_within_package(file),
            source={line: linecache.getline(file, line).strip() for line in sorted(set().union(*lines))},
        )

    def __len__(self):
        return len(self.op)

    def __eq__(self, other):
        return isinstance(other, Graph) and _equal(vars(self), vars(other))

    @property
    def edges(self):
        """How many operands all nodes have together."""
        return sum(map(len, self.children))

    def array(self, name):
        """The values of a named array, or with "grad." before the name its gradients; NaN where it has no node."""
        column, key = (self.grad, name[5:]) if name.startswith("grad.") else (self.value, name)
        if key not in self.numbers:
            raise HornbookError(f'the graph has no number "{key}".{nearest(key, self.numbers)}')
        nodes = self.numbers[key]
        return np.where(nodes < 0, np.nan, column[nodes])

    def parents(self, node):
        """The nodes made from this one."""
        return [i for i, children in enumerate(self.children) if node in children]

    def describe(self, node):
        """One node in a few lines: what it is, its value and gradient, and the source that made it."""
        made = [f"  line {line}: {self.source[line]}" for line in self.lines[node]]
        what = "  ".join(part for part in (self.owner[node], self.op[node] or "leaf") if part)
        return "\n".join([f"{what}  {self.value[node]:.6g}  grad {self.grad[node]:.6g}", *made])

    def to_json(self, digits=None):
        """The graph as compact JSON: one column each, children as distances back, values of the leaves alone.

        All other values and gradients follow from these; `digits` significant ones of each are added when asked for.
        """
        ops, places, owners = sorted(set(self.op)), sorted(set(self.lines)), list(dict.fromkeys(self.owner))
        op, place, owner = ({entry: i for i, entry in enumerate(table)} for table in (ops, places, owners))
        columns = {
            "format": FORMAT,
            "file": self.file,
            "source": self.source,
            "ops": ops,
            "places": places,
            "owners": owners,
            "numbers": {name: nodes.tolist() for name, nodes in self.numbers.items()},
            "op": [op[entry] for entry in self.op],
            "place": [place[entry] for entry in self.lines],
            "owner": [owner[entry] for entry in self.owner],
            "children": [node - child for node, children in enumerate(self.children) for child in children],
            "leaves": [x for x, children in zip(self.value.tolist(), self.children) if not children],
        }
        for column in ("value", "grad") if digits else ():
            columns[column] = [float(f"{x:.{digits}g}") for x in getattr(self, column).tolist()]
        return json.dumps(columns, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text):
        """The graph that `to_json` wrote, its values and gradients computed again, to the last bit on one machine."""
        columns = json.loads(text)
        if columns.get("format") != FORMAT:
            raise HornbookError(f"this is no graph: its format is {columns.get('format')!r}, not {FORMAT!r}.")
        op = [columns["ops"][i] for i in columns["op"]]
        places = [tuple(place) for place in columns["places"]]
        nodes, children, leaves, back = [], [], iter(columns["leaves"]), iter(columns["children"])
        for i, operation in enumerate(op):
            operands = 0 if not operation else 2 if operation in "+×" else 1
            children.append(tuple(i - next(back) for _ in range(operands)))
            made_from = [nodes[child] for child in children[-1]]
            if not operation:
                nodes.append(Value(next(leaves)))
            elif operation.startswith("**"):
                nodes.append(made_from[0] ** float(operation[2:]))
            else:
                nodes.append(REPLAY[operation](*made_from))
        nodes[-1].backward()
        return cls(
            op=op,
            children=children,
            value=np.array([node.data for node in nodes], float),
            grad=np.array([node.grad for node in nodes], float),
            owner=[columns["owners"][i] for i in columns["owner"]],
            lines=[places[i] for i in columns["place"]],
            numbers={name: np.array(nodes) for name, nodes in columns["numbers"].items()},
            file=columns["file"],
            source={int(line): text for line, text in columns["source"].items()},
        )


def _within_package(file):
    file, package = Path(file), Path(__file__).parents[1]
    return file.relative_to(package).as_posix() if file.is_relative_to(package) else file.name


def _equal(a, b):
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_equal(x, b[key]) for key, x in a.items())
    return np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b


def _numbers(names):
    """The array of nodes of each name: "q[3][2]" at node 7 puts 7 at row 3, column 2 of "q"."""
    places = {}
    for node, label in enumerate(names):
        if label:
            base, *index = re.split(r"[\[\]]+", label.rstrip("]"))
            places.setdefault(base, {})[tuple(map(int, index))] = node
    arrays = {}
    for base, nodes in places.items():
        arrays[base] = np.full([max(sizes) + 1 for sizes in zip(*nodes)], -1)
        for index, node in nodes.items():
            arrays[base][index] = node
    return arrays


def _owners(names, children):
    """A name's own node belongs to it; any other to what it goes into, or to the vector whose parts it goes into."""
    owners = list(names)
    for node in reversed(range(len(names))):
        mine = owners[node] or ""
        for child in children[node]:
            if not names[child]:
                owners[child] = _shared(owners[child], mine)
    return [owner or "" for owner in owners]


def _shared(a, b):
    """The name of the array that two labels have in common: q[3][1] and q[3][2] share q[3]."""
    if a is None or a == b:
        return b
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(a.split("["), b.split("[")))
    return "[".join(part for part, _ in pairs) or a
