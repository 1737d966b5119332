"""Measures and their intervals: by hand, as laws, and against SciPy and scikit-learn."""

import runpy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, ndcg_score, top_k_accuracy_score

from hornbook.errors import HornbookError
from hornbook.reference import bootstrap, metrics
from hornbook.reference.bootstrap import Figure, bootstrap_interval, difference, figure
from hornbook.reference.metrics import (
    accuracy,
    average_precision,
    f1,
    mrr,
    ndcg_at_k,
    pearson,
    place_of,
    ranks,
    recall_at_k,
    spearman,
)

TIED = st.lists(st.integers(0, 4), min_size=2, max_size=12)  # few values, so that many are equal

# -- by hand --------------------------------------------------------------------------------------------------------


def test_ranks_share_the_places_of_equals():
    assert ranks([30, 10, 20, 20]).tolist() == [4, 1, 2.5, 2.5]
    assert ranks([7, 7, 7]).tolist() == [2, 2, 2]


def test_correlations_by_hand():
    assert pearson([1, 2, 3], [2, 4, 6]) == pytest.approx(1)
    assert pearson([1, 2, 3], [1, 0, 1]) == pytest.approx(0)
    # places 1 2 3 4 against 1 3 2 4: 1 − 6 Σd² / n(n² − 1) = 1 − 12 / 60
    assert spearman([1, 2, 3, 4], [10, 300, 20, 4000]) == pytest.approx(0.8)
    assert np.isnan(pearson([0.1] * 7, [1, 2, 3, 4, 5, 6, 7]))


def test_the_place_of_the_right_one_by_hand():
    scores = np.array([[0.9, 0.2, 0.1], [0.5, 0.5, 0.1], [0.0, 0.0, 0.0], [0.7, 0.6, 0.3]])
    places = place_of(scores, [0, 1, 0, 2])
    assert places.tolist() == [1, 1.5, 2, 3]  # a row of zeros says nothing, so its right one is in the middle
    assert mrr(places) == pytest.approx((1 + 2 / 3 + 1 / 2 + 1 / 3) / 4)
    assert recall_at_k(places, 2) == 3 / 4
    assert recall_at_k(places, 1) == 1 / 4


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_scores_that_are_no_numbers_have_no_places(wrong):
    with pytest.raises(HornbookError, match="1 of 4 scores are not finite"):
        place_of(np.array([[wrong, 1.0], [0, 1]]), [0, 1])


def test_ndcg_by_hand():
    # grades in the order shown: 0 2 1; worth 0 + 2/log₂3 + 1/log₂4, at best 2 + 1/log₂3
    expected = (2 / np.log2(3) + 1 / 2) / (2 + 1 / np.log2(3))
    assert ndcg_at_k([0, 2, 1], [3, 2, 1]) == pytest.approx(expected)
    assert ndcg_at_k([0, 2, 1], [3, 2, 1], k=1) == 0
    assert ndcg_at_k([1, 0], [5, 5], k=1) == pytest.approx(0.5)  # tied: first half the time
    assert ndcg_at_k([0, 0], [2, 1]) == 0


def test_average_precision_by_hand():
    assert average_precision([1, 0, 1], [3, 2, 1]) == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert average_precision([1, 0, 1, 0], [1, 1, 1, 1]) == pytest.approx(1 / 2)
    assert average_precision([0, 0], [2, 1]) == 0


def test_accuracy_and_f1_by_hand():
    truth, given_ = [0, 0, 1, 1], [0, 1, 1, 1]
    assert accuracy(truth, given_) == 3 / 4
    assert f1(truth, given_) == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert f1([0, 0, 2], [0, 0, 2]) == 1  # class 1 is nowhere, and does not count


# -- laws -----------------------------------------------------------------------------------------------------------


