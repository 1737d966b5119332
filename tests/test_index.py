"""The index: BM25 on paper; what stays the same whatever is added, changed and removed; kills; bad input."""

import math
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook.errors import HornbookError
from hornbook.search import nearest, update, vectors
from hornbook.search.files import Cutting
from hornbook.search.finding import WAYS
from hornbook.search.index import Index
from hornbook.search.store import writing
from index_cases import COLOURS, Encoder, contents, lay, told, tree, unsynced  # noqa: F401 (a fixture)

PETS = {"a.txt": "the cat sat", "b.txt": "the dog sat on the cat", "c.txt": "stars shine"}
few = settings(max_examples=25, deadline=None)


@pytest.fixture
def notes(tmp_path):
    lay(tmp_path / "notes", PETS)
    return tmp_path / "notes"


# -- by hand ------------------------------------------------------------------------------------------------------


def test_bm25_by_hand(notes, tmp_path):
    """3 + 6 + 2 words: mean 11/3. "cat" is in 2 of 3: idf = ln(1 + 1.5/2.5). K = 1.2 (1/4 + 3/4 · length · 3/11)."""
    index = Index.build(notes, tmp_path / "index")
    short, long = index.search("cat")
    idf = math.log(1.6)
    assert short.file == str(notes / "a.txt")
    assert short.score == pytest.approx(idf / (1 + 1.2 * (0.25 + 0.75 * 9 / 11)))
    assert long.score == pytest.approx(idf / (1 + 1.2 * (0.25 + 0.75 * 18 / 11)))
    the = math.log(1.6) * 2 / (2 + 1.2 * (0.25 + 0.75 * 18 / 11))  # twice in b, in 2 of 3
    assert index.search("THE cat cat!")[1].score == pytest.approx(2 * long.score + the)  # a repeated word counts twice
    assert index.search("stars")[0].score == pytest.approx(math.log(1 + 2.5 / 1.5) / (1 + 1.2 * (0.25 + 0.75 * 6 / 11)))
    assert index.search("zebra") == []


def test_reciprocal_ranks_by_hand(tmp_path):
    """ "red cat": the words find b (both words), a; the vectors a = b (cosine of one sign), then c."""
    lay(tmp_path / "notes", {"a.txt": "red", "b.txt": "red cat red", "c.txt": "blue"})
    index = Index.build(tmp_path / "notes", tmp_path / "index", Encoder())
    b, a, c = index.search("cat red")
    assert (b.ranks, a.ranks, c.ranks) == ({"bm25": 1, "dense": 2}, {"bm25": 2, "dense": 1}, {"dense": 3}) or (
        a.ranks, b.ranks) == ({"bm25": 1, "dense": 2}, {"bm25": 2, "dense": 1})  # fmt: skip
    assert a.score == b.score == pytest.approx(1 / 61 + 1 / 62)
    assert c.score == pytest.approx(1 / 63)


def test_standard_scores_by_hand():
    """Scores 3 and 1 are +1 and −1 standard deviations; what one ranking leaves out takes its lowest."""
    from hornbook.search.fusing import order, reciprocal_ranks, standard_scores

    rankings = [(np.array([7, 5]), np.array([3.0, 1.0])), (np.array([5]), np.array([0.4]))]
    assert standard_scores(rankings) == {7: (1 + 0) / 2, 5: (-1 + 0) / 2}
    assert order(reciprocal_ranks(rankings))[0].tolist() == [5, 7]
    assert order({3: 1.0, 2: 1.0})[0].tolist() == [2, 3]  # equals keep the order of their files


