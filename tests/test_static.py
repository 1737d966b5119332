"""Static encoders: by hand, as laws, WordPiece against `tokenizers`, PCA against scikit-learn."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from hornbook import HornbookError, TextEncoder
from hornbook.bert_tokenizer import from_vocabulary
from hornbook.fast import static as fast
from hornbook.fast import wordpiece
from hornbook.reference import sif, static
from hornbook.reference import wordpiece as slow
from hornbook.static import Source, distill
from hornbook.tokenizer import Tokenizer

SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PIECES = ["the", "cat", "##s", "un", "##hap", "##py", "e", "##e", "##n", "o", "'", "!", "中", "ᄒ", "##ᅡ", "##ᆫ", "s"]
ODD = "aAeéÉnñ sSşŞıİ!’'中文한\u0301\u0308\u3000\u00a0\u200b\ufffd\x00\t\n\u302e\U0001d7d8😀ßẞΣς[]#"

ANY = st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=["Cs"]))


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer(from_vocabulary(SPECIALS + PIECES, {}))


@pytest.fixture(scope="module")
def reader(tokenizer):
    return fast.Reader(tokenizer)


def made(tokenizer, D=6, seed=0):
    """A static TextEncoder with random numbers."""
    rng, V = np.random.default_rng(seed), tokenizer.vocab_size
    encoder = TextEncoder("static")
    wte, weights = rng.normal(size=(V, D)), rng.uniform(0.1, 1, V)
    encoder.network = fast.Static(static.Config(V, D), wte.astype(np.float32), weights.astype(np.float32))
    encoder.tokenizer, encoder.about = tokenizer, {"model": "static"}
    return encoder


# -- by hand ----------------------------------------------------------------------------------------------------------


def test_zipf_by_hand():
    """Places 1 and 2 have 1/2 and 1/3, of 5/6: p = 0.6 and 0.4; a = 0.6 gives a half and 0.6."""
    assert static.zipf_weights(np.array([7, 0, 1]), a=0.6) == pytest.approx([0.5, 1.0, 0.6])


def test_principal_by_hand():
    """Points on the line (3, 4) lie at −5, 0 and 5 of it, whatever their mean, the largest number positive."""
    points = np.array([[-3.0, -4.0], [0.0, 0.0], [3.0, 4.0]]) + 7
    assert abs(static.principal(points, 1)[:, 0]) == pytest.approx([5, 0, 5])
    skewed = np.array([[0.0, 0.0], [3.0, 4.0], [-9.0, -12.0]])
    assert static.principal(skewed, 1)[:, 0].max() == pytest.approx(35 / 3)


def test_the_mean_of_two_words_by_hand(tokenizer):
    encoder = made(tokenizer)
    rows = encoder.network.vectors * encoder.network.weights[:, None]
    the, cat, s = map(tokenizer.id_of, ("the", "cat", "##s"))
    expected = (2 * rows[the] + rows[cat] + rows[s]) / 4
    assert encoder.encode(["The cats, THE zebra"])[0] == pytest.approx(expected, abs=1e-6)
    assert not encoder.encode(["", "zebra", " "]).any()


def test_out_of_the_rows_is_out_of_the_texts():
    rng = np.random.default_rng(1)
    wte, u, bags = rng.normal(size=(9, 4)), rng.normal(size=4), rng.integers(0, 3, (5, 9))
    u /= np.linalg.norm(u)
    weights = rng.uniform(size=9)
    texts = static.encode(bags, static.without(u, wte), weights)
    assert texts == pytest.approx(sif.encode(bags, wte, weights, u), abs=1e-12)


# -- WordPiece --------------------------------------------------------------------------------------------------------


def expected_ids(tokenizer, texts):
    return [one.ids for one in tokenizer.backend.encode_batch_fast(texts, add_special_tokens=False)]


def split(ids, ends):
    return [part.tolist() for part in np.split(ids, ends[:-1])] if len(ends) else []


@settings(max_examples=80, deadline=None)
@given(texts=st.lists(st.text(ANY, max_size=25), min_size=1, max_size=6))
def test_ids_are_those_of_tokenizers(tokenizer, reader, texts):
    assert split(*reader.read(texts)) == expected_ids(tokenizer, texts)


def test_every_character_alone_is_as_in_tokenizers(tokenizer, reader):
    texts = [f"e{chr(code)}s" for code in range(0x3100) if not 0xD800 <= code < 0xE000]
    assert split(*reader.read(texts)) == expected_ids(tokenizer, texts)


@pytest.mark.parametrize("cased", [False, True])
def test_with_and_without_case(cased):
    tokenizer = Tokenizer(from_vocabulary(SPECIALS + PIECES, {"do_lower_case": not cased}))
    texts = ["The cats SAT", "éé É", "ee EE", "ab\u0301"]
    assert split(*fast.Reader(tokenizer).read(texts)) == expected_ids(tokenizer, texts)


def test_long_words_repeated_ones_and_marks(tokenizer, reader):
    texts = ["e" * n for n in (1, 15, 16, 17, 100, 101, 500)] + ["é" * 100, "é" * 101, "e!e!!e", "unhappy " * 40]
    for _ in range(2):  # the second time from the cache
        assert split(*reader.read(texts)) == expected_ids(tokenizer, texts)


def test_ids_are_those_of_the_reference():
    text = "the cats unhappy! zebra seen"
    tokenizer = Tokenizer.train([text], "wordpiece")
    pieces = tokenizer.tokens(fast.Reader(tokenizer).read([text])[0])
    assert pieces == slow.encode(text, set(tokenizer.tokens(range(tokenizer.vocab_size))))


def test_words_that_fall_into_one_row_of_the_cache(tokenizer):
    rng = np.random.default_rng(0)
    texts = [" ".join("".join(rng.choice(list("ensoa"), 8)) for _ in range(20)) for _ in range(2000)]
    assert split(*fast.Reader(tokenizer).read(texts)) == expected_ids(tokenizer, texts)


def test_words_that_differ_in_one_byte(tokenizer, reader):
    texts = [word for n in range(1, 18) for word in ("e" * n, "e" * (n - 1) + "a", "e" * (n - 1) + "n")]
    for _ in range(2):  # the second time from the cache
        assert split(*reader.read(texts)) == expected_ids(tokenizer, texts)


def test_kept_marks_that_change_places_are_left_to_tokenizers():
    """U+302E (class 224) comes behind U+1D165 (class 216) when a text is normalised, and neither is taken out."""
    spelt = "e\U0001d165\u302e"
    tokenizer = Tokenizer(from_vocabulary([*SPECIALS, *PIECES, spelt], {}))
    texts = ["the cat", "e\u302e\U0001d165", spelt, "", "cats e\u302e\U0001d165 the"]
    found = split(*fast.Reader(tokenizer).read(texts))
    assert found == expected_ids(tokenizer, texts) and found[1] == [tokenizer.id_of(spelt)]


def test_half_characters_are_read_as_unknown_ones(tokenizer, reader):
    assert split(*reader.read(["e \ud800 s", "the"])) == expected_ids(tokenizer, ["e \ufffd s", "the"])
    assert [len(part) for part in reader.read([])] == [0, 0]


@pytest.mark.parametrize("kind", ["terms", "words", "bpe", "wordpiece"])
def test_any_tokenizer_is_read_as_it_reads(kind):
    texts = ["the cat sat on the mat's edge", "", "Ünï, the dog — sat!"]
    tokenizer = Tokenizer.train(texts * 3, kind, min_count=1)
    found = split(*fast.Reader(tokenizer).read(texts))
    assert found == [tokenizer.encode(text).tolist() for text in texts]


def test_others_are_left_to_tokenizers():
    state = json.loads(Tokenizer.train(["a b"], "wordpiece").backend.to_str())
    assert wordpiece.treats(state)
    assert not wordpiece.treats(state | {"normalizer": {"type": "NFKC"}})
    assert not wordpiece.treats(state | {"added_tokens": [{"special": False}]})


# -- laws -------------------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.text(ODD, max_size=20), min_size=1, max_size=8), data=st.data())
def test_a_list_is_its_parts(tokenizer, texts, data):
    encoder = made(tokenizer)
    whole, cut = encoder.encode(texts), data.draw(st.integers(0, len(texts)))
    parts = [encoder.encode(part) for part in (texts[:cut], texts[cut:]) if part]
    assert np.array_equal(whole, np.concatenate(parts))
    assert np.array_equal(encoder.encode(texts[::-1]), whole[::-1])
    assert np.array_equal(np.concatenate(list(encoder.encode_stream(iter(texts)))), whole)


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.text(ODD, max_size=30), min_size=1, max_size=5))
def test_one_pass_is_the_product_of_bags_is_the_reference(tokenizer, texts):
    encoder = made(tokenizer)
    bags, network = encoder.bags(texts), encoder.network
    assert encoder.encode(texts) == pytest.approx(network.encode(bags), abs=1e-6)
    exact = static.encode(sparse.csr_matrix(bags).toarray(), network.vectors.astype(float), network.weights)
    assert network.encode(bags) == pytest.approx(exact, abs=1e-6)


def test_pca_is_that_of_scikit_learn_up_to_signs():
    from sklearn.decomposition import PCA

    vectors = np.random.default_rng(0).normal(size=(40, 12)) * np.arange(1, 13)
    theirs = PCA(5).fit_transform(vectors)
    ours = static.principal(vectors, 5)
    assert abs(ours) == pytest.approx(abs(theirs), abs=1e-10)
    assert (ours.max(axis=0) == abs(ours).max(axis=0)).all()


# -- runs -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def of_words(encoders, tmp_path_factory):
    return distill(encoders["word2vec"].folder, tmp_path_factory.mktemp("static") / "run")


def test_word2vec_loses_nothing(encoders, of_words):
    texts = [*of_words.held_out, "", "zzzz", "Don't – don't"]
    assert of_words.held_out == encoders["word2vec"].held_out
    assert of_words.encode(texts) == pytest.approx(encoders["word2vec"].encode(texts), abs=1e-6)
    assert "validation" in of_words.about["results"]
    assert "Half-match" in (of_words.folder / "README.md").read_text(encoding="utf-8")


def test_a_run_is_loaded_saved_and_used(of_words, tmp_path):
    loaded = TextEncoder.load(of_words.folder)
    loaded.save(tmp_path / "copy")
    texts = of_words.held_out[:5]
    assert np.array_equal(TextEncoder.load(tmp_path / "copy").encode(texts), of_words.encode(texts))
    assert len(loaded.vectors) and loaded.scores(texts, texts).shape == (len(texts), len(texts))


def test_words_of_a_text_are_read_by_any_encoder(encoders, prose, tmp_path):
    found = distill(encoders["lsa"].folder, tmp_path / "run", prose, "words", {"embedding_dim": 4})
    assert found.network.config.weighting == "sif" and found.encode(["the class"]).shape == (1, 4)
    assert found.about["distilled"]["variance_kept"] <= 1 and found.network.counts[found.tokenizer.id_of("the")] > 9
    assert not found.network.vectors[found.tokenizer.special_ids].any()


def test_a_transformer_says_each_token_alone(tmp_path):
    pytest.importorskip("torch")
    from hornbook import bert_format
    from hornbook.fast.encode import Encoder, Group, Reading
    from hornbook.reference.transformer import init
    from hornbook.reference.transformer_config import BERT, Config

    tokenizer = Tokenizer(from_vocabulary(SPECIALS + PIECES, {}))
    config = Config(tokenizer.vocab_size, 1, 2, 8, 12, **BERT)
    params = {name: value.astype(np.float32) for name, value in init(config, np.random.default_rng(0)).items()}
    bert_format.save(tmp_path / "bert", config, params, tokenizer, bert_format.About("mean", True, 12, tmp_path))
    found = distill(tmp_path / "bert", tmp_path / "run", settings={"embedding_dim": 5})
    assert found.network.config.weighting == "zipf" and "unmeasured" in found.about["results"]
    words = ["the", "cat", "un", "e", "!", "中"]
    network = TextEncoder.load(tmp_path / "bert").network
    rounded = Source(TextEncoder.load(tmp_path / "bert", "bfloat16"))
    assert rounded.reader.reading.precision == "float32"
    lengthy = Encoder(config, network.parameters, tokenizer, Reading("mean", normalize=False))
    everything = [tokenizer.id_of(piece) for piece in PIECES]
    alone = np.stack([lengthy.read(np.array([2, id_, 3]), [Group(0, 1, 3)])[0] for id_ in everything])
    assert alone[[PIECES.index(word) for word in words]] == pytest.approx(lengthy.encode(words), abs=1e-5)
    cosines = np.corrcoef(np.ravel(distances(static.principal(alone.astype(float), 5))),
                          np.ravel(distances(found.network.vectors[everything])))  # fmt: skip
    assert cosines[0, 1] == pytest.approx(1, abs=1e-6)


def distances(points):
    return np.linalg.norm(points[:, None] - points[None], axis=-1)


@pytest.mark.parametrize(
    "choices, said",
    [
        ({"vocabulary": "wordz"}, "no vocabulary"),
        ({"settings": {"weighting": "siff"}}, "no weighting"),
        ({"vocabulary": "words"}, "name one with --corpus"),
        ({"settings": {"embedding_dim": 3}}, "keeps its own vectors.*leave out embedding_dim"),
        ({"settings": {"a": 0}}, "must be greater than 0"),
    ],
)
def test_what_cannot_work_leaves_no_folder(encoders, tmp_path, choices, said):
    with pytest.raises(HornbookError, match=said):
        distill(encoders["word2vec"].folder, tmp_path / "run", **choices)
    assert not (tmp_path / "run").exists()


def test_what_has_no_tokens_of_its_own_says_so(encoders, tmp_path, prose):
    with pytest.raises(HornbookError, match="lsa has no tokens"):
        distill(encoders["lsa"].folder, tmp_path / "run")
    with pytest.raises(HornbookError, match="directions"):
        distill(encoders["lsa"].folder, tmp_path / "run", prose, "words", {"embedding_dim": 400})


def test_it_is_distilled_not_trained(prose, tmp_path):
    with pytest.raises(HornbookError, match="hornbook distill"):
        TextEncoder.train(prose, "static", tmp_path / "run")
    with pytest.raises(HornbookError, match="hornbook distill"):
        TextEncoder("static").fit(["a b"])


@pytest.mark.parametrize("setting", [{"a": 0}, {"embedding_dim": 0}, {"weighting": "none"}])
def test_settings_are_checked(setting):
    with pytest.raises(HornbookError):
        static.Config(10, **setting)
