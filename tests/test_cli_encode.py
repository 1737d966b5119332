"""hornbook encode, export and distill: what they print, in a pipe and as JSON, and what they say of bad input."""

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from hornbook import TextEncoder


@pytest.fixture(scope="module")
def word2vec(encoders):
    return encoders["word2vec"].folder


def test_from_word2vec_to_vectors_to_others(hornbook, word2vec, tmp_path):
    code, _, said = hornbook("distill", word2vec, "--out", "static")
    assert not code and "static in static" in said and "half-match" in said
    (tmp_path / "texts.txt").write_text("the class\nthe statement\nzzzz\n")
    code, out, said = hornbook("encode", "texts.txt", "--encoder", "static", "--out", "vectors.npy")
    assert not code and not out and "3 texts, 12 numbers each, in vectors.npy" in said
    assert "1 of 5 tokens are unknown" in said and "1 texts have no other" in said
    expected = TextEncoder.load("static").encode(["the class", "the statement", "zzzz"])
    assert np.array_equal(np.load("vectors.npy"), expected)
    code, out, said = hornbook("encode", "texts.txt", "--encoder", "static", "--out", "vectors.npy", "--json")
    assert not code and json.loads(out)["before"] == json.loads(out)["texts"] == 3 and not said
    code, out, _ = hornbook("export", "static", "--to", "model2vec", "--out", "there")
    assert not code and "StaticModel.from_pretrained('there')" in out
    code, out, _ = hornbook("encode", "texts.txt", "--encoder", "there", "--out", "-", "--quiet")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["text"] for row in rows] == ["the class", "the statement", "zzzz"]
    assert np.array([row["vector"] for row in rows]) == pytest.approx(expected, abs=1e-6)


def test_a_run_is_distilled_anew_only_where_that_is_asked_for(hornbook, word2vec):
    assert hornbook("distill", word2vec, "--out", "static")[0] == 0
    (made := Path("static/README.md")).write_text("mine")
    code, _, said = hornbook("distill", word2vec, "--out", "static")
    assert (code, "--overwrite starts it anew" in said) == (2, True)
    assert made.read_text() == "mine"
    assert hornbook("distill", word2vec, "--out", "static", "--overwrite")[0] == 0
    assert made.read_text().startswith("# static")


def test_standard_input(hornbook, word2vec, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"the class\n\nthe end")))
    code, out, said = hornbook("encode", "-", "--encoder", word2vec, "--out", "-", "--normalize")
    rows = [json.loads(line) for line in out.splitlines()]
    assert not code and len(rows) == 2 and "2 texts" in said
    assert np.linalg.norm(rows[0]["vector"]) == pytest.approx(1, abs=1e-6)


def test_sparse_vectors_as_lines(hornbook, encoders, tmp_path):
    (tmp_path / "a.txt").write_text("the class\n")
    _, out, _ = hornbook("encode", "a.txt", "--encoder", encoders["tfidf"].folder, "--out", "-", "-q")
    row, whole = json.loads(out), encoders["tfidf"].encode(["the class"])
    assert row["columns"] == whole.indices.tolist() and row["values"] == pytest.approx(whole.data)


def test_json_says_what_was_made(hornbook, word2vec):
    code, out, said = hornbook("distill", word2vec, "--out", "static", "--json")
    facts = json.loads(out)
    assert not code and not said and facts["config"]["embedding_dim"] == 12 and facts["results"]["validation"]
    code, out, _ = hornbook("export", word2vec, "--to", "json", "--out", "words.json", "--json")
    assert not code and json.loads(out)["max_error"] > 0
    code, out, _ = hornbook("export", word2vec, "--to", "word2vec", "--out", "words.bin")
    assert not code and "binary=True" in out


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["encode", "gone.txt", "--encoder", "RUN", "--out", "a.npy"], "no file or folder"),
        (["encode", "-", "--encoder", "nowhere", "--out", "a.npy"], "there is no run nowhere"),
        (["encode", "-", "--encoder", "RUN", "--out", "a.npz"], "ends in .npy"),
        (["encode", "-", "--encoder", "RUN", "--out", "a.npy", "--documents", "row"], 'documents cannot be "row"'),
        (["export", "RUN", "--to", "onx", "--out", "a"], 'Did you mean "onnx"'),
        (["export", "RUN", "--to", "model2vec", "--out", "a"], "hornbook distill"),
        (["distill", "RUN", "--out", "a", "--vocabulary", "words"], "--corpus"),
        (["distill", "nowhere", "--out", "a"], "there is no run nowhere"),
        (["train", "names", "--model", "static"], "hornbook distill"),
    ],
)
def test_bad_input_is_answered(hornbook, word2vec, tmp_path, arguments, said):
    code, out, error = hornbook(*(word2vec if word == "RUN" else word for word in arguments))
    assert code == 2 and not out and said in error
    assert not (tmp_path / "a").exists() and not (tmp_path / "a.npy").exists()
