"""The film's eleventh step: a whole text encoder in plain PyTorch, with nothing of this library in it.

    python -m hornbook.film.example book.txt      trains it on a text, prints losses, perplexity and a similarity

Its parts are short, because each is read on the screen.
"""

import argparse
import re
import sys
from collections import Counter
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

LEAST = 330  # words: of a tenth of them, held out, one row of 33 is tested


def tokens(text):
    return re.findall(r"\w+|[^\w\s]", text)


def vocabulary(words, V=4000):
    top = Counter(words).most_common(V - 1)
    names = ["<UNK>", *(word for word, _ in top)]
    return {name: i for i, name in enumerate(names)}


def encode(words, ids):
    return torch.tensor([ids.get(word, 0) for word in words])


class Encoder(nn.Module):
    def __init__(self, V, D=64, T=32):
        super().__init__()
        self.wte = nn.Embedding(V, D)
        self.wpe = nn.Embedding(T, D)
        self.layers = transformer(D)
        self.head = nn.Linear(D, V)

    def forward(self, ids):
        T = ids.shape[1]
        x = self.wte(ids) + self.wpe.weight[:T]
        return self.layers(x, causal_mask(T))


def transformer(D, n_head=4, n_layer=2):
    layer = nn.TransformerEncoderLayer(D, n_head, batch_first=True)
    return nn.TransformerEncoder(layer, n_layer)


def causal_mask(T):
    return nn.Transformer.generate_square_subsequent_mask(T)


def batch(stream, B, T):
    starts = torch.randint(len(stream) - T + 1, (B,))
    return torch.stack([stream[i : i + T] for i in starts])


def loss_of(model, ids):
    logits = model.head(model(ids[:, :-1]))
    return F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())


def train(model, stream, steps):
    adam = torch.optim.Adam(model.parameters())
    for step in range(steps):
        loss = loss_of(model, batch(stream, 16, 33))
        adam.zero_grad()
        loss.backward()
        adam.step()
        print(step, loss.item())


@torch.no_grad()
def perplexity(model, stream):
    rows = stream[: len(stream) // 33 * 33]
    return loss_of(model, rows.view(-1, 33)).exp()


@torch.no_grad()
def vector(model, ids):
    return model(ids[None])[0].mean(dim=0)


def words_of(path):
    try:
        words = tokens(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeError) as error:
        sys.exit(f"{path} cannot be read as a text: {error}. What works: a text file in UTF-8.")
    if len(words) < LEAST:
        sys.exit(f"{path} has {len(words)} words, training and testing need {LEAST}. What works: a whole book.")
    return words


def main(path, steps=1000):
    torch.manual_seed(0)
    words = words_of(path)
    cut = len(words) * 9 // 10
    ids = vocabulary(words[:cut])
    model, held_out = Encoder(len(ids)), encode(words[cut:], ids)
    train(model, encode(words[:cut], ids), steps)
    model.eval()
    print(f"held-out perplexity {perplexity(model, held_out):.1f}")
    a, b = (vector(model, half) for half in held_out[:32].view(2, 16))
    print(f"cosine of two neighbouring passages {F.cosine_similarity(a, b, dim=0):.3f}")


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Train a text encoder on a text of your own.")
    asked.add_argument("book", help="a text file in UTF-8")
    asked.add_argument("--steps", type=int, default=1000, help="steps of training (default: %(default)s)")
    told = asked.parse_args()
    main(told.book, told.steps)
