"""The film's elements as they are drawn: lettering, formulas, grids, charts, and how they come and go."""

import numpy as np
import pytest

from film_cases import Unseen, made, played  # first: it skips where the film's extra is not installed
from hornbook.errors import HornbookError
from hornbook.film.charts import Plot
from hornbook.film.lettering import Ink, Label, lettered
from hornbook.film.numerals import Filled
from hornbook.film.stage import Quality
from hornbook.palette import FAMILIES


def labels(element):
    return [part for part in element.get_family() if isinstance(part, Label)]


def inks(element):
    return [part for part in element.get_family() if isinstance(part, Ink)]


def test_a_text_is_one_shape_and_a_coloured_run_one_more():
    assert len(inks(made(lambda scene: scene.text("every letter of these words")))) == 1
    two = made(lambda scene: scene.text("the <loss|loss> falls"))
    assert [ink.get_fill_color().to_hex().lower() for ink in inks(two)][1] == FAMILIES["loss"].dark
    assert labels(two)[0].string == "the loss falls"


def test_letters_have_the_size_that_manim_gives_them():
    from manim import Text

    ours = lettered(Filled("M", (), ()), 24).height
    assert ours == pytest.approx(Text("M", font="DejaVu Sans", font_size=24).height, rel=0.02)


def test_words_stand_on_their_baseline_wherever_they_go():
    low, high = (lettered(Filled(text, (), ()), 24) for text in ("gap", "TIP"))
    for label in (low, high):
        label.stand(1.0, 0.5)
    assert low.baseline == pytest.approx(0.5) and high.baseline == pytest.approx(0.5)
    assert low.get_bottom()[1] < 0.5 and high.get_bottom()[1] == pytest.approx(0.5, abs=0.01)
    low.shift([2, 1, 0]).scale(0.9, about_point=[0, 0, 0])
    assert low.baseline == pytest.approx(1.5 * 0.9) and low.scaled == pytest.approx(0.9)


def test_the_letter_o_keeps_its_hole():
    loops = lettered(Filled("o", (), ()), 48).submobjects[0].get_subpaths()
    corners = [(loop[::4, 0], loop[::4, 1]) for loop in loops]
    area = [np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) for x, y in corners]
    assert len(area) == 2 and area[0] * area[1] < 0


def test_a_formulas_parts_are_found_by_their_tag_and_its_value_is_kept():
    it = made(lambda scene: scene.formula(r"\textcolor{l}{L} = {-}\ln p = \num{toy.loss:.3f}", l="loss"))
    assert it.part("l").get_fill_color().to_hex().lower() == FAMILIES["loss"].dark
    assert [(put.name, put.text) for put in it.printed] == [("toy.loss", "0.713")]
    assert it.part("l").get_right()[0] < it.part("black").get_right()[0]
    assert it.loose == () and made(lambda scene: scene.formula("p = 0.75")).loose == ("0.75",)


def test_all_formulas_have_one_scale():
    x = made(lambda scene: scene.formula(r"\textcolor{x}{x}"))
    fraction = made(lambda scene: scene.formula(r"\textcolor{x}{x} + \frac{a}{b}"))
    assert x.part("x").height == pytest.approx(fraction.part("x").height)


def test_a_matrix_names_each_of_its_numbers_and_warms_by_size():
    it = made(lambda scene: scene.matrix("toy.rows", digits=2))
    said = [[(put.index, put.text) for label in row for put in label.printed] for row in it.values]
    assert said == [[((0, 0), "0.10"), ((0, 1), "−0.25"), ((0, 2), "0.50")],
                    [((1, 0), "1.00"), ((1, 1), "0.00"), ((1, 2), "−1.00")]]  # fmt: skip
    assert it.cells[0][0].get_y() > it.cells[1][0].get_y() and it.cells[0][0].get_x() < it.cells[0][1].get_x()
    light = [sum(cell.get_fill_color().to_rgb()) for cell in it.cells[1]]
    assert light[0] > light[1] < light[2]
    some = made(lambda scene: scene.matrix("toy.rows", rows=[1], cols=2))
    assert [label.printed[0].index for label in some.values[0]] == [(1, 0), (1, 1)]
    assert {label.string for label in labels(some)} == {"1.00", "0.00", "…", "⋮"}


def test_bars_are_as_long_as_their_numbers():
    it = made(lambda scene: scene.bars("toy.curve", ["a", "b", "c", "d"], length=6.0))
    assert [bar.width for bar in it.bars] == pytest.approx([6.0, 4.0, 3.0, 2.5])
    assert [label.string for label in it.values] == ["3.00", "2.00", "1.50", "1.25"]
    assert len({round(bar.get_left()[0], 6) for bar in it.bars}) == 1


def test_a_curve_goes_through_its_points_where_the_axes_say():
    it = made(lambda scene: scene.curve({"toy.curve": "loss"}, "toy.steps", ("step", "loss"), y_range=(1, 3)))
    it.shift([1, -1, 0])
    corners = np.array(it.curves[0].get_anchors())[[0, -1], :2]
    assert corners == pytest.approx(np.array([it.at(0, 3.0)[:2], it.at(30, 1.25)[:2]]))
    ticks = [label.string for label in labels(it) if label.role == "tick"]
    assert ticks == ["0", "10", "20", "30", "1", "1.5", "2", "2.5", "3"]


