"""Subwords: the pieces that the words of a vocabulary are made of, so that a word never seen has a vector too."""

import math
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from hornbook.fast.terms import words_of
from hornbook.tokenizer import HALF, REPLACEMENT, SPECIALS, Tokenizer

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


def rows(words, tokenizer, table):
    """The vectors (U, D) of words never seen: the mean of what `table` (P, D) has for the pieces of each."""
    if not words:
        return table[:0]
    indptr, indices, _ = cut(words, tokenizer)
    return np.add.reduceat(table[indices], indptr[:-1]) / np.diff(indptr)[:, None].astype(table.dtype)


def composer(tokenizer, table):
    """A function from a word to the mean of its pieces' vectors, table (P, D) -> (D,); None where it is no one word."""

    def made(word):
        words = words_of(word)
        return rows(words, tokenizer, table)[0] if len(words) == 1 else None

    return made


def read(texts, tokenizer):
    """(bags (N, V), bags (N, U), U words): how often each of `texts` has each term, and each one never seen."""
    place, starts, ids = tokenizer.backend.get_vocab(), [0], []
    for text in texts:
        text = text if text.isascii() else HALF.sub(REPLACEMENT, text)
        ids += [place.setdefault(word, len(place)) for word in words_of(text)]
        starts.append(len(ids))
    bags = csr_array((np.ones(len(ids), np.int64), ids, starts), (len(texts), len(place)))
    bags.sum_duplicates()
    size = tokenizer.vocab_size
    return bags[:, :size], bags[:, size:], list(place)[size:]


def encode(network, texts, tokenizer, pieces):
    """The vectors (N, D) of `texts` by word2vec, in which a word never seen counts by its pieces.

    Its weight is that of SIF for the frequency 0, which is 1.
    """
    bags, lacking, words = read(texts, tokenizer)
    vectors = network.encode(bags)
    if not words:
        return vectors
    sums = lacking @ rows(words, pieces, network.tables["pieces"])
    if network.direction is not None:
        sums -= np.outer(sums @ network.direction, network.direction)
    known, new = (found.sum(axis=1).reshape(-1, 1) for found in (bags, lacking))
    return np.where(new > 0, (vectors * known + sums) / np.maximum(known + new, 1), vectors).astype(np.float32)
