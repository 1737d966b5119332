"""From an array to the few cells of it that a person can read: folded axes, short numbers, labelled places."""

from itertools import product
from math import floor, log10
from typing import NamedTuple

import numpy as np

GAP = "…"
MARKS = str.maketrans({"\n": "↵", "\r": "␍", "\t": "⇥", " ": "␣"})
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Limits(NamedTuple):
    """The most that is shown of a long array."""

    panels: int = 4
    rows: int = 8
    columns: int = 10


USUAL = Limits()


class Cell(NamedTuple):
    """One number as text, and its size from −1 to 1 beside the largest of its array: nan where it is not finite."""

    text: str
    size: float = 0.0


class Panel(NamedTuple):
    """Two axes of an array, folded: names of the columns, and a name and the cells of each row."""

    title: str
    columns: list
    rows: list


def fold(size, limit):
    """Which of `size` places to show when there is room for `limit`: all, or the first and the last around one None."""
    if size <= limit:
        return list(range(size))
    last = max(0, (limit - 1) // 2)
    return [*range(limit - 1 - last), None, *range(size - last, size)]


def panels(array, letters="", labels=None, limits=USUAL):
    """The array as a list of Panels, and the unit of its cells ("× 10⁻⁵", or "" for 1).

    The last axis runs to the right, the one before it down, and each place of the others is a panel; None stands for
    the panels left out. `letters` name the axes ("B A T K"), `labels` the places along a letter: {"T": tokens}.
    """
    array, names = _framed(np.asarray(array), letters)
    write, unit = number_format(array)
    sizes = _sizes(array)
    rows, columns = fold(array.shape[-2], limits.rows), fold(array.shape[-1], limits.columns)
    row_names, column_names = (_names(places, name, labels) for places, name in zip((rows, columns), names[-2:]))
    found = []
    for place in product(*(fold(size, limits.panels) for size in array.shape[:-2])):
        if None in place:
            found += [None] if found[-1] is not None else []
            continue
        cells = [[_cell(array[place], sizes[place], row, column, write) for column in columns] for row in rows]
        title = ", ".join(f"{name} {index}".strip() for name, index in zip(names, place))
        found.append(Panel(title, column_names, list(zip(row_names, cells))))
    return found, unit


def number_format(array):
    """A function from one number of the array to its text, and the unit to multiply all texts by.

    The largest number gets four figures or three, the others as many decimals. Exactly 0 is "0", and only that.
    """
    if array.dtype.kind in "biu":
        return str, ""
    largest = np.max(np.abs(array), initial=0.0, where=np.isfinite(array))
    exponent = max(-307, floor(log10(largest))) if largest else 0  # 10⁻³⁰⁸ and less is not a normal number
    power = 0 if -3 <= exponent <= 4 else exponent
    decimals = 3 if power else min(5, max(0, 3 - exponent if exponent > 0 else 3, 2 - exponent))

    def write(value):
        return "0" if value == 0 else f"{value / 10.0**power:.{decimals}f}"

    return write, f"× 10{str(power).translate(SUPERSCRIPTS)}" if power else ""


def readable(token):
    """A token as one visible word: a space is ␣, a line's end ↵, what cannot be printed is escaped."""
    shown = token.translate(MARKS)
    return shown if shown.isprintable() else shown.encode("unicode_escape").decode()


def _framed(array, letters):
    """At least two axes, no panel axis of one place in front, and a name for each axis."""
    names = letters.split() if len(letters.split()) == array.ndim else [""] * array.ndim
    while array.ndim > 2 and array.shape[0] == 1:
        array, names = array[0], names[1:]
    missing = max(0, 2 - array.ndim)
    return array[(None,) * missing], [""] * missing + names


def _sizes(array):
    """Each number divided by the largest. Whole numbers are names or counts: they are 0, and get no colour."""
    if array.dtype.kind in "biu":
        return np.zeros(array.shape)
    finite = np.isfinite(array)
    largest = np.max(np.abs(array), initial=0.0, where=finite) or 1.0
    return np.divide(array, largest, out=np.full(array.shape, np.nan), where=finite)


def _names(places, letter, labels):
    known = (labels or {}).get(letter, ())
    if len(places) == 1 and not known:
        return [""]  # nothing to tell it from
    return [GAP if at is None else readable(known[at]) if at < len(known) else str(at) for at in places]


def _cell(array, sizes, row, column, write):
    if row is None or column is None:
        return Cell("" if row is None else GAP)
    return Cell(write(array[row, column]), float(sizes[row, column]))
