"""`hornbook index` and `hornbook search`: passages of one's own files, with file and line, found again."""

import json
import os
import sys
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from hornbook.cli import app, console
from hornbook.cli.given import goes_on

INDEX = Path("hornbook-index")  # where an index goes, and is looked for, when none is named
SHOWN = 240  # characters of a passage


@app.command(
    epilog="Examples:\n"
    "  hornbook index notes/\n"
    "  hornbook index notes/ 'letters/*.txt' --encoder runs/notes-word2vec --out notes-index\n"
    "  hornbook index --out notes-index      (brings it up to date)\n"
    "  hornbook index --delete notes/old.md --out notes-index\n"
    "  cat talk.txt | hornbook index - --out talk-index"
)
def index(
    places: Annotated[list[str] | None, typer.Argument(help="Files, folders, globs or -. None: update.")] = None,
    out: Annotated[Path, typer.Option(help="The folder of the index.")] = INDEX,
    encoder: Annotated[
        str | None, typer.Option(help="A run folder, or minilm: vectors beside words. Default: words only (BM25).")
    ] = None,
    delete: Annotated[list[str] | None, typer.Option(help="Remove this file or folder; may be repeated.")] = None,
    words: Annotated[int | None, typer.Option(min=1, help="Words of a passage, about. Default: 100.")] = None,
    field: Annotated[str | None, typer.Option(help="The JSON field or the column that holds the text.")] = None,
    encoding: Annotated[str | None, typer.Option(help="How the bytes of a text stand for characters.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="What was done, as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
):
    """Cut files into passages with their lines, and keep their words and vectors to be searched.

    On an index that is there already, add the places named; without any, read what changed and remove what was
    deleted. What has not changed is neither read nor encoded again, and a killed build goes on where it stopped.
    """
    from hornbook.errors import HornbookError

    if delete and places:
        raise HornbookError("--delete removes files, PLACES adds them: do one after the other.")
    given = {"words": words, "field": field, "encoding": encoding}
    given = {name: value for name, value in given.items() if value is not None}
    with goes_on(console(stderr=True, quiet=quiet)), _watching(quiet or as_json) as watch:
        opened, changes = _bring(places or [], out, encoder, delete or [], given, watch)
    if as_json:
        print(json.dumps({"index": str(out)} | vars(changes), ensure_ascii=False))
    elif not quiet:
        _tell(opened, changes)


def _bring(places, out, encoder, delete, given, watch):
    """(the index, Changes) after what was asked for."""
    from hornbook.errors import HornbookError
    from hornbook.search.files import Cutting
    from hornbook.search.index import Index
    from hornbook.search.store import MANIFEST

    if not (out / MANIFEST).exists() and places:
        opened = Index.build(places, out, encoder, Cutting(**given), watch)
        return opened, opened.changes
    opened = Index.open(out, encoder)
    if encoder:
        _ = opened.encoder  # which says so where another built the index
    kept = vars(opened.cutting)
    if other := [f"{name} {kept[name]}, not {value}" for name, value in given.items() if kept[name] != value]:
        raise HornbookError(f"{out} was made with {'; '.join(other)}. Choose another folder with --out.")
    if delete:
        for place in delete:
            opened.delete(place, watch)
        return opened, opened.changes
    return opened, opened.add(places, watch) if places else opened.update(watch)


def _watching(quiet):
    """A bar over the files to read, as a context that gives the function that is told of events."""
    from contextlib import contextmanager

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    @contextmanager
    def watching():
        screen, counts = console(stderr=True, quiet=quiet), {"passages": 0, "encoded": 0}
        columns = (TextColumn("files"), BarColumn(24), MofNCompleteColumn(), TextColumn("{task.description}"))
        with Progress(*columns, TimeElapsedColumn(), console=screen, transient=True) as progress:
            task = progress.add_task("", total=None)

            def watch(event, number):
                if event == "files":
                    progress.update(task, total=number)
                elif event == "file":
                    progress.advance(task)
                else:
                    counts[event] += number
                    said = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
                    progress.update(task, description=said)

            yield watch

    return watching()


def _tell(opened, changes):
    screen = console()
    kinds = ("added", "changed", "removed")
    parts = [f"{len(getattr(changes, kind)):,} {kind}" for kind in kinds if getattr(changes, kind)]
    done = f"{', '.join(parts)}: {changes.read:,} passages read" if parts else "nothing changed"
    done += f", {changes.encoded:,} of them encoded" if opened.built_by and changes.read else ""
    screen.print(done, markup=False)
    signs = ("+", "green", changes.added), ("~", "yellow", changes.changed), ("-", "red", changes.removed)
    for sign, style, files in signs:
        for file in files[:10]:
            screen.print(f"  {sign} {_shown(file)}", style=style, markup=False)
        if len(files) > 10:
            screen.print(f"  … and {len(files) - 10:,} more", style="dim")
    for why in changes.left_out.values():
        screen.print(f"left out: {why}", style="yellow", markup=False)
    screen.print(f"{opened.folder}: {len(opened.files):,} files, {len(opened):,} passages", style="bold", markup=False)
    for note in dict.fromkeys([*changes.notes, *opened.notes]):
        screen.print(note, style="dim", markup=False)
    if len(opened):
        screen.print(f'Next: hornbook search {quote(str(opened.folder))} "…"', markup=False)


@app.command(
    epilog="Examples:\n"
    '  hornbook search "what did she say about the sea"\n'
    '  hornbook search notes-index "sea" -k 3 --how bm25\n'
    "  hornbook search notes-index - --json < questions.txt     (one query a line)\n"
    "  hornbook search notes-index sea | cut -f1                (path:line)"
)
def search(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[INDEX] QUERY", help=f"The folder of an index (default: {INDEX}); a text, or - for one a line."
        ),
    ],
    k: Annotated[int, typer.Option("-k", min=1, help="How many passages to show.")] = 10,
    how: Annotated[
        str | None, typer.Option(help="fused (default where there are vectors), summed, dense or bm25.")
    ] = None,
    encoder: Annotated[str | None, typer.Option(help="The encoder that built the index, if it was moved.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for each query.")] = False,
):
    """Find the passages that answer a query, best first, each with its file and line.

    In a pipe: path:line, score and passage, parted by tabs, one line a passage; with several queries, each after its
    query.
    """
    from hornbook.errors import HornbookError
    from hornbook.search.index import Index

    if len(words) > 2:
        raise HornbookError('one query at a time, in quotes: hornbook search INDEX "several words".')
    if len(words) == 1 and _is_index(words[0]):
        raise HornbookError(f'what is to be looked for in {words[0]}? hornbook search {words[0]} "some words"')
    folder, query = (INDEX, words[0]) if len(words) == 1 else words
    opened = Index.open(folder, encoder)
    queries = _queries() if query == "-" else [query]
    if not len(opened):
        raise HornbookError(f"{folder} is empty. Add to it: hornbook index PLACE --out {folder}")
    for asked, hits in zip(queries, opened.search_all(queries, k, how)):
        if as_json:
            print(json.dumps({"query": asked, "hits": [vars(hit) for hit in hits]}, ensure_ascii=False))
        elif console().is_terminal:
            _draw(asked, hits, len(queries) > 1)
        else:
            _list(asked, hits, len(queries) > 1)
        if not hits:
            _say_why(opened, asked)
        if not (as_json or console().is_terminal):
            _say_what_changed(hits)
    if console().is_terminal and not as_json:
        for note in opened.notes:
            console(stderr=True).print(note, style="dim", markup=False)


