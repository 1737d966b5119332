"""The probe: labelled texts in the shapes they come in, the same folds for all, and what is no ground for a probe."""

import json
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

from hornbook.errors import HornbookError
from hornbook.probe import load_labelled, probe

DATA = Path(os.environ.get("HORNBOOK_DATA", "none"), "classification")
COLOURS = [f"the {colour} {thing}" for thing in "abcdefghij" for colour in ("red", "blue", "green")]
LABELS = ["warm", "cold", "cold"] * 10


class Lengths:
    """Vectors that are told: what a text is turned into is a function of it."""

    def __init__(self, vector):
        self.vector = vector

    def encode(self, texts):
        return np.array([self.vector(text) for text in texts], float)


def spread(text):
    return np.random.default_rng(list(text.encode())).normal(size=40)


# -- the probe ------------------------------------------------------------------------------------------------------


def test_vectors_that_hold_the_label_tell_it():
    found = probe(Lengths(lambda text: [float("red" in text), 0.0]), COLOURS, LABELS)
    assert found.figures["encoder"]["accuracy"][:3] == (1, 1, 1)
    assert found.figures["encoder"]["macro_f1"].value == 1
    assert found.classes == ["cold", "warm"]
    assert found.confusions() == []


def test_of_equally_common_labels_the_first_is_the_majority():
    texts, labels = COLOURS * 2, ["cold", "warm"] * len(COLOURS)
    found = probe(Lengths(lambda text: [1.0, 2.0]), texts, labels)
    assert found.figures["majority"]["accuracy"].value == 0.5
    assert set(found.given["majority"]) == {0}


def test_vectors_that_hold_nothing_give_the_majority():
    found = probe(Lengths(lambda text: [1.0, 2.0]), COLOURS, LABELS)
    for way in ("encoder", "majority"):
        assert found.figures[way]["accuracy"].value == pytest.approx(2 / 3)
        assert found.figures[way]["macro_f1"].value == pytest.approx((2 * 20 / 50 + 0) / 2)  # of cold, and of warm
    assert found.figures["tfidf"]["accuracy"].value == 1
    assert found.gains["accuracy"].value == pytest.approx(-1 / 3)
    assert found.gains["accuracy"].high < 0
    assert found.confusions() == [("warm", "cold", 10)]


def test_the_folds_are_scikit_learns_and_repeat():
    found = probe(Lengths(spread), COLOURS, LABELS, folds=3, seed=4)
    line = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
    folds = StratifiedKFold(3, shuffle=True, random_state=4)
    theirs = cross_val_predict(line, Lengths(spread).encode(COLOURS), LABELS, cv=folds)
    assert [found.classes[number] for number in found.given["encoder"]] == theirs.tolist()
    again = probe(Lengths(spread), COLOURS, LABELS, folds=3, seed=4)
    assert again.numbers() == found.numbers()


def test_sparse_vectors_are_brought_to_length_1():
    lengths = np.geomspace(0.01, 100, len(COLOURS))[:, None]
    words = TfidfVectorizer(token_pattern="[aeiou]|[r-z]+").fit_transform(COLOURS)
    vectors = sparse.csr_matrix(words.multiply(lengths))
    found = probe(type("Told", (), {"encode": lambda self, texts: vectors})(), COLOURS, LABELS)
    line = make_pipeline(Normalizer(), LogisticRegression(C=10, max_iter=1000))
    theirs = cross_val_predict(line, vectors, LABELS, cv=StratifiedKFold(5, shuffle=True, random_state=0))
    assert [found.classes[number] for number in found.given["encoder"]] == theirs.tolist()


def test_the_numbers_are_json():
    numbers = json.loads(json.dumps(probe(Lengths(spread), COLOURS, LABELS).numbers()))
    assert set(numbers) == {"encoder", "tfidf", "majority", "encoder_less_tfidf", "folds", "classes"}
    assert numbers["encoder"]["accuracy"]["n"] == 30
    less = numbers["encoder"]["accuracy"]["value"] - numbers["tfidf"]["accuracy"]["value"]
    assert numbers["encoder_less_tfidf"]["accuracy"]["value"] == pytest.approx(less)


@pytest.mark.parametrize(
    "texts, labels, said",
    [
        (COLOURS, ["one"] * 30, 'at least 2 classes; all 30 are "one"'),
        ([], [], "there are none"),
        (COLOURS, LABELS[:-1], "30 texts and 29 labels"),
        (COLOURS, ["rare"] + LABELS[1:-3] + ["seldom"] * 3,
         r"2 of 4 classes have fewer texts than the 5 folds: rare \(1\), seldom \(3\)"),
        ([" ", *COLOURS[1:]], LABELS, "1 of 30 texts are blank, the first is number 1"),
    ],
)  # fmt: skip
def test_what_is_no_ground_for_a_probe(texts, labels, said):
    with pytest.raises(HornbookError, match=said):
        probe(Lengths(spread), texts, labels)


def test_folds_and_vectors_that_cannot_be():
    with pytest.raises(HornbookError, match="folds is 1"):
        probe(Lengths(spread), COLOURS, LABELS, folds=1)
    with pytest.raises(HornbookError, match="not finite"):
        probe(Lengths(lambda text: [np.nan]), COLOURS, LABELS)
    with pytest.raises(HornbookError, match="1 vectors for 30 texts"):
        probe(type("Short", (), {"encode": lambda self, texts: np.zeros((1, 2))})(), COLOURS, LABELS)


# -- labelled texts -------------------------------------------------------------------------------------------------


@pytest.fixture
def write(tmp_path):
    def write(name, text, encoding="utf-8"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding=encoding)
        return path

    return write


EXPECTED = (["say, yes", "no", "never"], ["1", "0", "0"])


