"""Topics: LDA as a scikit-learn estimator on counts, and any encoder's topics as words, shares, coherence, passages."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from hornbook.errors import HornbookError, nearest
from hornbook.fast import lda
from hornbook.reference.lda import BOS, SPECIALS, Config
from hornbook.reference.topics import npmi, umass

COHERENCES = {"npmi": npmi, "umass": umass}
ROUNDING = 1e-9  # of the largest weight: what is smaller is 0 but for how it was computed


@dataclass(frozen=True)
class Topic:
    """One topic of an encoder, or one direction of LSA."""

    number: int  # its place in a document's vector
    share: float  # of all words (lda), of the documents' variance (lsa)
    words: list[tuple[str, float]]  # p(word | topic); lsa: signed, one end of the direction, then the other
    coherence: float  # NPMI of the words; lsa: mean of the two ends; nan without texts that they could meet in
    typical: list[tuple[int, float]]  # places of the texts that have most of it, and how much


def topics_of(encoder, k=10, texts=None):
    """The topics of a TextEncoder of lda or lsa, `k` words each: a list of `Topic`, the largest share first.

    Coherence and typical texts are those of `texts`. Where none are given, words are counted in the passages that its
    run was trained on, which are many, and typical texts are of those that it held out. Raises HornbookError for an
    encoder without topics.
    """
    if encoder.kind not in VIEWS:
        raise HornbookError(f"a model of kind {encoder.kind} has no topics.{nearest(encoder.kind, VIEWS)}")
    trained_on = passages_read(encoder) if texts is None else None
    texts = encoder.held_out if texts is None else list(texts)
    weights, shares = VIEWS[encoder.kind](encoder.network)
    words = encoder.tokenizer.tokens(range(encoder.tokenizer.vocab_size))
    bags, vectors = (encoder.bags(texts), encoder.encode(texts)) if texts else (None, None)
    return views(weights, shares, words, bags if trained_on is None else trained_on, vectors, k)


def passages_read(encoder):
    """The bags (N, V) of the passages that a run was trained on; None for an encoder that is no run, or kept none."""
    from hornbook import bags

    if (stream := _kept(encoder, "train")) is None:
        return None
    return bags.of_stream(stream, encoder.tokenizer, encoder.about.get("settings", {}).get("passage"))


def perplexity_of(encoder):
    """exp of the nats that LDA needs for a word of the text its run held out, by `completion`; None where it has none.

    The second half of every passage is scored, given the first.
    """
    stream = _kept(encoder, "validation") if encoder.kind == "lda" else None
    nats = float("nan") if stream is None else encoder.network.validate(stream)
    return None if np.isnan(nats) else float(np.exp(nats))


def _kept(encoder, part):
    """The ids of a part of the text that a run kept, or None."""
    from hornbook import run
    from hornbook.training.tokens import read_stream

    folder = getattr(encoder, "folder", None)
    path = folder and Path(folder) / run.TOKENS[part]
    return read_stream(path, encoder.tokenizer.vocab_size) if path and path.exists() else None


def views(weights, shares, words, bags=None, vectors=None, k=10):
    """A `Topic` for each row of weights (S, V), by falling share (S,). bags (M, V) and vectors (N, S) are of texts."""
    rows = []
    for s in np.argsort(-shares, kind="stable"):
        ends = [ids for ids in ends_of(weights[s], k) if len(ids)]
        strength = np.zeros(0) if vectors is None else vectors[:, s]
        rows.append(Topic(
            int(s), float(shares[s]), [(words[v], float(weights[s, v])) for ids in ends for v in ids],
            float(np.mean([coherence(bags, ids) for ids in ends])) if bags is not None and ends else float("nan"),
            [(int(d), float(strength[d])) for d in np.argsort(-strength, kind="stable")[:3]],
        ))  # fmt: skip
    return rows


def ends_of(weights, k):
    """The ids of the k largest weights (V,); where some are negative, of half as many at either end, the most first."""
    weights = np.where(np.abs(weights) > ROUNDING * np.abs(weights).max(), weights, 0)
    order = np.argsort(-weights, kind="stable")
    if weights.min() >= 0:
        return [order[:k][weights[order[:k]] > 0]]
    up, down = order[: (k + 1) // 2], order[::-1][: k // 2]
    return [up[weights[up] > 0], down[weights[down] < 0]]


def top_words(topic_word, words, k=10):
    """The k likeliest words of each row of topic_word (S, V), with their weights: [[(word, weight), …], …]."""
    return [[(words[v], float(row[v])) for ids in ends_of(row, k) for v in ids] for row in topic_word]


def coherence(bags, ids, measure="npmi"):
    """How well words go together in documents (N, V): `measure` is a word of COHERENCES, for words `ids`."""
    if measure not in COHERENCES:
        raise HornbookError(f'there is no coherence "{measure}".{nearest(measure, COHERENCES)}')
    there = (csr_matrix(bags)[:, ids] > 0).astype(float)
    together = (there.T @ there).toarray()
    return COHERENCES[measure](together, together.diagonal(), there.shape[0])


def _of_lda(network):
    sizes = network.word_topic.sum(axis=0, dtype=float)
    return network.word_probabilities.T, sizes / sizes.sum()


def _of_lsa(network):
    return network.params["components"], network.params["explained_variance_ratio"]


VIEWS = {"lda": _of_lda, "lsa": _of_lsa}  # model -> weights (S, V) and shares (S,) of its topics


class LDA(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Latent Dirichlet allocation of counts (N, V) by Gibbs sampling: ``make_pipeline(CountVectorizer(), LDA(20))``.

    The names are those of scikit-learn's LatentDirichletAllocation; `max_iter` is how many sweeps. `components_` (S, V)
    is how many tokens of each word each topic has, plus the prior: a row over its sum is p(word | topic).
    Raises HornbookError, a ValueError, for counts that are negative or no integers and for fewer words than topics.
    """

    def __init__(self, n_components=20, *, doc_topic_prior=0.1, topic_word_prior=0.1, max_iter=200, random_state=42):
        self.n_components = n_components
        self.doc_topic_prior = doc_topic_prior
        self.topic_word_prior = topic_word_prior
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X, y=None):
        """Learn the topics of counts X (N, V), sparse or not."""
        bags = self._bags(X, reset=True)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        config = Config(bags.shape[1], self.n_components, self.doc_topic_prior, self.topic_word_prior,
                        self.max_iter, max_document_share=1.0, seed=seed)  # fmt: skip
        words, starts = _tokens(bags)
        self.network_ = lda.LDA(config, np.insert(words, starts[:-1], BOS))
        self.losses_ = [self.network_.run_round(number).loss for number in range(config.sweeps)]
        self.components_ = self.network_.word_topic.T[:, SPECIALS:] + self.topic_word_prior
        self.n_iter_ = config.sweeps
        return self

    def transform(self, X):
        """Each document's mixture of topics (N, S), float32; a row sums to 1."""
        check_is_fitted(self)
        return self.network_.encode(self._bags(X, reset=False))

    def perplexity(self, X):
        """exp of the mean −ln p(word) of every second word of each document, given its others; words ordered by column.

        scikit-learn's is a bound computed from all words at once: the two cannot be compared.
        """
        check_is_fitted(self)
        words, starts = _tokens(self._bags(X, reset=False))
        place = np.arange(len(words)) - np.repeat(starts[:-1], np.diff(starts))
        document = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        order = np.lexsort((place // 2, 1 - place % 2, document))  # second, fourth, … are given; first, third, … scored
        return float(np.exp(self.network_.validate(np.insert(words[order], starts[:-1], BOS))))

    @property
    def _n_features_out(self):
        return len(self.components_)

    def _bags(self, X, reset):
        """X as counts with the columns of the special ids before its own. HornbookError where they are no counts."""
        X = csr_matrix(validate_data(self, X, accept_sparse="csr", dtype="numeric", reset=reset))
        wrong = X.data[(X.data < 0) | (X.data % 1 != 0)]
        if len(wrong):
            raise HornbookError(
                f"Negative values in data passed to LDA: {wrong.min():g} is no count."
                if wrong.min() < 0
                else f"{wrong[0]:g} is no count: LDA gives every single word a topic. Give the counts themselves, as of"
                " CountVectorizer, not weights as of TfidfTransformer."
            )
        return csr_matrix((X.data, X.indices + SPECIALS, X.indptr), (X.shape[0], X.shape[1] + SPECIALS))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = tags.input_tags.positive_only = tags.input_tags.categorical = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def _tokens(bags):
    """The words (T,) of bags (N, V), each as often as it counts, and where each document starts (N + 1,)."""
    counts = bags.data.astype(int)
    return np.repeat(bags.indices, counts), np.append(0, counts.cumsum())[bags.indptr]
