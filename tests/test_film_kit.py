"""The film's kit: numerals with their names, lettering as one shape, elements that come and go, captions."""

import subprocess
import sys

import pytest

from hornbook.errors import HornbookError
from hornbook.film import captions, numerals, script
from hornbook.film.captions import Caption


class Toy(dict):
    """Names → values."""


TOY = Toy({"a.loss": 0.713319, "a.ids": [15, 12345], "a.rows": [[0.25, -0.5]], "a.word": "cat"})
TOY |= {"a.zero": -0.0004, "a.whole": 3.0}


@pytest.mark.parametrize(
    "template, text, printed, loose",
    [
        ("loss {a.loss:.2f} nats", "loss 0.71 nats", [("a.loss", (), "0.71")], ()),
        ("{a.ids[1]} tokens", "12,345 tokens", [("a.ids", (1,), "12,345")], ()),
        ("{a.rows[0,1]:.1f}", "−0.5", [("a.rows", (0, 1), "−0.5")], ()),
        ("{a.loss:.1%}", "71.3%", [("a.loss", (), "71.3%")], ()),
        ("{a.zero:.2f}", "0.00", [("a.zero", (), "0.00")], ()),
        ("{a.zero:.0e}", "−4e−04", [("a.zero", (), "−4e−04")], ()),
        ("the {a.word}", "the cat", [("a.word", (), "cat")], ()),
        ("{a.whole} of them", "3 of them", [("a.whole", (), "3")], ()),
        ("GPT-{=2} and word2vec", "GPT-2 and word2vec", [], ()),
        ("97 times, 3.5 at most", "97 times, 3.5 at most", [], ("97", "3.5")),
    ],
)
def test_values_are_put_into_words_and_their_names_kept(template, text, printed, loose):
    filled = numerals.fill(template, TOY)
    assert (filled.text, filled.loose) == (text, loose)
    assert [(put.name, put.index, put.text) for put in filled.printed] == printed


@pytest.mark.parametrize(
    "template, says",
    [
        ("{a.loss}", "say how many digits"),
        ("{a.ids}", "say which one"),
        ("{a.ids[7]}", "its shape is (2,)"),
        ("{no name!}", "cannot read"),
    ],
)
def test_a_slot_that_cannot_be_filled_says_why(template, says):
    with pytest.raises(HornbookError) as error:
        numerals.fill(template, TOY)
    assert says in str(error.value)


def test_captions_are_even_and_no_longer_than_two_lines():
    assert captions.lines_of("Softmax makes them probabilities: raise e to each, divide by the sum.") == [
        "Softmax makes them probabilities:",
        "raise e to each, divide by the sum.",
    ]
    assert captions.lines_of("Short.") == ["Short."]
    with pytest.raises(HornbookError, match="does not fit 2 lines of 42"):
        captions.lines_of("word " * 20)
    with pytest.raises(HornbookError, match="does not fit"):
        captions.lines_of("w" * 43)


def test_captions_that_are_short_fast_or_over_each_other_are_told():
    said = [Caption("a" * 40, 0, 2), Caption("b", 1.5, 2), Caption("c" * 34, 3, 5)]
    faults = [(caption.text[0], words) for caption, words in captions.faults(said)]
    assert [letter for letter, _ in faults] == ["a", "a", "b"]
    assert "20.0 characters a second" in faults[0][1] and "next one" in faults[1][1] and "0.50 s" in faults[2][1]


def test_srt_and_vtt_and_transcript():
    said = [Caption("One & <two>.", 1.5, 4), Caption("Three.", 3661.0, 3662.25)]
    assert captions.srt(said) == (
        "1\n00:00:01,500 --> 00:00:04,000\nOne & ‹two›.\n\n2\n01:01:01,000 --> 01:01:02,250\nThree.\n"
    )
    assert captions.vtt(said).startswith("WEBVTT\n\n00:00:01.500 --> 00:00:04.000 line:92%\nOne &amp; &lt;two&gt;.\n\n")
    page = captions.transcript("Film", [("Card", 2, 65.0, [Caption("Card.", 65, 68)]), ("Start", 3, 70.0, said)])
    assert "<h2>Card <small>1:05</small></h2>\n<h3>Start <small>1:10</small></h3>" in page
    assert "<p>One &amp; &lt;two&gt;. Three.</p>" in page


def test_players_read_every_word_of_the_subtitles(tmp_path):
    av = pytest.importorskip("av", reason="the film's extra is not installed")
    texts = [
        "Number zero is <UNK>. It stands for every word that is not in the table.",
        "A: <UNK> in both.",
        "a < b > c",
    ]
    said = [Caption(text, 3.0 * place, 3.0 * place + 3) for place, text in enumerate(texts)]
    for write, sign in ((captions.srt, "‹›"), (captions.vtt, "<>")):
        path = tmp_path / f"film.{write.__name__}"
        path.write_text(write(said), encoding="utf-8")
        with av.open(str(path)) as file:
            read = [each.dialogue.decode() for packet in file.demux(subtitles=0) for each in packet.decode()]
        expected = ["\n".join(captions.lines_of(text)) for text in texts]
        assert read == [text.replace("<", sign[0]).replace(">", sign[1]) for text in expected]


def test_the_script_has_twelve_steps_in_six_sections_each_with_a_title_and_a_question():
    assert [section.number for section in script.SECTIONS] == [1, 2, 3, 4, 5, 6]
    steps = [[part.name for part in section.parts if part.name.isdigit()] for section in script.SECTIONS]
    assert steps == [["1"], ["2"], ["3", "4", "5"], ["6", "7", "8"], ["9", "11"], ["10", "12"]]
    for section in script.SECTIONS:
        names = {part.name for part in section.parts}
        assert {f"title{section.number}", f"question{section.number}"} <= names


def test_parts_are_chosen_by_step_section_and_name_in_the_films_order():
    assert [part.name for part in script.chosen(["7", "6"])] == ["6", "7"]
    assert [part.name for part in script.chosen(["section2", "2"])] == ["title2", "2", "question2"]
    assert len(script.chosen([])) == len(script.PARTS) == 12 + 6 + 6 + 2
    with pytest.raises(HornbookError, match='Did you mean "section3"'):
        script.chosen(["sektion3"])


def test_the_film_is_imported_without_manim():
    code = "import sys, hornbook.film.script, hornbook.film.render, hornbook.cli.film; print('manim' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert out.stdout.split() == ["False"]


def test_without_manim_it_is_said_what_to_install(monkeypatch):
    from hornbook.film import stage

    monkeypatch.setitem(sys.modules, "manim", None)
    with pytest.raises(HornbookError, match=r"pip install 'hornbook\[film\]'.*libpango1.0-dev libcairo2-dev"):
        stage.need_manim()
