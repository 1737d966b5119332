"""Token files on disk, and windows drawn from them: labels are the features shifted by one.

The stream of a split is ``<BOS> document <BOS> document …``; it is written once and memory-mapped, so a
text larger than memory trains as a small one does.
"""

from contextlib import ExitStack
from pathlib import Path

import numpy as np

from hornbook.errors import HornbookError
from hornbook.files import disk_errors, written_whole


def write_streams(parts, tokenizer, paths):
    """Write each part of a text to its own file, in one reading of it.

    `parts` yields (part, whether a document begins, text); `paths` is part → path. Returns part → characters, counting
    one more for each boundary between two documents, as bits per character do.
    """
    counts = {part: [0, 0] for part in paths}  # characters, documents
    with ExitStack() as stack:
        sinks = {part: _Sink(stack, path, tokenizer) for part, path in paths.items()}
        for part, opens, text in parts:
            sinks[part].add(text, opens)
            counts[part][0] += len(text)
            counts[part][1] += opens
        for sink in sinks.values():
            sink.flush()
    return {part: characters + max(0, documents - 1) for part, (characters, documents) in counts.items()}


class _Sink:
    """A token file being written; texts are gathered so that they are encoded a million characters at a time."""

    def __init__(self, stack, path, tokenizer):
        self.path, self.tokenizer = path, tokenizer
        self.file = stack.enter_context(open(stack.enter_context(written_whole(path)), "wb"))  # noqa: SIM115 (the stack closes it)
        self.texts, self.size, self.open = [], 0, True

    def add(self, text, opens):
        if opens != self.open or self.size > 1_000_000:
            self.flush()
        self.texts.append(text)
        self.size, self.open = self.size + len(text), opens

    def flush(self):
        ids = self.tokenizer.encode_all(self.texts, bos=self.open)
        with disk_errors(self.path):
            self.file.write(ids.astype(_dtype(self.tokenizer.vocab_size)).tobytes())
            self.file.flush()
        self.texts, self.size = [], 0


def _dtype(vocab_size):
    return np.uint16 if vocab_size <= 2**16 else np.uint32


def read_stream(path, vocab_size):
    """The tokens of a file, memory-mapped: a read-only array of ids."""
    if Path(path).stat().st_size == 0:
        return np.zeros(0, dtype=_dtype(vocab_size))
    return np.memmap(path, dtype=_dtype(vocab_size), mode="r")


class Windows:
    """Batches of windows (B, T + 1) over a stream, each epoch covering it once, in an order that seed and step fix.

    Batch `step` depends on nothing else, so a resumed run sees the very batches an uninterrupted one would.
    """

    def __init__(self, stream, length, batch_size, seed):
        if len(stream) < length + 1:
            raise HornbookError(
                f"the training text has {len(stream):,} tokens, fewer than one window of {length} + 1."
                f" Use a longer text, or a smaller window: {max(len(stream) - 1, 1)} would fit."
            )
        self.stream, self.length, self.batch_size, self.seed = stream, length, batch_size, seed
        self.per_epoch = max(1, (len(stream) - length) // length)  # windows, whatever the phase
        self._epoch, self._starts = None, None

    def batch(self, step):
        """Windows of step 1, 2, …: ids (B, T + 1), int64; features are [:, :-1], labels [:, 1:]."""
        numbers = np.arange((step - 1) * self.batch_size, step * self.batch_size)
        epochs, places = np.divmod(numbers, self.per_epoch)
        starts = [self._order(epoch)[places[epochs == epoch]] for epoch in range(epochs[0], epochs[-1] + 1)]
        return self.stream[np.concatenate(starts)[:, None] + np.arange(self.length + 1)].astype(np.int64)

    def _order(self, epoch):
        """Where the windows of an epoch start, in the order in which they come."""
        if epoch != self._epoch:
            rng = np.random.default_rng([self.seed, epoch])
            phase = rng.integers(min(self.length, len(self.stream) - self.per_epoch * self.length))
            self._epoch, self._starts = epoch, phase + self.length * rng.permutation(self.per_epoch)
        return self._starts


def windows_of(stream, context, stride):
    """Cut `stream` so that each token but the first is scored once, after at least context − stride others.

    Yields (ids (T + 1,), scored): the last `scored` tokens of ids are the ones to count.
    """
    done = 1
    while done < len(stream):
        end = min(len(stream), max(done + stride, context + 1))
        start = max(0, end - context - 1)
        yield stream[start:end].astype(np.int64), end - done
        done = end
