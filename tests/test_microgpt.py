"""microgpt: by hand, the published numbers and our own, agreement of scalar, fast and transformer, laws, complaints."""

import math
import os
import random
from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hornbook
from hornbook.errors import HornbookError
from hornbook.fast import microgpt as fast
from hornbook.reference import microgpt as scalar
from hornbook.reference import transformer
from hornbook.reference.autograd import Value
from hornbook.reference.microgpt import Config

OWN = Path(hornbook.__file__).parent / "data" / "names.txt"
PUBLISHED = Path(os.environ.get("HORNBOOK_DATA", "no-such-folder"), "corpora", "names.txt")
needs_published = pytest.mark.skipif(not PUBLISHED.exists(), reason="HORNBOOK_DATA has no corpora/names.txt")
LETTERS = scalar.alphabet(["abcdefghijklmnopqrstuvwxyz"])

# Losses of steps 1–13 and 1000; loss of all names before, after 1,000 and after 10,000 steps; the names then written
GOLDEN = {
    "own": {
        "path": OWN,
        "losses": "3.1210 3.2159 3.2136 3.2597 3.2714 3.2128 3.1275 3.2468 3.2654 3.0998 3.1803 3.3236 3.8942 2.0734",
        "all": ("3.32095", "2.30829", "2.16049"),
        "written": "anan malan shana maen tander careela jalle dabion disha dand lijane chelelon karieia shija kanel"
                   " sharin tondela carana sharita madonan",
        "yardsticks": {"ln 27": 3.2958, "unigram": 2.8230, "bigram": 2.3935, "trigram": 2.0859},
    },
    "published": {
        "path": PUBLISHED,
        "losses": "3.3660 3.4243 3.1778 3.0664 3.2209 2.9452 3.2894 3.3245 2.8990 3.2229 2.7964 2.9345 3.0544 2.6497",
        "all": ("3.30085", "2.36556", "2.24430"),
        "written": "kamon ann karai jaire vialan karia yeran anna areli kaina konna keylen liole alerin earan lenne"
                   " kana lara alela anton",
        "yardsticks": {"ln 27": 3.2958, "unigram": 2.8227, "bigram": 2.4540, "trigram": 2.1857},
    },
}  # fmt: skip
each_set_of_names = pytest.mark.parametrize("golden", ["own", pytest.param("published", marks=needs_published)])
SIZES = [  # the published size, then widths that fill no register, more layers, blocks longer and shorter than names
    Config(),
    Config(n_layer=2, n_embd=12, n_head=3, block_size=5),
    Config(n_layer=3, n_embd=4, n_head=4, block_size=19),
    Config(n_embd=10, n_head=1, block_size=9),
]
each_size = pytest.mark.parametrize("config", SIZES, ids=lambda c: f"{c.n_layer}x{c.n_embd}/{c.n_head},{c.block_size}")


def read(path):
    return path.read_text(encoding="utf-8").split()


def random_model(config, seed=0):
    """Weights far from where they begin, so that nothing cancels."""
    model, rng = fast.MicroGPT(LETTERS, config), np.random.default_rng(seed)
    for weight in model.parameters.values():
        weight[:] = rng.normal(0, 0.5, weight.shape)
    return model


def leaves(model):
    return {name: [[Value(x) for x in row] for row in weight.tolist()] for name, weight in model.parameters.items()}


def numbers(weights, part):
    return {name: np.array([[getattr(leaf, part) for leaf in row] for row in rows]) for name, rows in weights.items()}


def differences(found, wanted):
    """The largest difference in each array, relative to its largest number."""
    return {name: np.abs(found[name] - x).max() / (np.abs(x).max() or 1) for name, x in wanted.items()}


def test_ids_by_hand():
    letters = scalar.alphabet(["bob", "ada"])
    assert letters == ["a", "b", "d", "o"]
    assert scalar.encode("bad", letters) == [4, 1, 0, 2, 4]


def test_rmsnorm_by_hand():
    x = [Value(3.0), Value(4.0)]
    length = math.sqrt((9 + 16) / 2 + 1e-5)
    assert [y.data for y in scalar.rmsnorm(x)] == pytest.approx([3 / length, 4 / length], rel=1e-15)


def test_softmax_by_hand():
    pattern = scalar.softmax([Value(0.0), Value(math.log(3)), Value(-2000.0)])
    assert [p.data for p in pattern] == pytest.approx([0.25, 0.75, 0])


