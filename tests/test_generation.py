"""Generation: cached equals uncached, filters bite, seeds fix, documents end, bytes become characters."""

import numpy as np
import pytest

from hornbook.corpus import Corpus
from hornbook.errors import HornbookError
from hornbook.generation import Decoder, Reader, Sampling, continuation
from hornbook.language_model import LanguageModel
from hornbook.models import configure, kind_of
from hornbook.tokenizer import Tokenizer

torch = pytest.importorskip("torch")

TEXT = "the cat sat on the mat and the dog sat on the log "
SMALL = {
    "rnn": {"hidden_size": 8},
    "lstm": {"hidden_size": 8, "n_layer": 2},
    "gpt": {"n_layer": 2, "n_head": 2, "n_embd": 8, "block_size": 10},
    "ngram": {"order": 3},
}


def model_of(name, tokenizer=None):
    """A model with random parameters in float64 (an n-gram: counted)."""
    tokenizer = tokenizer or Tokenizer.train([TEXT], kind="characters")
    config = configure(name, tokenizer, overrides=SMALL[name])
    if name == "ngram":
        stream = np.concatenate([[tokenizer.bos], tokenizer.encode(TEXT * 3)])
        return LanguageModel(name, kind_of(name).fast.train(stream, config), tokenizer)
    network = kind_of(name).fast(config).double()
    torch.manual_seed(0)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return LanguageModel(name, network, tokenizer)


def uncached(model, ids):
    """What the reader's rule allows to be seen, in one pass: all, or from the last restart of the block on."""
    start, held, block = 0, 0, model.block_size
    for place in range(len(ids)):
        if block and held + 1 > block:
            start, held = place + 1 - max(1, block // 2), max(1, block // 2) - 1
        held += 1
    return model.logits(np.array([ids[start:]]))[0][0, -1]


@pytest.mark.parametrize("name", SMALL)
def test_reading_token_by_token_equals_reading_at_once(name):
    model = model_of(name)
    ids = [model.tokenizer.bos, *model.tokenizer.encode(TEXT)]
    reader = Reader(model)
    for place, token in enumerate(ids):
        logits = reader.read([token])
        assert logits == pytest.approx(uncached(model, ids[: place + 1]), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("name", SMALL)
def test_a_prompt_longer_than_the_block_is_read_by_its_end(name):
    model = model_of(name)
    ids = [model.tokenizer.bos, *model.tokenizer.encode(TEXT * 2)]
    expected = model.logits(np.array([ids[-5:] if name == "gpt" else ids]))[0][0, -1]
    assert Reader(model).read(ids) == pytest.approx(expected, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("name", SMALL)
def test_the_same_seed_draws_the_same_text_and_another_does_not(name):
    model = model_of(name)
    texts = [model.generate("the", characters=40, seed=seed, temperature=5.0) for seed in range(6)]
    assert texts == [model.generate("the", characters=40, seed=seed, temperature=5.0) for seed in range(6)]
    assert len(set(texts)) > 3


def test_greedy_is_always_the_likeliest_and_ignores_the_seed():
    model = model_of("lstm")
    drawn = list(continuation(model, "the", Sampling(temperature=0), 20, seed=3))
    assert all(token.probability == 1.0 for token in drawn)
    assert model.generate("the", 20, seed=9, temperature=0) == "".join(token.text for token in drawn)


def test_what_is_shown_of_a_draw_is_what_was_drawn():
    model = model_of("gpt")
    for token in continuation(model, "the cat", Sampling(top_k=4), 30, seed=5):
        assert 0 < token.probability <= 1
        assert len(token.rivals) <= 4
        assert sum(probability for _, probability in token.rivals) == pytest.approx(1)
        assert token.probability in [probability for _, probability in token.rivals]
        assert [p for _, p in token.rivals] == sorted((p for _, p in token.rivals), reverse=True)


@pytest.mark.parametrize("characters", [1, 7, 33])
def test_as_many_characters_as_asked_for(characters):
    assert len(model_of("ngram").generate("the", characters)) <= characters
    model = model_of("lstm")
    with torch.no_grad():
        model.network.lm_bias[model.tokenizer.bos] = -1e9  # so that the document never ends
    assert len(model.generate("the", characters)) == characters


def test_a_document_ends_where_the_model_ends_it():
    names = Corpus("names", ["ann", "bob", "eve", "dan", "liz"] * 5)
    tokenizer = Tokenizer.train(names.documents, kind="characters")
    config = configure("ngram", tokenizer, overrides={"order": 4})
    stream = tokenizer.encode_all(names.documents)
    model = LanguageModel("ngram", kind_of("ngram").fast.train(stream, config), tokenizer)
    drawn = {model.generate("", 50, seed=seed, temperature=0.3) for seed in range(20)}
    assert drawn & set(names.documents)
    assert all(len(text) < 50 for text in drawn)


def test_specials_are_never_written():
    model = model_of("lstm")
    specials = [model.tokenizer.pad, model.tokenizer.unk, model.tokenizer.eos, model.tokenizer.mask]
    with torch.no_grad():
        model.network.lm_bias[specials] = 50.0  # the model would write nothing else
    assert not {token.token for token in continuation(model, "", Sampling(), 20, 0)} & set(specials)


def test_unseen_characters_in_the_prompt_are_read_as_unk():
    model = model_of("lstm")
    assert model.tokenizer.unknown("the Ω") == {"Ω": 1}
    assert model.generate("the Ω", 5)


def test_bytes_are_held_back_until_they_make_a_character():
    tokenizer = Tokenizer.train(["plain text and nothing else"], kind="bpe", vocab_size=300)
    decode, ids = Decoder(tokenizer), tokenizer.encode("a€ö😀z" * 9)
    shown = [decode(token) for token in ids]
    assert "".join(shown) == "a€ö😀z" * 9
    assert not any("\N{REPLACEMENT CHARACTER}" in text for text in shown)


@pytest.mark.parametrize("kind", ["characters", "words", "bpe", "wordpiece"])
def test_decoding_token_by_token_gives_the_whole_text(kind):
    tokenizer = Tokenizer.train([TEXT], kind=kind, **({"vocab_size": 300} if kind in ("bpe", "wordpiece") else {}))
    decode, ids = Decoder(tokenizer), tokenizer.encode(TEXT * 3)
    assert "".join(decode(token) for token in ids) == tokenizer.decode(ids)


@pytest.mark.parametrize(
    "choice, message",
    [
        ({"temperature": -1}, "temperature is -1"),
        ({"top_k": 0}, "top_k is 0"),
        ({"top_p": 0.0}, "top_p is 0"),
        ({"min_p": 1.5}, "min_p is 1.5"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(choice, message):
    with pytest.raises(HornbookError, match=message):
        model_of("ngram").generate("the", 5, **choice)
