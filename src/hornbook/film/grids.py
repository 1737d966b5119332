"""Matrices with heat, and tables: cells on a grid, every numeral on its baseline."""

import numpy as np
from manim import Square, VGroup

from hornbook.film.lettering import SIZES, lettered
from hornbook.film.numerals import Filled
from hornbook.film.words import rule
from hornbook.palette import FAINT, FAMILIES, HEAT, INK, PAPER, blend

GAP = 0.05


class Grid(VGroup):
    """Rows of labels, with a cell behind each in a matrix: `.values[i][j]`, `.cells[i][j]`, `.row(i)`, `.column(j)`."""

    def __init__(self):
        super().__init__()
        self.scanned = False  # looked over rather than read word by word
        self.values, self.cells, self.row_labels, self.column_labels = [], [], [], []

    def row(self, i):
        """Row i: its cells, values and label."""
        parts = [*(self.cells[i] if self.cells else []), *self.values[i], *self.row_labels[i : i + 1]]
        return VGroup(*parts)

    def column(self, j):
        """Column j: its cells and values."""
        parts = [row[j] for row in self.cells] + [row[j] for row in self.values]
        return VGroup(*parts)


def heat(value, largest, family):
    """The background of a cell: the family's colour, or slate below 0, as strong as the value is large."""
    colour = FAMILIES[family if value >= 0 else "negative"].dark
    return blend(PAPER.dark, colour, HEAT * min(abs(value) / (largest or 1.0), 1.0))


def matrix(labels, numbers, family, width, height=0.5):
    """A Grid of Labels over coloured cells; `numbers` (rows, columns) give the heat, None none. Sizes in units."""
    grid = Grid()
    grid.scanned = True
    largest = 0.0 if numbers is None else float(np.abs(numbers).max())
    for i, row in enumerate(labels):
        grid.values.append(row)
        grid.cells.append([])
        for j, label in enumerate(row):
            cell = Square(1, stroke_width=0).stretch_to_fit_width(width).stretch_to_fit_height(height)
            cell.set_fill(PAPER.dark if numbers is None else heat(numbers[i][j], largest, family), 1)
            cell.move_to([j * (width + GAP), -i * (height + GAP), 0])
            label.stand(cell.get_center()[0], cell.get_center()[1] - 0.09, "middle")
            grid.cells[-1].append(cell)
            grid.add(cell)
    for row in labels:
        grid.add(*row)
    return grid


def name_rows(grid, labels):
    """Labels to the left of the rows of a matrix, right-aligned."""
    for row, label in zip(grid.cells, labels):
        label.stand(row[0].get_left()[0] - 0.22, row[0].get_center()[1] - 0.09, "right")
    grid.row_labels = list(labels)
    return grid.add(*labels)


def name_columns(grid, labels):
    """Labels over the columns of a matrix."""
    for cell, label in zip(grid.cells[0], labels):
        label.stand(cell.get_center()[0], cell.get_top()[1] + 0.16, "middle")
    grid.column_labels = list(labels)
    return grid.add(*labels)


def dots(grid, across, down):
    """Three dots where the recorded matrix goes on: to the right, below, or both."""
    last, below = grid.cells[0][-1], grid.cells[-1]
    if across:
        for row in grid.cells:
            mark = lettered(Filled("…", (), ()), SIZES["detail"], colours=FAINT.dark, role="tick")
            grid.add(mark.move_to([last.get_right()[0] + 0.32, row[0].get_center()[1], 0]))
    if down:
        for cell in below:
            mark = lettered(Filled("⋮", (), ()), SIZES["detail"], colours=FAINT.dark, role="tick")
            grid.add(mark.move_to([cell.get_center()[0], cell.get_bottom()[1] - 0.26, 0]))
    return grid


def table(labels, align, widths=None, height=0.52):
    """A Grid of Labels in columns, the first row over a thin rule; `align` is a letter a column: l, c or r."""
    grid = Grid()
    columns = list(zip(*labels))
    widths = widths or [max(label.width for label in column) + 0.55 for column in columns]
    edges = np.concatenate([[0.0], np.cumsum(widths)])
    for i, row in enumerate(labels):
        y = -i * height - (0.12 if i else 0.0)
        for j, label in enumerate(row):
            left, right = edges[j], edges[j + 1] - 0.55
            x, side = {"l": (left, "left"), "c": ((left + right) / 2, "middle"), "r": (right, "right")}[align[j]]
            label.stand(x, y, side)
        grid.values.append(list(row))
        grid.add(*row)
    grid.rule = rule(edges[-1] - 0.55 + 0.2).move_to([(edges[-1] - 0.55) / 2, -0.2, 0])
    for label in grid.values[0]:
        label.set_color(FAINT.dark if label.role == "head" else INK.dark)
    return grid.add(grid.rule)