def test_attention_by_hand():
    q = [Value(2.0), Value(0.0)]
    keys = [[Value(math.log(3) / math.sqrt(2)), Value(9.0)], [Value(0.0), Value(0.0)]]  # scores (ln 3, 0)
    values = [[Value(1.0), Value(2.0)], [Value(5.0), Value(6.0)]]  # weighted 3/4 and 1/4
    assert [z.data for z in scalar.attention(q, keys, values, 1, "attn")] == pytest.approx([2.0, 3.0])


def test_one_step_of_adam_by_hand():
    leaf, m, v = Value(1.0), [0.0], [0.0]
    leaf.grad = -4.0
    scalar.adam([leaf], m, v, 1, Config(learning_rate=0.1, epsilon=1.0))
    assert (m, v) == ([pytest.approx(-0.6)], [pytest.approx(0.16)])
    assert leaf.data == pytest.approx(1 + 0.1 * 4 / (4 + 1))  # m̂ = g and v̂ = g² at the first step
    assert leaf.grad == 0.0


def test_yardsticks_by_hand():
    found = scalar.yardsticks(["ab", "ac"])  # of 6 letters 2 a, 1 b, 1 c, 2 ends; after a comes b or c
    assert found == pytest.approx({"ln 4": math.log(4), "unigram": (4 * math.log(3) + 2 * math.log(6)) / 6,
                                   "bigram": math.log(2) / 3, "trigram": math.log(2) / 3})  # fmt: skip


@each_set_of_names
def test_yardsticks(golden):
    assert scalar.yardsticks(read(GOLDEN[golden]["path"])) == pytest.approx(GOLDEN[golden]["yardsticks"], abs=5e-5)


@each_set_of_names
def test_the_scalar_form_gives_the_golden_losses(golden):
    names, rng, config = read(GOLDEN[golden]["path"]), random.Random(42), Config()
    letters, steps = scalar.alphabet(names), 13 if golden == "published" else 4
    rng.shuffle(names)
    weights = scalar.init(len(letters) + 1, config, rng)
    assert sum(len(row) for rows in weights.values() for row in rows) == 4192
    found = [f"{nats:.4f}" for _, nats in islice(scalar.train(weights, names, letters, config), steps)]
    assert found == GOLDEN[golden]["losses"].split()[:steps]


@each_set_of_names
def test_the_fast_form_gives_the_golden_losses_and_names(golden):
    wanted = GOLDEN[golden]
    model, names, rng = fast.begin(read(wanted["path"]))
    assert sum(model.counts().values()) == 4192
    assert f"{model.loss(names):.5f}" == wanted["all"][0]
    losses = [f"{step.loss:.4f}" for step in model.train(names)]
    assert [*losses[:13], losses[999]] == wanted["losses"].split()
    assert f"{model.loss(names):.5f}" == wanted["all"][1]
    assert " ".join(model.sample(rng) for _ in range(20)) == wanted["written"]


@each_set_of_names
def test_ten_thousand_steps(golden):
    model, names, _ = fast.begin(read(GOLDEN[golden]["path"]), Config(steps=10_000))
    assert len(list(model.train(names))) == 10_000
    assert f"{model.loss(names):.5f}" == GOLDEN[golden]["all"][2]


def test_the_scalar_form_writes_the_same_names():
    model, names, rng = fast.begin(read(OWN))
    list(model.train(names))
    weights, letters, theirs = leaves(model), model.letters, random.Random()
    theirs.setstate(rng.getstate())
    mine = [scalar.sample(weights, letters, model.config, rng, temperature=0.9) for _ in range(3)]
    assert mine == [model.sample(theirs, temperature=0.9) for _ in range(3)]


@each_size
@pytest.mark.parametrize("words", [["yuheng"], ["bob", "alexandrianna", "x", "maximilian", "abcdefgh"],
                                   ["ab", *["abcdefghijklmnopqrstuvwxyz"] * 9]], ids=len)  # fmt: skip
def test_gradients_are_those_of_the_scalar_form(config, words):
    model = random_model(config)
    weights, losses = leaves(model), {}
    for word, times in Counter(words).items():
        result = scalar.loss(weights, scalar.encode(word, LETTERS), config)
        (result * (times / len(words))).backward()
        losses[word] = result.data
    losses = [losses[word] for word in words]
    assert model.losses(words) == pytest.approx(losses, rel=1e-13)
    assert model.gradient(words) == pytest.approx(np.mean(losses), rel=1e-13)
    wanted = numbers(weights, "grad")
    # of each array's largest gradient: single ones are sums that cancel, to a relative 1e-11 in both forms
    assert max(differences(model.gradients, wanted).values()) < 1e-12


