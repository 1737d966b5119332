"""The linter of one scene: a watcher that measures each frame, and what follows from all of them."""

from typing import NamedTuple

import numpy as np

from hornbook.film import captions, numerals, stage
from hornbook.film.lettering import Label
from hornbook.film.lint import flashes, rules
from hornbook.film.lint.snapshot import snapshot
from hornbook.palette import PAPER

PACE = 15  # characters a second
LONGEST = 55.0  # seconds of a step
QUALITY = stage.Quality(256, 144, 15)


class Finding(NamedTuple):
    """One broken rule: which, when it is first seen (seconds), what breaks it, and how."""

    rule: str
    time: float
    what: str
    words: str


class Linter(stage.Watcher):
    """Looks at every frame without drawing it; `findings` after the scene's end."""

    pixels = False

    def __init__(self):
        self.found, self.seen, self.now = {}, {}, 0.0
        self.lights, self.before, self.shown, self.said = [], {}, {}, []

    def frame(self, scene, pixels, count, resting):
        now = snapshot(scene, self.now, resting)
        for rule, what, words in rules.look(now):
            self.report(rule, what, words)
        self._watch_life(now)
        seconds = count / QUALITY.rate
        for it in now.words:
            if it.opacity >= 0.5:
                self.seen[id(it.label)] = self.seen.get(id(it.label), 0.0) + seconds
            self.shown[id(it.label)] = it.label
        self.lights.append((self.now, flashes.light(now)))
        self.now += seconds

    def report(self, rule, what, words, time=None):
        """Keep a finding when it is first seen: now, or at another time."""
        self.found.setdefault((rule, what), Finding(rule, self.now if time is None else time, what, words))

    def ended(self, scene):
        self._nothing_left(scene)
        self._read(scene)
        self._listen(scene)
        for label in self.shown.values():
            text = None if label.role == "formula" else label.string
            self._found_again(label.printed, text, scene.recording)
        worst = flashes.flashes(*zip(*self.lights)) if self.lights else None
        if worst:
            words = f"{worst[1]} flashes in a second, {flashes.MOST} are the most"
            self.report("flash", f"from {worst[0]:.1f} s", words)
        if scene.number_shown is not None and self.now > LONGEST:
            self.report("length", "the step", f"lasts {self.now:.1f} s, {LONGEST:.0f} are the most")

    @property
    def findings(self):
        """In the order of time."""
        return sorted(self.found.values(), key=lambda finding: finding.time)

    @property
    def printed(self):
        """Every value that was on the screen or said: Printed."""
        return {put for it in [*self.shown.values(), *self.said] for put in it.printed}

    def _listen(self, scene):
        """Captions are the transcript: their times, and every numeral in them."""
        self.said = scene.captions
        for caption, words in captions.faults(scene.captions):
            self.report("caption", f'"{caption.text[:40]}"', words, caption.start)
        for caption in scene.captions:
            if caption.loose:
                self.report("said", f'"{caption.text[:40]}"', rules.unnamed(caption.loose), caption.start)
            self._found_again(caption.printed, caption.text, scene.recording, caption.start)

    def _watch_life(self, now):
        """A label comes in and goes out by an animation, or takes the place of one that was moved there."""
        here = {id(it.label): it for it in now.words}
        came = [it for key, it in here.items() if key not in self.before and it.opacity > 0.9]
        gone = [it for key, it in self.before.items() if key not in here and it.opacity > 0.9]
        for one, others, words in ((came, gone, "appears"), (gone, came, "vanishes")):
            for it in one:
                copies = [other for other in now.words if other.label is not it.label and rules.is_copy(it, other)]
                if not any(np.abs(it.box - other.box).max() < 0.6 for other in [*others, *copies]):
                    self.report("life", rules.name_of(it), f"{words} without an animation")
        self.before = here

    def _nothing_left(self, scene):
        left = [it for it in scene.mobjects if any(len(part.points) for part in it.get_family())]
        for it in left:
            labels = [part.string for part in it.get_family() if isinstance(part, Label)]
            self.report("left", labels[0] if labels else type(it).__name__, "is still there at the end")
        renderer = scene.renderer
        renderer.static_image = None
        renderer.update_frame(scene)
        paper = [int(PAPER.dark[i : i + 2], 16) for i in (1, 3, 5)]
        if not left and (renderer.camera.pixel_array[:, :, :3] != paper).any():
            self.report("left", "the last frame", "is not empty")

    def _found_again(self, printed, text, recording, time=None):
        """What was printed stands in the text (where that is given), and is the recording's to its last digit."""
        for put in printed:
            kept = numerals.at(recording, put.name, put.index)
            if (text is not None and put.text not in text) or not says(put.text, kept):
                self.report("number", f'"{put.text}"', f"{put.name}{list(put.index)} is {kept}", time)

    def _read(self, scene):
        for made in scene.elements:
            labels = [part for part in made.get_family() if isinstance(part, Label) and id(part) in self.seen]
            scanned = getattr(made, "scanned", False)
            for group in [[label] for label in labels] if scanned else [labels] if labels else []:
                letters = sum(map(_letters, group))
                seconds = max(self.seen[id(label)] for label in group)
                if seconds < letters / PACE - 1 / QUALITY.rate:
                    words = f"is there for {seconds:.1f} s, its {letters} characters take {letters / PACE:.1f}"
                    self.report("reading", f'"{group[0].string[:40]}"', words)


class Said(NamedTuple):
    """A numeral on the screen as a number, and half of its last digit."""

    value: float
    half: float


def says(text, kept):
    """Whether a printed text is the recorded value at the precision of the text."""
    if isinstance(kept, str):
        return text == kept
    said = number_in(text)
    return abs(said.value - float(kept)) <= said.half * 1.001


def number_in(text):
    """Read a printed numeral: 12,345 · −0.07 · 49.0% · 1.2e−05."""
    plain = text.replace(numerals.MINUS, "-").replace(",", "").rstrip("%")
    digits, _, power = plain.partition("e")
    unit = 10.0 ** (int(power or 0) - len(digits.partition(".")[2])) / (100 if text.endswith("%") else 1)
    return Said(float(plain) / (100 if text.endswith("%") else 1), unit / 2)


def _letters(label):
    """How much there is to read; of code, its indentation is not."""
    return len("".join(label.string.split()) if label.role == "code" else label.string)
