"""The closing: where to go from here, and the two commands to begin."""

from hornbook.film.scene import FilmScene

NEXT = (
    ("more text", "meaning comes from what is read", "embedding"),
    ("contrastive training", "whole sentences as vectors", "mlp"),
    ("search", "your documents, by word and by meaning", "attention"),
    ("serving", "keep vectors, renew them with the model", "stream"),
    ("alternatives", "count first: it is hard to beat", "memory"),
    ("limits", "a model knows its text, and no more", "loss"),
)
COMMANDS = "<attention|$> make demo\n<attention|$> hornbook ladder my-notes/ --minutes {=2}"


class Closing(FilmScene):
    """Six ways on, then the commands; the last frame of the film is empty."""

    accent = "attention"

    def construct(self):
        self.ways()
        self.clear_section()
        self.commands()
        self.clear_section()

    def ways(self):
        """What to try next, the baselines to try before it, and what no model can do."""
        top = self.header("Next steps")
        names = [self.text(f"<{family}|{name}>").stand(-5.3, y(i)) for i, (name, _, family) in enumerate(NEXT)]
        whats = [self.text(what, colour="faint").stand(-1.3, y(i)) for i, (_, what, _) in enumerate(NEXT)]
        rows = [self.block(*row) for row in zip(names, whats)]
        self.block(*names, *whats)
        self.say("Next: more text, sentences, search, serving.")
        self.show(top, *rows[:4], lag=0.4)
        self.say("Count first, and know the limits of each.")
        self.show(*rows[4:], lag=0.4, seconds=0.6)

    def commands(self):
        """The two lines of a terminal that set everything up and train on one's own text."""
        title = self.text("Build every part yourself", "title")
        lines = self.text(COMMANDS, face="mono")
        self.say("You know every part. Two commands begin it: a demo, then your own text.")
        self.show(title.move_to([0, 0.9, 0]), lines.move_to([0, -0.7, 0]), lag=0.6)


def y(row):
    """The baseline of a row of the list."""
    return 1.6 - 0.75 * row
