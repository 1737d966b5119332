"""One thread for all tests: two that wait for each other on a busy machine take many times as long as one.

And a small run of each form, trained once for all the tests that look into one.
"""

import os

import pytest

from cli_cases import hornbook, lstm  # noqa: F401 (fixtures of the commands' tests)
from encoder_cases import encoders, prose  # noqa: F401

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

RHYME = "the cat sat on the mat and the dog sat on the log; " * 40
TRAINING = {"learning_rate": 0.02, "max_steps": 30, "batch_size": 4, "validations": 4, "validation_tokens": 50}
RECURRENT = {"hidden_size": 8, "embedding_dim": 6, "sequence_length": 12, **TRAINING}
SMALL = {
    "ngram": {"order": 3},
    "rnn": RECURRENT,
    "lstm": RECURRENT,
    "gpt": {"n_layer": 1, "n_head": 2, "n_embd": 8, "block_size": 12, **TRAINING},
}


@pytest.fixture(scope="session")
def rhyme():
    """A text that is learnt at once."""
    from hornbook.corpus import Corpus

    return Corpus("rhyme", [RHYME])


@pytest.fixture(scope="session")
def runs(tmp_path_factory, rhyme):
    """model -> the folder of its finished run; to be read, not written."""
    pytest.importorskip("torch")
    from hornbook.language_model import LanguageModel

    folder = tmp_path_factory.mktemp("runs")
    for model, settings in SMALL.items():
        LanguageModel.train(rhyme, model, out=folder / model, settings=settings)
    return {model: folder / model for model in SMALL}
