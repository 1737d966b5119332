"""Byte-pair encoding: by hand, its laws, and agreement of reference, fast form, `tokenizers` and tiktoken."""

import json
import os
from itertools import chain
from pathlib import Path
from pydoc_data.topics import topics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from hornbook.fast import bpe as fast
from hornbook.reference import bpe

DATA = Path(os.environ.get("HORNBOOK_DATA", "no-such-folder"))
PYDOC = [topics[name] for name in sorted(topics)]
texts = st.text(st.characters(exclude_categories=["Cs", "Cn"]), max_size=60)  # Cn: unknown to this Python's Unicode
tricky = st.text(st.sampled_from("ab'strelvdm 12\n\t\u00a0\u3000é日🙂\u0301.-_\x1c\x85"), max_size=60)


def needs(*parts):
    path = DATA.joinpath(*parts)
    return pytest.param(path, marks=pytest.mark.skipif(not path.exists(), reason=f"HORNBOOK_DATA has no {path.name}"))


def letters(token):
    return "".join(bpe.LETTER_OF_BYTE[byte] for byte in token)


def rust(corpus, vocab_size, min_count=1):
    """Vocabulary and merges that `tokenizers` learns."""
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    backend.train_from_iterator(
        corpus,
        trainers.BpeTrainer(
            vocab_size=vocab_size, min_frequency=min_count, initial_alphabet=alphabet, show_progress=False
        ),
    )
    return rust_model(*learnt(backend))


def learnt(backend):
    model = json.loads(backend.to_str())["model"]
    return model["vocab"], [tuple(pair) for pair in model["merges"]]


def rust_model(vocab, merges):
    backend = Tokenizer(models.BPE(vocab, merges))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    return backend


def compiled(vocab, merges):
    byte_ids = [vocab[bpe.LETTER_OF_BYTE[byte]] for byte in range(256)]
    return fast.Encoder(byte_ids, [(vocab[left], vocab[right], vocab[left + right]) for left, right in merges])


@pytest.fixture(scope="module")
def pydoc():
    """`tokenizers` and the compiled form with 2,000 tokens of the language topics, and the reference's merges."""
    merges, vocabulary = bpe.train(PYDOC, 2000)
    backend = rust(PYDOC, 2000)
    return backend, compiled(*learnt(backend)), merges, vocabulary


# -- by hand ----------------------------------------------------------------------------------------------------------


def test_merges_by_hand():
    # words: "abab" once, " abc" once. a+b is seen 3 times. Then ab+ab, blank+ab and ab+c are seen once each:
    # their ids are (256, 256), (220, 256), (256, 66), and the smallest goes first.
    merges, vocabulary = bpe.train(["abab abc"], 256 + 4)
    assert merges == [(64, 65, 256, 3), (220, 256, 257, 1), (256, 256, 258, 1), (257, 66, 259, 1)]
    assert vocabulary[256:] == [b"ab", b" ab", b"abab", b" abc"]


def test_bytes_are_numbered_as_in_gpt2():
    assert bpe.BYTES[:3] == [ord("!"), ord('"'), ord("#")]
    assert bpe.ID_OF_BYTE[ord(" ")] == 220 and bpe.ID_OF_BYTE[0] == 188
    assert [bpe.LETTER_OF_BYTE[byte] for byte in b" \n\t\x00a"] == ["Ġ", "Ċ", "ĉ", "Ā", "a"]
    assert sorted(bpe.LETTER_OF_BYTE.values()) == sorted(pre_tokenizers.ByteLevel.alphabet())


def test_pairs_may_overlap_but_merges_do_not():
    merges, _ = bpe.train(["aaaaa"], 257)
    assert merges == [(64, 64, 256, 4)]  # four pairs stand in five letters
    assert bpe.encode("aaaaa", merges) == [256, 256, 64]  # two of them can merge


def test_the_earliest_merge_goes_first():
    merges = [bpe.Merge(65, 66, 256, 2), bpe.Merge(64, 65, 257, 1)]  # bc before ab
    assert bpe.encode("abc", merges) == [64, 256]


