"""The guide's one file: modules joined, sources and names inside, nothing outside, and a size that holds."""

import base64
import json
import math
import os
import random
import re
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from hornbook.errors import HornbookError
from hornbook.fast.microgpt import MicroGPT, begin
from hornbook.guide import assemble, exchange, facts
from hornbook.guide.bundle import bundle, imports, order
from hornbook.guide.packing import unpack
from hornbook.reference import autograd, microgpt

NAMES = Path(os.environ.get("HORNBOOK_DATA", ""), "corpora", "names.txt")
MODULES = {
    "main.js": 'import { two, one as first } from "./a/b.js";\nimport { three } from "./c.js";\nfirst + two();',
    "a/b.js": '// 2\nimport { three } from "../c.js";\nexport const one = 1;\nexport function two() {}',
    "c.js": "export const three = 3;\nexport class Four {}\nexport async function five() {}\nexport function* six() {}",
}


@pytest.fixture(scope="module")
def page():
    return assemble.assemble()


def inside(page):
    return json.loads(unpack(page)["data"])


@pytest.fixture(scope="module")
def data(page):
    return inside(page)


def test_modules_come_behind_what_they_import():
    assert order(MODULES, "main.js") == ["c.js", "a/b.js", "main.js"]
    assert imports("a/b.js", MODULES["a/b.js"]) == ["c.js"]
    text = bundle(MODULES, "main.js")
    assert 'const {two, one: first} = modules["a/b.js"];' in text.replace("{ ", "{").replace(" }", "}")
    assert "return { three, Four, five, six };" in text
    assert "// 2" not in text
    assert not re.search(r"^(import|export)\b", text, re.M)


def test_modules_that_cannot_be_joined_are_named():
    with pytest.raises(HornbookError, match=r'c\.js imports "d\.js", and there is no such module'):
        bundle(MODULES | {"c.js": 'import { x } from "./d.js";'}, "main.js")
    with pytest.raises(HornbookError, match=r"a/b\.js imports c\.js imports a/b\.js: modules cannot go in a circle"):
        bundle(MODULES | {"c.js": 'import { one } from "./a/b.js";'}, "main.js")
    for several in ("export const A = 1, B = 2;", 'export const a = (x, y) => [x, ","], b = {\n  c: 3,\n};'):
        with pytest.raises(HornbookError, match=r"c\.js exports several consts at once, 'export const"):
            bundle(MODULES | {"c.js": several}, "main.js")
    for strange in ("export default 3;", 'export * from "./c.js";', "export let x = 1;", 'import "./c.js";'):
        with pytest.raises(HornbookError, match=r"c\.js says"):
            bundle(MODULES | {"c.js": strange}, "main.js")