def _say_what_changed(hits):
    """On stderr, where the list has no room for it: files that are no longer what the index read."""
    for state, what in ("gone", "is gone"), ("changed", "has changed"):
        for file in dict.fromkeys(hit.file for hit in hits if hit.state == state):
            console(stderr=True).print(f"{_shown(file)} {what} since it was indexed.", style="yellow", markup=False)


def _is_index(folder):
    from hornbook.search.store import MANIFEST

    return (Path(folder) / MANIFEST).exists()


def _queries():
    """The queries on stdin, one a line, blank lines left out."""
    from hornbook.decoding import decoded
    from hornbook.errors import HornbookError

    text = "".join(decoded(sys.stdin.buffer, "stdin"))
    queries = [line.strip() for line in text.split("\n") if line.strip()]
    if not queries:
        raise HornbookError("there is no query on standard input. Write one a line.")
    return queries


def _say_why(opened, query):
    screen = console(stderr=True)
    screen.print(f"nothing found for: {query}", style="yellow", markup=False)
    for word, near in opened.unknown(query).items():
        tail = f" There is: {', '.join(near)}." if near else ""
        screen.print(f'  no passage has the word "{word}".{tail}', markup=False)


def _shown(file):
    """A path as one would type it here: from this folder where the file is under it."""
    here = os.path.relpath(file) if os.path.isabs(file) and not file.startswith("//") else file
    return file if here.startswith("..") else here


def _list(query, hits, several):
    for hit in hits:
        columns = [f"{_shown(hit.file)}:{hit.lines[0]}", f"{hit.score:.4f}", shortened(hit.text, query)]
        print("\t".join([" ".join(query.split()), *columns] if several else columns))


def _draw(query, hits, several):
    from rich.text import Text

    screen = console()
    if several:
        screen.print(Text(query, style="bold underline"))
    for hit in hits:
        parts = ", ".join(f"{part} {hit.ranks[part]}." for part in hit.ranks)
        state = {"changed": "  (the file has changed since)", "gone": "  (the file is gone)"}.get(hit.state, "")
        screen.print(Text.assemble((f"{_shown(hit.file)}:{hit.lines[0]}", "bold cyan"), f"  {hit.score:.4f}",
                                   (f"  {parts}", "dim"), (state, "yellow")), soft_wrap=True)  # fmt: skip
        screen.print(_highlighted(shortened(hit.text, query), query))
        screen.print()


def _matches(text, query):
    """(start, end, word) of the words of `text` that are in the query."""
    import re

    from hornbook.fast.terms import PATTERN, words_of

    asked = set(words_of(query))
    found = ((match.start(), match.end(), match[0].lower()) for match in re.finditer(PATTERN, text))
    return [(start, end, word) for start, end, word in found if word in asked]


def shortened(text, query, most=SHOWN):
    """`text` on one line, at most about `most` characters of it: those with the most different words of the query."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    matches, begin, found = _matches(text, query), 0, 0
    for start, _, _ in matches:
        words = {word for at, end, word in matches if start <= at and end <= start + most * 3 // 4}
        if len(words) > found:
            begin, found = max(0, start - most // 4), len(words)
    begin = min(begin, len(text) - most)
    start = text.find(" ", begin) + 1 if begin else 0
    stop = len(text) if begin + most >= len(text) else max(text.rfind(" ", start, begin + most), start + 1)
    return f"{'… ' if start else ''}{text[start:stop]}{' …' if stop < len(text) else ''}"


def _highlighted(text, query):
    from rich.text import Text

    drawn = Text(text)
    for start, end, _ in _matches(text, query):
        drawn.stylize("bold yellow", start, end)
    return drawn
