"""A scene that breaks one rule of the layout: A caption that is cut off by the end."""

from hornbook.film.scene import FilmScene


class Bad(FilmScene):
    """A caption that is cut off by the end."""

    def construct(self):
        dot = self.line([-1, 0, 0], [1, 0, 0])
        self.show(dot)
        self.say("These words are spoken far too late to be read.")
        self.hide(dot)
