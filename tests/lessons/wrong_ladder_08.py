"""Written wrong answers to ladder notebook 08, each with a piece of the diagnosis it must get."""

import numpy as np


# -- L8.1
def cosines(query, vectors):
    return np.array([row @ query / np.sqrt((row @ row) * (query @ query)) for row in vectors])


def nearest_ascending(query, vectors, k):
    return np.argsort(cosines(query, vectors))[:k]


def nearest_products(query, vectors, k):
    return np.argsort(-(vectors @ query))[:k]


def nearest_euclidean(query, vectors, k):
    return np.argsort(((vectors - query) ** 2).sum(axis=1))[:k]


def nearest_worst_first(query, vectors, k):
    return np.argsort(cosines(query, vectors))[-k:]


# -- L8.2
def summed(rankings, worth):
    found = {passage: 0.0 for ranking in rankings for passage in ranking}
    for ranking in rankings:
        for place, passage in enumerate(ranking):
            found[passage] += worth(place)
    return found


def fuse_from_0(rankings):
    return summed(rankings, lambda place: 1 / (60 + place))


def fuse_without_60(rankings):
    return summed(rankings, lambda place: 1 / (place + 1))


def fuse_mean(rankings):
    return {passage: worth / len(rankings) for passage, worth in summed(rankings, lambda p: 1 / (61 + p)).items()}


def fuse_ranks(rankings):
    return summed(rankings, lambda place: float(61 + place))


# -- L8.3
def of_values(values, chosen):
    return tuple(np.percentile(values[chosen].ravel(), [2.5, 97.5]))


def of_ninety(values, chosen):
    return tuple(np.percentile([values[row].mean() for row in chosen], [5, 95]))


def of_columns(values, chosen):
    return tuple(np.percentile(values[chosen].sum(axis=0) / len(chosen), [2.5, 97.5]))


def of_spread(values, chosen):
    means = np.array([values[row].mean() for row in chosen])
    return means.mean() - np.std(means), means.mean() + np.std(means)


# -- L8.4
def sums(unit, clusters, k):
    return np.eye(k)[clusters].T @ unit


def length_1(rows):
    return rows / np.sqrt((rows**2).sum(axis=1, keepdims=True))


def round_farthest(unit, centres):
    clusters = np.argmin(unit @ centres.T, axis=1)
    return clusters, length_1(sums(unit, clusters, len(centres)))


def round_short(unit, centres):
    clusters = np.argmax(unit @ centres.T, axis=1)
    return clusters, sums(unit, clusters, len(centres)) / np.bincount(clusters)[:, None]


def round_dealt_again(unit, centres):
    moved = length_1(sums(unit, np.argmax(unit @ centres.T, axis=1), len(centres)))
    return np.argmax(unit @ moved.T, axis=1), moved


def round_largest(unit, centres):
    clusters = np.argmax(unit @ centres.T, axis=1)
    return clusters, length_1(np.stack([unit[clusters == k].max(axis=0) for k in range(len(centres))]))


# -- L8.5
def tried(similarities, same, measure):
    cuts = sorted(similarities)
    worth = [measure(similarities >= cut, same == 1) for cut in cuts]
    return cuts[worth.index(max(worth))]


def cut_accuracy(similarities, same):
    return tried(similarities, same, lambda taken, same: (taken == same).sum())


def cut_precision(similarities, same):
    return tried(similarities, same, lambda taken, same: (taken & same).sum() / taken.sum())


def cut_upside_down(similarities, same):
    def worth(cut):
        taken = similarities <= cut
        return 2 * (taken & (same == 1)).sum() / (taken.sum() + same.sum())

    return max(sorted(similarities, reverse=True), key=worth)


def cut_between_means(similarities, same):
    return np.mean([similarities[same == kind].mean() for kind in (0, 1)])


# -- L8.6
def f1(similarities, same, cut):
    taken = similarities >= cut
    return 2 * (taken * same).sum() / (taken.sum() + same.sum())


def cut(similarities, same):
    return max(sorted(similarities), key=lambda at: f1(similarities, same, at))


def chosen_on_test(fit_similarities, fit_same, test_similarities, test_same):
    return f1(test_similarities, test_same, cut(test_similarities, test_same))


def judged_on_fit(fit_similarities, fit_same, test_similarities, test_same):
    return f1(fit_similarities, fit_same, cut(fit_similarities, fit_same))


def chosen_on_both(fit_similarities, fit_same, test_similarities, test_same):
    all_of_them = np.append(fit_similarities, test_similarities), np.append(fit_same, test_same)
    return f1(test_similarities, test_same, cut(*all_of_them))


def nearest_cosines(query, vectors, k):
    cosines = [v @ query / np.sqrt(v @ v) / np.sqrt(query @ query) for v in vectors]
    return np.array(sorted(cosines, reverse=True)[:k])


def fuse_last(rankings):
    fused = {}
    for ranking in rankings:
        for rank, passage in enumerate(ranking, 1):
            fused[passage] = 1 / (60 + rank)
    return fused


def of_percentiles(values, chosen):
    low, high = np.percentile([values[draw].mean() for draw in chosen], [0.025, 0.975])
    return low, high


WRONG = {
    "L8.1": [
        (nearest_ascending, "the farthest"),
        (nearest_products, "products instead of cosines"),
        (nearest_euclidean, "Euclidean"),
        (nearest_worst_first, "worst of them first"),
        (nearest_cosines, "these are the cosines"),
    ],
    "L8.2": [
        (fuse_from_0, "counted from 0"),
        (fuse_without_60, "60 is missing"),
        (fuse_mean, "mean over rankings"),
        (fuse_ranks, "ranks are added up"),
        (fuse_last, "overwrites an earlier one"),
    ],
    "L8.3": [
        (of_values, "quantiles of the values"),
        (of_ninety, "leave out 10 %"),
        (of_columns, "axis 0"),
        (of_spread, "about 68 %"),
        (of_percentiles, "np.percentile counts to 100"),
    ],
    "L8.4": [
        (round_farthest, "lowest cosine"),
        (round_short, "not brought to length 1"),
        (round_dealt_again, "dealt again"),
        (round_largest, "largest of each number"),
    ],
    "L8.5": [
        (cut_accuracy, "best accuracy"),
        (cut_precision, "best precision"),
        (cut_upside_down, "below the cut"),
        (cut_between_means, "halfway between the means"),
        (lambda s, same: max(f1(s, same, at) for at in s), "this is the best F1"),
    ],
    "L8.6": [
        (chosen_on_test, "chosen on the test part"),
        (judged_on_fit, "of the fit part"),
        (chosen_on_both, "both parts together"),
    ],
}
