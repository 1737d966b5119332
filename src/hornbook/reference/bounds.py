"""What a setting may be: a whole number or any finite one, neither smaller nor larger than makes sense, or a word."""

from math import inf
from numbers import Integral, Real

from hornbook.errors import HornbookError, nearest


def check_whole(settings, names, least=1, most=None):
    """Raise HornbookError where one of the fields `names` of `settings` is no whole number from `least` to `most`."""
    _check(settings, names, (Integral, "a whole number"), least, most)


def check_number(settings, names, least=0, most=None):
    """Raise HornbookError where one of the fields `names` of `settings` is no finite number from `least` to `most`."""
    _check(settings, names, (Real, "a finite number"), least, most)


def check_words(settings, **tables):
    """Raise HornbookError where a field of `settings` is no word of its table, with the nearest that is."""
    for name, table in tables.items():
        word = str(getattr(settings, name))
        if word not in table:
            raise HornbookError(f'{name} is "{word}".{nearest(word, table)}')


def _check(settings, names, kind, least, most):
    for name in names:
        value = getattr(settings, name)
        is_one = isinstance(value, kind[0]) and not isinstance(value, bool) and abs(value) < inf
        if not is_one or value < least or (most is not None and value > most):
            shown = f'"{value}"' if isinstance(value, str) else value
            upwards = f"of at least {least}" if most is None else f"from {least} to {most:,}"
            raise HornbookError(f"{name} is {shown}; it needs {kind[1]} {upwards}.")
