"""Word vectors: cosines on paper, laws of neighbours and analogies, agreement with gensim, and words nobody knows."""

import math
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook.analogy import METHODS
from hornbook.errors import HornbookError
from hornbook.vectors import WordVectors, load

few = settings(max_examples=40, deadline=None)
seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(5, 40)

COMPASS = ["north", "northeast", "east", "west", "nowhere", "far"]
PLACES = [[0, 1], [1, 1], [1, 0], [-1, 0], [0, 0], [0, 3]]


def compass(**more):
    return WordVectors(COMPASS, PLACES, **more)


def random_vectors(seed, many=30, width=8):
    matrix = np.random.default_rng(seed).standard_normal((many, width))
    return WordVectors([f"w{i}" for i in range(many)], matrix)


# -- by hand --------------------------------------------------------------------------------------------------------


def test_neighbours_by_hand():
    """cos(north, far) = 1 whatever their lengths; to northeast 1/√2; to east and west 0, east's id being lower."""
    found = compass().neighbours("north")
    assert [word for word, _ in found] == ["far", "northeast", "east", "west"]  # not itself, not the zeros
    assert [cosine for _, cosine in found] == pytest.approx([1, 1 / math.sqrt(2), 0, 0])
    assert compass().neighbours("north", k=2, among=["west", "east", "north"]) == [("east", 0.0), ("west", 0.0)]
    assert compass().neighbours([2, 0], k=1) == [("east", 1.0)]  # a vector has no word to leave out


def test_similarity_and_its_terms_by_hand():
    """north · northeast / (1 · √2): only the second dimension adds to it."""
    assert compass().similarity("north", "northeast") == pytest.approx(1 / math.sqrt(2))
    assert compass().similarity(["north", "east"], "northeast") == pytest.approx(1)
    pair = compass().explain("north", "northeast")
    assert pair.products == pytest.approx([0, 1 / math.sqrt(2)])
    assert pair.cosine == pytest.approx(1 / math.sqrt(2))


def test_an_analogy_by_hand():
    """x = e₁ + e₂ is to b = e₂ as a + d is to a. Each term has length 1, the sum too: parts are plain cosines."""
    words = WordVectors(["a", "b", "ad", "bd", "d"], [[1, 0, 0], [0, 1, 0], [1, 0, 1], [0, 1, 1], [0, 0, 1]])
    found = words.analogy(["ad", "b"], ["a"])
    length = math.sqrt((1 / math.sqrt(2) - 1) ** 2 + 1 + 1 / 2)  # of ad/√2 − a + b
    best = found.candidates[0]
    assert best.word == found.answer == "bd"
    assert best.parts == pytest.approx((0.5 / length, 0, 1 / math.sqrt(2) / length))
    assert found.formula == "ad − a + b ≈ bd"
    assert [term[:2] for term in found.terms] == [(1, "ad"), (-1, "a"), (1, "b")]
    assert [term.similarity for term in found.terms] == pytest.approx([0.5, 0, 1 / math.sqrt(2)])
    assert found.unrestricted == ("bd", best.score)


def test_an_analogy_says_what_the_usual_trick_hides():
    """Where man and woman are nearly one vector, king − man + woman is nearest to king itself."""
    words = WordVectors(["king", "man", "woman", "queen"], [[1, 0, 0], [0, 1, 0], [0, 1, 0.1], [0.8, 0, 0.3]])
    found = words.analogy(["king", "woman"], ["man"])
    assert found.answer == "queen"
    assert found.unrestricted[0] == "king"
    assert found.unrestricted[1] > found.candidates[0].score


def test_the_multiplied_analogy_by_hand():
    """Similarities (1 + cos)/2 of queen: to king 1, woman 1/2, man 1/2: 1 · 1/2 / (1/2 + 10⁻⁶)."""
    words = WordVectors(["king", "man", "woman", "queen"], [[1, 0, 0], [0, 1, 0], [0, 0, 1], [2, 0, 0]])
    best = words.analogy(["king", "woman"], ["man"], method="mul").candidates[0]
    assert best == ("queen", pytest.approx(0.5 / 0.500001), pytest.approx((1, 1 / 0.500001, 0.5)))


def test_the_odd_one_out_by_hand():
    """east and northeast agree; west is against them: the mean is (1/√2, 1/√2)."""
    found = compass().odd_one_out(["east", "northeast", "west"])
    assert found == [("west", pytest.approx(-1 / math.sqrt(2))), ("east", pytest.approx(1 / math.sqrt(2))),
                     ("northeast", pytest.approx(1))]  # fmt: skip


def test_a_word_is_found_as_it_stands_then_in_lower_case_then_by_its_pieces():
    words = WordVectors(["us", "US"], [[1, 0], [0, 1]], [7, 3], lambda word: [len(word), 0] if word != "?" else None)
    assert (words.row("US"), words.row("Us"), words.row("them")) == (1, 0, None)
    assert (words.count("Us"), words.count("US"), words.count("them")) == (7, 3, None)
    assert "Us" in words
    assert "them" not in words
    assert words.vector("them").tolist() == [4, 0]
    assert words.neighbours("them", k=1) == [("us", 1.0)]
    with pytest.raises(HornbookError, match=r'"\?" is not among'):
        words.vector("?")


