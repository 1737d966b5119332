"""Latent semantic analysis: words that keep the same company come to point the same way. A truncated SVD of counts.

Deerwester et al. 1990; also called latent semantic indexing. X (N, V) weighted counts ≈ U Σ Vᵀ with S dimensions.
"""

from dataclasses import dataclass

import numpy as np

from hornbook.errors import HornbookError
from hornbook.reference import counts, svd
from hornbook.reference.bounds import check_whole, check_words
from hornbook.reference.distances import cosine
from hornbook.trace import see


@dataclass(frozen=True)
class Config(counts.Config):
    """How words are weighed, and how many dimensions are kept. Raises HornbookError for what makes no sense."""

    weighting: str = "tfidf"
    n_components: int = 100  # dimensions kept
    if_too_many: str = "refuse"  # a word of IF_TOO_MANY
    seed: int = 42  # draws where the search for directions starts; it ends in the same place

    def __post_init__(self):
        super().__post_init__()
        check_whole(self, ("n_components",))
        check_whole(self, ("seed",), least=0)
        check_words(self, if_too_many=IF_TOO_MANY)


def refuse(config, rank):
    """Say how many there are."""
    directions = f"{rank} direction{'s' * (rank != 1)} only"
    raise HornbookError(f"n_components is {config.n_components}, but these documents differ in {directions}: "
                        f"n_components={rank} would work, or more documents, or if_too_many=lower.")  # fmt: skip


def lower(config, rank):
    """Take as many as there are."""
    return rank


IF_TOO_MANY = {"refuse": refuse, "lower": lower}  # what to do where n_components is larger than the rank


def dimensions(config, rank):
    """How many dimensions are kept of a matrix of this rank."""
    return config.n_components if config.n_components <= rank else IF_TOO_MANY[config.if_too_many](config, rank)


def check_several(n_documents):
    """Raise HornbookError for a single document."""
    if n_documents < 2:
        raise HornbookError("LSA needs at least two documents to find what words have in common, and got one; cut it "
                            "into passages first.")  # fmt: skip


def fit(bags, config):
    """bags (N, V) -> what `counts.fit` knows, `components` (S, V), `singular_values`, `explained_variance_ratio` (S,).

    The ratio is the variance of a dimension over the documents, as a share of that of all weighted counts.

    Raises HornbookError where there is nothing to count, one document, or fewer directions than n_components.
    """
    params = counts.fit(bags, config)
    check_several(len(bags))
    weighted = counts.forward(params, bags, config)
    most = min(config.n_components, *weighted.shape)
    sigmas, components = svd.truncated(weighted, most, np.random.default_rng(config.seed))
    dimensions(config, len(sigmas))
    shares = (weighted @ components.T).var(axis=0) / (weighted.var(axis=0).sum() or 1)
    found = {"components": components, "singular_values": sigmas, "explained_variance_ratio": shares}
    return params | found


def forward(params, bags, config):
    """bags (N, V) -> (N, S): where each document lies, X V, so for those fitted on U Σ. New ones are "folded in"."""
    return see("vectors", counts.forward(params, bags, config) @ params["components"].T)


def term_vectors(params):
    """Where each word lies: V Σ (V, S). The inner product of two is Σ X_nv X_nw over documents, with S dimensions."""
    return see("term_vectors", params["components"].T * params["singular_values"])


if __name__ == "__main__":
    texts = """the dog is a pet . the cat is a pet . my dog barks at night . her canine barks at night
               my cat purrs and sleeps . her feline purrs and sleeps . the canine barks and bites . the feline purrs
               the sun shines . the moon shines at night . the sun and the moon""".replace(" . ", "\n").splitlines()
    little = "the", "is", "a", "my", "her", "at", "and"
    texts = [[word for word in text.split() if word not in little] for text in texts]
    words = sorted({word for text in texts for word in text})
    bags = np.array([counts.bag([words.index(word) for word in text], len(words)) for text in texts])
    config = Config(len(words), n_components=3)
    params = fit(bags, config)
    before, after = counts.forward(params, bags, config).T, term_vectors(params)  # a row for each word
    print(f"{len(texts)} texts, {len(words)} words, σ =", *(f"{sigma:.4f}" for sigma in params["singular_values"]))
    print("share of the variance:", *(f"{share:.4f}" for share in params["explained_variance_ratio"]))
    for word in "dog", "canine", "cat", "feline", "pet":
        print(f"{word:7}", *(f"{x:8.4f}" for x in after[words.index(word)]))
    print("cosine of                 as counted   in 3 dimensions")
    for one, other in ("dog", "canine"), ("cat", "feline"), ("canine", "pet"), ("dog", "cat"), ("canine", "feline"):
        i, j = words.index(one), words.index(other)
        print(f"{one:8} and {other:8} {cosine(before[i], before[j]):14.4f} {cosine(after[i], after[j]):14.4f}")
