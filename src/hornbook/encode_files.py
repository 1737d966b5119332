"""Any number of texts to vectors on disk: read as a stream, written as they come, gone on with after a kill."""

import hashlib
import json
import time
import warnings
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import numpy as np
from scipy import sparse

from hornbook import passages, reading
from hornbook.encode_sinks import SINKS, Lines
from hornbook.encoder import TextEncoder
from hornbook.errors import CutTexts, HornbookError, nearest
from hornbook.fast.static import Reader
from hornbook.files import disk_errors, write_json
from hornbook.search.vectors import fingerprint

CHUNK, CHARACTERS = 2048, 1 << 18  # most texts, or about so many characters, encoded together; see `_chunks`
SECONDS = 1.0  # between two times that what is done is made safe
ROWS = (".jsonl", ".csv", ".parquet")


def _passages(place, field, encoding):
    for text in reading.iter_documents(place, "whole", field, encoding):
        yield from (passage.text for passage in passages.cut(text))


def _by(unit):
    return lambda place, field, encoding: reading.iter_documents(place, unit, field, encoding)


DOCUMENTS = {**{unit: _by(unit) for unit in reading.UNITS}, "passage": _passages}


@dataclass
class Losses:
    """What encoders did not read: texts and tokens cut off, unknown tokens, texts with no known token at all."""

    cut_texts: int = 0
    cut_tokens: int = 0
    unknown_tokens: int = 0
    tokens: int = 0
    empty_texts: int = 0


@dataclass
class Done:
    """How far it is: texts whose vectors are written, their seconds in this process, and what was lost on the way."""

    texts: int = 0
    seconds: float = 0.0
    losses: Losses = field(default_factory=Losses)


