"""A cell that was run too early, in a notebook: under Python's own NameError, which cell makes the name."""

import sys

_installed = []  # our own handlers, to tell them from somebody else's


def watch(notebook):
    """From now on, say under each NameError of this session which cell of `notebook` makes the name."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None or (shell.custom_exceptions and shell.CustomTB not in _installed):
        return

    def told(shell, kind, error, traceback, tb_offset=None):
        from hornbook.lessons.building import makers
        from hornbook.lessons.rendering import show_note

        shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)
        if cell := makers(notebook, error.name):
            show_note(f"{error.name} is made in {cell}: run that cell first, then this one again.")

    shell.set_custom_exc((NameError,), told)
    _installed[:] = [shell.CustomTB]
