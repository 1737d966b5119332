"""The compiled loops of microgpt: forward, gradients and Adam over one flat memory, many tokens at a time.

Names stand side by side in the columns, `starts` says where; `at` holds the addresses, see `microgpt_layout.layout`.
"""

import math

import numpy as np

from hornbook.fast.columns import (
    add,
    compiled,
    linear,
    linear_backward,
    product,
    rmsnorm,
    rmsnorm_backward,
    rounded,
    shares,
    softmax,
    transpose,
)
from hornbook.fast.lanes import every, from_lane, load, maximum, multiply_add, sqrt, store, where_positive
from hornbook.fast.microgpt_layout import GROUP

LOSS, GRADIENTS, TRAIN = 0, 1, 2  # how far `run` goes with each batch


@compiled
def attention(memory, at, starts, qkv, pattern, z):
    """Name by name, head by head: pattern = softmax(kᵀ q / √K) where key ≤ query, (keys, queries); z = v · pattern."""
    A, K, W, P = at.A, at.K, at.W, at.P
    for name in range(len(starts) - 1):
        n, T = starts[name], starts[name + 1] - starts[name]
        q, k, v = qkv + n, qkv + at.D * W + n, qkv + 2 * at.D * W + n
        for head in range(A):
            rows, scores = head * K * W, pattern + (head * W + n) * P
            product(memory, k + rows, 1, W, q + rows, W, scores, P, T, K, T, False)
        for head in range(A):
            for query in range(0, T, 8):
                scores, largest = pattern + (head * W + n) * P + query, every(-1e300)
                for key in range(T):
                    score = from_lane(key - query, load(memory, scores + key * P), every(-1e300))
                    store(memory, scores + key * P, score)
                    largest = maximum(largest, score)
                shares(memory, scores, P, T, largest, 1 / math.sqrt(K))
        for head in range(A):
            rows = head * K * W
            product(memory, v + rows, W, 1, pattern + (head * W + n) * P, P, z + n + rows, W, K, T, T, False)


@compiled
def attention_backward(memory, at, starts, qkv, pattern, dz, d_qkv):
    """ds = pattern · (dp − Σ dp · pattern) / √K with dp = vᵀ dz; dq = k ds, dk = q dsᵀ, dv = dz patternᵀ."""
    A, K, W, P, scale = at.A, at.K, at.W, at.P, 1 / math.sqrt(at.K)
    for name in range(len(starts) - 1):
        n, T = starts[name], starts[name + 1] - starts[name]
        q, k, v = qkv + n, qkv + at.D * W + n, qkv + 2 * at.D * W + n
        dq, dk, dv = d_qkv + n, d_qkv + at.D * W + n, d_qkv + 2 * at.D * W + n
        for head in range(A):
            p, ds, rows = pattern + (head * W + n) * P, at.d_scores + head * P * P, head * K * W
            product(memory, v + rows, 1, W, dz + n + rows, W, ds, P, T, K, T, False)
            for query in range(0, T, 8):
                dot = every(0.0)
                for i in range(query, query + T * P, P):
                    dot = multiply_add(load(memory, ds + i), load(memory, p + i), dot)
                for i in range(query, query + T * P, P):
                    store(memory, ds + i, (load(memory, ds + i) - dot) * load(memory, p + i) * scale)
        for head in range(A):
            transpose(memory, pattern + (head * W + n) * P, P, at.pattern_t + head * P * P, P, T, T)
            transpose(memory, at.d_scores + head * P * P, P, at.d_scores_t + head * P * P, P, T, T)
        for head in range(A):
            rows, square = head * K * W, head * P * P
            product(memory, k + rows, W, 1, at.d_scores + square, P, dq + rows, W, K, T, T, False)
            product(memory, q + rows, W, 1, at.d_scores_t + square, P, dk + rows, W, K, T, T, False)
            product(memory, dz + n + rows, W, 1, at.pattern_t + square, P, dv + rows, W, K, T, T, False)


