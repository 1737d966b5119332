"""What a notebook imports: check an answer, take a hint, note a prediction, go on with what is given."""

from hornbook.lessons.session import check, given, hint, predict, text

__all__ = ["check", "given", "hint", "predict", "text"]
