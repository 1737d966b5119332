"""What an encoder is set beside: counted words, BM25 and averaged word vectors, fitted on the same text."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from hornbook import bags
from hornbook import run as files
from hornbook.encoder import TextEncoder
from hornbook.encoder_trainer import settle
from hornbook.errors import HornbookError
from hornbook.models import configure, kind_of
from hornbook.passages import WORDS
from hornbook.reference.bootstrap import difference, figure
from hornbook.training.tokens import read_stream

USUAL = ("tfidf", "bm25", "word2vec")
COUNTED = ("counts", "tfidf", "bm25")
TOP = (*COUNTED, "word2vec")
BELOW = {"counts": (), "normalized": ("counts",), "tfidf": ("counts",), "bm25": ("counts", "tfidf"),
         "mlm": TOP, "contrastive": TOP, "static": TOP}  # fmt: skip
MOST_TOKENS = 20_000_000  # whose bags take about a gigabyte; word vectors are trained on a text of any length
MOST_READ = 2_000_000  # tokens that word vectors read as a yardstick, a short text again and again: some seconds


class Cases(NamedTuple):
    """What a figure is of: `given` (n,), one number a case, and what else `statistic` takes, before it."""

    statistic: Callable
    given: np.ndarray
    shared: tuple = ()

    @property
    def value(self):
        return float(self.statistic(*self.shared, self.given))

    def figure(self):
        return figure(self.statistic, *self.shared, self.given)

    def gain(self, other):
        """By how much the value is above that of `other`, of the same cases: the `Figure` of a paired bootstrap."""
        return difference(self.statistic, self.given, other.given, *self.shared)


def of_texts(name, texts):
    """The encoder `name` fitted on `texts` themselves: the words it knows are those that are asked for."""
    words = sum(len(text.split()) for text in texts)
    return TextEncoder(name, {"epochs": _epochs(words)} if name == "word2vec" else None).fit(texts)


def has_text(encoder):
    """Whether the tokens that `encoder` was trained on lie in its folder."""
    folder = getattr(encoder, "folder", None)
    return bool(folder) and (folder / files.TOKENS["train"]).exists()


def of_run(name, encoder):
    """The encoder `name`, fitted on the same tokens that `encoder` was trained on.

    Of a long text on the first of them: MOST_TOKENS for what counts words, MOST_READ for word vectors.
    """
    tokenizer, kind = encoder.tokenizer, kind_of(name)
    stream = _stream(encoder)
    other = TextEncoder(name)
    if name == "word2vec":
        other.network = _word_vectors(kind, stream[:MOST_READ], tokenizer)
    else:
        words = (
            encoder.about.get("settings", {}).get("passage", WORDS)
            if kind_of(encoder.kind).reads == "documents"
            else None
        )
        found = bags.of_stream(stream[:MOST_TOKENS], tokenizer, words)
        other.network = kind.fast.fit(found, configure(name, tokenizer))
    other.tokenizer, other.about = tokenizer, {}
    return other


def fitted(names, encoder, texts=None, folders=None):
    """(name -> encoder, name -> why there is none): on the tokens of `encoder`, or on `texts` where those are given.

    `folders`: name -> one that is finished already, which is loaded.
    """
    made, left_out = {}, {}
    for name in names:
        try:
            if name in (folders or {}):
                made[name] = TextEncoder.load(folders[name])
            else:
                made[name] = of_run(name, encoder) if texts is None else of_texts(name, texts)
        except HornbookError as error:
            left_out[name] = str(error)
    return made, left_out


def parts_read(encoder, names):
    """What is to be said of yardsticks that `of_run` fits on the beginning of a long text, a sentence each."""
    read = len(_stream(encoder))
    for name in names:
        most = MOST_READ if name == "word2vec" else MOST_TOKENS
        if read > most:
            yield f"{name} is fitted on the first {most:,} of its {read:,} tokens."


def _stream(encoder):
    return read_stream(encoder.folder / files.TOKENS["train"], encoder.tokenizer.vocab_size)


def _word_vectors(kind, stream, tokenizer):
    network = kind.fast(configure("word2vec", tokenizer, overrides={"epochs": _epochs(len(stream))}), stream)
    for number in range(network.n_rounds):
        network.run_round(number)
    settle(network, stream, tokenizer, WORDS)
    return network


def _epochs(words):
    return max(1, min(50, MOST_READ // max(1, words)))
