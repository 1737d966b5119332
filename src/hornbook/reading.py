"""A person's files → documents, one after another: text, Markdown, JSON lines, CSV, Parquet; folders, globs, stdin."""

import csv
import glob
import json
import sys
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import chain, groupby
from pathlib import Path

from hornbook import cleaning
from hornbook.decoding import decoded
from hornbook.errors import HornbookError, nearest


def iter_documents(place, documents="whole", field=None, encoding="utf-8") -> Iterator[str]:
    """The documents of a file, folder, glob or ``-`` (stdin), in order, without holding more than one.

    `documents` is a word of `UNITS`; `field` the JSON field or the column that holds the text. Blank documents are
    left out. Raises HornbookError for what cannot be read, naming the file and the place in it.
    """
    cut = _choose_unit(documents)
    for text in _iter_texts(place, field, encoding):
        yield from (document for document in cut(text) if document and not document.isspace())


def iter_pieces(place, field=None, encoding="utf-8") -> Iterator[tuple[int, str]]:
    """(document's number, next piece of it) for documents that may not fit in memory; pieces end at line ends."""
    for number, text in enumerate(_iter_texts(place, field, encoding)):
        yield from ((number, piece) for piece in text if piece)


def cut_again(texts: Iterable[str], documents: str) -> list[str]:
    """Documents cut into smaller ones: by a word of `UNITS`."""
    return [document for text in texts for document in _choose_unit(documents)([text]) if document.strip()]


# -- the units a text can be cut into; each takes the pieces of one text ------------------------------------------


def _whole(pieces):
    yield "".join(pieces)


def _line(pieces):
    return (line.strip() for line in _lines(pieces))


def _paragraph(pieces):
    for filled, lines in groupby(_lines(pieces), key=lambda line: bool(line.strip())):
        if filled:
            yield "\n".join(lines)


UNITS = {"whole": _whole, "line": _line, "paragraph": _paragraph}


def _choose_unit(documents):
    if documents not in UNITS:
        raise HornbookError(f'documents cannot be "{documents}".{nearest(documents, UNITS)}')
    return UNITS[documents]


def _lines(pieces):
    """Lines without their ends; only the newline ends one, unlike `str.splitlines`."""
    for piece in pieces:
        if piece:
            yield from piece.removesuffix("\n").split("\n")


# -- places → texts; a text is an iterable of pieces --------------------------------------------------------------


def _iter_texts(place, field, encoding):
    if str(place) == "-":
        yield _stripped(decoded(sys.stdin.buffer, "stdin", encoding))
        return
    for path in files_of(place):
        yield from FORMATS[path.suffix.lower()](path, field, encoding)


def files_of(place) -> list[Path]:
    """The files that a path, folder or glob stands for, sorted; hidden ones and, in folders, other formats left out."""
    path = Path(place).expanduser()
    if path.is_dir():
        found = [file for file in sorted(path.rglob("*")) if _is_visible(file, path) and file.suffix.lower() in FORMATS]
        if not found:
            raise HornbookError(f"the folder {place} holds no file that ends in {_formats()}.")
        return found
    if path.exists():
        return [_known_format(path)]
    if any(sign in str(place) for sign in "*?["):
        found = [Path(match) for match in sorted(glob.glob(str(path), recursive=True)) if Path(match).is_file()]
        if not found:
            raise HornbookError(f"no file matches {place}.")
        return [_known_format(file) for file in found]
    raise HornbookError(f'there is no file or folder "{place}".{similar(place)}')


def _is_visible(file, folder):
    return file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts)


def _known_format(path):
    if path.suffix.lower() not in FORMATS:
        ending = f'files ending in "{path.suffix}"' if path.suffix else "files without an ending"
        raise HornbookError(
            f"{path}: hornbook does not know {ending}; it reads {_formats()}.\n"
            f"If it is plain text, feed it in with - as its name: hornbook … - < {path}"
        )
    return path


def _formats():
    *others, last = FORMATS
    return f"{', '.join(others)} or {last}"


def size_of(place) -> int:
    """Bytes on disk of the files that `place` stands for."""
    return sum(path.stat().st_size for path in files_of(place))


def is_there(place) -> bool:
    """Whether `place` is stdin, a file, a folder or a glob."""
    return str(place) == "-" or Path(place).expanduser().exists() or any(sign in str(place) for sign in "*?[")


