"""The house's own rules: which room may import which, what stays unloaded, how long a file may be."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import hornbook

SOURCE = Path(hornbook.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
# room -> what it may import of hornbook, beside itself, and of heavy libraries
ALLOWED = {
    "reference": ({"reference", "trace", "errors", "data"}, {"numpy"}),
    "fast": ({"reference", "fast", "trace", "errors"}, {"numpy", "torch", "numba", "scipy", "tokenizers"}),
    "training": (
        {"reference", "fast", "training", "trace", "errors", "files", "run"},
        {"numpy", "torch", "safetensors"},
    ),
}
HEAVY = {"numpy", "torch", "numba", "scipy", "sklearn", "tokenizers", "matplotlib", "safetensors", "pandas", "pyarrow"}
READERS = {"cli", "guide", "film", "lessons"}


def imports(path):
    """(hornbook rooms, heavy libraries) that a file imports anywhere, inside functions too."""
    rooms, heavy = set(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [
                f"{node.module}.{alias.name}" if node.module == "hornbook" else node.module for alias in node.names
            ]
        for name in names:
            top, *rest = name.split(".")
            if top == "hornbook" and rest:
                rooms.add(rest[0])
            if top in HEAVY:
                heavy.add(top)
    return rooms, heavy


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_run_one_way(path):
    room = path.relative_to(SOURCE).parts[0]
    rooms, heavy = imports(path)
    if room in ALLOWED:
        allowed, libraries = ALLOWED[room]
        assert rooms <= allowed
        assert heavy <= libraries
    if room not in READERS | {"__main__.py"}:
        assert not rooms & READERS


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_file_can_be_read_in_one_sitting(path):
    lines = path.read_text(encoding="utf-8").count("\n")
    room = path.relative_to(SOURCE).parts[0]
    assert lines <= (200 if path.name == "microgpt.py" and room == "reference" else 150 if room == "reference" else 300)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_the_first_line_says_what_the_file_is(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("statement", ["import hornbook", "from hornbook.cli import main; main(['--help'])"])
def test_nothing_heavy_is_loaded_before_it_is_used(statement):
    code = (
        f"import sys, atexit\natexit.register(lambda: print('LOADED', *sorted({HEAVY!r} & set(sys.modules))))\n"
        f"{statement}"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    loaded = out.stdout.rsplit("LOADED", 1)[1].split()
    assert loaded == []


def test_public_names_exist():
    for name in hornbook.__all__:
        assert getattr(hornbook, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = hornbook.nothing
