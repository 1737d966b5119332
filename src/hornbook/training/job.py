"""A training run in a folder: prepare it, step through it, finish it; killed at any moment, it goes on."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from hornbook import run as files
from hornbook.errors import HornbookError
from hornbook.files import disk_errors
from hornbook.training import tokens


class Descent:
    """The part of every run by gradients that survives a kill: steps, the log, the best weights, checkpoints.

    A subclass says what is learnt: `train_steps(done, seconds)` yields Steps, `validate()` gives the held-out loss or
    None, `keep()` writes the weights as they are into the run folder.
    """

    def __init__(self, network, settings, folder, threads):
        from hornbook.training import optimizers

        self.network, self.settings, self.folder, self.threads = network, settings, Path(folder), threads
        self.optimizers = optimizers.optimizers_for(network, settings)
        self.done, self.seconds, self.tokens, self.best, self.worse = 0, 0.0, 0, None, 0
        self.stop = False  # set from outside: the step in hand is finished and kept, then `steps` ends

    def steps(self):
        """Train, yielding (Step, validation loss or None); logs each step, checkpoints at each validation
        and every `checkpoint_seconds`.

        A second call, or a call in another process after `resume`, goes on where the last checkpoint stands.
        """
        import torch

        torch.set_num_threads(self.threads)
        self._restore()
        share, kept_at = self.done / self.settings.max_steps, self.seconds
        with disk_errors(self.folder / files.LOG), open(self.folder / files.LOG, "a", encoding="utf-8") as log:
            for step in self.train_steps(self.done, self.seconds):
                due = int(step.progress * self.settings.validations) > int(share * self.settings.validations)
                validation = self.validate() if due else None
                log.write(json.dumps(asdict(step) | ({} if validation is None else {"validation": validation})) + "\n")
                self.done, self.seconds, self.tokens, share = step.step, step.seconds, step.tokens, step.progress
                log.flush()
                if due:
                    self._keep_best(validation)
                if due or self.seconds - kept_at > self.settings.checkpoint_seconds:
                    self._checkpoint()
                    kept_at = self.seconds
                yield step, validation
                if self.stop:
                    self._checkpoint()
                if self.stop or (self.settings.patience and self.worse >= self.settings.patience):
                    return

    def _keep_best(self, validation):
        """Write the weights if they are the best so far; without anything held out, the latest are."""
        better = validation is None or self.best is None or validation < self.best
        self.worse = 0 if better else self.worse + 1
        if better:
            self.best = validation
            self.keep()

    def _checkpoint(self):
        from hornbook.training import checkpoint

        progress = {"step": self.done, "seconds": self.seconds, "tokens": self.tokens, "best": self.best}
        progress["worse"] = self.worse
        checkpoint.save(self.folder / files.CHECKPOINT, self.network, self.optimizers, progress)

    def _restore(self):
        """Go back to the checkpoint, and cut the log to its step. Without one, start anew."""
        from hornbook.training import checkpoint

        path = self.folder / files.CHECKPOINT
        if path.exists():
            progress = checkpoint.load(path, self.network, self.optimizers)
            self.done, self.seconds = progress["step"], progress["seconds"]
            self.best, self.worse, self.tokens = progress["best"], progress["worse"], progress.get("tokens", 0)
        lines = [line for line in files.read_log(self.folder) if line["step"] <= self.done]
        with disk_errors(self.folder / files.LOG):
            (self.folder / files.LOG).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


class GradientJob(Descent):
    """A language model's training: windows of tokens, and the surprise at the next one."""

    def __init__(self, network, tokenizer, settings, folder):
        from hornbook.training import budget

        config = network.config
        length = getattr(config, "block_size", None) or settings.sequence_length or 64
        train, validation = (
            tokens.read_stream(Path(folder) / files.TOKENS[part], tokenizer.vocab_size)
            for part in ("train", "validation")
        )
        self.windows = tokens.Windows(train, length, settings.batch_size, settings.seed)
        self.validation = validation[: settings.validation_tokens]
        self.budget = budget.budget(network, settings, length)
        tokens_per_step = settings.batch_size * length
        threads = settings.threads or budget.choose_threads(self.budget.parameters, tokens_per_step)
        super().__init__(network, settings, folder, threads)
        here = budget.memory_here()
        if here and self.budget.needs(settings.batch_size) > here:
            fits = self.budget.fits(here)
            cure = f"--batch-size {fits} would fit" if fits else "not even one window fits; choose a smaller model"
            raise HornbookError(
                f"{self.budget.sentence(settings.batch_size)}; this machine has {here / 1e9:.1f} GB free: {cure}."
            )

    def train_steps(self, done, seconds):
        from hornbook.training import loop

        return loop.train_steps(self.network, self.optimizers, self.windows, self.settings, done, seconds)

    def validate(self):
        """Mean nats a token over the first `validation_tokens` held-out tokens; None when there are none."""
        from hornbook.training.loop import surprises

        if len(self.validation) < 2:
            return None
        length = self.windows.length
        nats = surprises(self.network, self.validation, length, length, precision=self.settings.precision)
        return float(np.concatenate(list(nats)).mean())

    def keep(self):
        save_weights(self.folder / files.MODEL, self.network)


def save_weights(path, network):
    """Parameters by name, whole or not at all, as safetensors."""
    from safetensors.numpy import save_file

    from hornbook.files import written_whole

    with written_whole(path) as temporary:
        save_file(network.export(), temporary)
