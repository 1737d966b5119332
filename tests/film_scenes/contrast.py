"""A scene that breaks one rule of the layout: Faint words on a coloured bar."""

from hornbook.film.scene import FilmScene


class Bad(FilmScene):
    """Faint words on a coloured bar."""

    def construct(self):
        bar = self.clock(5).stretch_to_fit_height(1)
        self.show(bar, self.text("hardly there", colour="faint"))
        self.hold(2)
        self.clear_section()
