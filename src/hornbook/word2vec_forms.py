"""The bodies of word vector files, as text and as binary: bytes → blocks of words and rows, and back."""

import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from hornbook.errors import HornbookError

CHUNK = 2**22  # bytes read at once
LONGEST = 2**16  # bytes a word may have
MARK = b"\xef\xbb\xbf"  # a byte order mark
UNSURE = (b"  ", b"\t", b"\v", b"\f", b"\r")  # among numbers: counting single blanks would not count them


class Block(NamedTuple):
    """Some words of a file, with the line (or byte) at which each begins: `rows` is (words, D)."""

    places: list[int]
    words: list[bytes]
    rows: np.ndarray


def said_of(unit, place, word):
    return f'{unit} {place:,} ("{word[:40].decode("utf-8", "backslashreplace")}")'


def _text_blocks(file, width, start):
    number = 2 if start else 1
    while lines := file.readlines(CHUNK):
        if number == 1:
            lines[0] = lines[0].removeprefix(MARK)
        yield _text_block(lines, width, number)
        number += len(lines)


def _text_block(lines, width, first):
    """Lines as words and numbers; lines that are not one word and D numbers between single blanks are read slowly."""
    places, words, numbers = [], [], []
    for place, line in enumerate(lines, first):
        line = line.rstrip()
        if not line:
            continue
        word, _, rest = line.partition(b" ")
        if rest.count(b" ") != width - 1:
            word, rest = _parted(line, width, place)
        places.append(place)
        words.append(word)
        numbers.append(rest)
    together = b" ".join(numbers)
    rows = None if any(sign in together for sign in UNSURE) else _parsed(together)
    if rows is None or len(rows) != len(words) * width:
        rows = np.array([_slowly(*line, width) for line in zip(places, words, numbers)], dtype=np.float32)
    return Block(places, words, rows.reshape(-1, width))


def _parsed(numbers):
    """Numbers between blanks as float32, or None where one is not a number."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # NumPy only warns when it stops before the end
        try:
            return np.fromstring(numbers, dtype=np.float32, sep=" ")
        except (DeprecationWarning, ValueError):
            return None


def _parted(line, width, place):
    """A word that has blanks in it, or numbers parted by tabs or several blanks: the last D fields are the numbers."""
    word, *numbers = line.rsplit(None, width)
    first, *more = word.split()
    if len(numbers) < width or (more and is_number(more[-1])):
        raise _wrong_width(place, first, len(line.split()) - 1, width)
    return word, b" ".join(numbers)


def _slowly(place, word, numbers, width):
    fields = numbers.split()
    if len(fields) != width:
        raise _wrong_width(place, word, len(fields), width)
    for field in fields:
        if not is_number(field):
            said = field[:40].decode("utf-8", "backslashreplace")
            raise HornbookError(f'{said_of("line", place, word)}: "{said}" is not a number.')
    return [float(field) for field in fields]


def _wrong_width(place, word, numbers, width):
    return HornbookError(
        f"{said_of('line', place, word)} has {numbers} numbers, the lines before it {width}. Was it cut short,"
        " or is there a blank in a word?"
    )


def is_number(field):
    try:
        float(field)
    except ValueError:
        return False
    return True


def _binary_blocks(file, width, start):
    size, kept, at = 4 * width, b"", start
    while chunk := file.read(CHUNK):
        kept += chunk
        places, words, rows, here = [], [], [], 0
        while (blank := kept.find(b" ", here)) >= 0 and blank + 1 + size <= len(kept):
            while kept.startswith(b"\n", here):
                here += 1
            places.append(at + here)
            words.append(kept[here:blank])
            rows.append(kept[blank + 1 : blank + 1 + size])
            here = blank + 1 + size
        yield Block(places, words, np.frombuffer(b"".join(rows), dtype="<f4").reshape(-1, width))
        kept, at = kept[here:], at + here
        if len(kept) > size + LONGEST and kept.find(b" ", 0, LONGEST) < 0:
            raise HornbookError(f"byte {at:,}: no blank ends a word here. Is it binary, {width} numbers a word?")
    if left := len(kept.lstrip(b"\n")):
        raise HornbookError(
            f"byte {at + len(kept) - left:,}: it ends within a word or its vector. Fetch or write the file anew."
        )


def _text_written(words, rows):
    line = b"%b" + b" %.9g" * rows.shape[1] + b"\n"  # nine digits bring every float32 back to the bit
    return b"".join(line % (word, *row) for word, row in zip(words, rows.tolist()))


def _binary_written(words, rows):
    return b"".join(b"%b %b\n" % (word, row.tobytes()) for word, row in zip(words, rows.astype("<f4")))


class Form(NamedTuple):
    """How a form is read, how it is written, how its places are called, and the least bytes that a number takes."""

    blocks: Callable
    written: Callable
    unit: str
    least_bytes: int


FORMS = {
    "text": Form(_text_blocks, _text_written, "line", 2),
    "binary": Form(_binary_blocks, _binary_written, "byte", 4),
}
