"""The encoder whose code the film shows: it trains, and what it returns has the promised shapes."""

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
    before = example.perplexity(model.eval(), stream).item()
    example.train(model.train(), stream, 30)
    return model.eval(), ids, stream, before


def test_it_learns_its_text_and_logs_every_step(trained, capsys):
    model, _, stream, before = trained
    assert example.perplexity(model, stream).item() < before / 3
    example.train(model, stream, 2)
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["0", "1"]


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
