"""The table of names: what it finds, what it refuses, and that runs and docs/names.md hold to it."""

from pathlib import Path

import numpy as np
import pytest

from hornbook import HornbookError, Trace
from hornbook.reference import lstm, names, ngram, rnn, transformer
from hornbook.reference.names import NUMBERS, PARAMETERS, check_shapes, find

MODELS = {
    "transformer": (transformer, {"n_layer": 2, "n_head": 2, "n_embd": 8, "block_size": 6}),
    "rnn": (rnn, {"embedding_dim": 3, "hidden_size": 4, "n_layer": 2}),
    "lstm": (lstm, {"embedding_dim": 3, "hidden_size": 4, "n_layer": 2}),
}
VARIANTS = {
    "transformer": [
        {"positions": "learned", "norm": "layernorm", "norm_place": "micro", "head": "untied", "bias": True},
        {"positions": "learned", "norm": "layernorm", "norm_place": "pre", "kv": "shared", "bias": True},
    ],
    "rnn": [{}],
    "lstm": [{}],
}


def run(model, choices):
    """The trace and the parameters of one pass there and back."""
    module, sizes = MODELS[model]
    config, rng = module.Config(vocab_size=7, **sizes, **choices), np.random.default_rng(0)
    params, ids = module.init(config, rng), rng.integers(0, 7, (2, 6))
    with Trace() as trace:
        module.loss(module.forward(params, ids[:, :-1], config), ids[:, 1:])
        module.backward(params, trace, config)
    return trace, params, config


@pytest.mark.parametrize(
    "name, model, shape",
    [
        ("layers.3.attn.q", "transformer", "B A T K"),
        ("layers.12.mlp.fc1", "transformer", "F D"),
        ("grad.layers.3.attn.pattern", "transformer", "B A T T"),
        ("norm_final.weight", "transformer", "D"),
        ("loss", "rnn", ""),
        ("layers.0.w_x", "lstm", "4H D"),
        ("layers.1.w_x", "lstm", "4H H"),
        ("grad.layers.0.gates.forget", "lstm", "B T H"),
    ],
)
def test_a_concrete_name_has_an_entry(name, model, shape):
    assert find(name, model).shape == shape


def test_a_gradient_says_of_what():
    assert find("grad.layers.3.attn.q", "transformer").formula == "∂loss/∂layers.3.attn.q"


def test_the_same_name_may_mean_something_else_in_another_model():
    assert find("layers.0.hidden", "rnn").formula != find("layers.0.hidden", "lstm").formula


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(HornbookError, match=r'nothing named "layers.0.attn.patern".*"layers.i.attn.pattern"'):
        find("layers.0.attn.patern", "transformer")


def test_shapes_by_hand():
    arrays = {"ids": np.zeros((2, 3)), "embed": np.zeros((2, 3, 4)), "layers.0.w_h": np.zeros((20, 5))}
    assert check_shapes(arrays, "lstm") == {"B": 2, "T": 3, "D": 4, "H": 5}
    with pytest.raises(ValueError, match=r"embed is \(2, 3, 4\); it is declared as \(B, T, D\), here \(2, 3, 8\)"):
        check_shapes(arrays, "lstm", {"D": 8})
    with pytest.raises(ValueError, match="embed is"):
        check_shapes(arrays | {"embed": np.zeros((2, 4, 4))}, "lstm")
    with pytest.raises(ValueError, match="ids is"):
        check_shapes({"ids": np.zeros(3)}, "lstm")


@pytest.mark.parametrize("model", MODELS)
def test_runs_have_the_declared_names_and_shapes(model):
    """Every number of a run is in the table with its shape, and over the variants every row of the table occurs."""
    seen = set()
    for choices in VARIANTS[model]:
        trace, params, config = run(model, choices)
        assert check_shapes(trace, model, config.sizes) == config.sizes | {"B": 2, "T": 5}
        check_shapes(params, model, config.sizes)
        seen |= {name.removeprefix("grad.") for name in [*trace, *params]}
    of_encoders = {"mask", "hidden"}  # tests/test_bidirectional.py has them
    rows = {**NUMBERS[model], **PARAMETERS[model]}.keys() - of_encoders
    assert {".".join("i" if part.isdigit() else part for part in name.split(".")) for name in seen} >= {
        name.replace(".0.", ".i.") for name in rows
    }


@pytest.mark.parametrize("model", MODELS)
def test_shapes_use_only_known_letters_and_every_row_says_something(model):
    for entry in [*NUMBERS[model].values(), *PARAMETERS[model].values()]:
        assert {word[-1] for word in entry.shape.split()} <= set(names.LETTERS)
        assert entry.meaning


def test_the_page_holds_the_table():
    page = Path(__file__).parents[1] / "docs" / "names.md"
    assert page.read_text(encoding="utf-8") == names.page(), "python -m hornbook.reference.names > docs/names.md"


def test_an_ngram_keeps_to_the_table():
    config = ngram.Config(vocab_size=5, order=3)
    params = ngram.train([0, 1, 2, 3, 1, 2, 4, 1, 2, 3], config)
    with Trace() as trace:
        ngram.loss(ngram.forward(params, np.array([[1, 2, 3]]), config), np.array([[2, 3, 1]]))
    sizes = check_shapes(trace, "ngram", {"V": 5})
    assert sizes == {"B": 1, "T": 3, "V": 5}
