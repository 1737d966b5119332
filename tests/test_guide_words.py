"""The page's tokenizers and word vectors under Node: the same ids, cosines and analogies as Python's."""

import base64
import json
import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hornbook.guide import meaning, words
from hornbook.tokenizer_kinds import assemble_terms
from hornbook.vectors import WordVectors
from test_guide_engine import NODE, node

pytestmark = pytest.mark.skipif(NODE is None, reason="there is no node to run the page's JavaScript")
TEXTS = [
    "The king loves unbelievable tokenization.", "", " ", "  two  blanks\n\n\tand tabs \r\n",
    "don't I'll we've 'tis it's'",
    "naïve café ÀÉ ß 東京 🙂👍🏽 \ud800 x",
    "x = [1, 2.50]; y_1 += f(x)**2  # ½ ²",
    "Ω\u00a0\u2003\u3000e\u0301\u0085a\ufeffb\x1cc",
    "a" * 101 + " " + "b" * 100, "<BOS> <UNK> [CLS] ##ing Ġthe", "¿qué? “quoted” – dash… it’s O'Neil's",
]  # fmt: skip
ASKED = ["king", "london", "red", "mother"]
ANALOGIES = [["king", "man", "woman"], ["paris", "france", "england"], ["boy", "king", "queen"]]
FLOAT = {"rtol": 0, "atol": 1e-12}  # sums of 24 products in another order


def seen(texts=(), asked=ASKED, analogies=ANALOGIES):
    return node("meaning.mjs", {"data": meaning.data(), "texts": texts, "asked": asked, "analogies": analogies})


@pytest.fixture(scope="module")
def vectors():
    kept = words.load()
    rows = np.frombuffer(base64.b64decode(kept["rows"]), np.int8).reshape(-1, kept["dimensions"])
    return WordVectors(kept["words"], rows)


def same_ids(texts, found):
    for kind, tokenizer in meaning.tokenizers().items():
        assert found["sizes"][kind] == tokenizer.vocab_size
        for text, tokens in zip(texts, found["cut"][kind]):
            assert [token["id"] for token in tokens] == tokenizer.encode(text).tolist(), (kind, text)


def test_texts_are_cut_as_python_cuts_them():
    found = seen(TEXTS)
    same_ids(TEXTS, found)
    bpe = meaning.tokenizers()["bpe"]
    for text, tokens in zip(TEXTS[:6], found["cut"]["bpe"]):
        assert [token["text"] for token in tokens] == bpe.tokens(bpe.encode(text))


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.text(max_size=40), min_size=40, max_size=60))
def test_any_text_is_cut_as_python_cuts_it(texts):
    same_ids(texts, seen(texts, [], []))


def test_every_help_text_is_cut_as_python_cuts_it():
    texts = meaning.texts()[:40]
    same_ids(texts, seen(texts, [], []))


def test_whole_words_are_the_rows_of_the_vectors(vectors):
    backend = assemble_terms({"<UNK>": len(vectors), **{word: row for row, word in enumerate(vectors.words)}})
    for text, tokens in zip(TEXTS[:5], seen(TEXTS[:5])["cut"]["terms"]):
        expected = backend.encode(text).ids
        assert [len(vectors) if token["id"] is None else token["id"] for token in tokens] == expected


def test_neighbours_and_analogies_are_those_of_python(vectors):
    found = seen()
    np.testing.assert_allclose(found["units"], [vectors.unit(word) for word in ASKED], **FLOAT)
    for word, near in zip(ASKED, found["neighbours"]):
        expected = vectors.neighbours(word)
        assert [one["word"] for one in near] == [word for word, _ in expected]
        np.testing.assert_allclose([one["cosine"] for one in near], [cosine for _, cosine in expected], **FLOAT)
    for (a, b, c), answer in zip(ANALOGIES, found["analogies"]):
        expected = vectors.analogy([a, c], [b], k=5)
        assert [one["word"] for one in answer["candidates"]] == [one.word for one in expected.candidates]
        parts = [[part["part"] for part in one["parts"]] for one in answer["candidates"]]
        expected_parts = [one.parts for one in expected.candidates]  # of a length in float32
        np.testing.assert_allclose(parts, expected_parts, rtol=0, atol=1e-6)
        np.testing.assert_allclose([one["cosine"] for one in answer["candidates"]], np.sum(parts, axis=1), **FLOAT)
        assert answer["unrestricted"]["word"] == expected.unrestricted[0]


def test_a_table_begins_with_the_numbers_that_python_draws():
    rng = random.Random(42)
    np.testing.assert_allclose(seen()["drawn"], [rng.gauss(0, 0.08) for _ in range(40)], rtol=1e-15)


def test_the_data_is_small_and_says_what_made_it():
    data = meaning.data()
    assert len(json.dumps(data)) < 60_000
    assert len(json.dumps({name: data[name] for name in ("characters", "merges", "pieces")})) < 25_000
    kept = words.load()
    assert set(words.ASKED) <= set(kept["words"]) and len(kept["words"]) == len(set(kept["words"])) == words.MANY
    assert {"corpus", "tokens", "made", "seed", "tasks"} <= set(kept["about"])
    merges = [made for _, _, made in meaning.tokenizers()["bpe"].merges]
    assert merges == list(range(len(data["specials"]) + 256, len(data["specials"]) + 256 + len(merges)))


def test_words_are_chosen_by_how_common_they_are_and_how_they_are_written():
    vectors = WordVectors([f"common{i}" for i in range(words.LEFT_OUT)] + ["adam", "table", "of", "king", "door"],
                          np.eye(words.LEFT_OUT + 5))  # fmt: skip
    assert words.chosen(["Adam Adam adam. Table table table of door"], vectors, many=3) == ["table", "king", "door"]
