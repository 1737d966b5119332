"""Several rankings of the same passages made into one: by their ranks, or by their scores."""

import numpy as np

K = 60  # of reciprocal ranks, as published


def reciprocal_ranks(rankings):
    """Σ over rankings of 1 / (60 + rank), nothing where a passage is not ranked. Also called RRF.

    rankings: (passages best first, their scores), one a part -> {passage: score}. Cormack, Clarke & Büttcher 2009.
    """
    fused = {}
    for passages, _ in rankings:
        for rank, passage in enumerate(passages.tolist(), 1):
            fused[passage] = fused.get(passage, 0.0) + 1 / (K + rank)
    return fused


def standard_scores(rankings):
    """Mean over rankings of (score − mean) / standard deviation, a passage not ranked taking the ranking's lowest.

    Also called z-score fusion. The same arguments and result as `reciprocal_ranks`.
    """
    fused = {passage: 0.0 for passages, _ in rankings for passage in passages.tolist()}
    for passages, scores in rankings:
        if len(passages):
            standard = (scores - scores.mean()) / (np.std(scores) or 1.0)
            own = dict(zip(passages.tolist(), standard.tolist()))
            for passage in fused:
                fused[passage] += own.get(passage, float(standard.min())) / len(rankings)
    return fused


def order(fused):
    """Passages and scores, best first; of equals, the one that stands first in its files."""
    ordered = sorted(fused.items(), key=lambda item: (-item[1], item[0]))
    return np.array([passage for passage, _ in ordered], np.int64), np.array([score for _, score in ordered])
