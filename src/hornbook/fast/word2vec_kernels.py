"""The loops of word2vec, compiled: a block's windows, its gradients by three matrix products, the tables.

`shard` is what `sample` drew: (words, reach, negatives). `tables` are (word vectors, pieces' vectors, output vectors),
`spelling` the pieces of each word as (starts, pieces), both empty where there are no subwords. All floats are of the
tables' type. Compiled code is cached by the date of this file: after editing word2vec_loss.py or word2vec_rows.py,
delete src/hornbook/fast/__pycache__.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from hornbook.fast.word2vec_loss import compiled, surprise
from hornbook.fast.word2vec_rows import add, copy, dot, fill, prefetch
from hornbook.reference import word2vec_sampling

BOS = word2vec_sampling.BOS

sample = njit(nogil=True, cache=True, error_model="numpy")(word2vec_sampling.sample)


class Sizes(NamedTuple):
    window: int
    per_block: int
    noise_weight: float
    cbow: bool


@compiled
def span(n, sizes, block):
    """Where block's centres start and stop, and where the words around them do."""
    start = block * sizes.per_block
    stop = min(start + sizes.per_block, n)
    return start, stop, max(0, start - sizes.window), min(n, stop + sizes.window)


@compiled
def find_ends(words, reach, at, ends):
    """ends (C, 2): a centre's window is the words from first + ends[c, 0] up to first + ends[c, 1], itself left out."""
    start, stop, first, last = at
    for i in range(start, stop):
        low = high = i
        if words[i] != BOS:
            while low > max(first, i - reach[i]) and words[low - 1] != BOS:
                low -= 1
            while high < min(last, i + reach[i] + 1) and words[high] != BOS:
                high += 1
        ends[i - start, 0], ends[i - start, 1] = low - first, high - first


@compiled
def fill_windows(ends, skipped, windows):
    """windows (R, C): 1 where word r is in the window of centre c, which is itself word skipped + c, else 0."""
    windows[:] = 0
    for c in range(len(ends)):
        for r in range(ends[c, 0], ends[c, 1]):
            windows[r, c] = r != skipped + c


@compiled
def mean_windows(ends, skipped, rows, means):
    """means (C, D): the mean of the rows of each window, 0 where it is empty."""
    for c in range(len(ends)):
        low, high = ends[c, 0], ends[c, 1]
        share = rows.dtype.type(1 / max(high - low - 1, 1))
        fill(means[c], 0)
        for r in range(low, skipped + c):
            add(rows[r], share, means[c])
        for r in range(skipped + c + 1, high):
            add(rows[r], share, means[c])


@compiled
def spread(ends, skipped, grads, row_grads):
    """row_grads (R, D): for each word the sum of grads (C, D) of the windows it is in."""
    one = grads.dtype.type(1)
    for r in range(len(row_grads)):
        fill(row_grads[r], 0)
    for c in range(len(ends)):
        for r in range(ends[c, 0], skipped + c):
            add(grads[c], one, row_grads[r])
        for r in range(skipped + c + 1, ends[c, 1]):
            add(grads[c], one, row_grads[r])


@compiled
def weigh(windows, centres, negatives, each, weights):
    """weights (R, C + N): windows, then each · how many of a word's pairs have another centre than the negative."""
    C, N = len(centres), len(negatives)
    for i in range(len(windows)):
        total = each - each
        for c in range(C):
            weights[i, c] = windows[i, c]
            total += windows[i, c]
        for n in range(N):
            weights[i, C + n] = total * each
    for n in range(N):
        for c in range(C):
            if centres[c] == negatives[n]:
                for i in range(len(windows)):
                    weights[i, C + n] -= windows[i, c] * each


