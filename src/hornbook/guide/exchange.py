"""A run of microgpt as JSON, number for number: of a run folder, for the page, and from the page a run folder again."""

import json
import re
from dataclasses import asdict
from pathlib import Path

import numpy as np

from hornbook import run as runs
from hornbook.errors import HornbookError
from hornbook.files import write_text

FORMAT = "hornbook microgpt 1"


def is_microgpt(run):
    """Whether a word is the folder of a run of microgpt."""
    return (Path(run) / runs.CONFIG).exists() and runs.read_config(run).get("model") == "microgpt"


def of_run(folder):
    """{"format", "config", "letters", "step", "parameters", "losses", "seed", "batch_size"} of a run folder.

    Matrices are lists of rows. Raises HornbookError for a run of another model, and where there is no run.
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
        "step": about.get("step", len(losses)),
        "parameters": {name: weight.tolist() for name, weight in model.exact_parameters().items()},
        "losses": losses,
        "seed": settings.seed,
        "batch_size": settings.batch_size,
    }


def moments_of(folder):
    """{"m", "v"}, Adam's memory of a run folder as matrices by name; empty where it was not kept."""
    from safetensors.numpy import load_file

    path, found = Path(folder) / runs.CHECKPOINT, {}
    for name, rows in load_file(path).items() if path.exists() else ():
        if parts := re.fullmatch(r"optimizer\.(.+)\.([mv])", name):
            found.setdefault(parts[2], {})[parts[1]] = rows.tolist()
    return found


def write(folder, out):
    """The file that the page opens: a run folder with Adam's memory; what is worth saying of it."""
    run = of_run(folder) | moments_of(folder)
    write_text(out, json.dumps(run, ensure_ascii=False, separators=(",", ":"), allow_nan=False))
    return {"opens_with": "the page that hornbook guide writes: Files, A run (JSON)"}


def names_of(folder):
    """The names that a run was trained on, in the order of its files. Raises HornbookError where it kept none."""
    from hornbook.names_model import split_names
    from hornbook.training.tokens import read_stream

    model, _ = _loaded(folder)
    path = Path(folder) / runs.TOKENS["train"]
    if not path.exists():
        raise HornbookError(
            f"{folder} keeps no names to train on. Open its JSON in a page of your names: hornbook export {folder} --to"
            " json --out run.json, then Files, A run (JSON)."
        )
    return split_names(read_stream(path, model.tokenizer.vocab_size), model.tokenizer)


def expected_of(folder):
    """{"losses", "names"}: what the page must compute as well; None where names were trained on several at a time."""
    about = runs.read_config(folder)
    if about["settings"]["batch_size"] != 1 or "samples" not in about.get("results", {}):
        return None
    return {"losses": of_run(folder)["losses"], "names": about["results"]["samples"]}


def to_gpt(text):
    """A `fast.microgpt.MicroGPT` with the weights of such a JSON. Raises HornbookError where it is something else."""
    from hornbook.fast.microgpt import MicroGPT
    from hornbook.reference.microgpt import Config

    run = _parsed(text)
    try:
        _check(run)
        gpt = MicroGPT(run["letters"], Config(**run["config"]))
        gpt.step = run.get("step", 0)
        for kind in ("parameters", *(key for key in ("m", "v") if key in run)):
            for name, weight in getattr(gpt, kind).items():
                rows = np.asarray(run[kind][name], np.float64)
                if rows.shape != weight.shape or not np.isfinite(rows).all():
                    raise ValueError(f"{kind} {name} is not {weight.shape[0]} × {weight.shape[1]} numbers")
                weight[:] = rows
    except (KeyError, TypeError, ValueError) as error:
        raise HornbookError(f"this run of microgpt is damaged: {error}. Save it again from the page.") from error
    return gpt


def to_run(path, folder):
    """Write the JSON that the page saved as a run folder: hornbook generate, explain and the others read it.

    It holds no names: its losses on others can be measured, and it cannot be trained on. Raises HornbookError.
    """
    from hornbook.language_model import LanguageModel
    from hornbook.models import configure, kind_of
    from hornbook.names_model import NamesModel, keep_moments
    from hornbook.tokenizer import Tokenizer
    from hornbook.tokenizer_kinds import KINDS
    from hornbook.training.settings import Settings, changed

    if not Path(path).is_file():
        raise HornbookError(f"there is no file {path}. The page writes one: Files, Save this run.")
    text = Path(path).read_text(encoding="utf-8")
    gpt, run = to_gpt(text), _parsed(text)
    vocabulary = {token: id_ for id_, token in enumerate([*gpt.letters, "<BOS>"])}
    tokenizer, said = Tokenizer(KINDS["characters"].assemble(vocabulary, [])), gpt.config
    sizes = {name: getattr(said, name) for name in ("n_layer", "n_embd", "n_head", "block_size")}
    config = configure("microgpt", tokenizer, None, sizes | {"std": said.init_std})
    settings = changed(
        Settings(**kind_of("microgpt").settings), max_steps=said.steps, learning_rate=said.learning_rate,
        beta1=said.beta1, beta2=said.beta2, seed=run.get("seed"), batch_size=run.get("batch_size"),
    )  # fmt: skip
    results = {"parameters": sum(gpt.counts().values())}
    about = {"tokenizer": tokenizer.kind, "settings": asdict(settings), "step": gpt.step, "results": results}
    LanguageModel("microgpt", NamesModel(config, gpt), tokenizer, about).save(folder)
    lines = [json.dumps({"step": step, "loss": loss}) + "\n" for step, loss in enumerate(run.get("losses", []), 1)]
    write_text(Path(folder) / runs.LOG, "".join(lines))
    keep_moments(Path(folder), gpt)
    return {"opens_with": f"hornbook generate {folder} --samples 20 --temperature 0.5"}


def _parsed(text):
    try:
        run = json.loads(text)
    except ValueError as error:
        raise HornbookError(f"this is no JSON: {error}.") from error
    if not isinstance(run, dict) or run.get("format") != FORMAT:
        raise HornbookError(f'this is no run of microgpt as JSON; it needs "format": "{FORMAT}".')
    return run


def _check(run):
    """Raise ValueError where something of a run that is no matrix is of another kind than it should be."""
    letters, losses, whole = run["letters"], run.get("losses", []), (run.get("step", 0), run.get("seed", 0))
    if not isinstance(letters, list) or len({one for one in letters if len(one) == 1}) != len(letters):
        raise ValueError("its letters are not single ones, each once")
    if not all(isinstance(loss, int | float) for loss in losses):
        raise ValueError("its losses are not all numbers")
    if not all(isinstance(number, int) and number >= 0 for number in whole):
        raise ValueError("its step and its seed are not whole numbers from 0")


def _loaded(folder):
    from hornbook.language_model import LanguageModel

    about = runs.read_config(folder)
    if about.get("model") != "microgpt":
        raise HornbookError(f"{folder} is a run of {about.get('model')}; the guide shows microgpt."
                            " Train one with: hornbook train names --model microgpt")  # fmt: skip
    return LanguageModel.load(folder), about


def _letters(tokenizer):
    return tokenizer.tokens([id_ for id_ in range(tokenizer.vocab_size) if id_ != tokenizer.bos])
