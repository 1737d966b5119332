"""hornbook encode, export and distill: what they print, in a pipe and as JSON, and what they say of bad input."""

import io
import json
import sys
import warnings
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


@pytest.fixture
def wide(hornbook, tmp_path):
    """A folder of sentence-transformers with random weights, wide enough for bfloat16."""
    pytest.importorskip("torch")
    from hornbook import Tokenizer, bert_format
    from hornbook.reference.transformer import init
    from hornbook.reference.transformer_config import BERT, Config

    tokenizer = Tokenizer.train(["the class", "a statement"], "wordpiece", vocab_size=60, min_count=1)
    config = Config(tokenizer.vocab_size, 1, 4, 256, 16, **BERT)
    weights = {name: value.astype(np.float32) for name, value in init(config, np.random.default_rng(0)).items()}
    about = bert_format.About("mean", True, 10, tmp_path)
    bert_format.save(tmp_path / "wide", config, weights, tokenizer, about)
    return "wide"


def test_the_precision_is_said_and_chosen(hornbook, wide, tmp_path, monkeypatch):
    monkeypatch.setattr("hornbook.fast.encode.quickest_precision", lambda: "bfloat16")
    (tmp_path / "texts.txt").write_text("the class\nthe statement\n")
    code, _, said = hornbook("encode", "texts.txt", "--encoder", wide, "--out", "quick.npy")
    assert not code and "in bfloat16, samples at a cosine of 0.99" in said
    assert json.loads((tmp_path / "quick.npy.json").read_text())["precision"] == "bfloat16"
    command = ["encode", "texts.txt", "--encoder", wide, "--precision", "float32"]
    code, _, said = hornbook(*command, "--out", "exact.npy")
    assert not code and "bfloat16" not in said
    quick, exact = np.load("quick.npy"), np.load("exact.npy")
    assert 0.999 < (quick * exact).sum(1).min() < 1
    assert np.array_equal(exact, TextEncoder.load(wide, "float32").encode(["the class", "the statement"]))
    code, _, said = hornbook(*command, "--out", "quick.npy")
    assert code == 2 and "another --precision: bfloat16, and this is float32" in said
    code, _, said = hornbook(*command[:-1], "float23", "--out", "new.npy")
    assert code == 2 and 'Did you mean "float32"' in said


def test_every_command_tells_of_texts_that_are_cut(hornbook, wide, tmp_path):
    rows = [f"{'the class ' * 10},{number % 2}" for number in range(6)] + [f"a {n},{n % 2}" for n in range(6)]
    (tmp_path / "texts.csv").write_text("\n".join(["text,label", *rows]))
    (tmp_path / "long.txt").write_text("the class " * 10)
    classify = ["classify", "texts.csv", "--text-field", "text", "--label-field", "label"]
    for command in (["similar", "the class " * 10, "a"], ["index", "long.txt"], classify):
        code, _, said = hornbook(*command, "--encoder", wide)
        assert not code and said.count("1 text is longer than the 8 tokens that are read of one; 12 tokens") == 1, said
    code, _, said = hornbook("encode", "long.txt", "--encoder", wide, "--out", "a.npy")
    assert not code and "12 of 20 tokens were cut off" in said and "longer than the 8" not in said
    assert hornbook("similar", "the class", "a", "--encoder", wide)[2] == ""


def test_texts_that_are_cut_in_several_goes_are_added_up(hornbook, wide, tmp_path, monkeypatch):
    monkeypatch.setattr("hornbook.search.vectors.BATCH", 1)
    for word in ("the", "class"):
        (tmp_path / f"{word}.txt").write_text(f"{word} " + "the class " * 10)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as Python does with a second one that reads the same
        code, _, said = hornbook("index", "the.txt", "class.txt", "--encoder", wide)
    assert not code and "hornbook: 2 texts are longer than the 8 tokens that are read of one; 26 tokens" in said


def test_a_static_encoder_of_model2vec_is_read_by_every_command(hornbook, word2vec, tmp_path):
    hornbook("distill", word2vec, "--out", "static")
    hornbook("export", "static", "--to", "model2vec", "--out", "there")
    pair = ["similar", "the class", "the statement", "--encoder"]
    expected = hornbook(*pair, "static")
    assert hornbook(*pair, "there") == expected and not expected[0]
    assert hornbook("explain", "there", "the class", "the statement")[0] == 0
    (tmp_path / "texts.txt").write_text("\n\n".join(f"the class {n}, a statement" for n in range(12)))
    assert hornbook("cluster", "texts.txt", "--encoder", "there", "--documents", "paragraph")[0] == 0


def test_ctrl_c_says_what_goes_on_and_what_does_not(hornbook, word2vec, monkeypatch, tmp_path):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("hornbook.cli.encode._follow", stopped)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"the class")))
    (tmp_path / "texts.txt").write_text("the class")
    for texts, out, goes_on in (("texts.txt", "v.npy", True), ("-", "w.npy", False), ("texts.txt", "-", False)):
        code, _, said = hornbook("encode", texts, "--encoder", word2vec, "--out", out)
        assert (code, "the same command goes on" in said) == (130, goes_on)


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
