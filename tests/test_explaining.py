"""Explaining a trained model: the check sees a wrong gradient, and the step told is the one torch would take."""

import numpy as np
import pytest

from hornbook import run as files
from hornbook.errors import HornbookError
from hornbook.explaining import CHECKED, check, explain, memory, remembered
from hornbook.language_model import LanguageModel
from hornbook.models import kind_of
from hornbook.training.settings import Settings

torch = pytest.importorskip("torch")

TEXT = "the cat sat"
TRAINED = ("rnn", "lstm", "gpt")


@pytest.mark.parametrize("name", TRAINED)
def test_a_nudge_moves_the_loss_as_backward_says(name, runs):
    model = LanguageModel.load(runs[name])
    before = model.exact_parameters()
    rows = check(model, TEXT)
    assert {row["name"] for row in rows} == set(before)
    for row in rows:
        assert row["difference"] == abs(row["gradient"] - row["by_nudging"])
        assert row["difference"] < 1e-8 + 1e-6 * abs(row["gradient"])  # h² of a nudge of 1e-5, and rounding / h
        assert row["gradient"] == model.trace(TEXT, backward=True)[f"grad.{row['name']}"][tuple(row["index"])]
    for name, value in model.exact_parameters().items():
        assert (value == before[name]).all()
        assert len({tuple(row["index"]) for row in rows if row["name"] == name}) == min(CHECKED, value.size)
    assert check(model, TEXT) == rows
    assert [row["index"] for row in check(model, TEXT, seed=1)] != [row["index"] for row in rows]


@pytest.mark.parametrize("name, wrong", [("rnn", "layers.0.w_h"), ("lstm", "layers.0.b"), ("gpt", "layers.0.attn.wk")])
def test_a_wrong_gradient_is_seen_where_it_is(name, wrong, runs, monkeypatch):
    model, reference = LanguageModel.load(runs[name]), kind_of(name).reference
    backward = reference.backward

    def off_by_a_hundredth(params, trace, config):
        grads = backward(params, trace, config)
        trace.values_as_made[f"grad.{wrong}"] = 1.01 * trace[f"grad.{wrong}"]
        return grads

    monkeypatch.setattr(reference, "backward", off_by_a_hundredth)
    for row in check(model, TEXT):
        off = row["difference"] / abs(row["gradient"])
        assert off == pytest.approx(0.01 / 1.01, rel=0.05) if row["name"] == wrong else off < 1e-4


def restored(folder, model):
    """The network and the optimizers as torch itself has them at the run's last checkpoint."""
    from hornbook.training import checkpoint, optimizers

    about = model.about
    network = kind_of(model.model).fast(model.network.config)
    found = optimizers.optimizers_for(network, Settings(**about["settings"]))
    progress = checkpoint.load(folder / files.CHECKPOINT, network, found)
    return network, found, progress


@pytest.mark.parametrize("name", ["rnn", "lstm"])
def test_what_adam_kept_is_read_as_torch_has_it(name, runs):
    model = LanguageModel.load(runs[name])
    network, (adam,), progress = restored(runs[name], model)
    states = remembered(model)
    assert set(states) == set(model.parameters)
    for parameter, tensor in network.named_parameters():
        state = adam.state[tensor]
        assert (states[parameter]["m"] == state["exp_avg"].numpy()).all()
        assert (states[parameter]["v"] == state["exp_avg_sq"].numpy()).all()
        assert states[parameter]["step"] == progress["step"] == 30
        assert states[parameter]["m"].any()


def test_muon_keeps_no_moments_of_the_matrices_it_steps(runs):
    model = LanguageModel.load(runs["gpt"])
    states = remembered(model)
    inside = {name for name, value in model.parameters.items() if name.startswith("layers.") and value.ndim == 2}
    assert inside
    assert set(states) == set(model.parameters) - inside


