"""The loops of word2vec, compiled: a block's windows, its gradients by three matrix products, the tables.

`shard` is what `sample` drew: (words, reach, negatives). `tables` are (word vectors, pieces' vectors, output vectors),
`spelling` the pieces of each word as (starts, pieces), both empty where there are no subwords. `sizes` are (window,
windows a block, noise weight). All floats are of the tables' type.
Compiled code is cached by the date of this file: after editing word2vec_loss.py, delete src/hornbook/fast/__pycache__.
"""

from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from hornbook.fast.word2vec_loss import compiled, surprise
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
def find_windows(words, reach, at, windows):
    """windows (R, C): 1 where the word at first + r is in the window of the centre at start + c, else 0."""
    start, stop, first, last = at
    windows[:] = 0
    for i in range(start, stop):
        if words[i] == BOS:
            continue
        j = i - 1
        while j >= max(first, i - reach[i]) and words[j] != BOS:
            windows[j - first, i - start] = 1
            j -= 1
        j = i + 1
        while j < min(last, i + reach[i] + 1) and words[j] != BOS:
            windows[j - first, i - start] = 1
            j += 1


@compiled
def mix(windows, mixing, positive):
    """Fill mixing (C, R), the mean of each window, and positive (C, C), 1 where a window is not empty."""
    positive[:] = 0
    for c in range(windows.shape[1]):
        size = windows[:, c].sum()
        positive[c, c] = size > 0
        for r in range(len(windows)):
            mixing[c, r] = windows[r, c] / max(size, 1)


@compiled
def weigh(positive, centres, negatives, each, weights):
    """weights (I, C + N): positive, then each · how many of an input's pairs have another centre than the negative."""
    C, N = len(centres), len(negatives)
    for i in range(len(positive)):
        total = each - each
        for c in range(C):
            weights[i, c] = positive[i, c]
            total += positive[i, c]
        for n in range(N):
            weights[i, C + n] = total * each
    for n in range(N):
        for c in range(C):
            if centres[c] == negatives[n]:
                for i in range(len(positive)):
                    weights[i, C + n] -= positive[i, c] * each


@compiled
def read_rows(words, tables, spelling, rows):
    """rows (R, D): each word's vector or, with subwords, its own and the mean of its pieces'."""
    table, pieces, _ = tables
    starts, of = spelling
    for r in range(len(words)):
        rows[r] = table[words[r]]
        if len(starts):
            first, stop = starts[words[r]], starts[words[r] + 1]
            for k in range(first, stop):
                rows[r] += pieces[of[k]] / (stop - first)


class Scratch(NamedTuple):
    """Where the numbers of a block lie, flat where their shape is the block's."""

    rows: np.ndarray
    inputs: np.ndarray
    outputs: np.ndarray
    input_grads: np.ndarray
    windows: np.ndarray
    mixing: np.ndarray
    positive: np.ndarray
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
        np.zeros((C, D), new.dtype),
        np.zeros((O, D), new.dtype),
        np.zeros((C, D), new.dtype),
        np.zeros(R * C, new.dtype),
        np.zeros(C * R, new.dtype),
        np.zeros(C * C, new.dtype),
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
    O, I = C + len(noise), C if sizes.cbow else R
    rows, windows = room.rows[:R], room.windows[: R * C].reshape(R, C)
    weights, scores = room.weights[: I * O].reshape(I, O), room.scores[: I * O].reshape(I, O)
    mixing, y, dy = room.mixing[: C * R].reshape(C, R), room.outputs[:O], out_grads[:O]
    read_rows(words[first:last], tables, spelling, rows)
    for o in range(O):
        y[o] = head[words[start + o] if o < C else noise[o - C]]
        room.signs[o] = -1 if o < C else 1
    find_windows(words, reach, at, windows)
    if sizes.cbow:
        positive = room.positive[: C * C].reshape(C, C)
        mix(windows, mixing, positive)
        x, dx = room.inputs[:C], room.input_grads[:C]
        np.dot(mixing, rows, x)
    else:
        positive, x, dx = windows, rows, row_grads[:R]
    weigh(positive, words[start:stop], noise, head.dtype.type(sizes.noise_weight), weights)
    np.dot(x, y.T, scores)
    sums[0], sums[1] = surprise(scores, weights, room.signs), positive.sum()
    np.dot(scores, y, dx)
    np.dot(scores.T, x, dy)
    if sizes.cbow:
        np.dot(windows, dx, row_grads[:R])  # the whole gradient of the mean for each of its words


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


@intrinsic
def prefetch(typing, table, row, column):
    """Ask for the cache line of table[row, column], without waiting for it."""

    def code(context, builder, signature, args):
        array = context.make_array(signature.args[0])(context, builder, args[0])
        index = builder.add(builder.mul(args[1], cgutils.unpack_tuple(builder, array.shape, 2)[1]), args[2])
        pointer = builder.bitcast(builder.gep(array.data, [index]), ir.IntType(8).as_pointer())
        word = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [pointer.type, word, word, word])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, [pointer, word(0), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(table, types.intp, types.intp), code


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
