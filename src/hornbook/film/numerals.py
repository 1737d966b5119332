"""Numbers in sentences: "loss {lm.loss[-1]:.2f}" → the words, and where each numeral in them comes from."""

import re
from typing import NamedTuple

import numpy as np

from hornbook.errors import HornbookError

MINUS = "−"
_SLOT = re.compile(r"\{(=?)([^{}]*)\}")
_NAME = re.compile(r"([\w.\-]+)(?:\[([-\d, ]+)\])?(?::(.+))?")
_NUMERAL = re.compile(r"(?<![A-Za-z])\d[\d.,]*")  # the 2 of word2vec is a letter of its name


class Printed(NamedTuple):
    """One value on the screen: `text` is the recording's `name` at `index`, written as `form` says."""

    name: str
    index: tuple
    form: str
    text: str


class Filled(NamedTuple):
    """A sentence with its slots filled: its text, the values in it, and the numerals that nobody vouches for."""

    text: str
    printed: tuple
    loose: tuple


def fill(template, recording, marked=False):
    """Put values into `{name}`, `{name[3]:.2f}`, `{name[0,2]:.1%}`; `{=2}` is a numeral that is no measurement.

    `marked` vouches for every numeral of the template. Raises HornbookError for a slot that cannot be read.
    """
    text, printed, loose, end = "", [], [], 0
    for slot in _SLOT.finditer(template):
        between, end = template[end : slot.start()], slot.end()
        loose += _NUMERAL.findall(between)
        if slot[1]:
            text += between + slot[2]
        else:
            printed.append(_slot(slot[2], recording))
            text += between + printed[-1].text
    loose += _NUMERAL.findall(template[end:])
    return Filled(text + template[end:], tuple(printed), () if marked else tuple(loose))


def printed(recording, name, index=(), form=""):
    """The value of a name at an index as it stands on the screen: Printed."""
    index = tuple(index) if isinstance(index, (tuple, list)) else (index,)
    return Printed(name, index, form, written(at(recording, name, index), form, name))


def at(recording, name, index=()):
    """One element of a recorded value. Raises HornbookError when the index lies outside it."""
    value = recording[name]
    try:
        for place in index:
            value = value[place]
    except (IndexError, TypeError) as error:
        shape = np.shape(recording[name])
        raise HornbookError(f'"{name}" has no element {list(index)}: its shape is {shape}.') from error
    return value


def written(value, form, name="a value"):
    """A number as people read it: a real minus, 12,345 with a comma. A fraction needs its `form`, as ".2f"."""
    if isinstance(value, str):
        return value
    if np.ndim(value):
        raise HornbookError(f'"{name}" holds {np.shape(value)} values: say which one, as in {{{name}[0]}}.')
    whole = isinstance(value, (int, np.integer)) or (not form and float(value).is_integer())
    if not form and not whole:
        raise HornbookError(f'"{name}" is a fraction: say how many digits, as in {{{name}:.2f}}.')
    text = format(value, f",{form or '.0f'}" if form[-1:] in ("", "f") else form)  # 12,345 whatever its digits
    if not re.search(r"[1-9]", text):
        text = text.lstrip("-")  # no −0.00
    return text.replace("-", MINUS)


def _slot(inside, recording):
    found = _NAME.fullmatch(inside.strip())
    if not found:
        raise HornbookError(f'cannot read "{{{inside}}}": {{name}}, {{name[3]:.2f}} or, for no measurement, {{=2}}.')
    index = tuple(int(place) for place in found[2].split(",")) if found[2] else ()
    return printed(recording, found[1], index, found[3] or "")
