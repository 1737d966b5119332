"""What the page says of its numbers: every formula comes to its number, and no number is without one."""

import math
import re
import shutil

import pytest

from hornbook.reference import microgpt
from test_guide_engine import WEIRD, described, node, weights

NARROW = microgpt.Config(n_embd=3, n_head=1)  # every sum short enough to be written out
SIGNS = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="there is no node to run the page's JavaScript")


def worth(text):
    """What a formula with values comes to, such as "0.0701 / √(0.0335 + 0.00001)"."""
    text = re.split(r": |, as ", text)[0].translate(SIGNS)
    text = re.sub(r"·10(-\d+)", r"e\1", text)
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
