"""Training runs: what is written, that a killed run goes on to the same bytes, and what is refused."""

import json
import os
import signal
import subprocess
import sys
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest

from hornbook import run as files
from hornbook.corpus import Corpus
from hornbook.errors import HornbookError
from hornbook.language_model import LanguageModel
from hornbook.trainer import Trainer

torch = pytest.importorskip("torch")
loop = pytest.importorskip("hornbook.training.loop")

TEXT = Corpus("rhyme", ["the cat sat on the mat and the dog sat on the log; " * 40])
SMALL = {
    "rnn": {"hidden_size": 8, "embedding_dim": 6, "sequence_length": 12},
    "lstm": {"hidden_size": 8, "embedding_dim": 6, "sequence_length": 12, "dropout": 0.2},
    "gpt": {"n_layer": 1, "n_head": 2, "n_embd": 8, "block_size": 12, "dropout": 0.1},
}
TRAINING = {"learning_rate": 0.02, "max_steps": 30, "batch_size": 4, "validations": 4, "validation_tokens": 50}


def trained(folder, model="lstm", **settings):
    trainer = Trainer(TEXT, model, settings=SMALL[model] | TRAINING | settings).begin(folder)
    list(trainer.steps())
    trainer.finish()
    return folder


def losses(folder):
    return [(line["step"], line["loss"], line.get("validation")) for line in files.read_log(folder)]


def abandoned(folder, model, at):
    """A run that gets as far as step `at` and is heard of no more: nothing is flushed, closed or finished."""
    trainer = Trainer(TEXT, model, settings=SMALL[model] | TRAINING).begin(folder)
    for step, _ in trainer.steps():
        if step.step == at:
            return


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Each model's uninterrupted run."""
    return {model: trained(tmp_path_factory.mktemp("whole") / model, model) for model in SMALL}


@pytest.mark.parametrize("model", SMALL)
@pytest.mark.parametrize("at", [1, 8, 17, 29])
def test_a_run_that_stops_anywhere_goes_on_to_the_same_losses_and_the_same_bytes(model, at, whole, tmp_path):
    abandoned(tmp_path / "run", model, at)
    trainer = Trainer.resume(tmp_path / "run")
    list(trainer.steps())
    trainer.finish()
    assert losses(tmp_path / "run") == losses(whole[model])
    assert (tmp_path / "run" / files.MODEL).read_bytes() == (whole[model] / files.MODEL).read_bytes()


KILLED = """
import os, signal, sys
from hornbook.trainer import Trainer
sys.path.insert(0, {tests!r})
from test_trainer import TEXT, SMALL, TRAINING
from hornbook.cli.progress import interrupts
trainer = Trainer(TEXT, "lstm", settings=SMALL["lstm"] | TRAINING).begin({folder!r})
with interrupts(trainer):
    for step, _ in trainer.steps():
        if step.step == {at}:
            os.kill(os.getpid(), signal.{name})
"""


@pytest.mark.parametrize("name, at", [("SIGKILL", 13), ("SIGINT", 11)])
def test_a_signal_to_the_process_loses_nothing_that_matters(name, at, whole, tmp_path):
    folder = tmp_path / "run"
    code = KILLED.format(tests=os.path.dirname(__file__), folder=str(folder), at=at, name=name)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == (-signal.SIGKILL if name == "SIGKILL" else 0), done.stderr
    trainer = Trainer.resume(folder)
    steps = [step.step for step, _ in trainer.steps()]
    assert steps[0] == (
        9 if name == "SIGKILL" else at + 1
    )  # the last validation was at 8; Ctrl-C keeps the step in hand
    trainer.finish()
    assert losses(folder) == losses(whole["lstm"])
    assert (folder / files.MODEL).read_bytes() == (whole["lstm"] / files.MODEL).read_bytes()


def test_the_run_folder_holds_what_it_promises(whole):
    folder = whole["gpt"]
    assert {path.name for path in folder.iterdir()} == {
        files.MODEL,
        files.CONFIG,
        files.TOKENIZER,
        files.LOG,
        files.CHECKPOINT,
        files.CARD,
        files.CURVE,
        *files.TOKENS.values(),
    }
    about = json.loads((folder / files.CONFIG).read_text())
    measured, yardsticks = about["results"]["validation"], about["results"]["yardsticks"]
    assert set(yardsticks) == {"uniform", "unigram", "ngram"}
    card = (folder / files.CARD).read_text()
    for bits in (measured["bits_per_character"], *yardsticks.values()):
        assert f"{bits:.3f}" in card
    assert ("does not beat" in card) == (measured["bits_per_character"] > min(yardsticks.values()))