def similar(place, names=()) -> str:
    """The tail of a message that nothing is called `place`: the closest of `names` and of the files beside it."""
    path = Path(place)
    folder = path.parent.expanduser()
    beside = sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []
    if close := get_close_matches(str(place), names, n=1):
        return f' Did you mean "{close[0]}"?'
    if close := get_close_matches(path.name, beside, n=1):
        return f' Did you mean "{path.parent / close[0]}"?'
    return ' "hornbook corpora" lists the named ones.'


# -- formats → texts ----------------------------------------------------------------------------------------------


def _read_text(path, _field, encoding):
    with path.open("rb") as file:
        yield _stripped(decoded(file, path, encoding))


def _stripped(pieces):
    """The pieces as they come, or in one without Project Gutenberg's header and licence where it has them."""
    first = next(pieces, "")
    if cleaning.is_gutenberg(first):
        return [cleaning.strip_gutenberg(first + "".join(pieces))]
    return chain([first], pieces)


def _read_jsonl(path, field, encoding):
    with path.open("rb") as file:
        for number, line in enumerate(_lines(decoded(file, path, encoding)), 1):
            if line.strip():
                where = f"{path}:{number}"
                row = _json_object(line, where)
                field = field or _choose_field([key for key in row if isinstance(row[key], str)], row, where)
                yield [_json_text(row, field, where)]


def _json_object(line, where):
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise HornbookError(f"{where} is not JSON: {error.msg} at column {error.colno}.") from error
    if not isinstance(row, dict):
        raise HornbookError(f'{where} holds a {type(row).__name__}; each line must be an object: {{"text": "…"}}')
    return row


def _json_text(row, field, where):
    if not isinstance(row.get(field), str):
        raise HornbookError(f'{where} has no text in the field "{field}"; its fields: {", ".join(row) or "none"}.')
    try:
        row[field].encode()
    except UnicodeEncodeError as error:
        half = f"\\u{ord(row[field][error.start]):04x}"
        raise HornbookError(f"{where} has half a character ({half}); write both halves, or delete it.") from error
    return row[field]


def _read_csv(path, field, encoding):
    csv.field_size_limit(2**31 - 1)  # a cell may hold a whole document
    with path.open("rb") as file:
        lines = _lines(decoded(file, path, encoding))
        header = next(lines, "")
        delimiter = max(",;\t", key=header.count)
        rows = csv.DictReader((line + "\n" for line in chain([header], lines)), delimiter=delimiter, strict=True)
        try:
            for row in rows:
                names = [name for name in row if name is not None]
                field = field or _choose_field([name for name in names if not _is_number(row[name])], names, path)
                if field not in names:
                    raise _no_such_field(path, field, names)
                yield [row[field] or ""]
        except csv.Error as error:
            raise HornbookError(f"{path}:{rows.line_num + 1} is not CSV: {error}.") from error


def _is_number(cell):
    try:
        float(cell or 0)
    except ValueError:
        return False
    return True


def _read_parquet(path, field, _encoding):
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise HornbookError(f"{path}: Parquet files need pyarrow: pip install 'hornbook[parquet]'") from error
    try:
        table = parquet.ParquetFile(path)
    except pyarrow.ArrowInvalid as error:
        raise HornbookError(f"{path} is not a Parquet file: {str(error).splitlines()[0]}") from error
    with table:
        names = table.schema_arrow.names
        texts = [name for name in names if "string" in str(table.schema_arrow.field(name).type)]
        field = field or _choose_field(texts, names, path)
        if field not in texts:
            raise _no_such_field(path, field, texts)
        for batch in table.iter_batches(columns=[field]):
            yield from ([value or ""] for value in batch.column(0).to_pylist())


FORMATS = {".txt": _read_text, ".md": _read_text, ".jsonl": _read_jsonl, ".csv": _read_csv, ".parquet": _read_parquet}


def _choose_field(texts, names, where):
    """``text`` where there is one, else the only field that holds text."""
    if "text" in texts or len(texts) == 1:
        return "text" if "text" in texts else texts[0]
    which = f"several could be the text: {', '.join(texts)}" if texts else f"none of {', '.join(names)} holds text"
    raise HornbookError(f'{where} has no field or column "text", and {which}. Name one with --field')


def _no_such_field(path, field, names):
    return HornbookError(f'{path} has no column "{field}" with text.{nearest(field, names)}')
