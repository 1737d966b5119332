"""Sentence tasks: do near vectors mean near sentences? Pairs people scored, paraphrases, classes, and search."""

import os
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hornbook.decoding import decoded
from hornbook.errors import HornbookError
from hornbook.labelled import load_labelled
from hornbook.pairs import load_pairs
from hornbook.paraphrases import pair_similarities
from hornbook.probe import BASELINE, probe
from hornbook.reference.bootstrap import Figure, figure
from hornbook.reference.metrics import ndcg_at_k, pearson, spearman
from hornbook.threshold import fit_threshold

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
    """One task measured: figure by name, and the same figures of what it is set beside: name -> figure name -> value.

    `note` says what a figure is to be read with.
    """

    name: str
    figures: dict[str, Figure]
    beside: dict[str, dict[str, float]]
    note: str = ""

    def numbers(self):
        """Everything as a dict that JSON can hold."""
        return {name: made.numbers() for name, made in self.figures.items()} | {"beside": self.beside}


def names_here(by_default=True):
    """The tasks of TASKS whose files are in HORNBOOK_DATA; with `by_default`, those that need no asking for."""
    there = [name for name in TASKS if (path := _path_of(name)) and path.exists()]
    return [name for name in there if TASKS[name].by_default or not by_default]


def measure_sentences(encoder, tasks=None, beside=None):
    """The `SentenceTask` of each of `tasks`, names of TASKS; None takes `names_here()`.

    `beside`: name -> another encoder that is measured on the same. TF-IDF fitted on the task's own texts always is, and
    BM25 where it is a search. Raises HornbookError for a task whose files are not there or are not what it needs.
    """
    return [_measure(name, encoder, beside or {}) for name in (names_here() if tasks is None else tasks)]


def _path_of(name):
    data = os.environ.get("HORNBOOK_DATA")
    return Path(data) / TASKS[name].place if data else None


def _measure(name, encoder, beside):
    task, path = TASKS[name], _path_of(name)
    if path is None or not path.exists():
        raise HornbookError(f"{name} needs {task.place} in HORNBOOK_DATA; it is not there.")
    asked, fitted_on, rivals, note = KINDS[task.kind](path)
    figures = asked(encoder)
    others = {rival: fitted(rival, fitted_on) for rival in rivals} | dict(beside)
    values = {other: {of: made.value for of, made in asked(by).items()} for other, by in others.items()}
    if "probe" in figures:  # which brings its own
        values[BASELINE] = {"probe": figures.pop(BASELINE).value}
    return SentenceTask(name, figures, values, note)


def fitted(name, texts):
    """The encoder `name` fitted on the task's own texts: the words it knows are those that are asked for."""
    from hornbook.encoder import TextEncoder

    return TextEncoder(name).fit(texts)


# -- kinds: path -> (encoder -> figures, texts its rivals are fitted on, the rivals, a note) ------------------------


def _scores(path):
    """Spearman's ρ and Pearson's r between the cosines of the pairs and people's scores."""
    pairs = load_pairs(path)
    scores = pairs.scores

    def asked(encoder):
        cosines = pair_similarities(encoder, pairs.first, pairs.second)
        return {"Spearman": figure(spearman, cosines, scores), "Pearson": figure(pearson, cosines, scores)}

    return asked, [*pairs.first, *pairs.second], ("tfidf",), ""


def _same(path):
    """Average precision; and by a threshold that other folds fitted, accuracy and F1."""
    pairs = load_pairs(path)
    same = pairs.same()

    def asked(encoder):
        cosines = pair_similarities(encoder, pairs.first, pairs.second)
        f1, right = (fit_threshold(cosines, same, measure).figures for measure in ("f1", "accuracy"))
        return {"accuracy": right["accuracy"], "F1": f1["F1"], "average precision": f1["average precision"]}

    most = max(same.mean(), 1 - same.mean())
    note = f"calling all the same: accuracy {most:.3f}" if same.mean() > 0.5 else f"calling none: accuracy {most:.3f}"
    note += f", F1 {2 * same.mean() / (1 + same.mean()):.3f} (all the same)"
    return asked, [*pairs.first, *pairs.second], ("tfidf",), note


def _classes(path):
    """Accuracy of a probe on the vectors, in folds; TF-IDF with words and weights learnt in each fold beside it."""
    texts, labels = load_labelled(path)

    def asked(encoder):
        told = probe(encoder, texts, labels)
        return {"probe": told.figures["encoder"]["accuracy"], BASELINE: told.figures[BASELINE]["accuracy"]}

    return asked, texts, (), ""


def _search(path):
    """nDCG@10 of the documents by their scores for each query; what was not judged counts as irrelevant."""
    documents, queries, grades = load_search(path)

    def asked(encoder):
        scores = encoder.scores(queries, documents)
        scores = np.asarray(scores.toarray() if hasattr(scores, "toarray") else scores)
        return {"nDCG@10": figure(_mean, ndcg_at_k(grades, scores, K))}

    return asked, documents, ("tfidf", "bm25"), ""


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
