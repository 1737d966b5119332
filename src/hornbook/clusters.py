"""Clusters: texts grouped by the directions of their vectors, their number argued for, each named by its words."""

from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np

from hornbook.errors import HornbookError
from hornbook.reference.kmeans import nearest_centre, spherical_kmeans

SIZES = (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100)  # numbers of clusters that are tried
LEAST = 5  # texts a cluster, on average, where the number is chosen
SAMPLE = 4_000  # texts that the number is chosen on
LOOKED_AT = 1_500  # of these, for the silhouette
HALVINGS = 3
WORDS, CENTRAL = 6, 3  # that a cluster is shown by
TWICE = 2.0  # a word names a cluster where it is at least so many times as frequent as in the others
TOKEN = r"(?u)[^\W\d_]{3,}(?:['’][^\W\d_]+)?"


class Candidate(NamedTuple):
    """How well k clusters fit: `silhouette` (−1 to 1), `stability` (0 is chance, 1 the same again), mean `cosine`."""

    k: int
    silhouette: float
    stability: float
    cosine: float

    @property
    def score(self):
        """What is chosen by: silhouette · stability, each taken as 0 where it is below."""
        return max(self.silhouette, 0.0) * max(self.stability, 0.0)


@dataclass(frozen=True)
class Cluster:
    """One group: its words by weight, and the numbers of its central texts and its outliers, the clearest first."""

    number: int
    size: int
    cosine: float  # of its texts with its centre, on average
    words: list[tuple[str, float]]
    central: list[int]
    outliers: list[int]

    @property
    def name(self):
        return " ".join(word for word, _ in self.words[:3]) or f"cluster {self.number}"


@dataclass(frozen=True)
class Clustering:
    """Clusters by falling size; for each text its cluster's number (−1 where its vector is 0) and its cosine to it."""

    clusters: list[Cluster]
    labels: np.ndarray  # (N,)
    cosines: np.ndarray  # (N,)
    candidates: list[Candidate]  # empty where k was given
    sampled: int  # texts that the candidates were tried on

    @property
    def unknown(self):
        """The numbers of the texts whose vectors are 0: no word of them is known."""
        return np.flatnonzero(self.labels < 0).tolist()

    @property
    def ranked(self):
        """The candidates, best first; of equals, the smaller number."""
        return sorted(self.candidates, key=lambda one: (-one.score, one.k))

    @property
    def runner_up(self):
        """The best candidate that is another grain than the chosen: half as many clusters or fewer, or twice as many.

        None where there is none.
        """
        chosen = len(self.clusters)
        return next((one for one in self.ranked if one.k <= chosen / 2 or one.k >= 2 * chosen), None)

    def numbers(self):
        """Everything as a dict that JSON can hold."""
        tried = [one._asdict() | {"score": one.score} for one in self.candidates]
        clusters = [asdict(one) | {"name": one.name} for one in self.clusters]
        return {"clusters": clusters, "candidates": tried, "tried_on": self.sampled, "unknown": self.unknown,
                "labels": self.labels.tolist(), "cosines": self.cosines.tolist()}  # fmt: skip


def cluster(vectors, texts, k=None, seed=42):
    """Group `texts` by their vectors (N, D), dense or csr, into `k` clusters, or as many as `choose` finds best.

    Raises HornbookError for fewer than 3 texts that say anything, texts that are all alike, a k they cannot be made
    into, and vectors that are not finite.
    """
    unit, there = _directions(vectors, texts)
    rng = np.random.default_rng(seed)
    candidates, sampled = [], 0
    _check(unit, k)
    if k is None:
        sample = np.sort(rng.choice(len(there), min(SAMPLE, len(there)), replace=False))
        candidates, sampled = choose(unit[sample], rng), len(sample)
        k = max(candidates, key=lambda one: (one.score, -one.k)).k
    found, centres = spherical_kmeans(unit, k, rng)
    own = np.asarray(unit @ centres.T)[np.arange(len(there)), found]
    order = np.argsort(-np.bincount(found, minlength=k), kind="stable")
    labels, cosines = np.full(len(texts), -1), np.zeros(len(texts))
    labels[there], cosines[there] = np.argsort(order)[found], own
    named = names(texts, labels, k)
    clusters = [_described(number, labels, cosines, texts, named[number]) for number in range(k)]
    return Clustering([one for one in clusters if one.size], labels, cosines, candidates, sampled)


# -- how many -------------------------------------------------------------------------------------------------------


