"""What a page makes of addresses, runs and sections that are wrong: it says so, and the rest of it goes on."""

import re
from dataclasses import asdict

import pytest

from guide_cases import browser, expect, guide_file, opened, watched  # noqa: F401 (fixtures)
from hornbook.fast import microgpt as fast
from hornbook.guide import assemble, exchange
from hornbook.reference import microgpt

KEYS = [
    "name", "weights", "step", "theme", "teacher",
    *(f"autograd.{key}" for key in ("graph", "a", "b", "c", "step")),
    *(f"parameters.{key}" for key in ("matrix", "show")),
    *(f"architecture.{key}" for key in ("step", "position", "pass")),
    *(f"attention.{key}" for key in ("name", "head", "cell", "push", "layer")),
    *(f"training.{key}" for key in ("parameter", "watch", "speed")),
    *(f"generation.{key}" for key in ("temperature", "seed", "skip")),
    *(f"meaning.{key}" for key in ("text", "token", "word", "with", "analogy")),
    *(f"compare.{key}" for key in ("a", "b", "seed")),
]  # fmt: skip
STRANGE = ["constructor", "constructor.0", "toString", "__proto__", "bpe.length", "hasOwnProperty[0][0]", "1.5", "-1",
           "1e400", "NaN", "%F0%9F%98%80", "wte[-1][0]", "99.99.99", "%20"]  # fmt: skip
VISIT = """async (views) => {
  for (const view of views) {
    location.hash = view;
    await new Promise((done) => { addEventListener("hashchange", done, { once: true }); });
  }
}"""


def test_the_keys_here_are_those_of_the_page():
    text = "".join(text for _, text in assemble.sources("js"))
    found = set(re.findall(r'state\.(?:get|set|on)\("([\w.]+)"', text))
    assert found <= set(KEYS) and len(found) > 15


@pytest.mark.parametrize("value", STRANGE)
def test_an_address_with_nothing_but_nonsense_opens(opened, value):  # noqa: F811
    page = opened(at="#autograd?" + "&".join(f"{key}={value}" for key in KEYS))
    expect(page.locator("#parity")).to_have_attribute("data-state", "equal")
    assert page.locator("[role=alert]").count() == 0


def test_nonsense_may_come_into_the_address_later(opened):  # noqa: F811
    page = opened()
    page.evaluate(VISIT, [f"#autograd?{key}={value}" for key in KEYS for value in STRANGE])
    page.evaluate(VISIT, ["#autograd?autograd.graph=relu"])
    expect(page.locator("#autograd [aria-pressed=true]")).to_have_text("ReLU")


def page_of(path, names, run=None):
    path.write_text(assemble.page(names, None, run), encoding="utf-8")
    return path.as_uri()


def run_of(names, config):
    gpt, order, _ = fast.begin(names, config)
    losses = [step.loss for step in gpt.train(order)]
    parameters = {name: weight.tolist() for name, weight in gpt.parameters.items()}
    return {"format": exchange.FORMAT, "config": asdict(config), "letters": gpt.letters, "step": len(losses),
            "parameters": parameters, "losses": losses, "seed": 42, "batch_size": 2}  # fmt: skip


@pytest.mark.parametrize(
    "sizes", [{"n_embd": 6, "n_head": 2}, {"n_embd": 1, "n_head": 1, "block_size": 1, "n_layer": 2}]
)
def test_a_run_of_any_width_is_a_page(browser, tmp_path, sizes):  # noqa: F811
    names, config = ["ada", "alan", "anna"], microgpt.Config(**sizes, steps=30)
    run = run_of(names, config)
    with watched(browser, page_of(tmp_path / "guide.html", names, run)) as open_:
        page = open_()
        assert page.locator("[role=alert]").count() == 0
        expect(page.locator("#parity")).to_contain_text(f"step 30 has loss {run['losses'][-1]:.4f}.")
        for link in page.locator("nav a").all():
            link.click()


def test_a_section_that_fails_says_so_and_the_others_go_on(browser, tmp_path, monkeypatch):  # noqa: F811
    begins = "function mount(root, app) {"
    broken = dict(assemble.sources("js"))
    broken["sections/3_parameters.js"] = broken["sections/3_parameters.js"].replace(
        begins, f'{begins}\nthrow new Error("no luck");'
    )
    sources = assemble.sources
    monkeypatch.setattr(assemble, "sources", lambda kind: broken.items() if kind == "js" else sources(kind))
    page = browser.new_page()
    page.goto(page_of(tmp_path / "guide.html", ["ada", "alan"]))
    expect(page.locator("[role=alert]")).to_have_text(["This section could not be shown: no luck"])
    expect(page.locator("#parameters [role=alert]")).to_be_visible()
    expect(page.locator("#parity")).to_have_attribute("data-state", "alone")
    assert page.locator("#compare table").count() > 0
    page.close()
