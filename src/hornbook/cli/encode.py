"""`hornbook encode`: any number of texts to a file of vectors, written as they come."""

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from hornbook.cli import app, console
from hornbook.cli.given import goes_on


@app.command(
    epilog="Examples:\n"
    "  hornbook encode notes/ --encoder minilm --out notes.npy --normalize\n"
    "  hornbook encode reviews.csv --encoder runs/reviews-static --out reviews.npy\n"
    "  hornbook encode book.txt --documents passage --encoder runs/book-tfidf --out book.npz\n"
    "  cat questions.txt | hornbook encode - --encoder minilm --out -"
)
def encode(
    texts: Annotated[list[str], typer.Argument(help="Files, folders, globs, or - for standard input.")],
    encoder: Annotated[str, typer.Option(help="A run folder, minilm, or a folder of sentence-transformers.")],
    out: Annotated[str, typer.Option(help="vectors.npy (.npz for sparse vectors), or - for lines of JSON.")],
    documents: Annotated[
        str | None,
        typer.Option(help="What gets a vector: line, paragraph, passage or whole. Default: a line; of tables, a row."),
    ] = None,
    normalize: Annotated[bool, typer.Option("--normalize", help="Make every vector 1 long.")] = False,
    field: Annotated[str | None, typer.Option(help="The JSON field or the column that holds the text.")] = None,
    encoding: Annotated[str, typer.Option(help="How the bytes of text files stand for characters.")] = "utf-8",
    precision: Annotated[
        str,
        typer.Option(help="What a transformer multiplies in: float32, bfloat16, or auto, the quickest that is near."),
    ] = "auto",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Begin anew where --out is there already.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="What was done, as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
):
    """Turn texts into vectors: one row each, in order, on the disk as soon as they are made.

    A run that was killed goes on where it stopped when the same command is given again, to the same bytes. Blank
    lines have no vector. What lies beside the vectors, OUT.json, says by which encoder and of how many texts they are.
    """
    from hornbook.encode_files import Encoding, opened

    to_stdout = out == "-"
    shown, opener = console(stderr=True, quiet=quiet or as_json), opened(encoder, precision)
    job = Encoding(texts, opener, sys.stdout if to_stdout else Path(out), documents, normalize, (field, encoding))
    before = job.begin(overwrite)
    if before:
        shown.print(f"going on after {before:,} texts")
    with goes_on(shown) if "-" not in texts and not to_stdout else nullcontext():
        _follow(job, shown)
    if as_json:
        print(json.dumps(job.summary(), ensure_ascii=False), file=sys.stderr if to_stdout else sys.stdout)
    else:
        _tell(job.summary(), shown)


def _follow(job, shown):
    """Draw a bar where somebody looks; of what can be read once only, there is no end to be foreseen."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), TextColumn("{task.fields[speed]}"),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=shown, transient=True, disable=not shown.is_terminal) as progress:
        task = progress.add_task("reading", total=job.count() if shown.is_terminal else None, speed="")
        for done in job.steps():
            speed = f"{_rate(done.texts - job.before, done.seconds)} texts/s"
            progress.update(task, completed=done.texts, description=f"{done.texts:,} texts", speed=speed)


def _rate(texts, seconds):
    return f"{texts / max(seconds, 1e-9):,.0f}"


def _tell(found, shown):
    where = found["out"] or "standard output"
    speed = f": {_rate(found['texts'] - found['before'], found['seconds'])} texts/s" if found["seconds"] else ""
    shown.print(f"{found['texts']:,} texts, {found['dimensions']:,} numbers each, in {where}{speed}")
    if found["precision"] != "float32":
        least = int((found["least_cosine"] or 0) * 10_000) / 10_000  # which is not rounded up
        near = f", samples at a cosine of {least:.4f} or more to float32" if least else ""
        shown.print(f"in {found['precision']}{near}; --precision float32 is exact and slower", style="dim")
    if found["cut_texts"]:
        shown.print(f"{found['cut_texts']:,} texts were longer than the encoder reads; {found['cut_tokens']:,} of"
                    f" {found['tokens']:,} tokens were cut off. --documents passage makes shorter ones.",
                    style="yellow")  # fmt: skip
    if found["unknown_tokens"]:
        shown.print(f"{found['unknown_tokens']:,} of {found['tokens']:,} tokens are unknown to the encoder;"
                    f" {found['empty_texts']:,} texts have no other.", style="yellow")  # fmt: skip
