"""Charts: bars with their values, curves with labelled axes, maps of points. Ticks are the chart's own scale."""

import itertools

import numpy as np
from manim import Dot, Line, Rectangle, VGroup, VMobject

from hornbook.film.lettering import SIZES, lettered
from hornbook.film.numerals import MINUS, Filled
from hornbook.palette import FAINT, RULE


def bars(names, labels, numbers, colours, length, step=0.5):
    """Lying bars: Labels `names` left, `labels` (the values) right; the longest of `numbers` is `length` units.

    `.bars[i]`, `.names[i]`, `.values[i]`, `.row(i)`. Bars below 0 go to the left of the line.
    """
    chart = VGroup()
    chart.scanned = True
    numbers = np.asarray(numbers, dtype=float)
    scale = length / max(np.abs(numbers).max(), 1e-12)
    below = min(numbers.min(), 0.0) * scale
    chart.names, chart.values, chart.bars = names, labels, []
    for i, (name, label, number) in enumerate(zip(names, labels, numbers)):
        wide = max(abs(number) * scale, 0.02)
        bar = Rectangle(width=wide, height=step * 0.6, stroke_width=0).set_fill(colours[i], 1)
        bar.move_to([np.sign(number or 1) * wide / 2, -i * step, 0])
        name.stand(below - 0.25, -i * step - 0.09, "right")
        label.stand(max(number * scale, 0) + 0.18, -i * step - 0.09)
        chart.bars.append(bar)
        chart.add(bar, name, label)
    top, bottom = step / 2, -(len(numbers) - 0.5) * step
    chart.add(Line([0, top, 0], [0, bottom, 0], stroke_width=2, color=RULE.dark))
    chart.row = lambda i: VGroup(chart.bars[i], chart.names[i], chart.values[i])
    return chart


class Plot(VGroup):
    """Axes with ticks and titles: `.at(x, y)` is a place in the frame, `.curves[i]` a drawn series."""

    def __init__(self, x_range, y_range, width, height):
        super().__init__()
        self.scanned = True
        self.x_range, self.y_range, self.curves = x_range, y_range, []
        self.frame = Rectangle(width=width, height=height, stroke_width=0, fill_opacity=0)
        self.add(self.frame)

    def at(self, x, y):
        """Where a value of the data lies in the frame now."""
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        corner = self.frame.get_corner([-1, -1, 0])
        across, up = (x - x0) / (x1 - x0), (y - y0) / (y1 - y0)
        return corner + np.array([across * self.frame.width, up * self.frame.height, 0.0])

    def draw(self, xs, ys, colour):
        """Add a series as straight pieces; where it leaves the axes it ends at their edge, and nothing is bridged."""
        line = VMobject(stroke_width=4, color=colour)
        for run in _within(np.column_stack([xs, ys]).astype(float), *self.y_range):
            corners = VMobject().set_points_as_corners([self.at(x, y) for x, y in run])
            line.append_points(corners.points)
        self.curves.append(line)
        return self.add(line)


def _within(places, low, high):
    """The runs of a broken line that lie between two heights: lists of places (x, y)."""
    runs, open_ended = [], False
    for start, end in itertools.pairwise(places):
        first, last = _share(start[1], end[1], low, high)
        if first < last:
            if not (open_ended and first == 0):
                runs.append([start + first * (end - start)])
            runs[-1].append(start + last * (end - start))
        open_ended = first < last == 1
    return runs


def _share(start, end, low, high):
    """From where to where, in shares of the way, a height that goes from start to end is between low and high."""
    if start == end:
        return (0, 1) if low <= start <= high else (1, 0)
    first, last = sorted(((low - start) / (end - start), (high - start) / (end - start)))
    return max(first, 0), min(last, 1)


def plot(x_range, y_range, titles, width, height):
    """A Plot with about four ticks an axis and the Labels `titles` (x under its end, y over its axis)."""
    made = Plot(x_range, y_range, width, height)
    corner, right = made.at(x_range[0], y_range[0]), made.at(x_range[1], y_range[0])
    made.add(Line(corner, right, stroke_width=2, color=RULE.dark))
    made.add(Line(corner, made.at(x_range[0], y_range[1]), stroke_width=2, color=RULE.dark))
    for x in ticks(*x_range):
        spot = made.at(x, y_range[0])
        made.add(_tick(x).stand(spot[0], spot[1] - 0.34, "middle"))
    for y in ticks(*y_range):
        spot = made.at(x_range[0], y)
        made.add(_tick(y).stand(spot[0] - 0.15, spot[1] - 0.08, "right"))
    made.add(titles[0].stand(right[0], right[1] - 0.72, "right"))
    top = made.at(x_range[0], y_range[1])
    return made.add(titles[1].stand(top[0], top[1] + 0.2))


def points(places, colours, width, height):
    """A map: one dot for each row of `places` (N, 2), scaled alike in both directions into width × height."""
    made = VGroup()
    middle = (places.max(axis=0) + places.min(axis=0)) / 2
    scale = min(np.array([width, height]) / np.maximum(np.ptp(places, axis=0), 1e-9))
    made.dots = [
        Dot([*((place - middle) * scale), 0], radius=0.06, color=colour) for place, colour in zip(places, colours)
    ]
    return made.add(*made.dots)


def ticks(low, high, about=4):
    """Round numbers from low to high: steps of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / about
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    return np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1) * step + 0.0  # no −0


def _tick(value):
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:.3f}".rstrip("0")
    return lettered(Filled(text.replace("-", MINUS), (), ()), SIZES["small"], colours=FAINT.dark, role="tick")
