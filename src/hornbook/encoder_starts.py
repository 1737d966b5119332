"""Encoders that a ladder did not train: set beside its rungs on the same held-out passages, and kept with them."""

import json
from pathlib import Path

from hornbook import run as files
from hornbook.errors import HornbookError
from hornbook.files import write_json
from hornbook.models import kind_of, missing

KEPT = "elsewhere.json"  # in the ladder's folder: name -> what was measured
ELSEWHERE = "pretrained elsewhere, not trained on this text"
HERE = "trained on this text, but not by this ladder"


def named(starts, taken):
    """name -> "minilm" or the folder of each encoder of `starts`; none of the names is in `taken`.

    Raises HornbookError for what is no encoder, before anything is trained.
    """
    found = {}
    for start in dict.fromkeys(map(str, starts)):
        _check(start)
        path = Path(start).resolve()
        name = start if start == "minilm" else path.name
        if name in taken or found.get(name, start) != start:
            name = f"{path.parent.name}-{path.name}"
        found[name] = start if start == "minilm" else str(path)
    return found


def measured(start, passages, sha256):
    """What the encoder of a folder makes of `passages`, as a run's config has its results, and what is to be said.

    Raises HornbookError where it cannot be loaded, a package being missing, or nothing can be measured.
    """
    from hornbook.encoder import TextEncoder, is_transformer
    from hornbook.half_match import half_match

    if is_transformer(start) and (why := missing("contrastive")):
        raise HornbookError(why)
    encoder = TextEncoder.load(start)
    here = encoder.about.get("corpus", {}).get("sha256") == sha256
    results = encoder.about.get("results", {})
    return {
        "from": start,
        "note": HERE if here else ELSEWHERE,
        "results": {
            "validation": half_match(encoder, passages).numbers(),
            "dimensions": int(encoder.encode([""]).shape[1]),
            "parameters": int(sum(array.size for array in encoder.network.export().values())),
            "seconds": results.get("seconds") if here else None,
        },
    }


def read_kept(folder, sha256):
    """What `keep` wrote for the text of that hash: name -> `measured`; {} where nothing was."""
    try:
        kept = json.loads((Path(folder) / KEPT).read_text(encoding="utf-8"))
        return kept["encoders"] if kept["sha256"] == sha256 else {}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError) as error:
        raise HornbookError(f"{Path(folder) / KEPT} is damaged: {error}. Without it, --with measures anew.") from error


def keep(folder, sha256, encoders):
    """Write what was measured into the ladder's folder, whole or not at all."""
    write_json(Path(folder) / KEPT, {"sha256": sha256, "encoders": encoders})


def _check(start):
    from hornbook.encoder import is_transformer

    if not is_transformer(start) and not kind_of(model := files.read_config(start)["model"]).is_encoder:
        raise HornbookError(f"--with {start} is a language model ({model}); it sets an encoder beside the others.")
