"""Evaluation: bits by hand, tokens scored once with the context that is said, an honest interval, true extremes."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook.errors import HornbookError
from hornbook.evaluate import PASSAGE, _interval, evaluate, how_read
from hornbook.language_model import LanguageModel
from hornbook.models import configure, kind_of
from hornbook.reference.losses import log_softmax
from hornbook.tokenizer import Tokenizer

AB = Tokenizer.train(["ab"], kind="characters")  # <PAD> <UNK> <BOS> <EOS> <MASK> a b: seven tokens


def counted(name, texts, tokenizer=AB):
    model = LanguageModel(name, None, tokenizer)
    model.network = kind_of(name).fast.train(model.stream(texts), configure(name, tokenizer))
    return model


class Surprised:
    """A model that is as surprised as it is told to be."""

    reach = 0

    windows = None

    def __init__(self, nats, tokenizer):
        self.told, self.tokenizer = np.asarray(nats), tokenizer

    def nats(self, stream, stride=None):
        return self.told


@pytest.mark.parametrize(
    "context, stride, said",
    [
        (64, 32, "in windows of 64 tokens at stride 32"),
        (5, None, "with at most the 5 tokens before it"),
        (1, None, "with at most the 1 token before it"),
    ],
)
def test_what_a_prediction_could_look_back_on_is_said(context, stride, said):
    assert how_read(context, stride) == said


# -- by hand --------------------------------------------------------------------------------------------------------


def test_uniform_needs_log2_of_the_vocabulary():
    model = counted("uniform", ["ab"])
    for documents in (["abba"], ["ab", "b", "a"]):  # the boundary between two documents is a character
        report = evaluate(model, model.stream(documents))
        assert report.characters == report.tokens == len("|".join(documents))
        assert report.bits_per_character == pytest.approx(math.log2(7), rel=1e-12)
        assert report.low == pytest.approx(report.high) == pytest.approx(math.log2(7))
        assert (report.context, report.stride) == (0, None)
    assert evaluate(model, model.stream(["abba"]), 8).bits_per_character == pytest.approx(math.log2(7) / 2)


def test_unigram_by_hand():
    model = counted("unigram", ["aab"])
    # a twice, b once: D₁ = 1 − 2·⅓·1 = ⅓, D₂ = 2, so 7/9 of the mass goes to the seven tokens alike:
    # p(b) = (1 − ⅓) / 3 + 1/9 = ⅓ and p(a) = 0 + 1/9
    report = evaluate(model, model.stream(["abb"]))
    assert report.nats_per_token * 3 == pytest.approx(math.log(9) + 2 * math.log(3))
    assert report.bits_per_character == pytest.approx(4 * math.log2(3) / 3)
    numbers = json.loads(json.dumps(report.numbers()))
    assert numbers["perplexity"] == pytest.approx(3 ** (4 / 3))
    assert numbers["bits_per_character"] == report.bits_per_character
    assert (numbers["tokens"], numbers["characters"]) == (3, 3)


@pytest.mark.parametrize("documents", [[], [""]])
def test_a_text_of_nothing_cannot_be_measured(documents):
    model = counted("uniform", ["ab"])
    stream = model.stream(documents) if documents else np.zeros(0, np.int64)
    with pytest.raises(HornbookError, match=f"the text has {len(documents)} tokens; measuring needs at least 2"):
        evaluate(model, stream)


# -- windows --------------------------------------------------------------------------------------------------------


def network(name, **choices):
    torch = pytest.importorskip("torch")
    tokenizer = Tokenizer.train(["the cat sat on the mat"], kind="characters")
    model = LanguageModel(name, kind_of(name).fast(configure(name, tokenizer, overrides=choices)), tokenizer)
    torch.manual_seed(0)
    for parameter in model.network.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return model, model.stream(["the cat sat on the mat", "the mat sat on the cat"])


def alone(model, stream, place, start):
    """−ln p of one token, given those from `start` on and no other."""
    return -log_softmax(model.logits(stream[None, start:place])[0][0, -1].astype(float))[stream[place]]


@pytest.mark.parametrize("stride", [None, 1, 3, 7, 8])
def test_a_transformer_scores_each_token_with_the_context_that_is_said(stride):
    model, stream = network("gpt", n_layer=1, n_head=2, n_embd=8, block_size=8)
    report = evaluate(model, stream, stride=stride)
    step, expected = stride or 4, []
    for place in range(1, len(stream)):
        later = -(-max(0, place - 8) // step)  # windows after the first that end at or behind this token
        end = min(8 + later * step, len(stream) - 1)
        start = max(0, end - 8)
        assert place - start >= min(place, 8 - step + 1)  # no token is scored with less
        expected.append(alone(model, stream, place, start))
    assert model.nats(stream, stride) == pytest.approx(np.array(expected), rel=1e-4, abs=1e-5)
    assert report.nats_per_token == pytest.approx(np.mean(expected), rel=1e-5)
    assert (report.context, report.stride, report.tokens) == (8, step, len(stream) - 1)


@pytest.mark.parametrize("name", ["rnn", "lstm"])
def test_a_recurrent_model_sees_all_that_went_before_in_a_short_text(name):
    model, stream = network(name, hidden_size=6, embedding_dim=5)
    expected = [alone(model, stream, place, 0) for place in range(1, len(stream))]
    assert model.nats(stream) == pytest.approx(np.array(expected), rel=1e-4, abs=1e-5)
    report = evaluate(model, np.tile(stream, 30))
    assert (report.context, report.stride, report.tokens) == (512, 384, 30 * len(stream) - 1)


@pytest.mark.parametrize("stride", [0, -3, 9])
def test_a_stride_that_leaves_tokens_out_is_refused(stride):
    model, stream = network("gpt", n_layer=1, n_head=2, n_embd=8, block_size=8)
    with pytest.raises(HornbookError, match=f"stride is {stride}; it can be from 1 to the context of 8"):
        evaluate(model, stream, stride=stride)


# -- the interval ---------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 20), min_size=1, max_size=300), st.floats(0.1, 9))
@settings(max_examples=25, deadline=None)
def test_laws_of_the_interval(nats, factor):
    nats = np.array(nats)
    low, high = _interval(nats, 50)
    assert low <= high
    assert (low, high) == _interval(nats, 50)
    assert _interval(factor * nats, 50) == pytest.approx((factor * low, factor * high))
    assert _interval(nats, 100) == pytest.approx((low / 2, high / 2))


def test_a_text_that_surprises_evenly_leaves_no_doubt():
    assert _interval(np.full(1000, math.log(2)), 1000) == pytest.approx((1, 1))


def test_the_interval_holds_the_truth_about_95_times_in_100():
    rng, inside, widths = np.random.default_rng(0), 0, []
    for _ in range(200):
        low, high = _interval(rng.gamma(2.0, 1.0, 2000), 2000)
        inside += low <= 2 / math.log(2) <= high
        widths.append(high - low)
    assert 178 <= inside <= 199  # a binomial of 200 and 0.95 leaves this range once in a thousand times
    assert np.mean(widths) == pytest.approx(2 * 1.96 * math.sqrt(2 / 2000) / math.log(2), rel=0.03)


def test_tokens_that_surprise_together_make_the_interval_wider():
    rng = np.random.default_rng(1)
    runs = np.repeat(rng.gamma(2.0, 1.0, 200), 10)  # neighbours alike
    mixed = rng.permutation(runs)
    width = {name: np.diff(_interval(nats, 2000))[0] for name, nats in (("runs", runs), ("mixed", mixed))}
    assert 2 < width["runs"] / width["mixed"] < 4.5  # √10 = 3.2


# -- passages -------------------------------------------------------------------------------------------------------


@given(st.integers(1, 700), st.integers(0, 9))
@settings(max_examples=30, deadline=None)
def test_the_passages_shown_are_the_extremes(tokens, seed):
    rng = np.random.default_rng(seed)
    stream = np.append(AB.bos, rng.choice([AB.bos, *AB.encode("ab")], tokens, p=[0.1, 0.45, 0.45]))
    nats = rng.gamma(1.0, 1.0, tokens)
    report = evaluate(Surprised(nats, AB), stream)
    letters = {AB.bos: "<BOS>", **dict(zip(AB.encode("ab"), "ab"))}
    passages = []
    for start in range(0, tokens, PASSAGE):
        piece = stream[1 + start : 1 + start + PASSAGE]
        if len(piece) == PASSAGE or start == 0:  # what is left at the end is too short to compare
            bits = nats[start : start + PASSAGE].sum() / math.log(2) / len(piece)
            passages.append((bits, "".join(letters[id_] for id_ in piece)))
    passages.sort()
    for shown, expected in ((report.least, passages[:3]), (report.most, passages[::-1][:3])):
        assert [passage["text"] for passage in shown] == [text for _, text in expected]
        assert [passage["bits_per_character"] for passage in shown] == pytest.approx([bits for bits, _ in expected])
