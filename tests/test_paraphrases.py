"""Paraphrases: every pair above a threshold, duplicates apart; thresholds fitted on pairs; pairs as files have them."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from hornbook import paraphrases as module
from hornbook.errors import HornbookError
from hornbook.pairs import Pairs, load_pairs
from hornbook.paraphrases import fitted, near_pairs, pair_similarities, paraphrases, rare_threshold, told_apart
from hornbook.reference.threshold import best_cut
from hornbook.threshold import MEASURES, fit_threshold, pair_f1, precision, recall

DATA = Path(os.environ.get("HORNBOOK_DATA", "none"), "sentences")


class Angles:
    """A text is a number of degrees, its vector that direction; a text that is none has the vector 0."""

    def encode(self, texts, normalize=False):
        known = [text.replace(".", "").isdigit() for text in texts]
        angles = np.radians([float(text) if there else 0.0 for text, there in zip(texts, known)])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1) * np.array(known)[:, None]


# -- pairs of a collection ------------------------------------------------------------------------------------------


def test_pairs_by_hand():
    found = paraphrases(Angles(), ["0", "90", "10", "93", "word", "0"], 0.9)
    assert [(pair.first, pair.second) for pair in found.pairs] == [(1, 3), (0, 2)]
    assert [pair.similarity for pair in found.pairs] == pytest.approx(np.cos(np.radians([3, 10])))
    assert found.duplicates == [[0, 5]]
    assert found.unknown == [4]
    assert found.groups() == [[0, 2, 5], [1, 3]]
    assert (found.found, found.searched) == (2, 5)
    assert json.loads(json.dumps(found.numbers()))["pairs"][0]["first"] == 1


def test_duplicates_differ_in_case_and_white_space_only():
    assert told_apart(["A b", "a  B\n", "ab", "a b."]) == ([0, 2, 3], [[0, 1]])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.floats(-0.5, 0.9), st.booleans(), st.integers(1, 400))
def test_blocks_find_what_one_product_finds(seed, n, threshold, as_sparse, cells):
    rows = np.random.default_rng(seed).normal(size=(n, 4))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    product = np.triu(rows @ rows.T, 1)
    wanted = sorted((-product[i, j], i, j) for i in range(n) for j in range(i + 1, n) if product[i, j] >= threshold)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CELLS", cells)
        first, second, cosines, found = near_pairs(sparse.csr_matrix(rows) if as_sparse else rows, threshold, most=7)
    assert found == len(wanted)
    assert list(zip(first, second)) == [(i, j) for _, i, j in wanted[:7]]
    assert cosines == pytest.approx([-value for value, _, _ in wanted[:7]])


def test_the_default_threshold_is_a_rare_cosine():
    rows = np.random.default_rng(0).normal(size=(2000, 16))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    few, many = rare_threshold(rows[:1000]), rare_threshold(rows)
    assert near_pairs(rows[:1000], few.value)[3] == pytest.approx(50, abs=1)
    assert near_pairs(rows, many.value)[3] == pytest.approx(200, rel=0.3)
    assert "499,500 possible pairs" in few.how
    assert "1,000,000 drawn pairs" in many.how
    with pytest.raises(HornbookError, match=r"2 texts make 1 pairs.*--threshold"):
        paraphrases(Angles(), ["0", "90"])


@pytest.mark.parametrize(
    "texts, threshold, said",
    [(["1"], None, "at least 2 texts; here is 1"), ([], None, "here are 0"), (["1", "2"], 1.5, "between -1 and 1")],
)
def test_what_cannot_be_searched_is_said(texts, threshold, said):
    with pytest.raises(HornbookError, match=said):
        paraphrases(Angles(), texts, threshold)


def test_broken_vectors_are_refused():
    class Broken:
        def encode(self, texts, normalize=False):
            return np.full((len(texts), 2), np.nan)

    with pytest.raises(HornbookError, match="not finite"):
        paraphrases(Broken(), ["a", "b"])


# -- thresholds -----------------------------------------------------------------------------------------------------


def test_measures_by_hand():
    same, taken = [1, 1, 0, 0, 1], [1, 0, 1, 0, 1]
    assert (precision(same, taken), recall(same, taken)) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert pair_f1([1, 1, 0], [1, 0, 0]) == pytest.approx(2 / 3)
    assert precision(same, [0] * 5) == 0


def test_measures_are_scikit_learns():
    from sklearn.metrics import f1_score, precision_score, recall_score

    rng = np.random.default_rng(0)
    same, taken = rng.integers(0, 2, (2, 20, 30))
    for ours, theirs in ((pair_f1, f1_score), (precision, precision_score), (recall, recall_score)):
        assert ours(same, taken) == pytest.approx([theirs(a, b, zero_division=0) for a, b in zip(same, taken)])


def test_a_threshold_by_hand():
    similarities, same = np.array([0.9, 0.82, 0.58, 0.4, 0.2]), np.array([True, True, False, True, False])
    assert best_cut(similarities, same, "f1") == pytest.approx(0.3)  # 3 of 4: F1 6/7, above 4/5 at 0.7
    assert best_cut(similarities, same, "accuracy") == pytest.approx(0.7)  # 4/5, as at 0.3: its gap is the wider
    assert best_cut(np.array([0.5, 0.1]), np.array([False, False]), "accuracy") > 0.5


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=25), st.sampled_from([*MEASURES]))
def test_no_other_cut_is_better(rows, measure):
    similarities, same = np.array([s / 8 for s, _ in rows]), np.array([b for _, b in rows])
    chosen = MEASURES[measure](same, similarities >= best_cut(similarities, same, measure))
    cuts = np.append(np.unique(similarities), 2)
    assert chosen == pytest.approx(max(MEASURES[measure](same, similarities >= cut) for cut in cuts))


def test_a_fitted_threshold_is_measured_on_pairs_it_has_not_seen():
    rng = np.random.default_rng(0)
    same = rng.random(400) < 0.4
    similarities = same + rng.normal(size=400) * 0.5
    fit = fit_threshold(similarities, same, "accuracy")
    assert 0.3 < fit.value < 0.75
    assert 0.75 < fit.figures["accuracy"].value < 0.92
    assert fit.all_same["recall"] == 1
    assert fit.none_same["accuracy"] == pytest.approx(1 - same.mean())
    assert fit.spread[0] <= fit.spread[1]
    assert fit.is_useful
    noise = fit_threshold(rng.normal(size=400), same)
    assert not noise.is_useful


@pytest.mark.parametrize(
    "same, measure, said",
    [([1] * 20, "f1", "of 20 pairs 20 are the same"), ([1] * 3 + [0] * 9, "f1", "at least 5 that are the same"),
     ([1, 0] * 10, "f2", 'Did you mean "f1"')],
)  # fmt: skip
def test_pairs_that_fit_no_threshold(same, measure, said):
    with pytest.raises(HornbookError, match=said):
        fit_threshold(np.arange(len(same)), same, measure)


def test_similarities_of_pairs_are_cosines():
    assert pair_similarities(Angles(), ["0", "30", "x"], ["60", "30", "1"]) == pytest.approx([0.5, 1, 0])
    pairs = Pairs(["0"] * 20, [str(d) for d in range(20)], ["1"] * 10 + ["0"] * 10)
    assert fitted(Angles(), pairs).value == pytest.approx(np.cos(np.radians([9, 10])).mean())


# -- files ----------------------------------------------------------------------------------------------------------

SHAPES = {
    "mrpc.tsv": ('\ufeffQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t7\t8\tHe said "no.\tNo, he said.\n', "1"),
    "sts.csv": ('captions\tMSR\t2012\t0001\t4.500\tHe said "no.\tNo, he said.\textra\n', "4.500"),
    "sick.txt": ('id\tsentence_A\tsentence_B\trelatedness_score\tx\n1\tHe said "no.\tNo, he said.\t4.5\tN\n', "4.5"),
    "snli.jsonl": ('{"premise": "He said \\"no.", "hypothesis": "No, he said.", "label": "neutral"}\n', "neutral"),
    "own.csv": ('"He said ""no.","No, he said.",same\n', "same"),
    "named.csv": ('id,text1,text2,label\n3,"He said ""no.","No, he said.",0\n', "0"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_pairs_are_read_in_the_shapes_they_come_in(tmp_path, name):
    content, said = SHAPES[name]
    (tmp_path / name).write_text(content, encoding="utf-8")
    pairs = load_pairs(tmp_path / name)
    assert (pairs.first, pairs.second, pairs.said) == (['He said "no.'], ["No, he said."], [said])


def test_labels_and_scores():
    pairs = Pairs(["a"] * 3, ["b"] * 3, ["Same", "0", "entailment"])
    assert pairs.same().tolist() == [True, False, True]
    scored = Pairs(["a"] * 3, ["b"] * 3, ["5", "2.5", "4"])
    assert scored.same(4).tolist() == [True, False, True]
    with pytest.raises(HornbookError, match=r"scores from 2.5 to 5; .* --same-from 4"):
        scored.same()
    with pytest.raises(HornbookError, match='"maybe" says neither'):
        Pairs(["a"], ["b"], ["maybe"]).same()


@pytest.mark.parametrize(
    "name, content, said",
    [
        ("a.csv", "", "holds no pairs"),
        ("a.csv", "one,two\n", "which columns are the two texts"),
        ("a.csv", "text1,text2,label\n,b,1\n", "a.csv:2 has an empty text"),
        ("a.tsv", "text1\ttext2\tlabel\na\tb\t1\na\tb\n", "a.tsv:3 has 2 columns"),
        ("a.jsonl", "{\n", "a.jsonl:1 is not JSON"),
        ("a.jsonl", '{"premise": "a", "hypothesis": "b", "label": "-"}\n', "no pair with a label"),
    ],
)
def test_files_that_hold_no_pairs(tmp_path, name, content, said):
    (tmp_path / name).write_text(content)
    with pytest.raises(HornbookError, match=said):
        load_pairs(tmp_path / name)
    with pytest.raises(HornbookError, match="there is no file"):
        load_pairs(tmp_path / "b.csv")


@pytest.mark.skipif(not DATA.is_dir(), reason="HORNBOOK_DATA has no folder sentences")
@pytest.mark.parametrize(
    "file, n", [("stsb/sts-dev.csv", 1500), ("sick/SICK_trial.txt", 500), ("mrpc/msr-para-val.tsv", 500),
                ("snli/snli_dev.jsonl", 9842)],
)  # fmt: skip
def test_the_fields_own_files(file, n):
    pairs = load_pairs(DATA / file)
    assert len(pairs) == n
    assert min(map(len, pairs.first)) > 0
