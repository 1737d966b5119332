"""Measuring a language model: bits per character on a text, how sure that is, and where it is surprised."""

import math
import time
from dataclasses import dataclass

import numpy as np

from hornbook.errors import HornbookError
from hornbook.reference.losses import bits_per_character, perplexity

PASSAGE = 64  # tokens of a passage shown as most or least surprising


@dataclass(frozen=True)
class Report:
    """What was measured, on how much, and how: every token but the first is scored once."""

    nats_per_token: float
    tokens: int  # scored
    characters: int
    low: float  # 95 % interval of bits per character, by a bootstrap over blocks of the text
    high: float
    context: int  # most tokens a prediction could look back on
    stride: int | None
    seconds: float
    most: list[dict]  # passages the model found most surprising: text, bits per character
    least: list[dict]

    @property
    def bits_per_character(self):
        return bits_per_character(self.nats_per_token, self.tokens, self.characters)

    def numbers(self):
        """The figures as a dict that JSON can hold."""
        return {
            "bits_per_character": self.bits_per_character,
            "interval_95": [self.low, self.high],
            "nats_per_token": self.nats_per_token,
            "perplexity": perplexity(self.nats_per_token),
            "tokens": self.tokens,
            "characters": self.characters,
            "context": self.context,
            "stride": self.stride,
            "seconds": self.seconds,
        }


def evaluate(model, stream, characters=None, stride=None):
    """Score the whole `stream` of ids with `model`. `characters` is the length of the text; decoded where not given,
    each boundary between two documents being one.

    Raises HornbookError for a stream of fewer than two tokens.
    """
    if len(stream) < 2:
        raise HornbookError(f"the text has {len(stream)} tokens; measuring needs at least 2.")
    began = time.perf_counter()
    nats = model.nats(stream, stride).astype(np.float64)
    seconds = time.perf_counter() - began
    if not characters:
        boundaries = np.count_nonzero(stream == model.tokenizer.bos) - 1
        characters = max(1, len(model.tokenizer.decode(stream)) + max(0, boundaries))
    context, default = model.windows or (model.reach, None)
    low, high = _interval(nats, characters)
    most, least = _extremes(model, stream, nats)
    stride = (stride or default) if model.windows else None
    return Report(float(nats.mean()), len(nats), characters, low, high, context, stride, seconds, most, least)


def how_read(context, stride):
    """What a prediction could look back on, in words."""
    if stride is None:
        return f"with at most the {context} token{'s' * (context != 1)} before it"
    return f"in windows of {context} tokens at stride {stride}"


def _interval(nats, characters, blocks=200, draws=1000, seed=0):
    """95 % interval of bits per character: whole blocks of neighbouring tokens are drawn again and again."""
    sums = np.array([block.sum() for block in np.array_split(nats, min(blocks, len(nats)))])
    chosen = np.random.default_rng(seed).integers(len(sums), size=(draws, len(sums)))
    totals = sums[chosen].sum(axis=1) / math.log(2) / characters
    low, high = np.quantile(totals, [0.025, 0.975])
    return float(low), float(high)


def _extremes(model, stream, nats, count=3):
    """The `count` passages with the highest, and the lowest, bits per character."""
    starts = range(0, max(1, len(nats) - PASSAGE + 1), PASSAGE)
    passages = []
    for start in starts:
        inside = slice(start, start + PASSAGE)
        text = model.tokenizer.decode(stream[1:][inside], specials=True)
        if text:
            passages.append(
                {"text": text, "bits_per_character": float(nats[inside].sum() / math.log(2) / _length(text))}
            )
    passages.sort(key=lambda passage: passage["bits_per_character"])
    return passages[::-1][:count], passages[:count]


def _length(text):
    """Characters of a passage, the boundary between two documents being one."""
    return len(text.replace("<BOS>", "|"))
