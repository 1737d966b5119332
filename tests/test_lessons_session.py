"""What a notebook calls: check, hint, predict, given, needs, text; how it is shown; what progress.json keeps."""

import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys

import pytest

from hornbook.errors import HornbookError
from hornbook.lessons import check, given, hint, needs, predict, progress, session, text
from hornbook.lessons.checking import judge
from hornbook.lessons.courses import LessonError, find
from hornbook.lessons.rendering import Note, Shown
from lessons_cases import exercise, of_a_value, over_the_batch, softmax

IDENTITY = "01.4"  # an exercise of the courses


@pytest.fixture
def made(monkeypatch):
    """The engine with one exercise of the tests, 04.2, in place of the courses' own."""

    def put(asked):
        monkeypatch.setattr(session, "find", lambda identity: (asked, None))
        monkeypatch.setattr(session, "_passed", {})
        return asked

    return put


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A learner's folder, and the working directory two folders below it."""
    progress.begin(tmp_path)
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    return tmp_path


def kept(folder):
    return json.loads((folder / "progress.json").read_text())


def mine(x):
    return softmax(x)


def test_check_prints_returns_nothing_and_keeps_what_came_of_it(made, folder, capsys, monkeypatch):
    made(exercise())
    times = iter(["first", "second", "third"])
    monkeypatch.setattr(progress.time, "strftime", lambda _form: next(times))
    assert check("04.2", over_the_batch) is None
    told = capsys.readouterr().out
    assert told.startswith("FAIL  04.2 The softmax\n      The numbers differ.\n      Tried on: 2 rows of 3\n")
    assert "yours                 right" in told
    assert "Diagnosis: softmax over the batch axis" in told
    assert check("04.2", mine) is None
    told = capsys.readouterr().out
    assert told.startswith("PASS  04.2 The softmax\n      Why: exp is positive\n")
    assert '"Attention, head by head"; the film, step 6, "The loss"' in told
    entry = kept(folder)["exercises"]["04.2"]
    assert (entry["state"], entry["tries"], entry["passed"]) == ("PASS", 2, "first")
    check("04.2", mine)
    check("04.2", over_the_batch)
    again = kept(folder)["exercises"]["04.2"]
    assert (again["state"], again["passed"]) == ("FAIL", entry["passed"])


def test_without_an_answer_it_is_to_do(made, folder, capsys):
    made(exercise())
    check("04.2")
    assert capsys.readouterr().out.startswith("TODO  04.2 The softmax\n")


def test_an_unknown_exercise_is_told_in_one_line(folder, capsys):
    check("01.44", mine)
    hint("01.44")
    assert capsys.readouterr().out.splitlines() == ['there is no exercise "01.44". Did you mean "01.4"?'] * 2
    with pytest.raises(LessonError, match=r'Did you mean "01\.4"\?') as told:
        given("01.44", mine)
    assert told.value._render_traceback_() == [str(told.value)]
    with pytest.raises(HornbookError, match=r"There is: 00\.1, "):
        find("nothing like it")


def test_hints_come_one_by_one_and_stay_at_the_last(made, folder, capsys):
    made(exercise())
    for _ in range(4):
        hint("04.2")
    assert capsys.readouterr().out.splitlines() == [
        "Hint 1 of 3: exp",
        "Hint 2 of 3: divide",
        *["Hint 3 of 3 (the last): by the row's sum"] * 2,
    ]
    assert kept(folder)["exercises"]["04.2"]["hints"] == 4


def test_a_notebook_says_what_it_needs(monkeypatch):
    assert needs("json") is None
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr("hornbook.lessons.rendering._in_ipython", lambda: True)
    with pytest.raises(LessonError, match=r"pip install 'hornbook\[torch\]'\nThen restart the kernel") as raised:
        needs("torch")
    assert raised.value._render_traceback_() == [str(raised.value)]


ENDS = {  # what a script does -> the first words of what is said
    "sys.modules['torch'] = None; lessons.needs('torch')": "This notebook needs PyTorch, which is not installed: pip ",
    "corpus.load = none; lessons.text('ada')": 'no text can be read here, not even pydoc; asked for "ada".',
}


