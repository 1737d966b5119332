"""The cards that open the six sections: their number, their title, and what they go through."""

from manim import RIGHT, VGroup

from hornbook.film.scene import FilmScene
from hornbook.film.script import SECTIONS


class Title(FilmScene):
    """A section's card, for about four seconds."""

    section = None

    def construct(self):
        number = self.text(f"<{self.accent}|Section {{={self.section.number}}}>", "detail")
        title = self.text(self.section.title, "title")
        steps = [self.text(part.title, "detail", "faint") for part in self.section.parts if part.name.isdigit()]
        VGroup(*steps).arrange(RIGHT, buff=0.6).move_to([0, -0.65, 0])
        self.block(number.move_to([0, 1.05, 0]), title.move_to([0, 0.25, 0]), *steps)
        self.say(f"{self.section.title}.")
        self.show(number, title, *steps, lag=0.25)
        self.hold(1.6)
        self.clear_section()


ACCENTS = ("stream", "embedding", "embedding", "loss", "mlp", "attention")
for _section, _accent in zip(SECTIONS, ACCENTS):
    globals()[f"Title{_section.number}"] = type(
        f"Title{_section.number}", (Title,), {"section": _section, "accent": _accent}
    )
