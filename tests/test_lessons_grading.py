"""Learners' notebooks run in processes of their own: limits, broken files, and that nobody can mark themselves."""

import json
import os
import textwrap
from pathlib import Path

import pytest

from hornbook.errors import HornbookError
from hornbook.lessons import desk
from hornbook.lessons.building import notebook_json, script
from hornbook.lessons.courses import find_notebook
from hornbook.lessons.grading import COLUMNS, best, grade, gradebook, handed_in
from hornbook.lessons.running import code_of, run_file

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="limits need Linux or macOS")
NOTEBOOK = find_notebook("01")
IDS = [exercise.id for exercise in NOTEBOOK.exercises()]


def a_notebook(*cells):
    """A notebook of code cells, as JSON."""
    sources = [{"cell_type": "code", "source": textwrap.dedent(cell)} for cell in cells]
    return json.dumps({"cells": sources, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


RIGHT = """
    from hornbook.lessons import check
    def decode(raw):
        return raw.decode("utf-8-sig")
    check("01.1", decode)
"""


@pytest.fixture
def hand_in(tmp_path):
    """hand_in(learner=text of a notebook …) -> the folder of all."""

    def write(**texts):
        for learner, text in texts.items():
            (tmp_path / learner).mkdir(exist_ok=True)
            (tmp_path / learner / "01_mine.ipynb").write_text(text)
        return tmp_path

    return write


def graded(folder, **limits):
    """learner -> its rows by exercise."""
    found = {}
    for rows in grade(handed_in(folder), **limits):
        for row in rows:
            found.setdefault(row["learner"], {})[row["exercise"]] = row
    return found


def test_one_bad_notebook_harms_no_other(hand_in):
    folder = hand_in(
        ada=a_notebook(RIGHT),
        broken='{"cells": [ # 01',
        empty="",
        endless=a_notebook(RIGHT, "while True: pass"),
        fails=a_notebook("1 / 0", RIGHT, "nothing_of_this_name"),
        greedy=a_notebook(RIGHT, "held = []\nwhile True: held.append(bytearray(10**7))", "check('01.2', ...)"),
        leaves=a_notebook(RIGHT, "import os; os._exit(3)"),
        exits=a_notebook("import sys; sys.exit(4)", RIGHT),
        syntax=a_notebook("def (:", RIGHT),
        zoe=a_notebook(RIGHT),
    )
    found = graded(folder, minutes=0.2, memory=600, jobs=3)
    states = {learner: rows["01.1"]["state"] for learner, rows in found.items()}
    assert states == dict.fromkeys(found, "PASS") | {"broken": "NONE", "empty": "NONE"}
    assert len(found) == 10
    problems = {learner: rows["01.1"]["problem"] for learner, rows in found.items()}
    assert problems["ada"] == problems["zoe"] == ""
    assert problems["broken"].startswith("01_mine.ipynb is no notebook that can be read: ")
    assert problems["endless"] == "stopped after 0.2 minutes"
    assert problems["fails"] == "cell 1: ZeroDivisionError: division by zero; line 1: 1 / 0"
    assert problems["leaves"] == "Python ended early, with code 3"
    assert problems["exits"].startswith("cell 1: SystemExit: 4")
    assert problems["syntax"].startswith("cell 1: SyntaxError")
    assert "MemoryError" in problems["greedy"] or "more than 600 MB" in problems["greedy"]
    for rows in found.values():
        assert list(rows) == IDS
        assert all(tuple(row) == COLUMNS for row in rows.values())


CHEATS = {
    "prints it": "print('PASS  01.1 From bytes to text')",
    "edits progress": """open("progress.json", "w").write('{"exercises": {"01.1": {"state": "PASS"}}}')""",
    "has a check of its own": "def check(*_): print('PASS')\ncheck('01.1', None)",
    "takes what is given": "from hornbook.lessons import check, given\ncheck('01.1', given('01.1', ...))",
    "takes the course's": "from hornbook.lessons.courses import find\nfrom hornbook.lessons import check\n"
    "check('01.1', find('01.1')[0].right)",
    "leaves a result in its outputs": "pass",
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_nobody_passes_without_an_answer(hand_in, cheat):
    folder = hand_in(eve=a_notebook(CHEATS[cheat], "'01.1'"))
    made = json.loads((folder / "eve" / "01_mine.ipynb").read_text())
    made["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "PASS  01.1"}]
    (folder / "eve" / "01_mine.ipynb").write_text(json.dumps(made))
    (folder / "eve" / "progress.json").write_text('{"exercises": {"01.1": {"state": "PASS", "passed": "2026"}}}')
    assert graded(folder, minutes=0.5)["eve"]["01.1"]["state"] in ("NONE", "TODO")


def test_a_passed_exercise_stays_passed_when_a_copy_of_its_cell_fails(hand_in):
    folder = hand_in(ada=a_notebook(RIGHT, "check('01.1', lambda raw: 'no')", "check('01.2', lambda *_: 'no')"))
    rows = graded(folder)["ada"]
    assert [rows[identity]["state"] for identity in IDS[:3]] == ["PASS", "FAIL", "NONE"]


@pytest.mark.parametrize("environment", ["None", "{}"], ids=["as it is", "emptied"])
def test_what_a_notebook_starts_ends_with_it(hand_in, tmp_path, environment):
    command = f"[sys.executable, '-c', 'import time; time.sleep(600)  # {tmp_path}']"
    sleeper = f"import subprocess, sys\nsubprocess.Popen({command}, start_new_session=True, env={environment})"
    folder = hand_in(ada=a_notebook(RIGHT, sleeper))
    assert graded(folder)["ada"]["01.1"]["state"] == "PASS"
    left = [path for path in Path("/proc").glob("[0-9]*/cmdline") if f"# {tmp_path}".encode() in command_of(path)]
    assert left == []


def command_of(path):
    try:
        return path.read_bytes()
    except OSError:  # it has ended
        return b""


def test_a_notebook_that_never_stops_checking_is_stopped_too(hand_in):
    folder = hand_in(ada=a_notebook(RIGHT, "import time\nwhile True: check('01.2', ...), time.sleep(0.02)"))
    row = graded(folder, minutes=0.1)["ada"]["01.2"]
    assert (row["state"], row["problem"]) == ("TODO", "stopped after 0.1 minutes")


def test_more_processes_than_a_notebook_needs_are_stopped(tmp_path):
    path = tmp_path / "forks.py"
    path.write_text("import os, time\nfor _ in range(150):\n    os.fork() or time.sleep(60)\ntime.sleep(60)\n")
    assert run_file(path, minutes=0.5).problem == "stopped: more than 100 processes"


def test_a_notebook_works_on_a_copy_of_its_folder(hand_in):
    folder = hand_in(ada=a_notebook("open('new', 'w'); import mine; print(mine.seven)", RIGHT))
    (folder / "ada" / "mine.py").write_text("seven = 7\n")
    for name in ("random", "json", "hornbook"):
        (folder / "ada" / f"{name}.py").write_text("raise ValueError('not the real one')\n")
    row = graded(folder)["ada"]["01.1"]
    assert (row["state"], row["problem"]) == ("PASS", "")
    assert not (folder / "ada" / "new").exists()


def test_files_are_found_by_what_they_check_not_by_their_names(tmp_path):
    for learner in ("ada", "bob"):
        (tmp_path / learner / "deep").mkdir(parents=True)
        (tmp_path / learner / "deep" / "renamed.ipynb").write_text(notebook_json(NOTEBOOK))
        (tmp_path / learner / "script.py").write_text(script(NOTEBOOK))
        (tmp_path / learner / "note.py").write_text("print('nothing of the courses')\n")
        (tmp_path / learner / "given.ipynb").write_text(notebook_json(NOTEBOOK, solved=True))
        for hidden in (".ipynb_checkpoints", "backups"):
            (tmp_path / learner / hidden).mkdir()
            (tmp_path / learner / hidden / "01.ipynb").write_text(notebook_json(NOTEBOOK))
    (tmp_path / "cleo.ipynb").write_text(notebook_json(NOTEBOOK))
    found = handed_in(tmp_path)
    assert [(each.learner, each.path.name) for each in found] == [
        *(("ada", "renamed.ipynb"), ("ada", "script.py"), ("bob", "renamed.ipynb"), ("bob", "script.py")),
        ("cleo", "cleo.ipynb"),
    ]
    assert {each.notebook for each in found} == {NOTEBOOK}


def test_nobody_is_left_out_without_a_word(tmp_path):
    for learner in ("ada", "eve", "idle", "kept", ".hidden"):
        (tmp_path / learner / "solutions").mkdir(parents=True)
    (tmp_path / "ada" / "01.ipynb").write_text(a_notebook(RIGHT))
    for solved in ("ada/given.ipynb", "ada/solutions/02.ipynb", "kept/solutions/01.ipynb", "eve/01.ipynb"):
        (tmp_path / solved).write_text(notebook_json(NOTEBOOK, solved=True))
    (tmp_path / "link").symlink_to(tmp_path / "ada")
    (tmp_path / "max.ipynb").write_text("nothing of the courses")
    (tmp_path / "note.py").write_text("print('nothing of the courses')")
    (tmp_path / "zoe.ipynb").write_text(a_notebook(RIGHT))
    found = graded(tmp_path)
    assert found["ada"]["01.1"]["state"] == found["zoe"]["01.1"]["state"] == "PASS"
    others = {name: rows for name, rows in found.items() if name not in ("ada", "zoe")}
    problems = {name: {(row["state"], row["problem"]) for row in rows.values()} for name, rows in others.items()}
    assert problems == {
        "eve": {("NONE", "the course's own solved notebook")},
        "idle": {("NONE", "holds no notebook to grade")},
        "kept": {("NONE", "holds no notebook to grade")},
        "link": {("NONE", "a link, which is not followed")},
        "max": {("NONE", "no notebook of the courses")},
    }
    assert list(found["eve"]) == IDS
    assert list(found["idle"]) == [""]


def test_of_two_files_for_one_exercise_the_better_counts_once():
    def row(learner, exercise, state, file):
        return {"learner": learner, "notebook": exercise[:2], "exercise": exercise, "state": state, "file": file}

    rows = [row("ada", "01.1", "FAIL", "a"), row("ada", "01.2", "PASS", "a"), row("bob", "", "NONE", "")]
    rows += [row("ada", "01.1", "PASS", "b"), row("ada", "01.2", "PASS", "b"), row("ada", "02.1", "TODO", "c")]
    rows += [row("cleo", "02.1", "PASS", "d")]
    counted = [(each["learner"], each["exercise"], each["state"], each["file"]) for each in best(rows)]
    assert counted == [
        ("ada", "01.1", "PASS", "b"),
        ("ada", "01.2", "PASS", "a"),
        ("bob", "", "NONE", ""),
        ("ada", "02.1", "TODO", "c"),
        ("cleo", "02.1", "PASS", "d"),
    ]
    book = {"ada": {"01": 2, "02": 0}, "bob": {}, "cleo": {"02": 1}}
    assert gradebook(rows) == ({"01": 2, "02": 1}, book)


def test_nothing_to_grade_is_told(tmp_path):
    with pytest.raises(HornbookError, match="is no folder"):
        handed_in(tmp_path / "none")
    with pytest.raises(HornbookError, match="no notebook of the courses"):
        handed_in(tmp_path)


def test_await_outside_of_a_function_runs_as_in_jupyter(hand_in):
    waits = """
        import asyncio
        queue = asyncio.Queue()
        async def put(what): await queue.put(what)
        later = asyncio.get_running_loop().create_task(put(3))
        await asyncio.sleep(0)
    """
    folder = hand_in(
        ada=a_notebook(waits, "assert await queue.get() == 3", RIGHT),
        bob=a_notebook("import asyncio", "await asyncio.sleep(0)\nawait nothing_of_this_name", RIGHT),
    )
    rows = graded(folder)
    assert [rows[learner]["01.1"]["state"] for learner in ("ada", "bob")] == ["PASS", "PASS"]
    assert rows["ada"]["01.1"]["problem"] == ""
    says = "cell 2: NameError: name 'nothing_of_this_name' is not defined; line 2: await nothing_of_this_name"
    assert rows["bob"]["01.1"]["problem"] == says


def test_lines_of_ipython_are_left_out(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(a_notebook("%matplotlib inline\nx = 1\n  !ls\nlen?", "%%bash\nls", "%%time\ny = 10 % 3"))
    cells = code_of(path)
    assert cells[0].splitlines() == ["pass  # %matplotlib inline", "x = 1", "  pass  # !ls", "pass  # len?"]
    assert cells[1] == ""
    assert cells[2].splitlines() == ["pass  # %%time", "y = 10 % 3"]


def test_broken_files_are_told_by_name(tmp_path):
    for text in ("[]", '{"cells": 3}', '{"cells": [{}]}', '{"cells": [{"cell_type": "code", "source": 3}]}', "\x00"):
        (tmp_path / "b.ipynb").write_text(text)
        with pytest.raises(HornbookError, match=r"b\.ipynb is no notebook that can be read: "):
            code_of(tmp_path / "b.ipynb")


def test_the_learners_folder_is_written_once_and_added_to(tmp_path):
    written, kept = desk.start(tmp_path / "me", "frankenstein")
    assert {path.parent.name for path in written} == {"frankenstein"}
    assert kept == []
    written[0].write_text("mine")
    again, kept = desk.start(tmp_path / "me", "frankenstein")
    assert (again, kept) == ([], written)
    assert written[0].read_text() == "mine"
    scripts, _ = desk.start(tmp_path / "me", "ladder", ".py")
    assert {path.suffix for path in scripts} == {".py"}
