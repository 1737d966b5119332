"""Names written in the page: the draws are Python's, each can be taken apart, by pointer and by keys."""

import random

import pytest

from guide_cases import addressed, browser, expect, go, guide_file, number, opened, shared, stop_clock  # noqa: F401 (fixtures)
from hornbook.guide.facts import packaged_names
from hornbook.guide.golden import load

TRAINED = "#generation?weights=trained"


def begin(page, more=""):
    """The trained weights write, and the first token is looked at."""
    go(page, TRAINED + more)
    page.locator("#generation .written button").first.click()
    return page


def name_of(page):
    letters = page.locator("#generation .written button .letter").all_inner_texts()
    return "".join(letter for letter in letters if letter != "<BOS>")


def table(page):
    """label -> the five numbers of its row."""
    cells = "rows => rows.map(row => [...row.children].map(cell => cell.textContent))"
    rows = page.eval_on_selector_all("#generation tbody tr", cells)
    return {row[0].split()[0]: [number(x) for x in row[1:]] for row in rows}


def test_trained_weights_write_the_twenty_names_of_python(shared):  # noqa: F811
    page, names = begin(shared), load()["names"]
    assert "20 of 20 are those that Python printed" in page.inner_text("#generation")
    assert [text.split()[0] for text in page.locator("#generation .golden li").all_inner_texts()] == names
    for name in names[:4]:
        assert name_of(page) == name
        page.locator("#generation").get_by_role("button", name="Sample again").click()
    past = page.locator("#generation .past li").all_inner_texts()
    assert [text.split()[0] for text in past[1:5]] == names[3::-1]
    known = set(packaged_names())
    assert all(("in the training names" in text) == (text.split()[0] in known) for text in past)


def test_the_draw_is_that_of_random_choices(shared):  # noqa: F811
    page = begin(shared, "&generation.seed=7&generation.temperature=1.3")
    rng = random.Random(7)
    buttons = page.locator("#generation .written button")
    for t in range(buttons.count()):
        buttons.nth(t).click()
        rows, drawn = table(page), buttons.nth(t).locator(".letter").inner_text()
        probabilities = [row[3] for row in rows.values()]
        assert sum(probabilities) == pytest.approx(1, abs=2e-3)
        assert all(row[1] == pytest.approx(row[0] / 1.3, abs=2e-4) for row in rows.values())
        numbers = page.locator("#generation [role=region] > p .number").all_inner_texts()
        uniform = rng.random()
        assert float(numbers[0]) == pytest.approx(uniform, abs=1e-6)
        assert float(numbers[3]) <= uniform <= float(numbers[4]) + 1e-4
        assert rows[drawn][4] == pytest.approx(float(numbers[4]), abs=1e-4)
        assert drawn in page.inner_text("#generation h3 >> nth=0")
    assert page.locator("#generation .code .lit").count() == 4


def test_numbers_are_explained_with_values(shared):  # noqa: F811
    page = begin(shared)
    page.locator("#generation tbody td").nth(0).focus()
    assert "logits[0][0]" in page.inner_text("#tip") and "(16 products)" in page.inner_text("#tip")
    for said in ("/ 0.5", "exp(", "/ ", "random.choices"):
        page.keyboard.press("ArrowRight")
        assert "microgpt.py:" in page.inner_text("#tip")
        assert said in page.inner_text("#tip") or "rng.choices" in page.inner_text("#tip")
    page.keyboard.press("Escape")
    page.locator("#generation [role=region] > p .number").first.focus()
    assert "random stream" in page.inner_text("#tip")


def test_keys_alone_sample_and_look_at_tokens(shared):  # noqa: F811
    page = begin(shared)
    first = name_of(page)
    page.focus("#generation h2")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#generation .written button >> nth=1", "aria-pressed") == "true"
    page.keyboard.press("ArrowLeft")
    assert "Position 0" in page.inner_text("#generation h3 >> nth=0")
    page.keyboard.press("Enter")
    assert name_of(page) == load()["names"][1] != first
    page.locator("#generation .written button").nth(2).press("Enter")
    assert "Position 2" in page.inner_text("#generation h3 >> nth=0")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"


def test_temperature_seed_and_beginning(shared):  # noqa: F811
    page = begin(shared)
    page.locator("#generation").get_by_label("Temperature").focus()
    page.keyboard.press("Home")
    addressed(page, "generation.temperature=0.1")
    cold = max(row[3] for row in table(page).values())
    page.locator("#generation").get_by_label("Temperature").focus()
    page.keyboard.press("End")
    assert max(row[3] for row in table(page).values()) < cold
    page.locator("#generation").get_by_label("Temperature").fill("0.5")
    assert name_of(page) == load()["names"][0]
    page.locator("#generation").get_by_label("Seed").fill("12")
    addressed(page, "generation.seed=12")
    seeded = name_of(page)
    page.locator("#generation").get_by_role("button", name="Sample again").click()
    addressed(page, "generation.skip=")
    page.locator("#generation").get_by_role("button", name="From the beginning").click()
    assert name_of(page) == seeded
    page.locator("#generation").get_by_label("Seed").fill("abc")
    assert "whole number" in page.inner_text("#generation .wrong")
    page.locator("#generation").get_by_label("Seed").fill("")
    assert name_of(page) == load()["names"][0]


def test_letters_appear_one_at_a_time_where_motion_is_welcome(opened):  # noqa: F811
    page = opened(at=TRAINED, reduced_motion="no-preference")
    expect(page.locator("#generation .stage").first).to_be_in_viewport()
    expect(page.locator("#generation")).to_contain_text("20 of 20 are those that Python printed")
    stop_clock(page)
    letters, name = page.locator("#generation .written button"), load()["names"][1]
    page.locator("#generation").get_by_role("button", name="Sample again").click()
    for count in range(1, len(name) + 1):
        assert letters.count() == count
        page.clock.run_for(300)
    assert name_of(page) == name
    page.clock.run_for(300)
    assert page.inner_text("#said").startswith(f"{name}, ")


def test_other_weights_write_other_names_and_the_button_brings_the_trained(opened):  # noqa: F811
    page = opened(at="#generation")
    untrained = name_of(page)
    assert "no training has moved" in page.inner_text("#generation")
    page.locator("#generation").get_by_role("button", name="Use the trained weights").click()
    assert name_of(page) == load()["names"][0] != untrained
    addressed(page, "weights=trained")
