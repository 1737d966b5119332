"""Training in the page: its steps are Python's, any parameter can be read and checked, by pointer and by keys."""

import random
import re
from functools import cache
from itertools import pairwise

import pytest

from guide_cases import addressed, browser, expect, go, guide_file, number, opened, settle  # noqa: F401 (fixtures)
from hornbook.guide.facts import packaged_names
from hornbook.guide.golden import load
from hornbook.reference import microgpt

STEPS = 3


@cache
def python():
    """Three steps of the Python form: its leaves by name, with gradient, m and v as after the last step."""
    names, rng, config = packaged_names(), random.Random(42), microgpt.Config()
    letters = microgpt.alphabet(names)
    rng.shuffle(names)
    weights = microgpt.init(len(letters) + 1, config, rng)
    leaves = [leaf for rows in weights.values() for row in rows for leaf in row]
    m, v = [0.0] * len(leaves), [0.0] * len(leaves)
    for step in range(1, STEPS + 1):
        loss = microgpt.loss(weights, microgpt.encode(names[step - 1], letters), config)
        loss.backward()
        gradients, before = [leaf.grad for leaf in leaves], [leaf.data for leaf in leaves]
        microgpt.adam(leaves, m, v, step, config)
    rows = zip(leaves, before, gradients, m, v)
    found = {leaf.name: {"value x": leaf.data, "update": leaf.data - x, "gradient g": g, "m": a, "v": b}
             for leaf, x, g, a, b in rows}  # fmt: skip
    after = microgpt.loss(weights, microgpt.encode(names[STEPS - 1], letters), config).data
    return {"names": names[: STEPS + 1], "loss": loss.data, "after": after, "parameters": found}


def press(page, name):
    page.locator("#training").get_by_role("button", name=name, exact=True).click()


def at_step(page, step):
    """Wait until a step is written; everything else in the section is drawn in the same frame."""
    expect(page.locator("#training .printed")).to_have_text(re.compile(rf"step +{step} "))


def says(page, where, text):
    expect(page.locator(f"#training {where}").first).to_contain_text(text)


def update_rows(page):
    return dict(zip(page.locator("#training .update dt").all_inner_texts(),
                    map(number, page.locator("#training .update .number").all_inner_texts())))  # fmt: skip


def test_three_steps_are_those_of_python_in_every_number_of_a_parameter(opened):  # noqa: F811
    page, expected = opened(at="#training?training.parameter=layers.0.mlp.fc2[3][5]"), python()
    assert "Step 1 will be on" in page.inner_text("#training")
    assert expected["names"][0] in page.inner_text("#training h3 >> nth=0")
    for step in range(1, STEPS + 1):
        press(page, "Train 1 step")
        at_step(page, step)
    assert f"one name's loss {expected['loss']:.4f}" in page.inner_text("#training .printed")
    means = page.locator("#training .pairs + p .number").all_inner_texts()
    assert [number(one) for one in means] == pytest.approx([expected["loss"], expected["after"]], abs=5e-5)
    for name in ("layers.0.mlp.fc2[3][5]", "wte[26][0]", "layers.0.attn.wq[0][0]"):
        go(page, f"#training?step={STEPS}&training.parameter={name}")
        says(page, "h4", name)
        rows, right = update_rows(page), expected["parameters"][name]
        assert {label: rows[label] for label in right} == pytest.approx(right, rel=6e-3, abs=6e-7)
    assert page.locator("#training .phases [aria-current]").count() == 3
    assert page.locator("#training .code .lit").count() == 3


def test_pairs_are_the_letters_with_their_losses(opened):  # noqa: F811
    page, name = opened(at="#training"), python()["names"][0]
    labels = page.locator("#training .pairs tbody th").all_inner_texts()
    letters = ["<BOS>", *name, "<BOS>"]
    assert labels == [f"{a} → {b}" for a, b in pairwise(letters)]
    losses = [number(text) for text in page.locator("#training .pairs td:nth-of-type(2)").all_inner_texts()]
    assert sum(losses) / len(labels) == pytest.approx(load()["losses"][0], abs=1e-4)
    page.locator("#training .pairs tbody td").nth(0).focus()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    marks = page.locator("#training .tokens .role").all_inner_texts()
    assert (marks.index("input"), marks.index("target")) == (2, 3)
    assert "losses" in page.inner_text("#tip") or "probabilities" in page.inner_text("#tip")
    assert "microgpt.py:" in page.inner_text("#tip")


PLACES = """(chart) => {  // of the words in a picture: text, left, right, and how far they stand out of it
  const frame = chart.getBoundingClientRect();
  return [...chart.querySelectorAll("text")].map((one) => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    const out = Math.max(frame.left - left, right - frame.right, frame.top - top, bottom - frame.bottom);
    return [one.textContent, left, right, out];
  });
}"""


@pytest.mark.parametrize("width", [375, 1280])
def test_the_words_of_the_curve_stand_inside_its_picture_and_apart(opened, width):  # noqa: F811
    page = opened(width, at="#training")
    chart = page.locator("#training svg.chart")
    chart.scroll_into_view_if_needed()
    says(page, ".legend", "trigram")
    for step in (0, 1, 11):
        at_step(page, step)
        settle(page)
        found = chart.evaluate(PLACES)
        assert all(out <= 0 for *_, out in found), (step, found)
        words = {text: (left, right) for text, left, right, _ in found}
        assert {"ln 27", "trigram", "step 1"} <= set(words)
        assert ("1" in words) is False
        if step > 1:
            assert words["step 1"][1] < words[str(step)][0]
        press(page, "Train 1 step" if step == 0 else "Train 10 steps")


