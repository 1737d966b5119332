"""What word2vec draws before it learns: the words of a text that stay, how far each looks, and words as noise.

Mikolov et al. 2013, arXiv 1310.4546. The fast form compiles `sample` as it stands, so both read the same windows.
"""

from typing import NamedTuple

import numpy as np

from hornbook.errors import HornbookError
from hornbook.trace import see

BOS = 2  # opens a document; no window reaches across it
FIRST_WORD = 5  # ids below are special tokens
MULTIPLIER, MASK = 25214903917, (1 << 48) - 1  # the generator of word2vec.c, java.util.Random and drand48


class Block(NamedTuple):
    """Neighbouring windows: `words` (R,) are the centres and up to `window` words on both sides of them."""

    words: np.ndarray
    reach: np.ndarray  # (R,) how far the window of each word goes
    centres: slice  # which of the words are centres
    negatives: np.ndarray  # (M,)


def next_random(state):
    """The state after this one: s ← (25214903917 s + 11) mod 2⁴⁸. Its upper 32 bits, s >> 16, are the number drawn."""
    return (state * MULTIPLIER + 11) & MASK


def first_random(*numbers):
    """The state to begin with, of 48 bits, that a seed, a round and a shard stand for."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0]) & MASK


def noise(counts, exponent=0.75):
    """counts (V,) -> (V,): how likely each word is drawn as a negative: count(w)^¾ / Σ count^¾; specials are not.

    Raises HornbookError where no word was counted, and for an exponent that makes no numbers of the counts.
    """
    counts, powers = np.asarray(counts, np.float64), np.zeros(len(counts))
    met = (counts > 0) & (np.arange(len(counts)) >= FIRST_WORD)
    with np.errstate(over="ignore"):  # said below
        powers[met] = counts[met] ** exponent
    if not 0 < (total := powers.sum()) < np.inf:
        what = f"counts to the power {exponent} do not add up" if met.any() else "no word was counted"
        raise HornbookError(f"{what}: there is no noise to draw.")
    return see("noise", powers / total)


def keep(counts, threshold=1e-3):
    """counts (V,) -> (V,): the probability that an occurrence is read, √(t/f) + t/f but at most 1. t = 0 reads all.

    f is the word's share of all words. This is what word2vec.c and gensim compute; the paper has √(t/f).
    """
    counts = np.asarray(counts, np.float64).copy()
    counts[:FIRST_WORD] = 0
    ratio = threshold * counts.sum() / np.maximum(counts, 1)
    return see("keep", np.minimum(np.sqrt(ratio) + ratio, 1.0) if threshold else np.ones(len(counts)))


def thresholds(probabilities):
    """Probabilities as whole numbers of 32 bits: an event happens when a number drawn is below."""
    return np.round(np.asarray(probabilities) * 2.0**32).astype(np.int64)


def guide(cumulative):
    """Where to begin looking for a number: the first word for each value of its upper 16 bits. (V,) -> (65536,)"""
    return np.searchsorted(cumulative, np.arange(1 << 16) << 16, side="right").astype(np.int32)


def sample(tokens, keep, cumulative, guide, window, per_block, per_noise, state):
    """Draw for one shard: the words kept (n,), the reach of each (n,), and the negatives of each block (blocks, N).

    A word stays when a number drawn is below keep[w]; reach is 1 … window, all equally likely, so near words count
    more; a negative is the first word whose `cumulative` noise is above the number drawn. `keep` and `cumulative` are
    `thresholds`, `guide` is that of `cumulative`. Unknown words and other specials are dropped first, <BOS> stays.
    """
    words = np.empty(len(tokens), np.int32)
    n = 0
    for token in tokens:
        state = (state * MULTIPLIER + 11) & MASK
        if token == BOS or (token >= FIRST_WORD and (state >> 16) < keep[token]):
            words[n] = token
            n += 1
    reach = np.empty(n, np.int32)
    for i in range(n):
        state = (state * MULTIPLIER + 11) & MASK
        reach[i] = 1 + (((state >> 16) * window) >> 32)
    blocks = (n + per_block - 1) // per_block
    negatives = np.empty((blocks, per_noise), np.int32)
    for block in range(blocks):
        for i in range(per_noise):
            state = (state * MULTIPLIER + 11) & MASK
            word = guide[state >> 32]
            while cumulative[word] <= state >> 16:
                word += 1
            negatives[block, i] = word
    return words[:n], reach, negatives


def blocks(words, reach, negatives, config):
    """Cut a shard, as `word2vec_sampling.sample` drew it, into blocks."""
    for k, noise in enumerate(negatives):
        start = k * config.windows_per_block
        stop = min(start + config.windows_per_block, len(words))
        first = max(0, start - config.window)
        near = slice(first, stop + config.window)
        yield Block(words[near], reach[near], slice(start - first, stop - first), noise)


def windows(block):
    """(R, C): 1 where a word is in the window of a centre, which ends at <BOS> and does not hold the centre."""
    at, document = np.arange(len(block.words)), np.cumsum(block.words == BOS)
    centre, real = at[block.centres], block.words != BOS
    distance = np.abs(at[:, None] - centre)
    inside = (distance > 0) & (distance <= block.reach[block.centres]) & (document[:, None] == document[centre])
    return (inside & real[:, None] & real[centre]).astype(float)
