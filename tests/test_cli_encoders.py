"""The commands on encoders: train, resume, measure, explain, both columns of the ladder, and what they refuse."""

import json

import pytest

from encoder_cases import TEXT
from hornbook.encoder_trainer import EncoderTrainer


@pytest.fixture
def text(tmp_path):
    """A file of prose."""
    (tmp_path / "prose.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path / "prose.txt"


def test_train_says_what_it_does_and_what_came_of_it(hornbook, text, tmp_path):
    code, out, said = hornbook("train", text, "--model", "lsa", "--set", "n_components=8", "--vocab-size", "400")
    assert (code, out) == (0, "")
    assert "400 tokens in the vocabulary (terms)" in said
    assert "n_components 8" in said
    assert "half-match" in said and "tfidf 0." in said
    assert "Next: hornbook topics runs/prose-lsa" in said
    assert (tmp_path / "runs" / "prose-lsa" / "README.md").exists()


def test_a_stopped_run_is_resumed(hornbook, prose, tmp_path):
    trainer = EncoderTrainer(prose, "lda", settings={"n_components": 3, "sweeps": 8}).begin(tmp_path / "run")
    steps = trainer.steps()
    next(steps)
    trainer.stop()
    list(steps)
    code, _, said = hornbook("train", "--resume", "--out", tmp_path / "run")
    assert code == 0
    assert "going on after step 1" in said and "Next: hornbook topics" in said


def test_a_loss_that_nobody_knows_is_a_dash(hornbook, tmp_path):
    (tmp_path / "words.txt").write_text("".join(f"word{number}\n" for number in range(60)))
    options = ["--documents", "line", "--min-count", "1", "--set", "epochs=2"]
    code, _, said = hornbook("train", "words.txt", "--model", "word2vec", *options)
    assert code == 0
    assert "loss –" in said and "loss 0" not in said and "val " not in said


def test_a_rate_that_is_too_high_is_told_of(hornbook, text):
    code, _, said = hornbook("train", text, "--model", "word2vec", "--set", "learning_rate=1000")
    assert (code, "no longer a number" in said, "learning_rate=0.025" in said) == (2, True, True)


def test_explain_takes_a_similarity_apart(hornbook, encoders):
    pair = ("the value of an object", "an object and its class")
    code, out, _ = hornbook("explain", encoders["lsa"].folder, *pair, "--json")
    told = json.loads(out)
    assert code == 0 and told["measure"] == "cosine"
    assert sum(term for _, term in told["words"]) == pytest.approx(told["similarity"], rel=1e-6)
    _, shown, _ = hornbook("explain", encoders["lsa"].folder, *pair)
    assert f"{told['similarity']:.4f}" in shown and "word by word" in shown and "object" in shown
    assert "sum" in shown.splitlines()[-1]
    _, one, _ = hornbook("explain", encoders["tfidf"].folder, "the object")
    assert "2 of them not 0" in one and "object" in one


def test_brackets_are_text_wherever_they_stand(hornbook, encoders):
    code, out, _ = hornbook("explain", encoders["counts"].folder, "[red]the[/] object", "[/nothing] object")
    assert code == 0 and "[red]" in out and "[/nothing]" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["explain", "ENCODER", "a", "--backward"], "one text or two"),
        (["explain", "LSTM", "a", "b"], "An encoder compares two"),
        (["generate", "ENCODER"], "holds an encoder"),
        (["train", "TEXT", "--model", "lsi"], 'Did you mean "lsa"'),
        (["train", "TEXT", "--model", "lsa", "--max-steps", "3"], 'no setting "max_steps"'),
        (["train", "TEXT", "--model", "lsa", "--set", "n_components=9999", "--out", "new"], "would work"),
        (["train", "TEXT", "--model", "tfidf", "--min-count", "99999"], "--min-count 1"),
        (["train", "TEXT", "--model", "lsa", "--set", "seed=-1", "--out", "new"], "seed is -1"),
        (["train", "TEXT", "--model", "lda", "--set", "seed=-1", "--out", "new"], "seed is -1"),
        (["train", "TEXT", "--model", "word2vec", "--set", "seed=-1", "--out", "new"], "seed is -1"),
        (["train", "TEXT", "--model", "word2vec", "--set", "ns_exponent=nan", "--out", "new"], "ns_exponent is nan"),
        (
            ["train", "--pairs", "TEXT", "--out", "new"],
            "--pairs is learnt from by --model contrastive; this is --model",
        ),
        (["ladder", "TEXT", "--column", "vector"], 'Did you mean "vectors"'),
    ],
)
def test_what_cannot_work_is_said(arguments, message, hornbook, encoders, text, lstm, tmp_path):
    places = {"ENCODER": encoders["tfidf"].folder, "LSTM": lstm, "TEXT": text}
    code, _, said = hornbook(*(places.get(argument, argument) for argument in arguments))
    assert (code, message in said) == (2, True), said
    assert not (tmp_path / "new").exists()


def test_one_column_of_the_ladder(hornbook, text, tmp_path):
    code, out, _ = hornbook("ladder", text, "--column", "vectors", "--minutes", "0.002", "--json")
    told = json.loads(out)
    assert code == 0 and told["rungs"] == []
    assert {"counts", "tfidf", "lsa", "lda", "word2vec"} <= {row["rung"] for row in told["encoders"]}
    _, shown, said = hornbook("ladder", text, "--column", "vectors", "--minutes", "0.002")
    assert "Kept from before" in said and "as vectors" in shown
    assert "The same text as vectors" in (tmp_path / "runs" / "prose-ladder" / "ladder.html").read_text()
