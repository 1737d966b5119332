"""The budget: bytes counted by hand for a toy, how they grow, what is said of them, threads and precision by table."""

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.errors import HornbookError
from hornbook.trainer import Trainer
from hornbook.training import settings as chosen
from hornbook.training.settings import Settings, choose_precision

torch = pytest.importorskip("torch")
budget = pytest.importorskip("hornbook.training.budget")

D, H, V, T = 5, 7, 3, 11


class Toy(torch.nn.Module):
    """Two linear layers and a tanh. Autograd keeps the input of each layer; that of the second is the tanh's result."""

    def __init__(self):
        super().__init__()
        self.first, self.second = torch.nn.Linear(D, H), torch.nn.Linear(H, V, bias=False)

    def forward(self, ids, state=None):
        return self.second(torch.tanh(self.first(torch.ones(*ids.shape, D)))), None


@pytest.mark.parametrize("optimizer, state", [("sgd", 0), ("momentum", 1), ("adam", 2), ("adamw", 2), ("muon", 2)])
def test_bytes_by_hand(optimizer, state, monkeypatch):
    monkeypatch.setattr(budget, "_resident", lambda: 1000)
    found = budget.budget(Toy(), Settings(optimizer=optimizer), T)
    weights = D * H + H + H * V
    assert found.parameters == weights
    assert found.fixed == 1000 + 4 * weights * (2 + state)  # the weight, its gradient, what the optimizer remembers
    kept = T * D + T * H  # the weights themselves are kept by nobody but the model
    assert found.per_window == round(1.4 * 4 * (kept + 3 * T * V))


def test_a_longer_window_keeps_more_in_proportion(monkeypatch):
    monkeypatch.setattr(budget, "_resident", lambda: 0)
    short, long = (budget.budget(Toy(), Settings(), length) for length in (T, 10 * T))
    assert long.fixed == short.fixed
    assert long.per_window == pytest.approx(10 * short.per_window, abs=10)


sizes = st.integers(0, 10**12)


@given(sizes, st.integers(1, 10**9), st.integers(1, 10**4), sizes)
def test_laws(fixed, per_window, batch, memory):
    found = budget.Budget(1, fixed, per_window)
    assert found.needs(2 * batch) - found.needs(batch) == per_window * batch
    assert found.needs(0) == fixed
    fits = found.fits(memory)
    assert found.needs(fits + 1) > memory
    assert fits == 0 or found.needs(fits) <= memory


@pytest.mark.parametrize(
    "batch, sentence",
    [
        (20, "this needs about 1.2 GB; --batch-size 10 would need 700 MB"),
        (61, "this needs about 3.2 GB; --batch-size 30 would need 1.7 GB"),
        (4, "this needs about 400 MB"),
        (1, "this needs about 250 MB"),
    ],
)
def test_the_sentence(batch, sentence):
    assert budget.Budget(1, 200_000_000, 50_000_000).sentence(batch) == sentence


def test_a_smaller_batch_is_told_only_where_it_helps():
    assert budget.Budget(1, 2_400_000_000, 1_000_000).sentence(36) == "this needs about 2.4 GB"


def test_one_window_cannot_be_halved():
    assert budget.Budget(1, 1_950_000_000, 50_000_000).sentence(1) == "this needs about 2.0 GB"


@pytest.mark.parametrize(
    "parameters, tokens, cores, load, threads",
    [
        (10_000, 1_000, 8, 0.0, 1),  # 6e7: too little to share
        (1_000_000, 3_333, 8, 0.0, 1),  # just under 2e10
        (1_000_000, 3_334, 8, 0.0, 8),  # just over
        (10_000_000, 4_096, 8, 5.2, 3),  # others are at work
        (10_000_000, 4_096, 8, 0.4, 8),
        (10_000_000, 4_096, 2, 9.0, 1),  # at least one
        (10_000_000, 4_096, 1, 0.0, 1),
    ],
)
def test_threads(parameters, tokens, cores, load, threads, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 50.0, 50.0))
    assert budget.choose_threads(parameters, tokens) == threads


