"""Passages: whole sentences, gathered; nothing of a text is lost, doubled or turned round."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hornbook.passages import cut, halves, passages_of

prose = st.lists(st.sampled_from(["one", "two.", 'three!"', "four\n", "\n\n", "fünf", "(six)", "?"]), max_size=60).map(
    " ".join
)


def test_by_hand():
    text = 'One two. "Three four!" he said. Five\nsix seven\n\nEight. nine ten eleven'
    assert [passage.text for passage in cut(text, 3)] == [
        'One two. "Three four!"',
        "he said. Five\nsix seven",
        "Eight. nine ten eleven",
    ]


def test_a_short_end_joins_the_passage_before_it():
    assert [passage.text for passage in cut("a b. c d. e f. g.", 4)] == ["a b. c d.", "e f. g."]
    assert [passage.text for passage in cut("a b c d. e f g h. i.", 4)] == ["a b c d.", "e f g h. i."]


def test_a_sentence_without_end_is_cut_between_words():
    assert [passage.text for passage in cut("a b c d e f g", 3)] == ["a b c", "d e f g"]


def test_nothing_in_nothing_out():
    assert cut("") == cut(" \n\n ") == []
    assert halves("") == ("", "")
    assert halves("one") == ("one", "")
    assert halves("one two  three") == ("one", "two  three")


@given(prose, st.integers(1, 9))
def test_every_word_is_in_one_passage_in_order(text, words):
    passages = cut(text, words)
    assert [word for passage in passages for word in passage.text.split()] == text.split()
    assert all(text[passage.start : passage.end] == passage.text for passage in passages)
    assert all(len(passage.text.split()) < 4 * words + 1 for passage in passages)
    assert all(one.end <= other.start for one, other in pairwise(passages))


@given(prose)
def test_halves_have_every_word_once(text):
    first, second = halves(text)
    assert first.split() + second.split() == text.split()
    assert len(second.split()) - len(first.split()) in (0, 1) or len(text.split()) < 2


def test_all_documents_are_cut():
    assert passages_of(["a b.", "c d."], 2) == ["a b.", "c d."]
