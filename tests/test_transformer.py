"""The transformer: worked out on paper, its laws, its gradients as slopes, what it refuses."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook import HornbookError, Trace
from hornbook.reference import transformer as reference
from hornbook.reference.attention import attention
from hornbook.reference.names import check_shapes
from hornbook.reference.transformer import PRESETS, Config
from transformer_cases import SMOOTH, drawn, small, traced

# By hand


def test_attention_by_hand():
    """Two tokens, (1, 0) and (0, 1). The queries are ln 3 · √2 · x, so the second scores 0 with the first token, ln 3
    with itself: shares 1/4 and 3/4 of the values 4 x, which wo swaps. The first sees only itself.
    """
    x, one = np.eye(2)[None], np.eye(2)
    w = {"wq": math.log(3) * math.sqrt(2) * one, "wk": one, "wv": 4 * one, "wo": one[::-1]}
    with Trace() as trace:
        out = attention(x, w, SimpleNamespace(n_head=1, positions="learned", causal=True))
    assert trace["scores"][0, 0, 1] == pytest.approx([0, math.log(3)])
    assert trace["pattern"][0, 0] == pytest.approx(np.array([[1, 0], [0.25, 0.75]]))
    assert out[0] == pytest.approx(np.array([[0, 4], [3, 1]]))


def test_heads_split_the_width_by_hand():
    """With wq, wk = 0 every token looks at all it may see alike; each head averages its own half of the values."""
    x, one, none = np.array([[[1.0, 2.0], [3.0, 4.0]]]), np.eye(2), np.zeros((2, 2))
    with Trace() as trace:
        attention(
            x, {"wq": none, "wk": none, "wv": one, "wo": one},
            SimpleNamespace(n_head=2, positions="learned", causal=True),
        )  # fmt: skip
    assert trace["z"][0].tolist() == [[[1], [2]], [[2], [3]]]  # head, token, width 1
    assert trace["out"][0].tolist() == [[1, 2], [2, 3]]


def test_a_layer_of_zeros_hands_the_stream_on():
    """With residual="zero" the logits are the normed embedding against every embedding."""
    config = small(residual="zero")
    params = reference.init(config, np.random.default_rng(0))
    ids = np.array([[1, 2, 3]])
    stream = params["wte"][ids]
    normed = stream / np.sqrt((stream**2).mean(-1, keepdims=True) + 1e-5)
    assert reference.forward(params, ids, config) == pytest.approx(normed @ params["wte"].T)


def test_count_of_microgpt():
    parts = reference.count(Config(vocab_size=27, **PRESETS["micro"]))
    assert parts == {"token embeddings": 432, "position embeddings": 256, "head": 432, "attention": 1024, "mlp": 2048}
    assert sum(parts.values()) == 4192


def test_count_of_bert_base():
    """BERT-base is 109,482,240 with 2 · 768 segment embeddings and a pooler of 768² + 768, which we do not have."""
    config = Config(30_522, 12, 12, 768, 512, norm="layernorm", activation="gelu", positions="learned", bias=True)
    parts = reference.count(config)
    assert parts["token embeddings"] == 30_522 * 768 and parts["position embeddings"] == 512 * 768
    assert parts["attention"] + parts["mlp"] == 12 * (4 * 768**2 + 8 * 768**2)
    assert sum(parts.values()) == 109_482_240 - 2 * 768 - (768**2 + 768)


def test_doubling_the_width_quadruples_the_matrices():
    one, two = (reference.count(small(n_embd=width)) for width in (64, 128))
    assert two["attention"] == 4 * one["attention"] and two["mlp"] == 4 * one["mlp"]


# First values


def test_first_values_are_as_wide_as_configured():
    config = Config(1000, n_layer=8, n_embd=128, bias=True, norm="layernorm", init="xavier", head="untied")
    params = reference.init(config, np.random.default_rng(0))
    width = {name: value.std() for name, value in params.items() if value.ndim == 2}
    assert width["wte"] == pytest.approx(math.sqrt(2 / 1128), rel=0.02)
    assert width["lm_head"] == pytest.approx(0.02, rel=0.02)
    assert width["layers.3.mlp.fc1"] == pytest.approx(0.02, rel=0.02)
    assert width["layers.3.mlp.fc2"] == pytest.approx(0.02 / 4, rel=0.02)
    assert width["layers.3.attn.wo"] == pytest.approx(0.02 / 4, rel=0.02)
    assert not params["layers.0.attn.bq"].any() and (params["layers.0.norm1.weight"] == 1).all()


def test_micro_draws_everything_alike():
    params = reference.init(Config(vocab_size=5000, **PRESETS["micro"]), np.random.default_rng(0))
    assert [value.std() for value in params.values()] == pytest.approx([0.08] * len(params), rel=0.1)


# Laws


@settings(max_examples=15)
@given(st.integers(0, 4), st.sampled_from(SMOOTH[:3]))
def test_a_later_token_changes_no_earlier_logit(position, choices):
    config = small(**choices)
    params, ids, _ = drawn(config)
    other = ids.copy()
    other[:, position] = (other[:, position] + 1) % config.vocab_size
    before, after = (reference.forward(params, some, config) for some in (ids, other))
    np.testing.assert_array_equal(before[:, :position], after[:, :position])
    assert (before[:, position:] != after[:, position:]).any(axis=(0, 2)).all()


def test_without_the_mask_every_token_changes_every_logit():
    config = small(causal=False)
    params, ids, _ = drawn(config)
    other = ids.copy()
    other[:, -1] = (other[:, -1] + 1) % config.vocab_size
    assert (reference.forward(params, ids, config) != reference.forward(params, other, config)).any(axis=-1).all()


@settings(max_examples=10)
@given(st.permutations(range(5)))
def test_without_mask_and_positions_order_means_nothing(order):
    config = small(causal=False, positions="learned")
    params, ids, _ = drawn(config)
    params["wpe"][:] = 0
    logits = reference.forward(params, ids, config)
    np.testing.assert_allclose(reference.forward(params, ids[:, order], config), logits[:, order], atol=1e-12)


def test_texts_of_a_batch_do_not_meet():
    config = small()
    params, ids, _ = drawn(config)
    np.testing.assert_allclose(
        reference.forward(params, ids, config)[1:], reference.forward(params, ids[1:], config), atol=1e-12
    )


def test_rows_of_pattern_sum_to_one_and_the_future_gets_nothing():
    trace = traced(*drawn(small()), small())
    pattern = trace["layers.1.attn.pattern"]
    assert pattern.sum(-1) == pytest.approx(np.ones((2, 2, 5)))
    assert not np.triu(pattern, 1).any()


def test_only_tokens_of_the_text_move_their_embedding():
    config = small(head="untied", positions="learned")
    params, ids, targets = drawn(config)
    grads = traced(params, ids, targets, config)
    moved = grads["grad.wte"].any(axis=1)
    assert set(np.flatnonzero(moved)) == set(ids.flat)
    assert grads["grad.wpe"].any(axis=1).tolist() == [True] * 5 + [False]


def test_a_tied_head_owes_to_both_uses():
    params, ids, targets = drawn(small(head="tied"))
    tied = traced(params, ids, targets, small(head="tied"))
    untied = traced(params | {"lm_head": params["wte"]}, ids, targets, small(head="untied"))
    np.testing.assert_allclose(tied["grad.wte"], untied["grad.wte"] + untied["grad.lm_head"], atol=1e-14)


def test_in_one_layer_shared_keys_and_values_are_its_own():
    """The normed embedding is what the first layer reads, so with one layer the two choices are one model."""
    own = small(n_layer=1)
    params, ids, _ = drawn(own)
    shared = {name.replace("layers.0.attn", "kv") if name[-2:] in ("wk", "wv") else name: value
              for name, value in params.items()}  # fmt: skip
    np.testing.assert_array_equal(
        reference.forward(params, ids, own), reference.forward(shared, ids, small(n_layer=1, kv="shared"))
    )


def test_numbers_have_the_declared_shapes():
    config = small(positions="learned", norm_place="micro")
    trace = traced(*drawn(config), config)
    assert check_shapes(trace, "transformer", config.sizes) == config.sizes | {"B": 2, "T": 5}


@pytest.mark.parametrize("choices", SMOOTH)
def test_gradients_are_slopes(choices):
    """Along a random direction of each parameter, against (L(p + h d) − L(p − h d)) / 2h; the error is of order h²."""
    config, rng = small(**choices), np.random.default_rng(1)
    params, ids, targets = drawn(config)
    trace = traced(params, ids, targets, config)
    for name in params:
        direction = rng.normal(size=params[name].shape)
        ahead, behind = (
            reference.loss(reference.forward(params | {name: params[name] + h * direction}, ids, config), targets)
            for h in (1e-5, -1e-5)
        )
        slope = (trace[f"grad.{name}"] * direction).sum()
        assert slope == pytest.approx((ahead - behind) / 2e-5, rel=1e-5, abs=1e-8), name


# Bad input


@pytest.mark.parametrize(
    "choices, words",
    [
        ({"norm": "lyernorm"}, 'no norm "lyernorm". Did you mean "layernorm"?'),
        ({"activation": "swish"}, "There is: relu, gelu, gelu_tanh, relu2."),
        ({"positions": 3}, 'no positions "3"'),
        ({"n_layer": 0}, "n_layer is 0; it needs to be at least 1"),
        ({"n_embd": 10, "n_head": 4, "positions": "learned"}, "10 does not split into 4 heads; 8 would"),
        ({"n_embd": 12, "n_head": 4}, "even width for rotary positions; 16 would"),
        ({"dropout": 1.0}, "dropout is 1.0"),
    ],
)
def test_a_config_that_does_not_fit_is_refused(choices, words):
    with pytest.raises(HornbookError) as error:
        small(**choices)
    assert words in str(error.value)


@pytest.mark.parametrize(
    "ids, words",
    [
        (np.zeros((1, 7), int), "1 to 6 tokens"),
        (np.zeros((1, 0), int), "not 0"),
        (np.array([[11]]), "ids go from 11 to 11; the vocabulary has 0 to 10"),
    ],
)
def test_ids_that_do_not_fit_are_refused(ids, words):
    config = small()
    with pytest.raises(HornbookError, match=words):
        reference.forward(drawn(config)[0], ids, config)


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_are_configs(preset):
    assert Config(vocab_size=65, **PRESETS[preset]).block_size in (16, 64, 256)
