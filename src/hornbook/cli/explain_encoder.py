"""`hornbook explain` for encoders: the terms that add up to the similarity of two texts, or what one text becomes."""

import json
import sys

SHOWN = 12  # terms of each kind


def explain_encoder(run, one, other, shown):
    """Print how alike two texts are and why; of one text every number that a transformer makes of it, or its vector."""
    from hornbook.cli.explain import show
    from hornbook.encoder import TextEncoder
    from hornbook.errors import HornbookError
    from hornbook.explain_sentence import reads_text

    encoder = TextEncoder.load(run)
    if (shown.only or shown.html) and (other is not None or not reads_text(encoder)):
        raise HornbookError(f"--only and --html are for one text in a transformer; {run}, and two texts, take --json.")
    if reads_text(encoder):
        for text in filter(None, (one, other)):
            _warn_of_loss(encoder, text)
    if other is not None:
        _two(encoder, run, one, other, shown.as_json)
    elif reads_text(encoder):
        show(encoder.explain(one), f"{run} reads {one!r}", shown)
    else:
        _one(encoder, one, shown.as_json)


def _warn_of_loss(encoder, text):
    from hornbook.cli.generate import warn_of_unknown
    from hornbook.explain_sentence import cut_off

    warn_of_unknown(encoder, text)
    read, cut = cut_off(encoder, text)
    if cut:
        print(f"hornbook: {read} tokens of the text are read, {cut} behind them are not.", file=sys.stderr)


def _two(encoder, run, one, other, as_json):
    pair = encoder.explain(one, other)
    if as_json:
        print(json.dumps({"run": str(run), "texts": [one, other]} | pair._asdict(), ensure_ascii=False))
    else:
        _print(run, pair, one, other)


def _print(run, pair, one, other):
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    both = f"{one!r} and {other!r} by {run}"
    console.print(Text.assemble(f"{pair.measure} of {both}: ", (f"{pair.similarity:.4f}", "bold")), soft_wrap=True)
    console.print(f"Euclidean distance of the two vectors: {pair.distance:.4f}")
    if pair.unknown:
        console.print(f"not in the vocabulary: {', '.join(sorted(pair.unknown))}", style="yellow")
    if pair.passed_over:
        console.print(
            f"passed over, in too many passages to have topics: {', '.join(pair.passed_over)}", style="yellow"
        )
    ways = {"word by word": pair.words, "token by token": pair.tokens, "dimension by dimension": pair.dimensions}
    for title, terms in ways.items():
        if terms is not None:
            console.print(_table(title, terms, pair.similarity))


def _table(title, terms, total):
    """The largest terms with a bar each, the others in one row, and their sum, which is the similarity."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, show_header=False, box=None, title_justify="left")
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    largest = max((abs(value) for _, value in terms), default=1.0)
    for name, value in terms[:SHOWN]:
        colour = "blue" if value >= 0 else "red"
        table.add_row(Text(name), f"{value:+.4f}", f"[{colour}]{'█' * round(24 * abs(value) / largest)}[/]")
    if len(terms) > SHOWN:
        table.add_row(f"{len(terms) - SHOWN:,} others", f"{sum(value for _, value in terms[SHOWN:]):+.4f}")
    table.add_row("[bold]sum[/]", f"[bold]{total:+.4f}[/]")
    return table


def _one(encoder, text, as_json):
    import numpy as np

    vector = encoder.encode([text])
    vector = np.asarray(vector.toarray() if hasattr(vector, "toarray") else vector, float)[0]
    names = encoder.get_feature_names_out()
    order = [int(i) for i in np.argsort(-np.abs(vector), kind="stable") if vector[i]]
    entries = [(str(names[i]), float(vector[i])) for i in order]
    if as_json:
        print(json.dumps({"text": text, "dimensions": len(vector), "entries": entries}, ensure_ascii=False))
        return
    from rich.console import Console

    console = Console(highlight=False)
    sizes = f"{len(vector):,} dimensions, {len(entries):,} of them not 0"
    console.print(f"{text!r} by {encoder.model}: {sizes}", soft_wrap=True, markup=False)
    for name, value in entries[: 2 * SHOWN]:
        console.print(f"  {value:+.4f}  {name}", markup=False)
    if not entries:
        console.print("  no word of it is in the vocabulary, or the model passes all of them over", style="yellow")
    console.print("A second text shows how alike the two are, and why.", style="dim")
