"""What the page knows of Python: the source's lines, every number's name, formula and lines, and the names."""

import ast
import inspect
import random
import re
from importlib.resources import files

from hornbook.graph import Watched
from hornbook.reference import autograd, microgpt, names
from hornbook.reference.names import Entry

FILES = ("microgpt", "autograd")  # of hornbook.reference
OWN = {  # numbers of microgpt that the larger transformer has under another name or not at all
    "embed": Entry("T D", "wte[ids]", "the row of wte that belongs to each token"),
    "probabilities": Entry("T V", "softmax(logits)", "how likely each token is to come next"),
    "losses": Entry("T", "−log probabilities[target]", "surprise at what came next, position by position, in nats"),
    "loss": Entry("", "mean of losses", "mean surprise at what came next, in nats"),
}
OTHER_FORMS = (  # what a row says of other norms, shapes and biases than microgpt's
    r"[,;]? ?\(?post: [^)]*(\([^)]*\))?\)?| \([a-z_]+ [\w, ]+\)| \+ b\w|, turned|masked |; also the head| \(tied: .*\)"
)
KEPT = 5000  # names that a list may have and keep its order
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def sources():
    """{file: {"lines": […], "parts": {name: [first, last]}}} of the two files, lines counted from 1.

    A part is a function, class or method ("Value.backward"), or "main": what stands under __main__.
    """
    found = {}
    for file in FILES:
        text = files("hornbook.reference").joinpath(f"{file}.py").read_text(encoding="utf-8")
        found[file] = {"lines": text.splitlines(), "parts": dict(_parts(ast.parse(text)))}
    return found


def _parts(tree, within=""):
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
            yield within + node.name, [first, node.end_lineno]
            if isinstance(node, ast.ClassDef):
                yield from _parts(node, f"{node.name}.")
        elif isinstance(node, ast.If):
            yield "main", [node.lineno, node.end_lineno]


def number_table():
    """{name: {"shape", "formula", "meaning", "lines"}} of every number and parameter of microgpt, layers as layers.i.

    The lines are those of reference/microgpt.py that a run of it went through: the number's own, its caller's, ….
    """
    lines, table = number_lines(), {}
    for name in lines | {"embed": (), "pos_embed": ()}:
        entry = OWN.get(name) or names.find(name, "transformer")
        formula, meaning = _of_microgpt(entry.formula), _of_microgpt(entry.meaning)
        shape = [letter for letter in entry.shape.split() if letter != "B"]
        table[name] = {"shape": shape, "formula": formula, "meaning": meaning, "lines": list(lines.get(name, ()))}
    for name in ("q", "k", "v", "z"):
        table[f"layers.i.attn.{name}"]["shape"] = ["T", "D"]  # the heads side by side
    for name in ("scores", "pattern"):
        table[f"layers.i.attn.{name}"]["shape"] = ["T", "A", "T"]
    table["embed"]["lines"] = table["pos_embed"]["lines"] = table["embed_norm"]["lines"][1:2]
    return table


def _of_microgpt(text):
    """A row of the transformer's table without what it says of biases, of other norms and of other shapes."""
    text = re.sub(OTHER_FORMS, "", text).replace("norm_final", "resid_post").replace("activation(", "max(0, ")
    return text.replace("resid_pre", "the stream").strip()


def number_lines():
    """{name: lines} as one short name's loss is computed, parameters included: where each number was made."""
    config, letters = microgpt.Config(), ["a", "b"]
    weights = {
        label: [autograd.name(f"{label}[{o}]", [Watched(leaf.data) for leaf in row]) for o, row in enumerate(rows)]
        for label, rows in microgpt.init(len(letters) + 1, config, random.Random(0)).items()
    }
    source = inspect.getsource(microgpt).splitlines()
    drawn = next(number for number, line in enumerate(source, 1) if "rng.gauss" in line)
    lines = {_pattern(label): (drawn,) for label in weights}
    for node in microgpt.loss(weights, microgpt.encode("ab", letters), config).nodes():
        if node.name and node.children:
            lines.setdefault(_pattern(node.name), node.place[1:])
    return lines


def _pattern(label):
    return re.sub(r"\blayers\.\d+", "layers.i", label.split("[")[0])


def packaged_names():
    return files("hornbook.data").joinpath("names.txt").read_text(encoding="utf-8").split()


def carried(names, steps, seed=42):
    """{"names", "folded", "first"}: a list of names as the page carries it.

    Of a long list only the names that `steps` steps are trained on keep their order, as "first"; all others are sorted,
    which takes half the room and changes no number: the page makes a list of them whose shuffle begins with "first".
    """
    first = None
    if len(names) > max(steps, KEPT) and sorted(names) != names:
        order = list(range(len(names)))
        random.Random(seed).shuffle(order)
        first, names = [names[i] for i in order[:steps]], sorted(names[i] for i in order[steps:])
    text = folded(names)
    return {"names": "\n".join(names) if text is None else text, "folded": text is not None, "first": first}


def folded(words):
    """Sorted words front-coded: each a digit of how many letters it shares with the one before, then the rest.

    ["ada", "alan"] -> "0ada1lan". The digits are those of base 36, capital; None where words have such letters.
    """
    text, before = [], ""
    for word in words:
        if re.search("[0-9A-Z]", word):
            return None
        shared = next((i for i, (a, b) in enumerate(zip(word, before)) if a != b), min(len(word), len(before)))
        text.append(DIGITS[min(shared, 35)] + word[min(shared, 35) :])
        before = word
    return "".join(text)
