"""The models by name: where each form lives, and the settings it is trained with."""

from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec

from hornbook.errors import HornbookError, nearest

INSTALL_TORCH = 'pip install "torch>=2.6,<2.14"'
TORCH_MISSING = (
    f"this model needs PyTorch, which is not installed: {INSTALL_TORCH}"
    "  (without it: --model ngram, unigram, uniform or microgpt)"
)


@dataclass(frozen=True)
class Kind:
    """One rung: the file name of its two forms, what makes it this rung, and how it is trained (settings)."""

    form: str  # file name in hornbook.reference and hornbook.fast
    fast_class: str
    meaning: str
    config: dict = field(default_factory=dict)  # what makes this rung of its form
    settings: dict = field(default_factory=dict)
    preset: str | None = None  # of the reference's PRESETS, where none is asked for
    trained_by: str = "gradient"  # or "counting"; "names": microgpt's own loop; "rounds": sweeps, or stretches of text
    reads: str = "stream"  # an encoder's training text: "passages", or whole "documents"
    min_count: int | None = None  # an encoder's words are met so often, where nothing else is asked for

    @property
    def needs_torch(self):
        return self.trained_by == "gradient"

    @property
    def is_encoder(self):
        return self.reads != "stream"

    @property
    def trainer(self):
        """The class that trains it: begin or resume, steps, finish."""
        if self.is_encoder and self.trained_by == "gradient":
            self.fast  # noqa: B018 (says at once if torch is missing)
            return import_module("hornbook.sentence_trainer").SentenceTrainer
        if self.is_encoder:
            return import_module("hornbook.encoder_trainer").EncoderTrainer
        return import_module("hornbook.trainer").Trainer

    @property
    def reference(self):
        return import_module(f"hornbook.reference.{self.form}")

    @property
    def fast(self):
        if self.trained_by == "names":
            return import_module("hornbook.names_model").NamesModel
        try:
            return getattr(import_module(f"hornbook.fast.{self.form}"), self.fast_class)
        except ModuleNotFoundError as error:
            if error.name == "torch":
                raise HornbookError(TORCH_MISSING) from error
            raise


_RECURRENT = {
    "max_steps": 4000,
    "batch_size": 36,
    "sequence_length": 48,
    "optimizer": "adam",
    "learning_rate": 0.01,
    "weight_decay": 0.0,
}
_GPT = {
    "max_steps": 3000,
    "batch_size": 16,
    "optimizer": "muon",
    "learning_rate": 0.02,
    "muon_learning_rate": 0.01,
    "beta1": 0.8,
    "schedule": "trapezoid",
    "warmup": 0.01,
    "final_lr": 0.0,
    "weight_decay": 0.0,
}

_MICROGPT = {
    "batch_size": 1,
    "optimizer": "adam",
    "learning_rate": 0.01,
    "beta1": 0.85,
    "schedule": "linear",
    "warmup": 0.0,
    "final_lr": 0.0,
    "weight_decay": 0.0,
    "clip_norm": 0.0,
    "precision": "float32",
    "max_steps": 1000,
}

MODELS = {
    "uniform": Kind("ngram", "Ngram", "every token equally likely", {"order": 0}, trained_by="counting"),
    "unigram": Kind("ngram", "Ngram", "how often each token occurs", {"order": 1}, trained_by="counting"),
    "ngram": Kind(
        "ngram", "Ngram", "the last few tokens, counted: interpolated Kneser-Ney", {"order": 6}, trained_by="counting"
    ),
    "rnn": Kind(
        "rnn", "Rnn", "one hidden state, rewritten at every token", settings=_RECURRENT | {"precision": "float32"}
    ),
    "lstm": Kind("lstm", "Lstm", "a hidden state and a cell behind gates", settings=_RECURRENT),
    "gpt": Kind("transformer", "Transformer", "attention over the last block of tokens", settings=_GPT, preset="nano"),
    "microgpt": Kind(
        "transformer",
        "",
        "the smallest complete GPT, one name a step",
        settings=_MICROGPT,
        preset="micro",
        trained_by="names",
    ),
}


def _weighed(weighting, meaning):
    config = {"weighting": weighting}
    return Kind("counts", "Counts", meaning, config, trained_by="counting", reads="passages", min_count=2)


