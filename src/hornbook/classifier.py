"""A classifier of texts: straight lines through an encoder's vectors, with probabilities that can be believed."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hornbook.calibration import (
    Bin,
    cross_entropy,
    expected_calibration_error,
    fit_temperature,
    probabilities,
    reliability,
)
from hornbook.errors import HornbookError
from hornbook.files import written_whole
from hornbook.probe import Probe, line, logits_of, probe

FORMAT = "hornbook classifier 1"
NAMES = ("weights", "bias")


class Prediction(NamedTuple):
    """The likeliest class of a text, and the probability of each; `known` is False where its vector is 0."""

    label: str
    probability: float
    probabilities: dict[str, float]
    known: bool


class Doubt(NamedTuple):
    """A text that was learnt from, told in a fold that had not seen it: its label, and what was given instead."""

    number: int
    label: str
    given: str
    probability: float


@dataclass(frozen=True)
class Report:
    """How well the labels are told, in folds that had not seen them, and how far the probabilities can be trusted.

    `before` and `after` calibration: probabilities (N, C). Each fold's temperature comes from the other folds.
    """

    probe: Probe
    temperature: float
    before: np.ndarray
    after: np.ndarray

    def calibration(self):
        """{before, after: expected calibration error and cross-entropy in nats} of the texts' probabilities."""
        truth = self.probe.truth
        return {when: {"expected_calibration_error": expected_calibration_error(given, truth),
                       "cross_entropy": cross_entropy(np.log(np.maximum(given, 1e-300)), truth)}
                for when, given in (("before", self.before), ("after", self.after))}  # fmt: skip

    def reliability(self) -> list[Bin]:
        """The calibrated probabilities, tenth by tenth."""
        return reliability(self.after, self.probe.truth)

    def uncertain(self, count=5):
        """The texts of the lowest highest probability: a `Doubt` each, the most uncertain first."""
        return self._doubts(np.argsort(self.after.max(axis=1), kind="stable")[:count])

    def surest_mistakes(self, count=5):
        """The texts told wrongly with the highest probability: hard ones, or ones whose label is wrong."""
        wrong = np.flatnonzero(self.after.argmax(axis=1) != self.probe.truth)
        return self._doubts(wrong[np.argsort(-self.after[wrong].max(axis=1), kind="stable")[:count]])

    def _doubts(self, numbers):
        classes, given = self.probe.classes, self.after.argmax(axis=1)
        return [Doubt(int(n), classes[self.probe.truth[n]], classes[given[n]], float(self.after[n].max()))
                for n in numbers]  # fmt: skip

    def numbers(self):
        """Everything as a dict that JSON can hold."""
        confusions = [dict(zip(("true", "given", "times"), one)) for one in self.probe.confusions(10)]
        return {
            **self.probe.numbers(), "temperature": self.temperature, "calibration": self.calibration(),
            "reliability": [one._asdict() for one in self.reliability()], "confusions": confusions,
            "uncertain": [one._asdict() for one in self.uncertain()],
            "surest_mistakes": [one._asdict() for one in self.surest_mistakes()],
        }  # fmt: skip


