"""A named array to look at, in a terminal (Rich) and as HTML; and the plots that are kept as files (Matplotlib)."""

from dataclasses import dataclass, field
from html import escape
from itertools import cycle, pairwise
from math import isnan
from os import environ
from pathlib import Path

import numpy as np

from hornbook.files import written_whole
from hornbook.folding import GAP, USUAL, Limits, panels
from hornbook.palette import FAINT, FAMILIES, HEAT, INK, PAPER, blend, css, family

STYLE = f"""
.hornbook{{color:var(--ink);background:var(--paper);font:14px/1.5 system-ui,sans-serif}}
.hornbook table{{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:0 1.5rem .6rem 0}}
.hornbook th,.hornbook td,.hornbook caption{{padding:.05rem .45rem;text-align:right;white-space:pre;border:0}}
.hornbook th,.hornbook caption{{font-weight:400;color:var(--faint)}}.hornbook caption{{text-align:left}}
.hornbook .heat{{background:color-mix(in srgb,var(--hue) calc(var(--size)*{HEAT:.0%}),var(--paper))}}
.hornbook .negative{{--hue:var(--negative)}}
.hornbook .broken{{color:var(--loss);font-weight:700;outline:1px solid var(--loss)}}
.hornbook .alarm{{flex-basis:100%;margin:0;color:var(--loss);font-weight:700}}
.hornbook .panels{{display:flex;flex-wrap:wrap;overflow-x:auto}}
"""


@dataclass
class Shown:
    """An array under its name, which draws itself in a terminal and in a notebook.

    `letters` name its axes ("B A T K"), `labels` the places along a letter ({"T": tokens}); long axes are folded.
    """

    name: str
    array: np.ndarray
    letters: str = ""
    labels: dict = field(default_factory=dict)
    limits: Limits = USUAL

    def panels(self, **limits):
        """Its Panels and their unit, see `hornbook.folding.panels`; keywords change single limits."""
        return panels(self.array, self.letters, self.labels, self.limits._replace(**limits))

    @property
    def hue(self):
        """The name of its colour in the palette."""
        return family(self.name)

    @property
    def shape(self):
        """Its axes in letters and figures, "(B, T, D) = (1, 22, 48)"; nothing for a single number."""
        figures = ", ".join(map(str, np.shape(self.array)))
        letters = ", ".join(self.letters.split())
        return (f"({letters}) = " if letters else "") + f"({figures})" if figures else ""

    @property
    def alarm(self):
        """How many numbers are not finite, which a fold might hide; nothing where all are."""
        broken = np.size(self.array) - np.count_nonzero(np.isfinite(self.array))
        return f"{broken} of {np.size(self.array)} not finite" if broken else ""

    def __rich_console__(self, console, options):
        yield line([(self.name, f"bold {FAMILIES[self.hue].either}"), (f"  {self.shape}", "dim")])
        yield from terminal(self, options.max_width)

    def _repr_html_(self):
        head = f'<b style="color:var(--{self.hue})">{escape(self.name)}</b> {escape(self.shape)}'
        return f'<div class="hornbook"><style>{css(".hornbook")}{STYLE}</style><div>{head}</div>{html(self)}</div>'


