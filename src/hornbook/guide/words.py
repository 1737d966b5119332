"""The word vectors that the page carries: a small word2vec of many novels, its commoner words, each number a byte.

python -m hornbook.guide.words [CORPUS] trains it, some minutes, and writes words.json beside this file.
"""

import json
import re
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np

from hornbook.files import write_text

SETTINGS = {"embedding_dim": 24, "mode": "deterministic"}
MANY = 900  # words on the page
LEFT_OUT = 100  # of the commonest words: they stand beside everything
ASKED = tuple(
    "king queen man woman prince princess boy girl father mother brother sister husband wife son daughter uncle aunt"
    " lord lady london paris england france english french monday sunday january june red blue dog cat horse bread"
    " wine ship sea".split()
)  # here whatever their rank and capitals, for the page asks about them


def place():
    return Path(__file__).with_name("words.json")


def load():
    """What `python -m hornbook.guide.words` wrote: hornbook's JSON of word vectors, and "about": what made them."""
    return json.loads(place().read_text(encoding="utf-8"))


def chosen(texts, vectors, many=MANY):
    """The commonest words of `vectors`, in their order: of three letters or more, and mostly written small in `texts`.

    ASKED are among them; the commonest LEFT_OUT are not.
    """
    written = Counter(word for text in texts for word in re.findall(r"[^\W\d_]+", text))
    small = lambda word: written[word] > written[word.capitalize()] + written[word.upper()]
    asked = [word for word in ASKED if vectors.row(word) is not None]
    common = (word for word in vectors.words[LEFT_OUT:] if word.isalpha() and len(word) > 2 and word not in ASKED)
    found = [word for word, _ in zip(filter(small, common), range(many - len(asked)))]
    return sorted([*asked, *found], key=vectors.row)


def make(encoder, texts):
    """The dict of words.json, of a trained encoder and the texts it has read: rows of length 1 as bytes."""
    import tempfile

    from hornbook.export import export
    from hornbook.vectors import WordVectors

    words = chosen(texts, encoder.vectors)
    unit = np.array([encoder.vectors.unit(word) for word in words], np.float32)
    encoder_of_few = _Few(WordVectors(words, unit))
    with tempfile.TemporaryDirectory() as folder:
        export(encoder_of_few, "json", Path(folder) / "words.json")
        found = json.loads((Path(folder) / "words.json").read_text(encoding="utf-8"))
    counts = [encoder.vectors.count(word) for word in words]
    return found | {"counts": counts}


class _Few:
    """What `export` asks of an encoder: the vectors of its words."""

    model = "word2vec"

    def __init__(self, vectors):
        self.vectors = vectors


def main(corpus="novels"):
    from hornbook import sources
    from hornbook.encoder import TextEncoder

    texts = sources.find(corpus).read()
    encoder = TextEncoder.train(corpus, "word2vec", settings=SETTINGS)
    config = encoder.network.config
    about = {
        "corpus": corpus, "texts": len(texts), "words": int(np.sum(encoder.vectors.counts)), "made": str(date.today()),
        **{name: getattr(config, name) for name in ("vocab_size", "embedding_dim", "window", "negative", "epochs", "seed")},
    }  # fmt: skip
    write_text(place(), json.dumps(make(encoder, texts) | {"about": about}, separators=(",", ":")) + "\n")
    print(f"{place()}: {place().stat().st_size:,} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
