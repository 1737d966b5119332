"""`hornbook film`: the film of building a text encoder, drawn from recorded runs."""

from pathlib import Path
from typing import Annotated

import typer

from hornbook.cli import app


@app.command(
    epilog="Examples:\n"
    "  hornbook film all --quality 720p30 --out film.mp4\n"
    "  hornbook film section3 --jobs 2\n"
    "  hornbook film 6 --frames 9 --out frames\n"
    "  hornbook film --lint",
)
def film(
    parts: Annotated[
        list[str] | None, typer.Argument(help="Steps (3), sections (section3), opening, closing, or all.")
    ] = None,
    quality: Annotated[str, typer.Option(help="480p15, 720p30 or 1080p30.")] = "480p15",
    out: Annotated[Path, typer.Option(help="The film, or with --frames the folder of pictures.")] = Path("film.mp4"),
    frames: Annotated[int, typer.Option(help="Write so many pictures of each part instead of a film.")] = 0,
    at: Annotated[float | None, typer.Option(help="Write the picture of one moment, in seconds.")] = None,
):
    """Render the film: every step of building a text encoder, with every number from a real run."""
    from hornbook.film.script import chosen
    from hornbook.film.stills import stills

    for part in chosen(parts):
        sheet, seconds = stills(part.name, out, quality, frames or 9, () if at is None else (at,))
        print(f"{part.name}: {seconds:.1f} s, {sheet}")
