"""A scene that breaks one rule of the layout: A caption with a digit that nobody measured."""

from hornbook.film.scene import FilmScene


class Bad(FilmScene):
    """A caption with a digit that nobody measured."""

    def construct(self):
        self.show(self.text("in words only"))
        self.say("Our model is 97 times better, in 0.123 seconds.")
        self.rest()
        self.clear_section()