def test_adam_moves_as_in_the_scalar_form():
    config, words = Config(n_embd=8, n_head=2, steps=5), ["ada", "bob", "eve"]
    model = random_model(config)
    weights = leaves(model)
    flat = [leaf for rows in weights.values() for row in rows for leaf in row]
    m, v = [0.0] * len(flat), [0.0] * len(flat)
    for step, word in enumerate(words, 1):
        scalar.loss(weights, scalar.encode(word, LETTERS), config).backward()
        scalar.adam(flat, m, v, step, config)
    list(model.train(words, steps=3))
    assert max(differences(model.parameters, numbers(weights, "data")).values()) < 1e-12
    for mine, theirs in ((model.m, m), (model.v, v)):
        everything = np.concatenate([array.ravel() for array in mine.values()])
        assert np.abs(everything - theirs).max() < 1e-12 * np.abs(theirs).max()


@each_size
def test_agrees_with_the_transformers_micro_preset(config):
    model, word = random_model(config), "eleanor"[: config.block_size - 1]
    ids = np.array([scalar.encode(word, LETTERS)])
    same = transformer.Config(vocab_size=27, **{**transformer.PRESETS["micro"], "n_layer": config.n_layer,
                                                "n_head": config.n_head, "n_embd": config.n_embd,
                                                "block_size": config.block_size})  # fmt: skip
    logits = transformer.forward(model.parameters, ids[:, :-1], same)
    assert model.loss([word]) == pytest.approx(float(transformer.loss(logits, ids[:, 1:])), rel=1e-13)


@each_size
def test_forward_goes_on_from_its_state(config):
    model = random_model(config)
    ids = np.array([[26, 0, 1, 2, 26, 3, 4, 5, 6, 7, 8], [26, *range(10)]])  # two names; one beyond most blocks
    whole, _ = model.forward(ids)
    first, state = model.forward(ids[:, :4])
    rest, _ = model.forward(ids[:, 4:], state)
    assert np.array_equal(np.concatenate([first, rest], axis=1), whole)
    assert np.exp(whole).sum(axis=-1) == pytest.approx(1)
    two, one = [model.probabilities("abc"), model.probabilities("defghi")], model.probabilities("abcdefghij")
    assert np.array_equal(whole[0], np.log(np.concatenate(two)))
    assert np.array_equal(whole[1], np.log(one))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text("abcxyz", max_size=12), min_size=1, max_size=20), st.integers(0, 3))
def test_a_batch_is_the_mean_of_its_names(words, seed):
    config = Config(n_embd=8, n_head=2, block_size=7)
    together, alone = random_model(config, seed), random_model(config, seed)
    assert together.gradient(words) == pytest.approx(np.mean(alone.losses(words)), rel=1e-13)
    total = {name: np.zeros_like(weight) for name, weight in alone.parameters.items()}
    for word in words:
        alone.gradient([word])
        for name in total:
            total[name] += alone.gradients[name] / len(words)
    assert max(differences(together.gradients, total).values()) < 1e-12


@settings(max_examples=20, deadline=None)
@given(st.text("abcxyz", min_size=1, max_size=15), st.sampled_from("abcxyz"))
def test_what_comes_later_changes_nothing_before(word, other):
    model = random_model(Config())
    changed = word[:-1] + other
    assert np.array_equal(model.probabilities(word)[:-1], model.probabilities(changed)[:-1])
    assert model.probabilities(word).sum(axis=1) == pytest.approx(1)


def test_chunks_and_pauses_change_nothing():
    words = read(OWN)[:50]

    def after(chunk, pause):
        model, names, _ = fast.begin(words, Config(steps=40))
        losses = [step.loss for step in model.train(names, steps=pause, batch=6, chunk=chunk)]
        return losses + [step.loss for step in model.train(names, batch=6, chunk=chunk)], model.memory[: model.at.share]

    (losses, memory), (others, theirs) = after(256, 40), after(7, 18)
    assert losses == others
    assert np.array_equal(memory, theirs)


