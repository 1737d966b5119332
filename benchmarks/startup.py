"""How soon `hornbook --help` answers, and that it imports none of the heavy libraries.

    python benchmarks/startup.py [--runs 10] [--json]

Each run is a process of its own; beside it, a Python that does nothing. Wall seconds need an idle machine, CPU seconds
do not.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from statistics import median

from machine import machine

HEAVY = ("torch", "numba", "sklearn", "matplotlib", "scipy", "tokenizers")
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import hornbook": [sys.executable, "-c", "import hornbook"],
    "hornbook --help": [sys.executable, "-m", "hornbook", "--help"],
}


def main():
    options = parse()
    report = {"machine": machine(), "runs": options.runs, "imported": imported()}
    rows = {name: [measured(command) for _ in range(options.runs)] for name, command in COMMANDS.items()}
    report["seconds"] = {
        name: {
            "wall": median(wall for wall, _ in runs),
            "cpu": median(cpu for _, cpu in runs),
            "least_wall": min(wall for wall, _ in runs),
        }
        for name, runs in rows.items()
    }
    print(json.dumps(report, indent=1)) if options.json else show(report)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def measured(command):
    """Wall and CPU seconds of one run."""
    before, began = os.times(), time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    wall, after = time.perf_counter() - began, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, cpu


def imported():
    """Which of HEAVY `hornbook --help` has imported: Python itself lists every import on stderr."""
    command = [sys.executable, "-X", "importtime", *COMMANDS["hornbook --help"][1:]]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stderr.splitlines()
    roots = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in lines}
    assert "hornbook" in roots, "the list of imports was not understood"
    return sorted(roots & set(HEAVY))


def show(report):
    print(f"{report['machine']}\nmedian of {report['runs']} runs  wall s   CPU s   least wall s")
    for name, seconds in report["seconds"].items():
        print(f"  {name:<18} {seconds['wall']:>7.3f} {seconds['cpu']:>7.3f} {seconds['least_wall']:>14.3f}")
    print(f"of {', '.join(HEAVY)}, hornbook --help imports: {', '.join(report['imported']) or 'none'}")


if __name__ == "__main__":
    main()
