"""An explanation to look at: its entries as lines of a terminal, and as one HTML page that needs no other file."""

import re
from html import escape
from math import floor, log10
from typing import NamedTuple

import numpy as np

from hornbook.folding import GAP, Limits, fold, readable
from hornbook.palette import FAMILIES, css, family
from hornbook.show import STYLE, Shown, html, line, terminal

TERMINAL = Limits(panels=2, rows=6)
PAGE = Limits(panels=8, rows=12, columns=12)
BAR = 32  # characters of the longest bar
PAGE_STYLE = """
body.hornbook{margin:0}.hornbook main{max-width:80rem;margin:0 auto;padding:1rem 1.5rem}
.hornbook h1{font-size:1.4rem;margin:.3rem 0}
.hornbook h2{font-size:1.1rem;margin:1.8rem 0 .5rem;border-bottom:1px solid var(--rule)}
.hornbook summary{cursor:pointer;padding:.15rem 0}.hornbook .faint{color:var(--faint)}.hornbook p{margin:.2rem 0}
.hornbook table.told td{background:none;text-align:left}.hornbook table.told th{text-align:left}
"""


class Table(NamedTuple):
    """What an entry that is not an array says: sentences, and rows of text under the heads of the columns."""

    sentences: list
    heads: list
    rows: list


def to_terminal(entries, labels=None, width=100):
    """The entries as lines of Rich text: ``console.print(*to_terminal(entries), sep="\\n")``."""
    labels = labels or getattr(entries, "labels", {})
    section = None
    for entry in entries:
        if section != (section := _section(entry)):
            yield line([(f"── {section} {'─' * (width - len(section) - 4)}", "bold")])
        yield from _number_lines(entry, labels, width) if entry["kind"] == "number" else _table_lines(entry, labels)
        yield line([""])


def to_html(entries, labels=None, title="Every number of one run", page=True):
    """The entries as an HTML page; with ``page=False`` as a part of one, for notebooks."""
    labels = labels or getattr(entries, "labels", {})
    parts, section = [], None
    for entry in entries:
        if section != (section := _section(entry)):
            parts.append(f"<h2>{escape(section)}</h2>")
        parts.append(_number_html(entry, labels) if entry["kind"] == "number" else _table_html(entry, labels))
    style = f"<style>{css('.hornbook')}{STYLE}{PAGE_STYLE}</style>"
    if not page:
        return f'<div class="hornbook">{style}{"".join(parts)}</div>'
    title = escape(title)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>{style}'
        f'</head><body class="hornbook"><main><h1>{title}</h1>{"".join(parts)}</main></body></html>\n'
    )


def _section(entry):
    """Where in the model an entry is: "layer 0", "backward, layer 0", or the title of its table."""
    if entry["kind"] != "number":
        return TITLES[entry["kind"]]
    name = entry["name"].removeprefix("grad.")
    back = "backward, " if name != entry["name"] else ""
    place = re.match(r"(layer|order)s\.(\d+)\.", name)
    if name in ("hidden", "pooled", "vector"):
        return back + "the vector"
    at_the_source = family(name) == "embedding" or name.startswith(("embed", "kv."))
    return back + (" ".join(place.groups()) if place else "the text" if at_the_source else "the prediction")


def _shown(entry, labels, limits):
    values = np.asarray(entry["values"])
    values = np.array(entry["values"], dtype=float) if values.dtype.kind == "U" else values  # "NaN" among the numbers
    return Shown(entry["name"], values, " ".join(entry["letters"]), labels, limits)


def _number_lines(entry, labels, width):
    shown = _shown(entry, labels, TERMINAL)
    formula = f" = {entry['formula']}" if entry["formula"] else ""
    yield line([(shown.name, f"bold {FAMILIES[shown.hue].either}"), formula])
    meaning, place = entry["meaning"], f"{shown.shape}  {entry['made_at']}".strip()
    together = f"{meaning}  {place}".strip()
    yield from (line([(part, "dim")]) for part in ([together] if len(together) <= width else [meaning, place]))
    yield from terminal(shown, width)


def _number_html(entry, labels):
    shown = _shown(entry, labels, PAGE)
    formula = f" = {escape(entry['formula'])}" if entry["formula"] else ""
    about = " · ".join(escape(part) for part in (entry["meaning"], shown.shape, entry["made_at"]) if part)
    name = f'<b style="color:var(--{shown.hue})">{escape(shown.name)}</b>'
    return f'<details open><summary>{name}{formula}</summary><p class="faint">{about}</p>{html(shown)}</details>'


def _table_lines(entry, labels):
    from rich.table import Table as Grid
    from rich.text import Text

    table = TABLES[entry["kind"]](entry, labels)
    yield from (Text(sentence) for sentence in table.sentences)
    grid = Grid(box=None, pad_edge=False, header_style="dim")
    for head in table.heads:
        grid.add_column(Text(head), no_wrap=True)
    for row in table.rows:
        grid.add_row(*(Text(cell) for cell in row))
    yield grid


def _table_html(entry, labels):
    table = TABLES[entry["kind"]](entry, labels)
    sentences = "".join(f"<p>{escape(sentence)}</p>" for sentence in table.sentences)
    head = "".join(f"<th>{escape(head)}</th>" for head in table.heads)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    return f'{sentences}<table class="told"><tr>{head}</tr>{rows}</table>'


