"""Where vectors go as they come: a .npy that is whole at every moment, the parts of a sparse .npz, lines of JSON."""

import json
import os

import numpy as np
from scipy import sparse

from hornbook.errors import HornbookError
from hornbook.files import disk_errors, written_whole

PARTS = {"data": np.float64, "indices": np.int32, "lengths": np.int64}  # of sparse rows
HEADER = 128  # bytes of a .npy's header, however many rows it speaks of


class Dense:
    """float32 rows appended to a .npy, whose header says how many of them are surely there."""

    def __init__(self, path):
        self.path, self.file = path, None

    def begin(self, dimensions):
        with disk_errors(self.path):
            self.file = open(self.path, "w+b")  # noqa: SIM115 (it stays open from step to step)
            self.file.write(_header(0, dimensions))
            _synced(self.file)

    def go_on(self, sizes, dimensions):
        """Cut off what came after the manifest was written. `sizes` is what `settle` returned."""
        end = HEADER + 4 * sizes["rows"] * dimensions
        if not self.path.exists() or self.path.stat().st_size < end:
            raise HornbookError(f"{self.path} is gone or shorter than its manifest says. --overwrite makes it anew.")
        self.file = open(self.path, "r+b")  # noqa: SIM115
        self.file.truncate(end)
        self.file.seek(end)

    def write(self, texts, vectors):
        with disk_errors(self.path):
            self.file.write(np.ascontiguousarray(vectors, np.float32).tobytes())

    def settle(self, dimensions):
        """Rows to the disk first, then the header that counts them."""
        with disk_errors(self.path):
            _synced(self.file)
            rows = (self.file.tell() - HEADER) // (4 * dimensions)
            self.file.seek(0)
            self.file.write(_header(rows, dimensions))
            self.file.seek(0, os.SEEK_END)
            _synced(self.file)
        return {"rows": rows}

    def finish(self, dimensions):
        """Nothing is left to make."""

    def close(self):
        self.file.close()

    def remove(self):
        if self.file:
            self.file.close()
        self.path.unlink(missing_ok=True)


class Sparse:
    """The numbers, columns and row lengths of sparse rows, each in a hidden file, which become a .npz in the end."""

    def __init__(self, path):
        self.path, self.files = path, {}

    def _place(self, part):
        return self.path.with_name(f".{self.path.name}.{part}")

    def begin(self, dimensions):
        with disk_errors(self.path):
            self.files = {part: open(self._place(part), "w+b") for part in PARTS}  # noqa: SIM115

    def go_on(self, sizes, dimensions):
        """As of `Dense`."""
        for part in PARTS:
            if not self._place(part).exists() or self._place(part).stat().st_size < sizes[part]:
                raise HornbookError(f"{self._place(part)} is gone or too short: {self.path} is finished, or damaged."
                                    " --overwrite makes it anew.")  # fmt: skip
            self.files[part] = open(self._place(part), "r+b")  # noqa: SIM115
            self.files[part].truncate(sizes[part])
            self.files[part].seek(sizes[part])

    def write(self, texts, vectors):
        rows = sparse.csr_matrix(vectors)
        found = {"data": rows.data, "indices": rows.indices, "lengths": np.diff(rows.indptr)}
        with disk_errors(self.path):
            for part, kind in PARTS.items():
                self.files[part].write(found[part].astype(kind).tobytes())

    def settle(self, dimensions):
        """Everything to the disk: {part: bytes}."""
        with disk_errors(self.path):
            for file in self.files.values():
                _synced(file)
        return {part: file.tell() for part, file in self.files.items()}

    def finish(self, dimensions):
        self.settle(dimensions)
        data, indices, lengths = (np.fromfile(self._place(part), kind) for part, kind in PARTS.items())
        shape = (len(lengths), dimensions)
        rows = sparse.csr_matrix((data, indices, np.concatenate([[0], lengths.cumsum()])), shape)
        with written_whole(self.path) as temporary, open(temporary, "wb") as file:
            sparse.save_npz(file, rows, compressed=False)

    def close(self):
        for part, file in self.files.items():
            file.close()
            self._place(part).unlink()

    def remove(self):
        for path in (self.path, *map(self._place, PARTS)):
            path.unlink(missing_ok=True)


class Lines:
    """A line of JSON a text: {"text", "vector"}, or {"text", "columns", "values"} of a sparse one."""

    path = None

    def __init__(self, file):
        self.file = file

    def write(self, texts, vectors):
        rows = zip(texts, vectors) if isinstance(vectors, np.ndarray) else zip(texts, sparse.csr_matrix(vectors))
        for text, vector in rows:
            sparsely = sparse.issparse(vector)
            said = {"columns": vector.indices.tolist(), "values": _short(vector.data)} if sparsely else {
                "vector": _short(vector)
            }  # fmt: skip
            self.file.write(json.dumps({"text": text} | said, ensure_ascii=False) + "\n")
        self.file.flush()

    def finish(self, dimensions):
        """Nothing is left to make."""

    def close(self):
        """The file is the caller's."""

    def remove(self):
        """There is nothing to remove."""


def _short(numbers):
    """float32 in as many digits as tell one from the next."""
    return [float(f"{number:.9g}") for number in numbers.tolist()]


SINKS = {".npy": Dense, ".npz": Sparse}


def _header(rows, dimensions):
    """The first HEADER bytes of a .npy, format 1.0."""
    said = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {dimensions}), }}"
    return b"\x93NUMPY\x01\x00" + (HEADER - 10).to_bytes(2, "little") + said.ljust(HEADER - 11).encode() + b"\n"


def _synced(file):
    file.flush()
    os.fsync(file.fileno())