def test_a_step_is_what_it_says():
    model, names, _ = fast.begin(["ada", "bob"], Config(steps=4))
    before = model.losses(names)
    steps = list(model.train(names, steps=1))
    assert steps == [(1, pytest.approx(before[0]), 0.01)]
    assert [step.learning_rate for step in model.train(names)] == pytest.approx([0.0075, 0.005, 0.0025])
    assert model.step == 4


def test_slopes_and_moments_of_single_parameters():
    model, names, _ = fast.begin(read(OWN))
    letter = model.letters.index(names[0][0])
    chosen = [f"wte[{letter}][3]", "layers.0.attn.wq[2][14]", "layers.0.mlp.fc2[15][63]", "lm_head[26][0]", "wpe[1][1]"]
    model.gradient(names[:1])
    for number in chosen:
        now = model.moments(number)
        # a central difference of 1e-5 errs by about 1e-10 and by rounding, 1e-16 / 1e-5
        assert model.slope(names[0], number) == pytest.approx(now["gradient"], rel=1e-5, abs=1e-9)
        assert now["m"] == now["v"] == 0
    before = {number: model.moments(number) for number in chosen}
    list(model.train(names, steps=1))
    for number in chosen:
        now = model.moments(number)
        assert now["m"] == pytest.approx(0.15 * before[number]["gradient"])
        assert now["v"] == pytest.approx(0.01 * before[number]["gradient"] ** 2)
        moved = now["value"] - before[number]["value"]  # whatever the gradient's size, by the rate
        assert moved == pytest.approx(-0.01 * np.sign(now["gradient"]), rel=1e-3)


def test_other_alphabets():
    model, names, rng = fast.begin(["Ωmega", "אב", "naïve name", "日本"], Config(n_embd=8, n_head=2, steps=300))
    list(model.train(names))
    assert {model.sample(rng, temperature=0.05) for _ in range(9)} <= set(names)


def test_a_name_is_cut_at_the_block():
    model = random_model(Config(block_size=4))
    assert model.losses(["abcdefgh"])[0] == model.losses(["abcdxyz"])[0]
    assert len(model.sample(random.Random(0))) <= 4


@pytest.mark.parametrize("rate", [1.0, 1e300])
def test_a_run_whose_loss_is_no_number_stops(rate):
    model, names, _ = fast.begin(read(OWN), Config(learning_rate=rate))
    steps = []
    with pytest.raises(HornbookError, match=r"became (inf|nan) at step \d+. Training stopped.*try"):
        for step in model.train(names):
            steps.append(step)
    assert model.step == len(steps) < 1000


def test_a_run_that_stays_worse_than_guessing_stops():
    words = [a + b for a in "abcdefghij" for b in "abcdefghij"]
    model, names, _ = fast.begin(words, Config(init_std=1.0, learning_rate=1e-300))  # badly begun, and stands still
    with pytest.raises(HornbookError, match=r"worse than guessing \(ln 11 = 2.40\), and not falling"):
        list(model.train(names))


def test_the_scalar_form_notices_too():
    names, config = ["ada"], Config(n_embd=4, n_head=1, steps=3)
    weights = scalar.init(3, config, random.Random(0))
    weights["wte"][2][0].data = math.nan
    with pytest.raises(ValueError, match="became nan at step 1"):
        list(scalar.train(weights, names, ["a", "d"], config))


@pytest.mark.parametrize(("wrong", "message"), [
    (lambda model: model.losses(["naïve"]), "knows no 'ï', found in 'naïve'"),
    (lambda model: model.losses([]), "there are no names"),
    (lambda model: model.sample(random.Random(0), temperature=0), "temperature 0 is not above 0"),
    (lambda model: model.find("wte"), "write one like"),
    (lambda model: model.find("wta[0][0]"), 'Did you mean "wte"'),
    (lambda model: model.find("wte[27][0]"), "has 27 rows of 16"),
    (lambda model: list(model.train(["ada"], steps=1001)), r"Config\(steps=1001\)"),
    (lambda model: fast.MicroGPT("ab", Config(n_embd=6)), "n_embd 6 is no multiple of n_head 4"),
    (lambda model: fast.MicroGPT("ab", Config(block_size=0)), "block_size is 0"),
    (lambda model: fast.MicroGPT("", Config()), "have no letters"),
])  # fmt: skip
def test_what_cannot_work_is_said(wrong, message):
    with pytest.raises(HornbookError, match=message):
        wrong(fast.MicroGPT(LETTERS))
