"""`hornbook distill`: a static encoder, which needs no torch, from a finished encoder or from word vectors."""

import json
from pathlib import Path
from typing import Annotated

import typer

from hornbook.cli import app, console


@app.command(
    epilog="Examples:\n"
    "  hornbook distill minilm --out runs/minilm-static\n"
    "  hornbook distill minilm --corpus notes/ --out runs/notes-static\n"
    "  hornbook distill runs/novels-word2vec --out runs/novels-static\n"
    "  hornbook distill minilm --corpus notes/ --vocabulary words --dimensions 128 --out runs/notes-words"
)
def distill(
    source: Annotated[str, typer.Argument(help="A run folder, minilm, or a folder of sentence-transformers.")],
    out: Annotated[Path, typer.Option(help="The run folder to make.")],
    corpus: Annotated[
        str | None, typer.Option(help="A text: how frequent tokens are, and what to measure on. Default: the run's.")
    ] = None,
    vocabulary: Annotated[
        str, typer.Option(help="tokens: the encoder's own; words: those of the corpus, each read as a text.")
    ] = "tokens",
    dimensions: Annotated[int | None, typer.Option(min=1, help="Numbers of a vector, by PCA. Default: 256.")] = None,
    weighting: Annotated[
        str | None, typer.Option(help="sif: by counts in the corpus; zipf: by the vocabulary's order; equal.")
    ] = None,
    a: Annotated[
        float | None, typer.Option("--a", help="a / (a + p): higher, and frequent tokens count more. Default: 0.001.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Start anew in a folder that holds a run.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="What was made, as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
):
    """Make a static encoder: one vector a token, and a text is their weighted mean.

    It reads some hundred thousand sentences a second on one core. From word2vec nothing is lost; from a transformer,
    what tokens say to each other.
    """
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from hornbook.static import distill

    shown = console(stderr=True, quiet=quiet or as_json)
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), TimeRemainingColumn())
    with Progress(*columns, console=shown, transient=True, disable=not shown.is_terminal) as progress:
        task = progress.add_task("reading tokens", total=None)
        settings = {"embedding_dim": dimensions, "weighting": weighting, "a": a}
        watch = lambda done, of: progress.update(task, completed=done, total=of)
        made = distill(source, out, corpus, vocabulary, settings, watch, overwrite)
    if as_json:
        facts = {key: made.about.get(key) for key in ("model", "config", "distilled", "results")}
        print(json.dumps({"run": str(out)} | facts, ensure_ascii=False))
    else:
        _tell(made, out, shown)


def _tell(made, out, shown):
    config, results = made.network.config, made.about["results"]
    shown.print(f"[bold]static[/] in {out}: {config.vocab_size:,} tokens of {config.embedding_dim} numbers, weighting"
                f" {config.weighting}, in {results['seconds']:.1f} s")  # fmt: skip
    if (kept := made.about["distilled"].get("variance_kept")) is not None:
        shown.print(f"{kept:.1%} of the variance of the encoder's own vectors is kept.")
    if "validation" not in results:
        shown.print(f"nothing was measured: {results['unmeasured']}", style="yellow")
        return
    mrr = results["validation"]["mrr"]
    low, high = mrr["interval_95"]
    beside = "".join(f"; {name} {value:.3f}" for name, value in results["yardsticks"].items())
    shown.print(f"[bold]half-match {mrr['value']:.3f} MRR[/] over {mrr['n']:,} held-out passages (95 % {low:.3f} to"
                f" {high:.3f}){beside}")  # fmt: skip
