"""Passages: a text cut into pieces of about as many words, at the ends of sentences; and a passage cut into halves."""

import re
from typing import NamedTuple

WORDS = 100  # of a passage, about
_ENDS = re.compile(r"(?<=[.!?])[\"'”’)\]]*(?=\s)|(?=\n\s*\n)|\Z")  # of a sentence, or of a paragraph
_WORD = re.compile(r"\S+")


class Passage(NamedTuple):
    """A piece of a text: `text[start:end]`, places in characters."""

    text: str
    start: int
    end: int


def cut(text, words=WORDS):
    """The passages of `text`, in order: whole sentences, gathered until there are `words` of them.

    A sentence of more than twice as many is cut between words; what is left at the end and has fewer than half joins
    the passage before it. A text without words has none.
    """
    spans = [part for start, end in _sentences(text) for part in _parts(text, start, end, words)]
    gathered, size = [], 0
    for start, end, count in spans:
        if gathered and size < words:
            gathered[-1][1], size = end, size + count
        else:
            gathered.append([start, end])
            size = count
    if len(gathered) > 1 and size < words / 2:
        _, gathered[-1][1] = gathered.pop()
    return [Passage(text[start:end], start, end) for start, end in gathered]


def halves(passage):
    """A passage cut in two between the words nearest its middle: (first half, second half). One word has no second."""
    words = [match.span() for match in _WORD.finditer(passage)]
    if len(words) < 2:
        return passage, ""
    middle = len(words) // 2
    return passage[: words[middle - 1][1]], passage[words[middle][0] :]


def passages_of(documents, words=WORDS):
    """The texts of all passages of all documents, one after another."""
    return [passage.text for document in documents for passage in cut(document, words)]


def _sentences(text):
    ends = [match.end() for match in _ENDS.finditer(text)]
    return zip([0, *ends], ends)


def _parts(text, start, end, words):
    """(start, end, words in it) of a sentence, or of the pieces of one that is too long."""
    found = [match.span() for match in _WORD.finditer(text, start, end)]
    size = words if len(found) > 2 * words else max(1, len(found))
    return [(part[0][0], part[-1][1], len(part)) for part in (found[i : i + size] for i in range(0, len(found), size))]
