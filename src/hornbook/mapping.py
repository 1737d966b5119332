"""A map of words or of texts: vectors of many numbers laid out in two dimensions, and how much of them that keeps."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hornbook.errors import HornbookError, nearest

NEIGHBOURS = 8  # shown of each point, and compared between the vectors and the map
MOST = 5_000  # points: every pair of them is compared
GROUPS = 7  # as many as the palette has colours
MOST_GROUPS = 21  # each colour in three shapes


class Points(NamedTuple):
    """What is to be placed, the most important first: `names` are all different, `labels` stand beside the points."""

    kind: str  # "words" or "passages"
    names: list
    labels: list
    vectors: object  # (N, D), dense or scipy's sparse
    counts: list | None = None
    texts: list | None = None
    left_out: tuple = ()  # sentences on what is not there, and why

    @property
    def one(self):
        return self.kind.removesuffix("s")


class Placed(NamedTuple):
    """Positions (N, 2), how they were made, and the shares of the variance along the two axes where these have any."""

    positions: np.ndarray
    settings: dict
    variance: tuple | None = None


class Method(NamedTuple):
    name: str
    place: Callable  # (unit vectors (N, D), seed) -> Placed
    least: int  # points that it needs
    means: str  # what may be read from its pictures


@dataclass(frozen=True, eq=False)
class Map:
    """Points with their places, colour groups, true neighbours, and what was measured of the picture."""

    points: Points
    method: str
    positions: np.ndarray  # (N, 2)
    groups: np.ndarray  # (N,): 0 is the largest
    central: list  # of each group, the places of the points nearest its centre
    neighbours: np.ndarray  # (N, k): nearest first, by the cosine of the vectors, not on the map
    cosines: np.ndarray  # (N, k)
    measured: dict
    settings: dict

    def __len__(self):
        return len(self.positions)


def make(points, method="tsne", groups=None, seed=42):
    """Place `points` by a word of `METHODS`, in `groups` colours (default: at most seven). The same seed, the same map.

    Vectors are first brought to length 1, so that nearness means their cosine; those of length 0 are left out.
    Raises HornbookError for fewer points than the method needs, for points that are all one, or for too many groups.
    """
    if method not in METHODS:
        raise HornbookError(f'there is no method "{method}".{nearest(method, METHODS)}')
    points, unit = _directions(points)
    _check(points, unit, method)
    placed = METHODS[method].place(unit, seed)
    near, cosines = nearest_of(unit, NEIGHBOURS)
    kinds, central = group(unit, groups, seed, ranked=points.counts is not None)
    measured = faithfulness(unit, placed.positions)
    if placed.variance is not None:
        measured["variance"] = placed.variance
    settings = {"dimensions": points.vectors.shape[1], "seed": seed, **placed.settings}
    return Map(points, method, placed.positions, kinds, central, near, cosines, measured, settings)


def tsne(unit, seed):
    """t-distributed stochastic neighbour embedding on cosine distances, begun from the two main directions.

    Its perplexity, about how many neighbours a point looks at, is 30, or a third of the points where these are few.
    van der Maaten and Hinton 2008.
    """
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    perplexity = float(min(30, max(1.0, (len(unit) - 1) / 3)))
    with threadpool_limits(1):  # sums made by several threads differ in their last digits, and soon in all
        positions = TSNE(
            perplexity=perplexity, metric="cosine", init="pca", learning_rate="auto", random_state=seed
        ).fit_transform(unit)
    return Placed(positions.astype(np.float64), {"perplexity": round(perplexity, 2)})


def pca(unit, seed):
    """Principal components: the two directions along which the vectors vary most. Pearson 1901, Hotelling 1933."""
    from sklearn.decomposition import PCA

    fitted = PCA(2, random_state=seed).fit(unit)
    return Placed(fitted.transform(unit), {}, tuple(map(float, fitted.explained_variance_ratio_)))


def umap(unit, seed):
    """Uniform manifold approximation and projection, on cosine distances. McInnes, Healy and Melville 2018."""
    try:
        from umap import UMAP
    except ImportError as error:
        raise HornbookError(
            "umap needs a package that is not here: pip install umap-learn. Without it: --method tsne or pca."
        ) from error
    size = min(15, len(unit) - 1)
    fitted = UMAP(n_neighbors=size, metric="cosine", init="pca", random_state=seed, n_jobs=1)
    return Placed(fitted.fit_transform(unit).astype(np.float64), {"neighbours": size, "least distance": 0.1})


_NEAR = "Points close together are alike; how far apart two groups lie, and how large they are, says little."
METHODS = {
    "tsne": Method("t-SNE", tsne, 5, _NEAR),
    "pca": Method("PCA", pca, 2, "Distances are true along the two directions shown; all others are left out."),
    "umap": Method("UMAP", umap, 5, _NEAR),
}


def nearest_of(unit, k):
    """The k nearest of each row by cosine, itself left out: (places (N, k), cosines (N, k)); ties by place."""
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -np.inf)
    k = min(k, len(unit) - 1)
    order = np.argsort(-np.round(cosines, 12), axis=1, kind="stable")[:, :k]
    return order, np.clip(np.take_along_axis(cosines, order, axis=1), -1, 1)


def group(unit, number, seed, ranked=False):
    """k-means on the vectors: (group of each row, for each group the rows that stand for it). Group 0 is the largest.

    These are the nearest to its centre; of `ranked` rows, the first among the quarter nearest to it.

    Raises HornbookError for more groups than different vectors.
    """
    from sklearn.cluster import KMeans

    different = len(np.unique(np.round(unit, 9), axis=0))
    if number is None:
        number = max(1, min(GROUPS, different // 10))
    if not 1 <= number <= min(MOST_GROUPS, different):
        raise HornbookError(
            f"{number} groups cannot be made of {different:,} different points: 1 to {min(MOST_GROUPS, different)} can."
        )
    found = KMeans(number, n_init=4, random_state=seed).fit(unit).labels_
    sizes = np.bincount(found, minlength=number)
    rank = np.argsort(np.argsort(-sizes, kind="stable"))
    found = rank[found]
    return found, [_central(unit, np.flatnonzero(found == i), ranked) for i in range(number)]


def _central(unit, members, ranked):
    closeness = unit[members] @ unit[members].mean(axis=0)
    near = members[np.argsort(-np.round(closeness, 9), kind="stable")]
    return (np.sort(near[: max(NEIGHBOURS, len(near) // 4)]) if ranked else near)[:NEIGHBOURS].tolist()


def faithfulness(unit, positions):
    """What of the vectors' neighbourhoods the positions keep, among the k nearest; {} where there are under three.

    ``trustworthiness``: 1 when all neighbours on the map are true ones, less the farther away false ones truly are;
    about 0.5 by chance (Venna and Kaski 2001). ``kept``: of a point's k nearest, how many are so on the map as well.
    """
    from sklearn.manifold import trustworthiness

    k = min(NEIGHBOURS, (len(unit) - 1) // 2)
    if k < 1:
        return {}
    true, _ = nearest_of(unit, k)
    x, y = positions.T
    distances = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    np.fill_diagonal(distances, np.inf)
    seen = np.argsort(distances, axis=1, kind="stable")[:, :k]
    kept = np.mean([len(set(a) & set(b)) for a, b in zip(true.tolist(), seen.tolist())])
    value = trustworthiness(unit, positions, n_neighbors=k, metric="cosine")
    return {"k": k, "trustworthiness": float(value), "kept": float(kept)}


def _directions(points):
    """The points that point anywhere, and their vectors brought to length 1 in as few dimensions as hold them."""
    vectors = points.vectors
    if vectors.ndim != 2 or len(points.names) != vectors.shape[0]:
        raise HornbookError(f"{len(points.names):,} {points.kind} cannot have vectors of shape {vectors.shape}.")
    if not np.isfinite(vectors.data if hasattr(vectors, "toarray") else vectors).all():
        raise HornbookError(f"some of these {points.kind} have vectors with NaN or infinity: was the run trained well?")
    there = np.flatnonzero(abs(vectors).sum(axis=1))
    if len(there) < vectors.shape[0]:
        points = _only(points, there)
    dense = _dense(points.vectors)
    return points, dense / np.linalg.norm(dense, axis=1, keepdims=True)


def _dense(vectors):
    """Rows as they are, at least two wide; wide sparse ones turned into a basis of N, where all angles are the same."""
    if hasattr(vectors, "toarray"):
        if vectors.shape[1] > vectors.shape[0]:
            squared, basis = np.linalg.eigh((vectors.astype(np.float64) @ vectors.T).toarray())
            return basis * np.sqrt(np.maximum(squared, 0))
        vectors = vectors.toarray()
    vectors = np.asarray(vectors, dtype=np.float64)
    return np.pad(vectors, ((0, 0), (0, max(0, 2 - vectors.shape[1]))))


def _only(points, there):
    def kept(values):
        return None if values is None else [values[i] for i in there]

    missing = len(points.names) - len(there)
    said = f"{missing:,} of {len(points.names):,} {points.kind} have a vector of zeros and are left out."
    return points._replace(
        names=kept(points.names), labels=kept(points.labels), vectors=points.vectors[there],
        counts=kept(points.counts), texts=kept(points.texts), left_out=(*points.left_out, said),
    )  # fmt: skip


def _check(points, unit, method):
    number, least = len(unit), METHODS[method].least
    if number < least:
        fits = [word for word, other in METHODS.items() if other.least <= number]
        nowhere = f" ({' '.join(points.left_out).rstrip('.')})" if points.left_out else ""
        raise HornbookError(
            f"{METHODS[method].name} needs {least} points or more; here {'is' if number == 1 else 'are'}"
            f" {number}{nowhere}." + (f" --method {fits[0]} can place them." if fits else " Give it more.")
        )
    if number > MOST:
        raise HornbookError(f"a map has room for {MOST:,} points; here are {number:,}. --most asks for fewer.")
    if np.ptp(unit, axis=0).max() < 1e-9:
        raise HornbookError(f"all {number:,} {points.kind} have vectors of one direction: there is nothing to map.")
