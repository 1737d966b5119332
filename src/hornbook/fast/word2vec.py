"""word2vec in Numba: the blocks of `hornbook.reference.word2vec` on several threads, from a stream of any length."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np

from hornbook.errors import HornbookError
from hornbook.fast import word2vec_kernels as kernels
from hornbook.fast.rounds import Round
from hornbook.reference.word2vec import init, learning_rate
from hornbook.reference.word2vec_config import MODES, SUBWORDS, USUAL
from hornbook.reference.word2vec_sampling import FIRST_WORD, first_random, guide, keep, noise, thresholds

SHARD = 1 << 14  # tokens that a thread reads at a time; no window crosses from one to the next
ROUND = 1 << 20  # tokens of a round
LONGEST_STEP = 4.0  # of a word in one batch of blocks: far below where it diverges, see docs/decisions/0009


class Word2Vec:
    """Skip-gram or CBOW with negative sampling, trained by rounds on `stream` (T,), ids read where they lie.

    Words are the ids from 5 on; <BOS> is 2, other specials are dropped. `pieces` is what words are spelt with where the
    config has subwords: (starts (V + 1,), pieces, how many pieces there are). Threads are set in `threads`. In mode
    "fast" they write to the same tables without waiting for each other (Recht et al. 2011, "Hogwild!"), so that more
    than one gives other last digits each time. Raises HornbookError for fewer than two words, or no pieces.
    """

    def __init__(self, config, stream, counts=None, pieces=None):
        self.config, self.stream, self.threads = config, stream, 1
        self.counts = counted(stream, config.vocab_size) if counts is None else np.asarray(counts, np.int64)
        if (words := int(self.counts[FIRST_WORD:].sum())) < 2:
            raise HornbookError(f"the text has {words} known word{'s' * (words != 1)}; word2vec needs at least 2.")
        if (config.subwords == "none") != (pieces is None):
            given = "none were given" if pieces is None else 'pieces of words were given; only "bpe" uses them'
            raise HornbookError(f'subwords is "{config.subwords}", and {given}.')
        *spelling, n_pieces = pieces or (np.empty(0, np.int64), np.empty(0, np.int64), 0)
        self.spelling = tuple(np.asarray(part, np.int64) for part in spelling)
        first = init(config, np.random.default_rng(config.seed), n_pieces)
        self.tables = {name: table.astype(np.float32) for name, table in first.items()}
        for name in {"wte", "own"} & set(self.tables):
            self.tables[name][:FIRST_WORD] = 0
        self.weights, self.direction = np.ones(config.vocab_size, np.float32), None
        self._keep = thresholds(keep(self.counts, config.sample))
        self._noise = thresholds(noise(self.counts, config.ns_exponent).cumsum())
        self._guide = guide(self._noise)

    @classmethod
    def from_parameters(cls, config, arrays):
        """The network that `export` wrote down: it encodes, and has no stream to learn from."""
        network = cls.__new__(cls)
        network.config, network.stream, network.threads = config, np.empty(0, np.uint16), 1
        network.counts, network.weights = np.asarray(arrays["counts"]), np.asarray(arrays["weights"])
        network.direction = arrays.get("direction")
        network.tables = {name: arrays[name] for name in (*SUBWORDS[config.subwords], "lm_head")}
        network._vectors = np.asarray(arrays["wte"])
        return network

    @property
    def n_rounds(self):
        return self.config.epochs * self.rounds_between_validations

    @property
    def rounds_between_validations(self):
        """The rounds of one epoch."""
        return max(1, -(-len(self.stream) // ROUND))

    def run_round(self, number):
        """Learn from the next stretch of the stream; the loss is nats a pair, see `reference.word2vec.forward`.

        It is nan where no word had a neighbour. Raises HornbookError where vectors grew until they were no numbers.
        """
        epoch, part = divmod(number, self.rounds_between_validations)
        begin = part * ROUND
        end = min(begin + ROUND, len(self.stream))
        done, total = epoch * len(self.stream) + begin, self.config.epochs * len(self.stream)
        read = self._read_together if self.config.mode == "deterministic" else self._read_at_once
        sums = read(number, range(begin, end, SHARD), done - begin, total)
        return Round(self._per_pair(sums), end - begin, learning_rate(done, total, self.config))

    def validate(self, stream):
        """Nats a pair on other ids: windows and noise drawn as in training, always the same ones. nan: no pairs."""
        with ThreadPoolExecutor(self.threads) as pool:
            learn = lambda begin: self._learn(self._shard(stream, begin, self.n_rounds), 0.0)
            return self._per_pair(sum(pool.map(learn, range(0, len(stream), SHARD))))

    def state(self):
        """The tables as they are: with the number of the round, all that later rounds depend on."""
        return dict(self.tables)

    def restore(self, arrays):
        """Go on from `state`; floats keep the type they come in."""
        self.tables = {name: np.array(arrays[name]) for name in self.tables}

    def export(self):
        """Name -> array: `wte` (V, D) the words' vectors, `lm_head` (V, D), `counts` (V,), `weights` (V,) of words in
        `encode`; where there are: `own` (V, D) and `pieces` (P, D), `direction` (D,)."""
        arrays = self.tables | {"wte": self.vectors, "counts": self.counts, "weights": self.weights}
        return arrays | ({} if self.direction is None else {"direction": self.direction})

    @property
    def vectors(self):
        """(V, D): the vector of each word, composed where there are subwords."""
        if hasattr(self, "_vectors"):
            return self._vectors
        if self.config.subwords == "none":
            return self.tables["wte"]
        rows = np.empty_like(self.tables["own"])
        kernels.read_rows(np.arange(len(rows), dtype=np.int32), self._kernel_tables, self.spelling, rows)
        return rows

    def spelt(self, pieces):
        """The vector of an unknown word: the mean of its pieces' rows. (pieces,) -> (D,)"""
        return self.tables["pieces"][pieces].mean(axis=0)

    def encode(self, bags):
        """bags (N, V) counts of words -> (N, D): the mean of the words' vectors, Σ count · weight · vector / Σ count.

        An empty text is 0. `direction`, where there is one, is taken out of every text.
        """
        total = np.asarray(bags.sum(axis=1)).reshape(-1, 1)
        texts = np.asarray(bags @ (self.weights[:, None] * self.vectors)) / np.maximum(total, 1)
        if self.direction is not None:
            texts -= np.outer(texts @ self.direction, self.direction)
        return texts.astype(np.float32)

    def _read_at_once(self, number, begins, offset, total):
        """Each thread takes the next shard as soon as it is free."""

        def read(begin):
            rate = learning_rate(offset + begin, total, self.config)
            return self._learn(self._shard(self.stream, begin, number), rate)

        with ThreadPoolExecutor(self.threads) as pool:
            return sum(pool.map(read, begins))

    def _read_together(self, number, begins, offset, total):
        """Threads share every batch of blocks: gradients first, from the same tables, then the tables' columns."""
        sums, together, D = 0.0, self._together(), self.config.embedding_dim
        cuts = np.linspace(0, D, self.threads + 1).astype(int)
        with ThreadPoolExecutor(self.threads) as pool:
            for begin in begins:
                shard, rate = self._shard(self.stream, begin, number), learning_rate(offset + begin, total, self.config)
                for block in range(0, len(shard[2]), together):
                    grads = self._grad_buffers(min(together, len(shard[2]) - block))
                    parts = pairwise(np.linspace(0, len(grads[0]), self.threads + 1).astype(int))
                    jobs = [
                        pool.submit(
                            kernels.gradients, *self._of(shard), block + low, *(array[low:high] for array in grads)
                        )
                        for low, high in parts
                    ]
                    [job.result() for job in jobs]
                    jobs = [
                        pool.submit(kernels.apply, *self._of(shard), block, *grads[:2], self._float(rate), columns)
                        for columns in pairwise(cuts)
                    ]
                    [job.result() for job in jobs]
                    sums = sums + grads[2].sum(axis=0)
        return sums

    def _together(self):
        """How many blocks share the tables they read: fewer where frequent words would take too long a step at once.

        `step` is how far the most frequent word goes in a block, as a multiple of the vectors it is pulled to.
        """
        config, (starts, pieces) = self.config, self.spelling
        read = np.where(np.arange(config.vocab_size) < FIRST_WORD, 0.0, self.counts * self._keep.astype(float))
        read /= read.sum()
        share = read.max() + config.negative * np.diff(self._noise, prepend=0).max() / 2**32
        if len(starts):  # a piece moves with every word that it is in
            lengths = np.diff(starts)
            parts = np.repeat(read / np.maximum(lengths, 1), lengths)
            share += (1 + config.negative) * np.bincount(pieces, parts).max()
        step = config.learning_rate * config.windows_per_block * (config.window + 1) * share
        return int(np.clip(LONGEST_STEP / step, 1, MODES["deterministic"]))

    def _grad_buffers(self, blocks):
        config, floats = self.config, self.tables["lm_head"].dtype
        rows, outputs = config.windows_per_block + 2 * config.window, config.windows_per_block + config.noise_per_block
        return (
            np.empty((blocks, rows, config.embedding_dim), floats),
            np.empty((blocks, outputs, config.embedding_dim), floats),
            np.empty((blocks, 2)),
        )

    def _shard(self, stream, begin, number):
        config = self.config
        state = first_random(config.seed, number, begin // SHARD)
        return kernels.sample(
            np.asarray(stream[begin : begin + SHARD]),
            self._keep,
            self._noise,
            self._guide,
            config.window,
            config.windows_per_block,
            config.noise_per_block,
            state,
        )

    def _per_pair(self, sums):
        loss, pairs = np.zeros(2) + sums
        if pairs and not np.isfinite(loss):
            rate = self.config.learning_rate
            lower = min(rate / 10, USUAL[self.config.architecture]["learning_rate"])
            raise HornbookError(f"the loss is no longer a number: steps at learning_rate {rate:g} are too long. A lower"
                                f" one may work: learning_rate={lower:g}.")  # fmt: skip
        return float(loss / pairs) if pairs else float("nan")

    def _learn(self, shard, rate):
        return kernels.learn(*self._of(shard), self._float(rate))

    def _of(self, shard):
        config = self.config
        each = config.negative / config.noise_per_block
        sizes = kernels.Sizes(config.window, config.windows_per_block, each, config.architecture == "cbow")
        return shard, self._kernel_tables, self.spelling, sizes

    @property
    def _kernel_tables(self):
        head = self.tables["lm_head"]
        pieces = self.tables.get("pieces", np.empty((0, head.shape[1]), head.dtype))
        return self.tables[SUBWORDS[self.config.subwords][0]], pieces, head

    def _float(self, x):
        return self.tables["lm_head"].dtype.type(x)


def counted(stream, vocab_size):
    """How often each id occurs, a round at a time so that a stream on disk stays there."""
    parts = (stream[begin : begin + ROUND] for begin in range(0, len(stream), ROUND))
    return sum((np.bincount(part, minlength=vocab_size) for part in parts), np.zeros(vocab_size, np.int64))
