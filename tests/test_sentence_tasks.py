"""Sentence tasks: each kind by hand on a small folder, what they are set beside, and the field's own figures."""

import os
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr

from hornbook.encoder import TextEncoder
from hornbook.errors import HornbookError
from hornbook.labelled import load_labelled
from hornbook.measure import measure
from hornbook.probe import probe
from hornbook.sentence_tasks import TASKS, load_search, measure_sentences, names_here

DATA = Path(os.environ.get("HORNBOOK_DATA", "none"))
ABSTRACTS = [("wings", "wings lift the plane"), ("heat", "heat flows in slabs"), ("", ""), ("shock", "a shock wave")]
JUDGED = "1 0 7 1\n1 0 9 0\n3 0 8 1\n3 0 2 2\n"


class Angles:
    """A text is a number of degrees, its vector that direction; a text that is none has the vector 0."""

    vectors, held_out = None, ()

    def encode(self, texts, normalize=False):
        texts = [text.removesuffix("°") for text in texts]
        known = [text.replace(".", "").isdigit() for text in texts]
        angles = np.radians([float(text) if there else 0.0 for text, there in zip(texts, known)])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1) * np.array(known)[:, None]


class Turned(Angles):
    """The same with every other degree turned away, so that some pairs are told wrongly."""

    def encode(self, texts, normalize=False):
        return super().encode([f"{7 * float(text.removesuffix('°')) % 90}°" for text in texts])


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder of a few cases a task."""
    monkeypatch.setenv("HORNBOOK_DATA", str(tmp_path))
    for task in TASKS.values():
        (tmp_path / task.place).parent.mkdir(parents=True, exist_ok=True)
    rows = [f"a\tb\tc\t1\t{score}\t{a}°\t{b}°" for score, a, b in ((5, 0, 1), (3, 10, 40), (1, 0, 80), (4, 5, 50))]
    (tmp_path / TASKS["stsb"].place).write_text("\n".join(rows) + "\n")
    rows = [f"{int(gap < 15)}\t1\t2\t{gap}°\t0°" for gap in range(1, 31)]
    (tmp_path / TASKS["mrpc"].place).write_text("\n".join(["Quality\t#1 ID\t#2 ID\t#1 String\t#2 String", *rows]))
    rows = "".join(f"{10 * (i % 2) + i / 10}°,{'ab'[i % 2]}\n" for i in range(20))
    (tmp_path / TASKS["banking77"].place).write_text("text,category\n" + rows)
    return tmp_path


@pytest.fixture
def search(tmp_path):
    """A folder shaped as Cranfield's, with gaps in the numbers of its queries and documents."""
    folder = tmp_path / "retrieval" / "cranfield"
    folder.mkdir(parents=True, exist_ok=True)
    docs = "".join(
        f"<doc>\n<docno>{n}</docno>\n<title>{title}</title>\n<author>x</author>\n<text>{text}</text>\n</doc>\n"
        for n, (title, text) in zip((7, 8, 9, 2), ABSTRACTS)
    )
    (folder / "cran.all.xml").write_text(docs)
    tops = "".join(f"<top>\n<num> {n}</num> <title>\n{q} .\n</title>\n</top>\n"
                   for n, q in ((1, "what lifts wings"), (4, "unasked"), (9, "heat or\nshock")))  # fmt: skip
    (folder / "cran.qry.xml").write_text(f"<xml>{tops}</xml>")
    (folder / "cranqrel.txt").write_text(JUDGED)
    return folder


def test_scores_are_those_of_scipy(data):
    found = measure_sentences(Angles(), ["stsb"], {"others": Turned()})[0]
    cosines = np.cos(np.radians([1, 30, 80, 45]))
    assert found.figures["Spearman"].value == pytest.approx(spearmanr(cosines, [5, 3, 1, 4])[0])
    assert found.figures["Pearson"].value == pytest.approx(pearsonr(cosines, [5, 3, 1, 4])[0])
    assert found.figures["Spearman"].n == 4
    assert set(found.beside) == set(found.gains) == {"tfidf", "bm25", "word2vec", "others"}
    for other, gains in found.gains.items():
        for name, gain in gains.items():
            assert gain.value == pytest.approx(found.figures[name].value - found.beside[other][name], nan_ok=True)
    assert found.numbers()["beside"]["tfidf"]["Spearman"] is None  # no pair shares a word
    less = found.numbers()["encoder_less"]["others"]["Spearman"]
    assert less["n"] == 4 and less["interval_95"][0] <= less["value"] <= less["interval_95"][1]
    assert found.numbers()["beside"]["tfidf"].keys() == {"Spearman", "Pearson"}


def test_paraphrases_are_told_by_a_fitted_threshold(data):
    found = measure_sentences(Angles(), ["mrpc"], {"again": Angles()})[0]
    assert found.figures["average precision"].value == 1
    assert found.figures["accuracy"].value > 0.9
    assert found.beside["again"]["F1"] == found.figures["F1"].value
    assert found.gains["again"]["F1"][:3] == (0, 0, 0)  # paired: what is hard for one is hard for the other
    assert found.gains["tfidf"]["average precision"].low > 0
    assert "accuracy 0.533, F1 0.636 (all the same)" in found.note


