"""`hornbook neighbours`, `analogy`, `odd`: on a screen, in a pipe, as JSON, and what they say of words unknown."""

import io
import json
import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import hornbook.cli.neighbours  # noqa: F401 (adds its commands)
from hornbook.vectors import WordVectors
from hornbook.word2vec_format import write

WORDS = ["king", "queen", "man", "woman", "monster", "[red]fiend", "<b>"]
MATRIX = np.random.default_rng(3).standard_normal((7, 12)).astype(np.float32)
MATRIX[1] = MATRIX[0] - MATRIX[2] + MATRIX[3]  # queen
MATRIX[5] = MATRIX[4] + 0.1


@pytest.fixture
def file(tmp_path):
    write(WordVectors(WORDS, MATRIX), tmp_path / "words.vec")
    return tmp_path / "words.vec"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run folder, as far as these commands look into one: with counts and pieces."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json").write_text('{"format": 1, "model": "word2vec"}')
    vectors = WordVectors(WORDS, MATRIX, range(70_000, 0, -10_000), lambda word: MATRIX[4] * len(word))
    encoder = SimpleNamespace(TextEncoder=SimpleNamespace(load=lambda folder: SimpleNamespace(vectors=vectors)))
    monkeypatch.setitem(sys.modules, "hornbook.encoder", encoder)
    return tmp_path / "run"


@pytest.fixture
def screen(monkeypatch, hornbook):
    """Run a command on a terminal so many columns wide: the lines it printed, without their colours."""

    def shown(columns, *arguments):
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("COLUMNS", str(columns))
        code, out, err = hornbook(*arguments)
        assert (code, err) == (0, "")
        assert "\x1b[" in out
        return re.sub(r"\x1b\[[\d;]*m", "", out).splitlines()

    return shown


def test_neighbours_in_a_pipe_are_a_line_each(hornbook, file, run):
    code, out, err = hornbook("neighbours", file, "monster", "King", "-k", 2)
    assert (code, err) == (0, "")
    rows = [line.split("\t") for line in out.splitlines()]
    assert [row[0] for row in rows] == ["monster", "monster", "King", "King"]
    _, near, cosine, count = rows[0]
    assert (near, count) == ("[red]fiend", "")
    assert float(cosine) == pytest.approx(WordVectors(WORDS, MATRIX).similarity("monster", near), abs=5e-5)
    assert hornbook("neighbours", run, "monster", "-k", 1)[1].split("\t")[3] == "20000\n"


@pytest.mark.parametrize("columns", [80, 120])
def test_neighbours_on_a_screen_stand_side_by_side(run, screen, columns):
    lines = screen(columns, "neighbours", run, "monster", "queen", "man", "-k", 3)
    assert max(map(len, lines)) <= columns
    heads = [line for line in lines if "cosine" in line]
    assert "monster ×30,000" in heads[0]
    assert "queen ×60,000" in heads[0]
    assert ("man ×50,000" in heads[0]) == (columns == 120)
    assert any("[red]fiend" in line and "█" in line and "20,000" in line for line in lines)


def test_a_word_by_its_pieces_and_one_in_lower_case_are_said(run, screen):
    head, *_ = screen(120, "neighbours", run, "monstrous", "KING", "-k", 3)
    assert "monstrous (by its pieces)" in head
    assert "king ×70,000" in head


def test_neighbours_of_words_read_from_standard_input(hornbook, file, monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"king\nqueen man\nking")))
    code, out, _ = hornbook("neighbours", file, "-", "woman", "-k", 1)
    assert code == 0
    assert [line.split("\t")[0] for line in out.splitlines()] == ["king", "queen", "man", "woman"]
    code, _, err = hornbook("neighbours", file, "-")
    assert code == 2
    assert "standard input has no words" in err


def test_neighbours_as_json_are_unrounded(hornbook, file, run):
    found = json.loads(hornbook("neighbours", file, "monster", "--json", "-k", 3)[1])
    words = WordVectors(WORDS, MATRIX)
    assert [(one["word"], one["cosine"]) for one in found["words"][0]["neighbours"]] == words.neighbours("monster", 3)
    assert found["words"][0]["count"] is None
    assert json.loads(hornbook("neighbours", run, "monster", "--json")[1])["words"][0]["count"] == 30_000


