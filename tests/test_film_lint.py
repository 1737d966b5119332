"""The film's linter: each rule has a scene that breaks it and nothing else, and a good scene breaks none."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("manim", reason="the film's extra is not installed")
pytest.importorskip("ziamath", reason="the film's extra is not installed")

from hornbook.film.lint import RULES, flashes, rules
from hornbook.film.lint.linter import number_in
from hornbook.film.lint.run import lint_class, lint_part
from hornbook.film.lint.source import look
from hornbook.film.recording import Recording
from hornbook.film.scene import FilmScene

SCENES = Path(__file__).parent / "film_scenes"


def bad(rule):
    path = SCENES / f"{rule.replace(' ', '_')}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Bad, path.read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", RULES)
def test_a_scene_that_breaks_one_rule_is_told_so_and_nothing_else(rule):
    kind, source = bad(rule)
    report = lint_class(kind, rule, source)
    assert {finding.rule for finding in report.findings} == {rule}


def test_every_bad_scene_belongs_to_a_rule():
    assert {path.stem for path in SCENES.glob("*.py")} == {rule.replace(" ", "_") for rule in RULES}


def told(construct):
    """The rules that a scene breaks, made of a function."""
    return {found.rule for found in lint_class(type("Toy", (FilmScene,), {"construct": construct})).findings}


def held(*makers):
    """The rules that elements break which come, stay and go."""

    def construct(scene):
        scene.show(*(make(scene) for make in makers), how="fade")
        scene.hold(2)
        scene.clear_section()

    return told(construct)


@pytest.mark.parametrize(
    "edge, place, rule",
    [([-1, 0, 0], -6.6, "frame"), ([1, 0, 0], 6.6, "frame"), ([0, 1, 0], 3.7, "frame"), ([0, -1, 0], -3.2, "frame"),
     ([0, -1, 0], -3.32, "rail")],
)  # fmt: skip
def test_the_frames_edges_are_where_they_are_said_to_be(edge, place, rule):
    def at(away):
        def make(scene):
            it = scene.text("edge")
            return it.shift(np.multiply(edge, abs(place) + away) - it.get_edge_center(edge) * np.abs(edge))

        return held(make)

    assert at(0.05) == {rule} and at(-0.05 if rule == "frame" else -0.2) == set()


@pytest.mark.parametrize(
    "size, rules_broken",
    [(17, {"size"}), (18, set()), (24, set()), (25, {"size"}), ("header", set()), ("title", set())],
)
def test_sizes_are_from_18_to_24_and_to_48_for_titles(size, rules_broken):
    assert held(lambda scene: scene.text("size", size)) == rules_broken


@pytest.mark.parametrize("gap, rules_broken", [(0.45, {"distance"}), (0.52, set())])
def test_blocks_are_half_a_unit_apart(gap, rules_broken):
    def below(scene):
        other = scene.text("other")
        return other.shift([0, -gap - other.get_top()[1], 0])

    def first(scene):
        it = scene.text("first")
        return it.shift([0, -it.get_bottom()[1], 0])

    assert held(first, below) == rules_broken


@pytest.mark.parametrize("opacity, rules_broken", [(1.0, set()), (0.7, {"contrast"})])
def test_contrast_is_that_of_what_is_seen(opacity, rules_broken):
    assert held(lambda scene: scene.text("faint", colour="faint")) == set()
    assert held(lambda scene: scene.text("fading", colour="faint").set_opacity(opacity)) == rules_broken


def test_texts_on_each_other_are_one_fault_not_two():
    assert held(lambda scene: scene.text("one"), lambda scene: scene.text("two")) == {"text over text"}


@pytest.mark.parametrize("other", ["equal", "unlike"])
def test_equal_texts_on_each_other_are_a_fault_too_when_they_rest(other):
    def beside(scene):
        return scene.text(other).shift([0.1, 0, 0])

    assert held(lambda scene: scene.text("equal"), beside) == {"text over text"}


@pytest.mark.parametrize("away, rules_broken", [(0.06, {"header"}), (-0.06, set())])
def test_a_headers_top_is_just_under_the_frames_edge(away, rules_broken):
    def make(scene):
        header = scene.header("Its top")
        return header.shift([0, 3.9 + away - header.get_top()[1], 0])

    assert held(make) == rules_broken


def test_a_question_reads_its_choices_out_with_their_numerals():
    def construct(scene):
        scene.question(
            "How much?", ["97 of them", "{loss.example.loss:.2f} nats"], 1, "It is {loss.example.p_target:.2f}."
        )

    report = lint_class(type("Toy", (FilmScene,), {"construct": construct}))
    assert {(found.rule, found.what) for found in report.findings} == {
        ("numeral", '"97 of them"'), ("said", '"A: 97 of them."')
    }  # fmt: skip
    assert {("loss.example.loss", "0.71"), ("loss.example.p_target", "0.49")} == {
        (put.name, put.text) for put in report.printed
    }


def test_what_a_caption_says_is_reported_and_read_back():
    def construct(scene, value="loss {loss.example.loss:.2f}"):
        scene.show(scene.line([-1, 0, 0], [1, 0, 0]))
        scene.say(value)
        scene.rest(1)
        scene.clear_section()

    def changed(scene):
        construct(scene)
        (caption,) = scene.captions
        scene.captions[0] = caption._replace(
            text="loss 0.29", printed=tuple(put._replace(text="0.29") for put in caption.printed)
        )

    report = lint_class(type("Toy", (FilmScene,), {"construct": construct}))
    assert report.findings == [] and {(put.name, put.text) for put in report.printed} == {("loss.example.loss", "0.71")}
    assert told(changed) == {"number"}


@pytest.mark.parametrize(
    "latex, loose",
    [
        (r"L = 97 \cdot E", ("97",)),
        (r"L^{2} + x^2 - x_1 + a_{10}", ()),
        (r"e^{\frac{1}{2}} \cdot 3", ("3",)),
        (r"n^{0.75}", ("0.75",)),
        (r"\frac{\num{=2}}{V} = \num{loss.example.loss:.2f}", ()),
        (r"\textcolor{tag2}{x} = 1.5 \cdot 12", ("1.5", "12")),
        (r"2^\num{loss.example.loss:.0f}3", ("2", "3")),
    ],
)
def test_whole_numbers_of_a_formula_stand_in_exponents_and_indices_only(latex, loose):
    made = []
    broken = held(lambda scene: made.append(scene.formula(latex, tag2="loss")) or made[0])
    assert made[0].loose == loose and broken == ({"numeral"} if loose else set())


def test_what_is_taken_away_without_an_animation_is_told():
    def construct(scene):
        words = scene.text("gone")
        scene.show(words)
        scene.hold(2)
        scene.remove(words)
        scene.hold(1)

    assert told(construct) == {"life"}


def test_what_takes_the_place_of_its_moving_copy_is_no_fault():
    from manim import TransformFromCopy

    def construct(scene):
        here, there = scene.text("copied"), scene.text("copied").shift([0, -2, 0])
        scene.show(here)
        scene.play(TransformFromCopy(here, there))
        scene.hold(2)
        scene.clear_section()

    assert told(construct) == set()


def test_a_last_frame_that_is_not_the_paper_is_told():
    def construct(scene):
        scene.hold(0.5)
        scene.camera.background_color = "#333333"

    assert told(construct) == {"left"}


def test_a_text_under_a_panel_is_not_legible():
    def construct(scene):
        words, panel = scene.text("covered"), scene.clock(5).stretch_to_fit_height(1).set_fill("#16181c")
        scene.show(words, panel)
        scene.hold(2)
        scene.clear_section()

    assert told(construct) == {"contrast"}


@pytest.mark.parametrize("name", ["6", "title4"])
def test_a_good_scene_breaks_no_rule(name):
    report = lint_part(name)
    assert report.findings == []


def test_every_value_of_a_step_is_reported_with_its_name():
    printed = {(put.name, put.text) for put in lint_part("6").printed}
    assert {("loss.example.p_target", "0.49"), ("loss.example.loss", "0.71")} <= printed
    assert all(name in Recording.load() for name, _ in printed)


@pytest.mark.parametrize(
    "text, value, half",
    [("0.71", 0.71, 0.005), ("−12,345", -12345, 0.5), ("49.0%", 0.49, 0.0005), ("−4e−04", -4e-4, 5e-5)],
)
def test_a_numeral_is_read_back_with_its_precision(text, value, half):
    assert number_in(text) == pytest.approx((value, half))


def test_a_line_crosses_a_box_only_where_it_runs_through_it():
    box = np.array([0.0, 0.0, 2.0, 1.0])
    through, above, into = [-1, 0.5, 3, 0.5], [-1, 2, 3, 2], [-1, -1, 1, 0.2]
    within, past, upright = [0.5, 0.5, 0.6, 0.6], [-1, 0.9, 0.5, 1.9], [1, -1, 1, 3]
    pieces = np.array([through, above, into, within, past, upright], dtype=float)
    assert rules._crosses(pieces, box).tolist() == [True, False, True, True, False, True]


@pytest.mark.parametrize("times_a_second, flashes_found", [(2, None), (3, None), (5, 5)])
def test_flashes_are_counted_in_the_worst_second(times_a_second, flashes_found):
    times = np.arange(0, 3, 1 / 30)
    wave = 0.5 + 0.4 * np.sign(np.sin(2 * np.pi * times_a_second * (times + 1e-6)))
    grids = np.repeat(wave, 144).reshape(-1, 9, 16)
    worst = flashes.flashes(times, grids)
    assert (worst and worst[1]) == flashes_found


def test_a_small_light_may_blink():
    grids = np.full((90, 9, 16), 0.1)
    grids[::6, 0, :8] = 0.9
    assert flashes.flashes(np.arange(90) / 30, grids) is None


@pytest.mark.parametrize(
    "line, rule",
    [("Axes(x_range=[0, 1], include_numbers=True)", "latex"), ("axes.add_coordinates()", "latex"),
     ("m.DecimalNumber(3)", "latex"), ("self.play(Transform(a, b))", "source"),
     ("import random", "source"), ("x = np.random.normal()", "source"),
     ("from numpy import random", "source")],
)  # fmt: skip
def test_forbidden_names_are_found_in_the_source(line, rule):
    assert rule in {found for found, _, _ in look(line)}


def test_the_kits_own_calls_are_allowed():
    assert list(look("self.matrix('a')\nself.table([])\nself.play(ReplacementTransform(a, b))\nself.code('x')")) == []
