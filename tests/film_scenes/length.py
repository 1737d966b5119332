"""A scene that breaks one rule of the layout: A step that takes a minute."""

from hornbook.film.scene import FilmScene


class Bad(FilmScene):
    """A step that takes a minute."""

    number_shown = 3

    def construct(self):
        self.show(self.text("patience"))
        self.hold(60)
        self.clear_section()
