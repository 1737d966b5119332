"""The film as it is rendered: the same bytes, kept and joined, resumed after a kill, plain about a full disk."""

import json
import os
import re
import shutil
import subprocess
import sys
from fractions import Fraction

import pytest

pytest.importorskip("manim", reason="the film's extra is not installed")
pytest.importorskip("ziamath", reason="the film's extra is not installed")

from hornbook.cli import main
from hornbook.errors import HornbookError
from hornbook.film import fonts, render, script
from hornbook.film.cache import Kept
from hornbook.film.encode import BT709, Encoder
from hornbook.film.recording import Recording
from hornbook.film.render import Rendering
from hornbook.film.stage import QUALITIES

TINY = "144p10"
TITLES = script.chosen(["title3", "title4"])


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A cache of its own for this file: parts are drawn once."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HORNBOOK_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def drawn(cache):
    return Rendering(TITLES, TINY, 2, lambda *told: None).draw()


def draw(name, cache, before=""):
    """The process that draws one part, started with some lines before it."""
    code = f"{before}\nfrom hornbook.film.draw import main\nmain({name!r}, {TINY!r})"
    environment = {**os.environ, "HORNBOOK_CACHE": str(cache)}
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def test_a_part_drawn_again_has_the_same_bytes(drawn, tmp_path):
    process = draw("title4", tmp_path)
    assert process.wait(60) == 0
    (again,) = tmp_path.rglob("*.mp4")
    assert again.read_bytes() == drawn[1].path.read_bytes() and again.name == drawn[1].path.name


def test_what_is_drawn_is_not_drawn_again(drawn, monkeypatch):
    monkeypatch.setattr(Rendering, "_process", lambda self, part: pytest.fail("drawn again"))
    told = []
    again = Rendering(TITLES, TINY, 1, lambda *words: told.append(words)).draw()
    assert again == drawn and [(name, ended) for name, _, ended in told] == [("title3", True), ("title4", True)]


def test_the_parts_are_joined_without_loss_and_with_chapters_and_captions(drawn, tmp_path):
    import av

    out = tmp_path / "film.mp4"
    seconds = render.write(drawn, out)
    with av.open(str(out)) as film:
        chapters = [(each["metadata"]["title"], each["start"] * each["time_base"]) for each in film.chapters()]
        times = [frame.time for frame in film.decode(video=0)]
    assert chapters[0] == ("Section 3: Neural network components", 0)
    assert chapters[1] == ("Section 4: Training", Fraction(round(drawn[0].seconds * 1000), 1000))
    assert len(times) == round(10 * seconds) == round(10 * sum(it.seconds for it in drawn))
    assert times == pytest.approx([k / 10 for k in range(len(times))])
    packets = [_packets(it.path) for it in drawn]
    assert _packets(out) == packets[0] + packets[1]
    starts = [float(line[6:8]) + float(line[9:12]) / 1000 for line in out.with_suffix(".srt").open() if "-->" in line]
    assert starts == pytest.approx([0.0, drawn[0].seconds], abs=0.001)
    assert out.with_suffix(".vtt").read_text().startswith("WEBVTT")
    assert "<h2>Section 4: Training" in out.with_suffix(".html").read_text()


def test_the_same_film_twice_is_the_same_file(drawn, tmp_path):
    render.write(drawn, tmp_path / "one.mp4")
    render.write(drawn, tmp_path / "two.mp4")
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def test_a_frame_of_the_film_has_the_papers_colour(drawn):
    import av
    import numpy as np

    with av.open(str(drawn[0].path)) as film:
        frame = next(film.decode(video=0))
        assert (frame.width, frame.height) == (256, 144)
        assert np.abs(frame.to_ndarray(format="rgb24").astype(int) - [0x16, 0x18, 0x1C]).max() <= 3


def test_colours_are_those_of_the_palette(tmp_path):
    import av
    import numpy as np

    red = (0xFF, 0x8A, 0x80)
    encoder = Encoder(tmp_path / "red.mp4", QUALITIES[TINY])
    encoder.frame(None, np.tile(np.array([*red, 255], np.uint8), (144, 256, 1)), 3, True)
    encoder.close()
    with av.open(str(tmp_path / "red.mp4")) as film:
        frames = list(film.decode(video=0))
    assert len(frames) == 3 and frames[0].colorspace == BT709
    shown = frames[0].reformat(format="rgb24", src_colorspace=BT709).to_ndarray()
    assert np.abs(shown.astype(int) - red).max() <= 4


