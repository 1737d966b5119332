"""From a percent source to the learner's notebook and the solved one, and to plain scripts of both."""

import ast
import hashlib
import json
import re
from dataclasses import replace
from functools import cache

from hornbook.lessons.sources import BEGIN, END, Cell, check_exercises, made_by, parse, tree_of

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def notebook_json(notebook, solved=False):
    """A notebook as the text of its .ipynb (nbformat 4.5), the same bytes whenever it is built."""
    built = {
        "cells": [_as_json(notebook, place, cell) for place, cell in enumerate(cells(notebook, solved))],
        "metadata": METADATA | {"hornbook": {"notebook": notebook.key, "solved": solved}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(built, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def script(notebook, solved=False):
    """A notebook as a plain script in percent format."""
    before, _ = parse(notebook.source)
    parts = [before]
    for cell in cells(notebook, solved):
        if cell.kind == "markdown":
            parts.append("\n".join(["# %% [markdown]", *(f"# {line}".rstrip() for line in cell.lines)]))
        else:
            parts.append(f"# %%\n{cell.text}")
    return "\n\n".join(part for part in parts if part) + "\n"


def cells(notebook, solved=False):
    """The cells as a learner sees them: each exercise under its heading, its solution a ... (or, solved, its code).

    Raises HornbookError with file and line where the source is wrong.
    """
    _, read = parse(notebook.source)
    exercises = {exercise.id: exercise for exercise in notebook.exercises()}
    check_exercises(notebook.source, read, exercises.values())
    built = []
    for cell in read:
        if cell.kind == "exercise":
            built.append(Cell("markdown", tuple(_heading(exercises[cell.id]).split("\n")), cell.line, cell.id))
        built.append(cell if cell.kind == "markdown" else _code(cell, solved))
    return built


def _heading(exercise):
    count = len(exercise.hints)
    return "\n".join(
        [
            f"### Exercise {exercise.id}: {exercise.title}",
            "",
            f"**Goal.** {exercise.goal}",
            "",
            "**It is done when**",
            "",
            *(f"- {criterion}" for criterion in exercise.accept),
            "",
            f'Stuck? `hint("{exercise.id}")` gives a hint, and at each further call the next of {count}.'
            if count > 1
            else f'Stuck? `hint("{exercise.id}")` gives a hint.',
        ]
    )


def _code(cell, solved):
    """A code cell without what is for the source only: markers, unwanted solutions, remarks to ruff."""
    lines = [re.sub(r"  # noqa\b.*", "", line) for line in cell.lines]
    kept, block = [], None
    for line in lines:
        if line.strip() == BEGIN:
            block = []
        elif line.strip() == END:
            kept += block if solved else _stub(block, line.removesuffix(END))
            block = None
        elif block is not None:
            block.append(line)
        else:
            kept.append(line)
    return replace(cell, lines=tuple(kept))


def _stub(block, indent):
    """What stands for a solution: ... , or at the left margin `name = ...` for each name that it makes."""
    if indent:
        return [f"{indent}..."]
    stubs = [stub for node in ast.parse("\n".join(block)).body for stub in _stubs_of(node)]
    return stubs or ["..."]


def _stubs_of(node):
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [f"{node.name} = ..."]
    if isinstance(node, ast.AnnAssign):
        return [f"{ast.unparse(node.target)} = ..."]
    if isinstance(node, ast.Assign):
        targets = [part for target in node.targets for part in getattr(target, "elts", [target])]
        return [f"{target.id} = ..." for target in targets if isinstance(target, ast.Name)]
    return []


def _as_json(notebook, place, cell):
    made = {"cell_type": "markdown" if cell.kind == "markdown" else "code"}
    made |= {"id": _id(notebook, place, cell), "metadata": {}, "source": cell.text.splitlines(keepends=True)}
    return made if cell.kind == "markdown" else made | {"execution_count": None, "outputs": []}


def _id(notebook, place, cell):
    """A cell's id: an exercise's from the exercise, any other from its place."""
    if cell.id:
        return f"{'goal' if cell.kind == 'markdown' else 'exercise'}-{cell.id.replace('.', '-')}"
    return hashlib.sha256(f"{notebook.key} {place}".encode()).hexdigest()[:8]


@cache
def makers(notebook, name):
    """Where in a notebook a name is made, in words: "exercise 04.1", 'the cell under "Worked example"'; or None."""
    _, read = parse(notebook.source)
    heading = ""
    for cell in read:
        if cell.kind == "markdown":
            found = re.findall(r"^#+ (.+)$", cell.text, re.MULTILINE)
            heading = found[-1] if found else heading
        elif name in made_by(tree_of(notebook.source, cell)):
            return f"exercise {cell.id}" if cell.id else f'the cell under "{heading}"'
    return None
