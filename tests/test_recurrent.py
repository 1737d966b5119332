"""What RNN and LSTM share: laws of the stack, gradients through time, reference = traced = fused number by number."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook import HornbookError, Trace
from hornbook.reference import lstm, recurrent, rnn
from hornbook.reference.gradient_flow import gradient_norms
from hornbook.reference.names import check_shapes

MODELS = pytest.mark.parametrize("model", [rnn, lstm], ids=["rnn", "lstm"])
V, B, T = 7, 3, 6


def drawn(model, seed=0, n_layer=2):
    """A config, random parameters, a text, what comes next, and a state to start from: nothing zero, nothing square."""
    rng = np.random.default_rng(seed)
    config = model.Config(V, embedding_dim=5, hidden_size=4, n_layer=n_layer)
    params = {name: rng.normal(size=value.shape) / 2 for name, value in model.init(config, rng).items()}
    ids, targets = rng.integers(0, V, (2, B, T))
    names = [f"layers.{i}.{name}" for i in range(n_layer) for name in model.CELL.carried]
    return config, params, ids, targets, {name: rng.normal(size=(B, 4)) / 2 for name in names}


def traced(model, config, params, ids, targets, state=None):
    with Trace() as trace:
        model.loss(model.forward(params, ids, config, state), targets)
        model.backward(params, trace, config, state)
    return trace


def fast(model, config, params):
    """The PyTorch form, in float64, with `params` in it."""
    torch = pytest.importorskip("torch")
    from hornbook.fast.lstm import Lstm
    from hornbook.fast.rnn import Rnn

    network = {rnn: Rnn, lstm: Lstm}[model](config).double()
    network.load_state_dict({name: torch.tensor(value) for name, value in params.items()})
    return network


def as_torch(model, config, state):
    """The reference's state in the order that the fast form carries it."""
    import torch

    return [[torch.tensor(state[f"layers.{i}.{name}"]) for name in model.CELL.carried] for i in range(config.n_layer)]


def torch_loss(logits, targets):
    import torch

    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), torch.tensor(targets).flatten())


@MODELS
def test_every_number_has_its_declared_name_and_shape(model):
    config, params, ids, targets, _ = drawn(model)
    trace = traced(model, config, params, ids, targets)
    word = model.__name__.rpartition(".")[2]
    assert check_shapes(trace, word, config.sizes) == {"V": V, "B": B, "T": T, "D": 5, "H": 4}
    check_shapes(params, word, config.sizes)
    assert {f"grad.{name}" for name in params} < set(trace)


@MODELS
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n_layer=st.integers(1, 3))
def test_gradients_are_the_slopes(model, seed, n_layer):
    """Along a random direction in one parameter at a time, the loss changes as its gradient says."""
    config, params, ids, targets, state = drawn(model, seed, n_layer)
    trace = traced(model, config, params, ids, targets, state)
    rng, loss = np.random.default_rng(seed), lambda p: model.loss(model.forward(p, ids, config, state), targets)
    for name, value in params.items():
        way = rng.normal(size=value.shape)
        ahead, behind = (loss(params | {name: value + step * way}) for step in (1e-5, -1e-5))
        assert (trace[f"grad.{name}"] * way).sum() == pytest.approx((ahead - behind) / 2e-5, abs=1e-7), name


@MODELS
@given(cut=st.integers(1, T - 1))
def test_a_text_read_in_two_parts_reads_the_same(model, cut):
    config, params, ids, _, _ = drawn(model)
    whole = model.forward(params, ids, config)
    with Trace() as trace:
        first = model.forward(params, ids[:, :cut], config)
    second = model.forward(params, ids[:, cut:], config, recurrent.state_after(model.CELL, trace, config))
    assert np.concatenate([first, second], axis=1) == pytest.approx(whole, abs=1e-12)


@MODELS
def test_nothing_is_known_of_later_tokens_or_of_other_texts(model):
    config, params, ids, _, _ = drawn(model)
    other = ids.copy()
    other[0, 3] = (ids[0, 3] + 1) % V
    before, after = model.forward(params, ids, config), model.forward(params, other, config)
    assert (before[0, :3] == after[0, :3]).all() and (before[1:] == after[1:]).all()
    assert (before[0, 3:] != after[0, 3:]).any(axis=-1).all()


@MODELS
def test_only_rows_of_tokens_in_the_text_learn(model):
    config, params, _, _, _ = drawn(model)
    ids = np.array([[2, 5, 2]])
    trace = traced(model, config, params, ids, np.array([[5, 2, 0]]))
    assert np.flatnonzero(trace["grad.wte"].any(axis=1)).tolist() == [2, 5]


@MODELS
@pytest.mark.parametrize("n_layer", [1, 2])
def test_reference_equals_traced_pytorch_by_name(model, n_layer):
    torch = pytest.importorskip("torch")
    config, params, ids, targets, state = drawn(model, n_layer=n_layer)
    ours, network = traced(model, config, params, ids, targets, state), fast(model, config, params)
    with Trace(gradients=True) as theirs:
        logits, _ = network(torch.tensor(ids), as_torch(model, config, state))
        torch_loss(logits, targets).backward()
        theirs.add_gradients(network.named_parameters())
    assert set(ours) - set(theirs) == {"targets", "logprobs", "loss"} and set(theirs) < set(ours)
    for name in theirs:
        assert ours[name] == pytest.approx(theirs[name], abs=1e-12), name


