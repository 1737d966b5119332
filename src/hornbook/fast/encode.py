"""Texts to vectors, quickly: a transformer that only reads, texts sorted by length, without padding, in a fast type.

The numbers are those of hornbook.fast.transformer and hornbook.fast.pooling; nothing here can be trained or traced.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

from hornbook.errors import HornbookError, nearest
from hornbook.fast.transformer import ACTIVATIONS
from hornbook.reference.layers import rotary_angles
from hornbook.reference.pooling import POOLINGS, SMALLEST

TOKENS_AT_ONCE = 4096  # more no longer helps the matrix products, and leaves the cache
TEXTS_AT_ONCE = 16_384  # that are sorted by length together, and held in memory
LARGEST_SCORE = 75  # exp(75) and exp(−75) are within float32 and bfloat16, and so is a sum of thousands
PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}
AUTO = "auto"  # the quickest precision that is near enough to float32, see `quickest`
NEAR = 0.999  # the cosine that vectors keep to those of float32
WIDE = 256  # narrower, bfloat16 is less than one and a half times as fast as float32, and not worth its rounding
SAMPLES = ((4, 16), (16, 4), (64, 1))  # (tokens, texts) that are drawn to see how near it is


class Reading(NamedTuple):
    """How vectors are made of what a transformer says; each word is a row of POOLINGS or PRECISIONS, or AUTO."""

    pooling: str = "mean"
    normalize: bool = True
    max_tokens: int | None = None  # of a text, <BOS> and <EOS> included; what is behind is cut. None: block_size
    precision: str = "float32"


class Tokens(NamedTuple):
    """Texts as ids, one behind the other; `cut` and `unknown` say what was lost."""

    ids: np.ndarray  # int64, of all texts
    lengths: np.ndarray  # of each text
    cut: np.ndarray  # tokens cut off each text
    unknown: np.ndarray  # <UNK> in each text


class Group(NamedTuple):
    """Texts of one length that lie side by side in a batch: rows `start` to `start + texts · tokens`."""

    start: int
    texts: int
    tokens: int

    def of(self, x):
        """Its rows of x (rows, D): (texts, tokens, D)."""
        return x[self.start : self.start + self.texts * self.tokens].view(self.texts, self.tokens, -1)


class Encoder:
    """Texts to vectors by a transformer as `config` describes it, without its head, on the processor.

    `parameters` are name -> NumPy array as the reference has them, `tokenizer` a hornbook.Tokenizer; each text is read
    as <BOS> text <EOS> where the vocabulary has them, BERT's [CLS] and [SEP]. `least_cosine` is how near its vectors
    came to those of float32 where that was tried. Raises HornbookError for a word that is in no table, and where
    `max_tokens` does not fit.
    """

    def __init__(self, config, parameters, tokenizer, reading=None):
        reading, self.least_cosine = reading or Reading(), None
        _check(reading, config)
        self.config, self.tokenizer, self.reading = config, tokenizer, reading
        self.max_tokens = reading.max_tokens or config.block_size
        self._w = _packed(config, parameters, PRECISIONS[reading.precision])
        self._before = [] if tokenizer.bos is None else [tokenizer.bos]
        self._after = [] if tokenizer.eos is None else [tokenizer.eos]
        self.room = self.max_tokens - len(self._before) - len(self._after)  # for tokens of a text

    def encode(self, texts: Iterable[str]) -> np.ndarray:
        """The vectors of texts, in their order: (N, D) float32."""
        texts = [texts] if isinstance(texts, str) else list(texts)
        vectors = np.empty((len(texts), self.config.n_embd), np.float32)
        for places, found in self.stream(texts):
            vectors[places] = found
        return vectors

    def stream(self, texts: Iterable[str], losses: list | None = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield (places, vectors) as they come: which of the texts they are of, and (n, D) float32.

        Places come in order of length among some thousands of texts at a time, the longest first, so that a lack of
        memory shows at once. Into `losses` goes (place, tokens cut, tokens unknown) of each text that lost any.
        """
        texts, done = iter(texts), 0
        while chunk := list(islice(texts, TEXTS_AT_ONCE)):
            tokens = self.tokenize(chunk)
            if losses is not None:
                lost = np.flatnonzero(tokens.cut + tokens.unknown)
                losses += [(done + int(at), int(tokens.cut[at]), int(tokens.unknown[at])) for at in lost]
            for places, ids, groups in batches(tokens):
                yield places + done, self.read(ids, groups)
            done += len(chunk)

    def tokenize(self, texts: list[str]) -> Tokens:
        """The ids of each text, with <BOS> and <EOS>, at most `max_tokens` of them."""
        backend, room = self.tokenizer.backend, self.room
        whole = [text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in texts]
        found = [one.ids for one in backend.encode_batch_fast(whole, add_special_tokens=False)]
        unk = self.tokenizer.unk
        kept = [[*self._before, *ids[:room], *self._after] for ids in found]
        lengths = np.fromiter(map(len, kept), np.int64, len(kept))
        if not lengths.all():
            raise HornbookError(f"text {int(lengths.argmin())} is empty, and this vocabulary has no <BOS> to read.")
        ids = np.fromiter((id_ for one in kept for id_ in one), np.int64, lengths.sum())
        cut = np.fromiter((max(len(one) - room, 0) for one in found), np.int64, len(found))
        unknown = np.fromiter((one.count(unk) for one in kept), np.int64, len(kept))
        return Tokens(ids, lengths, cut, unknown)

    @torch.inference_mode()
    def read(self, ids, groups) -> np.ndarray:
        """The vectors of one batch: ids (rows,) of texts one behind the other, in `groups` of one length."""
        x = self._embed(torch.from_numpy(ids), groups)
        keys_values = None
        if self.config.kv == "shared":
            keys_values = self._w["kv.qkv"](self._norm(x, "kv.norm"))
        for i in range(self.config.n_layer):
            x = self._layer(x, f"layers.{i}", groups, keys_values)
        if self.config.norm_place == "pre":
            x = self._norm(x, "norm_final")
        pooled = torch.cat([POOL[self.reading.pooling](group.of(x)) for group in groups])
        return (F.normalize(pooled, dim=-1, eps=SMALLEST) if self.reading.normalize else pooled).numpy()

    def _embed(self, ids, groups):
        x = F.embedding(ids, self._w["wte"])
        if self.config.positions == "learned":
            for group in groups:
                group.of(x).add_(self._w["wpe"][: group.tokens])
        return x if self.config.norm_place == "pre" else self._norm(x, "embed_norm")

    def _layer(self, x, place, groups, keys_values):
        post = self.config.norm_place == "post"
        projected = self._w[f"{place}.attn.qkv"](x if post else self._norm(x, f"{place}.norm1"))
        projected = projected if keys_values is None else torch.cat([projected, keys_values], 1)
        z = torch.empty_like(x)
        for group in groups:
            self._attend(group.of(projected), group.of(z))
        x = self._w[f"{place}.attn.wo"](z).add_(x)
        x = self._norm(x, f"{place}.norm1") if post else x
        wide = self._w[f"{place}.mlp.fc1"](x if post else self._norm(x, f"{place}.norm2"))
        x = self._w[f"{place}.mlp.fc2"](wide).add_(x)
        return self._norm(x, f"{place}.norm2") if post else x

    def _attend(self, projected, out):
        """softmax(q kᵀ) v of texts of one length, (n, T, 3 D) -> `out` (n, T, D); the 1 / √K is in q's weights."""
        heads = projected.unflatten(-1, (3, self.config.n_head, -1)).permute(2, 0, 3, 1, 4)
        q, k, v = heads.contiguous()  # each (n, A, T, K)
        if self.config.positions == "rotary":
            q, k = (_turned(x, self._w["turns"]) for x in (q, k))
        slow = q.dtype == torch.bfloat16 or q.shape[2] < 64  # where the fused kernel is the slower one
        if self.config.causal or not slow or (z := attend(q, k, v)) is None:
            z = F.scaled_dot_product_attention(q, k, v, is_causal=self.config.causal, scale=1.0)
        out.unflatten(-1, (self.config.n_head, -1)).copy_(z.transpose(1, 2))

    def _norm(self, x, name):
        if self.config.norm == "rmsnorm":
            return F.rms_norm(x, x.shape[-1:], eps=self.config.eps)
        return F.layer_norm(x, x.shape[-1:], self._w[f"{name}.weight"], self._w[f"{name}.bias"], self.config.eps)