def test_a_part_is_drawn_again_when_a_number_it_shows_has_changed(cache, drawn):
    recording = Recording.load()
    kept = Kept(TITLES[1], TINY, recording)
    assert kept.path() == drawn[1].path
    name = "loss.example.loss"
    inputs = kept.folder / "inputs.json"
    inputs.write_text(json.dumps([["recording", name], ["code", "reference/losses.py"]]))
    before = kept.place(json.loads(inputs.read_text()))
    changed = {**recording.values_as_kept, name: {**recording.entry(name), "data": 0.29}}
    after = Kept(TITLES[1], TINY, Recording(recording.runs, changed)).place(json.loads(inputs.read_text()))
    assert before != after and before.parent == after.parent and kept.path() is None
    inputs.write_text("[]")


def copied(drawn, folder, monkeypatch):
    """A cache of its own with one drawn part in it: (Kept, {what: its file})."""
    monkeypatch.setenv("HORNBOOK_CACHE", str(folder))
    kept = Kept(TITLES[0], TINY, Recording.load())
    shutil.copytree(drawn[0].path.parent, kept.folder)
    path = kept.path()
    assert path.read_bytes() == drawn[0].path.read_bytes() and kept.about()["seconds"] == drawn[0].seconds
    return kept, {"film": path, "about": path.with_suffix(".json"), "inputs": path.with_name("inputs.json")}


@pytest.mark.parametrize(
    "what, damage",
    [("film", lambda content: b""), ("film", lambda content: content[:-1]),
     ("film", lambda content: content[:999] + bytes([content[999] ^ 1]) + content[1000:]),
     ("about", lambda content: b""), ("about", lambda content: b"[]"), ("about", lambda content: b"{}"),
     ("about", lambda content: b"\xff"), ("inputs", lambda content: b"[["), ("inputs", lambda content: b"[1]"),
     ("inputs", lambda content: b'[["code", "gone.py"]]'), ("inputs", lambda content: b'[[[], "a"], [1, "b"]]')],
)  # fmt: skip
def test_what_is_damaged_in_the_cache_is_not_there(what, damage, drawn, tmp_path, monkeypatch):
    kept, files = copied(drawn, tmp_path, monkeypatch)
    files[what].write_bytes(damage(files[what].read_bytes()))
    assert kept.path() is None


def test_a_damaged_cache_is_drawn_again(drawn, tmp_path, monkeypatch):
    kept, files = copied(drawn, tmp_path, monkeypatch)
    for path in files.values():
        path.write_bytes(b"{")
    (again,) = Rendering(TITLES[:1], TINY, 1, lambda *told: None).draw()
    assert again.path.read_bytes() == drawn[0].path.read_bytes() and kept.path() == again.path


def test_the_quality_and_the_scene_belong_to_the_key(cache):
    recording = Recording.load()
    folders = {Kept(part, quality, recording).folder for part in TITLES for quality in (TINY, "480p15")}
    assert len(folders) == 4


def test_a_killed_drawing_leaves_nothing_and_is_begun_again(tmp_path):
    process = draw("title4", tmp_path)
    assert float(process.stdout.readline()) > 0
    process.kill()
    process.wait(60)
    assert not [path for path in tmp_path.rglob("*.mp4") if "drawing" not in path.parent.name]
    again = draw("title4", tmp_path)
    assert again.wait(60) == 0
    assert len(list(tmp_path.rglob("*.mp4"))) == 1 and not list(tmp_path.rglob("drawing-*"))


def test_an_interrupted_drawing_takes_its_unfinished_file_with_it(tmp_path):
    process = draw("title4", tmp_path)
    assert float(process.stdout.readline()) > 0
    process.terminate()
    assert process.wait(60) == 130
    assert not list(tmp_path.rglob("*.mp4")) and not list(tmp_path.rglob("drawing-*"))


