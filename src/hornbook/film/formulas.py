"""Formulas: LaTeX → outlines through ziamath, every formula at one scale, its parts addressable by a tag."""

import re
import xml.etree.ElementTree as ET
from functools import cache

import numpy as np

from hornbook.film.lettering import EM, Ink, Label, cubics
from hornbook.film.numerals import Filled, fill
from hornbook.palette import INK

# STIX letters are smaller than DejaVu's: at 28 their x-height is that of a text of 24, and a subscript's em is 19.6
SIZE, READS_AS = 28, 24
_VALUE = re.compile(r"\\num\{([^{}]*)\}")
_DECIMAL, _WHOLE = re.compile(r"\d+\.\d+"), re.compile(r"\d+")
_TAG = re.compile(r"\\textcolor\{\w+\}")
_SCRIPT = re.compile(r"[\^_](?:\w|\{(?:[^{}]|\{[^{}]*\})*\})")  # an exponent, an index
_NUMBERS = re.compile(r"[A-Z]|-?(?:\d*\.)?\d+(?:e-?\d+)?")
_CODES = {"M": [1], "L": [2], "Q": [3, 3], "C": [4, 4, 4], "Z": [79]}


class Formula(Label):
    """A formula: a label whose parts `.part("tag")` are what stood in \\textcolor{tag}{…}."""

    def part(self, tag):
        """The shape that one tag names."""
        return self.parts[tag]


def formula(latex, recording, colours):
    """A Formula; `colours` tag → "#rrggbb". `\\num{name[3]:.2f}` is a value, `\\num{=2}` a numeral that is none.

    Whole numbers may stand in exponents and indices; all other numerals count as loose.
    """
    printed = []

    def put(slot):
        filled = fill("{" + slot[1] + "}", recording)
        printed.extend(filled.printed)
        return filled.text.replace("−", "-").replace(",", "{,}").replace("%", r"\%")

    source = _VALUE.sub(put, latex)
    made = Formula(Filled(_readable(source), tuple(printed), _loose(latex)), READS_AS, "formula")
    by_tag = {}
    for tag, points in _outlines(source):
        by_tag.setdefault(tag, []).append(points)
    made.parts = {
        tag: Ink(np.concatenate(points) * (SIZE * EM), colours.get(tag, INK.dark)) for tag, points in by_tag.items()
    }
    return made.take(list(made.parts.values()))


def _loose(latex):
    """The decimals of a formula, and its whole numbers on the line."""
    plain = _TAG.sub("", _VALUE.sub("x", latex))
    return (*_DECIMAL.findall(plain), *_WHOLE.findall(_SCRIPT.sub("x", _DECIMAL.sub("x", plain))))


@cache
def _outlines(latex):
    """[(tag, points (4 n, 3) in ems)] of a formula; what has no tag is "black"."""
    import ziamath

    ziamath.config.svg2 = False  # every glyph as a path where it stands
    drawing = ET.fromstring(ziamath.Latex(latex, size=100).svg())
    return tuple((shape.get("fill"), _points(shape) / [100.0, -100.0, 1.0]) for shape in drawing)


def _points(shape):
    if shape.tag.endswith("rect"):
        x, y, w, h = (float(shape.get(key)) for key in ("x", "y", "width", "height"))
        corners = np.array([[x, y], [x, y + h], [x + w, y + h], [x + w, y], [x, y]])
        return cubics(corners, [1, 2, 2, 2, 79])
    vertices, codes, pending = [], [], []
    for word in _NUMBERS.findall(shape.get("d")):
        if word.isalpha():
            codes += _CODES[word]
            vertices += [(0.0, 0.0)] if word == "Z" else []
        else:
            pending.append(float(word))
            if len(pending) == 2:
                vertices.append(tuple(pending))
                pending = []
    return cubics(np.array(vertices), codes)


def _readable(latex):
    """About what is read aloud: the letters and numerals, without commands and braces."""
    return re.sub(r"\\textcolor\{\w+\}|\\[a-zA-Z]+|[{}_^\\ ]", "", latex)
