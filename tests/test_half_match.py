"""Half-match: which halves are compared, what place each takes, and that nothing is won by standing first."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from hornbook import half_match as module
from hornbook.errors import HornbookError
from hornbook.half_match import half_match


class Told:
    """An encoder that scores as it is told, and remembers how often it was asked."""

    def __init__(self, table):
        self.table, self.asked = table, []

    def scores(self, queries, documents):
        self.asked.append((len(queries), len(documents)))
        return np.array([[self.table(query, document) for document in documents] for query in queries], float)


class Tfidf:
    """The shortest encoder there is."""

    def __init__(self, texts):
        self.words = TfidfVectorizer().fit(texts)

    def scores(self, queries, documents):
        return self.words.transform(queries) @ self.words.transform(documents).T  # sparse, as some give it


def numbered(count):
    return [f"first{i} second{i}" for i in range(count)]


def alike(query, document):
    return float(query[5:] == document[6:])


# -- by hand --------------------------------------------------------------------------------------------------------


def test_three_passages_by_hand():
    tfidf = Tfidf(["red fox dog sun rain cloud sea"])
    passages = ["red fox red dog", "sun rain sun cloud", "sea sea dog cloud"]
    # "sea sea" shares no word with a second half: all score 0, and its own takes the middle, place 2
    found = half_match(tfidf, passages)
    assert found.places.tolist() == [1, 1, 2]
    assert (found.mrr.value, found.recall.value, found.mrr.n) == (pytest.approx(2.5 / 3), 1, 3)
    assert found.chance == (pytest.approx((1 + 1 / 2 + 1 / 3) / 3), 1)
    (mistake,) = found.mistakes
    assert mistake == ("sea sea", "dog cloud", 2.0, "red dog", True)


def test_a_mistake_names_what_came_first_instead():
    wrong = {"a": 1, "b": 0, "c": 2}  # a takes b's half, b takes a's
    found = half_match(Told(lambda query, document: wrong[query] == "xyz".index(document)), ["a x", "b y", "c z"])
    assert [(mistake.first, mistake.second, mistake.instead) for mistake in found.mistakes] == [
        ("a", "x", "y"), ("b", "y", "x"),
    ]  # fmt: skip
    assert found.places.tolist() == [2.5, 2.5, 1]
    assert not any(mistake.tied for mistake in found.mistakes)


def test_what_has_no_two_halves_or_stood_before_is_left_out_and_counted():
    found = half_match(Told(alike), [*numbered(4), "", "word", "  \n", numbered(4)[2]])
    assert (found.mrr.n, found.of, found.empty, found.repeated) == (4, 4, 3, 1)
    assert (found.mrr.value, found.mrr.low, found.mrr.high) == (1, 1, 1)
    assert found.mistakes == ()


def test_second_halves_that_are_equal_share_their_places():
    same = half_match(Told(lambda query, document: 1.0), ["a x", "b x", "c x"])
    assert same.places.tolist() == [2, 2, 2]


def test_evenly_spaced_passages_are_taken_where_there_are_many():
    told = Told(alike)
    found = half_match(told, numbered(10), limit=4)
    assert (found.mrr.n, found.of) == (4, 10)
    assert told.asked == [(4, 4)]
    seen = []
    half_match(Told(lambda query, document: seen.append(query) or 0), numbered(10), limit=4)
    assert sorted(set(seen)) == ["first0", "first2", "first5", "first7"]
    assert half_match(told, numbered(10), limit=None).mrr.n == 10


def test_one_beats_the_other_or_these_passages_cannot_tell():
    good, blind = (half_match(Told(table), numbered(50)) for table in (alike, lambda query, document: 0))
    gain = good.beats(blind)
    assert gain.value == pytest.approx(1 - 1 / 25.5)
    assert gain.low > 0.9
    assert blind.beats(good).value == -gain.value
    with pytest.raises(HornbookError, match="of 50 passages, the other of 3"):
        good.beats(half_match(Told(alike), numbered(3)))


def test_the_numbers_are_json():
    numbers = json.loads(json.dumps(half_match(Told(alike), numbered(20)).numbers()))
    assert numbers["mrr"] == {"value": 1, "interval_95": [1, 1], "n": 20}
    assert numbers["by_chance"]["recall_at_10"] == 0.5
    assert (numbers["of"], numbers["empty"], numbers["repeated"]) == (20, 0, 0)


# -- laws -----------------------------------------------------------------------------------------------------------


@given(st.integers(2, 30), st.integers(1, 200), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_blocks_change_nothing(count, cells, seed):
    scores, passages = np.random.default_rng(seed).integers(0, 4, (count, count)), numbered(count)
    told = Told(lambda query, document: scores[int(query[5:]), int(document[6:])])
    expected, before = half_match(told, passages), module.CELLS
    try:
        module.CELLS, told.asked = cells, []
        found = half_match(told, passages)
    finally:
        module.CELLS = before
    assert found.places.tolist() == expected.places.tolist()
    assert found.mistakes == expected.mistakes
    assert all(rows * columns <= max(cells, columns) for rows, columns in told.asked)


@given(st.integers(2, 20), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_the_order_of_the_passages_changes_no_place(count, seed):
    rng = np.random.default_rng(seed)
    scores, order = rng.integers(0, 4, (count, count)), rng.permutation(count)
    told = Told(lambda query, document: scores[int(query[5:]), int(document[6:])])
    passages = numbered(count)
    places = half_match(told, passages).places
    turned = half_match(told, [passages[i] for i in order])
    assert turned.places.tolist() == places[order].tolist()


def test_an_encoder_that_knows_nothing_gets_the_middle():
    found = half_match(Told(lambda query, document: 0), numbered(101))
    assert set(found.places) == {51}
    assert found.recall.value == 0
    assert all(mistake.tied and mistake.instead != mistake.second for mistake in found.mistakes)
    rng = np.random.default_rng(0)
    lot = half_match(Told(lambda query, document: rng.random()), numbered(300))
    assert lot.mrr.low < lot.chance[0] < lot.mrr.high


# -- bad input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("passages, count", [([], 0), (["one two"], 1), (["a b"] * 5, 1), (["a", ""], 0)])
def test_fewer_than_two_passages_cannot_be_told_apart(passages, count):
    with pytest.raises(HornbookError, match=f"at least 2 different passages of two words or more; it got {count}"):
        half_match(Told(alike), passages)


def test_scores_that_are_no_numbers_are_refused():
    with pytest.raises(HornbookError, match="not finite"):
        half_match(Told(lambda query, document: np.nan), numbered(3))


def test_the_encoders_own_scores_are_not_written_in():
    table = np.eye(3)

    class Keeping:
        def scores(self, queries, documents):
            return table

    assert half_match(Keeping(), numbered(3)).mrr.value == 1
    assert (table == np.eye(3)).all()
    assert sparse.issparse(Tfidf(["ab cd"]).scores(["ab"], ["cd"]))
