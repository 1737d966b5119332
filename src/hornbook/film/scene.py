"""FilmScene: what every scene of the film is written with. README.md beside it says how."""

from manim import DOWN, LEFT, UP, FadeIn, FadeOut, LaggedStart, Scene, VGroup, linear

from hornbook.errors import HornbookError, nearest
from hornbook.film import captions
from hornbook.film.drawing import Drawing
from hornbook.film.lettering import Label
from hornbook.film.numerals import fill

SPOKEN = 15  # characters a second that a caption is given
ENTRANCES = {
    "fade": lambda it, seconds: FadeIn(it, run_time=seconds),
    "rise": lambda it, seconds: FadeIn(it, shift=0.15 * UP, run_time=seconds),
    "fall": lambda it, seconds: FadeIn(it, shift=0.15 * DOWN, run_time=seconds),
}


class FilmScene(Drawing, Scene):
    """A step of the film. `construct` makes elements, shows them, says what they mean, and clears the frame.

    number_shown: the step's, in its headers; accent: the family whose colour leads.
    """

    number_shown, accent = None, "embedding"

    def __init__(self, recording, renderer):
        self.recording, self.inputs = recording, set()
        self.elements, self.captions, self._saying, self._kept_until = [], [], None, 0.0
        super().__init__(renderer=renderer)

    # what is on the screen

    def element(self, made, block=None):
        """Register what a kit call made: its labels form one block. Every kit call ends here."""
        block = len(self.elements) if block is None else block
        self.elements.append(made)
        for part in made.get_family():
            if isinstance(part, Label):
                part.block = block
        return made

    def block(self, *elements):
        """Group elements whose texts may stand close together (a formula and its note); returns the group."""
        group = self.element(VGroup(*elements))
        group.scanned = True  # each of its elements is read on its own
        return group

    def show(self, *elements, seconds=0.8, lag=0.0, how="rise"):
        """Bring elements in; with `lag` one after the other, each that share of `seconds` later."""
        if how not in ENTRANCES:
            raise HornbookError(f'nothing enters by "{how}".{nearest(how, ENTRANCES)}')
        self._play_all([ENTRANCES[how](it, seconds) for it in elements], lag)

    def hide(self, *elements, seconds=0.5, lag=0.0):
        """Take elements out; after it they are gone."""
        self._play_all([FadeOut(it, run_time=seconds) for it in elements], lag)

    def swap(self, old, new, seconds=0.8):
        """Put `new` in the place of `old`: out, then in, so that no text is ever over another."""
        self.hide(old, seconds=seconds / 2)
        self.show(new, seconds=seconds / 2, how="fade")

    def _play_all(self, animations, lag):
        if animations:
            self.play(*([LaggedStart(*animations, lag_ratio=lag)] if lag else animations))

    def clear_section(self, keep=(), seconds=0.6):
        """Finish the caption, then take out everything but `keep`."""
        self.rest()
        kept = {id(part) for it in keep for part in it.get_family()}
        gone = [it for it in self.mobjects if not any(id(part) in kept for part in it.get_family())]
        if gone:
            self.hide(*gone, seconds=seconds)
        if not keep:
            self._close_caption()

    # what is said

    def say(self, template):
        """A caption from now until the next one; waits first until the one before it has been read."""
        filled = fill(template, self.noting)
        captions.lines_of(filled.text)
        self.rest()
        self._close_caption()
        self._saying = (filled, self.time)
        self._kept_until = self.time + max(captions.SHORTEST, len(filled.text) / SPOKEN)

    def rest(self, extra=0.0):
        """Hold the frame until the caption has been read, and `extra` seconds more."""
        left = self._kept_until - self.time + extra
        if left > 1e-6:
            self.wait(left)

    def hold(self, seconds):
        """Hold the frame."""
        self.wait(seconds)

    def _close_caption(self):
        if self._saying:
            self._said(*self._saying, self.time)
            self._saying = None

    def _said(self, filled, start, end):
        self.captions.append(captions.Caption(filled.text, start, end, filled.printed, filled.loose))

    def tear_down(self):
        """Manim's end of a scene: the last caption ends with it."""
        self._close_caption()

    def _read_out(self, said, seconds):
        """Captions (Filled) that share the next `seconds` by their lengths."""
        start, whole = self.time, sum(len(filled.text) for filled in said)
        for filled in said:
            end = start + seconds * len(filled.text) / whole
            self._said(filled, start, end)
            start = end

    # what a section needs

    def question(self, ask, choices, answer, because, pause=5.0):
        """A predict-pause: the question with its choices, a line that runs out, then the answer and its reason."""
        header = self.header("Predict, then look", number=False)
        asked = self.text(ask, size="content").move_to([0, 1.75, 0])
        boxes = [self.choice(letter, words) for letter, words in zip("ABCD", choices)]
        column = VGroup(*boxes).arrange(DOWN, buff=0.35, aligned_edge=LEFT).move_to([0, -0.15, 0])
        clock = self.clock().move_to([0, column.get_bottom()[1] - 0.45, 0])
        self.say(ask.replace("\n", " "))
        self.show(header, asked)
        self.show(*boxes, clock, lag=0.2, seconds=0.6)
        self.rest()
        self._close_caption()
        self._read_out([box.said for box in boxes], pause)
        self.play(clock.animate.stretch(0.001, 0, about_edge=LEFT), run_time=pause, rate_func=linear)
        self.hide(clock, seconds=0.2)
        others = [box for place, box in enumerate(boxes) if place != answer]
        self.say(because)
        right = boxes[answer].box.animate(run_time=0.6).set_stroke(self.colour("attention"), 4)
        self.play(right, *(FadeOut(box, run_time=0.6) for box in others))
        reason = self.reason(because).next_to(boxes[answer], DOWN, buff=0.55).set_x(0)
        self.show(reason)
        self.rest(1.0)
        self.clear_section()
