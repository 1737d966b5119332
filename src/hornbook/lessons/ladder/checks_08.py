"""The checks of ladder notebook 08: search, fused rankings, an interval, k-means, a threshold, and its fair figure."""

import numpy as np

from hornbook.lessons.exercise import Case, Exercise, Mistake
from hornbook.reference import kmeans
from hornbook.reference.pooling import unit
from hornbook.reference.threshold import accuracy, counted, f1
from hornbook.search.fusing import reciprocal_ranks
from hornbook.search.nearest import best


def _searches():
    rng = np.random.default_rng(81)
    return [
        Case((rng.normal(size=D), rng.normal(size=(N, D)) * rng.uniform(0.2, 5, (N, 1)), k), f"{k} of {N} vectors")
        for N, D, k in ((12, 3, 4), (9, 5, 3))
    ]


def _ordered(worth):
    """The places of the k highest of worth(query, vectors)."""
    return lambda query, vectors, k: best(worth(query, vectors), k)


def _cosines(query, vectors):
    return unit(vectors) @ unit(query)


def _rankings():
    return [
        Case(([[3, 1, 2], [1, 2, 0]],), "two rankings of three"),
        Case(([[5, 4], [4, 7, 5, 6], [9]],), "three rankings of different lengths"),
    ]


def _fused(worth):
    """The sum of another worth(rank, length of the ranking), ranks from 1."""

    def fuse(rankings):
        fused = {}
        for ranking in rankings:
            for rank, passage in enumerate(ranking, 1):
                fused[passage] = fused.get(passage, 0.0) + worth(rank, len(rankings))
        return fused

    return fuse


def _draws():
    rng = np.random.default_rng(82)
    return [Case((rng.exponential(size=n), rng.integers(n, size=(99, n))), f"{n} values, 99 draws") for n in (10, 25)]


def _quantiles(means, sides=(0.025, 0.975)):
    low, high = np.quantile(means, sides)
    return low, high


def _by_spread(values, chosen):
    means = values[chosen].mean(axis=1)
    return means.mean() - means.std(), means.mean() + means.std()


def _groups():
    rng, cases = np.random.default_rng(83), []
    for N, D, k in ((12, 3, 3), (15, 4, 2)):
        rows = unit(rng.normal(size=(N, D)))
        cases.append(Case((rows, rows[:k].copy()), f"{N} rows, {k} centres"))
    return cases


def _round(unit, centres):
    clusters, _ = kmeans.nearest_centre(unit, centres)
    return clusters, kmeans.means(unit, clusters, centres)


def _dealt(clusters_of, means_of=lambda rows: unit(rows.mean(axis=0))):
    """A round with other rules: clusters_of(cosines (N, k)), and means_of(the rows of one cluster)."""

    def kmeans_round(unit, centres):
        clusters = clusters_of(unit @ centres.T)
        return clusters, np.stack([means_of(unit[clusters == k]) for k in range(len(centres))])

    return kmeans_round


def _dealt_again(unit, centres):
    _, moved = _round(unit, centres)
    return kmeans.nearest_centre(unit, moved)[0], moved


def _marked(seed, n, shift):
    rng = np.random.default_rng(seed)
    same = (np.arange(n) % 3 == 0).astype(int)
    return rng.normal(size=n) + shift * same, same


def _judged():
    return [Case(_marked(seed, 25, 0.8), "25 pairs, 9 of them the same") for seed in (84, 85)]


def _f1(similarities, same, cut):
    return f1(*counted(same, similarities >= cut))


def _best(measure):
    """The lowest of the similarities that are best by measure(both, taken, same, n)."""

    def best_threshold(similarities, same):
        cuts = np.sort(similarities)
        return cuts[np.argmax([measure(*counted(same, similarities >= cut)) for cut in cuts])]

    return best_threshold


_best_threshold = _best(f1)


def _parts():
    return [
        Case((*_marked(86, 24, 0.7), *_marked(87, 21, 0.7)), "24 pairs to fit, 21 to test"),
        Case((*_marked(88, 18, 1.0), *_marked(90, 27, 1.0)), "18 pairs to fit, 27 to test"),
    ]


def _from_both(fit, fit_same, test, test_same):
    cut = _best_threshold(np.concatenate([fit, test]), np.concatenate([fit_same, test_same]))
    return _f1(test, test_same, cut)


