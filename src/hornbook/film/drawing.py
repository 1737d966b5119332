"""Drawing: the kit's calls that make elements. None of them shows anything; `show` does."""

import numpy as np
from manim import Arrow, CurvedArrow, Line, Rectangle, RoundedRectangle, SurroundingRectangle, VGroup

from hornbook.film import charts, formulas, grids, words
from hornbook.film.captions import lines_of
from hornbook.film.lettering import SIZES, lettered
from hornbook.film.numerals import Filled, at, fill, printed
from hornbook.palette import FAMILIES, RULE

LEFT_EDGE, HEADER_BASELINE = -6.4, 3.2


class Noting:
    """The recording, with a note of every name that was read: they are what the picture depends on."""

    def __init__(self, recording, inputs):
        self.recording, self.inputs = recording, inputs

    def __getitem__(self, name):
        value = self.recording[name]
        self.inputs.add(("recording", name))
        return value


class Drawing:
    """The calls that make elements from templates and names of the recording."""

    @property
    def noting(self):
        return Noting(self.recording, self.inputs)

    def colour(self, name=None):
        """The colour of a family, "ink" or "faint"; without a name the scene's accent."""
        return words.colour_of(name or self.accent)

    def value(self, name, *index):
        """A recorded value for the geometry of a picture (never to be printed)."""
        return at(self.noting, name, index)

    # words

    def header(self, template, number=True):
        """The step's header: its number in the accent's colour, its title, at the top left."""
        made = VGroup()
        x = LEFT_EDGE
        if number and self.number_shown is not None:
            mark = lettered(Filled(str(self.number_shown), (), ()), SIZES["header"], "bold", self.colour(), "header")
            made.add(mark.stand(x, HEADER_BASELINE))
            x = mark.get_right()[0] + 0.3
        title = words.words(template, self.noting, "header", role="header")
        return self.element(made.add(title.stand(x, HEADER_BASELINE)))

    def text(self, template, size="content", colour="ink", face="sans", align="left"):
        """Words: `{name:.2f}` is a value, `{=2}` a numeral that is no measurement, `<loss|…>` a coloured run."""
        role = "title" if size in ("title", "header") else "text"
        return self.element(words.words(template, self.noting, size, colour, face, role, align))

    def number(self, name, index=(), digits=None, size="content", colour="ink"):
        """One value of the recording: a whole number, or with `digits` after the point."""
        return self.element(self._value(name, index, digits, size, colour))

    def formula(self, latex, **colours):
        r"""A formula; `\textcolor{p}{…}` is its part "p", coloured by `p="loss"`; `\num{name[3]:.2f}` a value."""
        hues = {tag: self.colour(name) for tag, name in colours.items()}
        return self.element(formulas.formula(latex, self.noting, hues))

    def code(self, text=None, file=None, part=None, accent=None):
        """Python on a panel: `text`, or the lines of a `part` of one of the library's files."""
        if file:
            self.inputs.add(("code", file))
            text = words.part_of(file, part)
        return self.element(words.code(text, accent or self.accent))

    def tokens(self, pieces, ids=None, colour="embedding"):
        """Boxes with the texts of a recorded list (or of a list of templates), and under each the id from `ids`."""
        marks = [self._word(piece, "detail") for piece in self._texts(pieces)]
        numbers = ids and [self._value(ids, (i,), None, "small", colour) for i in range(len(marks))]
        return self.element(words.tokens(marks, numbers, colour))

    def choice(self, letter, template):
        """One answer of a question: a letter and words in a box `.box`; `.said` is both, as a caption."""
        made = VGroup()
        mark = lettered(Filled(letter, (), ()), SIZES["detail"], "bold", self.colour(), "text")
        text = words.words(template, self.noting, "detail")
        made.said = Filled(f"{letter}: {text.string}.", text.printed, text.loose)
        made.box = RoundedRectangle(corner_radius=0.1, width=7.0, height=0.62, stroke_width=2)
        made.box.set_stroke(RULE.dark).set_fill(words.PANEL, 1)
        mark.stand(-3.2, -0.09)
        text.stand(-2.7, -0.09)
        return self.element(made.add(made.box, mark, text))

    def reason(self, template):
        """Why an answer is right, in at most two lines."""
        filled = fill(template, self.noting)
        lines = "\n".join(lines_of(filled.text))
        return self.element(lettered(filled._replace(text=lines), SIZES["detail"], role="text", align="middle"))

    # grids

    def matrix(self, name, rows=None, cols=None, digits=2, heat=True, family=None):
        """Part of a recorded matrix: `rows` and `cols` are how many or which; heat is the family's colour."""
        data = np.atleast_2d(self.noting[name])
        flat = np.ndim(self.noting[name]) == 1
        rows, cols = _which(rows, data.shape[0]), _which(cols, data.shape[1])
        labels = [[self._value(name, (j,) if flat else (i, j), digits, "small") for j in cols] for i in rows]
        width = max(label.width for row in labels for label in row) + 0.3
        numbers = data[np.ix_(rows, cols)] if heat else None
        made = grids.matrix(labels, numbers, family or self.accent, width)
        grids.dots(made, len(cols) < data.shape[1], len(rows) < data.shape[0] and not flat)
        return self.element(made)

    def name_rows(self, grid, templates):
        """Write what each row of a matrix is to its left: a recorded list, or templates."""
        marks = [self._word(text, "small", colour="faint") for text in self._texts(templates)]
        return self.element(grids.name_rows(grid, marks[: len(grid.cells)]))

    def name_columns(self, grid, templates):
        """Write what each column of a matrix is over it: a recorded list, or templates."""
        marks = [self._word(text, "small", colour="faint") for text in self._texts(templates)]
        return self.element(grids.name_columns(grid, marks[: len(grid.cells[0])]))

    def table(self, rows, align, widths=None, size="detail"):
        """Rows of templates, the first its heads; `align` is a letter a column (l, c, r); `widths` in units."""
        labels = [[words.words(cell, self.noting, size) for cell in row] for row in rows]
        for label in labels[0]:
            label.role = "head"
        return self.element(grids.table(labels, align, widths))

    # charts

    def bars(self, name, names, digits=2, length=5.0, family=None, best=None):
        """Lying bars of a recorded vector, each with its value; `best` is the index in full colour, others paler."""
        numbers = np.asarray(self.noting[name], dtype=float)
        marks = [self._word(text, "detail") for text in self._texts(names)]
        values = [self._value(name, (i,), digits, "detail") for i in range(len(numbers))]
        full = self.colour(family)
        pale = words.blend(words.PAPER.dark, full, 0.55)
        colours = [full if best is None or i == best else pale for i in range(len(numbers))]
        return self.element(charts.bars(marks, values, numbers, colours, length))

    def curve(self, series, x, titles, size=(6.5, 3.6), y_range=None):
        """A chart: `series` name of the recording → family, `x` the name of their abscissae, titles of x and y."""
        xs = np.asarray(self.noting[x], dtype=float)
        ys = {name: np.asarray(self.noting[name], dtype=float) for name in series}
        low, high = y_range or (min(y.min() for y in ys.values()), max(y.max() for y in ys.values()))
        marks = [words.words(title, self.noting, "small", "faint") for title in titles]
        made = charts.plot((xs.min(), xs.max()), (low, high), marks, *size)
        for name, family in series.items():
            made.draw(xs, ys[name], self.colour(family))
        return self.element(made)

    def points(self, name, colours, size=(5.5, 4.5)):
        """A map of recorded places (N, 2): a dot for each, `colours` a family for each; `.dots[i]`."""
        return self.element(charts.points(np.asarray(self.noting[name]), [self.colour(c) for c in colours], *size))

    # marks

    def arrow(self, start, end, colour="faint", bend=0.0):
        """An arrow from one element (or place) to another, from edge to edge; `bend` in radians."""
        a, b = _edges(start, end)
        hue = self.colour(colour)
        if bend:
            return self.element(CurvedArrow(a, b, angle=bend, color=hue, stroke_width=3, tip_length=0.16))
        made = Arrow(a, b, buff=0, color=hue, stroke_width=3, tip_length=0.16, max_tip_length_to_length_ratio=1)
        return self.element(made)

    def frame_around(self, *parts, colour=None, room=0.1):
        """A thin border around parts of a picture."""
        made = SurroundingRectangle(VGroup(*parts), buff=room, corner_radius=0.08, color=self.colour(colour))
        return self.element(made.set_stroke(width=3))

    def line(self, start, end, colour="faint"):
        """A straight line between two places."""
        return self.element(Line(start, end, stroke_width=2, color=self.colour(colour)))

    def clock(self, width=7.0):
        """The line that runs out while people think."""
        return self.element(Rectangle(width=width, height=0.06, stroke_width=0).set_fill(FAMILIES[self.accent].dark, 1))

    def _texts(self, given):
        if isinstance(given, str):
            return [f"{{{given}[{i}]}}" for i in range(len(self.noting[given]))]
        return given

    def _word(self, template, size, colour="ink"):
        return words.words(template, self.noting, size, colour)

    def _value(self, name, index, digits, size, colour="ink"):
        put = printed(self.noting, name, index, "" if digits is None else f".{digits}f")
        return lettered(Filled(put.text, (put,), ()), SIZES.get(size, size), "sans", self.colour(colour), "number")


def _which(wanted, there):
    if wanted is None:
        return list(range(there))
    return list(range(min(wanted, there))) if isinstance(wanted, int) else list(wanted)


def _edges(start, end):
    """The two places where an arrow between two elements starts and ends, 0.12 off their boxes."""
    is_place = [not hasattr(it, "get_center") for it in (start, end)]
    a, b = (np.array([*it, 0.0][:3]) if place else it.get_center() for it, place in zip((start, end), is_place))
    across = abs(b[0] - a[0]) > abs(b[1] - a[1])
    step = np.sign(b - a) * ([1, 0, 0] if across else [0, 1, 0])
    if not is_place[0]:
        a = start.get_edge_center(step) + 0.12 * step
    if not is_place[1]:
        b = end.get_edge_center(-step) - 0.12 * step
    return a, b
