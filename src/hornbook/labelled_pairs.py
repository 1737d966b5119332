"""Pairs and triplets that people marked: what a sentence encoder learns from, and how it does on those held out."""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hornbook import pairs
from hornbook.errors import HornbookError
from hornbook.files import write_text
from hornbook.paraphrases import pair_similarities
from hornbook.reference.metrics import ranks, spearman
from hornbook.run import PAIRS
from hornbook.threshold import fit_threshold, pair_f1, told_in_folds
from hornbook.yardsticks import Cases

TRIPLET = ("anchor", "positive", "negative")
KINDS = {  # what is said of the texts -> (the losses that learn from it, the one that is taken)
    "same": (("margin", "info_nce", "cosine_mse"), "margin"),
    "score": (("cosent", "cosine_mse"), "cosent"),
    "triplet": (("info_nce", "triplet"), "info_nce"),
}
HELD_OUT = 0.1


class Marked:
    """Marked texts in the shape of a corpus: `rows` are (part, texts, number); `kind` is a word of KINDS.

    Raises HornbookError for fewer than ten rows, and labels that are all alike.
    """

    def __init__(self, path, objective="auto"):
        self.source, self.name, self.licence = str(path), Path(path).stem, "licence not stated"
        self.kind, rows = _read(path)
        self.loss = _loss(self.kind, objective)
        if self.loss == "info_nce" and self.kind == "same":
            rows = [row for row in rows if row[1] == 1]  # those that differ only at random are in the batch already
        said = {number for _, number in rows}
        if len(rows) < 10 or (self.kind != "triplet" and self.loss != "info_nce" and len(said) < 2):
            what = f"{len(rows)} rows" if len(rows) < 10 else f"{len(rows)} rows that are all marked alike"
            raise HornbookError(f"{path} has {what}; an encoder learns from ten or more, of which some are alike and"
                                " some are not.")  # fmt: skip
        parts = [_part(texts) for texts, _ in rows]
        parts[-1:] = ["validation"] if "validation" not in parts else parts[-1:]
        self.rows = [(part, texts, number) for part, (texts, number) in zip(parts, rows)]

    @property
    def columns(self):
        """Texts of a row: 2 or 3."""
        return len(self.rows[0][1])

    @property
    def about(self):
        """What a run's config keeps."""
        return {"marked": {"kind": self.kind, "loss": self.loss, "columns": self.columns, "rows": len(self.rows)}}

    @property
    def sha256(self):
        return hashlib.sha256("\n".join(map(_line, self.rows)).encode()).hexdigest()

    @property
    def characters(self):
        return sum(len(text) for _, texts, _ in self.rows for text in texts)

    def parts(self):
        """(part, True, text), the texts of a row one after another."""
        for part, texts, _ in self.rows:
            yield from ((part, True, text) for text in texts)

    def save(self, folder):
        write_text(folder / PAIRS, "".join(f"{_line(row)}\n" for row in self.rows))


def load_marked(folder, part):
    """(texts (n, columns), numbers (n,)) of a part of a run's rows; numbers from 0 to 1."""
    lines = map(json.loads, (Path(folder) / PAIRS).read_text(encoding="utf-8").splitlines())
    rows = [(row["texts"], row["number"]) for row in lines if row["part"] == part]
    return [texts for texts, _ in rows], np.array([number for _, number in rows], float)


class Told(NamedTuple):
    """What an encoder makes of the held-out rows: `numbers` for JSON, the `Cases` of the figure called `name`, and the
    rows it got most wrong: their texts, and what is to be said of them."""

    name: str
    numbers: dict
    cases: Cases
    mistakes: list[tuple[list[str], str]]

    def beats(self, other):
        """By how much the figure is above that of `other`, on the same rows: the `Figure` of a paired bootstrap."""
        return self.cases.gain(other.cases)


