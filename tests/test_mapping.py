"""Maps: places that a seed fixes, true neighbours, groups, measured faithfulness, and what cannot be mapped."""

import builtins

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import sparse

from hornbook.errors import HornbookError
from hornbook.mapping import GROUPS, METHODS, MOST, Points, faithfulness, group, make, nearest_of

KEPT = [name for name in METHODS if name != "umap"]  # umap takes seconds to compile, and is not always there


def points(vectors, kind="words", **more):
    names = [f"w{i}" for i in range(vectors.shape[0])]
    return Points(kind, names, names, vectors, **more)


def clouds(rng, centres=3, each=12, width=10):
    """Vectors around far directions, and the number of each one's cloud."""
    where = np.eye(width)[:centres] * 5
    return np.concatenate([c + rng.normal(size=(each, width)) * 0.3 for c in where]), np.repeat(range(centres), each)


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_neighbours_by_hand():
    unit = np.array([[1, 0], [0.8, 0.6], [0, 1], [-1, 0.0]])
    near, cosines = nearest_of(unit, 2)
    assert near.tolist() == [[1, 2], [0, 2], [1, 0], [2, 1]]
    assert cosines.tolist() == pytest.approx(np.array([[0.8, 0], [0.8, 0.6], [0.6, 0], [0, -0.8]]), abs=1e-15)


def test_a_line_is_kept_whole_and_its_mirror_image_too(rng):
    angles = np.linspace(0, 1, 30)
    unit = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert faithfulness(unit, unit) == {"k": 8, "trustworthiness": 1.0, "kept": 8.0}
    assert faithfulness(unit, -3 * unit[:, ::-1])["kept"] == 8.0
    shuffled = faithfulness(unit, unit[rng.permutation(30)])
    assert shuffled["trustworthiness"] < 0.75
    assert shuffled["kept"] < 5


def test_trustworthiness_by_hand():
    """Four points on a line; on the map 0 and 3 have changed places: every nearest is false, by one or two ranks."""
    angles = np.array([0, 0.1, 0.3, 0.7])
    unit = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    true = [1, 0, 1, 2]
    seen = np.array([0.7, 0.1, 0.3, 0.0])
    nearest = [2, 3, 1, 1]  # of 0.7: 0.3; of 0.1: 0.0; of 0.3: 0.1; of 0.0: 0.1
    ranks = [2, 3, 1, 2]  # where these truly come
    measured = faithfulness(unit, np.stack([seen, np.zeros(4)], axis=1))
    assert measured["kept"] == np.mean([a == b for a, b in zip(true, nearest)])
    assert measured["trustworthiness"] == pytest.approx(1 - 2 / (4 * 1 * (8 - 3 - 1)) * sum(r - 1 for r in ranks))


@pytest.mark.parametrize("method", KEPT)
def test_a_seed_fixes_the_map(rng, method):
    given = points(rng.normal(size=(40, 12)))
    one, again, other = make(given, method), make(given, method), make(given, method, seed=1)
    assert one.positions.tobytes() == again.positions.tobytes()
    assert one.groups.tolist() == again.groups.tolist()
    assert one.measured == again.measured
    if method == "tsne":
        assert one.settings == {"dimensions": 12, "seed": 42, "perplexity": 13.0}
        assert other.settings["seed"] == 1


def test_pca_turns_and_nothing_else(rng):
    vectors = rng.normal(size=(30, 2)) + 1
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    found = make(points(vectors), "pca")
    assert sum(found.measured["variance"]) == pytest.approx(1)
    distances = lambda rows: np.linalg.norm(rows[:, None] - rows, axis=-1)
    assert distances(found.positions) == pytest.approx(distances(unit), abs=1e-12)


@pytest.mark.parametrize("method", KEPT)
def test_clouds_stay_clouds(rng, method):
    vectors, cloud = clouds(rng)
    found = make(points(vectors), method, groups=3)
    for i in range(3):
        assert len(set(found.groups[cloud == i])) == 1
        middle = found.positions[cloud == i].mean(axis=0)
        inside = np.linalg.norm(found.positions - middle, axis=1)
        assert inside[cloud == i].max() < inside[cloud != i].min()
    assert found.measured["trustworthiness"] > 0.9
    assert all((cloud[near] == cloud[i]).all() for i, near in enumerate(found.neighbours))


def test_length_says_nothing_and_sparse_is_dense(rng):
    vectors = rng.poisson(0.3, size=(20, 60)) + np.eye(20, 60)
    dense, wide = make(points(vectors), "pca"), make(points(sparse.csr_array(vectors)), "pca")
    longer = make(points(vectors * rng.uniform(1, 9, size=(20, 1))), "pca")
    for other in (wide, longer):
        assert other.neighbours.tolist() == dense.neighbours.tolist()
        assert other.cosines == pytest.approx(dense.cosines, abs=1e-12)
        assert abs(other.positions) == pytest.approx(abs(dense.positions), abs=1e-9)
    assert wide.settings["dimensions"] == 60


