"""Step 4: the forward pass: rows looked up, positions added, what the layers make of them; batches and padding."""

import math

import numpy as np

from hornbook.film.record.runs import LM, lm
from hornbook.film.record.sentence import SENTENCE, SHOWN, cosine, forward, tokens_of

ORDERS = ("my friend saw my father", "my father saw my friend")
BATCH = ("I saw the face of my father", "my friend", "the light of the moon")
ARRAYS = {  # what a person calls it -> its name in the trace
    "ids": "ids", "E[ids]": "embed", "queries": "layers.0.attn.q", "attention pattern": "layers.0.attn.pattern",
    "MLP inside": "layers.0.mlp.post", "stream": "layers.0.resid_post", "logits": "logits",
}  # fmt: skip


def record(keep):
    model = lm(keep)
    words, ids = tokens_of(model, SENTENCE)
    trace = forward(model, ids[None])
    keep("forward.text", SENTENCE, "the sentence that goes through the model", "lm")
    keep("forward.words", words, "its tokens", "lm")
    keep("forward.ids", ids, "their rows in the vocabulary", "lm")
    first = lambda name: trace[name].reshape(-1, trace[name].shape[-1])[:, :SHOWN]
    keep("forward.embed", first("embed"), "E[ids], first 8 columns", "lm")
    keep("forward.position", first("pos_embed"), "rows of wpe for places 0 …", "lm")
    keep("forward.sum", first("layers.0.resid_pre"), "their sum, what the first layer reads", "lm")
    keep("forward.stream.first", first("layers.0.resid_post"), "the stream behind the first layer", "lm")
    keep("forward.stream.last", first("layers.1.resid_post"), "and behind the last", "lm")
    keep("forward.shape", list(trace["embed"].shape[1:]), "T × D of E[ids]", "lm")
    _orders(keep, model)
    _arrays(keep, trace)
    _batch(keep, model)


def _orders(keep, model):
    """The same words in two orders: word for word, the rows are the same, and what the layers make of them is not."""
    (words, ids), (others, other_ids) = (tokens_of(model, text) for text in ORDERS)
    one, other = forward(model, ids[None]), forward(model, other_ids[None])
    place = {word: at for at, word in enumerate(others)}
    pairs = [(words.index(word), place[word]) for word in ("friend", "father")]
    for which, text, trace in (("one", ORDERS[0], one), ("other", ORDERS[1], other)):
        keep(f"forward.order.{which}.text", text, "the same words in two orders", "lm")
        at = [pair[which == "other"] for pair in pairs]
        keep(f"forward.order.{which}.embed", trace["embed"][0, at, :SHOWN], "rows of friend, father", "lm")
        keep(f"forward.order.{which}.hidden", trace["norm_final"][0, at, :SHOWN], "what the layers made of them", "lm")
    keep("forward.order.words", ["friend", "father"], "the words that changed places", "lm")
    left, right = np.array(pairs).T
    keep("forward.order.cosine.embed", cosine(one["embed"][0, left], other["embed"][0, right]),
         "cosines of their rows in one order and the other", "lm")  # fmt: skip
    keep("forward.order.cosine.hidden", cosine(one["norm_final"][0, left], other["norm_final"][0, right]),
         "cosines of what became of them", "lm")  # fmt: skip


def _arrays(keep, trace):
    """Sizes in letters B T D … and bytes of float32 (ids: 8 each), for the sentence and for a batch of training."""
    keep("forward.arrays", list(ARRAYS), "arrays on the way", "lm")
    one = [list(trace[name].shape) for name in ARRAYS.values()]
    tokens = one[0][1]
    many = [[LM["batch_size"], *(LM["block_size"] if size == tokens else size for size in shape[1:])] for shape in one]
    for where, shapes in (("", one), (".batch", many)):
        text = [" × ".join(f"{size:,}" for size in shape) for shape in shapes]
        keep(f"forward.shapes{where}", text, "their sizes: texts, tokens, numbers; heads after texts", "lm")
        width = [8 if name == "ids" else 4 for name in ARRAYS]
        keep(f"forward.bytes{where}", [math.prod(shape) * size for shape, size in zip(shapes, width)],
             "their bytes", "lm")  # fmt: skip


def _batch(keep, model):
    rows = [tokens_of(model, text)[1] for text in BATCH]
    lengths = [len(row) for row in rows]
    ids = np.full((len(rows), max(lengths)), model.tokenizer.pad)
    for at, row in enumerate(rows):
        ids[at, : len(row)] = row
    mask = np.arange(ids.shape[1]) < np.array(lengths)[:, None]
    together = forward(model, ids, mask)["norm_final"]
    alone = [forward(model, row[None])["norm_final"][0] for row in rows]
    keep("forward.batch.texts", list(BATCH), "three texts of different length", "lm")
    keep("forward.batch.ids", ids, "their ids, padded to one length", "lm")
    keep("forward.batch.mask", mask.astype(int), "1 for text, 0 for padding", "lm")
    keep("forward.batch.lengths", lengths, "tokens of each", "lm")
    keep("forward.batch.padding", 1 - mask.mean(), "share of padding", "lm")
    keep("forward.batch.shape", [*together.shape], "texts, tokens, numbers of the result", "lm")
    keep("forward.batch.difference", max(np.abs(together[at, :length] - alone[at]).max()
                                         for at, length in enumerate(lengths)),
         "largest change that padding makes in a text's own numbers", "lm")  # fmt: skip
