"""A sentence encoder as one PyTorch module without checks of its input, so that its graph can be written to ONNX."""

from torch import nn

from hornbook.fast.pooling import pool
from hornbook.fast.transformer import Transformer


class Pooled(nn.Module):
    """ids and mask (B, T) -> vectors (B, D): the transformer, pooled and normalised as `reading` says."""

    def __init__(self, config, parameters, reading):
        super().__init__()
        self.transformer, self.reading = Transformer(config), reading
        self.transformer.load(parameters)

    def forward(self, ids, mask):
        transformer, mask = self.transformer, mask.bool()
        x, sight = transformer._embed(ids, 0), transformer._sight(ids, 0, mask)
        shared = None if transformer.kv is None else transformer.kv(x, sight, None)
        for layer in transformer.layers:
            x, _ = layer(x, sight, shared)
        if transformer.norm_final is not None:
            x = transformer.norm_final(x)
        return pool(x, mask, self.reading.pooling, self.reading.normalize)
