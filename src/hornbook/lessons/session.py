"""The six functions of a notebook, and what one session of it knows: answers that passed, hints taken."""

import sys
from contextlib import contextmanager, suppress
from importlib.util import find_spec

from hornbook.lessons import missing, progress
from hornbook.lessons.checking import judge
from hornbook.lessons.courses import LessonError, find, find_notebook
from hornbook.lessons.rendering import in_notebook, show, show_note
from hornbook.lessons.trying import SECONDS

PACKAGES = {"torch": "PyTorch"}  # an extra of hornbook's -> what people call it
_passed = {}  # id -> the answer that passed, so that `given` need not run it again
_watchers = []  # where results go instead of the screen, while a notebook is graded or tested


def check(identity, answer=...):
    """Judge an answer and show PASS, TODO, FAIL, or OPEN where it cannot be checked here; returns nothing."""
    try:
        exercise = _exercise(identity)
    except LessonError as error:
        return show_note(str(error))
    result = judge(exercise, answer, SECONDS)
    if result.state == "PASS":
        _passed[exercise.id] = answer
    if _watchers:
        _watchers[-1](result)
        return None
    progress.record(exercise.id, result.state)
    return show(result)


@contextmanager
def watching(watcher):
    """Hand each Result of `check` to watcher(result) inside, and show and keep none."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def hint(identity):
    """Show the next hint of an exercise: the first, then one more at each call, at most three."""
    try:
        exercise = _exercise(identity)
    except LessonError as error:
        return show_note(str(error))
    number = min(progress.take_hint(exercise.id), len(exercise.hints))
    last = "" if number < len(exercise.hints) else " (the last)"
    return _say(f"Hint {number} of {len(exercise.hints)}{last}: {exercise.hints[number - 1]}")


def predict(name, value=...):
    """Note a prediction before a run; there is no right or wrong."""
    with suppress(LessonError):
        missing.watch(find_notebook(str(name).partition(".")[0]))
    if value is None or value is Ellipsis:
        return _say(f"Prediction {name}: not predicted yet. Put your guess in place of the ... and run this cell.")
    shown = repr(value)[:200]
    if not _watchers:
        progress.predicted(name, shown)
    return _say(f"Prediction {name}: {shown}. Noted; now run the next cell and compare.")


def given(identity, answer=...):
    """The learner's answer if it passes its check, else the course's own, said so: later cells run with either.

    Raises LessonError for an unknown id.
    """
    exercise = _exercise(identity)
    if exercise.id in _passed and _passed[exercise.id] is answer:
        return answer
    if judge(exercise, answer, SECONDS).state == "PASS":
        _passed[exercise.id] = answer
        return answer
    _say(f"{exercise.id} is not passed yet: the cells below go on with the course's own answer.")
    return exercise.right if exercise.cases else exercise.right()


def needs(package):
    """Raises LessonError (SystemExit in a plain script), which says what to install, where a package is not there."""
    if find_spec(package) is None:
        raise _ending(
            f"This notebook needs {PACKAGES[package]}, which is not installed: pip install 'hornbook[{package}]'\n"
            "Then restart the kernel (in JupyterLab: Kernel, Restart Kernel) and run the cells from the top."
        )


def text(name):
    """The text of a named corpus as one str; where it cannot be reached, of one that can, said so.

    Raises LessonError (SystemExit in a plain script) where no text can be read at all.
    """
    from hornbook.corpus import load
    from hornbook.errors import HornbookError

    for each in dict.fromkeys((name, "shakespeare", "pydoc")):
        try:
            found = "\n".join(load(each).documents)
        except (HornbookError, OSError) as error:
            _say(f"{each} cannot be reached here ({str(error).partition(chr(10))[0]}).")
            continue
        if each != name:
            _say(f"Going on with {each}, {len(found):,} characters: the numbers below will be its own.")
        return found
    raise _ending(f'no text can be read here, not even pydoc; asked for "{name}".')


def _ending(words):
    """What ends a notebook in these words without a traceback: where Python stands alone, only SystemExit does."""
    goes_on = _watchers or in_notebook() or hasattr(sys, "ps1")
    return LessonError(words) if goes_on else SystemExit(words)


def _exercise(identity):
    exercise, notebook = find(identity)
    missing.watch(notebook)
    return exercise


def _say(words):
    if not _watchers:
        show_note(words)
