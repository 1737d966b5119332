"""The walkable graph: small ones by hand, the published one counted, JSON there and back, drawings."""

import json
import os
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

import hornbook
from hornbook import graph, graph_drawing
from hornbook.errors import HornbookError
from hornbook.fast import microgpt as fast
from hornbook.graph import Graph
from hornbook.reference import microgpt as scalar
from hornbook.reference.autograd import Value
from hornbook.reference.microgpt import Config

PUBLISHED = Path(os.environ.get("HORNBOOK_DATA", "no-such-folder"), "corpora", "names.txt")
OWN = Path(hornbook.__file__).parent / "data" / "names.txt"


@pytest.fixture(scope="module")
def small():
    """(model, graph of "ab") of a microgpt with two layers, two heads."""
    model, _, _ = fast.begin(["ab", "ba", "cab"], Config(n_layer=2, n_embd=4, n_head=2, block_size=4))
    return model, graph.of_name(model, "ab")


def test_a_product_by_hand():
    g = graph.of_preset("multiplication", a=2.0, b=-3.0, c=10.0)
    assert (g.op, g.value.tolist(), g.grad.tolist()) == (["", "", "", "×", "+"], [10, -3, 2, -6, 4], [1, 2, -3, 1, 1])
    assert g.children == [(), (), (), (2, 1), (3, 0)]
    assert g.owner == ["c", "b", "a", "", ""]
    assert {name: g.value[node] for name, node in g.numbers.items()} == {"a": 2, "b": -3, "c": 10}
    assert g.parents(2) == [3]
    assert g.edges == 4
    assert g.file == "hornbook/graph.py"
    assert "a * b + c" in g.source[g.lines[-1][0]]


@pytest.mark.parametrize("title", graph.PRESETS)
def test_presets_are_drawn_and_loaded_back(title):
    g = graph.of_preset(title)
    assert Graph.from_json(g.to_json()) == g
    boxes = ET.fromstring(graph_drawing.svg(g)).findall("{*}g")
    assert len(boxes) == len(g)
    tree = graph_drawing.tree(g)
    assert all(f"{name}  {g.value[node]:.6g}  grad {g.grad[node]:.6g}" in tree for name, node in g.numbers.items())


def test_the_tree_by_hand():
    assert graph_drawing.tree(graph.of_preset("ReLU", a=1.0, b=2.0, c=-3.0)).splitlines() == [
        "relu  0  grad 1",
        "└─ +  -1  grad 0",
        "   ├─ ×  2  grad 0",
        "   │  ├─ a  1  grad 0",
        "   │  └─ b  2  grad 0",
        "   └─ c  -3  grad 0",
    ]


def test_a_tree_shows_nothing_twice_and_stops_at_its_depth():
    g = graph.of_preset("log + exp (softmax fragment)", a=0.0, b=0.0)
    assert graph_drawing.tree(g).count("a  0  grad") == 1
    assert graph_drawing.tree(g, depth=1).splitlines()[1:] == ["├─ log  -0.693147  grad -1", "│  └─ …",
                                                             "└─ constant  -1  grad -0.693147"]  # fmt: skip


@pytest.mark.skipif(not PUBLISHED.exists(), reason="HORNBOOK_DATA has no corpora/names.txt")
def test_the_published_graph():
    model, names, _ = fast.begin(PUBLISHED.read_text().split())
    g = graph.of_name(model, names[0])
    assert (names[0], len(g), g.edges) == ("yuheng", 59_647, 107_060)
    assert Graph.from_json(g.to_json()) == g


def test_the_first_graph_of_our_names():
    model, names, _ = fast.begin(OWN.read_text().split())
    g = graph.of_name(model, names[0])
    assert (names[0], len(g), g.edges) == ("eros", 43_107, 75_632)
    assert f"{g.value[-1]:.4f}" == "3.1210"


def test_every_node_is_the_scalar_forms(small):
    model, g = small
    weights = {name: [[Value(x) for x in row] for row in weight.tolist()] for name, weight in model.parameters.items()}
    result = scalar.loss(weights, model.encode(["ab"])[0].tolist(), model.config)
    result.backward()
    nodes = result.nodes()
    assert g.op == [node.op for node in nodes]
    assert g.value.tolist() == [node.data for node in nodes]
    assert g.grad.tolist() == [node.grad for node in nodes]


