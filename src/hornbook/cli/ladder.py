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
    "  hornbook ladder novels --column vectors --with minilm --with runs/notes-contrastive\n"
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
    column: Annotated[str, typer.Option(help="Which models: both, language or vectors.")] = "both",
    beside: Annotated[
        list[str] | None,
        typer.Option("--with", help="Another encoder to set beside them: minilm, or a folder. May be repeated."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Fixes weights, batches and dropout.")] = 42,
    as_json: Annotated[bool, typer.Option("--json", help="The table as JSON.")] = False,
):
    """Climb both columns on one text within a budget, and rank each on held-out text.

    Models that write (uniform, unigram, n-gram, RNN, LSTM, GPT) by bits per character; models that make vectors
    (counts, TF-IDF, BM25, LSA, LDA, word2vec, encoders) by finding the second half of a passage from its first.

    A ladder that was stopped goes on where it was: finished rungs are not trained again.
    """
    from rich.console import Console

    from hornbook.encoder_ladder import EncoderLadder
    from hornbook.errors import HornbookError, nearest
    from hornbook.ladder import Ladder
    from hornbook.ladder_report import write_report
    from hornbook.streamed import load_or_stream

    if column not in COLUMNS:
        raise HornbookError(f'there is no column "{column}".{nearest(column, COLUMNS)}')
    if beside and column == "language":
        raise HornbookError("--with sets an encoder beside others; --column language has none.")
    settings = {"seed": seed} | ({"vocab_size": vocab_size} if vocab_size else {})
    text = load_or_stream(corpus, documents, field, encoding)
    folder = out or Path("runs") / f"{Path(corpus).stem or 'stdin'}-ladder"
    shares = COLUMNS[column]
    vectors = EncoderLadder(text, folder, shares["vectors"] * minutes or minutes, {"seed": seed}, beside or ())
    climb = Ladder(text, folder, shares["language"] * minutes or minutes, tokenizer, settings)
    console = Console(stderr=True)
    for each in [each for name, each in (("vectors", vectors), ("language", climb)) if shares[name]]:
        _climb(each, console)
    _measure(vectors, console)
    climbed = [each for name, each in (("vectors", vectors), ("language", climb)) if shares[name]]
    skipped = {rung: why for each in climbed for rung, why in each.skipped().items()}
    _say_skipped(skipped, console)
    rows, encoders = climb.rows(), vectors.rows()
    report = write_report(climb, encoders)
    if as_json:
        print(json.dumps({"corpus": climb.corpus.name, "rungs": rows, "encoders": encoders, "skipped": skipped}))
    else:
        _print(rows, climb.corpus)
        _print_encoders(encoders, climb.corpus)
        console.print(f"Report: {report} and {report.with_suffix('.md')}", soft_wrap=True)


# column -> the share of the time that each half of it gets
COLUMNS = {
    "both": {"language": 0.6, "vectors": 0.4},
    "language": {"language": 1.0, "vectors": 0.0},
    "vectors": {"language": 0.0, "vectors": 1.0},
}


def _climb(ladder, console):
    from hornbook.cli.progress import train_with_bar

    if ladder.finished():
        kept = ", ".join(ladder.finished())
        console.print(f"Kept from before in {ladder.folder}: {kept}. Another --out starts anew.", soft_wrap=True)
    for trainer in ladder.rungs():
        if train_with_bar(trainer, brief=True) is None:
            console.print(f"The ladder was stopped; the same command finishes it. {ladder.folder}", soft_wrap=True)
            raise typer.Exit(130)


def _measure(ladder, console):
    for name in ladder.measure():
        console.print(f"Measuring {name} on the held-out passages.", markup=False)


def _say_skipped(skipped, console):
    """One line for every reason, with the rungs that are left out for it."""
    for why in dict.fromkeys(skipped.values()):
        rungs = ", ".join(rung for rung, said in skipped.items() if said == why)
        console.print(f"Left out: {rungs}. {why}", markup=False, soft_wrap=True)


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
    if rows:
        Console().print(table)


def _print_encoders(rows, corpus):
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from hornbook.encoder_ladder import notes, seconds

    if not rows:
        return
    caption = f"half-match over {rows[0]['n']:,} held-out passages; by lot {rows[0]['by_chance']:.3f} MRR"
    caption = Text("\n".join([caption, *notes(rows)]))
    table = Table(title=f"{corpus.name} as vectors", caption=caption)
    table.add_column("encoder")
    for title in ("MRR", "95 %", "recall@10", "dims", "train s"):
        table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        low, high = row["mrr_interval_95"]
        table.add_row(
            Text(row["rung"]),
            f"[bold]{row['mrr']:.3f}[/]",
            f"{low:.3f}–{high:.3f}",
            f"{row['recall_at_10']:.3f}",
            f"{row['dimensions']:,}",
            seconds(row),
        )
    Console().print(table)