class TextClassifier:
    """Texts to classes: logits = x Wᵀ + b for a text's vector x, probabilities = softmax(logits / temperature).

    ``TextClassifier.train(encoder, texts, labels)`` learns one and measures it. Also called a linear probe.
    """

    def __init__(self, encoder, classes, weights, bias, temperature, normalize):
        self.encoder, self.classes, self.temperature, self.normalize = encoder, list(classes), temperature, normalize
        self.weights, self.bias = weights, bias  # (C, D), (C,)

    @classmethod
    def train(cls, encoder, texts, labels, folds=5, seed=0):
        """(classifier, Report): measured in stratified folds, then learnt from all the texts.

        Raises HornbookError for one class, classes of fewer texts than folds (named), and blank texts.
        """
        told = probe(encoder, texts, labels, folds, seed)
        report = _report(told)
        vectors = encoder.encode(list(texts))
        teller = line(vectors).fit(vectors, told.truth)
        weights, bias = _flat(teller)
        return cls(encoder, told.classes, weights, bias, report.temperature, hasattr(vectors, "toarray")), report

    def probabilities(self, texts):
        """(N, C), calibrated; a text without a known word has those of a vector of zeros."""
        return self._told(texts)[0]

    def predict(self, texts):
        """A `Prediction` for each of `texts`."""
        given, known = self._told(texts)
        return [Prediction(self.classes[best], float(row[best]), dict(zip(self.classes, row.tolist())), bool(there))
                for row, best, there in zip(given, given.argmax(axis=1), known)]  # fmt: skip

    def _told(self, texts):
        vectors = self.encoder.encode(list(texts), normalize=self.normalize)
        if vectors.shape[1] != self.weights.shape[1]:
            raise HornbookError(f"the classifier is for vectors of {self.weights.shape[1]} numbers; the encoder makes"
                                f" {vectors.shape[1]}. Give the encoder that it was trained with.")  # fmt: skip
        logits = np.asarray(vectors @ self.weights.T, float) + self.bias
        return probabilities(logits, self.temperature), np.asarray(abs(vectors).sum(axis=1)).ravel() > 0

    # -- kept ---------------------------------------------------------------------------------------------------------

    def save(self, path):
        """Keep it in one safetensors file, what else it needs as JSON in its header; the encoder is named, not kept.

        An encoder that lies in no folder is written beside the file: probe.safetensors, probe-encoder/.
        """
        from safetensors.numpy import save_file

        from hornbook.search.vectors import fingerprint, load_encoder

        path = Path(path)
        if not getattr(self.encoder, "folder", None) and hasattr(self.encoder, "save"):
            folder = path.with_name(f"{path.stem}-encoder")
            if folder.exists():
                raise HornbookError(f"{folder}, where the encoder would go, is there already. Choose another --save.")
            self.encoder.save(folder)
            self.encoder, _ = load_encoder(folder)
        name = load_encoder(self.encoder)[1]  # "minilm" where a package holds it, which lies elsewhere on each machine
        about = {"format": FORMAT, "classes": self.classes, "temperature": self.temperature,
                 "normalize": self.normalize, "fingerprint": fingerprint(self.encoder), "encoder": name}  # fmt: skip
        with written_whole(path) as temporary:
            save_file(dict(zip(NAMES, (self.weights, self.bias))), temporary, {"hornbook": json.dumps(about)})

    @classmethod
    def load(cls, path, encoder=None):
        """The classifier of a file; `encoder`, an encoder or its folder, where it has moved since.

        Raises HornbookError for a file that is none or is damaged, and for another encoder than it was trained with.
        """
        from hornbook.search.vectors import fingerprint, load_encoder

        about, (weights, bias) = _opened(Path(path))
        found, name = load_encoder(about["encoder"] if encoder is None else encoder)
        if fingerprint(found) != about["fingerprint"]:
            raise HornbookError(f"{path} was trained on the vectors of {about['encoder']}; {name} makes others, or has"
                                " been trained again since. Train the classifier again.")  # fmt: skip
        return cls(found, about["classes"], weights, bias, about["temperature"], about["normalize"])


def _opened(path):
    """(what is said of a classifier, its arrays by NAMES)."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise HornbookError(f'there is no file "{path}"; hornbook classify TRAIN --save FILE makes one.')
    try:
        with safe_open(path, "numpy") as file:
            about = json.loads((file.metadata() or {}).get("hornbook", "{}"))
            arrays = [file.get_tensor(name) for name in NAMES] if about.get("format") == FORMAT else []
    except (SafetensorError, ValueError) as error:
        raise HornbookError(f"{path} is damaged, or no classifier: {str(error).splitlines()[0]}.") from error
    if not arrays:
        raise HornbookError(f"{path} holds no classifier; hornbook classify TRAIN --save FILE makes one.")
    if arrays[0].shape[0] != len(about["classes"]) or arrays[1].shape != (len(about["classes"]),):
        raise HornbookError(f"{path} is damaged: {len(about['classes'])} classes, weights {arrays[0].shape}.")
    return about, arrays


def _report(told):
    temperature = fit_temperature(told.logits, told.truth)
    before, after = probabilities(told.logits), np.zeros_like(told.logits)
    for others, held_out in told.splits:  # a fold's own texts have no say in its temperature
        own = fit_temperature(told.logits[others], told.truth[others])
        after[held_out] = probabilities(told.logits[held_out], own)
    return Report(told, temperature, before, after)


def _flat(pipeline):
    """The weights (C, D) and bias (C,) of a fitted `line`, standardised or not: (x − m) / s · w = x · w/s − m · w/s."""
    width = pipeline[0].n_features_in_
    corners = logits_of(pipeline[-1], np.zeros((1, width)))  # the bias, also of two classes
    weights = pipeline[-1].coef_
    weights = weights if len(weights) > 1 else np.concatenate([np.zeros_like(weights), weights])
    scale, mean = getattr(pipeline[0], "scale_", None), getattr(pipeline[0], "mean_", None)
    bias = corners[0].astype(float)
    if scale is not None:
        weights = weights / scale
        bias = bias - weights @ mean
    return np.ascontiguousarray(weights, np.float64), bias
