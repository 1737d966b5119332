"""What the tests of the index share: an encoder on paper, and ways to lay out files and compare indexes."""

import os

import numpy as np
import pytest

from hornbook.fast.terms import words_of

COLOURS = ("red", "green", "blue", "grey")


@pytest.fixture(scope="module", autouse=True)
def unsynced():
    """No test cuts the power, so none need wait for the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


class Encoder:
    """A text as which of four colours it names, ±1: dot products are whole numbers, exact in any order."""

    folder = None

    def __init__(self, about="colours", fails_after=None):
        self.about, self.fails_after, self.encoded = {"model": about}, fails_after, []

    def encode(self, texts, normalize=False):
        if self.fails_after is not None and len(self.encoded) + len(texts) > self.fails_after:
            raise KeyboardInterrupt
        self.encoded += texts
        return np.array([[2.0 * (colour in words_of(text)) - 1 for colour in COLOURS] for text in texts], np.float32)


def lay(folder, files):
    """Write name -> text, or None to remove."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(text if isinstance(text, bytes) else text.encode())


def contents(index):
    """Every passage of an index, with the vector it has."""
    state, found = index._state, []
    for number, passage in enumerate(index.passages()):
        segment, row = (part[number] for part in state._rows)
        vectors = state.segments[segment].vectors
        found.append((passage, None if vectors is None else vectors[row].tolist()))
    return found


def tree(folder):
    """Every file below a folder and its bytes, but for the lock."""
    return {os.path.relpath(os.path.join(at, name), folder): open(os.path.join(at, name), "rb").read()
            for at, _, names in os.walk(folder) for name in names if name != ".lock"}  # fmt: skip


def told(hits):
    """What hits say, in a form that compares."""
    return [(os.path.basename(hit.file), hit.lines, round(hit.score, 12), hit.ranks) for hit in hits]
