"""Where encoders come from and go to: run folders, those of sentence-transformers and model2vec, and packages."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from hornbook import run as files
from hornbook.errors import HornbookError
from hornbook.models import DISTILLED, ENCODERS, kind_of
from hornbook.tokenizer import Tokenizer


class Found(NamedTuple):
    """What a `TextEncoder` holds once it is ready: `model` is a word of ENCODERS or DISTILLED, `about` its config."""

    model: str
    network: Any
    tokenizer: Tokenizer
    about: dict
    folder: Path | None = None  # None where the weights alone say which encoder it is
    pieces: Tokenizer | None = None  # that words are spelt with, where they have subwords


def load(folder, precision="auto"):
    """What `folder` holds, in whichever format, or "minilm", which a package holds; see `TextEncoder.load`."""
    if is_model2vec(folder):
        from hornbook import model2vec_format

        found = model2vec_format.read(folder)
    elif is_transformer(folder):
        return _transformer(folder, precision)
    else:
        found = _run(Path(folder))
    if precision not in ("auto", "float32"):
        raise HornbookError(f"{folder} is {found.model}, whose vectors are made in float32; precision {precision} is"
                            " for encoders that are transformers.")  # fmt: skip
    return found


def holds_encoder(folder):
    """Whether `load` takes what is there, and not a language model. HornbookError where nothing of hornbook's is."""
    return is_transformer(folder) or is_model2vec(folder) or files.read_config(folder)["model"] in ENCODERS | DISTILLED


def is_transformer(folder):
    """Whether a folder, or a name of `bert_format.PACKAGES`, holds an encoder that sentence-transformers opens too."""
    is_theirs = (Path(folder) / "modules.json").exists() or "model_type" in (_json(folder, files.CONFIG) or {})
    return str(folder) == "minilm" or is_theirs


def is_model2vec(folder):
    """Whether a folder holds token vectors as model2vec writes them; sentence-transformers opens those too."""
    config = _json(folder, files.CONFIG)
    if config is None or "model_type" in config:
        return config is not None and config["model_type"] == "model2vec"
    modules = _json(folder, "modules.json", list) or [{}]  # which some of its versions write alone
    return str(modules[0].get("type")).endswith("StaticEmbedding")


def _json(folder, name, kind=dict):
    """What is in a JSON file of a folder; None where it is not of that kind, or a run's own config."""
    try:
        found = json.loads((Path(folder) / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, kind) and "format" not in found else None


def _run(folder):
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    about = files.read_config(folder)
    if about["model"] not in ENCODERS | DISTILLED:
        raise HornbookError(f"{folder} holds a language model ({about['model']}), not an encoder."
                            f" hornbook train CORPUS --model {next(iter(ENCODERS))} makes one.")  # fmt: skip
    if not (folder / files.MODEL).exists():
        raise HornbookError(
            f"{folder} has no weights yet: its training was stopped."
            " hornbook train --resume --out FOLDER goes on with it."
        )
    try:
        kind = kind_of(about["model"])
        config = kind.reference.Config(**about["config"])
        network = kind.fast.from_parameters(config, load_file(folder / files.MODEL))
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise HornbookError(f"{folder} is damaged: {str(error).splitlines()[0]}. Train it again.") from error
    pieces = Tokenizer.load(folder / files.PIECES) if (folder / files.PIECES).exists() else None
    return Found(about["model"], network, Tokenizer.load(folder / files.TOKENIZER), about, folder, pieces)


def _transformer(folder, precision):
    from hornbook import bert_format

    network = kind_of("contrastive").fast  # says at once if torch is missing
    from hornbook.fast.encode import Reading

    config, parameters, tokenizer, found = bert_format.load(str(folder))
    is_run = _json(found.folder, files.CONFIG) is None and (found.folder / files.CONFIG).exists()
    about = files.read_config(folder) if is_run else {"model": "contrastive", "from": str(folder), "settings": {},
                                                      "config": vars(config)}  # fmt: skip
    reading = Reading(found.pooling, found.normalize, found.max_tokens, precision)
    return Found(about["model"], network(config, parameters, tokenizer, reading), tokenizer, about, found.folder)


def save(encoder, folder):
    """Write a `TextEncoder` as a run folder, which `load` reads. HornbookError where `folder` holds anything."""
    folder = files.claim(folder)
    encoder.tokenizer.save(folder / files.TOKENIZER)
    if encoder.pieces:
        encoder.pieces.save(folder / files.PIECES)
    if hasattr(encoder.network, "encode_texts"):
        _save_transformer(encoder, folder)
    else:
        from hornbook.training.rounds_job import save_arrays

        save_arrays(folder / files.MODEL, encoder.network.export())
    about = {key: value for key, value in encoder.about.items() if key not in ("format", "hornbook")}
    files.write_config(folder, **(about | {"model": encoder.kind, "config": vars(encoder.network.config)}))


def _save_transformer(encoder, folder):
    from hornbook import bert_format

    network = encoder.network
    about = bert_format.About(network.reading.pooling, network.reading.normalize, network.encoder.max_tokens, folder)
    bert_format.save(folder, network.config, network.export(), encoder.tokenizer, about, "0_Transformer")
