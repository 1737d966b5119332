"""python -m hornbook.film.record [GROUP …]: run the experiments, all or those of the groups named, and write them."""

import sys
import time
from importlib import import_module

from hornbook.film.record.keeping import Keeper
from hornbook.film.recording import place

GROUPS = ("source_example",)


def main(groups):
    keep = Keeper()
    for group in groups or GROUPS:
        began = time.perf_counter()
        import_module(f"hornbook.film.record.{group}").record(keep)
        print(f"{group}: {len(keep.values)} values, {time.perf_counter() - began:.1f} s")
    keep.write(place())
    print(f"{place()}: {place().stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
