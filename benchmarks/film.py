"""The film: seconds to lint it and to render it, and how much faster one path a label is than Manim's one a letter.

    python benchmarks/film.py [--quality 480p15] [--parts all] [--jobs 2] [--json]

Rendering starts with an empty cache, then is asked for the same film again. Seconds by the clock and CPU seconds of all
processes. The labels: 60 frames of one page of text moving, drawn by the kit's lettering and by Manim's Text.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from machine import machine, timed

TEXT = "You will rejoice to hear that no disaster has accompanied the commencement"
FRAMES, LINES = 60, 12


def main():
    options = parse()
    report = {"machine": machine(), "quality": options.quality, "lint": lint(options), **render(options), **labels()}
    print(json.dumps(report, indent=1)) if options.json else show(report)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quality", default="480p15")
    parser.add_argument("--parts", nargs="+", default=["all"])
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def spent(call):
    """Seconds by the clock and CPU seconds, those of ended child processes too, and what the call returned."""
    wall, before = time.perf_counter(), os.times()
    made = call()
    cpu = sum(os.times()[:4]) - sum(before[:4])
    return {"wall": time.perf_counter() - wall, "cpu": cpu}, made


def lint(options):
    from hornbook.film.lint.run import lint as reports
    from hornbook.film.script import chosen

    seconds, found = spent(lambda: list(reports(chosen(options.parts), options.jobs)))
    return seconds | {"film": sum(it.seconds for it in found), "findings": sum(len(it.findings) for it in found)}


def render(options):
    from hornbook.film.render import Rendering, write
    from hornbook.film.script import chosen

    def film(out):
        drawn = Rendering(chosen(options.parts), options.quality, options.jobs, lambda *told: None).draw()
        return write(drawn, out)

    with tempfile.TemporaryDirectory() as folder:
        os.environ["HORNBOOK_CACHE"] = folder
        new, _ = spent(lambda: film(Path(folder, "new.mp4")))
        again, _ = spent(lambda: film(Path(folder, "again.mp4")))
        same = Path(folder, "new.mp4").read_bytes() == Path(folder, "again.mp4").read_bytes()
    return {"render": new, "from the cache": again, "same bytes": same}


def labels():
    """CPU seconds of drawing moving text: the kit's labels, and Manim's Text."""
    from manim import Text

    from hornbook.film.lettering import SIZES, lettered
    from hornbook.film.numerals import Filled

    ours = timed(lambda: drawn(lambda: lettered(Filled(TEXT, (), ()), SIZES["detail"])))[1]
    theirs = timed(lambda: drawn(lambda: Text(TEXT, font_size=SIZES["detail"], font="DejaVu Sans")))[1]
    return {"labels": ours, "manim Text": theirs, "ratio": theirs / ours}


def drawn(label):
    """Draw FRAMES frames of LINES moving labels."""
    from manim import Camera, VGroup, tempconfig

    with tempfile.TemporaryDirectory() as folder, tempconfig({"media_dir": folder, "quality": "low_quality"}):
        page = VGroup(*(label().shift([0, 3 - place * 0.5, 0]) for place in range(LINES)))
        camera = Camera()
        for _ in range(FRAMES):
            camera.reset()
            camera.capture_mobjects([page.shift([0.01, 0, 0])])


def show(report):
    print(report["machine"])
    for name in ("lint", "render", "from the cache"):
        print(f"{name:15} {report[name]['wall']:7.1f} s by the clock {report[name]['cpu']:7.1f} CPU s")
    print(f"film of {report['lint']['film']:.0f} s at {report['quality']}, {report['lint']['findings']} findings, "
          f"same bytes: {report['same bytes']}")  # fmt: skip
    print(f"{FRAMES} frames of moving text: labels {report['labels']:.2f} CPU s, Text {report['manim Text']:.2f}: "
          f"{report['ratio']:.1f} times")  # fmt: skip


if __name__ == "__main__":
    main()
