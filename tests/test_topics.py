"""Topics: coherence by hand, the scikit-learn estimator, and the topics of encoders as words, shares and passages."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from hornbook import HornbookError
from hornbook.fast import lda
from hornbook.reference import topics as reference
from hornbook.reference.lda import BOS, Config
from hornbook.run import TOKENS
from hornbook.topics import LDA, coherence, ends_of, passages_read, perplexity_of, top_words, topics_of, views
from hornbook.training.tokens import read_stream

TEXTS = ["the ship on the sea", "wind and sea and ship", "ship sea wind"]
TEXTS = [*TEXTS, "love of the heart", "heart and tears of love", "the tears and the love"] * 4
BAGS = np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1], [0, 0, 0]])


@parametrize_with_checks([LDA()])
def test_scikit_learn_finds_nothing_wrong(estimator, check):
    check(estimator)


def test_npmi_by_hand():
    """Words 0 and 1 are in 3 and 2 of 4 documents, together in 2: ln (½ / (¾ · ½)) / −ln ½; 1 and 2 never: −1."""
    both = np.log(4 / 3) / np.log(2)
    assert coherence(BAGS, [0, 1]) == pytest.approx(both)
    assert coherence(BAGS, [1, 2]) == -1
    together_0_2 = np.log((1 / 4) / (3 / 4 * 1 / 4)) / np.log(4)
    assert coherence(BAGS, [0, 1, 2]) == pytest.approx((both - 1 + together_0_2) / 3)
    assert coherence(BAGS[:2], [0, 1]) == 1  # in every document
    assert coherence(BAGS, [0]) == 0  # no pair


def test_umass_by_hand():
    """(2 + 1) / 3 of word 1 given 0, (1 + 1) / 3 of 2 given 0, (0 + 1) / 2 of 2 given 1."""
    assert coherence(BAGS, [0, 1], "umass") == pytest.approx(np.log(3 / 3))
    assert coherence(BAGS, [2, 1, 0], "umass") == pytest.approx(np.mean(np.log([3 / 3, 2 / 3, 1 / 2])))
    with pytest.raises(HornbookError, match="umass"):
        coherence(BAGS, [0, 1], "umas")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 2), min_size=4, max_size=4), min_size=1, max_size=9), st.permutations(range(4)))
def test_coherence_has_bounds_and_no_order(rows, order):
    bags = np.array(rows)
    assert -1 - 1e-12 <= coherence(bags, [0, 1, 2, 3]) <= 1 + 1e-12
    assert coherence(bags, order) == pytest.approx(coherence(bags, [0, 1, 2, 3]))
    assert np.isfinite(coherence(bags, order, "umass"))


def test_probabilities_by_hand():
    """β = ½: (1 + ½) / (1 + 1) and ½ / 2; the last word has never been given a topic."""
    p = reference.probabilities(np.array([[1.0, 0, 0], [0, 3, 0]]), 0.5)
    np.testing.assert_allclose(p, [[3 / 4, 1 / 4, 0], [0.5 / 4, 3.5 / 4, 0]])


def test_both_ends_of_a_direction_are_told():
    assert [ids.tolist() for ids in ends_of(np.array([0.1, -0.9, 0.5, 0, -0.2]), 4)] == [[2, 0], [1, 4]]
    assert [ids.tolist() for ids in ends_of(np.array([0.1, 0.5, 0.0, 0.4]), 2)] == [[1, 3]]
    assert [ids.tolist() for ids in ends_of(np.array([0.1, 0.5, 0.0]), 9)] == [[1, 0]]  # nothing for nothing
    assert top_words(np.array([[0.2, 0.8]]), ["a", "b"], 1) == [[("b", 0.8)]]


def test_views_by_hand():
    weights = np.array([[0.9, 0.1, 0.0], [0.0, 0.0, 1.0]])
    vectors = np.array([[1, 0], [0.7, 0.3], [0.2, 0.8], [0.6, 0.4]])
    small, large = views(weights, np.array([0.6, 0.4]), ["a", "b", "c"], BAGS, vectors, 2)
    assert (small.number, small.share, small.words) == (0, 0.6, [("a", 0.9), ("b", 0.1)])
    assert small.coherence == pytest.approx(np.log(4 / 3) / np.log(2))
    assert small.typical == [(0, 1.0), (1, 0.7), (3, 0.6)]
    assert (large.number, large.words, large.coherence) == (1, [("c", 1.0)], 0)
    assert np.isnan(views(weights, np.array([0.6, 0.4]), ["a", "b", "c"])[0].coherence)


def encoder_of(model, network):
    """As much of a TextEncoder as topics need."""
    ids = {word: 5 + number for number, word in enumerate(sorted({w for text in TEXTS for w in text.split()}))}
    words = [*("<PAD>", "<UNK>", "<BOS>", "<EOS>", "<MASK>"), *ids]

    def bags(texts):
        return np.array([np.bincount([ids[word] for word in text.split()], minlength=15) for text in texts])

    if network is None:
        stream = [id_ for text in TEXTS for id_ in (BOS, *(ids[word] for word in text.split()))]
        network = lda.LDA(Config(len(words), 2, sweeps=50), stream)
        for number in range(50):
            network.run_round(number)
    tokenizer = SimpleNamespace(tokens=lambda numbers: [words[id_] for id_ in numbers], vocab_size=len(words))
    return SimpleNamespace(kind=model, network=network, tokenizer=tokenizer, held_out=[], bags=bags,
                           encode=lambda texts: network.encode(bags(texts)))  # fmt: skip


def test_the_topics_of_an_encoder():
    rows = topics_of(encoder_of("lda", None), k=3, texts=TEXTS[:5])
    assert sum(row.share for row in rows) == pytest.approx(1)
    assert rows[0].share >= rows[1].share
    found = [{word for word, _ in row.words} for row in rows]
    assert [len(words & {"sea", "love"}) for words in found] == [1, 1]
    assert all(-1 < row.coherence < 1 for row in rows)
    about_sea = next(row for row in rows if "sea" in dict(row.words))
    assert about_sea.typical[0][0] in (0, 1, 2)
    assert np.isnan(topics_of(encoder_of("lda", None), k=3)[0].coherence)


def test_the_share_of_a_topic_is_that_of_the_words_it_has():
    network = SimpleNamespace(word_topic=np.array([[0, 0], [3, 1], [0, 2], [2, 0]]),
                              word_probabilities=np.array([[0, 0], [0.6, 0.3], [0, 0.7], [0.4, 0]]))  # fmt: skip
    tokenizer = SimpleNamespace(tokens=lambda numbers: list("xabc"), vocab_size=4)
    rows = topics_of(SimpleNamespace(kind="lda", network=network, tokenizer=tokenizer, held_out=[]), k=1)
    assert [(row.number, row.share, row.words[0][0]) for row in rows] == [(0, 5 / 8, "a"), (1, 3 / 8, "b")]


def test_a_word_that_no_document_has_is_left_out_of_coherence():
    bags = np.array([[1, 1, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]])
    assert coherence(bags, [0, 1, 2]) == coherence(bags, [0, 1])
    assert coherence(bags, [0, 2]) == 0  # no pair


def test_words_of_a_run_are_counted_where_it_was_trained(encoders):
    encoder = encoders["lda"]
    read = passages_read(encoder)
    row = topics_of(encoder, k=5)[0]
    ids = [int(encoder.tokenizer.encode(word)[0]) for word, _ in row.words]
    assert read.shape[0] > len(encoder.held_out)
    assert read[:, ids].sum(axis=0).tolist()[0] == encoder.network.word_topic[ids].sum(axis=1).tolist()
    assert row.coherence == pytest.approx(coherence(read, ids))
    assert all(0 <= place < len(encoder.held_out) for place, _ in row.typical)


def test_the_perplexity_of_a_run_is_that_of_the_text_it_held_out(encoders):
    encoder = encoders["lda"]
    held_out = read_stream(encoder.folder / TOKENS["validation"], encoder.tokenizer.vocab_size)
    assert np.log(perplexity_of(encoder)) == pytest.approx(encoder.network.validate(held_out))
    assert 1 < perplexity_of(encoder) < encoder.tokenizer.vocab_size
    assert perplexity_of(encoders["lsa"]) is None


def test_the_directions_of_lsa_have_two_ends():
    params = {"components": np.eye(2, 15) - np.eye(2, 15, 5), "explained_variance_ratio": np.array([0.2, 0.3])}
    network = SimpleNamespace(params=params, encode=lambda bags: bags @ params["components"].T)
    rows = topics_of(encoder_of("lsa", network), k=2, texts=TEXTS)
    assert [row.number for row in rows] == [1, 0]
    assert [weight for _, weight in rows[0].words] == [1, -1]
    with pytest.raises(HornbookError, match="tfidf has no topics"):
        topics_of(encoder_of("tfidf", network))


def test_in_a_pipeline():
    pipeline = make_pipeline(CountVectorizer(stop_words="english"), LDA(2, max_iter=60))
    mixtures = pipeline.fit_transform(TEXTS)
    assert mixtures.shape == (24, 2)
    assert len({mixtures[i].argmax() for i in (0, 1, 2)}) == len({mixtures[i].argmax() for i in (3, 4, 5)}) == 1
    assert mixtures[0].argmax() != mixtures[3].argmax()
    assert pipeline.get_feature_names_out().tolist() == ["lda0", "lda1"]
    np.testing.assert_array_equal(clone(pipeline).fit(TEXTS).transform(TEXTS), mixtures)
    assert pipeline[-1].components_.shape == (2, 7 - 1)
    assert len(pipeline[-1].losses_) == pipeline[-1].n_iter_ == 60


def test_other_seeds_give_other_chains():
    counts = np.random.default_rng(0).poisson(1, (20, 30))
    one, other, again = (LDA(4, max_iter=3, random_state=seed).fit(counts).components_ for seed in (0, 1, 0))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


def test_perplexity_by_hand():
    """One topic: every word has (n + β) / (T + V β), whatever it is given."""
    counts = np.array([[3, 1], [0, 1]])
    estimator = LDA(1, topic_word_prior=0.5, max_iter=2).fit(counts)
    p = (3 + 0.5) / 6, (2 + 0.5) / 6  # scored: the first and third of a a a b, and b
    assert estimator.perplexity(counts) == pytest.approx(np.exp(-(2 * np.log(p[0]) + np.log(p[1])) / 3))


@pytest.mark.parametrize("counts, said", [
    ([[0.5, 1]], "0.5 is no count: LDA gives every single word a topic.*CountVectorizer"),
    ([[1, -2]], "Negative values in data passed to LDA: -2 is no count"),
    ([[1, 0]], "the documents have 1 words in all; 20 topics need"),
    ([[0, 0]], "the documents have 0 words in all"),
])  # fmt: skip
def test_bad_input_is_said(counts, said):
    with pytest.raises(HornbookError, match=said):
        LDA().fit(counts)


def test_what_rounding_leaves_is_no_end_of_a_direction():
    assert [ids.tolist() for ids in ends_of(np.array([-1e-18, 0.5, 0.25]), 4)] == [[1, 2]]
