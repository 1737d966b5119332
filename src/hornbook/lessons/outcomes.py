"""What a learner can do after each exercise, and where in the page and the film it is shown, or something near it."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from hornbook.lessons.courses import COURSES
from hornbook.lessons.shown import SHOWN

SECTIONS = Path(__file__).parents[1] / "guide" / "js" / "sections"


class Place(NamedTuple):
    """A place in words, and whether the very quantity stands there, or only something near it."""

    words: str
    very: bool


@cache
def page_sections():
    """The sections of the page, as they are defined there: id -> title."""
    texts = (path.read_text(encoding="utf-8") for path in sorted(SECTIONS.glob("*.js")))
    defined = re.compile(r'const section = \{ id: "(\w+)", title: "([^"]+)"')
    return dict(found for text in texts for found in defined.findall(text))


@cache
def film_steps():
    """The steps of the film, as its script has them: number -> title."""
    from hornbook.film.script import PARTS

    return {int(name): part.title for name, part in PARTS.items() if name.isdecimal()}


def places(exercise):
    """{words: places} of an exercise: where the same quantity stands, computed, and what else is worth a look."""
    page, film = _panel_and_step(exercise)
    found = {True: [], False: []}
    found[page.very].append(f"the page (hornbook guide), {page.words}")
    found[film.very].append(f"the film, step {film.words}")
    if file := library_file(exercise):
        found[True].append(f"the library, {file}")
    return {says: found[very] for very, says in ((True, "The same quantity stands in:"), (False, "See also:"))}


def _panel_and_step(exercise):
    panel, number = SHOWN.get(exercise.id, ("", ""))
    section, step = page_sections().get(exercise.page, exercise.page), film_steps().get(exercise.film, "")
    at = f', at "{panel}"' if panel else ""
    return Place(f'"{section}"{at}', bool(panel)), Place(f'{exercise.film}, "{step}"', bool(number))


def library_file(exercise):
    """The module that holds the right answer, as hornbook/reference/lstm.py, or None where the course has its own."""
    names = [getattr(exercise.right, "__module__", "") or ""]
    names += getattr(getattr(exercise.right, "__code__", None), "co_names", ())
    own = (name for name in names if name.startswith("hornbook.") and not name.startswith("hornbook.lessons"))
    return next((f"{name.replace('.', '/')}.py" for name in own), None)


def page():
    """The whole table in Markdown, as docs/outcomes.md has it."""
    lines = ["# Learning outcomes", "", "Written by `python -m hornbook.lessons.outcomes > docs/outcomes.md`.", ""]
    lines += ["Each is held by a check. The section and the step show the same quantity, computed on another text;"]
    lines += ["behind “near” stands what comes nearest to it, where neither computes the very thing.", ""]
    for course in COURSES.values():
        lines += [f"## {course.title}", ""]
        lines += ["| check | who passes it can | section of the page | step of the film |", "| --- | --- | --- | --- |"]
        lines += [_row(each) for notebook in course.notebooks() for each in notebook.exercises()]
        lines.append("")
    return "\n".join(lines)


def _row(exercise):
    outcome = exercise.outcome.replace("|", r"\|")
    page, film = (each.words if each.very else f"near: {each.words}" for each in _panel_and_step(exercise))
    return f"| {exercise.id} {exercise.title} | {outcome} | {page} | {film} |"


if __name__ == "__main__":
    print(page(), end="")
