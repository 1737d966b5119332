"""The courses, and their notebooks and exercises, found by the names of their files."""

import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from hornbook.errors import HornbookError, nearest

HERE = Path(__file__).parent


class LessonError(HornbookError):
    """Bad input, shown in a notebook as its one or two lines, without a traceback."""

    def _render_traceback_(self):
        return [str(self)]


UNITS = {"s": "s(?:econds?)?", "min": "min(?:utes?)?"}  # of the time that a notebook says it takes


@dataclass(frozen=True)
class Course:
    """A folder of notebooks. `prefix` opens the ids of its exercises: "" for 04.2, "L" for L4.2."""

    name: str
    title: str
    prefix: str
    digits: int  # of a notebook's number in an id

    @property
    def folder(self):
        return HERE / self.name

    def notebooks(self):
        """Its notebooks, by number."""
        found = (re.fullmatch(r"(\d\d)_\w+\.py", path.name) for path in sorted(self.folder.glob("[0-9]*.py")))
        return [Notebook(self, match[1], self.folder / match[0]) for match in found if match]


@dataclass(frozen=True)
class Notebook:
    """One notebook: its course, its number of two digits, and its percent source."""

    course: Course
    number: str
    source: Path

    @property
    def stem(self):
        return self.source.stem

    @property
    def key(self):
        """What its exercises' ids begin with: "04", "L4"."""
        return f"{self.course.prefix}{int(self.number):0{self.course.digits}d}"

    @property
    def title(self):
        """Its first heading, without the number."""
        return re.search(r"^# # (?:\d\d: )?(.+)$", self.source.read_text(encoding="utf-8"), re.M)[1].strip()

    @property
    def takes(self):
        """How long its cells run, as its first cell tells it: "2 s"; "" where it does not."""
        told = self.source.read_text(encoding="utf-8").split("# %%")[1]
        found = {unit: re.search(rf"(\d[\d.]*)[\s#]+{words}\b", told) for unit, words in UNITS.items()}
        return next((f"{each[1]} {unit}" for unit, each in found.items() if each), "")

    def exercises(self):
        """Its exercises, in order."""
        name = f"hornbook.lessons.{self.course.name}.checks_{self.number}"
        return import_module(name).EXERCISES


COURSES = {
    "frankenstein": Course("frankenstein", "Frankenstein: a character-level LSTM, from text to text", "", 2),
    "ladder": Course("ladder", "The ladder: from counts to sentence encoders", "L", 1),
}


def course(name):
    """The course of this name. Raises LessonError with the nearest where there is none."""
    if name not in COURSES:
        raise LessonError(f'there is no course "{name}".{nearest(name, COURSES)}')
    return COURSES[name]


def notebooks():
    """All notebooks of all courses."""
    return [notebook for each in COURSES.values() for notebook in each.notebooks()]


def find_notebook(word):
    """The notebook of a key ("04", "L4"), a file's stem, or an exercise's id. Raises LessonError with the nearest."""
    word = str(word)
    for notebook in notebooks():
        if word in (notebook.key, notebook.stem, f"{notebook.course.name}/{notebook.stem}"):
            return notebook
    if "." in word:
        return find(word)[1]
    raise LessonError(f'there is no notebook "{word}".{_nearest(word, [each.key for each in notebooks()])}')


@cache
def find(identity):
    """(Exercise, Notebook) of an id. Raises LessonError with the nearest id where there is none."""
    identity = str(identity)
    if whole := [notebook for notebook in notebooks() if notebook.key == identity]:
        ids = ", ".join(exercise.id for exercise in whole[0].exercises())
        raise LessonError(f"{identity} is a notebook; its exercises are {ids}.")
    own = [notebook for notebook in notebooks() if identity.startswith(f"{notebook.key}.")]
    for notebook in own:
        for exercise in notebook.exercises():
            if exercise.id == identity:
                return exercise, notebook
    known = [exercise.id for notebook in own or notebooks() for exercise in notebook.exercises()]
    raise LessonError(f'there is no exercise "{identity}".{_nearest(identity, known)}')


def _nearest(word, known):
    """`nearest`, and before it the id that lacks only its first nought: 4.2 is as near to L4.2 as to 04.2."""
    return f' Did you mean "0{word}"?' if f"0{word}" in known else nearest(word, known)
