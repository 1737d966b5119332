"""`hornbook map`: what it writes, where, what it says, and what it refuses."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import hornbook.cli.map  # noqa: F401 (adds the command)
from hornbook.encoder import TextEncoder
from hornbook.vectors import WordVectors

WORDS = ["the", "monster", "ice", "sea", "ship", "wretch", "fiend", "love", "night", "snow", "of", "and"]


def encoder(words=True, held_out=(), model="word2vec"):
    rng = np.random.default_rng(3)
    matrix = rng.normal(size=(len(WORDS), 6)).astype(np.float32)
    counts = np.arange(len(WORDS), 0, -1) * 10
    vectors = WordVectors(WORDS, matrix, counts) if words else None
    encode = lambda texts: np.stack([[len(text), text.count("e"), 1 + text.count("a")] for text in texts]).astype(float)
    return SimpleNamespace(model=model, vectors=vectors, held_out=list(held_out), encode=encode, about={})


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run folder whose encoder is a stand-in; `run(made)` sets which."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"format": 1, "model": "word2vec"}))

    def of(made):
        monkeypatch.setattr(TextEncoder, "load", lambda _: made)
        return folder

    return of


PASSAGES = [f"{'a' * i} passage {'e' * (i * i % 7)}" for i in range(12)]


def test_words_become_a_picture_and_a_page_in_the_run(hornbook, run):
    folder = run(encoder())
    code, out, err = hornbook("map", folder)
    assert code == 0, err
    assert out.split() == [str(folder / "map.png"), str(folder / "map.html")]
    assert (folder / "map.png").exists()
    assert "monster" in (folder / "map.html").read_text(encoding="utf-8")
    assert "Placing 12 words by t-SNE" in err
    assert "Trustworthiness 0." in err


def test_points_as_json_beside_files_of_a_chosen_name(hornbook, run, tmp_path):
    folder = run(encoder())
    code, out, err = hornbook("map", folder, "--json", "--method", "pca", "--out", "my.map.html", "--groups", 2)
    assert code == 0, err
    shown = json.loads(out)
    assert shown["names"] == WORDS
    assert shown["method"] == "pca"
    assert len(shown["groups"]) == 2
    assert (tmp_path / "my.map.png").exists()
    assert "my.map.html" in err
    assert hornbook("map", folder, "--json", "--method", "pca", "--groups", 2)[1] == out


def test_chosen_words(hornbook, run, tmp_path, monkeypatch):
    folder = run(encoder())
    (tmp_path / "list.txt").write_text("monster\nfiend wretch\nsnow,ship\n")
    for given, expected in (("list.txt", {"monster", "fiend", "wretch", "snow", "ship"}), ("sea,ice", {"sea", "ice"})):
        _, out, err = hornbook("map", folder, "--words", given, "--method", "pca", "--json")
        assert set(json.loads(out)["names"]) == expected, err
    _, out, err = hornbook("map", folder, "--words", "sea,ice,zzz", "--method", "pca", "--json")
    assert json.loads(out)["names"] == ["ice", "sea"]
    assert "left out: zzz" in err
    _, out, _ = hornbook("map", folder, "--near", "monster", "--most", 5, "--json")
    assert json.loads(out)["names"][0] == "monster"
    assert len(json.loads(out)["names"]) == 6


def test_passages_of_the_run_or_of_a_text(hornbook, run, tmp_path):
    folder = run(encoder(held_out=PASSAGES))
    _, out, err = hornbook("map", folder, "--documents", "--json")
    assert json.loads(out)["texts"] == [" ".join(text.split()) for text in PASSAGES], err
    _, out, err = hornbook("map", run(encoder(words=False, held_out=PASSAGES)), "--json")
    assert json.loads(out)["kind"] == "passages", err
    (tmp_path / "notes.txt").write_text(" ".join(f"A sentence of exactly eight words, number {i}." for i in range(120)))
    _, out, err = hornbook("map", folder, "--texts", "notes.txt", "--json", "--method", "pca")
    assert json.loads(out)["kind"] == "passages", err
    assert "run, notes.txt" in (folder / "map.html").read_text(encoding="utf-8")


def test_a_file_of_vectors_has_a_map(hornbook, tmp_path):
    rng = np.random.default_rng(0)
    rows = "".join(f"{word} {' '.join(f'{x:.4f}' for x in rng.normal(size=4))}\n" for word in WORDS)
    (tmp_path / "vectors.txt").write_text(f"{len(WORDS)} 4\n{rows}")
    code, out, err = hornbook("map", "vectors.txt", "--most", 8)
    assert code == 0, err
    assert out.split() == ["vectors.txt-map.png", "vectors.txt-map.html"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--near", "monstr"], '"monstr" is not among'),
        (["--words", "zzz"], '"zzz" is not among'),
        (["--words", ","], "no words are given"),
        (["--words", "sea,ice"], "--method pca can place them"),
        (["--method", "tnse"], 'Did you mean "tsne"'),
        (["--near", "sea", "--documents"], "--near and --documents show different points"),
        (["--documents"], "held none out"),
        (["--texts", "nowhere.txt"], "no corpus, file or folder"),
        (["--groups", "13"], "13 groups cannot be made of 12"),
        (["--out", "folder/file/map"], "part of that path is a file"),
    ],
)
def test_what_is_refused(hornbook, run, tmp_path, options, said):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("")
    folder = run(encoder())
    code, out, err = hornbook("map", folder, *options)
    assert (code, out) == (2, "")
    assert said in err
    assert not list(folder.glob("map.*"))


def test_words_of_a_model_without_vectors_are_refused(hornbook, run):
    code, _, err = hornbook("map", run(encoder(words=False)), "--near", "sea")
    assert code == 2
    assert "no word vectors" in err


def test_no_run_no_map(hornbook):
    code, _, err = hornbook("map", "nowhere")
    assert code == 2
    assert "there is no run nowhere" in err
    assert "Traceback" not in err


def test_words_from_a_pipe(hornbook, run, monkeypatch):
    import io

    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"sea ice\nsnow")))
    _, out, err = hornbook("map", run(encoder()), "--words", "-", "--method", "pca", "--json")
    assert json.loads(out)["names"] == ["ice", "sea", "snow"], err
