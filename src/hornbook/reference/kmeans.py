"""Spherical k-means: directions dealt to the k centres they point to, the centres being the means of their own.

Dhillon & Modha 2001, "Concept decompositions for large sparse text data using clustering".
"""

import numpy as np

from hornbook.errors import HornbookError
from hornbook.trace import see, within


def spherical_kmeans(unit, k, rng, starts=3, rounds=100):
    """unit (N, D) of length 1 -> clusters (N,), centres (k, D): the highest Σ unit · own centre of `starts` tries.

    Also called k-means under cosine distance; for rows of length 1, ‖x − c‖² = 2 − 2 x·c. unit may be csr.
    Raises HornbookError where there are not k different directions.
    """
    best = None
    for start in range(starts):
        with within(f"starts.{start}"):
            centres = climb(unit, first_centres(unit, k, rng), rounds)
            clusters, cosines = nearest_centre(unit, centres)
        if best is None or cosines.sum() > best[0]:
            best = cosines.sum(), clusters, centres
    return best[1], best[2]


def first_centres(unit, k, rng):
    """k rows of unit (N, D): the first at random; each further one the best of 2 + ln k, drawn with p ∝ 1 − cosine.

    The cosine is that to the nearest chosen row; best is what leaves all rows nearest to a chosen one. Also called
    greedy k-means++ (Arthur & Vassilvitskii 2007).
    """
    chosen = [int(rng.integers(unit.shape[0]))]
    closest = _cosines(unit, _rows(unit, chosen))[:, 0]
    while len(chosen) < k:
        far = np.where(closest > 1 - 1e-6, 0.0, 1 - closest.astype(float))
        if not far.any():
            raise HornbookError(f"{len(chosen)} different directions cannot make {k} groups; ask for fewer.")
        drawn = rng.choice(len(far), 2 + int(np.log(k)), p=far / far.sum())
        after = np.maximum(closest[:, None], _cosines(unit, _rows(unit, drawn)))  # (N, drawn)
        best = int(after.sum(axis=0).argmax())
        chosen.append(int(drawn[best]))
        closest = after[:, best]
    return see("first_centres", _rows(unit, chosen))


def climb(unit, centres, rounds=100):
    """Deal the rows to their nearest centres, move the centres to their means, until no row changes hands -> (k, D)."""
    before = None
    for number in range(rounds):
        with within(f"rounds.{number}"):
            clusters, cosines = nearest_centre(unit, centres)
            clusters = fill_empty(clusters, cosines, len(centres))
            if before is not None and (clusters == before).all():
                break
            before, centres = clusters, means(unit, clusters, centres)
    return centres


def nearest_centre(unit, centres):
    """unit (N, D), centres (k, D) -> the centre of the highest cosine (N,), and that cosine (N,)."""
    cosines = _cosines(unit, centres)
    return see("clusters", cosines.argmax(axis=1)), see("cosines", cosines.max(axis=1))


def means(unit, clusters, centres):
    """The direction (k, D) of each cluster's sum, Σ unit / ‖Σ unit‖; a sum of 0 leaves the centre where it was."""
    belongs = (np.arange(len(centres))[:, None] == clusters).astype(centres.dtype)  # (k, N)
    sums = np.asarray(belongs @ unit)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return see("centres", np.where(lengths > 1e-9, sums / np.maximum(lengths, 1e-9), centres))


def fill_empty(clusters, cosines, k):
    """Give each cluster that lost all its rows the row that lies farthest from its centre, where that has others."""
    clusters, cosines = clusters.copy(), cosines.copy()
    for empty in np.flatnonzero(np.bincount(clusters, minlength=k) == 0):
        shared = np.bincount(clusters, minlength=k)[clusters] > 1
        row = int(np.where(shared, cosines, np.inf).argmin())
        clusters[row], cosines[row] = empty, 1.0
    return clusters


def _cosines(unit, centres):
    return np.asarray(unit @ centres.T)


def _rows(unit, places):
    rows = unit[places]
    return np.asarray(rows.toarray() if hasattr(rows, "toarray") else rows)


if __name__ == "__main__":
    texts = ["the cat and the dog", "a dog and a cat", "my cat", "the ship at sea", "a ship", "to sea by ship"]
    words = sorted(set(" ".join(texts).split()) - {"a", "the", "and", "at", "to", "my", "by"})
    bags = np.array([[float(text.split().count(word)) for word in words] for text in texts])
    unit = bags / np.linalg.norm(bags, axis=1, keepdims=True)
    clusters, centres = spherical_kmeans(unit, 2, np.random.default_rng(1))
    for number, centre in enumerate(centres):
        print(f"cluster {number}: centre", *(f"{word} {x:.2f}" for word, x in zip(words, centre) if x))
        for text, own, cosine in zip(texts, clusters, (unit * centres[clusters]).sum(axis=1)):
            if own == number:
                print(f"   {cosine:.3f}  {text}")