@given(st.integers(0, 99), st.integers(1, 4), st.integers(2, 9))
@settings(max_examples=25, deadline=None)
def test_all_work_along_the_last_axis(seed, rows, n):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 3, (2, rows, n))
    for measure in (pearson, spearman, ndcg_at_k, accuracy, f1, lambda x, y: average_precision(x > 0, y)):
        together = measure(x, y)
        np.testing.assert_allclose(together, [measure(a, b) for a, b in zip(x, y)], rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(ranks(x), [ranks(row) for row in x])
    np.testing.assert_allclose(mrr(x + 1), [mrr(row + 1) for row in x], rtol=1e-12)


@given(TIED)
@settings(max_examples=40, deadline=None)
def test_standing_first_wins_nothing(values):
    values = np.array([values])
    turned = values[:, ::-1]
    right = np.array([0])
    assert place_of(values, right) == place_of(turned, [values.size - 1])
    assert place_of(values, right) == values.size + 1 - ranks(values)[0, 0]
    grades = np.arange(values.size) % 3
    assert ndcg_at_k(grades, values[0], 2) == pytest.approx(ndcg_at_k(grades[::-1], turned[0], 2))


# -- agreement ------------------------------------------------------------------------------------------------------


@given(TIED, st.integers(0, 99), st.integers(1, 14))
@settings(max_examples=60, deadline=None)
def test_equal_to_scipy_and_scikit_learn(values, seed, k):
    rng = np.random.default_rng(seed)
    x, y = np.array(values), rng.integers(0, 5, len(values))
    np.testing.assert_array_equal(ranks(x), stats.rankdata(x))
    if np.ptp(x) and np.ptp(y):
        assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)
        assert pearson(x, y) == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-12)
    assert ndcg_at_k(x, y, k) == pytest.approx(ndcg_score([x], [y], k=k), abs=1e-12)
    if x.any():
        assert average_precision(x > 0, y) == pytest.approx(average_precision_score(x > 0, y), abs=1e-12)
    assert accuracy(x, y) == accuracy_score(x, y)
    assert f1(x, y) == pytest.approx(f1_score(x, y, average="macro"), abs=1e-12)


def test_recall_equal_to_scikit_learns_where_nothing_ties():
    scores, right = np.random.default_rng(0).normal(size=(40, 12)), np.arange(40) % 12
    ours = recall_at_k(place_of(scores, right), 3)
    assert ours == top_k_accuracy_score(right, scores, k=3)


# -- the bootstrap --------------------------------------------------------------------------------------------------


def mean(values):
    return values.mean(axis=-1)


def test_the_interval_of_what_never_varies_is_a_point():
    assert bootstrap_interval(np.full(9, 0.25), mean) == (0.25, 0.25)
    assert figure(mean, np.array([3.0])) == Figure(3, 3, 3, 1)
    with pytest.raises(HornbookError, match="nothing was measured"):
        bootstrap_interval(np.zeros(0), mean)


def test_the_interval_is_scipys_up_to_chance():
    x = np.random.default_rng(0).normal(size=300)
    y = x + np.random.default_rng(1).normal(size=300)
    low, high = bootstrap_interval((x, y), pearson, draws=4000)
    theirs = stats.bootstrap((x, y), pearson, paired=True, method="percentile", n_resamples=4000, random_state=5)
    assert (low, high) == pytest.approx(tuple(theirs.confidence_interval), abs=0.006)  # σ 0.028; quantiles to σ / 15


def test_the_interval_holds_the_truth_about_95_times_in_100():
    rng, inside = np.random.default_rng(0), 0
    for _ in range(200):
        low, high = bootstrap_interval(rng.random(200) < 0.3, mean, draws=400)
        inside += low <= 0.3 <= high
    assert 176 <= inside <= 199  # a binomial of 200 and 0.94 leaves this range once in a thousand times


@given(st.integers(1, 50))
@settings(max_examples=15, deadline=None)
def test_how_many_are_drawn_at_a_time_changes_nothing(cells):
    values, before = np.random.default_rng(3).normal(size=20), bootstrap.CELLS
    expected = bootstrap_interval(values, mean, draws=50)
    try:
        bootstrap.CELLS = 20 * cells
        assert bootstrap_interval(values, mean, draws=50) == expected
        assert bootstrap_interval(values, mean, draws=50, seed=1) != expected
    finally:
        bootstrap.CELLS = before


def test_draws_in_which_it_is_undefined_are_left_out():
    x = np.array([0.0, 0, 0, 1])
    low, high = bootstrap_interval((x, x), spearman)  # three draws in ten hold no 1
    assert (low, high) == pytest.approx((1, 1))
    assert np.isnan(bootstrap_interval((np.ones(3), np.ones(3)), spearman)).all()
    assert figure(spearman, np.ones(3), np.ones(3)).numbers() == {"value": None, "interval_95": [None, None], "n": 3}


def test_what_is_hard_for_both_cancels_out_of_a_difference():
    rng = np.random.default_rng(0)
    hard = rng.normal(size=400)
    a, b = hard + 0.1 + 0.1 * rng.normal(size=400), hard
    gain = difference(lambda values: values.mean(axis=-1), a, b)
    assert gain.value == pytest.approx(a.mean() - b.mean())
    assert 0.05 < gain.low < gain.value < gain.high < 0.15
    alone = figure(mean, a)
    assert gain.high - gain.low < (alone.high - alone.low) / 5
    truth = rng.integers(0, 2, 100)
    assert difference(accuracy, truth, 1 - truth, truth) == Figure(1, 1, 1, 100)


@pytest.mark.parametrize("module", [metrics, bootstrap], ids=["metrics", "bootstrap"])
def test_the_demo_runs(module, capsys):
    runpy.run_path(module.__file__, run_name="__main__")
    assert "mrr" in capsys.readouterr().out
