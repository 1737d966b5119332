"""A scene that breaks one rule of the layout: The scene ends with a text on the screen."""

from hornbook.film.scene import FilmScene


class Bad(FilmScene):
    """The scene ends with a text on the screen."""

    def construct(self):
        self.show(self.text("still here"))
        self.hold(2)
