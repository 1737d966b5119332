"""What a learner can do after each exercise, and where the same numbers stand in the page and the film."""

import re
from functools import cache
from pathlib import Path

from hornbook.lessons.courses import COURSES

SECTIONS = Path(__file__).parents[1] / "guide" / "js" / "sections"


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
    """Where the numbers of an exercise stand: section of the page, step of the film, file of the library."""
    section = page_sections().get(exercise.page, exercise.page)
    found = [f'the page (hornbook guide), "{section}"']
    found.append(f'the film, step {exercise.film}, "{film_steps().get(exercise.film, "")}"')
    return found + ([f"the library, {file}"] if (file := library_file(exercise)) else [])


def library_file(exercise):
    """The module that holds the right answer, as hornbook/reference/lstm.py, or None where the course has its own."""
    names = [getattr(exercise.right, "__module__", "") or ""]
    names += getattr(getattr(exercise.right, "__code__", None), "co_names", ())
    own = (name for name in names if name.startswith("hornbook.") and not name.startswith("hornbook.lessons"))
    return next((f"{name.replace('.', '/')}.py" for name in own), None)


def page():
    """The whole table in Markdown, as docs/outcomes.md has it."""
    lines = ["# Learning outcomes", "", "Written by `python -m hornbook.lessons.outcomes > docs/outcomes.md`.", ""]
    lines += ["Each is held by a check, and shown with the same numbers in the page and in the film.", ""]
    for course in COURSES.values():
        lines += [f"## {course.title}", ""]
        lines += ["| check | who passes it can | section of the page | step of the film |", "| --- | --- | --- | --- |"]
        lines += [_row(each) for notebook in course.notebooks() for each in notebook.exercises()]
        lines.append("")
    return "\n".join(lines)


def _row(exercise):
    section, step = page_sections()[exercise.page], film_steps()[exercise.film]
    outcome = exercise.outcome.replace("|", r"\|")
    return f"| {exercise.id} {exercise.title} | {outcome} | {section} | {exercise.film} {step} |"


if __name__ == "__main__":
    print(page(), end="")
