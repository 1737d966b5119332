"""Word tasks: their files, what is found of them, and the same figures as gensim's."""

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from hornbook import word_tasks
from hornbook.errors import HornbookError
from hornbook.word_tasks import TASKS, measure_words, names_here, read_pairs, read_questions, solved

DATA = Path(os.environ.get("HORNBOOK_DATA", "none"), "words")
HERE = pytest.mark.skipif(not DATA.is_dir(), reason="HORNBOOK_DATA has no folder words")
# man → woman is one step up, king → queen too; north, north-east and east
WORDS = ["man", "woman", "king", "queen", "tree"]
MATRIX = np.array([[1, 0, 0], [1, 1, 0], [1, 0, 2], [1, 1, 2], [-1, 0, 0]], float)


@pytest.fixture
def file(tmp_path):
    def write(text, name="own.txt", encoding="utf-8"):
        path = tmp_path / name
        path.write_text(text, encoding=encoding)
        return path

    return write


def unit(matrix):
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


# -- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, pairs, scores",
    [
        ("tiger\tcat\t7.35\nbook\tpaper\t7", [("tiger", "cat"), ("book", "paper")], [7.35, 7]),
        ("Word 1,Word 2,Human (mean)\r\nlove, sex ,6.77\r\n", [("love", "sex")], [6.77]),
        ("# made by hand\nsun moon 1\n\n  star  sky  -2e-1 \n", [("sun", "moon"), ("star", "sky")], [1, -0.2]),
        ("word1\tword2\tPOS\tSimLex999\tconc\nold\tnew\tA\t1.58\t2.72", [("old", "new")], [1.58]),
        ("sun-n moon-n 3\nrun-v sun-n 1", [("sun", "moon"), ("run", "sun")], [3, 1]),
        ("x-n moon 3", [("x-n", "moon")], [3]),
        ("new york\tcity\t4;5", [("new york", "city")], None),
    ],
)
def test_pairs_in_the_shapes_they_come_in(file, text, pairs, scores):
    if scores is None:
        with pytest.raises(HornbookError, match="holds no pair"):
            read_pairs(file(text))
    else:
        found = read_pairs(file("\ufeff" + text))
        assert found[0] == pairs
        assert found[1].tolist() == scores


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "holds no pair of words with a score"),
        ("just a header", "holds no pair"),
        ("a b 1\nc d e", r'own.txt:2 is "c d e"; it needs two words and a score'),
        ("a b 1\nc d nan", "own.txt:2"),
        ("a b 1\nalone", "own.txt:2"),
    ],
)
def test_a_file_without_pairs_says_where(file, text, said):
    with pytest.raises(HornbookError, match=said):
        read_pairs(file(text))


def test_questions_have_four_words_and_a_section(file):
    questions, sections = read_questions(file(": family\nman woman king queen\n\n: gram1-x\na b c d\n"))
    assert questions == [["man", "woman", "king", "queen"], ["a", "b", "c", "d"]]
    assert sections == ["family", "gram1-x"]
    with pytest.raises(HornbookError, match=r"own.txt:2 .* four words"):
        read_questions(file(": family\nman woman king\n"))
    with pytest.raises(HornbookError, match="no question"):
        read_questions(file(": family\n"))


# -- by hand --------------------------------------------------------------------------------------------------------


def test_similarity_by_hand(file):
    # cosines: man-woman 0.71, man-king 0.45, man-tree −1; people agree but for the first two
    path = file("man woman 5\nMAN king 8\nman tree 1\nman unicorn 9")
    (task,) = measure_words(WORDS, MATRIX, [path])
    assert (task.name, task.totals) == ("own", {"Spearman": 4})
    assert task.figures["Spearman"].value == pytest.approx(0.5)
    assert json.loads(json.dumps(task.numbers()))["Spearman"]["n"] == 3
    assert task.numbers()["Spearman"]["of"] == 4


def test_analogies_by_hand(file):
    path = file(": goods\nman woman king queen\nking Queen man woman\nman woman king tree\n: gram1\nman woman x y\n")
    (task,) = measure_words(WORDS, MATRIX, [path])
    assert task.figures["accuracy"].value == pytest.approx(2 / 3)
    assert task.figures["semantic"] == task.figures["accuracy"]
    assert task.figures["syntactic"] is None
    assert task.totals == {"accuracy": 4, "semantic": 3, "syntactic": 1}
    assert task.numbers()["syntactic"] == {"value": None, "interval_95": [None, None], "n": 0, "of": 1}


