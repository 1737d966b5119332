"""Recording: the numbers that the film shows, each by its name, with the run that made it.

python -m hornbook.film.recording [PREFIX] lists them; python -m hornbook.film.record makes them anew.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from hornbook.errors import HornbookError, nearest

FORMAT = "hornbook recording 1"


def place():
    return Path(__file__).with_name("recording.json")


class Recording(Mapping):
    """What the experiments gave: ``Recording.load()["lm.loss"]``; iterating gives the names.

    A number is an int or a float, a text a str, a list of texts a list; numbers in rows are a NumPy array.
    Raises HornbookError for a name that is not there, with the nearest one.
    """

    def __init__(self, runs, values):
        self.runs, self.values_as_kept = runs, values

    @classmethod
    def load(cls, path=None):
        """The recording of a file, or else the one that lies beside this module."""
        path = Path(path or place())
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept.get("format") != FORMAT:
            raise HornbookError(f'{path} is {kept.get("format")!r}; a recording is "{FORMAT}".')
        return cls(kept["runs"], kept["values"])

    def __getitem__(self, name):
        data = self.entry(name)["data"]
        return np.array(data) if isinstance(data, list) and not isinstance(_first(data), str) else data

    def __iter__(self):
        return iter(self.values_as_kept)

    def __len__(self):
        return len(self.values_as_kept)

    def entry(self, name):
        """{run, by, what, data, shape where it is no single value}: as the file has it; `by` is a file of `record`."""
        if name not in self.values_as_kept:
            raise HornbookError(f'nothing is recorded as "{name}".{nearest(name, self._like(name))}')
        return self.values_as_kept[name]

    def _like(self, name):
        """The names of the same group, else of all: a message that lists hundreds helps nobody."""
        group = [known for known in self if known.split(".")[0] == name.split(".")[0]]
        return group or sorted({known.split(".")[0] for known in self})

    def run(self, name):
        """What made a value: {corpus, sha256, model, settings, seed, steps, command}."""
        return self.runs[self.entry(name)["run"]]

    def what(self, name):
        """What a value is, in a line."""
        return self.entry(name)["what"]

    def shape(self, name):
        """() of a number or a text, else the sizes of the rows."""
        return tuple(self.entry(name).get("shape", ()))


def _first(data):
    while isinstance(data, list) and data:
        data = data[0]
    return data


def main(prefix=""):
    recording = Recording.load()
    for name in recording:
        if name.startswith(prefix):
            entry = recording.entry(name)
            print(f"{name:44} {entry.get('shape', '')!s:12} {entry['run']:16} {entry['what']}")
    print(f"\n{len(recording)} values of {len(recording.runs)} runs:")
    for name, about in recording.runs.items():
        print(f"{name:16} {about['corpus']}, {about['model']}, {about['steps']} steps: {about['command']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