# -- laws -----------------------------------------------------------------------------------------------------------


@few
@given(seeds, sizes, st.integers(1, 50))
def test_neighbours_are_the_sorted_cosines(seed, many, k):
    words = random_vectors(seed, many)
    words.matrix[1::3] = words.matrix[0]  # equal rows: ties to the bit
    words = WordVectors(words.words, words.matrix)
    cosines = {word: words.similarity("w2", word) for word in words.words if word != "w2"}
    found = words.neighbours("w2", k)
    assert len(found) == min(k, many - 1)
    assert found == sorted(found, key=lambda pair: (-pair[1], int(pair[0][1:])))
    assert [c for _, c in found] == pytest.approx(sorted(cosines.values(), reverse=True)[:k], abs=1e-12)
    assert all(cosine == pytest.approx(cosines[word], abs=1e-12) for word, cosine in found)


@few
@given(seeds)
def test_cosines_closer_than_float32_can_tell_are_told_apart(seed):
    matrix = random_vectors(seed, 1).matrix + np.random.default_rng(seed).normal(0, 3e-4, (60, 8)).astype(np.float32)
    exact = matrix.astype(np.float64)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    best = np.argsort(-(exact[1:] @ exact[0]), kind="stable")[:5] + 1
    assert [word for word, _ in WordVectors(map(str, range(60)), matrix).neighbours("0", 5)] == [
        str(id_) for id_ in best
    ]


@few
@given(seeds, st.integers(1, 9))
def test_many_words_at_once_find_what_each_finds(seed, some):
    words = random_vectors(seed)
    asked = words.words[:some]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hornbook.vectors.SCORES", 70)  # two words at a time
        assert words.neighbours_of_each(asked, 4) == [words.neighbours(word, 4) for word in asked]
        among = words.words[::2]
        chosen = words.neighbours_of_each(asked, 99, among)
    for word, found in zip(asked, chosen):
        assert [w for w, _ in found] == [w for w, _ in words.neighbours(word, 99) if w in among]


@few
@given(seeds, st.integers(-60, 60))
def test_lengths_do_not_matter(seed, power):
    words = random_vectors(seed)
    longer = WordVectors(words.words, words.matrix * 2.0**power)
    assert words.neighbours("w1", 5) == longer.neighbours("w1", 5)
    assert words.analogy("w1", "w2", 5).candidates == longer.analogy("w1", "w2", 5).candidates


@few
@given(seeds, st.sampled_from(list(METHODS)), st.integers(1, 3), st.integers(0, 3))
def test_the_parts_of_an_analogy_make_its_score(seed, method, adds, takes):
    words = random_vectors(seed)
    positive, negative = words.words[:adds], words.words[adds : adds + takes]
    found = words.analogy(positive, negative, 50, method)
    total = {"add": sum, "mul": math.prod}[method]
    assert all(total(one.parts) == pytest.approx(one.score, rel=1e-12, abs=1e-14) for one in found.candidates)
    assert not {one.word for one in found.candidates} & {*positive, *negative}
    assert found.candidates == sorted(found.candidates, key=lambda one: -one.score)
    assert found.unrestricted[1] >= found.candidates[0].score


@few
@given(seeds)
def test_one_term_is_a_neighbour_and_the_products_are_the_cosine(seed):
    words = random_vectors(seed)
    nearest = [(one.word, pytest.approx(one.score, abs=1e-12)) for one in words.analogy(["w3"]).candidates]
    assert words.neighbours("w3") == nearest
    pair = words.explain("w3", "w4")
    assert math.fsum(pair.products) == pytest.approx(words.similarity("w4", "w3"), abs=1e-12)
    assert words.analogy(["w3"]).terms[0].similarity == pytest.approx(nearest[0][1].expected)


# -- agreement ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def both():
    """(ours, gensim's) on 500 random words."""
    keyed = pytest.importorskip("gensim.models").KeyedVectors(40)
    ours = random_vectors(5, 500, 40)
    keyed.add_vectors(ours.words, ours.matrix)
    return ours, keyed


def agree(ours, theirs, **tolerance):
    assert [word for word, _ in ours] == [word for word, _ in theirs]
    assert [score for _, score in ours] == pytest.approx([score for _, score in theirs], **tolerance)


