"""TextEncoder: every rung behind one class, its folder, and scikit-learn's pipelines."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from hornbook import bags
from hornbook.encoder import TextEncoder
from hornbook.errors import HornbookError
from hornbook.language_model import LanguageModel
from hornbook.models import ENCODERS
from hornbook.tokenizer import Tokenizer

TEXTS = ["the value of an object", "a class statement is executed", "zzz qqq", "", "the value of an object"]
COUNTED = ("counts", "normalized", "tfidf", "bm25")


def dense(rows):
    return rows.toarray() if sparse.issparse(rows) else np.asarray(rows)


@pytest.mark.parametrize("model", ENCODERS)
def test_a_text_has_the_same_vector_whatever_is_beside_it(model, encoders):
    encoder = encoders[model]
    together = dense(encoder.encode(TEXTS))
    alone = np.concatenate([dense(encoder.encode([text])) for text in TEXTS])
    assert together.dtype == np.float32
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_array_equal(together[0], together[4])
    assert np.abs(together[0]).sum() > 0
    assert dense(encoder.encode([])).shape == (0, together.shape[1])


@pytest.mark.parametrize("model", [m for m, kind in ENCODERS.items() if m != "lda" and not kind.needs_torch])
def test_what_has_no_known_word_is_zero(model, encoders):
    vectors = dense(encoders[model].encode(TEXTS))
    assert not vectors[2].any()
    assert not vectors[3].any()
    assert not encoders[model].scores(TEXTS[2:4], TEXTS).any()


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
    assert TextEncoder(model, settings).get_params() == {"model": model, "settings": settings}


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