@compiled
def forward(memory, at, ids, starts):
    """Every number up to the probabilities, (V, N), of the names whose ids stand in `ids`, name i from starts[i] on."""
    N, W, D, F, width = starts[-1], at.W, at.D, 4 * at.D, rounded(at.D)
    for name in range(len(starts) - 1):
        for n in range(starts[name], starts[name + 1]):
            token, position = at.wte + ids[n] * width, at.wpe + (n - starts[name]) * width
            for d in range(0, D, 8):
                store(memory, at.transposed + n * width + d, load(memory, token + d) + load(memory, position + d))
    transpose(memory, at.transposed, width, at.embed, W, N, D)
    rmsnorm(memory, at, N, at.embed, at.resid, at.embed_scale)
    for i in range(at.L):
        w, x, one, four = i * at.layer, at.resid + i * at.one, i * at.one, i * at.four
        norm1, qkv, z, mid, norm2, post = (
            at.norm1 + one,
            at.qkv + 3 * one,
            at.z + one,
            at.mid + one,
            at.norm2 + one,
            at.post + four,
        )
        rmsnorm(memory, at, N, x, norm1, at.scale1 + i * W)
        linear(memory, at, N, at.wqkv + w, 3 * D, D, norm1, qkv)
        attention(memory, at, starts, qkv, at.pattern + i * at.A * W * at.P, z)
        linear(memory, at, N, at.wo + w, D, D, z, mid)
        add(memory, at, N, x, mid)
        rmsnorm(memory, at, N, mid, norm2, at.scale2 + i * W)
        linear(memory, at, N, at.fc1 + w, F, D, norm2, post)
        for r in range(post, post + F * W, W):
            for n in range(r, r + N, 8):
                store(memory, n, maximum(load(memory, n), every(0.0)))
        linear(memory, at, N, at.fc2 + w, D, F, post, x + at.one)
        add(memory, at, N, mid, x + at.one)
    linear(memory, at, N, at.lm_head, at.V, D, at.resid + at.L * at.one, at.probabilities)
    for n in range(0, N, 8):
        softmax(memory, at.probabilities + n, W, at.V)


@compiled
def measure(memory, at, targets, starts, losses):
    """The loss of each name: the mean of −log p(target) over its tokens, in nats."""
    for name in range(len(losses)):
        losses[name] = 0.0
        for n in range(starts[name], starts[name + 1]):
            losses[name] -= math.log(memory[at.probabilities + targets[n] * at.W + n])
        losses[name] /= starts[name + 1] - starts[name]


@compiled
def backward(memory, at, ids, targets, starts, more):
    """The gradient of Σ share · −log p(target) in every parameter, from what `forward` left; d_x is that in x.

    Where `more`, it is added to the gradient that was there.
    """
    N, W, D, F, width = starts[-1], at.W, at.D, 4 * at.D, rounded(at.D)
    for r in range(at.probabilities, at.probabilities + at.V * W, W):
        for n in range(0, N, 8):
            store(memory, r + n, load(memory, r + n) * load(memory, at.share + n))
    for n in range(N):
        memory[at.probabilities + targets[n] * W + n] -= memory[at.share + n]
    linear_backward(memory, at, N, at.lm_head, at.V, D, at.resid + at.L * at.one, at.probabilities, at.d_resid, more)
    for i in range(at.L - 1, -1, -1):
        w, one, four = i * at.layer, i * at.one, i * at.four
        norm1, qkv, z, norm2, post = at.norm1 + one, at.qkv + 3 * one, at.z + one, at.norm2 + one, at.post + four
        linear_backward(memory, at, N, at.fc2 + w, D, F, post, at.d_resid, at.d_post, more)
        for r in range(0, F * W, W):
            for n in range(r, r + N, 8):
                store(memory, at.d_post + n, where_positive(load(memory, post + n), load(memory, at.d_post + n)))
        linear_backward(memory, at, N, at.fc1 + w, F, D, norm2, at.d_post, at.d_norm, more)
        rmsnorm_backward(memory, at, N, at.d_norm, norm2, at.scale2 + i * W, at.d_resid)
        linear_backward(memory, at, N, at.wo + w, D, D, z, at.d_resid, at.d_z, more)
        attention_backward(memory, at, starts, qkv, at.pattern + i * at.A * W * at.P, at.d_z, at.d_qkv)
        linear_backward(memory, at, N, at.wqkv + w, 3 * D, D, norm1, at.d_qkv, at.d_norm, more)
        rmsnorm_backward(memory, at, N, at.d_norm, norm1, at.scale1 + i * W, at.d_resid)
    for i in range(0, at.one, 8):
        store(memory, at.d_norm + i, every(0.0))
    rmsnorm_backward(memory, at, N, at.d_resid, at.resid, at.embed_scale, at.d_norm)
    transpose(memory, at.d_norm, W, at.transposed, width, D, N)
    if not more:
        for i in range(at.gradients + at.wte, at.gradients + at.lm_head, 8):
            store(memory, i, every(0.0))
    for name in range(len(starts) - 1):
        for n in range(starts[name], starts[name + 1]):
            token = at.gradients + at.wte + ids[n] * width
            position = at.gradients + at.wpe + (n - starts[name]) * width
            for d in range(0, D, 8):
                change = load(memory, at.transposed + n * width + d)
                store(memory, token + d, load(memory, token + d) + change)
                store(memory, position + d, load(memory, position + d) + change)


