"""The run folder: whose it is, what may be removed, what its config and its log say."""

import json

import pytest

from hornbook import run as files
from hornbook.errors import HornbookError

WRITTEN = (files.CONFIG, files.MODEL, files.CHECKPOINT, files.LOG, files.CARD, files.CURVE, files.TOKENIZER)


@pytest.fixture
def taken(tmp_path):
    """A folder with a run in it, and a note that is not the run's."""
    folder = tmp_path / "runs" / "taken"
    files.claim(folder)
    for name in (*WRITTEN, *files.TOKENS.values()):
        (folder / name).write_text("{}")
    files.write_config(folder, model="lstm")
    (folder / "notes.txt").write_text("mine")
    return folder


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_a_new_or_empty_folder_can_be_claimed(tmp_path):
    folder = tmp_path / "a" / "b"
    assert files.claim(folder) == files.claim(str(folder)) == folder
    assert names(folder) == set()


def test_a_run_is_claimed_only_to_overwrite_it_and_other_files_stay(taken):
    before = names(taken)
    with pytest.raises(HornbookError, match=r"already holds a run. --overwrite .* --out .* --resume"):
        files.claim(taken)
    assert names(taken) == before
    files.claim(taken, overwrite=True)
    assert names(taken) == {"notes.txt"}


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("name", ["notes.txt", files.CARD, files.TOKENIZER + "x"])
def test_a_folder_of_someone_elses_is_never_touched(tmp_path, overwrite, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(HornbookError, match="is not empty and holds no run"):
        files.claim(tmp_path, overwrite)
    assert (tmp_path / name).read_text() == "mine"


def test_a_run_killed_before_it_had_a_config_can_be_started_anew(tmp_path):
    for name in (files.TOKENIZER, files.TOKENS["train"], f".{files.TOKENS['test']}.x1y2"):
        (tmp_path / name).write_text("begun")
    with pytest.raises(HornbookError, match="holds no run"):
        files.claim(tmp_path)
    files.claim(tmp_path, overwrite=True)
    assert names(tmp_path) == set()


def test_a_folder_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(HornbookError, match="part of that path is a file"):
            files.claim(folder)


def test_the_config_comes_back(tmp_path):
    files.write_config(tmp_path, model="gpt", corpus={"name": "Œuvres"})
    config = files.read_config(str(tmp_path))
    assert config.pop("hornbook")
    assert config == {"format": files.FORMAT, "model": "gpt", "corpus": {"name": "Œuvres"}}


@pytest.mark.parametrize(
    "text, message",
    [
        ("{", "is damaged"),
        ("", "is damaged"),
        ("[1]", "is damaged"),
        ('"text"', "is damaged"),
        ('{"model": "gpt"}', "is damaged: 'format'"),
        (json.dumps({"format": files.FORMAT + 1}), "a newer hornbook.*pip install --upgrade"),
        ('{"format": "two"}', "a newer hornbook"),
    ],
)
def test_a_config_that_cannot_be_read_says_what_to_do(tmp_path, text, message):
    (tmp_path / files.CONFIG).write_text(text)
    with pytest.raises(HornbookError, match=message):
        files.read_config(tmp_path)


def test_bytes_that_are_no_text_are_damage(tmp_path):
    (tmp_path / files.CONFIG).write_bytes(b"\xff\xfe{}")
    with pytest.raises(HornbookError, match="is damaged"):
        files.read_config(tmp_path)


def test_a_missing_run_names_those_beside_it(taken, tmp_path, monkeypatch):
    with pytest.raises(HornbookError, match=f"there is no run .*tken. There is: .*{taken.name}"):
        files.read_config(taken.with_name("tken"))
    with pytest.raises(HornbookError, match=r"is not a run: it has no config.json"):
        files.read_config(tmp_path)
    (tmp_path / "vectors.txt").write_text("1 2\na 0 1\n")
    with pytest.raises(HornbookError, match=r"vectors.txt is a file; a run is a folder.*hornbook neighbours"):
        files.read_config(tmp_path / "vectors.txt")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(HornbookError, match=r"There is: runs/taken\."):
        files.read_config("elsewhere/tken")
    (tmp_path / "empty").mkdir()
    with pytest.raises(HornbookError, match="`hornbook train` makes one"):
        files.read_config(tmp_path / "empty" / "run")


def test_the_log_is_read_up_to_where_a_kill_cut_it(tmp_path):
    assert files.read_log(tmp_path) == []
    lines = [{"step": step, "loss": 1 / step} for step in (1, 2, 3)]
    whole = "".join(json.dumps(line) + "\n" for line in lines)
    for cut in range(len(whole) + 1):
        (tmp_path / files.LOG).write_text(whole[:cut])
        ended = whole[: cut + 1].count("\n") if cut < len(whole) else 3  # a line without its end is whole already
        assert files.read_log(tmp_path) == lines[:ended]


@pytest.mark.parametrize(
    "corpus, folder",
    [
        ("frankenstein", "frankenstein-lstm"),
        ("texts/my book.txt", "my book-lstm"),
        ("texts/", "texts-lstm"),
        ("-", "stdin-lstm"),
        ("texts/*.txt", "texts-lstm"),
        ("texts/**/part[12].txt", "texts-lstm"),
        (".", "here-lstm"),
        ("texts/..", "here-lstm"),
    ],
)
def test_the_default_folder_is_named_after_the_text(corpus, folder, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert files.default_folder(corpus, "lstm").as_posix() == f"runs/{folder}"


def test_the_default_folder_is_never_one_that_is_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("pydoc-rnn", "pydoc-rnn-2", "pydoc-rnn-3"):
        folder = files.default_folder("pydoc", "rnn")
        assert folder.name == name
        folder.mkdir(parents=True)


def test_nothing_behind_a_damaged_line_of_the_log_is_believed(tmp_path):
    (tmp_path / files.LOG).write_text('{"step": 1}\n{"step": 2, "lo\n{"step": 3}\n')
    assert files.read_log(tmp_path) == [{"step": 1}]
