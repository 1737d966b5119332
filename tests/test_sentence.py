"""The sentence encoder to read: its numbers have names, its gradients are slopes, name by name, padding or not."""

import numpy as np
import pytest

from hornbook import Trace
from hornbook.reference import sentence
from hornbook.reference.names import check_shapes, find, page
from hornbook.reference.pooling import POOLINGS

CONFIG = sentence.Config(11, n_layer=2, n_head=2, n_embd=8, block_size=6, std=0.5, **sentence.BERT)
MASK = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], bool)
CASES = [(pooling, normalize) for pooling in POOLINGS for normalize in (True, False)]


def drawn(seed=0):
    """Parameters drawn anew, so that no bias or norm is 0 or 1, and the ids of two texts."""
    rng = np.random.default_rng(seed)
    params = {name: rng.normal(0, 0.5, shape) for name, shape in sentence.shapes(CONFIG).items()}
    return params, rng.integers(0, CONFIG.vocab_size, MASK.shape)


def there_and_back(params, ids, pooling, normalize, own):
    with Trace() as trace:
        sentence.forward(params, ids, CONFIG, MASK, pooling, normalize)
        grads = sentence.backward(own, params, trace, CONFIG, pooling, normalize)
    return trace, grads


def test_one_token_is_its_own_mean():
    """Of one token all poolings give the same, its hidden numbers; of length 1 where that is asked for."""
    params, ids = drawn()
    with Trace() as trace:
        vectors = [sentence.forward(params, ids[:, :1], CONFIG, normalize=False)]
    vectors += [sentence.forward(params, ids[:, :1], CONFIG, None, pooling, False) for pooling in POOLINGS]
    for vector in vectors:
        np.testing.assert_array_equal(vector, trace["hidden"][:, 0])
    unit = vectors[0] / np.linalg.norm(vectors[0], axis=1, keepdims=True)
    np.testing.assert_allclose(sentence.forward(params, ids[:, :1], CONFIG), unit, rtol=0, atol=1e-15)


@pytest.mark.parametrize("pooling, normalize", CASES)
def test_gradients_are_slopes_by_name(pooling, normalize):
    params, ids = drawn()
    rng = np.random.default_rng(1)
    own = rng.normal(size=(2, CONFIG.n_embd))
    trace, grads = there_and_back(params, ids, pooling, normalize, own)
    assert set(grads) == set(params)
    for name, value in params.items():
        np.testing.assert_array_equal(trace[f"grad.{name}"], grads[name], err_msg=name)
        direction = rng.normal(size=value.shape)
        moved = ({**params, name: value + h * direction} for h in (1e-6, -1e-6))
        ahead, behind = ((sentence.forward(at, ids, CONFIG, MASK, pooling, normalize) * own).sum() for at in moved)
        slope = (grads[name] * direction).sum()
        assert slope == pytest.approx((ahead - behind) / 2e-6, rel=1e-5, abs=1e-7), name


def test_without_a_mask_all_is_text():
    params, ids = drawn()
    own = np.ones((2, CONFIG.n_embd))
    with Trace() as bare:
        sentence.forward(params, ids, CONFIG)
        sentence.backward(own, params, bare, CONFIG)
    with Trace() as masked:
        sentence.forward(params, ids, CONFIG, np.ones_like(MASK))
        sentence.backward(own, params, masked, CONFIG)
    assert set(masked) - set(bare) == {"mask"}
    for name in bare:
        np.testing.assert_array_equal(bare[name], masked[name], err_msg=name)


@pytest.mark.parametrize("pooling, normalize", CASES)
def test_every_number_and_gradient_is_in_the_table(pooling, normalize):
    params, ids = drawn()
    trace, _ = there_and_back(params, ids, pooling, normalize, np.ones((2, CONFIG.n_embd)))
    assert check_shapes(trace, "sentence", CONFIG.sizes) == CONFIG.sizes | {"B": 2, "T": 5}
    check_shapes(params, "sentence", CONFIG.sizes)
    assert {"hidden", "pooled", "grad.pooled", "grad.hidden", "grad.layers.0.attn.q", "grad.wte"} <= set(trace)
    assert ("vector" in trace, "grad.vector" in trace) == (normalize, normalize)


def test_what_the_table_says_of_them():
    assert find("grad.pooled", "sentence").shape == "B D"
    assert find("layers.3.attn.pattern", "sentence").formula == "softmax(masked scores)"
    assert "Those of the transformer, then of the pooling" in page()
