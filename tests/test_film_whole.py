"""The whole film: every part keeps the rules, shows only recorded numbers, and is as long as promised."""

import re

import numpy as np
import pytest

pytest.importorskip("manim", reason="the film's extra is not installed")
pytest.importorskip("ziamath", reason="the film's extra is not installed")

from hornbook.film import script
from hornbook.film.lint.run import lint
from hornbook.film.recording import Recording

STEPS = [name for name in script.PARTS if name.isdigit()]


@pytest.fixture(scope="module")
def reports():
    """Each part's report: all its frames measured, none drawn."""
    return {report.name: report for report in lint(script.chosen(["all"]), jobs=2)}


@pytest.mark.parametrize("name", script.PARTS)
def test_a_part_keeps_every_rule_of_the_layout(reports, name):
    assert reports[name].findings == []


def shown(text):
    """A numeral of the screen read back by hand: its value, and half of the last digit it shows."""
    digits = text.replace("−", "-").replace(",", "").replace(" ", "")
    share = digits.endswith("%")
    mantissa, _, power = digits.rstrip("%").partition("e")
    scale = 10.0 ** int(power or 0) / (100 if share else 1)
    decimals = len(mantissa.partition(".")[2])
    return float(mantissa) * scale, 0.5 * 10.0**-decimals * scale


@pytest.mark.parametrize("name", script.PARTS)
def test_every_number_of_a_part_is_in_the_recording(reports, name):
    recording = Recording.load()
    for put in reports[name].printed:
        value = recording[put.name]
        for place in put.index:
            value = value[place]
        if isinstance(value, str):
            assert put.text == value
        else:
            number, half = shown(put.text)
            assert abs(number - float(value)) <= half * (1 + 1e-6), put


def test_the_steps_show_numbers_of_many_runs(reports):
    recording = Recording.load()
    printed = {name: {put.name for put in reports[name].printed} for name in script.PARTS}
    assert all(len(printed[step]) >= 3 for step in STEPS)
    assert len({str(recording.run(name)) for names in printed.values() for name in names}) >= 10


def test_the_film_is_as_long_as_promised(reports):
    seconds = {name: report.seconds for name, report in reports.items()}
    assert 8 * 60 <= sum(seconds.values()) <= 12 * 60
    for section in script.SECTIONS:
        assert 70 <= sum(seconds[part.name] for part in section.parts) <= 120, section.title
    assert max(seconds[step] for step in STEPS) <= 55


def test_the_captions_tell_it_all_in_order(reports):
    for name, report in reports.items():
        times = [time for caption in report.captions for time in (caption.start, caption.end)]
        assert times == sorted(times) and times[-1] <= report.seconds + 1e-6, name
    words = " ".join(caption.text for report in reports.values() for caption in report.captions).lower()
    assert len(words.split()) > 600
    taught = "vocabulary embedding padding softmax cross-entropy gradient adam epoch overfitting perplexity cosine clip"
    assert [term for term in taught.split() if not re.search(rf"\b{term}", words)] == []


def test_a_section_is_rendered_with_chapters_and_captions(tmp_path, monkeypatch):
    import av

    from hornbook.film.render import Rendering, write

    monkeypatch.setenv("HORNBOOK_CACHE", str(tmp_path / "cache"))
    parts = [part for part in script.PARTS.values() if part in script.SECTIONS[4].parts]
    drawn = Rendering(parts, "480p15", 2, lambda *told: None).draw()
    write(drawn, tmp_path / "film.mp4")
    with av.open(str(tmp_path / "film.mp4")) as film:
        assert len(film.chapters()) == len(parts)
        frame = next(film.decode(video=0))
        assert (frame.width, frame.height) == (854, 480)
        assert float(film.duration) / av.time_base == pytest.approx(sum(one.seconds for one in drawn), abs=0.1)
    assert np.all([(tmp_path / f"film.{kind}").stat().st_size > 500 for kind in ("srt", "vtt", "html")])
