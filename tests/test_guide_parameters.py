"""The guide's parameters in real Chromium: true proportions and numbers, from near, counted, changing with training."""

import random
from urllib.parse import parse_qs

import numpy as np
import pytest

from guide_cases import browser, expect, go, guide_file, number, opened, shared  # noqa: F401 (fixtures)
from hornbook.guide.facts import packaged_names
from hornbook.reference import microgpt

ALL = ["wte", "wpe", *(f"layers.0.attn.{part}" for part in ("wq", "wk", "wv", "wo")), "layers.0.mlp.fc1", "layers.0.mlp.fc2", "lm_head"]  # fmt: skip # noqa: E501
CELLS = """() => [...document.querySelectorAll("#parameters .zoom tbody tr")].map(
  row => [...row.querySelectorAll("td")].map(cell => cell.textContent))"""
FIGURES = """() => Object.fromEntries([...document.querySelectorAll("#parameters .figures div")].map(
  one => [one.querySelector("dt").textContent, one.querySelector("dd").textContent]))"""


def state(page):
    return {key: value[0] for key, value in parse_qs(page.evaluate("location.hash").partition("?")[2]).items()}


def tile(page, name):
    return page.locator(f'#parameters [data-name="{name}"]')


@pytest.fixture(scope="module")
def weights():
    """What reference/microgpt.py draws before its first step."""
    names, rng = packaged_names(), random.Random(42)
    letters = microgpt.alphabet(names)
    rng.shuffle(names)
    drawn = microgpt.init(len(letters) + 1, microgpt.Config(), rng)
    return {label: np.array([[leaf.data for leaf in row] for row in rows]) for label, rows in drawn.items()}


@pytest.fixture(scope="module")
def page(shared):  # noqa: F811
    go(shared, "#parameters")
    return shared


def test_rectangles_are_in_proportion(page, weights):
    assert [one.get_attribute("data-name") for one in page.locator("#parameters .tile").all()] == ALL
    sides = set()
    for name in ALL:
        box, (rows, columns) = tile(page, name).locator("canvas").bounding_box(), weights[name].shape
        sides |= {round(box["width"] / columns, 2), round(box["height"] / rows, 2)}
    assert len(sides) == 1


@pytest.mark.parametrize("name", ["wte", "layers.0.attn.wk", "layers.0.mlp.fc2", "lm_head"])
def test_hover_says_what_it_is_and_a_click_shows_every_number_of_python(page, weights, name):
    expected, (rows, columns) = weights[name], weights[name].shape
    tile(page, name).scroll_into_view_if_needed()
    page.mouse.move(0, 0)
    tile(page, name).hover()
    said = page.inner_text("#tip")
    assert f"{name}: {rows} × {columns} = {rows * columns:,} parameters" in said
    assert page.locator("#tip canvas").is_visible()
    tile(page, name).click()
    assert page.locator("#tip").is_hidden()
    assert state(page)["parameters.matrix"] == name
    np.testing.assert_allclose([[number(text) for text in row] for row in page.evaluate(CELLS)], expected, atol=5.1e-5)
    figures = {word: number(text) for word, text in page.evaluate(FIGURES).items()}
    assert figures["min"] == pytest.approx(expected.min(), abs=5.1e-5)
    assert figures["max"] == pytest.approx(expected.max(), abs=5.1e-5)
    assert figures["mean"] == pytest.approx(expected.mean(), abs=5.1e-5)
    assert figures["std"] == pytest.approx(expected.std(), abs=5.1e-5)
    assert figures["init_std"] == microgpt.Config().init_std
    counts = [int(text) for text in page.locator("#parameters .bars .value").all_inner_texts()]
    assert counts == np.histogram(expected, len(counts))[0].tolist()
    lit = page.eval_on_selector_all("#parameters .lit", "rows => rows.map(row => row.textContent)")
    assert any("rng.gauss" in line for line in lit)
    assert sum(f'{name.split(".")[-1]}"' in line for line in lit) >= 2
    page.locator("#parameters .zoom").get_by_role("button", name="Close").click()
    assert page.locator("#parameters .zoom").is_hidden()


def test_rows_of_the_token_tables_are_letters(page):
    tile(page, "lm_head").click()
    heads = page.locator("#parameters .zoom tbody th").all_inner_texts()
    assert heads == [*"abcdefghijklmnopqrstuvwxyz", "<BOS>"]
    tile(page, "layers.0.attn.wq").click()
    assert page.locator("#parameters .zoom tbody th").all_inner_texts()[4] == "1.0"
    page.locator("#parameters .zoom").get_by_role("button", name="Close").click()


def test_by_keyboard_alone(page):
    tile(page, "wte").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.name") == "wpe"
    assert "wpe: 16 × 16" in page.inner_text("#tip")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "wte: 27 × 16"
    page.locator("#parameters .zoom tbody td").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#tip strong").startswith("wte[1][1] = ")
    page.keyboard.press("Escape")
    assert page.locator("#parameters .zoom").is_hidden()
    assert page.evaluate("document.activeElement.dataset.name") == "wte"


def test_the_count_is_that_of_the_program(page, weights):
    rows = page.locator("#parameters .counter tbody tr").all()
    shown = [[number(text) for text in row.locator(".number").all_inner_texts()] for row in rows]
    parts = [("wte", "wpe"), ALL[2:6], ALL[6:8], ("lm_head",)]
    counts = [sum(weights[name].size for name in names) for names in parts]
    assert shown == [[count, total] for count, total in zip(counts, np.cumsum(counts))]
    assert page.inner_text("#parameters tfoot .number") == "4,192"
    rows[0].locator(".number").first.focus()
    assert "27 × 16 + 16 × 16" in page.inner_text("#tip")


def test_gradients_and_trained_weights_are_shown_as_they_change(opened, weights):  # noqa: F811
    page = opened(at="#parameters?parameters.matrix=wte&name=emma")
    before = page.evaluate(CELLS)
    page.get_by_label("Show", exact=True).select_option("grad.")
    assert state(page)["parameters.show"] == "grad."
    used = [any(number(text) for text in row) for row in page.evaluate(CELLS)]
    assert [i for i, is_used in enumerate(used) if is_used] == sorted({ord(letter) - 97 for letter in "ema"} | {26})
    page.get_by_label("Show", exact=True).select_option("")
    assert page.evaluate(CELLS) == before
    picture = "document.querySelector('#parameters [data-name=wte] canvas').toDataURL()"
    drawn = page.evaluate(picture)
    page.get_by_label("Weights", exact=True).select_option("trained")
    first = page.locator("#parameters .zoom tbody td").first
    first.filter(has_not_text=before[0][0]).wait_for()
    assert page.evaluate(picture) != drawn
    assert page.evaluate(CELLS) != before
    page.get_by_label("Weights", exact=True).select_option("untrained")
    first.filter(has_text=before[0][0]).wait_for()
    assert page.evaluate(picture) == drawn
    assert page.evaluate(CELLS) == before


def test_a_shared_view_opens(opened):  # noqa: F811
    page = opened(at="#parameters?parameters.matrix=layers.0.mlp.fc1&parameters.show=m.")
    assert page.inner_text("#parameters .zoom h3") == "m.layers.0.mlp.fc1: 64 × 16"
    assert "all are 0" in page.inner_text("#parameters .bars")
    go(page, "#parameters?parameters.matrix=wpe")
    expect(page.locator("#parameters .zoom h3")).to_contain_text("wpe: 16 × 16")
