"""`hornbook film`: the film of building a text encoder, drawn from recorded runs."""

from pathlib import Path
from typing import Annotated

import typer

from hornbook.cli import app, console
from hornbook.errors import HornbookError

# what is asked for -> the options that it reads
READS = {
    "--lint": ("--jobs",),
    "--frames": ("--quality", "--out"),
    "--at": ("--quality", "--out"),
    "a film": ("--quality", "--out", "--jobs", "--voice"),
}


@app.command(
    epilog="Examples:\n"
    "  hornbook film all --quality 720p30 --out film.mp4\n"
    "  hornbook film section3 --jobs 2\n"
    "  hornbook film 6 --frames 9 --out frames\n"
    "  hornbook film --lint",
)
def film(
    parts: Annotated[
        list[str] | None,
        typer.Argument(help="Steps (3), sections (section3), title3, question3, opening, closing, or all."),
    ] = None,
    quality: Annotated[str | None, typer.Option(help="480p15, 720p30 or 1080p30.", show_default="480p15")] = None,
    out: Annotated[Path | None, typer.Option(help="The film (film.mp4), or the folder of pictures (frames).")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Scenes drawn at once; as many as processors.")] = None,
    lint: Annotated[bool, typer.Option("--lint", help="Check every frame's layout, drawing none.")] = False,
    frames: Annotated[
        int | None, typer.Option(min=1, help="Write so many pictures of each part instead of a film.")
    ] = None,
    at: Annotated[float | None, typer.Option(min=0, help="Write the picture of one moment, in seconds.")] = None,
    voice: Annotated[
        str | None, typer.Option(help="Speak the captions: a piper voice (.onnx), or its package.")
    ] = None,
):
    """Render the film: every step of building a text encoder, with every number from a real run."""
    import os

    from hornbook.film.script import chosen
    from hornbook.film.stage import need_manim

    wanted = chosen(parts)
    given = {"--lint": lint or None, "--frames": frames, "--at": at, "--quality": quality, "--out": out}
    given |= {"--jobs": jobs, "--voice": voice}
    _only_what_is_read([name for name, value in given.items() if value is not None])
    need_manim()
    quality, jobs = quality or "480p15", jobs or os.cpu_count() or 1
    if lint:
        _lint(wanted, jobs)
    elif frames or at is not None:
        _pictures(wanted, out or Path("frames"), quality, frames, at)
    else:
        _render(wanted, out or Path("film.mp4"), quality, jobs, voice)


def _only_what_is_read(given):
    """Refuse options that would be passed over in silence."""
    asked = next((mode for mode in READS if mode in given), "a film")
    for name in given:
        if name not in (asked, *READS[asked]):
            reads = " and ".join(READS[asked])
            raise HornbookError(f"{name} does not go with {asked}, which takes {reads}. Leave one of them out.")


def _lint(wanted, jobs):
    from hornbook.film.lint.run import lint

    found = 0
    for report in lint(wanted, jobs):
        found += len(report.findings)
        print(f"{report.name}: {report.seconds:.1f} s, {len(report.findings) or 'no'} findings")
        for finding in report.findings:
            print(f"  {finding.time:5.1f} s  {finding.rule}: {finding.what}: {finding.words}")
    if found:
        raise typer.Exit(1)


def _pictures(wanted, folder, quality, frames, at):
    from hornbook.film.stills import stills

    for part in wanted:
        sheet, seconds = stills(part.name, folder, quality, frames or 1, () if at is None else (at,))
        console().print(f"{part.name}: {seconds:.1f} s, {sheet}")


def _render(wanted, out, quality, jobs, voice):
    import time

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from hornbook.film.render import Rendering, check_place, write
    from hornbook.film.voice import Speaker

    check_place(out)
    speaker = Speaker(voice) if voice else None
    screen, began = console(stderr=True), time.monotonic()
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[doing]}")
    with Progress(*columns, TimeElapsedColumn(), console=screen) as progress:
        task, doing = progress.add_task("scenes", total=len(wanted), doing=""), {}

        def told(name, seconds, ended):
            doing.pop(name, None)
            doing.update({} if ended else {name: seconds})
            words = ", ".join(f"{each} {drawn:.0f} s" for each, drawn in list(doing.items()))
            progress.update(task, advance=int(ended), doing=words)

        try:
            drawn = Rendering(wanted, quality, jobs, told).draw()
        except KeyboardInterrupt:
            progress.stop()
            screen.print("stopped. What is drawn is kept: the same command goes on from there.")
            raise typer.Exit(130) from None
    seconds = write(drawn, out, speaker)
    minutes = f"{int(seconds) // 60}:{int(seconds) % 60:02}"
    print(f"{out}: {minutes}, {out.stat().st_size / 1e6:,.1f} MB, in {time.monotonic() - began:.0f} s")
    if speaker:
        _spoken(speaker)


def _spoken(speaker):
    print(f"spoken by {speaker.path.stem}: {speaker.hurried} captions faster than its own pace")
    for caption, words in speaker.findings:
        print(f"  {caption.start:5.1f} s  {words}")
