"""The LSTM in PyTorch: the step of `hornbook.reference.lstm`, and all steps at once."""

import torch

from hornbook.fast.recurrent import Recurrent
from hornbook.reference.lstm import CELL


class Lstm(Recurrent):
    """Long short-term memory as a language model."""

    gates, numbers, carried = 4, CELL.numbers, CELL.carried

    def step(self, x, before, w_x, w_h, b):
        c, h = before
        i, f, g, o = (x @ w_x.T + h @ w_h.T + b).chunk(4, dim=-1)  # (B, 4H) -> four of (B, H)
        i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
        c = f * c + i * g
        return i, f, g, o, c, o * torch.tanh(c)

    def fused(self, x, before, w_x, w_h, b):
        c, h = before
        weights = [w_x, w_h, b, torch.zeros_like(b)]  # torch adds two biases where one does
        hidden, h, c = torch.lstm(x, (h[None], c[None]), weights, True, 1, 0.0, self.training, False, False)
        return hidden, [c[0], h[0]]
