"""Bags of words: a sparse matrix (N, V) of how often each word of a vocabulary occurs in each of N texts."""

import numpy as np
from scipy import sparse


def of_texts(texts, tokenizer):
    """The bags of `texts`: one row each; what the vocabulary does not have, and special tokens, are left out."""
    return of_stream(tokenizer.encode_all(texts), tokenizer)


def of_stream(stream, tokenizer, words=None):
    """The bags of the documents of a stream ``<BOS> text <BOS> text …``; with `words`, of pieces of so many tokens."""
    ids = np.asarray(stream)
    opens = ids == tokenizer.bos
    rows = np.cumsum(opens) - 1
    if words:
        starts = np.flatnonzero(opens)
        place = np.arange(len(ids)) - starts[rows] if len(ids) else np.zeros(0, np.int64)
        opens |= (place % words == 1) & (place > 1)
        rows = np.cumsum(opens) - 1
    is_word = np.ones(tokenizer.vocab_size, bool)
    is_word[tokenizer.special_ids] = False
    kept = is_word[ids]
    shape = (int(opens.sum()), tokenizer.vocab_size)
    return sparse.coo_matrix((np.ones(kept.sum(), np.int64), (rows[kept], ids[kept])), shape).tocsr()
