"""The threshold between same and different: by hand, against trying every place, and what cannot be fitted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook import HornbookError, Trace
from hornbook.reference.names import check_shapes
from hornbook.reference.threshold import MEASURES, best_cut, counted, fit, judge

MEASURED = tuple(MEASURES)


def test_by_hand():
    """Different 0.1 0.3, same 0.5 0.9: halfway between 0.3 and 0.5, and all are right."""
    found = fit([0.9, 0.1, 0.5, 0.3], [1, 0, 1, 0])
    assert found.value == pytest.approx(0.4)
    assert found[1:] == (1.0, 1.0, 4)


def test_of_equally_good_places_the_widest_gap_is_taken():
    """Different and same take turns: the first and the third gap have one pair wrong, the one between them two."""
    assert fit([0.2, 0.4, 0.7, 0.8], [0, 1, 0, 1]).value == pytest.approx(0.3)
    assert fit([0.2, 0.3, 0.6, 0.8], [0, 1, 0, 1]).value == pytest.approx(0.7)


def test_f1_by_hand():
    """Said same: 2, are same: 3, both: 2. 2 · 2 / 5."""
    found = judge([0.9, 0.8, 0.2, 0.1], [1, 1, 1, 0], 0.5)
    assert (found.accuracy, found.f1) == (0.75, 0.8)
    assert judge([0.1, 0.2], [0, 0], 0.5).f1 == 0


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(0, 1)), min_size=2, max_size=12))
def test_no_other_place_tells_more_pairs_right(pairs):
    similarities, same = (np.array(column) for column in zip(*pairs))
    if len(set(same.tolist())) < 2:
        return
    found = fit(similarities, same)
    best = max(judge(similarities, same, cut).accuracy for cut in np.arange(-5, 6) - 0.5)
    assert found.accuracy == best
    assert found == judge(similarities, same, found.value)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(0, 1)), min_size=1, max_size=12), st.sampled_from(MEASURED))
def test_best_is_as_good_as_any_cut_tried_one_by_one(pairs, measure):
    similarities, same = (np.array(column, float) for column in zip(*pairs))
    found = best_cut(similarities, same, measure)
    by_trying = [MEASURES[measure](*counted(same, similarities >= cut)) for cut in np.arange(-5, 6) - 0.5]
    assert MEASURES[measure](*counted(same, similarities >= found)) == max(by_trying)


def test_by_f1_by_hand():
    """Taking four of five: 2 · 3 / (3 + 4) = 6/7; the best by accuracy, taking two, has 4/5."""
    found = fit([0.9, 0.8, 0.6, 0.4, 0.2], [1, 1, 0, 1, 0], "f1")
    assert (found.value, found.f1) == (pytest.approx(0.3), pytest.approx(6 / 7))


def test_taking_all_and_taking_none():
    assert best_cut([0.1, 0.5], [1, 1]) == 0.1
    assert best_cut([0.1, 0.5], [0, 0]) > 0.5
    assert judge([1e12, 2e12], [0, 0], best_cut([1e12, 2e12], [0, 0])).accuracy == 1


def test_every_number_has_a_name():
    with Trace() as trace:
        fit([0.1, 0.2, 0.3], [0, 1, 1])
    assert check_shapes(trace, "threshold") == {"N": 3, "W": 4}


@pytest.mark.parametrize("same, word", [([1, 1], "same"), ([0, 0], "different")])
def test_one_class_and_other_measures_are_refused(same, word):
    with pytest.raises(HornbookError, match=r'best at "f2".*Did you mean "f1"'):
        best_cut([0.1, 0.2], same, "f2")
    with pytest.raises(HornbookError, match=f"all 2 pairs are {word}"):
        fit([0.1, 0.2], same)
