"""WordPiece, the form you run: texts to ids in one compiled pass, a word that was met before looked up whole.

What a character becomes, and whether it is part of a word, is asked of `tokenizers` once for each; so the ids are its
own. Texts with one of the few characters whose place among others matters are left to it altogether.
"""

import json
import unicodedata
from typing import NamedTuple

import numpy as np
from numba import njit, uint64

LETTER, MARK, SPACE, NOTHING = range(4)  # what a character is: of a word, a word of its own, between words, not there
LONGEST = 9  # most bytes a character may become, as Korean syllables do; a longer one is left to `tokenizers`
CACHED_BYTES, CACHED_IDS, CACHE_ROWS = 15, 4, 1 << 17  # the longest word cached, its most ids, 4 MiB of them
LOW_60 = uint64((1 << 60) - 1)
GOLDEN, ODD = uint64(0x9E3779B97F4A7C15), uint64(0xC2B2AE3D27D4EB4F)  # multipliers that spread bits
FIRST, PRIME = uint64(0xCBF29CE484222325), uint64(0x100000001B3)  # of the hash FNV-1a


class Pieces(NamedTuple):
    """Pieces of words -> ids: a hash table with open addressing, the pieces' bytes one behind the other."""

    slots: np.ndarray  # (a power of two, 4) hash, begin, end and id; an empty one ends where it begins
    strings: np.ndarray  # bytes


class Tables(NamedTuple):
    """What the compiled pass reads."""

    kinds: np.ndarray  # (code points) LETTER, MARK, …
    spelt: np.ndarray  # (code points, LONGEST) the bytes it becomes
    sizes: np.ndarray  # (code points) how many
    starts: Pieces  # that begin a word
    inside: Pieces  # that go on, without ##
    cache: np.ndarray  # (CACHE_ROWS, 4) word -> ids: its bytes, how many bytes and ids, two ids, two ids


def treats(state):
    """Whether a tokenizer.json, as a dict, is one that this module can stand for."""
    inner = state["normalizer"] or {"type": "Sequence", "normalizers": []}
    normalizers = inner["normalizers"] if inner["type"] == "Sequence" else [inner]
    return (
        state["model"]["type"] == "WordPiece"
        and (state["pre_tokenizer"] or {}).get("type") == "BertPreTokenizer"
        and all(one["type"] in ("BertNormalizer", "Lowercase") for one in normalizers)
        and all(token["special"] for token in state["added_tokens"])
    )


class Encoder:
    """Texts to ids by the `tokenizers.Tokenizer` given, one of those that `treats` is true of."""

    def __init__(self, backend):
        model = json.loads(backend.to_str())["model"]
        self.backend, self.longest = backend, model["max_input_chars_per_word"]
        self.unknown = model["vocab"][model["unk_token"]]
        prefix = model["continuing_subword_prefix"]
        starts, inside = {}, {}
        for piece, id_ in model["vocab"].items():
            starts[piece.encode()] = id_
            if piece.startswith(prefix):
                inside[piece.removeprefix(prefix).encode()] = id_
        self.known, self.hard = set(), set()
        self.tables = Tables(
            np.full(0x110000, NOTHING, np.uint8), np.zeros((0x110000, LONGEST), np.uint8),
            np.zeros(0x110000, np.uint8), _filled(starts), _filled(inside), np.zeros((CACHE_ROWS, 4), np.uint64),
        )  # fmt: skip
        self._meet(map(chr, range(128)))

    def encode(self, texts):
        """(ids (T,) int32 of all texts, ends (N,): where each text's end); no <BOS> or <EOS> around them."""
        documents = [text.encode() for text in texts]
        data = np.frombuffer(b"".join(documents), np.uint8)
        ends = np.fromiter(map(len, documents), np.int64, len(documents)).cumsum()
        if len(data) > sum(map(len, texts)):
            self._meet(set().union(*(text for text in texts if not text.isascii())) - self.known)
            if self.hard and any(not self.hard.isdisjoint(text) for text in texts):
                return self._left(texts)
        ids, places = np.empty(len(data) + CACHED_IDS, np.int32), np.empty(len(documents), np.int64)
        count = _encode(data, ends, self.tables, self.unknown, self.longest, ids, places)
        return ids[:count], places

    def _left(self, texts):
        """The same, where `tokenizers` has to be asked for some texts."""
        hard = {place: self._slowly(text) for place, text in enumerate(texts) if not self.hard.isdisjoint(text)}
        ids, ends = self.encode(["" if place in hard else text for place, text in enumerate(texts)])
        sizes = np.zeros(len(texts), np.int64)
        sizes[list(hard)] = [len(found) for found in hard.values()]
        return np.insert(ids, np.repeat(ends, sizes), np.concatenate(list(hard.values()))), ends + sizes.cumsum()

    def _slowly(self, text):
        return np.array(self.backend.encode(text, add_special_tokens=False).ids, np.int32)

    def _meet(self, characters):
        """Fill in what characters are and become."""
        for character in characters:
            self.known.add(character)
            code, (kind, spelt) = ord(character), self._asked(character)
            if kind is None:
                self.hard.add(character)
                continue
            self.tables.kinds[code], self.tables.sizes[code] = kind, len(spelt)
            self.tables.spelt[code, : len(spelt)] = np.frombuffer(spelt, np.uint8)

    def _asked(self, character):
        """(kind, the bytes it becomes) of a character; (None, …) where its neighbours have a say in it."""
        normal = self.backend.normalizer.normalize_str(character) if self.backend.normalizer else character
        found = [word for word, _ in self.backend.pre_tokenizer.pre_tokenize_str(f"a{normal}a")]
        moves = any(map(unicodedata.combining, normal)) or len(normal) > len(character.encode())
        if not normal:
            return NOTHING, b""
        if found == ["a", "a"]:
            return SPACE, b""
        word = normal.strip(" ")
        kind = LETTER if found == [f"a{normal}a"] else MARK if found == ["a", word, "a"] and len(word) == 1 else None
        spelt = word.encode()
        return None if moves or len(spelt) > LONGEST else kind, spelt


