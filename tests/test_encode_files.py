"""Texts to vectors on disk: the same as encode, after a kill at any moment too; other texts and encoders are told."""

import json

import numpy as np
import pytest
from scipy import sparse

from hornbook import HornbookError, encode_files
from hornbook.encode_files import Encoding
from hornbook.static import distill


@pytest.fixture(scope="module")
def static(encoders, tmp_path_factory):
    return distill(encoders["word2vec"].folder, tmp_path_factory.mktemp("static") / "run")


@pytest.fixture
def lines(prose):
    return [line.strip() for line in prose.documents[0].split("\n") if line.strip()][:70]


@pytest.fixture
def texts(tmp_path, lines, monkeypatch):
    """A file of seventy lines, of which ten are encoded at a time, and every ten made safe."""
    monkeypatch.setattr(encode_files, "CHUNK", 10)
    monkeypatch.setattr(encode_files, "SECONDS", 0.0)
    (tmp_path / "texts.txt").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path / "texts.txt"


def finish(job):
    job.begin()
    list(job.steps())
    return job


@pytest.mark.parametrize("normalize", [False, True])
def test_rows_are_what_encode_says(static, texts, lines, tmp_path, normalize):
    job = finish(Encoding([texts], static, tmp_path / "out.npy", normalize=normalize))
    rows = np.load(tmp_path / "out.npy", mmap_mode="r")
    assert np.array_equal(rows, static.encode(lines, normalize=normalize)) and rows.dtype == np.float32
    manifest = json.loads((tmp_path / "out.npy.json").read_text())
    assert manifest["finished"] and manifest["texts"] == job.summary()["texts"] == len(rows) == job.count()


@pytest.mark.parametrize("model", ["tfidf", "lsa", "lda", "word2vec"])
def test_every_kind_of_encoder(encoders, texts, lines, tmp_path, model):
    is_sparse = model == "tfidf"
    out = tmp_path / f"out.{'npz' if is_sparse else 'npy'}"
    finish(Encoding([texts], encoders[model], out))
    found = sparse.load_npz(out).toarray() if is_sparse else np.load(out)
    whole = encoders[model].encode(lines)
    assert found == pytest.approx(whole.toarray() if is_sparse else whole, abs=1e-5 if model == "lda" else 1e-6)
    assert not list(tmp_path.glob(".out*"))


def killed(job, after):
    """Go `after` steps, write more than there is to come, and stop as a killed process does: nothing is closed well."""
    job.begin()
    steps = job.steps()
    for _ in range(after):
        next(steps)
    steps.close()
    for file in [job.sink.file] if hasattr(job.sink, "file") else job.sink.files.values():
        file.write(b"half a row" * 10_000)
        file.flush()
        file.close()


@pytest.mark.parametrize("after", [0, 1, 4, 6])
@pytest.mark.parametrize("seconds", [0.0, 1e9])  # made safe at every step, or never
@pytest.mark.parametrize("ending", ["npy", "npz"])
def test_after_a_kill_the_bytes_are_the_same(encoders, static, texts, tmp_path, monkeypatch, after, seconds, ending):
    encoder = static if ending == "npy" else encoders["tfidf"]
    finish(Encoding([texts], encoder, tmp_path / f"whole.{ending}"))
    monkeypatch.setattr(encode_files, "SECONDS", seconds)
    out = tmp_path / f"out.{ending}"
    killed(Encoding([texts], encoder, out), after)
    if ending == "npy" and seconds == 0.0 and after:
        assert len(np.load(out)) == 10 * after  # whole at every moment, up to what was made safe
    again = Encoding([texts], encoder, out)
    assert again.begin() == (10 * after if seconds == 0.0 else 0)
    list(again.steps())
    if ending == "npy":
        assert out.read_bytes() == (tmp_path / "whole.npy").read_bytes()
    else:
        assert (sparse.load_npz(out) != sparse.load_npz(tmp_path / "whole.npz")).nnz == 0
    ours, whole = (json.loads((tmp_path / f"{name}.{ending}.json").read_text()) for name in ("out", "whole"))
    assert ours == whole


def test_chunks_end_by_their_own_texts(monkeypatch):
    monkeypatch.setattr(encode_files, "CHUNK", 4)
    monkeypatch.setattr(encode_files, "CHARACTERS", 10)
    texts = ["abcde", "fghij", "k", "l", "m", "n", "a text of many letters", "o", "eight ch", "p", "q"]
    chunks = list(encode_files._chunks(texts))
    assert [len(chunk) for chunk in chunks] == [2, 4, 1, 3, 1]
    assert list(encode_files._chunks(texts[6:])) == chunks[2:]


def test_killed_between_vectors_and_manifest(static, texts, tmp_path):
    """The manifest is written last; what it does not know of is made again."""
    job = Encoding([texts], static, tmp_path / "out.npy")
    job.begin()
    before = (tmp_path / "out.npy.json").read_text()
    list(job.steps())
    whole = (tmp_path / "out.npy").read_bytes()
    (tmp_path / "out.npy.json").write_text(before)
    finish(Encoding([texts], static, tmp_path / "out.npy"))
    assert (tmp_path / "out.npy").read_bytes() == whole


def test_texts_added_behind_are_encoded_alone(static, texts, tmp_path):
    finish(Encoding([texts], static, tmp_path / "out.npy"))
    with open(texts, "a", encoding="utf-8") as file:
        file.write("\nthe last one")
    job = Encoding([texts], static, tmp_path / "out.npy")
    assert job.begin() == 70
    assert [done.texts for done in job.steps()] == [71]
    assert np.array_equal(np.load(tmp_path / "out.npy")[70:], static.encode(["the last one"]))


