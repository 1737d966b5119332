"""The guide in real Chromium: parity with Python, the first section, what all sections are made of, accessibility."""

import json
from dataclasses import asdict

from guide_cases import addressed, browser, expect, go, guide_file, opened, settle, too_wide, violations  # noqa: F401 (fixtures)
from hornbook.fast import microgpt as fast
from hornbook.guide import exchange
from hornbook.reference import microgpt

PARTS = """() => {  // a section with every part in it
  const { App } = modules["shell/app.js"], { el } = modules["shell/el.js"], root = el("section", {id: "parts"});
  const app = window.app = new App(JSON.parse(document.getElementById("data").textContent));
  document.querySelector("main").append(root);
  const heat = app.heatmap({name: "wte", onPick: (i, j) => { window.picked = [i, j]; }});
  const matrix = app.matrix({name: "layers.0.attn.q"}), code = app.code("microgpt.linear", "autograd.Value.backward");
  const bars = app.bars({title: "Next letter", items: () => Array.from(app.trace("probabilities").data.slice(0, 27)).map(
    (value, i) => ({label: app.model.tokenizer.token(i), value, chosen: i === 3})), family: "loss"});
  const chart = app.chart({title: "Loss", series: () => [{label: "one name", values: app.model.trainer.losses}], levels: () => ({"ln 27": Math.log(27)}), tellLevel: () => ({lines: app.lines("loss")})});
  const numbers = ["loss", ...Object.keys(app.data.numbers).map(name => name.replace(".i.", ".0."))].map(name => {
    const { shape } = app.trace(name), p = el("p", {}, app.shown({name, index: shape.map((n, axis) => axis === 2 ? 0 : n - 1)}),
      " ", app.shown({name: "grad." + name, index: shape.map((n, axis) => axis === 2 ? 0 : n - 1)}));
    return p;
  });
  const stage = el("div", {class: "stage", tabindex: 0, role: "group", "aria-label": "Stage"}, "stage");
  app.keys(stage, "Stage", {ArrowRight: ["next", () => { window.pressed = true; }]});
  root.append(el("h2", {}, "Parts"), stage, heat.element, matrix.element, bars.element, chart.element, code.element, ...numbers);
  app.onStep(() => { heat.update(); matrix.update(); bars.update(); chart.update(); });
  code.light(app.lines("layers.0.attn.q"));
  app.tip.box.id = "tip2";
}"""  # noqa: E501


def test_the_badge_is_green_and_says_what_it_compared(opened):  # noqa: F811
    page = opened()
    assert page.get_attribute("#parity", "data-state") == "equal"
    said = page.inner_text("#parity")
    assert "Same numbers as Python: 1,000 losses" in said
    assert "20 of 20 names are the same" in said


def test_the_badge_turns_red_for_other_numbers(browser, tmp_path):  # noqa: F811
    from hornbook.guide import facts, golden
    from hornbook.guide.assemble import page

    expected = golden.load()
    expected["losses"][700] += 2e-6
    (tmp_path / "guide.html").write_text(page(facts.packaged_names(), expected), encoding="utf-8")
    opened_page = browser.new_page()
    opened_page.goto((tmp_path / "guide.html").as_uri())
    opened_page.wait_for_selector("#parity[data-state=different]", timeout=60_000)
    assert "Not Python's numbers" in opened_page.inner_text("#parity")
    opened_page.close()


def test_the_badge_speaks_of_the_names_that_are_there(opened):  # noqa: F811
    found = opened().evaluate("""async () => {
      const { App } = modules["shell/app.js"], { badge } = modules["shell/badge.js"], found = [];
      const data = JSON.parse(document.getElementById("data").textContent);
      for (const then of [0, 1]) {
        const app = new App(data), { element, run } = badge(app), [output, again] = element.children;
        app.packaged = app.model.list;
        const runs = [run()];
        app.model.useNames(["ada"]);
        if (then) runs.push(run());
        await Promise.all(runs);
        found.push([output.textContent, app.model.saved.trained?.letters, again.disabled]);
      }
      return found;
    }""")
    assert found[0] == ["Parity with Python: training …", None, False]
    assert "your names" in found[1][0] and found[1][1:] == [["a", "d"], False]