EXERCISES = (
    Exercise(
        id="L8.1",
        title="The nearest k",
        goal="Return the places of the k vectors with the highest cosine to the query, best first.",
        accept=("k places, best first", "a vector twice as long stands at the same place"),
        hints=(
            "vectors @ query gives all products at once; divide by both lengths to get cosines.",
            "np.argsort sorts upwards: sort the negative cosines, then take the first k.",
        ),
        right=_ordered(_cosines),
        cases=_searches,
        mistakes=(
            Mistake("the order is ascending: these are the farthest; sort downwards",
                    _ordered(lambda query, vectors: -_cosines(query, vectors))),
            Mistake("products instead of cosines: long vectors win; divide by the lengths",
                    _ordered(lambda query, vectors: vectors @ query)),
            Mistake("nearest by Euclidean distance; here the angle counts, not the length",
                    _ordered(lambda query, vectors: -np.linalg.norm(vectors - query, axis=1))),
            Mistake("these are the cosines; the places of their vectors are asked for",
                    lambda query, vectors, k: np.sort(_cosines(query, vectors))[::-1][:k]),
            Mistake("the right k, but the worst of them first",
                    lambda query, vectors, k: best(_cosines(query, vectors), k)[::-1]),
        ),
        why=(
            "One matrix product compares the query with every passage; for thousands of passages nothing else is "
            "needed."
        ),
        outcome="can search texts by the cosine of their vectors",
        page="meaning", film=10,
    ),
    Exercise(
        id="L8.2",
        title="Reciprocal rank fusion",
        goal="Give each passage the sum of 1 / (60 + rank) over the rankings it stands in.",
        accept=("a dict {passage: worth}", "the first of a single ranking gets 1/61", "not ranked adds nothing"),
        hints=(
            "enumerate(ranking, 1) counts from 1.",
            "fused.get(passage, 0.0) is what the passage has so far.",
        ),
        right=lambda rankings: reciprocal_ranks([(np.array(ranking), None) for ranking in rankings]),
        cases=_rankings,
        mistakes=(
            Mistake("ranks are counted from 0; the best has rank 1", _fused(lambda rank, many: 1 / (59 + rank))),
            Mistake("the 60 is missing, so a single first place outweighs everything",
                    _fused(lambda rank, many: 1 / rank)),
            Mistake("the mean over rankings is taken; it is the sum",
                    _fused(lambda rank, many: 1 / (60 + rank) / many)),
            Mistake("a later ranking overwrites an earlier one: add to what the passage has so far",
                    lambda rankings: {p: 1 / (60 + rank) for each in rankings for rank, p in enumerate(each, 1)}),
            Mistake("ranks are added up; it is their reciprocals, so that early places weigh more",
                    _fused(lambda rank, many: 60 + rank)),
        ),
        why="Places need no common scale, and the 60 lets what is good in both beat what is first in only one.",
        outcome="can fuse rankings by words and by vectors",
        page="meaning", film=10,
    ),
    Exercise(
        id="L8.3",
        title="A bootstrap interval",
        goal="Return where the middle 95 % of the resampled means lie.",
        accept=("two numbers, low and high", "quantiles 0.025 and 0.975 of the draws' means"),
        hints=(
            "values[chosen] has the shape of chosen: one row a draw.",
            "One mean a row: axis=1. Then np.quantile(means, [0.025, 0.975]), taken apart: low, high.",
        ),
        right=lambda values, chosen: _quantiles(values[chosen].mean(axis=1)),
        cases=_draws,
        mistakes=(
            Mistake("these are the quantiles of the values; it is those of the draws' means",
                    lambda values, chosen: _quantiles(values[chosen])),
            Mistake("quantiles 0.05 and 0.95 leave out 10 %; 95 % lie between 0.025 and 0.975",
                    lambda values, chosen: _quantiles(values[chosen].mean(axis=1), (0.05, 0.95))),
            Mistake("np.percentile counts to 100, np.quantile to 1: with percentiles it is 2.5 and 97.5",
                    lambda values, chosen: _quantiles(values[chosen].mean(axis=1), (0.00025, 0.00975))),
            Mistake("the mean is over the draws (axis 0); each draw, a row, has its own mean",
                    lambda values, chosen: _quantiles(values[chosen].mean(axis=0))),
            Mistake("mean plus and minus one standard deviation is about 68 %, not 95 %", _by_spread),
        ),
        why=(
            "Drawing from the sample stands in for drawing new samples: its spread shows how far the figure may "
            "be off."
        ),
        outcome="can put a 95 % interval around a figure and around a difference",
        page="meaning", film=10,
        outputs=("low", "high"),
    ),
    Exercise(
        id="L8.4",
        title="One round of k-means",
        goal="Deal every row to its nearest centre, then move each centre to the direction of its rows' mean.",
        accept=(
            "clusters (N,) of whole numbers",
            "new centres (k, D), each of length 1",
            "as hornbook.reference.kmeans",
        ),
        hints=(
            "unit @ centres.T holds all cosines; the nearest centre has the highest.",
            "unit[clusters == k] are the rows of cluster k; divide their sum by its length.",
        ),
        right=_round,
        cases=_groups,
        mistakes=(
            Mistake("rows go to the centre of the lowest cosine, the farthest",
                    _dealt(lambda cosines: cosines.argmin(axis=1))),
            Mistake("the new centres are not brought to length 1",
                    _dealt(lambda cosines: cosines.argmax(axis=1), lambda rows: rows.mean(axis=0))),
            Mistake("rows are dealt again after the centres moved; return the clusters the means were taken of",
                    _dealt_again),
            Mistake("the centre is the largest of each number over the rows; it is their mean",
                    _dealt(lambda cosines: cosines.argmax(axis=1), lambda rows: unit(rows.max(axis=0)))),
        ),
        why="Each half-step can only raise the sum of cosines, so the rounds end; where, depends on the first centres.",
        outcome="can group texts by the directions of their vectors",
        page="meaning", film=10,
        outputs=("clusters", "centres"),
    ),
    Exercise(
        id="L8.5",
        title="Fit a threshold",
        goal="Return the similarity that is the best cut by F1, the lowest of equally good ones.",
        accept=("one of the given similarities", "no other similarity has a higher F1 as a cut"),
        hints=(
            "Try every similarity as the cut, from the lowest up.",
            "np.argmax returns the first of equally high values.",
        ),
        right=_best_threshold,
        cases=_judged,
        mistakes=(
            Mistake("this cut has the best accuracy; where few pairs are the same, F1 asks for another",
                    _best(accuracy)),
            Mistake("this cut has the best precision, which forgets all the pairs it misses",
                    _best(lambda both, taken, same, n: both / taken)),
            Mistake("this is the best F1; the cut that reaches it is asked for",
                    lambda similarities, same: max(_f1(similarities, same, cut) for cut in similarities)),
            Mistake("pairs below the cut are taken for the same; high similarity means the same",
                    lambda similarities, same: -_best_threshold(-similarities, same)),
            Mistake("the threshold is halfway between the means of the two kinds; try the cuts and take the best by F1",
                    lambda s, same: (s[same == 1].mean() + s[same == 0].mean()) / 2),
        ),
        why="A threshold belongs to one encoder and one kind of text; marked pairs are the only way to know it.",
        outcome="can fit a threshold by F1 on marked pairs",
        page="meaning", film=10,
    ),
    Exercise(
        id="L8.6",
        title="The fair figure",
        goal="Choose the cut on the fit part and return its F1 on the test part.",
        accept=("one number between 0 and 1", "the test labels have no say in the cut"),
        hints=(
            "Two lines: best_threshold on one part, f1 on the other.",
            "f1(test_similarities, test_same, cut) judges; nothing of the test part may be in the choice of cut.",
        ),
        right=lambda fit, fit_same, test, test_same: _f1(test, test_same, _best_threshold(fit, fit_same)),
        cases=_parts,
        mistakes=(
            Mistake("the threshold was chosen on the test part; what chose it cannot judge it",
                    lambda fit, fit_same, test, test_same: _f1(test, test_same, _best_threshold(test, test_same))),
            Mistake("the F1 is that of the fit part, where the cut was chosen",
                    lambda fit, fit_same, test, test_same: _f1(fit, fit_same, _best_threshold(fit, fit_same))),
            Mistake("the threshold was chosen on both parts together; the test part must have no say", _from_both),
        ),
        why="The best of many cuts is partly luck, and luck stays behind on the part where it happened.",
        outcome="can choose on one part and judge on another",
        page="meaning", film=10,
    ),
)