@pytest.mark.parametrize(
    "name, text, fields",
    [
        ("a.csv", 'text,label\n"say, yes",1\nno,0\nnever,0\n', {}),
        ("a.csv", 'Label;Text\n1;say, yes\n0;no\n\n0;never\n', {}),
        ("a.csv", '1,"say, yes"\r\n0,no\r\n0,never', {}),
        ("a.csv", 'id,what,mark\n7,"say, yes",1\n8,no,0\n9,never,0\n', {"text": "what", "label": "mark"}),
        ("a.csv", '7,"say, yes",1\n8,no,0\n9,never,0\n', {"text": "2", "label": "3"}),
        ("a.tsv", "say, yes\t1\nno\t0\nnever\t0\n", {}),
        ("a.tsv", "Label\tSMS\n1\tsay, yes\n0\tno\n0\tnever\n", {}),
        ("a.jsonl", '{"text": "say, yes", "label": 1}\n\n{"label": 0, "text": "no"}\n{"text": "never", "label": 0}',
         {}),
        ("a.jsonl", '{"q": "say, yes", "a": "1"}\n{"q": "no", "a": "0"}\n{"q": "never", "a": "0"}\n',
         {"text": "q", "label": "a"}),
        ("a.train", "1:x say, yes\n0:y no\n0:z never\n", {}),
    ],
)  # fmt: skip
def test_the_shapes_that_labelled_texts_come_in(write, name, text, fields):
    assert load_labelled(write(name, text), **fields) == EXPECTED


def test_fine_labels_lone_quotation_marks_and_blank_texts(write):
    assert load_labelled(write("a.train", "1:x yes\n0:y no\n"), label="fine").labels == ["1:x", "0:y"]
    assert load_labelled(write("a.tsv", 'he said "no\t0\nyes\t1\n" "\t1\n')).texts == ['he said "no', "yes", '" "']
    assert load_labelled(write("b.tsv", "text\tlabel\n \t0\nyes\t1\n")) == (["yes"], ["1"])
    assert load_labelled(write("c.tsv", "text\tlabel\ncafé\t1\n", "latin-1"), encoding="latin-1").texts == ["café"]


def test_a_folder_for_every_class(write):
    for place, text in (("good/2.txt", "no"), ("good/1.txt", "yes"), ("bad/deep/1.md", "never"), (".git/x", "?")):
        path = write(f"set/{place}", text)
    folder = path.parent.parent
    write("set/good/empty.txt", " \n")
    assert load_labelled(folder) == (["never", "yes", "no"], ["bad", "good", "good"])
    (folder / "none").mkdir()
    with pytest.raises(HornbookError, match="none holds no text; each folder in"):
        load_labelled(folder)
    with pytest.raises(HornbookError, match="holds no folders"):
        load_labelled(folder / "good")


@pytest.mark.parametrize(
    "name, text, fields, said",
    [
        ("a.csv", "", {}, "holds no labelled text"),
        ("a.csv", "text,label\n", {}, "holds no labelled text"),
        ("a.csv", "alone\nand alone\n", {}, "has one column"),
        ("a.csv", "text,label\nyes,1\nno,\n", {}, "a.csv:3 has no label"),
        ("a.csv", "text,label\nyes,1\nno\n", {}, "a.csv:3 has no label"),
        ("a.csv", "text,label\nyes,1\n", {"label": "labl"}, 'no column "labl". Did you mean "label"'),
        ("a.csv", "text,label\nyes,1\n", {"label": "text"}, '"text" cannot be both text and label'),
        ("a.csv", "a,b,c\nyes,1,2\n", {}, "which column is the text? Name it with --text-field: 1, 2, 3"),
        ("a.csv", 'text,label\n"yes,1\n', {}, "a.csv:3 is not a table"),
        ("a.jsonl", '{"text": "yes", "label": 1}\n{"text":', {}, "a.jsonl:2 is not JSON"),
        ("a.jsonl", "[1]", {}, "a.jsonl:1 holds a list; each line must be an object"),
        ("a.jsonl", '{"text": "yes", "label": null}', {}, "a.jsonl:1 has no label"),
    ],
)
def test_labelled_texts_that_cannot_be_read(write, name, text, fields, said):
    with pytest.raises(HornbookError) as error:
        load_labelled(write(name, text), **fields)
    assert said in str(error.value)


def test_a_file_that_is_not_there(write):
    with pytest.raises(HornbookError, match="there is no file or folder"):
        load_labelled(write("a.csv", "").with_name("b.csv"))


@pytest.mark.skipif(not DATA.is_dir(), reason="HORNBOOK_DATA has no folder classification")
@pytest.mark.parametrize(
    "path, encoding, texts, classes",
    [
        ("banking77/train.csv", "utf-8", 10_003, 77),
        ("sst2/train.tsv", "utf-8", 6_920, 2),
        ("ag_news_small/train.csv", "utf-8", 4_000, 4),
        ("sms_spam/SMSSpamCollection.tsv", "utf-8", 5_574, 2),
        ("trec/TREC.train", "latin-1", 5_452, 6),
    ],
)
def test_real_labelled_texts(path, encoding, texts, classes):
    found = load_labelled(DATA / path, encoding=encoding)
    assert (len(found.texts), len(Counter(found.labels))) == (texts, classes)


@pytest.mark.skipif(not DATA.is_dir(), reason="HORNBOOK_DATA has no folder classification")
def test_a_real_probe_beats_the_majority():
    texts, labels = load_labelled(DATA / "sst2" / "dev.tsv")
    words = TfidfVectorizer(sublinear_tf=True).fit(texts)
    found = probe(type("Words", (), {"encode": lambda self, texts: words.transform(texts)})(), texts, labels)
    assert found.figures["encoder"]["accuracy"].low > found.figures["majority"]["accuracy"].high
