"""The command line: one file per group of commands; each parses, calls one function, and prints."""

import sys

import typer

app = typer.Typer(
    name="hornbook",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Text models small enough to read, fast enough to use, with every number visible.",
)


def main(arguments=None):
    """Run one command; bad input becomes a message on stderr and exit code 2, never a traceback."""
    from hornbook.cli import corpora, evaluate, explain, generate, ladder, tokenize, train  # noqa: F401  (each adds its commands)
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
    from rich.console import Console
    from rich.text import Text

    Console(stderr=True, soft_wrap=True).print(Text.assemble(("hornbook: ", "red"), message))
    sys.exit(code)