def test_the_curve_s_numbers_and_its_yardsticks_say_what_they_are(opened):  # noqa: F811
    page, losses, names = opened(at="#training"), load()["losses"], packaged_names()
    press(page, "Train 10 steps")
    at_step(page, 10)
    says(page, ".legend", "trigram")
    letters = sum(len(name) + 1 for name in names)
    for place, (label, nats) in enumerate(microgpt.yardsticks(names).items()):
        page.locator("#training .legend .number").nth(place).focus()
        said = page.inner_text("#tip")
        assert said.startswith(f"{label} = {nats:.6f}") and "microgpt.py:" in said
        assert ("−ln (1 / 27)" if not place else f"{nats * letters:.1f} / {letters:,}") in said
    page.locator("#training .picture summary").first.click()
    cells = page.locator("#training .picture td .number")
    three = " + ".join(f"{x:.4f}" for x in losses[:3])
    for place, told in ((4, f"loss of step 3 = {losses[2]:.6f}"), (5, f"({three}) / 3")):
        cells.nth(place).focus()
        assert told in page.inner_text("#tip")
    page.locator("#training .printed .number").first.focus()
    said = page.inner_text("#tip")
    parts = [number(text) for text in re.search(r"= \((.*)\) / \d+", said)[1].split(" + ")]
    assert sum(parts) / len(parts) == pytest.approx(losses[9], abs=1e-4)


def test_buttons_train_pause_and_reset_and_the_curve_has_yardsticks(opened):  # noqa: F811
    page = opened(at="#training")
    for name, step in (("Train 10 steps", 10), ("Train 100 steps", 110)):
        press(page, name)
        at_step(page, step)
    losses = load()["losses"]
    recent = sum(losses[10:110]) / 100
    assert f"loss {losses[109]:.4f}  last 100's {recent:.4f}" in page.inner_text("#training .printed")
    page.locator("#training svg.chart").scroll_into_view_if_needed()
    says(page, ".legend", "trigram")
    legend = page.inner_text("#training .legend")
    for label, nats in microgpt.yardsticks(packaged_names()).items():
        assert f"{label} {nats:.4f}" in legend
    page.locator("#training .picture summary").first.click()
    says(page, ".picture table", "110")
    press(page, "Train continuously")
    at_step(page, 1000)
    press(page, "Train 1 step")
    says(page, ".wrong", "Training is over")
    assert f"loss {losses[999]:.4f}" in page.inner_text("#training .printed")
    press(page, "Reset")
    at_step(page, 0)
    expect(page.locator("#training .wrong").first).to_be_hidden()


def test_the_pace_is_set_by_keys_and_a_pause_holds(opened):  # noqa: F811
    page = opened(at="#training")
    page.focus("#training input[type=range]")
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    addressed(page, "training.speed=3")
    assert "10 a second" in page.inner_text("#training .controls output >> nth=0")
    press(page, "Train continuously")
    expect(page.locator("#training .printed")).to_have_text(re.compile(r"step +([2-9]|\d\d+) "))
    press(page, "Pause")
    expect(page.get_by_role("button", name="Train continuously")).to_have_attribute("aria-pressed", "false")
    held = int(re.search(r"step +(\d+)", page.text_content("#training .printed"))[1])
    assert 2 <= held < 1000
    press(page, "Train 1 step")
    at_step(page, held + 1)


def test_keys_alone_train_choose_check_and_watch(opened):  # noqa: F811
    page = opened(at="#training")
    page.focus("#training h2")
    page.keyboard.press("Enter")
    at_step(page, 1)
    page.focus("#training .heatmap")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert "wte[1][1]" in page.inner_text("#tip") and "Adam's v" in page.inner_text("#tip")
    page.keyboard.press("Enter")
    assert page.inner_text("#training h4") == "wte[1][1]"
    addressed(page, "training.parameter=wte%5B1%5D%5B1%5D")
    page.locator("#training").get_by_label("row", exact=True).fill("26")
    assert page.inner_text("#training h4") == "wte[26][1]"
    same = "✓ The same as the backward pass"
    for button, where, text in (("Watch this one", ".watched", "wte[26][1]"), ("Check the gradient", ".nudged", same)):
        page.locator("#training").get_by_role("button", name=button).press("Enter")
        says(page, where, text)
    page.locator("#training").get_by_label("Inspect layers.0.mlp.fc1[0][0]").press("Enter")
    assert page.inner_text("#training h4") == "layers.0.mlp.fc1[0][0]"
    page.locator("#training").get_by_label("Watch layers.0.mlp.fc1[0][0] no longer").press("Enter")
    assert page.locator("#training").get_by_label("Inspect layers.0.mlp.fc1[0][0]").count() == 0
    page.locator("#training").get_by_label("Matrix").select_option("lm_head")
    page.locator("#training").get_by_label("Picture of").select_option("m.")
    assert page.get_attribute("#training .heatmap", "aria-label").startswith("m.lm_head: 27 × 16")
    page.focus("#training h2")
    page.keyboard.press("c")
    at_step(page, 1000)
    page.keyboard.press("r")
    at_step(page, 0)


def test_the_page_has_its_turn_while_it_trains(opened):  # noqa: F811
    page = opened(at="#training")
    turns = page.evaluate("""async () => {
      const line = document.querySelector(".printed");
      let turns = 0;
      [...document.querySelectorAll("#training button")].find((one) => one.textContent === "Train continuously")
        .click();
      while (!/step +1000/.test(line.textContent)) { turns++; await new Promise((done) => { setTimeout(done); }); }
      return turns;
    }""")
    assert turns >= 3  # a thousand steps without a pause would be one
