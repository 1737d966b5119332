"""TextEncoder: texts to vectors, whichever rung of the ladder makes them; train, load, save, fit and transform."""

import json
import tempfile
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from hornbook import bags
from hornbook import run as files
from hornbook.errors import HornbookError
from hornbook.models import DISTILLED, ENCODERS, configure, kind_of

BATCH = 10_000  # texts that are encoded at a time


class TextEncoder(TransformerMixin, BaseEstimator):
    """Texts to vectors: ``TextEncoder.load("runs/lsa").encode(texts)``, or ``TextEncoder("lsa").fit_transform(texts)``.

    `model` is a word of `models.ENCODERS`; `settings` a dict of anything `--set` takes: ``{"n_components": 50}``.
    As an estimator of scikit-learn it goes into pipelines, is cloned and searched over.
    """

    def __init__(self, model="tfidf", settings=None):
        self.model, self.settings = model, settings

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
    def load(cls, folder):
        """The encoder of a run folder, of a folder of sentence-transformers, or "minilm", which a package holds.

        HornbookError for one that is missing, damaged, or no encoder. `about` says where it is from.
        """
        if is_transformer(folder):
            return _transformer(cls, folder)
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        from hornbook.tokenizer import Tokenizer

        folder = Path(folder)
        about = files.read_config(folder)
        if about["model"] not in ENCODERS | DISTILLED:
            raise HornbookError(f"{folder} holds a language model ({about['model']}), not an encoder."
                                f" hornbook train CORPUS --model {next(iter(ENCODERS))} makes one.")  # fmt: skip
        if not (folder / files.MODEL).exists():
            raise HornbookError(
                f"{folder} has no weights yet: its training was stopped."
                " hornbook train --resume --out FOLDER goes on with it."
            )
        try:
            kind = kind_of(about["model"])
            config = kind.reference.Config(**about["config"])
            network = kind.fast.from_parameters(config, load_file(folder / files.MODEL))
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            raise HornbookError(f"{folder} is damaged: {str(error).splitlines()[0]}. Train it again.") from error
        encoder = cls(about["model"])
        encoder.network, encoder.tokenizer, encoder.about = network, Tokenizer.load(folder / files.TOKENIZER), about
        encoder.folder = folder
        return encoder

    def save(self, folder):
        """Write the encoder as a run folder, which `load` and every command read."""
        from hornbook.training.rounds_job import save_arrays

        check_is_fitted(self, "network")
        folder = files.claim(folder)
        self.tokenizer.save(folder / files.TOKENIZER)
        if hasattr(self.network, "encode_texts"):
            _save_transformer(self, folder)
        else:
            save_arrays(folder / files.MODEL, self.network.export())
        about = {key: value for key, value in self.about.items() if key not in ("format", "hornbook")}
        files.write_config(folder, **(about | {"model": self.model, "config": vars(self.network.config)}))

    def fit(self, texts, y=None):
        """Learn the vocabulary and the encoder from `texts`; those by gradients hold a tenth out, to stop in time."""
        from hornbook.encoder_trainer import begun, check_names, settle
        from hornbook.tokenizer import Tokenizer

        kind, given = kind_of(self.model), dict(self.settings or {})
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
            self.network = begun(kind, config, stream, self.tokenizer, _pieces)
            for number in range(self.network.n_rounds):
                self.network.run_round(number)
            settle(self.network, stream, self.tokenizer, 100)
        self.about = {}
        return self

    # -- using it ---------------------------------------------------------------------------------------------------

    def transform(self, texts):
        """scikit-learn's name for `encode`."""
        return self.encode(texts)

    def encode(self, texts, normalize=False):
        """The vectors (N, D) of `texts`: float32, sparse for counts; with `normalize`, each of length 1 (or 0).

        A text of which no word is known has the vector 0, or for lda the prior's mixture.
        """
        check_is_fitted(self, "network")
        texts = checked(texts)
        parts = [self._encoded(texts[start : start + BATCH]) for start in range(0, max(1, len(texts)), BATCH)]
        vectors = sparse.vstack(parts, "csr") if sparse.issparse(parts[0]) else np.concatenate(parts)
        if normalize:
            from sklearn.preprocessing import normalize as to_length_1

            vectors = to_length_1(vectors, copy=False)
        return vectors

    def encode_stream(self, texts, normalize=False):
        """Yield the vectors (n, D) of any number of texts in their order, BATCH texts at a time, as they are made."""
        texts = iter(texts)
        while part := list(islice(texts, BATCH)):
            yield self.encode(part, normalize)

    def _encoded(self, texts):
        if hasattr(self.network, "encode_texts"):
            return self.network.encode_texts(texts)
        if hasattr(self.network, "encode_ids"):  # one pass over the texts, without bags
            return self.network.encode_ids(*self._reader.read(texts), self.tokenizer.unk)
        return self.network.encode(self.bags(texts))

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
        return WordVectors([words[id_] for id_ in kept], matrix[kept], None if counts is None else counts[kept],
                           self._piecewise())  # fmt: skip

    def _piecewise(self):
        """A function from an unknown word to its vector, where the encoder knows subwords."""
        path = getattr(self, "folder", None) and self.folder / files.PIECES
        if not path or not path.exists():
            return None
        from hornbook import subwords

        return subwords.composer(path, self.network.export()["pieces"])

    @property
    def held_out(self):
        """The passages of the run's text that it was not trained on."""
        path = getattr(self, "folder", None) and self.folder / files.PASSAGES
        if not path or not path.exists():
            return []
        return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]

    def get_feature_names_out(self, input_features=None):
        """The words, for counts; else lsa0, lsa1, …: one name a dimension."""
        if kind_of(self.model).form == "counts":
            return np.array(self.tokenizer.tokens(range(self.tokenizer.vocab_size)), dtype=object)
        return np.array([f"{self.model}{i}" for i in range(self.encode([""]).shape[1])], dtype=object)


