"""`hornbook explain`: every number that a model makes of a text, by name."""

import json
import sys
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from hornbook.cli import app
from hornbook.cli.generate import warn_of_unknown


@app.command(
    epilog="Examples:\n"
    '  hornbook explain runs/shakespeare-gpt "ROMEO" | less -R\n'
    '  hornbook explain runs/shakespeare-gpt "ROMEO" --only attn --backward\n'
    '  hornbook explain runs/frankenstein-lstm "the monster" --distance\n'
    '  hornbook explain runs/names-gpt "emma" --html emma.html\n'
    '  hornbook explain runs/frankenstein-lsa "the dreary night" "a dark evening"\n'
    '  hornbook explain minilm "a dark evening" --only attn.pattern'
)
def explain(
    run: Annotated[Path, typer.Argument(help="A run folder, a folder of sentence-transformers, or minilm.")],
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
    or words: the terms that add up to their similarity, word by word, token by token, dimension by dimension.
    """
    from hornbook import explaining
    from hornbook.errors import HornbookError
    from hornbook.explain import Explanation
    from hornbook.files import write_text
    from hornbook.language_model import LanguageModel

    if _is_encoder(run):
        from hornbook.cli.explain_encoder import explain_encoder

        if backward or step or distance or check or graph:
            raise HornbookError("an encoder's explanation takes one text or two, --only, --html and --json.")
        explain_encoder(run, text, other, Shown(only, html, as_json))
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
    show(told, f"{model.model} reads {text!r}", Shown(only, html, as_json))


class Shown(NamedTuple):
    """Which numbers of an explanation are shown, and where: options of the command."""

    only: str | None
    html: Path | None
    as_json: bool


def show(told, title, shown):
    """Print an explanation, or write it as a page, as `Shown` asks."""
    from hornbook.explain import Explanation, to_html, to_json
    from hornbook.files import write_text

    if shown.only:
        kept = [entry for entry in told if shown.only in entry.get("name", "")]
        told = Explanation(kept or _nothing(shown.only, told), told.labels)
    if shown.html:
        write_text(shown.html, to_html(told, title=title))
        print(f"wrote {shown.html}", file=sys.stderr)
    if shown.as_json:
        print(to_json(told))
    elif not shown.html:
        from rich.console import Console

        Console().print(told)


def _is_encoder(run):
    """Whether it holds an encoder, ours or another's; HornbookError where it holds nothing that can be read."""
    from hornbook.errors import HornbookError
    from hornbook.models import kind_of
    from hornbook.run import read_config

    try:
        return kind_of(read_config(run)["model"]).is_encoder
    except HornbookError:
        from hornbook.encoder import is_transformer

        if is_transformer(run):
            return True
        raise


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
