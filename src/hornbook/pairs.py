"""Pairs of texts from a person's files, each with a score or with a label that says whether they mean the same."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hornbook.decoding import decoded
from hornbook.errors import HornbookError
from hornbook.labelled import json_rows
from hornbook.reading import similar

TEXTS = (  # names that the two columns of texts may have
    ("sentence1", "sentence2"), ("sentence_a", "sentence_b"), ("#1 string", "#2 string"), ("premise", "hypothesis"),
    ("question1", "question2"), ("text1", "text2"), ("text_a", "text_b"), ("first", "second"), ("a", "b"),
)  # fmt: skip
SAYS = ("quality", "relatedness_score", "similarity", "score", "same", "is_duplicate", "label", "gold_label")
SAME = {"1", "1.0", "true", "yes", "same", "paraphrase", "duplicate", "entailment", "equivalent"}
DIFFERENT = {"0", "0.0", "false", "no", "different", "not_paraphrase", "neutral", "contradiction", "not_equivalent"}
NO_LABEL = {"-", ""}  # as where annotators did not agree


@dataclass(frozen=True)
class Pairs:
    """Texts two and two, and what is said of each pair; `left_out` had no label."""

    first: list[str]
    second: list[str]
    said: list[str]
    left_out: int = 0

    def __len__(self):
        return len(self.said)

    @property
    def scores(self):
        """What is said, as numbers (N,). HornbookError where it is none."""
        numbers = [_number(said) for said in self.said]
        wrong = [said for said, number in zip(self.said, numbers) if number is None]
        if wrong:
            raise HornbookError(f'pairs need a score each; "{wrong[0]}" is none.')
        return np.array(numbers)

    def same(self, same_from=None):
        """Whether each pair means the same (N,): by its label, or a score of at least `same_from`.

        Raises HornbookError for a label in neither SAME nor DIFFERENT, and for scores where `same_from` is not given.
        """
        if same_from is not None:
            return self.scores >= same_from
        words = [said.lower() for said in self.said]
        wrong = sorted({word for word in words if word not in SAME | DIFFERENT})
        if not wrong:
            return np.array([word in SAME for word in words])
        if all(_number(word) is not None for word in wrong):
            scores = self.scores
            raise HornbookError(f"the pairs have scores from {scores.min():g} to {scores.max():g}; say from which on a"
                                f" pair is the same: --same-from {0.8 * scores.max():g}")  # fmt: skip
        raise HornbookError(f'"{wrong[0]}" says neither same nor different; same is one of {", ".join(sorted(SAME))},'
                            f" different one of {', '.join(sorted(DIFFERENT))}.")  # fmt: skip


def load_pairs(path, encoding="utf-8"):
    """The `Pairs` of a table between tabs, commas or semicolons, or of .jsonl.

    Columns are known by their names (TEXTS, SAYS); without a header, the score is the last column of numbers, and the
    texts the two that follow it, or that stand first. Raises HornbookError naming the file, or the line that does not
    fit.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise HornbookError(f'there is no file "{path}".{similar(path)}')
    with path.open("rb") as file:
        lines = "".join(decoded(file, path, encoding)).split("\n")
    rows = _objects(path, lines) if path.suffix.lower() == ".jsonl" else _cells(path, lines)
    if not rows:
        raise HornbookError(f"{path} holds no pairs.")
    places, rows = _columns(path, rows)
    return _picked(path, rows, places)


def _picked(path, rows, places):
    kept = []
    for number, row in rows:
        if len(row) <= max(places):
            raise HornbookError(f"{path}:{number} has {len(row)} columns; it needs {max(places) + 1}.")
        kept.append([row[place].strip() for place in places])
    full = [row for row in kept if row[2] not in NO_LABEL]
    if not full:
        raise HornbookError(f"{path} holds no pair with a label.")
    if any(not (a and b) for a, b, _ in full):
        wrong = next(number for (number, _), (a, b, said) in zip(rows, kept) if said not in NO_LABEL and not (a and b))
        raise HornbookError(f"{path}:{wrong} has an empty text; a pair needs two.")
    return Pairs(*map(list, zip(*full)), left_out=len(kept) - len(full))


def _objects(path, lines):
    """The rows of JSON lines, below the names of the first."""
    found = list(json_rows(path, lines))
    names = list(found[0][1]) if found else []
    rows = [(number, [str(row.get(name, "")) for name in names]) for number, row in found]
    return [(0, names), *rows] if rows else []


def _cells(path, lines):
    filled = [line for line in lines[:1000] if line.strip()]
    mark = max("\t,;", key=(filled[0] if filled else "").count)
    if mark == "\t":  # texts between tabs hold lone quotation marks
        return [(number, line.split("\t")) for number, line in enumerate(lines, 1) if line.strip()]
    reader = csv.reader((line + "\n" for line in lines), delimiter=mark, strict=True)
    try:
        return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise HornbookError(f"{path}:{reader.line_num} is not a table: {error}.") from error


def _columns(path, rows):
    """((first text, second text, what is said), rows without the header)."""
    names = [cell.strip().lower() for cell in rows[0][1]]
    texts = next((pair for pair in TEXTS if set(pair) <= set(names)), None)
    says = next((name for name in SAYS if name in names), None)
    if texts and says:
        return (names.index(texts[0]), names.index(texts[1]), names.index(says)), rows[1:]
    width, sample = len(names), [row for _, row in rows[:200]]
    told = [place for place in range(width) if all(len(row) > place and _says(row[place]) for row in sample)]
    if width >= 3 and told:
        said = told[-1]
        first = said + 1 if said + 2 < width else 0 if said >= 2 else None
        if first is not None:
            return (first, first + 1, said), rows
    raise HornbookError(
        f"{path}: which columns are the two texts, and which says whether they are the same? The first line is"
        f" {', '.join(rows[0][1])[:80]}; name them in it: text1, text2, label."
    )


def _says(cell):
    return _number(cell) is not None or cell.strip().lower() in SAME | DIFFERENT


def _number(cell):
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
