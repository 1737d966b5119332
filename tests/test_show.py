"""Showing arrays: folds and formats by hand, laws of what stays visible, one palette that can be read everywhere."""

import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from rich.console import Console

from hornbook.drawing import svg
from hornbook.folding import GAP, Limits, fold, number_format, panels, readable
from hornbook.palette import FAINT, FAMILIES, HEAT, INK, PAPER, blend, contrast, css, family
from hornbook.reference.names import NUMBERS, PARAMETERS
from hornbook.show import Shown, distance_curve, html, loss_curve, terminal

few = settings(max_examples=40, deadline=None)
some_numbers = st.sampled_from([0.0, -0.0, 1.0, -2.5, 5e-324, 1e-9, 3e7, 1e308, np.nan, np.inf, -np.inf]) | st.floats(
    -9, 9
)
shapes = array_shapes(min_dims=0, max_dims=4, max_side=9).filter(lambda shape: np.prod(shape) < 400)
numbers = arrays(np.float64, shapes, elements=some_numbers, fill=st.just(0.5))
names = st.text(st.characters(exclude_categories=["C"]), max_size=5)


def text(shown, width=100):
    return "\n".join(line.plain for line in terminal(shown, width))


@pytest.mark.parametrize("name, colour", {**FAMILIES, "faint": FAINT}.items())
def test_every_colour_can_be_read(name, colour):
    assert contrast(colour.light, PAPER.light) >= 4.5
    assert contrast(colour.dark, PAPER.dark) >= 4.5
    assert min(contrast(colour.either, "#ffffff"), contrast(colour.either, "#000000")) >= 4.5
    for share in (0.25, 0.5, 1):  # on the background of a number, which grows with the number
        assert contrast("#ffffff", blend(PAPER.dark, colour.either, share)) >= 4.5
        assert contrast(INK.light, blend(PAPER.light, colour.light, HEAT * share)) >= 4.5
        assert contrast(INK.dark, blend(PAPER.dark, colour.dark, HEAT * share)) >= 4.5
    assert css().count(f"--{name}:") == 2


def test_contrast_by_hand():
    """Black on white is 1.05 / 0.05."""
    assert contrast("#000000", "#ffffff") == contrast("#ffffff", "#000000") == pytest.approx(21)
    assert blend("#000000", "#ffffff", 0.5) == "#808080"


@pytest.mark.parametrize("name, expected", [
    ("embed", "embedding"), ("wte", "embedding"), ("layers.0.attn.pattern", "attention"), ("layers.3.mlp.pre", "mlp"),
    ("layers.0.pre", "memory"), ("layers.0.gates.forget", "memory"), ("layers.0.resid_pre", "stream"),
    ("norm_final", "stream"), ("loss", "loss"), ("logits", "loss"), ("grad.layers.0.attn.q", "loss"),
])  # fmt: skip
def test_family_by_hand(name, expected):
    assert family(name) == expected


def test_every_name_of_the_table_has_a_family():
    for table in (*NUMBERS.values(), *PARAMETERS.values()):
        for name in table:
            assert family(name) in FAMILIES
            assert family(f"grad.{name}") == "loss"
            assert ("attn" not in name) or family(name) == "attention"
            assert ("mlp" not in name) or family(name) == "mlp"


def test_fold_by_hand():
    assert fold(4, 4) == [0, 1, 2, 3]
    assert fold(100, 6) == [0, 1, 2, None, 98, 99]
    assert fold(100, 5) == [0, 1, None, 98, 99]
    assert fold(0, 5) == []


@given(st.integers(0, 200), st.integers(3, 20))
def test_a_fold_keeps_both_ends_and_says_that_it_hides(size, limit):
    places = fold(size, limit)
    assert len(places) == min(size, limit)
    assert (None in places) == (size > limit)
    known = [at for at in places if at is not None]
    assert known == sorted(set(known))
    assert not size or (known[0], known[-1]) == (0, size - 1)


@pytest.mark.parametrize("values, texts, unit", [
    ([1.0, -0.25, 0.0], ["1.000", "-0.250", "0"], ""),
    ([12.5, 0.125], ["12.50", "0.12"], ""),
    ([0.0812, 1e-9], ["0.0812", "0.0000"], ""),  # small, but not 0
    ([2.5e-6, -1e-6], ["2.500", "-1.000"], "× 10⁻⁶"),
    ([123456.0, 1.0], ["1.235", "0.000"], "× 10⁵"),
    ([1.0, float("nan"), float("inf"), float("-inf")], ["1.000", "nan", "inf", "-inf"], ""),
    ([float("nan")], ["nan"], ""),
    ([5e-324, 1e-307], ["0.000", "1.000"], "× 10⁻³⁰⁷"),
    ([1.7e308], ["1.700"], "× 10³⁰⁸"),
    ([5e-324], ["0.000"], "× 10⁻³⁰⁷"),
    ([0.0, -0.0], ["0", "0"], ""),
    ([3, 70000], ["3", "70000"], ""),
    ([True, False], ["True", "False"], ""),
])  # fmt: skip
def test_numbers_by_hand(values, texts, unit):
    write, found = number_format(np.array(values))
    assert [write(value) for value in np.array(values)] == texts
    assert found == unit


