"""Explaining a run: small traces by hand, the law that every entry is its trace, and real models told whole."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from rich.console import Console

import hornbook
from hornbook import HornbookError, Trace, see
from hornbook.explain import (
    Explanation,
    distance,
    embedding_gradient,
    explanation,
    optimiser_step,
    to_html,
    to_json,
    to_terminal,
)
from hornbook.reference import lstm, ngram, transformer
from hornbook.reference.gradient_flow import gradient_norms

PACKAGE = Path(hornbook.__file__).parent
TEXT = "the cat sat on the mat"
LETTERS = sorted({*TEXT, *"<xyz>"})
IDS = np.array([[LETTERS.index(letter) for letter in TEXT]])
LABELS = {"T": list(TEXT[:-1]), "V": LETTERS}

some_numbers = st.sampled_from([0.0, 1.5, -2e-9, 3e7, np.nan, np.inf, -np.inf]) | st.floats(-9, 9)
shapes = array_shapes(min_dims=0, max_dims=4, max_side=6).filter(lambda shape: np.prod(shape) < 200)


def run(model, config, backward=True):
    params = model.init(config, np.random.default_rng(0))
    with Trace() as trace:
        model.loss(model.forward(params, IDS[:, :-1], config), IDS[:, 1:])
        grads = model.backward(params, trace, config) if backward else {}
    return trace, params, grads


def gpt(**choices):
    return run(transformer, transformer.Config(len(LETTERS), n_layer=2, n_head=2, n_embd=8, block_size=32, **choices))


def printed(entries, width=100):
    console = Console(width=width, no_color=True)
    with console.capture() as caught:
        console.print(entries)
    return caught.get()


def test_an_entry_by_hand():
    with Trace() as trace:
        see("embed", np.array([[[0.5, -1.0], [0.25, 0.0]]]))
    (entry,) = explanation(trace, "transformer")
    assert entry.pop("made_at").startswith(f"{Path(__file__)}:")
    assert entry == {
        "kind": "number",
        "name": "embed",
        "family": "embedding",
        "formula": "wte[ids]",
        "meaning": "the row of wte that belongs to each token",
        "letters": ["B", "T", "D"],
        "shape": [1, 2, 2],
        "values": [[[0.5, -1.0], [0.25, 0.0]]],
    }


@pytest.mark.parametrize("model", ["transformer", "an unknown model"])
def test_a_number_that_no_table_knows_is_told_without_a_formula(model):
    with Trace() as trace:
        see("mystery.number", np.array([1.0]))
    (entry,) = explanation(trace, model)
    assert (entry["formula"], entry["letters"], entry["values"]) == ("", [], [1.0])
    assert "mystery.number" in printed(explanation(trace, model))


@settings(max_examples=50, deadline=None)
@given(st.lists(arrays(np.float64, shapes, elements=some_numbers, fill=st.just(0.25)), max_size=4))
def test_entries_are_the_trace_and_survive_json(values):
    with Trace() as trace:
        for i, array in enumerate(values):
            see(f"layers.{i}.number", array)
    entries = json.loads(to_json(explanation(trace, "rnn")), parse_constant=pytest.fail)["entries"]
    assert [entry["name"] for entry in entries] == list(trace)
    for entry in entries:
        np.testing.assert_array_equal(np.array(entry["values"], dtype=float), trace[entry["name"]])
        assert tuple(entry["shape"]) == trace[entry["name"]].shape


@pytest.mark.parametrize("told", [
    lambda: (gpt(), "transformer"),
    lambda: (gpt(kv="shared", positions="learned", norm_place="micro", head="untied"), "transformer"),
    lambda: (run(lstm, lstm.Config(len(LETTERS), embedding_dim=4, hidden_size=6, n_layer=2)), "lstm"),
])  # fmt: skip
def test_a_whole_model_is_told_in_order(told):
    (trace, _, _), model = told()
    entries = explanation(trace, model, LABELS)
    told_numbers = [entry for entry in entries if entry["kind"] == "number"]
    assert [entry["name"] for entry in told_numbers] == list(trace)
    for entry in told_numbers:
        np.testing.assert_array_equal(entry["values"], trace[entry["name"]])
        assert len(entry["letters"]) == len(entry["shape"])
        assert entry["meaning"], entry["name"]
        file, line = entry["made_at"].split(":")
        assert "see(" in (PACKAGE / file).read_text().splitlines()[int(line) - 1]
    text, page = printed(entries), to_html(entries)
    for entry in told_numbers:
        assert entry["name"] in text and entry["name"] in page
        assert entry["formula"] in text
    assert (
        text.index("layers.0.")
        < text.index("layers.1.")
        < text.index("what came next")
        < text.index("backward, layer 1")
    )


def test_counting_is_told_too():
    config = ngram.Config(len(LETTERS), 3)
    with Trace() as trace:
        ngram.loss(ngram.forward(ngram.train(IDS[0], config), IDS[:, :-1], config), IDS[:, 1:])
    text = printed(explanation(trace, "ngram", LABELS))
    assert "order 2" in text and "orders.2.backoff" in text and "what came next" in text


def test_what_came_next_by_hand():
    """After token 0 came 1, with p = 0.3: 2 was likelier with 0.5."""
    with Trace() as trace:
        see("ids", np.array([[0]]))
        see("targets", np.array([[1]]))
        see("logprobs", np.log([[[0.2, 0.3, 0.5]]]))
        see("loss", np.array(-np.log(0.3)))
    entries = explanation(trace, "transformer", {"V": ["a", " ", "\n"]}, precision=3)
    (row,) = entries[-1]["rows"]
    assert row == {"at": 0, "token": 0, "came": 1, "probability": 0.3, "rank": 2,
                   "likeliest": [[2, 0.5], [1, 0.3], [0, 0.2]]}  # fmt: skip
    assert " ".join(printed(entries).splitlines()[-2].split()) == "a ␣ 0.300 2 ↵ 0.500 ␣ 0.300 a 0.200"


def test_precision_is_in_figures():
    with Trace() as trace:
        see("loss", np.array([1.23456, -2.34567e-9, np.nan, np.inf]))
        see("ids", np.array([123456]))
    loss, ids = explanation(trace, "rnn", precision=3)
    assert loss["values"] == [1.23, -2.35e-9, "NaN", "Infinity"]
    assert ids["values"] == [123456]


def test_only_the_rows_of_the_text_receive_a_gradient():
    trace, _, grads = gpt(head="untied")
    entry = embedding_gradient(trace)
    used = set(IDS[0, :-1].tolist())
    assert {row["row"] for row in entry["rows"]} == used
    assert entry["through_text"] == entry["with_gradient"] == len(used)
    for row in entry["rows"]:
        assert row["norm"] == pytest.approx(np.linalg.norm(grads["wte"][row["row"]]), rel=1e-12)
        assert row["times"] == TEXT[:-1].count(LETTERS[row["row"]])
    assert not grads["wte"][sorted(set(range(len(LETTERS))) - used)].any()
    entries = explanation(trace, "transformer", LABELS)
    entries.append(entry)
    text = printed(entries, 200)
    for said in (f"{len(used)} of {len(LETTERS)} rows of wte receive a gradient",
                 f"the other {len(LETTERS) - len(used)} receive exactly 0"):  # fmt: skip
        assert said in text and said in to_html(entries)


def test_a_tied_head_reaches_every_row_and_that_is_said():
    trace, _, _ = gpt(head="tied")
    entry = embedding_gradient(trace)
    assert entry["through_text"] == len(set(TEXT[:-1]))
    assert entry["with_gradient"] == len(LETTERS)
    assert f"through the logits, {len(LETTERS)} rows receive one" in "\n".join(
        str(part) for part in to_terminal([entry])
    )


def test_no_backward_pass_is_said():
    trace, _, _ = run(transformer, transformer.Config(len(LETTERS), n_layer=1, n_head=1, n_embd=4), backward=False)
    with pytest.raises(HornbookError, match="after a backward pass"):
        embedding_gradient(trace)


def test_a_step_by_hand():
    before = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]])
    after = before + np.array([[0, 0], [0.3, -0.4], [0, 0], [0, 1e-9]])
    entry = optimiser_step(before, after, [[1, 1]], precision=6)
    assert (entry["moved"], entry["still"]) == (2, 2)  # however little, and in one of its numbers only
    assert entry["rows"] == [
        {"row": 1, "in_text": True, "before": [3.0, 4.0], "after": [3.3, 3.6], "moved": 0.5},
        {"row": 0, "in_text": False, "before": [1.0, 2.0], "after": [1.0, 2.0], "moved": 0.0},
    ]
    lines = printed(Explanation([entry]))
    assert "2 of 4 rows of wte have moved; 2 have not" in lines
    assert "0 (not in the text)" in lines
    assert [line.split()[1:] for line in lines.splitlines() if "change" in line] == [["0.300", "-0.400"], ["0", "0"]]


def test_a_long_text_is_folded_and_says_so():
    entry = optimiser_step(np.zeros((40, 2)), np.ones((40, 2)), range(39))
    lines = printed(Explanation([entry]), 80).splitlines()
    assert sum("before" in line for line in lines) == 11 and any(line.split() == ["…"] for line in lines)
    assert any("39 (not in the text)" in line for line in lines)


def test_the_line_that_made_a_number_is_never_cut_off():
    for line in printed(explanation(gpt()[0], "transformer"), 60).splitlines():
        assert "reference/" not in line or line.rstrip()[-1].isdigit()


def test_distances_by_hand():
    entry = distance({"layers.0.hidden": np.array([1.0, 0.1, 0.0, np.nan])})
    assert entry["norms"] == {"layers.0.hidden": [1.0, 0.1, 0.0, "NaN"]}
    rows = [line.split() for line in printed([*to_terminal([entry])][2]).splitlines()[1:]]
    assert rows[0][:3] == ["layers.0.hidden", "0", "1.00e+00"]
    assert len(rows[0][3]) == 2 * len(rows[1][2]) == 32  # a tenth, between 1 and the decade below the least
    assert rows[2:] == [["2", "0.00e+00"], ["3", "nan"]]


def test_the_reach_of_a_real_lstm_is_told():
    config = lstm.Config(len(LETTERS), embedding_dim=4, hidden_size=6)
    params = lstm.init(config, np.random.default_rng(0))
    entry = distance(gradient_norms(lstm, params, IDS[:, :-1], IDS[:, -1], config))
    text = "\n".join(printed(part) for part in to_terminal([entry]))
    assert "layers.0.cell" in text and "█" in text
    assert json.loads(to_json([entry]))["entries"] == [entry]


def test_html_escapes_the_text():
    with Trace() as trace:
        see("embed", np.ones((1, 2, 1)))
    entries = explanation(trace, "rnn", {"T": ["<script>", "&"]})
    for page in (to_html(entries, title="<title>"), entries._repr_html_()):
        assert "<script>" not in page and "&lt;script&gt;" in page and "<th>&amp;</th>" in page
    page = to_html(entries, title="<i>")
    assert page.startswith("<!doctype html>") and "<title>&lt;i&gt;</title>" in page and "<i>" not in page
    assert "<!doctype" not in entries._repr_html_()


def test_the_page_needs_no_other_file():
    page = to_html(explanation(gpt()[0], "transformer", LABELS))
    assert not any(word in page for word in ("http", "src=", "href=", "@import", "url("))


def test_what_is_not_finite_is_shown():
    with Trace() as trace:
        see("logits", np.array([[1.0, np.nan, -np.inf]]))
    entries = explanation(trace, "rnn")
    assert "nan" in printed(entries) and "-inf" in printed(entries)
    assert '<td class="broken">nan</td>' in to_html(entries)
