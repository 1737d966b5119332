"""Counts of words in sparse matrices: the weightings of `hornbook.reference.counts`, on the entries that are not 0."""

import numpy as np
from scipy.sparse import csr_array, csr_matrix, issparse

from hornbook.errors import HornbookError
from hornbook.reference import counts as reference

PARAMETERS = ("counts", "document_frequency", "n_documents", "mean_length")


class Counts:
    """Texts as weighted counts of words: `config.weighting` is a word of `WEIGHTINGS`."""

    def __init__(self, config, params):
        self.config = config
        self.params = params  # the names of PARAMETERS

    @classmethod
    def fit(cls, bags, config):
        """Learn from bags (N, V) how many documents have each word, and how long they are.

        Raises HornbookError where there is nothing to count, or the bags are not counts of V words.
        """
        bags = checked(bags, config)
        n, lengths = bags.shape[0], bags.sum(axis=1)
        reference.check_words(n, lengths.sum())
        frequency = np.bincount(bags.indices, minlength=bags.shape[1])
        found = bags.sum(axis=0), frequency, np.array(n), np.array(lengths.mean())
        return cls(config, dict(zip(PARAMETERS, found)))

    @classmethod
    def from_parameters(cls, config, arrays):
        """The network that `export` wrote down."""
        return cls(config, {name: np.asarray(arrays[name]) for name in PARAMETERS})

    def export(self):
        """Name -> array: `counts` (V,), `document_frequency` (V,), `n_documents` (), `mean_length` ()."""
        return dict(self.params)

    def weigh(self, bags):
        """bags (N, V) -> csr_array (N, V) float64: every count replaced by its weight."""
        return WEIGHTINGS[self.config.weighting](checked(bags, self.config), self.params, self.config)

    def encode(self, bags):
        """bags (N, V) -> csr_matrix (N, V) float32."""
        return csr_matrix(self.weigh(bags), dtype=np.float32)

    def scores(self, queries, documents):
        """How well documents (Nd, V) answer queries (Nq, V), both bags -> (Nq, Nd) float32.

        The cosine; of bm25 its own score, Σ over the query's words of count · the document's weight.
        """
        if self.config.weighting == "bm25":
            return _product(csr_matrix(checked(queries, self.config), dtype=np.float32), self.encode(documents))
        return cosine(self.encode(queries), self.encode(documents))


def cosine(a, b):
    """The cosine of every row of a (Na, D) with every row of b (Nb, D), csr or ndarray -> (Na, Nb); 0 for zeros."""
    return _product(unit(a), unit(b))


def unit(a):
    """Rows (N, D), csr or ndarray, divided by their Euclidean lengths; rows of zeros stay."""
    if not issparse(a):
        a = np.asarray(a)
        norms = np.linalg.norm(a, axis=1, keepdims=True)
        return a / np.where(norms > 0, norms, 1)
    norms = np.sqrt(np.bincount(_rows(a), a.data.astype(float) ** 2, a.shape[0]))
    norms = np.where(norms > 0, norms, 1)[_rows(a)]
    return _with(a, (a.data / norms).astype(a.dtype if a.dtype.kind == "f" else float))


def checked(bags, config):
    """Bags as a csr_array in which every entry is a count above 0, once.

    Raises HornbookError for another number of columns than words, and for numbers that are no counts.
    """
    bags = csr_array(bags)
    if bags.ndim != 2 or bags.shape[1] != config.vocab_size:
        raise HornbookError(f"the bags have the shape {bags.shape}; they need {config.vocab_size} columns, one a word.")
    if not (bags.has_canonical_format and bags.data.all()):
        bags = bags.copy()  # what was given stays as it is
        bags.sum_duplicates()
        bags.eliminate_zeros()
    wrong = bags.data[~((bags.data > 0) & (bags.data < np.inf))]
    if wrong.size:
        raise HornbookError(f"the bags hold the number {wrong[0]}; how often a word occurs is 0 or more.")
    return bags


def _normalized(bags, params, config):
    return _with(bags, bags.data / _lengths(bags))


def _tfidf(bags, params, config):
    tf = reference.dampened(bags.data) if config.sublinear else bags.data
    idf = reference.smooth_idf(params["document_frequency"], params["n_documents"])
    return unit(_with(bags, tf * idf[bags.indices]))


def _bm25(bags, params, config):
    idf = reference.bm25_idf(params["document_frequency"], params["n_documents"])
    saturated = reference.saturated(bags.data, _lengths(bags) / params["mean_length"], config)
    return _with(bags, idf[bags.indices] * saturated)


WEIGHTINGS = {
    "counts": lambda bags, params, config: bags.astype(float),
    "binary": lambda bags, params, config: _with(bags, np.ones(bags.nnz)),
    "normalized": _normalized,
    "tfidf": _tfidf,
    "bm25": _bm25,
}


def _rows(bags):
    """The row of every entry."""
    return np.repeat(np.arange(bags.shape[0]), np.diff(bags.indptr))


def _lengths(bags):
    """The length of the document of every entry."""
    return bags.sum(axis=1)[_rows(bags)]


def _with(bags, data):
    """The same places, other entries."""
    return type(bags)((data, bags.indices, bags.indptr), shape=bags.shape)


def _product(a, b):
    """a bᵀ as an ndarray."""
    product = a @ b.T
    return product.toarray() if issparse(product) else np.asarray(product)
