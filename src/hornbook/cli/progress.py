"""Training as one watches it: a bar with loss, validation loss, tokens a second and time left."""

import signal
from contextlib import contextmanager
from shlex import quote

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from hornbook.cli import console as console_for
from hornbook.cli.evaluate import unknown_in, unknown_means


def train_with_bar(trainer, quiet=False, brief=False):
    """Run `trainer` to its end, or to Ctrl-C, drawing a bar on stderr. Returns the measured model, or None if stopped.

    `brief` leaves out what is the same for all rungs of a ladder.
    """
    console = console_for(stderr=True, quiet=quiet)
    if not brief:
        _announce_text(trainer, console)
    _announce_network(trainer, console)
    if trainer.job:
        with interrupts(trainer), _bar(console) as progress:
            _follow(trainer, progress)
    else:
        with console.status("counting"):
            list(trainer.steps())
    if trainer.stopped:
        console.print(f"stopped. Go on with: hornbook train --resume --out {trainer.folder}", soft_wrap=True)
        return None
    with console.status("measuring on the whole held-out text"):
        model = trainer.finish()
    (_conclude_encoder if trainer.kind.is_encoder else _conclude)(trainer, console)
    if not brief:
        command = _NEXT.get(trainer.model, "map" if trainer.kind.is_encoder else "generate")
        word = " WORD" * (trainer.model == "word2vec")
        console.print(f"Next: hornbook {command} {quote(str(trainer.folder))}{word}", soft_wrap=True)
    return model


_SHOWN = (  # of an encoder's config
    "weighting", "n_components", "sweeps", "architecture", "embedding_dim", "window", "negative", "epochs", "subwords",
    "n_layer", "n_head", "n_embd", "block_size",
)  # fmt: skip
_NEXT = {"word2vec": "neighbours", "lda": "topics", "lsa": "topics"}


def _follow(trainer, progress):
    task = progress.add_task(trainer.model, total=1.0, loss="", validation="", speed="")
    validation = None
    for step, measured in trainer.steps():
        if validation is None and step.step > 1 and not progress.tasks[task].completed:
            progress.console.print(f"going on after step {step.step - 1:,}")
        validation = measured if measured is not None else validation
        progress.update(
            task,
            completed=step.progress,
            description=f"step {step.step:,}",
            loss="loss –" if step.loss is None else f"loss {step.loss:.3f}",
            validation="" if validation is None else f"val {validation:.3f}",
            speed=f"{step.tokens / max(step.seconds, 1e-9):,.0f} tokens/s",
        )
    if not trainer.stopped:
        progress.update(task, completed=1.0)


def _announce_text(trainer, console):
    where = trainer.about["corpus"]
    console.print(
        f"[bold]{trainer.model}[/] on {where['name']}: {where['characters']['train']:,} characters to train on,"
        f" {where['characters']['validation']:,} held out, {trainer.tokenizer.vocab_size:,} tokens in the"
        f" vocabulary ({trainer.tokenizer.kind}), into {trainer.folder}",
    )


def _announce_network(trainer, console):
    if trainer.kind.trained_by == "names":
        beside = ", ".join(f"{name} {nats:.4f}" for name, nats in trainer.job.yardsticks.items())
        for part, number in trainer.kind.reference.count(trainer.config).items():
            console.print(f"  {part}: {number:,} parameters")
        if trainer.job.cut:
            console.print(
                f"{trainer.job.cut:,} of {len(trainer.job.names):,} lines are longer than"
                f" {trainer.config.block_size - 1} letters: what comes after these is not learnt."
                " --set block_size=N reads further.",
                style="yellow",
            )
        console.print(f"beside each loss, on the names trained on: {beside}")
    elif trainer.kind.is_encoder:
        chosen = {name: value for name, value in vars(trainer.config).items() if name in _SHOWN}
        console.print(f"[bold]{trainer.model}[/]: {', '.join(f'{name} {value}' for name, value in chosen.items())}")
    elif trainer.job:
        budget, settings = trainer.job.budget, trainer.settings
        console.print(
            f"[bold]{trainer.model}[/]: {budget.parameters:,} parameters; {budget.sentence(settings.batch_size)};"
            f" {trainer.job.threads} thread{'s' * (trainer.job.threads > 1)}, {settings.precision},"
            f" {settings.optimizer}",
        )


