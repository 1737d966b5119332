"""`hornbook export`: a run in the format of another program."""

import json
from pathlib import Path
from typing import Annotated

import typer

from hornbook.cli import app, console


@app.command(
    epilog="Examples:\n"
    "  hornbook export runs/notes-static --to model2vec --out notes-model2vec\n"
    "  hornbook export runs/notes-contrastive --to onnx --out notes.onnx\n"
    "  hornbook export runs/novels-word2vec --to word2vec --out novels.bin\n"
    "  hornbook export runs/novels-word2vec --to json --out vectors.json"
)
def export(
    run: Annotated[str, typer.Argument(help="A run folder, or minilm.")],
    to: Annotated[str, typer.Option(help="sentence-transformers, model2vec, word2vec, onnx or json.")],
    out: Annotated[Path, typer.Option(help="The folder, or the file, to write.")],
    as_json: Annotated[bool, typer.Option("--json", help="What was written, as JSON.")] = False,
):
    """Write an encoder so that others open it, without hornbook installed.

    sentence-transformers: transformers, and static encoders. model2vec: static encoders. onnx: transformers.
    word2vec (.txt, .vec, .bin, each also with .gz) and json (for a page, a byte a number): the vectors of words.
    """
    from hornbook.encode_files import opened
    from hornbook.export import check, export

    check(to, out)
    said = export(opened(run), to, out)
    if as_json:
        print(json.dumps(said, ensure_ascii=False))
        return
    shown = console()
    beside = [f"{said['words']:,} words"] if "words" in said else []
    beside += [f"no number is off by more than {said['max_error']:.2g}"] if "max_error" in said else []
    beside += [f"its tokenizer is in {said['tokenizer']}"] if "tokenizer" in said else []
    shown.print(f"{out}{': ' if beside else ''}{'; '.join(beside)}", markup=False)
    if "opens_with" in said:
        shown.print(f"Opens with: {said['opens_with']}", markup=False)
