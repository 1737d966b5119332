"""The page's engine under Node: every number by name, training, the random stream and names, as Python has them."""

import base64
import json
import math
import os
import random
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

import hornbook
from hornbook import graph
from hornbook.fast import microgpt as fast
from hornbook.guide import facts, golden
from hornbook.reference import microgpt

NODE = shutil.which("node")
JS = Path(hornbook.__file__).parent / "guide" / "js"
pytestmark = pytest.mark.skipif(NODE is None, reason="there is no node to run the page's JavaScript")
WEIRD = microgpt.Config(n_layer=2, n_embd=8, n_head=2, block_size=5, steps=40, learning_rate=0.02)
ODD = [microgpt.Config(n_embd=n, n_head=heads, steps=40) for n, heads in ((6, 2), (7, 1), (5, 5), (1, 1), (3, 1))]
# sums run in another order than Python's, and exp and log round their own way: 1e-15 a number, less than 1e-12 a sum
CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def node(script, given):
    done = subprocess.run(
        [NODE, Path(__file__).parent / "guide" / script, JS.as_uri()],
        input=json.dumps(given), capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def weights(config, letters, seed):
    """A model with random parameters, wide enough that nothing is near its beginning."""
    gpt, rng = fast.MicroGPT(letters, config), np.random.default_rng(seed)
    for weight in gpt.parameters.values():
        weight[:] = rng.normal(0, 0.4, weight.shape)
    return gpt


def described(gpt, word):
    parameters = {name: weight.tolist() for name, weight in gpt.parameters.items()}
    return {"letters": gpt.letters, "config": asdict(gpt.config), "parameters": parameters, "word": word}


@pytest.mark.parametrize(
    ("config", "word"),
    [
        (microgpt.Config(), "yuheng"),
        (microgpt.Config(), "a"),
        (WEIRD, "anna"),
        (WEIRD, "alexandra"),
        *((config, "alexandra") for config in ODD),
    ],
)
def test_every_number_and_gradient_by_name(config, word):
    gpt = weights(config, "abcdeghlnruxyz", seed=len(word))
    expected = graph.of_name(gpt, word)
    found = node("trace.mjs", described(gpt, word))
    assert set(expected.numbers) <= set(found["numbers"])
    for name in expected.numbers:
        for label in (name, f"grad.{name}"):
            array = expected.array(label)
            mine = np.array(found["numbers"][label]["data"], float).reshape(found["numbers"][label]["shape"])
            mine = mine[tuple(map(slice, array.shape))]  # rows of wte behind the last that is used are no nodes
            known = ~np.isnan(array)
            np.testing.assert_allclose(mine[known], array[known], err_msg=label, **CLOSE)
    for name in (f"layers.{i}.attn.pattern" for i in range(config.n_layer)):
        assert sum(x is None for x in found["numbers"][name]["data"]) == np.isnan(expected.array(name)).sum()
    assert (found["nodes"], found["edges"]) == (len(expected), expected.edges)
    for by_nudging, by_calculus in found["slopes"]:
        assert math.isclose(by_nudging, by_calculus, rel_tol=1e-5, abs_tol=1e-8)


def test_nodes_have_the_numbers_of_pythons_nodes():
    config, word = microgpt.Config(), "emma"
    gpt = weights(config, "aem", seed=3)
    found = node("trace.mjs", described(gpt, word))
    leaves = {
        name: [microgpt.name(f"{name}[{o}]", [microgpt.Value(x) for x in row]) for o, row in enumerate(rows.tolist())]
        for name, rows in gpt.parameters.items()
    }
    result = microgpt.loss(leaves, microgpt.encode(word, gpt.letters), config)
    result.backward()
    named = {n.name: (n.data, n.grad) for n in result.nodes() if n.name}
    assert named.keys() == found["named"].keys()
    np.testing.assert_allclose([found["named"][name] for name in named], list(named.values()), **CLOSE)


@pytest.fixture(scope="module")
def packaged():
    names = facts.packaged_names()
    folded = [facts.folded(names), facts.folded(["a", "ab", "abc", "b"])]
    return names, node("train.mjs", {"names": names, "config": {}, "folded": folded, "seeds": [42, 0, 2**40 + 7]})


def test_a_thousand_losses_and_twenty_names_are_pythons(packaged):
    found, expected = packaged[1], golden.load()
    assert len(expected["losses"]) == 1000
    np.testing.assert_allclose(found["losses"], expected["losses"], rtol=0, atol=1e-9)
    assert found["names"] == expected["names"]
    np.testing.assert_allclose(found["byNodes"], expected["losses"][:3], rtol=0, atol=1e-11)


def test_what_the_page_is_held_to_is_what_python_says():
    names, expected = facts.packaged_names(), golden.load()
    compiled = golden.compiled(names)
    np.testing.assert_allclose(compiled["losses"], expected["losses"], rtol=0, atol=1e-10)
    assert compiled["names"] == expected["names"]
    rng, letters, config = random.Random(42), microgpt.alphabet(names), microgpt.Config()
    rng.shuffle(names)
    steps = microgpt.train(microgpt.init(27, config, rng), names, letters, config)
    np.testing.assert_allclose([next(steps)[1] for _ in range(3)], expected["losses"][:3], rtol=0, atol=1e-11)


@pytest.mark.parametrize("config", [WEIRD, *ODD[:3]])
def test_any_names_and_sizes_train_to_the_same_numbers(config):
    names = ["zoë", "ørjan", "aa", "bbbbbbbbbb", "çelik", "o'neil", "𝒳y"]
    found = node("train.mjs", {"names": names, "config": asdict(config), "folded": [], "seeds": []})
    gpt, order, rng = fast.begin(names, config)
    losses = [step.loss for step in gpt.train(order)]
    np.testing.assert_allclose(found["losses"], losses, rtol=0, atol=1e-11)
    assert found["order"] == order[:5]
    assert found["names"] == [gpt.sample(rng) for _ in range(20)]
    for kind, mine in zip((gpt.m, gpt.v, gpt.parameters), found["moments"]):
        np.testing.assert_allclose(mine, kind["layers.0.attn.wq"].ravel(), rtol=1e-7, atol=1e-13)
    assert found["yardsticks"] == pytest.approx(microgpt.yardsticks(names), abs=1e-12)


def test_the_random_stream_bit_for_bit(packaged):
    for seed, found in zip([42, 0, 2**40 + 7], packaged[1]["streams"]):
        rng = random.Random(seed)
        assert found["random"] == [rng.random() for _ in range(700)]
        shuffled = list(range(100))
        rng.shuffle(shuffled)
        assert found["shuffled"] == shuffled
        gauss = [rng.gauss(0.5, 2) for _ in range(501)]
        # the logarithm of the two languages may round differently: by the last bit, and rarely
        np.testing.assert_allclose(found["gauss"], gauss, rtol=0, atol=4e-15)
        assert np.mean(np.array(found["gauss"]) == gauss) > 0.9
        rng.gauss(0, 1)
        assert found["choices"] == [rng.choices("abc", [1, i, 0.5])[0] for i in range(50)]
        assert found["bits"] == rng.getrandbits(32)
        assert found["again"]


def test_a_draw_shows_how_it_was_made(packaged):
    for next_, uniform, cumulative in packaged[1]["drawn"]:
        assert len(cumulative) == 27
        assert cumulative[-1] == pytest.approx(1)
        assert next_ == next(i for i, total in enumerate(cumulative) if uniform * cumulative[-1] < total)


def test_names_come_out_of_the_page_as_they_went_in(packaged):
    names, found = packaged
    assert found["unfolded"] == [names, ["a", "ab", "abc", "b"]]
    assert found["read"] == ["ada", "alan", "zoë"]
    assert found["yardsticks"] == pytest.approx(microgpt.yardsticks(names), abs=1e-9)


def test_a_file_of_names_is_read_as_python_reads_it(tmp_path):
    signs = [chr(code) for code in [*range(0x3100), 0xFEFF, 0x1F600]]
    texts = [f"a{sign}b\n{sign}c{sign}\n{sign}{sign}d e\r\n\r{sign}" for sign in signs]
    files = [text.encode() for text in texts]
    files += [b"\xef\xbb\xbfada\nalan\n", "ada\x85alan\nan na\u2028bob\n\x1canna\n".encode(), b"", b"\n \n"]
    found = node("names.mjs", [base64.b64encode(file).decode() for file in [*files, "zo\xeb\nanna".encode("latin-1")]])
    for file, names in zip(files, found):
        (tmp_path / "names.txt").write_bytes(file)
        lines = (tmp_path / "names.txt").read_text(encoding="utf-8-sig").splitlines()
        assert names == [line.strip() for line in lines if line.strip()], file
    assert "no text in UTF-8" in found[-1]
    (tmp_path / "names.txt").write_bytes(b"\xef\xbb\xbfada\nalan\n")
    command = [sys.executable, "-m", microgpt.__name__, str(tmp_path / "names.txt")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    ) as run:
        said = run.stdout.readline()
        run.kill()
    assert said == "2 names, 3,488 parameters\n"  # of a vocabulary of 5: a, d, l, n and <BOS>


@pytest.mark.parametrize("seed", [42, 7])
def test_a_long_list_is_trained_on_in_python_s_order(seed):
    rng = random.Random(1)
    names = ["".join(rng.choices("abcdefgh", k=5)) for _ in range(facts.KEPT + 100)]
    given = {"names": names, "config": {"steps": 50}, "folded": [], "seeds": [], "seed": seed}
    found = node("train.mjs", given | {"carried": facts.carried(names, 50, seed)})["listed"]
    random.Random(seed).shuffle(names)
    assert found[:50] == names[:50]
    assert sorted(found) == sorted(names)
