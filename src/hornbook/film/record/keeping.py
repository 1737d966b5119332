"""Keeper: takes the values of the experiments by name, and writes one JSON file that changes only where they do."""

import json
from pathlib import Path

import numpy as np

from hornbook.errors import HornbookError
from hornbook.files import write_text
from hornbook.film.recording import FORMAT

DIGITS = 7  # significant ones, of every number that is kept


class Keeper:
    """What an experiment is given: `keep.run` says how values come about, ``keep(name, value, what, run)`` keeps one.

    `folder` is where the trained models lie, so that several experiments look into the same one.
    """

    def __init__(self, folder, runs=None, values=None):
        self.folder, self.runs, self.values, self.by = Path(folder), dict(runs or {}), dict(values or {}), ""

    def begin(self, by):
        """The values from here on are of the file `by`; what it kept before is forgotten."""
        self.by = by
        self.values = {name: entry for name, entry in self.values.items() if entry["by"] != by}

    def run(self, name, about):
        """Say how the values of a run come about: a dict of `runs.about`. Returns the name."""
        self.runs[name] = plain(about)
        return name

    def __call__(self, name, value, what, run):
        """Keep a number, a text, or an array or list of either. HornbookError for a value that is not finite."""
        if run not in self.runs:
            raise HornbookError(f'"{name}" is of the run "{run}", of which nothing has been said.')
        if name in self.values:
            raise HornbookError(f'two values are named "{name}".')
        try:
            data, shape = plain(value), np.shape(value)
        except (HornbookError, ValueError) as error:
            raise HornbookError(f"{name}: {error}") from error
        self.values[name] = {"run": run, "by": self.by, "what": what, "data": data}
        if shape:
            self.values[name]["shape"] = list(shape)

    def text(self):
        """The file: sorted, a value a line; runs of which nothing was kept are left out."""
        used = {entry["run"] for entry in self.values.values()}
        parts = {"runs": {name: about for name, about in self.runs.items() if name in used}, "values": self.values}
        rows = [f'"format": {json.dumps(FORMAT)}']
        for part, entries in parts.items():
            lines = [f"{json.dumps(name)}: {_line(entry)}" for name, entry in sorted(entries.items())]
            rows.append(f'"{part}": {{\n' + ",\n".join(lines) + "\n}")
        return "{\n" + ",\n".join(rows) + "\n}\n"

    def write(self, path):
        write_text(path, self.text())


def _line(entry):
    return json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def plain(value):
    """A value as JSON holds it: floats to DIGITS significant ones. HornbookError for what is not finite."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, bool | str | int) or value is None:
        return value
    if not np.isfinite(value):
        raise HornbookError(f"{value} cannot be shown; a value that is kept is finite.")
    return float(f"{float(value):.{DIGITS}g}")
