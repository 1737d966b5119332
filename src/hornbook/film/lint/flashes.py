"""Flashes: how the light of the frame's parts goes up and down (WCAG 2.2, 2.3.1)."""

import numpy as np

from hornbook.palette import PAPER, _luminance

DOWN, ACROSS = 9, 16  # parts of the frame
CHANGE, DARK, MOST, AREA = 0.1, 0.8, 3, 0.1  # of full light; flashes a second; share of the frame
_X = (np.arange(ACROSS) + 0.5) * (128 / 9 / ACROSS) - 64 / 9
_Y = 4 - (np.arange(DOWN) + 0.5) * (8 / DOWN)
_INK = 0.25  # about the share of a text's box that is ink


def light(now):
    """(9, 16): about the relative luminance of each part of the frame, boxes painted in the order of drawing."""
    grid = np.full((DOWN, ACROSS), _luminance(PAPER.dark))
    painted = [(it.order, it.box, it.fill, 1.0) for it in now.shapes]
    painted += [(it.order, box, fill, _INK) for it in now.words for box, fill in it.inks]
    for _, box, fill, share in sorted(painted, key=lambda it: it[0]):
        part = np.ix_((box[1] <= _Y) & (box[3] >= _Y), (box[0] <= _X) & (box[2] >= _X))
        grid[part] += (_relative(fill) - grid[part]) * fill[3] * share
    return grid


def flashes(times, grids):
    """(time, flashes in the second from it) of the worst second, or None where no second has more than three."""
    grids = np.array(grids).reshape(len(times), -1)
    turns = [_turns(np.asarray(times), cell) for cell in grids.T]
    for start in sorted({time for times_of in turns for time in times_of}):
        counts = np.array([sum(start <= time < start + 1 - 1e-6 for time in times_of) for times_of in turns])
        many = counts > 2 * MOST
        if many.mean() >= AREA:
            return start, -(-int(counts.max()) // 2)
    return None


def _turns(times, cell):
    """When the light of a part changed direction by at least a tenth, with the darker below 0.8."""
    found, low, high, direction = [], cell[0], cell[0], 0
    for time, value in zip(times, cell):
        low, high = min(low, value), max(high, value)
        if direction <= 0 and value - low >= CHANGE and low < DARK:
            found.append(time)
            direction, low, high = 1, value, value
        elif direction >= 0 and high - value >= CHANGE and value < DARK:
            found.append(time)
            direction, low, high = -1, value, value
    return found


def _relative(rgba):
    linear = np.where(rgba[:3] <= 0.04045, rgba[:3] / 12.92, ((rgba[:3] + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
