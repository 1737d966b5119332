"""Files: whole or not at all, and what the disk says in words a person can use."""

import errno
import json
import os
import resource
import signal
import subprocess
import sys

import numpy as np
import pytest

from hornbook.errors import HornbookError
from hornbook.files import disk_errors, write_json, write_text, written_whole


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def old(tmp_path):
    """A file with something in it, alone in its folder."""
    path = tmp_path / "run" / "model"
    write_text(path, "old")  # makes the folder as well
    return path


def test_what_is_written_is_there_and_nothing_else(old):
    write_text(old, "nëw\n")
    assert old.read_text(encoding="utf-8") == "nëw\n"
    write_json(old, {"a": "ö", "b": [1, 2.5, None]})
    assert json.loads(old.read_text(encoding="utf-8")) == {"a": "ö", "b": [1, 2.5, None]}
    assert "ö" in old.read_text(encoding="utf-8")
    assert names(old.parent) == ["model"]


def test_a_file_has_the_permissions_of_any_other(old):
    other = old.parent / "other"
    other.touch()
    assert old.stat().st_mode == other.stat().st_mode
    before = os.umask(0o077)
    try:
        write_text(old, "mine")
    finally:
        os.umask(before)
    assert old.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("error", [ValueError("odd"), KeyboardInterrupt(), OSError(errno.EIO, "input/output error")])
def test_what_fails_leaves_the_old_content_and_the_error_as_it_is(old, error):
    with pytest.raises(type(error)) as caught, written_whole(old) as temporary:
        temporary.write_text("half")
        assert old.read_text() == "old"
        raise error
    assert caught.value is error
    assert (old.read_text(), names(old.parent)) == ("old", ["model"])


class SafetensorError(Exception):
    """As safetensors tells of the disk: no OSError, and the number in words."""


@pytest.mark.parametrize(
    "number, message",
    [
        (errno.ENOSPC, r"the disk is full: .*model was not written, what was there is untouched.*--out"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EFBIG, r"model grew larger than a file may be here; what was there is untouched.*--out"),
        (errno.EACCES, r"no permission to write .*model. Choose another folder with --out"),
        (errno.EPERM, "no permission to write"),
        (errno.EROFS, "no permission to write"),
        (errno.ENOTDIR, "part of that path is a file"),
        (errno.EEXIST, "part of that path is a file"),
        (errno.EISDIR, "it is a folder"),
    ],
)
@pytest.mark.parametrize("place", ["in the block", "as safetensors", "at the end"])
def test_what_the_disk_says_is_said_and_leaves_the_old_content(old, number, message, place, monkeypatch):
    error = OSError(number, os.strerror(number))

    def fail(*_):
        raise error

    if place == "as safetensors":
        error = SafetensorError(f"Error while serializing: I/O error: {os.strerror(number)} (os error {number})")
    if place == "at the end":
        monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(HornbookError, match=message) as caught, written_whole(old) as temporary:
        temporary.write_text("half")
        if place != "at the end":
            fail()
    assert caught.value.__cause__ is error
    assert (old.read_text(), names(old.parent)) == ("old", ["model"])


def test_weights_that_the_disk_does_not_take_leave_the_old_ones(old):
    numpy = pytest.importorskip("safetensors.numpy")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(HornbookError, match="grew larger"), written_whole(old) as temporary:
            numpy.save_file({"wte": np.zeros(100_000)}, temporary)
        with pytest.raises(HornbookError, match="grew larger"):
            write_text(old, "x" * 200_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (old.read_text(), names(old.parent)) == ("old", ["model"])


def test_a_path_through_a_file_and_a_path_that_is_a_folder(old):
    with pytest.raises(HornbookError, match="part of that path is a file"):
        write_text(old / "below", "x")
    with pytest.raises(HornbookError, match="part of that path is a file"):
        write_text(old / "far" / "below", "x")
    with pytest.raises(HornbookError, match="it is a folder"):
        write_text(old.parent, "x")
    assert (old.read_text(), names(old.parent), names(old.parent.parent)) == ("old", ["model"], ["run"])


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_may_not_be_written(old):
    old.parent.chmod(0o500)
    try:
        with pytest.raises(HornbookError, match="no permission to write"):
            write_text(old, "x")
    finally:
        old.parent.chmod(0o700)
    assert old.read_text() == "old"


def test_errors_that_are_not_the_disks_pass():
    with pytest.raises(KeyError), disk_errors("model"):
        raise KeyError("wte")
    with pytest.raises(FileNotFoundError), disk_errors("model"):
        raise FileNotFoundError(errno.ENOENT, "no such file")


def test_a_process_killed_while_it_writes_leaves_the_old_content(old):
    code = (
        "import os, signal, sys\nfrom hornbook.files import written_whole\n"
        "with written_whole(sys.argv[1]) as temporary:\n"
        "    temporary.write_text('half')\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(old)], timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert old.read_text() == "old"
    assert all(name == "model" or name.startswith(".model.") for name in names(old.parent))