def terminal(shown, width=100):
    """The array as lines of Rich text, with as many columns as fit. A number's background says its sign and size."""
    label, cell = _widths(*shown.panels())
    found, unit = shown.panels(columns=max(3, (width - label) // cell))
    label, cell = _widths(found, unit)
    if shown.alarm:
        yield line([(shown.alarm, f"bold {FAMILIES['loss'].either}")])
    for panel in found:
        if panel is None or panel.title:
            yield line([(panel.title if panel else GAP, "dim")])
        if panel is None:
            continue
        widths = [3 if name == GAP else cell for name in panel.columns]
        if unit or any(panel.columns):
            names = ((_right(name, width), "dim") for name, width in zip(panel.columns, widths))
            yield line([(_left(unit, label), "dim"), *names])
        for name, cells in panel.rows:
            numbers = ((_right(x.text, width), _background(x, shown.hue)) for x, width in zip(cells, widths))
            yield line([(_left(name, label), "dim"), *numbers])


def html(shown):
    """The array as HTML tables, for a page that has STYLE and the palette's `css`. Cells keep their numbers as text."""
    found, unit = shown.panels()
    tables = "".join(_table(panel, unit) if panel else f"<p>{GAP}</p>" for panel in found)
    alarm = f'<p class="alarm">{shown.alarm}</p>' if shown.alarm else ""
    return f'<div class="panels" style="--hue:var(--{shown.hue})">{alarm}{tables}</div>'


def loss_curve(steps, losses, validation, yardsticks, path):
    """Draw the training loss at each step, the validation losses [(step, nats)], and yardsticks {name: nats} to beat.

    Losses are in nats a token. The thin line is each step, the thick one the mean of the 2 % of steps around it; steps
    whose loss is not finite are marked. The path's ending says the format; the file is written whole or not at all.
    """
    figure, axes = _axes("step", "loss, nats a token")
    steps, losses = np.asarray(steps), np.asarray(losses, dtype=float)
    red = FAMILIES["loss"].light
    axes.plot(steps, losses, color=red, linewidth=0.6, alpha=0.35)
    axes.plot(steps, _smooth(losses, len(losses) // 100), color=red, linewidth=1.6, label="training")
    if validation:
        axes.plot(*zip(*validation), color=INK.light, linewidth=1.2, marker="o", markersize=3.5, label="validation")
    broken = steps[~np.isfinite(losses)]
    if len(broken):
        said = f"not finite in {len(broken)} of {len(steps)} steps"
        axes.plot(broken, np.full(len(broken), 0.98), "x", color=red, transform=axes.get_xaxis_transform(), label=said)
    for nats in yardsticks.values():
        axes.axhline(nats, color=FAINT.light, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    for (name, nats), height in zip(
        yardsticks.items(), _apart(list(yardsticks.values()), 0.05 * np.ptp(axes.get_ylim()))
    ):
        axes.text(1.01, height, f"{name} {nats:.3f}", transform=axes.get_yaxis_transform(), va="center",
                  color=FAINT.light, fontsize=9)  # fmt: skip
    _save(figure, axes, path)


def distance_curve(norms, path):
    """Draw ‖∂L/∂h‖ against the distance in time, {name: (T,)} with distance 0 first, on a logarithmic axis."""
    figure, axes = _axes("tokens before the prediction", "‖∂L/∂h‖ there")
    colours = cycle(FAMILIES[name].light for name in ("memory", "mlp", "stream", "embedding", "attention"))
    for (name, values), colour in zip(norms.items(), colours):
        values = np.asarray(values, dtype=float)
        axes.plot(np.where(values > 0, values, np.nan), color=colour, linewidth=1.8, marker=".", label=name)
    axes.set_yscale("log")
    axes.xaxis.get_major_locator().set_params(integer=True)
    _save(figure, axes, path)


def _axes(x, y):
    from matplotlib.figure import Figure  # without pyplot there is no window, no global state, nothing to close

    figure = Figure(figsize=(8, 4.5), dpi=150, facecolor=PAPER.light, layout="constrained")
    axes = figure.add_subplot(facecolor=PAPER.light, xlabel=x, ylabel=y)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _save(figure, axes, path):
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False)  # above, where no line is
    with written_whole(path) as temporary:
        figure.savefig(temporary, format=Path(path).suffix.lstrip(".") or "png")


def _smooth(values, reach):
    """The mean of each value and the `reach` on either side of it; what is not finite is left out."""
    finite = np.isfinite(values)
    totals, counts = (np.append(0, np.cumsum(x)) for x in (np.where(finite, values, 0), finite))
    first = np.maximum(np.arange(len(values)) - reach, 0)
    last = np.minimum(np.arange(len(values)) + reach + 1, len(values))
    seen = counts[last] - counts[first]
    return np.divide(totals[last] - totals[first], seen, out=np.full(len(values), np.nan), where=seen > 0)


def _apart(heights, least):
    """The heights, moved up where they must be to stand `least` apart, so that their labels do not overlap."""
    moved = np.array(heights, dtype=float)
    order = np.argsort(moved)
    for below, above in pairwise(order):
        moved[above] = max(moved[above], moved[below] + least)
    return moved


def _table(panel, unit):
    head = "".join(f"<th>{escape(name)}</th>" for name in (unit, *panel.columns))
    body = "".join(f"<tr><th>{escape(name)}</th>{''.join(map(_html_cell, cells))}</tr>" for name, cells in panel.rows)
    title = f"<caption>{escape(panel.title)}</caption>" if panel.title else ""
    return f"<table>{title}<tr>{head}</tr>{body}</table>"


def _html_cell(cell):
    if isnan(cell.size):
        return f'<td class="broken">{cell.text}</td>'
    if abs(cell.size) < 0.01:
        return f"<td>{cell.text}</td>"
    sign = " negative" if cell.size < 0 else ""
    return f'<td class="heat{sign}" style="--size:{abs(cell.size):.2f}">{cell.text}</td>'


def _background(cell, hue):
    if isnan(cell.size):
        return f"bold reverse {FAMILIES['loss'].either}"
    if abs(cell.size) < 0.03:
        return ""
    colour = FAMILIES["negative" if cell.size < 0 else hue]
    if environ.get("COLORFGBG", "").endswith((";7", ";15")):  # some terminals say so when they are light
        return f"{INK.light} on {blend(PAPER.light, colour.light, HEAT * abs(cell.size))}"
    return f"#ffffff on {blend(PAPER.dark, colour.either, abs(cell.size))}"


def _widths(found, unit):
    """Terminal cells of the row names and of the columns."""
    from rich.cells import cell_len

    drawn = [panel for panel in found if panel]
    label = max((cell_len(name) for panel in drawn for name, _ in panel.rows), default=0)
    texts = [cell.text for panel in drawn for _, cells in panel.rows for cell in cells]
    heads = [name for panel in drawn for name in panel.columns]
    longest = max([*map(len, texts), *(min(8, cell_len(head)) for head in heads)], default=0)
    return min(16, max(label, len(unit))), longest + 2


def _left(text, width):
    from rich.cells import set_cell_size

    return set_cell_size(text, width)


def _right(text, width):
    from rich.cells import cell_len, set_cell_size

    text = text if cell_len(text) < width else set_cell_size(text, width - 2) + GAP
    return " " * (width - 1 - cell_len(text)) + text + " "


def line(parts):
    """Parts, each text or (text, style), as one line that is cut rather than wrapped."""
    from rich.text import Text

    return Text.assemble(*parts, no_wrap=True, overflow="ellipsis")
