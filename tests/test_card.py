"""The model card: its verdict both ways, and that every figure on it was measured."""

import copy
import math
import shutil

import numpy as np
import pytest

from hornbook import run as files
from hornbook.card import write_card, yardsticks
from hornbook.language_model import LanguageModel
from hornbook.reference import ngram
from hornbook.training.tokens import read_stream

pytest.importorskip("torch")


@pytest.fixture
def card(runs, tmp_path):
    """Write the card of a copied run with these results, and read it: (text, about)."""

    def write(model, name=None, **changed):
        folder = tmp_path / (name or model)
        shutil.copytree(runs[model], folder, dirs_exist_ok=True)
        loaded = LanguageModel.load(folder)
        about = copy.deepcopy(loaded.about)
        about["results"]["validation"] |= changed
        write_card(folder, about, loaded)
        return (folder / files.CARD).read_text(encoding="utf-8"), about

    return write


def table(text):
    """model -> figure, as the card's table has them."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return dict(rows[1:])


def counted(folder, order):
    """Bits per character of the reference's n-gram model on the run's validation tokens."""
    model = LanguageModel.load(folder)
    train, validation = (
        np.asarray(read_stream(folder / files.TOKENS[part], model.tokenizer.vocab_size))
        for part in ("train", "validation")
    )
    config = ngram.Config(model.tokenizer.vocab_size, order, model.tokenizer.bos)
    nats = ngram.nll(ngram.train(train, config), validation, config)[1:]
    return nats.sum() / math.log(2) / model.about["corpus"]["characters"]["validation"]


def test_the_figures_are_those_measured(card, runs):
    text, about = card("lstm")
    measured = about["results"]["validation"]
    expected = {name: counted(runs["lstm"], order) for name, order in (("uniform", 0), ("unigram", 1), ("ngram", 6))}
    assert about["results"]["yardsticks"] == pytest.approx(expected, rel=1e-9)
    shown = {**expected, "lstm": measured["bits_per_character"]}
    assert table(text) == {name: f"{bits:.3f}" for name, bits in shown.items()}
    low, high = measured["interval_95"]
    assert f"95 % interval {low:.3f} to {high:.3f}" in text
    assert f"{measured['characters']:,} characters, {measured['tokens']:,} tokens" in text
    assert f"in windows of {measured['context']} tokens at stride {measured['stride']}" in text
    assert f"{about['results']['parameters']:,} parameters" in text
    assert about["corpus"]["sha256"][:16] in text


@pytest.mark.parametrize(
    "bits, said", [(-0.25, r"It **beats**"), (0.25, "It **does not beat**"), (0.0, "It **does not beat**")]
)
def test_the_verdict_both_ways(card, runs, bits, said):
    best = counted(runs["lstm"], 6)  # the rhyme repeats, so the n-gram is by far the best of the three
    text, _ = card("lstm", bits_per_character=best + bits)
    assert f"{said} the best counted rung below it (ngram): {best + bits:.3f} against {best:.3f}" in text
    if bits:
        assert f"a difference of {-bits:+.3f}" in text


def test_as_good_is_not_better(card, runs):
    model = LanguageModel.load(runs["lstm"])
    text, _ = card("lstm", bits_per_character=yardsticks(runs["lstm"], model.about, model.tokenizer)["ngram"])
    assert "It **does not beat**" in text
    assert "a difference of +0.000" in text


@pytest.mark.parametrize("model, below", [("ngram", ["uniform", "unigram"]), ("rnn", ["uniform", "unigram", "ngram"])])
def test_a_rung_is_compared_with_those_below_it(card, model, below):
    text, about = card(model)
    assert list(about["results"]["yardsticks"]) == below
    assert list(table(text)) == [*below, model]


def test_the_lowest_rung_beats_none(runs):
    model = LanguageModel.load(runs["ngram"])
    assert yardsticks(runs["ngram"], model.about | {"model": "uniform"}, model.tokenizer) == {}
    assert list(yardsticks(runs["ngram"], model.about | {"model": "unigram"}, model.tokenizer)) == ["uniform"]


def test_a_counted_model_looks_back_on_its_order_and_has_no_curve(card):
    text, about = card("ngram")
    assert f"with at most the {about['config']['order'] - 1} tokens before it" in text
    assert files.CURVE not in text


def test_a_text_too_short_to_hold_anything_out_is_told(runs, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(runs["ngram"], folder)
    model = LanguageModel.load(folder)
    about = copy.deepcopy(model.about)
    del about["results"]["validation"]
    write_card(folder, about, model)
    text = (folder / files.CARD).read_text(encoding="utf-8")
    assert "too short to hold any of it out, so nothing was measured" in text
    assert "beat" not in text


def test_the_curve_shows_the_log_and_the_yardsticks_in_its_own_unit(card, runs, monkeypatch):
    drawn = []
    monkeypatch.setattr("hornbook.show.loss_curve", lambda *parts: drawn.append(parts))
    text, about = card("gpt")
    steps, losses, validation, levels, path = drawn[0]
    log = files.read_log(runs["gpt"])
    assert (steps, losses) == ([line["step"] for line in log], [line["loss"] for line in log])
    assert validation == [(line["step"], line["validation"]) for line in log if "validation" in line]
    assert levels["uniform"] == pytest.approx(math.log(LanguageModel.load(runs["gpt"]).tokenizer.vocab_size))
    card("gpt", characters=2 * about["results"]["validation"]["tokens"])  # as if a token were two characters
    about["results"]["validation"]["characters"] = 2 * about["results"]["validation"]["tokens"]
    for name, nats in drawn[1][3].items():
        bits = about["results"]["yardsticks"][name]
        measured = about["results"]["validation"]
        assert nats * measured["tokens"] == pytest.approx(bits * math.log(2) * measured["characters"])
    assert f"![loss by step]({path.name})" in text
