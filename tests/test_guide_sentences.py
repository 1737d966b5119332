"""What the page says in words: only what is so of the weights and names it shows, and each term once."""

import json
import re
from dataclasses import asdict, replace

import pytest

from guide_cases import addressed, browser, expect, go, guide_file, opened, settle, shared, watched  # noqa: F401 (fixtures)
from hornbook.fast import microgpt as fast
from hornbook.guide import exchange, meaning
from hornbook.guide.assemble import page as page_of
from hornbook.guide.golden import load
from hornbook.reference import microgpt


def wrong(page, section):
    return page.locator(f"{section} .wrong:visible").first


@pytest.mark.parametrize("section", ["#head", "#tokenizer", "#architecture", "#attention"])
def test_a_capital_is_refused_and_the_name_that_was_meant_is_offered(shared, section):  # noqa: F811
    page = shared
    go(page, "#tokenizer?name=bob")
    field = page.locator(f"{section} input:not([type])").first
    for typed, said in (("Emma", "No E in the vocabulary. Did you mean emma?"),
                        ("Zoë", "No Z ë in the vocabulary. Did you mean zoe?")):  # fmt: skip
        field.fill(typed)
        expect(wrong(page, section)).to_have_text(said)
    assert field.get_attribute("aria-invalid") == "true"
    wrong(page, section).get_by_role("button").press("Enter")
    expect(field).to_have_value("zoe")
    assert field.get_attribute("aria-invalid") == "false"
    assert field.evaluate("field => field === document.activeElement")
    assert wrong(page, section).count() == 0
    addressed(page, "name=zoe")
    field.fill("9")
    assert wrong(page, section).inner_text() == "No 9 in the vocabulary."
    field.fill("bob")


def test_a_long_name_s_tokens_behind_the_last_position_are_said_to_be_unseen(shared):  # noqa: F811
    page, size = shared, microgpt.Config().block_size
    go(page, "#tokenizer?name=bob")
    word = "abcdefghijklmnopqrst"
    page.fill("#tokenizer input", word)
    given = [26, *range(20), 26]
    assert page.inner_text("#tokenizer .ids") == str(given)
    assert page.locator("#tokenizer .token").count() == len(given)
    unseen = page.locator("#tokenizer .token.unseen")
    assert unseen.locator(".letter").all_inner_texts() == [*word[size:], "<BOS>"]
    assert set(unseen.locator(".role").all_inner_texts()) == {"not seen"}
    assert f"the first {size} of these 22 tokens" in page.inner_text("#tokenizer")
    assert "never sees the other 5" in page.inner_text("#tokenizer")
    for short in (word[: size - 1], "emma"):
        page.fill("#tokenizer input", short)
        assert unseen.count() == 0 and "never sees" not in page.inner_text("#tokenizer")


def test_untrained_weights_are_nowhere_called_trained(shared):  # noqa: F811
    page = shared
    for push in ("", "&attention.push=7"):
        go(page, f"#attention?name=emma{push}")
        assert "trained" not in page.inner_text("#attention")
        assert "trained" not in page.locator("#attention").evaluate("one => one.innerHTML.replaceAll('untrained', '')")


def test_a_capital_s_token_and_its_small_letter_s_row_are_told_apart(shared):  # noqa: F811
    page = shared
    go(page, "#meaning")
    first = meaning.tokenizers()["characters"].encode("The")[0]
    page.get_by_role("list", name="Characters: tokens").get_by_role("button").first.click()
    said = page.inner_text("#meaning-tokens")
    assert f"“T” is token {first} of these" in said
    assert "“T” is none of them: “t” is row 19 of wte" in said
    page.fill("#meaning-neighbours input", "Queen")
    assert "“Queen” is looked up as “queen”" in page.inner_text("#meaning-neighbours")
    assert "queen ·" in page.inner_text("#meaning-neighbours h4")
    page.fill("#meaning-neighbours input", "queen")
    assert "looked up" not in page.inner_text("#meaning-neighbours")


