"""Reading: files, folders, globs and stdin → documents; and every way in which that can fail, told in a line or two."""

import io
import json
import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook import decoding, reading
from hornbook.errors import HornbookError

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\ufeff"), max_size=40)


def read(place, **options):
    return list(reading.iter_documents(place, **options))


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def complaint(place, **options):
    """The one or two lines that reading `place` ends in."""
    with pytest.raises(HornbookError) as caught:
        read(place, **options)
    assert str(caught.value).count("\n") <= 1
    return str(caught.value)


# -- by hand ------------------------------------------------------------------------------------------------------


def test_a_text_file_is_one_document(tmp_path):
    assert read(write(tmp_path / "a.txt", "\ufeffone\r\ntwo\rthree\n")) == ["one\ntwo\nthree\n"]
    assert read(write(tmp_path / "B.MD", "# Title\n")) == ["# Title\n"]


def test_the_units(tmp_path):
    path = write(tmp_path / "a.txt", " one\ntwo \n\n \nthree\n  four\n")
    assert read(path, documents="whole") == [" one\ntwo \n\n \nthree\n  four\n"]
    assert read(path, documents="line") == ["one", "two", "three", "four"]
    assert read(path, documents="paragraph") == [" one\ntwo ", "three\n  four"]
    assert reading.cut_again(["a\nb", "", "c"], "line") == ["a", "b", "c"]


