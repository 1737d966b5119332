"""Sentence tasks: do near vectors mean near sentences? Pairs people scored, paraphrases, classes, and search."""

import os
import re
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hornbook.decoding import decoded
from hornbook.errors import HornbookError
from hornbook.labelled import load_labelled
from hornbook.pairs import load_pairs
from hornbook.paraphrases import pair_similarities
from hornbook.probe import BASELINE, told
from hornbook.reference.bootstrap import Figure
from hornbook.reference.metrics import accuracy, average_precision, ndcg_at_k, pearson, spearman
from hornbook.threshold import MEASURES, pair_f1, told_in_folds
from hornbook.yardsticks import USUAL, Cases, of_texts

K = 10  # documents of a search that count


class Task(NamedTuple):
    """A sentence task by name: its file or folder in HORNBOOK_DATA, a word of KINDS, what is asked, and its source."""

    place: str
    kind: str
    about: str
    by_default: bool = True  # measured where no task is named


TASKS = {
    "stsb": Task("sentences/stsb/sts-dev.csv", "scores", "STS benchmark, dev: 0 to 5 for alike. Cer et al. 2017"),
    "sick": Task("sentences/sick/SICK_trial.txt", "scores", "SICK, trial: 1 to 5 for related. Marelli et al. 2014"),
    "mrpc": Task("sentences/mrpc/msr-para-val.tsv", "same", "MRPC: paraphrase or not. Dolan & Brockett 2005"),
    "snli": Task("sentences/snli/snli_dev.jsonl", "same", "SNLI, dev: entailed or not. Bowman et al. 2015", False),
    "cranfield": Task("retrieval/cranfield", "search", "225 questions on 1,400 abstracts. Cleverdon 1967"),
    "banking77": Task("classification/banking77/train.csv", "classes", "77 intents. Casanueva et al. 2020", False),
}


class SentenceTask(NamedTuple):
    """One task measured: figure by name; the same figures of what it is set beside: name -> figure name -> value.

    `gains` say by how much the encoder is better than each, on the same cases: name -> figure name -> `Figure`. `note`
    says what a figure is to be read with.
    """

    name: str
    figures: dict[str, Figure]
    beside: dict[str, dict[str, float]]
    gains: dict[str, dict[str, Figure]]
    note: str = ""

    def numbers(self):
        """Everything as a dict that JSON can hold."""
        less = {other: {name: made.numbers() for name, made in gain.items()} for other, gain in self.gains.items()}
        figures = {name: made.numbers() for name, made in self.figures.items()}
        beside = {other: {name: None if np.isnan(value) else value for name, value in values.items()}
                  for other, values in self.beside.items()}  # fmt: skip
        return figures | {"beside": beside, "encoder_less": less}


def names_here(by_default=True):
    """The tasks of TASKS whose files are in HORNBOOK_DATA; with `by_default`, those that need no asking for."""
    there = [name for name in TASKS if (path := _path_of(name)) and path.exists()]
    return [name for name in there if TASKS[name].by_default or not by_default]


def measure_sentences(encoder, tasks=None, beside=None):
    """The `SentenceTask` of each of `tasks`, names of TASKS; None takes `names_here()`.

    `beside`: name -> another encoder that is measured on the same. TF-IDF, BM25 and averaged word vectors, fitted on
    the task's own texts, always are. Raises HornbookError for a task whose files are not there or are not what it
    needs.
    """
    return [_measure(name, encoder, beside or {}) for name in (names_here() if tasks is None else tasks)]


def _path_of(name):
    data = os.environ.get("HORNBOOK_DATA")
    return Path(data) / TASKS[name].place if data else None


def _measure(name, encoder, beside):
    task, path = TASKS[name], _path_of(name)
    if path is None or not path.exists():
        raise HornbookError(f"{name} needs {task.place} in HORNBOOK_DATA; it is not there.")
    asked, fit, note = KINDS[task.kind](path)
    own = asked(encoder)
    others = {other: asked(fit(other)) for other in USUAL} | {other: asked(by) for other, by in beside.items()}
    figures = {of: cases.figure() for of, cases in own.items()}
    values = {other: {of: cases.value for of, cases in all_.items()} for other, all_ in others.items()}
    gains = {other: {of: own[of].gain(cases) for of, cases in all_.items()} for other, all_ in others.items()}
    return SentenceTask(name, figures, values, gains, note)


# -- kinds: path -> (encoder -> its `Cases` by the figure's name, name -> a yardstick fitted on the texts, a note) ----


