"""The transformer's forms agree: NumPy and PyTorch over every choice, PyTorch's own modules, the scalar microgpt."""

import os
import random
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from hornbook import HornbookError, Trace
from hornbook.fast.transformer import Transformer, attend, attend_fused
from hornbook.reference import microgpt
from hornbook.reference import transformer as reference
from hornbook.reference.attention import attention
from hornbook.reference.transformer import PRESETS, Config
from hornbook.reference.transformer_layer import layer, under
from transformer_cases import EVERY, FIELDS, SMOOTH, drawn, fast, logits_of, small, traced, traced_fast

# Agreement of the two forms


@pytest.mark.parametrize("choice", EVERY, ids=lambda choice: "-".join(map(str, choice)))
def test_forms_agree_by_name(choice):
    """Every number, and the gradient of every number and parameter, to 1e-12 of the largest in its array.

    Without rotary positions the bias of keys has, on paper, no gradient: what is below 0.01 is compared to 1e-14.
    """
    config = small(**dict(zip(FIELDS, choice)))
    params, ids, targets = drawn(config, seed=EVERY.index(choice))
    ours, theirs = traced(params, ids, targets, config), traced_fast(params, ids, targets, config)
    assert set(ours) - set(theirs) == {"targets", "logprobs"} and set(theirs) - set(ours) == {"grad.loss"}
    for name in set(ours) & set(theirs):
        largest = max(np.abs(ours[name]).max(), 0.01)
        np.testing.assert_allclose(theirs[name], ours[name], rtol=0, atol=1e-12 * largest, err_msg=name)
    unseen = logits_of(params, ids, config)  # through the fused attention
    np.testing.assert_allclose(unseen, ours["logits"], rtol=0, atol=1e-12 * np.abs(unseen).max())


def test_fused_attention_has_the_same_gradients():
    config = small()
    params, ids, targets = drawn(config)
    model = fast(params, config)
    logits, _ = model(torch.from_numpy(ids))
    F.cross_entropy(logits.flatten(0, 1), torch.from_numpy(targets).flatten()).backward()
    ours = traced(params, ids, targets, config)
    for name, parameter in model.named_parameters():
        np.testing.assert_allclose(parameter.grad.numpy(), ours[f"grad.{name}"], rtol=1e-11, atol=1e-13)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 3), min_size=1, max_size=6), st.sampled_from(["learned", "rotary"]),
       st.sampled_from(["per_layer", "shared"]), st.booleans())  # fmt: skip
def test_going_on_from_a_state_equals_the_whole_text(steps, positions, kv, watched):
    config = small(positions=positions, kv=kv, block_size=sum(steps))
    params, ids, _ = drawn(config, tokens=sum(steps))
    model, state, parts = fast(params, config), None, []
    for start, step in zip(np.cumsum([0, *steps]), steps):
        part = torch.from_numpy(ids[:, start : start + step])
        with torch.inference_mode(), Trace() if watched else nullcontext():
            logits, state = model(part, state)
        parts.append(logits.numpy())
    np.testing.assert_allclose(np.concatenate(parts, 1), reference.forward(params, ids, config), rtol=0, atol=1e-11)


def test_a_state_can_be_gone_on_from_twice():
    """It is a value: what follows one continuation does not leak into another."""
    config = small()
    params, ids, _ = drawn(config)
    model, ids = fast(params, config), torch.from_numpy(ids)
    _, state = model(ids[:, :3])
    first, second = (model(ids[:, 3:], state)[0] for _ in range(2))
    assert torch.equal(first, second)


def test_load_and_export_are_inverse():
    config = small(norm="layernorm", bias=True)
    params, *_ = drawn(config)
    exported = fast(params, config).export()
    assert exported.keys() == params.keys()
    assert all(np.array_equal(exported[name], params[name]) for name in params)


# Agreement with PyTorch's own modules


