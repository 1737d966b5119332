"""A scene that breaks one rule of the layout: A digit that nobody measured."""

from hornbook.film.scene import FilmScene


class Bad(FilmScene):
    """A digit that nobody measured."""

    def construct(self):
        self.show(self.text("it is 97 times better"))
        self.hold(2)
        self.clear_section()
