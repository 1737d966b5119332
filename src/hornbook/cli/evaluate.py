"""`hornbook evaluate`: how many bits a character a language model needs; what an encoder's vectors are good for."""

import json
from pathlib import Path
from typing import Annotated

import typer

from hornbook.cli import app


@app.command(
    epilog="Examples:\n"
    "  hornbook evaluate runs/shakespeare-gpt\n"
    "  hornbook evaluate runs/shakespeare-gpt --text other.txt --json\n"
    "  hornbook evaluate runs/shakespeare-gpt --stride 1\n"
    "  hornbook evaluate runs/frankenstein-lsa\n"
    "  hornbook evaluate runs/novels-word2vec --task pairs.tsv --labels letters.csv --label-field topic\n"
    "  hornbook evaluate runs/novels-word2vec --task stsb --task cranfield --beside runs/novels-lsa\n"
    "  hornbook evaluate minilm --text notes/ --beside runs/notes-contrastive"
)
def evaluate(
    run: Annotated[
        str, typer.Argument(help="A run folder; or an encoder: minilm, a folder of sentence-transformers or model2vec.")
    ],
    text: Annotated[
        str | None, typer.Option(help="A corpus, file or folder to score, instead of the run's own split.")
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="Which of the run's own splits: train, validation (the default) or test.")
    ] = None,
    documents: Annotated[
        str | None, typer.Option(help="What one document of --text is: whole, line or paragraph.")
    ] = None,
    field: Annotated[str | None, typer.Option(help="The JSON field or the column of --text.")] = None,
    encoding: Annotated[str, typer.Option(help="How the bytes of --text and --labels stand for characters.")] = "utf-8",
    stride: Annotated[
        int | None, typer.Option(min=1, help="Tokens between windows: smaller gives each token more context.")
    ] = None,
    task: Annotated[
        list[str] | None,
        typer.Option(help="Encoders: a sentence or word task by name, or a file of word pairs with a score."),
    ] = None,
    beside: Annotated[
        list[str] | None, typer.Option(help="Encoders: another one, a folder or minilm, to set it beside.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="Encoders: labelled texts, in a table, .jsonl, or a folder for every class.")
    ] = None,
    text_field: Annotated[str | None, typer.Option(help="The field or column of --labels that is the text.")] = None,
    label_field: Annotated[str | None, typer.Option(help="The field or column of --labels that is the label.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The figures as JSON.")] = False,
):
    """Measure a model on a text it has not seen.

    Language models: bits per character, nats a token, perplexity, and what surprises it. Encoders: whether the halves
    of passages find each other, sentence pairs and search, word similarity and analogies, and whether labels can be
    told from the vectors.
    """
    from hornbook.encoder_loading import holds_encoder
    from hornbook.errors import HornbookError

    if holds_encoder(run):
        from hornbook.cli.evaluate_encoder import evaluate_encoder
        from hornbook.corpus import load
        from hornbook.labelled import load_labelled

        _refuse({"--split": split, "--stride": stride}, "an encoder is measured on passages")
        if labels is None:
            _refuse({"--text-field": text_field, "--label-field": label_field}, "there are no --labels FILE")
        texts = load(text, documents, field, encoding).documents if text is not None else None
        labelled = load_labelled(labels, text_field, label_field, encoding) if labels is not None else None
        return evaluate_encoder(run, text, texts, task, labelled, as_json, beside or ())
    asked = {"--task": task, "--beside": beside, "--labels": labels, "--text-field": text_field,
             "--label-field": label_field}  # fmt: skip
    _refuse(asked, f"{run} is a language model, which has no vectors to measure")
    from hornbook.evaluate import evaluate
    from hornbook.language_model import LanguageModel

    if text is not None and split is not None:
        raise HornbookError("--split is one of the run's own texts, --text is another: give one of them.")
    model = LanguageModel.load(run)
    if stride is not None and model.windows is None:
        raise HornbookError(f"{model.model} reads a text as a whole, not in windows: leave out --stride.")
    if text is None:
        stream, characters, name = _own(model, split or "validation")
    else:
        stream, characters, name = _given(model, text, documents, field, encoding)
    report = evaluate(model, stream, characters, stride)
    unknown = unknown_in(stream, model.tokenizer)
    if as_json:
        passages = {"most_surprising": report.most, "least_surprising": report.least}
        figures = report.numbers() | {"unknown": unknown}
        print(json.dumps({"run": str(run), "text": name, **figures, **passages}, ensure_ascii=False))
    else:
        _print(run, name, report, unknown)


def _refuse(options, why):
    """Raise HornbookError where one of `options` was given."""
    from hornbook.errors import HornbookError

    given = [name for name, value in options.items() if value]
    if given:
        raise HornbookError(f"{why}: leave out {' and '.join(given)}.")


def unknown_in(stream, tokenizer):
    """How many tokens of `stream` stand for a text that the vocabulary does not have."""
    return 0 if tokenizer.unk is None else int((stream == tokenizer.unk).sum())


def unknown_means(unknown, tokens):
    """What unknown tokens do to a figure, in a sentence: they make a text look easier than it is."""
    return (
        f"{unknown:,} of {tokens:,} tokens ({unknown / tokens:.1%}) are <UNK>: which text each stands for is not"
        " counted, so the figure is too low to set beside that of a model that knows them."
    )


def _given(model, text, documents, field, encoding):
    """(stream, characters, name) of a text of the user's; for microgpt every line is one, as in training."""
    from hornbook.corpus import load
    from hornbook.models import kind_of

    if documents is None and kind_of(model.model).trained_by == "names":
        documents = "line"
    texts = load(text, documents, field, encoding).documents
    return model.stream(texts), sum(map(len, texts)) + len(texts) - 1, text


def _own(model, split):
    """(stream, characters, name) of a part of the run's text. A misspelt one raises HornbookError."""
    from hornbook.errors import HornbookError, nearest
    from hornbook.run import TOKENS
    from hornbook.training.tokens import read_stream

    if split not in TOKENS:
        raise HornbookError(f'there is no split "{split}".{nearest(split, TOKENS)}')
    path = model.folder / TOKENS[split]
    if not path.exists():
        raise HornbookError(f"{model.folder} keeps no {split} split; --text FILE measures on a text of yours.")
    return read_stream(path, model.tokenizer.vocab_size), model.about["corpus"]["characters"][split], f"{split} split"


def _print(run, name, report, unknown):
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from hornbook.evaluate import how_read

    console = Console(highlight=False)
    table = Table(title=f"{run} on the {name}" if name.endswith("split") else f"{run} on {name}", show_header=False)
    table.add_row(
        "bits per character", f"[bold]{report.bits_per_character:.4f}[/]  (95 % {report.low:.3f} to {report.high:.3f})"
    )
    table.add_row("nats per token", f"{report.nats_per_token:.4f}")
    table.add_row("perplexity", f"{report.numbers()['perplexity']:.3f}")
    table.add_row("scored", f"{report.tokens:,} tokens, {report.characters:,} characters, every token once")
    table.add_row("read", how_read(report.context, report.stride))
    table.add_row("time", f"{report.seconds:.1f} s")
    console.print(table)
    if unknown:
        console.print(unknown_means(unknown, report.tokens), style="yellow")
    for title, passages in (("most surprising", report.most), ("least surprising", report.least)):
        console.print(f"\n[bold]{title}[/]")
        for passage in passages:
            console.print(Text(f"{passage['bits_per_character']:6.2f}  {passage['text']!r}"), soft_wrap=True)
