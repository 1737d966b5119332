"""The files of an index: which of them changed, and the passages of each with the lines they stand on."""

import csv
import hashlib
import os
import re
import sys
import time
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from hornbook import cleaning, passages, reading
from hornbook.decoding import decoded
from hornbook.errors import HornbookError

STDIN = "stdin"  # what the text of - is filed under
YOUNG = 2_000_000_000  # nanoseconds: a file changed this recently can change again within one tick of its clock


@dataclass(frozen=True)
class Cutting:
    """How files become passages: words of a passage (about), JSON field or column, encoding of the bytes."""

    words: int = passages.WORDS
    field: str | None = None
    encoding: str = "utf-8"

    def __post_init__(self):
        if self.words < 1:
            raise HornbookError(f"passages of {self.words} words cannot be made; it takes 1 or more.")


class Located(NamedTuple):
    """A passage in its file: lines `first` to `last`, and `document[start:end]`, places in characters."""

    text: str
    first: int
    last: int
    start: int
    end: int


class Stamp(NamedTuple):
    """What tells whether a file changed. `mtime_ns` is None where it cannot be trusted: ask the hash."""

    size: int | None
    mtime_ns: int | None
    sha256: str | None


def find(places, inside) -> dict[str, bool]:
    """Absolute path -> whether it was named itself (not met in a folder or glob), for all files of `places`, sorted.

    What lies `inside` the index's own folder is left out, and so is a named file that is gone. A folder that is gone
    raises HornbookError: it may only be a disk that is not there today.
    """
    found = {}
    for place in places:
        for path in _files_now(place):
            if inside.resolve() not in path.resolve().parents:
                path = os.path.abspath(path)
                found[path] = found.get(path, False) or path == place
    return dict(sorted(found.items()))


def _files_now(place):
    path = Path(place)
    if path.is_file():
        return reading.files_of(place)
    if path.is_dir() or any(sign in place for sign in "*?["):
        try:
            return reading.files_of(place)
        except HornbookError:  # there are none (any more)
            return []
    if path.suffix.lower() in LINES and path.parent.is_dir():
        return []
    raise HornbookError(f"{place}, from which the index was made, is gone. Put it back, or --delete it from the index.")


def absolute(place):
    """`place` as it is kept: independent of the folder one works in. Raises HornbookError where there is nothing."""
    if not str(place).strip():
        raise HornbookError("a place to index is a file, a folder, a glob or -, not an empty word.")
    reading.files_of(place)
    return os.path.abspath(os.path.expanduser(str(place)))


def stamp(path, before=None):
    """The stamp of a file now; its bytes are read only where size and time differ from the stamp `before`."""
    status = os.stat(path)
    size, mtime = status.st_size, status.st_mtime_ns
    if before and before.mtime_ns == mtime and before.size == size:
        return before
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Stamp(size, mtime if time.time_ns() - mtime > YOUNG else None, digest)


# -- files → documents with their lines ---------------------------------------------------------------------------


def locate(path, cutting) -> list[Located]:
    """All passages of a file, or of - (stdin), in order. Raises HornbookError for what cannot be read."""
    return [passage for document in documents_of(path, cutting) for passage in _cut(*document, cutting.words)]


def documents_of(path, cutting):
    """(text, first line, last line or None where its lines run on from there) of each document of a file, or of -."""
    if path == "-":
        return _running(sys.stdin.buffer, STDIN, cutting.encoding)
    path = Path(path)
    return LINES[path.suffix.lower()](path, cutting)


def _cut(text, first, last, words):
    """The passages of one document; where `last` is None its lines run on from `first`, else all of it is there."""
    breaks = [match.start() for match in re.finditer("\n", text)] if last is None else []
    for passage, start, end in passages.cut(text, words):
        if last is None:
            yield Located(passage, first + bisect_left(breaks, start), first + bisect_left(breaks, end), start, end)
        else:
            yield Located(passage, first, last, start, end)


def _of_text(path, cutting):
    with path.open("rb") as file:
        return _running(file, path, cutting.encoding)


def _running(file, name, encoding):
    """One document; of a book from Project Gutenberg what stands between its header and its licence."""
    whole = "".join(decoded(file, name, encoding))
    text = cleaning.strip_gutenberg(whole)
    skipped = 0 if text is whole else whole.index(text.rstrip("\n"))
    return [(text, 1 + whole.count("\n", 0, skipped), None)]


def _of_jsonl(path, cutting):
    with path.open("rb") as file:
        numbers = [number for number, line in enumerate(_lines(file, path, cutting), 1) if line.strip()]
        yield from ((text, line, line) for text, line in zip(_texts(path, cutting), numbers))


def _of_csv(path, cutting):
    with path.open("rb") as file:
        lines = list(_lines(file, path, cutting))
        delimiter = max(",;\t", key=lines[0].count) if lines else ","
        rows, spans, before = csv.reader(lines, delimiter=delimiter), [], 0
        texts = list(_texts(path, cutting))  # which raises for what is no CSV
        for row in rows:
            if row and before:
                spans.append((before + 1, rows.line_num))
            before = rows.line_num
    return [(text, first, last) for text, (first, last) in zip(texts, spans)]


def _of_parquet(path, cutting):
    return ((text, row, row) for row, text in enumerate(_texts(path, cutting), 1))


# the ending of a file -> its documents as (text, first line, last line or None where lines run on)
LINES = {".txt": _of_text, ".md": _of_text, ".jsonl": _of_jsonl, ".csv": _of_csv, ".parquet": _of_parquet}


def _texts(path, cutting):
    return map("".join, reading.FORMATS[path.suffix.lower()](path, cutting.field, cutting.encoding))


def _lines(file, path, cutting):
    """Lines with their ends; only the newline ends one."""
    for piece in decoded(file, path, cutting.encoding):
        yield from (line + "\n" for line in piece.removesuffix("\n").split("\n") if piece)