def test_lines_are_those_of_the_file(tmp_path):
    text = "one\r\ntwo three. four\r\n\r\nfive six seven.\rnine " + "long " * 30 + "\nlast."
    lay(tmp_path / "notes", {"crlf.txt": text})
    cutting = Cutting(words=2)
    index = Index.build(tmp_path / "notes", tmp_path / "index", cutting=cutting)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    passages = list(index.passages())
    assert len(passages) > 10
    for passage in passages:
        first, last = passage["lines"]
        assert passage["text"] in "\n".join(lines[first - 1 : last])
        assert passage["text"].count("\n") == last - first
    assert index.search("five")[0].lines == (2, 4)  # "four" on line 2 is a sentence too short to stand alone
    assert index.search("last")[0].lines[1] == 6


def test_lines_of_rows_and_of_a_book_without_its_header(tmp_path):
    book = "header\n*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\n\nCall me.\n*** END OF THE PROJECT GUTENBERG"
    lay(tmp_path, {
        "rows.jsonl": '{"text": "alpha"}\n\n{"text": ""}\n{"text": "beta\\nbeta"}\n',
        "table.csv": 'text,n\ngamma,1\n\n"delta\nand more",2\nepsilon,3\n',
        "book.txt": book,
    })  # fmt: skip
    index = Index.build([tmp_path / name for name in ("rows.jsonl", "table.csv", "book.txt")], tmp_path / "index")
    where = {word: index.search(word)[0].lines for word in ("alpha", "beta", "gamma", "delta", "epsilon", "call")}
    assert where == {"alpha": (1, 1), "beta": (4, 4), "gamma": (2, 2), "delta": (4, 5), "epsilon": (6, 6),
                     "call": (5, 5)}  # fmt: skip
    assert index.search("header") == []


def test_parquet_rows(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pyarrow.table({"text": ["one", None, "three"]}), tmp_path / "t.parquet")
    assert Index.build(tmp_path / "t.parquet", tmp_path / "index").search("three")[0].lines == (3, 3)


# -- laws ---------------------------------------------------------------------------------------------------------

sentences = st.lists(st.sampled_from([*COLOURS, "cat", "dog", "sat.", "on", "\n", "\r\n"]), max_size=25).map(" ".join)
names = st.sampled_from(["a.txt", "b.md", "c.txt", "deep/d.txt"])
edits = st.dictionaries(names, st.none() | sentences, max_size=4)


@few
@given(edits, st.lists(edits, max_size=4), st.booleans())
def test_updates_after_any_edits_are_a_fresh_build(first, later, dense):
    with tempfile.TemporaryDirectory() as folder:
        folder, encoder = Path(folder), Encoder() if dense else None
        lay(folder / "notes", {"always.txt": "red cat", **first})
        index = Index.build(folder / "notes", folder / "index", encoder, Cutting(words=4))
        for number, edit in enumerate(later):
            lay(folder / "notes", edit)
            index.update()
            fresh = Index.build(folder / "notes", folder / f"fresh-{number}", encoder, Cutting(words=4))
            assert contents(index) == contents(fresh) == contents(Index.open(index.folder))
            for query in ("red cat", "dog", "blue green sat"):
                for how in WAYS if dense else ("bm25",):
                    assert told(index.search(query, 5, how)) == told(fresh.search(query, 5, how))


@few
@given(sentences, st.booleans())
def test_to_add_and_delete_changes_nothing(text, dense):
    with tempfile.TemporaryDirectory() as folder:
        folder, encoder = Path(folder), Encoder() if dense else None
        lay(folder, {f"notes/{name}": text for name, text in PETS.items()} | {"more.txt": text})
        index = Index.build(folder / "notes", folder / "index", encoder)
        before, hits, sources = contents(index), told(index.search("the cat")), index.sources
        assert index.add(folder / "more.txt").added == [str(folder / "more.txt")]
        assert len(index.files) == 4
        index.delete(folder / "more.txt")
        assert (contents(index), told(index.search("the cat")), index.sources) == (before, hits, sources)
        assert not index.update().added