@pytest.mark.parametrize("does", ENDS)
def test_a_script_ends_in_a_line_or_two_without_a_traceback(does, tmp_path):
    begins = "import sys\nfrom hornbook import corpus, errors, lessons\n"
    none = "def none(name): raise errors.HornbookError('no')\n"
    (tmp_path / "mine.py").write_text(begins + none + f"{does}\n")
    ran = subprocess.run([sys.executable, "mine.py"], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 1
    assert ran.stderr.startswith(ENDS[does])
    assert len(ran.stderr.splitlines()) <= 2


def test_what_ends_a_notebook_that_is_graded_is_a_lesson_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with session.watching(print), pytest.raises(LessonError, match="This notebook needs PyTorch"):
        needs("torch")


def test_a_prediction_is_noted_and_dots_are_none(folder, capsys):
    predict("04.a", ...)
    predict("04.a", 96)
    predict("04.a", [1, 2])
    first, *others = capsys.readouterr().out.splitlines()
    assert first.startswith("Prediction 04.a: not predicted yet.")
    assert others[0] == "Prediction 04.a: 96. Noted; now run the next cell and compare."
    assert kept(folder)["predictions"] == {"04.a": ["96", "[1, 2]"]}


def test_given_goes_on_with_what_passes_and_says_so_otherwise(made, folder, capsys):
    asked = made(exercise())
    assert given("04.2", mine) is mine
    assert capsys.readouterr().out == ""
    for other in (over_the_batch, ..., lambda x: 1 / 0):
        assert given("04.2", other) is asked.right
        says = "04.2 is not passed yet: the cells below go on with the course's own answer.\n"
        assert capsys.readouterr().out == says
    made(of_a_value(27))
    assert given("04.2", ...) == 27
    assert given("04.2", 27) == 27


def test_given_trusts_a_check_of_this_session_but_only_for_the_same_answer(made, folder, monkeypatch):
    asked = made(exercise())
    check("04.2", mine)
    monkeypatch.setattr(session, "judge", lambda *_: pytest.fail("checked again"))
    assert given("04.2", mine) is mine
    monkeypatch.setattr(session, "judge", judge)
    assert given("04.2", over_the_batch) is asked.right


def test_a_text_falls_back_and_says_so(monkeypatch, capsys):
    from hornbook import corpus

    real = corpus.load
    reachable = {"pydoc"}

    def load(name):
        if name not in reachable:
            raise HornbookError(f"{name} needs the network\nand there is none")
        return real(name)

    monkeypatch.setattr(corpus, "load", load)
    book = text("frankenstein")
    assert book == "\n".join(real("pydoc").documents)
    assert capsys.readouterr().out.splitlines() == [
        "frankenstein cannot be reached here (frankenstein needs the network).",
        "shakespeare cannot be reached here (shakespeare needs the network).",
        f"Going on with pydoc, {len(book):,} characters: the numbers below will be its own.",
    ]
    reachable.clear()
    with pytest.raises(SystemExit, match="not even pydoc"):
        text("frankenstein")


def test_without_a_folder_it_is_kept_in_memory(made, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress, "_memory", {})
    made(exercise())
    check("04.2", mine)
    assert progress.read()["exercises"]["04.2"]["state"] == "PASS"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damaged", ['{"exercises": {"04.', "[]", '{"exercises": 3}', ""])
def test_a_damaged_progress_is_put_aside_said_and_begun_anew(folder, capsys, damaged):
    for use in (progress.read, lambda: progress.record("04.1", "PASS")):
        (folder / "progress.json").write_text(damaged)
        use()
        assert (folder / "progress.json.broken").read_text() == damaged
        assert progress.folder() == folder
        out, said = capsys.readouterr()
        assert (out, said.count("\n")) == ("", 1)
        assert said.startswith(f"{folder / 'progress.json'} was damaged. It is now progress.json.broken, and")
    assert kept(folder)["exercises"]["04.1"]["state"] == "PASS"
    assert progress.read() == kept(folder)
    assert capsys.readouterr().err == ""


def many(folder, name, count):
    for number in range(count):
        progress.record(f"{name}.{number}", "PASS", folder)


def test_two_notebooks_at_once_lose_nothing(folder):
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=many, args=(folder, name, 20)) for name in ("01", "02", "03")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(kept(folder)["exercises"]) == 60


