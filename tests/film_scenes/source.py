"""A scene that breaks one rule of the layout: Words that hide from the checks."""

from manim import FadeIn, Text

from hornbook.film.scene import FilmScene


class Bad(FilmScene):
    """Words that hide from the checks."""

    def construct(self):
        words = Text("0.97", font_size=24)
        self.play(FadeIn(words))
        self.hold(2)
        self.clear_section()
