"""The ladder: every rung trained on one text within one budget, ranked on one held-out split, with what each cost."""

import math
import time
from pathlib import Path

from hornbook import run as files
from hornbook.corpus import load
from hornbook.errors import HornbookError
from hornbook.files import disk_errors
from hornbook.models import missing
from hornbook.tokenizer import Tokenizer
from hornbook.trainer import Trainer

RUNGS = ("uniform", "unigram", "ngram", "rnn", "lstm", "gpt")
COUNTED = ("uniform", "unigram", "ngram")
TRAINING_SHARE = 0.85  # of a rung's time; the rest measures it on the whole held-out text


class Ladder:
    """``for trainer in ladder.rungs(): …`` trains what is missing; `rows` are the results, best first.

    Rungs that are finished in `folder` already are not trained again, so a stopped ladder goes on where it was.
    """

    def __init__(self, corpus, folder, minutes=2.0, tokenizer="characters", settings=None):
        if not minutes > 0:
            raise HornbookError(f"--minutes is {minutes}; it must be greater than 0.")
        self.corpus = load(corpus) if isinstance(corpus, str | Path) else corpus
        self.folder, self.minutes = Path(folder), minutes
        self.settings = dict(settings or {})
        options = {key: self.settings.pop(key) for key in ("vocab_size", "min_count") if key in self.settings}
        if isinstance(tokenizer, str):
            tokenizer = Tokenizer.train(self.corpus.sample(), kind=tokenizer, **options)
        self.tokenizer = tokenizer
        with disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)

    def rungs(self):
        """Trainers that are ready for their steps, one after the other; each gets its share of the time left."""
        deadline = time.monotonic() + 60 * self.minutes
        rungs = [rung for rung in RUNGS if rung not in [*self.finished(), *self.skipped()]]
        for place, rung in enumerate(rungs):
            still = [later for later in rungs[place:] if later not in COUNTED]
            seconds = max(1.0, (deadline - time.monotonic()) / max(1, len(still)))
            yield self._trainer(rung, seconds).begin(self.folder / rung, overwrite=True)

    def _trainer(self, rung, seconds):
        timed = {"max_seconds": TRAINING_SHARE * seconds, "max_steps": 10**7}
        settings = {} if rung in COUNTED else timed | self.settings
        return Trainer(self.corpus, rung, tokenizer=self.tokenizer, settings=settings)

    def _finished(self, rung):
        if not (self.folder / rung / files.CONFIG).exists():
            return False
        about = files.read_config(self.folder / rung)
        files.check_text(self.folder, about, self.corpus)
        if (about["tokenizer"], about["config"]["vocab_size"]) != (self.tokenizer.kind, self.tokenizer.vocab_size):
            raise HornbookError(
                f"{self.folder} holds a ladder with another tokenizer ({about['tokenizer']},"
                f" {about['config']['vocab_size']:,} tokens). Choose another folder with --out."
            )
        return "results" in about

    def finished(self):
        """The rungs that are in the folder already, and will not be trained again."""
        return [rung for rung in RUNGS if self._finished(rung)]

    def skipped(self):
        """rung -> what it needs and is not installed; of those that are not finished."""
        return {rung: why for rung in RUNGS if (why := missing(rung)) and not self._finished(rung)}

    def rows(self):
        """One dict a finished rung, lowest bits per character first; with the validation curve in bits and seconds."""
        places = [(rung, self.folder / rung) for rung in self.finished()]
        found = [_row(rung, files.read_config(place), files.read_log(place)) for rung, place in places]
        return sorted(found, key=lambda row: row["bits_per_character"])


def _row(rung, about, log):
    results, measured = about["results"], about["results"].get("validation")
    if measured is None:
        raise HornbookError(f"{about['corpus']['name']} is too short: nothing could be held out to rank the rungs on.")
    to_bits = measured["tokens"] / measured["characters"] / math.log(2)
    trained = about["corpus"]["characters"]["train"]
    seen = log[-1]["tokens"] * measured["characters"] / measured["tokens"] if log else trained
    return {
        "rung": rung,
        "bits_per_character": measured["bits_per_character"],
        "interval_95": measured["interval_95"],
        "parameters": results["parameters"],
        "seconds": results["seconds"],
        "characters_per_second": seen / max(results["seconds"], 1e-9),
        "characters_seen": seen,
        "curve": [(line["seconds"], line["validation"] * to_bits) for line in log if "validation" in line],
    }


def markdown(rows):
    """The table of the models that write, as Markdown."""
    lines = [
        "| model | held-out bits/character | 95 % interval | parameters | training seconds | characters/second |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        low, high = row["interval_95"]
        lines.append(
            f"| {row['rung']} | {row['bits_per_character']:.3f} | {low:.3f} to {high:.3f} | {row['parameters']:,} |"
            f" {row['seconds']:.1f} | {row['characters_per_second']:,.0f} |"
        )
    return "\n".join(lines) + "\n"
