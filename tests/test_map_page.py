"""A map shown: the page needs nothing else, says what it is given and no other number; no label covers another."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook import map_points
from hornbook.errors import HornbookError
from hornbook.map_page import caption, numbers, page, shorten, write_page
from hornbook.map_picture import draw, place_labels
from hornbook.mapping import Points, make
from hornbook.vectors import WordVectors

WORDS = ["the", "</script><b>x", 'a"b', "don't", "<!--", "&amp;", "$x_1$", "naïve", "\u2028", "{y}"]


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(0)
    names = WORDS + [f"w{i}" for i in range(20)]
    return make(Points("words", names, names, rng.normal(size=(30, 6)), list(range(300, 0, -10))), groups=8)


class Read(HTMLParser):
    """What a browser would make of the page: tags, texts, attributes."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts, self.attributes, self.open = [], {}, [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.open.append((attributes and dict(attributes).get("id")) or tag)
        self.attributes += attributes

    def handle_data(self, data):
        if self.open:
            self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data


def embedded(text):
    return json.loads(re.search(r'<script type="application/json" id="numbers">(.*?)</script>', text, re.S)[1])


def test_the_page_holds_exactly_the_map(found):
    shown = embedded(page(found, "t"))
    assert shown == json.loads(json.dumps(numbers(found)))
    assert shown["names"] == found.points.names
    assert shown["counts"] == found.points.counts
    assert shown["near"] == found.neighbours.tolist()
    assert shown["cosine"] == found.cosines.round(4).tolist()
    assert pytest.approx(found.positions, rel=1e-5) == np.array([shown["x"], shown["y"]]).T
    assert shown["group"] == found.groups.tolist()
    assert shown["measured"]["trustworthiness"] == found.measured["trustworthiness"]


def test_the_page_needs_nothing_else(found):
    text = page(found, "t")
    read = Read(text)
    assert not any(word in text for word in ("http:", "https:", "url(", "@import", "//cdn"))
    assert not [value for name, value in read.attributes if name in ("src", "href", "srcset", "action", "style")]
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    assert not {"link", "img", "iframe", "object"} & set(read.tags)
    policy = next(value for _, value in read.attributes if value and "'none'" in value)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    assert not re.search(r"<!--\w+-->", text)


def test_words_and_titles_are_text(found):
    read = Read(page(found, "<b>runs & co</b>"))
    assert read.texts["h1"] == "<b>runs & co</b>"
    assert "b" not in read.tags
    assert read.tags.count("script") == 2
    assert all(word in embedded(page(found, "t"))["names"] for word in WORDS)
    assert "innerHTML" not in page(found, "t")
    assert not set("<>&") & set(read.texts["numbers"])


def test_every_control_has_a_name(found):
    text = page(found, "t")
    for button in re.findall(r"<button[^>]*>([^<]*)</button>", text):
        assert button.strip()
    assert '<label for="wanted">' in text
    assert 'aria-label="Map of words"' in text


def test_two_thousand_words_stay_under_a_megabyte(tmp_path):
    rng = np.random.default_rng(0)
    names = [f"word{i:07}" for i in range(2000)]
    large = make(Points("words", names, names, rng.normal(size=(2000, 8)), [9999] * 2000), "pca", groups=1)
    write_page(large, tmp_path / "map.html", "large")
    assert (tmp_path / "map.html").stat().st_size < 600_000


def test_the_caption_says_what_was_measured(found):
    said = " ".join(caption(found))
    assert f"Trustworthiness {found.measured['trustworthiness']:.3f} over 8 neighbours" in said
    assert f"Of a word's 8 nearest by cosine, {found.measured['kept']:.1f} are among" in said
    assert "t-SNE of 30 words, 6 numbers each, brought to length 1 (seed 42, perplexity 9.67)." in said
    flat = make(found.points, "pca", groups=1)
    first, second = flat.measured["variance"]
    said = " ".join(caption(flat))
    assert f"The two directions hold {first:.1%} and {second:.1%} of the variance." in said
    assert "Colours" not in said


def test_a_picture_of_any_words(found, tmp_path):
    draw(found, tmp_path / "map.png", "a $title$")
    head = (tmp_path / "map.png").read_bytes()[:24]
    assert head[1:4] == b"PNG"
    assert [int.from_bytes(head[i : i + 4], "big") for i in (16, 20)] == [2400, 1800]
    draw(make(Points("words", ["a", "b"], ["a", "b"], np.eye(2)), "pca"), tmp_path / "two.png", "two")


