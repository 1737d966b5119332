"""What the section "From characters to meaning" is given: three vocabularies, word vectors, and Python lines."""

import inspect
import platform
from functools import cache
from itertools import chain

from hornbook.guide import words
from hornbook.reference import bpe, distances, wordpiece

CORPUS = "pydoc"  # inside every Python: no network, and no file that may be missing
SIZES = {"characters": None, "bpe": 800, "wordpiece": 800}  # of the vocabularies, specials included
SHOWN = {"bpe": (bpe.encode,), "wordpiece": (wordpiece.cut,), "distances": (distances.cosine, distances.unit)}


@cache
def texts():
    from hornbook import sources

    return sources.SOURCES[CORPUS].read()


@cache
def tokenizers():
    """{kind: Tokenizer} of SIZES, learnt from CORPUS."""
    from hornbook.tokenizer import Tokenizer

    return {kind: Tokenizer.train(texts(), kind=kind, vocab_size=size) for kind, size in SIZES.items()}


@cache
def data():
    """What the page needs to cut as `tokenizers()` do, and the words with their vectors.

    Specials come first in all three; characters and pieces follow in order of id, in bpe the 256 bytes, and then what
    each pair of `merges` makes.
    """
    from hornbook.tokenizer import SPECIALS

    found = tokenizers()
    after = lambda kind: found[kind].tokens(range(len(SPECIALS), found[kind].vocab_size))
    return {
        "specials": SPECIALS,
        "characters": "".join(after("characters")),
        "merges": list(chain.from_iterable((left, right) for left, right, _ in found["bpe"].merges)),
        "pieces": " ".join(after("wordpiece")),
        "corpus": f"the help texts inside Python {platform.python_version()}, {sum(map(len, texts())):,} characters",
        "vectors": vectors(),
        "sources": {module: _lines(functions) for module, functions in SHOWN.items()},
    }


def vectors():
    """The words and rows of words.json. Their scales stay behind: a cosine is that of the bytes."""
    kept = words.load()
    return {name: kept[name] for name in ("rows", "dimensions", "about")} | {"words": " ".join(kept["words"])}


def _lines(functions):
    """{"lines": {number − 1: text}, "parts": {name: [first, last]}} of some functions of a file."""
    lines, parts = {}, {}
    for function in functions:
        texts_, first = inspect.getsourcelines(function)
        lines |= {str(first - 1 + i): text.rstrip() for i, text in enumerate(texts_)}
        parts[function.__name__] = [first, first + len(texts_) - 1]
    return {"lines": lines, "parts": parts}
