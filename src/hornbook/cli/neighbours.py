"""`hornbook neighbours`, `analogy`, `odd`: word vectors asked for what is near, what is alike, and what is not."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from hornbook.cli import app, console

BAR = 6  # terminal cells of a cosine of 1
EIGHTHS = " ▏▎▍▌▋▊▉"
RUN = "A run folder with word vectors (word2vec, lsa), or a word2vec file: .txt .vec .bin, or .gz."

Run = Annotated[Path, typer.Argument(help=RUN)]
Most = Annotated[int, typer.Option("-k", min=1, help="How many words to list.")]
AsJson = Annotated[bool, typer.Option("--json", help="The same as JSON, unrounded.")]


@app.command(
    epilog="Examples:\n"
    "  hornbook neighbours runs/novels-word2vec monster\n"
    "  hornbook neighbours runs/novels-word2vec monster creature ice -k 5\n"
    "  hornbook neighbours glove.6B.100d.txt.gz monster --json\n"
    "  cat words.txt | hornbook neighbours vectors.bin - -k 3 | cut -f 1,2"
)
def neighbours(
    run: Run,
    words: Annotated[list[str], typer.Argument(help="Words; - reads them from standard input.")],
    k: Most = 10,
    as_json: AsJson = False,
):
    """The words whose vectors point where a word's vector points, with the cosine of the two and their counts.

    In a pipe, a line each: word, neighbour, cosine, count, parted by tabs.
    """
    from hornbook.vectors import load

    words = list(dict.fromkeys(_words(words)))
    vectors = load(run)
    lists = vectors.neighbours_of_each(words, k)
    rows = [
        [{"word": near, "cosine": cosine, "count": vectors.count(near)} for near, cosine in found] for found in lists
    ]
    if as_json:
        asked = [{"word": word, "count": vectors.count(word)} for word in words]
        _json(run=str(run), words=[one | {"neighbours": found} for one, found in zip(asked, rows)])
    elif not console().is_terminal:
        _lines((word, *row.values()) for word, found in zip(words, rows) for row in found)
    else:
        _print_neighbours(vectors, words, rows)


@app.command(
    epilog="Examples:\n"
    "  hornbook analogy runs/novels-word2vec king man woman\n"
    "  hornbook analogy runs/novels-word2vec king man woman --method mul -k 5\n"
    "  hornbook analogy vectors.bin paris france italy --json"
)
def analogy(
    run: Run,
    word: Annotated[str, typer.Argument(help="The word to start from: king")],
    minus: Annotated[str, typer.Argument(help="What is taken away: man")],
    plus: Annotated[str, typer.Argument(help="What is put in its place: woman")],
    k: Most = 10,
    method: Annotated[
        str, typer.Option(help="add: cosine to the sum (3CosAdd). mul: product of similarities (3CosMul).")
    ] = "add",
    as_json: AsJson = False,
):
    """What is to WOMAN as KING is to MAN? king − man + woman ≈ ?, and what each term has in the answer's score.

    The question's own words are left out, as is usual; which of them would have come first is said below the table.
    In a pipe, a line each: candidate, score, the part of each term, count, parted by tabs.
    """
    from hornbook.vectors import load

    vectors = load(run)
    found = vectors.analogy([word, plus], [minus], k, method)
    counts = [vectors.count(candidate.word) for candidate in found.candidates]
    if as_json:
        candidates = [one._asdict() | {"count": count} for one, count in zip(found.candidates, counts)]
        first = dict(zip(("word", "score"), found.unrestricted))
        terms = [term._asdict() for term in found.terms]
        _json(
            run=str(run), formula=found.formula, method=method, terms=terms, candidates=candidates, unrestricted=first
        )
    elif not console().is_terminal:
        _lines((one.word, one.score, *one.parts, count) for one, count in zip(found.candidates, counts))
    else:
        _print_analogy(found, counts)


@app.command(
    epilog="Examples:\n"
    "  hornbook odd runs/novels-word2vec breakfast cereal dinner lunch\n"
    "  hornbook odd vectors.bin sailor captain ship parson --json"
)
def odd(
    run: Run,
    words: Annotated[list[str], typer.Argument(help="Three words or more; - reads them from standard input.")],
    as_json: AsJson = False,
):
    """The word that does not belong: the one with the lowest cosine to the mean of all their vectors.

    In a pipe, a line each, the odd one first: word, cosine, parted by tabs.
    """
    from hornbook.vectors import load

    found = load(run).odd_one_out(_words(words))
    if as_json:
        _json(run=str(run), odd=found[0][0], words=[dict(zip(("word", "cosine"), pair)) for pair in found])
    elif not console().is_terminal:
        _lines(found)
    else:
        _print_odd(found)


def _words(words):
    from hornbook.decoding import decoded
    from hornbook.errors import HornbookError

    if "-" not in words:
        return words
    read = "".join(decoded(sys.stdin.buffer, "stdin", "utf-8")).split()
    place = words.index("-")
    words = [*words[:place], *read, *words[place + 1 :]]
    if not words:
        raise HornbookError("standard input has no words: echo monster | hornbook neighbours RUN -")
    return words


def _json(**facts):
    print(json.dumps(facts, ensure_ascii=False, indent=1))


def _lines(rows):
    for row in rows:
        print(
            *(f"{value:.4f}" if isinstance(value, float) else "" if value is None else value for value in row), sep="\t"
        )


def _print_neighbours(vectors, words, rows):
    from rich.columns import Columns

    tables = []
    for word, found in zip(words, rows):
        table = _table(_heading(vectors, word), "cosine", "", *([] if vectors.counts is None else ["count"]))
        for row in found:
            counted = [] if vectors.counts is None else [f"{row['count']:,}"]
            table.add_row(_text(row["word"]), *_cosine(row["cosine"]), *counted)
        tables.append(table)
    console().print(Columns(tables, padding=(1, 2)))


def _heading(vectors, word):
    """The word as it was found, or how it got its vector, and its count."""
    row = vectors.row(word)
    if row is None:
        return f"{word} (by its pieces)"
    count = vectors.count(word)
    return vectors.words[row] if count is None else f"{vectors.words[row]} ×{count:,}"


def _print_analogy(found, counts):
    from rich.text import Text

    from hornbook.analogy import METHODS

    said = METHODS[found.method].said
    terms = [f"{'+' if term.sign > 0 else '−'} {term.word}" for term in found.terms]
    kind, sign, full = ("cosine", "+", 1.0) if found.method == "add" else ("score", "", found.candidates[0].score)
    table = _table("candidate", kind, "", *terms, *(["count"] if counts[0] is not None else []))
    for one, count in zip(found.candidates, counts):
        parts = [_signed(part, sign) for part in one.parts]
        table.add_row(_text(one.word), *_cosine(one.score, full), *parts, *([] if count is None else [f"{count:,}"]))
    near = ", ".join(f"{term.word} {term.similarity:.4f}".replace("-", "−") for term in found.terms)
    screen = console()
    screen.print(Text(found.formula, "bold"))
    screen.print(table)
    screen.print()
    screen.print(Text(f"In each row the parts of the terms {said} the {kind}. Cosine of {found.answer} to: {near}."))
    screen.print(Text(_unrestricted(found), "dim"))


def _unrestricted(found):
    word, score = found.unrestricted
    if word == found.answer:
        return f"{word} comes first even when the question's own words are allowed."
    return f"The question's own words are left out, as is usual: with them, {word} would come first ({score:.4f})."


def _print_odd(found):
    from rich.text import Text

    table = _table("word", "cosine to the mean", "")
    for word, cosine in found:
        table.add_row(_text(word), *_cosine(cosine))
    console().print(Text.assemble((found[0][0], "bold"), " does not belong to the others."))
    console().print(table)


def _table(first, *others):
    """A table whose first column is words and the others numbers and bars, one line a row."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column(_text(first), no_wrap=True, min_width=8)
    for head in others:
        table.add_column(_text(head), justify="left" if not head else "right", no_wrap=True)
    return table


def _text(said):
    """A cell as it stands: a word may hold what Rich would read as markup."""
    from rich.text import Text

    return Text(str(said))


def _cosine(value, full=1.0):
    """Two cells: the number, and a bar as long as its share of `full`, in the colour of its sign."""
    from rich.text import Text

    from hornbook.palette import FAMILIES

    eighths = round(min(abs(value) / full, 1) * BAR * 8)
    bar = "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()
    return _text(_signed(value)), Text(bar.ljust(BAR), FAMILIES["negative" if value < 0 else "embedding"].either)


def _signed(value, plus=""):
    return f"{value:{plus}.4f}".replace("-", "−")