@compiled
def read_rows(words, tables, spelling, rows):
    """rows (R, D): each word's vector or, with subwords, its own and the mean of its pieces'."""
    table, pieces, _ = tables
    starts, of = spelling
    for r in range(len(words)):
        copy(table[words[r]], rows[r])
        if len(starts):
            first, stop = starts[words[r]], starts[words[r] + 1]
            for k in range(first, stop):
                rows[r] += pieces[of[k]] / (stop - first)


class Scratch(NamedTuple):
    """Where the numbers of a block lie, flat where their shape is the block's."""

    rows: np.ndarray
    outputs: np.ndarray
    means: np.ndarray
    mean_grads: np.ndarray
    ends: np.ndarray
    windows: np.ndarray
    weights: np.ndarray
    scores: np.ndarray
    signs: np.ndarray


@compiled
def scratch(sizes, n_noise, head):
    """Room for the largest block."""
    D, C, O, R = head.shape[1], sizes.per_block, sizes.per_block + n_noise, sizes.per_block + 2 * sizes.window
    new = head[:0, :0].ravel()
    return Scratch(
        np.zeros((R, D), new.dtype),
        np.zeros((O, D), new.dtype),
        np.zeros((C, D), new.dtype),
        np.zeros((C, D), new.dtype),
        np.zeros((C, 2), np.int64),
        np.zeros(R * C, new.dtype),
        np.zeros(R * O, new.dtype),
        np.zeros(R * O, new.dtype),
        np.zeros(O, new.dtype),
    )


@compiled
def block_gradients(shard, tables, spelling, sizes, block, room, row_grads, out_grads, sums):
    """Gradients of one block: row_grads (R, D), out_grads (O, D), sums (2,) loss, pairs. No table is written to.

    The last block of a shard may have fewer rows.
    """
    words, reach, negatives = shard
    head, noise = tables[2], negatives[block]
    at = span(len(words), sizes, block)
    start, stop, first, last = at
    R, C = last - first, stop - start
    O = C + len(noise)
    rows, y, ends, centres = room.rows[:R], room.outputs[:O], room.ends[:C], words[start:stop]
    read_rows(words[first:last], tables, spelling, rows)
    for o in range(O):
        copy(head[centres[o] if o < C else noise[o - C]], y[o])
        room.signs[o] = -1 if o < C else 1
    find_ends(words, reach, at, ends)
    each = head.dtype.type(sizes.noise_weight)
    if sizes.cbow:
        cbow(ends, start - first, centres, noise, each, rows, y, room, row_grads[:R], out_grads[:O], sums)
    else:
        skipgram(ends, start - first, centres, noise, each, rows, y, room, row_grads[:R], out_grads[:O], sums)


@compiled
def skipgram(ends, skipped, centres, noise, each, rows, y, room, row_grads, out_grads, sums):
    """Every word of a window with its centre, and with the noise: all scores are one product."""
    R, C, O = len(rows), len(centres), len(y)
    windows, weights = room.windows[: R * C].reshape(R, C), room.weights[: R * O].reshape(R, O)
    scores = room.scores[: R * O].reshape(R, O)
    fill_windows(ends, skipped, windows)
    weigh(windows, centres, noise, each, weights)
    np.dot(rows, y.T, scores)
    sums[0], sums[1] = surprise(scores, weights, room.signs), windows.sum()
    np.dot(scores, y, row_grads)
    np.dot(scores.T, rows, out_grads)


