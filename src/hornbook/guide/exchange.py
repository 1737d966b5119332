"""A run of microgpt as JSON: what the page takes in and gives out again, number for number."""

import json
from dataclasses import asdict
from pathlib import Path

from hornbook import run as runs
from hornbook.errors import HornbookError

FORMAT = "hornbook microgpt 1"


def of_run(folder):
    """{"format", "config", "letters", "step", "parameters", "losses"} of a run folder; matrices as lists of rows.

    Raises HornbookError for a run of another model, and where there is no run.
    """
    from hornbook.names_model import small
    from hornbook.training.settings import Settings

    model, about = _loaded(folder)
    losses = [line["loss"] for line in runs.read_log(folder) if "loss" in line]
    settings = Settings(**about["settings"])
    return {
        "format": FORMAT,
        "config": asdict(small(model.network.config, settings)),
        "letters": _letters(model.tokenizer),
        "step": len(losses),
        "parameters": {name: weight.tolist() for name, weight in model.exact_parameters().items()},
        "losses": losses,
    }


def names_of(folder):
    """The names that a run was trained on, in the order of its files."""
    from hornbook.names_model import split_names
    from hornbook.training.tokens import read_stream

    model, _ = _loaded(folder)
    return split_names(read_stream(Path(folder) / runs.TOKENS["train"], model.tokenizer.vocab_size), model.tokenizer)


def expected_of(folder):
    """{"losses", "names"}: what the page must compute as well; None where names were trained on several at a time."""
    about = runs.read_config(folder)
    if about["settings"]["batch_size"] != 1 or about["settings"]["seed"] != 42:
        return None
    return {"losses": of_run(folder)["losses"], "names": about["results"]["samples"]}


def to_gpt(text):
    """A `fast.microgpt.MicroGPT` with the weights of such a JSON. Raises HornbookError where it is something else."""
    from hornbook.fast.microgpt import MicroGPT
    from hornbook.reference.microgpt import Config

    run = json.loads(text)
    if not isinstance(run, dict) or run.get("format") != FORMAT:
        raise HornbookError(f'this is no run of microgpt as JSON; it needs "format": "{FORMAT}".')
    gpt = MicroGPT(run["letters"], Config(**run["config"]))
    for name, weight in gpt.parameters.items():
        weight[:] = run["parameters"][name]
    gpt.step = run["step"]
    return gpt


def _loaded(folder):
    from hornbook.language_model import LanguageModel

    about = runs.read_config(folder)
    if about.get("model") != "microgpt":
        raise HornbookError(f"{folder} is a run of {about.get('model')}; the guide shows microgpt."
                            " Train one with: hornbook train names --model microgpt")  # fmt: skip
    return LanguageModel.load(folder), about


def _letters(tokenizer):
    return tokenizer.tokens([id_ for id_ in range(tokenizer.vocab_size) if id_ != tokenizer.bos])
