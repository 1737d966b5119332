"""microgpt as a run: the same numbers as its own forms, and every command reads it."""

import json

import numpy as np
import pytest

from hornbook import run as files
from hornbook.corpus import Corpus, load
from hornbook.errors import HornbookError
from hornbook.fast import microgpt
from hornbook.graph import Graph
from hornbook.language_model import LanguageModel
from hornbook.reference.microgpt import Config
from hornbook.trainer import Trainer

NAMES = Corpus(
    "some", [first + last for first in ("an", "be", "ca", "do", "el") for last in ("na", "lla", "rt", "la", "x")]
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of 60 steps on a few names, and its trainer."""
    trainer = Trainer(NAMES, "microgpt", settings={"max_steps": 60, "validations": 3})
    trainer.begin(tmp_path_factory.mktemp("names") / "run")
    steps = list(trainer.steps())
    return trainer, steps, trainer.finish()


def test_its_losses_weights_and_samples_are_those_of_the_fast_form(trained):
    trainer, steps, model = trained
    gpt, names, rng = microgpt.begin(NAMES.split().train, Config(steps=60), seed=42)
    losses = [step.loss for step in gpt.train(names)]
    assert [step.loss for step, _ in steps] == losses
    for name, weight in gpt.parameters.items():
        assert (model.parameters[name] == weight).all()
    assert trainer.about["results"]["samples"] == [gpt.sample(rng) for _ in range(20)]


def test_it_is_measured_by_name_as_a_whole(trained):
    trainer, steps, model = trained
    held_out = NAMES.split().validation
    whole = microgpt.MicroGPT(trainer.job.gpt.letters, Config())
    for name, weight in whole.parameters.items():
        weight[:] = model.parameters[name]
    assert steps[-1][1] == pytest.approx(whole.loss(held_out), rel=1e-12)
    assert len([loss for _, loss in steps if loss is not None]) == 3


def test_the_transformer_s_reference_tells_the_same_loss(trained):
    _, _, model = trained
    ids = [model.tokenizer.bos, *model.tokenizer.encode("anna"), model.tokenizer.bos]
    assert model.trace("anna")["loss"] == pytest.approx(model.network.nll(np.array(ids))[1:].mean(), rel=1e-12)


def test_every_command_s_call_works_on_it(trained):
    _, _, model = trained
    loaded = LanguageModel.load(model.folder)
    assert loaded.generate("a", 10, seed=1) == model.generate("a", 10, seed=1)
    assert loaded.bits_per_character("anna") > 0
    kinds = [entry["kind"] for entry in loaded.explain("anna", step=True)]
    assert "moments" in kinds
    moments = loaded.explain("anna", step=True)[-1]
    assert moments["step"] == 61  # the run's own Adam goes on
    about = json.loads((model.folder / files.CONFIG).read_text())
    assert about["results"]["training"]["all_names"] > 0


def test_the_whole_computation_of_a_name_can_be_walked_and_kept(trained):
    _, _, model = trained
    graph = LanguageModel.load(model.folder).graph("anna")
    assert graph.value[-1] == pytest.approx(model.trace("anna")["loss"], rel=1e-12)
    assert Graph.from_json(graph.to_json()) == graph
    with pytest.raises(HornbookError, match="the model knows no"):
        model.graph("zoë")


def test_the_same_seed_trains_to_the_same_bytes(trained, tmp_path):
    trainer = Trainer(NAMES, "microgpt", settings={"max_steps": 60, "validations": 3}).begin(tmp_path / "run")
    list(trainer.steps())
    assert (tmp_path / "run" / files.MODEL).read_bytes() == (trained[2].folder / files.MODEL).read_bytes()


def test_what_cannot_be_set_says_what_can():
    with pytest.raises(HornbookError, match=r"optimizer cannot be set.*n_embd"):
        Trainer(NAMES, "microgpt", settings={"optimizer": "sgd"})


def test_other_alphabets_and_sizes(tmp_path):
    names = Corpus("иена", ["анна", "инна", "нина", "яна", "иан", "ная"] * 6)
    settings = {"max_steps": 30, "n_embd": 8, "n_head": 2, "n_layer": 2, "block_size": 6, "batch_size": 2}
    trainer = Trainer(names, "microgpt", settings=settings).begin(tmp_path / "run")
    list(trainer.steps())
    assert set(trainer.finish().generate("", 6)) <= set("анияи")


def test_it_diverges_out_loud(tmp_path):
    trainer = Trainer(NAMES, "microgpt", settings={"learning_rate": 1e300}).begin(tmp_path / "run")
    with pytest.raises(HornbookError, match="loss"):
        list(trainer.steps())


def test_the_packaged_names_need_no_network(monkeypatch):
    monkeypatch.delenv("HORNBOOK_DATA", raising=False)
    trainer = Trainer(load("names"), "microgpt")
    assert trainer.tokenizer.vocab_size == 27
    assert trainer.tokenizer.bos == 26