def test_threads_where_the_system_says_little(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.delattr(os, "getloadavg", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert budget.choose_threads(10**9, 10**6) == 6
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert budget.choose_threads(10**9, 10**6) == 1


def says(text):
    """Stands for `open`: a file that says this, or none at all."""

    def opened(path):
        if text is None:
            raise FileNotFoundError(path)
        return io.StringIO(text)

    return opened


@pytest.mark.parametrize(
    "text, memory",
    [("MemFree: 7 kB\nMemAvailable:   12345 kB\n", 12345 * 1024), ("MemFree: 7 kB\n", None), (None, None)],
)
def test_memory_here(text, memory, monkeypatch):
    monkeypatch.setattr(budget, "open", says(text), raising=False)
    assert budget.memory_here() == memory


# -- what does not fit ----------------------------------------------------------------------------------------------

SMALL = {"hidden_size": 8, "sequence_length": 12, "batch_size": 9, "max_steps": 2}


@pytest.fixture
def needed(rhyme, tmp_path, monkeypatch):
    """The budget of a small run, which no longer changes with what the process holds."""
    monkeypatch.setattr(budget, "_resident", lambda: 10**6)
    monkeypatch.setattr(budget, "memory_here", lambda: None)  # where the machine does not say, nothing is refused
    return Trainer(rhyme, "lstm", settings=SMALL).begin(tmp_path / "first").job.budget


@pytest.mark.parametrize("fits", [1, 2, 8])
def test_a_run_larger_than_memory_is_refused_with_a_batch_size_that_fits(needed, fits, rhyme, tmp_path, monkeypatch):
    monkeypatch.setattr(budget, "memory_here", lambda: needed.needs(fits + 1) - 1)
    with pytest.raises(HornbookError, match=rf"this needs about .* GB free: --batch-size {fits} would fit"):
        Trainer(rhyme, "lstm", settings=SMALL).begin(tmp_path / "run")
    assert not (tmp_path / "run").exists()
    Trainer(rhyme, "lstm", settings=SMALL | {"batch_size": fits}).begin(tmp_path / "run")


def test_where_no_window_fits_a_smaller_model_is_asked_for(needed, rhyme, tmp_path, monkeypatch):
    monkeypatch.setattr(budget, "memory_here", lambda: needed.fixed)
    with pytest.raises(HornbookError, match="not even one window fits; choose a smaller model"):
        Trainer(rhyme, "lstm", settings=SMALL).begin(tmp_path / "run")


def test_exactly_what_is_needed_is_enough(needed, rhyme, tmp_path, monkeypatch):
    monkeypatch.setattr(budget, "memory_here", lambda: needed.needs(9))
    Trainer(rhyme, "lstm", settings=SMALL).begin(tmp_path / "run")


# -- precision ------------------------------------------------------------------------------------------------------

WITH, WITHOUT = "model name: x\nflags : fpu amx_bf16 sse\n", "flags : fpu avx512f bf16ish\n"


@pytest.mark.parametrize(
    "word, processor, precision",
    [
        ("auto", WITH, "bfloat16"),
        ("auto", "flags : avx512_bf16\n", "bfloat16"),
        ("auto", WITHOUT, "float32"),
        ("auto", "Features : asimd\n", "float32"),
        ("auto", None, "float32"),
        ("float32", WITH, "float32"),
        ("float32", WITHOUT, "float32"),
        ("bfloat16", WITH, "bfloat16"),
    ],
)
def test_precision(word, processor, precision, monkeypatch):
    monkeypatch.setattr(chosen, "open", says(processor), raising=False)
    assert choose_precision(word) == precision


@pytest.mark.parametrize("processor", [WITHOUT, None])
def test_bfloat16_in_vain_is_refused(processor, monkeypatch):
    monkeypatch.setattr(chosen, "open", says(processor), raising=False)
    with pytest.raises(HornbookError, match="--set precision=float32 would work"):
        choose_precision("bfloat16")
