"""The word2vec formats: files by hand, round trips to the bit, gensim on the other side, and every way to be broken."""

import gzip
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook import word2vec_format
from hornbook.errors import HornbookError
from hornbook.vectors import WordVectors, load
from hornbook.word2vec_format import read, write

few = settings(max_examples=40, deadline=None)
NAMES = ["v.txt", "v.vec.gz", "v.bin", "v.bin.gz"]
finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
letters = st.characters(exclude_categories=["Cs"], exclude_characters=" \n\t\v\f\r")
some_words = st.lists(st.text(letters, max_size=6), min_size=1, max_size=8, unique=True)
ODD = ["the", "naïve", "日本", "a\u00a0b", "x\u2028y", "𝄞", "nan", "3", "0.5", "", "tab\there", "e\u0301", "'", "#"]


def odd_vectors(width=3):
    matrix = np.random.default_rng(0).standard_normal((len(ODD), width)).astype(np.float32)
    return WordVectors(ODD, matrix, range(100, 100 - len(ODD), -1))


def same(ours, words, matrix):
    assert list(ours.words) == list(words)
    np.testing.assert_array_equal(ours.matrix.view(np.int32), np.asarray(matrix, np.float32).view(np.int32))


# -- by hand --------------------------------------------------------------------------------------------------------


def test_text_by_hand(tmp_path):
    (tmp_path / "v.txt").write_text("2 3\nthe 1 -0.5 2e-3\nnew york 0 .25 4\n")
    same(read(tmp_path / "v.txt"), ["the", "new york"], [[1, -0.5, 0.002], [0, 0.25, 4]])


def test_binary_by_hand(tmp_path):
    floats = struct.pack("<2f", 1, -0.5), struct.pack("<2f", 2, 0.25)
    (tmp_path / "v.bin").write_bytes(b"2 2\nthe " + floats[0] + b"\nof " + floats[1] + b"\n")  # as the C tool writes it
    same(read(tmp_path / "v.bin"), ["the", "of"], [[1, -0.5], [2, 0.25]])
    (tmp_path / "v.bin").write_bytes(b"2 2\nthe " + floats[0] + b"of " + floats[1])  # as gensim does
    same(read(tmp_path / "v.bin"), ["the", "of"], [[1, -0.5], [2, 0.25]])


def test_written_by_hand(tmp_path):
    words = WordVectors(["the", "of"], [[1, -0.5], [0.1, 1e-9]], [20, 10])
    write(words, tmp_path / "v.txt", counts=tmp_path / "v.vocab")
    assert (tmp_path / "v.txt").read_text() == "2 2\nthe 1 -0.5\nof 0.100000001 9.99999972e-10\n"
    assert (tmp_path / "v.vocab").read_text() == "the 20\nof 10\n"
    write(words, tmp_path / "v.bin")
    assert (tmp_path / "v.bin").read_bytes() == b"2 2\nthe " + struct.pack("<2f", 1, -0.5) + b"\nof " + struct.pack(
        "<2f", 0.1, 1e-9) + b"\n"  # fmt: skip


@pytest.mark.parametrize("text", [
    "the 1 2 3\nof 4 5 6\n",
    "the 1 2 3\nof 4 5 6",
    "\ufeffthe 1 2 3\n\nof 4 5 6\n\n",
    "\ufeff2 3\nthe 1 2 3 \nof 4 5 6 \n",
    "2 3\r\nthe 1 2 3\r\nof 4 5 6\r\n",
    "2 3\nthe\t1\t2\t3\nof  4  5 6\n",
], ids=["GloVe", "no last line end", "mark, empty lines", "blanks at ends", "Windows", "tabs, blanks"])  # fmt: skip
def test_what_other_programs_write(tmp_path, text):
    (tmp_path / "v.txt").write_bytes(text.encode())
    same(read(tmp_path / "v.txt"), ["the", "of"], [[1, 2, 3], [4, 5, 6]])


def test_a_number_may_be_a_word(tmp_path):
    (tmp_path / "v.txt").write_text("2 2\n1984\t1\t2\n3 4 5\n")
    same(read(tmp_path / "v.txt"), ["1984", "3"], [[1, 2], [4, 5]])


