"""A corpus streamed from disk: the same split, and so the same token files, as one that is held in memory."""

import tracemalloc

import pytest

from hornbook import corpus
from hornbook.errors import HornbookError
from hornbook.streamed import StreamedCorpus


def gathered(parts):
    """Part → its documents, put together from their pieces."""
    found = {}
    for part, opens, piece in parts:
        texts = found.setdefault(part, [])
        if opens:
            texts.append("")
        texts[-1] += piece
    return found


def test_one_long_text_is_cut_where_a_corpus_in_memory_is(tmp_path):
    path = tmp_path / "long.txt"
    path.write_text("".join(f"line {number} of a long text\n" for number in range(90_000)), encoding="utf-8")
    streamed, held = StreamedCorpus(path), corpus.load(path)
    split = held.split()
    assert gathered(streamed.parts()) == {"train": split.train, "validation": split.validation}
    assert streamed.characters == held.characters
    assert "".join(streamed.sample()) == split.train[0]


def test_many_documents_are_dealt_by_their_hash(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(f'{{"text": "document {number}"}}\n' for number in range(300)), encoding="utf-8")
    streamed, split = gathered(StreamedCorpus(path).parts()), corpus.load(path).split()
    assert streamed == {"train": split.train, "validation": split.validation, "test": split.test}


def test_documents_without_text_are_counted_and_go_nowhere(tmp_path):
    path = tmp_path / "rows.jsonl"
    texts = ["", "", "one", "", "", *(f"document {number}" for number in range(300))]
    path.write_text("".join(f'{{"text": "{text}"}}\n' for text in texts), encoding="utf-8")
    streamed = StreamedCorpus(path)
    assert [*streamed.lengths[:6]] == [0, 0, 3, 0, 0, 10]
    found = {piece: part for part, _, piece in streamed.parts()}
    assert found == {text: corpus.part_of(text) for text in texts if text}


def test_a_document_takes_a_few_bytes_of_memory(tmp_path, monkeypatch):
    """Eight for its length and one for its part: its hash is forgotten when the next begins."""
    monkeypatch.setattr("hornbook.decoding._BLOCK", 1 << 14)  # bytes read at a time
    path, number = tmp_path / "lines.txt", 30_000
    path.write_text("".join(f"{line} of many\n" for line in range(number)), encoding="utf-8")
    tracemalloc.start()
    try:
        streamed = StreamedCorpus(path, documents="line")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(streamed.lengths) == number
    assert peak < 300_000 + 20 * number


@pytest.mark.parametrize(
    "place, message", [("-", "cannot be read twice"), ("one.txt", "too small to hold anything out")]
)
def test_what_cannot_be_streamed(place, message, tmp_path):
    (tmp_path / "one.txt").write_text("x", encoding="utf-8")
    with pytest.raises(HornbookError, match=message):
        StreamedCorpus(place if place == "-" else tmp_path / place)
