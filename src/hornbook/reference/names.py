"""Names of numbers: find what one means, check that arrays have the shapes their names declare, write the page of them.

The rows are in name_table.py (language models), word_name_table.py (words and documents) and sentence_name_table.py.
"""

import numpy as np

from hornbook.errors import HornbookError, nearest
from hornbook.reference import name_table, sentence_name_table, word_name_table
from hornbook.reference.name_table import Entry

__all__ = ["LETTERS", "NUMBERS", "PARAMETERS", "Entry", "check_shapes", "find", "page"]

LETTERS = name_table.LETTERS | word_name_table.LETTERS | sentence_name_table.LETTERS
NUMBERS = name_table.NUMBERS | word_name_table.NUMBERS | sentence_name_table.NUMBERS
PARAMETERS = name_table.PARAMETERS | word_name_table.PARAMETERS | sentence_name_table.PARAMETERS
BUILT_ON = sentence_name_table.BUILT_ON


def find(name, model):
    """The Entry of a concrete name: "layers.3.attn.q" has that of layers.i.attn.q, "grad.…" one made from it.

    Raises HornbookError for a name that the model does not have.
    """
    if name.startswith("grad."):
        of = name.removeprefix("grad.")
        return Entry(find(of, model).shape, f"∂loss/∂{of}", f"how the loss changes with {of}")
    table = {}
    for part in BUILT_ON.get(model, (model,)):
        table |= NUMBERS[part] | PARAMETERS[part]
    pattern = ".".join("i" if part.isdigit() else part for part in name.split("."))
    if name not in table and pattern not in table:
        raise HornbookError(f'the {model} has nothing named "{name}".{nearest(pattern, table)}')
    return table.get(name) or table[pattern]  # layers.0.w_x has a row of its own


def check_shapes(arrays, model, sizes=None):
    """Check every array of a trace, or of parameters, against the table; one letter is one size everywhere.

    `sizes` are letters known beforehand, such as `config.sizes`. Returns the size of every letter met. Raises
    HornbookError for a name that is not in the table, ValueError for the first array of another shape than its letters.
    """
    sizes = dict(sizes or {})
    for name in arrays:
        shape, letters = np.shape(arrays[name]), [_times(word) for word in find(name, model).shape.split()]
        for (times, letter), size in zip(letters, shape):
            sizes.setdefault(letter, size // times)
        declared = tuple(times * sizes.get(letter, 0) for times, letter in letters)
        if shape != declared:
            words = ", ".join(find(name, model).shape.split())
            raise ValueError(f"{name} is {shape}; it is declared as ({words}), here {declared}")
    return sizes


def _times(word):
    """4H is (4, "H"), H is (1, "H")."""
    return int(word[:-1] or 1), word[-1]


def page():
    """The whole table in Markdown, as docs/names.md has it."""
    lines = ["# Names of numbers", "", "Written by `python -m hornbook.reference.names > docs/names.md`.", ""]
    lines += ["In a name, `i` is the number of a layer, from 0. `grad.<name>` is ∂loss/∂name, shaped like `<name>`."]
    lines += ["Brackets say which choice a row belongs to: (head untied).", "", "## Letters of shapes", ""]
    lines += _table("letter | is the number of", LETTERS.items())
    for model in NUMBERS:
        lines += ["", f"## Numbers of the {model}, in the order they are made", ""]
        lines += _table("name | shape | formula | meaning", _rows(NUMBERS[model]))
        if PARAMETERS[model]:
            lines += ["", f"## Parameters of the {model}", ""]
            lines += _table("name | shape | meaning", ((*row[:2], row[3]) for row in _rows(PARAMETERS[model])))
    for model, parts in BUILT_ON.items():
        lines += ["", f"## Numbers of the {model} encoder", ""]
        lines += [f"Those of the {', then of the '.join(parts)}; so its gradients."]
    return "\n".join(lines) + "\n"


def _rows(entries):
    for name, entry in entries.items():
        yield f"`{name}`", f"({', '.join(entry.shape.split())})", entry.formula, entry.meaning


def _table(heads, rows):
    bars = [" | ".join("---" for _ in heads.split(" | "))]
    return [f"| {line} |" for line in [heads, *bars, *(" | ".join(row) for row in rows)]]


if __name__ == "__main__":
    print(page(), end="")
