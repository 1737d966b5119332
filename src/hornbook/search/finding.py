"""One state of an index, opened to be searched: ways to rank its passages, and what a hit says."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hornbook.search import fusing, nearest
from hornbook.search.postings import Words
from hornbook.search.store import Segment, number_rows

DEPTH = 100  # of each ranking, as far as a fused one looks


class Way(NamedTuple):
    """A way to search: the rankings it asks for, how they become one, and what that means in words."""

    parts: tuple[str, ...]
    fuse: Callable | None
    meaning: str


WAYS = {
    "fused": Way(("bm25", "dense"), fusing.reciprocal_ranks, "words and vectors, joined by their ranks"),
    "summed": Way(("bm25", "dense"), fusing.standard_scores, "words and vectors, joined by their standard scores"),
    "dense": Way(("dense",), None, "the cosine of the vectors of query and passage"),
    "bm25": Way(("bm25",), None, "the words that query and passage share"),
}


@dataclass(frozen=True)
class Hit:
    """A passage found: where it stands, what it says, and the rank and score of each part that found it."""

    score: float
    file: str
    lines: tuple[int, int]  # first and last
    place: tuple[int, int]  # characters of the document
    text: str
    ranks: dict[str, int]
    scores: dict[str, float]
    state: str  # of the file since it was indexed: "" (as it was), changed, gone


class State:
    """What one manifest names: its segments, and its live passages numbered in the order of their files."""

    def __init__(self, folder, manifest):
        self.folder, self.manifest = Path(folder), manifest
        self.segments = [Segment(folder, number, bool(manifest["encoder"])) for number in manifest["segments"]]
        self.numbers, self.size = number_rows(manifest["files"], self.segments)
        self.words = Words(self.segments, self.numbers)

    def rank(self, way, queries, vectors, k):
        """For each query: (passages best first, their scores, {part: its own (passages, scores)}).

        `vectors` (Q, D) are those of the queries where the way asks for dense, else None.
        """
        depth = max(DEPTH, k)
        ranked = {part: PARTS[part](self, queries, vectors, depth) for part in way.parts}
        for at in range(len(queries)):
            parts = {part: rankings[at] for part, rankings in ranked.items()}
            rankings = list(parts.values())
            passages, scores = fusing.order(way.fuse(rankings)) if way.fuse else rankings[0]
            yield passages[:k], scores[:k], parts

    def by_words(self, queries, _vectors, depth):
        return [_ranked(np.where(scores > 0, scores, -np.inf), depth) for scores in map(self.words.scores, queries)]

    def by_vectors(self, _queries, vectors, depth):
        """A query whose vector is 0, as the encoder knows none of its words, finds nothing."""
        if self.graph:
            near = lambda vector: self.graph.search(vector, min(depth, self.size), self.segments, self.numbers)
            found = [near(vector) for vector in vectors]
        else:
            found = [_ranked(row, depth) for row in nearest.products(vectors, self.segments, self.numbers, self.size)]
        return [ranking if vector.any() else (np.zeros(0, np.int64), np.zeros(0)) for ranking, vector in
                zip(found, vectors)]  # fmt: skip

    @cached_property
    def graph(self):
        """The approximate index, where there is one and USearch is installed."""
        kept = self.manifest["nearest"]
        try:
            return kept and nearest.usearch() and nearest.Graph.load(self.folder / kept["file"])
        except nearest.Missing:
            return None

    def hits(self, passages, scores, parts):
        """list of Hit, for what `rank` yields."""
        place = {part: {passage: at for at, passage in enumerate(found.tolist())} for part, (found, _) in parts.items()}
        return [self._hit(passage, score, {part: at[passage] for part, at in place.items() if passage in at}, parts)
                for passage, score in zip(passages.tolist(), scores.tolist())]  # fmt: skip

    def passage(self, number):
        """A passage as a dict: file, lines, place, text."""
        segments, rows = self._rows
        return self.segments[segments[number]].passage(rows[number])

    def _hit(self, passage, score, at, parts):
        said = self.passage(passage)
        ranks = {part: place + 1 for part, place in at.items()}
        own = {part: float(parts[part][1][place]) for part, place in at.items()}
        return Hit(score, said["file"], tuple(said["lines"]), tuple(said["place"]), said["text"], ranks, own,
                   self._since(said["file"]))  # fmt: skip

    @cached_property
    def _rows(self):
        """(segment, row) of each passage, as two arrays (N,)."""
        segments, rows = np.zeros(self.size, np.int64), np.zeros(self.size, np.int64)
        for at, own in enumerate(self.numbers):
            live = np.flatnonzero(own >= 0)
            segments[own[live]], rows[own[live]] = at, live
        return segments, rows

    def _since(self, file):
        size, mtime, _ = self.manifest["files"][file]["stamp"]
        if size is None:
            return ""
        try:
            now = os.stat(file)
        except OSError:
            return "gone"
        return "changed" if now.st_size != size or mtime not in (None, now.st_mtime_ns) else ""

    def notes(self):
        """What one should know before trusting a ranking, in sentences."""
        kept = self.manifest["nearest"]
        if not self.manifest["encoder"]:
            return ["no encoder: passages are found by their words only (BM25)"]
        if kept and self.graph:
            return [f"the nearest vectors are approximate: {kept['recall_at_10']:.1%} of the 10 nearest are found"
                    f" (measured on {kept['sample']} passages)"]  # fmt: skip
        if self.size > nearest.EXACT_UP_TO:
            return [f"exact search over {self.size:,} passages takes long; pip install 'hornbook[search]', then"
                    " hornbook index makes an approximate one"]  # fmt: skip
        return []


PARTS = {"bm25": State.by_words, "dense": State.by_vectors}


def _ranked(scores, depth):
    places = nearest.best(scores, depth)
    return places, scores[places]
