"""`hornbook corpora`: the texts there are to learn from, or a closer look at one of them."""

import json
from typing import Annotated

import typer

from hornbook.cli import app


@app.command(
    epilog="Examples:\n"
    "  hornbook corpora\n"
    "  hornbook corpora shakespeare\n"
    "  hornbook corpora my-names.txt --documents line\n"
    "  hornbook corpora 'letters/*.md' --json\n"
    "  hornbook corpora reviews.csv --field review\n"
    "  zcat log.gz | hornbook corpora - --documents line"
)
def corpora(
    name: Annotated[str | None, typer.Argument(help="A named corpus, a file, a folder, a glob, or - .")] = None,
    documents: Annotated[
        str | None, typer.Option(help="What one document is: whole (a file, row or line of JSON), line or paragraph.")
    ] = None,
    field: Annotated[str | None, typer.Option(help="The column, or field of JSON, that holds the text.")] = None,
    encoding: Annotated[str, typer.Option(help="How the bytes of text files stand for characters.")] = "utf-8",
    as_json: Annotated[bool, typer.Option("--json", help="The same as JSON.")] = False,
):
    """List the corpora that have a name; or show what hornbook makes of one, or of your own files.

    Reads .txt, .md, .jsonl, .csv and .parquet. One that is not here yet is fetched when it is named.
    """
    from hornbook import corpus

    if name is None:
        rows = corpus.listing()
        print(json.dumps(rows, indent=1, ensure_ascii=False)) if as_json else _print_listing(rows)
        return
    loaded = corpus.load(name, documents, field, encoding)
    split = loaded.split()
    print(json.dumps(_facts(loaded, split), indent=1, ensure_ascii=False)) if as_json else _print_one(loaded, split)


def _print_listing(rows):
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("corpus", "here?", "texts", "size"):
        table.add_column(heading, justify="right" if heading in ("texts", "size") else "left", no_wrap=True)
    console = Console(highlight=False)
    narrow = console.width < 100  # then what it is goes on lines of its own
    if not narrow:
        table.add_column("what it is · where it comes from · licence", overflow="fold")
    for row in rows:
        texts = f"{row['documents']:,}" if row["documents"] else "–"
        cells = (f"[bold]{row['name']}[/]", _where(row), texts, _size(row["bytes"]))
        table.add_row(*cells, *([] if narrow else [_what(row)]))
    console.print(table)
    for row in rows if narrow else ():
        console.print(f"[bold]{row['name']}[/]: {_what(row)}")
    console.print("[dim]hornbook corpora NAME looks at one, and fetches it if it is not here.[/]")


def _what(row):
    return " · ".join(filter(None, (row["about"], row["source"], row["licence"])))


def _where(row):
    return f"[green]{row['place']}[/]" if row["here"] else f"[yellow]by {row['needs']}[/]"


def _size(size):
    if size is None:
        return "–"
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def _facts(loaded, split):
    """What `--json` says of one corpus."""
    parts = {"train": split.train, "validation": split.validation, "test": split.test}
    return {
        "name": loaded.name,
        "source": loaded.source,
        "licence": loaded.licence,
        "notes": list(loaded.notes),
        "documents": len(loaded.documents),
        "characters": loaded.characters,
        "sha256": loaded.sha256,
        "split": {
            "by": loaded.kind,
            "test_is_validation": split.test is split.validation,
            **{part: {"documents": len(texts), "characters": sum(map(len, texts))} for part, texts in parts.items()},
        },
        "start": loaded.documents[0][:500],
    }


def _print_one(loaded, split):
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console, facts = Console(highlight=False), _facts(loaded, split)
    console.print(Text.assemble((loaded.name, "bold"), f": {loaded.source} ({loaded.licence})"), soft_wrap=True)
    for note in loaded.notes:
        console.print(Text(note, style="yellow"))
    table = Table("part", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("documents", justify="right")
    table.add_column("characters", justify="right")
    for part in ("train", "validation", "test"):
        count = facts["split"][part]
        table.add_row(part, f"{count['documents']:,}", f"{count['characters']:,}")
    table.add_row("all", f"{facts['documents']:,}", f"{facts['characters']:,}", style="bold")
    console.print(table)
    console.print(f"{_how(facts['split'])}\nsha256 {facts['sha256']}\n", style="dim", soft_wrap=True)
    console.print(Text(_start(loaded.documents)), soft_wrap=True)
    if _may_be_lines(loaded):
        console.print("\n[yellow]Every line is short: if each is a text of its own, say --documents line[/]")


def _how(split):
    if split["by"] == "documents":
        return "Split by document, 90/5/5, by a hash of its text."
    return "Split by position: the last tenth is held out; test is the same text as validation."


def _start(documents):
    """The first lines of a long text, or of each of the first documents."""
    if len(documents) < 3:
        return "\n".join(documents[0][:2000].split("\n")[:12])
    return "\n".join(f"{number} {document[:100]!r}" for number, document in enumerate(documents[:10], 1))


def _may_be_lines(loaded):
    lines = loaded.documents[0][:20_000].rstrip("\n").split("\n")[:-1]
    return len(loaded.documents) == 1 and len(lines) > 20 and all(0 < len(line) <= 40 for line in lines)
