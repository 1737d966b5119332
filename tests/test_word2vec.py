"""word2vec: a window on paper, what is drawn and how often, gradients against finite differences, bad input."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook import HornbookError, Trace
from hornbook.reference import names, word2vec, word2vec_sampling, word_name_table
from hornbook.reference.word2vec import ARCHITECTURES, Config
from hornbook.reference.word2vec_config import USUAL
from hornbook.reference.word2vec_sampling import BOS, FIRST_WORD, MASK, Block, blocks, windows
from word2vec_cases import drawn, parameters

few = settings(max_examples=40, deadline=None)
texts = st.lists(st.sampled_from([BOS, *range(FIRST_WORD, 12)]), min_size=1, max_size=40)


def test_one_window_on_paper():
    """Centre 6 between 5 and 7; noise 8 and 6. Inputs 5: (1, 0), 7: (0, 2); outputs 6: (ln 3, 0), 8: (0, ln 2)."""
    params = {"wte": np.zeros((9, 2)), "lm_head": np.zeros((9, 2))}
    params["wte"][5], params["wte"][7] = (1, 0), (0, 2)
    params["lm_head"][6], params["lm_head"][8] = (math.log(3), 0), (0, math.log(2))
    config = Config(9, embedding_dim=2, window=1, negative=4, noise_per_block=2)
    block = Block(np.array([5, 6, 7]), np.array([1, 1, 1]), slice(1, 2), np.array([8, 6]))
    with Trace() as trace:
        loss = word2vec.forward(params, block, config)
        grads = word2vec.backward(params, trace)
    assert trace["windows"].tolist() == [[1], [0], [1]]
    np.testing.assert_allclose(trace["scores"], [[math.log(3), 0, math.log(3)], [0, 0, 0], [0, math.log(4), 0]])
    np.testing.assert_allclose(trace["probs"], [[3 / 4, 1 / 2, 3 / 4], [1 / 2, 1 / 2, 1 / 2], [1 / 2, 4 / 5, 1 / 2]])
    assert trace["noise_weights"].tolist() == [[2, 0], [0, 0], [2, 0]]  # 4 / 2 each, nothing for the centre itself
    # −ln ¾ − 2 ln ½ for the word 5, −ln ½ − 2 ln ⅕ for the word 7
    assert loss == pytest.approx(math.log(4 / 3) + 2 * math.log(2) + math.log(2) + 2 * math.log(5))
    # word 5: (¾ − 1) · (ln 3, 0) + 2 · ½ · (0, ln 2); centre 6: (¾ − 1) · (1, 0) + (½ − 1) · (0, 2)
    np.testing.assert_allclose(grads["wte"][5], [-math.log(3) / 4, math.log(2)])
    np.testing.assert_allclose(grads["lm_head"][6], [-1 / 4, -1])
    np.testing.assert_allclose(grads["lm_head"][8], [2 * 1 / 2 * 1, 2 * 4 / 5 * 2])
    assert not grads["wte"][[0, 1, 2, 3, 4, 6, 8]].any()


def test_cbow_reads_the_mean_of_the_window():
    params = parameters(Config(9, embedding_dim=3))
    config = Config(9, embedding_dim=3, window=1, architecture="cbow", noise_per_block=1)
    with Trace() as trace:
        word2vec.forward(params, Block(np.array([5, 6, 7]), np.ones(3, int), slice(1, 2), np.array([8])), config)
    np.testing.assert_allclose(trace["inputs"], [(params["wte"][5] + params["wte"][7]) / 2])
    assert trace["pairs"] == 1
    assert trace["noise_weights"].tolist() == [[5]]


def test_each_word_of_a_window_is_given_the_gradient_of_the_mean_whole():
    params = parameters(Config(9, embedding_dim=3))
    config = Config(9, embedding_dim=3, window=1, architecture="cbow", noise_per_block=1)
    block = Block(np.array([5, 6, 7]), np.ones(3, int), slice(1, 2), np.array([8]))
    with Trace() as trace:
        word2vec.forward(params, block, config)
        grads = word2vec.backward(params, trace)
    for word in (5, 7):
        np.testing.assert_allclose(grads["wte"][word], trace["grad.inputs"][0])
    np.testing.assert_allclose(trace["grad.rows"][0], trace["grad.inputs"][0] / 2)


def test_a_word_with_subwords_is_its_row_and_the_mean_of_its_pieces():
    params = {"own": np.array([[1.0, 2], [3, 4]]), "pieces": np.array([[1.0, 0], [3, 0], [0, 9]])}
    vectors = word2vec.vectors(params, np.array([1, 0]), spelling=[[], [0, 1]])
    assert vectors.tolist() == [[5, 4], [1, 2]]


def test_the_generator_is_that_of_word2vec_c():
    assert word2vec_sampling.next_random(1) == 25214903928
    assert word2vec_sampling.next_random(25214903928) == (25214903928 * 25214903917 + 11) % 2**48
    first = {word2vec_sampling.first_random(42, number, shard) for number in range(5) for shard in range(5)}
    assert len(first) == 25
    assert max(first) <= MASK


def test_noise_is_counts_to_the_three_quarters():
    noise = word2vec_sampling.noise([100, 100, 100, 100, 100, 16, 0, 81])  # 16^¾ = 8, 81^¾ = 27
    np.testing.assert_allclose(noise, [0, 0, 0, 0, 0, 8 / 35, 0, 27 / 35])


def test_frequent_words_are_thinned_out_as_in_word2vec_c():
    kept = word2vec_sampling.keep([0, 7, 50, 0, 0, 900, 99, 1], threshold=0.01)
    np.testing.assert_allclose(kept[5:], [math.sqrt(1 / 90) + 1 / 90, math.sqrt(1 / 9.9) + 1 / 9.9, 1])
    assert word2vec_sampling.keep([0] * 5 + [9], threshold=0).tolist() == [1] * 6


@few
@given(st.lists(st.integers(0, 1000), min_size=6, max_size=30), st.floats(0, 1))
def test_noise_is_a_distribution_of_words(counts, exponent):
    counts[5] += 1
    noise = word2vec_sampling.noise(counts, exponent)
    assert noise.sum() == pytest.approx(1)
    assert not noise[:FIRST_WORD].any()
    assert not noise[np.array(counts) == 0].any()


def test_what_is_drawn_is_drawn_as_often_as_it_says():
    tokens = np.tile([BOS, 5, 1, 6, 4, 7], 20_000)
    keep, noise = np.array([0, 0, 0, 0, 0, 0.25, 1, 0.5]), np.array([0, 0, 0, 0, 0, 0.2, 0, 0.8])
    keep, cumulative = word2vec_sampling.thresholds(keep), word2vec_sampling.thresholds(noise.cumsum())
    guide = word2vec_sampling.guide(cumulative)
    words, reach, negatives = word2vec_sampling.sample(tokens, keep, cumulative, guide, 4, 8, 3, 7)
    kept = np.bincount(words, minlength=8)
    assert kept[[0, 1, 3, 4]].sum() == 0
    np.testing.assert_allclose(kept[[2, 5, 6, 7]] / 20_000, [1, 0.25, 1, 0.5], atol=0.015)
    np.testing.assert_allclose(np.bincount(reach) / len(words), [0, 0.25, 0.25, 0.25, 0.25], atol=0.015)
    assert negatives.shape == (math.ceil(len(words) / 8), 3)
    np.testing.assert_allclose(np.bincount(negatives.ravel(), minlength=8) / negatives.size, noise, atol=0.015)


@few
@given(texts, st.integers(1, 4), st.integers(1, 9), st.integers(0, 99))
def test_windows_are_those_of_a_plain_loop(text, window, per_block, seed):
    """Every word j within reach of i and of the same document, whatever the blocks; <BOS> is in no window."""
    config = Config(12, window=window, windows_per_block=per_block)
    words, reach, negatives = drawn(np.array(text), config, seed)
    document = np.cumsum(words == BOS)
    expected = {
        (i, j)
        for i in range(len(words))
        for j in range(len(words))
        if 0 < abs(i - j) <= reach[i] and document[i] == document[j] and BOS not in (words[i], words[j])
    }
    found = set()
    for k, block in enumerate(blocks(words, reach, negatives, config)):
        start = k * per_block
        assert block.words[block.centres].tolist() == words[start : start + per_block].tolist()
        found |= {(start + c, start - block.centres.start + r) for r, c in np.argwhere(windows(block))}
    assert found == expected


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("subwords", ["none", "bpe"])
def test_gradients_are_finite_differences(architecture, subwords, monkeypatch):
    config = Config(12, embedding_dim=3, window=2, architecture=architecture, subwords=subwords)
    spelling = [[w % 4, 3] if w % 5 else [] for w in range(12)] if subwords == "bpe" else None
    params = parameters(config, pieces=4)
    words = np.array([5, 6, BOS, 7, 8, 5, 9, BOS, 10])
    block = Block(words, np.array([2, 1, 1, 2, 1, 2, 1, 2, 1]), slice(1, 8), np.array([6, 11, 5, 6]))
    with Trace() as trace:
        word2vec.forward(params, block, config, spelling)
        grads = word2vec.backward(params, trace, spelling)
    if architecture == "cbow":  # each word is given the whole gradient of the mean; the true one is in the trace
        true = {name: np.zeros_like(table) for name, table in params.items()} | {"lm_head": grads["lm_head"]}
        for word, row in zip(words, trace["grad.rows"]):
            true["wte" if subwords == "none" else "own"][word] += row
            for piece in spelling[word] if spelling else ():
                true["pieces"][piece] += row / len(spelling[word])
        grads = true
    for table in ("NUMBERS", "PARAMETERS"):
        monkeypatch.setattr(names, table, getattr(word_name_table, table))
    sizes = names.check_shapes(trace, "word2vec", {"V": 12, "D": 3})
    assert (sizes["R"], sizes["C"], sizes["M"], sizes["O"]) == (9, 7, 4, 11)
    names.check_shapes(params, "word2vec", {"V": 12, "D": 3})
    for name, table in params.items():
        for at in np.ndindex(table.shape):
            moved = []
            for by in (1e-5, -1e-5):
                table[at] += by
                moved.append(word2vec.forward(params, block, config, spelling))
                table[at] -= by
            assert grads[name][at] == pytest.approx((moved[0] - moved[1]) / 2e-5, abs=1e-8), (name, at)


def test_the_rate_falls_in_a_straight_line():
    config = Config(9, learning_rate=0.1, min_learning_rate=0.02)
    rates = [word2vec.learning_rate(done, 4, config) for done in range(5)]
    assert rates == pytest.approx([0.1, 0.08, 0.06, 0.04, 0.02])


def test_a_step_lowers_the_loss_of_its_block():
    config = Config(12, embedding_dim=4, window=2, noise_per_block=3)
    params = word2vec.init(config, np.random.default_rng(0))
    block = Block(np.array([5, 6, 7, 8]), np.full(4, 2), slice(0, 4), np.array([9, 10, 11]))
    losses = [float(word2vec.step(params, block, config, 0.1)["loss"]) for _ in range(20)]
    assert losses == sorted(losses, reverse=True)
    assert losses[0] == pytest.approx(10 * math.log(2) * 6)  # ten pairs, all scores 0


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"window": 0}, "window is 0; it needs a whole number from 1 to 1,000"),
        ({"windows_per_block": 1_000_000}, "windows_per_block is 1000000"),
        ({"noise_per_block": 1001}, "noise_per_block is 1001"),
        ({"window": 2.5}, "window is 2.5"),
        ({"embedding_dim": "x"}, 'embedding_dim is "x"; it needs a whole number of at least 1'),
        ({"epochs": True}, "epochs is True"),
        ({"seed": -1}, "seed is -1; it needs a whole number of at least 0"),
        ({"ns_exponent": 100.0}, "ns_exponent is 100.0; it needs a finite number from -10 to 10"),
        ({"ns_exponent": -1000.0}, "ns_exponent is -1000.0"),
        ({"ns_exponent": float("nan")}, "ns_exponent is nan"),
        ({"ns_exponent": float("inf")}, "ns_exponent is inf"),
        ({"sample": float("nan")}, "sample is nan; it needs a finite number of at least 0"),
        ({"sample": float("inf")}, "sample is inf"),
        ({"learning_rate": float("inf")}, "learning_rate is inf"),
        ({"min_learning_rate": -0.1}, "min_learning_rate is -0.1"),
        ({"negative": 0}, "negative is 0"),
        ({"embedding_dim": 0}, "embedding_dim is 0"),
        ({"embedding_dim": -3}, "embedding_dim is -3"),
        ({"epochs": 0}, "epochs is 0"),
        ({"sample": -1.0}, "sample is -1.0"),
        ({"learning_rate": 1e-5}, "learning_rate is 1e-05, below min_learning_rate"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
        ({"architecture": "skip-gram"}, 'architecture is "skip-gram". Did you mean "skipgram"'),
        ({"mode": "slow"}, "There is: fast, deterministic"),
        ({"subwords": "words"}, 'subwords is "words"'),
    ],
)
def test_settings_that_make_no_sense(settings, message):
    with pytest.raises(HornbookError, match=message):
        Config(9, **settings)


def test_nothing_counted_is_no_noise():
    with pytest.raises(HornbookError, match="no word was counted"):
        word2vec_sampling.noise([0, 3, 9, 0, 0, 0])


@pytest.mark.parametrize("exponent", [1000.0, -1000.0, math.inf, math.nan])
def test_powers_that_are_no_numbers_are_no_noise(exponent):
    with pytest.raises(HornbookError, match=f"counts to the power {exponent} do not add up"):
        word2vec_sampling.noise([0, 0, 0, 0, 0, 3, 9], exponent)


@pytest.mark.parametrize("exponent", [-10, -1, 0, 10])
def test_every_number_drawn_finds_a_word_at_the_last_exponents_allowed(exponent):
    """The largest counts that there are, beside the smallest: all 2³² numbers lie below the last threshold."""
    counts = np.array([2**62] * 5 + [2**62, 1, 0, 2**40, 2])
    Config(10, ns_exponent=exponent)
    cumulative = word2vec_sampling.thresholds(word2vec_sampling.noise(counts, exponent).cumsum())
    assert cumulative[-1] == 2**32
    assert (np.diff(cumulative) >= 0).all()


def test_an_architecture_has_its_usual_settings_where_none_are_given():
    assert set(USUAL) == set(ARCHITECTURES)
    for architecture, usual in USUAL.items():
        assert vars(Config(9, architecture=architecture)).items() >= usual.items()
    assert Config(9, architecture="cbow", learning_rate=0.01).learning_rate == 0.01
    assert Config(9, architecture="cbow", noise_per_block=4).noise_per_block == 4
