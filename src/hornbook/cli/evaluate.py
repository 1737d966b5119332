"""`hornbook evaluate`: how many bits a character a model needs, on a held-out text or a file."""

import json
from pathlib import Path
from typing import Annotated

import typer

from hornbook.cli import app


@app.command(
    epilog="Examples:\n\n"
    "  hornbook evaluate runs/shakespeare-gpt\n\n"
    "  hornbook evaluate runs/shakespeare-gpt --text other.txt --json\n\n"
    "  hornbook evaluate runs/shakespeare-gpt --stride 1"
)
def evaluate(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    text: Annotated[
        str | None, typer.Option(help="A corpus, file or folder to score, instead of the run's own split.")
    ] = None,
    split: Annotated[
        str, typer.Option(help="Which of the run's own splits: train, validation or test.")
    ] = "validation",
    stride: Annotated[
        int | None, typer.Option(min=1, help="Tokens between windows: smaller gives each token more context.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The figures as JSON.")] = False,
):
    """Measure a model on the whole of a text: bits per character, nats a token, perplexity, and what surprises it."""
    from hornbook.evaluate import evaluate
    from hornbook.language_model import LanguageModel

    model = LanguageModel.load(run)
    stream, characters, name = _read(model, text, split)
    report = evaluate(model, stream, characters, stride)
    if as_json:
        passages = {"most_surprising": report.most, "least_surprising": report.least}
        print(json.dumps({"run": str(run), "text": name, **report.numbers(), **passages}, ensure_ascii=False))
    else:
        _print(run, name, report)


def _read(model, text, split):
    """(stream, characters, name) of the text to score. A misspelt split raises HornbookError."""
    from hornbook.corpus import load
    from hornbook.errors import HornbookError, nearest
    from hornbook.run import TOKENS
    from hornbook.training.tokens import read_stream

    if text is not None:
        documents = load(text).documents
        return model.stream(documents), sum(map(len, documents)) + len(documents) - 1, text
    if split not in TOKENS:
        raise HornbookError(f'there is no split "{split}".{nearest(split, TOKENS)}')
    path = model.folder / TOKENS[split]
    if not path.exists():
        raise HornbookError(f"{model.folder} keeps no {split} split; --text FILE measures on a text of yours.")
    return read_stream(path, model.tokenizer.vocab_size), model.about["corpus"]["characters"][split], f"{split} split"


def _print(run, name, report):
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    table = Table(title=f"{run} on the {name}" if name.endswith("split") else f"{run} on {name}", show_header=False)
    table.add_row(
        "bits per character", f"[bold]{report.bits_per_character:.4f}[/]  (95 % {report.low:.3f} to {report.high:.3f})"
    )
    table.add_row("nats per token", f"{report.nats_per_token:.4f}")
    table.add_row("perplexity", f"{report.numbers()['perplexity']:.3f}")
    table.add_row("scored", f"{report.tokens:,} tokens, {report.characters:,} characters, every token once")
    context = "all that went before" if report.context is None else f"{report.context} tokens at stride {report.stride}"
    table.add_row("context", context)
    table.add_row("time", f"{report.seconds:.1f} s")
    console.print(table)
    for title, passages in (("most surprising", report.most), ("least surprising", report.least)):
        console.print(f"\n[bold]{title}[/]")
        for passage in passages:
            console.print(Text(f"{passage['bits_per_character']:6.2f}  {passage['text']!r}"), soft_wrap=True)
