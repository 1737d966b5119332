"""What tests of the film share: a small recording, and a scene played from a function."""

import pytest

pytest.importorskip("manim", reason="the film's extra is not installed")
pytest.importorskip("ziamath", reason="the film's extra is not installed")

from hornbook.film import stage
from hornbook.film.recording import Recording
from hornbook.film.scene import FilmScene

TINY = stage.Quality(128, 72, 10)
VALUES = {
    "toy.loss": 0.713319, "toy.tiny": -0.0004, "toy.ids": [15, 8470, 2], "toy.words": ["the", "cat", "2nd"],
    "toy.rows": [[0.1, -0.25, 0.5], [1.0, 0.0, -1.0]], "toy.curve": [3.0, 2.0, 1.5, 1.25], "toy.steps": [0, 10, 20, 30],
    "toy.places": [[0.0, 0.0], [4.0, 1.0], [2.0, 2.0]],
}  # fmt: skip
RECORDING = Recording({"toy": {}}, {name: {"run": "toy", "what": "", "data": data} for name, data in VALUES.items()})


def played(construct, watcher=None, quality=TINY):
    """The scene whose construct is this function, after its end."""
    kind = type("Toy", (FilmScene,), {"construct": construct, "__doc__": "a scene of a test"})
    return stage.play(kind, RECORDING, quality, watcher or stage.Watcher())


class Unseen(stage.Watcher):
    """Wants no pixels: counts what it is given."""

    pixels = False

    def __init__(self):
        self.frames, self.mobjects = [], []

    def frame(self, scene, pixels, count, resting):
        self.frames.append((count, resting))
        self.mobjects.append(list(scene.mobjects))


def made(call):
    """The element that a call on a scene makes, as ``made(lambda s: s.text("a"))``."""
    kept = []
    played(lambda scene: kept.append(call(scene)), Unseen())
    return kept[0]
