"""The architecture in the page: every operation, forwards and back, shows Python's numbers; by keyboard as well."""

import numpy as np
import pytest

from guide_cases import addressed, browser, expect, go, guide_file, number, opened, shared  # noqa: F401 (fixtures)
from hornbook import graph
from hornbook.fast import microgpt as fast
from hornbook.guide.facts import packaged_names
from hornbook.reference import microgpt

STEPS = 23
CLOSE = {"rtol": 5e-3, "atol": 5.1e-5}  # four decimals are shown, of small numbers three digits
MADE = [  # the number that each operation makes, as rows of a name's trace; None where it has no name of its own
    "embed", "pos_embed", None, "embed_norm", "norm1", "attn.q", "attn.k", "attn.v", None, "attn.scores",
    "attn.pattern", "attn.z", "attn.out", "resid_mid", "norm2", "mlp.pre", "mlp.post", "mlp.out", "resid_post",
    "logits", "probabilities", "losses", "loss",
]  # fmt: skip


@pytest.fixture(scope="module")
def untrained():
    """Python's numbers of the name that the page begins with, before the first step."""
    gpt = fast.begin(packaged_names(), microgpt.Config())[0]
    return gpt, graph.of_name(gpt, "emma")


def shown(page, place=0):
    """The numbers of one of the vectors in the panel."""
    texts = page.locator("#architecture .panel .cells").nth(place).locator(".value").all_inner_texts()
    return [number(text) for text in texts]


def full(name):
    return f"layers.0.{name}" if name.startswith(("norm", "attn", "resid", "mlp")) else name


def expected(python, name, position, grad=""):
    """A row of Python's numbers; of the probabilities only the one in the loss is a node: softmax for the rest."""
    gpt, trace = python
    if name in ("embed", "pos_embed"):  # rows of weights, no numbers of their own
        token = gpt.encode(["emma"])[0][position]
        return gpt.parameters["wte"][token] if name == "embed" else gpt.parameters["wpe"][position]
    if name == "probabilities" and not grad:
        powers = np.exp(trace.array("logits")[position])
        return powers / powers.sum()
    array = trace.array(grad + full(name))
    row = array if name in ("losses", "loss") else array[position]
    if name == "probabilities":
        return np.nan_to_num(row)
    return row[~np.isnan(row)].ravel() if name in ("attn.scores", "attn.pattern") else np.ravel(row)


def seen(page, more=""):
    go(page, f"#architecture?name=emma{more}")
    return page


def heading(page):
    return page.locator("#architecture .panel h3").inner_text()


def test_next_goes_through_python_s_numbers_and_back(shared, untrained):  # noqa: F811
    page = seen(shared, "&architecture.position=2")
    for step, name in enumerate(MADE, 1):
        assert heading(page).startswith(f"{step} of {STEPS}")
        if name:
            np.testing.assert_allclose(shown(page), expected(untrained, name, 2), **CLOSE, err_msg=name)
        if step < STEPS:
            page.locator("#architecture").get_by_role("button", name="Next").click()
    assert page.locator("#architecture").get_by_role("button", name="Next").get_attribute("aria-disabled") == "true"
    page.locator("#architecture").get_by_role("button", name="◀ Back").click()
    assert heading(page).startswith(f"{STEPS - 1} of {STEPS}")


def test_the_backward_pass_shows_python_s_gradients(shared, untrained):  # noqa: F811
    page = seen(shared, "&architecture.position=1&architecture.pass=back")
    stage = page.locator("#architecture .stage")
    stage.focus()
    for step, name in enumerate(reversed(MADE), 1):
        assert heading(page).startswith(f"{step} of {STEPS} Gradient")
        if name and name not in ("embed", "pos_embed"):  # their nodes are leaves, shared by positions
            np.testing.assert_allclose(shown(page), expected(untrained, name, 1, "grad."), **CLOSE, err_msg=name)
            assert len(shown(page, 1)) == len(shown(page))
        page.keyboard.press("ArrowRight")


