"""The whole film: every part keeps the rules, shows only recorded numbers, and is as long as promised."""

import ast
import re
from pathlib import Path

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


def test_a_number_of_the_product_is_written_out_as_its_sum(reports):
    shown = {(put.name, put.index) for put in reports["3"].printed}
    rows = range(len(Recording.load()["matrix.words"]))
    assert {("matrix.onehot.small", (0, k)) for k in rows} | {("matrix.small", (k, 0)) for k in rows} <= shown
    assert ("matrix.product", (0, 0)) in shown


def test_every_function_of_the_program_is_shown_but_those_of_its_command_line():
    from hornbook.film.scenes.step_11_code import EXAMPLE, SCREENS

    shown = {name for names, _ in SCREENS for name in names} | {"train"}
    tree = ast.parse((Path(script.__file__).parents[1] / EXAMPLE).read_text(encoding="utf-8"))
    there = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert there - shown == {"words_of", "learnt", "main"} and shown <= there


def test_the_loops_marks_are_at_the_lines_that_are_told():
    from hornbook.film.scenes import step_09_loop as loop
    from hornbook.film.words import part_of

    lines = part_of(loop.EXAMPLE, "train").split("\n")
    told = {
        loop.BATCH: "batch(",
        loop.FORWARD: "logits =",
        loop.LOSS: "cross_entropy",
        loop.CLEAR: "zero_grad",
        loop.CLIP: "clip_grad",
        loop.UPDATE: "adam.step",
        loop.TRIED: "if step",
        loop.TRIED + 1: "perplexity",
    }
    assert all(mark in lines[at] for at, mark in told.items())


def test_a_model_that_others_trained_is_shown_only_where_it_is_named(reports):
    recording = Recording.load()
    borrowed = {name for name in recording if "MiniLM" in recording.run(name)["model"]}
    assert borrowed and {part for part in reports if borrowed & {put.name for put in reports[part].printed}} == {"10"}


def test_the_strip_called_one_hot_shows_a_row_of_the_vocabulary(reports):
    shown = {put.name for put in reports["1"].printed}
    assert {"columns.onehot", "columns.counts", "columns.words"} <= shown
    assert not shown & {"matrix.onehot.small", "tokens.vocabulary.counts"}


def test_the_model_whose_sizes_are_told_is_the_one_whose_code_is_shown(reports):
    runs = {Recording.load().entry(put.name)["run"] for put in reports["11"].printed}
    assert runs == {"program"}


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
