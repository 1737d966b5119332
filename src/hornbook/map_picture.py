"""A map as a picture: map.png, with as many labels as fit without covering each other."""

import textwrap

import numpy as np

from hornbook.files import written_whole
from hornbook.map_page import HUES, caption, group_name, heading
from hornbook.palette import FAINT, FAMILIES, INK, PAPER

SIZE, DENSITY = (12.0, 9.0), 200  # inches, pixels an inch: twice what a screen's 100 would need
COLOURS = [FAMILIES[name].light for name in HUES]
SHAPES = "os^"  # a colour comes again as a square, then as a triangle
LABELLED = 1_000  # points at most whose labels are tried


def draw(found, path, title):
    """Write `found`, a Map, to `path` as a PNG on a light ground, its figures in the caption below."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(SIZE, dpi=DENSITY, facecolor=PAPER.light)
    canvas = FigureCanvasAgg(figure)
    names = [group_name(found, i) for i in range(len(found.central))]
    foot = textwrap.wrap(" ".join(caption(found)), 165)
    rows = -(-len(names) // 2)
    below = (0.2 * (len(foot) + rows) + 0.35) / SIZE[1]
    axes = figure.add_axes((0.02, below, 0.96, 0.93 - below))
    axes.set_axis_off()
    _points(axes, found)
    figure.text(0.02, 0.955, f"{title}: {heading(found)}", size=14, color=INK.light, weight="bold", parse_math=False)
    _legend(figure, names, below - 0.2 / SIZE[1])
    figure.text(0.02, 0.015, "\n".join(foot), size=9, color=FAINT.light, parse_math=False, linespacing=1.35)
    canvas.draw()  # which fixes where a position is in pixels
    _label(axes, found, canvas.get_renderer())
    with written_whole(path) as temporary:
        figure.savefig(temporary, format="png", facecolor=PAPER.light)


def _points(axes, found):
    size = _area(found)
    for i in range(len(found.central)):
        at = found.positions[found.groups == i]
        axes.scatter(*at.T, s=size, c=COLOURS[i % 7], marker=SHAPES[i // 7], alpha=0.7, linewidths=0)
    axes.set_aspect("equal", adjustable="datalim")
    axes.margins(0.03)


def _area(found):
    """Of a point's marker, in square points of 1/72 inch: the fewer, the larger."""
    return float(np.clip(9000 / len(found), 7, 40))


def _legend(figure, names, top):
    for i, name in enumerate(names):
        x, y = 0.02 + 0.48 * (i % 2), top - (i // 2) * 0.2 / SIZE[1]
        figure.text(x, y, "●■▲"[i // 7], size=9, color=COLOURS[i % 7])
        figure.text(x + 0.014, y, textwrap.shorten(name, 95), size=9, color=INK.light, parse_math=False)


def _label(axes, found, renderer):
    from matplotlib.font_manager import FontProperties
    from matplotlib.patheffects import withStroke

    font = FontProperties(size=8.5)
    labels = [found.points.labels[i] for i in range(min(LABELLED, len(found)))]
    sizes = [renderer.get_text_width_height_descent(label, font, False)[:2] for label in labels]
    anchors = axes.transData.transform(found.positions[: len(labels)])
    pixel = DENSITY / 100
    gap = np.sqrt(_area(found)) / 2 * DENSITY / 72 + 0.5 * pixel
    sizes = np.array(sizes) + 3 * pixel  # air around the letters
    for i, corner in place_labels(anchors, sizes, axes.bbox.extents, gap).items():
        axes.text(
            *axes.transData.inverted().transform(np.array(corner) + sizes[i] / 2), labels[i],
            fontproperties=font, color=COLOURS[found.groups[i] % 7], ha="center", va="center", parse_math=False,
            path_effects=[withStroke(linewidth=2.5, foreground=PAPER.light)],
        )  # fmt: skip


def place_labels(anchors, sizes, bounds, gap=4.0):
    """Labels that cover no other: {label: (left, bottom) of its box}. All in pixels, y upwards.

    Greedy, in the order given: a label takes the first free place of right, left, above, below its anchor, inside
    `bounds` (left, bottom, right, top), or is left out. `anchors` (N, 2), `sizes` (N, 2) are widths and heights.
    """
    placed, boxes = {}, np.empty((0, 4))
    for label, ((x, y), (width, height)) in enumerate(zip(anchors, sizes)):
        for left, bottom in (
            (x + gap, y - height / 2),
            (x - gap - width, y - height / 2),
            (x - width / 2, y + gap),
            (x - width / 2, y - gap - height),
        ):
            box = np.array([left, bottom, left + width, bottom + height])
            if _inside(box, bounds) and not _covers(boxes, box):
                placed[label] = (float(left), float(bottom))
                boxes = np.vstack([boxes, box])
                break
    return placed


def _inside(box, bounds):
    return bool((box[:2] >= bounds[:2]).all() and (box[2:] <= bounds[2:]).all())


def _covers(boxes, box):
    return bool(((boxes[:, :2] < box[2:]) & (box[:2] < boxes[:, 2:])).all(axis=1).any())