def test_the_steps_of_a_run_are_its_own(browser, tmp_path):  # noqa: F811
    names = ["ada", "alan", "anna", "nadal"]
    gpt, order, _ = fast.begin(names, replace(microgpt.Config(), steps=60))
    losses = [step.loss for step in gpt.train(order)]
    weights = {name: weight.tolist() for name, weight in gpt.parameters.items()}
    run = {
        "format": exchange.FORMAT,
        "config": asdict(gpt.config),
        "letters": gpt.letters,
        "step": 60,
        "losses": losses,
    }
    run["parameters"] = weights
    path = tmp_path / "guide.html"
    path.write_text(page_of(names, None, run), encoding="utf-8")
    with watched(browser, path.as_uri()) as open_:
        page = open_()
        kinds = page.locator("#compare option, .toolbar option").all_inner_texts()
        assert kinds.count("trained, 60 steps") == 3
        assert "1,000" not in " ".join(kinds)
        assert f"loss {losses[59]:.4f} " in printed(page, 60)
        assert "without Adam's memory" in page.inner_text("#training")
        with_m = run | {"m": weights, "v": {name: (gpt.parameters[name] ** 2).tolist() for name in weights}}
        (tmp_path / "run.json").write_text(json.dumps(with_m))
        page.set_input_files("#head input[accept*=json]", tmp_path / "run.json")
        expect(page.locator("#training")).to_contain_text("Adam's m and v with them")
        page = open_(at="#training?step=20")
        assert f"loss {losses[19]:.4f} " in printed(page, 20)


def test_every_term_is_defined_once(shared):  # noqa: F811
    found = shared.evaluate("""() => {
      const lists = [modules["shell/glossary.js"].GLOSSARY, ...modules["sections.js"].sections.map((one) => one.terms)];
      return lists.flatMap((terms) => Object.keys(terms ?? {}));
    }""")
    assert len(found) == len(set(found)) > 50
    assert {"finite difference", "unigram", "bigram", "trigram"} < set(found)
    listed = shared.locator("#terms dt").all_inner_texts()
    assert sorted(listed) == sorted(found)


def test_escape_puts_a_box_away_and_only_then_leaves_teacher_mode(shared):  # noqa: F811
    page = shared
    go(page, "#tokenizer?teacher=1")
    page.locator("#tokenizer .token .id").first.focus()
    assert page.locator("#tip").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#tip").is_hidden()
    assert page.locator(".toolbar").is_hidden()
    page.keyboard.press("Escape")
    assert page.locator(".toolbar").is_visible()


def test_a_seed_in_the_address_is_the_one_that_writes(shared):  # noqa: F811
    page = shared
    go(page, "#compare")
    first = page.locator("#compare table").last.inner_text()
    go(page, "#compare?compare.seed=9")
    assert page.input_value("#compare input[type=number]") == "9"
    assert page.locator("#compare table").last.inner_text() != first
    go(page, "#compare")
    assert page.input_value("#compare input[type=number]") == "1"
    assert page.locator("#compare table").last.inner_text() == first


def printed(page, step):
    line = page.locator("#training .printed")
    expect(line).to_have_text(re.compile(rf"step +{step} "))
    return line.inner_text()


def test_a_trained_view_is_shared_by_its_address(opened):  # noqa: F811
    losses, first = load()["losses"], opened(at="#training?step=100")
    assert f"loss {losses[99]:.4f} " in printed(first, 100)
    expect(first.get_by_label("Weights", exact=True).locator(":checked")).to_have_text("trained here, step 100")
    first.locator("#training").get_by_role("button", name="Train 10 steps").click()
    addressed(first, "step=110")
    second = opened(at=first.evaluate("location.hash"))
    assert printed(second, 110) == printed(first, 110)
    seen = []
    for page in (first, second):
        page.locator("#attention .square").first.scroll_into_view_if_needed()
        settle(page)
        seen.append(page.inner_text("#attention .square"))
    assert seen[0] == seen[1]
    second.locator(".skip").press("Enter")
    addressed(second, "?step=110")  # whichever section is on the screen now
    assert second.evaluate("document.activeElement.id") == "sections-start"
    printed(second, 110)
    go(second, "#training?step=7")
    assert f"loss {losses[6]:.4f} " in printed(second, 7)
    go(second, "#training")  # asks for no step: nothing that was trained is lost
    addressed(second, "#training?step=7")
    printed(second, 7)
    go(second, "#training?step=0")
    printed(second, 0)
    second.get_by_label("Weights", exact=True).select_option("trained")
    printed(second, 1000)
    expect(second).not_to_have_url(re.compile("step="))
    go(second, "#training?step=-3.7e99")
    printed(second, 0)
