"""Every control of every section: the Tab key reaches it, nothing covers it, it has a name, and something answers it.

And one tour without a pointer, from the first field to a name that the model wrote after it was trained by keys.
"""

import re

import pytest

from guide_cases import browser, expect, guide_file, opened, watched  # noqa: F401 (fixtures)
from hornbook.guide.golden import load

PARTS = ["head", "nav", "tokenizer", "autograd", "parameters", "architecture", "attention", "training", "generation",
         "meaning", "compare"]  # fmt: skip
SCRIPT = """
window.answers = new Map();  // what listens where
const add = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (kind, ...rest) {
  window.answers.set(this, (window.answers.get(this) ?? new Set()).add(kind));
  return add.call(this, kind, ...rest);
};
const hears = (node, ...events) => events.some((event) => window.answers.get(node)?.has(event));
const groupOf = (one) => one.closest("[role=grid], .graph, [role=application]");

// a listener of its own or of the group whose arrows reach it, the browser, or the box that explains
const answered = (one) => one.matches("summary, a[href], h2, h3, .stage, .wide[role=group], .gpt, .explained")
  || one.matches("button") && hears(one, "click") || one.matches("input, select") && hears(one, "input", "change")
  || hears(groupOf(one), "keydown");
const named = (one) => one.labels?.length || one.getAttribute("aria-label") || one.textContent.trim();

function covered(one) {
  one.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
  const box = one.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return !top || !(one.contains(top) || [...(one.labels ?? [])].some((label) => label.contains(top)));
}

window.controls = (id) => [...document.getElementById(id)
  .querySelectorAll("button, input, select, summary, a, canvas[tabindex], [tabindex]")]
  .filter((one) => !one.disabled && one.checkVisibility({ visibilityProperty: true }));
window.wrong = (id) => controls(id).flatMap((one) => [
  !answered(one) && "nothing answers", !named(one) && "no name",
  one.tabIndex < 0 && !groupOf(one) && !one.matches("h2, h3, .stage") && "out of reach",
  one.matches("button, input, select, summary, a") && covered(one) && "covered",
].filter(Boolean).map((what) => `${what}: ${one.outerHTML.slice(0, 150)}`));
window.stopsOf = (id) => { window.stops = controls(id).filter((one) => one.tabIndex >= 0); return stops.length; };
window.here = () => stops.indexOf(document.activeElement);
window.told = () => !document.activeElement.matches(".explained") || document.getElementById("tip").textContent;
window.cellsOf = (grid) => [...grid.querySelectorAll("[role=gridcell][tabindex]")];
"""


@pytest.fixture(scope="module")
def noted(browser, guide_file):  # noqa: F811
    """A page that knows what listens where."""
    with watched(browser, guide_file.as_uri(), SCRIPT) as open_:
        yield open_(at="#parameters?parameters.matrix=lm_head&name=ann&attention.name=ann")


@pytest.mark.parametrize("part", PARTS)
def test_every_control_is_named_uncovered_and_answered(noted, part):
    assert noted.evaluate("id => wrong(id)", part) == []


@pytest.mark.parametrize("part", PARTS)
def test_the_tab_key_stops_at_every_control_and_tells_every_explanation(noted, part):
    page, count = noted, noted.evaluate("id => stopsOf(id)", part)
    page.evaluate("stops[0].focus()")
    for stop in range(count):
        here = page.evaluate("document.activeElement.outerHTML")
        assert page.evaluate("[here(), told() && true]") == [stop, True], here[:300]
        page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("here()") == count - 1


@pytest.mark.parametrize("part", ["parameters", "architecture", "attention", "training", "generation", "meaning"])
def test_arrows_go_to_the_last_cell_of_every_grid(noted, part):
    for grid in noted.locator(f"#{part} [role=grid]:visible").all():
        grid.locator("[tabindex='0']").focus()
        rows = grid.locator("[role=row]:has([role=gridcell][tabindex])").count()
        for key in ["ArrowDown"] * (rows - 1) + ["End"]:
            noted.keyboard.press(key)
        assert grid.evaluate("grid => cellsOf(grid).at(-1) === document.activeElement")
        noted.keyboard.press("ArrowLeft")
        assert grid.evaluate("grid => cellsOf(grid).at(-2) === document.activeElement")


def tab_to(page, selector):
    """Press Tab until something has the focus."""
    for _ in range(400):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not come to {selector}")


def button(page, section, name):
    """Press a button by keys alone."""
    for _ in range(400):
        page.keyboard.press("Tab")
        if page.evaluate("[document.activeElement.textContent, document.activeElement.closest('section')?.id]") == [
            name, section,
        ]:  # fmt: skip
            return page.keyboard.press("Enter")
    raise AssertionError(f"the Tab key does not come to {name} of {section}")


def test_a_tour_by_keys_alone_from_the_tokenizer_to_a_name(opened):  # noqa: F811
    page = opened()
    said = lambda where: expect(page.locator(where).first)
    tab_to(page, "#nav a")
    page.keyboard.press("Enter")
    tab_to(page, "#tokenizer input")
    page.keyboard.press("Control+a")
    page.keyboard.type("mia")
    said("#tokenizer .ids").to_have_text("[26, 12, 8, 0, 26]")
    button(page, "autograd", "Backward")
    said("#autograd .step").to_contain_text("Done")
    page.keyboard.press("ArrowLeft")
    said("#autograd .step").not_to_contain_text("Done")
    tab_to(page, "#parameters .tile")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    said("#parameters .zoom h3").to_have_text("wpe: 16 × 16")
    page.keyboard.press("Escape")
    button(page, "architecture", "Next ▶")
    page.keyboard.press("ArrowRight")
    said("#architecture .panel h3").to_have_text("3 of 23 Add")
    button(page, "attention", "Head 2")
    tab_to(page, "#attention .square [tabindex='0']")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    said("#attention .attended h3").to_contain_text("Head 2: how")
    button(page, "training", "Train 1 step")
    said("#training .printed").to_have_text(re.compile("step +1 "))
    page.keyboard.press("c")
    said("#training .printed").to_have_text(re.compile(f"step +1000 .*{load()['losses'][-1]:.4f}"))
    tab_to(page, "#generation .term")
    names = load()["names"]
    said("#generation .past strong").to_have_text(names[0])
    button(page, "generation", "Sample again")
    said("#generation .past strong").to_have_text(names[1])
    written = page.locator("#generation .written button .letter")
    expect(written).to_have_text([*names[1], "<BOS>"])
    tab_to(page, "#generation .written button")
    page.keyboard.press("ArrowRight")
    said("#generation [role=region] h3").to_contain_text(f"Position 1: after “<BOS>{names[1][0]}” came “{names[1][1]}”")
