"""Word tasks: do near vectors mean near words? Pairs that people scored, and analogies, on any vectors."""

import math
import os
import re
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hornbook.decoding import decoded
from hornbook.errors import HornbookError, nearest
from hornbook.reference.bootstrap import Figure, figure
from hornbook.reference.metrics import spearman

CELLS = 1 << 24  # scores of analogies held at a time
LEAST = 10  # cases that an interval is given of


class Task(NamedTuple):
    """A word task by name: its file in HORNBOOK_DATA/words, and what it asks."""

    file: str
    about: str


TASKS = {
    "wordsim353": Task("EN-WS-353-ALL.txt", "WordSim-353: pairs near in meaning or in topic. Finkelstein et al. 2002"),
    "wordsim353-similarity": Task("EN-WS-353-SIM.txt", "the similar among them. Agirre et al. 2009"),
    "wordsim353-relatedness": Task("EN-WS-353-REL.txt", "the related among them. Agirre et al. 2009"),
    "simlex999": Task("EN-SIMLEX-999.txt", "SimLex-999: similarity alone, old and new far apart. Hill et al. 2015"),
    "men": Task("EN-MEN-TR-3k.txt", "MEN: 3,000 pairs by relatedness. Bruni et al. 2014"),
    "rg65": Task("EN-RG-65.txt", "RG-65: 65 pairs of nouns. Rubenstein & Goodenough 1965"),
    "analogies": Task("questions-words.txt", "Google's analogies: a is to b as c is to …. Mikolov et al. 2013"),
}


class WordTask(NamedTuple):
    """One task measured: what each figure is of, the `Figure` (None where there are too few words), cases in all.

    `composed` is how many different words of it have a vector by their pieces only.
    """

    name: str
    figures: dict[str, Figure | None]
    totals: dict[str, int]
    composed: int = 0

    def numbers(self):
        """The figures as a dict that JSON can hold: n is how many were found, `of` how many there are."""
        nothing = Figure(math.nan, math.nan, math.nan, 0)
        return {name: (made or nothing).numbers() | {"of": self.totals[name]} for name, made in self.figures.items()}


def measure_words(words, matrix, tasks=None, pieces=None):
    """The `WordTask` of each of `tasks`: names of TASKS, or paths of files of one's own; None takes all that are here.

    words: list of V; matrix (V, D). A word is looked up as it is written, then in lower case; then `pieces` is asked,
    where it is given: word -> its vector (D,), or None. Raises HornbookError for a matrix that does not fit or is not
    finite, and for files that are no word task.
    """
    matrix = np.asarray(matrix, np.result_type(matrix, np.float32))
    if matrix.ndim != 2 or len(matrix) != len(words):
        raise HornbookError(f"{len(words)} words need a matrix of {len(words)} rows; it is {matrix.shape}.")
    if not np.isfinite(matrix).all():
        raise HornbookError("the vectors hold numbers that are not finite; they cannot be compared.")
    rows = {word: row for row, word in reversed(list(enumerate(words)))}  # the first of equal words
    unit = _unit(matrix)
    return [_measure(name, rows, unit, pieces) for name in (names_here() if tasks is None else tasks)]


def _unit(matrix):
    return matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), np.finfo(matrix.dtype).tiny)


def names_here():
    """The tasks of TASKS whose files are in HORNBOOK_DATA/words."""
    return [name for name in TASKS if (path := _path_of(name)) and path.is_file()]


def _path_of(name):
    data = os.environ.get("HORNBOOK_DATA")
    return Path(data) / "words" / TASKS[name].file if data else None


def _measure(name, rows, unit, pieces):
    path = _find(name)
    lines = _lines(path)
    is_analogies = lines and lines[0][1].startswith(":")
    cases, said = (_questions if is_analogies else _pairs)(path, lines)
    made = _composed(chain.from_iterable(cases), rows, pieces) if pieces else {}
    if made:
        rows = rows | {word: len(unit) + place for place, word in enumerate(made)}
        unit = np.concatenate([unit, _unit(np.array(list(made.values()), unit.dtype))])
    figures, totals = (_analogies if is_analogies else _similarity)(cases, said, rows, unit)
    return WordTask(str(name) if name in TASKS else path.stem, figures, totals, len(made))


def _composed(words, rows, pieces):
    """word in lower case -> its vector by `pieces`, of those that have no row."""
    lacking = dict.fromkeys(word.lower() for word in words if _ids([word], rows) == [-1])
    return {word: vector for word in lacking if (vector := pieces(word)) is not None}


def _find(name):
    if name not in TASKS:
        if not Path(name).is_file():
            raise HornbookError(f'there is no word task and no file "{name}".{nearest(str(name), TASKS)}')
        return Path(name)
    path = _path_of(name)
    if path is None or not path.is_file():
        raise HornbookError(f"{name} needs {TASKS[name].file} in the folder words of HORNBOOK_DATA; it is not there.")
    return path


def _lines(path):
    """(number, line) of those that say something; # opens a remark."""
    with path.open("rb") as file:
        lines = "".join(decoded(file, path)).split("\n")
    return [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip() and line[0] != "#"]


