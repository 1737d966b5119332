"""Two answers beside each other: the same, or the first difference by name and shape."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """The first place where two answers differ; everything as it is shown to a person.

    `kind` is type, shape, length, keys, nan, digits, value (of numbers), text or other. `name` says where:
    "hidden[0, 2]". The forms tell type and shape of the part that differs. `count` of `of` numbers differ, where the
    part is an array.
    """

    kind: str
    name: str
    yours: str
    right: str
    your_form: str
    right_form: str
    count: int = 1
    of: int = 1


OF_FLOAT32 = 1e-5  # tolerance for numbers of 7 digits, after some sums
NEAR = 1e-6  # relative; numbers that agree so far and no further are told so
SHORT = 36  # characters of a text that is shown whole


class Yielded(list):
    """What a generator gave, all of it."""


def difference(yours, right, outputs=(), tolerance=1e-9, name=""):
    """None where `yours` is as `right`, else the first Difference.

    Numbers are compared within `tolerance`, relative and absolute, whole numbers exactly, float32 within 1e-5 at least
    (unless the tolerance is 0); tensors and sparse matrices as arrays; NaN equals NaN. A list, or an array
    of one axis, passes for a tuple whose parts have names (`outputs`).
    """
    if tolerance and (_is_float32(yours) or _is_float32(right)):
        tolerance = max(tolerance, OF_FLOAT32)
    yours, right = plain(yours), plain(right)
    if outputs and isinstance(right, tuple):
        yours = tuple(yours) if isinstance(yours, list) or getattr(yours, "ndim", 0) == 1 else yours
    kinds = kind_of(yours), kind_of(right)
    if isinstance(right, Yielded) and kinds[0] == "list":
        kinds = kinds[1], kinds[1]
    if kinds[0] != kinds[1]:
        return _told("type", name, yours, right)
    compare = COMPARE.get(kinds[1], _others)
    return compare(yours, right, name, tolerance, outputs)


def _is_float32(value):
    return str(getattr(value, "dtype", "")).endswith("float32")


def plain(value):
    """A tensor or sparse matrix as an array; an array or tensor without dimensions as a number."""
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        value = value.detach().cpu()
        value = (value.float() if "bfloat16" in str(value.dtype) else value).numpy()
    elif hasattr(value, "toarray"):
        value = value.toarray()
    return value.item() if hasattr(value, "dtype") and getattr(value, "shape", None) == () else value


def kind_of(value):
    """One word for what a plain value is; words of COMPARE are compared part by part."""
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return "array"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float, complex)):
        return "number"
    for kind, types in {"str": str, "bytes": (bytes, bytearray), "generator": Yielded, "list": list}.items():
        if isinstance(value, types):
            return kind
    for kind, types in {"tuple": tuple, "dict": dict, "set": (set, frozenset)}.items():
        if isinstance(value, types):
            return kind
    return type(value).__name__


def form(value):
    """Type and shape in a few words: "array (2, 12) float64", "list of 3", "str of 14 characters"."""
    value, kind = plain(value), kind_of(plain(value))
    if kind == "array":
        return f"array {tuple(value.shape)} {value.dtype}"
    if kind == "number":
        return type(value).__name__
    if kind in ("str", "bytes"):
        return f"{kind} of {len(value):,} characters"
    if kind in ("list", "tuple", "dict", "set", "generator"):
        return f"{kind} of {len(value):,}"
    return "nothing (None)" if value is None else kind


def brief(value, width=48):
    """A value in at most `width` characters."""
    text = f"{value:.6g}" if isinstance(value, float) else repr(value)
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1] + "…"


def _told(kind, name, yours, right, shown=None, **more):
    shown = shown or (brief(yours), brief(right))
    return Difference(kind, name or "answer", *shown, form(yours), form(right), **more)


def _numbers(yours, right, name, tolerance, _outputs):
    if _same_number(yours, right, tolerance):
        return None
    kind = "nan" if _odd(yours) and not _odd(right) else "value"
    if isinstance(yours, float) and math.isclose(yours, right, rel_tol=NEAR):
        kind = "digits"
    return _told(kind, name, yours, right, _digits(yours, right))


def _same_number(yours, right, tolerance):
    if isinstance(yours, int) and isinstance(right, int):
        return yours == right
    if isinstance(yours, complex) or isinstance(right, complex):
        return yours == right or abs(yours - right) <= tolerance * max(1, abs(right))
    if math.isnan(yours) or math.isnan(right):
        return math.isnan(yours) and math.isnan(right)
    return math.isclose(yours, right, rel_tol=tolerance, abs_tol=tolerance)


def _odd(number):
    return not isinstance(number, (int, complex)) and not math.isfinite(number)


def _digits(yours, right):
    """Two numbers with as many digits as tell them apart, six at least."""
    if isinstance(yours, (int, bool)) and isinstance(right, (int, bool)):
        return str(yours), str(right)
    for digits in (6, 9, 12, 15, 17):
        shown = f"{yours:.{digits}g}", f"{right:.{digits}g}"
        if shown[0] != shown[1]:
            break
    return shown


def _arrays(yours, right, name, tolerance, _outputs):
    import numpy as np

    yours, right = np.asarray(yours), np.asarray(right)
    if yours.shape != right.shape:
        return _told("shape", name, yours, right, (str(yours.shape), str(right.shape)))
    if yours.dtype.kind in "biufc" and right.dtype.kind in "biufc":
        whole = yours.dtype.kind in "biu" and right.dtype.kind in "biu"
        apart = yours != right if whole else ~np.isclose(yours, right, tolerance, tolerance, equal_nan=True)
    else:
        apart = np.array([a != b for a, b in zip(yours.ravel(), right.ravel())], bool).reshape(yours.shape)
    if not apart.any():
        return None
    index = np.unravel_index(int(np.argmax(apart)), apart.shape)
    first = difference(yours[index], right[index], (), tolerance)
    shown = (first.yours, first.right) if first else (brief(yours[index]), brief(right[index]))
    where = f"{name or 'answer'}[{', '.join(str(int(place)) for place in index)}]"
    kind = first.kind if first else "value"
    if kind == "digits" and not np.allclose(yours, right, NEAR, tolerance, equal_nan=True):
        kind = "value"
    return _told(kind, where, yours, right, shown, count=int(apart.sum()), of=apart.size)


def _texts(yours, right, name, _tolerance, _outputs):
    if yours == right:
        return None
    if max(len(yours), len(right)) <= SHORT:
        return _told("text", name, yours, right)
    place = next((i for i, (a, b) in enumerate(zip(yours, right)) if a != b), min(len(yours), len(right)))
    inside = slice(max(0, place - SHORT // 3), place + SHORT - SHORT // 3)
    return _told("text", f"{name or 'answer'}[{place}]", yours, right, (brief(yours[inside]), brief(right[inside])))


def _rows(yours, right, name, tolerance, outputs):
    """Lists and tuples: the first part that differs, else that one is longer."""
    for place, (mine, theirs) in enumerate(zip(yours, right)):
        part = outputs[place] if len(outputs) > place else f"{name}[{place}]" if name else f"answer[{place}]"
        if found := difference(mine, theirs, (), tolerance, part):
            return found
    if len(yours) == len(right):
        return None
    place = min(len(yours), len(right))
    extra = [brief(row[place]) if len(row) > place else "(nothing)" for row in (yours, right)]
    return _told("length", f"{name or 'answer'}[{place}]", yours, right, tuple(extra))


def _dicts(yours, right, name, tolerance, _outputs):
    missing = [key for key in right if key not in yours]
    extra = [key for key in yours if key not in right]
    if missing or extra:
        return _told("keys", name, yours, right, _without(missing, extra))
    for key in right:
        if found := difference(yours[key], right[key], (), tolerance, f"{name or 'answer'}[{brief(key, 24)}]"):
            return found
    return None


def _sets(yours, right, name, _tolerance, _outputs):
    missing, extra = sorted(right - yours, key=repr), sorted(yours - right, key=repr)
    return _told("keys", name, yours, right, _without(missing, extra)) if missing or extra else None


def _without(missing, extra):
    """What one side has and the other has not."""
    return (
        f"has {', '.join(brief(key, 16) for key in extra[:3])}" if extra else "lacks what is right",
        f"has {', '.join(brief(key, 16) for key in missing[:3])}" if missing else "has nothing more",
    )


def _others(yours, right, name, _tolerance, _outputs):
    return None if yours is right or yours == right else _told("other", name, yours, right)


COMPARE = {
    "array": _arrays,
    "number": _numbers,
    "str": _texts,
    "bytes": _texts,
    "list": _rows,
    "generator": _rows,
    "tuple": _rows,
    "dict": _dicts,
    "set": _sets,
}
