"""The commands as a person types them: what they print, what they write, and what they say of bad input."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli_cases import RHYME, SMALL

pytest.importorskip("torch")

# -- what works -----------------------------------------------------------------------------------------------------


def test_train_says_what_it_does_and_what_came_of_it(hornbook, tmp_path):
    (tmp_path / "rhyme.txt").write_text(RHYME)
    code, out, err = hornbook("train", "rhyme.txt", "--model", "rnn", *SMALL)
    assert code == 0
    assert out == ""
    for said in (
        "rnn on rhyme",
        "parameters",
        "this needs about",
        "1 thread",
        "bits per character",
        "uniform",
        "unigram",
        "ngram",
        "Next: hornbook generate runs/rhyme-rnn",
    ):
        assert said in err
    assert (tmp_path / "runs" / "rhyme-rnn" / "model.safetensors").exists()


def test_generate_writes_the_prompt_and_what_follows(hornbook, lstm):
    code, out, err = hornbook("generate", lstm, "the cat", "--characters", 30, "--seed", 3)
    assert (code, err) == (0, "")
    assert out.startswith("the cat")
    assert len(out) <= len("the cat") + 30 + 1
    assert hornbook("generate", lstm, "the cat", "--characters", 30, "--seed", 3)[1] == out


def test_generate_as_json_and_with_rivals(hornbook, lstm):
    _, out, _ = hornbook("generate", lstm, "the", "--characters", 9, "--json", "--samples", 2)
    texts = [json.loads(line) for line in out.splitlines()]
    assert len(texts) == 2
    assert all("".join(token["text"] for token in text["tokens"]) == text["text"] for text in texts)
    code, out, _ = hornbook("generate", lstm, "the", "--characters", 4, "--show", "--top-k", 3)
    assert code == 0
    assert len(out.splitlines()) == 4


def test_generate_warns_of_characters_never_seen(hornbook, lstm):
    code, out, err = hornbook("generate", lstm, "the Ω Ω", "--characters", 5)
    assert code == 0
    assert "never seen 'Ω' ×2" in err
    assert out.startswith("the Ω Ω")


def test_evaluate_measures_the_held_out_text_and_any_other(hornbook, lstm, tmp_path):
    _, out, _ = hornbook("evaluate", lstm, "--json")
    held_out = json.loads(out)
    about = json.loads((lstm / "config.json").read_text())["results"]["validation"]
    assert held_out["bits_per_character"] == pytest.approx(about["bits_per_character"], rel=1e-6)
    assert held_out["interval_95"][0] < held_out["bits_per_character"] < held_out["interval_95"][1]
    assert held_out["characters"] == len(RHYME) - len(RHYME) * 9 // 10
    (tmp_path / "other.txt").write_text("zebras quiz jumpy foxes " * 9)
    _, out, _ = hornbook("evaluate", lstm, "--text", "other.txt", "--json")
    assert json.loads(out)["bits_per_character"] > held_out["bits_per_character"]
    code, out, _ = hornbook("evaluate", lstm)
    assert code == 0
    assert f"{held_out['bits_per_character']:.4f}" in out
    assert "most surprising" in out


def test_explain_shows_the_numbers_of_the_run(hornbook, lstm):
    code, out, _ = hornbook("explain", lstm, "the cat", "--backward")
    assert code == 0
    for name in ("layers.0.gates.forget", "layers.0.cell", "logits", "loss", "grad.wte"):
        assert name in out
    _, out, _ = hornbook("explain", lstm, "the cat", "--json", "--step")
    entries = {entry["name"]: entry for entry in json.loads(out)["entries"] if entry["kind"] == "number"}
    assert entries["layers.0.hidden"]["shape"] == [1, 7, 8]
    _, out, _ = hornbook("explain", lstm, "the cat", "--check", "--json")
    rows = json.loads(out)
    assert len(rows) > 10
    assert max(row["difference"] for row in rows) < 1e-8
    assert "tokens back" in hornbook("explain", lstm, "the cat", "--distance")[1]
    code, out, _ = hornbook("explain", lstm, "the cat", "--html", "page.html")
    assert code == 0
    assert "layers.0.cell" in Path("page.html").read_text(encoding="utf-8")


def test_the_ladder_ranks_every_rung_and_goes_on_where_it_was(hornbook, tmp_path):
    (tmp_path / "rhyme.txt").write_text(RHYME)
    code, out, err = hornbook("ladder", "rhyme.txt", "--minutes", 0.05, "--json")
    assert code == 0, err
    rows = json.loads(out)["rungs"]
    assert {row["rung"] for row in rows} == {"uniform", "unigram", "ngram", "rnn", "lstm", "gpt"}
    bits = [row["bits_per_character"] for row in rows]
    assert bits == sorted(bits)
    page = (tmp_path / "runs" / "rhyme-ladder" / "ladder.html").read_text()
    table = (tmp_path / "runs" / "rhyme-ladder" / "ladder.md").read_text()
    for row in rows:
        assert f"{row['bits_per_character']:.3f}" in page
        assert f"{row['bits_per_character']:.3f}" in table
    assert "http" not in page
    shutil.rmtree(tmp_path / "runs" / "rhyme-ladder" / "rnn")
    _, out, err = hornbook("ladder", "rhyme.txt", "--minutes", 0.05, "--json")
    assert "Kept from before in runs/rhyme-ladder: uniform, unigram, ngram, lstm, gpt." in err
    again = {row["rung"]: row for row in json.loads(out)["rungs"]}
    assert all(again[row["rung"]] == row for row in rows if row["rung"] != "rnn")
    code, _, err = hornbook("ladder", "rhyme.txt", "--minutes", 0.05, "--tokenizer", "words")
    assert code == 2
    assert "a ladder with another tokenizer (characters" in err
    (tmp_path / "rhyme.txt").write_text(RHYME + "!")
    code, _, err = hornbook("ladder", "rhyme.txt", "--minutes", 0.05)
    assert code == 2
    assert "ladder of another text" in err


# -- what does not --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "is empty"),
        (b"x", "too small to hold anything out"),
        (b"to be or not to be", "fewer than one window of 48"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "bad.txt"),
        ("caf\xe9 ".encode("latin-1") * 50, "byte 3"),
    ],
)
def test_a_text_that_cannot_be_learnt_from(content, message, hornbook, tmp_path):
    (tmp_path / "bad.txt").write_bytes(content)
    code, _, err = hornbook("train", "bad.txt", "--model", "lstm")
    assert code == 2
    assert message in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) <= 2
    assert not list(tmp_path.glob("runs/*"))


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["train", "no-such-file.txt"], "no corpus, file or folder"),
        (["train", "names", "--model", "lstn"], 'Did you mean "lstm"'),
        (["train", "names", "--set", "max_step=3"], 'Did you mean "max_steps"'),
        (["train"], "train needs a corpus"),
        (["train", "--resume"], "--resume needs the run folder"),
        (["train", "names", "--model", "ngram", "--batch-size", "7"], "batch_size would change nothing"),
        (["train", "names", "--model", "ngram", "--set", "order=-3"], "the order is -3"),
        (["train", "names", "--model", "unigram", "--set", "order=3"], 'unigram has no setting "order"'),
        (["train", "names", "--model", "gpt", "--set", "sequence_length=32"], "--set block_size=N"),
        (["train", "names", "--set", "momentum=0.5"], "momentum would change nothing: the optimizer is adam"),
        (["train", "names", "--model", "microgpt", "--tokenizer", "words"], "--tokenizer characters"),
        (["train", "names", "--model", "microgpt", "--preset", "nano"], 'no preset "nano"'),
        (["train", "names", "--resume", "--out", "x"], "a corpus cannot be given"),
        (["train", "--resume", "--out", "x", "--max-steps", "5"], "--max-steps cannot be given"),
        (["generate", "runs/nothing"], "there is no run runs/nothing"),
        (["generate", "."], "is not a run"),
        (["evaluate", "runs/nothing"], "there is no run"),
        (["ladder", "names", "--minutes", "0"], "--minutes is 0"),
    ],
)
def test_a_wrong_word_is_answered_in_two_lines_at_most(arguments, message, hornbook):
    code, _, err = hornbook(*arguments)
    assert code == 2
    assert message in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) <= 2


@pytest.mark.parametrize(
    "damage, message",
    [
        (lambda run: (run / "config.json").write_text("{"), "config.json is damaged"),
        (lambda run: (run / "config.json").write_text('{"format": 99}'), "written by a newer hornbook"),
        (lambda run: (run / "model.safetensors").write_bytes(b"\x00" * 40), "is damaged"),
        (lambda run: (run / "model.safetensors").unlink(), "no model.safetensors yet"),
        (lambda run: (run / "tokenizer.json").write_text("[]"), "tokenizer.json"),
        (lambda run: (run / "config.json").unlink(), "is not a run"),
    ],
)
def test_a_damaged_run_says_what_is_damaged(damage, message, hornbook, lstm, tmp_path):
    shutil.copytree(lstm, tmp_path / "run")
    damage(tmp_path / "run")
    code, _, err = hornbook("generate", tmp_path / "run", "the")
    assert code == 2
    assert message in err
    assert "Traceback" not in err


def test_explain_refuses_what_it_cannot_show(hornbook, lstm):
    assert "the text is empty" in hornbook("explain", lstm, "")[2]
    assert "no number has" in hornbook("explain", lstm, "the", "--only", "attention")[2]


def test_a_full_disk_is_said_and_leaves_nothing_half_written(hornbook, monkeypatch, tmp_path):
    (tmp_path / "rhyme.txt").write_text(RHYME)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    code, _, err = hornbook("train", "rhyme.txt", "--model", "rnn", *SMALL)
    assert code == 2
    assert "the disk is full" in err
    assert list((tmp_path / "runs").iterdir()) == []


def test_too_little_memory_is_said(hornbook, tmp_path):
    (tmp_path / "rhyme.txt").write_text(RHYME)
    sizes = ["--min-count", "1", "--set", "embedding_dim=1000000000000000"]
    code, _, err = hornbook("train", "rhyme.txt", "--model", "word2vec", *sizes)
    assert code == 1
    assert "needs more memory than there is" in err and "Unable to allocate" in err
    assert list((tmp_path / "runs").iterdir()) == []


def test_without_torch_the_line_that_installs_it_is_said(tmp_path):
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from hornbook.cli import main; main(['train', 'names', '--model', 'gpt'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert done.returncode == 2
    assert 'pip install "torch>=2.6,<2.14"' in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "runs").exists()


def test_without_torch_what_is_counted_still_works(tmp_path):
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from hornbook.cli import main; main(['train', 'names', '--model', 'ngram', '--out', 'run', '-q'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "model.safetensors").exists()


def test_a_reader_that_goes_away_is_no_error(lstm):
    command = f"{sys.executable} -m hornbook generate {lstm} the --characters 3000 | head -c 20"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120)
    assert len(done.stdout) == 20
    assert done.stderr == ""
