"""`hornbook ladder`: the history of text models, trained on your text and ranked."""

import json
from pathlib import Path
from typing import Annotated

import typer

from hornbook.cli import app


@app.command(
    epilog="Examples:\n"
    "  hornbook ladder shakespeare --minutes 2\n"
    "  hornbook ladder notes/ --tokenizer bpe --vocab-size 2000 --minutes 10\n"
    "  hornbook ladder frankenstein --json > ladder.json"
)
def ladder(
    corpus: Annotated[str, typer.Argument(help="A named corpus, a file, a folder, a glob, or - .")],
    minutes: Annotated[float, typer.Option(help="Time for all rungs together.")] = 2.0,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the rungs and the report. Default: runs/CORPUS-ladder.")
    ] = None,
    tokenizer: Annotated[str, typer.Option(help="characters, words, bpe, wordpiece.")] = "characters",
    vocab_size: Annotated[int | None, typer.Option(help="Most tokens the tokenizer may have.")] = None,
    documents: Annotated[str | None, typer.Option(help="What one document is: whole, line or paragraph.")] = None,
    field: Annotated[str | None, typer.Option(help="The JSON field or the column that holds the text.")] = None,
    encoding: Annotated[str, typer.Option(help="How the bytes of text files stand for characters.")] = "utf-8",
    seed: Annotated[int, typer.Option(help="Fixes weights, batches and dropout.")] = 42,
    as_json: Annotated[bool, typer.Option("--json", help="The table as JSON.")] = False,
):
    """Train uniform, unigram, n-gram, RNN, LSTM and GPT on one text within a budget, and rank them on held-out text.

    A ladder that was stopped goes on where it was: finished rungs are not trained again.
    """
    from rich.console import Console

    from hornbook.cli.progress import train_with_bar
    from hornbook.ladder import Ladder
    from hornbook.ladder_report import write_report
    from hornbook.streamed import load_or_stream

    settings = {"seed": seed} | ({"vocab_size": vocab_size} if vocab_size else {})
    text = load_or_stream(corpus, documents, field, encoding)
    climb = Ladder(text, out or Path("runs") / f"{Path(corpus).stem or 'stdin'}-ladder", minutes, tokenizer, settings)
    console = Console(stderr=True)
    if climb.finished():
        console.print(f"Kept from before in {climb.folder}: {', '.join(climb.finished())}. Another --out starts anew.")
    for trainer in climb.rungs():
        if train_with_bar(trainer, brief=True) is None:
            console.print(f"The ladder was stopped; the same command finishes it. {climb.folder}", soft_wrap=True)
            raise typer.Exit(130)
    rows = climb.rows()
    report = write_report(climb)
    if as_json:
        print(json.dumps({"corpus": climb.corpus.name, "rungs": rows}))
    else:
        _print(rows, climb.corpus)
        console.print(f"Report: {report} and {report.with_suffix('.md')}", soft_wrap=True)


def _print(rows, corpus):
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"The ladder on {corpus.name}", caption="bits per character on the held-out text, all of it")
    for title, side in (
        ("model", "left"),
        ("bits/char", "right"),
        ("95 %", "right"),
        ("parameters", "right"),
        ("train s", "right"),
        ("chars/s", "right"),
    ):
        table.add_column(title, justify=side, no_wrap=True)
    for row in rows:
        low, high = row["interval_95"]
        table.add_row(
            row["rung"],
            f"[bold]{row['bits_per_character']:.3f}[/]",
            f"{low:.3f}–{high:.3f}",
            f"{row['parameters']:,}",
            f"{row['seconds']:.1f}",
            f"{row['characters_per_second']:,.0f}",
        )
    Console().print(table)