def test_a_full_disk_is_one_line(tmp_path):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))"
    process = draw("title4", tmp_path, limit)
    complaint = process.communicate(timeout=60)[1]
    assert process.returncode == 2 and len(complaint.splitlines()) == 1
    assert "larger than a file may be" in complaint
    assert not list(tmp_path.rglob("*.mp4"))


def test_a_scene_that_fails_is_named_with_its_error(cache, monkeypatch):
    monkeypatch.setattr(render.sys, "executable", "false")
    with pytest.raises(HornbookError, match='scene of "title5" was not drawn'):
        Rendering(script.chosen(["title5"]), TINY, 1, lambda *told: None).draw()


@pytest.mark.parametrize("name", ["4k", "1080p60"])
def test_an_unknown_quality_lists_the_known(name):
    with pytest.raises(HornbookError, match="480p15, 720p30, 1080p30"):
        Rendering(TITLES, name, 1, lambda *told: None)


def test_the_command_renders_and_says_how_long(drawn, tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main(["film", "title3", "title4", "--quality", TINY, "--out", str(tmp_path / "film.mp4")])
    assert end.value.code == 0
    assert f"{tmp_path / 'film.mp4'}: 0:0" in capsys.readouterr().out.replace("\n", "")


def test_the_command_writes_pictures(tmp_path):
    with pytest.raises(SystemExit) as end:
        main(["film", "title4", "--quality", TINY, "--frames", "2", "--out", str(tmp_path)])
    assert end.value.code == 0
    assert len(list(tmp_path.glob("title4-*.png"))) == 2 and (tmp_path / "title4.png").exists()


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["stepp6"], "the film has no"),
        (["6", "--quality", "8k"], "no quality"),
        (["title4", "--quality", "4k", "--frames", "2"], 'no quality is called "4k"'),
        (["title4", "--quality", "4k", "--at", "1"], 'no quality is called "4k"'),
        (["title4", "--at", "99"], "no picture at 99"),
        (["title4", "--at", "-1"], "Invalid value for '--at'"),
        (["title4", "--frames", "-3"], "Invalid value for '--frames'"),
        (["title4", "--jobs", "-1"], "Invalid value for '--jobs'"),
        (["title4", "--lint", "--frames", "2"], "--frames does not go with --lint"),
        (["title4", "--lint", "--out", "zz"], "--out does not go with --lint, which takes --jobs"),
        (["title4", "--frames", "2", "--at", "1"], "--at does not go with --frames"),
        (["title4", "--at", "1", "--jobs", "2"], "--jobs does not go with --at, which takes --quality and --out"),
        (["title4", "--out", "film.html"], "What works: --out film.mp4"),
        (["title4", "--out", "film.srt"], "What works: --out film.mp4"),
        (["title4", "--out", "plain"], "plain does not end in .mp4"),
        (["title4", "--out", "folder"], "What works: --out folder/film.mp4"),
        (["title4", "--out", "folder.mp4"], "is a folder"),
        (["title4", "--out", "file/film.mp4"], "is no folder to write in"),
        (["title4", "--frames", "2", "--out", "file"], "file is a file: pictures go into a folder"),
    ],
)
def test_the_command_says_what_it_cannot_do_and_leaves_nothing(arguments, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HORNBOOK_CACHE", str(tmp_path))
    monkeypatch.setattr(Rendering, "_process", lambda self, part: pytest.fail("drawn"))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "file").write_text("kept")
    with pytest.raises(SystemExit) as end:
        main(["film", *arguments])
    complaint = " ".join(re.sub("[│╭╮╰╯─]", " ", capsys.readouterr().err).split())
    assert end.value.code == 2 and says in complaint
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder", "folder.mp4"]


def test_a_missing_font_says_where_it_comes_from(monkeypatch):
    monkeypatch.setitem(fonts.FACES, "bold", "Gone.ttf")
    with pytest.raises(HornbookError, match=r"Gone\.ttf is not there.*reinstall --no-deps matplotlib"):
        Kept(TITLES[0], TINY, Recording.load())


def test_the_command_lints(capsys):
    with pytest.raises(SystemExit) as end:
        main(["film", "title4", "--lint", "--jobs", "1"])
    assert end.value.code == 0 and "no findings" in capsys.readouterr().out


def _packets(path):
    import av

    with av.open(str(path)) as film:
        return [bytes(packet) for packet in film.demux(video=0) if packet.size]
