"""What commands about texts share: how texts are named and read, and which encoder turns them into vectors."""

from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

Texts = Annotated[str, typer.Argument(help="A file, folder, glob, named corpus, or - for standard input.")]
Encoder = Annotated[
    str | None, typer.Option(help="An encoder's run folder, or minilm. Default: TF-IDF and LSA, fitted on the texts.")
]
Documents = Annotated[
    str | None, typer.Option(help="What one text is: whole (a file or row), line, paragraph. Long ones are cut.")
]
Field = Annotated[str | None, typer.Option(help="The JSON field or the column that holds the text.")]
Encoding = Annotated[str, typer.Option(help="How the bytes of text files stand for characters.")]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="The same seed gives the same result.")]
Out = Annotated[Path | None, typer.Option(help="Write a table: .csv, or .tsv between tabs.")]
AsJson = Annotated[bool, typer.Option("--json", help="Everything as JSON, unrounded.")]


@contextmanager
def goes_on(screen):
    """Say on Ctrl-C that the work is kept, before it ends the command."""
    try:
        yield
    except KeyboardInterrupt:
        screen.print("What is done is kept; the same command goes on from there.")
        raise


def short(text, width=90):
    """One line of a text, cut off with … where it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def where(place, texts):
    """A place as it is shown: without the folders that all places in `texts` share."""
    path = Path(texts).expanduser()
    folder = f"{path if path.is_dir() else path.parent}/"
    return place.removeprefix(folder)


def write_table(path, names, rows):
    """A table as .csv, or .tsv: names, then rows. Written whole or not at all."""
    import csv

    from hornbook.files import written_whole

    with written_whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t" if path.suffix == ".tsv" else ",", lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)


def say_written(path, as_json):
    """Say on stderr, where JSON has the other, what was written."""
    from hornbook.cli import console

    console(stderr=as_json).print(f"wrote {path}", markup=False)