def test_a_file_that_python_could_not_read_is_refused_and_a_mark_is_no_letter(opened, tmp_path):  # noqa: F811
    page = opened()
    said = page.locator(".files > span[role=status]")
    page.click("text=Files")
    (tmp_path / "marked.txt").write_bytes(b"\xef\xbb\xbfada\r\n")
    (tmp_path / "latin.txt").write_bytes("zoë".encode("latin-1"))
    page.set_input_files("input[accept*=txt]", tmp_path / "marked.txt")
    expect(said).to_have_text("1 names, vocabulary 3.")
    expect(page.locator("#parity")).to_have_attribute("data-state", "alone")
    page.set_input_files("input[accept*=txt]", tmp_path / "latin.txt")
    expect(said).to_contain_text("latin.txt: this is no text in UTF-8")
    assert page.locator("#tokenizer .vocabulary tbody tr").count() == 3


def test_what_is_printed_are_the_sections_without_their_controls(opened):  # noqa: F811
    page = opened(375)
    page.emulate_media(media="print")
    assert page.locator(".toolbar").is_hidden()
    assert page.locator("#nav").is_hidden()
    assert page.locator("#tokenizer .tokens").is_visible()
    assert too_wide(page) <= 0


def test_it_works_under_the_strictest_policy_a_server_may_send(browser, guide_file):  # noqa: F811
    policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    context, wrong = browser.new_context(), []
    page = context.new_page()
    page.on("console", lambda message: wrong.append(message.text))
    headers = {"Content-Security-Policy": policy, "Content-Type": "text/html"}
    context.route("**/*", lambda route: route.fulfill(body=guide_file.read_text(encoding="utf-8"), headers=headers))
    page.goto("http://guide.test/guide")
    page.wait_for_selector("#parity[data-state=equal]", timeout=60_000)
    assert not wrong
    context.close()


def test_a_name_is_typed_and_cut(opened):  # noqa: F811
    page = opened()
    page.fill("#tokenizer input", "zoe")
    assert page.inner_text("#tokenizer .ids") == "[26, 25, 14, 4, 26]"
    assert page.locator("#tokenizer .token.bos").count() == 2
    addressed(page, "name=zoe")
    page.fill("#tokenizer input", "zoë")
    assert "No ë in the vocabulary. Did you mean zoe?" in page.inner_text("#tokenizer .wrong")
    assert page.locator("#tokenizer .token.unknown").count() == 1
    page.click("#tokenizer .names button")
    assert page.input_value("#tokenizer input") == page.inner_text("#tokenizer .names li:first-child button")


def test_a_number_is_explained_by_pointer_keyboard_and_tap(opened):  # noqa: F811
    page = opened(at="#tokenizer?name=ada")
    number = page.locator("#tokenizer .token .id").nth(1)
    for ask in (number.hover, number.focus, number.click):
        ask()
        assert "ids[1] = 0" in page.inner_text("#tip")
        assert 'letters.index("a") = 0' in page.inner_text("#tip")
        assert "microgpt.py:41" in page.inner_text("#tip")
        page.keyboard.press("Escape")
        assert page.locator("#tip").is_hidden()
        page.mouse.move(0, 0)
        page.evaluate("document.activeElement.blur()")


def test_the_address_is_the_view(opened):  # noqa: F811
    page = opened(at="#tokenizer?name=anna&weights=trained&theme=dark")
    assert page.input_value("#tokenizer input") == "anna"
    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.eval_on_selector(".toolbar select", "select => select.value") == "trained"
    go(page, "#tokenizer?name=bob")
    expect(page.locator("#tokenizer input")).to_have_value("bob")


def test_teacher_mode_hides_controls_and_escape_brings_them_back(opened):  # noqa: F811
    page = opened()
    page.get_by_role("button", name="Teacher mode").click()
    assert page.locator(".toolbar").is_hidden()
    addressed(page, "teacher=1")
    page.keyboard.press("Escape")
    assert page.locator(".toolbar").is_visible()


def test_the_tab_key_reaches_every_control(opened):  # noqa: F811
    page = opened()
    controls = ":is(button, input, select, summary):not([hidden])"
    wanted = page.locator(f"#head {controls}:visible, #nav a:visible, #tokenizer {controls}:visible").count()
    reached, mine = set(), True
    while mine:
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.outerHTML"))
        mine = page.evaluate("!!document.activeElement.closest('.skip, #head, #nav, #tokenizer')")
    assert len(reached) >= wanted
    assert any("Skip to" in one for one in reached)
    assert any('type="text"' in one or "<input" in one for one in reached)
    assert any("<summary>Show Python code" in one for one in reached)
    assert any('class="term' in one for one in reached)


