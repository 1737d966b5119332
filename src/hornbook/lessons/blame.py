"""An error of the learner's code told as theirs: its type, its first line, their line, and what to run or install."""

import linecache
import sysconfig
from contextlib import suppress
from pathlib import Path

from hornbook.errors import HornbookError

# files that are not the learner's: the library's, Python's, installed packages'
NOT_THEIRS = (str(Path(__file__).parents[1]), *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")))


def told(error, exercise):
    """(an error as a sentence or two, the learner's line it came from as "line 3: …", or "")."""
    line = line_of(error)
    if isinstance(error, SystemExit):
        return "It asks Python to exit. Return a value instead.", line
    if isinstance(error, RecursionError):
        return "RecursionError: it calls itself without end.", line
    says = f"{type(error).__name__}: {first_line(error)}"
    if isinstance(error, TypeError) and not line:
        says = f"It cannot be called as this exercise calls it. {says}"
    if isinstance(error, NameError) and getattr(error, "name", None):
        says += f". {where_made(error.name, exercise)}"
    return says, line


def first_line(error):
    """The first line of an error's message, at most 200 characters."""
    text = str(error).strip().partition("\n")[0]
    return text if len(text) <= 200 else f"{text[:199]}…"


def line_of(error):
    """The deepest line of the learner's own code that an error passed through, or "" where it passed none."""
    at, found = error.__traceback__, ""
    while at:
        file = at.tb_frame.f_code.co_filename
        if not file.startswith((*NOT_THEIRS, "<frozen")):
            found = f"line {at.tb_lineno}: {linecache.getline(file, at.tb_lineno).strip()}"
        at = at.tb_next
    return found


def where_made(name, exercise):
    """What to run so that a name is there."""
    from hornbook.lessons.building import makers
    from hornbook.lessons.courses import find

    with suppress(HornbookError):
        if cell := makers(find(exercise.id)[1], name):
            return f"{name} is made in {cell}: run that cell first."
    return f"Nothing has made {name} yet: run the cells above this one, or look at how it is spelt."


def lacks_a_package(error):
    """Whether an error is no mistake of anybody's: an optional package is not installed."""
    return isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] == "torch"


def why_open(error):
    """Why a check cannot be made here, and what would help."""
    if lacks_a_package(error):
        return "This exercise needs PyTorch, which is not installed: pip install 'hornbook[torch]'"
    if isinstance(error, HornbookError):
        return f"It cannot be checked here: {error}"
    return f"The check itself failed, which is not your fault: {type(error).__name__}: {first_line(error)}"
