"""What a learner has done: progress.json in the learner's folder, kept through kills and two notebooks at once."""

import json
import shutil
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from hornbook.files import write_json

NAME = "progress.json"
PARTS = ("exercises", "predictions")
_memory = {}  # what is known where no folder is


def folder(start=None):
    """The learner's folder: the nearest one upwards that holds progress.json, or None."""
    start = Path(start or Path.cwd()).resolve()
    return next((each for each in (start, *start.parents) if (each / NAME).is_file()), None)


def read(where=None):
    """What is known: {"exercises": {id: {"state", "passed", "tries", "hints"}}, "predictions": {name: text}}."""
    where = where or folder()
    if where is None:
        return _memory
    try:
        return _load(where)
    except ValueError:
        with _locked(where):
            return _mended(where)


def _load(where):
    """What the file holds. Raises ValueError where it was edited by hand, or cut off by another program."""
    try:
        known = json.loads((where / NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    if not isinstance(known, dict) or not all(isinstance(known.get(part, {}), dict) for part in PARTS):
        raise ValueError(f"{where / NAME} holds something else")
    return known


def _mended(where):
    """What the file holds; a damaged one is put aside, said so, and a new one begun in its place."""
    try:
        return _load(where)
    except ValueError:
        shutil.copyfile(where / NAME, where / f"{NAME}.broken")
        write_json(where / NAME, {"exercises": {}})
        told = f"{where / NAME} was damaged. It is now {NAME}.broken, and a new one is begun"
        print(f"{told}; hornbook lessons check fills it in from your notebooks.", file=sys.stderr)
        return {"exercises": {}}


def record(identity, state, where=None):
    """Note the state of an exercise. Once passed it stays passed, and says when."""
    with _changing(where) as known:
        entry = _entry(known, identity)
        entry["tries"] = entry.get("tries", 0) + 1
        entry["state"] = state
        if state == "PASS":
            entry.setdefault("passed", time.strftime("%Y-%m-%dT%H:%M:%S"))


def take_hint(identity, where=None):
    """Count one more hint, and return how many it are now."""
    with _changing(where) as known:
        entry = _entry(known, identity)
        entry["hints"] = entry.get("hints", 0) + 1
        return entry["hints"]


def predicted(name, value, where=None):
    """Note a prediction; the first one stays beside a later one."""
    with _changing(where) as known:
        known.setdefault("predictions", {}).setdefault(name, []).append(value)


def forget(identities, where):
    """Forget what is known of some exercises."""
    with _changing(where) as known:
        for identity in identities:
            known.get("exercises", {}).pop(identity, None)


def begin(where):
    """Make a folder a learner's folder."""
    if not (where / NAME).is_file():
        write_json(where / NAME, {"exercises": {}})


def _entry(known, identity):
    return known.setdefault("exercises", {}).setdefault(identity, {})


@contextmanager
def _changing(where):
    """The progress to change; read again under a lock and written whole, so that two notebooks lose nothing."""
    where = where or folder()
    if where is None:
        yield _memory
        return
    with _locked(where):
        known = _mended(where)
        yield known
        write_json(where / NAME, known)


@contextmanager
def _locked(where):
    try:
        import fcntl
    except ImportError:  # Windows: the file is written whole all the same
        yield
        return
    with open(where / ".progress.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
