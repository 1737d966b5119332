"""word2vec: the fast form is the reference, number by number; the same bytes for any threads; what a network keeps."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from hornbook import HornbookError
from hornbook.fast import word2vec as word2vec_fast
from hornbook.fast import word2vec_loss
from hornbook.fast.rounds import Round
from hornbook.fast.word2vec import Word2Vec
from hornbook.reference import word2vec, word2vec_sampling
from hornbook.reference.word2vec import Config
from hornbook.reference.word2vec_sampling import BOS
from word2vec_cases import parameters

V, P = 30, 7
SPELLING = [[(3 * w + k) % P for k in range(w % 4)] for w in range(V)]
PIECES = (np.cumsum([0, *map(len, SPELLING)]), np.concatenate(SPELLING).astype(int), P)
SHAPES = {"windows of one": (1, 5), "a few": (8, 3), "more than the text": (500, 16)}
PATTERNS = {
    "skipgram": {},
    "cbow": {"architecture": "cbow"},
    "subwords": {"subwords": "bpe"},
    "cbow of subwords": {"architecture": "cbow", "subwords": "bpe"},
}


def stream(length=400, seed=0):
    """Documents of words, some of them frequent, with unknown ones and other specials between."""
    rng = np.random.default_rng(seed)
    ids = np.minimum(5 + rng.geometric(0.12, length), V - 1)
    ids[rng.random(length) < 0.1] = rng.choice([0, 1, 3, 4])
    ids[rng.random(length) < 0.05] = BOS
    return ids.astype(np.uint16)


def network(config, ids, params=None):
    made = Word2Vec(config, ids, pieces=PIECES if config.subwords == "bpe" else None)
    if params:
        made.restore(params)
    return made


def read_slowly(config, ids, params, number, begin=0, end=None):
    """What `run_round` says of itself, step by step with the reference; the shard of ids[begin:end]."""
    counts = np.bincount(ids, minlength=V)
    drawn = [
        word2vec_sampling.thresholds(values)
        for values in (
            word2vec_sampling.keep(counts, config.sample),
            word2vec_sampling.noise(counts, config.ns_exponent).cumsum(),
        )
    ]
    state = word2vec_sampling.first_random(config.seed, number, begin // word2vec_fast.SHARD)
    guide = word2vec_sampling.guide(drawn[1])
    shard = word2vec_sampling.sample(
        ids[begin:end].tolist(), *drawn, guide, config.window, config.windows_per_block, config.noise_per_block, state
    )
    rate = word2vec.learning_rate(number * len(ids) + begin, config.epochs * len(ids), config)
    spelling = SPELLING if config.subwords == "bpe" else None
    blocks = word2vec_sampling.blocks(*shard, config)
    traces = [word2vec.step(params, block, config, rate, spelling) for block in blocks]
    return shard, sum(trace["loss"] for trace in traces) / sum(trace["pairs"] for trace in traces)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_fast_form_is_the_reference(pattern, shape):
    """Two rounds from random parameters in float64: every table and both losses."""
    per_block, noise = SHAPES[shape]
    config = Config(
        V,
        embedding_dim=6,
        window=3,
        sample=0.05,
        epochs=3,
        windows_per_block=per_block,
        noise_per_block=noise,
        **PATTERNS[pattern],
    )
    ids, expected = stream(), parameters(config, P)
    fast = network(config, ids, expected)
    for number in range(2):
        shard, loss = read_slowly(config, ids, expected, number)
        for ours, theirs in zip(fast._shard(ids, 0, number), shard):
            np.testing.assert_array_equal(ours, theirs)
        did = fast.run_round(number)
        assert did == Round(pytest.approx(loss, abs=1e-12), 400, word2vec.learning_rate(number, 3, config))
    assert set(fast.state()) == set(expected)
    for name, table in fast.state().items():
        np.testing.assert_allclose(table, expected[name], rtol=0, atol=1e-11, err_msg=name)
        assert np.abs(table - parameters(config, P)[name]).max() > 0.01


@pytest.mark.parametrize("mode", ["fast", "deterministic"])
def test_the_rate_falls_within_a_round_with_every_shard(mode, monkeypatch):
    """Two rounds of four shards; a block at a time, so that both modes are plain descent."""
    monkeypatch.setattr(word2vec_fast, "SHARD", 120)
    monkeypatch.setattr(word2vec_fast.Word2Vec, "_together", lambda network: 1)
    config = Config(V, embedding_dim=6, window=3, epochs=2, learning_rate=0.2, min_learning_rate=0.0, mode=mode)
    ids, expected = stream(), parameters(config)
    fast = network(config, ids, expected)
    for number in range(2):
        for begin in range(0, len(ids), 120):
            read_slowly(config, ids, expected, number, begin, begin + 120)
        fast.run_round(number)
    for name, table in fast.state().items():
        np.testing.assert_allclose(table, expected[name], rtol=0, atol=1e-11, err_msg=name)


def test_single_precision_is_float64_to_seven_digits():
    scores = np.concatenate([np.linspace(-30, 30, 3001), [-1e4, -88, 0, 88, 1e4]]).astype(np.float32).reshape(1, -1)
    for sign in (-1, 1):
        ones, signs = np.ones_like(scores), np.full(scores.shape[1], sign, np.float32)
        single, double = scores.copy(), scores.astype(np.float64)
        losses = (
            word2vec_loss.surprise32(single, ones, signs),
            word2vec_loss.surprise64(double, ones.astype(np.float64), signs.astype(np.float64)),
        )
        np.testing.assert_allclose(single, double, rtol=1e-6, atol=1e-37)
        assert losses[0] == pytest.approx(losses[1], rel=1e-6)


def test_single_precision_learns_the_same():
    config = Config(V, embedding_dim=16, sample=0, epochs=2)
    ids, params = stream(3000), parameters(config)
    losses = []
    for dtype in (np.float32, np.float64):
        made = network(config, ids, {name: table.astype(dtype) for name, table in params.items()})
        losses.append([made.run_round(number).loss for number in range(2)])
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-4)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_deterministic_gives_the_same_bytes_for_any_number_of_threads_and_after_a_stop(pattern):
    config = Config(V, embedding_dim=20, epochs=2, mode="deterministic", **PATTERNS[pattern])
    ids = stream(20_000)
    results = []
    for threads in (1, 2, 3):
        made = network(config, ids)
        made.threads = threads
        losses = [made.run_round(0).loss]
        if threads == 2:
            kept = {name: table.copy() for name, table in made.state().items()}
            made = network(config, ids)
            made.restore(kept)
        losses += [made.run_round(1).loss, made.validate(stream(500, seed=1))]
        results.append((losses, {name: table.tobytes() for name, table in made.export().items()}))
    assert results[0] == results[1] == results[2]


def test_deterministic_takes_a_batch_of_gradients_before_any_is_applied():
    config = Config(
        V, embedding_dim=6, sample=0, epochs=1, windows_per_block=8, learning_rate=0.004, mode="deterministic"
    )
    ids = stream(8 * 10)
    params = parameters(config)
    made = network(config, ids, params)
    assert made._together() >= 10
    made.run_round(0)
    grads = {name: np.zeros_like(table) for name, table in params.items()}
    for block in word2vec_sampling.blocks(*made._shard(ids, 0, 0), config):
        with word2vec.Trace() as trace:
            word2vec.forward(params, block, config)
            for name, grad in word2vec.backward(params, trace).items():
                grads[name] += grad
    for name, table in params.items():
        np.testing.assert_allclose(made.state()[name], table - config.learning_rate * grads[name], atol=1e-12)


@pytest.mark.parametrize("mode", ["fast", "deterministic"])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_loss_falls_and_is_measured_alike(mode, threads, pattern):
    rng = np.random.default_rng(0)
    ids = np.concatenate([[BOS, *rng.permutation(np.arange(5, 17) + 12 * (k % 2))] for k in range(3000)])  # two topics
    config = Config(V, embedding_dim=8, sample=0, learning_rate=0.05, mode=mode, **PATTERNS[pattern])
    made = network(config, ids)
    made.threads = threads
    held_out = ids[:2600]
    before = made.validate(held_out)
    losses = [made.run_round(number).loss for number in range(made.n_rounds)]
    after = made.validate(held_out)
    assert before == pytest.approx(np.log(2) * 6, abs=0.35)  # all scores 0; a centre is no noise of itself
    assert losses[-1] < losses[0]
    assert after < before - 0.3
    assert after == made.validate(held_out)
    assert after == pytest.approx(losses[-1], abs=0.1)


def test_a_kept_network_encodes_the_same():
    for pattern in ("skipgram", "subwords"):
        config = Config(V, embedding_dim=4, **PATTERNS[pattern])
        made = network(
            config, stream(), {name: table.astype(np.float32) for name, table in parameters(config, P).items()}
        )
        made.weights = np.linspace(0, 1, V, dtype=np.float32)
        made.direction = np.array([0.6, 0.8, 0, 0], np.float32)
        again = Word2Vec.from_parameters(config, made.export())
        bags = csr_matrix(np.random.default_rng(0).poisson(0.3, (5, V)))
        np.testing.assert_array_equal(made.encode(bags), again.encode(bags))
        assert again.export().keys() == made.export().keys()
        np.testing.assert_array_equal(again.vectors, made.vectors)


def test_a_text_is_the_mean_of_its_words():
    made = network(Config(V, embedding_dim=2), stream())
    made.tables["wte"][5:7] = [[1, 2], [4, 8]]
    bags = np.zeros((2, V))
    bags[0, 5:7] = 2, 1
    assert made.encode(csr_matrix(bags)).tolist() == [[2, 4], [0, 0]]  # the second is empty
    made.direction = np.array([1, 0], np.float32)
    assert made.encode(csr_matrix(bags)).tolist() == [[0, 4], [0, 0]]


def test_an_unknown_word_is_the_mean_of_its_pieces():
    made = network(Config(V, embedding_dim=3, subwords="bpe"), stream())
    np.testing.assert_allclose(made.spelt([2, 2, 5]), made.tables["pieces"][[2, 2, 5]].mean(axis=0))
    assert not made.export()["wte"][:5].any() or any(SPELLING[:5])


def test_a_round_reads_a_stretch_and_the_last_one_the_rest(monkeypatch):
    monkeypatch.setattr("hornbook.fast.word2vec.ROUND", 1000)
    monkeypatch.setattr("hornbook.fast.word2vec.SHARD", 300)
    config = Config(V, embedding_dim=4, epochs=2, learning_rate=0.1, min_learning_rate=0.0)
    made = network(config, stream(2500))
    assert (made.n_rounds, made.rounds_between_validations) == (6, 3)
    rounds = [made.run_round(number) for number in range(6)]
    assert [did.tokens for did in rounds] == [1000, 1000, 500] * 2
    assert [did.learning_rate for did in rounds] == pytest.approx([0.1, 0.08, 0.06, 0.05, 0.03, 0.01])


@pytest.mark.parametrize("ids", [[], [BOS], [BOS, 7], [BOS, 1, 1, 3, 9]])
def test_too_few_words(ids):
    with pytest.raises(HornbookError, match=r"the text has [01] known words?; word2vec needs at least 2"):
        Word2Vec(Config(V), np.array(ids, int))


def test_pieces_and_setting_must_agree():
    with pytest.raises(HornbookError, match='subwords is "bpe", and none were given'):
        Word2Vec(Config(V, subwords="bpe"), stream())
    with pytest.raises(HornbookError, match='subwords is "none", and pieces of words were given'):
        Word2Vec(Config(V), stream(), pieces=PIECES)


@pytest.mark.parametrize("mode", ["fast", "deterministic"])
def test_vectors_that_grow_without_end_are_told_of(mode):
    made = network(Config(V, embedding_dim=4, epochs=3, learning_rate=1000.0, mode=mode), stream())
    with pytest.raises(HornbookError, match=r"no longer a number: .* learning_rate 1000 .* learning_rate=0.025"):
        for number in range(3):
            made.run_round(number)
    with pytest.raises(HornbookError, match="no longer a number"):
        made.validate(stream())
    made = network(Config(V, embedding_dim=4), stream())
    made.tables["wte"][:] = np.nan
    with pytest.raises(HornbookError, match=r"learning_rate=0\.0025"):
        made.run_round(0)


def test_words_without_neighbours_teach_nothing():
    made = network(Config(V, embedding_dim=4, epochs=1, sample=0), np.array([BOS, 7, BOS, 8, BOS, 1, 9]))
    before = made.export()["wte"].copy()
    assert np.isnan(made.run_round(0).loss)
    assert np.isnan(made.validate(np.array([BOS, 7, BOS, 8])))
    np.testing.assert_array_equal(made.export()["wte"], before)
