"""Attention in the page: Python's weights, one cell taken apart, and what flat or peaked attention does to the rest."""

import numpy as np
import pytest

from guide_cases import addressed, browser, expect, go, guide_file, number, shared  # noqa: F401 (fixtures)
from hornbook import graph
from hornbook.fast import microgpt as fast
from hornbook.guide.facts import packaged_names
from hornbook.reference import microgpt
from test_guide_architecture import CLOSE

PATTERN = "layers.0.attn.pattern"


def python(word, factor=1.0, heads=range(4)):
    """Python's numbers of a name before the first step, with the scores of some heads times a factor."""
    gpt = fast.begin(packaged_names(), microgpt.Config())[0]
    for head in heads:
        gpt.parameters["layers.0.attn.wq"][4 * head : 4 * head + 4] *= factor
    return graph.of_name(gpt, word)


def numbers(texts):
    return [number(text) for text in texts]


def square(page, place=0):
    """The weights of one head's picture, row after row."""
    return numbers(page.locator("#attention .square").nth(place).locator(".explained .value").all_inner_texts())


def flat(pattern, head):
    rows = pattern[:, head]
    return rows[~np.isnan(rows)]


def seen(page, view):
    go(page, view + ("&" if "?" in view else "?") + "name=emma")
    return page


def button(page, name):
    return page.locator("#attention").get_by_role("button", name=name, exact=True)


def test_every_head_s_weights_are_python_s(shared):  # noqa: F811
    page = seen(shared, "#attention")
    pattern = python("cat").array(PATTERN)
    assert page.locator("#attention .square").count() == 4
    for head in range(4):
        np.testing.assert_allclose(square(page, head), flat(pattern, head), atol=0.0051)
    button(page, "Head 2").click()
    assert page.locator("#attention .square").count() == 1
    np.testing.assert_allclose(square(page), flat(pattern, 2), atol=5.1e-5)
    addressed(page, "attention.head=2")
    looks = page.locator("#attention svg.looks").get_attribute("aria-label")
    assert "3 t looks most at" in looks
    assert page.locator("#attention .look").count() == 10
    widths = [float(line.get_attribute("stroke-width")) for line in page.locator("#attention .look.picked line").all()]
    np.testing.assert_allclose(np.array(widths) / 9, pattern[3, 2], atol=0.001)


def test_a_cell_taken_apart_adds_up(shared):  # noqa: F811
    page = seen(shared, "#attention?attention.head=1")
    trace = python("cat")
    page.locator("#attention .square .cell.explained").nth(4).click()  # the third row's second
    apart = page.locator("#attention .apart table")
    assert page.locator("#attention .attended").first.get_attribute("data-cell") == "1.2.1"
    first = numbers(apart.nth(0).locator(".number").all_inner_texts())
    q, k = trace.array("layers.0.attn.q")[2, 4:8], trace.array("layers.0.attn.k")[1, 4:8]
    np.testing.assert_allclose(np.reshape(first[:12], (4, 3)), np.array([q, k, q * k]).T, **CLOSE)
    np.testing.assert_allclose(first[12:], [q @ k, trace.array("layers.0.attn.scores")[2, 1, 1]], **CLOSE)
    second = np.array(numbers(apart.nth(1).locator(".number").all_inner_texts())[:9]).reshape(3, 3)
    scores = trace.array("layers.0.attn.scores")[2, 1, :3]
    expected = np.array([scores, np.exp(scores - scores.max()), trace.array(PATTERN)[2, 1, :3]]).T
    np.testing.assert_allclose(second, expected, **CLOSE)
    third = numbers(apart.nth(2).locator(".number").all_inner_texts())
    np.testing.assert_allclose(third[-4:], trace.array("layers.0.attn.z")[2, 4:8], **CLOSE)
    apart.nth(0).locator(".number").nth(12).focus()
    assert "q · k =" in page.locator("#tip").inner_text()


def test_everything_by_keyboard(shared):  # noqa: F811
    page = seen(shared, "#attention")
    grid = page.locator("#attention .square").nth(3)
    grid.locator("[tabindex='0']").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    assert page.locator("#attention .attended").first.get_attribute("data-cell") == "3.2.1"
    assert grid.locator("[aria-selected=true]").count() == 1
    assert f"{PATTERN}[2][3][1]" in page.locator("#tip").inner_text()
    page.locator("#attention .stage").focus()
    page.keyboard.press("h")
    assert button(page, "Head 0").get_attribute("aria-pressed") == "true"
    for key, name in (("u", "Uniform"), ("p", "Peaked"), ("t", "Unchanged")):
        page.keyboard.press(key)
        assert button(page, name).get_attribute("aria-pressed") == "true"
    slider = page.get_by_label("From uniform to peaked")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") == "scores × 0.9"


