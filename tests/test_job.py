"""The job of training: which weights are kept, when patience ends, and what a validation measures."""

import numpy as np
import pytest

from hornbook import run as files
from hornbook.reference.losses import cross_entropy
from hornbook.trainer import Trainer

torch = pytest.importorskip("torch")

GPT = {"n_layer": 1, "n_head": 2, "n_embd": 8, "block_size": 12, "batch_size": 2, "max_steps": 8, "validations": 8}


def begun(rhyme, folder, **settings):
    return Trainer(rhyme, "gpt", settings=GPT | settings).begin(folder).job


@pytest.mark.parametrize(
    "validations, patience, kept",
    [
        ([3.0, 2.0, 2.5, 2.0, 1.9, 1.95, 2.0, 1.8], None, [1, 2, 5, 8]),  # as good is not better
        ([3.0, 2.0, 2.5, 2.0, 1.9, 1.95, 2.0, 1.8], 2, [1, 2]),
        ([3.0, 2.0, 2.5, 2.0, 1.9, 1.95, 2.0, 1.8], 3, [1, 2, 5, 8]),  # a better one makes patience new
        ([None] * 8, 1, list(range(1, 9))),  # nothing held out: the latest are the best
    ],
)
def test_only_better_weights_are_kept(validations, patience, kept, rhyme, tmp_path, monkeypatch):
    job, told, written, before = begun(rhyme, tmp_path / "run", patience=patience), iter(validations), [], None
    monkeypatch.setattr(job, "validate", lambda: next(told))
    for step, validation in job.steps():
        assert validation == validations[step.step - 1]
        weights = (job.folder / files.MODEL).read_bytes()
        if weights != before:
            written.append(step.step)
        before = weights
    assert written == kept
    assert step.step == (4 if patience == 2 else 8)


def test_a_validation_reads_windows_that_do_not_overlap(rhyme, tmp_path):
    job = begun(rhyme, tmp_path / "run", validation_tokens=50)
    stream = np.asarray(job.validation).astype(np.int64)
    assert len(stream) == 50
    job.network.double().eval()
    torch.manual_seed(0)
    for parameter in job.network.parameters():
        torch.nn.init.normal_(parameter, std=0.5)  # at its beginning a model hardly looks at its context
    expected, done = [], 1
    while done < 50:
        end = max(13, min(50, done + 12))
        window = stream[end - 13 : end]  # twelve tokens and what follows each; the last window reaches back
        logits = job.network.forward(torch.from_numpy(window[None, :-1]))[0].detach().numpy()
        scored = end - done
        expected += [cross_entropy(logits[0, at], window[1:][at]) for at in range(12 - scored, 12)]
        done = end
    assert len(expected) == 49
    assert job.validate() == pytest.approx(np.mean(expected), rel=1e-6)
    job.validation = stream[:1]
    assert job.validate() is None
