"""The tokenizer: by hand, its laws for all kinds, agreement with `tokenizers` through the file, and bad input."""

import json
import os
from collections import Counter
from pathlib import Path
from pydoc_data.topics import topics

import numpy as np
import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers.pre_tokenizers import ByteLevel

from hornbook import HornbookError, Tokenizer
from hornbook.reference import bpe, wordpiece
from hornbook.tokenizer import SPECIALS
from hornbook.tokenizer_kinds import KINDS

DATA = Path(os.environ.get("HORNBOOK_DATA", "no-such-folder"))
PYDOC = [topics[name] for name in sorted(topics)]
HARD = "<BOS> é e\u0301 日本 🙂👨‍👩‍👧 \0\x1c\r\n\t\u2028 ## #x don't <UNK><|x|>  end"
any_text = st.lists(st.text(max_size=5) | st.sampled_from("\ud83d\ude42\udfff é'") | st.just("<BOS>")).map("".join)
letters_a_to_z = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def each():
    """One tokenizer of every kind, learnt from the language topics."""
    return {kind: Tokenizer.train(PYDOC, kind, vocab_size=1500 if kind != "characters" else None) for kind in KINDS}


def halves(text):
    return [character for character in text if "\ud800" <= character <= "\udfff"]


# -- by hand ----------------------------------------------------------------------------------------------------------


def test_characters_by_hand():
    made = Tokenizer.train(["baba", "cab"])
    assert made.vocab_size == 8 and made.tokens(range(8)) == [*SPECIALS, "a", "b", "c"]
    assert (made.pad, made.unk, made.bos, made.eos, made.mask) == (0, 1, 2, 3, 4)
    ids = made.encode("abcd", bos=True)
    assert ids.dtype == np.int32 and ids.tolist() == [2, 5, 6, 7, 1]
    assert made.decode(ids) == "abc<UNK>" and made.decode(ids, specials=True) == "<BOS>abc<UNK>"
    assert made.unknown("abcdd") == Counter({"d": 2})
    assert made.offsets("abc") == [(0, 1), (1, 2), (2, 3)]
    assert repr(made) == "Tokenizer(characters, 8 tokens)"


def test_words_by_hand():
    made = Tokenizer.train(["the cat, the dog; don't"], "words")
    assert made.tokens(range(5, made.vocab_size)) == ["the", ",", ";", "cat", "dog", "don't"]
    text = "the dog isn't, the"
    assert made.decode(made.encode(text)) == "the dog <UNK> , the"
    assert [text[start:end] for start, end in made.offsets(text)] == ["the", "dog", "isn't", ",", "the"]
    assert made.unknown("cats, cats and dog") == Counter({"cats": 2, "and": 1})


def test_bytes_by_hand():
    made = Tokenizer.train(["abab abc"], "bpe", vocab_size=265, min_count=1)
    assert made.merges == [(69, 70, 261), (225, 261, 262), (261, 261, 263), (262, 71, 264)]  # test_bpe, + 5
    ids = made.encode("abab abé")
    assert ids.tolist() == [263, 262, 132, 107]
    assert made.tokens(ids) == ["abab", " ab", "\\xc3", "\\xa9"]
    assert made.offsets("abab abé") == [(0, 4), (4, 7), (7, 8), (7, 8)]
    assert made.decode(ids) == "abab abé" and made.decode(ids[:-1]) == "abab ab\ufffd"


def test_the_vocabulary_of_microgpt():
    made = Tokenizer.train(["emma", "olivia", letters_a_to_z], specials=("<BOS>",), specials_last=True)
    assert made.vocab_size == 27 and made.bos == 26 and made.unk is None and made.special_ids == [26]
    assert made.encode("emma", bos=True).tolist() == [26, 4, 12, 12, 0]
    with pytest.raises(HornbookError, match="neither '!' ×2, 'É' ×1 nor <UNK>; it has 'abc"):
        made.encode("É!!")
    assert made.unknown("É!!") == Counter({"!": 2, "É": 1})


def test_limits_of_the_vocabulary():
    text = "aaaa bbb cc d"
    made = Tokenizer.train([text], vocab_size=8)
    assert made.tokens(range(5, 8)) == [" ", "a", "b"]  # the most frequent three, in order of their code points
    assert Tokenizer.train([text], min_count=4).tokens([5]) == ["a"]
    assert Tokenizer.train([text], "words", vocab_size=7).tokens([5, 6]) == ["aaaa", "bbb"]
    assert Tokenizer.train(["x x y"], "words", min_count=2).vocab_size == 6
    assert Tokenizer.train(["x x x y y"], "bpe", min_count=3).vocab_size == 5 + 256


