"""`hornbook index` and `hornbook search`: what they print on a screen, in a pipe and as JSON, and what they refuse."""

import io
import json
import os
import sys

import pytest

from hornbook.cli import search as command
from index_cases import Encoder, lay, unsynced  # noqa: F401 (a fixture)

PETS = {"notes/a.txt": "first\n\nthe cat sat", "notes/b.txt": "the dog sat on the cat", "notes/c.md": "stars shine"}


@pytest.fixture
def notes(hornbook, tmp_path):
    lay(tmp_path, PETS)
    return hornbook


def feed(monkeypatch, text):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_index_and_search_by_default(notes):
    code, out, _ = notes("index", "notes")
    assert code == 0
    assert "3 added: 3 passages read" in out
    assert "+ notes/a.txt" in out
    assert "hornbook-index: 3 files, 3 passages" in out
    assert "by their words only (BM25)" in out
    code, out, err = notes("search", "Stars?")
    assert (code, out, err) == (0, "notes/c.md:1\t0.5605\tstars shine\n", "")


def test_update_add_and_delete(notes, tmp_path):
    notes("index", "notes", "--out", "index")
    assert "nothing changed" in notes("index", "--out", "index")[1]
    lay(tmp_path, {"notes/a.txt": "a cow", "notes/b.txt": None, "notes/d.txt": "new", "more/e.txt": "more"})
    _, out, _ = notes("index", "--out", "index")
    assert "1 added, 1 changed, 1 removed: 2 passages read" in out
    assert "+ notes/d.txt" in out and "~ notes/a.txt" in out and "- notes/b.txt" in out
    assert json.loads(notes("index", "more", "--out", "index", "--json")[1])["added"] == [str(tmp_path / "more/e.txt")]
    assert "1 removed" in notes("index", "--delete", "more/e.txt", "--out", "index")[1]
    assert notes("index", "--out", "index", "-q") == (0, "", "")
    assert "the file" not in notes("search", "index", "cow")[1]


def test_a_pipe_hears_of_files_that_are_gone_or_changed(notes, tmp_path):
    notes("index", "notes", "--out", "my index")
    lay(tmp_path, {"notes/a.txt": "a cat, rewritten", "notes/b.txt": None})
    _, out, err = notes("search", "my index", "cat")
    assert {line.split(":")[0] for line in out.splitlines()} == {"notes/a.txt", "notes/b.txt"}
    assert sorted(err.splitlines()) == [
        "notes/a.txt has changed since it was indexed.",
        "notes/b.txt is gone since it was indexed.",
    ]


def test_the_next_command_can_be_pasted(notes):
    assert "hornbook search 'my index' \"…\"" in notes("index", "notes", "--out", "my index")[1]


