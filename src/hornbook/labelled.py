"""Texts and labels from a person's files: tables, JSON lines, a folder for every class, a label before every text."""

import csv
import json
import re
from pathlib import Path
from typing import NamedTuple

from hornbook.decoding import decoded
from hornbook.errors import HornbookError, nearest
from hornbook.reading import similar

TEXT = ("text", "sentence", "document", "content", "body", "message", "question", "review")  # names a column may have
LABEL = ("label", "labels", "category", "class", "target", "topic")
_MARKED = re.compile(r"(([^\s:]+):[^\s:]+) (\S.*)")  # DESC:manner How did …


class Labelled(NamedTuple):
    """Texts and the label of each."""

    texts: list[str]
    labels: list[str]


def load_labelled(path, text=None, label=None, encoding="utf-8"):
    """The `Labelled` texts of a file or folder; `text` and `label` name the fields, or columns by number from 1.

    .jsonl: fields of objects. A folder: one folder for every class, with a text a file. Any other file is a table
    between tabs, commas or semicolons (a first line with a known name is its header; without one, the label is the
    column with fewer different values), or lines such as `DESC:manner How did …`, whose fields are `label`, the part
    before the colon, `fine`, all of it, and `text`. Blank texts are left out. Raises HornbookError naming the file and
    line, where a text has no label or a class no text.
    """
    path = Path(path).expanduser()
    if not path.exists():
        raise HornbookError(f'there is no file or folder "{path}".{similar(path)}')
    if path.is_dir():
        return _folder(path, encoding)
    names, rows = _table(path, _content(path, encoding), (text, label))
    if not rows:
        raise HornbookError(f"{path} holds no labelled text.")
    text_at = _choose(path, text, TEXT, names, rows, "text")
    label_at = _choose(path, label, LABEL, names, rows, "label")
    if text_at == label_at:
        raise HornbookError(f'{path}: "{names[text_at]}" cannot be both text and label; columns: {", ".join(names)}.')
    return _picked(path, rows, text_at, label_at)


def _picked(path, rows, text_at, label_at):
    texts, labels = [], []
    for number, row in rows:
        if max(text_at, label_at) >= len(row) or not row[label_at].strip():
            raise HornbookError(f"{path}:{number} has no label; every text needs one.")
        if row[text_at].strip():
            texts.append(row[text_at])
            labels.append(row[label_at].strip())
    return Labelled(texts, labels)


# -- files → names of columns, (line, cells) --------------------------------------------------------------------------


def _table(path, content, wanted):
    lines = content.split("\n")
    if path.suffix.lower() == ".jsonl":
        return _objects(path, lines)
    filled = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    marked = [_MARKED.fullmatch(line.strip()) for _, line in filled]
    if filled and all(marked):
        return ["fine", "label", "text"], [(number, found.groups()) for (number, _), found in zip(filled, marked)]
    return _cells(path, lines, filled, wanted)


def _objects(path, lines):
    rows = list(json_rows(path, lines))
    names = dict.fromkeys(name for _, row in rows for name in row)
    return list(names), [(number, [_cell(row.get(name)) for name in names]) for number, row in rows]


def json_rows(path, lines):
    """(line, dict) of every line of JSON that is not blank; HornbookError for one that holds no object."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise HornbookError(f"{path}:{number} is not JSON: {error.msg} at column {error.colno}.") from error
            if not isinstance(row, dict):
                raise HornbookError(f"{path}:{number} holds a {type(row).__name__}; each line must be an object.")
            yield number, row


def _cell(value):
    return "" if value is None else str(value)


def _cells(path, lines, filled, wanted):
    first = filled[0][1] if filled else ""
    mark = max("\t,;", key=first.count)
    quoting = csv.QUOTE_NONE if mark == "\t" else csv.QUOTE_MINIMAL  # tab-separated texts hold lone quotation marks
    csv.field_size_limit(2**31 - 1)  # a cell may hold a whole document
    reader = csv.reader((line + "\n" for line in lines), delimiter=mark, quoting=quoting, strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise HornbookError(f"{path}:{reader.line_num} is not a table: {error}.") from error
    if rows and len(rows[0][1]) < 2:
        raise HornbookError(f"{path} has one column; texts and labels need one each, between tabs or commas.")
    names = [cell.strip() for cell in rows[0][1]] if rows else []
    if set(map(str.lower, names)) & {*TEXT, *LABEL} or set(filter(None, wanted)) & set(names):
        return names, rows[1:]
    return [str(place) for place in range(1, len(names) + 1)], rows


def _choose(path, wanted, known, names, rows, role):
    """The place of the column that is `wanted`, or has a known name, or is what is left of two."""
    if wanted is not None:
        if wanted not in names:
            raise HornbookError(f'{path} has no column "{wanted}".{nearest(wanted, names)}')
        return names.index(wanted)
    lower = [name.lower() for name in names]
    for name in known:
        if name in lower:
            return lower.index(name)
    if len(names) == 2:
        kinds = [len({row[place] for _, row in rows if place < len(row)}) for place in (0, 1)]
        rarer = int(kinds[1] < kinds[0]) if names == ["1", "2"] else int(lower[0] in TEXT or lower[1] in LABEL)
        return rarer if role == "label" else 1 - rarer
    raise HornbookError(f"{path}: which column is the {role}? Name it with --{role}-field: {', '.join(names)}.")


def _folder(path, encoding):
    """A text a file, its label the folder it lies in; hidden files are left out."""
    texts, labels = [], []
    for folder in sorted(place for place in path.iterdir() if place.is_dir() and not place.name.startswith(".")):
        read = [_content(file, encoding) for file in sorted(folder.rglob("*")) if _is_visible(file)]
        filled = [text for text in read if text.strip()]
        if not filled:
            raise HornbookError(f"{folder} holds no text; each folder in {path} is a class, with a text a file.")
        texts += filled
        labels += [folder.name] * len(filled)
    if not texts:
        raise HornbookError(f"{path} holds no folders; it needs one for every class, with a text a file.")
    return Labelled(texts, labels)


def _is_visible(file):
    return file.is_file() and not file.name.startswith(".")


def _content(file, encoding):
    with file.open("rb") as opened:
        return "".join(decoded(opened, file, encoding))
