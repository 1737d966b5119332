"""Trainer: from a corpus and a few words to a run folder with a trained, measured model in it."""

import time
from dataclasses import asdict
from pathlib import Path

from hornbook import run as files
from hornbook.corpus import load
from hornbook.errors import HornbookError
from hornbook.language_model import LanguageModel
from hornbook.models import configure, kind_of
from hornbook.tokenizer import Tokenizer
from hornbook.training import job, tokens
from hornbook.training.settings import Settings, changed, check_used, choose_precision


class Trainer:
    """One training run: ``begin`` (or ``resume``), go through ``steps``, then ``finish``.

    `settings` takes the fields of `training.settings.Settings`, those of the model's Config, and `vocab_size` and
    `min_count` of the tokenizer. Raises HornbookError for whatever cannot work, before anything is written.
    """

    def __init__(self, corpus, model="lstm", preset=None, tokenizer=None, settings=None):
        kind = kind_of(model)
        self.kind, self.model, self.network_of = kind, model, kind.fast  # which says at once if torch is missing
        self.corpus = load(corpus) if isinstance(corpus, str | Path) else corpus
        given, tokenizer = dict(settings or {}), tokenizer or "characters"
        names = {}
        if kind.trained_by == "names":
            from hornbook.names_model import check_choices

            check_choices(given, tokenizer)
            names = {"specials": ("<BOS>",), "specials_last": True}
        for_tokenizer = {key: given.pop(key) for key in ("vocab_size", "min_count") if key in given}
        if for_tokenizer and not isinstance(tokenizer, str):
            raise HornbookError(f"this tokenizer is taken as it is: {' and '.join(for_tokenizer)} would train another.")
        if "max_seconds" in given:
            given.setdefault("max_steps", 10**7)  # time alone is asked for
        check_used(kind, {**kind.settings, **given}, given)
        if isinstance(tokenizer, str):
            tokenizer = Tokenizer.train(self.corpus.sample(), kind=tokenizer, **names, **for_tokenizer)
        self.tokenizer = tokenizer
        for_training = {key: given.pop(key) for key in list(given) if key in Settings.__dataclass_fields__}
        self.settings = changed(Settings(**kind.settings), **for_training)
        self.settings = changed(self.settings, precision=choose_precision(self.settings.precision))
        self.config = configure(model, self.tokenizer, preset, given)

    def begin(self, folder, overwrite=False):
        """Claim the folder, write tokenizer, token files and config, and make the network ready for its first step.

        What cannot work leaves no folder behind.
        """
        with files.beginning(folder, overwrite) as self.folder:
            self._write_beginnings()
        return self

    def _write_beginnings(self):
        self.tokenizer.save(self.folder / files.TOKENIZER)
        paths = {part: self.folder / name for part, name in files.TOKENS.items()}
        characters = tokens.write_streams(self._parts(), self.tokenizer, paths)
        self.about = {
            "model": self.model,
            "config": vars(self.config),
            "tokenizer": self.tokenizer.kind,
            "corpus": files.told_of(self.corpus, characters),
            "settings": asdict(self.settings),
        }
        self._prepare()
        files.write_config(self.folder, **self.about)

    def _parts(self):
        """The corpus's parts, without the held-out names that have letters for which the vocabulary has no token."""
        for part, opens, text in self.corpus.parts():
            if self.tokenizer.unk is not None or not self.tokenizer.unknown(text):
                yield part, opens, text

    @classmethod
    def resume(cls, folder):
        """The trainer of a run that was stopped, as it was: nothing but the folder is needed."""
        self = cls.__new__(cls)
        about = files.read_config(folder)
        self.folder, self.model, self.kind = Path(folder), about["model"], kind_of(about["model"])
        self.network_of = self.kind.fast
        self.about = {key: value for key, value in about.items() if key not in ("format", "hornbook")}
        if "results" in self.about:
            raise HornbookError(f"{folder} is finished: there is nothing left to resume. --overwrite trains it anew.")
        self.tokenizer = Tokenizer.load(self.folder / files.TOKENIZER)
        self.settings = Settings(**about["settings"])
        self.config = self.kind.reference.Config(**about["config"])
        self._prepare()
        return self

    def _prepare(self):
        self.job, self.seconds = None, 0.0
        if self.kind.trained_by == "gradient":
            network = self.network_of(self.config, self.settings.seed)
            self.job = job.GradientJob(network, self.tokenizer, self.settings, self.folder)
        if self.kind.trained_by == "names":
            from hornbook.names_model import NamesJob

            streams = (self.tokens("train"), self.tokens("validation"))
            self.job = NamesJob(self.config, self.tokenizer, self.settings, self.folder, streams)

    def steps(self):
        """Train, yielding (Step, validation loss or None); a counted model yields nothing and is done at once."""
        began = time.perf_counter()
        if self.kind.trained_by == "counting":
            network = self.network_of.train(self.tokens("train"), self.config)
            job.save_weights(self.folder / files.MODEL, network)
            self.seconds = time.perf_counter() - began
        else:
            yield from self.job.steps()
            self.seconds = self.job.seconds

    def stop(self):
        """Ask `steps` to end after the step in hand, which is kept; `resume` goes on from there."""
        if self.job:
            self.job.stop = True

    @property
    def stopped(self):
        return bool(self.job and self.job.stop)

    def tokens(self, part):
        return tokens.read_stream(self.folder / files.TOKENS[part], self.tokenizer.vocab_size)

    def finish(self):
        """Measure the best weights on the whole validation split, write config, card and curve; return the model."""
        from hornbook.card import write_card
        from hornbook.evaluate import evaluate

        if not (self.folder / files.MODEL).exists():
            raise HornbookError(f"{self.folder} has no weights yet: no step was taken.")
        model = LanguageModel.load(self.folder)
        results = {"seconds": self.seconds, "parameters": model.n_parameters}
        if len(self.tokens("validation")) > 1:
            report = evaluate(model, self.tokens("validation"), self.about["corpus"]["characters"]["validation"])
            results["validation"] = report.numbers()
        self.about["results"] = model.about["results"] = results
        if self.kind.trained_by == "names":
            results |= {"samples": self.job.samples, "training": self.job.losses}
        write_card(self.folder, self.about, model)
        files.write_config(self.folder, **self.about)
        return model
