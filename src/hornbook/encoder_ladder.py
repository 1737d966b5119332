"""The ladder's other column: text to vector, from counted words upwards, ranked by half-match on held-out passages."""

import json
from pathlib import Path

from hornbook import run as files
from hornbook.corpus import load
from hornbook.encoder_starts import keep, measured, named, read_kept
from hornbook.errors import HornbookError
from hornbook.files import disk_errors
from hornbook.models import MODELS, kind_of, missing
from hornbook.tokenizer import Tokenizer

RUNGS = ("counts", "normalized", "tfidf", "bm25", "lsa", "lda", "word2vec", "mlm", "contrastive")
BY_GRADIENTS = {"mlm": 0.25, "contrastive": 0.5}  # rung -> share of the time; they have pieces of words
ROUND_SHARE = 0.1  # of the time, for each of those below
ROUNDS = {  # rung -> setting that says how often it reads the text, tokens a second at the least, fewest, most
    "lda": ("sweeps", 4e6, 20, 500),
    "word2vec": ("epochs", 5e5, 1, 50),
}
LOWERED = {"lsa": {"if_too_many": "lower"}}  # a short text has fewer directions than are asked for
CHARACTERS = 6  # of a word and the blank behind it


class EncoderLadder:
    """``for trainer in ladder.rungs(): …`` trains what is missing; `rows` are the results, best first.

    Rungs of words share a vocabulary, all the held-out passages. Finished ones are not trained again. `starts` are
    other encoders, "minilm" or folders, that `measure` sets beside them, once there is a rung.
    """

    def __init__(self, corpus, folder, minutes=0.5, settings=None, starts=()):
        if not minutes > 0:
            raise HornbookError(f"--minutes is {minutes}; it must be greater than 0.")
        self.corpus = load(corpus) if isinstance(corpus, str | Path) else corpus
        self.folder, self.minutes, self.settings = Path(folder), minutes, dict(settings or {})
        self.starts, self._unmeasured = named(starts, {*RUNGS, *MODELS}), {}
        with disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)

    def rungs(self):
        """Trainers that are ready for their steps, one after the other."""
        rungs = [rung for rung in RUNGS if rung not in [*self.finished(), *self.skipped()]]
        if not rungs:
            return
        texts = (text for part, _, text in self.corpus.parts() if part == "train")
        tokenizer = Tokenizer.train(texts, "terms")
        for rung in rungs:
            settings = self._budget(rung) | LOWERED.get(rung, {}) | self._seed(rung)
            words = None if rung in BY_GRADIENTS else tokenizer
            trainer = kind_of(rung).trainer(self.corpus, rung, tokenizer=words, settings=settings)
            trainer.beside = {other: self.folder / other for other in self._rungs()}
            yield trainer.begin(self.folder / rung, overwrite=True)

    def measure(self):
        """Measure the starts that are not kept from before, yielding each one's name when its turn comes."""
        sha256, kept = self.corpus.sha256, self._kept()
        for name, start in self.starts.items():
            if kept.get(name, {}).get("from") == start:
                continue
            yield name
            try:
                kept[name] = measured(start, self._passages(), sha256)
            except HornbookError as error:
                self._unmeasured[name] = str(error)
            else:
                keep(self.folder, sha256, kept)

    def _passages(self):
        lines = (self.folder / self._rungs()[0] / files.PASSAGES).read_text(encoding="utf-8").splitlines()
        return [json.loads(line)["text"] for line in lines]

    def _kept(self):
        return read_kept(self.folder, self.corpus.sha256)

    def _budget(self, rung):
        """Each rung's share of the time: in seconds, or as how often the text is read, chosen beforehand."""
        if rung in BY_GRADIENTS:
            return {"max_seconds": max(1.0, 60 * self.minutes * BY_GRADIENTS[rung])}
        if rung not in ROUNDS:
            return {}
        setting, speed, fewest, most = ROUNDS[rung]
        seconds = 60 * self.minutes * ROUND_SHARE
        times = int(seconds * speed / max(1, self.corpus.characters / CHARACTERS))
        return {setting: max(fewest, min(most, times))}

    def _seed(self, rung):
        return {} if rung in ("counts", "normalized", "tfidf", "bm25") else self.settings

    def finished(self):
        """What is in the folder already, and will not be trained, or measured, again."""
        return [*self._rungs(), *self._kept()]

    def skipped(self):
        """rung -> what it needs and is not installed; and what could not be measured -> why."""
        absent = {rung: why for rung in RUNGS if (why := missing(rung)) and not self._finished(rung)}
        return absent | self._unmeasured

    def _rungs(self):
        return [rung for rung in RUNGS if self._finished(rung)]

    def _finished(self, rung):
        if not (self.folder / rung / files.CONFIG).exists():
            return False
        about = files.read_config(self.folder / rung)
        files.check_text(self.folder, about, self.corpus)
        return "results" in about

    def rows(self):
        """One dict a finished and measured rung, or start, highest MRR first."""
        found = [(rung, files.read_config(self.folder / rung)) for rung in self._rungs()] + [*self._kept().items()]
        rows = [_row(rung, about) for rung, about in found if "validation" in about["results"]]
        return sorted(rows, key=lambda row: -row["mrr"])


def _row(rung, about):
    measured, results = about["results"]["validation"], about["results"]
    return {
        "rung": rung,
        "mrr": measured["mrr"]["value"],
        "mrr_interval_95": measured["mrr"]["interval_95"],
        "recall_at_10": measured["recall_at_10"]["value"],
        "recall_interval_95": measured["recall_at_10"]["interval_95"],
        "n": measured["mrr"]["n"],
        "by_chance": measured["by_chance"]["mrr"],
        "dimensions": results["dimensions"],
        "parameters": results["parameters"],
        "seconds": results["seconds"],  # None: nobody knows
        "note": about.get("note", ""),
    }


def seconds(row):
    """How long an encoder was trained, as a table shows it."""
    return "—" if row["seconds"] is None else f"{row['seconds']:.1f}"


def notes(rows):
    """What is to be said of rows that the ladder did not train, a sentence each."""
    return [f"{row['rung']}: {row['note']}." for row in rows if row["note"]]


def markdown(rows):
    """The table of the column, as Markdown; nothing where nothing could be measured."""
    if not rows:
        return ""
    lines = [
        "## The same text as vectors",
        "",
        f"Half-match: each of {rows[0]['n']:,} held-out passages is cut in two, and the second half is to be found from"
        f" the first among all others. By lot: {rows[0]['by_chance']:.3f} MRR.",
        "",
        "| encoder | half-match MRR | 95 % interval | recall@10 | dimensions | numbers kept | training seconds |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        low, high = row["mrr_interval_95"]
        lines.append(
            f"| {row['rung']} | {row['mrr']:.3f} | {low:.3f} to {high:.3f} | {row['recall_at_10']:.3f} |"
            f" {row['dimensions']:,} | {row['parameters']:,} | {seconds(row)} |"
        )
    lines += [line for note in notes(rows) for line in ("", note)]
    return "\n".join(lines) + "\n"
