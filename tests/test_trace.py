"""The trace: names, prefixes, time steps, gradients, and the cost of nobody looking."""

from pathlib import Path

import numpy as np
import pytest

from hornbook.trace import Trace, see, within


def test_see_returns_its_value_and_records_nothing_when_nobody_looks():
    value = object()
    assert see("x", value) is value


def test_a_trace_keeps_names_in_order_with_prefixes_and_places():
    with Trace() as trace:
        see("a", np.array([1.0]))
        with within("layers.0"):
            see("b", 2.0)
            with within("attn"):
                see("q", 3.0)
        see("c", 4.0)
    assert list(trace) == ["a", "layers.0.b", "layers.0.attn.q", "c"]
    assert trace["layers.0.attn.q"] == 3.0
    file, line = trace.made_at["c"]
    assert file == __file__
    assert 'see("c"' in Path(file).read_text(encoding="utf-8").splitlines()[line - 1]


def test_after_the_trace_is_closed_nothing_more_is_recorded():
    with Trace() as trace:
        see("a", 1.0)
    see("b", 2.0)
    assert list(trace) == ["a"]


def test_a_list_is_one_number_per_time_step():
    with Trace() as trace:
        see("hidden", [np.full((2, 3), float(t)) for t in range(4)])
    assert trace["hidden"].shape == (2, 4, 3)
    assert (trace["hidden"][:, 2] == 2.0).all()


def test_two_numbers_cannot_share_a_name():
    with Trace(), pytest.raises(ValueError, match="two numbers are named 'a'"):
        see("a", 1.0)
        see("a", 2.0)


def test_torch_gradients_get_the_names_of_their_numbers():
    torch = pytest.importorskip("torch")
    w = torch.tensor([2.0, 3.0], requires_grad=True)
    with Trace(gradients=True) as trace:
        y = see("y", w * w)
        steps = see("steps", [y * 1.0, y * 2.0])
        loss = see("loss", sum(step.sum() for step in steps))
        loss.backward()
    trace.add_gradients([("w", w)])
    assert trace["grad.y"].tolist() == [3.0, 3.0]
    assert trace["grad.w"].tolist() == [12.0, 18.0]
    assert trace["grad.steps"].shape == (2, 2)