def test_a_word_that_is_there_twice_keeps_its_first_vector(tmp_path):
    (tmp_path / "v.txt").write_text("4 1\na 1\nb 2\na 3\nc 4\n")
    same(read(tmp_path / "v.txt"), ["a", "b", "c"], [[1], [2], [4]])


def test_limits_counts_and_errors(tmp_path):
    words = odd_vectors()
    write(words, tmp_path / "v.bin", counts=tmp_path / "counts")
    assert read(tmp_path / "v.bin", counts=tmp_path / "counts").counts.tolist() == words.counts.tolist()
    same(read(tmp_path / "v.bin", limit=4), ODD[:4], words.matrix[:4])
    (tmp_path / "v.txt").write_bytes(b"2 1\ncaf\xe9 1\nb 2\n")
    assert read(tmp_path / "v.txt", errors="replace").words == ["caf\ufffd", "b"]
    (tmp_path / "other").write_bytes((tmp_path / "v.txt").read_bytes())
    assert read(tmp_path / "other", form="text", errors="ignore").words == ["caf", "b"]


# -- laws -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_round_trip_changes_no_bit(tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("trip")

    @few
    @given(some_words, st.integers(1, 4), st.data())
    def trip(words, width, data):
        row = st.lists(finite, min_size=width, max_size=width)
        matrix = data.draw(st.lists(row, min_size=len(words), max_size=len(words)))
        write(WordVectors(words, matrix), folder / name)
        same(read(folder / name), words, matrix)

    trip()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_where_a_chunk_ends_changes_nothing(tmp_path, monkeypatch, name, chunk):
    words = odd_vectors()
    write(words, tmp_path / name)
    monkeypatch.setattr("hornbook.word2vec_forms.CHUNK", chunk)
    monkeypatch.setattr(word2vec_format, "ROWS", chunk)
    same(read(tmp_path / name), words.words, words.matrix)
    written = (tmp_path / name).read_bytes()
    write(words, tmp_path / name)
    assert (tmp_path / name).read_bytes() == written
    assert ".gz" not in name or written[3:8] == bytes(5)  # neither a name nor a time
    bad = tmp_path / "bad.txt"
    bad.write_text("a 1\nb 2\nc 3\nd 4\ne x\n")
    with pytest.raises(HornbookError, match=r'line 5 \("e"\)'):
        read(bad)


def test_reading_takes_little_more_memory_than_the_matrix(tmp_path, monkeypatch):
    matrix = np.ones((12_000, 100), np.float32)  # 4.8 MB, as text 2.4 MB
    monkeypatch.setattr("hornbook.word2vec_forms.CHUNK", 2**16)
    for name in ("v.txt", "v.bin"):
        write(WordVectors(map(str, range(12_000)), matrix), tmp_path / name)
        tracemalloc.start()
        read(tmp_path / name)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < matrix.nbytes + 4e6, name  # the words, two tables of them, which of the numbers are finite


# -- gensim on the other side ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_gensim_reads_what_is_written(tmp_path, name):
    keyed = pytest.importorskip("gensim.models").KeyedVectors
    words = odd_vectors()
    write(words, tmp_path / name, counts=tmp_path / "counts")
    theirs = keyed.load_word2vec_format(str(tmp_path / name), binary=".bin" in name)
    same(words, theirs.index_to_key, theirs.vectors)


@pytest.mark.parametrize("name, header", [*((name, True) for name in NAMES), ("v.txt", False), ("v.vec.gz", False)])
def test_what_gensim_writes_is_read(tmp_path, name, header):
    keyed = pytest.importorskip("gensim.models").KeyedVectors(3)
    words = odd_vectors()
    keyed.add_vectors(words.words, words.matrix)
    for word, count in zip(words.words, words.counts.tolist()):
        keyed.set_vecattr(word, "count", count)
    keyed.save_word2vec_format(str(tmp_path / name), str(tmp_path / "counts"), ".bin" in name, write_header=header)
    ours = read(tmp_path / name, counts=tmp_path / "counts")
    same(ours, words.words, words.matrix)
    assert ours.counts.tolist() == words.counts.tolist()
    same(load(tmp_path / name), words.words, words.matrix)


