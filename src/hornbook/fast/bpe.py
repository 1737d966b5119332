"""Byte-level BPE, the form you run: a batch of documents to ids in one compiled pass.

Words are cut out by the reference's own `word_end`. Most have been seen before and are looked up in a cache; the others
are merged by rank. The ids are those of `reference.bpe` and of Hugging Face `tokenizers`.
"""

from typing import NamedTuple

import numpy as np
from numba import njit, uint64

from hornbook.reference import bpe as reference

# Compiled code is kept between runs. A change of `word_end` is not noticed here: delete __pycache__ after one.
word_end = njit(reference.word_end)

NOT_MET, WANTED = 255, 254  # the kind of a character before its first occurrence, and until it is asked for
NO_MERGE = np.iinfo(np.int64).max
CACHED_BYTES, CACHED_IDS, CACHE_ROWS = 15, 4, 1 << 17  # the longest word cached, its most ids, 4 MiB of them
LOW_60, ALL_64 = uint64((1 << 60) - 1), uint64((1 << 64) - 1)
GOLDEN, ODD = uint64(0x9E3779B97F4A7C15), uint64(0xC2B2AE3D27D4EB4F)  # multipliers that spread bits


class Tables(NamedTuple):
    """What the compiled pass reads."""

    byte_ids: np.ndarray  # (256,) byte -> id
    merges: np.ndarray  # (slots, 2) a hash table: left << 32 | right, and rank << 32 | made
    cache: np.ndarray  # (CACHE_ROWS, 4) word -> ids: its bytes, how many bytes and ids, two ids, two ids