def quickest(config, parameters, tokenizer, reading):
    """The `Encoder` of a reading. AUTO is bfloat16 where the processor has it, and vectors stay NEAR; else float32."""
    if reading.precision != AUTO:
        return Encoder(config, parameters, tokenizer, reading)
    exact, quick = (reading._replace(precision=word) for word in ("float32", quickest_precision()))
    exact = Encoder(config, parameters, tokenizer, exact)
    if quick.precision == "float32" or config.n_embd < WIDE:
        return exact
    quick = Encoder(config, parameters, tokenizer, quick)
    quick.least_cosine = least_cosine(quick, exact)
    return quick if quick.least_cosine >= NEAR else exact  # so too where it is not a number


def quickest_precision():
    """The word of PRECISIONS that this processor multiplies fastest: bfloat16 where it has instructions for it."""
    able = (getattr(torch.cpu, f"_is_{kind}_supported", lambda: False) for kind in ("avx512_bf16", "amx_tile"))
    return "bfloat16" if any(ask() for ask in able) else "float32"


def least_cosine(one, other):
    """The least cosine between what two encoders of one model make of the SAMPLES, tokens drawn with a seed."""
    rng, least = np.random.default_rng(0), 1.0
    for tokens, texts in SAMPLES:
        tokens = min(tokens, one.max_tokens)
        ids = rng.integers(one.config.vocab_size, size=texts * tokens)
        a, b = (encoder.read(ids, [Group(0, texts, tokens)]).astype(np.float64) for encoder in (one, other))
        with np.errstate(invalid="ignore"):
            cosines = (a * b).sum(1) / np.sqrt((a * a).sum(1) * (b * b).sum(1))
        least = np.minimum(least, cosines.min())
    return float(least)


