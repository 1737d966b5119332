"""TextEncoder: texts to vectors, whichever rung of the ladder makes them; train, load, save, fit and transform."""

import json
import tempfile
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from hornbook import bags, encoder_loading, subwords
from hornbook import run as files
from hornbook.encoder_loading import is_transformer
from hornbook.errors import HornbookError
from hornbook.models import ENCODERS, MODELS, configure, kind_of

__all__ = ["TextEncoder", "checked", "is_transformer"]

BATCH = 10_000  # texts that are encoded at a time


class TextEncoder(TransformerMixin, BaseEstimator):
    """Texts to vectors: ``TextEncoder.load("runs/lsa").encode(texts)``, or ``TextEncoder("lsa").fit_transform(texts)``.

    `model` is a word of `models.ENCODERS`, or what `load` takes; `settings` a dict of anything `--set` takes:
    ``{"n_components": 50}``; `precision` as `load` takes it. As an estimator of scikit-learn it goes into pipelines, is
    cloned, searched over and pickled. What was trained or loaded is frozen there: `fit` and `clone` give it back as it
    is. After `fit`, `kind` is the word of what it is, and `precision_` what its vectors are made in.
    """

    pieces = None  # the Tokenizer that words are spelt with, where they have subwords

    def __init__(self, model="tfidf", settings=None, precision="auto"):
        self.model, self.settings, self.precision = model, settings, precision

    # -- making one -------------------------------------------------------------------------------------------------

    @classmethod
    def train(cls, corpus, model="word2vec", out=None, settings=None):
        """Train `model` on `corpus` (a name, a path or a Corpus) and return it, measured on what was held out.

        With `out`, the run folder is kept there. `encoder_trainer.EncoderTrainer` goes step by step.
        """
        kind = kind_of(model)
        if not kind.is_encoder:
            raise HornbookError(f"{model} is a language model. Encoders are: {', '.join(ENCODERS)}.")
        with tempfile.TemporaryDirectory() as temporary:
            trainer = kind.trainer(corpus, model, settings=settings)
            trainer.begin(out or Path(temporary) / "run")
            for _ in trainer.steps():
                pass
            return trainer.finish()

    @classmethod
    def load(cls, folder, precision="auto"):
        """The encoder of a run folder, of a folder of sentence-transformers or model2vec, or "minilm", of a package.

        A transformer's products are made in `precision`: "float32", "bfloat16", or "auto", which is bfloat16 where the
        processor has instructions for it, the model is at least 256 wide, and samples keep a cosine of 0.999 to
        float32; `precision_` and `least_cosine_` say what came of it. HornbookError for a folder that is missing,
        damaged, or no encoder. `about` says where it is from.
        """
        found = encoder_loading.load(folder, precision)
        return cls(found.model, precision=precision)._take(found, folder)

    def save(self, folder):
        """Write the encoder as a run folder, which `load` and every command read."""
        check_is_fitted(self, "network")
        encoder_loading.save(self, folder)

    def _take(self, found, place):
        """Become what was loaded from `place`, and stay it."""
        self.place = str(place)
        self.network, self.tokenizer, self.about, self.folder, self.pieces = found[1:]
        self._is_frozen = True
        return self

    def fit(self, texts, y=None):
        """Learn the vocabulary and the encoder from `texts`; those by gradients hold a tenth out, to stop in time.

        An encoder that was loaded stays as it is; where `model` is a folder or "minilm", that is loaded.
        """
        if getattr(self, "_is_frozen", False):
            return self
        if self._is_elsewhere():
            if self.settings:
                raise HornbookError(f"{self.model} is loaded, not trained: it takes no settings"
                                    f" ({', '.join(self.settings)}).")  # fmt: skip
            return self._take(encoder_loading.load(self.model, self.precision), self.model)
        from hornbook.encoder_trainer import begun, check_names, settle
        from hornbook.tokenizer import Tokenizer

        kind, given, self.pieces = kind_of(self.model), dict(self.settings or {}), None
        if not kind.is_encoder:
            raise HornbookError(f"{self.model} is a language model. Encoders are: {', '.join(ENCODERS)}.")
        if kind.trained_by == "gradient":
            from hornbook.corpus import Corpus

            with tempfile.TemporaryDirectory() as folder:
                found = self.train(Corpus("texts", checked(texts)), self.model, Path(folder) / "run", given)
            self.network, self.tokenizer, self.about = found.network, found.tokenizer, {}
            return self
        vocabulary = {"min_count": given.pop("min_count", 1), "vocab_size": given.pop("vocab_size", None)}
        check_names(kind, self.model, given)
        texts = checked(texts)
        self.tokenizer = Tokenizer.train(texts, "terms", **vocabulary)
        config, stream = configure(self.model, self.tokenizer, overrides=given), self.tokenizer.encode_all(texts)
        if kind.trained_by == "counting":
            self.network = kind.fast.fit(bags.of_stream(stream, self.tokenizer), config)
        else:
            self.network = begun(kind, config, stream, self.tokenizer, self._spelt)
            for number in range(self.network.n_rounds):
                self.network.run_round(number)
            settle(self.network, stream, self.tokenizer, 100)
        self.about = {}
        return self

    @property
    def is_spelling(self):
        """Whether words that the vocabulary lacks count in a text, by their pieces."""
        return self.pieces is not None and self.tokenizer.kind == "terms"

    def _spelt(self, words, counts):
        self.pieces, spelling = subwords.learn(words, counts)
        return spelling

    def _is_elsewhere(self):
        """Whether `model` names a finished encoder, and not what is to be trained."""
        model = str(self.model)
        return model not in ENCODERS | MODELS and (is_transformer(model) or "/" in model or Path(model).is_dir())

    def set_params(self, **parameters):
        """scikit-learn's. HornbookError for an encoder that was loaded, which has nothing left to set."""
        if parameters and getattr(self, "_is_frozen", False):
            raise HornbookError(f"a loaded encoder is used as it is; it cannot be given {', '.join(parameters)}.")
        return super().set_params(**parameters)

    def __sklearn_clone__(self):
        """Itself where it was loaded, as `sklearn.frozen.FrozenEstimator` does: its weights are nobody's to learn."""
        return self if getattr(self, "_is_frozen", False) else super().__sklearn_clone__()

    # -- using it ---------------------------------------------------------------------------------------------------

    @property
    def kind(self):
        """What it is, a word of `models.ENCODERS` or DISTILLED, also where `model` is a folder."""
        return getattr(self, "about", {}).get("model", self.model)

    @property
    def precision_(self):
        """The precision that its products are made in: "float32", or a transformer's "bfloat16"."""
        check_is_fitted(self, "network")
        return self.network.encoder.reading.precision if hasattr(self.network, "encode_texts") else "float32"

    @property
    def least_cosine_(self):
        """How near its vectors came to those in float32 when "auto" tried some; None where nothing was tried."""
        check_is_fitted(self, "network")
        return self.network.encoder.least_cosine if hasattr(self.network, "encode_texts") else None

    def transform(self, texts):
        """scikit-learn's name for `encode`."""
        return self.encode(texts)

    def encode(self, texts, normalize=False, progress=False):
        """The vectors (N, D) of `texts`: float32, sparse for counts; with `normalize`, each of length 1 (or 0).

        A text of which no word is known has the vector 0; where words have subwords, any word is known. Where a
        transformer cut texts, a `CutTexts` warning says so, once a text. With `progress`, a bar on stderr follows.
        """
        texts = checked(texts)
        with following(progress, len(texts)) as watch:
            return self._vectors(texts, normalize, watch)

    def encode_stream(self, texts, normalize=False, progress=False):
        """Yield the vectors (n, D) of any number of texts in their order, BATCH texts at a time, as they are made."""
        number = len(texts) if hasattr(texts, "__len__") else None
        texts = iter(texts)
        with following(progress, number) as watch:
            while part := list(islice(texts, BATCH)):
                yield self._vectors(checked(part), normalize, watch)

    def _vectors(self, texts, normalize, watch):
        check_is_fitted(self, "network")
        parts = []
        for start in range(0, max(1, len(texts)), BATCH):
            parts.append(self._encoded(texts[start : start + BATCH], watch))
        vectors = sparse.vstack(parts, "csr") if sparse.issparse(parts[0]) else np.concatenate(parts)
        if normalize:
            from sklearn.preprocessing import normalize as to_length_1

            vectors = to_length_1(vectors, copy=False)
        return vectors

    def _encoded(self, texts, watch):
        if hasattr(self.network, "encode_texts"):
            return self.network.encode_texts(texts, watch)
        if hasattr(self.network, "encode_ids"):  # one pass over the texts, without bags
            vectors = self.network.encode_ids(*self._reader.read(texts), self.tokenizer.unk)
        elif self.is_spelling:
            vectors = subwords.encode(self.network, texts, self.tokenizer, self.pieces)
        else:
            found = self.bags(texts)
            vectors = self.network.encode(found)
            if hasattr(self.network, "known"):  # the mixture of topics that a text without words has says nothing of it
                vectors[~self.network.known(found)] = 0
        watch(len(texts))
        return vectors

    @cached_property
    def _reader(self):
        from hornbook.fast.static import Reader

        return Reader(self.tokenizer)

    def bags(self, texts):
        """How often each word of the vocabulary occurs in each of `texts`: csr (N, V)."""
        return bags.of_texts(texts, self.tokenizer)

    def scores(self, queries, documents):
        """How well each document answers each query (Q, N): the cosine of their vectors; for bm25, its own score."""
        if hasattr(self.network, "scores"):
            return self.network.scores(self.bags(checked(queries)), self.bags(checked(documents)))
        return self.similarity(queries, documents)

    def similarity(self, texts, others):
        """The cosine (N, M) between each of `texts` and each of `others`; 0 where one has no known word."""
        product = self.encode(texts, normalize=True) @ self.encode(others, normalize=True).T
        return product.toarray() if sparse.issparse(product) else product

    def trace(self, text):
        """Every number that a sentence encoder makes of a text, by name, in float64: a `Trace`."""
        from hornbook import explain_sentence

        return explain_sentence.trace(self, text)

    def explain(self, one, other=None):
        """Every number that is made of a text, an `Explanation`; of two, what makes them alike, `PairExplained`."""
        from hornbook.explain_pair import explain_pair
        from hornbook.explain_sentence import explain_text

        return explain_text(self, one) if other is None else explain_pair(self, one, other)

    @property
    def vectors(self):
        """The vectors of words, as a `WordVectors`; None where the encoder has none."""
        from hornbook.vectors import WordVectors

        matrix = getattr(self.network, "vectors", getattr(self.network, "term_vectors", None))
        if matrix is None:
            return None
        words = self.tokenizer.tokens(range(self.tokenizer.vocab_size))
        kept = [id_ for id_ in range(self.tokenizer.vocab_size) if id_ not in self.tokenizer.special_ids]
        counts = self.network.export().get("counts")
        pieces = subwords.composer(self.pieces, self.network.tables["pieces"]) if self.pieces else None
        return WordVectors([words[id_] for id_ in kept], matrix[kept], None if counts is None else counts[kept], pieces)

    @property
    def held_out(self):
        """The passages of the run's text that it was not trained on."""
        path = getattr(self, "folder", None) and self.folder / files.PASSAGES
        if not path or not path.exists():
            return []
        return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]

    def get_feature_names_out(self, input_features=None):
        """The words, for counts; else lsa0, lsa1, …: one name a dimension."""
        if kind_of(self.kind).form == "counts":
            return np.array(self.tokenizer.tokens(range(self.tokenizer.vocab_size)), dtype=object)
        return np.array([f"{self.kind}{i}" for i in range(self.encode([""]).shape[1])], dtype=object)


def checked(texts):
    """`texts` as a list. HornbookError where it is one text, or one of them is none."""
    if isinstance(texts, str):
        raise HornbookError("these are the characters of one text; give a list of texts: encode([text]).")
    texts = list(texts)
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise HornbookError(f"text {place} is a {type(text).__name__}; texts are str.")
    return texts


@contextmanager
def following(progress, total):
    """A function that is told how many texts more are done; with `progress`, a bar on stderr shows it."""
    if not progress:
        yield lambda texts: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("texts", BarColumn(bar_width=24), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=total)
        yield lambda texts: bar.advance(task, texts)
