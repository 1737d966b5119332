"""The rules of the layout: each looks at a snapshot and yields (rule, what, words)."""

import itertools

import numpy as np

from hornbook.palette import PAPER, contrast

FRAME = (-6.6, -3.2, 6.6, 3.7)
RAIL, HEADER_TOP = -3.3, 3.9
TITLE, CONTENT, LEAST = 48, 24, 18
APART, CONTRAST = 0.5, 4.5
_HAIR = 0.02  # ink may touch: neighbours of a line of text do


def frame(now):
    """Inside ±6.6 × (−3.2, 3.7); below −3.3 is the captions' rail; a header stays under the edge."""
    for it in [*now.words, *now.shapes]:
        left, bottom, right, top = it.box
        role = it.label.role if hasattr(it, "label") else ""
        if bottom < RAIL - _HAIR:
            yield "rail", name_of(it), f"reaches y = {bottom:.2f}; below {RAIL} is the captions' rail"
        elif role == "header" and top > HEADER_TOP + _HAIR:
            yield "header", name_of(it), f"its top is y = {top:.2f}, more than {HEADER_TOP}"
        elif _outside(it.box, role):
            yield "frame", name_of(it), f"spans x {left:.2f} … {right:.2f}, y {bottom:.2f} … {top:.2f}: outside {FRAME}"


def _outside(box, role):
    top = HEADER_TOP if role == "header" else FRAME[3]
    return box[0] < FRAME[0] - _HAIR or box[2] > FRAME[2] + _HAIR or box[1] < FRAME[1] - _HAIR or box[3] > top + _HAIR


def text_over_text(now):
    """No two labels share any of the frame, moving or not; but a copy comes out of its original, or goes into it."""
    boxes = now.boxes()
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    over = np.triu((high - low > _HAIR).all(axis=2), 1)
    for a, b in np.argwhere(over):
        if not now.resting and is_copy(now.words[a], now.words[b]):
            continue
        yield "text over text", f"{name_of(now.words[a])} / {name_of(now.words[b])}", "share a place"


def is_copy(one, other):
    """Whether two labels say the same: then one is on its way out of the other, or into it."""
    return one.label.string == other.label.string


def border_through_text(now):
    """No outline of a shape runs through a label, moving or not."""
    boxes = now.boxes()
    if not len(boxes) or not now.shapes:
        return
    inner = boxes + np.array([_HAIR, _HAIR, -_HAIR, -_HAIR])
    outer = np.array([shape.box for shape in now.shapes])
    near = ((outer[:, None, :2] < inner[None, :, 2:]) & (outer[:, None, 2:] > inner[None, :, :2])).all(axis=2)
    for s, w in np.argwhere(near):
        shape = now.shapes[s]
        if _crosses(shape.pieces, inner[w]).any():
            yield "border", f"{name_of(shape)} / {name_of(now.words[w])}", "a line runs through the text"


def _crosses(pieces, box):
    """Whether each straight piece (S, 4) meets a box: the part of it between the box's sides is not empty."""
    start, step = pieces[:, :2], pieces[:, 2:] - pieces[:, :2]
    with np.errstate(divide="ignore", invalid="ignore"):  # ±inf for pieces along an axis is what is meant
        one, other = (box[:2] - start) / step, (box[2:] - start) / step
    enter, leave = np.minimum(one, other), np.maximum(one, other)
    return np.maximum(enter.max(axis=1), 0) <= np.minimum(leave.min(axis=1), 1)


def sizes(now):
    """Titles at most 48, content at most 24, nothing to be read under 18: as it stands, scaling included."""
    for it in now.words if now.resting else ():
        size = it.label.size * it.label.scaled
        most = TITLE if it.label.role in ("header", "title") else CONTENT
        if size > most + 0.3 or size < LEAST - 0.3:
            yield "size", name_of(it), f"its size is {size:.1f}: from {LEAST} to {most} it may be"


def apart(now):
    """Texts of different blocks stand at least 0.5 from each other when nothing moves."""
    if not now.resting or not now.words:
        return
    boxes = now.boxes()
    blocks = np.array([-1 if it.label.block is None else it.label.block for it in now.words])
    gaps = np.maximum(boxes[:, None, :2] - boxes[None, :, 2:], boxes[None, :, :2] - boxes[:, None, 2:])
    distance = np.hypot(*np.moveaxis(np.maximum(gaps, 0), 2, 0))
    overlapping = (gaps < -_HAIR).all(axis=2)
    close = np.triu((distance < APART - 0.01) & ~overlapping & (blocks[:, None] != blocks[None]), 1)
    for a, b in np.argwhere(close):
        pair = f"{name_of(now.words[a])} / {name_of(now.words[b])}"
        yield "distance", pair, f"{distance[a, b]:.2f} apart, {APART} is the least between blocks"


def legible(now):
    """Each colour of a label against what is drawn behind it, and over it: at least 4.5 : 1 when nothing moves."""
    paper = _channels(PAPER.dark)
    for it in now.words if now.resting else ():
        worst = 21.0
        for box, fill in it.inks:
            under, ink = paper, None
            middle = (box[:2] + box[2:]) / 2
            for shape in now.shapes:
                if shape.fill[3] > 0 and (shape.box[:2] <= middle).all() and (shape.box[2:] >= middle).all():
                    if shape.order > it.order and ink is None:
                        ink = _mix(under, fill)
                    under = _mix(under, shape.fill)
                    ink = ink if ink is None else _mix(ink, shape.fill)
            ink = _mix(under, fill) if ink is None else ink
            worst = min(worst, contrast(_hex(ink), _hex(under)))
        if worst < CONTRAST:
            yield "contrast", name_of(it), f"{worst:.1f} : 1 against its background, {CONTRAST} is the least"


def numerals(now):
    """Every numeral comes from the recording or is marked."""
    for it in now.words:
        if it.label.loose:
            yield "numeral", name_of(it), unnamed(it.label.loose)


def unnamed(loose):
    """What is said of numerals that nobody vouches for."""
    return f"{', '.join(loose)}: from no recording; {{name}} or {{=…}}"


EACH = (frame, text_over_text, border_through_text, sizes, apart, legible, numerals)


def look(now):
    """All findings of a snapshot."""
    return itertools.chain.from_iterable(rule(now) for rule in EACH)


def name_of(it):
    """What a person calls it: the words of a label, the class of a shape."""
    if hasattr(it, "label"):
        text = " ".join(it.label.string.split())
        return f'"{text[:37]}…"' if len(text) > 38 else f'"{text}"'
    return type(it.mobject).__name__


def _channels(colour):
    return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def _mix(under, over):
    return under + (over[:3] - under) * over[3]


def _hex(colour):
    return "#" + "".join(f"{round(float(c) * 255):02x}" for c in np.clip(colour, 0, 1))
