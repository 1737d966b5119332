"""A sentence encoder's run: stopped, killed or let through, it comes to the same bytes; chance is the step's alone."""

import numpy as np
import pytest
from safetensors.numpy import load_file

from hornbook import run as files
from hornbook.corpus import Corpus

pytest.importorskip("torch")
from hornbook.sentence_trainer import PLACE, SentenceTrainer

RHYME = "".join(f"the {a} sat on the {b}, and the {b} saw the {a}. it was {c}. " for a in ("cat", "dog", "owl", "hen")
                for b in ("mat", "log", "bed", "sea") for c in ("late", "cold"))  # fmt: skip
TINY = {
    "n_layer": 1, "n_head": 2, "n_embd": 8, "block_size": 24, "vocab_size": 90, "min_count": 1, "longest": 12,
    "shortest": 4, "max_steps": 8, "batch_size": 6, "validations": 4, "precision": "float32", "threads": 1,
    "dropout": 0.1,
}  # fmt: skip
MODELS = ["mlm", "contrastive"]


def begun(folder, model="contrastive", **settings):
    return SentenceTrainer(Corpus("rhyme", [RHYME]), model, settings=TINY | settings).begin(folder)


def through(trainer):
    return [(step.step, step.loss, validation) for step, validation in trainer.steps()]


def weights(folder):
    return (folder / PLACE / files.MODEL).read_bytes()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """model -> (folder, its losses) of runs that nothing stopped."""
    folder = tmp_path_factory.mktemp("whole")
    return {model: (folder / model, through(begun(folder / model, model))) for model in MODELS}


@pytest.mark.parametrize("model", MODELS)
def test_a_stopped_run_goes_on_to_the_same_bytes(model, whole, tmp_path):
    trainer, losses = begun(tmp_path / "run", model), []
    for step, validation in trainer.steps():
        losses.append((step.step, step.loss, validation))
        if step.step == 3:
            trainer.stop()
    assert len(losses) == 3
    losses += through(SentenceTrainer.resume(tmp_path / "run"))
    assert losses == whole[model][1]
    assert weights(tmp_path / "run") == weights(whole[model][0])


def test_a_killed_run_takes_the_steps_since_its_checkpoint_again(whole, tmp_path):
    trainer = begun(tmp_path / "run")
    for step, _ in trainer.steps():
        if step.step == 5:  # a validation, and with it a checkpoint, was at 4
            break
    assert through(SentenceTrainer.resume(tmp_path / "run")) == whole["contrastive"][1][4:]
    assert weights(tmp_path / "run") == weights(whole["contrastive"][0])
    log = [line["step"] for line in files.read_log(tmp_path / "run")]
    assert log == list(range(1, 9))


def test_a_run_killed_before_its_first_checkpoint_begins_anew(whole, tmp_path):
    begun(tmp_path / "run")
    assert through(SentenceTrainer.resume(tmp_path / "run")) == whole["contrastive"][1]


def test_tokens_are_counted_on_over_a_stop(whole, tmp_path):
    trainer = begun(tmp_path / "run")
    for _ in trainer.steps():
        trainer.stop()
    through(SentenceTrainer.resume(tmp_path / "run"))
    here, there = ([line["tokens"] for line in files.read_log(folder)] for folder in
                   (tmp_path / "run", whole["contrastive"][0]))  # fmt: skip
    assert here == there


@pytest.mark.parametrize("model", MODELS)
def test_the_best_weights_are_those_of_the_lowest_held_out_loss(model, whole):
    folder, losses = whole[model]
    held_out = [validation for _, _, validation in losses if validation is not None]
    assert len(held_out) == 4
    kept, last = load_file(folder / PLACE / files.MODEL), load_file(folder / files.CHECKPOINT)
    same = np.array_equal(kept["embeddings.word_embeddings.weight"], last["model.wte"])
    assert same == (min(held_out) == held_out[-1])


def test_the_loss_falls(tmp_path):
    settings = {"max_steps": 80, "learning_rate": 0.01, "dropout": 0.0, "shortest": 12, "validations": 1}
    losses = [loss for _, loss, _ in through(begun(tmp_path / "run", **settings))]
    assert np.mean(losses[-20:]) < 0.8 * np.mean(losses[:20])


def test_the_seed_decides(whole, tmp_path):
    assert through(begun(tmp_path / "again")) == whole["contrastive"][1]
    assert through(begun(tmp_path / "other", seed=1)) != whole["contrastive"][1]
