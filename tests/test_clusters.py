"""Clusters: spherical k-means by hand and as laws, how many, what they are called, and what cannot be grouped."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.metrics import adjusted_rand_score

from hornbook import Trace
from hornbook.clusters import Candidate, choose, cluster, names
from hornbook.errors import HornbookError
from hornbook.reference.kmeans import climb, fill_empty, first_centres, means, nearest_centre, spherical_kmeans
from hornbook.reference.names import check_shapes


def unit(rows):
    rows = np.asarray(rows, float)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def groups(k, each, width=8, noise=0.15, seed=0):
    """k directions at right angles, `each` noisy copies of every one: (vectors, which)."""
    rng = np.random.default_rng(seed)
    return np.repeat(np.eye(width)[:k], each, axis=0) + noise * rng.normal(size=(k * each, width)), np.repeat(
        np.arange(k), each
    )


# -- k-means --------------------------------------------------------------------------------------------------------


def test_a_round_by_hand():
    rows = unit([[1, 0], [3, 4], [0, 1], [0, 1]])
    centres = np.array([[1.0, 0.0], [0.0, 1.0]])
    clusters, cosines = nearest_centre(rows, centres)
    assert clusters.tolist() == [0, 1, 1, 1]
    assert cosines == pytest.approx([1, 0.8, 1, 1])
    # Σ of the second: (0.6, 0.8 + 1 + 1), of length √8.2
    assert means(rows, clusters, centres) == pytest.approx(np.array([[1, 0], [0.6, 2.8] / np.sqrt(8.2)]))


def test_an_empty_cluster_takes_the_farthest_row_of_a_cluster_that_has_others():
    assert fill_empty(np.array([0, 0, 0, 1]), np.array([0.9, 0.5, 0.8, 0.1]), 3).tolist() == [0, 2, 0, 1]
    assert fill_empty(np.array([0, 0, 0]), np.array([0.9, 0.5, 0.8]), 3).tolist() == [0, 1, 2]


def test_opposite_rows_leave_the_centre_where_it_was():
    rows = unit([[1, 0], [-1, 0]])
    assert means(rows, np.zeros(2, int), np.array([[0.0, 1.0]])).tolist() == [[0, 1]]


def test_first_centres_are_different_directions():
    rows = unit([[1, 0, 0]] * 50 + [[0, 1, 0]] + [[0, 0, 1]])
    for seed in range(20):
        chosen = first_centres(rows, 3, np.random.default_rng(seed))
        assert sorted(map(tuple, chosen)) == [(0, 0, 1), (0, 1, 0), (1, 0, 0)]
    with pytest.raises(HornbookError, match="3 different directions cannot make 4 groups"):
        first_centres(rows, 4, np.random.default_rng(0))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6), st.booleans())
def test_every_round_climbs_and_ends_at_rest(seed, k, as_sparse):
    rows = unit(np.random.default_rng(seed).normal(size=(40, 5)))
    given_rows = sparse.csr_matrix(rows) if as_sparse else rows
    with Trace() as trace:
        centres = climb(given_rows, first_centres(given_rows, k, np.random.default_rng(seed)))
    sums = [value.sum() for name, value in trace.items() if name.endswith(".cosines")]
    assert np.all(np.diff(sums) > -1e-9)
    clusters, cosines = nearest_centre(rows, centres)
    assert means(rows, clusters, centres) == pytest.approx(centres)
    assert cosines == pytest.approx((rows * centres[clusters]).sum(axis=1))
    assert np.linalg.norm(centres, axis=1) == pytest.approx(1)
    assert len(set(clusters)) == k


def test_every_number_has_its_name_and_shape():
    rows = unit(np.random.default_rng(0).normal(size=(30, 4)))
    with Trace() as trace:
        _, centres = spherical_kmeans(rows, 3, np.random.default_rng(0))
    check_shapes(trace, "kmeans", {"N": 30, "D": 4, "J": 3})
    assert centres.shape == (3, 4)


def test_on_directions_far_apart_it_is_scikit_learns_k_means():
    from sklearn.cluster import KMeans

    vectors, truth = groups(4, 25)
    rows = unit(vectors)
    ours, _ = spherical_kmeans(rows, 4, np.random.default_rng(3))
    theirs = KMeans(4, n_init=5, random_state=0).fit_predict(rows)
    assert adjusted_rand_score(ours, theirs) == adjusted_rand_score(ours, truth) == 1


# -- how many, and what they are called -----------------------------------------------------------------------------

TOPICS = [["whale", "ship", "sea"], ["oven", "bread", "flour"], ["court", "judge", "law"]]


def told(n=20, seed=0):
    """Texts of three topics with common words, the topic of each, and vectors."""
    rng = np.random.default_rng(seed)
    vectors, truth = groups(3, n, seed=seed)
    texts = [f"the {rng.choice(TOPICS[t])} and the {rng.choice(TOPICS[t])} number{i}" for i, t in enumerate(truth)]
    return texts, truth, vectors


def test_the_number_of_well_parted_groups_is_found():
    for k in (3, 5):
        vectors, truth = groups(k, 30)
        found = cluster(vectors, [f"text {i}" for i in range(len(vectors))])
        assert len(found.clusters) == k
        assert adjusted_rand_score(truth, found.labels) == 1
        assert found.ranked[0].k == k
        assert found.ranked[0].stability == pytest.approx(1)


def test_the_candidates_are_scored_as_scikit_learn_scores_them():
    from sklearn.metrics import silhouette_score

    vectors, truth = groups(3, 20)
    rows = unit(vectors)
    three = next(one for one in choose(rows, np.random.default_rng(0)) if one.k == 3)
    assert three.silhouette == pytest.approx(silhouette_score(rows, truth, metric="cosine"), abs=1e-9)
    assert Candidate(3, 0.5, 0.4, 0.9).score == pytest.approx(0.2)
    assert Candidate(3, -0.5, -0.4, 0.9).score == 0


def test_noise_is_told_from_groups():
    found = cluster(np.random.default_rng(0).normal(size=(200, 20)), [str(i) for i in range(200)])
    assert max(one.stability for one in found.candidates) < 0.35


def test_clusters_are_named_by_their_own_words_and_shown_by_their_centres():
    texts, truth, vectors = told()
    found = cluster(vectors, texts, 3)
    assert [one.size for one in found.clusters] == [20, 20, 20]
    for one in found.clusters:
        topic = truth[one.central[0]]
        assert {word for word, _ in one.words[:3]} == set(TOPICS[topic])
        assert "the" not in dict(one.words)
        own = np.flatnonzero(found.labels == one.number)
        assert found.cosines[one.central[0]] == max(found.cosines[own])
        assert one.cosine == pytest.approx(found.cosines[own].mean())


def test_a_name_by_hand():
    # cluster 0 has 4 words, cluster 1 has 4; A = 4; sea is 2 of 4 and 2 of all: sqrt(1/2) ln(1 + 4/2)
    words = names(["sea sea the the"[:11], "the", "law law the the"], np.array([0, 0, 1]), 2)
    assert words[1] == [("law", pytest.approx(np.sqrt(0.5) * np.log(1 + 8 / 2 / 2)))]


def test_names_of_texts_without_words_are_numbers():
    found = cluster(groups(2, 10)[0], ["1 2"] * 20, 2)
    assert [one.name for one in found.clusters] == ["cluster 0", "cluster 1"]


def test_repeated_texts_are_shown_once_and_outliers_told():
    vectors = np.vstack([groups(2, 20, noise=0.02)[0], [[1, 0, 0, 0, 0, 0, 0.9, 0]]])
    found = cluster(vectors, ["a whale"] * 20 + ["a judge"] * 20 + ["odd"], 2)
    odd = next(one for one in found.clusters if one.number == found.labels[40])
    assert odd.outliers[0] == 40
    assert len(next(one for one in found.clusters if one is not odd).central) == 1


def test_outliers_lie_below_the_lower_fence():
    texts, _, vectors = told(40)
    found = cluster(vectors, texts, 3)
    for one in found.clusters:
        own = found.cosines[found.labels == one.number]
        low, high = np.quantile(own, [0.25, 0.75])
        assert found.cosines[one.outliers].tolist() == sorted(own[own < low - 1.5 * (high - low)])
    assert sum(len(one.outliers) for one in found.clusters) > 0


def test_the_same_seed_gives_the_same_clusters_whether_dense_or_sparse():
    texts, _, vectors = told()
    vectors = np.where(abs(vectors) > 0.1, vectors, 0)
    one, other = cluster(vectors, texts, seed=7), cluster(sparse.csr_matrix(vectors), texts, seed=7)
    assert one.labels.tolist() == other.labels.tolist() == cluster(vectors, texts, seed=7).labels.tolist()
    assert one.numbers()["clusters"] == cluster(vectors, texts, seed=7).numbers()["clusters"]


def test_texts_without_a_known_word_are_in_no_cluster():
    texts, _, vectors = told()
    vectors[5] = 0
    found = cluster(vectors, texts, 3)
    assert found.unknown == [5]
    assert sum(one.size for one in found.clusters) == 59


def test_the_runner_up_is_of_another_grain():
    texts, _, vectors = told()
    found = cluster(vectors, texts)
    second = found.runner_up
    assert second.k <= 1.5 or second.k >= 6
    assert cluster(vectors, texts, 3).runner_up is None


@pytest.mark.parametrize(
    "vectors, k, said",
    [
        (np.ones((1, 3)), None, "needs at least 3 texts; here is 1"),
        (np.vstack([np.eye(3)[:2], np.zeros((2, 3))]), None, "2 of 4 has a known word"),
        (np.ones((9, 3)), None, "all 9 texts have vectors of one direction"),
        (np.eye(5), 5, "5 texts can be made into 2 to 4 clusters, not 5"),
        (np.eye(5), 1, "not 1"),
        (np.vstack([np.eye(2)] * 4), 3, "2 different directions cannot make 3 groups"),
        (np.full((4, 2), np.nan), None, "not finite"),
    ],
)
def test_what_cannot_be_grouped_is_said(vectors, k, said):
    with pytest.raises(HornbookError, match=said):
        cluster(vectors, ["a text"] * len(vectors), k)


def test_vectors_must_fit_the_texts():
    with pytest.raises(HornbookError, match="3 texts cannot have vectors"):
        cluster(np.eye(4), ["a"] * 3)
