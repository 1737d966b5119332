"""`hornbook tokenize`: what it draws, its JSON, what it saves, and bad input."""

import io
import json

import pytest
from rich.console import Console

from hornbook.cli import main, tokenize


@pytest.fixture
def run(capsys, monkeypatch):
    """Run the command with a wide, colourless terminal; gives exit code, stdout, stderr."""
    monkeypatch.setenv("COLUMNS", "200")

    def run_it(*arguments):
        with pytest.raises(SystemExit) as stopped:
            main(["tokenize", *map(str, arguments)])
        out, err = capsys.readouterr()
        return stopped.value.code or 0, out, err

    return run_it


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "ducks.txt"
    path.write_text("the duck and the duckling and the ducks\n" * 30, encoding="utf-8")
    return path


def test_tokens_over_their_ids(run, corpus):
    code, out, _ = run("the duck", "--kind", "characters", "--corpus", corpus)
    assert code == 0 and out.splitlines() == [
        "characters, 20 tokens, trained just now on ducks (1,080 characters)",
        "│t │h │e │␣│d│u │c│k │",
        "│18│12│10│6│9│19│8│14│",
        "8 characters, 8 tokens, 1.00 characters per token, 0 unknown",
    ]


def test_unknowns_blanks_and_bytes_can_be_seen(run, corpus):
    _, out, _ = run("duck\tx\n  e\u0301", "--kind", "characters", "--corpus", corpus)
    assert "│d│u │c│k │⇥    │x    │↵│" in out and "│␣│␣│e │◌\u0301    │" in out and "<UNK>" in out
    assert "3 unknown: ⇥ ×1, x ×1, ◌\u0301 ×1" in out
    _, out, _ = run("ducks\0é\udc80", "--corpus", corpus)
    assert "\\x00" in out and "\\xc3│\\xa9" in out and "1 unknown: \\udc80 ×1" in out


def test_rows_fit_the_terminal_and_end_at_newlines(run, corpus, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    _, out, _ = run("the duck and the duckling\nthe ducks", "--kind", "words", "--corpus", corpus)
    rows = [line for line in out.splitlines() if line.startswith("│")]
    assert len(rows) >= 4 and all(len(row) <= 30 for row in rows)
    _, out, _ = run("the\nduck", "--kind", "bpe", "--corpus", corpus)
    assert [line for line in out.splitlines() if line.startswith("│")][::2] == ["│the│↵  │", "│du │ck │"]


def test_neighbours_have_two_colours():
    console = Console(file=io.StringIO(), force_terminal=True, color_system="standard", width=80)
    tokens = [{"id": id_, "token": token, "text": token} for id_, token in ((5, "a"), (6, "b"), (1, "<UNK>"))]
    console.print(*tokenize._rows(tokens, 1, 80))
    drawn = console.file.getvalue()
    assert "\x1b[30;106ma" in drawn and "\x1b[30;103mb" in drawn and "\x1b[37;41m<UNK>" in drawn


def test_merges_with_their_counts(run, corpus):
    code, out, _ = run("--corpus", corpus, "--show-merges", 3)
    assert code == 0
    assert [line.split() for line in out.splitlines()[1:]] == [
        ["1", "81", "×", "c", "+", "k", "→", "ck"],
        ["2", "81", "×", "d", "+", "u", "→", "du"],
        ["3", "81", "×", "h", "+", "e", "→", "he"],
    ]


def test_wordpiece_shows_its_merges_too(run, corpus):
    _, out, _ = run("ducklings", "--kind", "wordpiece", "--corpus", corpus, "--show-merges", 2, "--json")
    facts = json.loads(out)
    assert facts["merges"] == [
        {"left": "d", "right": "##u", "made": "du", "count": 81},
        {"left": "t", "right": "##h", "made": "th", "count": 81},
    ]
    assert [token["token"] for token in facts["tokens"]] == ["duckling", "##s"]


def test_json_has_everything(run, corpus):
    _, out, _ = run("the ducks!", "--kind", "words", "--corpus", corpus, "--json")
    facts = json.loads(out)
    assert facts["tokenizer"]["kind"] == "words" and facts["tokenizer"]["vocab_size"] == 10
    assert facts["tokens"][1] == {"id": 9, "token": "ducks", "start": 4, "end": 9, "text": "ducks"}
    assert facts["unknown"] == {"!": 1} and facts["characters"] == 10 and facts["characters_per_token"] == 10 / 3


def test_saved_and_taken_again(run, corpus, tmp_path):
    path = tmp_path / "new" / "tokenizer.json"
    code, out, _ = run("--corpus", corpus, "--kind", "bpe", "--vocab-size", 270, "--save", path)
    assert code == 0 and path.exists() and str(path) in out
    _, first, _ = run("the duck", "--tokenizer", path)
    _, second, _ = run("the duck", "--tokenizer", path.parent)
    assert "bpe, 270 tokens, from" in first and first.splitlines()[1:] == second.splitlines()[1:]
    _, merges, _ = run("--tokenizer", path, "--show-merges", 1)
    assert merges.splitlines()[1].split() == ["1", "c", "+", "k", "→", "ck"]


def test_a_file_and_standard_input(run, corpus, monkeypatch):
    _, from_file, _ = run(corpus, "--kind", "words", "--corpus", corpus, "--characters", 10)
    assert "1,200 characters, 240 tokens" in from_file and "tokens more" in from_file

    class Stdin:
        buffer = io.BytesIO(b"the duck")

    monkeypatch.setattr("sys.stdin", Stdin)
    _, out, _ = run("-", "--kind", "words", "--corpus", corpus)
    assert "8 characters, 2 tokens" in out


def test_without_more_words_it_learns_from_the_language_topics(run):
    code, out, _ = run("")
    assert code == 0 and "bpe" in out and "trained just now on pydoc" in out
    assert "0 characters, 0 tokens, 0 unknown" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "tokenize needs a text, a file, or -"),
        (["x", "--kind", "bpf"], 'Did you mean "bpe"'),
        (["x", "--vocab-size", "100"], "vocab_size is too small by 161"),
        (["x", "--kind", "words", "--min-count", "100000000"], "leaves no words"),
        (["x", "--corpus", "no-such-thing"], "no corpus, file or folder"),
        (["x", "--tokenizer", "no-such.json"], "there is no tokenizer"),
        (["x", "--tokenizer", "a.json", "--kind", "bpe"], "--tokenizer takes one as it is"),
        (["x", "--kind", "words", "--show-merges", "3"], "words are never merged"),
        (["BINARY"], "is not a text: byte 1 is 0x00"),
    ],
)
def test_bad_input_is_told_in_two_lines(run, tmp_path, arguments, message):
    binary = tmp_path / "picture.txt"
    binary.write_bytes(b"a\0b")
    code, out, err = run(*(str(binary) if argument == "BINARY" else argument for argument in arguments))
    assert code == 2 and message in err and len(err.splitlines()) <= 2 and not out