@pytest.mark.parametrize("method", KEPT)
@pytest.mark.parametrize("number", [5, 6, 9])
def test_few_points_have_a_map(rng, method, number):
    found = make(points(rng.normal(size=(number, 4))), method)
    assert np.isfinite(found.positions).all()
    assert found.measured["k"] == (number - 1) // 2
    assert found.neighbours.shape == (number, min(8, number - 1))
    assert len(found.central) == 1


def test_too_few_points(rng):
    vectors = rng.normal(size=(4, 3))
    with pytest.raises(HornbookError, match=r"here are 0 \(6 of 6 words have a vector of zeros and are left out\)"):
        make(points(np.zeros((6, 3))))
    with pytest.raises(HornbookError, match=r"t-SNE needs 5 points or more; here are 4\. --method pca can"):
        make(points(vectors))
    assert make(points(vectors), "pca").measured["k"] == 1
    assert "k" not in make(points(vectors[:2]), "pca").measured
    with pytest.raises(HornbookError, match=r"PCA needs 2 points or more; here is 1\. Give it more"):
        make(points(vectors[:1]), "pca")


@pytest.mark.parametrize("method", KEPT)
def test_duplicates_and_zeros(rng, method):
    vectors = np.repeat(rng.normal(size=(4, 5)), 5, axis=0)
    given = points(np.concatenate([vectors, np.zeros((3, 5))]), "passages", texts=[*"abcdefghijklmnopqrstuvw"])
    found = make(given, method)
    assert len(found) == 20
    assert found.points.texts == [*"abcdefghijklmnopqrst"]
    assert found.points.left_out == ("3 of 23 passages have a vector of zeros and are left out.",)
    assert np.isfinite(found.positions).all()
    assert found.cosines[:, :4] == pytest.approx(np.ones((20, 4)))
    with pytest.raises(HornbookError, match="5 groups cannot be made of 4 different points: 1 to 4 can"):
        make(points(vectors), method, groups=5)


@pytest.mark.parametrize("method", METHODS)
def test_what_cannot_be_mapped(rng, method):
    with pytest.raises(HornbookError, match="one direction"):
        make(points(np.outer(np.arange(1, 9), [1.0, 2.0])), method)
    broken = rng.normal(size=(8, 3))
    broken[2, 1] = np.nan
    with pytest.raises(HornbookError, match="NaN"):
        make(points(broken), method)
    with pytest.raises(HornbookError, match=f"room for {MOST:,} points"):
        make(points(np.eye(2)[np.arange(MOST + 1) % 2]), method)
    with pytest.raises(HornbookError, match="cannot have vectors of shape"):
        make(Points("words", ["a"], ["a"], rng.normal(size=(8, 3))), method)


def test_one_dimension_is_enough():
    found = make(points(np.array([[1.0], [2], [-1], [-3], [1]])), "pca")
    assert len({tuple(place.round(9)) for place in found.positions}) == 2


def test_a_misspelt_method(rng):
    with pytest.raises(HornbookError, match=r'no method "tnse"\. Did you mean "tsne"'):
        make(points(rng.normal(size=(8, 3))), "tnse")


def test_umap_says_how_to_get_it(rng, monkeypatch):
    imported = builtins.__import__

    def without(name, *rest):
        if name == "umap":
            raise ImportError(name)
        return imported(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(HornbookError, match="pip install umap-learn"):
        make(points(rng.normal(size=(8, 3))), "umap")


def test_groups_are_numbered_by_size_and_chosen_modestly(rng):
    vectors, _ = clouds(rng, 2, 30)
    unit = vectors[:45] / np.linalg.norm(vectors[:45], axis=1, keepdims=True)
    found, central = group(unit, 2, 0)
    assert np.bincount(found).tolist() == [30, 15]
    assert [set(found[members]) for members in central] == [{0}, {1}]
    _, ranked = group(unit, 2, 0, ranked=True)
    assert all(members == sorted(members) for members in ranked)
    assert group(rng.normal(size=(300, 4)), None, 0)[0].max() == GROUPS - 1
    assert group(rng.normal(size=(19, 4)), None, 0)[0].max() == 0


@given(arrays.arrays(np.float64, st.tuples(st.integers(3, 12), st.integers(2, 4)), elements=st.integers(-3, 3)))
@settings(max_examples=60, deadline=None)
def test_neighbours_fall_and_leave_out_themselves(vectors):
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(lengths, lengths, 1)
    near, cosines = nearest_of(unit, 5)
    for i, row in enumerate(near):
        assert i not in row
        assert len(set(row)) == len(row) == min(5, len(unit) - 1)
        assert (np.diff(cosines[i]) <= 1e-12).all()
        others = np.delete(unit @ unit[i], [i, *row])
        assert not len(others) or others.max() <= cosines[i][-1] + 1e-12