@compiled
def adam(memory, at, step, rate, beta1, beta2, epsilon):
    """Kingma & Ba 2015, over all parameters: x −= rate · m̂ / (√v̂ + ε)."""
    m_rate, v_scale = rate / (1 - beta1**step), 1 / math.sqrt(1 - beta2**step)
    for x in range(0, at.gradients, 8):
        m, v, gradient = at.m + x, at.v + x, load(memory, at.gradients + x)
        mean = load(memory, m) * beta1 + gradient * (1 - beta1)
        square = load(memory, v) * beta2 + gradient * gradient * (1 - beta2)
        store(memory, m, mean)
        store(memory, v, square)
        store(memory, x, load(memory, x) - mean * m_rate / multiply_add(sqrt(square), every(v_scale), every(epsilon)))


@compiled
def gather(memory, at, text, offsets, first, batch, ids, targets, starts):
    """Lay names of a batch side by side from name number `first` on, round and round, each cut at the block's size."""
    count, N = len(offsets) - 1, 0
    for name in range(len(starts) - 1):
        start, end = offsets[(first + name) % count], offsets[(first + name) % count + 1]
        T = min(end - start, at.B)
        for t in range(T):
            ids[N + t], targets[N + t] = text[start + t], text[start + t + 1]
            memory[at.share + N + t] = 1 / (T * batch)
        N += T
        starts[name + 1] = N
    for n in range(N, at.W):
        memory[at.share + n] = 0.0


@compiled
def run(memory, at, text, offsets, mode, first, losses, schedule):
    """Batch after batch from batch number `first` on, into losses (batches, names a batch).

    Name n is text[offsets[n] : offsets[n + 1] + 1], from its <BOS> to the next. schedule is (steps, learning rate, β₁,
    β₂, ε). A loss that is no number ends it before anything moves; returns how many batches came before that.
    """
    batches, batch = losses.shape
    ids, targets, starts = np.zeros(at.W, np.int64), np.zeros(at.W, np.int64), np.zeros(GROUP + 1, np.int64)
    steps, learning_rate, beta1, beta2, epsilon = schedule
    for i in range(batches):
        for name in range(0, batch, GROUP):
            names = min(GROUP, batch - name)
            gather(memory, at, text, offsets, (first + i) * batch + name, batch, ids, targets, starts[: names + 1])
            forward(memory, at, ids, starts[: names + 1])
            measure(memory, at, targets, starts, losses[i, name : name + names])
            if mode != LOSS:
                backward(memory, at, ids, targets, starts[: names + 1], name > 0)
        if mode != LOSS and not math.isfinite(losses[i].sum()):
            return i
        if mode == TRAIN:
            step = first + i + 1
            adam(memory, at, step, learning_rate * (1 - (step - 1) / steps), beta1, beta2, epsilon)
    return batches
