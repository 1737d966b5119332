"""A shown array as an SVG file that needs no other file: a heat map, with its numbers where they are few."""

from html import escape
from math import isnan

import numpy as np

from hornbook.folding import GAP
from hornbook.palette import HEAT, css

TOP = 44  # pixels above the cells: the title, and the names of the columns
STYLE = """
svg.hornbook{font:12px system-ui,sans-serif}
svg.hornbook text{fill:var(--faint)}svg.hornbook text.value,svg.hornbook text.title{fill:var(--ink)}
svg.hornbook text.value,svg.hornbook text.row{text-anchor:end}svg.hornbook text.column{text-anchor:middle}
svg.hornbook rect{fill:var(--hue)}svg.hornbook rect.negative{fill:var(--negative)}
svg.hornbook rect.paper{fill:var(--paper)}
svg.hornbook path{stroke:var(--ink);stroke-width:1}svg.hornbook path.broken{stroke:var(--loss);stroke-width:2}
"""


def svg(shown):
    """`shown` as SVG text. The stronger a cell's colour, the larger its number beside the largest of the array.

    Without numbers, a cell below 0 has a minus in it and one that is not finite a red cross: colour is not needed.
    """
    numbers = np.size(shown.array) <= 200
    width, height = (60, 22) if numbers else (16, 16)
    found, unit = shown.panels(panels=8, rows=32, columns=12 if numbers else 32)
    drawn, x, y = [], 0, 0
    for panel in found:
        if panel is None:
            drawn.append(f'<text x="{x + 8}" y="{TOP + 12}">{GAP}</text>')
            x += 24
            continue
        left = x + 14 + 8 * max((len(name) for name, _ in panel.rows), default=0)
        drawn += _panel(panel, left, width, height, numbers)
        x, y = left + width * len(panel.columns) + 10, max(y, TOP + height * len(panel.rows) + 10)
    title = escape(" ".join(part for part in (shown.name, shown.shape, unit, shown.alarm) if part))
    x = max(x, 16 + 7 * len(title))
    size = f'width="{x}" height="{y}" viewBox="0 0 {x} {y}" role="img" aria-label="{title}"'
    style = f"<style>{css('svg.hornbook')}{STYLE}</style>"
    head = f'<rect class="paper" width="{x}" height="{y}"/><text class="title" x="8" y="15">{title}</text>'
    hue = f"--hue:var(--{shown.hue})"
    start = f'<svg xmlns="http://www.w3.org/2000/svg" class="hornbook" style="{hue}" {size}>'
    return f"{start}{style}{head}{''.join(drawn)}</svg>"


def _panel(panel, left, width, height, numbers):
    yield f'<text x="{left}" y="28">{escape(panel.title)}</text>' if panel.title else ""
    for column, name in enumerate(panel.columns):
        shown = name if numbers or len(name) < 3 else ""  # a narrow column has no room for a longer one
        yield f'<text class="column" x="{left + width * (column + 0.5):g}" y="{TOP - 4}">{escape(shown)}</text>'
    for row, (name, cells) in enumerate(panel.rows):
        y = TOP + height * row
        yield f'<text class="row" x="{left - 5}" y="{y + height / 2 + 4:g}">{escape(name)}</text>'
        for column, cell in enumerate(cells):
            yield _cell(cell, left + width * column, y, width, height, numbers)


def _cell(cell, x, y, width, height, numbers):
    middle = y + height / 2
    if isnan(cell.size) and not numbers:
        across, down = width - 6, height - 6
        return f'<path class="broken" d="M{x + 3} {y + 3}l{across} {down}m0 {-down}l{-across} {down}"/>'
    sign = ' class="negative"' if cell.size < 0 else ""
    strength = 0 if isnan(cell.size) else abs(cell.size) * (HEAT if numbers else 1)
    box = f'<rect{sign} x="{x}" y="{y}" width="{width - 1}" height="{height - 1}" fill-opacity="{strength:.3f}"/>'
    if numbers:
        return f'{box}<text class="value" x="{x + width - 6}" y="{middle + 4:g}">{cell.text}</text>'
    if cell.text == GAP:
        return f'<text class="column" x="{x + width / 2:g}" y="{middle + 3:g}">{GAP}</text>'
    return box + (f'<path d="M{x + 5} {middle:g}h{width - 11}"/>' if cell.size < 0 else "")
