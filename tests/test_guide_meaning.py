"""From characters to meaning, and two runs compared, in Chromium: by pointer and by keys, with Python's numbers."""

import json
import random

import numpy as np
import pytest

from guide_cases import addressed, browser, expect, go, guide_file, number, opened, shared  # noqa: F401 (fixtures)
from hornbook.fast.microgpt import begin
from hornbook.guide import exchange, golden, meaning
from hornbook.guide.facts import packaged_names
from hornbook.reference import microgpt
from test_guide_words import vectors  # noqa: F401 (fixture)

CUT = {"Characters": "characters", "Byte-pair encoding": "bpe", "WordPiece": "wordpiece"}


def cells(page, grid):
    """The numbers of a matrix by its title, as rows."""
    rows = page.get_by_role("grid", name=grid).locator("tbody tr").all()
    return [[number(cell) for cell in row.locator("td").all_inner_texts()] for row in rows]


def after_one_step(word):
    """Row by row, wte before and after Python's first step on `word`."""
    names, rng, config = packaged_names(), random.Random(42), microgpt.Config()
    letters = microgpt.alphabet(names)
    rng.shuffle(names)
    weights = microgpt.init(len(letters) + 1, config, rng)
    before = [[leaf.data for leaf in row] for row in weights["wte"]]
    microgpt.loss(weights, microgpt.encode(word, letters), config).backward()
    leaves = [leaf for rows in weights.values() for row in rows for leaf in row]
    microgpt.adam(leaves, [0.0] * len(leaves), [0.0] * len(leaves), 1, config)
    return np.array(before), np.array([[leaf.data for leaf in row] for row in weights["wte"]])


def test_text_is_cut_as_it_is_typed_and_a_token_shows_its_row(shared, vectors):  # noqa: F811
    page = shared
    go(page, "#meaning")
    text = "Kings don't unbelieve: 🙂"
    page.fill("#meaning-tokens input", text)
    for title, kind in CUT.items():
        ids = page.locator(f"#meaning-tokens [aria-label='{title}: tokens'] .id").all_inner_texts()
        assert [int(id_) for id_ in ids] == meaning.tokenizers()[kind].encode(text).tolist()
    addressed(page, "meaning.text=Kings")
    page.fill("#meaning-tokens input", "the king sat")
    page.get_by_role("list", name="Characters: tokens").get_by_role("button").nth(4).click()
    assert "row 10 of wte" in page.inner_text("#meaning-tokens")
    assert cells(page, "Rows 9 to 11 of wte")[1] == pytest.approx(after_one_step("k")[0][10], abs=5e-5)
    king = page.get_by_role("list", name="Whole words: tokens").get_by_role("button").nth(1)
    king.focus()
    page.keyboard.press("Enter")
    row = vectors.row("king")
    assert f"“king” is row {row}" in page.inner_text("#meaning-tokens")
    assert cells(page, f"Rows {row - 1} to {row + 1} of vectors")[1] == pytest.approx(vectors.unit("king"), abs=5e-5)
    page.get_by_role("list", name="Byte-pair encoding: tokens").get_by_role("button").first.click()
    first = meaning.tokenizers()["bpe"].encode("the king sat")[0]
    rng = random.Random(42)
    drawn = [rng.gauss(0, 0.08) for _ in range(800 * 16)]
    shown = cells(page, f"Rows {first - 1} to {first + 1} of table")[1]
    assert shown == pytest.approx(drawn[first * 16 : first * 16 + 16], abs=5e-5)
    page.get_by_role("list", name="Whole words: tokens").get_by_role("button").first.click()
    assert "“the” is none of the 1,000 words" in page.inner_text("#meaning-tokens")
    page.fill("#meaning-tokens input", "")
    assert "No token" in page.inner_text("#meaning-tokens")


def test_a_step_moves_exactly_the_rows_that_were_used_as_in_python(shared):  # noqa: F811
    page = shared
    go(page, "#meaning?name=emma")
    page.focus("#meaning-step")
    page.keyboard.press("Enter")
    said = page.inner_text("#meaning-step [role=status]")
    before, after = after_one_step("emma")
    moved = np.flatnonzero((before != after).any(axis=1)).tolist()
    assert moved == [0, 4, 12, 26]
    assert "Moved and used: a e m <BOS>. Moved without being used: none. Exactly where they were: 23 of 27" in said
    page.click("#meaning-step summary:has-text('All rows')")
    for id_ in (4, 1):
        page.locator("#meaning-step .rows button").nth(id_).click()
        shown = cells(page, f"Row {id_} of wte, “{'ab?de'[id_] if id_ < 4 else 'e'}”")
        assert shown[0] == pytest.approx(before[id_], abs=5e-5)
        assert shown[3] == pytest.approx(after[id_], abs=5e-5)
        assert shown[2] == pytest.approx(after[id_] - before[id_], abs=5e-5)
    assert shown[1] == shown[2] == [0] * 16
    page.fill(".toolbar input", "bob")
    page.click("#meaning-step button:has-text('Take one step on “bob”')")
    assert "Moved without being used: a e m. Exactly" in page.inner_text("#meaning-step [role=status]")
    page.focus("#meaning-step")
    page.keyboard.press("Backspace")
    assert "nothing has moved" in page.inner_text("#meaning-step")
    assert page.evaluate("document.querySelector('#meaning-step .moved')") is None