def attend(q, k, v):
    """softmax(q kᵀ) v as exp(q kᵀ) v / Σ exp(q kᵀ), or None where a score is so far from 0 that exp could leave range.

    PyTorch's softmax takes up to ten times as long on short rows. All (n, A, T, K).
    """
    scores = q @ k.transpose(-1, -2)
    least, most = scores.aminmax()
    if max(-least, most) > LARGEST_SCORE:
        return None
    scores.exp_()
    return (scores @ v).div_(scores @ scores.new_ones(scores.shape[-1], 1))


def batches(tokens: Tokens):
    """Yield (places, ids, groups), the longest texts first: batches of about TOKENS_AT_ONCE tokens and no padding."""
    order = np.argsort(-tokens.lengths, kind="stable")
    starts, lengths = np.cumsum(tokens.lengths) - tokens.lengths, tokens.lengths[order]
    behind = np.cumsum(lengths)
    first = 0
    while first < len(order):
        before = behind[first] - lengths[first]
        last = max(first + 1, int(np.searchsorted(behind, before + TOKENS_AT_ONCE, "right")))
        places = order[first:last]
        ids = np.concatenate([tokens.ids[starts[at] : starts[at] + tokens.lengths[at]] for at in places])
        changes = np.flatnonzero(np.diff(lengths[first:last], prepend=-1, append=-1))
        begins = behind[first + changes[:-1]] - lengths[first + changes[:-1]] - before
        sizes = zip(begins.tolist(), np.diff(changes).tolist(), lengths[first + changes[:-1]].tolist())
        yield places, ids, [Group(*size) for size in sizes]
        first = last


POOL = {  # of texts of one length (n, T, D) -> (n, D), in float32 whatever the layers use
    "mean": lambda x: x.mean(1, dtype=torch.float32),
    "first": lambda x: x[:, 0].float(),
    "max": lambda x: x.amax(1).float(),
}


def _packed(config, parameters, type_):
    """What the layers use: products by the names of their matrices, queries, keys and values in one, other tensors."""
    given = {name: torch.from_numpy(np.asarray(value)) for name, value in parameters.items() if name != "lm_head"}
    turns = rotary_angles(config.block_size, config.n_embd // config.n_head)
    w = {"turns": torch.polar(torch.ones(turns.shape), torch.from_numpy(turns).float())}
    for place in ["kv"] * (config.kv == "shared") + [f"layers.{i}.attn" for i in range(config.n_layer)]:
        letters = [letter for letter in "qkv" if f"{place}.w{letter}" in given]
        joined = [torch.cat([given.pop(f"{place}.{kind}{letter}") * _scale(letter, config) for letter in letters])
                  for kind in ("wb" if config.bias else "w")]  # fmt: skip
        w[f"{place}.qkv"] = product(type_, *joined)
    for name in [name for name in given if name.endswith((".wo", ".fc1", ".fc2"))]:
        bias = given.pop({"o": f"{name[:-2]}bo", "1": f"{name[:-3]}b1", "2": f"{name[:-3]}b2"}[name[-1]], None)
        w[name] = product(type_, given.pop(name), bias, config.activation if name.endswith("fc1") else None)
    return w | {name: value.to(type_) for name, value in given.items()}


def _scale(letter, config):
    return (config.n_embd // config.n_head) ** -0.5 if letter == "q" else 1.0


def product(type_, weight, bias=None, activation=None):
    """x -> activation(x Wᵀ + b), with the weights laid out beforehand as the processor's own kernel reads them.

    oneDNN's kernel is the one that torch.compile takes; PyTorch's F.linear lays bfloat16 weights out anew each time,
    and takes MKL for float32, which is slower on AMD. Where there is no such kernel, F.linear it is.
    """
    weight, bias = weight.to(type_).contiguous(), None if bias is None else bias.to(type_)
    bend = ACTIVATIONS.get(activation, lambda x: x)
    if not (torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")):
        return lambda x: bend(F.linear(x, weight, bias))
    laid, run = torch.ops.mkldnn._reorder_linear_weight(weight, TOKENS_AT_ONCE), torch.ops.mkldnn._linear_pointwise
    if activation == "gelu":
        return lambda x: run(x, laid, bias, "gelu", [], "none")
    return lambda x: bend(run(x, laid, bias, "none", [], ""))


def _turned(x, turns):
    pairs = torch.view_as_complex(x.float().unflatten(-1, (-1, 2)).contiguous())
    return torch.view_as_real(pairs * turns[: x.shape[2]]).flatten(-2).type_as(x)


def _check(reading, config):
    words = {"pooling": (reading.pooling, [*POOLINGS]), "precision": (reading.precision, [*PRECISIONS, AUTO])}
    for what, (word, known) in words.items():
        if word not in known:
            raise HornbookError(f'there is no {what} "{word}".{nearest(str(word), known)}')
    if reading.max_tokens is not None and not 3 <= reading.max_tokens <= config.block_size:
        raise HornbookError(f"max_tokens is {reading.max_tokens}; this model reads 3 to {config.block_size}.")
