"""The cache of drawn scenes: a scene is drawn again when its source, the kit, its numbers or the fonts change."""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

from hornbook.fetching import cache_folder
from hornbook.files import write_json
from hornbook.film import script
from hornbook.film.fonts import FACES, font_file

AFTER_DRAWING = {"cache.py", "render.py", "stills.py", "recording.py", "voice.py"}  # these change no frame
DRAWN_WITH = ("manim", "ziamath", "matplotlib", "numpy", "av", "pycairo")


class Kept:
    """Where the film of one part at one quality lies, or will: `path()` is None while it is to be drawn."""

    def __init__(self, part, quality, recording):
        self.part, self.quality, self.recording = part, quality, recording
        self.folder = cache_folder() / "film" / f"{part.name}-{quality}-{source_key(part, quality)}"

    def path(self):
        """The drawn film; None when there is none, or what is kept is not what was drawn."""
        try:
            path = self.place(_json(self.folder / "inputs.json"))
            return path if _digest(path.read_bytes()) == _json(path.with_suffix(".json"))["film"] else None
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def place(self, inputs):
        """Where the film belongs that was drawn from these inputs, [[kind, name]]."""
        texts = [[kind, name, _input(kind, name, self.recording)] for kind, name in sorted(map(tuple, inputs))]
        return self.folder / f"{_digest(json.dumps(texts).encode())}.mp4"

    def keep(self, scene, drawn):
        """Move a finished film and what it says into the cache; the film last, so that it is never there alone."""
        inputs = sorted(scene.inputs)
        path = self.place(inputs)
        said = [caption[:3] for caption in scene.captions]
        about = {"seconds": scene.time, "captions": said, "film": _digest(Path(drawn).read_bytes())}
        write_json(path.with_suffix(".json"), about)
        write_json(self.folder / "inputs.json", inputs)
        Path(drawn).replace(path)
        return path

    def about(self):
        """{seconds, captions, film}: what is known of the drawn film, and its digest."""
        return _json(self.path().with_suffix(".json"))


def source_key(part, quality):
    """A digest of everything a part's frames come from, beside its numbers."""
    here = Path(__file__).parent
    files = [*sorted(path for path in here.glob("*.py") if path.name not in AFTER_DRAWING), here.parent / "palette.py"]
    digest = hashlib.sha256(json.dumps([part, quality, _versions()]).encode())
    for path in [*files, *(font_file(face) for face in FACES), script.SCENES / part.file]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _versions():
    return {name: version(name) for name in DRAWN_WITH}


def _input(kind, name, recording):
    if kind == "code":
        return _digest((Path(__file__).parents[1] / name).read_bytes())
    return recording.entry(name)["data"] if name in recording else None


def _json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def _digest(content):
    return hashlib.sha256(content).hexdigest()[:16]
