"""python -m hornbook.film.record [FILE …] [--runs FOLDER]: run the experiments, all or these files' again.

With --runs, trained models are kept in that folder, and the film's own is taken from there the next time.
"""

import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from hornbook.files import write_text
from hornbook.film.record.keeping import Keeper
from hornbook.film.recording import Recording, place

FILES = ("source_example", *(f"step_{number:02}" for number in range(1, 13)))


def main(arguments):
    folder = None
    if "--runs" in arguments:
        at = arguments.index("--runs")
        folder, arguments = arguments[at + 1], arguments[:at] + arguments[at + 2 :]
    with tempfile.TemporaryDirectory() as temporary:
        keep = Keeper(folder or temporary)
        if arguments:
            before = Recording.load()
            keep = Keeper(keep.folder, before.runs, before.values_as_kept)
        for file in arguments or FILES:
            run(file, keep)
    keep.write(place())
    write_text(readme(), with_table(readme().read_text(encoding="utf-8"), Recording.load()))
    print(f"{place().name}: {len(keep.values)} values, {place().stat().st_size:,} bytes")


def readme():
    return Path(__file__).with_name("README.md")


def with_table(text, recording):
    """`text` up to its first heading of a file, then every value, file by file, as tables."""
    parts = [text.split("\n## ")[0].rstrip()]
    for file in FILES:
        names = [name for name in recording if recording.entry(name)["by"] == file]
        rows = [(f"`{name}`", _shape(recording.shape(name)), recording.entry(name)["run"], recording.what(name))
                for name in names]  # fmt: skip
        table = "\n".join(f"| {' | '.join(row)} |" for row in [("name", "shape", "run", "what"), ("---",) * 4, *rows])
        parts.append(f"## {file}\n\n{table}")
    return "\n\n".join(parts) + "\n"


def _shape(sizes):
    return " × ".join(map(str, sizes))


def run(file, keep):
    began = time.perf_counter()
    keep.begin(file)
    import_module(f"hornbook.film.record.{file}").record(keep)
    print(f"{file}: {sum(entry['by'] == file for entry in keep.values.values())} values,"
          f" {time.perf_counter() - began:.1f} s", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
