"""What the fast recurrent models share: parameters under the reference's names, embedding, layers, head."""

from abc import ABC, abstractmethod

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from hornbook.reference.recurrent_parameters import init
from hornbook.trace import looking, see, within


class Recurrent(nn.Module, ABC):
    """A recurrent language model in PyTorch; a subclass says what its layer does, token by token and fused.

    `seed` draws the first parameters, the very ones of the reference's `init`. Dropout acts while training, on what
    goes into each layer and into the head, never from one token to the next: Zaremba et al. 2014, arXiv 1409.2329.
    """

    gates: int  # blocks of H rows in a layer's weights
    numbers: tuple  # what `step` returns, by name
    carried: tuple  # the last of them, which the next step starts from

    def __init__(self, config, seed=0):
        super().__init__()
        self.config = config
        first = {
            name: nn.Parameter(torch.tensor(value, dtype=torch.get_default_dtype()))
            for name, value in init(config, np.random.default_rng(seed), self.gates).items()
        }
        self.wte, self.lm_head, self.lm_bias = first["wte"], first["lm_head"], first["lm_bias"]
        self.layers = nn.ModuleList(
            nn.ParameterDict({name: first[f"layers.{i}.{name}"] for name in ("w_x", "w_h", "b")})
            for i in range(config.n_layer)
        )

    def load(self, params):
        """Take over parameters, name -> NumPy array, as the reference has them."""
        self.load_state_dict({name: torch.from_numpy(value) for name, value in params.items()})

    def export(self):
        """The parameters by name, as NumPy arrays."""
        return {name: value.numpy(force=True) for name, value in self.state_dict().items()}

    @abstractmethod
    def step(self, x, before, w_x, w_h, b):
        """Read one token, as `step` of the reference does: x (B, D), carried before -> numbers, each (B, H)."""

    @abstractmethod
    def fused(self, x, before, w_x, w_h, b):
        """Read all tokens at once: x (T, B, D), carried before -> hidden (T, B, H), carried after."""

    def forward(self, ids, state=None):
        """ids (B, T) -> logits (B, T, V) and the state after the last token, with which the text goes on.

        The state has for each layer what is carried, each (B, H); None starts from zeros.
        """
        state, after = state or self._zeros(len(ids)), []
        x = see("embed", F.embedding(see("ids", ids), self.wte))
        x = x.transpose(0, 1)  # (B, T, D) -> (T, B, D): the fused kernels would copy it to and fro
        for i, (layer, before) in enumerate(zip(self.layers, state)):
            with within(f"layers.{i}"):
                read = self._unroll if looking() else self.fused
                x, carried = read(self._drop(x), before, layer["w_x"], layer["w_h"], layer["b"])
            after.append(carried)
        logits = F.linear(self._drop(x), self.lm_head, self.lm_bias)
        return see("logits", logits.transpose(0, 1)), after

    def _unroll(self, x, carried, w_x, w_h, b):
        """What `fused` does, token after token, so that every number can be seen."""
        steps = []
        for token in x:
            steps.append(self.step(token, carried, w_x, w_h, b))
            carried = steps[-1][-len(self.carried) :]
        for name, number in zip(self.numbers, zip(*steps)):
            see(name, list(number))
        return torch.stack([step[-1] for step in steps]), carried

    def _drop(self, x):
        return F.dropout(x, self.config.dropout, self.training)

    def _zeros(self, batch):
        zeros = self.wte.new_zeros(batch, self.config.hidden_size)
        return [[zeros] * len(self.carried)] * self.config.n_layer
