"""Files written whole or not at all: a killed process or a full disk leaves the old one."""

import errno
import json
import os
import re
import tempfile
from contextlib import contextmanager
from pathlib import Path

from hornbook.errors import HornbookError


@contextmanager
def written_whole(path):
    """Yield a temporary path beside `path`; move it into place when the block ends well, remove it when it does not.

    Raises HornbookError when the disk is full or the folder cannot be written.
    """
    path = Path(path)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
    try:
        with disk_errors(path):
            yield Path(temporary)
            with open(temporary, "rb") as file:
                os.fsync(file.fileno())
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def write_text(path, text):
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path, value):
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path, newest, cure):
    """A dict written with its "format", of which this hornbook reads up to `newest`; `cure` mends a damaged one.

    Raises HornbookError when the file is broken, or of a newer hornbook.
    """
    path = Path(path)
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        version = value["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise HornbookError(f"{path} is damaged: {error}. {cure}") from error
    if not isinstance(version, int) or version > newest:
        raise HornbookError(
            f"{path.parent} was written by a newer hornbook (format {version}, this one reads up to {newest})."
            " pip install --upgrade hornbook"
        )
    return value


@contextmanager
def disk_errors(path):
    """Turn what the disk says into one line that names the file and what would work."""
    try:
        yield
    except Exception as error:
        number = _number_of(error)
        if number in (errno.ENOSPC, errno.EDQUOT):
            raise HornbookError(
                f"the disk is full: {path} was not written, what was there is untouched."
                " Free some space, or choose another folder with --out."
            ) from error
        if number == errno.EFBIG:
            raise HornbookError(
                f"{path} grew larger than a file may be here; what was there is untouched."
                " Choose another folder with --out."
            ) from error
        if number in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise HornbookError(f"no permission to write {path}. Choose another folder with --out.") from error
        if number in (errno.ENOTDIR, errno.EEXIST):
            raise HornbookError(f"{path} cannot be made: part of that path is a file. Choose another --out.") from error
        if number == errno.EISDIR:
            raise HornbookError(f"{path} cannot be written: it is a folder. Choose another --out.") from error
        raise


def _number_of(error):
    """What the system calls an error, or None; safetensors says it in words: ``… (os error 28)``."""
    if isinstance(error, OSError):
        return error.errno
    said = re.search(r"\(os error (\d+)\)", str(error))
    return int(said[1]) if said else None


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
