"""A scene that breaks one rule of the layout: A header is cut by the upper edge."""

from hornbook.film.scene import FilmScene


class Bad(FilmScene):
    """A header is cut by the upper edge."""

    def construct(self):
        self.show(self.header("Too high").shift([0, 0.6, 0]))
        self.hold(2)
        self.clear_section()