def test_other_names_of_specials():
    made = Tokenizer.train(["ab"])
    assert made.id_of("<START>") == made.id_of("<BOS>") == 2 and made.id_of("<END>") == made.eos
    assert made.id_of("a") == 5 and made.id_of("nothing") is None
    other = Tokenizer.train(["ab"], specials=("<START>", "<END>", "<UNK>"))
    assert (other.bos, other.eos, other.unk, other.mask) == (0, 1, 2, None)


# -- laws -------------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(text=any_text)
def test_characters_and_bytes_lose_nothing(each, text):
    expected = "".join("\ufffd" if halves(character) else character for character in text)
    for made in (each["bpe"], Tokenizer.train([text + "x"])):
        assert made.decode(made.encode(text)) == expected


@settings(max_examples=60, deadline=None)
@given(text=any_text, kind=st.sampled_from(list(KINDS)))
def test_no_text_crashes_and_what_is_unknown_is_counted(each, text, kind):
    made = each[kind]
    ids = made.encode(text)
    assert len(ids) == len(made.tokens(ids)) == len(made.offsets(text))
    found = made.unknown(text)
    if kind == "bpe":
        assert found == Counter(halves(text)) and not set(ids) & set(made.special_ids)
    else:
        assert sum(found.values()) == (ids == made.unk).sum() and not set(ids) & set(made.special_ids) - {made.unk}
    for start, end in made.offsets(text):
        assert 0 <= start <= end <= len(text)


@pytest.mark.parametrize("kind", KINDS)
def test_text_never_turns_into_a_special_token(kind):
    text = "<PAD> <UNK> <BOS> <EOS> <MASK> <START> " * 20
    made = Tokenizer.train([text], kind, min_count=1)
    ids = made.encode(text)
    assert len(ids) and not set(ids) & set(made.special_ids)
    assert set(made.backend.encode(text).ids) & set(made.special_ids) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_the_stream_is_the_documents_with_bos_before_each(each, kind):
    made = each[kind]
    documents = [HARD, "", "one", "\n"]
    one_by_one = [made.encode(document, bos=True) for document in documents]
    assert np.array_equal(made.encode_all(documents), np.concatenate(one_by_one))
    assert np.array_equal(made.encode_all(iter(documents), bos=False), np.concatenate([ids[1:] for ids in one_by_one]))
    assert np.array_equal(made.encode_all("one"), made.encode("one", bos=True)) and len(made.encode_all([])) == 0