class Encoder:
    """Texts to ids: `byte_ids` gives each byte's id, `merges` holds (left, right, made) ids in order of rank."""

    def __init__(self, byte_ids, merges):
        slots = 1 << max(4, (4 * len(merges)).bit_length())
        table = np.full((slots, 2), (-1, NO_MERGE), dtype=np.int64)
        if len(merges):
            _fill(table, np.asarray(merges, dtype=np.int64))
        cache = np.zeros((CACHE_ROWS, 4), dtype=np.uint64)
        self.tables = Tables(np.asarray(byte_ids, dtype=np.int32), table, cache)
        self.kinds = np.full(0x110000, NOT_MET, dtype=np.uint8)  # code point -> kind
        self.kinds[:128] = kinds_in_tokenizers(bytes(range(128)).decode())

    def encode(self, texts, bos=None):
        """The ids of all `texts` in one int32 array, with `bos` before each where it is given."""
        documents = [text.encode() for text in texts]
        ends = np.cumsum([len(document) for document in documents], dtype=np.int64)
        size = int(ends[-1]) if documents else 0
        words = np.zeros(size // 8 + 3, dtype=np.uint64)  # eight bytes are read at a time, so room behind the end
        data = words.view(np.uint8)
        data[:size] = np.frombuffer(b"".join(documents), dtype=np.uint8)
        kinds = np.empty(size, dtype=np.uint8)
        if not _kinds_of(data[:size], self.kinds, kinds):
            wanted = np.flatnonzero(self.kinds == WANTED)
            self.kinds[wanted] = kinds_in_tokenizers("".join(map(chr, wanted)))
            _kinds_of(data[:size], self.kinds, kinds)
        out = np.empty(size + len(documents) + CACHED_IDS, dtype=np.int32)
        count = _encode(data, words, kinds, ends, -1 if bos is None else bos, self.tables, out)
        return out[:count].copy()


def kinds_in_tokenizers(text):
    """The kind of every character, asked of `tokenizers` itself, whose Unicode may be newer than Python's."""
    from tokenizers import Regex, normalizers

    kinds = np.full(len(text), reference.OTHER, dtype=np.uint8)
    for kind, pattern, mark in (
        (reference.LETTER, r"\p{L}", "L"),
        (reference.NUMBER, r"\p{N}", "1"),
        (reference.SPACE, r"\s", " "),
    ):
        marked = normalizers.Replace(Regex(pattern), mark).normalize_str(text)
        kinds[np.frombuffer(marked.encode("utf-32-le"), dtype=np.uint32) == ord(mark)] = kind
    return kinds


@njit(cache=True)
def _kinds_of(data, kind_of_code, kinds):
    """Fill in the kind of every byte of `data`; False, and WANTED in the table, where a character has none yet."""
    at, all_known = 0, True
    while at < len(data):
        byte = np.int64(data[at])
        if byte < 0x80:
            kinds[at] = kind_of_code[byte]
            at += 1
            continue
        size = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
        code = byte & (0x7F >> size)
        for k in range(1, size):
            code = code << 6 | data[at + k] & 0x3F
        if kind_of_code[code] >= WANTED:
            kind_of_code[code], all_known = WANTED, False
        kinds[at : at + size] = kind_of_code[code]
        at += size
    return all_known


@njit(cache=True)
def _encode(data, words, kinds, ends, bos, tables, out):
    """Write the ids of the documents that end at `ends` to `out`; returns how many there are."""
    cache, shift = tables.cache, uint64(64 - np.int64(np.log2(len(tables.cache))))
    count = start = 0
    for end in ends:
        if bos >= 0:
            out[count] = bos
            count += 1
        while start < end:
            stop = word_end(data, kinds, start, end)
            size = stop - start
            if size > CACHED_BYTES:
                count = _merge(data[start:stop], tables, out, count)
                start = stop
                continue
            first, second = _word(words, start, size)
            row = cache[((first ^ second * ODD) * GOLDEN) >> shift]
            if row[0] == first and row[1] & LOW_60 == second:  # always writing four is faster than asking how many
                out[count], out[count + 1] = row[2], row[2] >> uint64(32)
                out[count + 2], out[count + 3] = row[3], row[3] >> uint64(32)
                count += row[1] >> uint64(60)
            else:
                before, count = count, _merge(data[start:stop], tables, out, count)
                if count - before <= CACHED_IDS:
                    row[0], row[1] = first, second | uint64(count - before) << uint64(60)
                    row[2] = uint64(out[before]) | uint64(out[before + 1]) << uint64(32)
                    row[3] = uint64(out[before + 2]) | uint64(out[before + 3]) << uint64(32)
            start = stop
    return count


@njit
def _word(words, start, size):
    """A word of 1 to 15 bytes as two numbers that tell it from every other: the bytes, and the size above them."""
    first, second = _eight_bytes(words, start), uint64(0)
    if size < 8:
        first &= ALL_64 >> uint64(64 - 8 * size)
    elif size > 8:
        second = _eight_bytes(words, start + 8) & ALL_64 >> uint64(128 - 8 * size)
    return first, second | uint64(size) << uint64(56)


@njit
def _eight_bytes(words, start):
    shift = uint64(8 * (start & 7))
    low = words[start >> 3] >> shift
    return low | words[(start >> 3) + 1] << uint64(64) - shift if shift else low


@njit
def _slot(left, right, merges):
    """Where the pair is, or would be: open addressing with linear probing."""
    pair, mask = np.int64(left) << 32 | right, len(merges) - 1
    slot = np.int64(uint64(pair) * GOLDEN >> uint64(32)) & mask
    while merges[slot, 0] != pair and merges[slot, 0] != -1:
        slot = (slot + 1) & mask
    return slot


@njit
def _lookup(left, right, merges):
    """rank << 32 | made of a pair, so that the smallest is the earliest merge; NO_MERGE where it never merges."""
    return merges[_slot(left, right, merges), 1]


@njit(cache=True)
def _fill(table, merges):
    for rank in range(len(merges)):
        left, right, made = merges[rank]
        slot = _slot(left, right, table)
        table[slot, 0], table[slot, 1] = left << 32 | right, np.int64(rank) << 32 | made


@njit
def _merge(word, tables, out, count):
    """Write the ids of one word behind the `count` first of `out`, and return the new count.

    A heap of rank << 32 | place and a linked list make it n log n, so that words without end are no harm.
    """
    size, queued = len(word), 0
    room = np.empty((6, size), np.int64)
    ids, after, before = room[0], room[1], room[2]
    heap = room[3:].reshape(3 * size)  # each merge takes one pair away and makes at most two
    for k in range(size):
        ids[k], after[k], before[k] = tables.byte_ids[word[k]], k + 1, k - 1
    for k in range(size - 1):
        queued = _push(heap, queued, _place(k, ids, after, tables.merges))
    while queued:
        rank, k = heap[0] >> 32, heap[0] & 0xFFFFFFFF
        queued = _pop(heap, queued)
        if ids[k] < 0 or after[k] == size:
            continue
        right = after[k]
        merge = _lookup(ids[k], ids[right], tables.merges)
        if merge >> 32 != rank:
            continue  # one of the two has merged elsewhere meanwhile
        ids[k], ids[right], after[k] = merge & 0xFFFFFFFF, -1, after[right]
        if after[k] < size:
            before[after[k]] = k
            queued = _push(heap, queued, _place(k, ids, after, tables.merges))
        if before[k] >= 0:
            queued = _push(heap, queued, _place(before[k], ids, after, tables.merges))
    for k in range(size):
        if ids[k] >= 0:
            out[count] = ids[k]
            count += 1
    return count


@njit
def _place(k, ids, after, merges):
    merge = _lookup(ids[k], ids[after[k]], merges)
    return NO_MERGE if merge == NO_MERGE else merge >> 32 << 32 | k


@njit
def _push(heap, queued, item):
    """Put an item among the `queued` first of a heap, unless it is NO_MERGE; returns how many there are now."""
    if item == NO_MERGE:
        return queued
    at = queued
    while at > 0 and heap[(at - 1) >> 1] > item:
        heap[at] = heap[(at - 1) >> 1]
        at = (at - 1) >> 1
    heap[at] = item
    return queued + 1


@njit
def _pop(heap, queued):
    """Take the smallest item, heap[0], away; returns how many are left."""
    queued -= 1
    item, at = heap[queued], 0
    while 2 * at + 1 < queued:
        child = 2 * at + 1
        if child + 1 < queued and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= item:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = item
    return queued
