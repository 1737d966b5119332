"""`hornbook similar`: how alike two texts are, and whether that is more than usual."""

import json
import sys
from typing import Annotated

import typer

from hornbook.cli import app, console
from hornbook.cli.given import AsJson, Documents


@app.command(
    epilog="Examples:\n"
    '  hornbook similar "the monster fled" "the creature ran away" --encoder runs/frankenstein-word2vec\n'
    '  hornbook similar "lost card" "stolen card" --encoder minilm --beside questions.txt --documents line\n'
    "  cat pairs.tsv | hornbook similar - --encoder runs/frankenstein-lsa --json"
)
def similar(
    one: Annotated[str, typer.Argument(help="A text; - reads pairs from standard input, a tab between them.")],
    other: Annotated[str | None, typer.Argument(help="Another text.")] = None,
    encoder: Annotated[str | None, typer.Option(help="An encoder's run folder, or minilm.")] = None,
    beside: Annotated[
        str | None,
        typer.Option(help="Texts that usual pairs are drawn from: a file, folder or named corpus. Long ones are cut."),
    ] = None,
    documents: Documents = None,
    as_json: AsJson = False,
):
    """The cosine and the Euclidean distance of two texts' vectors, and where this cosine lies among usual ones.

    Usual are the cosines of 20,000 pairs drawn from the run's held-out passages, or from texts --beside. In a pipe, a
    line each: cosine, percentile, Euclidean distance, text, text, parted by tabs.
    """
    from hornbook.errors import HornbookError
    from hornbook.search.vectors import load_encoder
    from hornbook.similarity import compare, usual
    from hornbook.task_texts import read

    if encoder is None:
        raise HornbookError("two texts are too little to fit an encoder on: --encoder RUN. One is made by"
                            " hornbook train CORPUS --model word2vec")  # fmt: skip
    if documents is not None and beside is None:
        raise HornbookError("--documents says what one text of --beside TEXTS is: give both, or neither.")
    pairs = _pairs(one, other)
    drawn_from = None if beside is None else [placed.text for placed in read(beside, documents)]
    loaded, name = load_encoder(encoder)
    drawn = usual(loaded, loaded.held_out if drawn_from is None else drawn_from)
    found = compare(loaded, pairs, drawn)
    if as_json:
        report = {"encoder": name, "usual": drawn and drawn.numbers(), "pairs": [pair._asdict() for pair in found]}
        print(json.dumps(report, ensure_ascii=False))
    elif not console().is_terminal:
        for pair in found:
            share = "" if pair.percentile is None else f"{pair.percentile:.2f}"
            print(f"{pair.cosine:.4f}", share, f"{pair.euclidean:.4f}", pair.first, pair.second, sep="\t")
    else:
        _print(encoder, loaded.kind, found, drawn, f"texts of {beside}" if beside else "held-out passages")


def _pairs(one, other):
    """The pair that is given, or those on standard input."""
    from hornbook.decoding import decoded
    from hornbook.errors import HornbookError

    if one != "-":
        if other is None:
            raise HornbookError('similar compares two texts: hornbook similar "one" "other" --encoder RUN')
        return [(one, other)]
    lines = "".join(decoded(sys.stdin.buffer, "stdin", "utf-8")).split("\n")
    pairs = [(number, line.split("\t")) for number, line in enumerate(lines, 1) if line.strip()]
    for number, cells in pairs:
        if len(cells) != 2:
            raise HornbookError(f"stdin:{number} has {len(cells)} texts; a pair is two, with a tab between them.")
    if not pairs:
        raise HornbookError("standard input has no pairs; each is a line: one text, a tab, another text.")
    return [tuple(cells) for _, cells in pairs]


def _print(encoder, kind, found, drawn, texts):
    from rich.text import Text

    from hornbook.similarity import LEAST

    out = console()
    for pair in found:
        out.print(Text.assemble((f"{pair.cosine:.4f}", "bold"), f" cosine, {pair.euclidean:.4f} Euclidean distance, by"
                                f" {kind}: {pair.first!r} and {pair.second!r}"))  # fmt: skip
        if not pair.known:
            out.print("  one of them has no known word: its vector is 0, and so is the cosine", style="yellow")
        elif pair.percentile is not None:
            out.print(f"  more alike than {pair.percentile:.1f} % of random pairs of {texts}", markup=False)
    if drawn is None:
        out.print(f"Too few {texts} to say what is usual; --beside TEXTS draws from {LEAST} or more.", style="yellow",
                  markup=False)  # fmt: skip
    else:
        low, high = drawn.interval
        said = f"{len(drawn.cosines):,} random pairs of {drawn.texts:,} {texts}"
        out.print(f"usual: {low:.2f} to {high:.2f} (95 of 100 of {said}; short texts vary more)", style="dim",
                  markup=False)  # fmt: skip
    out.print(f"Term by term: hornbook explain {encoder} {found[0].first!r} {found[0].second!r}", style="dim",
              markup=False)  # fmt: skip
