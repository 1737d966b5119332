"""`hornbook classify`: learn classes from labelled texts, say how well, and label other texts."""

import json
from pathlib import Path
from typing import Annotated

import typer

from hornbook.cli import app, console
from hornbook.cli.given import AsJson, Documents, Encoder, Encoding, Field, Out, Seed, say_written, short, where
from hornbook.cli.given import write_table as write


@app.command(
    epilog="Examples:\n"
    "  hornbook classify letters.csv --encoder runs/letters-word2vec\n"
    "  hornbook classify letters.csv --label-field topic --predict new.txt --documents line --out labels.csv\n"
    "  hornbook classify mail/ --save mail.safetensors      (a folder for every class)\n"
    "  cat new.txt | hornbook classify --load mail.safetensors --predict - --documents line --json"
)
def classify(
    train: Annotated[
        Path | None, typer.Argument(help="Labelled texts: a table, .jsonl, or a folder for every class.")
    ] = None,
    predict: Annotated[str | None, typer.Option(help="Texts to label: a file, folder, glob or -.")] = None,
    encoder: Encoder = None,
    text_field: Annotated[str | None, typer.Option(help="The field or column of TRAIN that is the text.")] = None,
    label_field: Annotated[str | None, typer.Option(help="The field or column of TRAIN that is the label.")] = None,
    folds: Annotated[int, typer.Option(min=2, help="Parts of TRAIN, each told by the others.")] = 5,
    documents: Documents = None,
    field: Field = None,
    encoding: Encoding = "utf-8",
    save: Annotated[Path | None, typer.Option(help="Keep the classifier in this file.")] = None,
    load: Annotated[Path | None, typer.Option(help="A classifier that --save kept, instead of TRAIN.")] = None,
    seed: Seed = 0,
    out: Out = None,
    as_json: AsJson = False,
):
    """Learn to tell labels from an encoder's vectors, with probabilities that hold, and label other texts.

    Logistic regression, measured in stratified folds beside one on TF-IDF. The probabilities are calibrated by a
    temperature, and how honest they are is shown tenth by tenth. --documents and --field are those of --predict.
    """
    from hornbook.errors import HornbookError
    from hornbook.labelled import load_labelled

    if (train is None) == (load is None):
        raise HornbookError("classify needs labelled texts, or --load FILE, and not both:"
                            " hornbook classify letters.csv --label-field topic")  # fmt: skip
    if out is not None and predict is None:
        raise HornbookError("--out is a table of predictions: say of what, with --predict TEXTS.")
    if load is not None and predict is None:
        raise HornbookError("--load takes a classifier to label texts with: say which, with --predict TEXTS.")
    report, labelled = {}, None
    with console(stderr=True).status("encoding the texts and learning the classes"):
        if load is not None:
            classifier, measured, name = _loaded(load, encoder, save, text_field, label_field)
        else:
            labelled = load_labelled(train, text_field, label_field, encoding)
            classifier, measured, name = _trained(labelled, encoder, folds, seed)
        placed, given = _predicted(classifier, predict, documents, field, encoding)
    if save is not None:
        classifier.save(save)
        say_written(save, as_json)
    if as_json:
        report = {"encoder": name, "classes": classifier.classes, "temperature": classifier.temperature}
        report |= {"measured": measured.numbers()} if measured else {}
        predictions = [{"place": one.place} | said._asdict() for one, said in zip(placed, given)]
        print(json.dumps(report | {"predictions": predictions}, ensure_ascii=False))
    else:
        if measured:
            _print(name, labelled, measured)
        shown = [one._replace(place=where(one.place, predict)) for one in placed]
        _print_predictions(shown, given, whole=out is None)
    if out is not None:
        rows = ((one.place, said.label, *(f"{p:.4f}" for p in said.probabilities.values()), one.text)
                for one, said in zip(placed, given))  # fmt: skip
        write(out, ("place", "label", *(f"p({name})" for name in classifier.classes), "text"), rows)
        say_written(out, as_json)