class Encoding:
    """Texts of `places` (files, folders, globs, -) to the vectors file `out`: go through `steps`, then `summary`.

    `out` ends in .npy for dense vectors and in .npz for sparse ones, or is an open text file for lines of JSON.
    `documents` is a word of DOCUMENTS, what gets a vector; None: a row of tables, a line of other files. Beside `out`
    lies a manifest, out.json, of what is done, by which encoder and of which texts. Where it is, `begin` finds out how
    far it came, and `steps` goes on, also with texts that were added behind the others since; HornbookError says
    when the encoder or the texts are others than before. `encoder` is one, or what `TextEncoder.load` takes; `source`
    (field, encoding) as `reading` takes them.
    """

    def __init__(self, places, encoder, out, documents=None, normalize=False, source=(None, "utf-8")):
        if documents is not None and documents not in DOCUMENTS:
            raise HornbookError(f'documents cannot be "{documents}".{nearest(documents, DOCUMENTS)}')
        self.places, self.encoder = [str(place) for place in places], opened(encoder)
        self.name = getattr(self.encoder, "place", str(encoder))
        self.documents, self.normalize, self.source = documents, normalize, source
        for place in self.places:
            if place != "-":
                reading.files_of(place)  # which says so where there are none
        self.before, self.done = 0, Done()
        self._digest, self._reader = hashlib.sha256(), Reader(self.encoder.tokenizer)
        example = self.encoder.encode([""])
        self.dimensions = example.shape[1]
        self.sink = Lines(out) if hasattr(out, "write") else _sink_for(Path(out), example)
        self.manifest = None if self.sink.path is None else Path(f"{self.sink.path}.json")

    def texts(self):
        """All texts, in order; blank ones are left out."""
        return chain.from_iterable(self._texts_of(place) for place in self.places)

    def _texts_of(self, place):
        for file in [place] if place == "-" else reading.files_of(place):
            row = str(file).lower().endswith(ROWS)
            unit = self.documents or ("whole" if row else "line")
            yield from DOCUMENTS[unit](file, *self.source)

    def count(self):
        """How many texts there are, by reading them once; None for what can be read once only."""
        return None if "-" in self.places else sum(1 for _ in self.texts())

    def begin(self, overwrite=False):
        """Make `out` ready, or find out how far an earlier run came. Returns how many texts are done."""
        if self.manifest is None:
            return 0
        if overwrite:
            self.remove()
        if self.manifest.exists():
            return self._go_on()
        if self.sink.path.exists():
            raise HornbookError(f"{self.sink.path} is there already, and not from here."
                                " Choose another --out, or --overwrite it.")  # fmt: skip
        with disk_errors(self.sink.path):
            self.sink.path.parent.mkdir(parents=True, exist_ok=True)
        write_json(self.manifest, self._facts() | {"sizes": {}, "digest": self._digest.hexdigest(), "finished": False})
        self.sink.begin(self.dimensions)
        return 0

    def _go_on(self):
        before = _read(self.manifest)
        self._check(before)
        if before["texts"]:
            self.sink.go_on(before["sizes"], self.dimensions)
        else:
            self.sink.begin(self.dimensions)
        self.done = Done(before["texts"], 0.0, Losses(**before["losses"]))
        self.before, self._expected = before["texts"], before["digest"]
        return self.before

    def steps(self):
        """Encode what is left, yielding `Done` after every few thousand texts."""
        texts = iter(self.texts())
        self._skip(texts)
        safe = began = time.perf_counter()
        for chunk in _chunks(texts):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", CutTexts)  # which are counted here
                vectors = self.encoder.encode(chunk, self.normalize)
            self.sink.write(chunk, vectors)
            self._record(chunk)
            self.done.texts += len(chunk)
            now = time.perf_counter()
            self.done.seconds = now - began
            if now - safe >= SECONDS:
                self._keep(finished=False)
                safe = now
            yield self.done
        if not self.done.texts:
            self.remove()
            raise HornbookError(f"there is no text in {', '.join(self.places)}.")
        self.sink.finish(self.dimensions)
        self._keep(finished=True)
        self.sink.close()

    def remove(self):
        """Remove vectors and manifest."""
        self.sink.remove()
        if self.manifest is not None:
            self.manifest.unlink(missing_ok=True)

    def _skip(self, texts):
        """Read past the texts that are done, and see that they are still the same."""
        for text in islice(texts, self.done.texts):
            self._hash(text)
        if self.done.texts and self._digest.hexdigest() != self._expected:
            raise HornbookError(f"the first {self.done.texts:,} texts are not those that {self.sink.path} was begun"
                                " with. --overwrite makes it anew.")  # fmt: skip

    def _hash(self, text):
        data = text.encode("utf-8", "surrogatepass")
        self._digest.update(len(data).to_bytes(8, "little") + data)

    def _record(self, chunk):
        """Add what the encoder lost of these texts, and the texts themselves to the digest."""
        ids, ends = self._reader.read(chunk)
        losses, lengths = self.done.losses, np.diff(ends, prepend=0)
        known = np.concatenate([[0], (ids != self.encoder.tokenizer.unk).cumsum()])
        found = np.diff(known[ends], prepend=0)
        losses.tokens += len(ids)
        losses.unknown_tokens += int((lengths - found).sum())
        losses.empty_texts += int((found == 0).sum())
        if (room := room_of(self.encoder)) is not None:
            losses.cut_texts += int((lengths > room).sum())
            losses.cut_tokens += int(np.maximum(lengths - room, 0).sum())
        for text in chunk:
            self._hash(text)

    def _keep(self, finished):
        """First the vectors are on the disk, then the manifest says so."""
        if self.manifest is not None:
            sizes = self.sink.settle(self.dimensions)
            write_json(self.manifest, self._facts() | {"sizes": sizes, "digest": self._digest.hexdigest(),
                                                       "finished": finished})  # fmt: skip

    def _facts(self):
        return {
            "encoder": self.name, "fingerprint": fingerprint(self.encoder), "places": self.places,
            "precision": self.encoder.precision_, "documents": self.documents, "normalize": self.normalize,
            "texts": self.done.texts, "dimensions": self.dimensions, "losses": vars(self.done.losses),
        }  # fmt: skip

    def _check(self, before):
        before, now = {"precision": "float32"} | before, self._facts()
        names = {"fingerprint": "encoder", "precision": "--precision", "documents": "--documents",
                 "normalize": "--normalize"}  # fmt: skip
        for key, name in names.items():
            if before[key] != now[key]:
                was, are = (one["encoder"] if key == "fingerprint" else one[key] for one in (before, now))
                raise HornbookError(f"{self.sink.path} was begun with another {name}: {was}, and this is {are}."
                                    " --overwrite makes it anew; --out names another file.")  # fmt: skip

    def summary(self):
        """What was done, as a dict that JSON can hold."""
        made, seconds = self.done.texts - self.before, self.done.seconds
        return {
            "out": None if self.sink.path is None else str(self.sink.path), "encoder": self.name,
            "texts": self.done.texts, "before": self.before, "dimensions": self.dimensions,
            "precision": self.encoder.precision_, "least_cosine": self.encoder.least_cosine_,
            "normalize": self.normalize, "seconds": seconds, "texts_per_second": made / seconds if seconds else None,
            **vars(self.done.losses),
        }  # fmt: skip


def _chunks(texts):
    """Lists of texts. Where one ends depends on its own texts alone, so that after a kill the others end as before."""
    chunk, size = [], 0
    for text in texts:
        chunk.append(text)
        size += len(text)
        if len(chunk) == CHUNK or size >= CHARACTERS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def opened(encoder, precision="auto"):
    """A TextEncoder: itself, or what `TextEncoder.load` makes of a folder or a name."""
    return TextEncoder.load(encoder, precision) if isinstance(encoder, str | Path) else encoder


def room_of(encoder):
    """How many tokens of a text the encoder reads; None for one that reads them all."""
    return encoder.network.encoder.room if hasattr(encoder.network, "encoder") else None


def _sink_for(path, example):
    ending, needed = path.suffix, ".npz" if sparse.issparse(example) else ".npy"
    if ending != needed:
        kind = "sparse" if needed == ".npz" else "dense"
        raise HornbookError(f"{path} ends in {ending or 'nothing'}; this encoder's vectors are {kind} and go into a"
                            f" file that ends in {needed}, or to - as lines of JSON.")  # fmt: skip
    return SINKS[ending](path)


def _read(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise HornbookError(f"{path} is damaged: {error}. --overwrite makes it anew.") from error