def _conclude(trainer, console):
    results = trainer.about["results"]
    if "validation" in results:
        measured, below = results["validation"], results.get("yardsticks", {})
        beside = ", ".join(f"{name} {bits:.3f}" for name, bits in below.items())
        low, high = measured["interval_95"]
        console.print(
            f"[bold]{measured['bits_per_character']:.3f} bits per character[/] on the whole held-out text"
            f" (95 % {low:.3f} to {high:.3f}; {measured['nats_per_token']:.4f} nats a token)"
            f"{'; ' + beside if beside else ''}",
        )
        unknown = unknown_in(trainer.tokens("validation"), trainer.tokenizer)
        if unknown > measured["tokens"] / 1000:  # a stray one is no news
            console.print(unknown_means(unknown, measured["tokens"]), style="yellow")
    if "training" in results:
        losses = results["training"]
        console.print(
            f"the last name's loss was {losses['last_name']:.4f} nats a token: one name's, easy or hard. All names"
            f" trained on: {losses['all_names']:.4f}. {results['seconds']:.2f} s of training, after"
            f" {losses['seconds_to_compile']:.1f} s to load or compile it.\n"
            f"Twenty names: {' '.join(results['samples'])}",
        )


def _conclude_encoder(trainer, console):
    results = trainer.about["results"]
    if "pairs" in results:
        console.print(_told(results["pairs"], trainer.about["marked"]["kind"])
                      + (f"; before, {_told(results['before'], trainer.about['marked']['kind'])}"
                         if "before" in results else ""))  # fmt: skip
        return
    if "validation" not in results:
        console.print(f"nothing was measured: {results['unmeasured']}", style="yellow")
        return
    mrr, by_chance = results["validation"]["mrr"], results["validation"]["by_chance"]["mrr"]
    beside = "".join(f"; {name} {value:.3f}" for name, value in results["yardsticks"].items())
    low, high = mrr["interval_95"]
    beside = f"; before, {results['before']['mrr']['value']:.3f}{beside}" if "before" in results else beside
    console.print(
        f"[bold]half-match {mrr['value']:.3f} MRR[/] over {mrr['n']:,} held-out passages (95 % {low:.3f} to {high:.3f})"
        f"{beside}; by lot {by_chance:.3f}. {results['seconds']:.1f} s of training."
    )


def _told(found, kind):
    """What held-out marked pairs say of an encoder, in a sentence's part."""
    if "unmeasured" in found:
        return f"nothing was measured on the held-out pairs: {found['unmeasured']}"
    if kind == "same":
        accuracy, f1 = (found["figures"][name] for name in ("accuracy", "F1"))
        return (f"the same from a cosine of {found['threshold']:.3f} on: accuracy {accuracy['value']:.3f}, F1"
                f" {f1['value']:.3f} on {accuracy['n']:,} held-out pairs (calling all the same: F1"
                f" {found['all_same']['F1']:.3f})")  # fmt: skip
    name, figure = next(iter(found.items()))
    what = {"spearman": "Spearman's ρ with the scores", "right": "triplets told right"}[name]
    low, high = figure["interval_95"]
    return f"{what} {figure['value']:.3f} (95 % {low:.3f} to {high:.3f}) on {figure['n']:,} held-out rows"


def _bar(console):
    narrow = console.is_terminal and console.width < 84
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=8 if narrow else 24),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("[red]{task.fields[loss]}[/]"),
        TextColumn("{task.fields[validation]}"),
        *([] if narrow else [TextColumn("{task.fields[speed]}")]),
        TimeRemainingColumn(),
        console=console,
        refresh_per_second=5,
        transient=console.quiet,
    )


@contextmanager
def interrupts(trainer):
    """The first Ctrl-C lets the step in hand finish and be kept; the second stops at once."""

    def ask(*_):
        trainer.stop()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