def test_the_best_weights_are_kept_and_the_run_stops_when_patience_ends(tmp_path):
    folder = trained(tmp_path / "run", "rnn", learning_rate=3.0, patience=2, max_steps=200, validations=50)
    validations = [loss for _, _, loss in losses(folder) if loss is not None]
    best = int(np.argmin(validations))
    assert len(validations) == best + 3  # the best, and two that were not better
    job = Trainer(TEXT, "rnn", settings=SMALL["rnn"] | TRAINING).begin(tmp_path / "other").job
    job.network.load_state_dict(LanguageModel.load(folder).network.state_dict())
    assert job.validate() == pytest.approx(validations[best], rel=1e-6)


def test_it_learns(whole):
    for model in SMALL:
        first, last = losses(whole[model])[0], losses(whole[model])[-1]
        assert last[1] < first[1] - 0.1


def test_a_run_limited_by_time_finishes_its_schedule(tmp_path, monkeypatch):
    clock = SimpleNamespace(perf_counter=count(0.0, 0.25).__next__)  # a quarter of a second from look to look
    monkeypatch.setattr(loop, "time", clock)
    settings = {"schedule": "linear", "warmup": 0.0, "final_lr": 0.0}
    log = files.read_log(trained(tmp_path / "run", "rnn", max_steps=10**6, max_seconds=10.0, **settings))
    assert log[-1]["progress"] == 1.0
    assert [line["seconds"] for line in log] == [0.25 * step for step in range(2, 41)]
    # the rate of a step is that of the time when it began
    assert [line["lr"] for line in log] == pytest.approx([0.02 * (1 - step / 40) for step in range(1, 40)])


def test_training_twice_gives_the_same_bytes_and_another_seed_does_not(tmp_path, whole):
    again, other = trained(tmp_path / "again"), trained(tmp_path / "other", seed=7)
    assert (again / files.MODEL).read_bytes() == (whole["lstm"] / files.MODEL).read_bytes()
    assert (other / files.MODEL).read_bytes() != (whole["lstm"] / files.MODEL).read_bytes()


@pytest.mark.parametrize(
    "optimizer, schedule, rate",
    [
        ("sgd", "constant", 0.5),
        ("momentum", "linear", 0.05),
        ("adam", "cosine", 0.01),
        ("adamw", "linear", 0.01),
        ("muon", "linear", 0.01),
    ],
)
def test_every_optimizer_and_schedule_lowers_the_loss(optimizer, schedule, rate, tmp_path):
    folder = trained(tmp_path / "run", "gpt", optimizer=optimizer, schedule=schedule, learning_rate=rate, max_steps=60)
    first, last = losses(folder)[0], losses(folder)[-1]
    assert last[1] < first[1] - 0.05


def test_a_diverging_run_is_noticed_said_and_stopped(tmp_path):
    trainer = Trainer(TEXT, "gpt", settings=SMALL["gpt"] | TRAINING | {"learning_rate": 1e30, "clip_norm": 0.0})
    trainer.begin(tmp_path / "run")
    with pytest.raises(HornbookError, match=r"became (nan|inf).*training stopped.*--set learning_rate="):
        list(trainer.steps())


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"model": "gtp"}, 'no model "gtp". Did you mean "gpt"'),
        ({"model": "gpt", "preset": "nan"}, 'no preset "nan"'),
        ({"model": "gpt", "settings": {"norm": "layernrm"}}, "layernrm"),
        ({"model": "gpt", "settings": {"optimizer": "adm"}}, 'no optimizer "adm"'),
        ({"model": "gpt", "settings": {"schedule": "cosin"}}, 'no schedule "cosin"'),
        ({"model": "gpt", "settings": {"precision": "float16"}}, 'no precision "float16"'),
        ({"tokenizer": "letters"}, "letters"),
        ({"settings": {"hiden_size": 3}}, 'no setting "hiden_size". Did you mean "hidden_size"'),
    ],
)
def test_a_misspelt_choice_is_refused_before_anything_is_written(arguments, message):
    with pytest.raises(HornbookError, match=message):
        Trainer(TEXT, **arguments)


def test_a_text_shorter_than_one_window_says_what_would_fit(tmp_path):
    with pytest.raises(HornbookError, match=r"fewer than one window of 64.* would fit"):
        Trainer(Corpus("tiny", ["to be or not to be"]), "gpt").begin(tmp_path / "run")


def test_a_folder_that_is_taken_is_not_touched(whole, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(HornbookError, match="not empty and holds no run"):
        Trainer(TEXT, "unigram").begin(tmp_path)
    with pytest.raises(HornbookError, match="already holds a run"):
        Trainer(TEXT, "unigram").begin(whole["lstm"])
    with pytest.raises(HornbookError, match="is finished"):
        Trainer.resume(whole["lstm"])


def test_overwriting_starts_anew(tmp_path):
    trained(tmp_path / "run")
    trainer = Trainer(TEXT, "unigram").begin(tmp_path / "run", overwrite=True)
    assert not (tmp_path / "run" / files.CHECKPOINT).exists()
    list(trainer.steps())
    assert trainer.finish().model == "unigram"
