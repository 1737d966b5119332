"""Settings of latent Dirichlet allocation, and the documents it reads: a stream of ids without what is no word."""

from dataclasses import dataclass

import numpy as np

from hornbook.errors import HornbookError
from hornbook.reference.bounds import check_number, check_whole

SPECIALS, BOS = 5, 2  # ids below 5 are no words; 2 opens a document
FEW = 20  # a word in so many documents is never too common


@dataclass
class Config:
    vocab_size: int
    n_components: int = 20  # S, how many topics
    doc_topic_prior: float = 0.1  # α: how many tokens each topic has in each document before any is read
    topic_word_prior: float = 0.1  # β: how many tokens each word has in each topic before any is read
    sweeps: int = 200  # how often every token is asked
    averaged: int = 50  # the last sweeps, at most half of all, whose counts are averaged
    max_document_share: float = 0.1  # words in more than this share of the documents, and in over 20, have no topic
    seed: int = 42

    def __post_init__(self):
        check_whole(self, ("vocab_size", "n_components", "sweeps", "averaged"))
        check_whole(self, ("seed",), least=0)
        check_number(self, ("doc_topic_prior", "topic_word_prior", "max_document_share"))
        for name in ("doc_topic_prior", "topic_word_prior"):
            if not getattr(self, name):
                raise HornbookError(f"{name} is {getattr(self, name)}; it can be any number above 0, as 0.1.")
        if not 0 < self.max_document_share <= 1:
            raise HornbookError(f"max_document_share is {self.max_document_share}; it can be above 0, up to 1 (all).")


def documents(stream, config):
    """The words of a stream (T,), specials and too common words left out, and where each document starts: (N+1,).

    Document d is ``words[starts[d] : starts[d + 1]]``, which may be empty.
    """
    ids = np.asarray(stream).astype(np.int32)
    opens = ids == BOS
    opens[:1] = True
    document, N = np.cumsum(opens) - 1, np.count_nonzero(opens)
    kept = ids >= SPECIALS
    if config.max_document_share < 1:
        pairs = np.unique(document[kept] * config.vocab_size + ids[kept])
        holding = np.bincount(pairs % config.vocab_size, minlength=config.vocab_size)
        kept &= holding[ids] <= max(config.max_document_share * N, FEW)
    return ids[kept], np.append(0, np.bincount(document[kept], minlength=N).cumsum())
