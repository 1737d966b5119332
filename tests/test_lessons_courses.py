"""All notebooks of both courses: run solved and as stubs, rebuilt, wrong answers tried, exercises with their parts."""

import contextlib
import importlib.util
import io
import json
import os
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from hornbook.errors import HornbookError
from hornbook.lessons.building import cells, notebook_json, script
from hornbook.lessons.checking import judge
from hornbook.lessons.courses import COURSES, find, notebooks
from hornbook.lessons.session import watching
from hornbook.lessons.sources import parse

NOTEBOOKS = {f"{notebook.course.name}-{notebook.number}": notebook for notebook in notebooks()}
SECONDS = 60  # of CPU for one notebook
HEADINGS = (
    "how long",
    "Concept primer",
    "Objectives",
    "What breaks if we skip this",
    "Where this stands elsewhere",
    "Reflection",
    "Next",
)
WRITTEN = Path(__file__).parent / "lessons"

every_notebook = pytest.mark.parametrize("name", NOTEBOOKS)


@dataclass
class Ran:
    """What came of running a script: the results of its checks, what it printed, CPU seconds, the names it made."""

    results: list = field(default_factory=list)
    printed: str = ""
    seconds: float = 0.0
    made: dict = field(default_factory=dict)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """ran(name, solved): a notebook run once as a plain script, in a folder of its own, without network."""

    @cache
    def run(name, solved):
        folder = tmp_path_factory.mktemp(name)
        path = folder / f"{name}.py"
        path.write_text(script(NOTEBOOKS[name], solved), encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MPLBACKEND", "Agg")
            patch.chdir(folder)
            patch.setattr(socket, "socket", _no_network)
            patch.setattr(socket, "create_connection", _no_network)
            return _run(path)

    return run


def _no_network(*_args, **_options):
    raise OSError("a notebook asked for the network")


def _run(path):
    import matplotlib.pyplot as plt

    plt.switch_backend("Agg")
    done, printed = Ran(made={"__name__": "__main__", "__file__": str(path)}), io.StringIO()
    dtype = "torch" in sys.modules and sys.modules["torch"].get_default_dtype()
    began = time.process_time()
    with watching(done.results.append), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), done.made)
    done.seconds, done.printed = time.process_time() - began, printed.getvalue()
    if dtype:
        assert sys.modules["torch"].get_default_dtype() == dtype, "a notebook changed torch's default type"
    plt.close("all")
    return done


def _ids(name):
    return [exercise.id for exercise in NOTEBOOKS[name].exercises()]


def _said(result):
    return f"{result.exercise.id} {result.state}: {result.says} {result.on} {result.line} {result.diagnosis}"


@every_notebook
def test_solved_every_check_passes(ran, name):
    done = ran(name, True)
    assert [_said(result) for result in done.results if result.state != "PASS"] == []
    assert list(dict.fromkeys(result.exercise.id for result in done.results)) == _ids(name)


@every_notebook
def test_as_stubs_it_runs_through_and_every_check_is_to_do(ran, name):
    done = ran(name, False)
    assert [_said(result) for result in done.results if result.state != "TODO"] == []
    assert list(dict.fromkeys(result.exercise.id for result in done.results)) == _ids(name)


@every_notebook
@pytest.mark.parametrize("solved", [True, False], ids=["solved", "stubs"])
def test_it_keeps_to_its_time(ran, name, solved):
    assert ran(name, solved).seconds < SECONDS


@every_notebook
def test_a_learner_can_ask_for_hints(ran, name):
    from hornbook.lessons import hint

    imported = ran(name, False).made.get("hint")
    assert imported is hint, "add hint to `from hornbook.lessons import …`, with # noqa: F401 where it is not called"


def written(name):
    """The written wrong answers of a notebook: id -> [(answer, a piece of its diagnosis)]."""
    path = WRITTEN / f"wrong_{name.replace('-', '_')}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.WRONG


@every_notebook
def test_wrong_answers_fail_each_with_its_own_diagnosis(name):
    wrong = written(name)
    assert sorted(wrong) == sorted(_ids(name))
    for identity, answers in wrong.items():
        pieces = [piece for _, piece in answers]
        assert len(pieces) >= 2
        assert len(set(pieces)) == len(pieces)
        reached = set()
        for answer, piece in answers:
            result = judge(find(identity)[0], answer)
            assert result.state == "FAIL", f"{piece}: {_said(result)}"
            assert piece in f"{result.diagnosis} {result.says}", f"{piece}: {_said(result)}"
            reached.add(result.diagnosis)
        assert [mistake.says for mistake in find(identity)[0].mistakes if mistake.says not in reached] == []