@MODELS
def test_fused_pytorch_equals_traced_pytorch(model):
    torch = pytest.importorskip("torch")
    config, params, ids, targets, state = drawn(model)
    results = []
    for looks in (True, False):
        network = fast(model, config, params)
        with Trace() if looks else torch.enable_grad():
            logits, after = network(torch.tensor(ids), as_torch(model, config, state))
        torch_loss(logits, targets).backward()
        carried = {f"carried.{i}.{k}": n for i, layer in enumerate(after) for k, n in enumerate(layer)}
        grads = {name: value.grad for name, value in network.named_parameters()}
        results.append({"logits": logits} | carried | grads)
    for name, value in results[0].items():
        assert results[1][name].detach().numpy() == pytest.approx(value.detach().numpy(), abs=1e-12), name


@MODELS
def test_fused_float32_is_close(model):
    """Another kernel than in float64; 6 steps of sums over 5 numbers leave a few units in the seventh digit."""
    torch = pytest.importorskip("torch")
    config, params, ids, targets, _ = drawn(model)
    ours, network = traced(model, config, params, ids, targets), fast(model, config, params).float()
    logits, _ = network(torch.tensor(ids))
    torch_loss(logits, targets).backward()
    assert logits.dtype == torch.float32
    assert logits.detach().numpy() == pytest.approx(ours["logits"], abs=1e-5)
    for name, value in network.named_parameters():
        assert value.grad.numpy() == pytest.approx(ours[f"grad.{name}"], abs=1e-5), name


@MODELS
@pytest.mark.parametrize("looks", [True, False], ids=["traced", "fused"])
def test_state_carries_the_fast_form_on(model, looks):
    torch = pytest.importorskip("torch")
    config, params, ids, _, _ = drawn(model)
    network, ids, parts, state = fast(model, config, params), torch.tensor(ids), [], None
    whole, _ = network(ids)
    for part in ids.split([1, 2, 3], dim=1):
        with Trace() if looks else torch.enable_grad():
            logits, state = network(part, state)
        parts.append(logits)
    assert torch.cat(parts, dim=1).detach().numpy() == pytest.approx(whole.detach().numpy(), abs=1e-12)


@MODELS
def test_both_forms_begin_from_the_same_numbers(model):
    pytest.importorskip("torch")
    config = model.Config(V, embedding_dim=5, hidden_size=4, n_layer=2)
    first = model.init(config, np.random.default_rng(3))
    network = fast(model, config, first)
    theirs = type(network)(config, seed=3).export()
    assert list(first) == list(recurrent_names(config)) and set(theirs) == set(first)
    for name, value in first.items():
        assert theirs[name] == pytest.approx(value, abs=1e-7), name


def recurrent_names(config):
    yield "wte"
    for i in range(config.n_layer):
        yield from (f"layers.{i}.w_x", f"layers.{i}.w_h", f"layers.{i}.b")
    yield from ("lm_head", "lm_bias")


@MODELS
def test_dropout_acts_while_training_alone(model):
    torch = pytest.importorskip("torch")
    _, params, ids, _, _ = drawn(model)
    network = fast(model, model.Config(V, embedding_dim=5, hidden_size=4, n_layer=2, dropout=0.5), params)
    ids = torch.tensor(ids)
    torch.manual_seed(0)
    assert not torch.equal(network(ids)[0], network(ids)[0])
    network.eval()
    still = network(ids)[0].detach().numpy()
    assert still == pytest.approx(model.forward(params, ids.numpy(), network.config), abs=1e-12)


@MODELS
def test_gradient_norms_equal_pytorch(model):
    """Autograd's ‖∂L/∂h_t‖ of each text's last loss, one text after another."""
    torch = pytest.importorskip("torch")
    config, params, ids, targets, _ = drawn(model)
    norms, network = gradient_norms(model, params, ids, targets[:, -1], config), fast(model, config, params)
    theirs = {name: [] for name in norms}
    for text, target in zip(ids, targets[:, -1:]):
        with Trace(gradients=True) as trace:
            logits, _ = network(torch.tensor(text[None]))
            torch_loss(logits[:, -1:], target[None]).backward()
            trace.add_gradients()
        for name in norms:
            theirs[name].append(np.linalg.norm(trace[f"grad.{name}"][0], axis=-1)[::-1])
    assert list(norms) == [f"layers.{i}.{name}" for i in range(2) for name in model.CELL.carried]
    for name, value in norms.items():
        assert value == pytest.approx(np.mean(theirs[name], axis=0), abs=1e-12), name


@MODELS
@pytest.mark.parametrize(
    "wrong, words",
    [({"init": "xaver"}, 'Did you mean "xavier"'), ({"n_layer": 0}, "at least 1"), ({"dropout": 1.0}, "below 1")],
)
def test_a_config_that_cannot_be_is_said_plainly(model, wrong, words):
    with pytest.raises(HornbookError, match=words):
        model.Config(V, **wrong)


@MODELS
def test_an_id_outside_the_vocabulary_is_said_plainly(model):
    config, params, _, _, _ = drawn(model)
    with pytest.raises(HornbookError, match="ids go from -1 to 7; the vocabulary has 0 to 6"):
        model.forward(params, np.array([[-1, 7]]), config)
