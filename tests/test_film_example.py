"""The encoder whose code the film shows: it trains, and what it returns has the promised shapes."""

import math
import subprocess
import sys

import pytest

torch = pytest.importorskip("torch")

from hornbook.film import example  # noqa: E402

TEXT = "the cat sat on the mat . the dog sat on the log . " * 40


@pytest.fixture(scope="module")
def trained():
    torch.manual_seed(0)
    ids = example.vocabulary(example.tokens(TEXT))
    stream = example.encode(example.tokens(TEXT), ids)
    model = example.Encoder(len(ids))
    before = example.perplexity(model, stream)
    example.train(model, stream, stream, 30)
    return model, ids, stream, before


def test_it_learns_its_text_and_logs_every_hundredth_step(trained, capsys):
    model, _, stream, before = trained
    assert example.perplexity(model, stream) < before / 3
    example.train(model, stream, stream, 101)
    ((step, perplexity),) = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert step == "100" and 1 < float(perplexity) < before / 3


def test_perplexity_is_e_to_the_mean_loss_of_all_words_asked_for(trained):
    model, _, stream, _ = trained
    rows = stream[: len(stream) // 33 * 33].view(-1, 33)
    nats = []
    for row in rows:
        scores = model.head(model(row[None, :-1]))[0].detach().log_softmax(-1)
        nats += [-scores[place, word].item() for place, word in enumerate(row[1:])]
    assert example.perplexity(model, stream) == pytest.approx(math.exp(sum(nats) / len(nats)), rel=1e-4)


def test_words_not_known_are_unk_and_frequent_ones_come_first(trained):
    ids = trained[1]
    assert ids["<UNK>"] == 0 and ids["the"] == 1
    assert example.encode(["the", "whale"], ids).tolist() == [1, 0]
    assert len(example.vocabulary(example.tokens(TEXT), V=4)) == 4


def test_a_text_of_any_length_becomes_one_vector_and_order_matters(trained):
    model, ids, _, _ = trained
    short, long, turned = (example.vector(model, example.encode(example.tokens(text), ids))
                           for text in ("the cat", "the cat sat on the mat", "the mat sat on the cat"))  # fmt: skip
    assert short.shape == long.shape == (64,)
    assert not torch.allclose(long, turned, atol=1e-3)


def test_a_position_sees_nothing_behind_it(trained):
    model, ids, _, _ = trained
    a = model(example.encode(example.tokens("the cat sat"), ids)[None])
    b = model(example.encode(example.tokens("the cat sat on the log"), ids)[None])
    torch.testing.assert_close(a[0], b[0, :3], atol=1e-5, rtol=1e-5)


def started(*arguments):
    """The example as a command, ended: its exit code, output and complaint."""
    command = [sys.executable, "-m", "hornbook.film.example", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def test_the_shortest_text_that_is_taken_is_trained_on_and_tested(tmp_path):
    book = tmp_path / "book.txt"
    book.write_text(" ".join(["word", "other"] * (example.LEAST // 2)))
    code, out, complaint = started(book, "--steps", 2)
    assert code == 0, complaint
    assert [line.split()[0] for line in out.splitlines()] == ["held-out", "cosine"]


@pytest.mark.parametrize(
    "content, says",
    [
        (b"word " * (example.LEAST - 1), f"has {example.LEAST - 1} words, training and testing need {example.LEAST}"),
        (b"\xff\xfe\x00", "cannot be read as a text"),
        (None, "cannot be read as a text"),
    ],
)
def test_a_book_that_cannot_be_trained_on_is_one_line_before_any_training(content, says, tmp_path):
    book = tmp_path / "book.txt"
    if content is not None:
        book.write_bytes(content)
    code, out, complaint = started(book)
    assert code == 1 and out == "" and len(complaint.splitlines()) == 1 and says in complaint


def test_without_a_book_its_usage_is_said():
    code, _, complaint = started()
    assert code == 2 and complaint.startswith("usage:") and "book" in complaint
