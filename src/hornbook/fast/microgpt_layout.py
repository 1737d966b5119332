"""Where each matrix of microgpt's fast form lies in its one memory."""

from collections import namedtuple

import numpy as np

# Sizes, and addresses counted in numbers from the memory's start. A row of activations is W long, one of an attention
# pattern P. Of L layers, weights lie `layer` apart, activations of D rows `one`, of 4D rows `four`.
At = namedtuple(
    "At",
    "D A K L V B W P one four layer "  # width, heads, their width, layers, vocabulary, block
    "wte wpe lm_head wqkv wo fc1 fc2 gradients m v "
    "share embed embed_scale norm1 scale1 qkv pattern z mid norm2 scale2 post resid probabilities "
    "d_resid d_norm d_z d_qkv d_post d_scores d_scores_t pattern_t transposed",
)
GROUP = 8  # names that go through at once: enough to fill the lanes, and memory that no batch outgrows


def rounded(n):
    """The next multiple of 8."""
    return -(-n // 8) * 8


def layout(config, vocab_size):
    """The `At` of a model, and how many numbers its memory holds."""
    D, A, L, V, B = config.n_embd, config.n_head, config.n_layer, vocab_size, config.block_size
    width, W, P = rounded(D), rounded(GROUP * B) + 8, rounded(B)  # 8 more: a name's last columns may hang over
    one, four = width * W, rounded(4 * D) * W
    embeddings = {"wte": V * width, "wpe": B * width, "lm_head": V * width}
    layers = {"wqkv": 3 * D * width, "wo": D * width, "fc1": 4 * D * width, "fc2": D * rounded(4 * D)}
    layer = sum(layers.values())
    weights = sum(embeddings.values()) + L * layer
    activations = {
        "share": W, "embed": one, "embed_scale": W, "norm1": L * one, "scale1": L * W, "qkv": L * 3 * one,
        "pattern": L * A * W * P, "z": L * one, "mid": L * one, "norm2": L * one, "scale2": L * W, "post": L * four,
        "resid": (L + 1) * one, "probabilities": V * W, "d_resid": one, "d_norm": one, "d_z": one, "d_qkv": 3 * one,
        "d_post": four, "d_scores": A * P * P, "d_scores_t": A * P * P, "pattern_t": A * P * P,
        "transposed": W * rounded(4 * D),
    }  # fmt: skip
    addresses, end = {}, 0
    for part, size in {**embeddings, **layers}.items():
        addresses[part], end = end, end + size
    for i, part in enumerate(("gradients", "m", "v"), 1):
        addresses[part] = i * weights
    end = 4 * weights
    for part, size in activations.items():
        addresses[part], end = end, end + size
    return At(D, A, D // A, L, V, B, W, P, one, four, layer, **addresses), end


def parameters(at):
    """(name, address, shape) of each parameter, in the order in which the published program draws them."""
    D, V, B = at.D, at.V, at.B
    yield from (("wte", at.wte, (V, D)), ("wpe", at.wpe, (B, D)), ("lm_head", at.lm_head, (V, D)))
    for i in range(at.L):
        for j, part in enumerate(("wq", "wk", "wv")):
            yield f"layers.{i}.attn.{part}", at.wqkv + i * at.layer + j * D * rounded(D), (D, D)
        yield f"layers.{i}.attn.wo", at.wo + i * at.layer, (D, D)
        yield f"layers.{i}.mlp.fc1", at.fc1 + i * at.layer, (4 * D, D)
        yield f"layers.{i}.mlp.fc2", at.fc2 + i * at.layer, (D, 4 * D)


def aligned(size):
    """Zeros that begin on a cache line of 64 bytes: rows of eight numbers are then read from one line, not two."""
    zeros = np.zeros(size + 8)
    start = -zeros.ctypes.data // 8 % 8
    return zeros[start : start + size]


def view(memory, address, shape):
    """The (rows, columns) matrix at an address, without the zeros that fill its rows up to a multiple of 8."""
    rows, columns = shape
    width = rounded(columns)
    return memory[address : address + rows * width].reshape(rows, width)[:, :columns]
