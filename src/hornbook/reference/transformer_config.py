"""What a transformer can be: its choices, its presets, its sizes."""

import math
from dataclasses import dataclass

from hornbook.errors import HornbookError, nearest
from hornbook.reference.activations import ACTIVATIONS
from hornbook.reference.init import INITS
from hornbook.reference.layers import NORMS


def scaled(n_layer):
    """1 / √(2 n_layer), so that the stream's spread does not grow with its 2 n_layer additions; GPT-2's."""
    return 1 / math.sqrt(2 * n_layer)


def plain(n_layer):
    """1, as wide as every other matrix."""
    return 1.0


def zero(n_layer):
    """0, so that every layer begins by doing nothing; an untied head begins at 0 too."""
    return 0.0


RESIDUALS = {"scaled": scaled, "plain": plain, "zero": zero}  # n_layer -> the factor on the std of wo and fc2

CHOICES = {
    "norm": NORMS,
    "norm_place": {
        "pre": "before attention, before the MLP and before the head",
        "micro": "after the sum of the embeddings, before attention and before the MLP; none before the head",
        "post": "after every sum: that of the embeddings, that with attention, that with the MLP; BERT's",
    },
    "activation": ACTIVATIONS,
    "positions": {
        "learned": "a row of wpe is added to each token's embedding",
        "rotary": "queries and keys are turned by an angle that grows with the position",
    },
    "head": {
        "tied": "the embedding is also the head",
        "untied": "the head is its own matrix",
        "none": "no logits: the stream itself, `hidden`, is the result, as an encoder's is",
    },
    "kv": {
        "per_layer": "each layer projects its own input to keys and values",
        "shared": "keys and values are made once, from the normed embedding, for all layers",
    },
    "init": INITS,
    "residual": RESIDUALS,
}

_FAST = {"head": "untied", "residual": "zero", "std": 0.06, "embed_std": 0.5}  # learns in the fewest steps found
PRESETS = {
    "nano": _FAST | {"n_layer": 4, "n_head": 4, "n_embd": 128, "block_size": 64},
    "micro": {"n_layer": 1, "n_head": 4, "n_embd": 16, "block_size": 16, "head": "untied", "std": 0.08}
    | {"norm_place": "micro", "activation": "relu", "positions": "learned", "residual": "plain"},
    "small": _FAST | {"n_layer": 6, "n_head": 6, "n_embd": 288, "block_size": 256},
}
# the choices that make a transformer a BERT, Devlin et al. 2018, arXiv 1810.04805
BERT = {"norm": "layernorm", "norm_place": "post", "activation": "gelu", "positions": "learned", "head": "none"}
BERT |= {"bias": True, "causal": False, "eps": 1e-12}


@dataclass(frozen=True)
class Config:
    """The shape of a transformer; every word is a row of CHOICES, and the defaults are what `nano` and `small` use.

    Matrices are drawn from N(0, std²); `init` draws the embedding, and "normal" means the same for it, or N(0,
    embed_std²). `dropout` acts in the fast form alone, while it trains. Raises HornbookError for an unknown word and
    for sizes that do not fit.
    """

    vocab_size: int
    n_layer: int = 4
    n_head: int = 4
    n_embd: int = 128
    block_size: int = 64
    norm: str = "rmsnorm"
    norm_place: str = "pre"
    activation: str = "relu2"
    positions: str = "rotary"
    head: str = "tied"
    kv: str = "per_layer"
    init: str = "normal"
    residual: str = "scaled"
    bias: bool = False
    causal: bool = True
    dropout: float = 0.0
    std: float = 0.02
    embed_std: float | None = None
    eps: float = 1e-5

    def __post_init__(self):
        for field, words in CHOICES.items():
            if (word := getattr(self, field)) not in words:
                raise HornbookError(f'a transformer has no {field} "{word}".{nearest(str(word), words)}')
        for field in ("vocab_size", "n_layer", "n_head", "n_embd", "block_size"):
            if (size := getattr(self, field)) < 1:
                raise HornbookError(f"{field} is {size}; it needs to be at least 1.")
        if not 0 <= self.dropout < 1:
            raise HornbookError(f"dropout is {self.dropout}; it needs to be a share, from 0 up to but not including 1.")
        pairs = 2 if self.positions == "rotary" else 1
        if self.n_embd % (pairs * self.n_head):
            why = ", each of an even width for rotary positions" if pairs == 2 else ""
            fits = max(1, round(self.n_embd / (pairs * self.n_head))) * pairs * self.n_head
            raise HornbookError(f"n_embd {self.n_embd} does not split into {self.n_head} heads{why}; {fits} would.")

    @property
    def sizes(self):
        """The size that each letter of a shape stands for: V, D, A, K, F and P."""
        D = self.n_embd
        return {"V": self.vocab_size, "D": D, "A": self.n_head, "K": D // self.n_head, "F": 4 * D, "P": self.block_size}


def check_ids(ids, config):
    """Raise HornbookError where there are more tokens than `block_size`, none, or one outside the vocabulary."""
    check_length(ids.shape[1], config)
    if ids.min() < 0 or ids.max() >= config.vocab_size:
        raise HornbookError(f"ids go from {ids.min()} to {ids.max()}; the vocabulary has 0 to {config.vocab_size - 1}.")


def check_mask(mask, ids):
    """Raise HornbookError where a mask does not say of every token whether it is text, or a text begins with padding.

    Every text needs a token, since a query that may look at nothing has no pattern.
    """
    if mask.shape != ids.shape:
        raise HornbookError(f"a mask of {tuple(mask.shape)} does not fit ids of {tuple(ids.shape)}, one each.")
    if not mask[:, 0].all():
        row = mask[:, 0].tolist().index(False)
        raise HornbookError(f"text {row} begins with padding; it goes behind a text, of a token or more.")


def check_length(tokens, config):
    """Raise HornbookError where the model cannot look at that many tokens at once."""
    if not 1 <= tokens <= config.block_size:
        raise HornbookError(f"the model looks at 1 to {config.block_size} tokens (block_size) at once, not {tokens}.")


if __name__ == "__main__":
    for field, words in CHOICES.items():
        for word, what in words.items():
            about = what if isinstance(what, str) else (what[0] if isinstance(what, tuple) else what).__doc__
            print(f"{field:10} {word:10} {about.splitlines()[0]}")
