"""Lint parts of the film, several at once: what each breaks, and what it printed."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

from hornbook.film import script, stage
from hornbook.film.recording import Recording


class Report(NamedTuple):
    """What the linter says of one part: its findings, the values it printed, its seconds and captions."""

    name: str
    findings: list
    printed: set
    seconds: float
    captions: list


def lint_class(kind, name="", source=""):
    """The Report of a scene's class; `source` is its file's text."""
    from hornbook.film.lint.linter import QUALITY, Finding, Linter
    from hornbook.film.lint.source import look

    linter = Linter()
    scene = stage.play(kind, Recording.load(), QUALITY, linter)
    in_source = [Finding(rule, 0.0, what, words) for rule, what, words in look(source)]
    return Report(name, in_source + linter.findings, linter.printed, linter.now, scene.captions)


def lint_part(name):
    """The Report of a part by its name."""
    part = script.PARTS[name]
    return lint_class(stage.scene_class(part), name, stage.scene_path(part).read_text(encoding="utf-8"))


def lint(parts, jobs=1):
    """Yield the Report of each part, in order."""
    stage.need_manim()
    names = [part.name for part in parts]
    if jobs == 1 or len(names) == 1:
        yield from map(lint_part, names)
    else:
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            yield from pool.map(lint_part, names)
