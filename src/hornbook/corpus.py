"""A corpus: documents with a name, source, licence and fingerprint; and its split into train, validation, test."""

import hashlib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hornbook import reading, sources
from hornbook.errors import HornbookError, nearest


@dataclass(frozen=True)
class Split:
    """The parts of a corpus, each a list of documents. Where nothing is set aside, `test` is `validation`."""

    train: list[str]
    validation: list[str]
    test: list[str]


@dataclass(frozen=True, repr=False)
class Corpus:
    """Texts to learn from. `source` says where they come from, `notes` what was done to them or is odd about them."""

    name: str
    documents: list[str]
    source: str = "given"
    licence: str = "licence not stated"
    notes: tuple[str, ...] = ()

    def __post_init__(self):
        if not any(document and not document.isspace() for document in self.documents):
            raise HornbookError(f"{self.name} is empty: there is no text in {self.source}.")

    def __repr__(self):
        return f"Corpus({self.name!r}, {len(self.documents):,} documents, {self.characters:,} characters)"

    @cached_property
    def kind(self) -> str:
        """How it is split when nothing else is asked for: a word of `SPLITS`."""
        return "documents" if len(set(self.documents)) > 2 else "text"

    @cached_property
    def characters(self) -> int:
        """Characters of all documents together, in Unicode code points."""
        return sum(map(len, self.documents))

    @cached_property
    def sha256(self) -> str:
        """Fingerprint of the documents and their order: SHA-256 over each one's length in bytes, a colon, its UTF-8."""
        digest = hashlib.sha256()
        for document in self.documents:
            encoded = document.encode()
            digest.update(b"%d:" % len(encoded))
            digest.update(encoded)
        return digest.hexdigest()

    def split(self, kind: str | None = None, test: bool = False) -> Split:
        """Train, validation and test, the same whenever and wherever it is asked for; `kind` is a word of `SPLITS`.

        ``text``: the first 90 % of each document to learn from, the last 10 % held out; `test` is the validation
        text, unless ``test=True`` halves what is held out, validation first; a short document that is there more than
        once is cut between words. ``documents``: 90/5/5 by a hash of each document, so that equal ones stay together.
        Raises HornbookError where a part would be empty.
        """
        kind = kind or self.kind
        if kind not in SPLITS:
            raise HornbookError(f'a corpus cannot be split by "{kind}".{nearest(kind, SPLITS)}')
        split = SPLITS[kind](self.documents, test)
        if not all(any(part) for part in (split.train, split.validation, split.test)):
            what = f"documents: {len(self.documents):,}, characters: {self.characters:,}"
            raise HornbookError(f"{self.name} is too small to hold anything out ({what}); give it more text.")
        return split

    def parts(self):
        """(part, True, document) for every document of every part; `streamed.StreamedCorpus` has the same."""
        split = self.split()
        for part in ("train", "validation", "test"):
            yield from ((part, True, document) for document in getattr(split, part))

    def sample(self) -> list[str]:
        """The texts that a vocabulary is learnt from: those to train on."""
        return self.split().train


def load(name, documents: str | None = None, field: str | None = None, encoding: str = "utf-8") -> Corpus:
    """A corpus by its name (`sources.names`), or from a path, a folder, a glob or ``-`` (stdin).

    `documents`: ``whole`` (a file, a line of JSON or a row is one; the default), ``line`` or ``paragraph``.
    `field`: the JSON field or column that holds the text. Names are looked up in HORNBOOK_DATA/corpora first.
    Raises HornbookError when there is nothing of this name, or it cannot be read.
    """
    name = str(name)
    if source := sources.find(name):
        texts = source.read()
        notes = source.notes(texts)
        texts = reading.cut_again(texts, documents) if documents else texts
        return Corpus(name, texts, source.origin, source.licence, notes)
    if not reading.is_there(name):
        raise HornbookError(f'there is no corpus, file or folder "{name}".{reading.similar(name, sources.names())}')
    texts = list(reading.iter_documents(name, documents or "whole", field, encoding))
    if name == "-":
        return Corpus("stdin", texts, "stdin")
    return Corpus(Path(name).resolve().stem, texts, name)


def listing() -> list[dict]:
    """What there is by name: what it is, whether it is here, and if so how large, without any network.

    `documents` is None for what is not here, and for files above 20 MB, which are not read for this.
    """
    return [_row(name, sources.find(name)) for name in sources.names()]


def _row(name, source):
    here, texts, size = source.here(), [], None
    if source.path:
        size = reading.size_of(source.path)
    if here and (size or 0) <= 20_000_000:
        with suppress(HornbookError):  # a file that cannot be read is told of when it is asked for
            texts = source.read()
            size = sum(len(text.encode()) for text in texts)
    facts = {"name": name, "about": source.about, "source": source.origin, "licence": source.licence}
    return facts | {
        "here": here,
        "place": source.place if here else None,
        "needs": None if here else source.needs,
        "documents": len(texts) or None,
        "bytes": size,
    }


def part_of(document: str) -> str:
    """train, validation or test: where 90/5/5 by a hash puts this document, whatever others there are.

    For texts that are read one by one; `Corpus.split` does the same, and sees to it that no part stays empty.
    """
    return part_of_digest(hashlib.sha256(document.encode()).digest())


def part_of_digest(digest: bytes) -> str:
    """`part_of` for a document that was hashed piece by piece: its SHA-256."""
    share = _share(digest)
    return "test" if share < _TEST else "validation" if share < _HELD_OUT else "train"


_TEST, _HELD_OUT = 0.05, 0.10  # of the range of hashes


def _share(digest):
    """A SHA-256 as a number from 0 to 1: its first 8 bytes."""
    return int.from_bytes(digest[:8]) / 2**64


def _by_document(documents, _test):
    ranked = sorted((_share(hashlib.sha256(document.encode()).digest()), document) for document in set(documents))
    first = max(1, sum(share < _TEST for share, _ in ranked))
    last = max(first + 1, sum(share < _HELD_OUT for share, _ in ranked))
    held_out = [document for _, document in ranked[:last]]
    test, validation = set(held_out[:first]), set(held_out[first:])
    return Split(
        [document for document in documents if document not in test and document not in validation],
        [document for document in documents if document in validation],
        [document for document in documents if document in test],
    )


def _by_position(documents, test):
    train, held_out = _cut(documents, 9, 10)
    if not test:
        return Split(train, held_out, held_out)
    return Split(train, *_cut(held_out, 1, 2))


def _cut(documents, *share):
    """Each document's part before its place, and the part from there on; empty parts are left out."""
    times = Counter(documents)
    places = {document: _place(document, *share, times[document] > 1) for document in times}
    before = [document[: places[document]] for document in documents]
    after = [document[places[document] :] for document in documents]
    return [part for part in before if part], [part for part in after if part]


def _place(document, over, under, again):
    """`over` / `under` of the characters; of a short document that is there `again`, the last blank before.

    Half a word would be one more word, as often as the document is there.
    """
    place = len(document) * over // under
    if not again or len(document) > SHORT:
        return place
    blanks = (at for at in range(place, 0, -1) if document[at].isspace() and not document[:at].isspace())
    return next(blanks, place)


SHORT = 1000  # characters of a document
SPLITS = {"documents": _by_document, "text": _by_position}
