"""What a task is given: texts with the places they stand at, and the encoder that turns them into vectors."""

import re
from itertools import groupby
from typing import NamedTuple

from hornbook import corpus, passages, reading, sources
from hornbook.errors import HornbookError, nearest
from hornbook.search import files

DIRECTIONS = 100  # of the encoder that is fitted where none is given
FITTED = "TF-IDF weights (BM25's) cut down to {} directions (LSA), fitted on these texts; --encoder RUN takes another"


class Placed(NamedTuple):
    """A text and where it stands: ``notes/a.md:12``, the line it begins on; ``names#3:1``, document and line."""

    text: str
    place: str


def read(place, documents=None, field=None, encoding="utf-8", words=passages.WORDS):
    """The texts of a file, folder, glob, ``-`` or named corpus, as a list of `Placed`.

    `documents` is a word of `UNITS`; what is longer than a passage of `words` is cut into passages. Raises
    HornbookError for what cannot be read and where no text is found.
    """
    documents = documents or "whole"
    if documents not in UNITS:
        raise HornbookError(f'documents cannot be "{documents}".{nearest(documents, UNITS)}')
    cutting = files.Cutting(words, field, encoding)
    found = [placed for document in _documents(place, cutting) for placed in _cut(*document, documents, words)]
    if not found:
        raise HornbookError(f"there is no text in {place}.")
    return found


def encoder_for(name, texts):
    """(the encoder, what it is in a sentence): that of a run folder or a known word; for None, LSA fitted on `texts`.

    Raises HornbookError where the texts are too few or too alike to fit one.
    """
    if name is not None:
        from hornbook.search.vectors import load_encoder

        encoder, path = load_encoder(name)
        return encoder, f"{path} ({encoder.model})"
    from hornbook.encoder import TextEncoder

    settings = {"weighting": "bm25", "n_components": DIRECTIONS, "if_too_many": "lower"}
    if len(set(texts)) < 2:
        raise HornbookError(
            f"{len(texts)} text{' is' if len(texts) == 1 else 's, all the same, are'} too little to fit an encoder on;"
            " give more texts (--documents line or paragraph makes many of one file), or --encoder RUN."
        )
    encoder = TextEncoder("lsa", settings).fit(texts)
    return encoder, FITTED.format(encoder.network.config.n_components)


# -- places → documents → texts with their lines --------------------------------------------------------------------


def _documents(place, cutting):
    """(name, text, first line, last line or None where lines run on from the first) of every document."""
    if str(place) != "-" and not reading.is_there(place) and sources.find(str(place)):
        for number, text in enumerate(corpus.load(place).documents, 1):
            yield f"{place}#{number}", text, 1, None
        return
    for path in ["-"] if str(place) == "-" else _files(place):
        name = files.STDIN if path == "-" else str(path)
        for text, first, last in files.documents_of(path, cutting):
            yield name, text, first, last


def _files(place):
    if not reading.is_there(place):
        raise HornbookError(f'there is no corpus, file or folder "{place}".{reading.similar(place, sources.names())}')
    return reading.files_of(place)


def _cut(name, text, first, last, documents, words):
    for unit, line in UNITS[documents](text):
        for passage, start, _ in passages.cut(unit, words):
            at = first + line + unit.count("\n", 0, start) if last is None else first
            yield Placed(passage, f"{name}:{at}")


def _whole(text):
    yield text, 0


def _line(text):
    return ((line.strip(), number) for number, line in enumerate(text.split("\n")) if line.strip())


def _paragraph(text):
    numbered = enumerate(text.split("\n"))
    for filled, lines in groupby(numbered, key=lambda line: not re.fullmatch(r"\s*", line[1])):
        if filled:
            lines = list(lines)
            yield "\n".join(line for _, line in lines), lines[0][0]


UNITS = {"whole": _whole, "line": _line, "paragraph": _paragraph}  # word -> what cuts a document: (text, lines before)