def test_panels_by_hand():
    array = np.arange(2 * 3 * 9, dtype=float).reshape(1, 2, 3, 9)
    found, unit = panels(array, "B A T K", {"T": list("a\nb")}, Limits(panels=2, rows=3, columns=5))
    assert [panel.title for panel in found] == ["A 0", "A 1"]  # the only text of the batch needs no name
    assert found[1].columns == ["0", "1", GAP, "7", "8"]
    assert [name for name, _ in found[1].rows] == ["a", "↵", "b"]
    assert [cell.text for cell in found[1].rows[-1][1]] == ["45.00", "46.00", GAP, "52.00", "53.00"]
    assert found[1].rows[-1][1][-1].size == 1
    assert unit == ""


@few
@given(numbers)
def test_the_corners_are_always_shown(array):
    found, _ = panels(array, limits=Limits(panels=3, rows=5, columns=5))
    write, _ = number_format(array)
    if not array.size:
        return
    for panel, end in ((found[0], 0), (found[-1], -1)):
        cell = panel.rows[end][1][end]
        value = array.flat[end]
        assert cell.text == write(value)
        largest = np.abs(array[np.isfinite(array)]).max(initial=0) or 1
        assert np.isnan(cell.size) if not np.isfinite(value) else cell.size == value / largest


@few
@given(numbers, st.integers(60, 150))
def test_a_terminal_line_fits_and_hides_nothing_that_is_not_finite(array, width):
    lines = text(shown := Shown("x", array), width).splitlines()
    assert all(len(line) <= width for line in lines)
    broken = int((~np.isfinite(array)).sum())
    said = f"{broken} of {array.size} not finite"
    assert (lines[0] == said) == (said in html(shown)) == (said in svg(shown)) == (broken > 0)
    if array.ndim <= 2 and array.shape[-1:] <= (7,):
        assert " ".join(lines[bool(broken) :]).count("nan") == np.isnan(array).sum()


@few
@given(numbers, names, st.lists(st.text(max_size=3), max_size=8))
def test_html_and_svg_are_well_formed_whatever_the_names(array, name, tokens):
    shown = Shown(name, array, " ".join("ABTT"[4 - array.ndim :]), {"T": tokens})
    picture = ElementTree.fromstring(svg(shown))
    assert picture.tag.endswith("svg")
    ElementTree.fromstring(html(shown))


def test_html_escapes_and_keeps_every_number():
    shown = Shown("<script>", np.array([[1.5, np.nan], [-np.inf, 0.0]]), "T V", {"T": ["<b>", "&"]})
    page = shown._repr_html_()
    assert "<script>" not in page and "&lt;script&gt;" in page and "&lt;b&gt;" in page
    assert '<td class="broken">nan</td>' in page and '<td class="broken">-inf</td>' in page
    assert ">1.500</td>" in page


def test_a_picture_without_colour_still_says_sign_and_what_is_broken():
    large = np.ones((20, 20))
    large[0, 0], large[1, 1] = -1, np.nan
    picture = svg(Shown("layers.0.attn.scores", large))
    assert picture.count('<path class="broken"') == 1
    assert picture.count("<path d=") == 1  # the minus
    assert "1.000" in svg(Shown("small", large[2:4, 2:4]))


def test_a_terminal_without_colour_reads_the_same():
    shown = Shown("embed", np.array([[-1.0, 2.0]]), "T D", {"T": ["a"]})
    console = Console(width=80, no_color=True, force_terminal=False)
    with console.capture() as printed:
        console.print(shown)
    assert printed.get().split() == ["embed", "(T,", "D)", "=", "(1,", "2)", "0", "1", "a", "-1.000", "2.000"]


def test_a_light_terminal_gets_light_backgrounds(monkeypatch):
    shown = Shown("embed", np.array([[1.0, 1.0]]))
    monkeypatch.setenv("COLORFGBG", "0;15")
    (_, light), (_, dark) = ([str(span.style) for line in terminal(shown) for span in line.spans][-2:] for _ in "12")
    assert light == dark == f"{INK.light} on {blend(PAPER.light, FAMILIES['embedding'].light, HEAT)}"


@pytest.mark.parametrize("token, shown", [("a", "a"), (" ", "␣"), ("\n", "↵"), ("the\t", "the⇥"), ("\x00", "\\x00"),
                                          ("é", "é"), ("\u200b", "\\u200b")])  # fmt: skip
def test_every_token_can_be_seen(token, shown):
    assert readable(token) == shown


def test_a_loss_curve_is_a_picture_written_whole(tmp_path):
    losses = [3.0, 2.5, float("nan"), float("inf"), 2.0]
    loss_curve(range(5), losses, [(0, 3.1), (4, 2.1)], {"uniform": 4.17, "unigram": 3.3}, tmp_path / "loss.png")
    loss_curve([], [], [], {}, tmp_path / "empty.svg")
    distance_curve({"hidden": [1.0, 0.1, 0.0, float("nan")]}, tmp_path / "distance.png")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["distance.png", "empty.svg", "loss.png"]
    for name in ("loss.png", "distance.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "empty.svg").read_text()


def test_smoothing_by_hand():
    from hornbook.show import _apart, _smooth

    assert _smooth(np.array([1.0, 3.0, np.nan, 5.0]), 1) == pytest.approx([2, 2, 4, 5])
    assert _apart([1.0, 5.0, 1.2], 0.5) == pytest.approx([1, 5, 1.5])


def test_showing_loads_no_plotting_until_a_plot_is_drawn():
    code = "import sys, hornbook.explain, hornbook.show; print({'torch', 'matplotlib'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "set()"
