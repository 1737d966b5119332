"""A scene that breaks one rule of the layout: A value that was changed after it was printed."""

from hornbook.film.scene import FilmScene


class Bad(FilmScene):
    """A value that was changed after it was printed."""

    def construct(self):
        loss = self.number("loss.example.loss", digits=2)
        loss.printed = tuple(put._replace(text="0.29") for put in loss.printed)
        loss.string = "0.29"
        self.show(loss)
        self.hold(2)
        self.clear_section()
