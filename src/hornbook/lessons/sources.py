"""Percent sources read: cells, exercises and their solutions, and what is wrong with a source, by file and line."""

import ast
import re
from dataclasses import dataclass, replace

from hornbook.errors import HornbookError

BEGIN, END = "# solution", "# end of solution"


@dataclass(frozen=True)
class Cell:
    """One cell: markdown, code or exercise; its lines, and the number of the first in the file."""

    kind: str
    lines: tuple[str, ...]
    line: int
    id: str = ""  # of an exercise

    @property
    def text(self):
        return "\n".join(self.lines)


def parse(path):
    """(what stands before the first marker, the cells) of a percent source.

    Raises HornbookError with file and line for a marker that is unknown, open, closed twice or in the wrong place.
    """
    before, cells = [], []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("# %%"):
            cells.append((*_marker(path, number, line[4:].strip()), number + 1, []))
        elif cells:
            cells[-1][-1].append(line)
        else:
            before.append(line)
    return "\n".join(before).rstrip(), [_cell(path, *each) for each in cells]


def _marker(path, number, words):
    if words in ("", "[markdown]"):
        return ("markdown" if words else "code"), ""
    if match := re.fullmatch(r"exercise (L?\d+\.\d+)", words):
        return "exercise", match[1]
    what = "# %%, # %% [markdown] or # %% exercise 04.2"
    raise HornbookError(f'{path}:{number}: "# %% {words}" is no marker; a cell begins with {what}.')


def _cell(path, kind, identity, number, lines):
    while lines and not lines[0].strip():
        lines, number = lines[1:], number + 1
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    cell = Cell(kind, tuple(lines), number, identity)
    if kind == "markdown":
        return replace(cell, lines=tuple(_uncommented(path, number + place, line) for place, line in enumerate(lines)))
    _check_markers(path, cell)
    tree_of(path, cell)
    return cell


def _uncommented(path, number, line):
    if not line.startswith("#"):
        raise HornbookError(f"{path}:{number}: a line of a markdown cell begins with #; this one is {line!r}.")
    return line[1:].removeprefix(" ")


def tree_of(path, cell):
    """A code cell as ast.Module. Raises HornbookError with file and line where it is no Python."""
    try:
        return ast.parse(cell.text)
    except SyntaxError as error:
        raise HornbookError(f"{path}:{cell.line + (error.lineno or 1) - 1}: {error.msg}") from None


def _check_markers(path, cell):
    begun = None
    for number, line in enumerate(cell.lines, cell.line):
        if line.strip() == BEGIN:
            if cell.kind != "exercise":
                raise HornbookError(f'{path}:{number}: "{BEGIN}" outside of a cell "# %% exercise ID".')
            if begun:
                raise HornbookError(f'{path}:{number}: "{BEGIN}" while that of line {begun} is still open.')
            begun = number
        elif line.strip() == END:
            if not begun:
                raise HornbookError(f'{path}:{number}: "{END}" without "{BEGIN}" before it.')
            begun = None
    if begun:
        raise HornbookError(f'{path}:{begun}: "{BEGIN}" is never closed; its last line is "{END}".')
    if cell.kind == "exercise" and BEGIN not in map(str.strip, cell.lines):
        raise HornbookError(f'{path}:{cell.line}: exercise {cell.id} has no "{BEGIN}" … "{END}".')


def check_exercises(path, cells, exercises):
    """Raises HornbookError where cells, checks and exercises do not belong together, each once."""
    defined = {exercise.id for exercise in exercises}
    places = {}
    for cell in cells:
        if cell.kind == "exercise":
            if cell.id in places:
                first = places[cell.id]
                raise HornbookError(f"{path}:{cell.line}: exercise {cell.id} again; it stands in line {first}.")
            places[cell.id] = cell.line
            if cell.id not in defined:
                raise HornbookError(f"{path}:{cell.line}: exercise {cell.id} is not among EXERCISES of its checks.")
    checked = {identity: line for cell in cells for identity, line in _checked(path, cell)}
    for identity, line in checked.items():
        if identity not in places:
            raise HornbookError(f'{path}:{line}: check("{identity}", …) without a cell "# %% exercise {identity}".')
    for identity, line in places.items():
        if identity not in checked:
            raise HornbookError(f'{path}:{line}: exercise {identity} has no check("{identity}", …) in a later cell.')
    for exercise in exercises:
        if exercise.id not in places:
            raise HornbookError(f'{path}:1: EXERCISES has {exercise.id}, and no cell is "# %% exercise {exercise.id}".')


def _checked(path, cell):
    """(id, line) of every check in a cell."""
    if cell.kind == "markdown":
        return
    for node in ast.walk(tree_of(path, cell)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "check" and node.args:
            yield getattr(node.args[0], "value", "?"), cell.line + node.lineno - 1


def made_by(tree):
    """The names that a cell makes for the cells after it."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
        else:
            yield from (each.id for each in ast.walk(node) if _is_bound(each))


def _is_bound(node):
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
