"""The command line: one file per group of commands; each parses, calls one function, and prints."""

import sys
from typing import Annotated

import typer

app = typer.Typer(
    name="hornbook",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool):
    if wanted:
        from hornbook import __version__

        print(f"hornbook {__version__}")
        raise typer.Exit


@app.callback(epilog="hornbook COMMAND --help says more, with examples. Begin with: hornbook ladder shakespeare")
def hornbook(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which hornbook this is.")
    ] = False,
):
    """Text models small enough to read, fast enough to use, with every number visible."""


def console(**choices):
    """Where people are told things: wrapped between words on a screen, each sentence on one line in a pipe."""
    from rich.console import Console

    made = Console(highlight=False, **choices)
    made.soft_wrap = not made.is_terminal
    return made


def main(arguments=None):
    """Run one command; bad input becomes a message on stderr and exit code 2, never a traceback."""
    from hornbook.cli import (  # noqa: F401  (each adds its commands)
        corpora,
        distill,
        encode,
        evaluate,
        explain,
        export,
        generate,
        ladder,
        map,
        neighbours,
        search,
        tokenize,
        topics,
        train,
    )
    from hornbook.errors import HornbookError

    try:
        app(arguments)
    except HornbookError as error:
        _fail(str(error), 2)
    except KeyboardInterrupt:
        _fail("stopped.", 130)
    except BrokenPipeError:  # the reader of our output went away: `hornbook generate … | head`
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        _fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "), 1)


def _fail(message, code):
    from rich.text import Text

    console(stderr=True).print(Text.assemble(("hornbook: ", "red"), message))
    sys.exit(code)