def _ids(words, rows):
    """The row of each word, or −1."""
    return [rows.get(word, rows.get(word.lower(), -1)) for word in words]


# -- pairs with a score ---------------------------------------------------------------------------------------------


def read_pairs(path):
    """(pairs of words, scores) of a file of two words and a number a line, between tabs, commas, semicolons or blanks.

    The score is the first number after the words; a first line without one is a header. A part of speech, as in
    `sun-n`, is taken off where every word has one. Raises HornbookError naming the line that is no such pair.
    """
    return _pairs(Path(path), _lines(Path(path)))


def _pairs(path, lines):
    pairs, scores = [], []
    for place, (number, line) in enumerate(lines):
        a, b, *rest = [*_cells(line), "", ""]
        score = next(filter(math.isfinite, map(_number, rest)), None)
        if score is not None and a and b:
            pairs.append((a, b))
            scores.append(score)
        elif place:
            raise HornbookError(f'{path}:{number} is "{line[:60]}"; it needs two words and a score: tiger cat 7.35')
    if not pairs:
        raise HornbookError(f"{path} holds no pair of words with a score, such as: tiger cat 7.35")
    if all(re.search(r".-[nvajr]$", word) for pair in pairs for word in pair):
        pairs = [(a[:-2], b[:-2]) for a, b in pairs]
    return pairs, np.array(scores)


def _cells(line):
    mark = next((mark for mark in "\t,;" if mark in line), None)
    return [cell.strip() for cell in line.split(mark)]


def _number(cell):
    try:
        return float(cell)
    except ValueError:
        return math.nan


def _similarity(pairs, scores, rows, unit):
    """Spearman's ρ between the cosines of the pairs and people's scores, over the pairs whose words are both known."""
    ids = np.array([_ids(pair, rows) for pair in pairs])  # (pairs, 2)
    found = (ids >= 0).all(axis=1)
    made = None
    if found.sum() > 1:
        cosines = (unit[ids[found, 0]] * unit[ids[found, 1]]).sum(axis=1)
        made = _if_enough(figure(spearman, cosines, scores[found]))
    elif found.any():
        made = Figure(math.nan, math.nan, math.nan, 1)
    return {"Spearman": made}, {"Spearman": len(pairs)}


def _if_enough(made):
    """Without the interval where it is of few cases: draws from two or three of them are always much the same."""
    return made if made.n >= LEAST else made._replace(low=math.nan, high=math.nan)


# -- analogies ------------------------------------------------------------------------------------------------------


def read_questions(path):
    """(questions of four words, section of each) of a file with `: section` lines above lines of four words.

    Raises HornbookError naming the line that has not four.
    """
    return _questions(Path(path), _lines(Path(path)))


def _questions(path, lines):
    questions, sections, section = [], [], ""
    for number, line in lines:
        if line.startswith(":"):
            section = line[1:].strip()
            continue
        if len(line.split()) != 4:
            raise HornbookError(f'{path}:{number} is "{line[:60]}"; a question has four words: king queen man woman')
        questions.append(line.split())
        sections.append(section)
    if not questions:
        raise HornbookError(f"{path} has sections and no question, such as: king queen man woman")
    return questions, sections


def _analogies(questions, sections, rows, unit):
    """Share of questions a : b = c : d, all of whose words are known, for which `solved` finds d."""
    ids = np.array(_ids(chain.from_iterable(questions), rows)).reshape(-1, 4)
    found = (ids >= 0).all(axis=1)
    right = np.zeros(len(ids))
    right[found] = solved(unit, ids[found])
    syntactic = np.array([section.startswith("gram") for section in sections])  # as the sections are called
    groups = {"accuracy": np.ones(len(ids), bool), "semantic": ~syntactic, "syntactic": syntactic}
    groups = {group: inside for group, inside in groups.items() if inside.any()}
    figures = {group: _if_enough(figure(_mean, right[found & inside])) if (found & inside).any() else None
               for group, inside in groups.items()}  # fmt: skip
    return figures, {group: int(inside.sum()) for group, inside in groups.items()}


def _mean(values):
    return values.mean(axis=-1)


def solved(unit, ids):
    """Which analogies come out: d scores above every other word but a, b and c in cos(x, b) − cos(x, a) + cos(x, c).

    Also called 3CosAdd, the vector offset. unit (V, D) of length 1, ids (Q, 4) of a, b, c, d -> (Q,) of bool. A tie is
    not solved. Levy & Goldberg 2014.
    """
    size, right = max(1, CELLS // len(unit)), []
    for start in range(0, len(ids), size):
        a, b, c, d = ids[start : start + size].T
        scores = (unit[b] - unit[a] + unit[c]) @ unit.T  # (block, V)
        row = np.arange(len(a))
        for given in (a, b, c):
            scores[row, given] = -np.inf
        own = scores[row, d]
        scores[row, d] = -np.inf
        right.append(own > scores.max(axis=1))
    return np.concatenate(right) if right else np.zeros(0, bool)