def test_ctrl_c_says_that_the_same_command_goes_on(notes, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_bring", stopped)
    code, _, err = notes("index", "notes")
    assert (code, "the same command goes on" in err) == (130, True)


def test_stdin_is_a_file_too(notes, monkeypatch):
    feed(monkeypatch, "one\n\nthe zebra crossed\n")
    notes("index", "-", "--words", 1, "--out", "index")
    assert notes("search", "index", "zebra")[1].startswith("stdin:3\t")
    assert "nothing changed" in notes("index", "--out", "index")[1]


def test_several_queries_and_json(notes, monkeypatch):
    notes("index", "notes", "--out", "index")
    feed(monkeypatch, "stars\n\n  the  cat \n")
    _, out, _ = notes("search", "index", "-", "-k", 1)
    found = [line.split("\t")[:2] for line in out.splitlines()]
    assert found == [["stars", "notes/c.md:1"], ["the cat", "notes/b.txt:1"]]
    feed(monkeypatch, "stars\nzebra")
    _, out, err = notes("search", "index", "-", "--json")
    found, none = map(json.loads, out.splitlines())
    assert found["query"] == "stars"
    hit = found["hits"][0]
    assert (os.path.basename(hit["file"]), hit["lines"], hit["ranks"]) == ("c.md", [1, 1], {"bm25": 1})
    assert none["hits"] == []
    assert 'no passage has the word "zebra"' in err


def test_on_a_screen_words_stand_out(notes, monkeypatch):
    notes("index", "notes", "--out", "index")
    real = command.console
    screen = lambda **choices: real(force_terminal=True, color_system="standard", **choices)
    monkeypatch.setattr(command, "console", screen)
    _, out, err = notes("search", "index", "sat cat")
    assert "notes/a.txt:1\x1b[0m  0.4273" in out
    assert "\x1b[1;33mcat\x1b[0m" in out
    assert "bm25 1." in out
    assert "words only" in err


def test_with_an_encoder(notes, monkeypatch):
    monkeypatch.setattr("hornbook.encoder.TextEncoder.load", lambda name: Encoder(f"model {name}"))
    _, out, _ = notes("index", "notes", "--encoder", "colours", "--out", "index")
    assert "3 passages read, 3 of them encoded" in out
    _, out, _ = notes("search", "index", "stars", "--json")
    assert json.loads(out)["hits"][0]["ranks"] == {"bm25": 1, "dense": 3}
    assert len(json.loads(notes("search", "index", "zebra", "--json", "--how", "dense")[1])["hits"]) == 3
    code, _, err = notes("search", "index", "stars", "--encoder", "tastes")
    assert code == 2
    assert "was built by colours" in err and "not by tastes" in err
    assert "not by tastes" in notes("index", "--encoder", "tastes", "--out", "index")[2]


@pytest.mark.parametrize("arguments, said", [
    (("search", "index", ""), "the query is empty"),
    (("search", "index"), "what is to be looked for"),
    (("search", "nowhere", "cat"), "there is no index nowhere"),
    (("search", "cat"), "there is no index hornbook-index"),
    (("search", "index", "cat", "dog"), "in quotes"),
    (("search", "index", "cat", "--how", "magic"), 'called "magic"'),
    (("search", "index", "cat", "--how", "dense"), "has no vectors"),
    (("index", "nowhere", "--out", "other"), "no file or folder"),
    (("index", "--out", "other"), "there is no index other"),
    (("index", "notes", "--out", "notes"), "holds no index"),
    (("index", "notes", "--words", 7, "--out", "index"), "words 100, not 7"),
    (("index", "notes", "--delete", "notes/a.txt", "--out", "index"), "one after the other"),
    (("index", "--delete", "zebra", "--out", "index"), "has no file zebra"),
])  # fmt: skip
def test_what_is_refused(notes, arguments, said):
    notes("index", "notes", "--out", "index", "-q")
    code, out, err = notes(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_an_empty_index_and_no_queries(notes, tmp_path, monkeypatch):
    lay(tmp_path, {"blank.txt": "\n"})
    notes("index", "blank.txt", "--out", "empty")
    assert "empty is empty. Add to it" in notes("search", "empty", "cat")[2]
    notes("index", "notes")
    feed(monkeypatch, "\n \n")
    assert "no query on standard input" in notes("search", "hornbook-index", "-")[2]


def test_files_left_out_are_told(notes, tmp_path):
    lay(tmp_path, {"notes/picture.txt": b"\0\1"})
    _, out, _ = notes("index", "notes")
    assert "left out: " in out and "picture.txt is not a text" in out


@pytest.mark.parametrize("place", [0, 30, 299])
def test_a_passage_is_shortened_around_its_matches(place):
    words = ["word"] * 300
    words[place] = "Needle"
    shown = command.shortened("\n".join(words), "the needle")
    assert "Needle" in shown
    assert len(shown) <= command.SHOWN + 4
    assert shown.startswith("… ") == (place > 0 + 20)
    assert shown.endswith(" …") == (place < 299)
    assert command.shortened("a  b\nc", "b") == "a b c"
    assert len(command.shortened("x" * 1000, "b")) <= command.SHOWN + 4