def test_nothing_is_remembered_where_nothing_was_kept(runs, tmp_path):
    assert remembered(LanguageModel.load(runs["ngram"])) == {}
    model = LanguageModel.load(runs["rnn"])
    model.save(tmp_path / "saved")
    assert remembered(LanguageModel.load(tmp_path / "saved")) == {}
    model = LanguageModel("rnn", model.network, model.tokenizer)
    assert remembered(model) == {}
    assert explain(model, TEXT, step=True)[-1]["step"] == 1


def test_the_step_told_is_the_step_torch_takes(runs):
    model = LanguageModel.load(runs["lstm"])
    told = explain(model, TEXT, step=True)
    moments = next(entry for entry in told if entry["kind"] == "moments")
    assert (moments["step"], moments["learning_rate"]) == (31, 0.02)
    trace, states = model.trace(TEXT, backward=True), remembered(model)
    for row in moments["rows"]:
        name, at = row["name"], tuple(row["index"])
        parameter = torch.nn.Parameter(torch.from_numpy(model.exact_parameters()[name]))
        adam = torch.optim.Adam([parameter], 0.02, (0.9, 0.99))
        adam.state[parameter] = {
            "step": torch.tensor(float(states[name]["step"])),
            "exp_avg": torch.from_numpy(states[name]["m"].astype(float)),
            "exp_avg_sq": torch.from_numpy(states[name]["v"].astype(float)),
        }
        parameter.grad = torch.from_numpy(trace[f"grad.{name}"])
        adam.step()
        assert (
            row["gradient"]
            == trace[f"grad.{name}"][at]
            == np.abs(trace[f"grad.{name}"]).max() * np.sign(row["gradient"])
        )
        assert row["value_before"] == model.exact_parameters()[name][at]
        assert row["value_after"] == pytest.approx(parameter[at].item(), rel=1e-6)  # the state is float32
        assert row["m_before"] == states[name]["m"][at]
        assert row["m_after"] == pytest.approx(adam.state[parameter]["exp_avg"][at].item(), rel=1e-6)
        assert row["v_after"] == pytest.approx(adam.state[parameter]["exp_avg_sq"][at].item(), rel=1e-6)
    assert {row["name"] for row in moments["rows"]} == set(model.parameters)


def test_what_is_asked_for_is_told_and_no_more(runs):
    model = LanguageModel.load(runs["rnn"])
    kinds = [[entry["kind"] for entry in explain(model, TEXT, *asked)] for asked in ((), (True,), (False, True))]
    tails = [[kind for kind in told if kind not in ("number", "predictions")] for told in kinds]
    assert tails == [[], ["embedding_gradient"], ["embedding_gradient", "optimiser_step", "moments"]]
    counted = explain(LanguageModel.load(runs["ngram"]), TEXT)
    assert [entry["name"] for entry in counted][-1] == "predictions"
    assert counted.labels["T"] == ["<BOS>", *TEXT[:-1]]


@pytest.mark.parametrize("name", ["rnn", "lstm"])
def test_memory_is_the_gradient_of_the_last_token_alone(name, runs):
    model = LanguageModel.load(runs[name])
    norms = memory(model, TEXT)["norms"]
    ids = torch.from_numpy(model.stream([TEXT]))[None]
    from hornbook.trace import Trace

    network = model.network.double()
    with Trace(gradients=True) as trace:
        logits, _ = network(ids[:, :-1])
        torch.nn.functional.cross_entropy(logits[:, -1], ids[:, -1]).backward()
    trace.add_gradients()
    expected = np.linalg.norm(trace["grad.layers.0.hidden"][0], axis=-1)[::-1]
    (key,) = [key for key in norms if "hidden" in key]
    assert norms[key] == pytest.approx(expected, rel=1e-6)


def test_memory_is_of_recurrent_models(runs):
    with pytest.raises(HornbookError, match="gpt carries no state through time; --distance needs an rnn or an lstm"):
        memory(LanguageModel.load(runs["gpt"]), TEXT)
