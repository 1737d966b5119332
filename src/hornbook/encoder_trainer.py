"""EncoderTrainer: from a corpus and a few words to a run folder with a trained, measured encoder in it."""

import json
import tempfile
import time
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from hornbook import bags
from hornbook import run as files
from hornbook.corpus import load
from hornbook.errors import HornbookError, nearest
from hornbook.files import disk_errors, write_text
from hornbook.models import configure, kind_of
from hornbook.passages import WORDS, cut
from hornbook.reference.bounds import check_number, check_whole
from hornbook.tokenizer import Tokenizer
from hornbook.training import tokens
from hornbook.training.rounds_job import RoundsJob, save_arrays

MOST_PASSAGES = 2000  # held-out ones that a run keeps: more say the same


@dataclass(frozen=True)
class EncoderSettings:
    """What is chosen beside the model's own Config. Every field can be set: ``--set passage=200``."""

    passage: int = WORDS  # words of a passage, about
    validation_tokens: int = 100_000  # of the held-out text, for the loss after each part of the training
    checkpoint_seconds: float = 30.0
    threads: int | None = None

    def __post_init__(self):
        check_whole(self, ("passage", "validation_tokens") + ("threads",) * (self.threads is not None))
        check_number(self, ("checkpoint_seconds",))


class EncoderTrainer:
    """One run of an encoder: ``begin`` (or ``resume``), go through ``steps``, then ``finish``.

    `settings` takes the fields of the model's Config and of `EncoderSettings`, and `vocab_size` and `min_count` of the
    tokenizer. Raises HornbookError for whatever cannot work, before anything is written.
    """

    beside = None  # rung below -> the folder of a finished one of the same text, which the card then needs not fit

    def __init__(self, corpus, model="word2vec", preset=None, tokenizer=None, settings=None):
        self.kind, self.model = kind_of(model), model
        self.corpus = load(corpus) if isinstance(corpus, str | Path) else corpus
        given = {"min_count": self.kind.min_count} | dict(settings or {})
        vocabulary = {key: given.pop(key) for key in ("vocab_size", "min_count") if key in given}
        own = {field.name: given.pop(field.name) for field in fields(EncoderSettings) if field.name in given}
        check_names(self.kind, model, given)
        self.settings = replace(EncoderSettings(), **own)
        if not isinstance(tokenizer, Tokenizer):
            texts = (text for part, _, text in self.corpus.parts() if part == "train")
            tokenizer = Tokenizer.train(texts, tokenizer or "terms", **vocabulary)
        self.tokenizer = tokenizer
        self.config = configure(model, tokenizer, preset, by_size(self.kind, self.corpus.characters) | given)

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
                "settings": asdict(self.settings),
            }
            self._prepare()
            files.write_config(self.folder, **self.about)
        return self

    def _parts(self, held_out):
        """The corpus's parts, cut into passages where the model reads those; fills `held_out` with the validation's."""
        for part, opens, text in self.corpus.parts():
            passages = [passage.text for passage in cut(text, self.settings.passage)]
            if part == "validation":
                held_out.extend(passages)
            if self.kind.reads == "passages":
                yield from ((part, True, passage) for passage in passages)
            else:
                yield part, opens, text

    @classmethod
    def resume(cls, folder):
        """The trainer of a run that was stopped, as it was: nothing but the folder is needed."""
        self = cls.__new__(cls)
        about = files.read_config(folder)
        self.folder, self.model, self.kind = Path(folder), about["model"], kind_of(about["model"])
        self.about = {key: value for key, value in about.items() if key not in ("format", "hornbook")}
        if "results" in self.about:
            raise HornbookError(f"{folder} is finished: there is nothing left to resume. --overwrite trains it anew.")
        self.tokenizer = Tokenizer.load(self.folder / files.TOKENIZER)
        self.settings = EncoderSettings(**about["settings"])
        self.config = self.kind.reference.Config(**about["config"])
        self._prepare()
        return self

    def _prepare(self):
        self.job, self.network, self.seconds = None, None, 0.0
        if self.kind.trained_by == "rounds":
            self.network = begun(self.kind, self.config, self.tokens("train"), self.tokenizer, self._pieces_of)
            self.network.threads = self.settings.threads or 1
            validation = self.tokens("validation")[: self.settings.validation_tokens]
            self.job = RoundsJob(self.network, validation, self.folder, self.settings.checkpoint_seconds)

    def _pieces_of(self, words, counts):
        from hornbook import subwords

        path = self.folder / files.PIECES
        return subwords.learn_once(path, words, counts)

    def steps(self):
        """Train, yielding (Step, held-out loss or None); a model fitted at once yields nothing and is done."""
        began = time.perf_counter()
        if self.kind.trained_by == "counting":
            with files.cleared_if_impossible(self.folder):
                self.network = self.kind.fast.fit(self.bags("train"), self.config)
            self.seconds = time.perf_counter() - began
        else:
            yield from self.job.steps()
            self.seconds = self.job.seconds
            if self.stopped:
                return
            settle(self.network, self.tokens("train"), self.tokenizer, self.settings.passage)
        save_arrays(self.folder / files.MODEL, self.network.export())

    def stop(self):
        """Ask `steps` to end after the round in hand, which is kept; `resume` goes on from there."""
        if self.job:
            self.job.stop = True

    @property
    def stopped(self):
        return bool(self.job and self.job.stop)

    def tokens(self, part):
        return tokens.read_stream(self.folder / files.TOKENS[part], self.tokenizer.vocab_size)

    def bags(self, part):
        """The bags (N, V) of a part's passages."""
        return bags.of_stream(self.tokens(part), self.tokenizer)

    def finish(self):
        """Measure the encoder on the held-out passages, write config and card; return the encoder."""
        from hornbook.encoder import TextEncoder
        from hornbook.encoder_card import write_card

        if not (self.folder / files.MODEL).exists():
            raise HornbookError(f"{self.folder} has no weights yet: no step was taken.")
        encoder = TextEncoder.load(self.folder)
        self.about["results"] = encoder.about["results"] = {
            "seconds": self.seconds,
            "parameters": int(sum(array.size for array in encoder.network.export().values())),
            "dimensions": encoder.encode([""]).shape[1],
        }
        write_card(self.folder, self.about, encoder, self.beside)
        files.write_config(self.folder, **self.about)
        return encoder