def _scores(path):
    """Spearman's ρ and Pearson's r between the cosines of the pairs and people's scores."""
    pairs = load_pairs(path)

    def asked(encoder):
        cosines = pair_similarities(encoder, pairs.first, pairs.second)
        return {
            "Spearman": Cases(spearman, cosines, (pairs.scores,)),
            "Pearson": Cases(pearson, cosines, (pairs.scores,)),
        }

    return asked, partial(of_texts, texts=[*pairs.first, *pairs.second]), ""


def _same(path):
    """Average precision; and by a threshold that other folds fitted, accuracy and F1."""
    pairs = load_pairs(path)
    same = pairs.same()

    def asked(encoder):
        cosines = pair_similarities(encoder, pairs.first, pairs.second)
        taken = {measure: told_in_folds(cosines, same, measure)[0] for measure in MEASURES}
        return {"accuracy": Cases(accuracy, taken["accuracy"], (same,)), "F1": Cases(pair_f1, taken["f1"], (same,)),
                "average precision": Cases(average_precision, cosines, (same,))}  # fmt: skip

    most = max(same.mean(), 1 - same.mean())
    note = f"calling all the same: accuracy {most:.3f}" if same.mean() > 0.5 else f"calling none: accuracy {most:.3f}"
    note += f", F1 {2 * same.mean() / (1 + same.mean()):.3f} (all the same)"
    return asked, partial(of_texts, texts=[*pairs.first, *pairs.second]), note


def _classes(path):
    """Accuracy of a probe on the vectors, in folds; TF-IDF with words and weights learnt in each fold beside it."""
    texts, labels = load_labelled(path)

    def asked(encoder):
        truth, given = told(encoder, texts, labels)
        return {"probe": Cases(accuracy, given, (truth,))}

    return asked, lambda name: None if name == BASELINE else of_texts(name, texts), ""


def _search(path):
    """nDCG@10 of the documents by their scores for each query; what was not judged counts as irrelevant."""
    documents, queries, grades = load_search(path)

    def asked(encoder):
        scores = encoder.scores(queries, documents)
        scores = np.asarray(scores.toarray() if hasattr(scores, "toarray") else scores)
        return {"nDCG@10": Cases(_mean, ndcg_at_k(grades, scores, K))}

    return asked, partial(of_texts, texts=documents), ""


def _mean(values):
    return values.mean(axis=-1)


KINDS = {"scores": _scores, "same": _same, "classes": _classes, "search": _search}


def load_search(folder):
    """(documents, queries, grades (Q, N)) of a folder shaped as Cranfield's: documents and queries in XML, judgements.

    A document is its title and its text, which in Cranfield begins with the title again. Judgements number the queries
    by position, not by their `<num>`. A judgement of 0 counts as irrelevant, as all that was not judged; queries
    without any relevant document are left out. Raises HornbookError naming the file that is not of this shape.
    """
    files = {sign: sorted(Path(folder).glob(pattern)) for sign, pattern in SHAPE.items()}
    for sign, found in files.items():
        if len(found) != 1:
            raise HornbookError(f"{folder} needs one file {SHAPE[sign]} with the {sign}; it has {len(found)}.")
    said = {sign: _text(found[0]) for sign, found in files.items()}
    numbers, documents = [], []
    for block in re.findall(r"<doc>(.*?)</doc>", said["documents"], re.S):
        numbers.append(_inside(block, "docno"))
        documents.append(f"{_inside(block, 'title')} {_inside(block, 'text')}".strip())
    queries = [_inside(block, "title") for block in re.findall(r"<top>(.*?)</top>", said["queries"], re.S)]
    if not documents or not queries:
        raise HornbookError(f"{folder} has {len(documents)} documents and {len(queries)} queries.")
    grades = _grades(files["judgements"][0], said["judgements"], numbers, len(queries))
    asked = np.flatnonzero(grades.any(axis=1))
    return documents, [queries[place] for place in asked], grades[asked]


SHAPE = {"documents": "*.all*.xml", "queries": "*.qry.xml", "judgements": "*qrel*.txt"}


def _grades(path, said, numbers, n_queries):
    column, grades = {number: place for place, number in enumerate(numbers)}, np.zeros((n_queries, len(numbers)))
    for line_number, line in enumerate(said.split("\n"), 1):
        if not line.strip():
            continue
        cells = line.split()
        if len(cells) != 4 or not cells[0].isdigit() or not 1 <= int(cells[0]) <= n_queries or cells[2] not in column:
            raise HornbookError(f'{path}:{line_number} is "{line[:60]}"; it needs query, 0, document, grade: 1 0 184 1')
        grades[int(cells[0]) - 1, column[cells[2]]] = max(float(cells[3]), 0.0)
    return grades


def _inside(block, tag):
    found = re.search(rf"<{tag}>(.*?)</{tag}>", block, re.S)
    return " ".join(found[1].split()) if found else ""


def _text(path):
    with path.open("rb") as file:
        return "".join(decoded(file, path))
