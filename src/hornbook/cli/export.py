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
    "  hornbook export runs/novels-word2vec --to json --out vectors.json\n"
    "  hornbook export runs/names-microgpt --to json --out microgpt.json\n"
    "  hornbook export microgpt.json --to run --out runs/from-the-page"
)
def export(
    run: Annotated[str, typer.Argument(help="A run folder, or minilm; a page's saved JSON.")],
    to: Annotated[str, typer.Option(help="sentence-transformers, model2vec, word2vec, onnx, json or run.")],
    out: Annotated[Path, typer.Option(help="The folder, or the file, to write.")],
    as_json: Annotated[bool, typer.Option("--json", help="What was written, as JSON.")] = False,
):
    """Write an encoder so that others open it, without hornbook installed; and microgpt for the guide's page.

    sentence-transformers: transformers, and static encoders. model2vec: static encoders. onnx: transformers.
    word2vec (.txt, .vec, .bin, each also with .gz) and json (for a page, a byte a number): the vectors of words.
    Of microgpt, json is what the page of hornbook guide opens and saves, and run makes a run folder of that again.
    """
    from hornbook.encode_files import opened
    from hornbook.export import check, export
    from hornbook.guide import exchange

    if to == "run":
        said = {"to": to, "out": str(out), **exchange.to_run(run, out)}
    elif to == "json" and exchange.is_microgpt(run):
        check(to, out)
        said = {"to": to, "out": str(out), **exchange.write(run, out)}
    else:
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
