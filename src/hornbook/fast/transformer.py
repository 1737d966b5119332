"""The transformer in PyTorch: parameters and numbers as in hornbook.reference.transformer, by the same names."""

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.autograd.function import once_differentiable

from hornbook.reference.layers import rotary_angles
from hornbook.reference.transformer_config import check_length, check_mask
from hornbook.reference.transformer_parameters import init
from hornbook.trace import looking, see, within


class _Rms(torch.autograd.Function):
    """The reference's rmsnorm and its gradient: PyTorch's own takes a CPU more than twice as long, there and back."""

    @staticmethod
    def forward(ctx, x, eps):
        length = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
        scale = (length.square() / x.shape[-1] + eps).rsqrt()
        ctx.save_for_backward(y := x * scale, scale)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx, dy):
        y, scale = ctx.saved_tensors
        return (dy - y * (dy * y).mean(-1, keepdim=True)) * scale, None


class RmsNorm(nn.Module):
    """x / √(mean x² + eps), over rows of any width."""

    def __init__(self, _, eps):
        super().__init__()
        self.eps = eps

    def forward(self, x):
        return _Rms.apply(x, self.eps)


NORMS = {"layernorm": nn.LayerNorm, "rmsnorm": RmsNorm}
ACTIVATIONS = {
    "relu": F.relu,
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "relu2": lambda x: F.relu(x).square(),
}


class Sight(NamedTuple):
    """What all layers need to know about the positions of the tokens they read."""

    turns: torch.Tensor | None  # (T, K/2) complex: how far rotary positions turn each pair of a query or key
    # −∞ where the row's token may not look, else 0; None: all may. (T, tokens so far), with padding (B, 1, 1 or T, …)
    mask: torch.Tensor | None


