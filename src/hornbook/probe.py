"""The probe: how well straight lines through the vectors tell labelled texts apart, beside TF-IDF and the majority."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from hornbook.errors import HornbookError
from hornbook.labelled import Labelled, load_labelled
from hornbook.reference.bootstrap import Figure, difference, figure
from hornbook.reference.metrics import accuracy, f1

__all__ = ["Labelled", "Probe", "load_labelled", "probe"]

MEASURES = {"accuracy": accuracy, "macro_f1": f1}
BASELINE = "tfidf"  # what an encoder is set beside


@dataclass(frozen=True)
class Probe:
    """The labels that each way of telling gave the texts, in folds it had not seen, and the figures of them.

    The ways: `encoder`, `tfidf` (fitted anew in every fold) and `majority` (the commonest label, of equals the first).
    """

    classes: list[str]
    truth: np.ndarray  # (N,) class numbers
    given: dict[str, np.ndarray]  # way -> (N,)
    logits: np.ndarray  # (N, C) of `encoder`, whose highest is the class given
    splits: list[tuple[np.ndarray, np.ndarray]]  # fold -> numbers of the texts learnt from, of those told
    figures: dict[str, dict[str, Figure]]  # way -> measure
    gains: dict[str, Figure]  # measure -> the encoder's less TF-IDF's, on the same texts
    folds: int

    def numbers(self):
        """The figures as a dict that JSON can hold."""
        ways = {way: {name: made.numbers() for name, made in figures.items()} for way, figures in self.figures.items()}
        gains = {name: made.numbers() for name, made in self.gains.items()}
        return ways | {"encoder_less_tfidf": gains, "folds": self.folds, "classes": len(self.classes)}

    def confusions(self, count=3):
        """The pairs (true class, class given, how often) that the encoder's vectors mixed up most."""
        wrong = np.flatnonzero(self.truth != self.given["encoder"])
        pairs = Counter(zip(self.truth[wrong].tolist(), self.given["encoder"][wrong].tolist()))
        ranked = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
        return [(self.classes[true], self.classes[given], times) for (true, given), times in ranked[:count]]


def probe(encoder, texts, labels, folds=5, seed=0):
    """Tell `labels` from `encoder.encode(texts)` by logistic regression, in stratified cross-validation.

    Dense vectors are standardised in every fold, sparse ones brought to length 1. The folds are a function of the
    labels and the seed, so two encoders meet the same ones. Raises HornbookError for a single class, a class with fewer
    texts than folds, blank texts, and vectors that are not finite.
    """
    classes, truth = _classes(texts, labels, folds)
    vectors = _encoded(encoder, texts)
    splits = _splits(truth, folds, seed)
    logits = _scored(line(vectors), vectors, truth, splits)
    given = {
        "encoder": logits.argmax(axis=1),
        BASELINE: _told(_tfidf(), np.array(texts, object), truth, splits),
        "majority": np.full_like(truth, np.bincount(truth).argmax()),
    }
    figures = {way: {name: figure(measure, truth, labels_given) for name, measure in MEASURES.items()}
               for way, labels_given in given.items()}  # fmt: skip
    gains = {name: difference(measure, given["encoder"], given[BASELINE], truth) for name, measure in MEASURES.items()}
    return Probe(classes, truth, given, logits, splits, figures, gains, folds)


def told(encoder, texts, labels, folds=5, seed=0):
    """(truth, given), both (N,): the class number of each text, and the one told in a fold that had not seen it.

    `encoder` None is TF-IDF, fitted anew in every fold. Raises HornbookError as `probe` does.
    """
    _, truth = _classes(texts, labels, folds)
    splits = _splits(truth, folds, seed)
    if encoder is None:
        return truth, _told(_tfidf(), np.array(texts, object), truth, splits)
    vectors = _encoded(encoder, texts)
    return truth, _scored(line(vectors), vectors, truth, splits).argmax(axis=1)


def _classes(texts, labels, folds):
    """(the classes, sorted; each text's class number), after looking at whether folds can be made of them."""
    if len(texts) != len(labels):
        raise HornbookError(f"there are {len(texts)} texts and {len(labels)} labels; each text needs one.")
    if folds < 2:
        raise HornbookError(f"folds is {folds}; it needs to be at least 2.")
    counts = Counter(map(str, labels))
    if len(counts) < 2:
        there = f'all {len(labels)} are "{next(iter(counts))}"' if counts else "there are none"
        raise HornbookError(f"a probe needs labels of at least 2 classes; {there}.")
    rare = {name: count for name, count in counts.items() if count < folds}
    if rare:
        named = ", ".join(f"{name} ({count})" for name, count in sorted(rare.items())[:5])
        raise HornbookError(
            f"{len(rare)} of {len(counts)} classes have fewer texts than the {folds} folds: {named}"
            f"{', …' if len(rare) > 5 else ''}. Leave them out, or join them with others."
        )
    blank = [place for place, text in enumerate(texts) if not text.strip()]
    if blank:
        raise HornbookError(f"{len(blank)} of {len(texts)} texts are blank, the first is number {blank[0] + 1}.")
    classes = sorted(counts)
    number = {name: place for place, name in enumerate(classes)}
    return classes, np.array([number[str(label)] for label in labels])


def _encoded(encoder, texts):
    from scipy.sparse import issparse

    vectors = encoder.encode(list(texts))
    if vectors.shape[0] != len(texts):
        raise HornbookError(f"the encoder gave {vectors.shape[0]} vectors for {len(texts)} texts.")
    if not np.isfinite(vectors.data if issparse(vectors) else vectors).all():
        raise HornbookError("the encoder's vectors hold numbers that are not finite; nothing can be told from them.")
    return vectors


def _splits(truth, folds, seed):
    from sklearn.model_selection import StratifiedKFold

    return list(StratifiedKFold(folds, shuffle=True, random_state=seed).split(truth, truth))


def _told(teller, of, truth, splits):
    """The class given to every text by a teller that had learnt from the other folds."""
    given = np.empty_like(truth)
    for others, held_out in splits:
        given[held_out] = teller.fit(of[others], truth[others]).predict(of[held_out])
    return given


def _scored(teller, vectors, truth, splits):
    """How much speaks for each class (N, C), by a teller that had learnt from the other folds."""
    logits = np.zeros((len(truth), truth.max() + 1))
    for others, held_out in splits:
        logits[held_out] = logits_of(teller.fit(vectors[others], truth[others]), vectors[held_out])
    return logits


def logits_of(teller, vectors):
    """(N, C) of a fitted teller; of two classes, which have one number between them, 0 speaks for the first."""
    found = teller.decision_function(vectors)
    return np.stack([np.zeros_like(found), found], axis=1) if found.ndim == 1 else found


def line(vectors):
    """Logistic regression as it suits vectors: dense ones standardised, sparse ones brought to length 1."""
    from scipy.sparse import issparse
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import Normalizer, StandardScaler

    if issparse(vectors):
        return make_pipeline(Normalizer(), LogisticRegression(C=10, max_iter=1000))
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))


def _tfidf():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(sublinear_tf=True, token_pattern=r"\w+|[^\w\s]")
    return make_pipeline(words, LogisticRegression(C=10, max_iter=1000))
