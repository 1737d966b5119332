"""microgpt among the other language models: trained name by name, compiled, and read by every command as they are."""

import json
import random
import time
from dataclasses import asdict

import numpy as np
from safetensors.numpy import save_file

from hornbook import run as files
from hornbook.errors import HornbookError
from hornbook.fast.microgpt import MicroGPT, compile_now
from hornbook.files import written_whole
from hornbook.reference import microgpt
from hornbook.training.step import Step

SETTINGS = {"max_steps", "batch_size", "learning_rate", "beta1", "beta2", "seed", "validations"}  # what can be chosen
CONFIG = {"n_layer", "n_head", "n_embd", "block_size", "std"}
SAMPLES, TEMPERATURE = 20, 0.5


class NamesModel:
    """A `MicroGPT` with the interface of the other networks; its config is that of the transformer it is."""

    def __init__(self, config, gpt):
        self.config, self.gpt = config, gpt

    @classmethod
    def from_parameters(cls, config, parameters):
        """The model with these parameters, name -> array. Raises KeyError where one is missing."""
        gpt = MicroGPT([str(id_) for id_ in range(config.vocab_size - 1)], small(config))
        for name, weight in gpt.parameters.items():
            weight[:] = parameters[name]
        return cls(config, gpt)

    def export(self):
        """The parameters by name, as NumPy arrays."""
        return {name: np.array(weight) for name, weight in self.gpt.parameters.items()}

    def forward(self, ids, state=None):
        """Log probabilities (B, T, V) of what follows ids (B, T), and the state to go on from."""
        return self.gpt.forward(ids, state)

    def nll(self, ids):
        """ids (T,) -> (T,): −ln p of each, its name so far given; the first, of which nothing is given, ln V."""
        logprobs, _ = self.gpt.forward(np.asarray(ids)[None, :-1])
        right = np.take_along_axis(logprobs[0], np.asarray(ids)[1:, None].astype(np.int64), axis=1)[:, 0]
        return np.concatenate([[np.log(self.config.vocab_size)], -right])


def small(config, settings=None):
    """The config of microgpt that says what a transformer's config, and settings of a run, say."""
    sizes = {name: getattr(config, name) for name in ("n_layer", "n_head", "n_embd", "block_size")}
    if settings is None:
        return microgpt.Config(**sizes, init_std=config.std)
    return microgpt.Config(
        **sizes,
        init_std=config.std,
        steps=settings.max_steps,
        learning_rate=settings.learning_rate,
        beta1=settings.beta1,
        beta2=settings.beta2,
    )


def check_choices(given, tokenizer):
    """Raise HornbookError for a setting or a tokenizer that microgpt, trained as published, does not have."""
    if getattr(tokenizer, "kind", tokenizer) != "characters":
        raise HornbookError("microgpt reads letters: --tokenizer characters. --model gpt --preset micro takes others.")
    for name in given:
        if name not in SETTINGS | CONFIG:
            raise HornbookError(
                f"microgpt is trained as published, by Adam with a rate that falls in a line: {name} cannot be set."
                f" What can: {', '.join(sorted(SETTINGS | CONFIG))}. --model gpt --preset micro takes every setting."
            )


class NamesJob:
    """microgpt's training on the names of a run folder: one random stream for the order, the weights and the samples.

    A run takes seconds, so that nothing is kept on the way: a stopped one starts anew, to the same numbers.
    """

    def __init__(self, config, tokenizer, settings, folder, streams):
        self.config, self.settings, self.folder, self.stop = config, settings, folder, False
        self.names, self.held_out = (split_names(stream, tokenizer) for stream in streams)
        self.rng = random.Random(settings.seed)
        self.rng.shuffle(self.names)
        letters = tokenizer.tokens([id_ for id_ in range(tokenizer.vocab_size) if id_ != tokenizer.bos])
        self.gpt = MicroGPT(letters, small(config, settings), self.rng)
        self.yardsticks = microgpt.yardsticks(self.names)
        self.cut = sum(len(name) >= config.block_size for name in self.names)  # of these the ends are never seen
        self.seconds, self.compiling, self.samples, self.losses = 0.0, 0.0, [], {}

    def steps(self):
        """Train, yielding (Step, loss of all held-out names or None), then write the weights."""
        from hornbook.training.job import save_weights

        settings, tokens, last = self.settings, 0, 0
        self.compiling, _ = compile_now()
        began = time.perf_counter()
        every = max(1, settings.max_steps // settings.validations)
        with open(self.folder / files.LOG, "w", encoding="utf-8") as log:
            for step in self.gpt.train(self.names, batch=settings.batch_size, chunk=every):
                last = step.step
                first = (last - 1) * settings.batch_size
                batch = [self.names[i % len(self.names)] for i in range(first, first + settings.batch_size)]
                tokens += sum(min(len(word) + 1, self.config.block_size) for word in batch)
                due = last % every == 0 or last == settings.max_steps
                validation = self.gpt.loss(self.held_out) if due and self.held_out else None
                self.seconds = time.perf_counter() - began
                done = Step(last, step.loss, step.learning_rate, None, tokens, self.seconds, last / settings.max_steps)
                log.write(json.dumps(asdict(done) | ({} if validation is None else {"validation": validation})) + "\n")
                yield done, validation
                if self.stop:
                    return
        save_weights(self.folder / files.MODEL, NamesModel(self.config, self.gpt))
        keep_moments(self.folder, self.gpt)
        self.samples = [self.gpt.sample(self.rng, TEMPERATURE) for _ in range(SAMPLES)]
        self.losses = {
            "seconds_to_compile": self.compiling,
            "last_name": step.loss,
            "all_names": self.gpt.loss(self.names),
        }


def keep_moments(folder, gpt):
    """Write what Adam remembers of a `MicroGPT` beside the weights, under the names of a checkpoint."""
    kept = {
        f"optimizer.{name}.{key}": np.array(value)
        for key, state in (("m", gpt.m), ("v", gpt.v))
        for name, value in state.items()
    }
    kept |= {f"optimizer.{name}.step": np.array(float(gpt.step)) for name in gpt.parameters}
    with written_whole(folder / files.CHECKPOINT) as temporary:
        save_file(kept, temporary)


def split_names(stream, tokenizer):
    """The documents of a stream of ids."""
    ids = np.asarray(stream)
    return [
        tokenizer.decode(part[1:]) for part in np.split(ids, np.flatnonzero(ids == tokenizer.bos)[1:]) if len(part) > 1
    ]
