"""`hornbook lessons`: from an empty folder to a graded class, as a learner and a teacher type it."""

import csv
import json
import os

import pytest

from hornbook.lessons import progress
from hornbook.lessons.building import notebook_json
from hornbook.lessons.courses import COURSES, find_notebook

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="limits need Linux or macOS")
NOTEBOOK = find_notebook("01")
IDS = [exercise.id for exercise in NOTEBOOK.exercises()]


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    monkeypatch.setattr(progress, "_memory", {})


@pytest.fixture
def learner(hornbook, tmp_path, monkeypatch):
    """The learner's notebook 01, in a folder begun by `start`, which is the working directory."""
    assert hornbook("lessons", "start", "me", "--course", "frankenstein")[0] == 0
    monkeypatch.chdir(tmp_path / "me")
    return tmp_path / "me" / "frankenstein" / f"{NOTEBOOK.stem}.ipynb"


def answered(path, wrong=()):
    """Answer a notebook: the course's solutions, and `wrong` ids with something else."""
    made = json.loads(notebook_json(NOTEBOOK, solved=True).replace('"solved": true', '"solved": false'))
    for cell in made["cells"]:
        for identity in wrong:
            if cell["id"] == f"exercise-{identity.replace('.', '-')}":
                cell["source"] = ["def decode(raw):\n", "    return raw.decode('utf-8-sig') + '!'"]
    path.write_text(json.dumps(made))


def test_the_list_says_what_there_is_and_how_to_begin(hornbook):
    code, out, _ = hornbook("lessons")
    assert code == 0
    for course in COURSES.values():
        assert course.title in out
        for notebook in course.notebooks():
            assert notebook.title in out
    assert out.endswith("Begin: hornbook lessons start lessons && cd lessons && jupyter lab\n")


def test_the_list_for_programs(hornbook, learner):
    _, out, _ = hornbook("lessons", "--json")
    told = json.loads(out)
    assert told["folder"] == str(learner.parents[1])
    row = next(row for row in told["courses"][0]["notebooks"] if row["notebook"] == "01")
    assert row["exercises"] == dict.fromkeys(IDS, "TODO")
    assert (row["passed"], row["next"]) == (0, IDS[0])
    assert all(row["takes"] for course in told["courses"] for row in course["notebooks"])


def test_check_says_what_each_exercise_is_and_keeps_it(hornbook, learner):
    code, out, _ = hornbook("lessons", "check", "01", "--json")
    assert code == 1
    assert [(row["exercise"], row["state"]) for row in json.loads(out)] == [(identity, "TODO") for identity in IDS]
    answered(learner, wrong=["01.1"])
    code, out, _ = hornbook("lessons", "check", "01")
    assert code == 1
    row = out[out.index("01.1") : out.index("01.2")]
    assert "FAIL" in row
    assert ": yours '" in row
    answered(learner)
    code, out, _ = hornbook("lessons", "check", "01.1", "--json")
    assert code == 0
    assert [(row["exercise"], row["state"]) for row in json.loads(out)] == [("01.1", "PASS")]
    assert hornbook("lessons", "check", learner)[0] == 0
    _, out, _ = hornbook("lessons")
    assert f"{len(IDS)} of {len(IDS)}" in out
    assert "Next: 00.1 in frankenstein/00_" in out


def test_a_damaged_progress_leaves_the_folder_its_learners(hornbook, learner):
    (learner.parents[1] / "progress.json").write_text('{"exercises": {"01.')
    code, out, said = hornbook("lessons", "--json")
    assert (code, json.loads(out)["folder"]) == (0, str(learner.parents[1]))
    assert "was damaged" in said
    _, out, said = hornbook("lessons")
    assert ("Begin:" in out, "Next: 00.1" in out, said) == (False, True, "")


def test_a_course_that_is_done_says_so(hornbook, learner):
    for notebook in COURSES["frankenstein"].notebooks():
        for exercise in notebook.exercises():
            progress.record(exercise.id, "PASS", learner.parents[1])
    assert "frankenstein is done: every exercise passed." in hornbook("lessons")[1]


