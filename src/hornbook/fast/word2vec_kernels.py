"""The loops of word2vec, compiled: a block's windows, its gradients by three matrix products, the tables.

`shard` is what `sample` drew: (words, reach, negatives). `tables` are (word vectors, pieces' vectors, output vectors),
`spelling` the pieces of each word as (starts, pieces), both empty where there are no subwords. `sizes` are (window,
windows a block, noise weight). All floats are of the tables' type.
"""

import math
from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, overload

from hornbook.reference import word2vec_sampling

BOS = word2vec_sampling.BOS
compiled = njit(nogil=True, cache=True, error_model="numpy", fastmath=True)
LN2_HIGH, LN2_LOW = 0.693359375, -2.12194440e-4  # k · high is exact

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


@intrinsic
def power_of_two(typing, k):
    """2ᵏ as a float32, for k from −126 to 127: k in the place of the exponent's bits."""

    def code(context, builder, signature, args):
        word = ir.IntType(32)
        shifted = builder.shl(builder.add(args[0], ir.Constant(word, 127)), ir.Constant(word, 23))
        return builder.bitcast(shifted, ir.FloatType())

    return types.float32(types.int32), code


@compiled
def exp32(x):
    """eˣ of a float32 from −87 to 0: x = k ln 2 + r with |r| ≤ ln 2 / 2, eʳ by its Taylor polynomial, times 2ᵏ."""
    k = np.rint(x * np.float32(1 / math.log(2)))
    r = x - k * np.float32(LN2_HIGH) - k * np.float32(LN2_LOW)
    power = np.float32(1 / 5040)
    power = power * r + np.float32(1 / 720)
    power = power * r + np.float32(1 / 120)
    power = power * r + np.float32(1 / 24)
    power = power * r + np.float32(1 / 6)
    power = power * r + np.float32(1 / 2)
    power = power * r + np.float32(1)
    power = power * r + np.float32(1)
    return power * power_of_two(np.int32(k))


@compiled
def log_one_plus32(x):
    """ln(1 + x) of a float32 from 0 to 1: 2 artanh z by its series, where z = x / (2 + x) is at most 1/3."""
    z = x / (np.float32(2) + x)
    square = z * z
    series = np.float32(1 / 13)
    series = series * square + np.float32(1 / 11)
    series = series * square + np.float32(1 / 9)
    series = series * square + np.float32(1 / 7)
    series = series * square + np.float32(1 / 5)
    series = series * square + np.float32(1 / 3)
    series = series * square + np.float32(1)
    return np.float32(2) * z * series


@compiled
def surprise32(scores, weights, signs):
    """Scores (I, O) become their gradients, sign · weight · σ(sign · score); returns Σ weight · ln(1 + e^(± score)).

    The sign is −1 for a true pair and 1 for noise.
    """
    loss = 0.0
    for i in range(len(scores)):
        nats = np.float32(0)
        for o in range(scores.shape[1]):
            x = signs[o] * scores[i, o]
            small = exp32(max(-abs(x), np.float32(-87)))
            share = weights[i, o] / (np.float32(1) + small)
            nats += weights[i, o] * (max(x, np.float32(0)) + log_one_plus32(small))
            scores[i, o] = signs[o] * (share if x > 0 else small * share)
        loss += nats
    return loss


@compiled
def surprise64(scores, weights, signs):
    """`surprise32` for float64, by the library's functions."""
    loss = 0.0
    for i in range(len(scores)):
        for o in range(scores.shape[1]):
            x = signs[o] * scores[i, o]
            loss += weights[i, o] * (max(x, 0.0) + math.log1p(math.exp(-abs(x))))
            scores[i, o] = signs[o] * weights[i, o] / (1 + math.exp(-x))
    return loss


def surprise(scores, weights, signs):
    """`surprise32` or `surprise64`, by the type of the scores."""


@overload(surprise)
def _surprise(scores, weights, signs):
    chosen = surprise32 if scores.dtype == types.float32 else surprise64
    return lambda scores, weights, signs: chosen(scores, weights, signs)


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


