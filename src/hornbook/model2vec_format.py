"""Folders of model2vec: a static encoder written so that `StaticModel.from_pretrained(folder)` opens it, and read.

A row there is a token's vector with its weight in it, and a text the mean of its tokens' rows, the unknown token left
out; both as here. sentence-transformers opens the same folder as a StaticEmbedding; it counts unknown tokens too, so
that its vectors are shorter where there are some, and of the same direction.
"""

import json
from pathlib import Path

import numpy as np

from hornbook import run as files
from hornbook.encoder_loading import Found
from hornbook.errors import HornbookError
from hornbook.fast.static import Static
from hornbook.files import write_json, write_text
from hornbook.reference.static import Config
from hornbook.tokenizer import Tokenizer
from hornbook.training.rounds_job import save_arrays

MODULES = "modules.json"


def write(encoder, folder, normalize=True):
    """Write a static `TextEncoder` for model2vec. With `normalize`, what opens it makes vectors of length 1.

    Raises HornbookError for an encoder that is no table of token vectors: `static.distill` makes one of any other.
    """
    if encoder.kind != "static":
        raise HornbookError(f"model2vec holds static encoders, and this is {encoder.kind}: hornbook distill makes one"
                            " of word2vec and of encoders.")  # fmt: skip
    folder, network = claimed(folder), encoder.network
    rows = np.ascontiguousarray(network.vectors * network.weights[:, None], np.float32)
    rows[encoder.tokenizer.special_ids] = 0
    save_arrays(folder / files.MODEL, {"embeddings": rows})
    write_text(folder / files.TOKENIZER, encoder.tokenizer.backend.to_str())
    write_json(folder / files.CONFIG, {
        "model_type": "model2vec", "architectures": ["StaticModel"], "hidden_dim": rows.shape[1],
        "normalize": normalize, "max_length": None, "embedding_dtype": "float32",
    })  # fmt: skip
    kinds = ["StaticEmbedding", "Normalize"] if normalize else ["StaticEmbedding"]
    write_json(folder / MODULES, [
        {"idx": at, "name": str(at), "path": "." if not at else f"{at}_{kind}",
         "type": f"sentence_transformers.models.{kind}"}
        for at, kind in enumerate(kinds)
    ])  # fmt: skip
    if normalize:
        write_json(folder / "1_Normalize" / "config.json", {})


def claimed(folder):
    """`folder`, made. HornbookError where it holds anything already."""
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise HornbookError(f"{folder} is there already: choose another name with --out, or remove it.")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def read(folder):
    """The static encoder of a folder of model2vec, as it was `Found`; quantised vocabularies too, vectors as they are.

    Raises HornbookError for a folder that holds something else, or sizes that do not fit.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    folder = Path(folder)
    if missing := [name for name in (files.MODEL, files.CONFIG, files.TOKENIZER) if not (folder / name).exists()]:
        raise HornbookError(f"{folder} is no folder of model2vec: it has no {', no '.join(missing)}.")
    try:
        arrays = load_file(folder / files.MODEL)
        said = json.loads((folder / files.CONFIG).read_text(encoding="utf-8"))
    except (SafetensorError, ValueError) as error:
        raise HornbookError(f"{folder} is damaged: {error}. Copy or download it again.") from error
    if "embeddings" not in arrays:
        raise HornbookError(f"{folder / files.MODEL} has no embeddings, so it is not model2vec's.")
    tokenizer = Tokenizer.load(folder)
    wte = arrays["embeddings"][arrays["mapping"]] if "mapping" in arrays else arrays["embeddings"]
    weights = arrays.get("weights", np.ones(len(wte)))
    if not len(wte) == len(weights) == tokenizer.vocab_size:
        raise HornbookError(f"{folder}: {tokenizer.vocab_size:,} tokens, {len(wte):,} vectors and {len(weights):,}"
                            " weights are not of one model.")  # fmt: skip
    config = Config(len(wte), wte.shape[1], "zipf" if said.get("sif_coefficient") else "equal")
    network = Static(config, wte.astype(np.float32), weights.astype(np.float32))
    about = {"model": "static", "config": vars(config), "distilled": {"from": str(folder)}}
    return Found("static", network, tokenizer, about)
