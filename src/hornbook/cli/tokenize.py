"""`hornbook tokenize`: a text cut into coloured tokens with their ids."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from hornbook.cli import app

CORPUS = "pydoc"  # is in every Python, so it needs no network
VISIBLE = str.maketrans({" ": "␣", "\n": "↵", "\t": "⇥", "\r": "␍"})
STYLES = ("black on bright_cyan", "black on bright_yellow")  # side by side they differ; without colour the bars do
UNKNOWN_STYLE = "white on red"


@app.command(
    epilog="Examples:\n"
    '  hornbook tokenize "She said: I\'d rather not."\n'
    "  hornbook tokenize letter.txt --kind bpe --vocab-size 500 --corpus shakespeare\n"
    '  hornbook tokenize "unhappily" --tokenizer runs/frankenstein-lstm\n'
    "  hornbook tokenize --kind bpe --corpus notes/ --show-merges 30 --save tokenizer.json\n"
    "  echo 'Grüße' | hornbook tokenize - --kind characters --json"
)
def tokenize(
    text: Annotated[str | None, typer.Argument(help="A text, a text file, or - for standard input.")] = None,
    kind: Annotated[str | None, typer.Option(help="characters, words, bpe or wordpiece. Default: bpe.")] = None,
    corpus: Annotated[str | None, typer.Option(help=f"The corpus to learn from. Default: {CORPUS}.")] = None,
    vocab_size: Annotated[int | None, typer.Option(help="Most tokens it may have.")] = None,
    min_count: Annotated[int | None, typer.Option(help="How often a token must be seen to get in.")] = None,
    tokenizer: Annotated[Path | None, typer.Option(help="Train none; take this tokenizer.json, or a run's.")] = None,
    show_merges: Annotated[int, typer.Option(metavar="N", min=0, help="Show the first N merges and their counts.")] = 0,
    save: Annotated[Path | None, typer.Option(help="Write the tokenizer to this tokenizer.json.")] = None,
    characters: Annotated[int, typer.Option(min=0, help="How much of the text to draw; 0 draws it all.")] = 2000,
    encoding: Annotated[str, typer.Option(help="How the bytes of a text file stand for characters.")] = "utf-8",
    as_json: Annotated[bool, typer.Option("--json", help="The same as JSON.")] = False,
):
    """Cut a text into tokens, and show each with its id.

    Without more words, a byte-level BPE tokenizer is trained on the spot, on a corpus that is in every Python.
    With --save or --show-merges the text may be left out.
    """
    from hornbook.errors import HornbookError

    chosen = {"kind": kind, "corpus": corpus, "vocab_size": vocab_size, "min_count": min_count}
    if tokenizer and any(value is not None for value in chosen.values()):
        raise HornbookError("--tokenizer takes one as it is; --kind, --corpus, --vocab-size and --min-count train one.")
    if text is None and save is None and not show_merges:
        raise HornbookError('tokenize needs a text, a file, or - : hornbook tokenize "some text"')
    text = None if text is None else _read(text, encoding)
    made, origin, texts = _load(tokenizer) if tokenizer else _train(**chosen)
    facts = {"tokenizer": {"kind": made.kind, "vocab_size": made.vocab_size, "unk": made.unk, "origin": origin}}
    if show_merges:
        facts["merges"] = _merges(made, texts, show_merges, min_count)
    if text is not None:
        facts |= _cut(made, text)
    if save:
        made.save(save)
    if as_json:
        print(json.dumps(facts, ensure_ascii=False, indent=1))
    else:
        _print(facts, characters, save)


def _read(text, encoding):
    """The text itself, or what is in the file it names."""
    from hornbook.decoding import decoded

    if text == "-":
        return "".join(decoded(sys.stdin.buffer, "stdin", encoding))
    if len(text) < 4096 and "\0" not in text and Path(text).is_file():
        with open(text, "rb") as file:
            return "".join(decoded(file, text, encoding))
    return text


def _load(path):
    from hornbook.tokenizer import Tokenizer

    return Tokenizer.load(path), f"from {path}", None


def _train(kind, corpus, vocab_size, min_count):
    from hornbook import corpus as corpora
    from hornbook.tokenizer import Tokenizer

    loaded = corpora.load(corpus or CORPUS)
    texts = loaded.split().train
    made = Tokenizer.train(texts, kind or "bpe", vocab_size, min_count)
    return made, f"trained just now on {loaded.name} ({sum(map(len, texts)):,} characters)", texts


def _merges(made, texts, many, min_count):
    """The first merges; counted again by the reference where the texts are here, as no file keeps the counts."""
    from hornbook.errors import HornbookError
    from hornbook.reference import bpe, wordpiece
    from hornbook.tokenizer_kinds import KINDS

    if made.kind not in ("bpe", "wordpiece"):
        raise HornbookError(f"{made.kind} are never merged; --kind bpe and --kind wordpiece have merges to show.")
    if texts is None:
        if not made.merges:
            raise HornbookError("a WordPiece file does not keep its merges. Train one to see them: --kind wordpiece")
        return [dict(zip(("left", "right", "made"), made.tokens(merge)), count=None) for merge in made.merges[:many]]
    min_count = KINDS[made.kind].min_count if min_count is None else min_count
    learn = {"bpe": bpe.train, "wordpiece": wordpiece.train}[made.kind]
    tokens = [token for token in made.tokens(range(made.vocab_size)) if made.id_of(token) not in made.special_ids]
    unmerged = 256 if made.kind == "bpe" else sum(len(token.removeprefix("##")) == 1 for token in tokens)
    learnt, vocabulary = learn(texts, min(unmerged + many, len(tokens)), min_count)
    spelt = [token.decode(errors="backslashreplace") if made.kind == "bpe" else token for token in vocabulary]
    return [
        {"left": spelt[left], "right": spelt[right], "made": spelt[new], "count": count}
        for left, right, new, count in learnt
    ]


def _cut(made, text):
    ids, spans = made.encode(text).tolist(), made.offsets(text)
    return {
        "characters": len(text),
        "characters_per_token": len(text) / len(ids) if ids else None,
        "unknown": dict(made.unknown(text).most_common()),
        "tokens": [
            {"id": id_, "token": token, "start": start, "end": end, "text": text[start:end]}
            for id_, token, (start, end) in zip(ids, made.tokens(ids), spans)
        ],
    }


def _print(facts, most, save):
    from rich.console import Console
    from rich.text import Text

    console, made = Console(highlight=False), facts["tokenizer"]
    console.print(f"{made['kind']}, {made['vocab_size']:,} tokens, {made['origin']}", style="dim", soft_wrap=True)
    for rank, merge in enumerate(facts.get("merges", ()), 1):
        console.print(_merge_line(rank, merge), soft_wrap=True)
    if "tokens" in facts:
        shown = [token for token in facts["tokens"] if not most or token["start"] < most]
        for row in _rows(shown, made["unk"], console.width):
            console.print(row, soft_wrap=True)
        if len(shown) < len(facts["tokens"]):
            left = len(facts["tokens"]) - len(shown)
            console.print(f"… and {left:,} tokens more; --characters 0 draws them all", style="dim", soft_wrap=True)
        console.print(_summary(facts), soft_wrap=True)
    if save:
        console.print(Text.assemble("written to ", (str(save), "bold")), soft_wrap=True)


def _merge_line(rank, merge):
    from rich.text import Text

    left, right, made = (_visible(merge[part]) for part in ("left", "right", "made"))
    count = "" if merge["count"] is None else f"{merge['count']:>9,} ×"
    return Text.assemble(
        (f"{rank:>5}", "dim"), f"{count}  ", (left, STYLES[0]), " + ", (right, STYLES[1]), " → ", (made, "bold")
    )


def _rows(tokens, unk, width):
    """Lines of tokens, each over the line of their ids, in columns parted by bars; a newline ends a row."""
    from rich.cells import cell_len
    from rich.text import Text

    bar = ("│", "dim")
    above, below = Text.assemble(bar), Text.assemble(bar)
    for place, token in enumerate(tokens):
        is_unknown = token["id"] == unk
        label, number = _visible(token["token"]), str(token["id"])
        if is_unknown:
            label, number = _visible(token["text"]), token["token"]
        column = max(cell_len(label), len(number))
        if above.cell_len > 1 and above.cell_len + column + 1 > width:
            yield from (above, below)
            above, below = Text.assemble(bar), Text.assemble(bar)
        above.append(label, style=UNKNOWN_STYLE if is_unknown else STYLES[place % 2])
        above.append(" " * (column - cell_len(label))).append(*bar)
        below.append(number.rjust(column), style="red" if is_unknown else "dim").append(*bar)
        if "\n" in token["text"]:
            yield from (above, below)
            above, below = Text.assemble(bar), Text.assemble(bar)
    if above.cell_len > 1:
        yield from (above, below)


def _visible(token):
    """Blanks and line ends as signs; what cannot be printed as its code; marks that need a letter on a ring."""
    from unicodedata import combining

    shown = "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape", "surrogatepass").decode()
        for sign in token.translate(VISIBLE)
    )
    return f"◌{shown}" if shown and combining(shown[0]) else shown


def _summary(facts):
    from rich.text import Text

    ratio = facts["characters_per_token"]
    line = Text(f"{facts['characters']:,} characters, {len(facts['tokens']):,} tokens")
    if ratio:
        line.append(f", {ratio:.2f} characters per token")
    missing = sum(facts["unknown"].values())
    line.append(f", {missing:,} unknown", style="red" if missing else "")
    if missing:
        names = [f"{_visible(name)} ×{count}" for name, count in facts["unknown"].items()]
        line.append(f": {', '.join(names[:8])}{' …' if len(names) > 8 else ''}")
    return line
