"""Token files and windows: labels shifted by one, an epoch covers the text once, in an order of seed and step."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook.errors import HornbookError
from hornbook.tokenizer import Tokenizer
from hornbook.training.tokens import Windows, read_stream, windows_of, write_streams


def test_streams_by_hand(tmp_path):
    tokenizer = Tokenizer.train(["abcd"], kind="characters")
    paths = {"train": tmp_path / "t", "validation": tmp_path / "v", "test": tmp_path / "e"}
    parts = [("train", True, "ab"), ("validation", True, "d"), ("train", True, "c"), ("train", False, "dd")]
    characters = write_streams(parts, tokenizer, paths)
    train, validation, test = (read_stream(path, tokenizer.vocab_size) for path in paths.values())
    bos, (a, b, c, d) = tokenizer.bos, tokenizer.encode("abcd")
    assert train.tolist() == [bos, a, b, bos, c, d, d]
    assert validation.tolist() == [bos, d]
    assert test.tolist() == []
    assert characters == {"train": 6, "validation": 1, "test": 0}  # a b, the end of the first document, c d d


@given(length=st.integers(1, 9), size=st.integers(2, 200), batch=st.integers(1, 7), seed=st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_an_epoch_predicts_each_token_at_most_once_and_leaves_out_less_than_two_windows(length, size, batch, seed):
    if size < length + 1:
        with pytest.raises(HornbookError, match="fewer than one window"):
            Windows(np.arange(size), length, batch, seed)
        return
    windows = Windows(np.arange(size), length, 1, seed)
    epoch = np.concatenate([windows.batch(step) for step in range(1, windows.per_epoch + 1)])
    labels = np.sort(epoch[:, 1:].ravel())
    assert (np.diff(labels) == 1).all()
    assert labels[0] <= length
    assert labels[-1] >= size - 2 * length
    assert (epoch[:, 1:] == epoch[:, :-1] + 1).all()  # the label of each feature is the token after it


def test_batches_depend_on_seed_and_step_alone():
    stream = np.arange(1000)
    once, again = Windows(stream, 8, 4, seed=1), Windows(stream, 8, 4, seed=1)
    expected = [once.batch(step) for step in range(1, 80)]
    for step in (79, 3, 40):  # as a resumed run would ask
        assert (again.batch(step) == expected[step - 1]).all()
    assert (Windows(stream, 8, 4, seed=2).batch(1) != expected[0]).any()


@given(size=st.integers(2, 120), context=st.integers(1, 20), stride=st.integers(1, 20))
@settings(max_examples=100, deadline=None)
def test_every_token_but_the_first_is_scored_once_in_order(size, context, stride):
    stride = min(stride, context)
    seen = []
    for ids, scored in windows_of(np.arange(size), context, stride):
        assert len(ids) <= context + 1
        seen.extend(ids[-scored:])
        if ids[0] > 0:  # all but the first window
            assert len(ids) - scored >= context - stride + 1 or len(ids) == context + 1
    assert seen == list(range(1, size))
