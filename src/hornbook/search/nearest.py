"""The nearest vectors: all of them by one matrix product in blocks, or nearly all by USearch, its recall measured."""

import numpy as np

from hornbook.errors import HornbookError

EXACT_UP_TO = 100_000  # passages; a product of so many takes some tens of milliseconds a query
BLOCK = 16_384  # rows of one product
SAMPLE = 200  # vectors whose neighbours are asked for both ways
CONNECTIVITY, EXPANSION = 24, 128  # of USearch's graph: links of a node, candidates looked at


def best(scores, k):
    """Places of the k highest of scores (N,), best first; of equals, the first. Fewer where fewer are finite."""
    finite = int(np.isfinite(scores).sum())
    k = min(k, finite)
    if not k:
        return np.zeros(0, np.int64)
    least = np.partition(scores, len(scores) - k)[len(scores) - k]
    places = np.flatnonzero(scores >= least)
    return places[np.argsort(-scores[places], kind="stable")][:k]


def products(queries, segments, numbers, size):
    """Queries (Q, D) · every live vector -> (Q, N), the cosine where all have length 1."""
    scores = np.full((len(queries), size), -np.inf, np.float32)
    for segment, own in zip(segments, numbers):
        for start in range(0, len(segment), BLOCK):
            live = own[start : start + BLOCK]
            product = queries @ segment.vectors[start : start + BLOCK].T
            scores[:, live[live >= 0]] = product[:, live >= 0]
    return scores


class Missing(HornbookError):
    """USearch is not installed."""


def usearch():
    """The class of USearch's index. Raises Missing where it is not installed."""
    try:
        from usearch.index import Index
    except ImportError as error:
        raise Missing("an approximate index needs USearch: pip install 'hornbook[search]'") from error
    return Index


class Graph:
    """An approximate index, USearch's HNSW (Malkov & Yashunin 2018), over the rows of segments that are live.

    A row's key is segment · 2³² + row, which stays while its segment does: an update adds and removes, no more.
    """

    def __init__(self, backend):
        self.backend = backend

    @classmethod
    def make(cls, dim):
        return cls(usearch()(ndim=dim, metric="ip", dtype="f32", connectivity=CONNECTIVITY, expansion_add=EXPANSION,
                             expansion_search=EXPANSION))  # fmt: skip

    @classmethod
    def load(cls, path, view=True):
        """The graph in a file; with `view` its memory is mapped and it cannot be changed. HornbookError if damaged."""
        try:
            backend = usearch().restore(str(path), view=view)
        except (RuntimeError, ValueError) as error:
            raise HornbookError(f"{path} is damaged: {error}. Remove the index and build it again.") from error
        if backend is None:
            raise HornbookError(f"{path} is damaged or missing. Remove the index and build it again.")
        backend.expansion_search = EXPANSION
        return cls(backend)

    def save(self, path):
        self.backend.save(str(path))

    def follow(self, segments, numbers):
        """Add what is live and missing, remove what is there and not live."""
        live = {segment.number: own for segment, own in zip(segments, numbers)}
        there = self.backend.keys[:]
        gone = [key for key in there.tolist() if key >> 32 not in live or live[key >> 32][key & 0xFFFFFFFF] < 0]
        if gone:
            self.backend.remove(np.array(gone, np.uint64))
        for segment, own in zip(segments, numbers):
            keys = np.uint64(segment.number << 32) + np.flatnonzero(own >= 0).astype(np.uint64)
            missing = np.setdiff1d(keys, there)
            for start in range(0, len(missing), BLOCK):
                some = missing[start : start + BLOCK]
                rows = (some & np.uint64(0xFFFFFFFF)).astype(np.int64)
                self.backend.add(some, np.asarray(segment.vectors[rows]))

    def search(self, query, k, segments, numbers):
        """The k passages nearest to a query (D,): (their numbers, their scores), best first."""
        live = {segment.number: own for segment, own in zip(segments, numbers)}
        found = self.backend.search(query, k)
        keys, distances = np.atleast_1d(found.keys), np.atleast_1d(found.distances)
        passages = np.array([live[key >> 32][key & 0xFFFFFFFF] for key in keys.tolist()], np.int64)
        return passages, 1 - distances

    def recall(self, segments, numbers, size, k=10, seed=0):
        """Share of the k nearest others of a sample of passages that the graph finds, told by exact search."""
        rng = np.random.default_rng(seed)
        wanted = np.sort(rng.choice(size, min(SAMPLE, size), replace=False))
        queries = np.empty((len(wanted), self.backend.ndim), np.float32)
        for segment, own in zip(segments, numbers):
            rows = np.flatnonzero(np.isin(own, wanted))
            queries[np.searchsorted(wanted, own[rows])] = segment.vectors[rows]
        shares = []
        for number, query, scores in zip(wanted, queries, products(queries, segments, numbers, size)):
            scores[number] = -np.inf
            exact = best(scores, k)
            found = self.search(query, k + 1, segments, numbers)[0]
            least = scores[exact[-1]] if len(exact) else 0.0  # a passage as near as the k-th is as good
            hits = sum(scores[place] >= least for place in found if place != number)
            shares.append(min(hits, k) / max(len(exact), 1))
        return float(np.mean(shares))