# -- bad input ------------------------------------------------------------------------------------------------------

BROKEN = {
    "v.txt": [
        (b"", "line 1 is neither"),
        (b"the cat sat\n", "line 1 is neither"),
        (b"0 5\n", "holds nothing"),
        (b"3 2\na 1 2\nb 3 4\n", "ends after 2 of its 3 words"),
        (b"900 20\na 1 2\n", "says 900 words of 20 numbers, which take 36,899 bytes"),
        (b"1 2\na 1 2\nb 3 4\n", "says 1 words, and there are more"),
        (b"2 2\na 1 2\nb 3\n", r'line 3 \("b"\) has 1 numbers, the lines before it 2'),
        (b"2 2\na 1 2\nb 3 4 5\n", r'line 3 \("b"\) has 3 numbers'),
        (b"2 2\na 1 2\nb 3  \t\n", r'line 3 \("b"\) has 1 numbers'),
        (b"2 2\na 1\t2 3\nb  4\n", r'line 2 \("a"\) has 3 numbers'),  # four in all, as it should be
        (b"a 1 2\nb 3 4\nc 5,1 6\n", r'line 3 \("c"\): "5,1" is not a number'),
        (b"2 2\na 1 2\nb 3 nan\n", r'line 3 \("b"\): its vector holds a number that is not finite'),
        (b"2 2\na 1 2\nb 3 1e39\n", "not finite"),
        (b"2 2\na 1 2\ncaf\xe9 3 4\n", r'line 3 \("caf\\xe9"\): the word is not UTF-8.*errors='),
    ],
    "v.bin": [
        (b"the cat\n", "line 1 is neither"),
        (b"1 2\na " + b"\0" * 4, "take 8 bytes or more, and it has 10|ends within"),
        (b"2 1\na \0\0\0\0\nlonger \0\0\0", "byte 11: it ends within a word"),
        (b"2 1\na \0\0\0\0\nb \0\0\0\0\nc", "byte 18: it ends within a word"),
        (b"1 1\na \0\0\0\0\nb \0\0\0\0\n", "there are more"),
        (b"2 1\na \0\0\0\0\nb \0\0\xc0\x7f\n", r'byte 11 \("b"\): its vector holds'),
        (b"2 1\na \0\0\0\0\n\xff \0\0\0\0\n", r"byte 11 .* not UTF-8"),
        (b"1 1\n" + b"x" * 70_000, "no blank ends a word here"),
    ],
    "v.txt.gz": [(gzip.compress(b"2 2\na 1 2\nb 3 4\n" * 50, mtime=0)[:30], "not a whole gzip file")],
}  # fmt: skip


@pytest.mark.parametrize("name, content, said", [(name, *case) for name, cases in BROKEN.items() for case in cases])
def test_what_is_broken_is_said(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(HornbookError, match=said) as raised:
        read(tmp_path / name)
    assert str(tmp_path / name) in str(raised.value)


@pytest.mark.parametrize("call, said", [
    (lambda folder: read(folder / "v.pkl"), "ends in none of .txt, .vec, .bin"),
    (lambda folder: read(folder / "v.txt", form="bin"), 'no form "bin". Did you mean "binary"'),
    (lambda folder: read(folder / "v.txt", limit=0), "limit is 0"),
    (lambda folder: write(WordVectors(["new york"], [[1]]), folder / "v.txt"), "'new york' cannot be written"),
    (lambda folder: write(WordVectors(["\ud800"], [[1]]), folder / "v.bin"), "half a character"),
    (lambda folder: write(WordVectors(["a"], [[1]]), folder / "v.txt", counts="c"), "without counts"),
    (lambda folder: word2vec_format.read_counts(folder / "counts"), "line 2: a line is a word, a blank and its count"),
])  # fmt: skip
def test_bad_calls_are_said_and_write_nothing(tmp_path, call, said):
    (tmp_path / "counts").write_text("a 1\nb\n")
    with pytest.raises(HornbookError, match=said):
        call(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["counts"]