def test_batches_hold_a_bounded_part_of_the_texts(each, monkeypatch):
    monkeypatch.setattr("hornbook.tokenizer.BATCH", 10_000)
    read = []
    texts = (read.append(number) or "word " * 500 for number in range(41))
    batches = each["bpe"].encode_batches(texts)
    sizes = [len(next(batches))]
    assert len(read) == 4  # of 2,500 characters each, and one more for each <BOS>
    sizes += map(len, batches)
    assert sizes == [4 * len(each["bpe"].encode("word " * 500, bos=True))] * 10 + [sizes[0] // 4]


def test_learning_is_the_same_in_every_run():
    for kind in KINDS:
        first, second = (Tokenizer.train(PYDOC[:20], kind, vocab_size=700).backend.to_str() for _ in range(2))
        assert first == second


# -- agreement --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_opens_in_tokenizers(each, kind, tmp_path):
    made = each[kind]
    made.save(tmp_path / "tokenizer.json")
    theirs = tokenizers.Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    ours = Tokenizer.load(tmp_path)
    assert ours.kind == kind and ours.special_ids == made.special_ids and ours.merges == made.merges
    for text in (HARD, "", PYDOC[0], "x" * 300):
        assert theirs.encode(text).ids == made.encode(text).tolist() == ours.encode(text).tolist()
        assert theirs.encode(text).offsets == made.offsets(text) == ours.offsets(text)
        if kind != "bpe":
            assert theirs.decode(made.encode(text), skip_special_tokens=False) == made.decode(made.encode(text))


def test_every_character_there_is_through_the_file(tmp_path):
    everything = "".join(chr(code) for code in range(0x3100) if not 0xD800 <= code < 0xE000) + "🙂\U0010ffff"
    made = Tokenizer.train([everything])
    made.save(tmp_path / "tokenizer.json")
    theirs = tokenizers.Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    ids = made.encode(everything)
    assert made.decode(ids) == everything and len(set(ids.tolist())) == len(everything) == made.vocab_size - 5
    assert theirs.encode(everything).ids == ids.tolist() and theirs.decode(ids.tolist()) == everything


def test_learning_equals_the_reference(each):
    merges, vocabulary = bpe.train(PYDOC, 600, 2)
    assert each["bpe"].merges[:344] == [(left + 5, right + 5, new + 5) for left, right, new, _ in merges]
    assert [token.decode(errors="backslashreplace") for token in vocabulary] == each["bpe"].tokens(range(5, 605))
    assert wordpiece.train(PYDOC, 600, 2)[1] == each["wordpiece"].tokens(range(5, 605))


def test_long_texts_go_through_the_compiled_form_to_the_same_ids(each, tmp_path, monkeypatch):
    monkeypatch.setattr("hornbook.tokenizer.WORTH_COMPILING", 10_000)
    each["bpe"].save(tmp_path / "tokenizer.json")
    made, corpus = Tokenizer.load(tmp_path), "\n".join([*PYDOC, HARD])
    assert np.array_equal(made.encode(HARD), made.backend.encode(HARD).ids) and "_encoder" not in vars(made)
    assert np.array_equal(made.encode(corpus), made.backend.encode(corpus).ids) and "_encoder" in vars(made)
    assert made.encode(HARD).tolist() == made.backend.encode(HARD).ids


def test_what_is_not_plain_gpt2_is_left_to_tokenizers(each, monkeypatch):
    monkeypatch.setattr("hornbook.tokenizer.WORTH_COMPILING", 0)
    plain = each["bpe"].backend.to_str()
    assert Tokenizer(tokenizers.Tokenizer.from_str(plain))._is_plain_bpe
    changes = {
        "blank in front": lambda b: setattr(b, "pre_tokenizer", ByteLevel(add_prefix_space=True)),
        "no pattern": lambda b: setattr(b, "pre_tokenizer", ByteLevel(False, use_regex=False)),
        "lower case": lambda b: setattr(b, "normalizer", tokenizers.normalizers.Lowercase()),
        "whole words first": lambda b: setattr(b.model, "ignore_merges", True),
        "a word of its own": lambda b: b.add_tokens(["zz top"]),
    }
    for change in changes.values():
        backend = tokenizers.Tokenizer.from_str(plain)
        change(backend)
        made = Tokenizer(backend)
        assert np.array_equal(made.encode("Def zz top  if"), backend.encode("Def zz top  if").ids)
        assert not made._is_plain_bpe


@pytest.mark.skipif(not (DATA / "tokenizer").exists(), reason="HORNBOOK_DATA has no tokenizer folder")
def test_gpt2s_own_file(tmp_path):
    vocab = json.loads((DATA / "tokenizer" / "gpt2_vocab.json").read_text(encoding="utf-8"))
    lines = (DATA / "tokenizer" / "gpt2_merges.txt").read_text(encoding="utf-8").splitlines()
    merges = [tuple(line.split(" ")) for line in lines if line and not line.startswith("#version")]
    backend = tokenizers.Tokenizer(tokenizers.models.BPE(vocab, merges))
    backend.pre_tokenizer = ByteLevel(add_prefix_space=False)
    backend.decoder = tokenizers.decoders.ByteLevel()
    backend.add_special_tokens(["<|endoftext|>"])
    backend.enable_truncation(3)
    assert Tokenizer(backend)._is_plain_bpe
    backend.save(str(tmp_path / "gpt2.json"))
    made = Tokenizer.load(tmp_path / "gpt2.json")
    assert made.kind == "bpe" and made.vocab_size == 50257 and made.bos == made.eos == 50256 and made.unk is None
    assert made.encode("Hello world", bos=True).tolist() == [50256, 15496, 995]
    literal = made.encode("a<|endoftext|>")
    assert 50256 not in literal and made.decode(literal) == "a<|endoftext|>" and len(literal) > 3


def test_a_file_like_berts(tmp_path):
    backend = tokenizers.Tokenizer(
        tokenizers.models.WordPiece(
            {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "cafe": 5, "##s": 6}, unk_token="[UNK]"
        )
    )
    backend.normalizer = tokenizers.normalizers.BertNormalizer(lowercase=True)
    backend.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    backend.post_processor = tokenizers.processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    backend.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    backend.save(str(tmp_path / "tokenizer.json"))
    made = Tokenizer.load(tmp_path)
    assert (made.kind, made.pad, made.unk, made.bos, made.eos, made.mask) == ("wordpiece", 0, 1, 2, 3, 4)
    assert made.encode("CAFÉS [SEP]").tolist() == [5, 6, 1, 1, 1]
    assert made.offsets("CAFÉS x") == [(0, 4), (4, 5), (6, 7)]
    assert made.decode([2, 5, 6, 3]) == "cafes"


# -- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Tokenizer.train([]), "no text to learn"),
        (lambda: Tokenizer.train(["", ""], "bpe"), "no text to learn"),
        (lambda: Tokenizer.train(["  "], "words"), "leaves no words"),
        (lambda: Tokenizer.train(["abc"], "words", min_count=9), "min_count=9 leaves no words"),
        (lambda: Tokenizer.train(["abc"], min_count=0), "min_count=0 must be 1 or more"),
        (lambda: Tokenizer.train(["abc"], "letters"), 'no tokenizer "letters"'),
        (lambda: Tokenizer.train(["abc"], "wordpeice"), 'Did you mean "wordpiece"'),
        (lambda: Tokenizer.train(["abc"], vocab_size=5), "vocab_size=5 is too small: the 5 specials"),
        (
            lambda: Tokenizer.train(["abc"], "bpe", vocab_size=200),
            "too small by 61: .* room for 195 tokens, but 256 bytes",
        ),
        (lambda: Tokenizer.train(["abc"], "wordpiece", vocab_size=8), "too small by 2: .* room for 3 tokens, but 5"),
        (lambda: Tokenizer.train(["abc"], specials=("BOS",)), "'BOS' cannot be a special token"),
        (lambda: Tokenizer.train(["abc"], specials=("<BOS>", "<BOS>")), "'<BOS>' cannot be a special token"),
        (lambda: Tokenizer.train(["abc"], "words", specials=("<BOS>",)), "needs <UNK>"),
        (lambda: Tokenizer.train([b"abc"]), "a text is a str, not bytes"),
        (lambda: Tokenizer.train(["abc"]).encode(None), "a text is a str, not NoneType"),
        (lambda: Tokenizer.train(["abc"]).decode([8]), "8 is no id of this vocabulary, which has 0 to 7"),
        (lambda: Tokenizer.train(["abc"]).decode([-1]), "-1 is no id"),
        (lambda: Tokenizer.train(["abc"]).tokens([0.5]), "0.5 is no id"),
        (lambda: Tokenizer.train(["abc"], specials=()).encode("abc", bos=True), "no <BOS>"),
        (lambda: Tokenizer.load("no/such.json"), "there is no tokenizer no/such.json"),
    ],
)
def test_bad_input_is_told(wrong, message):
    with pytest.raises(HornbookError, match=message):
        wrong()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not json", "is no tokenizer.json that `tokenizers`"),
        (b"\xff\xfe\x00", "is no tokenizer.json that `tokenizers`"),
        (b"{}", "is no tokenizer.json"),
        (b'{"version": "9.0"}', "Unknown tokenizer version"),
        (
            b'{"version": "1.0", "model": {"type": "Unigram", "unk_id": null, "vocab": [["a", 0.0]],'
            b' "byte_fallback": false}}',
            "holds a Unigram model; hornbook reads",
        ),
        (
            b'{"version": "1.0", "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}}',
            "model that is not byte-level",
        ),
        (
            b'{"version": "1.0", "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true},'
            b' "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}}',
            "lacks 255 of the 256 bytes",
        ),
        (b'{"version": "1.0", "model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "<UNK>"}}', "needs <UNK>"),
    ],
)
def test_files_that_are_no_tokenizer(tmp_path, content, message):
    path = tmp_path / "tokenizer.json"
    path.write_bytes(content)
    with pytest.raises(HornbookError, match=message) as raised:
        Tokenizer.load(path)
    assert str(path) in str(raised.value) and len(str(raised.value).splitlines()) <= 2
