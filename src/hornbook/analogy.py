"""Analogies: king − man + woman ≈ queen, the part of each term in a candidate's score, two ways to make a score."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hornbook.errors import HornbookError, nearest

EPSILON = 1e-6  # of 3CosMul, so that no candidate is divided by 0


class Term(NamedTuple):
    """A word of an analogy's question: +1 or −1, and its cosine to the answer."""

    sign: int
    word: str
    similarity: float


class Candidate(NamedTuple):
    """A possible answer: its score, and the part of each term, which add up (or, by METHODS, multiply) to it."""

    word: str
    score: float
    parts: tuple


@dataclass(frozen=True)
class Analogy:
    """The terms of a question, the candidates best first, and (word, score) of the best when no word is left out."""

    method: str
    terms: list[Term]
    candidates: list[Candidate]
    unrestricted: tuple[str, float]

    @property
    def answer(self):
        return self.candidates[0].word

    @property
    def formula(self):
        """`king − man + woman ≈ queen`"""
        question = " ".join(f"{'+' if term.sign > 0 else '−'} {term.word}" for term in self.terms)
        return f"{question.removeprefix('+ ')} ≈ {self.answer}"


def shares(cosines, signs, length):
    """±cos(x, w) / ‖Σ ±w‖ for each term w, of unit length: they add up to cos(x, Σ ±w). 3CosAdd, Mikolov et al. 2013.

    cosines (terms, V), signs (terms,) -> (terms, V)
    """
    return signs[:, None] * cosines / length


def factors(cosines, signs, length):
    """s or 1 / (s + 10⁻⁶), where s = (1 + cos(x, w)) / 2, for each term w: they multiply to the score of x.

    3CosMul, Levy & Goldberg 2014, equation 4. cosines (terms, V), signs (terms,) -> (terms, V)
    """
    shifted = (1 + cosines) / 2
    return np.where(signs[:, None] > 0, shifted, 1 / (shifted + EPSILON))


class Method(NamedTuple):
    """How the terms of an analogy make a score: the part of each, and what makes one number of the parts."""

    parts: Callable
    total: Callable
    said: str

    def score(self, cosines, signs, length):
        """cosines (terms, V) -> (V,)"""
        return self.total(self.parts(cosines, signs, length))


METHODS = {
    "add": Method(shares, np.add.reduce, "add up to"),
    "mul": Method(factors, np.multiply.reduce, "multiply to"),
}


def method_of(word):
    if word not in METHODS:
        raise HornbookError(f'there is no method "{word}".{nearest(word, METHODS)}')
    return METHODS[word]


def terms_of(positive, negative):
    """(words, signs): the first positive word, the negative ones, the other positive ones, as one would say it."""
    positive, negative = ([words] if isinstance(words, str) else list(words) for words in (positive, negative))
    if not positive:
        raise HornbookError("an analogy needs at least one word that is added.")
    words = [positive[0], *negative, *positive[1:]]
    return words, np.array([1.0] + [-1.0] * len(negative) + [1.0] * (len(positive) - 1), dtype=np.float32)
