"""What every command says of texts that an encoder cut: a line on stderr, when the command ends."""

import warnings
from contextlib import contextmanager

from hornbook.errors import CutTexts


@contextmanager
def told_at_the_end(console):
    """Gather the `CutTexts` warnings of the block, and say at its end how many texts were cut; others are shown."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", CutTexts)
        found, show = {}, warnings.showwarning

        def gather(message, *where, **how):
            if isinstance(message, CutTexts):
                found.setdefault(message.room, {}).update(message.cut)  # whichever encoder it was
            else:
                show(message, *where, **how)

        warnings.showwarning = gather
        try:
            yield
        finally:
            for room, cut in found.items():
                console(stderr=True).print(f"hornbook: {CutTexts(cut, room)}", style="yellow")