label = st.tuples(st.floats(0, 300), st.floats(0, 200), st.floats(1, 90), st.floats(1, 20))


@given(st.lists(label, max_size=40), st.floats(0, 8))
@settings(max_examples=100, deadline=None)
def test_labels_never_cover_each_other_nor_leave_the_picture(labels, gap):
    anchors, sizes = [row[:2] for row in labels], [row[2:] for row in labels]
    placed = place_labels(anchors, sizes, (0, 0, 300, 200), gap)
    boxes = [(x, y, x + sizes[i][0], y + sizes[i][1]) for i, (x, y) in placed.items()]
    for i, a in enumerate(boxes):
        assert a[0] >= 0 and a[1] >= 0 and a[2] <= 300 and a[3] <= 200
        for b in boxes[:i]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_labels_by_hand():
    """Five anchors in one place: right, left, above, below, none; and one at the edge, which has room on its left."""
    placed = place_labels([(50, 50)] * 5 + [(98, 10)], [(20, 10)] * 6, (0, 0, 100, 100), gap=6)
    assert placed == {0: (56, 45), 1: (24, 45), 2: (40, 56), 3: (40, 34), 5: (72, 5)}


def test_the_most_frequent_words_come_first():
    vectors = WordVectors(["b", "a", "c"], np.eye(3), [5, 9, 5])
    assert map_points.frequent(vectors, 2).names == ["a", "b"]
    assert map_points.frequent(vectors).counts == [9, 5, 5]
    assert map_points.frequent(WordVectors(["b", "a"], np.eye(2)), 5).names == ["b", "a"]
    chosen = map_points.chosen(vectors, ["c", "A", "nothing", "c"])
    assert chosen.names == ["a", "c"]
    assert chosen.left_out == ("Not known and left out: nothing.",)
    with pytest.raises(HornbookError, match='"nothing" is not among'):
        map_points.chosen(vectors, ["nothing"])


def test_a_word_and_its_nearest():
    vectors = WordVectors(["x", "far", "near"], np.array([[1, 0], [0, 1], [1, 0.1]]))
    assert map_points.near(vectors, "X").names == ["x", "near", "far"]
    assert map_points.near(vectors, "x", 1).names == ["x", "near"]


def test_passages_are_spaced_numbered_and_labelled_by_their_words():
    texts = ["the cat sat, the cat ran"] * 2 + ["the dog, the log"] * 2 + ["no"]
    assert map_points.typical_words(texts)[:3] == ["cat ran sat", "cat ran sat", "dog log the"]
    assert map_points.typical_words(texts)[4] == "no"
    encoder = SimpleNamespace(encode=lambda texts: np.eye(len(texts)))
    some = map_points.passages(encoder, [f"text {i}" for i in range(9)], 3)
    assert some.names == ["1", "5", "9"]
    assert some.texts == ["text 0", "text 4", "text 8"]
    assert some.left_out == ("3 of 9 passages, evenly spaced.",)
    with pytest.raises(HornbookError, match="held none out"):
        map_points.passages(encoder, [])


def test_shortening():
    assert shorten("a  b\nc", 9) == "a b c"
    assert shorten("one two, three", 10) == "one two…"


@pytest.mark.skipif(not shutil.which("chromium"), reason="no chromium here")
def test_a_browser_finds_the_word_of_the_address(found, tmp_path):
    write_page(found, tmp_path / "map.html", "t")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
               "--disable-background-networking", f"--user-data-dir={tmp_path / 'profile'}",
               "--virtual-time-budget=2000", "--dump-dom"]  # fmt: skip
    try:
        made = subprocess.run([*command, (tmp_path / "map.html").as_uri() + "#don't"], capture_output=True, timeout=60)
    except subprocess.TimeoutExpired:
        pytest.skip("chromium does not start here")
    if made.returncode:
        pytest.skip("chromium does not run here")
    card = re.search(r'<section id="card".*?</section>', made.stdout.decode(), re.S)[0]
    assert "<h2>don't</h2>" in card
    place = found.points.names.index("don't")
    assert re.findall(r'class="cosine">([^<]*)<', card) == [f"{c:.3f}" for c in found.cosines[place].round(4)]
