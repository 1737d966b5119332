"""The documents tell the truth: the numbers of docs/architecture.md, the files it names, the commands of the README."""

import re
from pathlib import Path

import numpy as np
import pytest

from hornbook.trainer import Trainer

ROOT = Path(__file__).parents[1]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def emma(tmp_path_factory):
    """The run that the page tells of, and the trace of its name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HORNBOOK_DATA", raising=False)
        trainer = Trainer("names", "microgpt").begin(tmp_path_factory.mktemp("names") / "run")
    list(trainer.steps())
    model = trainer.finish()
    return trainer, model.trace("emma", backward=True)


def told(*numbers, decimals=4):
    """Numbers as the page writes them."""
    return " ".join(f"{number:.{decimals}f}".replace("-", "−") for number in numbers)


def test_the_life_of_one_name(emma):
    trainer, trace = emma
    page = re.sub(r"\s+", " ", ARCHITECTURE)
    logprobs, targets = trace["logprobs"][0], trace["targets"][0]
    nats = -logprobs[np.arange(len(targets)), targets]
    after_em = np.sort(np.exp(logprobs[2]))[::-1]
    rows = np.linalg.norm(trace["grad.wte"], axis=1)
    results = trainer.about["results"]
    sentences = [
        " ".join(map(str, trace["ids"][0])),
        " ".join(map(str, targets)),
        f"{trainer.about['corpus']['characters']['train']:,} characters",
        told(*trace["embed"][0, 2, :3]),
        told(*trace["pos_embed"][2, :3]),
        told(*trace["embed_norm"][0, 2, :3]),
        told(*trace["layers.0.attn.q"][0, 0, 2]),
        told(*trace["layers.0.attn.scores"][0, 0, 2, :3]),
        told(*trace["layers.0.attn.pattern"][0, 0, 2, :3]),
        told(*trace["layers.0.resid_post"][0, 2, :3]),
        f"a ({after_em[0]:.4f}), i ({after_em[1]:.4f}), e ({after_em[2]:.4f}); what comes,",
        f"m, had {np.exp(-nats[2]):.4f}",
        told(*nats),
        f"{float(trace['loss']):.4f} on average",
        f"trained on is {results['training']['all_names']:.4f}",
        f"held out {results['validation']['nats_per_token']:.4f}",
        f"{rows[26]:.4f} (`<BOS>`), {rows[4]:.4f} (e), {rows[12]:.4f} (m, twice) and {rows[0]:.4f} (a)",
        f"{results['validation']['bits_per_character']:.3f} bits per character held out",
        f"needs {results['yardsticks']['ngram']:.3f}",
    ]
    assert [sentence for sentence in sentences if sentence not in page] == []
    assert (rows > 0).sum() == 4


NUMBERED = {"frankenstein", "ladder", "scenes", "record"}  # rooms of one file a notebook or a step


def test_every_file_of_the_tree_is_on_the_map():
    tree = ARCHITECTURE.split("```")[1]
    named = set(re.findall(r"[a-z0-9]+", tree))
    paths = [path for path in (ROOT / "src" / "hornbook").rglob("*.py") if path.parent.name not in NUMBERED]
    files = {path.stem for path in paths if not path.stem.startswith("__")}
    commands = {path.stem for path in (ROOT / "src" / "hornbook" / "cli").glob("*.py")}  # one file a command
    assert {stem for stem in files - commands if not set(stem.split("_")) <= named} == set()
    assert named >= NUMBERED


def test_what_the_documents_link_to_exists():
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\((?!http|#)([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_the_pages_of_decisions_are_numbered_once():
    numbers = [path.name[:4] for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))]
    assert len(numbers) == len(set(numbers))
