"""The n-gram model in NumPy: the counts and back-off weights of `hornbook.reference.ngram` in sorted arrays."""

import numpy as np

from hornbook.errors import HornbookError
from hornbook.reference.ngram import discounts
from hornbook.trace import see, within

TABLE = 1 << 25  # the most entries that a table of all possible grams may have: 256 MB


class Ngram:
    """p(token | the n−1 tokens before it), interpolated and smoothed by modified Kneser–Ney (Chen & Goodman 1999)."""

    def __init__(self, config, levels):
        self.config = config
        self.levels = levels

    @classmethod
    def train(cls, stream_ids, config):
        """Count the grams of a stream (T,). Its first token is given, every other one is predicted."""
        ids = _checked(stream_ids, config)
        return cls(config, _levels(count(ids, config), config))

    @classmethod
    def from_parameters(cls, config, params):
        """The model that `export` wrote down. Discounts and back-off weights follow from the counts."""
        counted = [(params[f"orders.{k}.keys"], params[f"orders.{k}.counts"]) for k in range(1, config.order + 1)]
        return cls(config, _levels(counted, config))

    def export(self):
        """Name -> array: for each order k, `orders.k.keys` (grams,) int64 and `orders.k.counts` (grams,) int64."""
        levels = list(enumerate(self.levels, start=1))
        return {f"orders.{k}.{part}": getattr(level, part) for k, level in levels for part in ("keys", "counts")}

    @property
    def n_parameters(self):
        """How many counts the model holds: one for each gram that occurs."""
        return sum(int(np.count_nonzero(level.counts)) for level in self.levels)

    def forward(self, ids, state=None):
        """ids (B, T) -> logits (B, T, V) and the state: log probabilities of every next token, and the last n−1 tokens.

        ``forward(ids[:, :t])`` then ``forward(ids[:, t:], state)`` gives the rows of ``forward(ids)``.
        """
        ids = _checked(ids, self.config)
        known = ids if state is None else np.concatenate([state, ids], axis=1)
        new = slice(known.shape[1] - ids.shape[1], None)
        p = see("orders.0.probs", np.full((*ids.shape, self.config.vocab_size), 1 / self.config.vocab_size))
        context = np.zeros_like(known)  # the empty one, everywhere
        for k, (level, _, place) in enumerate(self._places(known), start=1):
            with within(f"orders.{k}"):
                p = see("probs", level.interpolate(context[:, new], p))
            context = place
        return see("logits", np.log(p)), known[:, max(0, known.shape[1] - self.config.order + 1) :]

    def nll(self, ids):
        """ids (T,) -> (T,): −ln p(ids[t] | ids[:t]) in nats, the first from no context. O(T) memory, whatever V."""
        ids = _checked(ids, self.config)
        p = np.full(ids.shape, 1 / self.config.vocab_size)
        for level, context, place in self._places(ids):
            p = level.discounted[place] + level.backoff[context] * p
        return -np.log(p)

    def _places(self, ids):
        """For each level k: the place of the k−1 tokens before each token, and of the k tokens that end with it."""
        context = np.zeros_like(ids)
        for level in self.levels:
            place = level.find(context, ids)
            yield level, context, place
            context = np.full_like(ids, -1)  # nothing is before a stream's first token
            context[..., 1:] = place[..., :-1]