@pytest.mark.parametrize(("name", "factor"), [("Uniform", 0.0), ("Peaked", 1e6)])
def test_flat_and_peaked_change_what_comes_after_as_in_python(shared, name, factor):  # noqa: F811
    page = seen(shared, "#attention")
    button(page, name).click()
    was, now = python("cat"), python("cat", factor)
    pattern = now.array(PATTERN)
    for head in range(4):
        np.testing.assert_allclose(square(page, head), flat(pattern, head), atol=0.0051)
    vectors = page.locator("#attention .effects .cells")
    for place, label in enumerate(("attn.z", "attn.out")):
        both = np.reshape(numbers(vectors.nth(place).locator(".value").all_inner_texts()), (2, 16))
        expected = [trace.array(f"layers.0.{label}")[3] for trace in (was, now)]
        np.testing.assert_allclose(both, expected, **CLOSE)
    powers = np.exp(now.array("logits")[3])
    chances = numbers(page.locator("#attention .bars .value").all_inner_texts())
    np.testing.assert_allclose(chances, np.sort(powers / powers.sum())[::-1][:8], atol=5.1e-5)
    losses = numbers(page.locator("#attention .effects p .number").all_inner_texts())
    np.testing.assert_allclose(losses, [float(trace.array("loss")) for trace in (was, now)], atol=5.1e-5)
    page.locator("#attention .square .explained").nth(3).focus()
    assert "scores ×" in page.locator("#tip").inner_text()


def test_only_the_head_that_is_shown_is_pushed(shared):  # noqa: F811
    page = seen(shared, "#attention?attention.head=2&attention.push=-10")
    expected = python("cat", 0.0, [2]).array("layers.0.attn.z")[3]
    shown = page.locator("#attention .effects .cells").first.locator(".value").all_inner_texts()
    both = np.reshape(numbers(shown), (2, 16))
    np.testing.assert_allclose(both[1], expected, **CLOSE)
    same = np.isclose(both[0], both[1])
    assert same[:8].all()
    assert same[12:].all()


def test_another_name_and_a_letter_it_does_not_know(shared):  # noqa: F811
    page = seen(shared, "#attention")
    page.get_by_label("Short name").fill("zoe")
    assert "1 z" in page.locator("#attention .square").first.inner_text()
    page.get_by_label("Short name").fill("z9")
    assert "No 9" in page.locator("#attention .wrong").first.inner_text()
    button(page, "Take “emma”").click()
    assert len(square(page)) == 15
    addressed(page, "attention.name=emma")


def test_every_control_by_pointer(shared):  # noqa: F811
    page = seen(shared, "#attention")
    for head in range(4):
        button(page, f"Head {head}").click()
        assert page.locator("#attention figcaption").all_inner_texts() == [f"Head {head}"]
    button(page, "All heads").click()
    assert page.locator("#attention figcaption").count() == 4
    for name, times in (("Peaked", "× 1,000,000"), ("Uniform", "× 0"), ("Unchanged", "× 1")):
        button(page, name).click()
        assert page.inner_text("#attention output") == f"scores {times}"
    slider = page.get_by_label("From uniform to peaked")
    box = slider.bounding_box()
    slider.click(position={"x": box["width"] - 3, "y": box["height"] / 2})
    assert page.inner_text("#attention output") == "scores × 1,000,000"
    cells = page.locator("#attention .square").nth(1).get_by_role("gridcell")
    cells.nth(4).click()  # the second row's first
    assert page.locator("#attention .attended").first.get_attribute("data-cell") == "1.1.0"
    cells.nth(7).click()  # a later key is never seen: nothing else is taken apart
    assert page.locator("#attention .attended").first.get_attribute("data-cell") == "1.1.0"
    page.locator("#attention summary", has_text="Every letter").click()
    assert page.locator("#attention .behind .cell:visible").count() == 54
    page.locator("#attention summary", has_text="Show Python code").click()
    expect(page.locator("#attention .lines .lit").first).to_be_visible()
    page.locator("#attention .term").first.hover()
    assert "head" in page.inner_text("#tip")