def measured(encoder, folder, kind):
    """The `Told` of an encoder: F1 of "same" by a threshold, Spearman's ρ with the scores, or triplets told right.

    Raises HornbookError where the held-out rows are too few for a threshold.
    """
    texts, numbers = load_marked(folder, "validation")
    columns = list(zip(*texts))
    near = pair_similarities(encoder, *columns[:2]).astype(float)
    if kind == "triplet":
        far = pair_similarities(encoder, columns[0], columns[2]).astype(float)
        cases, said = Cases(_share, (near > far).astype(float)), [f"{a:.3f} against {b:.3f}" for a, b in zip(near, far)]
        return Told("triplets told right", {"right": cases.figure().numbers()}, cases, _worst(texts, far - near, said))
    said = [f"marked {number:.2f}, cosine {cosine:.3f}" for number, cosine in zip(numbers, near)]
    if kind == "score":
        cases, off = Cases(spearman, near, (numbers,)), abs(ranks(near) - ranks(numbers))
        return Told("Spearman's ρ", {"spearman": cases.figure().numbers()}, cases, _worst(texts, off, said))
    same = numbers == 1
    threshold, (taken, _) = fit_threshold(near, same), told_in_folds(near, same)
    said = [f"marked {'same' if is_same else 'different'}, cosine {cosine:.3f}" for is_same, cosine in zip(same, near)]
    off = np.where(taken == same, 0, abs(near - threshold.value))
    return Told("F1", threshold.numbers(), Cases(pair_f1, taken, (same,)), _worst(texts, off, said))


def _share(right):
    return right.mean(axis=-1)


def _worst(texts, off, said, count=3):
    """(texts, what is `said` of them) of the rows with the highest `off` that is above 0."""
    worst = [row for row in np.argsort(-off, kind="stable")[:count] if off[row] > 0]
    return [(texts[row], said[row]) for row in worst]


def _read(path):
    triplets = _triplets(path)
    if triplets:
        return "triplet", triplets
    found = pairs.load_pairs(path)
    texts = list(zip(found.first, found.second))
    try:
        return "same", list(zip(texts, found.same().astype(float).tolist()))
    except HornbookError:
        scores = found.scores  # which says what is wrong, where they are no numbers
    if not np.ptp(scores):
        raise HornbookError(f"{path}: all {len(scores)} pairs have the score {scores[0]:g}; nothing can be learnt.")
    return "score", list(zip(texts, ((scores - scores.min()) / np.ptp(scores)).tolist()))


def _triplets(path):
    """Rows of a table or .jsonl whose columns are called TRIPLET; None where they are not."""
    path = Path(path).expanduser()
    if not path.is_file():
        return None
    lines = path.read_text(encoding="utf-8", errors="replace").lstrip("\ufeff").split("\n")
    table = pairs._objects(path, lines) if path.suffix.lower() == ".jsonl" else pairs._cells(path, lines)
    names = [name.strip().lower() for name in table[0][1]] if table else []
    if not set(TRIPLET) <= set(names):
        return None
    places = [names.index(name) for name in TRIPLET]
    short = [number for number, row in table if len(row) <= max(places)]
    if short:
        raise HornbookError(f"{path}:{short[0]} has too few columns; a triplet is {', '.join(TRIPLET)}.")
    return [(tuple(row[place] for place in places), 0.0) for _, row in table[1:]]


def _loss(kind, objective):
    fitting, usual = KINDS[kind]
    if objective == "auto":
        return usual
    if objective not in fitting:
        what = {"same": "pairs marked same or different", "score": "pairs with a score", "triplet": "triplets"}[kind]
        raise HornbookError(f"{objective} does not learn from {what}; what does: {', '.join(fitting)}.")
    return objective


def _part(texts):
    digest = hashlib.sha256("\n".join(texts).encode("utf-8", "replace")).digest()
    return "validation" if int.from_bytes(digest[:8]) / 2**64 < HELD_OUT else "train"


def _line(row):
    return json.dumps(dict(zip(("part", "texts", "number"), row)), ensure_ascii=False)