def _predictions(entry, labels):
    def told(row):
        likeliest = "  ".join(f"{_token(token, labels)} {float(p):.3f}" for token, p in row["likeliest"])
        names = [_token(row["token"], labels), _token(row["came"], labels)]
        return [[*names, f"{float(row['probability']):.3f}", str(row["rank"]), likeliest]]

    return Table([], ["after", "came", "probability", "rank", "likeliest"], _folded(entry["rows"], 24, told))


def _embedding_gradient(entry, labels):
    reached, received, size = entry["through_text"], entry["with_gradient"], entry["vocabulary"]
    said = [f"Through the text, {reached} of {size} rows of wte receive a gradient, those of its tokens;"
            f" the other {size - reached} receive exactly 0."]  # fmt: skip
    if received > reached:
        said.append(f"wte is also the head: through the logits, {received} rows receive one.")

    def told(row):
        return [[_token(row["row"], labels), str(row["row"]), str(row["times"]), f"{float(row['norm']):.3e}"]]

    return Table(said, ["token", "row", "times in the text", "norm of its gradient"], _folded(entry["rows"], 24, told))


def _optimiser_step(entry, labels):
    size = entry["moved"] + entry["still"]
    said = [
        f"After one step, {entry['moved']} of {size} rows of {entry['name']} have moved; {entry['still']} have not."
    ]
    largest = max((abs(x) for row in entry["rows"] for x in _change(row) if np.isfinite(x)), default=0)
    decimals = min(9, max(3, 2 - floor(log10(largest)))) if largest else 3  # enough to see the step
    places = fold(len(entry["rows"][0]["before"]), 5) if entry["rows"] else []

    def told(row):
        names = [f"{_token(row['row'], labels)}{'' if row['in_text'] else ' (not in the text)'}", "", ""]
        values = {"before": row["before"], "after": row["after"], "change": _change(row)}
        for name, (title, numbers) in zip(names, values.items()):
            yield [name, title, *(GAP if at is None else _signed(float(numbers[at]), decimals) for at in places)]

    heads = ["token", "", *(GAP if at is None else str(at) for at in places)]
    return Table(said, heads, _folded(entry["rows"], 12, told))


def _moments(entry, _labels):
    said = (
        f"Step {entry['step']} of Adam, learning rate {entry['learning_rate']:g}, for the entry of each parameter with"
        " the largest gradient: m and v are running means of the gradient and of its square."
    )

    def told(row):
        names = f"{row['name']}[{', '.join(map(str, row['index']))}]", ""
        for name, when, gradient in zip(names, ("before", "after"), (f"{row['gradient']:.3g}", "")):
            m, v, value = (row[f"{number}_{when}"] for number in ("m", "v", "value"))
            yield [name, when, gradient, f"{m:.3g}", f"{v:.3g}", f"{value:.5f}"]

    rows = [line for row in entry["rows"] for line in told(row)]
    return Table([said], ["parameter", "", "gradient", "m", "v", "value"], rows)


def _distance(entry, labels):
    norms = {name: np.array(values, dtype=float) for name, values in entry["norms"].items()}
    drawn = np.concatenate([values[np.isfinite(values) & (values > 0)] for values in norms.values()])
    rows = [
        [name if back == 0 else "", str(back), f"{values[back]:.2e}", _bar(values[back], drawn.min(), drawn.max())]
        for name, values in norms.items()
        for back in _distances(len(values))
    ]
    said = "How strongly the last prediction depends on what was held in memory before it; bars are logarithmic."
    return Table([said], ["‖∂L/∂h‖ of", "tokens back", "norm", ""], rows)


TABLES = {
    "predictions": _predictions,
    "embedding_gradient": _embedding_gradient,
    "optimiser_step": _optimiser_step,
    "moments": _moments,
    "distance": _distance,
}
TITLES = {
    "predictions": "what came next, and what was expected",
    "embedding_gradient": "which embeddings learn from this text",
    "optimiser_step": "one step of the optimiser",
    "moments": "what Adam remembers, before and after the step",
    "distance": "how far back the gradient reaches",
}


def _signed(value, decimals):
    return " 0" if value == 0 else f"{value: .{decimals}f}"


def _change(row):
    return np.array(row["after"], dtype=float) - np.array(row["before"], dtype=float)


def _token(token, labels):
    known = labels.get("V", ())
    return readable(known[token]) if token < len(known) else str(token)


def _folded(rows, limit, told):
    """The lines that `told` makes of each row, with one of GAP for those between the first and the last."""
    return [line for at in fold(len(rows), limit) for line in ([[GAP]] if at is None else told(rows[at]))]


def _distances(steps):
    """0, 1, 2, 3, 4, 6, 8, 12, 16 …: every distance while they are few, then two for each doubling."""
    grown = sorted({*range(4), *(2**k for k in range(2, 40)), *(3 * 2**k for k in range(1, 40))})
    return [back for back in (range(steps) if steps <= 12 else grown) if back < steps]


def _bar(value, least, most):
    """A bar as long as the logarithm of `value` is high between one decade below the least and the most."""
    if not (np.isfinite(value) and value > 0):
        return ""
    low = log10(least) - 1
    return "█" * max(1, round(BAR * (log10(value) - low) / (log10(most) - low)))
