"""Runs in the formats of others: opened there, with the same vectors; what a format cannot hold is refused."""

import numpy as np
import pytest

from hornbook import HornbookError, TextEncoder
from hornbook.export import FORMATS, export, read_json
from hornbook.static import distill

TEXTS = ["the cat sat", "a", "", "def class return the object of the statement that is an expression", "zzz"]


@pytest.fixture(scope="module")
def static(encoders, tmp_path_factory):
    return distill(encoders["word2vec"].folder, tmp_path_factory.mktemp("static") / "run")


@pytest.fixture(scope="module")
def transformer(prose, tmp_path_factory):
    """A small random transformer, as a folder of sentence-transformers has it."""
    pytest.importorskip("torch")
    from hornbook import bert_format
    from hornbook.bert_tokenizer import from_vocabulary
    from hornbook.reference.transformer import init
    from hornbook.reference.transformer_config import BERT, Config

    words = sorted({word for text in TEXTS for word in text.split()})
    tokenizer_lines = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]
    from hornbook.tokenizer import Tokenizer

    tokenizer = Tokenizer(from_vocabulary(tokenizer_lines, {}))
    config = Config(tokenizer.vocab_size, 2, 2, 8, 16, **BERT)
    rng = np.random.default_rng(0)
    params = {name: rng.normal(0, 0.3, value.shape).astype(np.float32) for name, value in init(config, rng).items()}
    folder = tmp_path_factory.mktemp("bert") / "it"
    bert_format.save(folder, config, params, tokenizer, bert_format.About("mean", True, 16, folder))
    return TextEncoder.load(folder)


@pytest.fixture(scope="module")
def SentenceTransformer():
    return pytest.importorskip("sentence_transformers").SentenceTransformer


@pytest.mark.parametrize("kind", ["static", "transformer"])
def test_sentence_transformers_opens_it(request, kind, SentenceTransformer, tmp_path):
    encoder = request.getfixturevalue(kind)
    said = export(encoder, "sentence-transformers", tmp_path / "out")
    model = SentenceTransformer(str(tmp_path / "out"), device="cpu")
    assert model.encode(TEXTS) == pytest.approx(encoder.encode(TEXTS, normalize=True), abs=1e-5)
    assert "SentenceTransformer" in said["opens_with"]


def test_model2vec_opens_it(static, tmp_path):
    StaticModel = pytest.importorskip("model2vec").StaticModel
    export(static, "model2vec", tmp_path / "out")
    model = StaticModel.from_pretrained(tmp_path / "out")
    assert model.encode(TEXTS) == pytest.approx(static.encode(TEXTS, normalize=True), abs=1e-5)


@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_onnx_runs_it_at_any_size(transformer, tmp_path, pooling):
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    from hornbook.fast.sentence import SentenceEncoder
    from hornbook.tokenizer import Tokenizer

    network = transformer.network
    reading = network.encoder.reading._replace(pooling=pooling, normalize=pooling == "mean")
    encoder = TextEncoder("contrastive")
    encoder.network = SentenceEncoder(network.config, network.parameters, transformer.tokenizer, reading)
    encoder.tokenizer = transformer.tokenizer
    said = export(encoder, "onnx", tmp_path / "it.onnx")
    session = runtime.InferenceSession(str(tmp_path / "it.onnx"))
    backend = Tokenizer.load(said["tokenizer"]).backend
    for texts in (TEXTS, TEXTS[1:2], [TEXTS[3]] * 7):
        rows = [backend.encode(text).ids for text in texts]  # with [CLS] and [SEP], by the file beside
        ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
        for row, found in enumerate(rows):
            ids[row, : len(found)] = found
        mask = (np.arange(ids.shape[1]) < np.array([len(row) for row in rows])[:, None]).astype(np.int64)
        vectors = session.run(None, {"ids": ids, "mask": mask})[0]
        assert vectors == pytest.approx(encoder.encode(texts), abs=1e-4)


@pytest.mark.parametrize("ending", [".txt", ".bin", ".vec.gz"])
def test_gensim_opens_word_vectors(encoders, tmp_path, ending):
    models = pytest.importorskip("gensim.models")
    out = tmp_path / f"words{ending}"
    export(encoders["word2vec"], "word2vec", out)
    theirs = models.KeyedVectors.load_word2vec_format(str(out), binary=ending == ".bin")
    ours = encoders["word2vec"].vectors
    assert theirs.index_to_key == ours.words and np.array_equal(theirs.vectors, ours.matrix)


@pytest.mark.parametrize("model", ["word2vec", "lsa"])
def test_bytes_for_a_page_are_as_near_as_they_say(encoders, tmp_path, model):
    said = export(encoders[model], "json", tmp_path / "words.json")
    words, matrix = read_json(tmp_path / "words.json")
    ours = encoders[model].vectors
    assert words == ours.words
    assert np.abs(matrix - ours.matrix).max() == pytest.approx(said["max_error"], rel=1e-3)
    assert (np.abs(matrix - ours.matrix).max(axis=1) <= np.abs(ours.matrix).max(axis=1) / 253).all()


@pytest.mark.parametrize("to, model", [("sentence-transformers", "tfidf"), ("model2vec", "word2vec"), ("onnx", "lsa"),
                                       ("word2vec", "tfidf"), ("json", "lda")])  # fmt: skip
def test_what_a_format_cannot_hold_is_refused(encoders, tmp_path, to, model):
    with pytest.raises(HornbookError, match=rf"{model}.*hornbook|{model}.*model2vec"):
        export(encoders[model], to, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_there_stays(encoders, tmp_path):
    (tmp_path / "mine.json").write_text("mine")
    with pytest.raises(HornbookError, match="is there already"):
        export(encoders["word2vec"], "json", tmp_path / "mine.json")
    assert (tmp_path / "mine.json").read_text() == "mine"
    with pytest.raises(HornbookError, match=r'no format "onyx".*onnx'):
        export(encoders["word2vec"], "onyx", tmp_path / "out")


def test_every_format_says_what_it_holds():
    assert all(row.holds and row.write.__doc__ for row in FORMATS.values())
