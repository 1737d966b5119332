"""Random parameters and windows for the tests of word2vec."""

import numpy as np

from hornbook.reference import word2vec
from hornbook.reference.word2vec_sampling import FIRST_WORD, guide, keep, noise, sample, thresholds


def parameters(config, pieces=0, seed=0):
    """Parameters of every table drawn from N(0, 1), float64."""
    rng = np.random.default_rng(seed)
    tables = word2vec.init(config, rng, pieces)
    return {name: rng.normal(size=table.shape) for name, table in tables.items()}


def drawn(tokens, config, state):
    """What `sample` draws where every word of the vocabulary is as frequent as in `tokens`, and once more."""
    counts = np.bincount(tokens, minlength=config.vocab_size)
    counts[FIRST_WORD:] += 1
    cumulative = thresholds(noise(counts, config.ns_exponent).cumsum())
    return sample(
        tokens,
        thresholds(keep(counts, config.sample)),
        cumulative,
        guide(cumulative),
        config.window,
        config.windows_per_block,
        config.noise_per_block,
        state,
    )
