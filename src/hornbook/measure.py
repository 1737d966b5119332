"""Measuring an encoder: half-match on a text, sentence and word tasks, a probe on labels; all in one table."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from hornbook import sentence_tasks, word_tasks
from hornbook.errors import HornbookError, nearest
from hornbook.half_match import LIMIT, HalfMatch, half_match
from hornbook.probe import BASELINE, Probe, probe
from hornbook.reference.bootstrap import Figure
from hornbook.sentence_tasks import SentenceTask, measure_sentences
from hornbook.word_tasks import WordTask, measure_words
from hornbook.yardsticks import USUAL, fitted, has_text

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
    sentences: list[SentenceTask] = field(default_factory=list)
    beside: dict[str, HalfMatch] = field(default_factory=dict)  # of the same passages

    def numbers(self):
        """Every figure with its 95 % interval and n, as a dict that JSON can hold."""
        found = {"half_match": self.half_match and self.half_match.numbers() | self._beside_numbers(),
                 "sentences": {task.name: task.numbers() for task in self.sentences},
                 "words": {task.name: task.numbers() for task in self.words},
                 "probe": self.probe and self.probe.numbers()}  # fmt: skip
        return {name: part for name, part in found.items() if part} | {"notes": self.notes, "seconds": self.seconds}

    def _beside_numbers(self):
        less = {name: {"mrr": self.half_match.beats(other).numbers()} for name, other in self.beside.items()}
        return {"beside": {name: other.mrr.value for name, other in self.beside.items()}, "encoder_less": less}

    def rows(self):
        """The table that people are shown."""
        return [*self._half_match_rows(), *self._sentence_rows(), *self._word_rows(), *self._probe_rows()]

    def _half_match_rows(self):
        if self.half_match is None:
            return
        halves, (mrr, recall) = self.half_match, self.half_match.chance
        others = "".join(f", {name} {other.mrr.value:.3f}" for name, other in self.beside.items())
        yield Row("half-match", "MRR", halves.mrr, halves.of, f"by lot {mrr:.3f}{others}")
        others = "".join(f", {name} {other.recall.value:.3f}" for name, other in self.beside.items())
        yield Row("half-match", "recall@10", halves.recall, halves.of, f"by lot {recall:.3f}{others}")
        for name, other in self.beside.items():
            gain = halves.beats(other)
            yield Row(f"half-match less {name}", "MRR", gain, gain.n, verdict(gain))

    def _sentence_rows(self):
        for task in self.sentences:
            for name, made in task.figures.items():
                others = ", ".join(f"{other} {said[name]:.3f}" for other, said in task.beside.items() if name in said)
                yield Row(task.name, name, made, made.n, others)
            first = next(iter(task.figures))
            for other, gains in task.gains.items():
                yield Row(f"{task.name} less {other}", first, gains[first], gains[first].n, verdict(gains[first]))

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


def measure(encoder, passages=None, tasks=None, labelled=None, limit=LIMIT, beside=None):
    """Measure `encoder` by whatever there is: passages, sentence and word tasks, and `labelled` (texts, labels).

    None takes the encoder's own held-out passages, and the tasks in HORNBOOK_DATA that need no asking for; what of
    those cannot be measured becomes a note. `beside`: name -> another encoder that passages and sentence tasks are
    measured on too, as TF-IDF, BM25 and averaged word vectors always are. What was asked for and cannot be measured
    raises HornbookError.
    """
    began, notes = time.perf_counter(), []
    sentences, words = _sorted(tasks)
    halves = _halves(encoder, passages, limit, notes)
    rivals = _rivals(encoder, passages, limit, beside or {}, notes) if halves else {}
    told = _sentences(encoder, sentences, beside, notes)
    words = _words(encoder, words, notes)
    probed = probe(encoder, *labelled) if labelled is not None else None
    return Measurement(halves, words, probed, notes, time.perf_counter() - began, told, rivals)


def _sorted(tasks):
    """(sentence tasks, word tasks) of `tasks`; None, which takes what is there, for each where it is None."""
    if tasks is None:
        return None, None
    known = sentence_tasks.TASKS | word_tasks.TASKS
    for name in tasks:
        if name not in known and not Path(name).is_file():
            raise HornbookError(f'there is no task and no file "{name}".{nearest(str(name), known)}')
    sentences = [name for name in tasks if name in sentence_tasks.TASKS]
    return sentences, [name for name in tasks if name not in sentences]


def _sentences(encoder, tasks, beside, notes):
    if tasks is None:
        tasks = sentence_tasks.names_here()
        asked_for = [name for name in sentence_tasks.names_here(by_default=False) if name not in tasks]
        if asked_for:
            notes.append(f"Not measured unless asked for by --task: {', '.join(asked_for)}.")
    found = measure_sentences(encoder, tasks, beside)
    if found:
        notes.append(f"Sentence tasks: {', '.join(USUAL)} are fitted on the task's own texts.")
    notes += [f"{task.name}: {task.note}." for task in found if task.note]
    return found


def _halves(encoder, passages, limit, notes):
    """None for passages of one's own choice that are an empty list, and for held-out ones that are too few."""
    if passages is not None:
        return half_match(encoder, passages, limit) if len(passages) else None
    if not encoder.held_out:
        notes.append("half-match was not measured: the encoder brings no held-out passages; --text measures on yours.")
        return None
    try:
        return half_match(encoder, encoder.held_out, limit)
    except HornbookError as error:
        notes.append(f"half-match was not measured: {error}")


def _rivals(encoder, passages, limit, beside, notes):
    """name -> the `HalfMatch` of the yardsticks and of `beside`, on the passages that `encoder` was measured on."""
    passages = encoder.held_out if passages is None else passages
    names = [name for name in USUAL if name != getattr(encoder, "kind", None)]
    made, left_out = fitted(names, encoder, None if has_text(encoder) else passages)
    where = "that the encoder was trained on" if has_text(encoder) else "that is measured"
    if made:
        notes.append(f"half-match: {', '.join(made)} are fitted on the text {where}.")
    notes += [f"half-match: no {name}: {why}" for name, why in left_out.items()]
    return {name: half_match(other, passages, limit) for name, other in (made | beside).items()}


def _words(encoder, tasks, notes):
    chosen = word_tasks.names_here() if tasks is None else tasks
    vectors = encoder.vectors if chosen else None
    if vectors is None:
        if tasks:
            raise HornbookError(NO_VECTORS)
        return []
    found = measure_words(vectors.words, vectors.matrix, chosen, vectors.pieces)
    if composed := [f"{task.composed:,} words of {task.name}" for task in found if task.composed]:
        notes.append(f"Known by their pieces only, as words alike in letters: {', '.join(composed)}.")
    return found