@compiled
def cbow(ends, skipped, centres, noise, each, rows, y, room, row_grads, out_grads, sums):
    """The mean of a window with its centre alone, and with the noise."""
    C, N = len(centres), len(noise)
    x, dx = room.means[:C], room.mean_grads[:C]
    true, true_weights = room.scores[:C].reshape(1, C), room.weights[:C].reshape(1, C)
    scores, weights = room.scores[C : C + C * N].reshape(C, N), room.weights[C : C + C * N].reshape(C, N)
    mean_windows(ends, skipped, rows, x)
    for c in range(C):
        true_weights[0, c] = ends[c, 1] > ends[c, 0] + 1
        true[0, c] = dot(x[c], y[c])
        for n in range(N):
            weights[c, n] = 0 if centres[c] == noise[n] else each * true_weights[0, c]
    np.dot(x, y[C:].T, scores)
    sums[1] = true_weights.sum()
    sums[0] = surprise(true, true_weights, room.signs) + surprise(scores, weights, room.signs[C:])
    np.dot(scores, y[C:], dx)
    np.dot(scores.T, x, out_grads[C:])
    for c in range(C):
        fill(out_grads[c], 0)
        add(x[c], true[0, c], out_grads[c])
        add(y[c], true[0, c], dx[c])
    spread(ends, skipped, dx, row_grads)  # the whole gradient of the mean for each of its words


@compiled
def gradients(shard, tables, spelling, sizes, first_block, row_grads, out_grads, sums):
    """`block_gradients` of the blocks from first_block on: row_grads (B, R, D), out_grads (B, O, D), sums (B, 2)."""
    room = scratch(sizes, shard[2].shape[1], tables[2])
    for b in range(len(sums)):
        block_gradients(shard, tables, spelling, sizes, first_block + b, room, row_grads[b], out_grads[b], sums[b])


@compiled
def apply_block(shard, tables, spelling, sizes, block, row_grads, out_grads, rate, columns):
    """table −= rate · gradient for one block, in columns[0] … columns[1] of the tables only."""
    words, _, negatives = shard
    table, pieces, head = tables
    starts, of = spelling
    low, high = columns
    start, stop, first, last = span(len(words), sizes, block)
    for r in range(last - first):
        word, grad = words[first + r], row_grads[r]
        row = table[word]
        for d in range(low, high):
            row[d] -= rate * grad[d]
        if len(starts):
            share = rate / max(1, starts[word + 1] - starts[word])
            for k in range(starts[word], starts[word + 1]):
                for d in range(low, high):
                    pieces[of[k], d] -= share * grad[d]
    for o in range(stop - start + negatives.shape[1]):
        row = head[words[start + o] if start + o < stop else negatives[block, start + o - stop]]
        grad = out_grads[o]
        for d in range(low, high):
            row[d] -= rate * grad[d]


@compiled
def apply(shard, tables, spelling, sizes, first_block, row_grads, out_grads, rate, columns):
    """`apply_block` for all the blocks, in their order."""
    for b in range(len(row_grads)):
        apply_block(shard, tables, spelling, sizes, first_block + b, row_grads[b], out_grads[b], rate, columns)


@compiled
def fetch(shard, tables, sizes, block):
    """Begin to bring the rows of a block into the cache; most of them lie far away."""
    words, _, negatives = shard
    table, _, head = tables
    start, stop, _, last = span(len(words), sizes, block)
    line = 64 // head.itemsize
    for i in range(start, last):
        for d in range(0, head.shape[1], line):
            prefetch(table, words[i], d)
            if i < stop:
                prefetch(head, words[i], d)
    for n in range(negatives.shape[1]):
        for d in range(0, head.shape[1], line):
            prefetch(head, negatives[block, n], d)


@compiled
def learn(shard, tables, spelling, sizes, rate):
    """Read a shard block by block, each from what the block before left; returns its loss and its pairs, summed."""
    room, D = scratch(sizes, shard[2].shape[1], tables[2]), tables[2].shape[1]
    row_grads, out_grads = np.empty_like(room.rows), np.empty_like(room.outputs)
    sums, total = np.zeros(2), np.zeros(2)
    blocks = len(shard[2])
    for block in range(blocks):
        if block + 1 < blocks:
            fetch(shard, tables, sizes, block + 1)
        block_gradients(shard, tables, spelling, sizes, block, room, row_grads, out_grads, sums)
        if rate > 0:
            apply_block(shard, tables, spelling, sizes, block, row_grads, out_grads, rate, (0, D))
        total += sums
    return total
