"""Pairs made from a text: what each maker promises, batches that seed and step fix, and texts that are too short."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook import HornbookError
from hornbook.training.pairs import PAIRS, Batches, Lengths, Places, Source, framed

BOS, EOS, PAD, STOP = 2, 3, 0, 5


def source(*documents):
    """A stream of documents, given as lists of ids."""
    return Source(np.array([id_ for one in documents for id_ in (BOS, *one)], np.uint16), BOS, EOS, PAD, (STOP,))


def numbered(*sizes):
    """Documents of these sizes in which every token is different, so that a text says where it is from."""
    edges = np.cumsum([10, *sizes])
    return source(*(range(a, b) for a, b in pairwise(edges)))


def rows(batch):
    """The texts of a batch without their frames: (first, second) of each pair."""
    texts = [ids[mask][1:-1].tolist() for ids, mask in zip(batch.ids, batch.mask)]
    return list(zip(texts[: len(texts) // 2], texts[len(texts) // 2 :]))


def made(pairs, text, size=16, step=1, seed=0, **lengths):
    lengths = Lengths(**{"shortest": 2, "longest": 6} | lengths)
    return Batches(Places(text, lengths, pairs), pairs, size, seed).batch(step)


def test_frames_by_hand():
    ids, mask = framed(np.array([[1, 4], [5, 6]]), source([10, 11, 12], [13]))
    assert ids.tolist() == [[BOS, 10, 11, 12, EOS], [BOS, 13, EOS, PAD, PAD]]
    assert mask.tolist() == [[True] * 5, [True] * 3 + [False] * 2]


@settings(max_examples=30)
@given(st.lists(st.integers(4, 30), min_size=1, max_size=5), st.integers(1, 10**6), st.integers(0, 10**6))
def test_halves_are_one_stretch_of_one_document(sizes, step, seed):
    edges = np.cumsum([10, *sizes])
    for first, second in rows(made("halves", numbered(*sizes), step=step, seed=seed)):
        assert [*first, *second] == list(range(first[0], second[-1] + 1))
        assert np.searchsorted(edges, first[0], "right") == np.searchsorted(edges, second[-1], "right")
        assert abs(len(first) - len(second)) <= 1
        assert 1 <= len(second) <= 6


def test_neighbours_are_sentences_one_behind_the_other():
    text = source([10, 11, STOP, 12, 13, STOP, 14, 15, STOP], [20, 21, STOP, 22, 23])
    wanted = {((10, 11, STOP), (12, 13, STOP)), ((12, 13, STOP), (14, 15, STOP)), ((20, 21, STOP), (22, 23))}
    found = {(tuple(a), tuple(b)) for step in range(1, 9) for a, b in rows(made("neighbours", text, step=step))}
    assert found == wanted


def test_titles_go_with_what_is_behind_them():
    text = source([10], [11, 12], [20, 21], [22, 23, 24, 25, 26, 27, 28, 29])
    found = {(tuple(a), tuple(b)) for a, b in rows(made("titles", text, size=8))}
    assert found == {((10,), (11, 12)), ((20, 21), (22, 23, 24, 25, 26, 27))}


def test_dropout_reads_the_same_twice():
    assert all(first == second for first, second in rows(made("dropout", numbered(40))))


@pytest.mark.parametrize("pairs", PAIRS)
def test_the_step_and_the_seed_are_all_there_is(pairs):
    text = source(*([9 + i, 8, STOP, 20 + i, 30 + i, STOP, 40 + i] for i in range(6)))
    one, again, later = (made(pairs, text, step=step) for step in (3, 3, 4))
    assert all((a == b).all() for a, b in zip(one, again))
    assert one.ids.shape != later.ids.shape or (one.ids != later.ids).any()


@pytest.mark.parametrize("apart", [0, 5])
def test_what_overlaps_or_lies_near_is_no_rival(apart):
    batch = made("halves", numbered(60), size=12, apart=apart)
    spans = [(first[0], second[-1] + 1) for first, second in rows(batch)]
    for i, (start, end) in enumerate(spans):
        for j, (begin, stop) in enumerate(spans):
            assert batch.rivals[i, j] == (max(begin - end, start - stop) >= apart)
    assert (batch.rivals == batch.rivals.T).all()
    assert not batch.rivals.diagonal().any()


@pytest.mark.parametrize("pairs, text", [("halves", [[9]]), ("dropout", [[9, 9]]), ("neighbours", [[9] * 30]),
                                         ("titles", [[9], [9, 9]])])  # fmt: skip
def test_a_text_too_short_for_pairs_is_refused(pairs, text):
    with pytest.raises(HornbookError, match=f"too short to make pairs of {pairs}"):
        made(pairs, source(*text))


def test_wrong_words_and_lengths_are_refused():
    with pytest.raises(HornbookError, match=r'"halfs"\. Did you mean "halves"'):
        Places(numbered(9), Lengths(), "halfs")
    with pytest.raises(HornbookError, match="texts of 9 to 3 tokens"):
        Lengths(9, 3)
