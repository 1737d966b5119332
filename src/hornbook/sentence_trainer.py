"""SentenceTrainer: from a corpus, or known weights, or marked pairs, to a run folder with a sentence encoder in it."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from hornbook import bert_format
from hornbook import run as files
from hornbook.corpus import load
from hornbook.encoder_trainer import write_texts
from hornbook.errors import HornbookError, nearest
from hornbook.models import configure, kind_of
from hornbook.passages import cut
from hornbook.sentence_objectives import objectives_of
from hornbook.sentence_settings import SentenceSettings, apart, both
from hornbook.tokenizer import Tokenizer
from hornbook.training import tokens
from hornbook.training.settings import Settings, changed, check_used, choose_precision

PLACE = "0_Transformer"  # where the weights lie in the run folder, beside our config.json
VOCABULARY = 8000
GENTLY = {"learning_rate": 3e-5, "batch_size": 32, "max_steps": 300, "warmup": 0.1}  # what is known is easily lost
TOKENS_FOR_WORDS = 10_000_000  # that word vectors are learnt from, before the first step


class SentenceTrainer:
    """One run of an encoder that learns by gradients: ``begin`` (or ``resume``), go through ``steps``, then ``finish``.

    `settings` takes the fields of the model's Config, of `training.settings.Settings` and `SentenceSettings`,
    `vocab_size` and `min_count` of the tokenizer, and `from`: "minilm", or a folder whose encoder is gone on with.
    `corpus` may be `labelled_pairs.Pairs`. Raises HornbookError for whatever cannot work, before anything is written.
    """

    beside = None  # rung below -> the folder of a finished one of the same text, which the card then needs not fit

    def __init__(self, corpus, model="contrastive", preset=None, tokenizer=None, settings=None):
        self.kind, self.model = kind_of(model), model
        self.kind.fast  # noqa: B018 (says at once if torch is missing)
        self.corpus = load(corpus) if isinstance(corpus, str | Path) else corpus
        given = dict(settings or {})
        self.start = given.pop("from", None)
        vocabulary = {key: given.pop(key) for key in ("vocab_size", "min_count") if key in given}
        if "max_seconds" in given:
            given.setdefault("max_steps", 10**7)  # time alone is asked for
        check_used(self.kind, {**self.kind.settings, **given}, given)
        own, mine = ({key: given.pop(key) for key in list(given) if key in one.__dataclass_fields__}
                     for one in (SentenceSettings, Settings))  # fmt: skip
        self.sentences = SentenceSettings(**own)
        usual = self.kind.settings | (GENTLY if self.start else {})
        self.settings = changed(Settings(**usual), **mine)
        self.settings = changed(self.settings, precision=choose_precision(self.settings.precision))
        self._check(given)
        if self.start:
            self._start_from(preset, tokenizer, vocabulary, given)
        else:
            self.tokenizer = self._vocabulary(tokenizer, vocabulary)
            self.config = configure(model, self.tokenizer, preset, given)
            self.parameters, self.reads = None, (True, self.config.block_size)

    def _check(self, given):
        known = [*self.kind.reference.Config.__dataclass_fields__, *SentenceSettings.__dataclass_fields__,
                 *Settings.__dataclass_fields__, "min_count", "from"]  # fmt: skip
        for name in given:
            if name not in known:
                raise HornbookError(f'{self.model} has no setting "{name}".{nearest(name, known)}')
        if hasattr(self.corpus, "columns") and self.model != "contrastive":
            raise HornbookError("marked pairs are learnt from by --model contrastive.")

    def _start_from(self, preset, tokenizer, vocabulary, given):
        needless = {"--preset": preset, "--tokenizer": tokenizer, **vocabulary, **given}
        needless = [name for name, value in needless.items() if value is not None and name != "dropout"]
        if needless:
            raise HornbookError(f"--from {self.start} brings its own sizes and tokenizer: leave out"
                                f" {', '.join(needless)}.")  # fmt: skip
        config, self.parameters, self.tokenizer, about = bert_format.load(self.start)
        self.config = replace(config, dropout=given.get("dropout", 0.0))
        self.sentences = replace(self.sentences, pooling=about.pooling)
        self.reads = (about.normalize, about.max_tokens)

    def _vocabulary(self, tokenizer, vocabulary):
        if isinstance(tokenizer, Tokenizer):
            return tokenizer
        texts = [text for part, _, text in self.corpus.parts() if part == "train"]
        lowered = self.sentences.letters == "lower"
        texts = [text.lower() for text in texts] if lowered else texts
        made = Tokenizer.train(texts, tokenizer or "wordpiece", **{"vocab_size": VOCABULARY} | vocabulary)
        if lowered and made.kind == "wordpiece":
            from tokenizers import normalizers

            made.backend.normalizer = normalizers.Lowercase()
            made = Tokenizer(made.backend)
        return made

    def begin(self, folder, overwrite=False):
        """Claim the folder, write tokenizer, token files, held-out passages and config; make the network ready.

        What cannot work leaves no folder behind.
        """
        with files.beginning(folder, overwrite) as self.folder:
            characters = write_texts(self.folder, self.tokenizer, self._parts)
            self.about = {
                "model": self.model,
                "config": vars(self.config),
                "tokenizer": self.tokenizer.kind,
                "corpus": files.told_of(self.corpus, characters),
                "from": self.start and str(self.start),
                "settings": both(self.settings, self.sentences),
            } | getattr(self.corpus, "about", {})
            if "marked" in self.about:
                self.corpus.save(self.folder)
            self._prepare()
            files.write_config(self.folder, **self.about)
        return self

    def _parts(self, held_out):
        """The corpus's parts, titles and bodies apart where those are the pairs; fills `held_out` with passages."""
        marked = hasattr(self.corpus, "columns")
        for part, opens, text in self.corpus.parts():
            if part == "validation" and not marked:
                held_out.extend(passage.text for passage in cut(text, self.sentences.passage))
            if self.sentences.pairs == "titles" and not marked:
                title, _, body = text.strip().partition("\n")
                if title.strip() and body.strip():
                    yield from ((part, True, half) for half in (title, body))
            else:
                yield part, opens, text

    @classmethod
    def resume(cls, folder):
        """The trainer of a run that was stopped, as it was: nothing but the folder is needed, and what `from` named."""
        self = cls.__new__(cls)
        about = files.read_config(folder)
        self.folder, self.model, self.kind = Path(folder), about["model"], kind_of(about["model"])
        self.about = {key: value for key, value in about.items() if key not in ("format", "hornbook")}
        if "results" in self.about:
            raise HornbookError(f"{folder} is finished: there is nothing left to resume. --overwrite trains it anew.")
        self.tokenizer, self.start = Tokenizer.load(self.folder / files.TOKENIZER), about["from"]
        self.settings, self.sentences = apart(about["settings"])
        self.config = self.kind.reference.Config(**about["config"])
        self.parameters, self.reads = None, (True, self.config.block_size)
        if self.start:
            _, self.parameters, _, about = bert_format.load(self.start)
            self.reads = (about.normalize, about.max_tokens)
        self._prepare()
        return self

    def _prepare(self):
        from hornbook.fast.transformer import Transformer
        from hornbook.training.sentence_job import SentenceJob

        began = time.perf_counter()
        objectives = objectives_of(self)
        network = Transformer(self.config, self.settings.seed)
        if self.parameters is not None:
            network.load({name: np.asarray(value) for name, value in self.parameters.items()})
        elif self.sentences.words == "word2vec" and not (self.folder / files.CHECKPOINT).exists():
            begin_with_words(network, self.tokens("train"), self.settings.seed)
        seconds = time.perf_counter() - began
        limit = self.settings.max_seconds
        settings = changed(self.settings, max_seconds=limit and limit + seconds)  # of steps: what is before them aside
        self.job = SentenceJob(network, objectives, settings, self.folder, self._keep)
        self.job.seconds = self.seconds = seconds

    def _keep(self, parameters):
        about = bert_format.About(self.sentences.pooling, *self.reads, self.folder)
        parameters = {name: np.asarray(value, np.float32) for name, value in parameters.items()}
        bert_format.save(self.folder, self.config, parameters, self.tokenizer, about, PLACE)

    def steps(self):
        """Train, yielding (Step, held-out loss or None)."""
        yield from self.job.steps()
        self.seconds = self.job.seconds

    def stop(self):
        """Ask `steps` to end after the step in hand, which is kept; `resume` goes on from there."""
        self.job.stop = True

    @property
    def stopped(self):
        return self.job.stop

    def tokens(self, part):
        return tokens.read_stream(self.folder / files.TOKENS[part], self.tokenizer.vocab_size)

    def finish(self):
        """Measure the best weights on what was held out, write config and card; return the encoder."""
        from hornbook.encoder import TextEncoder
        from hornbook.encoder_card import write_card

        if not (self.folder / "modules.json").exists():
            raise HornbookError(f"{self.folder} has no weights yet: no step was taken.")
        encoder = TextEncoder.load(self.folder)
        self.about["results"] = encoder.about["results"] = {
            "seconds": self.seconds,
            "parameters": int(sum(array.size for array in encoder.network.export().values())),
            "dimensions": self.config.n_embd,
            "loss": self.job.best,
        }
        write_card(self.folder, self.about, encoder, self.beside)
        files.write_config(self.folder, **self.about)
        return encoder


def begin_with_words(network, stream, seed):
    """Let the rows of the embedding begin as word vectors of the same tokens, of the spread that rows are drawn with.

    What all rows have in common is taken out. Specials, and tokens that were never met, stay as they were drawn.
    """
    import torch

    from hornbook.fast.word2vec import Word2Vec
    from hornbook.reference.word2vec import Config

    config = network.config
    epochs = max(1, min(10, TOKENS_FOR_WORDS // max(1, len(stream))))
    words = Word2Vec(Config(config.vocab_size, embedding_dim=config.n_embd, epochs=epochs, seed=seed), stream)
    for number in range(words.n_rounds):
        words.run_round(number)
    met = np.flatnonzero(words.counts > 0)
    met = met[met >= 5]
    rows = words.vectors[met] - words.vectors[met].mean(axis=0)
    rows *= (config.embed_std or config.std) / max(1e-12, np.sqrt((rows**2).mean()))
    with torch.no_grad():
        network.wte[torch.from_numpy(met)] = torch.from_numpy(rows)
