"""One scene drawn in a process of its own: python -m hornbook.film.draw PART QUALITY, seconds drawn on stdout."""

import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from hornbook.errors import HornbookError
from hornbook.files import disk_errors
from hornbook.film import script, stage
from hornbook.film.cache import Kept
from hornbook.film.encode import Encoder
from hornbook.film.recording import Recording


def draw(part, quality, told):
    """Draw a part into the cache; `told` hears of the seconds drawn. An interrupted one leaves nothing."""
    recording = Recording.load()
    kept = Kept(part, quality, recording)
    kind = stage.scene_class(part)
    with disk_errors(kept.folder):
        kept.folder.mkdir(parents=True, exist_ok=True)
        _sweep(kept.folder)
        with tempfile.TemporaryDirectory(dir=kept.folder, prefix=f"drawing-{os.getpid()}-") as room:
            drawn = Path(room, "film.mp4")
            encoder, whole = Encoder(drawn, stage.quality_of(quality), told), False
            try:
                scene = stage.play(kind, recording, encoder.quality, encoder)
                whole = True
            finally:
                encoder.close(whole)
            return kept.keep(scene, drawn)


def _sweep(folder):
    """Remove what killed processes left half drawn."""
    for room in folder.glob("drawing-*"):
        try:
            os.kill(int(room.name.split("-")[1]), 0)
        except ProcessLookupError:
            shutil.rmtree(room, ignore_errors=True)
        except PermissionError:
            pass  # somebody else's, and alive


def main(name, quality):
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        draw(script.PARTS[name], quality, lambda seconds: print(f"{seconds:.2f}", flush=True))
    except HornbookError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main(*sys.argv[1:])
