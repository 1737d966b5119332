"""A scene that breaks one rule of the layout: A text is made smaller than can be read."""

from hornbook.film.scene import FilmScene


class Bad(FilmScene):
    """A text is made smaller than can be read."""

    def construct(self):
        self.show(self.text("who can read this", "small").scale(0.8))
        self.hold(2)
        self.clear_section()
