"""The script of the film: its six sections, their parts in order, and the file and class of each."""

from pathlib import Path
from typing import NamedTuple

from hornbook.errors import HornbookError, nearest

TITLE = "Complete Text Encoder: every step to build one"
SCENES = Path(__file__).with_name("scenes")


class Part(NamedTuple):
    """One scene: the name it is asked for by, its chapter's title, its file in scenes/ and the class in it."""

    name: str
    title: str
    file: str
    scene: str


class Section(NamedTuple):
    """A section of the film: its number, its title, and its parts in the order they are shown."""

    number: int
    title: str
    parts: tuple


def _step(number, title, word):
    return Part(str(number), title, f"step_{number:02}_{word}.py", f"Step{number}")


def _section(number, title, *steps, first=(), last=()):
    card = Part(f"title{number}", title, "../cards.py", f"Title{number}")
    question = Part(f"question{number}", "Predict", "questions.py", f"Question{number}")
    return Section(number, title, (*first, card, *steps, question, *last))


SECTIONS = (
    _section(1, "The problem", _step(1, "The fundamental problem", "problem"),
             first=(Part("opening", "The encoder at work", "opening.py", "Opening"),)),
    _section(2, "Tokenization", _step(2, "Raw text to tokens", "tokens")),
    _section(3, "Neural network components", _step(3, "The embedding matrix", "matrix"),
             _step(4, "The forward pass", "forward"), _step(5, "The learning task", "task")),
    _section(4, "Training", _step(6, "The loss", "loss"), _step(7, "Gradients", "gradients"),
             _step(8, "Optimization", "optimization")),
    _section(5, "Implementation", _step(9, "The training loop", "loop"), _step(11, "The whole code", "code")),
    _section(6, "Results", _step(10, "Evaluation", "evaluation"), _step(12, "Troubles and cures", "troubles"),
             last=(Part("closing", "Next steps", "closing.py", "Closing"),)),
)  # fmt: skip
PARTS = {part.name: part for section in SECTIONS for part in section.parts}


def chosen(words):
    """The parts that words of the command line name: "3" a step, "section3" a section, "opening", …, "all".

    In the film's order, each once. Raises HornbookError for a word that names none.
    """
    wanted = set()
    for word in words or ("all",):
        wanted |= set(_named(word))
    return [part for part in PARTS.values() if part.name in wanted]


def _named(word):
    sections = {f"section{section.number}": [part.name for part in section.parts] for section in SECTIONS}
    if word == "all":
        return list(PARTS)
    if word in sections:
        return sections[word]
    if word in PARTS:
        return [word]
    raise HornbookError(f'the film has no "{word}".{nearest(word, ["all", *sections, *PARTS])}')


def section_of(part):
    """The section that a part belongs to."""
    return next(section for section in SECTIONS if part in section.parts)
