"""`hornbook topics`: what the topics of a run are about, in words and in passages."""

import json
from math import isnan
from pathlib import Path
from typing import Annotated

import typer

from hornbook.cli import app, console

BAR, EIGHTHS = 10, " ▏▎▍▌▋▊▉"
DEPTH = 30  # words of one topic, where nothing else is asked for
SHARE = {"lda": "of the words it has", "lsa": "of the variance of the passages lies along it"}


@app.command(
    epilog="Examples:\n"
    "  hornbook topics runs/frankenstein-lda\n"
    "  hornbook topics runs/frankenstein-lda --topic 3\n"
    "  hornbook topics runs/frankenstein-lsa -k 5 --json"
)
def topics(
    run: Annotated[Path, typer.Argument(help="A run folder of lda or lsa.")],
    k: Annotated[int | None, typer.Option("-k", min=1, help="Words a topic. Default: 10, with --topic 30.")] = None,
    topic: Annotated[int | None, typer.Option(help="Only this one: more words, and its most typical passages.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as JSON, unrounded.")] = False,
):
    """The topics of a run: how much of the text each has, how well its words go together, and the words.

    Coherence is how often its words meet in the same passages of the text it was trained on: 1 always, 0 as chance
    would have it, −1 never (NPMI). A direction of lsa has two ends; the words of the other end follow after a minus.
    In a pipe, a line each: topic, share, coherence, words, parted by tabs.
    """
    from hornbook.encoder import TextEncoder
    from hornbook.topics import perplexity_of, topics_of

    encoder = TextEncoder.load(run)
    _check(run, encoder)
    rows = topics_of(encoder, k=k or (10 if topic is None else DEPTH))
    if topic is not None:
        _one(run, encoder, _chosen(rows, topic), as_json)
    elif as_json:
        about = {"run": str(run), "model": encoder.model, "held_out_perplexity": perplexity_of(encoder)}
        print(json.dumps(about | {"topics": [_facts(row) for row in rows]}, ensure_ascii=False))
    elif console().is_terminal:
        _table(encoder, rows, perplexity_of(encoder))
    else:
        for row in rows:
            words = " ".join("-" * (weight < 0) + word for word, weight in row.words)
            print(row.number, f"{row.share:.4f}", f"{row.coherence:.4f}", words, sep="\t")


def _check(run, encoder):
    from hornbook.errors import HornbookError

    if encoder.model not in ("lda", "lsa"):
        raise HornbookError(
            f"{run} is a run of {encoder.model}, which has no topics; lda and lsa have:"
            " hornbook train CORPUS --model lda"
        )


def _chosen(rows, number):
    from hornbook.errors import HornbookError

    for row in rows:
        if row.number == number:
            return row
    there = sorted(row.number for row in rows)
    raise HornbookError(f"there is no topic {number}: they go from {there[0]} to {there[-1]}.")


def _facts(row):
    words = [{"word": word, "weight": weight} for word, weight in row.words]
    coherence = None if isnan(row.coherence) else row.coherence
    return {"number": row.number, "share": row.share, "coherence": coherence, "words": words}


def _table(encoder, rows, perplexity):
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for head in ("topic", "share", "", "coherence"):
        table.add_column(head, justify="right" if head else "left", no_wrap=True)
    table.add_column("words")
    most = max(row.share for row in rows) or 1
    for row in rows:
        number, share, cohering = str(row.number), f"{row.share:.1%}", _coherence(row)
        table.add_row(number, share, _bar(row.share / most), cohering, _ends(row.words))
    console().print(table)
    console().print(Text(f"share: how much {SHARE[encoder.model]}. --topic {rows[0].number} shows more of one.", "dim"))
    if perplexity is not None:
        told = f"held-out perplexity: {perplexity:,.1f} (the second half of each passage, given the first)"
        console().print(Text(told, "dim"))


def _ends(words):
    """Words on one line; those of a direction's other end after a minus."""
    from rich.text import Text

    up, down = ([word for word, weight in words if (weight < 0) == other] for other in (False, True))
    minus = [(" − ", "bold"), " ".join(down)] if down else []
    return Text.assemble(" ".join(up), *minus)


def _coherence(row):
    return "–" if isnan(row.coherence) else f"{row.coherence:.3f}".replace("-", "−")


def _one(run, encoder, row, as_json):
    texts = encoder.held_out
    if as_json:
        typical = [{"passage": place + 1, "strength": much, "text": texts[place]} for place, much in row.typical]
        facts = {"run": str(run), "model": encoder.model, **_facts(row), "passages": typical}
        print(json.dumps(facts, ensure_ascii=False))
        return
    from rich.text import Text

    out = console()
    head = f": {row.share:.1%} {SHARE[encoder.model]}; coherence {_coherence(row)}"
    out.print(Text.assemble((f"Topic {row.number}", "bold"), head))
    out.print(_words(row))
    if not row.typical:
        out.print("The run kept no held-out passages.", style="dim")
    for place, much in row.typical:
        said = {"lda": f"{much:.0%} of it", "lsa": f"at {much:.3f} along it"}[encoder.model]
        out.print()
        out.print(Text(f"held-out passage {place + 1}, {said}", "bold"))
        out.print(Text(" ".join(texts[place].split())))


def _words(row):
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=False)
    for side in ("left", "right", "left"):
        table.add_column(justify=side, no_wrap=True)
    most = max((abs(weight) for _, weight in row.words), default=1)
    for word, weight in row.words:
        table.add_row(Text(word), f"{weight:.4f}".replace("-", "−"), _bar(weight / most))
    return table


def _bar(share):
    from rich.text import Text

    from hornbook.palette import FAMILIES

    eighths = round(min(abs(share), 1) * BAR * 8)
    bar = ("█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()).ljust(BAR)
    return Text(bar, FAMILIES["negative" if share < 0 else "memory"].either)
