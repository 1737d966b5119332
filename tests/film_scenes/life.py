"""A scene that breaks one rule of the layout: A text is there without having come in."""

from hornbook.film.scene import FilmScene


class Bad(FilmScene):
    """A text is there without having come in."""

    def construct(self):
        self.add(self.text("suddenly"))
        self.hold(2)
        self.clear_section()
