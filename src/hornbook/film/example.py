"""The film's eleventh step: a whole text encoder in plain PyTorch, with nothing of this library in it.

    python -m hornbook.film.example book.txt      trains it on a text, prints losses, perplexity and a similarity
"""

import re
import sys
from collections import Counter
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn


def tokens(text):
    return re.findall(r"\w+|[^\w\s]", text.lower())


def vocabulary(words, size=4000):
    frequent = Counter(words).most_common(size - 1)
    return {word: i for i, (word, _) in enumerate([("<UNK>", 0), *frequent])}


def encode(words, ids):
    return torch.tensor([ids.get(word, 0) for word in words])


class Encoder(nn.Module):
    def __init__(self, V, D=64, T=32):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(V, D), nn.Embedding(T, D)
        layer = nn.TransformerEncoderLayer(D, 4, 4 * D, batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, 2, nn.LayerNorm(D), enable_nested_tensor=False)
        self.head = nn.Linear(D, V, bias=False)

    def forward(self, ids):  # (B, T) -> (B, T, D)
        T = ids.shape[1]
        x = self.wte(ids) + self.wpe(torch.arange(T))
        mask = nn.Transformer.generate_square_subsequent_mask(T)
        return self.layers(x, mask, is_causal=True)


def loss_of(model, windows):
    logits = model.head(model(windows[:, :-1]))
    return F.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())


def train(model, stream, steps=1000, B=16, T=32):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for step in range(1, steps + 1):
        starts = torch.randint(len(stream) - T, (B,))
        loss = loss_of(model, torch.stack([stream[i : i + T + 1] for i in starts]))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 100 == 0:
            print(f"step {step}  loss {loss.item():.3f}")


@torch.no_grad()
def perplexity(model, stream, T=32):
    model.eval()
    return loss_of(model, stream[: len(stream) // (T + 1) * (T + 1)].view(-1, T + 1)).exp()


@torch.no_grad()
def vector(model, ids):  # a text of any length -> D numbers
    model.eval()
    return F.normalize(model(ids[None])[0].mean(dim=0), dim=0)


def main(path, steps=1000):
    torch.manual_seed(0)
    words = tokens(Path(path).read_text(encoding="utf-8"))
    cut = len(words) * 9 // 10
    ids = vocabulary(words[:cut])
    model, held_out = Encoder(len(ids)), encode(words[cut:], ids)
    train(model, encode(words[:cut], ids), steps)
    print(f"held-out perplexity {perplexity(model, held_out):.1f}")
    a, b = (vector(model, half) for half in held_out[:32].view(2, 16))
    print(f"cosine of two neighbouring passages {a @ b:.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
