"""Keeper: takes the values of the experiments by name, and writes one JSON file that changes only where they do."""

import json

import numpy as np

from hornbook.errors import HornbookError
from hornbook.files import write_text
from hornbook.film.recording import FORMAT

DIGITS = 7  # significant ones, of every number that is kept


class Keeper:
    """``keep = Keeper(); keep.run("lm", …); keep("lm.loss", 3.2, "what it is", "lm"); keep.write(path)``."""

    def __init__(self):
        self.runs, self.values = {}, {}

    def run(self, name, *, corpus, sha256, model, settings, seed, steps, command):
        """Say how the values of a run come about; `settings` is a dict of plain values."""
        self.runs[name] = {
            "corpus": corpus, "sha256": sha256, "model": model, "settings": plain(settings), "seed": seed,
            "steps": steps, "command": command,
        }  # fmt: skip
        return name

    def __call__(self, name, value, what, run):
        """Keep a number, a text, or an array or list of either. HornbookError for a value that is not finite."""
        if run not in self.runs:
            raise HornbookError(f'"{name}" is of the run "{run}", of which nothing has been said.')
        if name in self.values:
            raise HornbookError(f'two values are named "{name}".')
        data, shape = plain(value), np.shape(value)
        self.values[name] = {"run": run, "what": what, "data": data} | ({"shape": list(shape)} if shape else {})

    def text(self):
        """The file: sorted, a value a line."""
        parts = [f'"format": {json.dumps(FORMAT)}']
        for part in ("runs", "values"):
            rows = [f"{json.dumps(name)}: {_line(row)}" for name, row in sorted(getattr(self, part).items())]
            parts.append(f'"{part}": {{\n' + ",\n".join(rows) + "\n}")
        return "{\n" + ",\n".join(parts) + "\n}\n"

    def write(self, path):
        write_text(path, self.text())


def _line(row):
    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def plain(value):
    """A value as JSON holds it: floats to DIGITS significant ones. HornbookError for what is not finite."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, bool | str | int) or value is None:
        return value
    if isinstance(value, np.integer):
        return int(value)
    if not np.isfinite(value):
        raise HornbookError(f"{value} cannot be shown; a value that is kept is finite.")
    return float(f"{float(value):.{DIGITS}g}")
