"""Words never seen, by their pieces: in texts, with the weight of a word never seen, and among the vectors of words."""

import numpy as np
import pytest

from hornbook import TextEncoder, subwords
from hornbook.corpus import Corpus
from hornbook.explain_pair import explain_pair
from hornbook.measure import measure

RHYME = "the cats sat on the mat and the dogs sat on the log while a dog and a cat looked at the sun. "
SETTINGS = {"subwords": "bpe", "epochs": 2, "embedding_dim": 16}
TEXTS = ["The dogcats, the dogcats sat.", "catlog", "the cats sat on the mat", "", "!?", "half of \ud800 a catss"]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("subwords") / "run"
    return TextEncoder.train(Corpus("rhyme", [RHYME * 100]), "word2vec", folder, SETTINGS)


def by_hand(encoder, text):
    """Σ weight · vector over the words, by their number, without the direction."""
    words, vectors = subwords.words_of(text), encoder.vectors
    weights = [encoder.network.weights[encoder.tokenizer.id_of(word)] if word in vectors else 1 for word in words]
    mean = np.mean([weight * vectors.vector(word).astype(float) for word, weight in zip(words, weights)], axis=0)
    return mean - mean @ encoder.network.direction * encoder.network.direction


def test_a_text_has_its_unknown_words_with_the_weight_of_words_never_seen(encoder):
    found = encoder.encode(TEXTS)
    for row in (0, 1, 2):
        np.testing.assert_allclose(found[row], by_hand(encoder, TEXTS[row]), atol=1e-6)
    assert found.dtype == np.float32 and not found[3:5].any()
    assert not np.allclose(found[0], encoder.encode(["The the sat."])[0], atol=1e-3)
    np.testing.assert_array_equal(found, np.concatenate([encoder.encode([text]) for text in TEXTS]))
    np.testing.assert_array_equal(found[2], encoder.network.encode(encoder.bags(TEXTS[2:3]))[0])


def test_a_word_is_made_of_the_mean_of_its_pieces(encoder):
    pieces = encoder.pieces.encode(" dogcats")
    assert len(pieces) > 1
    expected = encoder.network.tables["pieces"][pieces].mean(axis=0)
    np.testing.assert_allclose(encoder.vectors.vector("DogCats"), expected, atol=1e-6)
    assert encoder.vectors.pieces("two words") is None and encoder.vectors.pieces("?!") is None


def test_the_terms_of_unknown_words_are_in_the_sum(encoder):
    pair = explain_pair(encoder, TEXTS[0], "a catss sat")
    assert {"dogcats", "catss"} <= {word for word, _ in pair.words}
    assert pair.similarity == pytest.approx(float(encoder.similarity(TEXTS[:1], ["a catss sat"])[0, 0]), abs=1e-6)
    for terms in (pair.words, pair.dimensions):
        assert sum(value for _, value in terms) == pytest.approx(pair.similarity, abs=1e-6)


def test_word_tasks_know_them(encoder, tmp_path):
    (tmp_path / "own.txt").write_text("cats dogcats 5\ncats sun 2\ncatlog sun 1\n? cats 4\n")
    measured = measure(encoder, [], [tmp_path / "own.txt"])
    assert measured.words[0].numbers()["Spearman"]["n"] == 3 and measured.words[0].composed == 2
    assert any("2 words of own" in note for note in measured.notes)


def test_they_are_kept_when_it_is_saved(encoder, tmp_path):
    encoder.save(tmp_path / "again")
    again = TextEncoder.load(tmp_path / "again")
    np.testing.assert_array_equal(again.encode(TEXTS), encoder.encode(TEXTS))
    np.testing.assert_array_equal(again.vectors.vector("dogcats"), encoder.vectors.vector("dogcats"))


def test_an_estimator_has_them_until_it_is_fitted_anew(tmp_path):
    made = TextEncoder("word2vec", SETTINGS).fit([RHYME] * 20)
    assert made.encode(["catlog"]).any()
    made.save(tmp_path / "run")
    np.testing.assert_array_equal(TextEncoder.load(tmp_path / "run").encode(TEXTS), made.encode(TEXTS))
    made.set_params(settings={**SETTINGS, "subwords": "none"}).fit([RHYME] * 20)
    assert made.pieces is None and not made.encode(["catlog"]).any()
