"""Pairs of texts that belong together, made from nothing but the text itself; batches that seed and step fix."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hornbook.errors import HornbookError, nearest

FEWEST = 2  # tokens of a text that is worth comparing


class Source(NamedTuple):
    """A stream ``<BOS> document <BOS> …`` of ids, and the tokens that mean something in it."""

    stream: np.ndarray
    bos: int
    eos: int
    pad: int
    ends: tuple[int, ...] = ()  # of sentences: . ! ?


class Batch(NamedTuple):
    """Pairs as ids (2 B, T): the first texts, then the second ones; `mask` is True for text.

    `rivals` (B, B) says which second text may count as wrong for which first one.
    """

    ids: np.ndarray
    mask: np.ndarray
    rivals: np.ndarray


@dataclass(frozen=True)
class Lengths:
    """How many tokens each text of a pair has; `apart` tokens lie between two texts that may be told to differ."""

    shortest: int = 12
    longest: int = 64
    apart: int = 0

    def __post_init__(self):
        if not FEWEST <= self.shortest <= self.longest or self.apart < 0:
            raise HornbookError(
                f"texts of {self.shortest} to {self.longest} tokens, {self.apart} apart, cannot be made:"
                f" --set shortest={FEWEST} or more, longest=shortest or more, apart=0 or more."
            )


# -- makers: (places, rng, size) -> (size, 2, 2): where the first and the second text begin and end -------------------


def halves(places, rng, size):
    """The two halves of a passage: a stretch of a document, cut in the middle; of one length in the whole batch."""
    length = int(rng.integers(places.lengths.shortest, places.lengths.longest + 1))
    start, end = places.stretches(rng, size, 2 * length)
    middle = (start + end) // 2
    return _spans(start, middle, middle, end)


def neighbours(places, rng, size):
    """A sentence and the one behind it."""
    first = places.sentences[rng.choice(places.followed, size)]
    second = places.sentences[np.searchsorted(places.sentences[:, 0], first[:, 1])]
    most = places.lengths.longest
    return _spans(np.maximum(first[:, 0], first[:, 1] - most), first[:, 1],
                  second[:, 0], np.minimum(second[:, 1], second[:, 0] + most))  # fmt: skip


def titles(places, rng, size):
    """A document's first line and what is behind it; the stream has them as documents of their own, in turn."""
    n = len(places.starts) // 2
    chosen = 2 * (rng.permutation(n)[:size] if size <= n else rng.integers(n, size=size))
    most, (s, e) = places.lengths.longest, (places.starts, places.ends)
    return _spans(s[chosen], np.minimum(e[chosen], s[chosen] + most),
                  s[chosen + 1], np.minimum(e[chosen + 1], s[chosen + 1] + most))  # fmt: skip


def dropout(places, rng, size):
    """The same stretch twice: what differs is what dropout leaves out. Gao et al. 2021 (SimCSE), arXiv 2104.08821."""
    start, end = places.stretches(rng, size, int(rng.integers(places.lengths.shortest, places.lengths.longest + 1)))
    return _spans(start, end, start, end)


PAIRS = {"halves": halves, "neighbours": neighbours, "titles": titles, "dropout": dropout}


def _spans(*columns):
    return np.stack(columns, 1).reshape(-1, 2, 2)


class Places:
    """Where the documents and sentences of a stream lie. Raises HornbookError where none is long enough for a pair."""

    def __init__(self, source, lengths, pairs="halves"):
        if pairs not in PAIRS:
            raise HornbookError(f'pairs cannot be made of "{pairs}".{nearest(pairs, PAIRS)}')
        self.source, self.lengths = source, lengths
        opens = np.flatnonzero(np.asarray(source.stream) == source.bos)
        self.starts, self.ends = opens + 1, np.append(opens[1:], len(source.stream)).astype(int)
        sizes = self.ends - self.starts
        if pairs != "titles":
            kept = sizes >= 2 * FEWEST
            self.starts, self.ends = self.starts[kept], self.ends[kept]
        self._behind = np.cumsum(self.ends - self.starts)
        self.sentences, self.followed = np.zeros((0, 2), int), np.zeros(0, int)
        if pairs == "neighbours":
            self._find_sentences()
        n = {"titles": len(self.starts) // 2, "neighbours": len(self.followed)}.get(pairs, len(self.starts))
        if n == 0 or (pairs == "titles" and n < 2):
            raise HornbookError(
                f"the text is too short to make pairs of {pairs}: it has {len(source.stream):,} tokens in"
                f" {len(opens):,} documents. {_CURE[pairs]}"
            )

    def stretches(self, rng, size, length):
        """(starts, ends) of `size` stretches of `length` tokens, or of the whole of a shorter document."""
        document = np.searchsorted(self._behind, rng.random(size) * self._behind[-1], "right")
        room = self.ends[document] - self.starts[document]
        length = np.minimum(length, room)
        start = self.starts[document] + (rng.random(size) * (room - length + 1)).astype(int)
        return start, start + length

    def _find_sentences(self):
        stops = np.flatnonzero(np.isin(self.source.stream, self.source.ends)) + 1
        found = []
        for start, end in zip(self.starts, self.ends):
            inside = stops[np.searchsorted(stops, start, "right") : np.searchsorted(stops, end, "left")]
            edges = np.concatenate([[start], inside, [end]])
            long_enough = edges[np.append(True, np.diff(edges) >= FEWEST)]  # marks alone join what is before them
            found.append(np.stack([long_enough[:-1], long_enough[1:]], 1))
        self.sentences = np.concatenate(found) if found else self.sentences
        self.followed = np.flatnonzero(self.sentences[:-1, 1] == self.sentences[1:, 0])


_CURE = {
    "halves": "Give it more text.", "dropout": "Give it more text.",
    "neighbours": "It needs documents of two sentences or more; --set pairs=halves needs none.",
    "titles": "It needs two documents or more with a first line and something behind it; --set pairs=halves does not.",
}  # fmt: skip


class Batches:
    """Pairs by the number of the step; batch `step` depends on nothing but it and the seed."""

    def __init__(self, places, pairs, batch_size, seed):
        self.places, self.make, self.batch_size, self.seed = places, PAIRS[pairs], batch_size, seed

    def batch(self, step):
        """The `Batch` of step 1, 2, …"""
        spans = self.make(self.places, np.random.default_rng([self.seed, step]), self.batch_size)
        ids, mask = framed(spans.transpose(1, 0, 2).reshape(-1, 2), self.places.source)
        return Batch(ids, mask, _rivals(spans, self.places.lengths.apart))


def framed(spans, source):
    """<BOS> text <EOS> <PAD> … of each (start, end): ids (n, T) int64, and the mask of what is text."""
    lengths = spans[:, 1] - spans[:, 0]
    place = np.arange(lengths.max() + 2) - 1
    inside = (place >= 0) & (place < lengths[:, None])
    ids = np.full(inside.shape, source.pad, np.int64)
    ids[inside] = source.stream[(spans[:, :1] + place)[inside]]
    ids[:, 0] = source.bos
    np.put_along_axis(ids, lengths[:, None] + 1, source.eos, axis=1)
    return ids, place < lengths[:, None] + 1


def _rivals(spans, apart):
    """(B, B): whether first text i and second text j, and their pairs, share no token, nor lie nearer than `apart`."""
    start, end = spans.min(axis=(1, 2)), spans.max(axis=(1, 2))
    return np.maximum(start - end[:, None], start[:, None] - end) >= apart