def test_a_folder_is_checked_whole_and_an_empty_one_is_said(hornbook, learner, tmp_path):
    for path in learner.parent.glob("0[02-6]*"):
        path.unlink()
    answered(learner)
    _, out, _ = hornbook("lessons", "check", "frankenstein", "--json")
    assert [row["state"] for row in json.loads(out) if row["exercise"] in IDS] == ["PASS"] * len(IDS)
    (tmp_path / "empty").mkdir()
    code, _, said = hornbook("lessons", "check", str(tmp_path / "empty"))
    assert code != 0
    assert "no notebook of the courses is in" in " ".join(said.split())


def test_the_solved_notebook_in_place_of_ones_own_is_told(hornbook, learner):
    learner.write_text(notebook_json(NOTEBOOK, solved=True))
    for asked in ("01", "01.1"):
        code, out, said = hornbook("lessons", "check", asked)
        assert (code, out) == (2, "")
        assert f"{learner.name} is the course's own solved notebook. Move it away, and" in " ".join(said.split())
    code, _, said = hornbook("lessons", "check", learner)
    assert code == 2
    assert "is the course's own solved notebook: there is no answer of yours in it." in " ".join(said.split())
    for path in learner.parent.glob("0[02-6]*"):
        path.unlink()
    code, out, _ = hornbook("lessons", "check", learner.parent, "--json")
    assert code == 1
    assert {row["problem"] for row in json.loads(out) if row["exercise"] in IDS} == {"the course's own solved notebook"}


def test_a_hint_outside_of_the_lessons_says_where_the_next_is(hornbook):
    _, out, _ = hornbook("lessons", "hint", "01.1")
    assert out.startswith("Hint 1 of ")
    assert "go there for the next" in " ".join(out.split())


def test_hints_come_one_after_the_other(hornbook, learner):
    count = len(NOTEBOOK.exercises()[0].hints)
    told = [hornbook("lessons", "hint", "01.1")[1].splitlines()[0] for _ in range(count + 1)]
    assert [line.partition(":")[0] for line in told[: count - 1]] == [f"Hint {n} of {count}" for n in range(1, count)]
    assert told[-1] == told[-2]
    assert told[-1].startswith(f"Hint {count} of {count} (the last): ")


def test_reset_keeps_what_was_there(hornbook, learner):
    new = learner.read_text()
    for number in (1, 2):
        learner.write_text(f"mine {number}")
        code, out, _ = hornbook("lessons", "reset", "01")
        assert (code, learner.read_text()) == (0, new)
        backup = learner.parent / "backups" / f"{NOTEBOOK.stem}.{number}.ipynb"
        assert backup.read_text() == f"mine {number}"
        assert str(backup) in out


def test_a_solution_is_shown_after_pass_or_when_one_gives_up(hornbook, learner):
    code, out, said = hornbook("lessons", "solution", "01.1")
    assert (code, out) == (2, "")
    assert "01.1 is not passed yet. hornbook lessons hint 01.1 helps; --give-up shows" in " ".join(said.split())
    _, out, _ = hornbook("lessons", "solution", "01.1", "--give-up")
    assert 'return raw.decode("utf-8-sig")' in out
    progress.record("01.1", "PASS")
    assert hornbook("lessons", "solution", "01.1")[:2] == (0, out)
    assert hornbook("lessons", "solution", "01")[0] == 2
    code, out, _ = hornbook("lessons", "solution", "01", "--give-up")
    solved = learner.parent / "solutions" / learner.name
    assert solved.read_text() == notebook_json(NOTEBOOK, solved=True)
    assert str(solved) in out
    assert hornbook("lessons", "check", "01")[0] == 1  # the learner's own, not the solved one


