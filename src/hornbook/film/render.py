"""The film: its parts drawn several at once, those in the cache not again, then joined with chapters and captions."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from hornbook.errors import HornbookError
from hornbook.files import write_text, written_whole
from hornbook.film import captions, encode, script, stage, voice
from hornbook.film.cache import Kept
from hornbook.film.recording import Recording


class Drawn(NamedTuple):
    """A part's film: where it lies, how long it lasts, what it says."""

    part: script.Part
    path: Path
    seconds: float
    captions: list


class Rendering:
    """Draws parts at a quality. `told(name, seconds, ended)` hears how far each is, from several threads."""

    def __init__(self, parts, quality, jobs, told):
        stage.quality_of(quality)
        self.parts, self.quality, self.jobs, self.told = parts, quality, jobs, told
        self.recording, self.running, self.stopped = Recording.load(), set(), threading.Event()

    def draw(self):
        """Draw what the cache does not hold, and return [Drawn] of all. Stopped, it takes its processes with it."""
        stage.need_manim()
        for part in self.parts:
            stage.scene_path(part)
        with ThreadPoolExecutor(self.jobs) as pool:
            waiting = [pool.submit(self._part, part) for part in self.parts]
            try:
                return [each.result() for each in waiting]
            except BaseException:
                self.stopped.set()
                for process in list(self.running):
                    process.terminate()
                for each in waiting:
                    each.cancel()
                raise

    def _part(self, part):
        kept = Kept(part, self.quality, self.recording)
        if kept.path() is None and not self.stopped.is_set():
            self._process(part)
        if self.stopped.is_set():
            return None
        about = kept.about()
        self.told(part.name, about["seconds"], True)
        return Drawn(part, kept.path(), about["seconds"], [captions.Caption(*said) for said in about["captions"]])

    def _process(self, part):
        command = [sys.executable, "-m", "hornbook.film.draw", part.name, self.quality]
        quiet = {**os.environ, "OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=quiet)
        self.running.add(process)
        complaint = []
        listener = threading.Thread(target=lambda: complaint.extend(process.stderr), daemon=True)
        listener.start()
        for line in process.stdout:
            self.told(part.name, float(line), False)
        code = process.wait()
        listener.join()
        self.running.discard(process)
        if code and not self.stopped.is_set():
            last = "".join(complaint[-1:] if code == 2 else complaint[-12:]).strip()
            raise HornbookError(f'the scene of "{part.name}" was not drawn: {last or f"its process ended with {code}"}')


def check_place(out):
    """Raise HornbookError where no film can be written to `out`: before minutes of drawing, not after them."""
    out = Path(out)
    if out.is_dir() or out.suffix.lower() != ".mp4":
        instead = out / "film.mp4" if out.is_dir() else out.with_suffix(".mp4")
        what = "is a folder" if out.is_dir() else "does not end in .mp4"
        raise HornbookError(
            f"{out} {what}: a film is an .mp4, its subtitles and its transcript take the same name with .srt, .vtt and"
            f" .html. What works: --out {instead}"
        )
    home = next(folder for folder in out.absolute().parents if folder.exists())
    if not (home.is_dir() and os.access(home, os.W_OK)):
        raise HornbookError(f"{out} cannot be written: {home} is no folder to write in. Choose another --out.")


def write(drawn, out, speaker=None):
    """Join drawn parts into `out` (.mp4) with .srt, .vtt and the transcript (.html) beside it. Returns its seconds.

    The captions are subtitles inside the film too; with a `speaker` (hornbook.film.voice) they are heard.
    """
    out = Path(out)
    check_place(out)
    chapters, start = [], 0.0
    for it in drawn:
        moved = [captions.Caption(said.text, said.start + start, said.end + start) for said in it.captions]
        chapters.append((title_of(it.part), 2 if it.part.name.startswith("title") else 3, start, moved))
        start += it.seconds
    said = [caption for *_, moved in chapters for caption in moved]
    track = speaker and speaker.track(said, start)
    with written_whole(out) as temporary:
        titles = [title for title, *_ in chapters]
        encode.join([it.path for it in drawn], [it.seconds for it in drawn], titles, said, temporary)
        if speaker:
            voice.add(track, speaker.rate, temporary)
    write_text(out.with_suffix(".srt"), captions.srt(said))
    write_text(out.with_suffix(".vtt"), captions.vtt(said))
    write_text(out.with_suffix(".html"), captions.transcript(script.TITLE, chapters))
    return start


def title_of(part):
    """A part as a chapter is called."""
    section = script.section_of(part)
    if part.name.startswith("title"):
        return f"Section {section.number}: {section.title}"
    return f"Step {part.name}: {part.title}" if part.name.isdigit() else part.title
