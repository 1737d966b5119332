"""A step of training, or a text, in a process that may take so much memory and no more: does it run?

python -m hornbook.film.record.allotted WAY SIZE BYTES prints what came of it as JSON; RLIMIT_AS is the limit, on Linux.
"""

import json
import resource
import subprocess
import sys

import numpy as np

from hornbook.errors import HornbookError
from hornbook.film.record.runs import LM, SEED


def outcome(way, size, allotted=0):
    """{ran, bytes, complaint} of `WAYS[way]` of a size in a process of its own, which may take `allotted` bytes more.

    0: as many as it wants. `bytes` is what it took, of address space. Raises HornbookError for any other ending.
    """
    command = [sys.executable, "-m", "hornbook.film.record.allotted", way, str(size), str(allotted)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise HornbookError(f"{way} of {size} ended otherwise than for want of memory: {done.stderr[-300:]}")
    return json.loads(done.stdout)


def batches():
    """One step of PyTorch on so many windows of the film's own model."""
    import torch

    from hornbook.fast import transformer
    from hornbook.reference.transformer import Config

    torch.set_num_threads(1)
    fields = {name: value for name, value in LM.items() if name in Config.__dataclass_fields__}
    network = transformer.Transformer(Config(**fields), SEED)

    def step(windows):
        ids = torch.zeros(windows, LM["block_size"] + 1, dtype=torch.int64)
        logits, _ = network(ids[:, :-1])
        torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten()).backward()

    return step


def lengths():
    """The forward pass of NumPy over one text of so many tokens, keeping what a backward pass needs."""
    from hornbook.reference import transformer
    from hornbook.trace import Trace

    fields = {name: value for name, value in LM.items() if name in transformer.Config.__dataclass_fields__}
    config = transformer.Config(**fields | {"block_size": LONGEST})
    params = transformer.init(config, np.random.default_rng(SEED))
    params = {name: value.astype(np.float32) for name, value in params.items()}

    def read(tokens):
        with Trace():
            transformer.forward(params, np.zeros((1, tokens), dtype=np.int64), config)

    return read


LONGEST = 4096  # tokens of a text
WAYS = {"batches": batches, "lengths": lengths}


def limited(way, size, allotted):
    """What `outcome` tells: once in small, so that everything is loaded; then under the limit."""
    run = WAYS[way]()
    run(1)
    taken, complaint = address_space("VmSize"), ""
    if allotted:
        resource.setrlimit(resource.RLIMIT_AS, (taken + allotted, resource.RLIM_INFINITY))
    try:
        run(size)
    except (MemoryError, RuntimeError) as error:
        complaint = str(error).strip().splitlines()[0]
        if "allocate" not in complaint:
            raise
    return {"ran": not complaint, "bytes": address_space("VmPeak") - taken, "complaint": complaint}


def address_space(line):
    """Bytes that Linux tells of this process: VmSize now, VmPeak at most."""
    with open("/proc/self/status") as file:
        return 1024 * next(int(row.split()[1]) for row in file if row.startswith(line))


if __name__ == "__main__":
    print(json.dumps(limited(sys.argv[1], *map(int, sys.argv[2:]))))
