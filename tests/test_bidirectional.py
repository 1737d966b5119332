"""The transformer as an encoder: padding that nobody looks at, norms behind the sums, no head; both forms agree."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from hornbook import HornbookError, Trace
from hornbook.reference import transformer as reference
from hornbook.reference.attention import visible
from hornbook.reference.names import check_shapes
from hornbook.reference.transformer_config import BERT
from hornbook.reference.transformer_layer import layer, under
from transformer_cases import drawn, fast, small, traced

MASK = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 0, 0, 0, 0]], bool)
CASES = list(itertools.product(
    ["pre", "micro", "post"], ["learned", "rotary"], ["per_layer", "shared"], ["both", "causal"]
))  # fmt: skip


def encoder(choice):
    place, positions, kv, ways = choice
    return small(norm="layernorm", activation="gelu", bias=True, head="none", norm_place=place, positions=positions,
                 kv=kv, causal=ways == "causal")  # fmt: skip


def batch(config):
    params, _, _ = drawn(config)
    return params, np.random.default_rng(2).integers(0, config.vocab_size, MASK.shape)


def there_and_back(params, ids, config, grad):
    with Trace() as trace:
        reference.forward(params, ids, config, MASK)
    with trace:
        reference.backward(params, trace, config, grad_hidden=grad)
    return trace


# By hand


def test_who_may_look_at_whom_by_hand():
    seen = visible(3, small(causal=True), np.array([[True, True, False]]))
    assert seen[0, 0].tolist() == [[True, False, False], [True, True, False], [True, True, False]]
    assert visible(2, small(causal=False)).all()


def test_norms_behind_the_sums_by_hand():
    """Layers that add nothing: norm1 of (1, 3), (−1, 1) by default, is what the MLP reads; norm2 changes it no more."""
    config = small(n_embd=2, n_head=1, norm="layernorm", norm_place="post", positions="learned", eps=0.0)
    w = {name: np.zeros(shape) for name, shape in reference.shapes(config).items()}
    w |= {name: np.ones(2) for name in w if name.endswith("weight")}
    with Trace() as trace:
        layer(np.array([[[1.0, 3.0]]]), under("layers.0", w), config)
    assert list(trace) == ["resid_pre", *(f"attn.{name}" for name in ("q", "k", "v", "scores", "pattern", "z", "out")),
                           "resid_mid", "norm1", "mlp.pre", "mlp.post", "mlp.out", "resid_post", "norm2"]  # fmt: skip
    assert [trace[name].ravel().tolist() for name in ("resid_mid", "norm1", "resid_post", "norm2")] == [
        [1, 3], [-1, 1], [-1, 1], [-1, 1]
    ]  # fmt: skip


def test_count_of_bert_base_norms_included():
    """109,482,240 are published; 2 · 768 of them belong to segments, 768² + 768 to a pooler: we have neither."""
    parts = reference.count(reference.Config(30_522, 12, 12, 768, 512, **BERT))
    assert sum(parts.values()) == 109_482_240 - 2 * 768 - (768**2 + 768)


# Laws


@pytest.mark.parametrize("choice", CASES, ids="-".join)
def test_padding_changes_nothing(choice):
    """Each text comes out as it does alone, whatever ids stand behind it."""
    config = encoder(choice)
    params, ids = batch(config)
    hidden = reference.forward(params, ids, config, MASK)
    other = np.where(MASK, ids, (ids + 1) % config.vocab_size)
    np.testing.assert_array_equal(reference.forward(params, other, config, MASK)[MASK], hidden[MASK])
    for row, length in enumerate(MASK.sum(1)):
        alone = reference.forward(params, ids[row : row + 1, :length], config)
        np.testing.assert_allclose(hidden[row, :length], alone[0], rtol=0, atol=1e-12)


def test_a_mask_of_text_alone_is_none():
    config = encoder(CASES[0])
    params, ids = batch(config)
    np.testing.assert_array_equal(
        reference.forward(params, ids, config, np.ones_like(MASK)), reference.forward(params, ids, config)
    )


def test_without_a_head_there_is_what_a_head_would_read():
    for place in ("pre", "micro", "post"):
        config, headless = (small(norm_place=place, positions="learned", head=head) for head in ("tied", "none"))
        params, ids = batch(config)
        assert list(reference.shapes(config)) == list(reference.shapes(headless))
        hidden = reference.forward(params, ids, headless, MASK)
        np.testing.assert_array_equal(reference.forward(params, ids, config, MASK), hidden @ params["wte"].T)


def test_what_nobody_reads_gets_no_gradient():
    """Blame that lies on text alone never reaches the embeddings of padding."""
    config = small(**BERT)
    params, ids = batch(config)
    ids[~MASK] = 10
    ids[MASK] %= 10
    grads = there_and_back(params, ids, config, MASK[..., None] * np.linspace(-1, 1, 8))
    assert not grads["grad.wte"][10].any() and grads["grad.wte"][ids[MASK]].any(axis=1).all()
    assert not grads["grad.layers.0.attn.k"].swapaxes(1, 2)[~MASK].any()


@pytest.mark.parametrize("choice", CASES[::5])
def test_gradients_are_slopes(choice):
    config, rng = encoder(choice), np.random.default_rng(1)
    params, ids = batch(config)
    own = rng.normal(size=(*MASK.shape, 8)) * MASK[..., None]
    trace = there_and_back(params, ids, config, own)
    for name in params:
        direction = rng.normal(size=params[name].shape)
        ahead, behind = (
            (reference.forward(params | {name: params[name] + h * direction}, ids, config, MASK) * own).sum()
            for h in (1e-5, -1e-5)
        )
        assert (trace[f"grad.{name}"] * direction).sum() == pytest.approx((ahead - behind) / 2e-5, rel=1e-5, abs=1e-7)


def test_numbers_have_the_declared_shapes():
    config = small(**BERT)
    params, ids = batch(config)
    trace = there_and_back(params, ids, config, np.ones((*MASK.shape, 8)))
    assert check_shapes(trace, "transformer", config.sizes) == config.sizes | {"B": 3, "T": 5}
    assert {"mask", "hidden", "grad.hidden"} <= set(trace)


# Agreement


@pytest.mark.parametrize("choice", CASES, ids="-".join)
def test_forms_agree_by_name(choice):
    """Every number and gradient, to 1e-12 of the largest in its array, as for language models; watched and fused."""
    config = encoder(choice)
    params, ids = batch(config)
    own = np.random.default_rng(3).normal(size=(*MASK.shape, 8)) * MASK[..., None]
    ours, model = there_and_back(params, ids, config, own), fast(params, config)
    inputs = torch.from_numpy(ids), None, torch.from_numpy(MASK)
    with Trace(gradients=True) as theirs:
        hidden, _ = model(*inputs)
        (hidden * torch.from_numpy(own)).sum().backward()
    theirs.add_gradients(model.named_parameters())
    assert set(ours) == set(theirs)
    for name in ours:
        largest = max(np.abs(ours[name]).max(), 0.01)
        np.testing.assert_allclose(theirs[name], ours[name], rtol=0, atol=1e-12 * largest, err_msg=name)
    model.zero_grad()
    (model(*inputs)[0] * torch.from_numpy(own)).sum().backward()
    for name, parameter in model.named_parameters():
        np.testing.assert_allclose(parameter.grad.numpy(), ours[f"grad.{name}"], rtol=1e-10, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_a_layer_with_norms_behind_is_a_transformer_encoder_layer(activation):
    config = small(**BERT | {"activation": activation})
    w = under("layers.0", drawn(config)[0])
    x = np.random.default_rng(1).normal(size=(3, 5, 8))
    theirs = nn.TransformerEncoderLayer(8, 2, 32, 0.0, activation, 1e-12, True, norm_first=False, dtype=torch.float64)
    theirs.load_state_dict({name: torch.from_numpy(value) for name, value in {
        "self_attn.in_proj_weight": np.concatenate([w["attn.wq"], w["attn.wk"], w["attn.wv"]]),
        "self_attn.in_proj_bias": np.concatenate([w["attn.bq"], w["attn.bk"], w["attn.bv"]]),
        "self_attn.out_proj.weight": w["attn.wo"], "self_attn.out_proj.bias": w["attn.bo"],
        "linear1.weight": w["mlp.fc1"], "linear1.bias": w["mlp.b1"],
        "linear2.weight": w["mlp.fc2"], "linear2.bias": w["mlp.b2"],
        **{f"{norm}.{part}": w[f"{norm}.{part}"] for norm in ("norm1", "norm2") for part in ("weight", "bias")},
    }.items()})  # fmt: skip
    expected = theirs(torch.from_numpy(x), src_key_padding_mask=torch.from_numpy(~MASK)).detach().numpy()
    np.testing.assert_allclose(layer(x, w, config, mask=MASK)[MASK], expected[MASK], rtol=0, atol=1e-12)


def test_a_masked_text_can_be_gone_on_from():
    """With a state, the mask says of the tokens before, too, which are text."""
    config = small(positions="rotary")
    params, ids = batch(config)
    model, text = fast(params, config), torch.from_numpy(ids)
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 0, 0, 1], [1, 0, 0, 1, 1]], dtype=torch.bool)
    with torch.inference_mode():
        whole, _ = model(text, mask=mask)
        _, state = model(text[:, :3], mask=mask[:, :3])
        rest, _ = model(text[:, 3:], state, mask)
    np.testing.assert_allclose(rest.numpy(), whole[:, 3:].numpy(), rtol=0, atol=1e-12)


def test_only_some_tokens_can_be_scored():
    config = small(**BERT | {"head": "tied"})
    params, ids = batch(config)
    model, chosen = fast(params, config), torch.from_numpy(np.triu(MASK))
    stream, state = model.read(torch.from_numpy(ids), mask=torch.from_numpy(MASK))
    assert state is None
    whole = traced(params, ids, ids, config)["logits"]  # nothing masked: the first text has no padding
    np.testing.assert_allclose(model.logits(stream[chosen])[:5].detach().numpy(), whole[0], rtol=0, atol=1e-11)


# Bad input


@pytest.mark.parametrize(
    "mask, words",
    [
        (MASK[:2], r"a mask of \(2, 5\) does not fit ids of \(3, 5\)"),
        (MASK[::-1, ::-1], "text 0 begins with padding"),
        (np.zeros_like(MASK), "of a token or more"),
    ],
)
def test_a_mask_that_does_not_fit_is_refused(mask, words):
    config = small(**BERT)
    params, ids = batch(config)
    with pytest.raises(HornbookError, match=words):
        reference.forward(params, ids, config, mask)
    with pytest.raises(HornbookError, match=words):
        fast(params, config)(torch.from_numpy(ids), mask=torch.from_numpy(mask.copy()))