_BERT = {  # what makes a transformer one that sentence-transformers opens
    "norm": "layernorm", "norm_place": "post", "positions": "learned", "head": "none", "kv": "per_layer", "bias": True,
    "causal": False, "activation": "gelu", "eps": 1e-12,
}  # fmt: skip
_SENTENCE = {
    "max_steps": 1000, "batch_size": 128, "optimizer": "adamw", "learning_rate": 0.001, "weight_decay": 0.01,
    "validations": 10,
}  # fmt: skip

ENCODERS = {  # text -> vector
    "counts": _weighed("counts", "bag of words: how often each word occurs"),
    "normalized": _weighed("normalized", "bag of words, as shares of the text's length"),
    "tfidf": _weighed("tfidf", "counts, and the rarer the word among all texts, the more it counts"),
    "bm25": _weighed("bm25", "tf-idf that saturates, and knows that long texts repeat: for search"),
    "lsa": Kind(
        "lsa", "LSA", "tf-idf, cut down to its strongest directions", trained_by="counting", reads="passages",
        min_count=2,
    ),
    "lda": Kind(
        "lda", "LDA", "each text a mixture of topics, each topic a mixture of words", trained_by="rounds",
        reads="passages", min_count=2,
    ),
    "word2vec": Kind(
        "word2vec", "Word2Vec", "word vectors that tell a word's neighbours, averaged by rarity (SIF)",
        trained_by="rounds", reads="documents", min_count=5,
    ),
    "mlm": Kind(
        "sentence", "SentenceEncoder", "a transformer that looks both ways, asked for masked words; averaged", _BERT,
        _SENTENCE | {"max_steps": 3000, "batch_size": 64}, "light", reads="documents",
    ),
    "contrastive": Kind(
        "sentence", "SentenceEncoder", "the same, its vectors moved until halves of one passage lie together", _BERT,
        _SENTENCE, "light", reads="documents",
    ),
}  # fmt: skip

DISTILLED = {  # text -> vector too, made from a finished encoder
    "static": Kind(
        "static", "Static", "one vector a token, averaged: from an encoder or from word vectors, without torch",
        trained_by="distilling", reads="documents",
    ),
}  # fmt: skip


def kind_of(model):
    """The row of MODELS, ENCODERS or DISTILLED; a misspelt name raises HornbookError with the nearest one."""
    known = MODELS | ENCODERS | DISTILLED
    if model not in known:
        raise HornbookError(f'there is no model "{model}".{nearest(model, known)}')
    return known[model]


def missing(model):
    """What `model` needs and is not installed, with the command that installs it; None where nothing is missing."""
    absent = kind_of(model).needs_torch and find_spec("torch") is None
    return f"PyTorch is not installed: {INSTALL_TORCH}" if absent else None


def configure(model, tokenizer, preset=None, overrides=None):
    """The config of `model` for the vocabulary of `tokenizer`: its preset, then `overrides`.

    An unknown preset, or a name that is no field of the config, raises HornbookError.
    """
    kind = kind_of(model)
    if kind.trained_by == "distilling":
        raise HornbookError(f"{model} is not trained on a text but made from an encoder: hornbook distill ENCODER")
    presets = getattr(kind.reference, "PRESETS", {})
    if kind.trained_by == "names":
        presets = {kind.preset: presets[kind.preset]}
    if preset is not None and preset not in presets:
        there = nearest(preset, presets) if presets else " It has none."
        raise HornbookError(f'{model} has no preset "{preset}".{there}')
    known = [name for name in kind.reference.Config.__dataclass_fields__ if name not in ("vocab_size", "bos")]
    if model != "ngram":
        known = [name for name in known if name not in kind.config]  # which is what makes them what they are
    for name in overrides or {}:
        if name not in known:
            raise HornbookError(f'{model} has no setting "{name}".{nearest(name, known) if known else " It has none."}')
    if kind.form == "transformer" and not kind.is_encoder and (overrides or {}).get("head") == "none":
        raise HornbookError(f'{model} writes text, for which it needs a head: "tied" or "untied".')
    if (overrides or {}).get("order", 0) < 0:
        raise HornbookError(f"the order is {overrides['order']}; it can be 0 (uniform), 1 (single tokens) or more.")
    preset = preset or kind.preset
    chosen = presets[preset] if preset else {}
    text = {"bos": tokenizer.bos} if kind.form == "ngram" else {}  # counts stay within a document
    return kind.reference.Config(
        vocab_size=tokenizer.vocab_size, **{**text, **kind.config, **chosen, **(overrides or {})}
    )
