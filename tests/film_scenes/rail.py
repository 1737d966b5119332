"""A scene that breaks one rule of the layout: A text stands where the captions run."""

from hornbook.film.scene import FilmScene


class Bad(FilmScene):
    """A text stands where the captions run."""

    def construct(self):
        self.show(self.text("under the captions").move_to([0, -3.6, 0]))
        self.hold(2)
        self.clear_section()
