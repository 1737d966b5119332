"""WordPiece: by hand, its laws, and agreement with `tokenizers`."""

from pydoc_data.topics import topics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from hornbook.reference import wordpiece

PYDOC = [topics[name] for name in sorted(topics)]
# Rust's table of punctuation is an older Unicode's than Python's: some marks behind U+2E42 are letters to it
old = st.text(st.characters(max_codepoint=0x2FF, exclude_categories=["Cn"]), max_size=4)
tricky = st.sampled_from([*"abc#-_'$ \n\t\u00a0\u3000日本語🙂\u0301\x1c…“”", "##", " the"])
texts = st.lists(old | tricky, max_size=30).map("".join)


def rust(vocabulary, unknown="<UNK>"):
    id_of = {token: id_ for id_, token in enumerate([unknown, *vocabulary])}
    backend = Tokenizer(models.WordPiece(id_of, unk_token=unknown))
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return backend


def rust_training(corpus, vocab_size, min_count=1):
    """What `tokenizers` learns when it is given the alphabet in order; left alone, its ties fall at random."""
    words = [word for text in corpus for word in wordpiece.split(text)]
    backend = rust([])
    backend.train_from_iterator(
        corpus,
        trainers.WordPieceTrainer(
            vocab_size=vocab_size,
            min_frequency=min_count,
            special_tokens=wordpiece.alphabet(words),
            show_progress=False,
        ),
    )
    vocab = backend.get_vocab()
    return sorted(vocab, key=vocab.get)


# -- by hand ----------------------------------------------------------------------------------------------------------


def test_merges_by_hand():
    # the words: cat twice, at once, bat once. The alphabet: a b c t ##a ##t, ids 0 to 5.
    # ##a+##t is seen 3 times; then c+##at twice; then, once each, a+##t (0, 5) before b+##at (1, 6).
    merges, vocabulary = wordpiece.train(["cat at cat bat"], 10)
    assert vocabulary == ["a", "b", "c", "t", "##a", "##t", "##at", "cat", "at", "bat"]
    assert merges == [(4, 5, 6, 3), (2, 6, 7, 2), (0, 5, 8, 1), (1, 6, 9, 1)]


def test_the_longest_piece_goes_first_whatever_the_merges():
    vocabulary = ["un", "u", "unh", "##n", "##ha", "##happy", "##h", "##a"]
    assert wordpiece.encode("unhappy unha unx", vocabulary) == ["<UNK>", "unh", "##a", "<UNK>"]
    assert wordpiece.encode("unhappy", [*vocabulary, "##appy"]) == ["unh", "##appy"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't stop!", ["Don", "'", "t", "stop", "!"]),
        ("a-b_c  $5.00\n", ["a", "-", "b", "_", "c", "$", "5", ".", "00"]),
        ("„Grüße“ …", ["„", "Grüße", "“", "…"]),
        ("日本語 e\u0301", ["日本語", "e\u0301"]),
        (" \u3000\t", []),
    ],
)
def test_words(text, words):
    assert wordpiece.split(text) == words


def test_a_word_of_more_than_a_hundred_letters_is_unknown():
    assert wordpiece.encode("a" * 100, ["a", "##a"]) == ["a", *["##a"] * 99]
    assert wordpiece.encode("a" * 101, ["a", "##a"]) == ["<UNK>"]


# -- laws -------------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.lists(texts, max_size=4), st.integers(0, 80), st.integers(1, 3))
def test_what_was_learnt_from_can_be_spelt(corpus, vocab_size, min_count):
    merges, vocabulary = wordpiece.train(corpus, vocab_size, min_count)
    assert len(set(vocabulary)) == len(vocabulary)
    for left, right, made, _ in merges:
        assert vocabulary[made] == wordpiece.join(vocabulary[left], vocabulary[right])
    for text in corpus:
        for word in wordpiece.split(text):
            first, *others = wordpiece.cut(word, set(vocabulary))
            assert first + "".join(piece.removeprefix("##") for piece in others) == word


# -- agreement --------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.lists(texts, min_size=1, max_size=5), st.integers(0, 120), st.integers(1, 3))
def test_random_texts_are_learnt_as_in_tokenizers(corpus, vocab_size, min_count):
    assert wordpiece.train(corpus, vocab_size, min_count)[1] == rust_training(corpus, vocab_size, min_count)


def test_pydoc_is_learnt_and_cut_as_in_tokenizers():
    vocabulary = wordpiece.train(PYDOC, 1500, 2)[1]
    assert vocabulary == rust_training(PYDOC, 1500, 2)
    found = rust(vocabulary).encode_batch(PYDOC)
    assert [wordpiece.encode(text, vocabulary) for text in PYDOC] == [one.tokens for one in found]


@settings(max_examples=100, deadline=None)
@given(st.lists(texts, min_size=1, max_size=3), texts)
def test_random_texts_are_cut_as_in_tokenizers(corpus, text):
    vocabulary = wordpiece.train(corpus, 60)[1]
    assert wordpiece.split(text) == [word for word, _ in pre_tokenizers.BertPreTokenizer().pre_tokenize_str(text)]
    assert wordpiece.encode(text, vocabulary) == rust(vocabulary).encode(text).tokens
