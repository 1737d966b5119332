"""A scene that breaks one rule of the layout: Two texts of different blocks nearly touch."""

from hornbook.film.scene import FilmScene


class Bad(FilmScene):
    """Two texts of different blocks nearly touch."""

    def construct(self):
        self.show(self.text("one").move_to([0, 0, 0]), self.text("another").move_to([0, -0.6, 0]))
        self.hold(2)
        self.clear_section()