@few
@given(st.integers(1, 60), st.integers(0, 1000), st.integers(1, 20), st.integers(1, 7))
def test_the_nearest_are_those_of_brute_force_and_sorted(size, seed, k, block):
    rng = np.random.default_rng(seed)
    vectors, queries = rng.integers(-3, 4, (size, 5)).astype(np.float32), rng.integers(-3, 4, (2, 5)).astype(np.float32)
    live = rng.random(size) < 0.8
    own = np.where(live, live.cumsum() - 1, -1)
    segment = type("Segment", (), {"vectors": vectors, "__len__": lambda self: size})()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest, "BLOCK", block)
        scores = nearest.products(queries, [segment], [own], int(live.sum()))
    assert np.array_equal(scores, queries @ vectors[live].T)
    for row in scores:
        ordered = sorted(range(len(row)), key=lambda place: (-row[place], place))
        assert nearest.best(row, k).tolist() == ordered[:k]


def test_only_what_changed_is_read_and_encoded(notes, tmp_path):
    encoder = Encoder()
    index = Index.build(notes, tmp_path / "index", encoder)
    assert sorted(encoder.encoded[1:]) == sorted(PETS.values())  # the first call asks for the width
    del encoder.encoded[:]
    lay(notes, {"b.txt": "the red dog", "d.txt": PETS["a.txt"], "c.txt": None})
    changes = index.update()
    named = [[os.path.basename(file) for file in files] for files in (changes.added, changes.changed, changes.removed)]
    assert named == [["d.txt"], ["b.txt"], ["c.txt"]]
    assert encoder.encoded == ["the red dog"]  # d.txt says what a.txt does
    os.utime(notes / "a.txt", ns=(1, 1))
    changes = index.update()
    assert not (changes.added or changes.changed or changes.removed or changes.read)


def test_small_segments_are_written_together_without_encoding(tmp_path, monkeypatch):
    encoder = Encoder()
    lay(tmp_path / "notes", {"0.txt": "red 0"})
    index = Index.build(tmp_path / "notes", tmp_path / "index", encoder)
    for number in range(1, 14):
        lay(tmp_path / "notes", {f"{number}.txt": f"red {number}"})
        index.update()
    assert len(list((tmp_path / "index" / "segments").iterdir())) <= update.MOST_SMALL + 1
    assert sorted(encoder.encoded[1:]) == sorted(f"red {number}" for number in range(14))
    assert contents(index) == contents(Index.build(tmp_path / "notes", tmp_path / "fresh", encoder))
    monkeypatch.setattr(update, "SEGMENT", 3)
    cut = Index.build(tmp_path / "notes", tmp_path / "cut", encoder)
    assert len(list((tmp_path / "cut" / "segments").iterdir())) == 5
    assert contents(cut) == contents(index)


# -- killed -------------------------------------------------------------------------------------------------------


def test_a_killed_build_goes_on(notes, tmp_path, monkeypatch):
    monkeypatch.setattr(vectors, "BATCH", 1)
    with pytest.raises(KeyboardInterrupt):
        Index.build(notes, tmp_path / "index", Encoder(fails_after=3))
    with pytest.raises(HornbookError, match="there is no index"):
        Index.open(tmp_path / "index")
    with open(next((tmp_path / "index").glob("*.vectors")), "ab") as file:
        file.write(b"half a row")
    encoder = Encoder()
    index = Index.build(notes, tmp_path / "index", encoder)
    assert len(encoder.encoded) == 1 + 1  # the width, and the one text that was missing
    assert contents(index) == contents(Index.build(notes, tmp_path / "fresh", Encoder()))
    assert not list((tmp_path / "index").glob("encoding-*"))


