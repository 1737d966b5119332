"""Stills: frames of a part as PNG files, and all of them on one sheet, for looking at."""

from pathlib import Path

from hornbook.errors import HornbookError
from hornbook.files import disk_errors
from hornbook.film import script, stage
from hornbook.film.recording import Recording

COLUMNS = 3


class Kept(stage.Watcher):
    """Keeps the frames at some times, or, with a number `every`, one in so many seconds."""

    def __init__(self, times=(), every=None):
        self.times, self.every, self.now, self.kept = sorted(times), every, 0.0, []

    def frame(self, scene, pixels, count, resting):
        end = self.now + count / scene.renderer.camera.frame_rate
        if self.every:
            self.times = [k * self.every for k in range(int(self.now / self.every), int(end / self.every) + 2)]
        for time in self.times:
            if self.now <= time < end:
                self.kept.append((time, pixels[:, :, :3].copy()))
        self.now = end


def stills(name, folder, quality="480p15", number=9, times=()):
    """Write frames of a part: at `times` (seconds), or about `number` of them, evenly. Returns the sheet's path."""
    from PIL import Image

    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise HornbookError(f"{folder} is a file: pictures go into a folder. Choose another --out.")
    quality, kind = stage.quality_of(quality), stage.scene_class(script.chosen([name])[0])
    kept = Kept(times, None if times else 0.5)
    scene = stage.play(kind, Recording.load(), quality, kept)
    if not kept.kept:
        raise HornbookError(f'"{name}" lasts {scene.time:.1f} s: there is no picture at {max(times):g} s.')
    places = range(len(kept.kept)) if times else [int((k + 0.5) * len(kept.kept) / number) for k in range(number)]
    frames = [kept.kept[place] for place in places]
    pictures = [(time, Image.fromarray(pixels)) for time, pixels in frames]
    sheet = folder / f"{name}.png"
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for time, picture in pictures:
            picture.save(folder / f"{name}-{time:05.1f}.png")
        _sheet([picture for _, picture in pictures]).save(sheet)
    return sheet, scene.time


def _sheet(pictures):
    from PIL import Image

    across = min(COLUMNS, len(pictures))
    width, height = pictures[0].size
    sheet = Image.new("RGB", (across * (width + 4), -(-len(pictures) // across) * (height + 4)), "#000000")
    for place, picture in enumerate(pictures):
        sheet.paste(picture, (place % across * (width + 4), place // across * (height + 4)))
    return sheet