class Transformer(nn.Module):
    """A transformer as `config` describes it.

    `seed` draws the first parameters, the very ones of the reference's `init`. Dropout acts while training: on the
    embeddings, on who looks at whom, and on what each layer adds.
    """

    def __init__(self, config, seed=0):
        super().__init__()
        self.config = config
        self.wte = _zeros(config.vocab_size, config.n_embd)
        self.wpe = _zeros(config.block_size, config.n_embd) if config.positions == "learned" else None
        self.lm_head = _zeros(config.vocab_size, config.n_embd) if config.head == "untied" else None
        self.embed_norm = _norm(config) if config.norm_place != "pre" else None
        self.kv = SharedKeysValues(config) if config.kv == "shared" else None
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.n_layer))
        self.norm_final = _norm(config) if config.norm_place == "pre" else None
        angles = torch.from_numpy(rotary_angles(config.block_size, config.n_embd // config.n_head))
        self.turns = torch.polar(torch.ones_like(angles), angles)  # no buffer: those lose digits in `model.float()`
        self.load(init(config, np.random.default_rng(seed)))

    def load(self, params):
        """Take over parameters, name -> NumPy array, as the reference has them."""
        self.load_state_dict({name: torch.from_numpy(value) for name, value in params.items()})

    def export(self):
        """The parameters by name, as NumPy arrays."""
        return {name: value.numpy(force=True) for name, value in self.state_dict().items()}

    def forward(self, ids, state=None, mask=None):
        """ids (B, T) -> logits (B, T, V) and the state after the last token, with which the text goes on.

        Where there is no head, the first is hidden (B, T, D). The state has each layer's keys and values so far, each
        (B, A, tokens so far, K). It is None where `causal` is False: there, what comes later changes what was before.
        `mask` (B, tokens so far) is True for text and False for the padding behind it, which nobody looks at. Raises
        HornbookError where the tokens, those of the state included, are more than `block_size`.
        """
        x, state = self.read(ids, state, mask)
        return (see("hidden", x) if self.config.head == "none" else self.logits(x)), state

    def logits(self, x):
        """Score every token of the vocabulary: what `read` made of some tokens (…, D) -> (…, V)."""
        return see("logits", F.linear(x, self.wte if self.lm_head is None else self.lm_head))

    def read(self, ids, state=None, mask=None):
        """`forward` without the head: ids (B, T) -> the stream behind the last layer (B, T, D), and the state."""
        start = state[0][0].shape[2] if state else 0
        check_length(start + ids.shape[1], self.config)
        if mask is not None:
            check_mask(see("mask", mask), ids if state is None else ids.new_empty(len(ids), start + ids.shape[1]))
        x, sight = self._embed(ids, start), self._sight(ids, start, mask)
        given, kept = state or [None] * len(self.layers), []
        if self.kv is not None:
            with within("kv"):
                given = [self.kv(x, sight, given[0])] * len(self.layers)
        for i, (layer, keys_values) in enumerate(zip(self.layers, given)):
            with within(f"layers.{i}"):
                x, keys_values = layer(x, sight, keys_values)
            kept.append(keys_values)
        if self.norm_final is not None:
            x = see("norm_final", self.norm_final(x))
        return x, kept if self.config.causal else None

    def _embed(self, ids, start):
        x = see("embed", F.embedding(see("ids", ids), self.wte))
        if self.wpe is not None:
            x = x + see("pos_embed", self.wpe[start : start + ids.shape[1]])
        if self.embed_norm is not None:
            x = see("embed_norm", self.embed_norm(x))
        return F.dropout(x, self.config.dropout, self.training)

    def _sight(self, ids, start, text):
        turns, mask, end = None, None, start + ids.shape[1]
        if self.config.positions == "rotary":
            precision = torch.complex128 if self.wte.dtype == torch.float64 else torch.complex64
            turns = self.turns[start:end].to(ids.device, precision)
        if self.config.causal and ids.shape[1] > 1:
            mask = self.wte.new_full((ids.shape[1], end), -torch.inf).triu(start + 1)
        if text is not None:
            padding = self.wte.new_zeros(text.shape).masked_fill(~text, -torch.inf)[:, None, None, :]
            mask = padding if mask is None else mask + padding
        return Sight(turns, mask)


class Layer(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x)); also called a block. Post: norm(x + attention(x)), and so on."""

    def __init__(self, config):
        super().__init__()
        self.post = config.norm_place == "post"
        self.norm1, self.attn = _norm(config), Attention(config)
        self.norm2, self.mlp = _norm(config), Mlp(config)

    def forward(self, x, sight, given):
        see("resid_pre", x)
        read = x if self.post else see("norm1", self.norm1(x))
        with within("attn"):
            out, keys_values = self.attn(read, sight, given)
        x = see("resid_mid", x + out)
        x = see("norm1", self.norm1(x)) if self.post else x
        read = x if self.post else see("norm2", self.norm2(x))
        with within("mlp"):
            out = self.mlp(read)
        x = see("resid_post", x + out)
        return (see("norm2", self.norm2(x)) if self.post else x), keys_values


class Attention(nn.Module):
    """Each head: softmax(q kᵀ / √K, masked) v; the heads side by side, then mixed by wo.

    `given` is (k, v) of the tokens before, or None; of all tokens, where keys and values are shared.
    """

    def __init__(self, config):
        super().__init__()
        self.config = config
        _add_projections(self, "qkvo" if config.kv == "per_layer" else "qo", config)

    def forward(self, x, sight, given):
        dropout = self.config.dropout if self.training else 0.0
        q, *kv = _project(self, "qkv" if self.config.kv == "per_layer" else "q", x)
        q = see("q", _turn(q, sight.turns))
        k, v = _keep(*kv, sight, given) if kv else given
        # In bfloat16 the fused kernel's way back takes a CPU four times as long as the products one by one.
        one_by_one = looking() or (q.dtype == torch.bfloat16 and q.device.type == "cpu")
        z = see("z", (attend if one_by_one else attend_fused)(q, k, v, sight.mask, dropout))
        out = F.linear(z.transpose(1, 2).flatten(2), self.wo, self.bo)  # (B, A, T, K) -> (B, T, D)
        return see("out", F.dropout(out, dropout)), (k, v)


class SharedKeysValues(nn.Module):
    """Keys and values made once, from the normed embedding, for all layers."""

    def __init__(self, config):
        super().__init__()
        self.config, self.norm = config, _norm(config)
        _add_projections(self, "kv", config)

    def forward(self, x, sight, before):
        return _keep(*_project(self, "kv", see("norm", self.norm(x))), sight, before)


class Mlp(nn.Module):
    """fc2 activation(fc1 x)."""

    def __init__(self, config):
        super().__init__()
        self.config, narrow, wide = config, config.sizes["D"], config.sizes["F"]
        self.fc1, self.b1 = _zeros(wide, narrow), _zeros(wide) if config.bias else None
        self.fc2, self.b2 = _zeros(narrow, wide), _zeros(narrow) if config.bias else None

    def forward(self, x):
        post = see("post", ACTIVATIONS[self.config.activation](see("pre", F.linear(x, self.fc1, self.b1))))
        return see("out", F.dropout(F.linear(post, self.fc2, self.b2), self.config.dropout, self.training))


def attend(q, k, v, mask, dropout):
    """softmax(q kᵀ / √K + mask) v, one product after the other: (B, A, T, K) and k, v of all tokens so far."""
    scores = see("scores", (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2))  # (B, A, T, tokens so far)
    pattern = see("pattern", (scores if mask is None else scores + mask.type_as(scores)).softmax(-1))
    return F.dropout(pattern, dropout) @ v


def attend_fused(q, k, v, mask, dropout):
    """What `attend` gives, by PyTorch's own kernel, which never holds a pattern as a whole."""
    triangle = mask is not None and mask.ndim == 2 and q.shape[2] == k.shape[2]
    mask = None if triangle or mask is None else mask.type_as(q)
    return F.scaled_dot_product_attention(q, k, v, mask, dropout, is_causal=triangle)


def _project(w, letters, x):
    """The queries, keys or values of x by one product, which a CPU finishes sooner than several narrow ones."""
    weight = torch.cat([getattr(w, f"w{letter}") for letter in letters])
    bias = torch.cat([getattr(w, f"b{letter}") for letter in letters]) if w.config.bias else None
    parts = F.linear(x, weight, bias).chunk(len(letters), -1)
    return [part.unflatten(-1, (w.config.n_head, -1)).transpose(1, 2) for part in parts]  # (B, T, D) -> (B, A, T, K)


def _keep(k, v, sight, before):
    """Turn the keys, and put keys and values after those of the tokens before."""
    k, v = see("k", _turn(k, sight.turns)), see("v", v)
    return (k, v) if before is None else (torch.cat([before[0], k], 2), torch.cat([before[1], v], 2))


def _turn(x, turns):
    """Rotary positions as a product of complex numbers: one pass over x where cosines and sines take seven."""
    if turns is None:
        return x
    pairs = torch.view_as_complex(x.to(turns.real.dtype).unflatten(-1, (-1, 2)))  # (…, T, K) -> (…, T, K/2)
    return torch.view_as_real(pairs * turns).flatten(-2).type_as(x)


def _norm(config):
    return NORMS[config.norm](config.n_embd, eps=config.eps)


def _zeros(*shape):
    return nn.Parameter(torch.zeros(shape))


def _add_projections(module, letters, config):
    for letter in letters:
        setattr(module, f"w{letter}", _zeros(config.n_embd, config.n_embd))
        setattr(module, f"b{letter}", _zeros(config.n_embd) if config.bias else None)