def test_what_cannot_be_measured_is_said_and_is_not_0(file):
    (none,) = measure_words(WORDS, MATRIX, [file("x y 1\nz w 2")])
    assert none.figures == {"Spearman": None}
    (one,) = measure_words(WORDS, MATRIX, [file("man woman 1\nz w 2")])
    assert math.isnan(one.figures["Spearman"].value)
    assert one.numbers() == {"Spearman": {"value": None, "interval_95": [None, None], "n": 1, "of": 2}}
    (same,) = measure_words(WORDS, MATRIX, [file("man woman 1\nman king 1")])
    assert math.isnan(same.figures["Spearman"].value)


def test_a_handful_of_pairs_has_a_figure_and_no_interval(file):
    rng = np.random.default_rng(0)
    words, matrix = [f"w{i}" for i in range(20)], rng.normal(size=(20, 5))
    lines = [f"w{i} w{i + 1} {i}" for i in range(10)]
    for count in (9, 10):
        made = measure_words(words, matrix, [file("\n".join(lines[:count]))])[0].figures["Spearman"]
        assert (made.n, math.isnan(made.value), math.isnan(made.low)) == (count, False, count == 9)


def test_a_word_is_looked_up_as_written_then_in_lower_case(file):
    words, matrix = ["us", "US", "we", "USA"], np.array([[1.0, 0], [0, 1], [1, 0.1], [0.1, 1]])
    task = measure_words(words, matrix, [file("US USA 9\nUS we 1\nWe us 8")])[0]
    assert task.figures["Spearman"].n == 3
    assert task.figures["Spearman"].value == pytest.approx(
        spearmanr([unit(matrix)[a] @ unit(matrix)[b] for a, b in ((1, 3), (1, 2), (2, 0))], [9, 1, 8]).statistic
    )


def test_the_first_of_equal_words_counts(file):
    path = file("man woman 5\nman king 8\nman tree 1")
    twice = measure_words([*WORDS, "man"], np.vstack([MATRIX, [[0, 0, 1]]]), [path])
    assert twice[0].figures == measure_words(WORDS, MATRIX, [path])[0].figures


def test_words_without_a_row_are_known_by_their_pieces(file):
    pieces = {"prince": np.array([1, 0, 3]), "us": np.array([0, 0, 9]), "man": np.array([0, 0, 9])}.get
    words, matrix = [*WORDS, "US"], np.vstack([MATRIX, [[0, 1, 0]]])
    path = file("man woman 5\nMan Prince 2\nman unicorn 9\nman tree 1\nwoman US 6\nprince king 8")
    (task,) = measure_words(words, matrix, [path], pieces)
    (same,) = measure_words([*words, "prince"], np.vstack([matrix, [[1, 0, 3]]]), [path])
    assert task == same._replace(composed=1) and task.figures["Spearman"].n == 5
    assert measure_words(words, matrix, [path])[0].figures["Spearman"].n == 3


def test_an_answer_by_its_pieces_stands_among_all_words_and_only_where_it_is_asked_for(file):
    pieces = {"queens": np.array([1, 1, 2.5]), "spoils": np.array([1, 1, 2])}.get
    asked, other = file(": goods\nman woman king queens\n"), file("spoils man 3", "other.txt")
    (no, yes) = (measure_words(*few, [asked, other], pieces)[0] for few in ((WORDS, MATRIX), (WORDS[:3], MATRIX[:3])))
    assert (no.figures["accuracy"].value, yes.figures["accuracy"].value) == (0, 1)  # queen is nearer, where it is known
    assert (no.composed, yes.composed) == (1, 1)


def test_a_tie_solves_nothing():
    alike = np.ones((5, 2)) / math.sqrt(2)
    assert not solved(alike, np.array([[0, 1, 2, 3]])).any()
    assert not solved(np.zeros((5, 2)), np.array([[1, 2, 3, 0]])).any()
    assert not solved(unit(MATRIX), np.array([[0, 1, 2, 2], [0, 0, 1, 1]])).any()  # d is a word of the question
    assert solved(unit(MATRIX), np.zeros((0, 4), int)).tolist() == []


# -- laws -----------------------------------------------------------------------------------------------------------


@given(st.integers(0, 999), st.integers(1, 300))
@settings(max_examples=25, deadline=None)
def test_analogies_are_those_of_one_question_at_a_time(seed, cells):
    rng = np.random.default_rng(seed)
    vectors, ids = unit(rng.normal(size=(8, 3))), rng.integers(8, size=(12, 4))
    expected = []
    for a, b, c, d in ids:
        scores = {x: vectors[x] @ (vectors[b] - vectors[a] + vectors[c]) for x in range(8) if x not in (a, b, c)}
        expected.append(d in scores and max(scores, key=scores.get) == d)
    before = word_tasks.CELLS
    try:
        word_tasks.CELLS = cells
        assert solved(vectors, ids).tolist() == expected
    finally:
        word_tasks.CELLS = before


