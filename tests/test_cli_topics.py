"""`hornbook topics`: the table on a screen and in a pipe, one topic in depth, and which models have none."""

import json
from types import SimpleNamespace

import pytest
from rich.console import Console

import hornbook.cli.topics as command
from hornbook.encoder import TextEncoder
from hornbook.topics import Topic

HELD_OUT = ["first <passage>", "second\npassage [bold]", "third passage"]
TOPICS = [
    Topic(1, 0.75, [("sea", 0.5), ("ice", 0.25), ("ship", 0.125)], 0.25, [(1, 0.9), (0, 0.2)]),
    Topic(0, 0.25, [("<b>", 0.5), ("[red]", 0.1)], -0.5, []),
]
SIGNED = [Topic(0, 0.1, [("sea", 0.5), ("fire", -0.25)], float("nan"), [(2, 0.31)])]


@pytest.fixture
def run(monkeypatch):
    """`run(model, topics)` makes every run folder one of a stand-in; what `k` was asked for is kept in `asked`."""
    asked = []

    def of(model="lda", topics=TOPICS):
        monkeypatch.setattr(TextEncoder, "load", lambda _: SimpleNamespace(model=model, kind=model, held_out=HELD_OUT))
        monkeypatch.setattr("hornbook.topics.topics_of", lambda _, k: asked.append(k) or topics)
        return asked

    return of


@pytest.fixture
def screen(monkeypatch):
    """Print as on a screen of 80 columns; the text that came of it."""
    made = Console(width=80, record=True, force_terminal=True, highlight=False)
    monkeypatch.setattr(command, "console", lambda: made)
    return made


def test_in_a_pipe_a_line_each(hornbook, run):
    asked = run()
    assert hornbook("topics", "run")[1] == "1\t0.7500\t0.2500\tsea ice ship\n0\t0.2500\t-0.5000\t<b> [red]\n"
    run("lsa", SIGNED)
    assert hornbook("topics", "run", "-k", 4)[1] == "0\t0.1000\tnan\tsea -fire\n"
    assert asked == [10, 4]


def test_on_a_screen_a_table(hornbook, run, screen):
    run()
    code, _, err = hornbook("topics", "run")
    assert code == 0, err
    shown = screen.export_text()
    lines = shown.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == ["topic", "share", "coherence", "words"]
    assert lines[1].split() == ["1", "75.0%", "██████████", "0.250", "sea", "ice", "ship"]
    assert lines[2].split() == ["0", "25.0%", "███▍", "−0.500", "<b>", "[red]"]
    run("lsa", SIGNED)
    hornbook("topics", "run")
    assert "10.0%  ██████████          –  sea − fire" in screen.export_text()


def test_one_topic_in_depth(hornbook, run, screen):
    asked = run()
    hornbook("topics", "run", "--topic", 1)
    shown = screen.export_text()
    assert asked == [30]
    assert "Topic 1: 75.0% of the words it has; coherence 0.250" in shown
    assert [line.split() for line in shown.splitlines()[1:4]] == [
        ["sea", "0.5000", "██████████"],
        ["ice", "0.2500", "█████"],
        ["ship", "0.1250", "██▌"],
    ]
    assert "held-out passage 2, 90% of it\nsecond passage [bold]" in shown
    assert shown.index("second passage") < shown.index("first <passage>")
    hornbook("topics", "run", "--topic", 0)
    assert "kept no held-out passages" in screen.export_text()
    run("lsa", SIGNED)
    hornbook("topics", "run", "--topic", 0)
    assert "held-out passage 3, at 0.310 along it" in screen.export_text()


def test_as_json(hornbook, run):
    run()
    told = json.loads(hornbook("topics", "run", "--json")[1])
    assert told["model"] == "lda"
    assert [row["number"] for row in told["topics"]] == [1, 0]
    assert told["topics"][0]["words"][1] == {"word": "ice", "weight": 0.25}
    told = json.loads(hornbook("topics", "run", "--topic", 1, "--json")[1])
    assert told["passages"][0] == {"passage": 2, "strength": 0.9, "text": HELD_OUT[1]}
    run("lsa", SIGNED)
    assert json.loads(hornbook("topics", "run", "--json")[1])["topics"][0]["coherence"] is None


def test_which_models_have_topics(hornbook, run):
    run("word2vec")
    code, out, err = hornbook("topics", "run")
    assert (code, out) == (2, "")
    assert "word2vec, which has no topics; lda and lsa have" in err
    run()
    code, _, err = hornbook("topics", "run", "--topic", 7)
    assert code == 2
    assert "no topic 7: they go from 0 to 1" in err


def test_no_run_no_topics(hornbook):
    code, _, err = hornbook("topics", "nowhere")
    assert code == 2
    assert "there is no run nowhere" in err


@pytest.mark.parametrize("model", ["lda", "lsa"])
def test_a_real_run(hornbook, tmp_path, model):
    animals, ships = (
        "the cat and the dog and the fox ran after a bird. ",
        "a ship and a boat sail on the sea with ice. ",
    )
    (tmp_path / "text.txt").write_text(("\n\n".join([animals * 12, ships * 12]) + "\n\n") * 12)
    settings = {"n_components": 2} | ({"max_document_share": 1.0} if model == "lda" else {})
    TextEncoder.train(str(tmp_path / "text.txt"), model, tmp_path / "run", settings)
    code, out, err = hornbook("topics", "run")
    assert code == 0, err
    rows = [line.split("\t") for line in out.splitlines()]
    assert sorted(row[0] for row in rows) == ["0", "1"]
    assert all(0 <= float(row[1]) <= 1 for row in rows)
    told = json.loads(hornbook("topics", "run", "--topic", 0, "--json")[1])
    strengths = [passage["strength"] for passage in told["passages"]]
    assert strengths == sorted(strengths, reverse=True)
    assert strengths
