"""What the page says of its numbers: every formula comes to its number, and no number is without an explanation."""

import math
import re
import shutil

import numpy as np
import pytest

from guide_cases import browser, expect, go, guide_file, number, opened, settle, shared  # noqa: F401 (fixtures)
from hornbook import graph
from hornbook.fast import microgpt as fast
from hornbook.guide.facts import packaged_names
from hornbook.reference import microgpt
from test_guide_engine import WEIRD, described, node, weights

NARROW = microgpt.Config(n_embd=3, n_head=1)  # every sum short enough to be written out
SIGNS = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="there is no node to run the page's JavaScript")


def worth(text):
    """What a formula with values comes to, such as "0.0701 / √(0.0335 + 0.00001)"."""
    text = re.sub(r"(?<=[\d)])²", "**2", re.split(r": |, as ", text)[0]).translate(SIGNS)
    text = re.sub(r"·10(-\d+)", r"e\1", re.sub(r"(?<=\d),(?=\d{3})", "", text))
    text = re.sub(r"√(\d+)", r"sqrt(\1)", text.replace("√(", "sqrt(")).replace("·", "*")
    text = re.sub(r"ln ([\d.e-]+)", r"log(\1)", text)
    return eval(text, {"exp": math.exp, "log": math.log, "sqrt": math.sqrt, "max": max})


@needs_node
@pytest.mark.parametrize(("config", "word"), [(microgpt.Config(), "cat"), (WEIRD, "alexandra"), (NARROW, "al")])
def test_every_formula_and_every_gradient_s_rule_comes_to_its_number(config, word):
    found = node("rules.mjs", described(weights(config, "acdelnrtx", seed=1), word))
    for kind in ("formulas", "gradients"):
        apart = {name: rule["apart"] for name, rule in found[kind].items()}
        assert max(apart.values()) < 1e-9, (kind, apart)
        assert all(text for rule in found[kind].values() for text, _ in rule["texts"])
    named = {name for name in found["operations"] if name.split(".")[-1] not in ("sum", "heads")}
    assert named < set(found["gradients"])
    assert named - {"embed", "pos_embed"} == set(found["formulas"])


@needs_node
def test_what_is_written_is_what_is_computed():
    """Every formula of a model so narrow that no sum is cut short, computed from its four decimals."""
    found, checked = node("rules.mjs", described(weights(NARROW, "acdelnrtx", seed=1), "al")), 0
    for name, rule in [*found["formulas"].items(), *found["gradients"].items()]:
        for text, value in rule["texts"]:
            if "…" not in text:
                assert worth(text) == pytest.approx(value, rel=5e-4, abs=5e-4), (name, text)
                checked += 1
    assert checked > 700


# decimals of the page that nothing explains; a formula is an explanation, a curve has its table, labels are an axis
BARE = """() => {
  const found = [], texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { data, parentElement: place } = texts.currentNode;
    if (!/(?<![\\d.])\\d+\\.\\d{2,}(?![\\d.]*\\d)/.test(data) || !place.checkVisibility()) continue;
    if (!place.closest(".explained, .formula, .source, details.code, .bars .label, svg")) found.push(data);
  }
  return found;
}"""
OTHER = ("weights=trained&architecture.pass=back&architecture.step=9&attention.push=6&attention.head=2&autograd.step=9"
         "&parameters.matrix=wpe&parameters.show=v.&meaning.analogy=boy+man+woman&meaning.token=bpe.1")  # fmt: skip


@pytest.mark.parametrize("view", ["", OTHER])
def test_no_number_that_can_be_seen_is_without_an_explanation(opened, view):  # noqa: F811
    page = opened(at=f"#tokenizer?{view}")
    page.locator("#training").get_by_role("button", name="Train 10 steps").click()
    page.locator("#training").get_by_role("button", name="Check the gradient").click()
    page.locator("#meaning-step").get_by_role("button", name="Take one step").click()
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    for section in page.locator("main section").all():
        section.scroll_into_view_if_needed()
        settle(page)
    expect(page.locator("#training .legend")).to_contain_text("trigram")
    assert page.evaluate(BARE) == []


