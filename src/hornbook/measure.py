"""Measuring an encoder: half-match on a text, word tasks on its word vectors, a probe on labels; all in one table."""

import time
from dataclasses import dataclass
from typing import NamedTuple

from hornbook.errors import HornbookError
from hornbook.half_match import LIMIT, HalfMatch, half_match
from hornbook.probe import BASELINE, Probe, probe
from hornbook.reference.bootstrap import Figure
from hornbook.word_tasks import WordTask, measure_words, names_here

NO_VECTORS = "this encoder has no vectors of words, which word tasks are about (word2vec and lsa have)."


class Row(NamedTuple):
    """One line of the table: a task, its figure, how many cases there were in all, and what to set it beside."""

    task: str
    measure: str
    figure: Figure | None  # None where nothing could be measured
    of: int
    beside: str = ""


@dataclass(frozen=True)
class Measurement:
    """What an encoder was measured by; `notes` say what was not, and why."""

    half_match: HalfMatch | None
    words: list[WordTask]
    probe: Probe | None
    notes: list[str]
    seconds: float

    def numbers(self):
        """Every figure with its 95 % interval and n, as a dict that JSON can hold."""
        found = {"half_match": self.half_match and self.half_match.numbers(),
                 "words": {task.name: task.numbers() for task in self.words},
                 "probe": self.probe and self.probe.numbers()}  # fmt: skip
        return {name: part for name, part in found.items() if part} | {"notes": self.notes, "seconds": self.seconds}

    def rows(self):
        """The table that people are shown."""
        return [*self._half_match_rows(), *self._word_rows(), *self._probe_rows()]

    def _half_match_rows(self):
        if self.half_match is None:
            return
        halves, (mrr, recall) = self.half_match, self.half_match.chance
        yield Row("half-match", "MRR", halves.mrr, halves.of, f"by lot {mrr:.3f}")
        yield Row("half-match", "recall@10", halves.recall, halves.of, f"by lot {recall:.3f}")

    def _word_rows(self):
        for task in self.words:
            for name, made in task.figures.items():
                yield Row(task.name, name, made, task.totals[name])

    def _probe_rows(self):
        if self.probe is None:
            return
        for measure, gain in self.probe.gains.items():
            yield Row("probe", measure.replace("_f1", "-F1"), self.probe.figures["encoder"][measure], gain.n,
                      f"TF-IDF {self.probe.figures[BASELINE][measure].value:.3f},"
                      f" majority {self.probe.figures['majority'][measure].value:.3f}")  # fmt: skip
            yield Row("probe less TF-IDF", measure.replace("_f1", "-F1"), gain, gain.n, verdict(gain))


def verdict(gain):
    """A difference in a word: `better`, `worse`, or that these cases cannot tell."""
    return "better" if gain.low > 0 else "worse" if gain.high < 0 else "cannot be told apart"


def measure(encoder, passages=None, tasks=None, labelled=None, limit=LIMIT):
    """Measure `encoder` by whatever there is: passages, word tasks, and `labelled` (texts, labels).

    None takes the encoder's own held-out passages, and the word tasks in HORNBOOK_DATA; what of those cannot be
    measured becomes a note. What was asked for and cannot be measured raises HornbookError.
    """
    began, notes = time.perf_counter(), []
    halves = _halves(encoder, passages, limit, notes)
    words = _words(encoder, tasks)
    told = probe(encoder, *labelled) if labelled is not None else None
    return Measurement(halves, words, told, notes, time.perf_counter() - began)


def _halves(encoder, passages, limit, notes):
    """None for passages of one's own choice that are an empty list, and for held-out ones that are too few."""
    if passages is not None:
        return half_match(encoder, passages, limit) if len(passages) else None
    try:
        return half_match(encoder, encoder.held_out, limit)
    except HornbookError as error:
        notes.append(f"half-match was not measured: {error}")


def _words(encoder, tasks):
    chosen = names_here() if tasks is None else tasks
    vectors = encoder.vectors if chosen else None
    if vectors is None:
        if tasks:
            raise HornbookError(NO_VECTORS)
        return []
    return measure_words(vectors.words, vectors.matrix, chosen)
