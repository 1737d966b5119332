"""Runs in the formats of others: sentence-transformers, model2vec, word2vec, ONNX, and JSON for a page."""

import base64
import json
import logging
import warnings
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hornbook.errors import HornbookError, nearest
from hornbook.files import write_text, written_whole

OPSET = 18  # of ONNX


class Format(NamedTuple):
    """How an encoder is written: `write(encoder, out)` returns what is worth saying; and what the format holds."""

    write: Callable
    holds: str


def export(encoder, to, out):
    """Write a `TextEncoder` to the file or folder `out` in a format of FORMATS; returns what is worth saying, a dict.

    Raises HornbookError where the format cannot hold what the encoder is, or where `out` is there already.
    """
    check(to, out)
    return {"to": to, "out": str(out), **FORMATS[to].write(encoder, Path(out))}


def check(to, out):
    """Raise HornbookError for a word that is not in FORMATS, and where `out` is there already."""
    if to not in FORMATS:
        raise HornbookError(f'there is no format "{to}".{nearest(to, FORMATS)}')
    if Path(out).exists() and (not Path(out).is_dir() or any(Path(out).iterdir())):
        raise HornbookError(f"{out} is there already: choose another --out, or remove it.")


def refuse(encoder, to, instead):
    """Raise the HornbookError that says why `encoder` does not go into a format, and what does."""
    raise HornbookError(f"{to} holds {FORMATS[to].holds}; {encoder.kind} is none. {instead}")


def _is_transformer(encoder):
    return hasattr(encoder.network, "encode_texts")


def to_sentence_transformers(encoder, out):
    """A folder that `SentenceTransformer(out)` opens, with its stock modules alone."""
    if encoder.kind == "static":
        to_model2vec(encoder, out)
        return {"opens_with": f"sentence_transformers.SentenceTransformer({str(out)!r})"}
    if not _is_transformer(encoder):
        refuse(encoder, "sentence-transformers", "hornbook distill makes a static encoder of word2vec.")
    from hornbook import bert_format

    network = encoder.network
    reading = network.encoder.reading
    about = bert_format.About(reading.pooling, reading.normalize, network.encoder.max_tokens, out)
    bert_format.save(out, network.config, network.parameters, encoder.tokenizer, about)
    return {"opens_with": f"sentence_transformers.SentenceTransformer({str(out)!r})"}


def to_model2vec(encoder, out):
    """A folder that `model2vec.StaticModel.from_pretrained(out)` opens, and sentence-transformers too."""
    from hornbook import model2vec_format

    if encoder.kind != "static":
        refuse(encoder, "model2vec", "hornbook distill RUN makes one of word2vec and of transformers.")
    model2vec_format.write(encoder, out)
    return {"opens_with": f"model2vec.StaticModel.from_pretrained({str(out)!r})"}


def _words(encoder, to):
    vectors = encoder.vectors
    if vectors is None:
        refuse(encoder, to, "hornbook train CORPUS --model word2vec learns them.")
    return vectors


def to_word2vec(encoder, out):
    """A text (.txt, .vec) or binary (.bin) file of the word2vec tool, packed where it ends in .gz."""
    from hornbook import word2vec_format

    vectors = _words(encoder, "word2vec")
    word2vec_format.write(vectors, out)
    text = "False" if word2vec_format.form_of(out) == "text" else "True"
    return {"words": len(vectors),
            "opens_with": f"gensim.models.KeyedVectors.load_word2vec_format({str(out)!r}, binary={text})"}  # fmt: skip


def to_json(encoder, out):
    """Words and their vectors for a page: each row as bytes −127 … 127 and one scale, v ≈ scale · byte.

    scale = max |v| / 127, so that no number is off by more than half a scale; the largest error there is, is told.
    """
    vectors = _words(encoder, "json")
    scales = np.abs(vectors.matrix).max(axis=1) / np.float32(127)
    rows = np.rint(vectors.matrix / np.where(scales, scales, 1)[:, None]).astype(np.int8)
    error = float(np.abs(rows * scales[:, None] - vectors.matrix).max())
    found = {
        "format": "hornbook word vectors 1", "dimensions": vectors.embedding_dim, "max_error": error,
        "words": vectors.words, "scales": [float(f"{scale:.9g}") for scale in scales],
        "rows": base64.b64encode(rows.tobytes()).decode(),
    }  # fmt: skip
    write_text(out, json.dumps(found, ensure_ascii=False, separators=(",", ":")))
    return {"words": len(vectors), "max_error": error}


def read_json(path):
    """(words, matrix (V, D) float32) of a file that `to_json` wrote."""
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    rows = np.frombuffer(base64.b64decode(found["rows"]), np.int8).reshape(-1, found["dimensions"])
    return found["words"], rows * np.array(found["scales"], np.float32)[:, None]


def to_onnx(encoder, out):
    """One file: `ids` and `mask` (texts, tokens) int64 -> `vectors` (texts, D), any number of texts and tokens.

    The tokenizer, which puts <BOS> and <EOS> around a text, goes into a folder beside it, NAME.tokenizer.
    """
    if not _is_transformer(encoder):
        refuse(encoder, "onnx", "A static encoder goes to model2vec, which exports to ONNX itself.")
    if encoder.network.config.positions == "rotary":
        raise HornbookError("ONNX has no complex numbers, with which rotary positions are turned: train with"
                            " --set positions=learned.")  # fmt: skip
    try:
        import onnxscript  # noqa: F401  (with which torch writes it)
        import torch
    except ImportError as error:
        raise HornbookError(f"this needs {error.name}: pip install 'hornbook[torch,onnx]'") from error
    from hornbook.bert_tokenizer import save_tokenizer
    from hornbook.fast.onnx import Pooled

    network, most = encoder.network, encoder.network.encoder.max_tokens
    model = Pooled(network.config, network.parameters, network.encoder.reading).eval()
    ids, mask = torch.ones(2, min(8, most), dtype=torch.int64), torch.ones(2, min(8, most), dtype=torch.int64)
    free = {0: torch.export.Dim("texts", min=1), 1: torch.export.Dim("tokens", min=2, max=most)}
    with written_whole(out) as temporary, _quiet():
        program = torch.onnx.export(
            model, (ids, mask), input_names=["ids", "mask"], output_names=["vectors"], opset_version=OPSET,
            dynamic_shapes=(free, free), dynamo=True, verbose=False,
        )  # fmt: skip
        program.save(temporary, external_data=False)
    beside = out.with_suffix(".tokenizer")
    save_tokenizer(beside, encoder.tokenizer, most)
    return {"tokenizer": str(beside), "max_tokens": most, "opens_with": f"onnxruntime.InferenceSession({str(out)!r})"}


@contextmanager
def _quiet():
    """Without what torch says about axes of one name and packages that nobody needs."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


FORMATS = {
    "sentence-transformers": Format(to_sentence_transformers, "transformers as BERT is one, and static encoders"),
    "model2vec": Format(to_model2vec, "static encoders"),
    "word2vec": Format(to_word2vec, "the vectors of words (word2vec, lsa, static)"),
    "onnx": Format(to_onnx, "transformers"),
    "json": Format(to_json, "the vectors of words (word2vec, lsa, static), as bytes"),
}