def told(page, place):
    """Name, number and values of the box of an element."""
    place.focus()
    lines = page.inner_text("#tip").split("\n")
    name, _, value = lines[0].rpartition(" = ")
    return name, number(value), [line[2:] for line in lines if line.startswith("= ")]


@pytest.mark.parametrize("kind", ["grad.", "m.", "v."])
@pytest.mark.parametrize("matrix", ["wte", "layers.0.attn.wo"])
def test_gradients_and_adam_s_memory_say_how_they_came(shared, kind, matrix):  # noqa: F811
    page = shared
    go(page, f"#parameters?weights=trained&name=al&parameters.matrix={matrix}&parameters.show={kind}")
    expect(page.locator("#parameters .zoom h3")).to_contain_text(f"{kind}{matrix}")
    for row in (0, 1, 11):
        cell = page.locator("#parameters .zoom tbody tr").nth(row).locator("td").nth(2)
        name, value, [values] = told(page, cell)
        assert name == f"{kind}{matrix}[{row}][2]"
        assert worth(values) == pytest.approx(value, rel=2e-3, abs=2e-4), values
    go(page, f"#parameters?name=al&parameters.matrix={matrix}&parameters.show={kind}")
    if kind != "grad.":
        assert told(page, page.locator("#parameters .zoom td").nth(3))[1:] == (0, ["0: no step has been taken"])


def test_a_step_on_a_copy_explains_its_gradients_by_that_step(shared):  # noqa: F811
    page = shared
    go(page, "#meaning?name=emma")
    for _ in range(2):
        page.locator("#meaning-step").get_by_role("button", name="Take one step").click()
    _, value, [values] = told(
        page, page.get_by_role("grid", name="Row 4 of wte").locator("tbody tr").nth(1).locator("td").first
    )
    assert worth(values) == pytest.approx(value, rel=2e-3, abs=6e-5)


def test_the_two_runs_have_one_formula_a_number_and_its_values(shared):  # noqa: F811
    page = shared
    go(page, "#compare")
    for place, name in ((0, "loss of A"), (1, "loss of B")):
        found, value, [values] = told(page, page.locator("#compare [role=status] .number").nth(place))
        assert found == name
        assert worth(values.split(" = ")[1]) == pytest.approx(value, abs=1e-5)
        assert page.locator("#tip .formula").count() == 1
    row = page.locator("#compare tr", has_text="layers.0.attn.wq").locator(".number")
    for place, name in enumerate(
        ("size of {} in A", "size of {} in B", "difference of {}", "cosine of {} in A and in B")
    ):
        found, value, [values] = told(page, row.nth(place))
        assert found == name.format("layers.0.attn.wq")
        assert worth(values.split(" = ")[1]) == pytest.approx(value, rel=1e-3, abs=1e-4)


def test_the_chances_under_the_letters_and_of_untrained_weights_are_python_s(shared):  # noqa: F811
    page = shared
    go(page, "#generation")
    gpt = fast.begin(packaged_names(), microgpt.Config())[0]
    powers = np.exp(graph.of_name(gpt, "a").array("logits")[0] / 0.5)
    chances = powers / powers.sum()
    spread = page.locator("#generation .stage").first.locator("p .number")
    assert [number(text) for text in spread.all_inner_texts()] == pytest.approx(
        [chances.min(), chances.max()], abs=6e-5
    )
    said = page.locator("#generation .stage").first.inner_text()
    assert f"({gpt.letters[chances.argmin()]}) to" in said and f"({gpt.letters[chances.argmax()]})" in said
    assert "as likely" not in said
    under = page.locator("#generation .written button .role").first
    under.hover()
    lines = page.inner_text("#tip").split("\n")
    assert lines[0].startswith(
        f"probability of {page.locator('#generation .written button .letter').first.inner_text()}"
    )
    assert worth(lines[2][2:]) == pytest.approx(number(under.inner_text()), abs=1e-4)
    page.keyboard.press("Escape")
    page.mouse.move(0, 0)
