"""Training as one watches it: a bar with loss, validation loss, tokens a second and time left."""

import signal
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn


def train_with_bar(trainer, quiet=False, brief=False):
    """Run `trainer` to its end, or to Ctrl-C, drawing a bar on stderr. Returns the measured model, or None if stopped.

    `brief` leaves out what is the same for all rungs of a ladder.
    """
    console = Console(stderr=True, quiet=quiet)
    if not brief:
        _announce_text(trainer, console)
    _announce_network(trainer, console)
    with interrupts(trainer), _bar(console) as progress:
        task = progress.add_task(trainer.model, total=1.0, loss="", validation="", speed="")
        validation = None
        for step, measured in trainer.steps():
            validation = measured if measured is not None else validation
            progress.update(
                task,
                completed=step.progress,
                description=f"step {step.step:,}",
                loss=f"loss {step.loss:.3f}",
                validation="" if validation is None else f"val {validation:.3f}",
                speed=f"{step.tokens / max(step.seconds, 1e-9):,.0f} tokens/s",
            )
        progress.update(task, completed=1.0)
    if trainer.stopped:
        console.print(f"stopped. Go on with: hornbook train --resume --out {trainer.folder}", soft_wrap=True)
        return None
    with console.status("measuring on the whole held-out text"):
        model = trainer.finish()
    _conclude(trainer, console)
    if not brief:
        console.print(f"Next: hornbook generate {trainer.folder}", highlight=False, soft_wrap=True)
    return model


def _announce_text(trainer, console):
    where = trainer.about["corpus"]
    console.print(
        f"[bold]{trainer.model}[/] on {where['name']}: {where['characters']['train']:,} characters to train on,"
        f" {where['characters']['validation']:,} held out, {trainer.tokenizer.vocab_size:,} tokens in the"
        f" vocabulary ({trainer.tokenizer.kind}), into {trainer.folder}",
        highlight=False,
        soft_wrap=True,
    )


def _announce_network(trainer, console):
    if trainer.kind.trained_by == "names":
        beside = ", ".join(f"{name} {nats:.4f}" for name, nats in trainer.job.yardsticks.items())
        for part, number in trainer.kind.reference.count(trainer.config).items():
            console.print(f"  {part}: {number:,} parameters", highlight=False)
        console.print(f"beside each loss, on the names trained on: {beside}", highlight=False, soft_wrap=True)
    elif trainer.job:
        budget, settings = trainer.job.budget, trainer.settings
        console.print(
            f"[bold]{trainer.model}[/]: {budget.parameters:,} parameters; {budget.sentence(settings.batch_size)};"
            f" {trainer.job.threads} thread{'s' * (trainer.job.threads > 1)}, {settings.precision},"
            f" {settings.optimizer}",
            highlight=False,
            soft_wrap=True,
        )
        if trainer.job.done:
            console.print(f"going on after step {trainer.job.done:,}")


def _conclude(trainer, console):
    results = trainer.about["results"]
    if "validation" in results:
        measured, below = results["validation"], results.get("yardsticks", {})
        beside = ", ".join(f"{name} {bits:.3f}" for name, bits in below.items())
        console.print(
            f"[bold]{measured['bits_per_character']:.3f} bits per character[/] on the whole held-out text"
            f" ({measured['nats_per_token']:.4f} nats a token){'; ' + beside if beside else ''}",
            highlight=False,
            soft_wrap=True,
        )

    if "training" in results:
        losses = results["training"]
        console.print(
            f"the last name's loss was {losses['last_name']:.4f} nats a token: one name's, easy or hard. All names"
            f" trained on: {losses['all_names']:.4f}. {results['seconds']:.2f} s of training, after"
            f" {losses['seconds_to_compile']:.1f} s to load or compile it.\n"
            f"Twenty names: {' '.join(results['samples'])}",
            highlight=False,
            soft_wrap=True,
        )


def _bar(console):
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("[red]{task.fields[loss]}[/]"),
        TextColumn("{task.fields[validation]}"),
        TextColumn("{task.fields[speed]}"),
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
