"""A training run in rounds, of a topic model's sweeps or a text's stretches: logged, kept, and resumed."""

import json
import time
from contextlib import suppress
from dataclasses import asdict
from math import isfinite
from pathlib import Path

from hornbook import run as files
from hornbook.files import disk_errors, written_whole
from hornbook.training.step import Step


class RoundsJob:
    """Trains a network that has `n_rounds` and `run_round`; see `fast.word2vec` and `fast.lda`.

    `validation` is a stream of held-out ids. All chance comes from the seed and the number of the round, so that a
    run that was stopped goes on to the same end.
    """

    def __init__(self, network, validation, folder, checkpoint_seconds=30.0):
        self.network, self.validation, self.folder = network, validation, Path(folder)
        self.checkpoint_seconds = checkpoint_seconds
        self.done, self.seconds, self.tokens = 0, 0.0, 0
        self.stop = False  # set from outside: the round in hand is finished and kept, then `steps` ends

    def steps(self):
        """Train, yielding (Step, held-out loss or None); the first call, and one after a kill, begins where it was."""
        self._restore()
        kept_at, between = self.seconds, max(1, self.network.rounds_between_validations)
        with disk_errors(self.folder / files.LOG), open(self.folder / files.LOG, "a", encoding="utf-8") as log:
            while self.done < self.network.n_rounds and not self.stop:
                step, last = self._round(), self.done == self.network.n_rounds
                measured = None
                if (self.done % between == 0 or last) and len(self.validation) > 1:
                    measured = _known(self.network.validate(self.validation))
                log.write(json.dumps(asdict(step) | ({} if measured is None else {"validation": measured})) + "\n")
                log.flush()
                if last or self.stop or self.seconds - kept_at > self.checkpoint_seconds:
                    self._checkpoint()
                    kept_at = self.seconds
                yield step, measured
                if self.stop:
                    self._checkpoint()

    def _round(self):
        began = time.perf_counter()
        did = self.network.run_round(self.done)
        self.done, self.tokens = self.done + 1, self.tokens + did.tokens
        self.seconds += time.perf_counter() - began
        share = self.done / self.network.n_rounds
        return Step(self.done, _known(did.loss), did.learning_rate, None, self.tokens, self.seconds, share)

    def _checkpoint(self):
        progress = {"step": self.done, "seconds": self.seconds, "tokens": self.tokens}
        save_arrays(self.folder / files.CHECKPOINT, self.network.state(), {"progress": json.dumps(progress)})

    def _restore(self):
        """Go back to the checkpoint, and cut the log to its round. Without one, start anew."""
        from safetensors import safe_open
        from safetensors.numpy import load_file

        path = self.folder / files.CHECKPOINT
        with suppress(FileNotFoundError), safe_open(path, "np") as file:
            progress = json.loads(file.metadata()["progress"])
            self.network.restore(load_file(path))
            self.done, self.seconds, self.tokens = progress["step"], progress["seconds"], progress["tokens"]
        lines = [line for line in files.read_log(self.folder) if line["step"] <= self.done]
        with disk_errors(self.folder / files.LOG):
            (self.folder / files.LOG).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def _known(loss):
    """A loss as a plain float, None for nan, which JSON does not know."""
    return float(loss) if isfinite(loss) else None


def save_arrays(path, arrays, metadata=None):
    """Arrays by name as safetensors, whole or not at all."""
    import numpy as np
    from safetensors.numpy import save_file

    arrays = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    with written_whole(path) as temporary:
        save_file(arrays, temporary, metadata)
