"""Settings: what `--set` takes, and what it says of what it cannot take."""

import pytest

from hornbook.errors import HornbookError
from hornbook.reference.lstm import Config
from hornbook.training.settings import Settings, changed, parse


def test_assignments_find_their_home_and_their_type():
    training, model = parse(
        ["max_steps=1_000", "learning-rate=3e-3", "patience=none", "hidden_size=64"], Settings, Config
    )
    assert training == {"max_steps": 1000, "learning_rate": 0.003, "patience": None}
    assert model == {"hidden_size": 64}


@pytest.mark.parametrize(
    "assignment, message",
    [
        ("max_steps", "needs key=value"),
        ("max_step=3", 'no setting "max_step". Did you mean "max_steps"'),
        ("max_steps=many", 'max_steps got "many"; it needs a whole number'),
        ("hidden_size=4.5", 'hidden_size got "4.5"'),
        ("vocab_size=3", "no setting"),
    ],
)
def test_what_cannot_be_set_says_so(assignment, message):
    with pytest.raises(HornbookError, match=message):
        parse([assignment], Settings, Config)


@pytest.mark.parametrize(
    "name, value",
    [
        ("max_steps", 0),
        ("batch_size", -1),
        ("beta1", 1.0),
        ("clip_norm", -0.5),
        ("max_seconds", 0.0),
        ("patience", 0),
        ("warmup", 1.0),
    ],
)
def test_settings_that_make_no_sense_are_refused(name, value):
    with pytest.raises(HornbookError, match=f"{name} is {value}"):
        Settings(**{name: value})


def test_none_changes_nothing():
    assert changed(Settings(), max_steps=None, seed=7) == Settings(seed=7)
