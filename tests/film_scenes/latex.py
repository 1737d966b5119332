"""A scene that breaks one rule of the layout: A class that needs LaTeX."""

from manim import MathTex

from hornbook.film.scene import FilmScene


class Bad(FilmScene):
    """A class that needs LaTeX."""

    def construct(self):
        self.show(self.text("no formula here"))
        self.hold(2)
        self.clear_section()

    def never(self):
        """Found in the source, without being called."""
        return MathTex("x^2")