@compiled
def gradients(shard, tables, spelling, sizes, first_block, row_grads, out_grads, sums):
    """Gradients of the blocks from first_block on: row_grads (B, R, D), out_grads (B, O, D), sums (B, 2) loss, pairs.

    Nothing is written to the tables. Blocks at the end of a shard may have fewer rows.
    """
    words, reach, negatives = shard
    head = tables[2]
    floats, D, W, N = head.dtype, head.shape[1], sizes.per_block, negatives.shape[1]
    most = W + 2 * sizes.window
    rows, inputs, outputs = np.empty((most, D), floats), np.empty((W, D), floats), np.empty((W + N, D), floats)
    input_grads, windows_memory = np.empty((W, D), floats), np.empty(most * W, floats)
    weights_memory, scores_memory = np.empty(most * (W + N), floats), np.empty(most * (W + N), floats)
    mixing_memory, positive_memory = np.empty(W * most, floats), np.empty(W * W, floats)
    signs = np.ones(W + N, floats)
    each = head.dtype.type(sizes.noise_weight)
    for b in range(len(sums)):
        at = span(len(words), sizes, first_block + b)
        start, stop, first, last = at
        R, C = last - first, stop - start
        O, I = C + N, C if sizes.cbow else R
        near, noise = words[first:last], negatives[first_block + b]
        windows = windows_memory[: R * C].reshape(R, C)
        weights, scores = weights_memory[: I * O].reshape(I, O), scores_memory[: I * O].reshape(I, O)
        read_rows(near, tables, spelling, rows)
        for o in range(O):
            outputs[o] = head[words[start + o] if o < C else noise[o - C]]
            signs[o] = -1 if o < C else 1
        find_windows(words, reach, at, windows)
        y, dy = outputs[:O], out_grads[b, :O]
        if sizes.cbow:
            mixing, positive = mixing_memory[: C * R].reshape(C, R), positive_memory[: C * C].reshape(C, C)
            mix(windows, mixing, positive)
            np.dot(mixing, rows[:R], inputs[:C])
            x, dx = inputs[:C], input_grads[:C]
        else:
            positive = windows
            x, dx = rows[:R], row_grads[b, :R]
        weigh(positive, words[start:stop], noise, each, weights)
        np.dot(x, y.T, scores)
        sums[b, 0], sums[b, 1] = surprise(scores, weights, signs), positive.sum()
        np.dot(scores, y, dx)
        np.dot(scores.T, x, dy)
        if sizes.cbow:
            np.dot(mixing.T, dx, row_grads[b, :R])


@compiled
def apply(shard, tables, spelling, sizes, first_block, row_grads, out_grads, rate, columns):
    """table −= rate · gradient for all the blocks in their order, in columns[0] … columns[1] of the tables only."""
    words, _, negatives = shard
    table, pieces, head = tables
    starts, of = spelling
    low, high = columns
    for b in range(len(row_grads)):
        start, stop, first, last = span(len(words), sizes, first_block + b)
        for r in range(last - first):
            word, grad = words[first + r], row_grads[b, r]
            for d in range(low, high):
                table[word, d] -= rate * grad[d]
            if len(starts):
                share = rate / max(1, starts[word + 1] - starts[word])
                for k in range(starts[word], starts[word + 1]):
                    for d in range(low, high):
                        pieces[of[k], d] -= share * grad[d]
        for o in range(stop - start + negatives.shape[1]):
            word = words[start + o] if start + o < stop else negatives[first_block + b, start + o - stop]
            grad = out_grads[b, o]
            for d in range(low, high):
                head[word, d] -= rate * grad[d]


@compiled
def learn(shard, tables, spelling, sizes, rate):
    """Read a shard block by block, each from what the block before left; returns its loss and its pairs, summed."""
    D, most = tables[2].shape[1], sizes.per_block + 2 * sizes.window
    row_grads = np.empty((1, most, D), tables[2].dtype)
    out_grads = np.empty((1, sizes.per_block + shard[2].shape[1], D), tables[2].dtype)
    sums, total = np.zeros((1, 2)), np.zeros(2)
    for block in range(len(shard[2])):
        gradients(shard, tables, spelling, sizes, block, row_grads, out_grads, sums)
        if rate > 0:
            apply(shard, tables, spelling, sizes, block, row_grads, out_grads, rate, (0, D))
        total += sums[0]
    return total
