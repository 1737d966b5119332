"""LanguageModel: what is saved comes back, bits add up by hand, and the form to read agrees with the one that runs."""

import json
import math
import shutil

import numpy as np
import pytest

from conftest import RHYME, SMALL
from hornbook import run as files
from hornbook.errors import HornbookError
from hornbook.language_model import LanguageModel
from hornbook.reference.losses import log_softmax

pytest.importorskip("torch")

TEXT = "the dog sat"  # eleven characters: with <BOS>, all that the transformer's block of twelve holds


@pytest.fixture(params=SMALL)
def model(request, runs):
    return LanguageModel.load(runs[request.param])


def test_saved_and_loaded_it_is_the_same_model(model, tmp_path):
    model.save(tmp_path / "saved")
    again = LanguageModel.load(tmp_path / "saved")
    ids = model.stream([TEXT])[None]
    assert (again.logits(ids)[0] == model.logits(ids)[0]).all()
    assert again.parameters.keys() == model.parameters.keys()
    for name, value in model.parameters.items():
        assert again.parameters[name].dtype == value.dtype
        assert (again.parameters[name] == value).all()
    assert again.network.config == model.network.config
    assert again.n_parameters == model.n_parameters
    assert again.about == model.about
    assert again.generate("the", 40, seed=3) == model.generate("the", 40, seed=3)
    assert {path.name for path in (tmp_path / "saved").iterdir()} == {files.MODEL, files.CONFIG, files.TOKENIZER}


def test_the_trained_model_is_the_one_in_the_folder(rhyme, tmp_path):
    trained = LanguageModel.train(rhyme, "rnn", out=tmp_path / "run", settings=SMALL["rnn"] | {"max_steps": 3})
    loaded, ids = LanguageModel.load(tmp_path / "run"), trained.stream([TEXT])[None]
    assert (loaded.logits(ids)[0] == trained.logits(ids)[0]).all()
    assert loaded.about["results"]["validation"] == trained.about["results"]["validation"]


def test_without_a_folder_the_model_lives_on(rhyme):
    model = LanguageModel.train(rhyme, "unigram")
    assert not model.folder.exists()
    assert model.bits_per_character("the cat") == pytest.approx(
        LanguageModel.train(rhyme, "unigram").bits_per_character("the cat")
    )


def test_a_folder_in_use_is_refused(model, runs, tmp_path):
    before = (runs["rnn"] / files.MODEL).read_bytes()
    with pytest.raises(HornbookError, match="already holds a run"):
        model.save(runs["rnn"])
    assert (runs["rnn"] / files.MODEL).read_bytes() == before
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(HornbookError, match="is not empty and holds no run"):
        model.save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_bits_per_character_is_the_sum_by_hand(model):
    ids = model.stream([TEXT])
    assert ids[0] == model.tokenizer.bos
    assert model.tokenizer.decode(ids) == TEXT
    nats = 0.0
    for place in range(1, len(ids)):
        scores = model.logits(ids[None, :place])[0][0, -1].astype(float)
        nats -= scores[ids[place]] - math.log(sum(math.exp(score) for score in scores))
    assert model.bits_per_character(TEXT) == pytest.approx(nats / math.log(2) / 11, rel=1e-5)
    assert model.nats(ids).shape == (11,)
    assert model.nats(ids[:1]).shape == (0,)
    with pytest.raises(HornbookError, match="the text is empty"):
        model.bits_per_character("")


def test_the_reference_traces_the_very_numbers_that_run(model):
    trace, ids = model.trace(TEXT), model.stream([TEXT])
    assert trace["ids"].tolist() == [ids[:-1].tolist()]
    # float32 against float64: rounding of 2⁻²⁴ in a few hundred summands
    assert model.logits(ids[None, :-1])[0] == pytest.approx(trace["logits"], rel=1e-5, abs=1e-5)
    assert float(trace["loss"]) / math.log(2) == pytest.approx(model.bits_per_character(TEXT), rel=1e-5)
    assert trace["logprobs"] == pytest.approx(log_softmax(trace["logits"]))


