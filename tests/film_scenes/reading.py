"""A scene that breaks one rule of the layout: A sentence that is gone before it is read."""

from hornbook.film.scene import FilmScene


class Bad(FilmScene):
    """A sentence that is gone before it is read."""

    def construct(self):
        self.show(self.text("Nobody could read all this"))
        self.hold(0.5)
        self.clear_section()
