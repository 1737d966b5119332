"""Latent semantic analysis of sparse counts: the same directions as `hornbook.reference.lsa`, found by ARPACK."""

from dataclasses import replace

import numpy as np
from scipy.sparse.linalg import svds

from hornbook.errors import HornbookError
from hornbook.fast.counts import Counts, checked, cosine
from hornbook.reference import lsa as reference
from hornbook.reference.svd import ZERO, signed

MANY = 500  # of more directions than this, it takes long to say how many there are
PARAMETERS = ("components", "singular_values", "explained_variance_ratio")


class LSA:
    """Texts as points in the few dimensions that hold most of their weighted counts (Deerwester et al. 1990)."""

    def __init__(self, config, counts, params):
        self.config = config  # n_components as it is, also where it was lowered
        self.counts = counts  # fast.counts.Counts
        self.params = params  # the names of PARAMETERS

    @classmethod
    def fit(cls, bags, config):
        """Find the dimensions of bags (N, V).

        Raises HornbookError where there is nothing to count, one document, or fewer directions than n_components.
        """
        bags = checked(bags, config)
        counts = Counts.fit(bags, config)
        reference.check_several(bags.shape[0])
        weighted = counts.weigh(bags)
        if config.n_components > (most := min(weighted.shape)) > MANY and config.if_too_many == "refuse":
            raise HornbookError(f"n_components is {config.n_components:,}, but {weighted.shape[0]:,} documents of"
                                f" {weighted.shape[1]:,} words cannot differ in more than {most:,} directions, and may"
                                " in fewer: a smaller n_components would work, or if_too_many=lower.")  # fmt: skip
        sigmas, components = truncated(weighted, min(config.n_components, most), config.seed)
        config = replace(config, n_components=reference.dimensions(config, len(sigmas)))
        variance = (weighted.power(2).sum() - weighted.sum(axis=0) @ weighted.mean(axis=0)) / weighted.shape[0]
        shares = (weighted @ components.T).var(axis=0) / (variance if variance > 0 else 1)
        return cls(config, counts, dict(zip(PARAMETERS, (components, sigmas, shares))))

    @classmethod
    def from_parameters(cls, config, arrays):
        """The network that `export` wrote down."""
        params = {name: np.asarray(arrays[name]) for name in PARAMETERS}
        config = replace(config, n_components=len(params["components"]))
        return cls(config, Counts.from_parameters(config, arrays), params)

    def export(self):
        """Name -> array: those of Counts, `components` (S, V), `singular_values`, `explained_variance_ratio` (S,)."""
        return self.counts.export() | self.params

    def encode(self, bags):
        """bags (N, V) -> (N, S) float32: where each document lies."""
        return (self.counts.weigh(bags) @ self.params["components"].T).astype(np.float32)

    def scores(self, queries, documents):
        """The cosine of every query (Nq, V) with every document (Nd, V), both bags -> (Nq, Nd) float32."""
        return cosine(self.encode(queries), self.encode(documents))

    @property
    def term_vectors(self):
        """Where each word lies, (V, S)."""
        return reference.term_vectors(self.params)

    @property
    def explained_variance_ratio(self):
        """The share (S,) of the documents' variance that each dimension holds."""
        return self.params["explained_variance_ratio"]


def truncated(X, k, seed):
    """csr X (N, V) -> σ (k,), falling, and components (k, V), signed; fewer where the rank is lower.

    k is at most min(N, V). ARPACK's Lanczos iteration finds fewer than that; for all, X is decomposed whole by LAPACK.
    """
    if k == min(X.shape):
        _, sigmas, components = np.linalg.svd(X.toarray(), full_matrices=False)
    else:
        start = np.random.default_rng(seed).normal(size=min(X.shape))
        _, sigmas, components = svds(X, k, v0=start, return_singular_vectors="vh")
        sigmas, components = sigmas[::-1], components[::-1]
    kept = np.count_nonzero(sigmas > ZERO * sigmas[0])
    return sigmas[:kept].copy(), signed(components[:kept])
