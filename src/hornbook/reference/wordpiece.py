"""WordPiece: words cut into the longest pieces there are; pieces inside a word begin with ##.

Schuster and Nakajima 2012; the tokenizer of BERT (Devlin et al. 2019, arXiv 1810.04805). Training is that of Hugging
Face's WordPieceTrainer, byte-pair merges over characters; Google's own, unpublished, picks merges by likelihood.
"""

import string
import unicodedata
from collections import Counter

from hornbook.reference import bpe

CONTINUES = "##"
LONGEST = 100  # characters; a longer word is unknown as a whole


def split(text):
    """Cut `text` into words as BERT does: white space goes, every punctuation mark stands alone."""
    spaced = "".join(map(_spaced, text))
    return [word for word in spaced.split(" ") if word]


def _spaced(character):
    if bpe.kind_of(character) == bpe.SPACE:
        return " "
    return f" {character} " if is_punctuation(character) else character


def is_punctuation(character):
    """ASCII's marks, among them $ + < = > ^ ` | ~, and Unicode's P*."""
    return character in string.punctuation or unicodedata.category(character).startswith("P")


def spell(word):
    """The smallest pieces of a word: ``cat`` -> ``c ##a ##t``."""
    return [word[0], *(CONTINUES + character for character in word[1:])]


def join(left, right):
    """What two pieces become: ``##a`` and ``##t`` -> ``##at``."""
    return left + right.removeprefix(CONTINUES)


def alphabet(words):
    """All characters, then all that occur inside a word with ##, each by code point: the order that decides ties.

    Hugging Face numbers the second kind in the order of a hash table, so its vocabulary differs from run to run.
    """
    pieces = {piece for word in words for piece in (*word, *spell(word))}
    return sorted(pieces, key=lambda piece: (len(piece) > 1, piece))


def train(texts, vocab_size, min_count=1):
    """The merges that `texts` teach, and the vocabulary: a list of pieces, the alphabet first."""
    words = Counter(word for text in texts for word in split(text))
    vocabulary = alphabet(words)
    id_of = {piece: id_ for id_, piece in enumerate(vocabulary)}
    spelt = ([id_of[piece] for piece in spell(word)] for word in words)
    return list(bpe.learn(spelt, list(words.values()), vocabulary, vocab_size, min_count, join)), vocabulary


def encode(text, vocabulary, unknown="<UNK>"):
    """Text to pieces, greedily: the longest piece that starts the word, then the longest that goes on.

    The merges play no part. A word that cannot be cut, or that is too long, becomes `unknown` as a whole.
    """
    vocabulary = set(vocabulary)
    return [piece for word in split(text) for piece in cut(word, vocabulary) or [unknown]]


def cut(word, vocabulary):
    """The pieces of one word, or None."""
    pieces, start = [], 0
    while start < len(word) <= LONGEST:
        prefix = CONTINUES if start else ""
        ends = (end for end in range(len(word), start, -1) if prefix + word[start:end] in vocabulary)
        end = next(ends, None)
        if end is None:
            return None
        pieces.append(prefix + word[start:end])
        start = end
    return pieces or None


if __name__ == "__main__":
    text = "the cat sat on the mat, and the cats chat"
    merges, vocabulary = train([text], vocab_size=30)
    for left, right, made, count in merges:
        print(f"{count} × {vocabulary[left]} + {vocabulary[right]} -> {made}: {vocabulary[made]}")
    print(encode("the chat that matches: who?", vocabulary))