BAD = {  # arguments -> what is said
    ("check", "xyz"): 'there is no notebook "xyz". There is: 00, 01,',
    ("check", "01.9"): 'there is no exercise "01.9". Did you mean "01.',
    ("hint", "L1.99"): 'there is no exercise "L1.99". Did you mean "L1.',
    ("hint", "4.2"): 'there is no exercise "4.2". Did you mean "04.2"?',
    ("check", "4"): 'there is no notebook "4". Did you mean "04"?',
    ("hint", "01"): "01 is a notebook; its exercises are 01.1, ",
    ("check", "mine.ipynb"): "mine.ipynb is not there.",
    ("start", "x", "--course", "frankenstien"): 'there is no course "frankenstien". Did you mean "frankenstein"?',
    ("start", "x", "--as", "pdf"): 'lessons cannot be written as "pdf". There is: ipynb, py.',
    ("check",): "no lessons were started in",
    ("reset", "01"): "Begin with: hornbook lessons start DIR",
    ("grade", "nowhere"): "nowhere is no folder. It should hold one folder for each learner.",
    ("check", "other.py"): "other.py is no notebook of the courses: it checks no exercise of theirs.",
}


@pytest.mark.parametrize("arguments", BAD, ids=" ".join)
def test_bad_input_is_told_in_a_line(hornbook, tmp_path, arguments):
    (tmp_path / "other.py").write_text("print(1)\n")
    code, out, said = hornbook("lessons", *arguments)
    assert (code, out) == (2, "")
    assert BAD[arguments] in " ".join(said.split())


def test_a_notebook_that_was_taken_away_is_told(hornbook, learner):
    learner.unlink()
    code, _, said = hornbook("lessons", "check", "01")
    assert code == 2
    assert f"{NOTEBOOK.stem} is not in" in said


def test_a_class_is_graded_into_a_table(hornbook, tmp_path):
    for name in ("ada", "bob", "eve"):
        (tmp_path / "class" / name).mkdir(parents=True)
    answered(tmp_path / "class" / "ada" / "01.ipynb")
    answered(tmp_path / "class" / "bob" / "01.ipynb", wrong=["01.1"])
    (tmp_path / "class" / "eve" / "01_load.ipynb").write_text("{")
    out = tmp_path / "results.csv"
    code, shown, _ = hornbook("lessons", "grade", "class", "--out", out, "--jobs", "2")
    assert code == 0
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    states = {(row["learner"], row["exercise"]): row["state"] for row in rows}
    assert len(states) == 3 * len(IDS)
    assert {state for (learner, _), state in states.items() if learner == "ada"} == {"PASS"}
    assert [states["bob", identity] for identity in IDS[:2]] == ["FAIL", "PASS"]
    assert {state for (learner, _), state in states.items() if learner == "eve"} == {"NONE"}
    assert f"{len(IDS)} of {len(IDS)}" in shown
    assert "01.1 FAIL" in shown
    _, told, _ = hornbook("lessons", "grade", "class", "--json")
    assert [{**row, "seconds": ""} for row in json.loads(told)] == [{**row, "seconds": ""} for row in rows]


def test_a_gradebook_has_a_line_for_each_learner(hornbook, tmp_path):
    for name in ("ada", "bob", "idle"):
        (tmp_path / "class" / name).mkdir(parents=True)
    answered(tmp_path / "class" / "ada" / "01.ipynb", wrong=["01.1"])
    answered(tmp_path / "class" / "ada" / "01 again.ipynb")
    answered(tmp_path / "class" / "bob" / "01.ipynb")
    another = find_notebook("02")
    (tmp_path / "class" / "bob" / "02.ipynb").write_text(notebook_json(another))
    book, out = tmp_path / "book.csv", tmp_path / "results.csv"
    code, shown, _ = hornbook("lessons", "grade", "class", "--gradebook", book, "--out", out)
    assert code == 0
    mine, both = str(len(IDS)), str(len(IDS) + len(another.exercises()))
    rows = [["learner", "passed", "of", "01", "02"], ["ada", mine, both, mine, ""], ["bob", mine, both, mine, "0"]]
    rows.append(["idle", "0", both, "", ""])
    assert list(csv.reader(book.open(encoding="utf-8"))) == rows
    lines = [line.split() for line in shown.replace("│", " ").replace("┃", " ").splitlines()]
    assert all([cell for cell in row if cell] in lines for row in rows)
    assert "holds no notebook to grade" in shown
    table = list(csv.DictReader(out.open(encoding="utf-8")))
    assert [row["state"] for row in table if row["learner"] == "ada"] == ["PASS"] * len(IDS)
    assert [row["exercise"] for row in table if row["learner"] == "idle"] == [""]
