"""BM25 as a scikit-learn transformer, beside its own TfidfTransformer: counts of words in, weights out."""

from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, check_non_negative, validate_data

from hornbook.fast.counts import Counts
from hornbook.reference.counts import Config


class BM25Transformer(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Weigh counts of words as BM25 does: idf · tf / (tf + K), K = k1 (1 − b + b · length / mean length).

    ``make_pipeline(CountVectorizer(), BM25Transformer())``; a query's scores are ``counts @ weights.T``. `network_`
    is the `Counts` that was fitted. Raises ValueError for a number below 0 and for texts without words.
    """

    def __init__(self, *, k1=1.2, b=0.75):
        self.k1 = k1
        self.b = b

    def fit(self, X, y=None):
        """Count in how many of the texts each word occurs. X (N, V), sparse or not."""
        X = self._checked(X, reset=True)
        config = Config(X.shape[1], "bm25", k1=self.k1, b=self.b)
        self.network_ = Counts.fit(X, config)
        return self

    def transform(self, X):
        """X (N, V) -> csr (N, V), of the dtype of X where that is a float, else float64."""
        check_is_fitted(self)
        X = self._checked(X, reset=False)
        weighted = csr_matrix(self.network_.weigh(X))
        return weighted.astype(X.dtype) if X.dtype.kind == "f" else weighted

    def _checked(self, X, reset):
        X = validate_data(self, X, accept_sparse="csr", dtype="numeric", reset=reset)
        check_non_negative(X, "BM25Transformer")
        return X

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = True
        return tags
