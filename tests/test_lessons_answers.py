"""Right answers written otherwise than in the notebooks' own solutions: they pass."""

import io
import re
from contextlib import redirect_stdout

import numpy as np
import pytest

from hornbook.lessons.building import script
from hornbook.lessons.checking import judge
from hornbook.lessons.courses import find, find_notebook
from hornbook.lessons.session import watching

torch = pytest.importorskip("torch")


def passes(identity, answer):
    result = judge(find(identity)[0], answer)
    return result.state == "PASS" or f"{result.state}: {result.says} {result.difference} {result.diagnosis}"


class OtherNames(torch.nn.Module):
    """The model of 04.5 with its parts called otherwise, and made in another order."""

    def __init__(self, V, E, H):
        super().__init__()
        self.fc = torch.nn.Linear(H, V)
        self.rnn = torch.nn.LSTM(E, H, batch_first=True)
        self.emb = torch.nn.Embedding(V, E)

    def forward(self, ids, state=None):
        hidden, state = self.rnn(self.emb(ids), state)
        return self.fc(hidden), state


class LinearSubclass(torch.nn.Linear):
    """A layer of the learner's own kind."""


class OwnLayers(OtherNames):
    def __init__(self, V, E, H):
        super().__init__(V, E, H)
        self.fc = LinearSubclass(H, V)


@pytest.mark.parametrize("model", [OtherNames, OwnLayers])
def test_the_parts_of_the_model_may_have_any_name(model):
    assert passes("04.5", model) is True


def test_parts_that_are_called_otherwise_have_their_mistakes_named():
    class Forgetful(OtherNames):
        def forward(self, ids, state=None):
            return super().forward(ids)

    result = judge(find("04.5")[0], Forgetful)
    assert (result.state, result.diagnosis) == ("FAIL", "the state given is not used: hand it to the LSTM")


def by_log_softmax(logits, labels):
    return -logits.log_softmax(-1).gather(-1, labels[..., None]).mean()


def test_the_loss_may_be_written_by_hand_in_torch():
    assert passes("05.2", by_log_softmax) is True


@pytest.mark.parametrize("number", [float, np.float64, lambda loss: loss.detach().numpy().item()])
def test_a_step_may_return_any_kind_of_number(number):
    def step(model, optimizer, features, labels, max_norm):
        loss = by_log_softmax(model(features)[0], labels)
        optimizer.zero_grad(set_to_none=False)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
        return number(loss.detach())

    assert passes("05.5", step) is True


@pytest.mark.parametrize("identity", ["05.2", "05.5"])
def test_nothing_returned_yet_is_to_do(identity):
    assert judge(find(identity)[0], lambda *args: None).state == "TODO"


def test_a_draw_by_chance_of_its_own_is_not_taken_for_the_likeliest():
    exercise = find("06.3")[0]
    said = set()
    for seed in range(200):
        chance = np.random.default_rng(seed)
        said.add(judge(exercise, lambda p, u, chance=chance: int(chance.choice(len(p), p=p))).diagnosis)
    assert said == {""}


@pytest.mark.parametrize("made", [np.array, list, tuple])
def test_an_interval_may_be_any_two_numbers(made):
    def interval(values, chosen):
        return made(np.quantile(values[chosen].mean(axis=1), [0.025, 0.975]))

    assert passes("L8.3", interval) is True


OWN = """class CharLSTM(nn.Module):
    def __init__(self, V, E, H):
        super().__init__()
        self.fc, self.rnn, self.emb = nn.Linear(H, V), nn.LSTM(E, H, batch_first=True), nn.Embedding(V, E)

    def forward(self, ids, state=None):
        hidden, state = self.rnn(self.emb(ids), state)
        return self.fc(hidden), state


"""


@pytest.mark.parametrize("name", ["05", "06", "99"])
def test_the_learners_own_model_goes_on_into_the_later_notebooks(name, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib").use("Agg")
    notebook = find_notebook(name)
    code = re.sub(r"^class CharLSTM.*?\n\n\n(?=\S)", OWN, script(notebook, solved=True), flags=re.DOTALL | re.MULTILINE)
    assert "self.rnn" in code and "self.lstm" not in code
    path, results, made = tmp_path / "own.py", [], {"__name__": "__main__"}
    path.write_text(code, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with watching(results.append), redirect_stdout(io.StringIO()):
        exec(compile(code, str(path), "exec"), made)
    assert {result.state for result in results} == {"PASS"}
    assert hasattr(made["CharLSTM"](5, 3, 4), "rnn")
