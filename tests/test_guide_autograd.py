"""The guide's graph of Value nodes in real Chromium: every control, by pointer and keyboard, beside Python's Value."""

import re
from urllib.parse import parse_qs

import pytest

from guide_cases import browser, expect, go, guide_file, number, opened, shared, stop_clock  # noqa: F401 (fixtures)
from hornbook.reference.autograd import Value, slope

PRESETS = ["Addition", "Multiplication", "a·b + c", "Log + exp", "ReLU", "Neuron", "RMSNorm"]
BOX = "#autograd .stage"
SEEN = """() => ({
  python: document.querySelector("#autograd .expression code").textContent,
  numbers: Object.fromEntries([...document.querySelectorAll("#autograd input[type=range]")].map(one => [one.dataset.leaf, +one.value])),
  nodes: [...document.querySelectorAll("#autograd .node")].map(one => one.getAttribute("aria-label")),
  leaves: [...document.querySelectorAll("#autograd table[aria-label] tbody tr")].map(one => [...one.children].map(cell => cell.textContent)),
})"""  # noqa: E501


def in_python(seen):
    """The page's expression with the page's numbers, by Python's own Value after `backward`, and its leaves."""
    leaves = {name: Value(float(x), name=name) for name, x in seen["numbers"].items()}
    result = eval(seen["python"], dict(leaves))
    result.backward()
    return result, leaves


def pairs_of(labels):
    found = [re.search(r"data (.+?), grad ([^,]+)", label) for label in labels]
    return sorted((number(one[1]), number(one[2])) for one in found)


def state(page):
    return {key: value[0] for key, value in parse_qs(page.evaluate("location.hash").partition("?")[2]).items()}


def said(page, where, text):
    """Wait until an element says something."""
    expect(page.locator(where)).to_contain_text(text)


@pytest.fixture(scope="module")
def still(shared):  # noqa: F811
    """A page whose animations end at once."""
    go(shared, "#autograd")
    return shared


@pytest.mark.parametrize("preset", PRESETS)
def test_every_node_has_the_number_and_the_gradient_of_python(still, preset):
    still.locator(BOX).get_by_role("button", name=preset).click()
    field = still.get_by_label("a as a number")
    for a in ("", "-1.7", "3.1"):
        if a:
            field.fill(a)
        still.get_by_role("button", name="Backward", exact=True).click()
        seen = still.evaluate(SEEN)
        result, leaves = in_python(seen)
        expected = sorted((node.data, node.grad) for node in result.nodes())
        shown = pairs_of(seen["nodes"])
        assert len(shown) == len(expected)
        for one, other in zip(shown, expected):
            assert one == pytest.approx(other, rel=6e-3, abs=6e-5)  # powers of ten are shown to three digits
        for name, grad, nudged, same in seen["leaves"]:
            assert number(grad) == pytest.approx(leaves[name].grad, abs=6e-5)
            by_slope = slope(lambda code=seen["python"], leaves=leaves: eval(code, dict(leaves)), leaves[name])
            assert number(nudged) == pytest.approx(by_slope, rel=1e-2, abs=6e-5)
            assert same == "✓ yes"


def test_a_slider_moves_the_numbers_at_once_and_goes_into_the_address(still):
    still.locator(BOX).get_by_role("button", name="a·b + c").click()
    still.locator("#autograd input[data-leaf=b]").focus()
    still.keyboard.press("ArrowRight")
    assert still.inner_text("#autograd .expression .number") == "−1.8000"
    assert still.input_value('[aria-label="b as a number"]') == "-2.9"
    assert state(still)["autograd.b"] == "-2.9"
    still.get_by_label("b as a number").fill("9")
    assert "b takes a number from −5 to 5" in still.inner_text("#autograd .wrong")
    assert still.get_attribute('[aria-label="b as a number"]', "aria-invalid") == "true"
    still.get_by_label("b as a number").fill("-3")
    assert not still.inner_text("#autograd .wrong")
    assert "autograd.b" not in state(still)


