"""The index and bad input: files that cannot be read or are gone, other encoders, damage, queries without words."""

import os
import shutil

import numpy as np
import pytest
from scipy import sparse

from hornbook.errors import HornbookError
from hornbook.search.files import Cutting
from hornbook.search.index import Index
from index_cases import Encoder, contents, lay, told, unsynced  # noqa: F401 (a fixture)

PETS = {"a.txt": "the cat sat", "b.txt": "the dog sat on the cat", "c.txt": "stars shine"}


@pytest.fixture
def notes(tmp_path):
    lay(tmp_path / "notes", PETS)
    return tmp_path / "notes"


def test_files_that_cannot_be_read_are_left_out_and_named(notes, tmp_path):
    lay(notes, {"picture.txt": b"\x89PNG\0\0", "latin.md": "Grüße".encode("latin-1"), "rows.jsonl": "{oops"})
    index = Index.build(notes, tmp_path / "index")
    assert [os.path.basename(path) for path in index.changes.left_out] == ["latin.md", "picture.txt", "rows.jsonl"]
    assert "is not a text" in index.changes.left_out[str(notes / "picture.txt")]
    assert len(index.files) == 3
    with pytest.raises(HornbookError, match=r"picture.txt is not a text"):
        Index.build(notes / "picture.txt", tmp_path / "other")
    lay(notes, {"a.txt": b"\0"})
    assert str(notes / "a.txt") in index.update().left_out
    assert [os.path.basename(path) for path in index.files] == ["b.txt", "c.txt"]
    lay(notes, {"b.txt": b"\0", "c.txt": b"\0"})
    with pytest.raises(HornbookError, match="no file can be read"):
        index.update()
    assert len(Index.open(tmp_path / "index").files) == 2


