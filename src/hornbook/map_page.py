"""A map as one self-contained page: pan, zoom, search, and the true neighbours of every point."""

import json
import re
from collections import Counter
from html import escape
from importlib.resources import files

import numpy as np

from hornbook.files import write_text
from hornbook.mapping import METHODS
from hornbook.palette import css

HUES = ("embedding", "mlp", "attention", "loss", "memory", "stream", "negative")  # of the groups, largest first
EXCERPT = 300  # characters of a passage that the page shows


def write_page(found, path, title):
    """Write `found`, a Map, to `path` as one HTML file that opens from a disk and fetches nothing."""
    write_text(path, page(found, title))


def page(found, title):
    """The HTML: data/map.html with its style, its script, and the map's numbers as JSON."""
    parts = {
        "title": escape(title),
        "heading": escape(heading(found)),
        "kind": escape(found.points.kind),
        "one": escape(found.points.one),
        "caption": "".join(f"<li>{escape(sentence)}</li>" for sentence in caption(found)),
        "style": css() + _asset("map.css"),
        "numbers": _inside_script(numbers(found)),
        "script": _asset("map.js"),
    }
    return re.sub(r"<!--(\w+)-->", lambda mark: parts[mark[1]], _asset("map.html"))


def numbers(found):
    """What the page is made of, and what ``--json`` prints: every point, its place, its group and its neighbours.

    `x` and `y` have six digits and cosines four places; `near` holds places in `names`.
    """
    points = found.points
    return {
        "kind": points.kind,
        "method": found.method,
        "settings": found.settings,
        "measured": found.measured,
        "groups": [group_name(found, i) for i in range(len(found.central))],
        "hues": [HUES[i % len(HUES)] for i in range(len(found.central))],
        "names": points.names,
        "labels": points.labels,
        "texts": points.texts and [shorten(text, EXCERPT) for text in points.texts],
        "counts": points.counts,
        "x": [float(f"{x:.6g}") for x in found.positions[:, 0]],
        "y": [float(f"{y:.6g}") for y in found.positions[:, 1]],
        "group": found.groups.tolist(),
        "near": found.neighbours.tolist(),
        "cosine": found.cosines.round(4).tolist(),
    }


def heading(found):
    return f"{len(found):,} {found.points.kind} by {METHODS[found.method].name}"


def group_name(found, number):
    """A group by what is most typical of it: some of its words, or those most often on its passages' labels."""
    if found.points.texts is None:
        return " ".join(found.points.labels[i] for i in found.central[number])
    labels = (found.points.labels[i].split() for i in np.flatnonzero(found.groups == number))
    return " ".join(word for word, _ in Counter(word for label in labels for word in label).most_common(8))


def caption(found):
    """How the picture was made and how far it can be trusted, in sentences; every figure is measured on this map."""
    settings = ", ".join(f"{name} {value:g}" for name, value in found.settings.items() if name != "dimensions")
    method, one = METHODS[found.method], found.points.one
    width = found.settings["dimensions"]
    what = f"{len(found):,} {found.points.kind}, {width:,} numbers each, brought to length 1"
    yield f"{method.name} of {what} ({settings})."
    if "variance" in found.measured:
        first, second = found.measured["variance"]
        yield f"The two directions hold {first:.1%} and {second:.1%} of the variance."
    if "trustworthiness" in found.measured:
        k = found.measured["k"]
        yield (
            f"Trustworthiness {found.measured['trustworthiness']:.3f} over {k} neighbours: 1 when all neighbours here"
            f" are true ones, about 0.5 by chance. Of a {one}'s {k} nearest by cosine, {found.measured['kept']:.1f}"
            f" are among its {k} nearest here."
        )
    yield method.means
    groups = len(found.central)
    if groups > 1:
        yield f"Colours: {groups} groups, by k-means on the vectors; their number is a choice, not a finding."
    yield from found.points.left_out


def shorten(text, size):
    """The beginning of a text on one line, cut between words where it is longer than `size` characters."""
    text = " ".join(text.split())
    if len(text) <= size:
        return text
    return text[: size - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def _inside_script(value):
    """JSON that ends no script element, whatever words are in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _asset(name):
    return files("hornbook").joinpath("data", name).read_text(encoding="utf-8")
