"""What a sentence encoder learns from: masked tokens, pairs made from the text, pairs that people marked."""

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

from hornbook.errors import HornbookError
from hornbook.fast import contrastive
from hornbook.fast.pooling import pool
from hornbook.reference.masking import masked
from hornbook.training.pairs import Source, framed

APART = 1_000_003  # added to the seed of what is held out


class Reading(NamedTuple):
    """How texts become vectors while training: a word of POOLINGS, and of settings' precision."""

    pooling: str = "mean"
    precision: str = "float32"


def vectors(network, ids, mask, reading):
    """The vectors of framed texts, of length 1: (n, T) -> (n, D) float32."""
    ids, text = torch.from_numpy(ids), torch.from_numpy(mask)
    with torch.autocast("cpu", torch.bfloat16, enabled=reading.precision == "bfloat16"):
        hidden, _ = network(ids, mask=None if mask.all() else text)
    return pool(hidden.float(), text, reading.pooling)


class Contrastive:
    """InfoNCE on pairs, both ways: the second text is to be told from the first, and the first from the second."""

    def __init__(self, batches, reading, temperature=0.05):
        if not temperature > 0:
            raise HornbookError(f"temperature is {temperature}; it must be greater than 0.")
        self.batches, self.reading, self.temperature = batches, reading, temperature

    def loss(self, network, step):
        """(nats a text, tokens read) of batch `step`."""
        batch = self.batches.batch(step)
        first, second = vectors(network, batch.ids, batch.mask, self.reading).chunk(2)
        rivals = torch.from_numpy(batch.rivals)
        there = contrastive.info_nce(first, second, self.temperature, rivals)
        back = contrastive.info_nce(second, first, self.temperature, rivals.T)
        return (there + back) / 2, int(batch.mask.sum())


class Masked:
    """The surprise at masked tokens, told from all others of a stretch of text; the embedding is also the head."""

    def __init__(self, places, vocabulary, reading, batch_size, seed):
        self.places, self.vocabulary, self.reading = places, vocabulary, reading
        self.batch_size, self.seed = batch_size, seed

    def loss(self, network, step):
        """(nats a masked token, tokens read) of batch `step`."""
        rng = np.random.default_rng([self.seed, step])
        start, end = self.places.stretches(rng, self.batch_size, self.places.lengths.longest)
        ids, mask = framed(np.stack([start, end], 1), self.places.source)
        inputs, asked = masked(ids, self.vocabulary, rng)
        if not asked.any():
            asked[0, 1] = True  # of a batch of a few tokens, lot may ask for none
        with torch.autocast("cpu", torch.bfloat16, enabled=self.reading.precision == "bfloat16"):
            hidden, _ = network(torch.from_numpy(inputs), mask=None if mask.all() else torch.from_numpy(mask))
            logits = network.logits(hidden[torch.from_numpy(asked)])
        return F.cross_entropy(logits.float(), torch.from_numpy(ids[asked])), int(mask.sum())


class Marked(NamedTuple):
    """Texts that people marked: columns of spans in a source, one row a pair or triplet, and a number for each."""

    source: Source
    spans: np.ndarray  # (n, columns, 2)
    labels: np.ndarray | None


class Labelled:
    """A loss of `fast.contrastive.LOSSES` on pairs or triplets that people marked, a batch of them a step."""

    def __init__(self, marked, reading, loss, batch_size, seed):
        self.marked, self.reading, self.seed = marked, reading, seed
        self.name, self.batch_size = loss, min(batch_size, len(marked.spans))

    def loss(self, network, step):
        """(loss, tokens read) of batch `step`; each epoch covers all rows once, but for what fills no batch."""
        per_epoch = len(self.marked.spans) // self.batch_size
        epoch, place = divmod(step - 1, per_epoch)
        order = np.random.default_rng([self.seed, epoch]).permutation(len(self.marked.spans))
        rows = order[place * self.batch_size : (place + 1) * self.batch_size]
        spans = self.marked.spans[rows].transpose(1, 0, 2)
        ids, mask = framed(spans.reshape(-1, 2), self.marked.source)
        columns = vectors(network, ids, mask, self.reading).chunk(len(spans))
        labels = [] if self.marked.labels is None else [torch.from_numpy(self.marked.labels[rows])]
        if self.name == "info_nce":
            first, *others = columns
            return contrastive.info_nce(first, torch.cat(others), 0.05), int(mask.sum())
        return contrastive.LOSSES[self.name](*columns, *labels), int(mask.sum())


def held_out(objective, network, batches):
    """The mean loss of the first `batches` batches, without dropout but where dropout is what makes the pairs."""
    network.eval()
    with torch.no_grad():
        return float(np.mean([objective.loss(network, number + 1)[0].item() for number in range(batches)]))
