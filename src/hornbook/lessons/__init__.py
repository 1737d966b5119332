"""What a notebook imports: check an answer, take a hint, note a prediction, go on with what is given, what it needs."""

from hornbook.lessons.session import check, given, hint, needs, predict, text

__all__ = ["check", "given", "hint", "needs", "predict", "text"]
