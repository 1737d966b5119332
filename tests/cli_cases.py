"""What the tests of the commands share: a way to run one, and a small run."""

import pytest

from hornbook.cli import main

SMALL = ["--max-steps", "20", "--set", "hidden_size=8", "--set", "sequence_length=12", "--set", "validations=2"]
RHYME = "the cat sat on the mat and the dog sat on the log; " * 40


@pytest.fixture
def hornbook(capsys, monkeypatch, tmp_path):
    """Run a command in an empty folder: (exit code, what it printed, what it said on stderr)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments):
        code = 0
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = stop.code or 0
        return code, *capsys.readouterr()

    return run


@pytest.fixture(scope="module")
def lstm(tmp_path_factory):
    """A run folder of a small LSTM on a rhyme."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "rhyme.txt").write_text(RHYME)
    with pytest.raises(SystemExit) as stop:
        main(["train", str(folder / "rhyme.txt"), "--model", "lstm", "--out", str(folder / "run"), *SMALL, "--quiet"])
    assert not stop.value.code
    return folder / "run"
