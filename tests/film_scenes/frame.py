"""A scene that breaks one rule of the layout: A text reaches over the right edge."""

from hornbook.film.scene import FilmScene


class Bad(FilmScene):
    """A text reaches over the right edge."""

    def construct(self):
        self.show(self.text("out of the frame").move_to([6.2, 0, 0]))
        self.hold(2)
        self.clear_section()
