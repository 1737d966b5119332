"""The ladder: ranked by what was measured, each rung its share of the time, a page that needs nothing else."""

import math
from html.parser import HTMLParser
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook import ladder as module
from hornbook import run as files
from hornbook.corpus import Corpus
from hornbook.errors import HornbookError
from hornbook.ladder import COUNTED, RUNGS, Ladder, markdown
from hornbook.ladder_report import _labels, _ticks, page, write_report

pytest.importorskip("torch")

STEPS, BATCH = 3, 2
QUICK = {"max_steps": STEPS, "batch_size": BATCH, "validations": 2, "validation_tokens": 100}
TEXT = ["the cat sat on the mat and the dog sat on the log; " * 40]


def climb(ladder, upto=None):
    """Train the rungs that are missing, as far as the one named."""
    trained = []
    for trainer in ladder.rungs():
        if trainer.model == upto:
            break
        list(trainer.steps())
        trainer.finish()
        trained.append(trainer.model)
    return trained


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A ladder with every rung on it."""
    ladder = Ladder(Corpus("rhyme", TEXT), tmp_path_factory.mktemp("ladder"), minutes=5, settings=QUICK)
    assert climb(ladder) == list(RUNGS)
    return ladder


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """A ladder of counted rungs alone, of a text whose name would like to be more than a name."""
    corpus = Corpus("<script>alert('x')</script> & co", TEXT, source='a "source" <b>')
    ladder = Ladder(corpus, tmp_path_factory.mktemp("counted"), settings=QUICK)
    assert climb(ladder, "rnn") == list(COUNTED)
    return ladder


def test_rows_are_sorted_and_say_what_the_runs_say(whole):
    rows = whole.rows()
    bits = [row["bits_per_character"] for row in rows]
    assert bits == sorted(bits)
    assert {row["rung"] for row in rows} == set(RUNGS)
    for row in rows:
        results = files.read_config(whole.folder / row["rung"])["results"]
        assert row["bits_per_character"] == results["validation"]["bits_per_character"]
        assert (row["parameters"], row["seconds"]) == (results["parameters"], results["seconds"])
        log = files.read_log(whole.folder / row["rung"])
        validations = [line["validation"] for line in log if "validation" in line]
        assert [value for _, value in row["curve"]] == pytest.approx([nats / math.log(2) for nats in validations])
        assert len(row["curve"]) == (0 if row["rung"] in COUNTED else 2)


def test_characters_per_second_are_those_read_over_the_seconds_they_took(whole):
    for row in whole.rows():
        config = files.read_config(whole.folder / row["rung"])
        length = config["config"].get("block_size") or config["settings"]["sequence_length"]
        read = (
            len(TEXT[0]) * 9 // 10 if row["rung"] in COUNTED else STEPS * BATCH * length
        )  # a token is a character here
        assert row["characters_seen"] == pytest.approx(read)
        assert row["characters_per_second"] == pytest.approx(read / row["seconds"])


def test_a_row_by_hand_where_a_token_is_two_characters():
    about = {
        "corpus": {"name": "x", "characters": {"train": 1000}},
        "results": {
            "parameters": 9,
            "seconds": 5.0,
            "validation": {"bits_per_character": 2.0, "interval_95": [1, 3], "tokens": 50, "characters": 100},
        },
    }
    log = [
        {"step": 1, "tokens": 300, "seconds": 2.0},
        {"step": 2, "tokens": 600, "seconds": 4.0, "validation": 4 * math.log(2)},
    ]
    row = module._row("lstm", about, log)
    assert row["curve"] == [(4.0, pytest.approx(2.0))]  # four bits a token of two characters
    assert (row["characters_seen"], row["characters_per_second"]) == (1200, 240)
    assert module._row("ngram", about, [])["characters_per_second"] == 200
    del about["results"]["validation"]
    with pytest.raises(HornbookError, match="too short"):
        module._row("lstm", about, log)


def test_a_ladder_goes_on_where_it_was_and_on_no_other_text(counted, tmp_path):
    again = Ladder(counted.corpus, counted.folder, settings=QUICK)
    assert next(again.rungs()).model == "rnn"  # which is begun now, and finished by nobody
    assert next(Ladder(counted.corpus, counted.folder, settings=QUICK).rungs()).model == "rnn"
    other = Ladder(Corpus("other", ["something else altogether; " * 40]), counted.folder)
    with pytest.raises(HornbookError, match="holds a ladder of another text"):
        other.rows()
    with pytest.raises(HornbookError, match="holds a ladder of another text"):
        next(other.rungs())


def test_a_finished_ladder_trains_nothing(whole):
    assert list(Ladder(whole.corpus, whole.folder, settings=QUICK).rungs()) == []


def test_each_trained_rung_gets_its_share_of_the_time_left(tmp_path, monkeypatch):
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now))
    ladder = Ladder(Corpus("rhyme", TEXT), tmp_path, minutes=2)
    seconds = {}
    for trainer in ladder.rungs():
        seconds[trainer.model] = trainer.settings.max_seconds
        clock.now += {"ngram": 30, "rnn": 10, "lstm": 100}.get(trainer.model, 0)
    assert [seconds[rung] for rung in COUNTED] == [None] * 3
    trained = {rung: seconds[rung] for rung in RUNGS if rung not in COUNTED}
    # of 120 s, 30 went to counting: a third of 90; then half of 80; then 20 s too many are gone, and a second is left
    assert trained == pytest.approx({"rnn": 0.85 * 30, "lstm": 0.85 * 40, "gpt": 0.85})


@pytest.mark.parametrize("minutes", [0, -1, float("nan")])
def test_time_must_be_given(minutes, tmp_path):
    with pytest.raises(HornbookError, match="it must be greater than 0"):
        Ladder(Corpus("rhyme", TEXT), tmp_path / "ladder", minutes)
    assert not (tmp_path / "ladder").exists()


def test_tokenizer_settings_go_to_the_tokenizer(tmp_path):
    ladder = Ladder(Corpus("rhyme", TEXT), tmp_path, tokenizer="bpe", settings={"vocab_size": 270, **QUICK})
    assert ladder.tokenizer.vocab_size == 270
    assert ladder.settings == QUICK


# -- the report -----------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """Checks that tags close in order, and gathers what a page would fetch, and its texts by tag."""

    def __init__(self, text):
        super().__init__()
        self.open, self.fetched, self.texts, self.tags = [], [], {}, []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.fetched += [value for name, value in attributes if name in ("src", "href", "xlink:href", "data", "action")]
        if tag not in ("meta", "line"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)


def test_the_page_needs_nothing_else_and_holds_the_table(whole):
    text = write_report(whole).read_text(encoding="utf-8")
    read, rows = Page(text), whole.rows()
    assert read.fetched == []
    assert not {"script", "link", "img", "iframe"} & set(read.tags)
    assert not any(word in text for word in ("http:", "https:", "url(", "@import"))
    names = [cell for cell in read.texts["td"] if cell in RUNGS]
    assert names == [row["rung"] for row in rows]
    for row in rows:
        assert f"{row['bits_per_character']:.3f}" in read.texts["td"]
        assert f"{row['characters_per_second']:,.0f}" in read.texts["td"]
    assert read.texts["strong"] == [rows[0]["rung"], f"{rows[0]['bits_per_character']:.3f}"]
    assert read.tags.count("polyline") == 3


def test_a_lower_figure_is_drawn_lower(whole):
    text = page(whole.rows(), whole.corpus)
    heights = {}
    for rung in COUNTED:
        heights[rung] = float(text.split(f'<line class="{rung}"')[1].split('y1="')[1].split('"')[0])
    bits = {row["rung"]: row["bits_per_character"] for row in whole.rows()}
    assert sorted(COUNTED, key=heights.get) == sorted(COUNTED, key=bits.get, reverse=True)
    for rung in ("rnn", "lstm", "gpt"):
        points = text.split(f'<polyline class="{rung}" points="')[1].split('"')[0].split()
        first, last = (tuple(map(float, point.split(","))) for point in (points[0], points[-1]))
        curve = next(row["curve"] for row in whole.rows() if row["rung"] == rung)
        assert len(points) == len(curve)
        assert first[0] < last[0]
        assert (first[1] < last[1]) == (curve[0][1] > curve[-1][1])


def test_names_are_text_wherever_they_stand(counted):
    text = write_report(counted).read_text(encoding="utf-8")
    read = Page(text)
    assert "script" not in read.tags
    assert "b" not in read.tags
    assert read.texts["title"] == read.texts["h1"] == [f"The ladder on {counted.corpus.name}"]
    assert any('a "source" <b>' in part for part in read.texts["p"])


def test_counted_rungs_alone_make_a_report(counted):
    read = Page(write_report(counted).read_text(encoding="utf-8"))
    assert read.tags.count("polyline") == 0
    assert [cell for cell in read.texts["td"] if cell in RUNGS] == ["ngram", "unigram", "uniform"]
    only = [row for row in counted.rows() if row["rung"] == "uniform"]
    assert "uniform" in page(only, counted.corpus)  # a single level, with nothing above or below


def test_the_markdown_table(whole):
    lines = (write_report(whole).with_suffix(".md")).read_text(encoding="utf-8").splitlines()
    assert "\n".join(lines) + "\n" == "# The ladder on rhyme\n\n" + markdown(whole.rows())
    cells = [line.strip("| ").split(" | ") for line in lines[2:]]
    assert {len(row) for row in cells if "---" not in row[0]} == {6}
    for row, shown in zip(whole.rows(), cells[2:]):
        low, high = row["interval_95"]
        assert shown[:3] == [row["rung"], f"{row['bits_per_character']:.3f}", f"{low:.3f} to {high:.3f}"]


@given(st.floats(-50, 50), st.floats(1e-3, 1e4))
@settings(max_examples=100, deadline=None)
def test_ticks_are_round_and_inside(low, size):
    ticks = _ticks(low, low + size)
    assert 1 <= len(ticks) <= 6
    assert all(low - 1e-9 <= tick <= low + size + 1e-9 for tick in ticks)
    if len(ticks) > 2:
        steps = {round(b - a, 9) for a, b in pairwise(ticks)}
        assert len(steps) == 1
        assert f"{steps.pop():e}"[0] in "125"


@given(st.lists(st.floats(16, 336), min_size=1, max_size=6))
@settings(max_examples=50, deadline=None)
def test_labels_never_cover_each_other(places):
    labels = _labels([(at, f"label {i}") for i, at in enumerate(places)])
    heights = [float(label.split('y="')[1].split('"')[0]) for label in labels]
    assert all(b - a >= 14.8 for a, b in pairwise(heights))
    assert heights[0] >= 16  # all of them on the page
    assert heights[-1] <= 341
    if all(b - a >= 15 for a, b in pairwise(sorted(places))):
        assert heights == pytest.approx([at + 4 for at in sorted(places)], abs=0.06)
