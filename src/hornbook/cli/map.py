"""`hornbook map`: the words or the passages of a run in two dimensions, as a picture and as a page."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from hornbook.cli import app, console


@app.command(
    "map",
    epilog="Examples:\n"
    "  hornbook map runs/novels-word2vec\n"
    "  hornbook map runs/novels-word2vec --near monster --method pca\n"
    "  hornbook map runs/frankenstein-lda --documents\n"
    "  hornbook map runs/frankenstein-lsa --texts notes/ --out notes-map --json > points.json",
)
def map_command(
    run: Annotated[Path, typer.Argument(help="A run folder of an encoder, or a file of word vectors.")],
    words: Annotated[
        str | None, typer.Option(help="These words: king,queen,… or a file of them, or - for standard input.")
    ] = None,
    near: Annotated[str | None, typer.Option(help="One word and its nearest.")] = None,
    documents: Annotated[bool, typer.Option("--documents", help="The run's held-out passages, not words.")] = False,
    texts: Annotated[str | None, typer.Option(help="The passages of a corpus, file or folder, not words.")] = None,
    method: Annotated[
        str, typer.Option(help="tsne: true neighbours. pca: true distances along two directions. umap: if installed.")
    ] = "tsne",
    most: Annotated[
        int | None, typer.Option(min=1, help="Points, at most. Default: 2,000; with --near 200 neighbours.")
    ] = None,
    groups: Annotated[int | None, typer.Option(min=1, help="Colours, by k-means. Default: seven at most.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="The same seed gives the same map.")] = 42,
    out: Annotated[
        Path | None, typer.Option(help="Where to write: OUT.png and OUT.html. Default: map, in the run folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print every point as JSON as well.")] = False,
):
    """Lay words or passages out in two dimensions, near ones near; as map.png and as map.html, which can be searched.

    Shown are the most frequent words, or passages where the model has no vectors of words. How much of the true
    neighbourhoods the picture keeps is measured and said.
    """
    from hornbook.map_page import caption, numbers, write_page
    from hornbook.map_picture import draw
    from hornbook.mapping import METHODS, make

    say = console(stderr=True)
    points = _points(run, words, near, documents, texts, most)
    if method in METHODS:
        say.print(f"Placing {len(points.names):,} {points.kind} by {METHODS[method].name} …")
    found = make(points, method, groups, seed)
    for sentence in caption(found):
        say.print(sentence, markup=False)
    stem, title = _stem(run, out), run.resolve().name
    title += f", around {points.names[0]}" if near else f", {Path(texts).name}" if texts else ""
    written = [Path(f"{stem}.png"), Path(f"{stem}.html")]
    draw(found, written[0], title)
    write_page(found, written[1], title)
    for path in written:
        print(path, file=sys.stderr if as_json else sys.stdout)
    if as_json:
        print(json.dumps(numbers(found), ensure_ascii=False))


def _points(run, words, near, documents, texts, most):
    """What to show: the one that is asked for, else words where there are any, else passages."""
    from hornbook import map_points
    from hornbook.encoder import TextEncoder
    from hornbook.errors import HornbookError
    from hornbook.vectors import load

    asked = {"--words": words is not None, "--near": near is not None, "--documents": documents,
             "--texts": texts is not None}  # fmt: skip
    if sum(asked.values()) > 1:
        given = " and ".join(name for name, there in asked.items() if there)
        raise HornbookError(f"{given} show different points: give one of them.")
    if words is not None:
        return map_points.chosen(load(run), _listed(words)[:most])
    if near is not None:
        return map_points.near(load(run), near, most or map_points.NEAR)
    most = most or map_points.FREQUENT
    if run.is_file() and not (documents or texts):
        return map_points.frequent(load(run), most)
    encoder = TextEncoder.load(run)
    if texts is not None:
        return map_points.passages(encoder, _passages(texts, encoder), most)
    if documents or encoder.vectors is None:
        return map_points.passages(encoder, encoder.held_out, most)
    return map_points.frequent(encoder.vectors, most)


def _listed(words):
    from hornbook.decoding import decoded

    if words == "-":
        words = "".join(decoded(sys.stdin.buffer, "stdin", "utf-8"))
    elif Path(words).is_file():
        words = Path(words).read_text(encoding="utf-8")
    return words.replace(",", " ").split()


def _passages(texts, encoder):
    from hornbook import corpus
    from hornbook.passages import WORDS, passages_of

    return passages_of(corpus.load(texts).documents, encoder.about.get("settings", {}).get("passage", WORDS))


def _stem(run, out):
    if out is not None:
        return out.with_suffix("") if out.suffix in (".png", ".html") else out
    return run / "map" if run.is_dir() else run.with_name(f"{run.name}-map")