def test_json_lines(tmp_path):
    rows = [{"id": 1, "text": "one\u2028still one"}, {"text": "two", "title": "t"}]
    path = write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, rows)) + "\n\n")
    assert read(path) == ["one\u2028still one", "two"]
    path = write(tmp_path / "b.jsonl", '{"id": 3, "body": "the only text"}\n{"id": 4, "body": "another", "x": "y"}\n')
    assert read(path) == ["the only text", "another"]
    assert read(path, field="body") == ["the only text", "another"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv(tmp_path, delimiter):
    rows = [["id", "text"], ["1", '"one, with\na new line"'], ["2", ""], ["3", f'"{"long" * 50_000}"']]
    path = write(tmp_path / "a.csv", "\ufeff" + "\r\n".join(delimiter.join(row) for row in rows))
    assert read(path) == ["one, with\na new line", "long" * 50_000]
    path = write(tmp_path / "b.csv", delimiter.join(["score", "review"]) + "\n" + delimiter.join(["0.5", "fine"]))
    assert read(path) == ["fine"]


def test_parquet(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    parquet.write_table(pyarrow.table({"n": [1, 2, 3], "body": ["one", None, "three"]}), path)
    assert read(path) == ["one", "three"]
    assert 'no column "n" with text. There is: body.' in complaint(path, field="n")
    assert "is not a Parquet file" in complaint(write(tmp_path / "b.parquet", "no"))


def test_parquet_without_pyarrow(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "pip install 'hornbook[parquet]'" in complaint(write(tmp_path / "a.parquet", "PAR1"))


def test_folders_and_globs(tmp_path, monkeypatch):
    for name in ("b.txt", "a/z.md", "a/y.txt", "c.rst", ".hidden/x.txt", ".x.txt"):
        write(tmp_path / name, name)
    assert read(tmp_path) == ["a/y.txt", "a/z.md", "b.txt"]
    assert read(f"{tmp_path}/*.txt") == ["b.txt"]
    assert read(f"{tmp_path}/**/*.*d") == ["a/z.md"]
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read("~/b.txt") == ["b.txt"]


def test_stdin(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("één\r\ntwee".encode())))
    assert read("-", documents="line") == ["één", "twee"]


def test_utf_16_is_known_by_its_mark(tmp_path):
    assert read(write(tmp_path / "a.txt", "één\r\n".encode("utf-16"))) == ["één\n"]
    assert read(write(tmp_path / "b.txt", "één\r\n".encode("utf-16-le")), encoding="utf-16-le") == ["één\n"]
    assert read(write(tmp_path / "c.txt", "één".encode("latin-1")), encoding="latin-1") == ["één"]


def test_gutenberg_is_stripped_from_a_persons_files_too(tmp_path):
    start, end = (f"*** {word} OF THE PROJECT GUTENBERG EBOOK X ***" for word in ("START", "END"))
    path = write(tmp_path / "x.txt", f"header\r\n{start}\r\n\r\nthe book\r\n\r\n{end}\r\nlicence\r\n")
    assert read(path) == ["the book\n"]
    assert read(path, documents="line") == ["the book"]


def test_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr(decoding, "_BLOCK", 8)
    write(tmp_path / "a.txt", "one\ntwo\nthree\nfour and more\n")
    write(tmp_path / "b.jsonl", '{"text": "five"}\n')
    pieces = list(reading.iter_pieces(tmp_path))
    assert pieces == [(0, "one\ntwo\n"), (0, "three\n"), (0, "four and more\n"), (1, "five")]


# -- laws ---------------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.lists(TEXTS), st.sampled_from(["\n", "\r", "\r\n"]), st.booleans(), st.integers(1, 9))
def test_any_text_comes_back_whatever_its_line_ends_and_wherever_it_is_cut(lines, end, mark, block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "_BLOCK", block)
        written = ("\ufeff" * mark + end.join(lines)).encode()
        pieces = list(decoding.decoded(io.BytesIO(written), "x"))
    assert "".join(pieces) == re.sub("\r\n?", "\n", end.join(lines))
    assert all(piece.endswith("\n") for piece in pieces[:-1])


@given(st.lists(TEXTS), st.integers(1, 9))
def test_units_do_not_depend_on_where_the_pieces_end(lines, block):
    text = "\n".join(lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "_BLOCK", block)
        pieces = list(decoding.decoded(io.BytesIO(text.encode()), "x"))
    for unit in reading.UNITS:
        assert reading.cut_again([text], unit) == [part for part in reading.UNITS[unit](iter(pieces)) if part.strip()]
    assert reading.cut_again([text], "line") == [line.strip() for line in text.split("\n") if line.strip()]


@given(TEXTS, TEXTS, st.sampled_from([b"\xff", b"\xe9t\xe9", b"\xc3(", b"\xed\xa0\x80"]), st.integers(1, 9))
def test_the_byte_that_is_no_text_is_named(before, after, broken, block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "_BLOCK", block)
        with pytest.raises(HornbookError) as caught:
            list(decoding.decoded(io.BytesIO(before.encode() + broken + after.encode()), "x.txt"))
    assert f"x.txt is not utf-8: byte {len(before.encode()):,} is 0x{broken[0]:02X}" in str(caught.value)


# -- what cannot be read ------------------------------------------------------------------------------------------


def test_a_file_that_ends_inside_a_character(tmp_path):
    said = complaint(write(tmp_path / "a.txt", b"caf" + "é".encode()[:1]))
    assert "byte 3 is 0xC3, unexpected end of data" in said


def test_another_encoding(tmp_path):
    said = complaint(write(tmp_path / "a.txt", "café".encode("latin-1")))
    assert "byte 3 is 0xE9" in said
    assert "--encoding cp1252" in said
    assert f"iconv -f cp1252 -t utf-8 {tmp_path}/a.txt > utf8.txt" in said
    assert 'no encoding "utf-88". Did you mean "utf-8"?' in complaint(tmp_path / "a.txt", encoding="utf-88")
    assert "is not utf-16:" in complaint(write(tmp_path / "b.txt", "plain"), encoding="utf-16")


def test_a_binary_file(tmp_path):
    said = complaint(write(tmp_path / "a.txt", b"%PDF\n" * 1000 + b"\0\1"))
    assert "byte 5,000 is 0x00" in said
    assert "--encoding utf-16" in said


def test_a_missing_file_and_the_nearest_name(tmp_path):
    write(tmp_path / "letters.txt", "x")
    assert f'Did you mean "{tmp_path}/letters.txt"?' in complaint(tmp_path / "leters.txt")
    assert '"hornbook corpora" lists' in complaint(tmp_path / "qqq")
    assert "no file or folder" in complaint(tmp_path / "nowhere" / "a.txt")


def test_an_unknown_ending(tmp_path):
    said = complaint(write(tmp_path / "a.docx", "x"))
    assert 'files ending in ".docx"; it reads .txt, .md, .jsonl, .csv or .parquet' in said
    assert "- < " in said
    assert "files without an ending" in complaint(write(tmp_path / "a", "x"))
    assert ".docx" in complaint(f"{tmp_path}/*.docx")


def test_empty_folders_and_globs(tmp_path):
    write(tmp_path / "a.rst", "x")
    assert "holds no file that ends in .txt, .md" in complaint(tmp_path)
    assert "no file matches" in complaint(f"{tmp_path}/*.txt")


def test_broken_json(tmp_path):
    path = tmp_path / "a.jsonl"
    assert complaint(write(path, '{"text": "fine"}\n{"text": \n')).startswith(f"{path}:2 is not JSON:")
    assert f"{path}:1 holds a list" in complaint(write(path, "[1]\n"))
    assert f'{path}:2 has no text in the field "text"; its fields: body' in complaint(
        write(path, '{"text": "fine"}\n{"body": "x"}\n')
    )
    assert "several could be the text: a, b. Name one with --field" in complaint(write(path, '{"a": "x", "b": "y"}\n'))
    assert "none of n holds text" in complaint(write(path, '{"n": 1}\n'))
    assert r"half a character (\ud83d)" in complaint(write(path, r'{"text": "\ud83d"}'))


def test_csv_without_a_column_of_text(tmp_path):
    path = tmp_path / "a.csv"
    assert "none of id, score holds text" in complaint(write(path, "id,score\n1,2\n"))
    assert "several could be the text: title, body" in complaint(write(path, "id,title,body\n1,x,y\n"))
    assert 'no column "bodi" with text. Did you mean "body"?' in complaint(path, field="bodi")
    assert complaint(write(path, 'text\n"a" b\n')).startswith(f"{path}:2 is not CSV:")
    assert read(write(path, "text\n")) == read(write(path, "")) == []


def test_an_unknown_unit(tmp_path):
    said = complaint(write(tmp_path / "a.txt", "x"), documents="lines")
    assert 'documents cannot be "lines". Did you mean "line"?' in said


def test_reading_is_lazy(tmp_path):
    path = write(tmp_path / "a.jsonl", '{"text": "one"}\nbroken\n')
    assert next(reading.iter_documents(path)) == "one"
