"""Words and numbers from templates: texts with coloured runs, lines of code, rows of tokens."""

import ast
import io
import keyword
import re
import tokenize
from pathlib import Path

from manim import Rectangle, RoundedRectangle, VGroup

from hornbook.errors import HornbookError, nearest
from hornbook.film.lettering import EM, SIZES, lettered
from hornbook.film.numerals import Filled, fill
from hornbook.palette import FAINT, FAMILIES, INK, PAPER, RULE, blend

_RUN = re.compile(r"<(\w+)\|([^<>]*)>")
COLOURS = {"ink": INK.dark, "faint": FAINT.dark, **{name: colour.dark for name, colour in FAMILIES.items()}}
PANEL = blend(PAPER.dark, INK.dark, 0.05)


def colour_of(name):
    """The colour on dark paper of a family, of "ink" or of "faint". Raises HornbookError for another word."""
    if name not in COLOURS:
        raise HornbookError(f'no colour is called "{name}".{nearest(name, COLOURS)}')
    return COLOURS[name]


def words(template, recording, size="content", colour="ink", face="sans", role="text", align="left"):
    """A Label from a template: `{name:.2f}` is a value, `<loss|these words>` a run of another colour."""
    text, runs, printed, loose, end, pieces = "", [], (), (), 0, []
    for found in _RUN.finditer(template):
        pieces += [(colour, template[end : found.start()]), (found[1], found[2])]
        end = found.end()
    for name, piece in [*pieces, (colour, template[end:])]:
        filled = fill(piece, recording)
        runs.append((len(text), len(text) + len(filled.text), colour_of(name)))
        text, printed, loose = text + filled.text, printed + filled.printed, loose + filled.loose
    return lettered(Filled(text, printed, loose), SIZES.get(size, size), face, runs, role, align)


def tokens(pieces, ids, colour="embedding"):
    """Boxes with the words of `pieces` (Labels), and under each, where there are `ids` (Labels), its number."""
    row = VGroup()
    row.scanned = True
    row.boxes, row.pieces, row.ids = [], pieces, ids or []
    x = 0.0
    for place, piece in enumerate(pieces):
        width = max(piece.width, ids[place].width if ids else 0) + 0.4
        box = RoundedRectangle(corner_radius=0.08, width=width, height=0.56, stroke_width=2)
        box.set_stroke(colour_of(colour)).set_fill(PANEL, 1).move_to([x + width / 2, 0, 0])
        piece.stand(x + width / 2, -0.09, "middle")
        row.add(box, piece)
        row.boxes.append(box)
        if ids:
            row.add(ids[place].stand(x + width / 2, -0.72, "middle"))
        x += width + 0.18
    return row


def code(text, accent, size=SIZES["small"]):
    """Lines of Python on a panel: keywords in the accent's colour, comments faint; `.lines` are Labels or None."""
    block = VGroup()
    rows = text.rstrip("\n").split("\n")
    runs = _highlights(text, colour_of(accent))
    block.lines = [
        lettered(Filled(row, (), ()), size, "mono", runs.get(number, []) or INK.dark, "code") if row.strip() else None
        for number, row in enumerate(rows, 1)
    ]
    step = 1.55 * size * EM
    for number, line in enumerate(block.lines):
        if line:  # drawn with its indentation from x = 0, so columns stand under each other
            line.shift([0, -number * step, 0])
    lines = VGroup(*(line for line in block.lines if line))
    block.panel = Rectangle(width=lines.width + 0.6, height=len(rows) * step + 0.4, stroke_width=0)
    block.panel.set_fill(PANEL, 1).move_to([lines.get_center()[0], -(len(rows) - 1) * step / 2 + 0.1, 0])
    return block.add(block.panel, lines)


def part_of(file, part):
    """The text of a function or a class as it stands in a file of the library, without its docstring.

    Raises HornbookError where the file or the part is not there.
    """
    path = Path(__file__).parents[1] / file
    if not path.exists():
        raise HornbookError(f"the library has no file {file}.")
    text = path.read_text(encoding="utf-8")
    parts = {node.name: node for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    if part not in parts:
        raise HornbookError(f'{file} has no "{part}".{nearest(part, parts)}')
    node = parts[part]
    rows = text.split("\n")[node.lineno - 1 : node.end_lineno]
    if ast.get_docstring(node) is not None:
        first = node.body[0]
        del rows[first.lineno - node.lineno : first.end_lineno - node.lineno + 1]
    indent = len(rows[0]) - len(rows[0].lstrip())
    return "\n".join(row[indent:] for row in rows)


def _highlights(text, accent):
    """line → runs [(start, end, colour)], without the indentation's place: columns are the file's."""
    runs = {}
    rows = text.split("\n")
    for number, row in enumerate(rows, 1):
        runs[number] = [[0, len(row), INK.dark]]
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            is_word = token.type == tokenize.NAME and keyword.iskeyword(token.string)
            colour = FAINT.dark if token.type in (tokenize.COMMENT, tokenize.STRING) else accent if is_word else None
            if colour and token.start[0] == token.end[0]:
                _paint(runs[token.start[0]], token.start[1], token.end[1], colour)
    except (tokenize.TokenError, IndentationError):
        return {}
    return {number: [tuple(run) for run in row] for number, row in runs.items()}


def _paint(row, start, end, colour):
    last = row.pop()
    row += [[last[0], start, INK.dark], [start, end, colour], [end, last[1], INK.dark]]


def rule(width):
    """A thin line across."""
    return Rectangle(width=width, height=0.015, stroke_width=0).set_fill(RULE.dark, 1)