def _filled(id_of):
    strings = np.frombuffer(b"".join(id_of), np.uint8)
    slots = np.zeros((1 << max(4, (2 * len(id_of)).bit_length()), 4), np.int64)
    _fill(slots, strings, np.cumsum([0, *map(len, id_of)]), np.array(list(id_of.values()), np.int64))
    return Pieces(slots, strings)


@njit(cache=True)
def _fill(slots, strings, ends, ids):
    for k in range(len(ids)):
        begin, end = ends[k], ends[k + 1]
        hash_ = _hash(strings, begin, end)
        slot = hash_ & (len(slots) - 1)
        while slots[slot, 2] > slots[slot, 1]:
            slot = (slot + 1) & (len(slots) - 1)
        slots[slot, 0], slots[slot, 1], slots[slot, 2], slots[slot, 3] = hash_, begin, end, ids[k]


@njit
def _hash(data, begin, end):
    found = FIRST
    for k in range(begin, end):
        found = (found ^ uint64(data[k])) * PRIME
    return np.int64(found >> uint64(16))


@njit
def _find(slots, strings, word, begin, end):
    """The id of the piece word[begin:end], or −1."""
    hash_ = _hash(word, begin, end)
    slot = hash_ & (len(slots) - 1)
    while slots[slot, 2] > slots[slot, 1]:
        if slots[slot, 0] == hash_ and slots[slot, 2] - slots[slot, 1] == end - begin:
            at, same = slots[slot, 1], True
            for k in range(end - begin):
                same &= strings[at + k] == word[begin + k]
            if same:
                return slots[slot, 3]
        slot = (slot + 1) & (len(slots) - 1)
    return -1


@njit(cache=True)
def _encode(data, ends, tables, unknown, longest, out, places):
    """Write the ids of the texts that end at `ends` to `out` and where each ends to `places`; returns how many."""
    kinds, spelt, sizes, cache = tables.kinds, tables.spelt, tables.sizes, tables.cache
    starts, inside = tables.starts, tables.inside
    word = np.empty(LONGEST * (longest + 2), np.uint8)
    count, at = 0, 0
    for text in range(len(ends)):
        size, letters, first, second = 0, 0, uint64(0), uint64(0)
        while at < ends[text] or size:
            kind, code = SPACE, 0  # the end of a text ends a word
            if at < ends[text]:
                code = np.int64(data[at])
                many = 1 if code < 0x80 else 2 if code < 0xE0 else 3 if code < 0xF0 else 4
                if many > 1:
                    code &= 0x7F >> many
                    for k in range(1, many):
                        code = code << 6 | data[at + k] & 0x3F
                kind = kinds[code]
                if kind == NOTHING or (kind == SPACE and not size):
                    at += many
                    continue
                if kind == LETTER or not size:  # a mark behind a word is read again, when the word is done
                    at += many
                    letters += 1
                    for k in range(sizes[code] if letters <= longest + 1 else 0):
                        byte = spelt[code, k]
                        if size < 8:
                            first |= uint64(byte) << uint64(8 * size)
                        elif size < CACHED_BYTES:
                            second |= uint64(byte) << uint64(8 * size - 64)
                        word[size] = byte
                        size += 1
                    if kind == LETTER:
                        continue
            if size > CACHED_BYTES:
                count += _cut(word, size, starts, inside, unknown, letters > longest, out, count)
            else:
                second |= uint64(size) << uint64(56)
                row = cache[np.int64((first ^ second * ODD) * GOLDEN >> uint64(47))]
                if row[0] == first and row[1] & LOW_60 == second:  # always writing four is faster than asking how many
                    out[count], out[count + 1] = row[2], row[2] >> uint64(32)
                    out[count + 2], out[count + 3] = row[3], row[3] >> uint64(32)
                    count += np.int64(row[1] >> uint64(60))
                else:
                    new = _cut(word, size, starts, inside, unknown, letters > longest, out, count)
                    if new <= CACHED_IDS:
                        row[0], row[1] = first, second | uint64(new) << uint64(60)
                        row[2] = uint64(out[count]) | uint64(out[count + 1]) << uint64(32)
                        row[3] = uint64(out[count + 2]) | uint64(out[count + 3]) << uint64(32)
                    count += new
            size, letters, first, second = 0, 0, uint64(0), uint64(0)
        places[text] = count
    return count


@njit
def _cut(word, size, starts, inside, unknown, too_long, out, count):
    """Cut a word into the longest pieces there are, from the left; returns how many. See `reference.wordpiece.cut`."""
    begin, many = 0, 0
    while begin < size:
        end, id_ = size, np.int64(-1)
        while end > begin and not too_long:
            if begin:
                id_ = _find(inside.slots, inside.strings, word, begin, end)
            else:
                id_ = _find(starts.slots, starts.strings, word, begin, end)
            if id_ >= 0:
                break
            end -= 1
            while end > begin and word[end] & 0xC0 == 0x80:
                end -= 1
        if id_ < 0:
            out[count] = unknown
            return 1
        out[count + many] = id_
        many += 1
        begin = end
    return many
