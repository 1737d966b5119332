"""The film's eleventh step: a whole text encoder in plain PyTorch, with nothing of this library in it.

    python -m hornbook.film.example book.txt      trains it on a text, prints held-out perplexity

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
from torch.nn.utils import clip_grad_norm_

STEPS = 800
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
        layer = nn.TransformerEncoderLayer(D, 4, 4 * D, 0, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, 2)
        self.head = nn.Linear(D, V)

    def forward(self, ids):
        T = ids.shape[1]
        x = self.wte(ids) + self.wpe.weight[:T]
        mask = nn.Transformer.generate_square_subsequent_mask(T)
        return self.layers(x, mask)


def batch(stream, B=16, T=33):
    starts = torch.randint(len(stream) - T + 1, (B,))
    return torch.stack([stream[i : i + T] for i in starts])


def train(model, stream, held_out, steps, lr=0.003):
    adam = torch.optim.Adam(model.parameters(), lr)
    for step in range(1, steps + 1):
        ids = batch(stream)
        logits = model.head(model(ids[:, :-1]))
        loss = F.cross_entropy(logits.mT, ids[:, 1:])
        adam.zero_grad()
        loss.backward()
        clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        if step % 100 == 0:
            print(step, perplexity(model, held_out))


def perplexity(model, stream):
    ids = stream.unfold(0, 33, 33)
    with torch.no_grad():
        logits = model.head(model(ids[:, :-1]))
    return F.cross_entropy(logits.mT, ids[:, 1:]).exp().item()


def vector(model, ids):
    with torch.no_grad():
        return model(ids[None])[0].mean(dim=0)


def words_of(path):
    try:
        words = tokens(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeError) as error:
        sys.exit(f"{path} cannot be read as a text: {error}. What works: a text file in UTF-8.")
    if len(words) < LEAST:
        sys.exit(f"{path} has {len(words)} words, training and testing need {LEAST}. What works: a whole book.")
    return words


def learnt(words, steps, lr=0.003):
    torch.manual_seed(0)
    cut = len(words) * 9 // 10
    ids = vocabulary(words[:cut])
    model, held_out = Encoder(len(ids)), encode(words[cut:], ids)
    train(model, encode(words[:cut], ids), held_out, steps, lr)
    return model, held_out


def main(path, steps=STEPS):
    model, held_out = learnt(words_of(path), steps)
    print(f"held-out perplexity {perplexity(model, held_out):.1f}")
    a, b = (vector(model, half) for half in held_out[:32].view(2, 16))
    print(f"cosine of two neighbouring passages {F.cosine_similarity(a, b, dim=0):.3f}")


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Train a text encoder on a text of your own.")
    asked.add_argument("book", help="a text file in UTF-8")
    asked.add_argument("--steps", type=int, default=STEPS, help="steps of training (default: %(default)s)")
    told = asked.parse_args()
    main(told.book, told.steps)
