"""The word vectors that the page carries: a small word2vec of many novels, its commoner words, each number a byte.

python -m hornbook.guide.words [CORPUS] trains it, some minutes, and writes words.json beside this file.
"""

import json
import re
import sys
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hornbook.files import write_text

SETTINGS = {"embedding_dim": 24, "mode": "deterministic"}
MANY = 1000  # words on the page
TASKS = ("men", "analogies")  # of hornbook.word_tasks, with which they are measured
LEFT_OUT = 100  # of the commonest words: they stand beside everything
ASKED = """
king queen man woman prince princess boy girl father mother brother sister husband wife
son daughter uncle aunt lord lady london paris england france english french monday sunday
january june red blue dog cat horse bread wine ship sea
""".split()  # noqa: SIM905 (they read as words); here whatever their rank and capitals, for the page asks about them


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


def make(encoder, texts, corpus):
    """The dict of words.json, of a trained encoder and the texts it has read: rows of length 1 as bytes."""
    from hornbook.export import to_json
    from hornbook.vectors import WordVectors

    words = chosen(texts, encoder.vectors)
    few = Few(WordVectors(words, np.array([encoder.vectors.unit(word) for word in words])))
    with tempfile.TemporaryDirectory() as folder:
        to_json(few, Path(folder) / "words.json")
        found = json.loads((Path(folder) / "words.json").read_text(encoding="utf-8"))
    return found | {"about": about(encoder, texts, corpus, few.vectors)}


class Few(NamedTuple):
    """What an export asks of an encoder: the vectors of its words."""

    vectors: object
    model: str = "word2vec"


def about(encoder, texts, corpus, few):
    """What made the vectors and how good those few are: {task: [figure, cases]} of the word tasks that are here."""
    from hornbook import word_tasks

    settings = ("vocab_size", "embedding_dim", "window", "negative", "epochs", "seed")
    tasks = word_tasks.measure_words(few.words, few.matrix, [one for one in TASKS if one in word_tasks.names_here()])
    figures = {task.name: next(iter(task.figures.values())) for task in tasks}
    return {
        "corpus": corpus, "texts": len(texts), "tokens": int(np.sum(encoder.vectors.counts)), "made": str(date.today()),
        **{name: getattr(encoder.network.config, name) for name in settings},
        "tasks": {name: [round(found.value, 3), found.n] for name, found in figures.items() if found},
    }  # fmt: skip


def main(corpus="novels"):
    from hornbook import sources
    from hornbook.encoder import TextEncoder

    texts, encoder = sources.find(corpus).read(), TextEncoder.train(corpus, "word2vec", settings=SETTINGS)
    write_text(place(), json.dumps(make(encoder, texts, corpus), separators=(",", ":")) + "\n")
    print(f"{place()}: {place().stat().st_size:,} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
