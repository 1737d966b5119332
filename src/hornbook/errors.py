"""The one exception that is shown to a person as it stands: what it got, what it needs, what would work."""


class HornbookError(ValueError):
    """Bad input, said in one or two lines. The command line prints it without a traceback and exits with 2."""


def nearest(word: str, known) -> str:
    """A ready-made tail for an error message: ``' Did you mean "lstm"?'`` or the list of what there is."""
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), n=1, cutoff=0.5)
    if close:
        return f' Did you mean "{close[0]}"?'
    return f" There is: {', '.join(known)}."
