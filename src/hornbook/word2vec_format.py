"""The word2vec tool's two formats, text and binary, read and written; also GloVe's text, which has no first line.

The first line is `V D`. Text: a line a word, the word and D numbers between blanks. Binary: the word, a blank,
D float32 (little-endian), a line end that some writers leave out. What gzip packed is known by its first two bytes.
"""

import gzip
import zlib
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from hornbook.errors import HornbookError, nearest
from hornbook.files import written_whole
from hornbook.vectors import WordVectors
from hornbook.word2vec_forms import CHUNK, FORMS, LONGEST, MARK, is_number, said_of

ROWS = 2**12  # words written at once
GZIP, GZIP_RATIO = b"\x1f\x8b", 1032  # its first bytes, and the most it can shrink anything
ENDINGS = {".txt": "text", ".vec": "text", ".bin": "binary"}


def read(path, form=None, counts=None, limit=None, errors="strict"):
    """The vectors of a file as WordVectors. `form` is a word of FORMS; without one the file's ending says it.

    `counts` names a file of lines `word count` (gensim's `fvocab`). `limit`: only the first so many words.
    `errors` is what to do with a word that is not UTF-8, as in `open`. Of a word that is there twice the first vector
    stays, as in gensim. Memory: the matrix, the words, and some megabytes.
    Raises HornbookError with the line or byte of what is broken: cut short, another width, not a number, not finite.
    """
    path, form = Path(path), FORMS[form_of(Path(path), form)]
    if limit is not None and limit < 1:
        raise HornbookError(f"limit is {limit}: how many words to read, 1 or more.")
    known = None if counts is None else read_counts(counts)
    try:
        with _opened(path) as file:
            many, width, start = _first_line(file, path, form)
            if start:
                _check_size(path, many, width, form.least_bytes)
            wanted = many if limit is None else min(limit, many)
            words, matrix, found = _gather(form.blocks(file, width, start), wanted, width, form.unit, errors)
        if found < wanted and start:
            raise HornbookError(f"it ends after {found:,} of its {many:,} words, cut short. Fetch or write it anew.")
        if found > many:
            raise HornbookError(f"its first line says {many:,} words, and there are more. Put their number there.")
        return WordVectors(words, matrix, None if known is None else [known.get(word, 0) for word in words])
    except HornbookError as error:
        raise HornbookError(f"{path}: {error}") from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise HornbookError(f"{path} is not a whole gzip file ({error}): fetch or write it anew.") from error


def write(vectors, path, form=None, counts=None):
    """Write WordVectors so that this module, gensim and the word2vec tool read them back, to the same bits.

    An ending .gz packs the file. `counts` names a second file for lines `word count`. Each is written whole or not at
    all. Raises HornbookError for a word with a blank or a line end in it, which the format has no way to write.
    """
    path, form = Path(path), FORMS[form_of(Path(path), form)]
    if counts is not None and vectors.counts is None:
        raise HornbookError("these vectors come without counts: leave out the file for them.")
    words = [_writable(word) for word in vectors.words]
    with _packed(path) as file:
        file.write(b"%d %d\n" % vectors.matrix.shape)
        for start in range(0, len(words), ROWS):
            rows = vectors.matrix[start : start + ROWS]
            file.write(form.written(words[start : start + ROWS], rows))
    if counts is not None:
        with _packed(Path(counts)) as file:
            file.writelines(b"%b %d\n" % pair for pair in zip(words, vectors.counts.tolist()))


def read_counts(path):
    """{word: count} of a file whose lines are a word, a blank and its count; any other line raises HornbookError."""
    found = {}
    with _opened(Path(path)) as file:
        for number, line in enumerate(file, 1):
            word, _, count = line.rstrip().rpartition(b" ")
            try:
                found[word.decode()] = int(count)
            except ValueError as error:
                raise HornbookError(f"{path}, line {number}: a line is a word, a blank and its count.") from error
    return found


