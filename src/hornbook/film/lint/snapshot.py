"""A snapshot: the labels and shapes that stand in the frame at one moment, as boxes, outlines and colours."""

from typing import NamedTuple

import numpy as np

from hornbook.film.lettering import Ink, Label

SEEN = 0.05  # the opacity from which something counts as there
_BEZIER = np.array([[(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3] for t in (0, 1 / 3, 2 / 3, 1)])


class Words(NamedTuple):
    """A label now: its box (left, bottom, right, top), opacity, colour and place in the order of drawing."""

    label: Label
    box: np.ndarray
    opacity: float
    inks: tuple
    order: int


class Shape(NamedTuple):
    """Anything else that is drawn: its box, its outline's pieces (S, 4), fill and stroke as (r, g, b, opacity)."""

    mobject: object
    box: np.ndarray
    pieces: np.ndarray
    fill: np.ndarray
    stroke: np.ndarray
    order: int


class Snapshot(NamedTuple):
    """What stands in the frame at `time`; `resting` when nothing moves."""

    time: float
    resting: bool
    words: list
    shapes: list

    def boxes(self):
        """(L, 4): the boxes of all labels."""
        return np.array([it.box for it in self.words]).reshape(-1, 4)


def snapshot(scene, time, resting):
    """Walk the mobjects of a scene in the order they are drawn."""
    inks, shapes = {}, []
    for order, part in enumerate(_family(scene.mobjects)):
        fill, stroke = _colours(part)
        if isinstance(part, Ink):
            if fill[3] > SEEN or stroke[3] > SEEN:
                inks.setdefault(id(part.label), []).append((part, _box(part.points), fill, order))
        elif fill[3] > SEEN or stroke[3] > SEEN:
            shapes.append(Shape(part, _box(part.points), _pieces(part.points), fill, stroke, order))
    return Snapshot(time, resting, [_words(parts) for parts in inks.values()], shapes)


def _words(parts):
    boxes = np.array([box for _, box, _, _ in parts])
    box = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
    fills = tuple((box, fill) for _, box, fill, _ in parts)
    return Words(parts[0][0].label, box, max(fill[3] for _, _, fill, _ in parts), fills, parts[0][3])


def _family(mobjects):
    """Everything with outlines, each once, in the order of drawing."""
    seen, waiting = set(), list(reversed(mobjects))
    while waiting:
        part = waiting.pop()
        waiting.extend(reversed(part.submobjects))
        if len(part.points) >= 4 and id(part) not in seen:
            seen.add(id(part))
            yield part


def _colours(part):
    fill, stroke = part.fill_rgbas[0], part.stroke_rgbas[0]
    return fill, stroke if part.stroke_width > 0 else np.zeros(4)


def _box(points):
    """Of the places where outlines change direction: the ink's box, without the curves' handles."""
    ends = points[::4, :2], points[3::4, :2]
    low = np.minimum(ends[0].min(axis=0), ends[1].min(axis=0))
    return np.concatenate([low, np.maximum(ends[0].max(axis=0), ends[1].max(axis=0))])


def _pieces(points):
    """(S, 4): the outline as straight pieces x0, y0, x1, y1, three a curve."""
    curves = points[: len(points) // 4 * 4, :2].reshape(-1, 4, 2)
    places = np.einsum("tk,nkd->ntd", _BEZIER, curves)
    return np.concatenate([places[:, :-1], places[:, 1:]], axis=2).reshape(-1, 4)