def test_training_stops_at_the_minimum_count():
    assert [merge.count for merge in bpe.train(["to to to be be or"], 300, min_count=2)[0]] == [3, 2, 2, 2]
    assert bpe.train([""], 300) == ([], [bytes([byte]) for byte in bpe.BYTES])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello world", "Hello| world"),
        ("I'll they've we'd it's I'm can't you're", "I|'ll| they|'ve| we|'d| it|'s| I|'m| can|'t| you|'re"),
        ("O'SUN 'sun", "O|'|SUN| '|sun"),
        ("'sun", "'s|un"),
        ("!'s", "!'|s"),
        ("a  b", "a| | b"),
        ("a \n b", "a| \n| b"),
        ("a\n\nb", "a|\n|\n|b"),
        ("end  ", "end|  "),
        ("x=1.5e3", "x|=|1|.|5|e|3"),
        ("a\u00a0\u00a0b", "a|\u00a0|\u00a0|b"),
        ("été 日本 ½", "été| 日本| ½"),
        ("e\u0301", "e|\u0301"),
    ],
)
def test_words_of_gpt2s_pattern(text, words):
    assert [word.decode() for word in bpe.split(text)] == words.split("|")


# -- laws -------------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(texts | tricky)
def test_nothing_is_lost(text):
    merges, vocabulary = bpe.train([text], 270)
    assert b"".join(bpe.split(text)) == text.encode()
    assert bpe.decode(bpe.encode(text, merges), vocabulary) == text


@settings(max_examples=60, deadline=None)
@given(st.lists(tricky, max_size=4), st.integers(256, 300), st.integers(1, 3))
def test_every_merge_makes_a_new_token_and_counts_never_rise(corpus, vocab_size, min_count):
    merges, vocabulary = bpe.train(corpus, vocab_size, min_count)
    counts = [merge.count for merge in merges]
    assert counts == sorted(counts, reverse=True) and all(count >= min_count for count in counts)
    assert len(set(vocabulary)) == len(vocabulary) == 256 + len(merges)
    assert all(vocabulary[made] == vocabulary[left] + vocabulary[right] for left, right, made, _ in merges)


# -- agreement: training ----------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.lists(tricky, min_size=1, max_size=5), st.integers(256, 320), st.integers(1, 3))
def test_random_texts_merge_as_in_tokenizers(corpus, vocab_size, min_count):
    same_training(corpus, vocab_size, min_count)


def same_training(corpus, vocab_size, min_count=1):
    vocab, pairs = learnt(rust(corpus, vocab_size, min_count))
    merges, vocabulary = bpe.train(corpus, vocab_size, min_count)
    assert [(letters(vocabulary[left]), letters(vocabulary[right])) for left, right, _, _ in merges] == pairs
    assert {letters(token): id_ for id_, token in enumerate(vocabulary)} == vocab


def test_pydoc_merges_as_in_tokenizers(pydoc):
    backend, _, merges, vocabulary = pydoc
    vocab, pairs = learnt(backend)
    assert [(letters(vocabulary[left]), letters(vocabulary[right])) for left, right, _, _ in merges] == pairs
    assert {letters(token): id_ for id_, token in enumerate(vocabulary)} == vocab and len(pairs) == 1744


@pytest.mark.parametrize(
    "path",
    [
        needs("corpora", "shakespeare.txt"),
        needs("corpora", "names.txt"),
        needs("tokenizer", "corpus.en"),
        needs("tokenizer", "german.txt"),
    ],
)
def test_corpora_merge_as_in_tokenizers(path):
    same_training([path.read_text(encoding="utf-8")[:60_000]], 900)


@pytest.mark.parametrize("path", [needs("tokenizer", "train-bpe-reference-merges.txt")])
def test_another_tie_rule_changes_only_ties(path):
    """These merges were made with the greatest bytes first among equals: the same counts, in another order."""
    expected = [tuple(line.split(" ")) for line in path.read_text(encoding="utf-8").splitlines()]
    merges, vocabulary = bpe.train([(path.parent / "corpus.en").read_text(encoding="utf-8")], 256 + len(expected))
    ours = [(letters(vocabulary[left]), letters(vocabulary[right])) for left, right, _, _ in merges]
    count_of = dict(zip(ours, (merge.count for merge in merges)))
    assert ours[:31] == expected[:31] and sorted(ours[31:33]) == sorted(expected[31:33])
    assert len(set(ours) & set(expected)) == 239
    until = next(place for place, pair in enumerate(expected) if pair not in count_of)
    assert until > 100 and [count_of[pair] for pair in expected[:until]] == [merge.count for merge in merges[:until]]


# -- agreement: encoding ----------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(texts | tricky)
def test_random_texts_are_cut_as_in_tokenizers(text):
    words = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str(text)
    assert [letters(word) for word in bpe.split(text)] == [word for word, _ in words]