def test_neighbours_and_what_a_cosine_is_the_sum_of(shared, vectors):  # noqa: F811
    page = shared
    go(page, "#meaning?meaning.word=queen")
    near = page.locator("#meaning-neighbours .bars li")
    words = near.get_by_role("button").all_inner_texts()
    assert words == [word for word, _ in vectors.neighbours("queen")]
    cosines = [number(text) for text in near.locator(".value").all_inner_texts()]
    assert cosines == pytest.approx([cosine for _, cosine in vectors.neighbours("queen")], abs=5e-5)
    near.get_by_role("button").nth(2).focus()
    page.keyboard.press("Enter")
    pair = vectors.explain("queen", words[2])
    shown = np.array(cells(page, f"queen · {words[2]}, number by number"))
    np.testing.assert_allclose(shown[:, 2], pair.products, atol=5e-5)
    assert shown[-1, 3] == pytest.approx(pair.cosine, abs=5e-5)
    near.locator(".value").nth(2).hover()
    assert f"cosine(queen, {words[2]})" in page.inner_text("#tip")
    assert "distances.py:" in page.inner_text("#tip")
    page.get_by_role("button", name="Nearest to “").click()
    assert page.input_value("#meaning-neighbours input") == words[2]
    page.fill("#meaning-neighbours input", "horsey")
    assert "“horsey” is not among the 1,000 words" in page.inner_text("#meaning-neighbours .wrong")
    page.get_by_role("button", name="horse", exact=True).click()
    addressed(page, "meaning.word=horse")


def test_an_analogy_says_what_each_term_adds(shared, vectors):  # noqa: F811
    page = shared
    go(page, "#meaning")
    for terms in (["king", "man", "woman"], ["paris", "france", "england"]):
        for field, word in zip(page.locator("#meaning-analogy input").all(), terms):
            field.fill(word)
        found = vectors.analogy([terms[0], terms[2]], [terms[1]], k=5)
        said = page.inner_text("#meaning-analogy .answer")
        assert said == found.formula
        assert page.locator("#meaning-analogy .bars button").all_inner_texts() == [one.word for one in found.candidates]
        page.locator("#meaning-analogy .bars button").nth(1).click()
        parts = page.locator("#meaning-analogy .parts td:last-child").all_inner_texts()
        expected = [*found.candidates[1].parts, found.candidates[1].score]
        assert [number(part) for part in parts] == pytest.approx(expected, abs=6e-5)
    addressed(page, "meaning.analogy=paris")
    page.get_by_role("button", name="king − man + woman").click()
    assert page.inner_text("#meaning-analogy .answer") == "king − man + woman ≈ queen"
    page.locator("#meaning-analogy input").first.fill("zzz")
    assert "Not among the words here: “zzz”" in page.inner_text("#meaning-analogy .wrong")
    go(page, "#meaning?meaning.analogy=uncle+man+woman")
    expect(page.locator("#meaning-analogy input").first).to_have_value("uncle")


def test_two_runs_are_compared_and_one_may_come_from_a_file(opened, tmp_path):  # noqa: F811
    page = opened(at="#compare")
    said = page.inner_text("#compare [role=status]")
    assert "A has 3.3" in said
    assert "1,000" in page.inner_text("#compare table")
    before = page.locator("#compare table").last.inner_text()
    page.get_by_role("button", name="Other names").click()
    assert page.locator("#compare table").last.inner_text() != before
    addressed(page, "compare.seed=2")
    (tmp_path / "bad.json").write_text("{}")
    page.set_input_files("#compare input[type=file]", tmp_path / "bad.json")
    expect(page.locator("#compare > .body > [role=status]")).to_contain_text("bad.json: this is no run")
    gpt, _, _ = begin(packaged_names())
    weights = {name: weight.tolist() for name, weight in gpt.parameters.items()}
    run = {"format": exchange.FORMAT, "config": vars(gpt.config), "letters": gpt.letters, "step": 0, "losses": [],
           "parameters": weights}  # fmt: skip
    (tmp_path / "run.json").write_text(json.dumps(run))
    page.set_input_files("#compare input[type=file]", tmp_path / "run.json")
    expect(page.locator("#compare select").nth(1)).to_have_value("file")
    table = page.locator("#compare table").nth(2 if page.locator("#compare .behind[open]").count() else 1)
    apart = [number(text) for text in table.locator("td:nth-child(4)").all_inner_texts()]
    assert apart == pytest.approx([0] * 9, abs=1e-12)
    page.select_option("#compare select >> nth=0", "trained")
    addressed(page, "compare.a=trained")
    assert number(page.locator("#compare tbody td .number").first.inner_text()) < min(golden.load()["losses"][:10])
