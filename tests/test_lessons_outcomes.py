"""Every learning outcome is tied to a check, to a section of the page and to a step of the film; docs/outcomes.md."""

import json
import re
from functools import cache
from pathlib import Path

import pytest

from hornbook.film.script import PARTS, SCENES
from hornbook.lessons import outcomes
from hornbook.lessons.checking import Result
from hornbook.lessons.courses import find, notebooks
from hornbook.lessons.rendering import Shown
from hornbook.lessons.shown import SHOWN

EXERCISES = [exercise for notebook in notebooks() for exercise in notebook.exercises()]


def test_the_page_and_the_film_are_read_as_they_are():
    sections = ["tokenizer", "autograd", "parameters", "architecture", "attention", "training", "generation", "meaning"]
    assert list(outcomes.page_sections())[:8] == sections
    assert sorted(outcomes.film_steps()) == list(range(1, 13))


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_an_outcome_has_a_check_a_section_and_a_step(exercise):
    assert exercise.outcome.startswith("can ")
    assert not exercise.outcome.endswith(".")
    assert exercise.page in outcomes.page_sections()
    assert exercise.film in outcomes.film_steps()


@cache
def section_text(section):
    """All files of a section of the page: those whose names begin with its number."""
    files = {path: path.read_text(encoding="utf-8") for path in outcomes.SECTIONS.glob("*.js")}
    number = next(
        path.name.partition("_")[0] for path, text in files.items() if f'const section = {{ id: "{section}"' in text
    )
    return "".join(text for path, text in files.items() if path.name.startswith(f"{number}_"))


def is_shown(number, step):
    """Whether a scene names a number, or puts its name together of pieces that stand there: f"loss.example.{name}"."""
    text = (SCENES / PARTS[str(step)].file).read_text(encoding="utf-8")
    named = {name for name in re.findall(r"[\w.]*(?:\{\w+\}[\w.]*|\w\.\w+)+", text) if "." in name}
    patterns = [re.sub(r"\\\{\w+\\\}", r"([\\w.]+)", re.escape(name)) for name in named]
    found = [(match, pattern) for pattern in patterns if (match := re.fullmatch(pattern, number))]
    return any(not pattern.endswith(")") or match.groups()[-1] in text for match, pattern in found)


RECORDED = json.loads((SCENES.parent / "recording.json").read_text(encoding="utf-8"))["values"]


@pytest.mark.parametrize("identity", SHOWN)
def test_the_page_and_the_film_show_what_they_are_said_to_show(identity):
    exercise, (panel, number) = find(identity)[0], SHOWN[identity]
    assert panel or number
    there = panel in section_text(exercise.page)
    assert there, f'the section "{exercise.page}" of the page has no "{panel}": say in lessons/shown.py what it has'
    if number:
        there = number in RECORDED and is_shown(number, exercise.film)
        assert there, f"step {exercise.film} of the film shows no {number}: say in lessons/shown.py what it shows"


def test_a_number_that_a_scene_does_not_show_is_seen():
    shown = [("loss.bits", 6), ("loss.example.perplexity", 6), ("trouble.clip.none.broke", 12), ("train.loss", 9)]
    assert [number for number, step in shown if number not in RECORDED or is_shown(number, step)] == []
    assert is_shown("loss.example.probs", 6)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_after_pass_the_same_is_said_of_no_place_that_does_not_show_it(exercise):
    panel, number = SHOWN.get(exercise.id, ("", ""))
    told = repr(Shown(Result(exercise, "PASS")))
    same = "".join(re.findall(r"The same quantity stands in: (.*)", told))
    near = "".join(re.findall(r"See also: (.*)", told))
    assert ("the page" in same, "the film" in same) == (bool(panel), bool(number))
    assert ("the page" in near, "the film" in near) == (not panel, not number)
    assert panel in same
    html = Shown(Result(exercise, "PASS"))._repr_html_()
    assert ("The same quantity" in html, "See also" in html) == (bool(same), bool(near))


def test_ids_and_outcomes_are_each_there_once():
    assert len({exercise.id for exercise in EXERCISES}) == len(EXERCISES)
    assert len({exercise.outcome for exercise in EXERCISES}) == len(EXERCISES)


def test_the_library_files_that_are_named_exist():
    source = Path(outcomes.__file__).parents[2]
    named = [file for exercise in EXERCISES if (file := outcomes.library_file(exercise))]
    assert named
    assert [file for file in named if not (source / file).is_file()] == []


def test_the_page_of_outcomes_is_the_one_written():
    written = (Path(__file__).parents[1] / "docs" / "outcomes.md").read_text(encoding="utf-8")
    assert written == outcomes.page(), "python -m hornbook.lessons.outcomes > docs/outcomes.md"
