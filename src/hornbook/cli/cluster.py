"""`hornbook cluster`: the groups that texts fall into, how many, and what each is about."""

import json
from typing import Annotated

import typer

from hornbook.cli import app, console
from hornbook.cli.given import AsJson, Documents, Encoder, Encoding, Field, Out, Seed, Texts, say_written, short, where
from hornbook.cli.given import write_table as write

WEAK = 0.5  # stability below which the clusters are called weak


@app.command(
    epilog="Examples:\n"
    "  hornbook cluster notes/\n"
    "  hornbook cluster questions.csv --field question --encoder runs/notes-word2vec -k 12\n"
    "  hornbook cluster letters.txt --documents paragraph --out clusters.csv\n"
    "  hornbook cluster banking77.csv --label-field category      (how far clusters are the classes)\n"
    "  cat headlines.txt | hornbook cluster - --documents line --json"
)
def cluster(
    texts: Texts,
    encoder: Encoder = None,
    k: Annotated[int | None, typer.Option("-k", help="How many clusters. Default: chosen, and argued for.")] = None,
    documents: Documents = None,
    field: Field = None,
    label_field: Annotated[
        str | None, typer.Option(help="A column with classes, which the clusters are compared with, not made from.")
    ] = None,
    encoding: Encoding = "utf-8",
    seed: Seed = 42,
    out: Out = None,
    as_json: AsJson = False,
):
    """Group texts by what they are about: clusters with names, central texts and outliers.

    Spherical k-means on the encoder's vectors. The number of clusters is the one with the highest product of silhouette
    (how much nearer a text is to its own cluster than to the next) and stability (how far two halves of the texts lead
    to the same clusters). Names are words by class-based TF-IDF.
    """
    from hornbook.clusters import cluster as made_of
    from hornbook.task_texts import encoder_for

    with console(stderr=True).status("reading, encoding and grouping the texts"):
        placed, labels = _read(texts, documents, field, label_field, encoding)
        said = [one.text for one in placed]
        loaded, name = encoder_for(encoder, said)
        found = made_of(loaded.encode(said), said, k, seed)
        agreement = None if labels is None else _agreement(labels, found)
    if as_json:
        places = [one.place for one in placed]
        report = {"texts": texts, "encoder": name, "places": places, **found.numbers(), "agreement": agreement}
        print(json.dumps(report, ensure_ascii=False))
    else:
        _print(texts, name, placed, found, agreement)
    if out is not None:
        names = {-1: "", **{one.number: one.name for one in found.clusters}}
        rows = ((one.place, label, names[label], f"{cosine:.4f}", one.text)
                for one, label, cosine in zip(placed, found.labels.tolist(), found.cosines))  # fmt: skip
        write(out, ("place", "cluster", "name", "cosine", "text"), rows)
        say_written(out, as_json)


def _read(texts, documents, field, label_field, encoding):
    """(texts with their places, labels or None)."""
    from hornbook.errors import HornbookError
    from hornbook.task_texts import Placed, read

    if label_field is None:
        return read(texts, documents, field, encoding), None
    if documents is not None:
        raise HornbookError("--label-field takes each row as one text, with its class: leave out --documents.")
    from hornbook.labelled import load_labelled

    labelled = load_labelled(texts, field, label_field, encoding)
    return [Placed(text, f"{texts}#{n}") for n, text in enumerate(labelled.texts, 1)], labelled.labels


def _agreement(labels, found):
    """Adjusted mutual information and adjusted Rand index with the classes: 1 the same, 0 what chance would give."""
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    given = found.labels.tolist()
    scores = {"adjusted_mutual_information": adjusted_mutual_info_score(labels, given),
              "adjusted_rand": adjusted_rand_score(labels, given)}  # fmt: skip
    return {name: float(score) for name, score in scores.items()} | {"classes": len(set(labels))}


def _print(texts, name, placed, found, agreement):
    out = console()
    out.print(f"{len(placed):,} texts of {texts} by {name}", markup=False)
    if found.candidates:
        out.print(_candidates(found))
        out.print(_argument(found))
    for one in found.clusters:
        _print_cluster(out, one, placed, found, texts)
    if found.unknown:
        out.print(f"\n{len(found.unknown):,} texts have no known word and are in no cluster.", style="yellow")
    if agreement:
        out.print(f"\nwith the {agreement['classes']:,} classes: adjusted mutual information"
                  f" {agreement['adjusted_mutual_information']:.3f}, adjusted Rand {agreement['adjusted_rand']:.3f}"
                  " (0 by chance, 1 the same)")  # fmt: skip


def _candidates(found):
    from rich.table import Table

    table = Table(title=f"how many clusters (tried on {found.sampled:,} texts)", title_justify="left")
    for heading in ("clusters", "silhouette", "stability", "product", "mean cosine"):
        table.add_column(heading, justify="right")
    table.add_column("")
    chosen, second = found.ranked[0], found.runner_up
    for one in found.candidates:
        mark = "chosen" if one == chosen else "runner-up" if one == second else ""
        cells = (f"{one.k}", f"{one.silhouette:.3f}", f"{one.stability:.3f}", f"{one.score:.4f}", f"{one.cosine:.3f}")
        table.add_row(*cells, mark, style="bold" if mark else None)
    return table


def _argument(found):
    chosen, second = found.ranked[0], found.runner_up
    said = (f"{chosen.k} clusters: two halves of the texts agree on them to {chosen.stability:.2f} (0 is chance, 1 the"
            f" same), and the silhouette is {chosen.silhouette:.2f}.")  # fmt: skip
    if chosen.score == 0:
        said += " No number of clusters is better than chance: these texts fall into no groups."
    elif chosen.stability < WEAK:
        said += " Weak: other texts of the kind would be grouped otherwise."
    if chosen.score > 0 and chosen.k == max(one.k for one in found.candidates):
        said += f" It is the largest number tried; more may fit better: -k {2 * chosen.k}."
    if chosen.score > 0 and second is not None:
        kind = "finer" if second.k > chosen.k else "coarser"
        said += f" Of another grain, {second.k} would be best ({kind}: -k {second.k}), with {second.score:.4f}."
    return said


def _print_cluster(out, one, placed, found, texts):
    from rich.text import Text

    share = one.size / max(len(placed) - len(found.unknown), 1)
    out.print(Text.assemble(("\n" + one.name, "bold"), f"   {one.size:,} texts, {share:.0%}, cosine {one.cosine:.2f}"))
    if len(one.words) > 3:
        out.print(Text(f"  also: {' '.join(word for word, _ in one.words[3:])}", style="dim"))
    for label, numbers in (("central", one.central), ("outlier", one.outliers[:1])):
        for number in numbers:
            place = (f"  {where(placed[number].place, texts)}", "dim")
            out.print(Text.assemble((f"  {label} ", "dim"), f"{found.cosines[number]:.2f}  ",
                                    short(placed[number].text), place))  # fmt: skip
    if len(one.outliers) > 1:
        out.print(f"  and {len(one.outliers) - 1:,} more outliers", style="dim")
