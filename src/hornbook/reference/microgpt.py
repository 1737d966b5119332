"""A whole GPT in plain Python, number by number: tokenizer, model, training and sampling of first names.

Also known as microgpt, after Andrej Karpathy's program of that name, whose numbers it reproduces.
Run it: python -m hornbook.reference.microgpt [file with one name a line]
"""

import math
import random
import sys
from collections import Counter, deque
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from hornbook.reference.autograd import Value, name, without_garbage_collector


@dataclass(frozen=True)
class Config:
    """Sizes of the model, and how it is trained."""

    n_layer: int = 1
    n_embd: int = 16  # width of every vector between the layers
    n_head: int = 4
    block_size: int = 16  # most positions of one name
    init_std: float = 0.08
    steps: int = 1000  # one name a step
    learning_rate: float = 0.01  # at the first step; falls in a straight line to 0 after the last
    beta1: float = 0.85
    beta2: float = 0.99
    epsilon: float = 1e-8


def alphabet(names):
    """The letters of the names, sorted: the id of a letter is its place, and the id after the last is <BOS>."""
    return sorted(set("".join(names)))


def encode(word, letters):
    """The ids of a name, with <BOS> before it and after it: "ab" -> [26, 0, 1, 26]."""
    return [len(letters), *(letters.index(letter) for letter in word), len(letters)]


def init(vocab_size, config, rng):
    """Every weight a leaf drawn from N(0, init_std²), row by row: {"wte": V rows of D, …}, matrices as (out, in)."""
    D = config.n_embd
    shapes = {"wte": (vocab_size, D), "wpe": (config.block_size, D), "lm_head": (vocab_size, D)}
    for i in range(config.n_layer):
        shapes |= {f"layers.{i}.attn.{part}": (D, D) for part in ("wq", "wk", "wv", "wo")}
        shapes |= {f"layers.{i}.mlp.fc1": (4 * D, D), f"layers.{i}.mlp.fc2": (D, 4 * D)}
    weights = {}
    for label, (n_out, n_in) in shapes.items():
        rows = [[Value(rng.gauss(0, config.init_std)) for _ in range(n_in)] for _ in range(n_out)]
        weights[label] = [name(f"{label}[{o}]", row) for o, row in enumerate(rows)]
    return weights


def add(x, y):
    return [a + b for a, b in zip(x, y)]


def linear(x, weight):
    """weight · x, one sum of products for each output."""
    return [sum(w * a for w, a in zip(row, x)) for row in weight]