@every_notebook
def test_every_exercise_has_its_parts(name):
    exercises = NOTEBOOKS[name].exercises()
    assert len(exercises) >= (1 if name.endswith("99") else 3)
    for number, exercise in enumerate(exercises, 1):
        assert exercise.id == f"{NOTEBOOKS[name].key}.{number}"
        for part in (exercise.title, exercise.goal, exercise.why, exercise.outcome, *exercise.accept, *exercise.hints):
            assert part.strip()
        assert exercise.accept
        assert 1 <= len(exercise.hints) <= 3
        assert len(exercise.mistakes) >= 2
        assert len({mistake.says for mistake in exercise.mistakes}) == len(exercise.mistakes)
        assert 1 <= exercise.film <= 12


@every_notebook
def test_hints_and_criteria_give_no_solution_away(name):
    solutions = [cell.text for cell in parse(NOTEBOOKS[name].source)[1] if cell.kind == "exercise"]
    lines = {line.strip() for text in solutions for block in _blocks(text) for line in block}
    told = " ".join(part for each in NOTEBOOKS[name].exercises() for part in (each.goal, *each.accept, *each.hints))
    assert [line for line in lines if len(line) > 20 and line in told] == []


def _blocks(text):
    return [block.splitlines() for block in re.findall(r"# solution\n(.*?)# end of solution", text, re.DOTALL)]


@every_notebook
def test_its_headings_stand_in_order(name):
    read = [cell.text for cell in cells(NOTEBOOKS[name]) if cell.kind == "markdown"]
    assert re.match(r"# \d\d: \S", read[0])
    assert re.search(r"\d[\d.]* (s|seconds?|minutes?)\b", read[0]), "its first cell says how long it takes, as a figure"
    headings = [line for text in read for line in text.splitlines() if line.startswith("#")]
    places = []
    for heading in HEADINGS[1:]:
        found = [place for place, line in enumerate(headings) if heading.lower() in line.lower()]
        assert found, f'no heading "{heading}"'
        places.append(found[-1])
    assert places == sorted(places)


@every_notebook
@pytest.mark.parametrize("solved", [True, False], ids=["solved", "stubs"])
def test_a_built_notebook_is_valid_and_holds_no_solution(name, solved):
    nbformat = pytest.importorskip("nbformat")
    text = notebook_json(NOTEBOOKS[name], solved)
    made = nbformat.reads(text, as_version=4)
    nbformat.validate(made)
    assert (made.nbformat, made.nbformat_minor) == (4, 5)
    assert text == nbformat.writes(made) + "\n"  # nothing changes when Jupyter saves it
    assert len({cell.id for cell in made.cells}) == len(made.cells)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in made.cells)
    assert ("..." in text) or solved
    for marker in ("# solution", "# end of solution", "noqa"):
        assert marker not in text


def test_notebooks_are_rebuilt_to_the_same_bytes_by_another_process():
    code = (
        "import hashlib, json\n"
        "from hornbook.lessons.building import notebook_json, script\n"
        "from hornbook.lessons.courses import notebooks\n"
        "print(json.dumps({f'{n.course.name}-{n.number}': hashlib.sha256((notebook_json(n) + notebook_json(n, True)"
        " + script(n) + script(n, True)).encode()).hexdigest() for n in notebooks()}))"
    )
    seeds = [os.environ | {"PYTHONHASHSEED": seed} for seed in ("1", "2")]
    told = [subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True) for env in seeds]
    assert told[0].stdout == told[1].stdout
    assert set(json.loads(told[0].stdout)) == set(NOTEBOOKS)


@pytest.mark.parametrize("course", COURSES)
def test_it_runs_in_a_real_kernel(course, tmp_path):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    notebook = COURSES[course].notebooks()[1 if course == "frankenstein" else 0]
    made = nbformat.reads(notebook_json(notebook, solved=True), as_version=4)
    nbclient.NotebookClient(made, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output.get("data", {}) for cell in made.cells for output in cell.get("outputs", ())]
    text = "\n".join(data.get("text/plain", "") for data in shown)
    html = "\n".join(data.get("text/html", "") for data in shown)
    for exercise in notebook.exercises():
        assert f"PASS  {exercise.id} " in text
        assert f'aria-label="PASS: exercise {exercise.id}"' in html


def test_every_notebook_has_written_wrong_answers():
    stems = {f"wrong_{name.replace('-', '_')}" for name in NOTEBOOKS}
    assert {path.stem for path in WRITTEN.glob("wrong_*.py")} == stems


def test_an_unknown_exercise_is_told_with_the_nearest():
    with pytest.raises(HornbookError, match=r'there is no exercise "L1.11"\. Did you mean "L1.1"\?'):
        find("L1.11")
