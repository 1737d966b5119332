"""Step 11: the implementation: what the model is made of, its settings, its memory, the library's files, its text."""

from importlib.resources import files

import numpy as np

from hornbook.film.record.runs import LM, about, lm
from hornbook.reference import transformer
from hornbook.training.budget import BYTES, budget
from hornbook.training.settings import Settings

SHOWN = ("vocab_size", "n_embd", "n_layer", "n_head", "block_size", "batch_size", "learning_rate", "max_steps",
         "optimizer", "warmup")  # fmt: skip
FILES = ("corpus.py", "tokenizer.py", "reference/transformer.py", "reference/losses.py", "reference/optim.py",
         "training/tokens.py", "training/loop.py", "evaluate.py")  # fmt: skip
PROMPT = "You will rejoice to hear"
CHARACTERS = 240


def record(keep):
    model = lm(keep)
    counts = transformer.count(model.network.config)
    keep("code.parts", list(counts), "parts of the model", "lm")
    keep("code.parameters", list(counts.values()), "their parameters", "lm")
    keep("code.total", sum(counts.values()), "all of them", "lm")
    keep("code.settings.names", list(SHOWN), "settings", "lm")
    keep("code.settings.values", [str(LM[name]) for name in SHOWN], "their values", "lm")
    for name in SHOWN:
        keep(f"code.settings.{name}", LM[name], "a setting", "lm")
    _files(keep)
    keep("code.prompt", PROMPT, "a beginning", "lm")
    keep("code.temperature", 0.7, "the temperature it is gone on with", "lm")
    sample = model.generate(PROMPT, characters=CHARACTERS, temperature=0.7)
    keep("code.sample", sample.rsplit(" ", 1)[0].strip(), "what the model writes on", "lm")
    batch, length, size = LM["batch_size"], LM["block_size"], LM["vocab_size"]
    keep("code.shape.ids", [batch, length], "ids of a batch: windows, tokens", "lm")
    keep("code.shape.logits", [batch, length, size], "its logits", "lm")
    _memory(keep, model)


def _files(keep):
    command = "python -m hornbook.film.record step_11"
    run = keep.run("code", about(None, "hornbook's own files", {}, 0, command))
    texts = [files("hornbook").joinpath(name).read_text(encoding="utf-8") for name in FILES]
    keep("code.files", list(FILES), "files of the library, in the order of the film", run)
    keep("code.lines", [text.count("\n") for text in texts], "their lines", run)
    keep("code.lines.total", np.sum([text.count("\n") for text in texts]), "their lines in all", run)


def _memory(keep, model):
    needs = budget(model.network, Settings(optimizer="adamw"), LM["block_size"])
    weights, batch = needs.parameters * BYTES, LM["batch_size"] * needs.per_window
    keep("code.memory.names", ["weights", "gradients", "Adam's means", "a batch's numbers"], "what takes memory", "lm")
    keep("code.memory.bytes", [weights, weights, 2 * weights, batch], "bytes of each", "lm")
    keep("code.memory.total", 4 * weights + batch, "bytes in all", "lm")
