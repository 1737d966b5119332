"""The vectors of an index: whose they are, told by a fingerprint; none is made twice, though a process be killed."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np

from hornbook.bert_format import PACKAGES
from hornbook.errors import HornbookError
from hornbook.files import disk_errors

BATCH = 512  # texts encoded between two writes to the journal: what a kill can cost
KEY = 16  # bytes
# what decides an encoder's vectors, in its folder; a sentence encoder's lie one folder deeper
WEIGHTS = ("model.safetensors", "tokenizer.json", "0_Transformer/model.safetensors", "0_Transformer/tokenizer.json")


def load_encoder(encoder):
    """(encoder, its name) from a run folder or a known word, or from an encoder itself."""
    if not isinstance(encoder, str | Path):
        folder, place = getattr(encoder, "folder", None), getattr(encoder, "place", None)
        if folder:
            return encoder, place if place in PACKAGES else os.path.abspath(folder)
        return encoder, str(encoder.about.get("model", "an encoder"))
    from hornbook.encoder import TextEncoder

    return TextEncoder.load(encoder), os.path.abspath(encoder) if Path(encoder).exists() else str(encoder)


def fingerprint(encoder):
    """SHA-256 of the configuration and the weights: two encoders with the same one give the same vectors."""
    about = {key: encoder.about.get(key) for key in ("model", "config")}
    digest = hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode())
    folder = getattr(encoder, "folder", None)
    for path in (Path(folder) / name for name in WEIGHTS if folder):
        if path.exists():
            with open(path, "rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    if not folder and hasattr(encoder, "network"):
        for name, array in sorted(encoder.network.export().items()):
            digest.update(name.encode() + np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def describe(encoder, name):
    """What a manifest says of its encoder. Raises HornbookError for one whose vectors are sparse."""
    return {"name": name, "fingerprint": fingerprint(encoder), "embedding_dim": encode(encoder, ["a"], name).shape[1]}


def check_same(built, encoder, name, folder):
    """Raise HornbookError, naming both, where `encoder` is not the one that the index was `built` by."""
    if built and built["fingerprint"] == fingerprint(encoder):
        return
    said = [f"{one['name']} ({one['fingerprint'][:8]}, {one['embedding_dim']} numbers)" if one else "no encoder"
            for one in (built, describe(encoder, name))]  # fmt: skip
    changed = " It has been trained again since." if built and built["name"] == name else ""
    raise HornbookError(
        f"{folder} was built by {said[0]}, not by {said[1]}: their vectors cannot be compared.{changed}"
        " Index with another --out, or remove the folder and build it again."
    )


def encode(encoder, texts, name):
    """The vectors (N, D) of `texts`, of length 1 (or 0). Raises HornbookError for sparse ones and broken numbers."""
    vectors = encoder.encode(list(texts), normalize=True)
    if not isinstance(vectors, np.ndarray):
        raise HornbookError(
            f"{name} makes sparse vectors, one number for each of {vectors.shape[1]:,} words; BM25 searches by words"
            " already. Give an encoder with dense vectors (lsa, word2vec, minilm …), or none."
        )
    if vectors.shape[0] != len(texts) or not np.isfinite(vectors).all():
        raise HornbookError(
            f"{name} returned vectors of shape {vectors.shape} for {len(texts)} texts, or numbers that are not finite."
        )
    return vectors.astype(np.float32, copy=False)


def key_of(text):
    """What a vector is filed under: the same text has the same vector, in whatever file it stands."""
    return hashlib.blake2b(text.encode(), digest_size=KEY).digest()


class Journal:
    """Vectors on disk as they come, for as long as an update lasts: rows and then their keys, batch by batch.

    A killed process leaves whole rows, or a row too many or cut short, which is cut off when the next one goes on.
    """

    def __init__(self, folder, about):
        self.dim = about["embedding_dim"]
        stem = f"encoding-{about['fingerprint'][:16]}"
        self.vectors, self.keys = (Path(folder) / f"{stem}.{part}" for part in ("vectors", "keys"))
        sizes = {self.vectors: 4 * self.dim, self.keys: KEY}
        with disk_errors(self.vectors):
            for path in sizes:
                path.touch()
            rows = min(path.stat().st_size // size for path, size in sizes.items())
            for path, size in sizes.items():
                os.truncate(path, rows * size)
        keys = self.keys.read_bytes()
        self.row_of = {keys[row * KEY : (row + 1) * KEY]: row for row in range(rows)}

    def append(self, keys, vectors):
        """Keep vectors (N, D) under their keys."""
        for path, data in ((self.vectors, vectors.tobytes()), (self.keys, b"".join(keys))):
            with disk_errors(path), open(path, "ab") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        self.row_of.update((key, row) for row, key in enumerate(keys, len(self.row_of)))

    def rows(self):
        """All rows, mapped."""
        if not self.row_of:
            return np.zeros((0, self.dim), np.float32)
        return np.memmap(self.vectors, np.float32, "r", shape=(len(self.row_of), self.dim))


class Vectors:
    """Texts -> vectors, taken from the segments there are or from the journal, else made. `made` counts the latter.

    `encoder` is a function that returns the encoder, so that none is loaded where no vector is missing.
    """

    def __init__(self, folder, encoder, about, segments):
        self.encoder, self.about, self.made = encoder, about, 0
        self.journal = Journal(folder, about)
        self._place_of = {}  # key -> (segment, row)
        for segment in segments:
            keys = segment.keys.tobytes()
            self._place_of.update((keys[row * KEY : (row + 1) * KEY], (segment, row)) for row in range(len(segment)))

    def of(self, texts, watch):
        """The vectors (N, D) of `texts`, and their keys (N, KEY) as bytes; `watch` hears of every batch made."""
        keys = [key_of(text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts)
                   if key not in self._place_of and key not in self.journal.row_of}  # fmt: skip
        missing = sorted(missing.items(), key=lambda item: len(item[1]))  # alike in length, so little padding
        for start in range(0, len(missing), BATCH):
            batch, batch_texts = zip(*missing[start : start + BATCH])
            self.journal.append(batch, encode(self.encoder(), batch_texts, self.about["name"]))
            self.made += len(batch)
            watch(len(batch))
        kept, vectors = self.journal.rows(), np.empty((len(keys), self.about["embedding_dim"]), np.float32)
        for at, key in enumerate(keys):
            segment, row = self._place_of.get(key, (None, None))
            vectors[at] = kept[self.journal.row_of[key]] if segment is None else segment.vectors[row]
        return vectors, np.frombuffer(b"".join(keys), np.uint8).reshape(-1, KEY)