@pytest.mark.parametrize("causal", [True, False])
def test_attention_is_that_of_multihead_attention(causal):
    config = small(n_head=4, bias=True, positions="learned", causal=causal)
    w = under("layers.0.attn", drawn(config)[0])
    x = np.random.default_rng(1).normal(size=(2, 5, 8))
    theirs = nn.MultiheadAttention(8, 4, batch_first=True, dtype=torch.float64)
    theirs.load_state_dict({name: torch.from_numpy(value) for name, value in {
        "in_proj_weight": np.concatenate([w["wq"], w["wk"], w["wv"]]), "out_proj.weight": w["wo"],
        "in_proj_bias": np.concatenate([w["bq"], w["bk"], w["bv"]]), "out_proj.bias": w["bo"],
    }.items()})  # fmt: skip
    mask = nn.Transformer.generate_square_subsequent_mask(5, dtype=torch.float64) if causal else None
    q = torch.from_numpy(x)
    with Trace() as trace:
        out = attention(x, w, config)
    expected, pattern = theirs(q, q, q, attn_mask=mask, average_attn_weights=False)
    np.testing.assert_allclose(out, expected.detach().numpy(), rtol=0, atol=1e-12)
    np.testing.assert_allclose(trace["pattern"], pattern.detach().numpy(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_a_layer_is_a_transformer_encoder_layer(activation):
    config = small(norm="layernorm", bias=True, positions="learned", activation=activation)
    w = under("layers.0", drawn(config)[0])
    x = np.random.default_rng(1).normal(size=(2, 5, 8))
    theirs = nn.TransformerEncoderLayer(8, 2, 32, 0.0, activation, 1e-5, True, norm_first=True, dtype=torch.float64)
    theirs.load_state_dict({name: torch.from_numpy(value) for name, value in {
        "self_attn.in_proj_weight": np.concatenate([w["attn.wq"], w["attn.wk"], w["attn.wv"]]),
        "self_attn.in_proj_bias": np.concatenate([w["attn.bq"], w["attn.bk"], w["attn.bv"]]),
        "self_attn.out_proj.weight": w["attn.wo"], "self_attn.out_proj.bias": w["attn.bo"],
        "linear1.weight": w["mlp.fc1"], "linear1.bias": w["mlp.b1"],
        "linear2.weight": w["mlp.fc2"], "linear2.bias": w["mlp.b2"],
        **{f"{norm}.{part}": w[f"{norm}.{part}"] for norm in ("norm1", "norm2") for part in ("weight", "bias")},
    }.items()})  # fmt: skip
    mask = nn.Transformer.generate_square_subsequent_mask(5, dtype=torch.float64)
    expected = theirs(torch.from_numpy(x), src_mask=mask).detach().numpy()
    np.testing.assert_allclose(layer(x, w, config), expected, rtol=0, atol=1e-12)


# Agreement with the scalar form


def as_arrays(weights):
    return {name: np.array([[value.data for value in row] for row in rows]) for name, rows in weights.items()}


def test_micro_is_microgpt():
    """The same weights give the same loss and the same gradients, number by number."""
    letters, name = list("abegnuhy"), "yuheng"
    scalar = microgpt.Config()
    config = Config(vocab_size=len(letters) + 1, **PRESETS["micro"])
    weights = microgpt.init(len(letters) + 1, scalar, random.Random(1))
    ids = microgpt.encode(name, letters)
    expected = microgpt.loss(weights, ids, scalar)
    expected.backward()
    params, ids = as_arrays(weights), np.array([ids])
    assert list(params) == list(reference.shapes(config))
    trace = traced(params, ids[:, :-1], ids[:, 1:], config)
    assert trace["loss"] == pytest.approx(expected.data, rel=1e-12)
    for label, rows in weights.items():
        grads = [[value.grad for value in row] for row in rows]
        np.testing.assert_allclose(trace[f"grad.{label}"], grads, rtol=0, atol=1e-13, err_msg=label)


@pytest.mark.skipif("HORNBOOK_DATA" not in os.environ, reason="needs names.txt in the folder HORNBOOK_DATA")
def test_the_first_loss_of_microgpt_as_published():
    """Seed 42, names shuffled, weights drawn: 3.3660 for the first name."""
    names = (Path(os.environ["HORNBOOK_DATA"]) / "corpora" / "names.txt").read_text(encoding="utf-8").split()
    rng, letters = random.Random(42), microgpt.alphabet(names)
    rng.shuffle(names)
    params = as_arrays(microgpt.init(len(letters) + 1, microgpt.Config(), rng))
    ids = np.array([microgpt.encode(names[0], letters)])
    config = Config(vocab_size=27, **PRESETS["micro"])
    assert round(float(reference.loss(reference.forward(params, ids[:, :-1], config), ids[:, 1:])), 4) == 3.3660


# Training and running


def test_dropout_acts_only_in_training():
    params, ids, _ = drawn(small())
    ids, dropping = torch.from_numpy(ids), fast(params, small(dropout=0.5))
    assert torch.equal(dropping(ids)[0], fast(params, small())(ids)[0])
    dropping.train()
    torch.manual_seed(0)
    one, other = dropping(ids)[0], dropping(ids)[0]
    assert not torch.equal(one, other)
    with Trace() as trace:
        dropping(ids)
    dropped = trace["layers.0.mlp.out"] == 0
    assert 0.2 < dropped.mean() < 0.8
    assert not (trace["layers.0.attn.pattern"] == 0)[:, :, -1].any()  # seen as it was before


@pytest.mark.parametrize("way", [attend, attend_fused])
def test_dropout_loses_half_of_the_looks_and_doubles_the_others(way):
    """With the identity as values, what is gathered is the pattern itself."""
    torch.manual_seed(0)
    q, k, eye = torch.randn(1, 1, 6, 6), torch.randn(1, 1, 6, 6), torch.eye(6)[None, None]
    mask = torch.full((6, 6), -torch.inf).triu(1)
    pattern, dropped = way(q, k, eye, mask, 0.0), way(q, k, eye, mask, 0.5)
    lost = (dropped == 0) & (pattern > 0)
    torch.testing.assert_close(dropped, torch.where(lost, 0, 2 * pattern))
    assert 4 < lost.sum() < 17  # of 21


def test_training_learns_a_sentence():
    ids, model = torch.tensor([[1, 2, 3, 4, 5, 6]]), Transformer(small(n_embd=16))
    for _ in range(60):
        loss = F.cross_entropy(model(ids[:, :-1])[0][0], ids[0, 1:])
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= 0.5 * parameter.grad
    assert loss < 0.3


@pytest.mark.parametrize("choices", SMOOTH)
def test_bfloat16_is_near(choices):
    """bfloat16 keeps 8 bits, so a number is off by up to 1/256 of its size at each of some ten steps."""
    config = small(**choices)
    params, ids, _ = drawn(config)
    model = fast(params, config).float()
    with torch.autocast("cpu", torch.bfloat16):
        logits, _ = model(torch.from_numpy(ids))
    logits.float().logsumexp(-1).sum().backward()
    assert all(parameter.grad.dtype == torch.float32 for parameter in model.parameters())
    exact = reference.forward(params, ids, config)
    assert np.abs(logits.detach().float().numpy() - exact).max() < 0.05 * np.abs(exact).max()


def test_a_model_stays_exact_after_a_change_of_type():
    """The angles of rotary positions are kept apart from the parameters, whose type they would otherwise take."""
    config = small(positions="rotary")
    params, ids, _ = drawn(config)
    model = fast(params, config).float().double()
    model.load(params)
    np.testing.assert_allclose(
        model(torch.from_numpy(ids))[0].detach().numpy(), reference.forward(params, ids, config), rtol=0, atol=1e-12
    )


def test_a_seed_draws_the_same_in_both_forms():
    config = small(norm="layernorm", bias=True, kv="shared", positions="learned")
    ours, theirs = reference.init(config, np.random.default_rng(7)), Transformer(config, seed=7).export()
    assert list(theirs) == [name for name, _ in Transformer(config).named_parameters()]
    assert ours.keys() == theirs.keys() == reference.shapes(config).keys()
    for name, value in ours.items():
        np.testing.assert_array_equal(value.astype(np.float32), theirs[name])


def test_a_state_that_is_full_is_refused():
    model = Transformer(small())
    _, state = model(torch.zeros(1, 6, dtype=torch.int64))
    with pytest.raises(HornbookError, match=r"1 to 6 tokens .* not 7"):
        model(torch.zeros(1, 1, dtype=torch.int64), state)


def test_without_a_mask_there_is_no_state():
    assert Transformer(small(causal=False))(torch.zeros(1, 3, dtype=torch.int64))[1] is None


def test_a_loss_of_ones_own():
    """The gradient of Σ logits ∘ g is what `backward` gives for grad_logits = g."""
    config = small()
    params, ids, _ = drawn(config)
    own = np.random.default_rng(3).normal(size=(2, 5, 11))
    with Trace() as trace:
        reference.forward(params, ids, config)
    model = fast(params, config)
    (model(torch.from_numpy(ids))[0] * torch.from_numpy(own)).sum().backward()
    for name, grad in reference.backward(params, trace, config, grad_logits=own).items():
        np.testing.assert_allclose(grad, model.get_parameter(name).grad.numpy(), rtol=1e-10, atol=1e-12)
