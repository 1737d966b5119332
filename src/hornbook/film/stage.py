"""The stage: plays a scene for a watcher, which gets its frames to encode, or no pixels at all and the mobjects."""

import importlib.util
import tempfile
from pathlib import Path
from typing import NamedTuple

from hornbook.errors import HornbookError
from hornbook.film.script import SCENES
from hornbook.palette import PAPER

MISSING = (
    "the film is drawn by Manim, which is not installed: pip install 'hornbook[film]'. It is built against Pango and"
    " Cairo, on Debian: apt install libpango1.0-dev libcairo2-dev pkg-config."
)


class Quality(NamedTuple):
    """Width and height in pixels, frames a second."""

    width: int
    height: int
    rate: int


QUALITIES = {
    "144p10": Quality(256, 144, 10),
    "480p15": Quality(854, 480, 15),
    "720p30": Quality(1280, 720, 30),
    "1080p30": Quality(1920, 1080, 30),
}


def quality_of(name):
    """The Quality of a name. Raises HornbookError with those there are for another."""
    if name not in QUALITIES:
        raise HornbookError(f'no quality is called "{name}". There is: {", ".join(QUALITIES)}.')
    return QUALITIES[name]


def need_manim():
    """Import Manim, quietly. Raises HornbookError with what to install when it is not there."""
    try:
        import manim
        import ziamath  # noqa: F401
    except ImportError as error:
        raise HornbookError(f"{MISSING} ({error})") from error
    return manim


def scene_path(part):
    """The file of a part. Raises HornbookError while it is not there."""
    path = SCENES / part.file
    if not path.exists():
        raise HornbookError(f'the scene of "{part.name}" is not written yet: {path.name} is not there.')
    return path


def scene_class(part):
    """The class of a part of the script, from its file. Raises HornbookError while that is not written."""
    path = scene_path(part)
    spec = importlib.util.spec_from_file_location(f"hornbook.film.scenes.{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not hasattr(module, part.scene):
        raise HornbookError(f'{path.name} has no class "{part.scene}".')
    made = getattr(module, part.scene)
    made.number_shown = int(part.name) if part.name.isdigit() else None
    return made


def play(kind, recording, quality, watcher):
    """Run a scene from its first to its last frame; returns it. `watcher` is told of frames: see Watcher."""
    manim = need_manim()
    from hornbook.film.stage_renderer import StageRenderer

    manim.config.update(
        {
            "pixel_width": quality.width, "pixel_height": quality.height, "frame_rate": quality.rate,
            "frame_height": 8.0, "frame_width": 8.0 * 16 / 9, "background_color": PAPER.dark, "dry_run": True,
            "disable_caching": True, "progress_bar": "none", "verbosity": "ERROR", "seed": 0,
            "media_dir": str(Path(tempfile.gettempdir(), "hornbook-film")),
        }
    )  # fmt: skip
    scene = kind(recording, StageRenderer(watcher))
    scene.setup()
    scene.construct()
    scene.tear_down()
    watcher.ended(scene)
    return scene


class Watcher:
    """Gets every frame of a scene. `pixels` False asks for none to be drawn."""

    pixels = True

    def frame(self, scene, pixels, count, resting):
        """`count` equal frames: an array (height, width, 4) of bytes, or None; `resting` when nothing moves."""

    def ended(self, scene):
        """The scene is over."""
