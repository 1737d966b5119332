"""Generation: read a prompt, then draw one token after another, each with its probability and its rivals."""

import codecs
from dataclasses import dataclass

import numpy as np

from hornbook.reference.sampling import draw, probabilities


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen: softmax of logits / temperature, then the filters. Temperature 0 is greedy."""

    temperature: float = 1.0
    top_k: int | None = None  # only the k likeliest
    top_p: float | None = None  # only the likeliest that together reach p (nucleus sampling)
    min_p: float | None = None  # only those at least min_p times as likely as the likeliest

    def of(self, logits):
        """Scores (V,) -> the probabilities (V,) that are drawn from. HornbookError for a choice that makes no sense."""
        return probabilities(logits, self.temperature, self.top_k, self.top_p, self.min_p)


@dataclass(frozen=True)
class Drawn:
    """One token as it was drawn: `probability` is of the distribution drawn from, `u` the uniform number that chose."""

    token: int
    text: str  # what it adds to the text; "" while the bytes of a character are still incomplete
    probability: float
    u: float
    rivals: list[tuple[str, float]]  # the likeliest tokens, itself among them


class Reader:
    """Feeds tokens to a network one by one and keeps its state: a key-value cache, a hidden state, the last few tokens.

    A network with a block of limited size starts again from the last half block when the block is full, so every token
    is drawn with at least half a block of context and each token is read about twice.
    """

    def __init__(self, model):
        self.model, self.ids, self.state, self.held = model, [], None, 0

    def read(self, ids):
        """Read `ids` and return the logits (V,) of what comes next."""
        self.ids.extend(int(i) for i in ids)
        fresh, block = list(ids), self.model.block_size
        if block and self.held + len(fresh) > block:
            keep = max(1, block // 2)
            fresh, self.state, self.held = self.ids[-keep:], None, 0
        logits, self.state = self.model.logits(np.array([fresh]), self.state)
        self.held += len(fresh)
        return logits[0, -1]


def continuation(model, prompt, sampling, characters, seed, rivals=5):
    """Draw tokens after `prompt` until `characters` are written or the document ends; yields Drawn, one a token.

    The document ends at <BOS>, which is never written; the other specials are never drawn. Unseen characters of the
    prompt go to <UNK>, or raise HornbookError where the tokenizer has none.
    """
    tokenizer = model.tokenizer
    rng, reader, written = np.random.default_rng(seed), Reader(model), 0
    decode = Decoder(tokenizer)
    logits = reader.read([tokenizer.bos, *tokenizer.encode(prompt)])
    for i in tokenizer.encode(prompt):
        decode(i)
    never = [i for i in tokenizer.special_ids if i != tokenizer.bos]
    while written < characters:
        logits = logits.astype(np.float64)
        logits[never] = -np.inf
        probs = sampling.of(logits)
        u = rng.random()
        token = int(draw(probs, u))
        text = "" if token == tokenizer.bos else decode(token)[: characters - written]
        likeliest = np.argsort(-probs, kind="stable")[:rivals]
        yield Drawn(
            token,
            text,
            float(probs[token]),
            u,
            [(tokenizer.tokens([i])[0], float(probs[i])) for i in likeliest if probs[i] > 0],
        )
        if token == tokenizer.bos:
            return
        written += len(text)
        logits = reader.read([token])


class Decoder:
    """Turns ids into text as they come, holding back bytes until they make a whole character."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        self.pending = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self.blank_before = tokenizer.kind in ("words", "terms", "wordpiece")  # before their first, no text

    def __call__(self, token):
        text = self.pending.decode(self.tokenizer.bytes_of(int(token)))
        if self.blank_before and text:
            text, self.blank_before = text.removeprefix(" "), False
        return text
