"""`hornbook paraphrases`: pairs of texts that say nearly the same, and texts that stand there twice."""

import json
from pathlib import Path
from typing import Annotated

import typer

from hornbook.cli import app, console
from hornbook.cli.given import AsJson, Documents, Encoder, Encoding, Field, Out, Seed, Texts, say_written, short, where
from hornbook.cli.given import write_table as write

NOT_USEFUL = (
    "No better, by {}, than calling all of them the same, or none: do not trust this threshold. Perhaps --measure"
    " accuracy, other pairs or another --encoder."
)


@app.command(
    epilog="Examples:\n"
    "  hornbook paraphrases questions.csv --field question --encoder runs/notes-word2vec\n"
    "  hornbook paraphrases notes/ --documents paragraph --threshold 0.9 --groups\n"
    "  hornbook paraphrases questions.txt --documents line --pairs marked.tsv --measure accuracy\n"
    "  cat headlines.txt | hornbook paraphrases - --documents line --out pairs.csv"
)
def paraphrases(
    texts: Texts,
    encoder: Encoder = None,
    threshold: Annotated[float | None, typer.Option(help="The lowest cosine of a pair. Default: a rare one.")] = None,
    pairs: Annotated[
        Path | None, typer.Option(help="Pairs marked same or different, which the threshold is fitted on.")
    ] = None,
    measure: Annotated[str, typer.Option(help="What the fitted threshold is best at: f1 or accuracy.")] = "f1",
    same_from: Annotated[
        float | None, typer.Option(help="Where --pairs have scores: from which on they are the same.")
    ] = None,
    groups: Annotated[bool, typer.Option("--groups", help="Texts linked by pairs, gathered.")] = False,
    most: Annotated[int, typer.Option("-n", min=1, help="Pairs, or groups, to show.")] = 20,
    documents: Documents = None,
    field: Field = None,
    encoding: Encoding = "utf-8",
    seed: Seed = 42,
    out: Out = None,
    as_json: AsJson = False,
):
    """Find near-duplicates and paraphrases among texts, most similar first; exact duplicates are told apart.

    Every pair is compared. From which cosine on two texts count as a pair is given, or fitted on marked pairs and shown
    with what it costs there, or else the cosine that one pair in 10,000 reaches.
    """
    from hornbook.errors import HornbookError
    from hornbook.paraphrases import paraphrases as made_of
    from hornbook.task_texts import encoder_for, read

    if threshold is not None and pairs is not None:
        raise HornbookError("--threshold gives the threshold, --pairs fits one: give one of them.")
    with console(stderr=True).status("reading, encoding and comparing the texts"):
        placed = read(texts, documents, field, encoding)
        said = [one.text for one in placed]
        loaded, name = encoder_for(encoder, said)
        chosen = threshold if pairs is None else _fitted(loaded, pairs, measure, same_from, encoding)
        found = made_of(loaded, said, chosen, seed)
    if as_json:
        report = {"texts": texts, "encoder": name, "places": [one.place for one in placed], **found.numbers()}
        print(json.dumps(report | ({"groups": found.groups()} if groups else {}), ensure_ascii=False))
    else:
        shown = [one._replace(place=where(one.place, texts)) for one in placed]
        _print(texts, name, shown, found, groups, most)
    if out is not None:
        rows = ((f"{pair.similarity:.4f}", *(cell for n in pair[:2] for cell in (placed[n].place, placed[n].text)))
                for pair in found.pairs)  # fmt: skip
        write(out, ("cosine", "place", "text", "other_place", "other_text"), rows)
        say_written(out, as_json)


def _fitted(encoder, path, measure, same_from, encoding):
    from hornbook.pairs import load_pairs
    from hornbook.paraphrases import fitted

    return fitted(encoder, load_pairs(path, encoding), measure, same_from)


def _print(texts, name, placed, found, groups, most):
    out, threshold = console(), found.threshold
    out.print(f"{len(placed):,} texts of {texts} by {name}", markup=False)
    out.print(f"threshold: a cosine of {threshold.value:.3f} ({threshold.how})", markup=False)
    if threshold.figures:
        out.print(_costs(threshold))
        if not threshold.is_useful:
            out.print(NOT_USEFUL.format(threshold.measure), style="yellow")
    if found.unknown:
        out.print(f"{len(found.unknown):,} texts have no known word and are in no pair.", style="yellow")
    if found.duplicates:
        twice = sum(len(own) - 1 for own in found.duplicates)
        out.print(f"\n[bold]the same text again[/]: {twice:,} repeat one of {len(found.duplicates):,} others")
        for own in found.duplicates[:most]:
            _line(out, "", placed[own[0]], f" = {', '.join(placed[n].place for n in own[1:6])}")
    if groups:
        _print_groups(out, placed, found.groups(), most)
    else:
        _print_pairs(out, placed, found, most)


def _costs(threshold):
    """What the threshold makes of marked pairs that did not help to fit it."""
    from rich.table import Table

    table = Table(title="on pairs held out (5 folds)", title_justify="left")
    for heading in ("", "figure", "95 % interval", "calling all the same", "calling none"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, made in threshold.figures.items():
        others = (f"{one[name]:.3f}" if name in one else "" for one in (threshold.all_same, threshold.none_same))
        table.add_row(name, f"{made.value:.3f}", f"{made.low:.3f} to {made.high:.3f}", *others)
    low, high = threshold.spread
    table.caption = f"the folds' own thresholds lie from {low:.3f} to {high:.3f}"
    return table


def _print_pairs(out, placed, found, most):
    kept = f", of which the best {len(found.pairs):,} are kept" if found.found > len(found.pairs) else ""
    out.print(f"\n[bold]{found.found:,} pairs[/] of {found.searched:,} different texts{kept}")
    for pair in found.pairs[:most]:
        _line(out, f"{pair.similarity:.3f}", placed[pair.first])
        _line(out, "", placed[pair.second])
    if len(found.pairs) > most:
        out.print(f"… and {len(found.pairs) - most:,} more: -n {len(found.pairs)}, --out FILE or --json", style="dim")


def _print_groups(out, placed, groups, most):
    texts = sum(map(len, groups))
    out.print(f"\n[bold]{len(groups):,} groups[/] of {texts:,} texts, linked pair by pair")
    for number, own in enumerate(groups[:most], 1):
        for place in own[:6]:
            _line(out, f"{number:>5}", placed[place])
        if len(own) > 6:
            out.print(f"       … and {len(own) - 6:,} more", style="dim")


def _line(out, before, one, after=""):
    from rich.text import Text

    out.print(Text.assemble(f"{before:5}  ", short(one.text), (f"  {one.place}{after}", "dim")))