@settings(max_examples=100, deadline=None)
@given(text=texts | tricky | st.text(st.sampled_from("eainths "), max_size=100))
def test_three_forms_give_the_same_ids(pydoc, text):
    backend, encoder, merges, _ = pydoc
    expected = backend.encode(text).ids
    assert encoder.encode([text]).tolist() == expected
    assert bpe.encode(text, merges) == expected


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=60))
def test_any_unicode_is_cut_as_in_tokenizers_even_what_python_does_not_know(pydoc, text):
    backend, encoder, _, _ = pydoc
    assert encoder.encode([text]).tolist() == backend.encode(text).ids


def test_every_character_there_is(pydoc):
    backend, encoder, _, _ = pydoc
    everything = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    some = everything[:0x3100] + everything[0x1F000:0x1FB00]
    for text in ("".join(some), " ".join(some), "a".join(some), "\n1".join(some)):
        assert np.array_equal(encoder.encode([text]), backend.encode(text).ids)
    ours = np.array([bpe.kind_of(character) for character in everything])
    theirs = fast.kinds_in_tokenizers("".join(everything))
    for character in np.array(everything)[ours != theirs]:
        assert bpe.kind_of(str(character)) == bpe.OTHER  # newer than this Python's Unicode


@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, 14, 15, 16, 17, 63, 64, 65, 66, 500, 5000])
def test_words_of_all_sizes(pydoc, size):
    backend, encoder, _, _ = pydoc
    rng = np.random.default_rng(size)
    for alphabet in ("a", "ab", "esting", "-=", "0123456789", "éàü", "日本語文字"):
        word = "".join(rng.choice(list(alphabet), size))
        for _ in range(2):  # the second time from the cache
            assert encoder.encode([word]).tolist() == backend.encode(word).ids


def test_words_that_differ_in_one_byte_are_told_apart(pydoc):
    backend, encoder, _, _ = pydoc
    for size in range(1, 20):
        documents = ["the"[: size - 1].ljust(size - 1, "e") + last for last in "abcdefghijklmnopqrstuvwxyz"] * 2
        expected = [found.ids for found in backend.encode_batch_fast(documents)]
        assert encoder.encode(documents).tolist() == list(chain(*expected))


def test_documents_are_encoded_on_their_own(pydoc):
    backend, encoder, _, _ = pydoc
    documents = ["the", "", " end'", "s", "\n", " ", "日", "the"]
    one_by_one = [backend.encode(document).ids for document in documents]
    assert encoder.encode(documents).tolist() == list(chain(*one_by_one))
    assert encoder.encode(documents, bos=7).tolist() == list(chain(*([7, *ids] for ids in one_by_one)))
    assert encoder.encode([]).dtype == np.int32 and len(encoder.encode([])) == 0


def test_a_full_cache_changes_nothing(pydoc, monkeypatch):
    backend, _, _, _ = pydoc
    monkeypatch.setattr(fast, "CACHE_ROWS", 16)  # nearly every word meets another one in its row
    corpus = "\n".join(PYDOC)[:200_000]
    assert np.array_equal(compiled(*learnt(backend)).encode([corpus]), backend.encode(corpus).ids)


@pytest.mark.parametrize("path", [needs("tokenizer", "gpt2_vocab.json")])
def test_gpt2_as_in_tokenizers_and_tiktoken(path):
    import tiktoken

    vocab = json.loads(path.read_text(encoding="utf-8"))
    lines = (path.parent / "gpt2_merges.txt").read_text(encoding="utf-8").splitlines()
    merges = [tuple(line.split(" ")) for line in lines if line and not line.startswith("#version")]
    ranks = {
        bytes(bpe.BYTE_OF_LETTER[letter] for letter in token): id_
        for token, id_ in vocab.items()
        if token != "<|endoftext|>"
    }
    pattern = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
    openai = tiktoken.Encoding("gpt2", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    corpus = [file.read_text(encoding="utf-8") for file in sorted(path.parent.glob("*.txt"))] + PYDOC
    encoder, backend = compiled(vocab, merges), rust_model(vocab, merges)
    expected = openai.encode_ordinary_batch(corpus, num_threads=1)
    assert encoder.encode(corpus).tolist() == list(chain(*expected))
    assert [found.ids for found in backend.encode_batch_fast(corpus)] == expected
    assert encoder.encode(["Hello world"]).tolist() == [15496, 995]
