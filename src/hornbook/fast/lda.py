"""Latent Dirichlet allocation, compiled: the text of `hornbook.reference.lda` itself, over a whole corpus."""

from dataclasses import replace
from types import FunctionType

import numpy as np
from numba import njit
from scipy.sparse import csr_matrix

from hornbook.errors import HornbookError
from hornbook.fast.rounds import Round
from hornbook.reference import lda as reference
from hornbook.reference import topics


def compiled(module, *names):
    """Functions of a reference module by name; where one calls another, it calls the compiled one."""
    known = dict(vars(module))
    for name in names:
        text = FunctionType(known[name].__code__, known, name)
        known[name] = njit(text, cache=True, error_model="numpy")
    return [known[name] for name in names]


_, _, sweep = compiled(reference, "move", "draw", "sweep")
mixture, completion = compiled(topics, "mixture", "completion")


@njit(cache=True)
def mixtures(words, counts, starts, word_topic, prior, theta):
    """`mixture` of every document: words starts[d] to starts[d + 1] into theta[d]."""
    for d in range(len(theta)):
        here = slice(starts[d], starts[d + 1])
        mixture(words[here], counts[here], word_topic, prior, theta[d])


class Topics:
    """What a topic model has learnt: how often each topic has each word, word_topic (V, S), a mean over sweeps.

    counts (V,) says how often each word was given a topic; a word with 0 (too common, or never there) is passed over.
    """

    def __init__(self, config, word_topic, counts):
        self.config = config
        self.counts = counts
        self._learn(word_topic)

    def _learn(self, word_topic):
        self.word_topic, self._word_probabilities = word_topic, None

    @property
    def word_probabilities(self):
        """p(word | topic) (V, S) in float64, made when first asked for."""
        if self._word_probabilities is None:
            made = topics.probabilities(self.word_topic.T.astype(float), self.config.topic_word_prior)
            self._word_probabilities = np.ascontiguousarray(made.T)
        return self._word_probabilities

    def export(self):
        """topic_word (S, V) float32: how often each topic has each word; counts (V,)."""
        return {"topic_word": np.ascontiguousarray(self.word_topic.T), "counts": self.counts}

    @classmethod
    def from_parameters(cls, config, arrays):
        """The topics that `export` wrote down. They encode and validate; there are no documents to sweep."""
        word_topic = np.ascontiguousarray(np.asarray(arrays["topic_word"], np.float32).T)
        return Topics(config, word_topic, np.asarray(arrays["counts"]))

    def encode(self, bags):
        """Counts (N, V) -> each document's mixture of topics (N, S) float32; a row sums to 1.

        Nothing is drawn: a mixture depends on its own document alone. One without known words has 1/S of every topic.
        """
        bags = csr_matrix(bags)
        bags = bags.multiply(self.counts > 0).tocsr()
        bags.eliminate_zeros()
        theta = np.empty((bags.shape[0], self.config.n_components))
        mixtures(bags.indices, bags.data.astype(float), bags.indptr, self.word_probabilities,
                 self.config.doc_topic_prior, theta)  # fmt: skip
        return theta.astype(np.float32)

    def known(self, bags):
        """Whether each of the documents of counts (N, V) has a word that has topics: (N,) of bool."""
        return csr_matrix(bags) @ (self.counts > 0) > 0

    def validate(self, stream):
        """Held-out loss in nats a word, by document completion; exp of it is the held-out perplexity. nan: no words."""
        words, starts = reference.documents(stream, replace(self.config, max_document_share=1.0))
        known = self.counts[words] > 0
        starts = np.append(0, np.cumsum(known))[starts]
        nats, scored = completion(words[known], starts, self.word_probabilities, self.config.doc_topic_prior)
        return nats / scored if scored else float("nan")


class LDA(Topics):
    """Topics of a stream, learnt sweep by sweep: round n asks every token once, with random numbers of (seed, n) alone.

    Raises HornbookError where the documents have fewer words than there are topics.
    """

    def __init__(self, config, stream):
        self.documents = reference.documents(stream, config)
        words = self.documents[0]
        if len(words) < config.n_components:
            raise HornbookError(
                f"the documents have {len(words)} words in all; {config.n_components} topics need at least as many: "
                "give a smaller n_components, more text, or a larger max_document_share."
            )
        self.priors = reference.priors(words, config)
        super().__init__(config, None, np.bincount(words, minlength=config.vocab_size))
        self.restore({"assignments": reference.first(self.documents, config)})

    @property
    def n_rounds(self):
        """How many sweeps there are."""
        return self.config.sweeps

    @property
    def rounds_between_validations(self):
        """A tenth of all."""
        return max(1, self.config.sweeps // 10)

    def run_round(self, number):
        """Sweep `number` (0, 1, …). Its loss is the mean −ln p(word | all other tokens) in nats, each when asked."""
        start = reference.seed(self.config, number)
        nats = sweep(self.documents, self.assignments, self.tables, self.priors, start)
        if number >= self.config.sweeps - min(self.config.averaged, self.config.sweeps // 2):
            self.summed += self.tables[1]
            self.sweeps_summed += 1
        self._average()
        return Round(nats / len(self.assignments), len(self.assignments))

    def state(self):
        """The topic of every token, and the counts of the last sweeps so far, added up."""
        return {"assignments": self.assignments, "summed": self.summed, "sweeps_summed": np.array(self.sweeps_summed)}

    def restore(self, arrays):
        """Go on from what `state` kept."""
        self.assignments = np.array(arrays["assignments"], np.int32)
        self.tables = reference.tables(self.documents, self.assignments, self.config)
        self.summed = np.array(arrays.get("summed", np.zeros(self.tables[1].shape)), np.int64)
        self.sweeps_summed = int(arrays.get("sweeps_summed", 0))
        self._average()

    def _average(self):
        summed, sweeps = (self.summed, self.sweeps_summed) if self.sweeps_summed else (self.tables[1], 1)
        self._learn((summed / sweeps).astype(np.float32))
