"""What a recurrent language model can be: its sizes, its parameters by name, their first values."""

from dataclasses import dataclass

import numpy as np

from hornbook.errors import HornbookError, nearest
from hornbook.reference.init import INITS, xavier


@dataclass(frozen=True)
class Config:
    """The shape of a recurrent language model.

    `init` draws the embedding. `dropout` acts in the fast form alone, while it trains. Raises HornbookError for an
    unknown `init`, a size below 1 and a dropout outside [0, 1).
    """

    vocab_size: int
    embedding_dim: int = 48
    hidden_size: int = 96
    n_layer: int = 1
    init: str = "unit"  # no norm rescales it on its way, so N(0, 0.02²) would leave the gates little to go by
    dropout: float = 0.0

    def __post_init__(self):
        if self.init not in INITS:
            raise HornbookError(f'a recurrent model has no init "{self.init}".{nearest(str(self.init), INITS)}')
        for field in ("vocab_size", "embedding_dim", "hidden_size", "n_layer"):
            if getattr(self, field) < 1:
                raise HornbookError(f"{field} is {getattr(self, field)}; it needs to be at least 1.")
        if not 0 <= self.dropout < 1:
            raise HornbookError(f"dropout is {self.dropout}; it needs to be at least 0 and below 1, for example 0.2.")

    @property
    def sizes(self):
        """The size each letter of a shape stands for: V, D and H."""
        return {"V": self.vocab_size, "D": self.embedding_dim, "H": self.hidden_size}


def shapes(config, gates):
    """Every parameter's name and shape, (out, in) for a matrix, in the order they are drawn.

    `gates` is how many blocks of H rows the weights of a layer have: 1 in an RNN, 4 in an LSTM.
    """
    V, D, H = config.sizes.values()
    found = {"wte": (V, D)}
    for i in range(config.n_layer):
        layer, rows = f"layers.{i}", gates * H
        found |= {f"{layer}.w_x": (rows, H if i else D), f"{layer}.w_h": (rows, H), f"{layer}.b": (rows,)}
    return found | {"lm_head": (V, H), "lm_bias": (V,)}


def init(config, rng, gates):
    """Draw first parameters: the embedding as `config` says, other matrices by `xavier` gate by gate, biases 0."""
    return {name: _draw(name, shape, config, rng, gates) for name, shape in shapes(config, gates).items()}


def _draw(name, shape, config, rng, gates):
    if len(shape) == 1:
        return np.zeros(shape)
    if name == "wte":
        return INITS[config.init](rng, shape)
    blocks, (rows, columns) = gates if name.startswith("layers") else 1, shape
    return np.concatenate([xavier(rng, (rows // blocks, columns)) for _ in range(blocks)])
