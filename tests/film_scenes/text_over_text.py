"""A scene that breaks one rule of the layout: One text crosses another, and only while it moves."""

from hornbook.film.scene import FilmScene


class Bad(FilmScene):
    """One text crosses another, and only while it moves."""

    def construct(self):
        still = self.text("stays here")
        moving = self.text("passes by").move_to([-4, 0, 0])
        self.show(still, moving)
        self.hold(1)
        self.play(moving.animate.move_to([4, 0, 0]))
        self.hold(1)
        self.clear_section()