def test_classes_are_told_by_a_probe_beside_tfidf(data):
    found = measure_sentences(Angles(), ["banking77"])[0]
    assert list(found.figures) == ["probe"]
    assert found.figures["probe"].value == 1
    in_folds = probe(Angles(), *load_labelled(data / TASKS["banking77"].place)).figures["tfidf"]["accuracy"].value
    assert found.beside["tfidf"]["probe"] == in_folds
    assert all(found.gains[other]["probe"].value == 1 - found.beside[other]["probe"] for other in ("bm25", "word2vec"))


def test_a_search_by_hand(search):
    documents, queries, grades = load_search(search)
    assert documents == ["wings wings lift the plane", "heat heat flows in slabs", "", "shock a shock wave"]
    assert queries == ["what lifts wings .", "heat or shock ."]  # the second has nothing relevant; the third is query 3
    assert grades.tolist() == [[1, 0, 0, 0], [0, 1, 0, 2]]


def test_documents_that_are_found_first_score_1(search, monkeypatch):
    monkeypatch.setenv("HORNBOOK_DATA", str(search.parents[1]))
    encoder = TextEncoder("tfidf").fit(load_search(search)[0])
    found = measure_sentences(encoder, ["cranfield"])[0]
    assert found.figures["nDCG@10"].n == 2
    assert set(found.beside) == {"tfidf", "bm25", "word2vec"}
    assert found.beside["tfidf"]["nDCG@10"] == found.figures["nDCG@10"].value > 0.85


@pytest.mark.parametrize(
    "file, content, said",
    [
        ("cranqrel.txt", "1 0 7\n", "cranqrel.txt:1 is .*; it needs query, 0, document, grade"),
        ("cranqrel.txt", "4 0 7 1\n", "cranqrel.txt:1"),
        ("cranqrel.txt", "1 0 99 1\n", "cranqrel.txt:1"),
        ("cran.qry.xml", "", "4 documents and 0 queries"),
        ("other.qry.xml", "", r"needs one file \*.qry.xml with the queries; it has 2"),
    ],
)
def test_folders_of_another_shape(search, file, content, said):
    (search / file).write_text(content)
    with pytest.raises(HornbookError, match=said):
        load_search(search)


def test_what_is_measured_where_nothing_is_asked_for(data):
    assert names_here() == ["stsb", "mrpc"]
    assert names_here(by_default=False) == ["stsb", "mrpc", "banking77"]
    found = measure(Angles(), passages=[])
    assert [task.name for task in found.sentences] == ["stsb", "mrpc"]
    assert "Not measured unless asked for by --task: banking77." in found.notes
    assert any(note.startswith("mrpc: calling") for note in found.notes)
    assert "Sentence tasks: tfidf, bm25, word2vec are fitted on the task's own texts." in found.notes
    rows = found.rows()
    assert [(row.task, row.measure) for row in rows[:2]] == [("stsb", "Spearman"), ("stsb", "Pearson")]
    assert rows[0].beside.startswith("tfidf ")
    assert "stsb" in found.numbers()["sentences"]


def test_tasks_by_name_and_those_that_are_not_there(data, monkeypatch):
    found = measure(Angles(), passages=[], tasks=["stsb"])
    assert [task.name for task in found.sentences] == ["stsb"]
    with pytest.raises(HornbookError, match='Did you mean "stsb"'):
        measure(Angles(), passages=[], tasks=["stbs"])
    with pytest.raises(HornbookError, match=r"sick needs sentences/sick/SICK_trial.txt in HORNBOOK_DATA"):
        measure(Angles(), passages=[], tasks=["sick"])
    monkeypatch.delenv("HORNBOOK_DATA")
    assert measure(Angles(), passages=[]).sentences == []


@pytest.mark.skipif(not (DATA / "sentences").is_dir(), reason="HORNBOOK_DATA has no folder sentences")
def test_tfidf_reaches_what_it_reaches_on_the_sts_benchmark():
    from scipy.stats import spearmanr
    from sklearn.feature_extraction.text import TfidfVectorizer

    from hornbook.pairs import load_pairs

    pairs = load_pairs(DATA / TASKS["stsb"].place)
    counting = TfidfVectorizer(token_pattern=r"(?u)\b\w+\b").fit([*pairs.first, *pairs.second])
    a, b = counting.transform(pairs.first), counting.transform(pairs.second)
    theirs = spearmanr(a.multiply(b).sum(axis=1), pairs.scores)[0]
    encoder = TextEncoder("tfidf").fit([*pairs.first, *pairs.second])
    found = measure_sentences(encoder, ["stsb"])[0]
    assert found.figures["Spearman"].value == pytest.approx(theirs, abs=0.02)
    assert found.beside["tfidf"]["Spearman"] == pytest.approx(found.figures["Spearman"].value)


@pytest.mark.skipif(not (DATA / "retrieval").is_dir(), reason="HORNBOOK_DATA has no folder retrieval")
def test_cranfield_is_read_whole():
    documents, queries, grades = load_search(DATA / TASKS["cranfield"].place)
    assert (len(documents), len(queries)) == (1400, 225)
    assert grades.sum() > 1600
    assert queries[2].startswith("what problems of heat conduction")