def test_a_killed_notebook_leaves_progress_that_can_be_read(folder):
    code = "from hornbook.lessons import progress\nfrom itertools import count\n[progress.record(f'01.{n}', 'PASS')"
    code += " for n in count()]"
    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", code])
        while len(kept(folder)["exercises"]) < 5 and writer.poll() is None:
            os.sched_yield()
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        assert len(kept(folder)["exercises"]) >= 5
    progress.record("99.1", "TODO")
    assert "99.1" in kept(folder)["exercises"]


STATES = {"PASS": mine, "TODO": ..., "FAIL": over_the_batch}


@pytest.mark.parametrize("state", STATES)
def test_html_says_in_words_what_the_text_says(state):
    shown = Shown(judge(exercise(), STATES[state]))
    html = shown._repr_html_()
    assert f'aria-label="{state}: exercise 04.2"' in html
    assert f">{state}</strong>" in html
    for line in repr(shown).splitlines()[1:2]:
        assert line.strip().removeprefix("Why: ") in html
    if state == "FAIL":
        assert '<th scope="col"' in html
        assert "<strong>Diagnosis:</strong> softmax over the batch axis" in html


def test_what_a_learner_wrote_is_text_in_html_and_no_markup():
    def unkind(x):
        raise ValueError("<script>alert(1)</script>")

    html = Shown(judge(exercise(), unkind))._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert Note("a < b")._repr_html_().count("&lt;") == 1


def test_in_ipython_both_forms_are_handed_over(made, folder, monkeypatch):
    display = pytest.importorskip("IPython.display")
    seen = []
    monkeypatch.setattr("hornbook.lessons.rendering._in_ipython", lambda: True)
    monkeypatch.setattr(display, "display", seen.append)
    made(exercise())
    check("04.2", mine)
    hint("04.2")
    assert [type(each) for each in seen] == [Shown, Note]


def test_in_marimo_its_own_output_is_used(made, folder, monkeypatch):
    seen = []

    class Marimo:
        Html = str
        output = type("Output", (), {"append": staticmethod(seen.append)})
        running_in_notebook = staticmethod(lambda: True)

    monkeypatch.setitem(sys.modules, "marimo", Marimo)
    made(exercise())
    check("04.2", mine)
    assert seen[0].startswith('<div role="group" aria-label="PASS: exercise 04.2"')


def test_in_a_terminal_it_has_colour_and_the_same_words(made, folder, monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    made(exercise())
    check("04.2", mine)
    told = capsys.readouterr().out
    assert told.startswith("\x1b[")
    assert re.sub(r"\x1b\[[\d;]*m", "", told) == f"{Shown(judge(exercise(), mine))!r}\n"


def test_in_a_notebook_a_cell_run_too_early_is_told_what_to_run_first(tmp_path):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    sources = ["from hornbook.lessons import predict\npredict('01.a', ...)", "decode", "nothing_like_it", "1 / 0"]
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    place = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(made, timeout=60, allow_errors=True, resources=place).execute()
    kinds = [[output.get("ename", output.output_type) for output in cell.outputs] for cell in made.cells]
    assert kinds == [["display_data"], ["NameError", "display_data"], ["NameError"], ["ZeroDivisionError"]]
    says = "decode is made in exercise 01.1: run that cell first, then this one again."
    assert made.cells[1].outputs[1].data["text/plain"] == says


def test_through_a_kernel_an_answer_is_to_do_then_wrong_then_right(tmp_path):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    answers = {"TODO": "decode = ...", "FAIL": "decode = lambda raw: raw.decode('utf-8')", "PASS": "decode = right"}
    begins = "from hornbook.lessons import check\ndef right(raw): return raw.decode('utf-8-sig')\n"
    cells = [f"{begins}{answer}\ncheck('01.1', decode)" for answer in answers.values()]
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(made, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [cell.outputs[0].data for cell in made.cells]
    assert [data["text/plain"][:10] for data in shown] == [f"{state}  01.1" for state in answers]
    for state, data in zip(answers, shown):
        assert f'aria-label="{state}: exercise 01.1"' in data["text/html"]
    assert "Diagnosis:" in shown[1]["text/plain"]
    assert "<table" in shown[1]["text/html"]
