"""The model card of a run: does it beat the rung below on this text, by how much, at what cost; and its curve."""

from pathlib import Path

import numpy as np

from hornbook import run as files
from hornbook.evaluate import evaluate, how_read
from hornbook.files import write_text
from hornbook.language_model import LanguageModel
from hornbook.models import configure, kind_of
from hornbook.training.tokens import read_stream

RUNGS_BELOW = {"uniform": [], "unigram": ["uniform"], "ngram": ["uniform", "unigram"]}  # others: all three


def yardsticks(folder, about, tokenizer):
    """Counted models trained on the run's own training tokens: {name: bits per character on its validation split}."""
    train, validation = (
        read_stream(Path(folder) / files.TOKENS[part], tokenizer.vocab_size) for part in ("train", "validation")
    )
    found = {}
    for name in RUNGS_BELOW.get(about["model"], ["uniform", "unigram", "ngram"]):
        network = kind_of(name).fast.train(train, configure(name, tokenizer))
        counted = LanguageModel(name, network, tokenizer)
        found[name] = evaluate(counted, validation, about["corpus"]["characters"]["validation"]).bits_per_character
    return found


def write_card(folder, about, model):
    """Write README.md and, for a model trained in steps, loss.png into the run folder."""
    folder = Path(folder)
    measured = about["results"].get("validation")
    below = yardsticks(folder, about, model.tokenizer) if measured else {}
    about["results"]["yardsticks"] = below
    log = files.read_log(folder)
    if log:
        _curve(folder, log, below, about)
    write_text(folder / files.CARD, _markdown(folder.name, about, below, bool(log)))


def _markdown(name, about, below, curve):
    results, corpus = about["results"], about["corpus"]
    lines = [f"# {name}: {about['model']} on {corpus['name']}", ""]
    if "validation" in results:
        lines += [_verdict(about["model"], results["validation"], below), "", *_table(about, below), ""]
        measured = results["validation"]
        how = how_read(measured["context"], measured["stride"])
        lines += [
            f"Held out: {measured['characters']:,} characters, {measured['tokens']:,} tokens, all of them scored once"
            f" {how}. 95 % interval {measured['interval_95'][0]:.3f} to {measured['interval_95'][1]:.3f} bits per"
            " character, by a bootstrap over blocks of the text.",
            "",
        ]
    else:
        lines += ["The text was too short to hold any of it out, so nothing was measured.", ""]
    lines += [
        f"Trained for {results['seconds']:.1f} s on {corpus['characters']['train']:,} characters"
        f" ({corpus['source']}; SHA-256 {corpus['sha256'][:16]}…), {results['parameters']:,} parameters."
    ]
    if curve:
        lines += ["", f"![loss by step]({files.CURVE})"]
    return "\n".join(lines) + "\n"


def _verdict(model, measured, below):
    if not below:
        return "This is the lowest rung: there is none below it to beat."
    best = min(below, key=below.get)
    gain = below[best] - measured["bits_per_character"]
    word = "beats" if gain > 0 else "does not beat"
    return (
        f"It **{word}** the best counted rung below it ({best}): {measured['bits_per_character']:.3f} against"
        f" {below[best]:.3f} bits per character, a difference of {gain:+.3f}."
    )


def _table(about, below):
    rows = {**below, about["model"]: about["results"]["validation"]["bits_per_character"]}
    return [
        "| model | bits per character, held out |",
        "|---|---|",
        *(f"| {name} | {bits:.3f} |" for name, bits in rows.items()),
    ]


def _curve(folder, log, below, about):
    from hornbook.show import loss_curve

    measured = about["results"].get("validation")
    per_token = np.log(2) * measured["characters"] / measured["tokens"] if measured else 0  # bits a character -> nats
    validation = [(line["step"], line["validation"]) for line in log if "validation" in line]
    loss_curve(
        [line["step"] for line in log],
        [line["loss"] for line in log],
        validation,
        {name: bits * per_token for name, bits in below.items()},
        folder / files.CURVE,
    )
