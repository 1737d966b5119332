"""A corpus too large for memory: read twice from disk, first to measure and split it, then piece by piece."""

import hashlib
from array import array
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from hornbook import reading, sources
from hornbook.corpus import load, part_of_digest
from hornbook.errors import HornbookError

LARGE = 200_000_000  # bytes on disk from which a text is streamed
PARTS = ("train", "validation", "test")
SAMPLE = 20_000_000  # characters of training text from which the vocabulary is learnt


class StreamedCorpus:
    """What `Corpus` is to a text in memory; offers `parts` and `sample` where that one has documents.

    One document is cut at nine tenths of its characters, many are dealt 90/5/5 by their hash, as in `Corpus.split`.
    The text must not change between the two readings. Raises HornbookError as `corpus.load` does, for `-` (which cannot
    be read twice), and for a text too small to hold anything out.
    """

    licence, notes = "not stated", ()

    def __init__(self, place, documents=None, field=None, encoding="utf-8"):
        if str(place) == "-":
            raise HornbookError("standard input cannot be read twice; save it to a file to stream it.")
        self.place, self.documents, self.how = place, documents, {"field": field, "encoding": encoding}
        self.source, self.name = str(place), Path(place).resolve().stem
        whole = hashlib.sha256()
        self.lengths, self.part_of = array("q"), bytearray()  # of the documents: characters, and numbers in PARTS
        for number, pieces in groupby(self._pieces(), key=itemgetter(0)):
            without_text = bytes(number - len(self.lengths))
            digest, length = hashlib.sha256(), 0
            for _, piece in pieces:
                encoded = piece.encode()
                digest.update(encoded)
                whole.update(encoded)
                length += len(piece)
            self.lengths.extend([*without_text, length])
            self.part_of.extend([*without_text, PARTS.index(part_of_digest(digest.digest()))])
        self.kind = "documents" if len(self.lengths) > 2 else "text"
        self.sha256, self.characters = whole.hexdigest(), sum(self.lengths)
        if not {"train", "validation"} <= {part for part, _, _ in self.parts()}:
            raise HornbookError(
                f"{self.name} is too small to hold anything out (documents: {len(self.lengths):,}, characters:"
                f" {self.characters:,}); give it more text."
            )

    def parts(self):
        """(part, whether it opens a document there, piece), in the order of the text."""
        place, read = None, 0
        for number, piece in self._pieces():
            read = read if place and place[1] == number else 0
            for part, cut in self._cut(number, read, piece):
                yield part, place != (part, number), cut
                place = (part, number)
            read += len(piece)

    def _pieces(self):
        """(document's number, piece), in the order of the text; a document cut by `documents` is one piece."""
        if self.documents:
            return enumerate(reading.iter_documents(self.place, self.documents, **self.how))
        return reading.iter_pieces(self.place, **self.how)

    def _cut(self, number, read, piece):
        """The piece with its part; one long text is cut where nine tenths of it end."""
        if self.kind == "documents":
            return [(PARTS[self.part_of[number]], piece)]
        ahead = max(0, self.lengths[number] * 9 // 10 - read)
        cuts = [("train", piece[:ahead]), ("validation", piece[ahead:])]
        return [(part, cut) for part, cut in cuts if cut]

    def sample(self):
        """The first `SAMPLE` characters of what is trained on."""
        pieces, size = [], 0
        for part, _, piece in self.parts():
            if part == "train":
                pieces.append(piece)
                size += len(piece)
                if size >= SAMPLE:
                    break
        return pieces


def load_or_stream(place, documents=None, field=None, encoding="utf-8"):
    """`corpus.load`, or the same streamed from disk where the files of `place` are `LARGE`."""
    if (
        not sources.find(str(place))
        and str(place) != "-"
        and reading.is_there(place)
        and reading.size_of(place) >= LARGE
    ):
        return StreamedCorpus(place, documents, field, encoding)
    return load(place, documents, field, encoding)
