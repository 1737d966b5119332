"""What a learner has done: progress.json in the learner's folder, kept through kills and two notebooks at once."""

import json
import os
import time
from contextlib import contextmanager
from pathlib import Path

from hornbook.files import write_json

NAME = "progress.json"
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
        known = json.loads((where / NAME).read_text(encoding="utf-8"))
        return known if isinstance(known, dict) else {}
    except FileNotFoundError:
        return {}
    except ValueError:  # edited by hand, or cut off by another program
        os.replace(where / NAME, where / f"{NAME}.broken")
        return {}


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
        known = read(where)
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
