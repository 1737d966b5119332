"""What is shown to a person as it stands: an error, with what it got, needs, and what would work; and a warning."""


class HornbookError(ValueError):
    """Bad input, said in one or two lines. The command line prints it without a traceback and exits with 2."""


class CutTexts(UserWarning):
    """Of some texts an encoder read only the first `room` tokens; `cut` is a text's hash -> the tokens left out."""

    def __init__(self, cut, room):
        self.cut, self.room, self.texts, self.tokens = cut, room, len(cut), sum(cut.values())
        longer = "1 text is" if self.texts == 1 else f"{self.texts:,} texts are"
        read = f"longer than the {room:,} tokens that are read of one"
        super().__init__(f"{longer} {read}; {self.tokens:,} tokens were cut off.")

    def __reduce__(self):
        return CutTexts, (self.cut, self.room)


def nearest(word: str, known) -> str:
    """A ready-made tail for an error message: ``' Did you mean "lstm"?'`` or the list of what there is."""
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), n=1, cutoff=0.5)
    if close:
        return f' Did you mean "{close[0]}"?'
    return f" There is: {', '.join(known)}."