def test_keys_slider_select_switch_and_boxes(shared):  # noqa: F811
    page = seen(shared)
    section, stage = page.locator("#architecture"), page.locator("#architecture .stage")
    stage.focus()
    for key, begins in [("End", "23"), ("Home", "1"), ("ArrowRight", "2"), ("ArrowRight", "3"), ("ArrowLeft", "2")]:
        page.keyboard.press(key)
        assert heading(page).startswith(f"{begins} of")
    page.keyboard.press("b")  # the same operation, seen from the other end
    assert heading(page).startswith("22 of 23 Gradient: Position embedding")
    way = section.get_by_role("button", name="Backward pass")
    assert way.get_attribute("aria-pressed") == "true"
    assert section.get_by_text("Show Python code of the backward pass").is_visible()
    way.click()
    assert heading(page).startswith("2 of 23 Position")
    slider = section.get_by_role("slider", name="Operation")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "step 3 of 23, Add"
    section.locator(".box[data-id=post]").click()
    assert heading(page).endswith("ReLU")
    assert section.locator(".box.lit").get_attribute("data-id") == "post"
    assert section.locator(".box:not(.coming)").count() == 17
    section.get_by_label("Position", exact=True).select_option(label="3: m → a")
    assert "mlp.post[3]" in section.locator(".panel h4").first.inner_text()
    section.get_by_text("Show Python code", exact=True).click()
    assert "post = see" in "".join(section.locator(".lit code").all_inner_texts())
    addressed(page, "architecture.step=17")
    addressed(page, "architecture.position=3")


def test_every_control_by_pointer(shared):  # noqa: F811
    page = seen(shared)
    section, slider = page.locator("#architecture"), page.get_by_role("slider", name="Operation")
    box = slider.bounding_box()
    slider.click(position={"x": box["width"] - 3, "y": box["height"] / 2})
    assert heading(page).startswith("23 of 23")
    section.get_by_role("button", name="◀ Back").click()
    assert heading(page).startswith("22 of 23")
    boxes = section.locator(".box[data-id]")
    titles = set()
    for place in range(boxes.count()):
        boxes.nth(place).click()
        assert section.locator(".box.lit").get_attribute("data-id") == boxes.nth(place).get_attribute("data-id")
        titles.add(heading(page))
    assert len(titles) == boxes.count() == STEPS
    section.locator(".box[data-id=q]").click()
    section.locator("canvas").click(position={"x": 4, "y": 4})
    assert "layers.0.attn.wq[0][0]" in page.inner_text("#tip")
    section.locator(".weights summary").click()
    expect(section.locator(".weights td[tabindex]")).to_have_count(256)
    section.locator(".weights summary").click()
    section.get_by_text("The diagram as a table").click()
    expect(section.locator("[aria-label=Operations] tbody tr")).to_have_count(STEPS)
    section.get_by_text("The diagram as a table").click()
    section.locator(".term").first.hover()
    assert "token" in page.inner_text("#tip")


def test_any_text_and_any_number_explained(shared):  # noqa: F811
    page = seen(shared, "&architecture.step=10&architecture.position=4")
    section = page.locator("#architecture")
    section.get_by_label("Text", exact=True).fill("cat")
    assert section.get_by_label("Position", exact=True).input_value() == "3"
    assert len(shown(page)) == 16
    section.get_by_label("Text", exact=True).fill("c4t")
    assert "No 4 in the vocabulary" in section.locator(".wrong").first.inner_text()
    first = section.locator(".panel .cells").first
    first.locator("[tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    said = page.locator("#tip").inner_text()
    assert "layers.0.attn.scores[3][1][0] =" in said
    assert "√4" in said
    assert "microgpt.py:" in said
    assert heading(page).startswith("10 of")
    section.get_by_role("button", name="Backward pass").click()
    first.locator("[tabindex='0']").focus()
    said = page.locator("#tip").inner_text()
    assert "grad.layers.0.attn.scores[3][0][0] =" in said
    assert said.count("=") >= 2
    section.locator(".box[data-id=q]").click()
    section.locator("canvas").focus()
    assert "grad.layers.0.attn.wq[0][0]" in page.locator("#tip").inner_text()


def test_numbers_move_with_the_weights(opened):  # noqa: F811
    page = opened(at="#architecture?architecture.step=23")
    before = page.locator("#architecture .panel .value").all_inner_texts()
    page.get_by_label("Weights", exact=True).select_option("trained")
    expect(page.locator("#architecture .panel .value").first).not_to_have_text(before[0])
    assert shown(page)[0] < float(before[0])