def test_other_texts_or_choices_are_told(encoders, static, texts, lines, tmp_path):
    out = tmp_path / "out.npy"
    killed(Encoding([texts], static, out), 4)
    with pytest.raises(HornbookError, match="another encoder"):
        Encoding([texts], encoders["lsa"], out).begin()
    with pytest.raises(HornbookError, match="another --normalize"):
        Encoding([texts], static, out, normalize=True).begin()
    texts.write_text("\n".join(["another", *lines]), encoding="utf-8")
    job = Encoding([texts], static, out)
    job.begin()
    with pytest.raises(HornbookError, match="first 40 texts are not those"):
        list(job.steps())
    job = Encoding([texts], static, out)
    assert job.begin(overwrite=True) == 0
    assert list(job.steps())[-1].texts == 71


def test_what_is_there_already_stays(static, texts, tmp_path):
    (tmp_path / "out.npy").write_text("mine")
    with pytest.raises(HornbookError, match="there already, and not from here"):
        Encoding([texts], static, tmp_path / "out.npy").begin()
    assert (tmp_path / "out.npy").read_text() == "mine"


def test_a_file_that_shrank_is_told(static, texts, tmp_path):
    killed(Encoding([texts], static, tmp_path / "out.npy"), 4)
    (tmp_path / "out.npy").write_bytes(b"short")
    with pytest.raises(HornbookError, match="shorter than its manifest says"):
        Encoding([texts], static, tmp_path / "out.npy").begin()
    (tmp_path / "out.npy.json").write_text("{")
    with pytest.raises(HornbookError, match="damaged"):
        Encoding([texts], static, tmp_path / "out.npy").begin()


def test_what_was_not_read_is_counted(static, tmp_path):
    (tmp_path / "odd.txt").write_text("zzz qqq\nthe zzz\n\n  \nthe class\n")
    found = finish(Encoding([tmp_path / "odd.txt"], static, tmp_path / "odd.npy")).summary()
    assert (found["texts"], found["tokens"], found["unknown_tokens"], found["empty_texts"]) == (3, 6, 3, 1)
    assert found["cut_texts"] == 0


@pytest.mark.parametrize("unit, many", [(None, 4), ("whole", 1), ("paragraph", 2), ("passage", 1)])
def test_what_gets_a_vector(static, tmp_path, unit, many):
    (tmp_path / "a.txt").write_text("the class\nthe statement\n\nreturn it\nor not")
    assert finish(Encoding([tmp_path / "a.txt"], static, tmp_path / "a.npy", unit)).done.texts == many


def test_a_row_of_a_table_is_one_text(static, tmp_path):
    (tmp_path / "b.csv").write_text('text,n\n"the class\nthe statement",1\nreturn,2\n')
    assert finish(Encoding([tmp_path / "b.csv"], static, tmp_path / "b.npy")).done.texts == 2


@pytest.mark.parametrize("out, said", [("a.npz", "go into a file that ends in .npy"), ("a", "ends in nothing")])
def test_the_ending_must_fit(static, texts, tmp_path, out, said):
    with pytest.raises(HornbookError, match=said):
        Encoding([texts], static, tmp_path / out)


def test_nothing_to_encode(static, tmp_path):
    (tmp_path / "blank.txt").write_text("\n \n")
    with pytest.raises(HornbookError, match="there is no text in"):
        finish(Encoding([tmp_path / "blank.txt"], static, tmp_path / "out.npy"))
    assert not list(tmp_path.glob("out*"))
    with pytest.raises(HornbookError, match="no file or folder"):
        Encoding([tmp_path / "gone.txt"], static, tmp_path / "out.npy")
    with pytest.raises(HornbookError, match="documents cannot be"):
        Encoding([tmp_path / "blank.txt"], static, tmp_path / "out.npy", "lines")


def test_long_texts_are_counted_as_cut(texts, tmp_path):
    pytest.importorskip("torch")
    from hornbook.bert_tokenizer import from_vocabulary
    from hornbook.encoder import TextEncoder
    from hornbook.fast.encode import Reading
    from hornbook.fast.sentence import SentenceEncoder
    from hornbook.reference.transformer import init
    from hornbook.reference.transformer_config import BERT, Config
    from hornbook.tokenizer import Tokenizer

    tokenizer = Tokenizer(from_vocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a"], {}))
    config, encoder = Config(5, 1, 1, 4, 8, **BERT), TextEncoder("contrastive")
    params = {name: value.astype(np.float32) for name, value in init(config, np.random.default_rng(0)).items()}
    encoder.network = SentenceEncoder(config, params, tokenizer, Reading())
    encoder.tokenizer, encoder.about = tokenizer, {"model": "contrastive", "config": {}}
    texts.write_text("a a a a a a\na a a a a a a a a\nb a\n" * 8)
    found = finish(Encoding([texts], encoder, tmp_path / "out.npy")).summary()
    assert (found["cut_texts"], found["cut_tokens"], found["unknown_tokens"]) == (8, 24, 8)
    killed(Encoding([texts], encoder, tmp_path / "again.npy"), 2)
    finish(Encoding([texts], encoder, tmp_path / "again.npy"))
    assert (tmp_path / "again.npy").read_bytes() == (tmp_path / "out.npy").read_bytes()
