"""One folder is a model: what lies in `runs/<name>/`, read with care and written whole."""

import json
import re
from contextlib import contextmanager
from pathlib import Path

from hornbook.errors import HornbookError
from hornbook.files import disk_errors, read_json, write_json

FORMAT = 1  # of config.json; a newer hornbook may write a higher one

MODEL = "model.safetensors"  # the best weights so far
CONFIG = "config.json"
TOKENIZER = "tokenizer.json"
LOG = "training.jsonl"  # one line a step
CHECKPOINT = "checkpoint.safetensors"  # weights, optimizer and step, to go on from
CARD = "README.md"
CURVE = "loss.png"
PASSAGES = "passages.jsonl"  # an encoder's held-out passages, one a line
PAIRS = "pairs.jsonl"  # what a sentence encoder learnt from, where people marked it
PIECES = "pieces.json"  # the tokenizer of an encoder's subwords
MAP = ("map.png", "map.html")
TOKENS = {"train": "train.tokens", "validation": "validation.tokens", "test": "test.tokens"}


def claim(folder, overwrite=False):
    """Make `folder` for a new run. A folder that holds a run, or anything else, raises HornbookError."""
    folder = Path(folder)
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if (folder / CONFIG).exists():
        if not overwrite:
            raise HornbookError(
                f"{folder} already holds a run. --overwrite starts it anew, --out names another folder;"
                " hornbook train --resume goes on with one that was stopped."
            )
        clear(folder)
    elif overwrite and _begun(folder):
        clear(folder)
    elif any(folder.iterdir()):
        raise HornbookError(f"{folder} is not empty and holds no run. Choose another folder with --out.")
    return folder


WRITTEN = (CONFIG, MODEL, CHECKPOINT, LOG, CARD, CURVE, TOKENIZER, PASSAGES, PAIRS, PIECES, *MAP, *TOKENS.values())
SENTENCES = (  # what a sentence encoder's run has for sentence-transformers
    "modules.json", "config_sentence_transformers.json", "1_Pooling/config.json", "2_Normalize/config.json",
    *(f"0_Transformer/{name}" for name in (MODEL, CONFIG, TOKENIZER, "tokenizer_config.json",
                                           "sentence_bert_config.json")),
)  # fmt: skip


@contextmanager
def beginning(folder, overwrite=False):
    """Claim `folder` for what the block writes into it; a block that fails leaves no folder behind."""
    folder = claim(folder, overwrite)
    try:
        yield folder
    except BaseException:
        _remove(folder)
        raise


@contextmanager
def cleared_if_impossible(folder):
    """What cannot be learnt, as a HornbookError says, leaves no folder behind."""
    try:
        yield
    except HornbookError:
        _remove(folder)
        raise


def _remove(folder):
    clear(folder)
    folder.rmdir()


def clear(folder):
    """Remove what a run has written, and what a killed one was writing, and nothing else."""
    for path in [folder / name for name in WRITTEN + SENTENCES]:
        path.unlink(missing_ok=True)
        for unfinished in path.parent.glob(f".{path.name}.*"):
            unfinished.unlink()
    for place in {path.split("/")[0] for path in SENTENCES if "/" in path}:
        if (folder / place).is_dir() and not any((folder / place).iterdir()):
            (folder / place).rmdir()


def _begun(folder):
    """Whether all there is in `folder` is what a run writes before its config: it was killed at its beginning."""
    early = (TOKENIZER, PASSAGES, PAIRS, PIECES, *TOKENS.values())
    return all(path.name in early or path.name.startswith(tuple(f".{name}." for name in WRITTEN))
               for path in folder.iterdir())  # fmt: skip


def read_config(folder):
    """config.json as a dict. Raises HornbookError when it is missing, broken, or of a newer hornbook."""
    folder = Path(folder)
    path = folder / CONFIG
    if not folder.exists():
        raise HornbookError(f"there is no run {folder}.{_runs_beside(folder)}")
    if folder.is_file():
        raise HornbookError(
            f"{folder} is a file; a run is a folder that `hornbook train` writes. Files of word vectors are read by"
            " hornbook neighbours, analogy, odd and map."
        )
    if not path.exists():
        raise HornbookError(f"{folder} is not a run: it has no {CONFIG}. A run is what `hornbook train` writes.")
    return read_json(path, FORMAT, "Train the run again, or put the file back.")


def write_config(folder, **parts):
    from hornbook import __version__

    write_json(Path(folder) / CONFIG, {"format": FORMAT, "hornbook": __version__, **parts})


def told_of(corpus, characters):
    """What config.json says of the text: `characters` is part -> how many."""
    return {"name": corpus.name, "source": corpus.source, "sha256": corpus.sha256, "characters": characters}


def check_text(folder, about, corpus):
    """Raise HornbookError where a ladder's rung, `about`, was trained on another text than `corpus`."""
    if about["corpus"]["sha256"] != corpus.sha256:
        raise HornbookError(
            f"{folder} holds a ladder of another text ({about['corpus']['name']}). Choose another folder with --out."
        )


def read_log(folder):
    """The lines of training.jsonl as dicts; a last line cut short by a kill is left out."""
    path = Path(folder) / LOG
    lines = []
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                lines.append(json.loads(line))
            except ValueError:
                break
    return lines


def default_folder(corpus, model):
    """runs/<corpus>-<model>, with -2, -3 … when that is taken."""
    base = Path("runs") / f"{_word(corpus)}-{model}"
    folder, number = base, 2
    while folder.exists():
        folder, number = base.with_name(f"{base.name}-{number}"), number + 1
    return folder


def _word(corpus):
    """A corpus as part of a folder's name: stdin for -, a folder's own name for `.`, and nothing of a glob's signs."""
    if str(corpus) in ("-", ""):
        return "stdin"
    path = Path(corpus).resolve()
    plain = next((part for part in (path, *path.parents) if not re.search(r"[*?\[]", part.name)), path)
    return plain.stem or "text"


def _runs_beside(folder):
    around = folder.parent if folder.parent.exists() else Path("runs")
    runs = sorted(str(path.parent) for path in around.glob(f"*/{CONFIG}"))
    return f" There is: {', '.join(runs[:8])}." if runs else " `hornbook train` makes one."