@pytest.mark.parametrize(
    "ys, drawn",
    [
        ([3, 1, 2], [[(0, 3), (1, 1), (2, 2)]]),
        ([5, 1, 1], [[(0.5, 3), (1, 1), (2, 1)]]),
        ([1, 5, 1], [[(0, 1), (0.5, 3)], [(1.5, 3), (2, 1)]]),
        ([1, 1, 5], [[(0, 1), (1, 1), (1.5, 3)]]),
        ([-3, 5, 5], [[(0.5, 1), (0.75, 3)]]),
        ([5, 9, 0], [[(1 + 6 / 9, 3), (1 + 8 / 9, 1)]]),
        ([1, 3, 1], [[(0, 1), (1, 3), (2, 1)]]),
        ([5, 5, 5], []),
        ([5, 3, 5], []),
        ([5, 3, 1], [[(1, 3), (2, 1)]]),
        ([1, 5, 3, 1], [[(0, 1), (0.5, 3)], [(2, 3), (3, 1)]]),
    ],
)
def test_a_curve_that_leaves_its_axes_ends_at_their_edge_and_is_not_bridged(ys, drawn):
    made = Plot((0, 2), (1, 3), 4.0, 2.0)
    made.draw(range(len(ys)), ys, "#ffffff")
    line = made.curves[0]
    assert len(line.get_subpaths()) == len(drawn)
    for path, places in zip(line.get_subpaths(), drawn):
        corners = np.array([*path[::4], path[-1]])[:, :2]
        assert corners == pytest.approx(np.array([made.at(x, y)[:2] for x, y in places]))


def test_code_shows_the_librarys_own_lines_under_each_other():
    it = made(lambda scene: scene.code(file="reference/losses.py", part="cross_entropy"))
    assert it.lines[0].string.startswith("def cross_entropy(") and '"""' not in "".join(x.string for x in it.lines if x)
    indent = it.lines[1].get_left()[0] - it.lines[0].get_left()[0]
    assert indent == pytest.approx(4 * 0.602 * 18 / 72, abs=0.06)
    with pytest.raises(HornbookError, match='Did you mean "cross_entropy"'):
        made(lambda scene: scene.code(file="reference/losses.py", part="cross_entrophy"))


def test_tokens_come_with_their_ids():
    it = made(lambda scene: scene.tokens("toy.words", ids="toy.ids"))
    assert [label.string for label in it.pieces] == ["the", "cat", "2nd"]
    assert [label.string for label in it.ids] == ["15", "8,470", "2"]
    assert all(not label.loose for label in labels(it))


def test_an_arrow_goes_from_edge_to_edge():
    arrow = made(lambda scene: scene.arrow(scene.text("a").move_to([-2, 0, 0]), scene.text("b").move_to([2, 0, 0])))
    assert -2 < arrow.get_left()[0] < -1.6 and 1.6 < arrow.get_right()[0] < 2


def test_elements_come_stay_and_go():
    watcher = Unseen()

    def construct(scene):
        first, second = scene.text("one"), scene.text("two").shift([0, -2, 0])
        scene.show(first, second, lag=0.5)
        scene.hide(first)
        scene.swap(second, scene.text("three"))
        scene.hold(1.0)
        scene.clear_section()

    scene = played(construct, watcher)
    assert scene.mobjects == [] and scene.time == pytest.approx(sum(count for count, _ in watcher.frames) / 10)
    assert (10, True) in watcher.frames


def test_a_wait_is_rounded_to_whole_frames():
    watcher = Unseen()
    scene = played(lambda scene: scene.hold(0.58), watcher, Quality(128, 72, 50))  # 0.58 × 50 is 28.999… in floats
    assert watcher.frames == [(29, True)] and scene.time == pytest.approx(0.58)


def test_what_is_kept_stays_when_the_rest_goes():
    def construct(scene):
        scene.top = scene.header("Stays")
        scene.show(scene.top, scene.text("goes"))
        scene.clear_section(keep=[scene.top])

    scene = played(construct, Unseen())
    assert scene.mobjects == [scene.top]


def test_a_caption_lasts_until_it_has_been_read():
    def construct(scene):
        scene.say("thirty characters in this line")
        scene.say("The loss is {toy.loss:.2f}.")
        scene.rest()

    said = played(construct, Unseen()).captions
    assert [caption.text for caption in said] == ["thirty characters in this line", "The loss is 0.71."]
    assert said[0].end == said[1].start == pytest.approx(2.0) and said[1].end >= 3.0


def test_the_inputs_of_a_scene_are_what_its_frames_depend_on():
    def construct(scene):
        scene.text("{toy.loss:.2f}")
        scene.code(file="reference/losses.py", part="cross_entropy")
        scene.say("{toy.ids[0]} it is")

    assert played(construct, Unseen()).inputs == {
        ("recording", "toy.loss"), ("recording", "toy.ids"), ("code", "reference/losses.py")
    }  # fmt: skip


def test_a_question_leaves_time_and_an_empty_frame():
    def construct(scene):
        scene.question("Which is nearest?", ["cat", "dog", "stone"], answer=1, because="It is the dog: it barks.")

    scene = played(construct, Unseen())
    assert scene.mobjects == [] and 9 < scene.time < 14
    said = [caption.text for caption in scene.captions]
    assert said == ["Which is nearest?", "A: cat.", "B: dog.", "C: stone.", "It is the dog: it barks."]
    assert sum(caption.end - caption.start for caption in scene.captions[1:4]) == pytest.approx(5.0)


@pytest.mark.parametrize("call", [lambda s: s.text("a", colour="lila"), lambda s: s.show(s.text("a"), how="jump")])
def test_a_wrong_word_says_what_there_is(call):
    with pytest.raises(HornbookError, match=r"There is|Did you mean"):
        made(call)
