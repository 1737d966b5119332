"""The lessons: CPU seconds of every notebook, solved and as the learner first opens it, and of one check.

    python benchmarks/lessons.py [--course frankenstein] [--json]

Each notebook runs as a plain script in a process of its own, its imports included, on one thread.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from machine import machine


def main():
    options = parse()
    rows = [measured(notebook) for notebook in notebooks(options.course)]
    report = {"machine": machine(), "notebooks": rows}
    print(json.dumps(report, indent=1)) if options.json else show(report)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--course", help="one course; otherwise both")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def notebooks(course):
    from hornbook.lessons.courses import COURSES

    return [notebook for name, each in COURSES.items() if course in (None, name) for notebook in each.notebooks()]


def measured(notebook):
    from hornbook.lessons.building import script

    return {"course": notebook.course.name, "notebook": notebook.number,
            "solved": seconds(script(notebook, solved=True)), "stubs": seconds(script(notebook))}  # fmt: skip


def seconds(code):
    """CPU seconds of a script in a process of its own."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "notebook.py").write_text(code, encoding="utf-8")
        before = os.times()
        subprocess.run([sys.executable, "notebook.py"], cwd=folder, env=environment, check=True, capture_output=True)
        after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def show(report):
    print(report["machine"])
    for row in report["notebooks"]:
        print(f"{row['course']:13} {row['notebook']}   solved {row['solved']:5.1f}   stubs {row['stubs']:5.1f} CPU s")


if __name__ == "__main__":
    main()
