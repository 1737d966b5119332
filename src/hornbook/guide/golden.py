"""What the Python form says, for the page to be held to: its thousand losses and twenty names on the packaged names.

python -m hornbook.guide.golden runs reference/microgpt.py, a minute or two, and writes golden.json beside this file.
"""

import json
import random
from importlib.resources import files
from pathlib import Path

DIGITS = 12  # of each loss that are kept; the last ones of 17 depend on the machine's exp and log


def run(names):
    """{"losses", "names"} of `python -m hornbook.reference.microgpt` on a list of names."""
    from hornbook.reference import microgpt

    rng, letters, config, names = random.Random(42), microgpt.alphabet(names), microgpt.Config(), list(names)
    rng.shuffle(names)
    weights = microgpt.init(len(letters) + 1, config, rng)
    losses = [round(loss, DIGITS) for _, loss in microgpt.train(weights, names, letters, config)]
    return {"losses": losses, "names": [microgpt.sample(weights, letters, config, rng) for _ in range(20)]}


def compiled(names, config=None):
    """The same from the compiled form, in less than a second once it is compiled."""
    from hornbook.fast import microgpt

    gpt, names, rng = microgpt.begin(names, config)
    losses = [round(step.loss, DIGITS) for step in gpt.train(names)]
    return {"losses": losses, "names": [gpt.sample(rng) for _ in range(20)]}


def load():
    """What was written here for the packaged names."""
    return json.loads(files("hornbook.guide").joinpath("golden.json").read_text(encoding="utf-8"))


if __name__ == "__main__":
    from hornbook.guide.facts import packaged_names

    Path(__file__).with_name("golden.json").write_text(json.dumps(run(packaged_names())) + "\n", encoding="utf-8")
