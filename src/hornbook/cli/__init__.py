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


PANELS = {  # of `hornbook --help`, in its order: heading -> commands
    "Texts and models": ("corpora", "tokenize", "train", "evaluate", "explain", "ladder"),
    "Write": ("generate",),
    "Words": ("neighbours", "analogy", "odd", "topics", "map"),
    "Documents": ("index", "search", "cluster", "paraphrases", "classify", "similar", "encode"),
    "Learn": ("guide", "film", "lessons"),
    "Exchange": ("export", "distill"),
}


def load_commands():
    """Let every file of this folder add its commands, and put them under their headings."""
    from importlib import import_module

    homes = {"analogy": "neighbours", "odd": "neighbours", "index": "search"}
    for names in PANELS.values():
        for name in names:
            import_module(f"hornbook.cli.{homes.get(name, name)}")
    heading_of = {name: (place, heading) for place, (heading, names) in enumerate(PANELS.items()) for name in names}
    for command in app.registered_commands:
        command.rich_help_panel = heading_of.get(_name(command), (0, None))[1]
    app.registered_commands.sort(key=lambda command: heading_of.get(_name(command), (99, None))[0])


def _name(command):
    return command.name or command.callback.__name__


def main(arguments=None):
    """Run one command; bad input becomes a message on stderr and exit code 2, never a traceback."""
    load_commands()
    from hornbook.cli.cuts import told_at_the_end
    from hornbook.errors import HornbookError

    try:
        with told_at_the_end(console):
            app(arguments)
    except HornbookError as error:
        _fail(str(error), 2)
    except KeyboardInterrupt:
        _fail("stopped.", 130)
    except BrokenPipeError:  # the reader of our output went away: `hornbook generate … | head`
        sys.stderr.close()
        sys.exit(0)
    except MemoryError as error:
        _fail(f"this needs more memory than there is: {str(error) or 'none is left'}. Smaller settings need less.", 1)
    except OSError as error:
        _fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "), 1)


def _fail(message, code):
    from rich.text import Text

    console(stderr=True).print(Text.assemble(("hornbook: ", "red"), message))
    sys.exit(code)
