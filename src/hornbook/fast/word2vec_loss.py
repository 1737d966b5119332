"""The loss of word2vec and its gradient, compiled: sixteen float32 scores at a time, or float64 ones by the library."""

import math

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, overload

compiled = njit(nogil=True, cache=True, error_model="numpy", fastmath=True)
LN2_HIGH = 0.693359375  # k · high is exact
LN2_LOW = math.log(2) - LN2_HIGH


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
