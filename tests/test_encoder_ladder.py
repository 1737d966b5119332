"""The encoders' column of the ladder: ranked by what was measured, and drawn as it was measured."""

import json
import re

import pytest

from hornbook import run as files
from hornbook.corpus import Corpus
from hornbook.encoder_ladder import BY_GRADIENTS, RUNGS, EncoderLadder, markdown
from hornbook.encoder_report import encoder_section
from hornbook.errors import HornbookError
from hornbook.ladder import Ladder
from hornbook.ladder_report import write_report


@pytest.fixture(scope="module")
def climbed(prose, tmp_path_factory):
    """A ladder with every rung on it, in next to no time."""
    ladder = EncoderLadder(prose, tmp_path_factory.mktemp("ladder"), minutes=0.002, settings={"seed": 1})
    for trainer in ladder.rungs():
        list(trainer.steps())
        trainer.finish()
    return ladder


def test_rows_say_what_the_runs_say_best_first(climbed):
    rows = climbed.rows()
    assert {row["rung"] for row in rows} == set(RUNGS)
    assert [row["mrr"] for row in rows] == sorted((row["mrr"] for row in rows), reverse=True)
    for row in rows:
        results = files.read_config(climbed.folder / row["rung"])["results"]
        assert row["mrr"] == results["validation"]["mrr"]["value"]
        assert row["seconds"] == results["seconds"]
    assert len({row["n"] for row in rows}) == 1  # the same passages for all
    json.dumps(rows)


def test_rungs_of_words_have_one_vocabulary_and_all_the_same_passages(climbed):
    counted = [rung for rung in RUNGS if rung not in BY_GRADIENTS]
    assert len({(climbed.folder / rung / files.TOKENIZER).read_bytes() for rung in counted}) == 1
    assert len({(climbed.folder / rung / files.PASSAGES).read_bytes() for rung in RUNGS}) == 1


def test_a_rung_s_card_stands_beside_the_ladder_s_own_rungs(climbed):
    mrr = {row["rung"]: row["mrr"] for row in climbed.rows()}
    for rung, below in {"lsa": 3, "word2vec": 3, "mlm": 4, "contrastive": 4}.items():
        found = files.read_config(climbed.folder / rung)["results"]["yardsticks"]
        assert len(found) == below and found == {name: mrr[name] for name in found}


def test_finished_rungs_are_not_trained_again(climbed, prose):
    assert list(EncoderLadder(prose, climbed.folder).rungs()) == []
    with pytest.raises(HornbookError, match="another text"):
        EncoderLadder(Corpus("other", ["other text " * 500]), climbed.folder).finished()
    with pytest.raises(HornbookError, match="--minutes is 0"):
        EncoderLadder(prose, climbed.folder, minutes=0)


def test_more_time_reads_the_text_more_often(prose, tmp_path):
    few, many = (EncoderLadder(prose, tmp_path, minutes) for minutes in (0.001, 10.0))
    assert few._budget("lda") == {"sweeps": 20} and many._budget("lda") == {"sweeps": 500}
    assert few._budget("word2vec") == {"epochs": 1} and many._budget("tfidf") == {}


def test_the_report_holds_both_columns(climbed, prose):
    page = write_report(Ladder(prose, climbed.folder), climbed.rows())
    html, plain = page.read_text(encoding="utf-8"), page.with_suffix(".md").read_text(encoding="utf-8")
    for row in climbed.rows():
        assert f"<td>{row['rung']}</td><td>{row['mrr']:.3f}</td>" in html
        assert f"| {row['rung']} | {row['mrr']:.3f} |" in plain
    assert "http" not in html
    widths = [float(width) for width in re.findall(r'class="bar"[^>]*? width="([\d.]+)"', html)]
    assert widths == sorted(widths, reverse=True) and len(widths) == len(RUNGS)


def test_nothing_measured_nothing_shown():
    assert encoder_section([]) == markdown([]) == ""