class Level:
    """All grams of k tokens, sorted: key = place of its first k−1 tokens in the level below · V + its last token.

    So a gram of any length is one int64, its place is its name one level up, and all that followed a context lies
    side by side. Place −1 means "never seen"; the arrays by place end with one more entry for it.
    """

    def __init__(self, keys, counts, contexts, vocab_size):
        self.keys, self.counts, self.vocab_size = keys, counts, vocab_size
        context = keys // vocab_size
        self.discounts = np.array(discounts(np.bincount(np.minimum(counts, 5), minlength=5)))
        taken = self.discounts[np.minimum(counts, 3)]
        totals = np.bincount(context, counts, contexts)
        backoff = np.bincount(context, taken, contexts) / np.maximum(totals, 1)
        self.discounted = np.append((counts - taken) / np.maximum(totals, 1)[context], 0.0)  # (grams + 1,)
        self.backoff = np.append(np.where(totals > 0, backoff, 1.0), 1.0)  # (contexts + 1,)
        self.first = np.append(0, np.bincount(context, minlength=contexts).cumsum())  # (contexts + 1,) a place each

    def find(self, context, tokens):
        """The place of each gram (context, token), −1 where it was never seen."""
        if not len(self.keys):
            return np.full_like(tokens, -1)
        keys = context * self.vocab_size + tokens  # below 0, like no gram, where the context was never seen
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[place] == keys, place, -1)

    def interpolate(self, context, p):
        """The formula for all V tokens at once, p_k = (c − D(c)) / total + γ_k p_{k−1}. context (B, T), p (B, T, V)."""
        p = see("backoff", self.backoff[context])[..., None] * p
        rows = p.reshape(-1, self.vocab_size)  # a view: (B, T, V) -> (B·T, V)
        seen = np.flatnonzero(context >= 0)
        first = self.first[context.flat[seen]]
        sizes = self.first[context.flat[seen] + 1] - first
        place = np.arange(sizes.sum()) + np.repeat(first - sizes.cumsum() + sizes, sizes)
        rows[np.repeat(seen, sizes), self.keys[place] % self.vocab_size] += self.discounted[place]
        return p


def count(ids, config):
    """For k = 1 … n: the keys of the grams of k tokens and their counts, as in `hornbook.reference.ngram.count`.

    The continuation count of a gram is the number of keys one level up whose last k tokens it is.
    """
    V, time = config.vocab_size, np.arange(len(ids))
    opened = np.maximum.accumulate(np.where(ids == config.bos, time, 0)) if config.bos is not None else 0 * time
    reach = time - np.append(0, opened[:-1])[: len(ids)]  # how many tokens of context each token has
    keys, counts, gram, at = np.arange(V), np.bincount(ids[1:], minlength=V), ids, time[1:]
    for k in range(2, config.order + 1):
        openings = np.bincount(gram[at[reach[at] == k - 2]], minlength=len(keys))  # nothing comes before these
        at = at[reach[at] >= k - 1]
        longer, place, occurrences = _distinct(gram[at - 1] * V + ids[at], len(keys) * V)
        ending = np.empty(len(longer), np.int64)
        ending[place] = gram[at]
        yield keys, openings + np.bincount(ending, minlength=len(keys))
        gram = np.full(len(ids), -1)
        gram[at] = place
        keys, counts = longer, occurrences
    if config.order:
        yield keys, counts


def _distinct(keys, limit):
    """Sorted distinct keys, the place of each key among them, and how often each occurs. All keys are below `limit`."""
    if limit > min(16 * len(keys), TABLE):
        return np.unique(keys, return_inverse=True, return_counts=True)
    occurrences = np.bincount(keys, minlength=limit)  # a table of all possible keys is faster than sorting
    distinct = np.flatnonzero(occurrences)
    place = np.empty(limit, np.int64)
    place[distinct] = np.arange(len(distinct))
    return distinct, place[keys], occurrences[distinct]


def _levels(counted, config):
    levels, contexts = [], 1
    for keys, counts in counted:
        levels.append(Level(keys, counts, contexts, config.vocab_size))
        contexts = len(keys)
    return levels


def _checked(ids, config):
    """The ids as int64, all of them below V: a larger one would pass for another gram. Raises HornbookError."""
    if config.order < 0:
        raise HornbookError(f"the order is {config.order}; it can be 0 (uniform), 1 (single tokens) or more.")
    ids = np.asarray(ids, dtype=np.int64)
    if ids.size and not 0 <= ids.min() <= ids.max() < config.vocab_size:
        wrong = ids.max() if ids.max() >= config.vocab_size else ids.min()
        raise HornbookError(
            f"token id {wrong} is not one of the {config.vocab_size} of the model; use its own tokenizer."
        )
    return ids
