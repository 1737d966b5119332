"""From a percent source to notebooks and scripts: what becomes of each line, and sources that are wrong."""

import json
from dataclasses import dataclass

import pytest

from hornbook.errors import HornbookError
from hornbook.lessons.building import cells, makers, notebook_json, script
from hornbook.lessons.courses import COURSES, Notebook
from lessons_cases import exercise

SOURCE = '''"""Frankenstein 04: a test."""
# %% [markdown]
# # 04: A test
#
# It takes 2 s. $x^2$
# %%
import math  # noqa: F401
from hornbook.lessons import check

# %% exercise 04.1
def double(x):
    """x -> twice x."""
    y = x
    # solution
    y = y + x
    return y
    # end of solution


# %%
check("04.1", double)
# %% [markdown]
# ## Values
# %% exercise 04.2
start = 1
# solution
vocab_size = 3 + start
low, high = 1, 2
size: int = 4
def made():
    return 5
print(vocab_size)
# end of solution
# %%
check("04.2", vocab_size)
'''


@dataclass(frozen=True)
class OfTwo(Notebook):
    """A notebook with two exercises of its own."""

    def exercises(self):
        return (exercise(id="04.1", hints=("one",)), exercise(id="04.2"))


@pytest.fixture
def notebook(tmp_path):
    def write(text=SOURCE, kind=OfTwo):
        path = tmp_path / "04_a_test.py"
        path.write_text(text, encoding="utf-8")
        return kind(COURSES["frankenstein"], "04", path)

    return write


def test_the_learners_cells_have_dots_for_solutions_and_headings_for_exercises(notebook):
    built = cells(notebook())
    assert [cell.kind for cell in built] == [
        *("markdown", "code", "markdown", "exercise", "code", "markdown", "markdown", "exercise", "code")
    ]
    assert built[0].text == "# 04: A test\n\nIt takes 2 s. $x^2$"
    assert built[1].text == "import math\nfrom hornbook.lessons import check"
    assert built[3].text == 'def double(x):\n    """x -> twice x."""\n    y = x\n    ...'
    assert built[7].text.splitlines() == [
        *("start = 1", "vocab_size = ...", "low = ...", "high = ...", "size = ...", "made = ...")
    ]


def test_the_heading_tells_goal_criteria_and_how_to_get_a_hint(notebook):
    first, second = (cell.text for cell in cells(notebook()) if cell.text.startswith("### "))
    assert second == (
        "### Exercise 04.2: The softmax\n\n**Goal.** Turn scores into probabilities.\n\n**It is done when**\n\n"
        "- each row sums to 1\n\n"
        'Stuck? `hint("04.2")` gives a hint, and at each further call the next of 3.'
    )
    assert first.endswith('Stuck? `hint("04.1")` gives a hint.')


def test_the_solved_cells_have_the_solutions_without_their_markers(notebook):
    built = cells(notebook(), solved=True)
    assert built[3].text == 'def double(x):\n    """x -> twice x."""\n    y = x\n    y = y + x\n    return y'
    assert "vocab_size = 3 + start\nlow, high = 1, 2" in built[7].text
    assert not any("solution" in cell.text for cell in built)


def test_a_notebook_is_nbformat_with_ids_of_its_exercises_and_places(notebook):
    made = json.loads(notebook_json(notebook()))
    ids = [cell["id"] for cell in made["cells"]]
    assert ids[2:4] == ["goal-04-1", "exercise-04-1"]
    assert ids[6:8] == ["goal-04-2", "exercise-04-2"]
    assert len(set(ids)) == len(ids)
    assert made["metadata"]["hornbook"] == {"notebook": "04", "solved": False}
    assert made["cells"][0]["source"] == ["# 04: A test\n", "\n", "It takes 2 s. $x^2$"]
    assert made["cells"][1] == {
        "cell_type": "code",
        "execution_count": None,
        "id": ids[1],
        "metadata": {},
        "outputs": [],
        "source": ["import math\n", "from hornbook.lessons import check"],
    }


def test_ids_stay_when_words_change(notebook):
    before = [cell["id"] for cell in json.loads(notebook_json(notebook()))["cells"]]
    changed = notebook(SOURCE.replace("It takes 2 s", "It takes 3 s"))
    assert [cell["id"] for cell in json.loads(notebook_json(changed))["cells"]] == before


def test_a_script_is_python_in_percent_format(notebook):
    stub, solved = script(notebook()), script(notebook(), solved=True)
    compile(stub, "stub", "exec")
    assert stub.startswith('"""Frankenstein 04: a test."""\n\n# %% [markdown]\n# # 04: A test\n#\n# It takes 2 s.')
    assert "# %%\nvocab_size" not in stub
    assert "# %%\nstart = 1\nvocab_size = ..." in stub
    names = {}
    exec(compile(solved.replace("from hornbook.lessons import check", "check = print"), "solved", "exec"), names)
    assert names["double"](4) == 8


def test_where_a_name_is_made(notebook):
    made = notebook()
    assert makers(made, "double") == "exercise 04.1"
    assert makers(made, "vocab_size") == "exercise 04.2"
    assert makers(made, "math") == 'the cell under "04: A test"'
    assert makers(made, "nowhere") is None
    assert makers(made, "y") is None  # inside a function


WRONG = {  # what it says -> (what is replaced in the source, by what)
    ':14: "# solution" is never closed; its last line is "# end of solution".': ("    # end of solution\n", ""),
    ':15: "# solution" while that of line 14 is still open.': ("    y = y + x\n", "    # solution\n"),
    ':17: "# end of solution" without "# solution" before it.': ("    # solution\n", "    # solved\n"),
    ':7: "# solution" outside of a cell "# %% exercise ID".': ("import math", "# solution\nimport math"),
    ":11: exercise 04.1 has no": (
        "    # solution\n    y = y + x\n    return y\n    # end of solution\n",
        "    return y\n",
    ),
    ':10: "# %% exercise four" is no marker; a cell begins with': ("# %% exercise 04.1", "# %% exercise four"),
    ":3: a line of a markdown cell begins with #; this one is 'oh'.": ("# # 04: A test", "oh"),
    ":13: '(' was never closed": ("    y = x\n", "    y = (x\n"),
    ':11: exercise 04.1 has no check("04.1", …) in a later cell.': ('check("04.1", double)', "pass"),
    ':21: check("04.9", …) without a cell "# %% exercise 04.9".': ('check("04.1", double)', 'check("04.9", double)'),
    ":11: exercise 04.3 is not among EXERCISES of its checks.": ("# %% exercise 04.1", "# %% exercise 04.3"),
    ":25: exercise 04.1 again; it stands in line 11.": ("# %% exercise 04.2", "# %% exercise 04.1"),
}


@pytest.mark.parametrize("says", WRONG)
def test_a_wrong_source_is_told_by_file_and_line(notebook, says):
    old, new = WRONG[says]
    assert old in SOURCE
    with pytest.raises(HornbookError) as told:
        cells(notebook(SOURCE.replace(old, new, 1)))
    assert f"04_a_test.py{says}" in str(told.value)


def test_an_exercise_without_a_cell_is_told(notebook):
    @dataclass(frozen=True)
    class OfThree(OfTwo):
        def exercises(self):
            return (*super().exercises(), exercise(id="04.3"))

    with pytest.raises(HornbookError, match=r"EXERCISES has 04\.3, and no cell is"):
        cells(notebook(kind=OfThree))