@pytest.mark.parametrize("place, said", [
    ("nowhere", "no file or folder"), ("empty", "holds no file"), ("x*.txt", "no file matches"), ("", "not an empty"),
    ("notes/prog.exe", "does not know"),
])  # fmt: skip
def test_places_without_files(notes, tmp_path, monkeypatch, place, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    lay(notes, {"prog.exe": "x"})
    with pytest.raises(HornbookError, match=said):
        Index.build(place, "index")
    assert not (tmp_path / "index").exists()
    with pytest.raises(HornbookError, match="nothing to index"):
        Index.build([], "index")


def test_deleted_and_excluded_files(notes, tmp_path):
    index = Index.build([notes, tmp_path / "notes" / "c.txt"], tmp_path / "index")
    index.delete(notes / "a.txt")
    assert not index.update().added  # the folder still holds it
    assert index.add(notes / "a.txt").added == [str(notes / "a.txt")]
    (notes / "c.txt").unlink()
    hit = index.search("stars")[0]
    assert (hit.state, hit.text) == ("gone", "stars shine")
    assert index.update().removed == [str(notes / "c.txt")]
    with pytest.raises(HornbookError, match=r"no file .*zebra.txt.* Did you mean"):
        index.delete(notes / "zebra.txt")
    shutil.move(notes, tmp_path / "away")
    with pytest.raises(HornbookError, match=r"is gone\. Put it back"):
        index.update()
    assert len(index) == 2
    index.delete(notes)
    assert (len(index), index.update().removed) == (0, [])
    assert index.search("cat") == []


def test_another_encoder_is_named(notes, tmp_path):
    Index.build(notes, tmp_path / "index", Encoder("colours"))
    other = Index.open(tmp_path / "index", Encoder("tastes"))
    with pytest.raises(HornbookError, match=r"built by colours \(\w{8}, 4 numbers\), not by tastes \(\w{8}"):
        other.search("cat")
    assert len(other.search("cat", how="bm25")) == 2
    lay(notes, {"d.txt": "new"})
    with pytest.raises(HornbookError, match="not by tastes"):
        other.update()
    Index.build(notes, tmp_path / "words")
    with pytest.raises(HornbookError, match="built by no encoder, not by colours"):
        _ = Index.open(tmp_path / "words", Encoder()).encoder
    with pytest.raises(HornbookError, match="has no vectors: --how bm25"):
        Index.open(tmp_path / "words").search("cat", how="dense")
    assert Index.open(tmp_path / "words").notes == ["no encoder: passages are found by their words only (BM25)"]


def test_an_encoder_trained_again_is_another(notes, tmp_path):
    lay(tmp_path / "run", {"model.safetensors": b"1", "tokenizer.json": b"{}"})
    encoder = Encoder()
    encoder.folder = tmp_path / "run"
    Index.build(notes, tmp_path / "index", encoder)
    lay(tmp_path / "run", {"README.md": b"a card"})
    assert Index.open(tmp_path / "index", encoder).search("cat")
    lay(tmp_path / "run", {"model.safetensors": b"2"})
    with pytest.raises(HornbookError, match="trained again since"):
        Index.open(tmp_path / "index", encoder).search("cat")


def test_encoders_whose_vectors_are_no_use(notes, tmp_path):
    encoder = Encoder("tfidf")
    encoder.encode = lambda texts, normalize: sparse.csr_matrix(np.ones((len(texts), 7)))
    with pytest.raises(HornbookError, match="tfidf makes sparse vectors, one number for each of 7 words"):
        Index.build(notes, tmp_path / "index", encoder)
    encoder.encode = lambda texts, normalize: np.full((len(texts), 2), np.nan, np.float32)
    with pytest.raises(HornbookError, match="not finite"):
        Index.build(notes, tmp_path / "index", encoder)
    assert not (tmp_path / "index").exists()


def test_a_query_the_encoder_knows_nothing_of_finds_nothing(notes, tmp_path):
    encoder = Encoder()
    known = encoder.encode
    encoder.encode = lambda texts, normalize: known(texts) * np.array([["zebra" not in text] for text in texts])
    index = Index.build(notes, tmp_path / "index", encoder)
    assert index.search("zebra") == []
    assert [hit.ranks for hit in index.search("zebra cat")] == [{"bm25": 1}, {"bm25": 2}]


def test_bad_questions(notes, tmp_path):
    lay(notes, {"marks.txt": "!!! ???"})
    index = Index.build(notes, tmp_path / "index")
    for query in ("", " \n"):
        with pytest.raises(HornbookError, match="the query is empty"):
            index.search(query)
    with pytest.raises(HornbookError, match="0 results"):
        index.search("cat", k=0)
    with pytest.raises(HornbookError, match=r'called "fussed". Did you mean "fused"'):
        index.search("cat", how="fussed")
    assert index.search("!!!") == []
    assert index.unknown("cats the zzz") == {"cats": ["cat"], "zzz": []}
    assert len(index.search("cat", k=1000)) == 2


def test_folders_that_are_no_index(notes, tmp_path):
    with pytest.raises(HornbookError, match="there is no index"):
        Index.open(tmp_path / "nowhere")
    with pytest.raises(HornbookError, match="not empty and holds no index"):
        Index.build(notes, notes)
    index = Index.build(notes, tmp_path / "index")
    with pytest.raises(HornbookError, match="already holds an index"):
        Index.build(notes, tmp_path / "index")
    with pytest.raises(HornbookError, match="0 words cannot"):
        Cutting(words=0)
    manifest = tmp_path / "index" / "index.json"
    text = manifest.read_text()
    for broken, said in (("{", "is damaged"), (text.replace('"format": 1', '"format": 9'), "newer hornbook")):
        manifest.write_text(broken)
        with pytest.raises(HornbookError, match=said):
            Index.open(tmp_path / "index")
    manifest.write_text(text)
    segment = tmp_path / "index" / "segments" / "0001"
    for name in ("lengths.npy", "passages.jsonl"):
        whole = (segment / name).read_bytes()
        (segment / name).write_bytes(whole[: len(whole) // 2])
        with pytest.raises(HornbookError, match=f"{name} is damaged"):
            list(Index.open(tmp_path / "index").passages())
        (segment / name).write_bytes(whole)
    (segment / "starts.npy").unlink()
    with pytest.raises(HornbookError, match=r"starts.npy is missing"):
        Index.open(tmp_path / "index")
    assert told(index.search("stars"))  # what is open stays whole


def test_an_index_inside_its_own_folder_is_not_indexed(notes, monkeypatch):
    monkeypatch.chdir(notes)
    index = Index.build(".", "index")
    assert len(index.files) == 3
    (notes / "index" / "mine.txt").write_text("never")
    assert not index.update().added
    assert len(contents(index)) == 3


def test_files_without_words_make_an_empty_index(tmp_path):
    lay(tmp_path / "notes", {"a.txt": "", "b.txt": " \n\n", "c.csv": "text\n"})
    index = Index.build(tmp_path / "notes", tmp_path / "index", Encoder())
    assert (len(index), len(index.files), list(index.passages())) == (0, 3, [])
    for how in ("bm25", "dense", "fused"):
        assert index.search("cat", how=how) == []
    lay(tmp_path / "notes", {"a.txt": "a cat"})
    index.update()
    assert len(index.search("cat")) == 1


def test_a_text_changed_within_one_tick_of_the_clock_is_seen(notes, tmp_path):
    index = Index.build(notes, tmp_path / "index")
    before = (notes / "a.txt").stat()
    (notes / "a.txt").write_text("the rat sat")
    os.utime(notes / "a.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert index.update().changed == [str(notes / "a.txt")]


@pytest.mark.parametrize("place", ["", "0_Transformer/"])
def test_other_weights_are_another_encoder(place, tmp_path):
    from types import SimpleNamespace

    from hornbook.search.vectors import fingerprint

    path = tmp_path / f"{place}model.safetensors"
    path.parent.mkdir(exist_ok=True)
    encoder = SimpleNamespace(about={"model": "contrastive", "config": {}}, folder=tmp_path)
    path.write_bytes(b"one")
    before = fingerprint(encoder)
    path.write_bytes(b"two")
    assert fingerprint(encoder) != before
