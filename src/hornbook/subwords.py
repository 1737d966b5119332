"""Subwords: the pieces that the words of a vocabulary are made of, so that a word never seen has a vector too."""

import math
from pathlib import Path

import numpy as np

from hornbook.tokenizer import SPECIALS, Tokenizer

SIZE = 4_000  # pieces, of all words


def learn(words, counts, size=SIZE):
    """(the BPE of the vocabulary, the pieces of every word): a word weighs the logarithm of its count.

    The pieces are (indptr, indices, how many different ones there are), as in a sparse matrix's rows.
    """
    common = [(word, count) for word, count in zip(words, counts) if count and word not in SPECIALS]
    texts = (f" {word}" * math.ceil(math.log2(1 + count)) for word, count in common)
    tokenizer = Tokenizer.train(texts, "bpe", vocab_size=size)
    return tokenizer, cut(words, tokenizer)


def learn_once(path, words, counts):
    """The pieces of every word, by the BPE kept at `path`; it is learnt and written where it is not there."""
    if Path(path).exists():
        return cut(words, Tokenizer.load(path))
    tokenizer, pieces = learn(words, counts)
    tokenizer.save(path)
    return pieces


def cut(words, tokenizer):
    """(indptr, indices, P): the pieces of words[i] are indices[indptr[i]:indptr[i + 1]]; special tokens have none."""
    found = [tokenizer.encode("" if word in SPECIALS else f" {word}") for word in words]
    indptr = np.concatenate([[0], np.cumsum([len(ids) for ids in found])]).astype(np.int64)
    return indptr, np.concatenate(found).astype(np.int32), tokenizer.vocab_size


def composer(path, table):
    """A function from a word to the mean of its pieces' vectors: table (P, D) -> (D,)."""
    tokenizer = Tokenizer.load(path)
    return lambda word: table[tokenizer.encode(f" {word}")].mean(axis=0)
