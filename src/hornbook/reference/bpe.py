"""Byte-pair encoding over bytes, as in GPT-2: the pair seen most often becomes one token, again and again.

Also called byte-level BPE. Gage 1994; words: Sennrich et al. 2016 (arXiv 1508.07909); bytes: Radford et al. 2019.
"""

import unicodedata
from collections import Counter, defaultdict
from itertools import pairwise
from typing import NamedTuple

# GPT-2 numbers the bytes that print first, then the others. Ids decide ties, so the order is part of the algorithm.
PRINTED = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
BYTES = PRINTED + [byte for byte in range(256) if byte not in PRINTED]  # id -> byte
ID_OF_BYTE = {byte: id_ for id_, byte in enumerate(BYTES)}
# In files every byte is a letter one can see: those that print stand for themselves, the space is Ġ, the newline Ċ.
LETTER_OF_BYTE = {byte: chr(byte if id_ < len(PRINTED) else 256 + id_ - len(PRINTED)) for id_, byte in enumerate(BYTES)}
BYTE_OF_LETTER = {letter: byte for byte, letter in LETTER_OF_BYTE.items()}

OTHER, LETTER, NUMBER, SPACE = range(4)
BLANK, APOSTROPHE = ord(" "), ord("'")


class Merge(NamedTuple):
    """One step of training: the tokens `left` and `right` stood side by side `count` times, and became `made`."""

    left: int
    right: int
    made: int
    count: int


def kind_of(character):
    """Letter, number, space or other, as GPT-2's pattern sees it: Unicode's L*, N* and White_Space."""
    if character.isspace():
        return OTHER if character in "\x1c\x1d\x1e\x1f" else SPACE
    return {"L": LETTER, "N": NUMBER}.get(unicodedata.category(character)[0], OTHER)


def kinds_of(text):
    """The kind of every byte of `text` in UTF-8; all bytes of a character have its kind."""
    return bytes(kind_of(character) for character in text for _ in character.encode())


def word_end(data, kinds, start, end):
    """Where the word that begins at byte `start` ends: GPT-2's pattern as a machine.

    The pattern: ``'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+``
    """
    if data[start] == APOSTROPHE and end - start > 1:
        first, second = data[start + 1], data[start + 2] if end - start > 2 else 0
        if first == ord("s") or first == ord("t") or first == ord("m") or first == ord("d"):
            return start + 2
        if first == ord("l") == second or (second == ord("e") and (first == ord("r") or first == ord("v"))):
            return start + 3
    body = start
    if data[start] == BLANK and end - start > 1 and kinds[start + 1] != SPACE:
        body += 1  # one blank belongs to the word behind it
    stop = body + 1
    while stop < end and kinds[stop] == kinds[body]:
        stop += 1
    if kinds[body] != SPACE or stop == end:
        return stop
    last = stop - 1  # of several spaces before a word, the last is left for it
    while data[last] & 0xC0 == 0x80:  # inside a character
        last -= 1
    return last if last > start else stop


def split(text):
    """Cut `text` into words, as bytes. Merges never cross from one word into the next."""
    data, kinds, start = text.encode(), kinds_of(text), 0
    while start < len(data):
        end = word_end(data, kinds, start, len(data))
        yield data[start:end]
        start = end


def replace(ids, pair, made):
    """`ids` with every `pair`, from the left, become the one id `made`."""
    out, at = [], 0
    while at < len(ids):
        found = tuple(ids[at : at + 2]) == pair
        out.append(made if found else ids[at])
        at += 2 if found else 1
    return out


def learn(words, counts, vocabulary, vocab_size, min_count=1, join=lambda left, right: left + right):
    """Yield one Merge after the other and let `vocabulary` grow, up to `vocab_size` tokens.

    `words` are lists of ids, seen `counts` times each. The pair with the highest count is next; of equals, the one
    with the smallest ids. It stops early when no pair is seen `min_count` times.
    """
    words, pairs, where = list(words), Counter(), defaultdict(set)

    def count(index, sign):
        for pair in pairwise(words[index]):
            pairs[pair] += sign * counts[index]
            where[pair].add(index)

    for index in range(len(words)):
        count(index, +1)
    while len(vocabulary) < vocab_size and (most := max(pairs.values(), default=0)) >= max(min_count, 1):
        pair = min(pair for pair, seen in pairs.items() if seen == most)
        made = len(vocabulary)
        vocabulary.append(join(vocabulary[pair[0]], vocabulary[pair[1]]))
        yield Merge(*pair, made, most)
        for index in where[pair].copy():
            count(index, -1)
            words[index] = replace(words[index], pair, made)
            count(index, +1)
        del pairs[pair], where[pair]


def train(texts, vocab_size, min_count=1):
    """The merges that `texts` teach, and the vocabulary: a list of bytes, the 256 single ones first."""
    words = Counter(word for text in texts for word in split(text))
    vocabulary = [bytes([byte]) for byte in BYTES]
    spelt = ([ID_OF_BYTE[byte] for byte in word] for word in words)
    return list(learn(spelt, list(words.values()), vocabulary, vocab_size, min_count)), vocabulary


def encode(text, merges):
    """Text to ids: in every word the earliest learnt merge that fits goes first, until none fits."""
    rank_of = {(merge.left, merge.right): rank for rank, merge in enumerate(merges)}
    ids = []
    for word in split(text):
        word = [ID_OF_BYTE[byte] for byte in word]
        while ranks := [rank_of[pair] for pair in pairwise(word) if pair in rank_of]:
            first = merges[min(ranks)]
            word = replace(word, (first.left, first.right), first.made)
        ids += word
    return ids


def decode(ids, vocabulary):
    """Ids to text: the bytes one after the other. Bytes that are no UTF-8 become U+FFFD."""
    return b"".join(vocabulary[id_] for id_ in ids).decode(errors="replace")


if __name__ == "__main__":
    text = "the cat sat on the mat and the cat sat"
    merges, vocabulary = train([text], vocab_size=256 + 10)
    for left, right, made, count in merges:
        print(f"{count} × {vocabulary[left]!r} + {vocabulary[right]!r} -> {made}: {vocabulary[made]!r}")
    print([vocabulary[id_] for id_ in encode(text, merges)], decode(encode(text, merges), vocabulary) == text)
