"""What `hornbook evaluate` prints of an encoder: one table of figures, and the worst mistakes."""

import json


def evaluate_encoder(run, name, texts, tasks, labelled, as_json, beside=()):
    """Measure the encoder of a run folder on its held-out passages, or those of `texts`, and print what came of it.

    `beside`: runs that sentence tasks are measured on too.
    """
    from hornbook.encoder import TextEncoder
    from hornbook.measure import measure
    from hornbook.passages import WORDS, passages_of

    encoder = TextEncoder.load(run)
    words = encoder.about.get("settings", {}).get("passage", WORDS)
    passages = passages_of(texts, words) if texts is not None else None
    rivals = {str(other): TextEncoder.load(other) for other in beside}
    measured = measure(encoder, passages, tasks or None, labelled, beside=rivals)
    name = name or ("held-out passages" if measured.half_match else None)  # a task has texts of its own
    if as_json:
        mistakes = [mistake._asdict() for mistake in measured.half_match.mistakes] if measured.half_match else []
        report = {"run": str(run), "text": name, **measured.numbers(), "mistakes": mistakes}
        print(json.dumps(report, ensure_ascii=False))
    else:
        _print(f"{run} on {name}" if name else str(run), measured)


def _print(title, measured):
    from rich.table import Table

    from hornbook.cli import console

    out = console()
    table = Table(title=title)
    for name in ("task", "measure", "figure", "95 % interval", "found of all", "beside"):
        table.add_column(name, overflow="fold", no_wrap=name in ("figure", "95 % interval"))
    for row in measured.rows():
        table.add_row(row.task, row.measure, *_cells(row), row.beside)
    if table.rows:
        out.print(table)
    for note in [*measured.notes, *_left_out(measured.half_match)]:
        out.print(note, style="yellow")
    _print_mistakes(out, measured.half_match)
    _print_confusions(out, measured.probe)
    out.print(f"measured in {measured.seconds:.1f} s", style="dim")


def _cells(row):
    """Figure, interval and found of all, as text."""
    made, of = row.figure, f"{row.of:,}"
    if made is None:
        return "–", "no case whose words are known", f"0 of {of}"
    if made.value != made.value:
        return "–", "too few to tell", f"{made.n:,} of {of}"
    interval = f"{made.low:.3f} to {made.high:.3f}" if made.low == made.low else "too few for one"
    return f"[bold]{made.value:.3f}[/]", interval, f"{made.n:,} of {of}"


def _left_out(halves):
    if halves and halves.empty:
        yield f"{halves.empty:,} passages without two halves were left out."
    if halves and halves.repeated:
        yield f"{halves.repeated:,} passages that repeat another were left out."


def _print_mistakes(out, halves):
    from rich.text import Text

    if not halves or not halves.mistakes:
        return
    out.print("\n[bold]worst mistakes of half-match[/]")
    for mistake in halves.mistakes:
        instead = "as high, untold apart" if mistake.tied else "first instead"
        out.print(f"place {mistake.place:g} of {len(halves.places):,}")
        for said, text in (("of", mistake.first), ("right", mistake.second), (instead, mistake.instead)):
            out.print(Text(f"  {said}: {_short(text)}"))


def _print_confusions(out, probed):
    from rich.text import Text

    if probed and probed.confusions():
        out.print("\n[bold]most mixed up[/]")
        for true, given, times in probed.confusions():
            out.print(Text(f"  {true} taken for {given}, {times:,} times"))


def _short(text, width=100):
    words = " ".join(text.split())
    return words if len(words) <= width else words[: width - 1] + "…"
