"""Runs go into the page and out of it: by command and back, of any seed, half-way; and damaged ones are refused."""

import json
import shutil
import subprocess
import webbrowser
from pathlib import Path

import numpy as np
import pytest

import hornbook as package
from guide_cases import browser, expect, go, guide_file, opened, watched  # noqa: F401 (fixtures)
from hornbook.corpus import load
from hornbook.errors import HornbookError
from hornbook.fast import microgpt as fast
from hornbook.guide import assemble, exchange, golden
from hornbook.language_model import LanguageModel

NAMES = [first + last for first in ("an", "be", "ca", "do", "el") for last in ("na", "lla", "rt", "la", "x")]
NODE = shutil.which("node")
WEIGHTS, SAID = "Weights", ".files > span[role=status]"
NAMES_IN, RUN_IN = "input[accept*=txt]", ".files input[accept*=json]"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A function: settings -> the folder of a run with them."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "names.txt").write_text("\n".join(NAMES))

    def made(**settings):
        out = folder / ("-".join(f"{key}{value}" for key, value in settings.items()) or "usual")
        if not out.exists():
            corpus = load(str(folder / "names.txt"), documents="line")
            LanguageModel.train(corpus, "microgpt", out=out, settings={"max_steps": 40} | settings)
        return out

    return made


def test_a_run_is_exported_for_the_page_and_what_the_page_saves_is_a_run_again(hornbook, run, tmp_path):
    folder = run(seed=7)
    code, out, _ = hornbook("export", folder, "--to", "json", "--out", "run.json", "--json")
    assert not code and json.loads(out)["out"] == "run.json"
    saved = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert (saved["seed"], saved["batch_size"], saved["step"], len(saved["losses"])) == (7, 1, 40, 40)
    assert np.abs(saved["m"]["wte"]).sum() > 0 and np.shape(saved["v"]["wte"]) == np.shape(saved["parameters"]["wte"])
    code, out, _ = hornbook("export", "run.json", "--to", "run", "--out", "back")
    assert not code and "hornbook generate back" in out
    texts = [hornbook("generate", each, "--samples", 3, "--temperature", 0.5)[1] for each in (folder, "back")]
    assert texts[0] == texts[1] and texts[0].count("\n") == 3
    assert not hornbook("export", "back", "--to", "json", "--out", "again.json")[0]
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "run.json").read_bytes()
    for wrong, said in (
        (("guide", "--run", "back", "--no-open"), "back keeps no names to train on"),
        (("export", "run.json", "--to", "run", "--out", "back"), "already holds a run"),
        (("export", folder, "--to", "json", "--out", "run.json"), "is there already"),
        (("export", "nowhere.json", "--to", "run", "--out", "new"), "there is no file nowhere.json"),
    ):
        code, _, told = hornbook(*wrong)
        assert code and said in told


def damaged(run):
    """(what is changed, what is said) of one run as JSON, damaged in turn."""
    short = {name: rows for name, rows in run["parameters"].items() if name != "wpe"}
    return [
        ({"format": None}, "format"), ({"letters": None}, "letters"), ({"letters": ["a"] * 9}, "letters"),
        ({"letters": ["ab", "c"]}, "letters"), ({"config": None}, "config"), ({"config": {"n_embd": 1.5}}, "config"),
        ({"config": run["config"] | {"n_head": 3}}, "n_head"), ({"config": run["config"] | {"n_layer": "x"}}, "config"),
        ({"parameters": None}, "parameters"), ({"parameters": short}, "wpe"),
        ({"parameters": run["parameters"] | {"wpe": [["x"] * 16] * 16}}, "wpe"),
        ({"parameters": run["parameters"] | {"wpe": 1}}, "wpe"),
        ({"m": {}}, "m.wte"), ({"m": 3}, "m"),
        ({"step": "x"}, "step"), ({"step": -1}, "step"), ({"losses": "abc"}, "losses"),
        ({"losses": [1, "x"]}, "losses"), ({"seed": "x"}, "seed"),
    ]  # fmt: skip


@pytest.mark.skipif(NODE is None, reason="there is no node to run the page's JavaScript")
def test_the_page_reads_whole_runs_and_refuses_damaged_ones(run):
    whole = exchange.of_run(run()) | exchange.moments_of(run())
    changes = damaged(whole)
    given = [whole, *(whole | change for change, _ in changes), None, [1], {"format": exchange.FORMAT}]
    js = (Path(package.__file__).parent / "guide" / "js").as_uri()
    script = Path(__file__).parent / "guide" / "runs.mjs"
    done = subprocess.run([NODE, script, js], input=json.dumps(given), capture_output=True, text=True, check=True)
    first, *others = json.loads(done.stdout)
    assert first == {key: value for key, value in whole.items() if key != "batch_size"}
    for (change, said), told in zip(changes, others):
        assert told.startswith("RangeError: ") and said in told, (change, told)
    assert all("its letters" in told or "no run of microgpt" in told for told in others[-3:])


def test_python_refuses_what_is_damaged(run):
    whole = exchange.of_run(run()) | exchange.moments_of(run())
    gpt = exchange.to_gpt(json.dumps(whole))
    np.testing.assert_array_equal(gpt.m["wte"], whole["m"]["wte"])
    for change, _ in damaged(whole):
        with pytest.raises(HornbookError):
            exchange.to_gpt(json.dumps(whole | change))
    with pytest.raises(HornbookError, match="no JSON"):
        exchange.to_gpt("{")


def page_of(path, folder):
    path.write_text(assemble.assemble(folder), encoding="utf-8")
    return path.as_uri()


def printed(page):
    return page.locator("#training .printed")