def _loaded(load, encoder, save, text_field, label_field):
    from hornbook.classifier import TextClassifier
    from hornbook.errors import HornbookError

    asked = {"--save": save, "--text-field": text_field, "--label-field": label_field}
    if wrong := [name for name, value in asked.items() if value is not None]:
        raise HornbookError(f"--load takes a classifier as it is: leave out {' and '.join(wrong)}.")
    classifier = TextClassifier.load(load, encoder)
    return classifier, None, str(getattr(classifier.encoder, "folder", ""))


def _trained(labelled, encoder, folds, seed):
    from hornbook.classifier import TextClassifier
    from hornbook.task_texts import encoder_for

    made, name = encoder_for(encoder, labelled.texts)
    return *TextClassifier.train(made, *labelled, folds, seed), name


def _predicted(classifier, predict, documents, field, encoding):
    """(texts with their places, the `Prediction` of each)."""
    from hornbook.task_texts import read

    placed = read(predict, documents, field, encoding) if predict is not None else []
    return placed, classifier.predict([one.text for one in placed]) if placed else []


# -- what is shown --------------------------------------------------------------------------------------------------


def _print(name, labelled, measured):
    from hornbook.measure import verdict

    out, told = console(), measured.probe
    out.print(f"{len(labelled.texts):,} texts of {len(told.classes):,} classes by {name}", markup=False)
    out.print(_figures(told))
    gain = told.gains["accuracy"]
    out.print(f"Beside TF-IDF on the same folds: {gain.value:+.3f} accuracy (95 % {gain.low:+.3f} to {gain.high:+.3f}),"
              f" {verdict(gain)}.")  # fmt: skip
    out.print(_reliability(measured))
    _print_cases(out, labelled, measured)


def _figures(told):
    from rich.table import Table

    table = Table(title=f"told in {told.folds} folds that had not seen the text", title_justify="left")
    for heading in ("by", "accuracy", "95 % interval", "macro-F1", "95 % interval"):
        table.add_column(heading, justify="left" if heading == "by" else "right")
    names = {"encoder": "the encoder's vectors", "tfidf": "TF-IDF", "majority": "the commonest class"}
    for way, figures in told.figures.items():
        cells = []
        for made in figures.values():
            cells += [f"{made.value:.3f}", f"{made.low:.3f} to {made.high:.3f}"]
        table.add_row(names[way], *cells)
    return table


def _reliability(measured):
    from rich.table import Table

    errors = measured.calibration()
    before, after = (errors[when]["expected_calibration_error"] for when in ("before", "after"))
    table = Table(title="how far the probabilities hold", title_justify="left",
                  caption=f"expected calibration error {before:.3f} before, {after:.3f} after calibration"
                  f" (temperature {measured.temperature:.2f})")  # fmt: skip
    for heading in ("says", "texts", "says, on average", "is right"):
        table.add_column(heading, justify="right")
    for one in measured.reliability():
        cells = (f"{one.low:.0%} to {one.high:.0%}", f"{one.n:,}", f"{one.confidence:.3f}", f"{one.accuracy:.3f}")
        table.add_row(*cells)
    return table


def _print_cases(out, labelled, measured):
    from rich.text import Text

    if confusions := measured.probe.confusions(5):
        out.print("\n[bold]most mixed up[/]")
        for true, given, times in confusions:
            out.print(Text(f"  {true} taken for {given}, {times:,} times"))
    cases = (("most uncertain", measured.uncertain(5)), ("surest mistakes: hard, or wrongly labelled",
                                                         measured.surest_mistakes(5)))  # fmt: skip
    for title, doubts in cases:
        if doubts:
            out.print(f"\n[bold]{title}[/]")
        for doubt in doubts:
            told = "rightly" if doubt.given == doubt.label else f"label {doubt.label}"
            out.print(Text(f"  {doubt.probability:.2f} {doubt.given} ({told}): {short(labelled.texts[doubt.number])}"))


def _print_predictions(placed, given, whole):
    from rich.text import Text

    out = console()
    if given:
        out.print(f"\n[bold]{len(given):,} texts labelled[/]")
    for one, said in zip(placed[: None if whole else 10], given):
        unknown = "" if said.known else "  (no known word)"
        out.print(Text.assemble(f"  {said.probability:.2f} ", (said.label, "bold"), f"  {short(one.text)}",
                                (f"  {one.place}{unknown}", "dim")))  # fmt: skip
