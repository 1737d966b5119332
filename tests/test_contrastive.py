"""Contrastive losses: worked out on paper, their laws, gradients as slopes, agreement with the fast and kept forms."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook import HornbookError, Trace
from hornbook.fast import contrastive as fast
from hornbook.reference.contrastive import (
    LOSSES,
    cosent,
    cosine_mse,
    info_nce,
    info_nce_backward,
    margin,
    margin_backward,
    triplet,
    triplet_backward,
)
from hornbook.reference.names import check_shapes
from hornbook.reference.pooling import unit

VECTORS = {"info_nce": 2, "margin": 2, "triplet": 3, "cosine_mse": 2, "cosent": 2}


def case(name, seed=0, B=6, D=5):
    """(vectors, labels) that fit the loss `name`; some triplets are right and some pairs far enough."""
    rng = np.random.default_rng(seed)
    vectors = [unit(rng.normal(size=(B, D))) for _ in range(VECTORS[name])]
    labels = {"margin": np.arange(B) % 2, "cosine_mse": rng.random(B), "cosent": np.repeat(rng.random(B // 2), 2)}
    return vectors, [labels[name]] if name in labels else []


# By hand

EYE = np.eye(2)


def test_info_nce_by_hand():
    """Own cosines 1, others 0, temperature 1: −ln(e / (e + 1)) = 0.3133; exchanged, −ln(1 / (e + 1)) = 1.3133."""
    assert info_nce(EYE, EYE, 1.0) == pytest.approx(math.log(math.e + 1) - 1)
    assert info_nce(EYE, EYE[::-1], 1.0) == pytest.approx(math.log(math.e + 1))
    share = 1 / (math.e + 1)  # the probability of the wrong one
    anchors, _ = info_nce_backward(EYE, EYE, 1.0)
    assert anchors == pytest.approx(np.array([[-share, share], [share, -share]]) / 2)


def test_margin_by_hand():
    """At distance √2 a same pair costs 2/2; a different one nothing, and with a margin of 2, (2 − √2)²/2."""
    a, b = EYE[:1], EYE[1:]
    assert margin(a, b, np.array([1])) == pytest.approx(1)
    assert margin(a, b, np.array([0])) == 0
    assert margin(a, b, np.array([0]), 2.0) == pytest.approx((2 - math.sqrt(2)) ** 2 / 2)
    assert margin_backward(a, b, np.array([1]))[0] == pytest.approx(a - b)


def test_triplet_by_hand():
    """The positive at 0, the negative at √2: right by more than 0.5. Exchanged, √2 + 0.5."""
    a, n = EYE[:1], EYE[1:]
    assert triplet(a, a, n) == 0
    assert triplet(a, n, a) == pytest.approx(math.sqrt(2) + 0.5)
    assert not any(gradient.any() for gradient in triplet_backward(a, a, n))


def test_scored_pairs_by_hand():
    """Cosines 1 and 0 with scores 0.5 and 0: 0.25 / 2. In order, gap −1: ln(1 + 1/e); in the wrong one, ln(1 + e)."""
    other = np.array([[1.0, 0], [1, 0]])
    assert cosine_mse(EYE, other, np.array([0.5, 0])) == pytest.approx(0.125)
    assert cosent(EYE, other, np.array([5, 1]), 1.0) == pytest.approx(math.log(1 + 1 / math.e))
    assert cosent(EYE, other, np.array([1, 5]), 1.0) == pytest.approx(math.log(1 + math.e))
    assert cosent(EYE, other, np.array([3, 3])) == 0


# Laws


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_are_slopes(name):
    vectors, labels = case(name)
    forward, backward = LOSSES[name]
    for place, gradient in enumerate(backward(*vectors, *labels)):
        direction, moved = np.random.default_rng(1).normal(size=gradient.shape), []
        for h in (1e-6, -1e-6):
            nudged = [*vectors]
            nudged[place] = vectors[place] + h * direction
            moved.append(forward(*nudged, *labels))
        assert (gradient * direction).sum() == pytest.approx((moved[0] - moved[1]) / 2e-6, rel=1e-6)


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_a_batch_means_nothing(seed):
    for name, (forward, _) in LOSSES.items():
        vectors, labels = case(name, seed)
        turn = np.random.default_rng(seed).permutation(6)
        assert forward(*(x[turn] for x in vectors), *(y[turn] for y in labels)) == pytest.approx(
            forward(*vectors, *labels)
        )


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_vectors_that_are_all_the_same_are_guessed_at(seed):
    """ln U for every anchor: what an untrained encoder begins with, and what a collapsed one ends with."""
    x = np.repeat(unit(np.random.default_rng(seed).normal(size=(1, 4))), 7, axis=0)
    assert info_nce(x[:5], x) == pytest.approx(math.log(7))


def test_a_candidate_that_is_no_rival_has_no_part():
    (a, b), _ = case("info_nce")
    rivals = np.ones((6, 6), bool)
    rivals[0, 1:] = rivals[0, 0] = False  # which leaves the first anchor its own alone
    with Trace() as trace:
        info_nce(a, b, rivals=rivals)
        info_nce_backward(a, b, rivals=rivals)
    assert trace["logprobs"][0, 0] == 0
    assert not trace["grad.anchors"][0].any()


def test_only_the_order_of_scores_counts_for_cosent():
    (a, b), (scores,) = case("cosent")
    assert cosent(a, b, scores) == cosent(a, b, np.exp(5 * scores))


def test_the_same_text_twice_has_finite_gradients():
    x = unit(np.random.default_rng(0).normal(size=(2, 3)))
    for gradients in (margin_backward(x, x, np.array([0, 1])), triplet_backward(x, x, x)):
        assert np.isfinite(gradients).all()
    tensor = torch.tensor(x, requires_grad=True)
    (fast.margin(tensor, torch.tensor(x), torch.tensor([0, 1])) + fast.triplet(tensor, tensor, tensor)).backward()
    assert tensor.grad.isfinite().all()


# Agreement


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("candidates", [6, 9])
def test_forms_agree(name, candidates):
    vectors, labels = case(name)
    if name == "info_nce":
        vectors[1] = unit(np.random.default_rng(2).normal(size=(candidates, 5)))
    forward, backward = LOSSES[name]
    with Trace() as ours:
        forward(*vectors, *labels)
        backward(*vectors, *labels)
    tensors = [torch.tensor(x, requires_grad=True) for x in vectors]
    with Trace(gradients=True) as theirs:
        fast.LOSSES[name](*tensors, *map(torch.tensor, labels)).backward()
    theirs.add_gradients(zip(("anchors", "positives", "negatives"), tensors))
    for named in ours:
        np.testing.assert_allclose(theirs[named], ours[named], rtol=0, atol=1e-12, err_msg=named)
    check_shapes(ours, "contrastive")


def test_forms_agree_on_rivals():
    (a, b), _ = case("info_nce")
    rivals = np.random.default_rng(3).random((6, 6)) < 0.5
    assert info_nce(a, b, rivals=rivals) == pytest.approx(
        fast.info_nce(torch.tensor(a), torch.tensor(b), rivals=torch.tensor(rivals)).item(), abs=1e-12
    )


def test_torch_says_the_same():
    (a, b), _ = case("info_nce")
    (x, p, n), _ = case("triplet")
    t = torch.tensor
    logits = t(a) @ t(b).T / 0.05
    assert info_nce(a, b) == pytest.approx(F.cross_entropy(logits, torch.arange(6)).item(), abs=1e-12)
    assert triplet(x, p, n) == pytest.approx(F.triplet_margin_loss(t(x), t(p), t(n), 0.5, eps=0).item(), abs=1e-12)


def test_sentence_transformers_says_the_same():
    """Its losses around an encoder that gives back what it is given; in float32, which is all they have of scores."""
    losses = pytest.importorskip("sentence_transformers.losses")
    model = torch.nn.Identity()
    kept = {
        "info_nce": losses.MultipleNegativesRankingLoss(model, scale=20.0),
        "margin": losses.ContrastiveLoss(model, losses.SiameseDistanceMetric.EUCLIDEAN, margin=1.0),
        "triplet": losses.TripletLoss(model, triplet_margin=0.5),
        "cosine_mse": losses.CosineSimilarityLoss(model),
        "cosent": losses.CoSENTLoss(model, scale=20.0),
    }
    for name, loss in kept.items():
        vectors, labels = case(name)
        found = loss.compute_loss_from_embeddings([torch.tensor(x) for x in vectors], *map(torch.tensor, labels or [0]))
        # ContrastiveLoss and TripletLoss add 1e-6 to every difference
        assert LOSSES[name][0](*vectors, *labels) == pytest.approx(found.item(), rel=1e-5), name


def test_the_table_is_the_same():
    assert list(fast.LOSSES) == list(LOSSES)


# Bad input


def test_what_does_not_fit_is_refused():
    (a, b), _ = case("info_nce")
    with pytest.raises(HornbookError, match="6 anchors need as many positives or labels, 1 or more, not 5"):
        info_nce(a, b[:5])
    with pytest.raises(HornbookError, match="1 or more, not 0"):
        margin(a[:0], b[:0], np.zeros(0))
