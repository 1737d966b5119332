"""`hornbook explain`: every number that a model makes of a text, by name."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from hornbook.cli import app
from hornbook.cli.generate import warn_of_unknown


@app.command(
    epilog="Examples:\n"
    '  hornbook explain runs/shakespeare-gpt "ROMEO" | less -R\n'
    '  hornbook explain runs/shakespeare-gpt "ROMEO" --only attn --backward\n'
    '  hornbook explain runs/frankenstein-lstm "the monster" --distance\n'
    '  hornbook explain runs/names-gpt "emma" --html emma.html\n'
    '  hornbook explain runs/frankenstein-lsa "the dreary night" "a dark evening"'
)
def explain(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    text: Annotated[str, typer.Argument(help="The text to follow through the model.")],
    other: Annotated[
        str | None, typer.Argument(help="Encoders: a second text, to see what makes the two alike.")
    ] = None,
    backward: Annotated[
        bool, typer.Option("--backward", help="Add every gradient, and which embedding rows get any.")
    ] = False,
    step: Annotated[
        bool, typer.Option("--step", help="Add the embedding's rows before and after one step of Adam.")
    ] = False,
    distance: Annotated[
        bool, typer.Option("--distance", help="RNN, LSTM: how far back in time the last loss is felt.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Compare gradients with what nudging each parameter does.")
    ] = False,
    only: Annotated[
        str | None, typer.Option(help="Only numbers with this in their name: attn, layers.0, logits …")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write one self-contained page to this file.")] = None,
    graph: Annotated[
        Path | None, typer.Option(help="microgpt: write every scalar node of the computation to this file, as JSON.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON, no number left out or rounded.")] = False,
):
    """Show every number of the forward pass in order: name, formula, shape, values, and the line that made it.

    The numbers are those of the readable form, run in float64 on the trained parameters. Of an encoder, and two texts
    or words: the terms that add up to their similarity.
    """
    from hornbook import explaining
    from hornbook.errors import HornbookError
    from hornbook.explain import Explanation, to_html, to_json
    from hornbook.files import write_text
    from hornbook.language_model import LanguageModel
    from hornbook.models import kind_of
    from hornbook.run import read_config

    if kind_of(read_config(run)["model"]).is_encoder:
        from hornbook.cli.explain_encoder import explain_encoder

        if backward or step or distance or check or only or html or graph:
            raise HornbookError("an encoder's explanation takes one text or two, and --json.")
        explain_encoder(run, text, other, as_json)
        return
    if other is not None:
        raise HornbookError(f"{run} is a language model, which reads one text. An encoder compares two.")
    if (check or distance) and (backward or step or (check and (distance or only or html))):
        word = "--check" if check else "--distance"
        raise HornbookError(f"{word} shows a table of its own: give it alone, or with --json.")
    model = LanguageModel.load(run)
    warn_of_unknown(model, text)
    if graph:
        nodes = model.graph(text)
        write_text(graph, nodes.to_json())
        print(f"wrote {graph}: {len(nodes):,} nodes, {graph.stat().st_size:,} bytes", file=sys.stderr)
        return
    if check:
        _print_check(explaining.check(model, text), as_json)
        return
    told = (
        Explanation([explaining.memory(model, text)]) if distance else explaining.explain(model, text, backward, step)
    )
    if only:
        kept = [entry for entry in told if only in entry.get("name", "")]
        told = Explanation(kept or _nothing(only, told), told.labels)
    if html:
        write_text(html, to_html(told, title=f"{model.model} reads {text!r}"))
        print(f"wrote {html}", file=sys.stderr)
    if as_json:
        print(to_json(told))
    elif not html:
        from rich.console import Console

        Console().print(told)


def _nothing(only, told):
    from hornbook.errors import HornbookError, nearest

    raise HornbookError(
        f'no number has "{only}" in its name.{nearest(only, [entry.get("name", "") for entry in told])}'
    )


def _print_check(rows, as_json):
    if as_json:
        print(json.dumps(rows))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title="gradients, and how the loss moves when a parameter is nudged")
    for title, side in (("parameter", "left"), ("gradient", "right"), ("by nudging", "right"), ("difference", "right")):
        table.add_column(title, justify=side)
    for row in rows:
        place = ", ".join(map(str, row["index"]))
        table.add_row(
            f"{row['name']}\\[{place}]",
            f"{row['gradient']:.9f}",
            f"{row['by_nudging']:.9f}",
            f"{row['difference']:.1e}",
        )
    Console().print(table)
