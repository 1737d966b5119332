"""`hornbook guide`: microgpt, interactively, in one HTML file."""

import json
from pathlib import Path
from typing import Annotated

import typer

from hornbook.cli import app


@app.command(
    epilog="Examples:\n"
    "  hornbook guide\n"
    "  hornbook guide --run runs/names-microgpt --out my-guide.html\n"
    "  hornbook guide --no-open",
)
def guide(
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("educational_guide.html"),
    run: Annotated[
        Path | None, typer.Option(help="A run folder of microgpt: its names and weights go into the page.")
    ] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Write the file, and open no browser.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="What was written, as JSON.")] = False,
):
    """Write a page that teaches microgpt by doing: every number of it, training and writing names included.

    It is one file that needs no network: it can be mailed, put on a stick, or opened in a class.
    """
    import webbrowser

    from hornbook.files import write_text
    from hornbook.guide.assemble import assemble

    text = assemble(run)
    write_text(out, text)
    size, address = len(text.encode()), out.resolve().as_uri()
    shown = not no_open and webbrowser.open(address)
    if as_json:
        print(json.dumps({"out": str(out), "bytes": size, "address": address, "opened": shown}, ensure_ascii=False))
        return
    print(f"{out}: {size / 1000:,.0f} kB")
    if not no_open and not shown:
        print(f"No browser could be opened here. In one, open: {address}")