@pytest.mark.parametrize("moment", ["encoding", "writing", "switching"])
def test_a_killed_update_leaves_the_old_index_whole(notes, tmp_path, monkeypatch, moment):
    Index.build(notes, tmp_path / "index", Encoder())
    before, hits = tree(tmp_path / "index"), told(Index.open(tmp_path / "index", Encoder()).search("cat"))
    lay(notes, {"a.txt": "red cat", "d.txt": "a blue cat", "c.txt": None})
    encoder = Encoder(fails_after=1 if moment == "encoding" else None)
    index = Index.open(tmp_path / "index", encoder)
    with monkeypatch.context() as patch:
        patch.setattr(vectors, "BATCH", 1)

        def stop(*_):
            raise KeyboardInterrupt

        if moment == "writing":
            patch.setattr("hornbook.search.store._write", stop)
        if moment == "switching":
            patch.setattr("hornbook.search.store.write_json", stop)
        with pytest.raises(KeyboardInterrupt):
            index.update()
    after, encoder.fails_after = tree(tmp_path / "index"), None
    assert {name: after.get(name) for name in before} == before
    assert told(index.search("cat")) == hits
    assert told(Index.open(tmp_path / "index", Encoder()).search("cat")) == hits
    again = Encoder()
    index = Index.open(tmp_path / "index", again)
    index.update()
    assert len(again.encoded) == (moment == "encoding")  # what was not in the journal
    assert contents(index) == contents(Index.build(notes, tmp_path / "fresh", Encoder()))


def test_one_writes_at_a_time_and_others_read_on(notes, tmp_path):
    index = Index.build(notes, tmp_path / "index")
    reader = Index.open(tmp_path / "index")
    with writing(tmp_path / "index"), pytest.raises(HornbookError, match="another process is writing"):
        index.update()
    lay(notes, {"a.txt": "red", "b.txt": "red", "c.txt": "red"})
    index.update()
    assert len(reader.search("cat")) == 2  # what it had opened, though its segment is gone from the folder
    assert reader.search("cat")[0].state == "changed"
    assert index.search("cat") == []


# -- approximate --------------------------------------------------------------------------------------------------


def test_the_graph_follows_updates_and_its_recall_is_told(tmp_path, monkeypatch):
    pytest.importorskip("usearch")
    monkeypatch.setattr(nearest, "EXACT_UP_TO", 50)
    rng = np.random.default_rng(0)
    encoder = Encoder()
    rows = {str(number): rng.standard_normal(8).astype(np.float32) for number in range(400)}
    encoder.encode = lambda texts, normalize: np.array(
        [rows.get(text, np.ones(8)) / np.linalg.norm(rows.get(text, np.ones(8))) for text in texts], np.float32
    )
    lay(tmp_path / "notes", {f"{number}.txt": f"{number}" for number in range(300)})
    index = Index.build(tmp_path / "notes", tmp_path / "index", encoder)
    assert "finds" in index.changes.notes[0]
    assert "are approximate" in index.notes[0]
    lay(tmp_path / "notes", {f"{number}.txt": f"{number}" if number > 300 else None for number in range(200, 400)})
    index.update()
    assert len(list((tmp_path / "index").glob("nearest-*"))) == 1
    kept = index._state.manifest["nearest"]
    assert kept["recall_at_10"] > 0.9
    assert len(index._state.graph.backend) == len(index)
    exact = Index.build(tmp_path / "notes", tmp_path / "exact", encoder)
    monkeypatch.setattr(type(exact._state), "graph", None)
    near = [hit.file for hit in Index.open(tmp_path / "index", encoder).search("5", 10, "dense")]
    assert near == [hit.file for hit in exact.search("5", 10, "dense")]


def test_without_usearch_search_is_exact_and_says_so(notes, tmp_path, monkeypatch):
    monkeypatch.setattr(nearest, "EXACT_UP_TO", 2)
    monkeypatch.setitem(__import__("sys").modules, "usearch.index", None)
    index = Index.build(notes, tmp_path / "index", Encoder())
    assert "stays exact" in index.changes.notes[0] and "hornbook[search]" in index.changes.notes[0]
    assert "takes long" in index.notes[0]
    assert len(index.search("cat", how="dense")) == 3
