"""`hornbook generate`: text from a run, streamed as it is drawn."""

import json
import sys
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from hornbook.cli import app


@app.command(
    epilog="Examples:\n"
    '  hornbook generate runs/frankenstein-lstm "You will rejoice to hear" --characters 500\n'
    "  hornbook generate runs/names-gpt --samples 20 --temperature 0.5\n"
    '  hornbook generate runs/shakespeare-gpt "ROMEO:" --top-p 0.9 --show'
)
def generate(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    prompt: Annotated[str, typer.Argument(help="The text to go on from; - reads it from standard input.")] = "",
    characters: Annotated[int, typer.Option(min=1, help="Characters to write, at most.")] = 500,
    temperature: Annotated[float, typer.Option(help="Below 1 bolder the likely; 0 takes the likeliest.")] = 0.8,
    top_k: Annotated[int | None, typer.Option(help="Draw from the k likeliest tokens only.")] = None,
    top_p: Annotated[float | None, typer.Option(help="Draw from the likeliest that together reach p.")] = None,
    min_p: Annotated[float | None, typer.Option(help="Draw from those min_p times as likely as the likeliest.")] = None,
    greedy: Annotated[bool, typer.Option("--greedy", help="Always the likeliest: temperature 0.")] = False,
    samples: Annotated[int, typer.Option("--samples", "-n", min=1, help="How many texts.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same text.")] = 42,
    show: Annotated[
        bool, typer.Option("--show", help="Print each drawn token with its probability and its rivals.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a text, with every token drawn.")] = False,
):
    """Write text with a trained model, on from a prompt.

    The text is drawn token by token and stops where the model ends the document, or after --characters.
    """
    from hornbook.generation import Sampling, continuation
    from hornbook.language_model import LanguageModel

    if prompt == "-":
        prompt = sys.stdin.read().removesuffix("\n")  # which echo adds
    sampling = Sampling(0.0 if greedy else temperature, top_k, top_p, min_p)
    model = LanguageModel.load(run)
    warn_of_unknown(model, prompt)
    for number in range(samples):
        if show and number and not as_json:
            print()
        drawn = continuation(model, prompt, sampling, characters, seed + number)
        if as_json:
            _as_json(prompt, drawn)
        elif show:
            _with_rivals(model, drawn)
        else:
            _stream(prompt, drawn)


def warn_of_unknown(model, prompt):
    """Say on stderr which characters of a text the vocabulary does not have."""
    unknown = model.tokenizer.unknown(prompt)
    if unknown and model.tokenizer.unk is not None:  # else reading it raises an error that says so
        names = ", ".join(f"{text!r} ×{count}" for text, count in unknown.most_common(5))
        print(f"hornbook: the model has never seen {names}; read as <UNK>.", file=sys.stderr)


def _stream(prompt, drawn):
    first = next(drawn)  # bad choices are told of before anything is written
    sys.stdout.write(prompt)
    for token in chain([first], drawn):
        sys.stdout.write(token.text)
        sys.stdout.flush()
    sys.stdout.write("\n")


def _as_json(prompt, drawn):
    tokens = list(drawn)
    print(
        json.dumps(
            {
                "prompt": prompt,
                "text": "".join(token.text for token in tokens),
                "tokens": [
                    {"id": t.token, "text": t.text, "probability": t.probability, "u": t.u, "rivals": t.rivals}
                    for t in tokens
                ],
            },
            ensure_ascii=False,
        )
    )


def _with_rivals(model, drawn):
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for token in drawn:
        name = repr(token.text) if token.token != model.tokenizer.bos else "<BOS>"  # which ends the text
        line = Text(f"{name:>8} ", style="bold")
        line.append(f"{token.probability:7.3f}  ", style="cyan")
        line.append(f"{'█' * max(1, round(20 * token.probability)):<20}  ", style="cyan")
        line.append("  ".join(f"{text!r} {probability:.3f}" for text, probability in token.rivals), style="dim")
        console.print(line, soft_wrap=True)
