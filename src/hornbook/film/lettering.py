"""Lettering: a string → its outlines as one path, from the fonts that come with Matplotlib."""

from functools import cache

import numpy as np
from manim import VGroup, VMobject

from hornbook.film.fonts import FACES, font_file
from hornbook.palette import INK

EM = 1 / 72  # of Manim's font size, in units of the frame
LEADING = 1.5  # from baseline to baseline, in ems
SIZES = {"title": 44, "header": 30, "content": 24, "detail": 20, "small": 18}


class Ink(VMobject):
    """The outlines of some letters of a label, as one shape of one colour."""

    def __init__(self, points, colour):
        super().__init__(stroke_width=0, fill_opacity=1, fill_color=colour)
        self.points = points
        self.label = None


class Label(VGroup):
    """Words on the screen: one shape for each colour in them, and what the linter asks about them.

    string: what is read; size: Manim's font size; printed: the values in it; loose: numerals nobody vouches for;
    role: header, text, number, formula, tick, …; block: texts of one block may stand close to each other.
    """

    def __init__(self, filled, size, role):
        super().__init__()
        self.string, self.printed, self.loose = filled.text, filled.printed, filled.loose
        self.size, self.role, self.block, self.rise = size, role, None, 0.0

    def take(self, paths):
        """Own these shapes, drawn with their baseline at y = 0."""
        for path in paths:
            path.label = self
        self.add(*paths)
        self.rise = self.get_top()[1] if paths else 0.0
        self._tall = self.height or 1.0
        return self

    @property
    def baseline(self):
        """The y of the (first) baseline, wherever the label has been moved to."""
        return self.get_top()[1] - self.rise * self.scaled

    @property
    def scaled(self):
        """How many times larger it stands than it was made."""
        return self.height / self._tall

    def stand(self, x, y, align="left"):
        """Put the baseline at y and the left, middle or right end at x."""
        now = {"left": self.get_left()[0], "middle": self.get_center()[0], "right": self.get_right()[0]}[align]
        return self.shift(np.array([x - now, y - self.baseline, 0.0]))


def lettered(filled, size, face="sans", colours=None, role="text", align="left"):
    """A Label of one or more lines; `colours` is one colour, or runs [(start, end, colour)] over the string."""
    runs = colours if isinstance(colours, list) else [(0, len(filled.text), colours or INK.dark)]
    label = Label(filled, size, role)
    lines = filled.text.split("\n")
    widths = [advance(line, face) for line in lines]
    by_colour, start = {}, 0
    for row, (line, width) in enumerate(zip(lines, widths)):
        left = {"left": 0.0, "middle": (max(widths) - width) / 2, "right": max(widths) - width}[align]
        for first, last, colour in runs:
            piece = line[max(first - start, 0) : max(last - start, 0)]
            if piece.strip():
                x = left + advance(line[: max(first - start, 0)], face)
                by_colour.setdefault(colour, []).append(outline(piece, face) + np.array([x, -row * LEADING, 0.0]))
        start += len(line) + 1
    return label.take([Ink(np.concatenate(parts) * (size * EM), colour) for colour, parts in by_colour.items()])


@cache
def _typesetter():
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    return TextToPath(), {face: FontProperties(fname=str(font_file(face)), size=1) for face in FACES}


@cache
def advance(string, face):
    """How far a line of text reaches, in ems, spaces at its end included."""
    maker, fonts = _typesetter()
    return maker.get_text_width_height_descent(string, fonts[face], ismath=False)[0] if string else 0.0


@cache
def outline(string, face):
    """The outlines of a line of text as cubic Bézier points (4 n, 3), in ems, its baseline at y = 0."""
    maker, fonts = _typesetter()
    vertices, codes = maker.get_text_path(fonts[face], string, ismath=False)
    return cubics(np.asarray(vertices, dtype=float) / maker.FONT_SCALE, codes)


def cubics(vertices, codes):
    """Matplotlib's path → Manim's points: every line and curve as a cubic, every loop closed."""
    points, start, here, place = [], None, None, 0
    while place < len(codes):
        code = codes[place]
        if code == 1:  # move
            start = here = vertices[place]
            place += 1
        elif code == 79:  # close
            if np.abs(here - start).max() > 1e-9:
                points += _line(here, start)
            here, place = start, place + 1
        elif code == 2:
            points += _line(here, vertices[place])
            here, place = vertices[place], place + 1
        elif code == 3:
            control, end = vertices[place], vertices[place + 1]
            points += [here, here + (control - here) * 2 / 3, end + (control - end) * 2 / 3, end]
            here, place = end, place + 2
        else:
            points += [here, *vertices[place : place + 3]]
            here, place = vertices[place + 2], place + 3
    flat = np.array(points, dtype=float).reshape(-1, 2)
    return np.hstack([flat, np.zeros((len(flat), 1))])


def _line(a, b):
    return [a, a + (b - a) / 3, a + (b - a) * 2 / 3, b]
