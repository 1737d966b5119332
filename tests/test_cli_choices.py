"""What a command is asked for it does, or refuses: nothing is ignored in silence, no figure looks better than it is."""

import io
import json
import re
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from cli_cases import RHYME

pytest.importorskip("torch")


def test_version_and_the_help_name_what_there_is(hornbook):
    from hornbook import __version__
    from hornbook.models import MODELS
    from hornbook.training.settings import Settings

    assert hornbook("--version")[1] == f"hornbook {__version__}\n"
    _, out, _ = hornbook("train", "--help")
    told = set(re.findall(r"[a-z][a-z0-9_]+", out.replace("-", "_")))
    for kind in MODELS.values():
        assert set(kind.reference.Config.__dataclass_fields__) - {"bos"} <= told
    assert set(Settings.__dataclass_fields__) <= told
    defaults = {name: {**asdict(Settings()), **kind.settings} for name, kind in MODELS.items()}
    for name, models in (
        ("max_steps", "rnn lstm 4000 gpt 3000 microgpt 1000"),
        ("batch_size", "rnn lstm 36 gpt 16 microgpt 1"),
    ):
        waiting = []
        for word in models.split():
            if word.isdigit():
                assert {defaults[model][name] for model in waiting} == {int(word)}
                waiting = []
            else:
                waiting.append(word)


def test_the_prompt_of_a_pipe_ends_where_its_text_does(hornbook, lstm, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("the cat\n"))
    _, out, _ = hornbook("generate", lstm, "-", "--characters", 5)
    assert out.startswith("the cat")
    assert not out.startswith("the cat\n")


def test_unknown_tokens_are_counted_where_a_text_is_measured(hornbook, lstm, tmp_path):
    (tmp_path / "other.txt").write_text("ΩΩ the cat " * 9)
    _, out, _ = hornbook("evaluate", lstm, "--text", "other.txt", "--json")
    assert json.loads(out)["unknown"] == 18
    assert "18 of 99 tokens (18.2%) are <UNK>" in hornbook("evaluate", lstm, "--text", "other.txt")[1]
    (tmp_path / "rhyme.txt").write_text(RHYME)
    _, _, err = hornbook("train", "rhyme.txt", "--model", "ngram", "--vocab-size", 9)
    assert "are <UNK>" in err


def test_microgpt_takes_lines_wherever_they_are_and_says_what_is_cut(hornbook, tmp_path):
    (tmp_path / "names").mkdir()
    names = [first + last for first in ("an", "be", "ca", "do", "el") for last in ("na", "lla", "rt", "la", "x")]
    (tmp_path / "names" / "some.md").write_text("\n".join([*names, "a" * 30]))
    code, _, err = hornbook("train", "names", "--model", "microgpt", "--max-steps", 5, "--out", "run")
    assert code == 0, err
    (tmp_path / "some.txt").write_text("\n".join([*names, "nabucodonosorius"]))
    code, _, err = hornbook("train", "some.txt", "--model", "microgpt", "--max-steps", 5, "--out", "run2")
    assert "1 of 2" in err
    assert "longer than 15 letters" in err
    code, _, _ = hornbook("evaluate", "run2", "--text", "some.txt", "--json")
    assert code == 0


def test_explain_writes_a_page_beside_json(hornbook, lstm):
    code, out, _ = hornbook("explain", lstm, "the", "--json", "--html", "page.html")
    assert code == 0
    assert json.loads(out)
    assert Path("page.html").exists()


def test_what_would_be_ignored_is_refused(hornbook, lstm, tmp_path):
    assert "taken as it is" in hornbook("train", "names", "--tokenizer", lstm, "--vocab-size", 50)[2]
    assert "give one of them" in hornbook("evaluate", lstm, "--text", "names", "--split", "test")[2]
    assert "give it alone" in hornbook("explain", lstm, "the", "--check", "--html", "page.html")[2]
    assert "never seen 'Ω'" in hornbook("explain", lstm, "theΩ")[2]
    hornbook("train", "names", "--model", "ngram", "--out", "run", "-q")
    assert "leave out --stride" in hornbook("evaluate", "run", "--stride", 3)[2]


def test_bad_choices_of_drawing_write_nothing(hornbook, lstm):
    for choice in (("--seed", -1), ("--temperature", -1), ("--top-p", 2)):
        code, out, err = hornbook("generate", lstm, "the", *choice)
        assert (code, out) == (2, "")
        assert "Traceback" not in err