def test_own_names_and_a_run_go_in_and_out(opened, tmp_path):  # noqa: F811
    page = opened()
    page.click("text=Files")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save this run").click()
    saved = json.loads(download.value.path().read_text())
    assert saved["step"] == 0
    assert len(saved["parameters"]["wte"]) == 27
    half = [[x / 2 for x in row] for row in saved["parameters"]["wte"]]
    saved |= {"step": 5, "parameters": saved["parameters"] | {"wte": half}}
    (tmp_path / "run.json").write_text(json.dumps(saved))
    page.set_input_files("input[accept*=json]", tmp_path / "run.json")
    page.wait_for_selector("text=A run of 5 steps")
    (tmp_path / "names.txt").write_text("ada\nalan\nçelik\n")
    page.set_input_files("input[accept*=txt]", tmp_path / "names.txt")
    page.wait_for_selector("text=3 names, vocabulary 9")
    page.wait_for_selector("#parity[data-state=alone]")
    said = page.inner_text("#parity")
    gpt, order, _ = fast.begin(["ada", "alan", "çelik"])
    assert "Not compared with Python: it has not run on your names" in said and "✓" not in said
    assert f"step 1,000 has loss {list(gpt.train(order))[-1].loss:.4f};" in said
    page.set_input_files("input[accept*=json]", tmp_path / "names.txt")
    page.wait_for_selector("text=names.txt: ")


def test_a_run_of_another_size_is_seen_by_all_sections_and_left_again(opened, tmp_path):  # noqa: F811
    page = opened(at="#parameters?weights=trained")
    config = microgpt.Config(n_layer=2, n_embd=8, n_head=2, block_size=10)
    gpt = fast.begin(["ada", "emma", "mad"], config)[0]
    run = {"format": exchange.FORMAT, "config": asdict(config), "letters": gpt.letters, "step": 7, "losses": []}
    run["parameters"] = {name: weight.tolist() for name, weight in gpt.parameters.items()}
    (tmp_path / "run.json").write_text(json.dumps(run))
    page.set_input_files("input[accept*=json]", tmp_path / "run.json")
    settle(page)
    tiles, heads = page.locator("#parameters .tile"), page.locator("#attention .square")
    seen = lambda: (page.locator("#tokenizer .vocabulary tbody tr").count(), tiles.count(), heads.count())
    assert seen() == (5, 15, 2)
    weights = page.get_by_label("Weights", exact=True)
    for kind, expected in (("trained", (27, 9, 4)), ("run", (5, 15, 2)), ("untrained", (27, 9, 4))):
        weights.select_option(kind)
        settle(page)
        assert seen() == expected, kind
        for section in page.locator("nav a").all():
            section.click()
            settle(page)


def test_parts_explain_every_number_and_hold_for_axe(opened):  # noqa: F811
    page = opened()
    page.evaluate(PARTS)
    page.evaluate("document.querySelectorAll('#parts details').forEach(one => { one.open = true; })")
    settle(page)
    for number in page.locator("#parts .number").all():
        number.focus()
        assert page.locator("#tip2").is_visible()
        said = page.inner_text("#tip2")
        assert " = " in said and "NaN" not in said and "undefined" not in said, said
        assert ".py:" in said, said
    page.focus("#parts .heatmap")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert "wte[1][1]" in page.inner_text("#tip2")
    page.keyboard.press("Enter")
    assert page.evaluate("picked") == [1, 1]
    first = "#parts [aria-label='layers.0.attn.q'] td[tabindex='0']"
    page.focus(first)
    page.keyboard.press("ArrowRight")
    assert "layers.0.attn.q[0][1]" in page.inner_text("#tip2")
    assert "products" in page.inner_text("#tip2")
    page.focus("#parts .stage")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("window.pressed")
    assert page.locator("#parts .lit").count() == 1
    before = page.inner_text(first)
    page.evaluate("app.model.train(300)")
    assert page.inner_text(first) != before
    assert "300 values" in page.get_attribute("#parts svg.chart", "aria-label")
    page.keyboard.press("Escape")
    page.evaluate("document.querySelectorAll('#tip2, #tip').forEach((one, i) => { one.id = `tip-${i}`; })")
    assert violations(page, ["parts"]) == {}
    page.set_viewport_size({"width": 320, "height": 800})
    assert too_wide(page) <= 0
