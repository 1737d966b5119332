"""The LSTM and the GPT as people write them in PyTorch, from parts of torch.nn: what hornbook is measured against."""

import torch
import torch.nn.functional as F
from torch import nn


class BareLstm(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.wte = nn.Embedding(config.vocab_size, config.embedding_dim)
        self.lstm = nn.LSTM(config.embedding_dim, config.hidden_size, batch_first=True)
        self.head = nn.Linear(config.hidden_size, config.vocab_size)

    def forward(self, ids):
        return self.head(self.lstm(self.wte(ids))[0])

    def take(self, w):
        """Begin with hornbook's weights. torch's second bias begins at 0."""
        first = {
            "wte.weight": w["wte"],
            "head.weight": w["lm_head"],
            "head.bias": w["lm_bias"],
            "lstm.weight_ih_l0": w["layers.0.w_x"],
            "lstm.weight_hh_l0": w["layers.0.w_h"],
            "lstm.bias_ih_l0": w["layers.0.b"],
            "lstm.bias_hh_l0": torch.zeros_like(w["layers.0.b"]),
        }
        self.load_state_dict(first)


class Block(nn.Module):
    def __init__(self, config, norm_bias):
        super().__init__()
        D, self.heads = config.n_embd, config.n_head
        self.norm1, self.norm2 = nn.LayerNorm(D, bias=norm_bias), nn.LayerNorm(D, bias=norm_bias)
        self.qkv, self.wo = nn.Linear(D, 3 * D, bias=False), nn.Linear(D, D, bias=False)
        self.fc1, self.fc2 = nn.Linear(D, 4 * D, bias=False), nn.Linear(4 * D, D, bias=False)

    def forward(self, x):
        q, k, v = (
            part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in self.qkv(self.norm1(x)).chunk(3, -1)
        )
        z = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.wo(z.transpose(1, 2).flatten(2))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x))))


class BareGpt(nn.Module):
    def __init__(self, config, norm_bias=True):
        super().__init__()
        self.wte = nn.Embedding(config.vocab_size, config.n_embd)
        self.wpe = nn.Embedding(config.block_size, config.n_embd)
        self.blocks = nn.Sequential(*(Block(config, norm_bias) for _ in range(config.n_layer)))
        self.norm = nn.LayerNorm(config.n_embd, bias=norm_bias)
        self.head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        self.head.weight = self.wte.weight

    def forward(self, ids):
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1]))
        return self.head(self.norm(self.blocks(x)))

    def take(self, w):
        """Begin with hornbook's weights."""
        first = {
            "wte.weight": w["wte"],
            "head.weight": w["wte"],
            "wpe.weight": w["wpe"],
            "norm.weight": w["norm_final.weight"],
            "norm.bias": w["norm_final.bias"],
        }
        for i in range(len(self.blocks)):
            here, there = f"blocks.{i}", f"layers.{i}"
            first[f"{here}.qkv.weight"] = torch.cat([w[f"{there}.attn.w{letter}"] for letter in "qkv"])
            first[f"{here}.wo.weight"] = w[f"{there}.attn.wo"]
            first |= {f"{here}.{name}.weight": w[f"{there}.mlp.{name}"] for name in ("fc1", "fc2")}
            first |= {
                f"{here}.{name}": w[f"{there}.{name}"]
                for name in ("norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias")
            }
        self.load_state_dict(first)
