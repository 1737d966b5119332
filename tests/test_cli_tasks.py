"""The commands that vectors are for: what they print, write, read from standard input, and refuse."""

import csv
import io
import json
import sys

import pytest

import hornbook.cli.classify
import hornbook.cli.cluster
import hornbook.cli.paraphrases
import hornbook.cli.similar  # noqa: F401 (each adds its command)

TOPICS = {"sea": ["whale", "ship", "harbour", "wave"], "kitchen": ["oven", "bread", "flour", "butter"]}
LINES = [
    f"the {words[i % 4]} and the {words[(i + 1 + i // 4) % 4]} of {words[(i + 2) % 4]} number {chr(97 + i)}"
    for i in range(16)
    for words in TOPICS.values()
]
CLASSES = list(TOPICS) * 16


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run folder of a small LSA with held-out passages."""
    from hornbook.corpus import Corpus
    from hornbook.encoder import TextEncoder

    folder = tmp_path_factory.mktemp("tasks") / "run"
    text = "\n".join(f"{line}. {LINES[(3 * i) % 32]}." for i, line in enumerate(LINES * 12))
    TextEncoder.train(Corpus("rhyme", [text]), "lsa", out=folder, settings={"n_components": 5, "passage": 10})
    return folder


@pytest.fixture
def texts(tmp_path, hornbook):
    (tmp_path / "lines.txt").write_text("\n\n".join(LINES))
    rows = "".join(f"{text},{label}\n" for text, label in zip(LINES, CLASSES))
    (tmp_path / "labels.csv").write_text("text,kind\n" + rows)
    return tmp_path


def feed(monkeypatch, text):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


# -- cluster --------------------------------------------------------------------------------------------------------


def test_cluster_argues_its_number_and_shows_what_each_is_about(hornbook, texts):
    code, out, err = hornbook("cluster", "lines.txt", "--documents", "line")
    assert (code, err) == (0, "")
    for said in ("32 texts of lines.txt", "fitted on these texts", "silhouette", "chosen", "two halves of the texts",
                 "central", "lines.txt:1"):  # fmt: skip
        assert said in out


def test_the_largest_number_of_clusters_tried_is_called_that(monkeypatch, hornbook, texts):
    said = "It is the largest number tried; more may fit better: -k 4."
    assert said not in " ".join(hornbook("cluster", "lines.txt", "--documents", "line")[1].split())
    monkeypatch.setattr("hornbook.clusters.choose.__defaults__", ((2,),))
    assert said in " ".join(hornbook("cluster", "lines.txt", "--documents", "line")[1].split())


def test_cluster_as_json_and_as_a_table(hornbook, texts, run):
    _, out, err = hornbook("cluster", "lines.txt", "--documents", "line", "--encoder", run, "-k", 2, "--json",
                           "--out", "clusters.csv")  # fmt: skip
    report = json.loads(out)
    assert "wrote clusters.csv" in err
    assert [one["size"] for one in report["clusters"]] == [16, 16]
    assert report["places"][1] == "lines.txt:3"
    with open("clusters.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["cluster"]) for row in rows] == report["labels"]
    assert len({row["cluster"] for row in rows[::2]}) == 1
    assert rows[0]["text"] == LINES[0]


def test_cluster_says_how_far_its_clusters_are_the_classes(hornbook, texts):
    _, out, _ = hornbook("cluster", "labels.csv", "--label-field", "kind", "-k", 2)
    assert "with the 2 classes: adjusted mutual information 1.000" in out


def test_cluster_reads_standard_input(hornbook, texts, monkeypatch):
    feed(monkeypatch, "\n".join(LINES))
    _, out, _ = hornbook("cluster", "-", "--documents", "line", "-k", 2, "--json")
    assert json.loads(out)["places"][:2] == ["stdin:1", "stdin:2"]


@pytest.mark.parametrize(
    "content, options, said",
    [
        ("one text", [], "1 text is too little to fit an encoder on"),
        ("same\nsame\nsame", ["--documents", "line"], "3 texts, all the same, are too little"),
        ("a cat\na dog\na cow", ["--documents", "line", "-k", 3], "3 texts can be made into 2 to 2 clusters, not 3"),
        ("a cat\na dog", ["--documents", "sentence"], 'documents cannot be "sentence"'),
        ("a cat\na dog", ["--label-field", "x", "--documents", "line"], "leave out --documents"),
    ],
)
def test_cluster_refuses_what_has_no_groups(hornbook, tmp_path, content, options, said):
    (tmp_path / "a.txt").write_text(content)
    code, _, err = hornbook("cluster", "a.txt", *options)
    assert code == 2
    assert said in err


def test_one_text_for_a_run_and_a_wrong_place(hornbook, tmp_path, run):
    (tmp_path / "a.txt").write_text("the whale")
    assert "needs at least 3 texts; here is 1" in hornbook("cluster", "a.txt", "--encoder", run)[2]
    (tmp_path / "a.txt").write_text("qqq")
    assert "needs at least 3 texts; 0 of 1 has a known word" in hornbook("cluster", "a.txt", "--encoder", run)[2]
    assert 'there is no corpus, file or folder "b.txt"' in hornbook("cluster", "b.txt")[2]


# -- paraphrases ----------------------------------------------------------------------------------------------------


def test_paraphrases_shows_pairs_and_duplicates(hornbook, texts):
    (texts / "more.txt").write_text("\n".join([*LINES, "A cat sat.", "a cat  SAT."]))
    code, out, err = hornbook("paraphrases", "more.txt", "--documents", "line", "--threshold", 0.3, "-n", 2)
    assert (code, err) == (0, "")
    for said in ("threshold: a cosine of 0.300 (given)", "1 repeat one of 1 others", "more.txt:33 = more.txt:34",
                 "pairs of 33 different texts", "more: -n"):  # fmt: skip
        assert said in out
    _, out, _ = hornbook("paraphrases", "more.txt", "--documents", "line", "--groups", "--threshold", 0.9)
    assert "groups of" in out
    code, _, err = hornbook("paraphrases", "more.txt", "--documents", "line")
    assert (code, "33 texts make 528 pairs" in err, "--threshold 0.9" in err) == (2, True, True)
    several = [f"{line} {word}" for line in LINES for word in ("first", "second", "third", "fourth", "fifth")]
    (texts / "more.txt").write_text("\n".join([*several, several[0]]))
    _, out, _ = hornbook("paraphrases", "more.txt", "--documents", "line", "--json", "--out", "pairs.csv")
    report = json.loads(out)
    assert report["duplicates"] == [[0, 160]]
    assert "one in 10,000 of 12,720 possible pairs" in report["how"]
    with open("pairs.csv", newline="") as file:
        assert len(list(csv.DictReader(file))) == report["found"]


def test_paraphrases_fits_its_threshold_on_marked_pairs(hornbook, texts, run):
    rows = [f"1\t{LINES[i]}\t{LINES[i + 2]}" for i in range(0, 30)]
    rows += [f"0\t{LINES[i]}\t{LINES[i + 1]}" for i in range(0, 30)]
    (texts / "pairs.tsv").write_text("\n".join(["label\ttext1\ttext2", *rows]))
    options = ["lines.txt", "--documents", "line", "--encoder", run, "--pairs", "pairs.tsv"]
    _, out, _ = hornbook("paraphrases", *options)
    for said in ("best f1 on 60 labelled pairs", "on pairs held out", "calling all the same", "precision"):
        assert said in out
    _, out, _ = hornbook("paraphrases", *options, "--measure", "accuracy", "--json")
    assert json.loads(out)["figures"]["accuracy"]["value"] > 0.8
    (texts / "pairs.tsv").write_text("\n".join(["label\ttext1\ttext2", *rows[::2], *(f"0{row[1:]}" for row in rows)]))
    _, out, _ = hornbook("paraphrases", *options, "--measure", "accuracy")
    assert "do not trust this threshold" in out


@pytest.mark.parametrize(
    "options, said",
    [
        (["--threshold", 0.5, "--pairs", "p.csv"], "give one of them"),
        (["--threshold", 2], "a cosine lies between -1 and 1"),
        (["--pairs", "p.csv"], 'there is no file "p.csv"'),
        (["--pairs", "scored.csv"], "say from which on a pair is the same: --same-from 4"),
    ],
)
def test_paraphrases_refuses_thresholds_that_are_none(hornbook, texts, options, said):
    (texts / "scored.csv").write_text("text1,text2,score\na,b,5\nc,d,2\n")
    code, _, err = hornbook("paraphrases", "lines.txt", "--documents", "line", *options)
    assert code == 2
    assert said in err


# -- classify -------------------------------------------------------------------------------------------------------


def test_classify_measures_keeps_and_labels(hornbook, texts, run, monkeypatch):
    code, out, err = hornbook("classify", "labels.csv", "--label-field", "kind", "--encoder", run,
                              "--save", "kinds.safetensors")  # fmt: skip
    assert (code, err) == (0, "")
    for said in ("32 texts of 2 classes", "TF-IDF", "commonest class", "expected calibration error", "most uncertain",
                 "wrote kinds.safetensors"):  # fmt: skip
        assert said in out
    feed(monkeypatch, "the whale and the harbour\nthe oven and the butter\nqqq\n")
    options = ["--load", "kinds.safetensors", "--predict", "-", "--documents", "line"]
    _, out, _ = hornbook("classify", *options, "--json", "--out", "told.csv")
    predictions = json.loads(out)["predictions"]
    assert [one["label"] for one in predictions[:2]] == ["sea", "kitchen"]
    assert [one["known"] for one in predictions] == [True, True, False]
    with open("told.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["p(sea)"] == f"{predictions[0]['probabilities']['sea']:.4f}"
    feed(monkeypatch, "the whale and the harbour\nqqq\n")
    _, out, _ = hornbook("classify", *options)
    assert "2 texts labelled" in out
    assert "(no known word)" in out


def test_classify_without_a_run_keeps_the_encoder_beside_it(hornbook, texts):
    hornbook("classify", "labels.csv", "--save", "k.safetensors")
    assert (texts / "k-encoder" / "config.json").exists()
    options = ["--load", "k.safetensors", "--predict", "lines.txt", "--documents", "line"]
    _, out, _ = hornbook("classify", *options, "--json")
    assert [one["label"] for one in json.loads(out)["predictions"]] == CLASSES
    assert "is there already" in hornbook("classify", "labels.csv", "--save", "k.safetensors")[2]


@pytest.mark.parametrize(
    "options, said",
    [
        ([], "classify needs labelled texts, or --load FILE, and not both"),
        (["labels.csv", "--load", "k"], "and not both"),
        (["labels.csv", "--out", "x.csv"], "say of what, with --predict TEXTS"),
        (["--load", "k", "--save", "j", "--predict", "p"], "leave out --save"),
        (["--load", "k", "--predict", "p"], 'there is no file "k"'),
        (["--load", "k"], "say which, with --predict TEXTS"),
        (["one.csv"], "needs labels of at least 2 classes"),
        (["tiny.csv"], "fewer texts than the 5 folds: rare (1)"),
    ],
)
def test_classify_refuses_what_it_cannot_learn(hornbook, texts, options, said):
    (texts / "one.csv").write_text("text,label\n" + "".join(f"{line},x\n" for line in LINES))
    (texts / "tiny.csv").write_text("text,label\nodd,rare\n" + "".join(f"{line},x\n" for line in LINES))
    code, _, err = hornbook("classify", *options)
    assert code == 2
    assert said in err


# -- similar --------------------------------------------------------------------------------------------------------


def test_similar_sets_a_cosine_beside_usual_ones(hornbook, run, monkeypatch):
    _, out, _ = hornbook("similar", "whale and ship", "ship and wave", "--encoder", run, "--json")
    report = json.loads(out)
    pair = report["pairs"][0]
    assert 0 <= pair["percentile"] <= 100
    assert report["usual"]["pairs"] == 20_000
    assert (
        pair["cosine"]
        > json.loads(hornbook("similar", "whale", "oven", "--encoder", run, "--json")[1])["pairs"][0]["cosine"]
    )
    feed(monkeypatch, "whale\tship\noven\tqqq\n")
    _, out, _ = hornbook("similar", "-", "--encoder", run)
    rows = [line.split("\t") for line in out.splitlines()]
    assert [row[3:] for row in rows] == [["whale", "ship"], ["oven", "qqq"]]
    assert rows[1][0] == "0.0000"


def test_similar_on_a_screen_hints_at_explain(hornbook, run, monkeypatch):
    from rich.console import Console

    monkeypatch.setattr(Console, "is_terminal", True)
    _, out, _ = hornbook("similar", "whale and ship", "qqq", "--encoder", run)
    for said in ("cosine", "Euclidean", "no known word", "usual:", "hornbook explain"):
        assert said in out


def test_similar_says_what_is_usual_of_texts_beside_an_encoder_that_holds_none_out(hornbook, texts, run, monkeypatch):
    from rich.console import Console

    from hornbook.encoder import TextEncoder

    TextEncoder("lsa", {"n_components": 5}).fit(LINES).save("away")  # no held-out passages
    pair = ["similar", "whale and ship", "ship and wave", "--encoder", "away"]
    assert json.loads(hornbook(*pair, "--json")[1])["usual"] is None
    beside = ["--beside", "lines.txt", "--documents", "line"]
    report = json.loads(hornbook(*pair, *beside, "--json")[1])
    assert report["usual"]["texts"] == 32 and report["pairs"][0]["percentile"] > 50
    assert hornbook(*pair, *beside[2:])[2].count("--documents says what one text of --beside TEXTS is")
    monkeypatch.setattr(Console, "is_terminal", True)
    assert "of 20,000 random pairs of 32 texts of lines.txt" in " ".join(hornbook(*pair, *beside)[1].split())
    assert "Too few held-out passages to say what is usual; --beside TEXTS" in " ".join(hornbook(*pair)[1].split())


def test_similar_numbers_by_hand():
    import numpy as np

    from hornbook.similarity import Usual, compare, usual

    class Words:
        def encode(self, texts, normalize=False):
            rows = np.array([[text.count("a"), text.count("b")] for text in texts], float)
            return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9) if normalize else rows

    beside = Usual(np.array([0.0, 0.5, 0.5, 1.0]), 4)
    one, other = compare(Words(), [("aaa", "ab"), ("a", "c")], beside)
    assert one.cosine == pytest.approx(np.sqrt(0.5))
    assert one.euclidean == pytest.approx(np.sqrt(5))
    assert one.percentile == 75
    assert (other.cosine, other.euclidean, other.percentile, other.known) == (0, 1, 12.5, False)
    assert beside.percentile(0.5) == 50
    assert usual(Words(), ["a", "b"]) is None
    drawn = usual(Words(), ["a" * i + "b" for i in range(40)])
    assert drawn.texts == 40
    assert list(drawn.cosines) == sorted(drawn.cosines)


@pytest.mark.parametrize(
    "arguments, stdin, said",
    [
        (["one"], "", "similar compares two texts"),
        (["one", " "], "", "pair 1 has an empty text"),
        (["-"], "one two\n", "stdin:1 has 1 texts"),
        (["-"], "\n", "standard input has no pairs"),
    ],
)
def test_similar_needs_two_texts_and_a_run(hornbook, run, monkeypatch, arguments, stdin, said):
    feed(monkeypatch, stdin)
    code, _, err = hornbook("similar", *arguments, "--encoder", run)
    assert code == 2
    assert said in err
    assert "--encoder RUN" in hornbook("similar", "a", "b")[2]


# -- evaluate -------------------------------------------------------------------------------------------------------


def test_evaluate_measures_sentence_tasks_beside_other_runs(hornbook, run, tmp_path, monkeypatch):
    from hornbook.encoder import TextEncoder
    from hornbook.sentence_tasks import TASKS

    monkeypatch.setenv("HORNBOOK_DATA", str(tmp_path))
    path = tmp_path / TASKS["stsb"].place
    path.parent.mkdir(parents=True)
    path.write_text("".join(f"a\tb\tc\t{i}\t{5 - i / 8}\t{LINES[0]}\t{LINES[i]}\n" for i in range(32)))
    _, out, err = hornbook("evaluate", run, "--task", "stsb", "--beside", run, "--json")
    sentences = json.loads(out)["sentences"]["stsb"]
    assert (err, json.loads(out)["text"]) == ("", "held-out passages")
    assert sentences["beside"][str(run)]["Spearman"] == sentences["Spearman"]["value"]
    TextEncoder("lsa", {"n_components": 5}).fit(LINES).save("away")  # which holds no text out: the task's alone is read
    assert json.loads(hornbook("evaluate", "away", "--task", "stsb", "--json")[1])["text"] is None
    _, out, _ = hornbook("evaluate", run)
    assert "Pearson" in out
    assert "tfidf" in out