def test_gensim_finds_the_same(both):
    ours, keyed = both
    agree(ours.neighbours("w7", 20), keyed.most_similar("w7", topn=20), abs=1e-6)
    assert ours.similarity("w1", "w2") == pytest.approx(float(keyed.similarity("w1", "w2")), abs=1e-6)
    sets = ["w1", "w2", "w3"], ["w4", "w5"]
    assert ours.similarity(*sets) == pytest.approx(float(keyed.n_similarity(*sets)), abs=1e-6)
    for start in range(0, 90, 5):
        words = ours.words[start : start + 5]
        ranked = ours.odd_one_out(words)
        assert ranked[0][0] == keyed.doesnt_match(words)
        agree(ranked, [(word, cosine) for cosine, word in keyed.rank_by_centrality(words)[::-1]], abs=1e-6)


@pytest.mark.filterwarnings("ignore:Call to deprecated")
@pytest.mark.parametrize(
    "positive, negative", [(["w1", "w2"], ["w3"]), (["w1"], []), (["w1", "w2", "w3"], ["w4", "w5"])]
)
def test_gensim_answers_analogies_the_same(both, positive, negative):
    ours, keyed = both
    theirs = keyed.most_similar(positive, negative, topn=20)
    agree([one[:2] for one in ours.analogy(positive, negative, 20).candidates], theirs, abs=1e-6)
    theirs = keyed.most_similar_cosmul(positive, negative, topn=20)
    # gensim adds 10⁻⁶ once even to no or several negative terms, of which the formula says nothing: 10⁻⁵ apart at most
    ours = [one[:2] for one in ours.analogy(positive, negative, 20, "mul").candidates]
    agree(ours, theirs, rel=1e-6 if len(negative) == 1 else 1e-5)


# -- bad input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ask, said", [
    (lambda v: v.vector("nroth"), r'"nroth" is not among the 6 words. Spelt like it: north'),
    (lambda v: v.vector("NORTHEAT"), "Spelt like it: northeast, north"),
    (lambda v: v.vector("xyzzy"), "None is spelt like it"),
    (lambda v: v.neighbours("nowhere"), 'vector of "nowhere" has length 0'),
    (lambda v: v.neighbours([1, 2, 3]), r"2 numbers wide; this one is \(3,\)"),
    (lambda v: v.neighbours([1, math.nan]), "length nan"),
    (lambda v: v.neighbours("north", k=0), "k is 0"),
    (lambda v: v.neighbours("north", among=["eats"]), "Spelt like it: east"),
    (lambda v: v.similarity([], "north"), "this one is"),
    (lambda v: v.analogy([]), "at least one word that is added"),
    (lambda v: v.analogy(["north"], ["far"]), "cancel out"),
    (lambda v: v.analogy(["north"], ["east"], method="ad"), 'Did you mean "add"'),
    (lambda v: v.analogy(["north"], ["east"], k=-1), "k is -1"),
    (lambda v: v.odd_one_out(["north", "east", "north"]), "three words or more, all different; here 2"),
    (lambda v: v.odd_one_out(["east", "west", "nowhere"]), "points nowhere"),
])  # fmt: skip
def test_bad_questions_are_said(ask, said):
    with pytest.raises(HornbookError, match=said):
        ask(compass())


@pytest.mark.parametrize("made, said", [
    (lambda: WordVectors(["a"], [[1], [2]]), "1 words need a matrix"),
    (lambda: WordVectors([], np.zeros((0, 3))), "0 words"),
    (lambda: WordVectors(["a"], [1.0]), "1 words need a matrix"),
    (lambda: WordVectors(["a", "b", "a"], np.ones((3, 2))), 'word "a" is there twice'),
    (lambda: WordVectors(["a", "b"], [[1, 2], [3, math.inf]]), 'vector of "b" holds a number that is not finite'),
    (lambda: WordVectors(["a"], [[1.0]], [1, 2]), "have 1 counts"),
    (lambda: WordVectors(["a", "b"], np.eye(2)).analogy(["a"], ["b"]), "none left to answer"),
    (lambda: WordVectors(["a"], [[1]], pieces=lambda word: [1]).neighbours("a", among=["b"]), "pieces only"),
])  # fmt: skip
def test_bad_vectors_are_said(made, said):
    with pytest.raises(HornbookError, match=said):
        made()


def test_one_word_has_no_neighbours():
    assert WordVectors(["alone"], [[1.0]]).neighbours("alone") == []


def test_load_takes_runs_that_have_vectors(tmp_path, monkeypatch):
    (tmp_path / "config.json").write_text('{"format": 1, "model": "tfidf"}')
    loaded = SimpleNamespace(vectors=None)
    encoder = SimpleNamespace(TextEncoder=SimpleNamespace(load=lambda folder: loaded))
    monkeypatch.setitem(sys.modules, "hornbook.encoder", encoder)
    with pytest.raises(HornbookError, match="a run of tfidf, which has no word vectors"):
        load(tmp_path)
    loaded.vectors = compass()
    assert load(tmp_path) is loaded.vectors
    with pytest.raises(HornbookError, match="there is no file"):
        load(tmp_path / "missing.vec")
    with pytest.raises(HornbookError, match="there is no run"):
        load(tmp_path / "missing")