def choose(unit, rng, sizes=SIZES):
    """A `Candidate` for each number of clusters: unit (N, D) of length 1.

    Silhouette (Rousseeuw 1987): mean of (b − a) / max(a, b), a the mean cosine distance to the texts of one's own
    cluster, b to those of the nearest other. Stability (Ben-Hur, Elisseeff & Guyon 2002; here by halves): the texts
    are halved, each half is clustered, both centres deal all texts, and the adjusted Rand index (Hubert & Arabie 1985)
    says how far they deal alike; the mean of a few halvings.
    """
    from sklearn.metrics import adjusted_rand_score, silhouette_score

    N = unit.shape[0]
    looked_at = np.sort(rng.choice(N, min(LOOKED_AT, N), replace=False))
    apart = np.maximum(1 - _dense(unit[looked_at] @ unit[looked_at].T), 0.0)
    np.fill_diagonal(apart, 0.0)
    halvings = [np.array_split(rng.permutation(N), 2) for _ in range(HALVINGS)]
    candidates = []
    for k in [size for size in sizes if size <= max(2, N // LEAST)]:
        try:
            found, centres = spherical_kmeans(unit, k, rng, starts=2)
            dealt = [[nearest_centre(unit, spherical_kmeans(unit[np.sort(half)], k, rng, starts=2)[1])[0]
                      for half in halves] for halves in halvings]  # fmt: skip
        except HornbookError:  # fewer different directions than k
            break
        seen = found[looked_at]
        silhouette = silhouette_score(apart, seen, metric="precomputed") if 1 < len(set(seen)) < len(seen) else 0.0
        stability = float(np.mean([adjusted_rand_score(*pair) for pair in dealt]))
        candidates.append(Candidate(k, float(silhouette), stability, float(nearest_centre(unit, centres)[1].mean())))
    if not candidates:
        raise HornbookError(f"{N} texts are too few and too alike to choose a number of clusters; give one with -k.")
    return candidates


# -- what they are called -------------------------------------------------------------------------------------------


def names(texts, labels, k, count=WORDS):
    """For each of k clusters its `count` words of the highest c-TF-IDF: √tf_wc · ln(1 + A / f_w), with the weights.

    tf_wc is the share of word w among the words of cluster c, f_w how often all clusters have it, A the words of a
    cluster on average: a cluster is taken for one long document. Also called class-based TF-IDF (Grootendorst 2022,
    "BERTopic", arXiv 2203.05794; the root, an option there, holds frequent words back). Only words that are twice as
    frequent in the cluster as in the others, and in more than one of its texts where it has several, name it: so `the`
    does not, in whatever language.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    try:
        counting = CountVectorizer(token_pattern=TOKEN)
        counts = counting.fit_transform(texts).tocsr()
    except ValueError:  # no text has a word of three letters
        return [[] for _ in range(k)]
    belongs = (np.arange(k)[:, None] == labels).astype(float)  # (k, N)
    per_cluster, texts_with = belongs @ counts, belongs @ (counts > 0)  # (k, V)
    totals = np.maximum(per_cluster.sum(axis=0), 1)
    shares = per_cluster / np.maximum(per_cluster.sum(axis=1, keepdims=True), 1)
    weights = np.sqrt(shares) * np.log(1 + per_cluster.sum() / k / totals)
    others = (totals - per_cluster) / np.maximum((totals - per_cluster).sum(axis=1, keepdims=True), 1)
    several = np.minimum(belongs.sum(axis=1, keepdims=True), 2)
    weights = weights * (shares >= TWICE * others) * (texts_with >= several)
    words = counting.get_feature_names_out()
    best = [np.lexsort((np.arange(len(row)), -row))[:count] for row in weights]
    return [[(words[w], float(row[w])) for w in places if row[w] > 0] for row, places in zip(weights, best)]


def _described(number, labels, cosines, texts, words):
    """A cluster's central texts, no two the same, and outliers: cosines below Q1 − 1.5 (Q3 − Q1) (Tukey 1977)."""
    own = np.flatnonzero(labels == number)
    ordered = own[np.argsort(-cosines[own], kind="stable")]
    central = {}
    for place in ordered[: 20 * CENTRAL]:
        central.setdefault(texts[place], int(place))
    low, high = np.quantile(cosines[own], [0.25, 0.75]) if len(own) else (0, 0)
    outliers = [int(place) for place in ordered[::-1] if cosines[place] < low - 1.5 * (high - low)]
    cosine = float(cosines[own].mean()) if len(own) else 0.0
    return Cluster(number, len(own), cosine, words, list(central.values())[:CENTRAL], outliers)


# -- what can be grouped --------------------------------------------------------------------------------------------


def _directions(vectors, texts):
    """The vectors that are not 0, brought to length 1, and the numbers of their texts."""
    from sklearn.preprocessing import normalize

    if vectors.shape[0] != len(texts):
        raise HornbookError(f"{len(texts):,} texts cannot have vectors of shape {vectors.shape}.")
    if not np.isfinite(vectors.data if hasattr(vectors, "toarray") else vectors).all():
        raise HornbookError("some vectors hold numbers that are not finite; nothing can be grouped by them.")
    there = np.flatnonzero(np.asarray(abs(vectors).sum(axis=1)).ravel())
    if (N := len(there)) < 3:
        known = f"{N} of {len(texts)} has a known word" if len(texts) > N else f"here {'is' if N == 1 else 'are'} {N}"
        raise HornbookError(f"grouping needs at least 3 texts; {known}. A file of many lines: --documents line.")
    return normalize(vectors[there]), there


def _check(unit, k):
    N = unit.shape[0]
    if k is not None and k not in range(2, N):
        raise HornbookError(f"{N:,} texts can be made into 2 to {N - 1:,} clusters, not {k}.")
    spread = 1 - np.asarray(unit @ _dense(unit[:1]).T).min()
    if spread < 1e-6:
        raise HornbookError(f"all {N:,} texts have vectors of one direction: there is nothing to group.")


def _dense(rows):
    return np.asarray(rows.toarray() if hasattr(rows, "toarray") else rows)