def train(page, steps):
    """Take steps, all of them before this returns."""
    for count in (100, 10, 1):
        for _ in range(steps // count):
            page.get_by_role("button", name=f"Train {count} step{'s' if count > 1 else ''}", exact=True).click()
            expect(page.get_by_role("button", name="Pause")).to_be_visible()
        steps %= count


def test_a_run_of_another_seed_begins_in_the_page_as_it_did(browser, run, tmp_path):  # noqa: F811
    folder = run(seed=7)
    losses, about = exchange.of_run(folder)["losses"], json.loads((folder / "config.json").read_text())
    with watched(browser, page_of(tmp_path / "guide.html", folder)) as open_:
        page = open_(at="#training")
        expect(page.locator("#parity")).to_contain_text("✓ Same numbers as Python: 40 losses")
        go(page, "#generation")
        expect(page.locator("#generation")).to_contain_text("20 of 20 are those that Python printed")
        names = page.locator("#generation .golden li").all_inner_texts()
        assert [text.removesuffix(" ✓") for text in names] == [
            name or "(empty)" for name in about["results"]["samples"]
        ]
        go(page, "#training")
        page.get_by_role("button", name="Reset").click()
        page.get_by_role("button", name="Train 1 step", exact=True).click()
        expect(printed(page)).to_contain_text(f"loss {losses[0]:.4f}")


def test_a_run_of_several_names_a_step_says_that_the_page_trains_on_one(browser, run, tmp_path):  # noqa: F811
    with watched(browser, page_of(tmp_path / "guide.html", run(batch_size=2))) as open_:
        page = open_(at="#generation")
        expect(page.locator("#parity")).to_contain_text("○ Not compared with Python: this run read 2 names a step")
        expect(page.locator("#training")).to_contain_text("This run was trained on 2 names a step")
        expect(page.locator("#generation")).to_contain_text("what Python writes with these weights is not known here")
        assert page.locator("#generation .golden li").count() == 20


def test_a_run_that_is_saved_half_way_goes_on_as_it_would_have(opened, tmp_path):  # noqa: F811
    page, expected = opened(at="#training"), golden.load()
    train(page, 500)
    expect(printed(page)).to_contain_text("step  500")
    page.click("text=Files")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save this run").click()
    saved = json.loads(download.value.path().read_text())
    (tmp_path / "run.json").write_text(json.dumps(saved))
    (tmp_path / "bare.json").write_text(json.dumps({key: saved[key] for key in saved if key not in "mv"}))
    for file, same in (("run.json", True), ("bare.json", False)):
        page = opened(at="#training")
        page.click("text=Files")
        page.set_input_files(RUN_IN, tmp_path / file)
        expect(page.locator(SAID)).to_have_text("A run of 500 steps.")
        train(page, 500)
        expect(printed(page)).to_contain_text("step 1000")
        assert (f"loss {expected['losses'][-1]:.4f}" in printed(page).inner_text()) is same
        go(page, "#generation")
        said = "20 of 20 are those that Python printed" if same else "not held against Python's"
        expect(page.locator("#generation")).to_contain_text(said)
        assert "✗" not in page.inner_text("#generation")


def test_the_names_of_other_lists_are_written_too(opened, tmp_path):  # noqa: F811
    gpt, order, rng = fast.begin(NAMES)
    assert len(list(gpt.train(order))) == 1000
    names = [gpt.sample(rng, 0.5) for _ in range(20)]
    (tmp_path / "names.txt").write_text("\n".join(NAMES))
    page = opened(at="#generation")
    expect(page.locator("#generation .golden li")).to_have_count(20)
    expect(page.locator("#generation")).to_contain_text("the Python program writes its twenty after the last, 1,000")
    page.click("text=Files")
    page.set_input_files(NAMES_IN, tmp_path / "names.txt")
    expect(page.locator("#parity")).to_have_attribute("data-state", "alone")
    page.get_by_label(WEIGHTS, exact=True).select_option("trained")
    go(page, "#generation?weights=trained")
    expect(page.locator("#generation .golden li")).to_have_text([name or "(empty)" for name in names])
    expect(page.locator("#generation")).to_contain_text("hornbook.reference.microgpt with a file of these names")


def test_a_damaged_run_changes_nothing(opened, tmp_path):  # noqa: F811
    page = opened()
    page.click("text=Files")
    for run, said in (
        (
            {"format": exchange.FORMAT},
            "its letters should be a list of single letters, each once, and there is nothing",
        ),
        ({"format": exchange.FORMAT, "letters": ["a"], "config": {}, "parameters": {}, "losses": "abc"}, 'is "abc"'),
        ({"format": exchange.FORMAT, "letters": ["a"], "config": {}, "parameters": {}, "step": "x"}, 'is "x"'),
    ):
        (tmp_path / "run.json").write_text(json.dumps(run))
        page.set_input_files(RUN_IN, tmp_path / "run.json")
        expect(page.locator(SAID)).to_contain_text(said)
    assert page.get_by_label(WEIGHTS, exact=True).input_value() == "untrained"
    assert page.locator("#tokenizer .vocabulary tbody tr").count() == 27


def test_the_command_says_where_no_browser_could_be_opened(hornbook, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(webbrowser, "open", lambda address: bool(asked.append(address)))
    code, out, _ = hornbook("guide", "--out", "page.html")
    assert not code and f"No browser could be opened here. In one, open: {asked[0]}" in out
    assert asked[0] == (tmp_path / "page.html").resolve().as_uri()
    code, out, _ = hornbook("guide", "--out", "page.html", "--json")
    told = {"out": "page.html", "bytes": (tmp_path / "page.html").stat().st_size, "address": asked[0], "opened": False}
    assert not code and json.loads(out) == told
    assert "No browser" not in hornbook("guide", "--out", "page.html", "--no-open")[1] and len(asked) == 2
