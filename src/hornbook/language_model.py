"""LanguageModel: train, generate, measure, trace, save and load any rung of the ladder by one name."""

import tempfile
from pathlib import Path

import numpy as np

from hornbook import run as files
from hornbook.errors import HornbookError
from hornbook.models import kind_of
from hornbook.trace import Trace


class LanguageModel:
    """A network, its tokenizer, and what is known about them.

    ``LanguageModel.train("frankenstein", model="lstm", out="runs/lstm")`` or ``LanguageModel.load("runs/lstm")``;
    then ``model.generate("You will rejoice to hear")``, ``model.bits_per_character(text)``, ``model.trace(text)``.
    """

    def __init__(self, model, network, tokenizer, about=None):
        self.model, self.network, self.tokenizer, self.about = model, network, tokenizer, about or {}

    @classmethod
    def train(cls, corpus, model="lstm", tokenizer="characters", out=None, settings=None):
        """Train `model` on `corpus` (a name, a path or a Corpus) and return it.

        `settings` is a dict of anything `--set` takes: ``{"max_steps": 500, "hidden_size": 128}``. With `out`, the
        run folder is kept there; without, it lives in a temporary folder until the end. `trainer.Trainer` goes step by
        step.
        """
        from hornbook.trainer import Trainer

        with tempfile.TemporaryDirectory() as temporary:
            trainer = Trainer(corpus, model, tokenizer=tokenizer, settings=settings)
            trainer.begin(out or Path(temporary) / "run")
            for _ in trainer.steps():
                pass
            return trainer.finish()

    @classmethod
    def load(cls, folder):
        """The model of a run folder. HornbookError for one that is missing, damaged or of a newer hornbook."""
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        from hornbook.tokenizer import Tokenizer

        folder = Path(folder)
        about = files.read_config(folder)
        if kind_of(about["model"]).is_encoder:
            raise HornbookError(
                f"{folder} holds an encoder ({about['model']}): it makes vectors of texts, and writes none."
                f" hornbook evaluate {folder} measures it."
            )
        if not (folder / files.MODEL).exists():
            raise HornbookError(
                f"{folder} has no {files.MODEL} yet: its training stopped before the first validation."
                " hornbook train --resume --out FOLDER goes on with it."
            )
        try:
            network = restore(about["model"], about["config"], load_file(folder / files.MODEL))
        except (SafetensorError, KeyError, TypeError, RuntimeError) as error:
            raise HornbookError(f"{folder} is damaged: {str(error).splitlines()[0]}. Train it again.") from error
        model = cls(about["model"], network, Tokenizer.load(folder / files.TOKENIZER), about)
        model.folder = folder
        return model

    def save(self, folder):
        """Write the model as a run folder, which `load` and every command read."""
        from hornbook.training.job import save_weights

        folder = files.claim(folder)
        self.tokenizer.save(folder / files.TOKENIZER)
        save_weights(folder / files.MODEL, self.network)
        about = {key: value for key, value in self.about.items() if key not in ("format", "hornbook")}
        files.write_config(folder, **(about | {"model": self.model, "config": vars(self.network.config)}))

    @property
    def parameters(self):
        """Every parameter by name, as NumPy arrays."""
        return self.network.export()

    @property
    def n_parameters(self):
        """How many numbers training has set: of a counted model, its counts that are not 0."""
        if kind_of(self.model).trained_by == "counting":
            return self.network.n_parameters
        return sum(value.size for value in self.parameters.values())

    def explain(self, text, backward=False, step=False):
        """Every number of `trace` told in order, as an `Explanation` that draws itself in a notebook and a terminal."""
        from hornbook.explaining import explain

        return explain(self, text, backward, step)

    @property
    def block_size(self):
        """The longest context the network can read, in tokens; None where there is no limit."""
        return getattr(self.network.config, "block_size", None) if kind_of(self.model).needs_torch else None

    def logits(self, ids, state=None):
        """Scores (B, T, V) of what comes after each of `ids` (B, T), as NumPy, and the state to go on from."""
        if not kind_of(self.model).needs_torch:
            return self.network.forward(np.asarray(ids), state)
        import torch

        self.network.eval()
        with torch.inference_mode():
            logits, state = self.network(torch.as_tensor(np.asarray(ids), dtype=torch.int64), state)
        return logits.float().numpy(), state

    def nats(self, ids, stride=None):
        """Surprise at every token of a stream but the first, in nats: (T,) -> (T − 1,).

        A transformer reads windows of its block at `stride` (half a block unless told), a recurrent model windows of
        512 tokens at 384; each token is scored once. A counted model sees its whole context.
        """
        if not kind_of(self.model).needs_torch:
            return self.network.nll(np.asarray(ids))[1:]
        from hornbook.training.loop import surprises

        context, default = self.windows
        if stride is not None and not 1 <= stride <= context:
            raise HornbookError(f"stride is {stride}; it can be from 1 to the context of {context} tokens.")
        if len(ids) < 2:
            return np.zeros(0, np.float32)
        return np.concatenate(list(surprises(self.network, np.asarray(ids), context, stride or default)))

    @property
    def windows(self):
        """(context, stride) with which `nats` reads a text; None for a counted model, which needs none."""
        if not kind_of(self.model).needs_torch:
            return None
        return (self.block_size, max(1, self.block_size // 2)) if self.block_size else (512, 384)

    @property
    def reach(self):
        """Tokens that a prediction of a counted model, or of microgpt, can look back on."""
        config = self.network.config
        return max(0, config.order - 1) if hasattr(config, "order") else config.block_size

    def bits_per_character(self, text):
        """Bits the model needs to write one character of `text`: summed nats / ln 2 / characters.

        Raises HornbookError for an empty text.
        """
        if not text:
            raise HornbookError("the text is empty; it needs at least one character.")
        return float(self.nats(self.stream([text])).sum() / np.log(2) / len(text))

    def stream(self, documents):
        """``<BOS> document <BOS> document …`` as ids."""
        parts = [np.concatenate([[self.tokenizer.bos], self.tokenizer.encode(text)]) for text in documents]
        return np.concatenate(parts).astype(np.int64)

    def generate(self, prompt="", characters=500, seed=42, **sampling):
        """Text that goes on from `prompt`: see `generation.Sampling` for temperature, top_k, top_p and min_p."""
        from hornbook.generation import Sampling, continuation

        return "".join(drawn.text for drawn in continuation(self, prompt, Sampling(**sampling), characters, seed))

    def trace(self, text, backward=False):
        """Every number of the forward pass over `text` (and, on request, the backward pass), by name.

        Runs the reference form in float64 on the trained parameters. The text is read as <BOS> text; its loss is that
        of each token given those before. Raises HornbookError for a text that is empty or longer than the block.
        """
        ids = self.stream([text, ""] if kind_of(self.model).trained_by == "names" else [text])[None]
        self.check_length(ids.shape[1] - 1, text)
        reference, params = kind_of(self.model).reference, self.exact_parameters()
        if kind_of(self.model).trained_by == "counting":
            if backward:
                raise HornbookError(f"{self.model} is counted, not trained by gradients: it has no backward pass.")
            params = reference.from_parameters(self.parameters, self.network.config)
        with Trace() as trace:
            logits = reference.forward(params, ids[:, :-1], self.network.config)
            reference.loss(logits, ids[:, 1:])
            if backward:
                reference.backward(params, trace, self.network.config)
        return trace

    def graph(self, name):
        """Every node of microgpt's scalar computation of one name's loss and gradients, a `hornbook.graph.Graph`.

        Raises HornbookError for any other model, and for letters that the model does not know.
        """
        from hornbook.graph import of_name

        if kind_of(self.model).trained_by != "names":
            raise HornbookError(
                f"{self.model} is not computed scalar by scalar; train with --model microgpt for a graph."
            )
        letters = [id_ for id_ in range(self.tokenizer.vocab_size) if id_ != self.tokenizer.bos]
        self.network.gpt.letters = self.tokenizer.tokens(letters)
        return of_name(self.network.gpt, name)

    def exact_parameters(self):
        """Every parameter by name in float64, the precision of the reference forms."""
        return {name: np.asarray(value, np.float64) for name, value in self.parameters.items()}

    def check_length(self, length, text):
        """Raise HornbookError where a text of `length` tokens is empty or longer than the block."""
        if length < 1:
            raise HornbookError("the text is empty; it needs at least one character.")
        if self.block_size and length > self.block_size:
            raise HornbookError(
                f"the text has {length} tokens, the model reads at most {self.block_size}."
                f" Use a shorter one, for example {text[: self.block_size // 2]!r}."
            )


def restore(model, config, parameters):
    """The fast form of `model` with `parameters` (name -> array) put in."""
    kind = kind_of(model)
    config = kind.reference.Config(**config)
    if not kind.needs_torch:
        return kind.fast.from_parameters(config, parameters)
    import torch

    network = kind.fast(config)
    network.load_state_dict({name: torch.from_numpy(value) for name, value in parameters.items()})
    return network