@given(st.floats(0.01, 100), st.integers(0, 99))
@settings(max_examples=15, deadline=None)
def test_lengths_and_directions_of_axes_change_nothing(factor, seed):
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    lengths = rng.uniform(0.5, 2, (5, 1))
    ids = np.array([[0, 1, 2, 3], [2, 3, 0, 1], [0, 2, 1, 4]])
    assert solved(unit(factor * lengths * MATRIX @ turn), ids).tolist() == [True, True, False]


# -- agreement, and the files themselves ----------------------------------------------------------------------------


@HERE
def test_the_files_hold_what_is_known_of_them():
    sizes = {name: len(read_pairs(DATA / task.file)[0]) for name, task in TASKS.items() if name != "analogies"}
    assert sizes == {"wordsim353": 353, "wordsim353-similarity": 203, "wordsim353-relatedness": 252,
                     "simlex999": 999, "men": 3000, "rg65": 65}  # fmt: skip
    questions, sections = read_questions(DATA / TASKS["analogies"].file)
    assert len(questions) == 19_544
    assert sum(not section.startswith("gram") for section in sections) == 8_869


@HERE
def test_equal_to_gensim(monkeypatch):
    models = pytest.importorskip("gensim.models")
    monkeypatch.setenv("HORNBOOK_DATA", str(DATA.parent))
    pairs = read_pairs(DATA / TASKS["men"].file)[0]
    questions = read_questions(DATA / TASKS["analogies"].file)[0][:600]
    words = sorted({word.lower() for row in (*pairs[:1500], *questions) for word in row})
    rng = np.random.default_rng(0)
    matrix = (rng.normal(size=(len(words), 20)) + np.linspace(0, 2, len(words))[:, None]).astype(np.float32)
    theirs = models.KeyedVectors(20)
    theirs.add_vectors(words, matrix)
    men, analogies = measure_words(words, matrix, ["men", "analogies"])
    (_, (rho, _), missing) = theirs.evaluate_word_pairs(DATA / TASKS["men"].file)
    assert men.figures["Spearman"].value == pytest.approx(rho, abs=1e-4)  # float32 cosines may swap neighbours
    assert men.figures["Spearman"].n == round(3000 * (1 - missing / 100))
    share, sections = theirs.evaluate_word_analogies(DATA / TASKS["analogies"].file)
    total = sections[-1]
    assert analogies.figures["accuracy"].value == share
    assert analogies.figures["accuracy"].n == len(total["correct"]) + len(total["incorrect"])


# -- what is asked for ----------------------------------------------------------------------------------------------


def test_only_what_is_there_is_taken(monkeypatch, tmp_path):
    monkeypatch.delenv("HORNBOOK_DATA", raising=False)
    assert names_here() == [] == measure_words(WORDS, MATRIX)
    monkeypatch.setenv("HORNBOOK_DATA", str(tmp_path))
    assert names_here() == []
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / TASKS["rg65"].file).write_text("man woman 3\nking queen 2\ntree man 1\n")
    assert names_here() == ["rg65"]
    assert [task.name for task in measure_words(WORDS, MATRIX)] == ["rg65"]
    with pytest.raises(HornbookError, match=r"men needs EN-MEN-TR-3k.txt in the folder words of HORNBOOK_DATA"):
        measure_words(WORDS, MATRIX, ["men"])
    with pytest.raises(HornbookError, match=r'no word task and no file "simlex".* Did you mean "simlex999"'):
        measure_words(WORDS, MATRIX, ["simlex"])


def test_vectors_that_do_not_fit_are_refused(file):
    with pytest.raises(HornbookError, match=r"5 words need a matrix of 5 rows; it is \(4, 3\)"):
        measure_words(WORDS, MATRIX[:4], [])
    broken = MATRIX.copy()
    broken[2, 1] = np.nan
    with pytest.raises(HornbookError, match="not finite"):
        measure_words(WORDS, broken, [])
    whole = measure_words(WORDS, MATRIX.astype(int), [file("man woman 5\nman king 8\nman tree 1")])
    half = measure_words(WORDS, MATRIX.astype(np.float16), [file("man woman 5\nman king 8\nman tree 1")])
    assert whole[0].figures == half[0].figures