def begun(kind, config, stream, tokenizer, pieces_of):
    """The network of `kind` before its first round; `pieces_of(words, counts)` cuts its words into subwords."""
    if getattr(config, "subwords", "none") == "none":
        return kind.fast(config, stream)
    from hornbook.fast.word2vec import counted

    counts = counted(stream, tokenizer.vocab_size)
    words = tokenizer.tokens(range(tokenizer.vocab_size))
    return kind.fast(config, stream, counts, pieces_of(words, counts))


def settle(network, stream, tokenizer, passage):
    """What is fitted once the rounds are over: of word vectors, how much each counts in a text, and their direction."""
    if hasattr(network, "direction"):
        from hornbook.fast import sif

        network.weights = sif.sif_weights(network.counts)
        sample = bags.of_stream(stream[: passage * 10_000], tokenizer, passage)
        network.direction = sif.fit_direction(sample, network.vectors, network.weights)


def write_texts(folder, tokenizer, parts_of):
    """Write tokenizer, token files and held-out passages of a run; returns part -> characters.

    `parts_of(held_out)` yields (part, whether it opens a document, text), and puts held-out passages into a `HeldOut`.
    """
    tokenizer.save(folder / files.TOKENIZER)
    paths = {part: folder / name for part, name in files.TOKENS.items()}
    with disk_errors(folder), tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n", dir=folder) as lines:
        held_out = HeldOut(lines)
        characters = tokens.write_streams(parts_of(held_out), tokenizer, paths)
        held_out.write(folder / files.PASSAGES, MOST_PASSAGES)
    return characters


class HeldOut:
    """Passages as they come, kept in an open file: those of a long text are more than memory holds."""

    def __init__(self, lines):
        self._lines, self.size = lines, 0

    def extend(self, passages):
        """Take in some more texts."""
        for text in passages:
            self._lines.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
            self.size += 1

    def write(self, path, most):
        """Write at most `most` of them, at even distances, as lines of JSON."""
        self._lines.seek(0)
        kept = {i * self.size // most for i in range(most)} if self.size > most else range(self.size)
        write_text(path, "".join(line for number, line in enumerate(self._lines) if number in kept))


def by_size(kind, characters):
    """Settings that depend on how long the text is: a short one is read again, until two million words are read."""
    if "epochs" not in kind.reference.Config.__dataclass_fields__:
        return {}
    return {"epochs": max(5, min(50, 12_000_000 // characters))}


def check_names(kind, model, given):
    """Raise HornbookError for a setting that neither the model nor EncoderSettings has."""
    known = [*kind.reference.Config.__dataclass_fields__, *EncoderSettings.__dataclass_fields__, "min_count"]
    for name in given:
        if name not in known:
            raise HornbookError(f'{model} has no setting "{name}".{nearest(name, known)}')
