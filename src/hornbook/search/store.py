"""An index as a folder: segments that never change, and one small manifest that says which of them hold.

index.json          the manifest: sources, files with their stamps and rows, encoder; switched whole by a rename
segments/0001/      passages.jsonl, vectors.npy (float32), and who has which word: words.txt, *.npy
"""

import json
import os
import shutil
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

import numpy as np

from hornbook.errors import HornbookError
from hornbook.files import disk_errors, read_json, write_json

FORMAT = 1
MANIFEST = "index.json"
SEGMENTS = "segments"
LOCK = ".lock"


def read_manifest(folder):
    """index.json as a dict. Raises HornbookError when it is missing, broken, or of a newer hornbook."""
    path = Path(folder) / MANIFEST
    if not path.exists():
        raise HornbookError(f"there is no index {folder}. One is made by: hornbook index FOLDER --out {folder}")
    return read_json(path, FORMAT, f"Remove {folder} and build the index again.")


def write_manifest(folder, manifest):
    """Switch to another state of the index, then remove what no longer belongs to it."""
    write_json(Path(folder) / MANIFEST, {"format": FORMAT, **manifest})
    live = {f"{number:04}" for number in manifest["segments"]} | {(manifest["nearest"] or {}).get("file")}
    old = [*(Path(folder) / SEGMENTS).glob("*"), *Path(folder).glob("nearest-*"), *Path(folder).glob("encoding-*")]
    for path in old:
        if path.is_dir() and path.name not in live:
            shutil.rmtree(path, ignore_errors=True)
        elif path.name not in live:
            with suppress(OSError):  # a system may hold on to what is still mapped: the next update removes it
                path.unlink()


@contextmanager
def writing(folder):
    """Hold the folder's lock, which ends with the process however that ends. Raises HornbookError where it is held.

    Where the system has no such locks (Windows), the last to write its manifest wins.
    """
    folder = Path(folder)
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / LOCK, "w") as file:
            try:
                import fcntl
            except ImportError:
                yield
                return
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise HornbookError(f"another process is writing {folder}. Try again when it is done.") from error
            yield


def claim(folder):
    """Refuse a folder that holds something else; what a killed build left there is no obstacle."""
    folder = Path(folder)
    if folder.is_dir():
        strange = [path.name for path in folder.iterdir() if not _is_ours(path)]
        if strange:
            raise HornbookError(f"{folder} is not empty and holds no index ({strange[0]}). Choose another --out.")


def _is_ours(path):
    return path.name in (LOCK, SEGMENTS) or path.name.startswith(("encoding-", "nearest-", f".{MANIFEST}."))


# -- segments -----------------------------------------------------------------------------------------------------


def write_segment(folder, number, passages, words, arrays):
    """Write dicts of passages, the words they have, and name -> array: `postings.count`, with `vectors` and `keys`."""
    place = Path(folder) / SEGMENTS / f"{number:04}"
    shutil.rmtree(place, ignore_errors=True)  # a killed update's
    with disk_errors(place):
        place.mkdir(parents=True)
        lines = [json.dumps(passage, ensure_ascii=False).encode() + b"\n" for passage in passages]
        _write(place / "passages.jsonl", lambda file: file.writelines(lines))
        _write(place / "words.txt", lambda file: file.write("\n".join([*words, ""]).encode()))
        for name, array in {**arrays, "offsets": np.cumsum([0, *map(len, lines)])}.items():
            _write(place / f"{name}.npy", lambda file, array=array: np.save(file, array, allow_pickle=False))


def _write(path, write):
    with open(path, "wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())


class Segment:
    """An open segment; its files are mapped, not read, so it stays whole when an update removes it from the folder.

    Rows of passages whose file changed or is gone are still in it; the manifest knows which.
    """

    def __init__(self, folder, number, has_vectors):
        self.folder, self.number = Path(folder) / SEGMENTS / f"{number:04}", number
        self.offsets, self.lengths, self._starts, self._rows, self._counts = map(
            self._array, ("offsets", "lengths", "starts", "rows", "counts")
        )
        self.vectors, self.keys = (self._array(name) if has_vectors else None for name in ("vectors", "keys"))
        self._lines, self._words = self._bytes("passages.jsonl"), self._bytes("words.txt")
        if has_vectors and len(self.vectors) != len(self):
            raise self._damaged("vectors.npy", f"{len(self.vectors)} vectors for {len(self)} passages")

    def __len__(self):
        return len(self.lengths)

    def passage(self, row):
        """One passage as a dict: file, lines, place, text."""
        try:
            return json.loads(self._lines[self.offsets[row] : self.offsets[row + 1]].tobytes())
        except ValueError as error:
            raise self._damaged("passages.jsonl", error) from error

    @cached_property
    def words(self):
        """word -> its number, for every word of the segment."""
        return {word: number for number, word in enumerate(self._words.tobytes().decode().split("\n")) if word}

    def postings(self, word):
        """(rows that have the word, how often each has it)."""
        number = self.words.get(word)
        inside = slice(0, 0) if number is None else slice(self._starts[number], self._starts[number + 1])
        return self._rows[inside], self._counts[inside]

    def _array(self, name):
        try:
            return np.load(self.folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise self._damaged(f"{name}.npy", error) from error

    def _bytes(self, name):
        try:
            return np.memmap(self.folder / name, np.uint8, "r")
        except ValueError as error:
            raise self._damaged(name, error) from error

    def _damaged(self, name, error):
        return HornbookError(f"{self.folder / name} is damaged: {error}. Remove the index and build it again.")


def number_rows(files, segments):
    """(for each segment an array: row -> number of its passage, −1 where its file is gone; how many there are).

    Passages are numbered in the order of their files' names, however the segments came about.
    """
    numbers = {segment.number: np.full(len(segment), -1) for segment in segments}
    size = 0
    for path in sorted(files):
        start, stop = files[path]["rows"]
        if stop > start:
            numbers[files[path]["segment"]][start:stop] = np.arange(size, size + stop - start)
            size += stop - start
    return [numbers[segment.number] for segment in segments], size