def form_of(path, form=None):
    """The word of FORMS for a file: `form` itself, or what the ending says. Any other raises HornbookError."""
    if form is None:
        ending = Path(path.name.removesuffix(".gz")).suffix.lower()
        if ending not in ENDINGS:
            raise HornbookError(
                f"{path} ends in none of {', '.join(ENDINGS)}, with or without .gz. Rename it, or name its form."
            )
        return ENDINGS[ending]
    if form not in FORMS:
        raise HornbookError(f'there is no form "{form}".{nearest(form, FORMS)}')
    return form


def _first_line(file, path, form):
    """(V, D, bytes of the first line, 0 where it is a word's already); the file is left where the words begin."""
    line = file.readline(LONGEST)
    fields = line.removeprefix(MARK).split()
    if len(fields) == 2 and all(field.isdigit() for field in fields):
        many, width = map(int, fields)
        if not many or not width:
            raise HornbookError("its first line says that it holds nothing.")
        return many, width, len(line)
    numbers = next((back for back, field in enumerate(reversed(fields[1:])) if not is_number(field)), len(fields) - 1)
    if form is not FORMS["text"] or numbers < 1:
        raise HornbookError(
            "line 1 is neither the two numbers V and D nor a word with its vector."
            " Files that end in .bin are read as binary, in .txt and .vec as text."
        )
    file.seek(0)
    many = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(CHUNK), b"")) + 1
    file.seek(0)
    return many, numbers, 0


def _check_size(path, many, width, least_bytes):
    """A first line that says more than the file can hold is found before memory is taken for it."""
    size = path.stat().st_size
    with open(path, "rb") as file:
        room = size * GZIP_RATIO if file.read(2) == GZIP else size
    needed = many * (least_bytes * width + 1) - 1
    if needed > room:
        raise HornbookError(
            f"its first line says {many:,} words of {width:,} numbers, which take {needed:,} bytes or more,"
            f" and it has {size:,}: it was cut short. Fetch or write it anew."
        )


def _gather(blocks, wanted, width, unit, errors):
    """(words, matrix, how many there were) of the first `wanted` words; of one that is there twice, the first stays."""
    ids, matrix, found = {}, np.empty((wanted, width), dtype=np.float32), 0
    for block in blocks:
        here = min(len(block.words), wanted - found)
        found += len(block.words)
        finite = np.isfinite(block.rows[:here]).all(axis=1)
        if not finite.all():
            place = int(np.flatnonzero(~finite)[0])
            said = said_of(unit, block.places[place], block.words[place])
            raise HornbookError(f"{said}: its vector holds a number that is not finite. Leave the word out.")
        fresh = []
        for place in range(here):
            word = _decoded(block, place, unit, errors)
            if word not in ids:
                ids[word] = len(ids)
                fresh.append(place)
        matrix[len(ids) - len(fresh) : len(ids)] = block.rows[fresh] if len(fresh) < here else block.rows[:here]
        if found > wanted:
            break
    return list(ids), matrix[: len(ids)], found


def _decoded(block, place, unit, errors):
    try:
        return block.words[place].decode("utf-8", errors)
    except UnicodeDecodeError as error:
        raise HornbookError(
            f"{said_of(unit, block.places[place], block.words[place])}: the word is not UTF-8. What works:"
            " iconv, or word2vec_format.read(path, errors='replace') from Python."
        ) from error


def _writable(word):
    if " " in word or "\n" in word:
        raise HornbookError(f"the word {word!r} cannot be written: a blank or a line end in it would end it early.")
    try:
        return word.encode()
    except UnicodeEncodeError as error:
        raise HornbookError(f"the word {word!r} cannot be written: it holds half a character.") from error


@contextmanager
def _opened(path):
    """The file's bytes, unpacked where gzip packed them."""
    with open(path, "rb") as raw:
        packed = raw.read(2) == GZIP
        raw.seek(0)
        if not packed:
            yield raw
        else:
            with gzip.GzipFile(fileobj=raw) as file:
                yield file


@contextmanager
def _packed(path):
    """A file to write whole; packed where its name ends in .gz, without name or time, so that equal is equal."""
    with written_whole(path) as temporary, open(temporary, "wb") as raw:
        if path.suffix != ".gz":
            yield raw
        else:
            with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=raw, mtime=0) as file:
                yield file