def checked(texts):
    """`texts` as a list. HornbookError where it is one text, or one of them is none."""
    if isinstance(texts, str):
        raise HornbookError("these are the characters of one text; give a list of texts: encode([text]).")
    texts = list(texts)
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise HornbookError(f"text {place} is a {type(text).__name__}; texts are str.")
    return texts


def is_transformer(folder):
    """Whether a folder, or a name of `bert_format.PACKAGES`, holds an encoder that sentence-transformers opens too."""
    return str(folder) == "minilm" or (Path(folder) / "modules.json").exists() or _is_bert(Path(folder))


def _is_bert(folder):
    """A folder of Hugging Face's: its config.json says what kind of model it is, and not which hornbook wrote it."""
    try:
        about = json.loads((folder / files.CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(about, dict) and "model_type" in about and "format" not in about


def _save_transformer(encoder, folder):
    from hornbook import bert_format

    reading = encoder.network.encoder.reading
    most = reading.max_tokens or encoder.network.config.block_size
    about = bert_format.About(reading.pooling, reading.normalize, most, folder)
    parameters = encoder.network.export()
    bert_format.save(folder, encoder.network.config, parameters, encoder.tokenizer, about, "0_Transformer")


def _transformer(cls, folder):
    from hornbook import bert_format

    network = kind_of("contrastive").fast  # says at once if torch is missing
    from hornbook.fast.encode import Reading

    config, parameters, tokenizer, found = bert_format.load(str(folder))
    is_run = not _is_bert(found.folder) and (found.folder / files.CONFIG).exists()
    about = files.read_config(folder) if is_run else {"model": "contrastive", "from": str(folder), "settings": {},
                                                      "config": vars(config)}  # fmt: skip
    encoder = cls(about["model"])
    reading = Reading(found.pooling, found.normalize, found.max_tokens)
    encoder.network, encoder.about = network(config, parameters, tokenizer, reading), about
    encoder.tokenizer, encoder.folder = tokenizer, found.folder
    return encoder


def _pieces(words, counts):
    from hornbook import subwords

    return subwords.learn(words, counts)[1]