def test_steps_forth_and_back_by_button_and_key(still):
    stage = still.locator(BOX)
    stage.get_by_role("button", name="a·b + c").click()
    step, at = still.locator("#autograd .step"), lambda: still.inner_text("#autograd .count >> nth=1")
    assert "no gradient yet" in step.inner_text()
    stage.get_by_role("button", name="Step ▶").click()
    assert "its grad is 1" in step.inner_text()
    still.keyboard.press("ArrowRight")
    assert at() == "Step 2 of 3"
    assert "× gets 1 · 1 = 1; c gets 1 · 1 = 1" in step.inner_text()
    assert state(still)["autograd.step"] == "2"
    still.keyboard.press("ArrowLeft")
    assert at() == "Step 1 of 3"
    still.keyboard.press("End")
    assert "Done" in step.inner_text()
    stage.get_by_role("button", name="◀ Step back").click()
    assert at() == "Step 2 of 3"
    stage.get_by_role("button", name="Clear gradients").click()
    assert at() == "Step 0 of 3"
    still.keyboard.press("End")
    still.keyboard.press("Home")
    assert at() == "Step 0 of 3"


def test_the_active_lines_of_python_are_lit(still):
    still.locator(BOX).get_by_role("button", name="Multiplication").click()
    still.locator("#autograd .code summary").click()
    lit = lambda: still.locator("#autograd .lit").all_inner_texts()
    assert [line.strip() for line in lit()][1].startswith("return self.__class__(self.data * other.data")
    still.locator(BOX).get_by_role("button", name="Step ▶").click()
    assert [line.strip() for line in lit()] == ["self.grad = 1.0"]
    still.keyboard.press("ArrowRight")
    assert any("child.grad += local_grad * grad" in line for line in lit())
    still.locator("#autograd .code summary").click()


def test_every_number_of_the_graph_is_reached_by_key_and_explained(still):
    still.locator(BOX).get_by_role("button", name="Log + exp").click()
    still.get_by_role("button", name="Backward", exact=True).click()
    still.locator('#autograd svg [tabindex="0"]').focus()
    explained = set()
    for _ in range(still.locator("#autograd svg [tabindex]").count()):
        explained.add(still.inner_text("#tip strong >> nth=0"))
        assert "autograd.py:" in still.inner_text("#tip")
        still.keyboard.press("ArrowDown")
    assert "exp(a) = 2.718282" in explained
    assert any(one.startswith("∂(") for one in explained)
    still.locator("#autograd .behind summary").click()
    rows = still.locator("#autograd .behind tbody tr")
    expect(rows).to_have_count(still.locator("#autograd .node").count())
    rows.nth(1).locator(".number").first.focus()
    assert "autograd.py:" in still.inner_text("#tip")
    still.locator("#autograd .behind summary").click()


def test_backward_is_animated_and_can_be_paused(opened):  # noqa: F811
    page = opened(at="#autograd", reduced_motion="no-preference")
    stop_clock(page)
    play = page.locator(BOX).get_by_role("button", name="Backward", exact=True)
    pause = page.locator(BOX).get_by_role("button", name="Pause")
    play.click()
    assert pause.is_visible()
    assert "its grad is 1" in page.inner_text("#autograd .step")
    page.clock.run_for(800)
    assert "c gets" in page.inner_text("#autograd .step")
    pause.click()
    page.clock.run_for(5000)
    assert state(page)["autograd.step"] == "2"
    assert page.locator("#autograd .edge.active").count() == 2
    play.click()
    page.clock.run_for(800)
    assert "Done" in page.inner_text("#autograd .step")
    assert play.is_visible()


def test_a_shared_view_opens(opened):  # noqa: F811
    page = opened(at="#autograd?autograd.graph=softmax&autograd.a=0.4&autograd.step=3")
    assert page.locator('#autograd [aria-pressed="true"]').count() == 1
    assert page.input_value("#autograd input[data-leaf=a]") == "0.4"
    assert "Step 3 of" in page.inner_text("#autograd")
    go(page, "#autograd?autograd.graph=relu")
    said(page, "#autograd .expression", "relu")
