"""Terms: lower-cased words without marks, counted and looked up; what Python finds is what `tokenizers` finds."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook.errors import HornbookError
from hornbook.fast import terms
from hornbook.tokenizer import Tokenizer

TEXT = "The cat's hat; the DOG's hat. The straße, 3 cats"


def test_by_hand():
    tokenizer = Tokenizer.train([TEXT], "terms", min_count=1)
    words = tokenizer.tokens(range(tokenizer.vocab_size))
    assert words[:5] == ["<PAD>", "<UNK>", "<BOS>", "<EOS>", "<MASK>"]
    assert words[5:] == ["the", "hat", "3", "cat's", "cats", "dog's", "straße"]  # by count, then by the alphabet
    assert tokenizer.encode("THE hat, zebra!").tolist() == [5, 6, 1]
    assert tokenizer.decode([5, 6]) == "the hat"
    assert tokenizer.unknown("the Zebra") == Counter({"Zebra": 1})


def test_rare_words_are_left_out_and_the_size_is_kept():
    assert Tokenizer.train([TEXT], "terms").vocab_size == 5 + 2  # the default asks for two occurrences
    assert Tokenizer.train([TEXT], "terms", vocab_size=8, min_count=1).tokens([5, 6, 7]) == ["the", "hat", "3"]
    with pytest.raises(HornbookError, match="min_count=9 leaves no terms"):
        Tokenizer.train([TEXT], "terms", min_count=9)


def test_texts_are_read_one_by_one():
    read = []

    def reading():
        for text in (TEXT, "the end"):
            read.append(terms.count([]) == Counter())  # asked for only when the one before is done with
            yield text

    assert "end" in Tokenizer.train(reading(), "terms", min_count=1).tokens(range(13))
    assert len(read) == 2


def test_counting_keeps_to_its_room():
    texts = [f"often {number} often" for number in range(100)]
    counts = terms.count(texts, most=10)
    assert len(counts) <= 10
    assert counts["often"] == 200


@pytest.mark.parametrize("code", range(0, 0x2100, 0x100))
def test_what_is_plain_is_cut_as_tokenizers_cuts_it(code):
    normalizer, pre_tokenizer = terms.pipeline()
    for letter in map(chr, range(code, code + 0x100)):
        text = f"a{letter}b {letter} {letter}{letter}x'{letter} B{letter} 'A{letter}'A"
        if terms.is_plain(text):
            found = [word for word, _ in pre_tokenizer.pre_tokenize_str(normalizer.normalize_str(text))]
            assert terms.words_of(text) == found, hex(ord(letter))


@settings(max_examples=60)
@given(st.text(max_size=40))
def test_ids_are_those_of_the_file_in_tokenizers(text):
    tokenizer = Tokenizer.train([TEXT, "naïve été don’t İstanbul 日本 語"], "terms", min_count=1)
    text = text.encode("utf-8", "replace").decode()
    assert tokenizer.encode(text).tolist() == tokenizer.backend.encode(text).ids


def test_it_survives_its_file(tmp_path):
    tokenizer = Tokenizer.train([TEXT], "terms", min_count=1)
    tokenizer.save(tmp_path / "tokenizer.json")
    again = Tokenizer.load(tmp_path)
    assert (again.kind, again.encode(TEXT).tolist()) == ("terms", tokenizer.encode(TEXT).tolist())
