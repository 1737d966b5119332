"""The n-gram model: which token followed these last n−1, and how often? Interpolated, modified Kneser–Ney smoothing.

A stream is a sequence of ids: its first token is given, every other one is predicted. Contexts stop at <BOS>.
"""

from collections import Counter
from dataclasses import dataclass
from math import log, prod

import numpy as np

from hornbook.reference.losses import cross_entropy as loss  # noqa: F401 (every model has a loss, here log p as it is)
from hornbook.trace import see, within


@dataclass
class Config:
    vocab_size: int
    order: int = 6  # 0: every token 1/V; 1: single tokens; n: a token after the n−1 before it
    bos: int | None = None  # the id that opens a document; None: the whole stream is one document


class Level:
    """What is known about grams of k tokens: k−1 of context, and the token predicted."""

    def __init__(self, counts):
        self.counts = counts  # gram -> c, see `count`
        self.discounts = discounts(Counter(counts.values()))
        self.totals, taken = Counter(), Counter()  # context -> Σ c over the tokens seen after it
        for gram, c in counts.items():
            self.totals[gram[:-1]] += c
            taken[gram[:-1]] += self.discounts[min(c, 3)]
        self.backoff = {context: taken[context] / total for context, total in self.totals.items()}  # γ = Σ D(c) / Σ c


def train(ids, config):
    """The levels k = 1 … n of a stream: what every function below calls `params`."""
    return [Level(counts) for counts in count(ids, config)]


def from_parameters(arrays, config):
    """The levels in the arrays of the fast form, where key = place of the first k−1 tokens · V + last token."""
    grams, params = [()], []
    for k in range(1, config.order + 1):
        keys, counts = (arrays[f"orders.{k}.{part}"].astype(int).tolist() for part in ("keys", "counts"))
        grams = [(*grams[key // config.vocab_size], key % config.vocab_size) for key in keys]
        params.append(Level({gram: c for gram, c in zip(grams, counts) if c}))
    return params


def count(ids, config):
    """For k = 1 … n, a dict: gram of k tokens -> its count c.

    For k = n, c is how often the gram occurs. Below, c is its continuation count N₁₊(• gram) = |{x : x gram occurs}|:
    "Francisco" may be frequent, yet it follows one word only, so it is a poor guess after a context never seen.
    Nothing comes before a document's first token: a gram that starts there counts every time.
    """
    n = config.order
    occurrences, openings = ([Counter() for _ in range(n + 1)] for _ in range(2))
    for document in documents(ids, config.bos):
        for k in range(1, min(n, len(document)) + 1):
            given = 1 if k == 1 else 0  # a document's first token is not predicted
            occurrences[k].update(document[start : start + k] for start in range(given, len(document) - k + 1))
            openings[k][document[:k]] += 1 - given
    continuations = (Counter(gram[1:] for gram in longer) for longer in occurrences[2:])
    return [*map(Counter.__add__, openings[1:], continuations), *occurrences[1:][-1:]]


def documents(ids, bos):
    """The stream cut at every <BOS>, which closes one document and opens the next: it is in both."""
    ids = tuple(int(token) for token in ids)
    starts = [at for at, token in enumerate(ids) if token == bos and at > 0]
    return [ids[start : stop + 1] for start, stop in zip([0, *starts], [*starts, len(ids)])]


def discounts(n):
    """(0, D₁, D₂, D₃₊): what is taken from a count of 0, 1, 2, 3 or more. n[c] is the number of grams counted c times.

    Y = n₁ / (n₁ + 2 n₂),  D_c = c − (c + 1) Y n_{c+1} / n_c  (Chen & Goodman 1999), and 0 < D_c ≤ c.
    Where a text is too small or too regular for the formula (n₁ or n_c is 0, or D_c is not positive), D_c is c / 2.
    """
    D = [0.0, 0.5, 1.0, 1.5]
    for c in (1, 2, 3):
        if n[1] and n[c]:
            estimate = c - (c + 1) * n[1] / (n[1] + 2 * n[2]) * n[c + 1] / n[c]
            D[c] = float(estimate) if estimate > 0 else D[c]
    return tuple(D)


def explain(params, context, token, config):
    """The terms that add up to p(token | context): one dict for each order, from 1/V upwards.

    p_k = (c − D(c)) / total + γ_k p_{k−1}: `discounted` is the first summand, and as each order above lets only its γ
    of it through, `term` = discounted · γ_{k+1} ⋯ γ_n. A context never seen has γ = 1: it adds and takes nothing.
    """
    terms = [{"order": 0, "context": (), "discounted": 1 / config.vocab_size}]
    for k, level in enumerate(params, start=1):
        tail = last(k - 1, context)
        c, total = level.counts.get((*tail, token), 0), level.totals.get(tail, 0)
        D = level.discounts[min(c, 3)]
        terms.append({"order": k, "context": tail, "count": c, "total": total, "discount": D})
        terms[k] |= {"discounted": (c - D) / max(total, 1), "backoff": level.backoff.get(tail, 1.0)}
    for k, term in enumerate(terms):
        term["term"] = term["discounted"] * prod(above["backoff"] for above in terms[k + 1 :])
    return terms


def last(k, context):
    """The last k tokens of a context, or all of a shorter one: as a context of k tokens, it was never seen."""
    return tuple(context[max(0, len(context) - k) :])


def probability(params, context, token, config):
    """p(token | context): the sum of the terms that `explain` lists."""
    return sum(term["term"] for term in explain(params, context, token, config))


def nll(params, ids, config):
    """ids (T,) -> (T,): −ln p(ids[t] | ids[:t]) in nats, the first from an empty context."""
    ids, n = np.asarray(ids).tolist(), config.order
    return np.array([-log(probability(params, ids[max(0, t - n) : t], ids[t], config)) for t in range(len(ids))])


def forward(params, ids, config):
    """ids (B, T) -> logits (B, T, V): the log probability of every token after ids[:, : t + 1]."""
    ids, vocabulary = see("ids", np.asarray(ids)), range(config.vocab_size)
    p = see("orders.0.probs", np.full((*ids.shape, config.vocab_size), 1 / config.vocab_size))
    for k, level in enumerate(params, start=1):
        tails = [[last(k - 1, row[: t + 1]) for t in range(len(row))] for row in ids.tolist()]
        counts = [[[level.counts.get((*tail, token), 0) for token in vocabulary] for tail in row] for row in tails]
        with within(f"orders.{k}"):
            counts = see("counts", np.array(counts))  # (B, T, V)
            totals = see("totals", np.array([[level.totals.get(tail, 0) for tail in row] for row in tails]))  # (B, T)
            backoff = see("backoff", np.array([[level.backoff.get(tail, 1.0) for tail in row] for row in tails]))
            taken = np.array(level.discounts)[np.minimum(counts, 3)]
            discounted = see("discounted", (counts - taken) / np.maximum(totals, 1)[..., None])
            p = see("probs", discounted + backoff[..., None] * p)
    return see("logits", np.log(p))


if __name__ == "__main__":
    text = "the cat sat on the mat and the rat sat on the cat"
    config = Config(vocab_size=128, order=3)
    params = train([ord(letter) for letter in text], config)
    for context, token in ("ca", "t"), ("ra", "n"), ("dm", "a"):
        terms = explain(params, [ord(letter) for letter in context], ord(token), config)
        print(f"p({token!r} after {context!r}) = {sum(term['term'] for term in terms):.6f}")
        for term in terms:
            seen = f"{term.get('count', 1)} of {term.get('total', config.vocab_size)}"
            print(f"  {term['term']:.6f}  order {term['order']}: {seen} after {context[3 - term['order'] :]!r}")