class Tags(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def test_the_page_is_one_file_that_asks_for_nothing(page):
    tags = Tags(page).found
    assert not [tag for tag, attributes in tags if {"src", "srcset", "action", "style"} & set(attributes)]
    assert not [tag for tag, _ in tags if tag in ("link", "img", "iframe", "object", "embed", "base", "form")]
    [policy] = [attributes["content"] for _, attributes in tags if "http-equiv" in attributes]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'")
    page += unpack(page)["script"]
    outside = re.findall(r"https?://[^\s\"'<)]+", page)
    assert set(outside) <= {"http://www.w3.org/2000/svg"}  # the name of SVG's elements, not an address that is fetched
    assert not re.search(r"\bfetch\(|XMLHttpRequest|WebSocket|import\(|eval\(|new Function|innerHTML|url\(", page)
    assert "<!--" not in page


def test_the_page_is_small(page, data):
    assert len(page.encode()) <= 300_000
    assert len(data["names"]) < 40_000


@pytest.mark.skipif(not NAMES.is_file(), reason="HORNBOOK_DATA has no corpora/names.txt")
def test_the_page_of_a_run_on_all_names_is_small():
    names = NAMES.read_text(encoding="utf-8").split()
    gpt, losses = begin(names)[0], [math.log(27) + random.random() for _ in range(1000)]
    weights = {name: weight.tolist() for name, weight in gpt.parameters.items()}
    run = {"format": exchange.FORMAT, "config": asdict(gpt.config), "letters": gpt.letters, "step": 1000,
           "parameters": weights, "losses": losses}  # fmt: skip
    assert len(assemble.page(names, {"losses": losses, "names": names[:20]}, run).encode()) <= 300_000


def test_the_python_lines_are_those_of_the_files(data):
    for file, module in (("microgpt", microgpt), ("autograd", autograd)):
        with open(module.__file__, encoding="utf-8") as source:
            lines = source.read().splitlines()
        assert data["sources"][file]["lines"] == lines
        for name, (first, last) in data["sources"][file]["parts"].items():
            assert name == "main" or re.match(r"\s*(def|class|@).*", lines[first - 1])
            assert 1 <= first <= last <= len(lines)
    found = data["sources"]["microgpt"]
    assert found["lines"][found["parts"]["linear"][0] - 1] == "def linear(x, weight):"


@pytest.mark.parametrize(
    ("name", "text"),
    [("layers.i.attn.q", 'see(f"{attn}.q"'), ("logits", 'see("logits"'), ("layers.i.mlp.post", "a.relu()"),
     ("wte", "rng.gauss"), ("losses", ".log()"), ("loss", "mean ="), ("embed", "wte")],
)  # fmt: skip
def test_a_number_knows_the_lines_that_make_it(data, name, text):
    lines = data["sources"]["microgpt"]["lines"]
    assert any(text in lines[line - 1] for line in data["numbers"][name]["lines"])


def test_every_number_has_a_meaning_of_microgpt(data):
    for name, row in data["numbers"].items():
        assert row["meaning"] and row["lines"], name
        assert not re.search(r"post:|tied|bias|learned\)|resid_pre|norm_final", row["meaning"] + row["formula"]), name
        assert row["formula"] or name.split(".")[-1] in {"wte", "wpe", "lm_head", "wq", "wk", "wv", "wo", "fc1", "fc2"}


def test_sections_are_found_in_the_order_of_their_files():
    text = assemble.script()
    places = [text.index(f'modules["{path}"] =') for path in ("sections/1_tokenizer.js", "sections.js", "main.js")]
    assert places == sorted(places)


def test_no_source_has_what_the_assembler_would_spoil():
    for path, text in assemble.sources("js"):
        assert path == "package.json" or text.startswith("//"), path
        assert text.count("\n") <= 300, path
        for line in text.splitlines():
            assert line.count("`") % 2 == 0, f"{path}: a template literal goes on in the next line: {line}"


def test_names_that_cannot_be_folded_stay_as_they_are():
    assert facts.folded(["ada", "alan", "alana"]) == "0ada1lan4a"
    assert facts.folded(["R2D2"]) is None
    text = assemble.page(["Zoë", "O'Neil </script>", "b"])
    found = inside(text)
    assert found["names"].split("\n") == ["Zoë", "O'Neil </script>", "b"]
    assert found["expected"] is None


def test_of_a_long_list_the_names_that_are_trained_on_keep_their_order():
    rng = random.Random(1)
    names = ["".join(rng.choices("abcdefgh", k=5)) for _ in range(facts.KEPT + 100)]
    found, steps = facts.carried(names, 30), 30
    order = list(names)
    random.Random(42).shuffle(order)
    assert found["first"] == order[:steps]
    assert found["names"] == facts.folded(sorted(order[steps:]))
    assert found["folded"] is True
    assert facts.carried(names[:100], 30) == {"names": "\n".join(names[:100]), "folded": True, "first": None} | {
        "names": facts.folded(names[:100])
    }
    assert facts.carried(sorted(names), 30)["first"] is None


def test_a_run_goes_in_and_comes_out(tmp_path):
    from hornbook.language_model import LanguageModel

    names = tmp_path / "names.txt"
    names.write_text("\n".join(["ada", "alan", "anna", "nadal"] * 30))
    model = LanguageModel.train(str(names), "microgpt", out=tmp_path / "run", settings={"max_steps": 12})
    found = exchange.of_run(tmp_path / "run")
    assert found["step"] == 12 == len(found["losses"])
    again = exchange.to_gpt(json.dumps(found))
    assert isinstance(again, MicroGPT)
    for name, weight in model.exact_parameters().items():
        np.testing.assert_array_equal(again.parameters[name], weight)
    page = assemble.assemble(tmp_path / "run")
    again = inside(page)
    assert {name: again["run"][name] for name in found if name != "parameters"} == {
        name: found[name] for name in found if name != "parameters"
    }
    for name, rows in found["parameters"].items():
        carried = np.frombuffer(base64.b64decode(again["run"]["parameters"][name]), "<f8")
        np.testing.assert_array_equal(carried.reshape(np.shape(rows)), rows)
    assert again["expected"] == {"names": model.about["results"]["samples"], "losses": None}
    with pytest.raises(HornbookError, match="no run of microgpt as JSON"):
        exchange.to_gpt("{}")


def test_a_run_of_another_model_is_refused(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"format": 1, "model": "lstm"}))
    with pytest.raises(HornbookError, match="is a run of lstm; the guide shows microgpt"):
        assemble.assemble(tmp_path)
