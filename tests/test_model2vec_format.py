"""Folders of model2vec: ours open there with the same vectors, theirs open here, bad ones say so."""

import numpy as np
import pytest
from safetensors.numpy import save_file

from hornbook import HornbookError, TextEncoder, model2vec_format
from hornbook.bert_tokenizer import from_vocabulary
from hornbook.fast.static import Static
from hornbook.files import write_json
from hornbook.reference.static import Config
from hornbook.static import distill
from hornbook.tokenizer import Tokenizer

TEXTS = ["The cat sat!", "", "a dog — ünknown zebra", "the the class def", "中 e", "zzz"]
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "cat", "sat", "!", "a", "d", "##og", "中", "e", "##s"]


@pytest.fixture(scope="module")
def pieces():
    rng, V = np.random.default_rng(0), len(PIECES)
    encoder = TextEncoder("static")
    wte, weights = rng.normal(size=(V, 5)).astype(np.float32), rng.uniform(0.1, 1, V).astype(np.float32)
    encoder.network = Static(Config(V, 5), wte, weights)
    encoder.tokenizer, encoder.about = Tokenizer(from_vocabulary(PIECES, {})), {"model": "static"}
    return encoder


@pytest.fixture(scope="module")
def terms(encoders, tmp_path_factory):
    return distill(encoders["word2vec"].folder, tmp_path_factory.mktemp("static") / "run")


@pytest.fixture(scope="module")
def StaticModel():
    return pytest.importorskip("model2vec").StaticModel


@pytest.fixture(scope="module")
def SentenceTransformer():
    return pytest.importorskip("sentence_transformers").SentenceTransformer


@pytest.fixture(params=["pieces", "terms"])
def encoder(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("normalize", [True, False])
def test_model2vec_opens_it(encoder, StaticModel, tmp_path, normalize):
    model2vec_format.write(encoder, tmp_path / "out", normalize)
    model = StaticModel.from_pretrained(tmp_path / "out")
    assert model.encode(TEXTS) == pytest.approx(encoder.encode(TEXTS, normalize=normalize), abs=1e-6)
    long = [" ".join(TEXTS) * 400]  # theirs would cut a text after 512 tokens
    assert model.encode(long) == pytest.approx(encoder.encode(long, normalize=normalize), abs=1e-5)


def test_sentence_transformers_opens_it(encoder, SentenceTransformer, tmp_path):
    model2vec_format.write(encoder, tmp_path / "out")
    model = SentenceTransformer(str(tmp_path / "out"), device="cpu")
    assert model.encode(TEXTS) == pytest.approx(encoder.encode(TEXTS, normalize=True), abs=1e-5)


def test_there_and_back(encoder, tmp_path):
    model2vec_format.write(encoder, tmp_path / "out")
    back = TextEncoder.load(tmp_path / "out")
    assert back.encode(TEXTS) == pytest.approx(encoder.encode(TEXTS), abs=1e-6)
    assert back.kind == "static" and back.about["distilled"]["from"] == str(tmp_path / "out")
    assert back.similarity(TEXTS[:1], TEXTS)[0, 0] == pytest.approx(1, abs=1e-6)


def test_what_model2vec_wrote_is_read(pieces, StaticModel, tmp_path):
    """With a vocabulary quantised to four vectors, each token with a weight."""
    rng = np.random.default_rng(3)
    rows, mapping = rng.normal(size=(4, 3)).astype(np.float32), rng.integers(0, 4, len(PIECES))
    weights = rng.uniform(size=len(PIECES)).astype(np.float32)
    theirs = StaticModel(rows, pieces.tokenizer.backend, weights=weights, token_mapping=mapping)
    theirs.save_pretrained(tmp_path / "theirs")
    assert TextEncoder.load(tmp_path / "theirs").encode(TEXTS) == pytest.approx(theirs.encode(TEXTS), abs=1e-6)


def test_only_static_encoders_go_in(encoders, tmp_path):
    with pytest.raises(HornbookError, match="this is lsa: hornbook distill"):
        model2vec_format.write(encoders["lsa"], tmp_path / "out")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(HornbookError, match="is there already"):
        model2vec_format.claimed(tmp_path / "full")


def test_damage_is_told(pieces, tmp_path):
    folder = tmp_path / "out"
    with pytest.raises(HornbookError, match=r"no model.safetensors, no config.json"):
        model2vec_format.read(tmp_path)
    model2vec_format.write(pieces, folder)
    save_file({"embeddings": np.zeros((3, 2), np.float32)}, folder / "model.safetensors")
    with pytest.raises(HornbookError, match="14 tokens, 3 vectors"):
        model2vec_format.read(folder)
    save_file({"other": np.zeros((3, 2), np.float32)}, folder / "model.safetensors")
    with pytest.raises(HornbookError, match="no embeddings"):
        model2vec_format.read(folder)
    (folder / "model.safetensors").write_bytes(b"rubbish")
    with pytest.raises(HornbookError, match="damaged"):
        model2vec_format.read(folder)
    model2vec_format.write(pieces, tmp_path / "second")
    write_json(tmp_path / "second" / "tokenizer.json", {})
    with pytest.raises(HornbookError, match=r"tokenizer.json"):
        model2vec_format.read(tmp_path / "second")