def test_an_analogy_on_a_screen_shows_its_terms(run, screen):
    lines = screen(80, "analogy", run, "king", "man", "woman", "-k", 3)
    assert lines[0] == "king − man + woman ≈ queen"
    assert lines[1].split() == ["candidate", "cosine", "+", "king", "−", "man", "+", "woman", "count"]
    assert max(map(len, lines)) <= 80
    row = lines[3].replace("−", "-").replace(",", "").split()
    score, *parts = (float(cell) for cell in row[1:-1] if not set(cell) & set("█▏▎▍▌▋▊▉"))
    assert (row[0], row[-1]) == ("queen", "60000")
    assert sum(parts) == pytest.approx(score, abs=2.1e-4)  # four numbers, each rounded
    said = " ".join(" ".join(lines).split())
    assert "the parts of the terms add up to the cosine. Cosine of queen to: king" in said
    first = WordVectors(WORDS, MATRIX).analogy(["king", "woman"], ["man"]).unrestricted[0]
    assert f"{first} comes first even when" in said or f"{first} would come first" in said


def test_what_the_usual_trick_hides_is_said(tmp_path, screen):
    words = WordVectors(["king", "man", "woman", "queen"], [[1, 0, 0], [0, 1, 0], [0, 1, 0.1], [0.8, 0, 0.3]])
    write(words, tmp_path / "v.bin")
    *_, last = screen(200, "analogy", tmp_path / "v.bin", "king", "man", "woman", "--method", "add")
    assert "left out, as is usual: with them, king would come first (0.995" in last
    *_, said, _ = screen(200, "analogy", tmp_path / "v.bin", "king", "man", "woman", "--method", "mul")
    assert "the parts of the terms multiply to the score" in said


def test_an_analogy_in_a_pipe_and_as_json(hornbook, file):
    _, out, _ = hornbook("analogy", file, "king", "man", "woman")
    rows = [line.split("\t") for line in out.splitlines()]
    assert rows[0][0] == "queen"
    assert len(rows) == len(WORDS) - 3
    for _, score, *parts, count in rows:
        assert sum(map(float, parts)) == pytest.approx(float(score), abs=2.1e-4)
        assert count == ""
    found = json.loads(hornbook("analogy", file, "king", "man", "woman", "--json")[1])
    assert found["formula"] == "king − man + woman ≈ queen"
    assert [(term["sign"], term["word"]) for term in found["terms"]] == [(1, "king"), (-1, "man"), (1, "woman")]
    assert sum(found["candidates"][0]["parts"]) == pytest.approx(found["candidates"][0]["score"])
    assert found["unrestricted"]["word"] in WORDS


def test_the_odd_one_out(hornbook, file, screen):
    code, out, _ = hornbook("odd", file, "monster", "[red]fiend", "man")
    assert code == 0
    assert out.startswith("man\t")
    assert json.loads(hornbook("odd", file, "monster", "[red]fiend", "man", "--json")[1])["odd"] == "man"
    lines = screen(80, "odd", file, "monster", "[red]fiend", "man")
    assert lines[0] == "man does not belong to the others."
    assert lines[-1].startswith("[red]fiend")


@pytest.mark.parametrize("arguments, said", [
    (["neighbours", "words.vec", "monstr"], '"monstr" is not among the 7 words. Spelt like it: monster'),
    (["analogy", "words.vec", "king", "man", "womann"], "Spelt like it: woman"),
    (["analogy", "words.vec", "king", "man", "woman", "--method", "multiply"], 'no method "multiply"'),
    (["odd", "words.vec", "king", "man"], "three words or more"),
    (["neighbours", "missing.bin", "king"], "there is no file missing.bin"),
    (["neighbours", "missing", "king"], "there is no run missing"),
    (["neighbours", "words.vec", "king", "-k", "0"], "neighbours [OPTIONS]"),
])  # fmt: skip
def test_bad_input_is_said(hornbook, file, arguments, said):
    code, out, err = hornbook(*arguments)
    assert (code, out) == (2, "")
    assert said in " ".join(err.split())


@pytest.mark.parametrize("command", ["neighbours", "analogy", "odd"])
def test_help_has_examples(hornbook, command):
    code, out, _ = hornbook(command, "--help")
    assert code == 0
    assert f"hornbook {command} runs/novels-word2vec" in out
