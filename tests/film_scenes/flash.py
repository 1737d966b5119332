"""A scene that breaks one rule of the layout: A panel that blinks five times a second."""

from manim import linear

from hornbook.film.scene import FilmScene


class Bad(FilmScene):
    """A panel that blinks five times a second."""

    def construct(self):
        panel = self.clock(12).stretch_to_fit_height(5)
        self.show(panel)
        for _ in range(5):
            self.play(panel.animate(run_time=0.1, rate_func=linear).set_opacity(0.1))
            self.play(panel.animate(run_time=0.1, rate_func=linear).set_opacity(1.0))
        self.clear_section()
