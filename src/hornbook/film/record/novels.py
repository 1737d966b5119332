"""The word vectors of a hundred novels that hornbook carries: 24 numbers for each of a thousand words."""

import hashlib
from functools import cache

from hornbook.export import read_json
from hornbook.film.record.runs import COMMAND
from hornbook.guide import words
from hornbook.vectors import WordVectors


@cache
def vectors():
    """The `WordVectors`, from the file of the guide."""
    return WordVectors(*read_json(words.place()))


def run(keep):
    """Tell what made them, once; the name of the run. The hash is that of the file of vectors, as they are given."""
    made = words.load()["about"]
    settings = {name: made[name] for name in ("vocab_size", "embedding_dim", "window", "negative", "epochs")}
    settings |= {"texts": made["texts"], "tokens": made["tokens"], "words kept": len(vectors())}
    sha256 = hashlib.sha256(words.place().read_bytes()).hexdigest()
    return keep.run("novels", {
        "corpus": made["corpus"], "sha256": sha256, "model": "word2vec", "settings": settings, "seed": made["seed"],
        "steps": 0, "command": f"python -m hornbook.guide.words, then {COMMAND}",
    })  # fmt: skip