def softmax(scores):
    """exp(score) / Σ exp(score); the largest score is taken off first so that nothing overflows."""
    largest = max(score.data for score in scores)
    powers = [(score - largest).exp() for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def rmsnorm(x):
    """x / √(mean of x² + 1e-5): the direction of x, at length √D. Zhang & Sennrich 2019."""
    mean_square = sum(a * a for a in x) / len(x)
    scale = (mean_square + 1e-5) ** -0.5
    return [a * scale for a in x]


def attention(q, keys, values, n_head, where):
    """softmax(q · k / √K) over every position so far, then the mean of their values, head by head."""
    K, here, z = len(q) // n_head, len(keys) - 1, []
    for head in range(n_head):
        part = range(head * K, (head + 1) * K)
        scores = name(f"{where}.scores[{here}][{head}]", [sum(q[j] * k[j] for j in part) / K**0.5 for k in keys])
        pattern = name(f"{where}.pattern[{here}][{head}]", softmax(scores))
        z += [sum(p * v[j] for p, v in zip(pattern, values)) for j in part]
    return z


def forward(weights, token, position, cache, config):
    """The V logits of what follows `token` at `position`; `cache` holds each layer's keys and values so far."""

    def see(label, vector):  # names the numbers of one position: layers.0.attn.q[position][0], [1], …
        return name(f"{label}[{position}]", vector)

    x = see("embed_norm", rmsnorm(add(weights["wte"][token], weights["wpe"][position])))
    for i in range(config.n_layer):
        attn, mlp, (keys, values) = f"layers.{i}.attn", f"layers.{i}.mlp", cache[i]
        n = see(f"layers.{i}.norm1", rmsnorm(x))
        q = see(f"{attn}.q", linear(n, weights[f"{attn}.wq"]))
        keys.append(see(f"{attn}.k", linear(n, weights[f"{attn}.wk"])))
        values.append(see(f"{attn}.v", linear(n, weights[f"{attn}.wv"])))
        z = see(f"{attn}.z", attention(q, keys, values, config.n_head, attn))
        out = see(f"{attn}.out", linear(z, weights[f"{attn}.wo"]))
        x = see(f"layers.{i}.resid_mid", add(out, x))
        n = see(f"layers.{i}.norm2", rmsnorm(x))
        pre = see(f"{mlp}.pre", linear(n, weights[f"{mlp}.fc1"]))
        post = see(f"{mlp}.post", [a.relu() for a in pre])
        out = see(f"{mlp}.out", linear(post, weights[f"{mlp}.fc2"]))
        x = see(f"layers.{i}.resid_post", add(out, x))
    return see("logits", linear(x, weights["lm_head"]))


def loss(weights, ids, config):
    """Mean of −log p(next id) over the positions of one name, at most `block_size` of them, in nats."""
    cache, losses = [([], []) for _ in range(config.n_layer)], []
    for position, (token, target) in enumerate(pairwise(ids[: config.block_size + 1])):
        logits = forward(weights, token, position, cache, config)
        probabilities = name(f"probabilities[{position}]", softmax(logits))
        losses.append(-probabilities[target].log())
    mean = (1 / len(losses)) * sum(name("losses", losses))
    mean.name = "loss"
    return mean


def adam(leaves, m, v, step, config):
    """Move every leaf against its gradient g: x −= rate · m̂ / (√v̂ + ε). Kingma & Ba 2015.

    m and v are running means of g and g², m̂ and v̂ the same freed of the zeros they began with. Clears the gradients.
    """
    rate = config.learning_rate * (1 - (step - 1) / config.steps)
    for i, leaf in enumerate(leaves):
        m[i] = config.beta1 * m[i] + (1 - config.beta1) * leaf.grad
        v[i] = config.beta2 * v[i] + (1 - config.beta2) * leaf.grad**2
        m_hat, v_hat = m[i] / (1 - config.beta1**step), v[i] / (1 - config.beta2**step)
        leaf.data -= rate * m_hat / (v_hat**0.5 + config.epsilon)
        leaf.grad = 0.0


def train(weights, names, letters, config):
    """One name a step; yields (step, loss of its name). ValueError when the loss is no longer a number."""
    leaves = [leaf for rows in weights.values() for row in rows for leaf in row]
    m, v = [0.0] * len(leaves), [0.0] * len(leaves)
    for step in range(1, config.steps + 1):
        with without_garbage_collector():
            result = loss(weights, encode(names[(step - 1) % len(names)], letters), config)
            result.backward()
            adam(leaves, m, v, step, config)
        if not math.isfinite(result.data):
            raise ValueError(f"the loss became {result.data} at step {step}; try a lower learning rate.")
        yield step, result.data


def sample(weights, letters, config, rng, temperature=0.5):
    """Write one name: draw letter after letter from softmax(logits / temperature) until <BOS>."""
    bos = token = len(letters)
    cache, word = [([], []) for _ in range(config.n_layer)], ""
    for position in range(config.block_size):
        logits = forward(weights, token, position, cache, config)
        probabilities = [p.data for p in softmax([logit / temperature for logit in logits])]
        token = rng.choices(range(bos + 1), weights=probabilities)[0]
        if token == bos:
            break
        word += letters[token]
    return word


def yardsticks(names):
    """Losses to compare with, in nats: of guessing, and of counting what follows the last 0, 1 and 2 letters.

    Σ −log(count with the letter / count of the letters before it) / letters, counted and scored on the same names.
    """
    losses = {f"ln {len(alphabet(names)) + 1}": math.log(len(alphabet(names)) + 1)}
    for n, label in enumerate(("unigram", "bigram", "trigram")):
        grams, contexts = Counter(), Counter()
        for word in names:
            letters = ["<BOS>", *word, "<BOS>"]
            for i in range(1, len(letters)):
                context = tuple(letters[max(0, i - n) : i])
                grams[context, letters[i]] += 1
                contexts[context] += 1
        losses[label] = -sum(k * math.log(k / contexts[c]) for (c, _), k in grams.items()) / grams.total()
    return losses


if __name__ == "__main__":
    path = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1] / "data" / "names.txt"
    names = [line.strip() for line in Path(path).read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    rng, letters, config, recent = random.Random(42), alphabet(names), Config(), deque(maxlen=100)
    beside = ", ".join(f"{label} {nats:.4f}" for label, nats in yardsticks(names).items())
    rng.shuffle(names)
    weights = init(len(letters) + 1, config, rng)
    print(f"{len(names):,} names, {sum(len(w) * len(w[0]) for w in weights.values()):,} parameters")
    for step, nats in train(weights, names, letters, config):
        recent.append(nats)
        print(f"step {step:4}  one name's loss {nats:.4f}  last 100's {sum(recent) / len(recent):.4f}  (all: {beside})")
    print(*(sample(weights, letters, config, rng) for _ in range(20)))
