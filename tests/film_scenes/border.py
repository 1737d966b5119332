"""A scene that breaks one rule of the layout: A frame's border runs through a text, and only while it moves."""

from hornbook.film.scene import FilmScene


class Bad(FilmScene):
    """A frame's border runs through a text, and only while it moves."""

    def construct(self):
        words = self.text("stays here")
        border = self.frame_around(self.text("made for its size")).move_to([-4, 0, 0])
        self.show(words, border)
        self.hold(1)
        self.play(border.animate.move_to([4, 0, 0]))
        self.hold(1)
        self.clear_section()