@pytest.mark.parametrize("name", ["rnn", "lstm", "gpt"])
def test_the_backward_pass_reaches_every_parameter(name, runs):
    model = LanguageModel.load(runs[name])
    trace = model.trace(TEXT, backward=True)
    for parameter, value in model.parameters.items():
        assert trace[f"grad.{parameter}"].shape == value.shape
        assert trace[f"grad.{parameter}"].any()
    assert not any(key.startswith("grad.") for key in model.trace(TEXT))


def test_what_cannot_be_traced_is_said(runs):
    counted, gpt = LanguageModel.load(runs["ngram"]), LanguageModel.load(runs["gpt"])
    with pytest.raises(HornbookError, match="ngram is counted, not trained by gradients"):
        counted.trace(TEXT, backward=True)
    with pytest.raises(HornbookError, match="the text is empty"):
        gpt.trace("")
    gpt.trace("the dog sat " * 1)
    with pytest.raises(HornbookError, match=r"has 13 tokens, the model reads at most 12.*'the do'"):
        gpt.trace("the dog sat o")


def test_state_carries_on_and_lengths_are_told(model):
    ids = model.stream([TEXT])[None]
    whole, _ = model.logits(ids)
    head, state = model.logits(ids[:, :5])
    tail, _ = model.logits(ids[:, 5:], state)
    assert np.concatenate([head, tail], axis=1) == pytest.approx(whole, rel=1e-5, abs=1e-5)
    assert model.block_size == (12 if model.model == "gpt" else None)
    assert model.windows == {"gpt": (12, 6), "ngram": None}.get(model.model, (512, 384))


def test_a_counted_model_has_as_many_parameters_as_grams(runs):
    model = LanguageModel.load(runs["ngram"])
    assert model.n_parameters == sum(
        int((value != 0).sum()) for name, value in model.parameters.items() if name.endswith("counts")
    )
    rnn = LanguageModel.load(runs["rnn"])
    V = rnn.tokenizer.vocab_size
    assert rnn.n_parameters == V * 6 + (8 * 6 + 8 * 8 + 8) + V * 8 + V  # wte, one layer, lm_head and lm_bias


def damaged(runs, tmp_path, name="lstm"):
    return shutil.copytree(runs[name], tmp_path / "damaged")


@pytest.mark.parametrize("name", SMALL)
def test_a_damaged_run_is_said_to_be_damaged(name, runs, tmp_path):
    folder = damaged(runs, tmp_path, name)
    whole = (folder / files.MODEL).read_bytes()
    for cut in (0, 4, 100, len(whole) - 3):
        (folder / files.MODEL).write_bytes(whole[:cut])
        with pytest.raises(HornbookError, match=r"is damaged: .*Train it again"):
            LanguageModel.load(folder)


@pytest.mark.parametrize(
    "change", [{"hidden_size": 9}, {"hidden": 8}, {"n_layer": 2}], ids=["another size", "unknown", "one layer more"]
)
def test_a_config_that_is_not_the_weights_is_damage(change, runs, tmp_path):
    folder = damaged(runs, tmp_path)
    about = json.loads((folder / files.CONFIG).read_text())
    about["config"] |= change
    (folder / files.CONFIG).write_text(json.dumps(about))
    with pytest.raises(HornbookError, match="is damaged"):
        LanguageModel.load(folder)


def test_a_run_without_weights_can_go_on(runs, tmp_path):
    folder = damaged(runs, tmp_path)
    (folder / files.MODEL).unlink()
    with pytest.raises(HornbookError, match=r"has no model.safetensors yet.*--resume"):
        LanguageModel.load(folder)


def test_it_has_learnt_its_text(runs):
    for name in SMALL:
        model = LanguageModel.load(runs[name])
        assert model.bits_per_character(RHYME[:100]) < 0.9 * math.log2(model.tokenizer.vocab_size)
