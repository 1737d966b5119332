"""A small real text and one finished run of every encoder, for all tests that look into one."""

import pydoc_data.topics

import pytest

TEXT = "\n\n".join(pydoc_data.topics.topics[name] for name in sorted(pydoc_data.topics.topics))[:60_000]
QUICK = {
    "lsa": {"n_components": 10},
    "lda": {"n_components": 4, "sweeps": 12, "averaged": 4},
    "word2vec": {"embedding_dim": 12, "epochs": 3, "mode": "deterministic", "min_count": 2},
} | {
    model: {"n_layer": 1, "n_head": 2, "n_embd": 16, "vocab_size": 400, "max_steps": 4, "batch_size": 8, "threads": 1}
    for model in ("mlm", "contrastive")
}


@pytest.fixture(scope="session")
def prose():
    """English prose that every Python has with it."""
    from hornbook.corpus import Corpus

    return Corpus("prose", [TEXT])


@pytest.fixture(scope="session")
def encoders(tmp_path_factory, prose):
    """model -> the finished `TextEncoder` of a run; to be read, not written."""
    from hornbook.encoder import TextEncoder
    from hornbook.models import ENCODERS

    folder = tmp_path_factory.mktemp("encoders")
    fast = [name for name, kind in ENCODERS.items() if kind.trained_by in ("counting", "rounds", "gradient")]
    return {name: TextEncoder.train(prose, name, folder / name, QUICK.get(name)) for name in fast}