def test_gradients_are_those_of_the_fast_form(small):
    model, g = small
    model.gradient(["ab"])
    for name, nodes in g.numbers.items():
        if name in model.parameters:
            rows, columns = np.nonzero(nodes >= 0)
            assert g.value[nodes[rows, columns]].tolist() == model.parameters[name][rows, columns].tolist()
            wanted = model.gradients[name][rows, columns]
            assert g.grad[nodes[rows, columns]] == pytest.approx(wanted, rel=1e-11, abs=1e-15)


def test_numbers_have_the_shapes_of_their_names(small):
    _, g = small
    shapes = {name: nodes.shape for name, nodes in g.numbers.items()}
    assert shapes["embed_norm"] == shapes["layers.1.attn.q"] == shapes["layers.1.resid_post"] == (3, 4)
    assert shapes["layers.0.attn.scores"] == shapes["layers.1.attn.pattern"] == (3, 2, 3)  # position, head, key
    assert shapes["layers.0.mlp.pre"] == (3, 16)
    assert shapes["logits"] == shapes["probabilities"] == (3, 4)
    assert (shapes["losses"], shapes["loss"]) == ((3,), ())
    pattern = g.array("layers.0.attn.pattern")
    assert np.nansum(pattern, axis=-1) == pytest.approx(np.ones((3, 2)))
    assert np.isnan(pattern[0, :, 1:]).all()  # nothing looks ahead, so no node does
    assert g.array("grad.loss") == 1
    assert g.array("loss") == pytest.approx(g.array("losses").mean())


def test_owners(small):
    _, g = small
    node = int(g.numbers["layers.1.attn.q"][2][3])
    assert g.owner[node] == "layers.1.attn.q[2][3]"
    product = next(child for child in g.children[node] if g.op[child] == "×")
    assert g.owner[product] == "layers.1.attn.q[2][3]"
    assert {g.owner[child] for child in g.children[product]} == {"layers.1.attn.wq[3][3]", "layers.1.norm1[2][3]"}
    scale = next(child for child in g.children[int(g.numbers["embed_norm"][1][0])] if g.op[child] == "**-0.5")
    assert g.owner[scale] == "embed_norm[1]"  # one scale for the whole vector
    assert all(g.owner)


def test_lines(small):
    _, g = small
    text = Path(scalar.__file__).read_text().splitlines()
    assert all(text[line - 1].strip() == source for line, source in g.source.items())
    made = [g.source[line] for line in g.lines[int(g.numbers["layers.0.attn.k"][1][0])]]
    assert "for w, a in zip(row, x)" in made[0]
    assert "wk" in made[1]
    assert "forward(" in made[2]
    assert g.lines[int(g.numbers["layers.0.attn.wk"][0][0])] == ()
    told = g.describe(int(g.numbers["layers.0.attn.k"][1][0]))
    assert told.startswith("layers.0.attn.k[1][0]  +")
    assert made[1] in told


def test_json_is_compact_and_can_hold_every_value(small):
    _, g = small
    assert Graph.from_json(g.to_json()) == g
    columns = json.loads(g.to_json(digits=4))
    assert columns["value"] == pytest.approx(g.value.tolist(), rel=1e-3)
    assert columns["grad"] == pytest.approx(g.grad.tolist(), rel=1e-3)
    assert "value" not in json.loads(g.to_json())
    assert len(g.to_json()) < 25 * len(g)
    changed = Graph.from_json(g.to_json())
    changed.value[7] += 1
    assert changed != g


def test_a_part_is_drawn(small):
    _, g = small
    node = int(g.numbers["layers.0.attn.q"][0][1])
    picture = ET.fromstring(graph_drawing.svg(g, node, depth=2))
    assert "layers.0.attn.q[0][1]" in [text.text for text in picture.findall(".//{*}text")]
    x, y = ([float(box.get(side)) for box in picture.findall("{*}g/{*}rect")] for side in ("x", "y"))
    assert len(set(zip(x, y))) == len(x)  # no box on another
    assert max(x) < float(picture.get("width"))
    assert max(y) < float(picture.get("height"))


@pytest.mark.parametrize(("wrong", "message"), [
    (lambda g: graph_drawing.svg(g), "too many to draw.*try a depth of 3"),
    (lambda g: graph_drawing.tree(g), "too many to draw"),
    (lambda g: graph.of_preset("Relu"), 'Did you mean "ReLU"'),
    (lambda g: g.array("logit"), 'Did you mean "logits"'),
    (lambda g: Graph.from_json("{}"), "its format is None"),
])  # fmt: skip
def test_what_cannot_work_is_said(small, wrong, message):
    with pytest.raises(HornbookError, match=message):
        wrong(small[1])
