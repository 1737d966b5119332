"""Every learning outcome is tied to a check, to a section of the page and to a step of the film; docs/outcomes.md."""

from pathlib import Path

import pytest

from hornbook.lessons import outcomes
from hornbook.lessons.courses import notebooks

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
