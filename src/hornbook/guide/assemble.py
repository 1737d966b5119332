"""The guide as one HTML file: html/, css/ and js/ joined, with the names and what the page knows of Python."""

import base64
import json
import re
import struct
from importlib.resources import files

from hornbook.guide import facts, golden, meaning
from hornbook.guide.bundle import bundle
from hornbook.guide.packing import pack
from hornbook.guide.squeeze import squeezed
from hornbook.palette import FAINT, FAMILIES, INK, PAPER, RULE, css

DECIMALS = 7  # of Python's losses that the page is compared with


def assemble(run=None):
    """The page; with `run`, a folder of a trained microgpt, that run's names, weights and losses are inside as well."""
    from hornbook.guide import exchange

    if run is None:
        return page(facts.packaged_names(), golden.load())
    return page(exchange.names_of(run), exchange.expected_of(run), exchange.of_run(run))


def page(names, expected=None, run=None):
    """The page over these names; `expected` are Python's losses and samples, `run` is what `exchange.of_run` gives."""
    parts = {
        "style": _themes() + "".join(_bare(text) for _, text in sources("css")),
        "packed": pack(data=as_json(data(names, expected, run)), script=squeezed(script())),
        "unpack": dict(sources("js"))["unpack.js"].split("\n", 1)[1],
    }
    return re.sub(r"<!--(style|packed|unpack)-->", lambda mark: parts[mark[1]], dict(sources("html"))["page.html"])


def data(names, expected=None, run=None):
    """All that the script is given: names, the Python lines, the table of numbers, what Python printed, a run."""
    losses = None if run or not expected else [round(loss, DECIMALS) for loss in expected["losses"]]
    return {
        **facts.carried(names, run["config"]["steps"] if run else 0, run.get("seed", 42) if run else 42),
        "config": run["config"] if run else None,
        "sources": facts.sources(),
        "numbers": facts.number_table(),
        "expected": expected and {**expected, "losses": losses},  # a run says its own
        "run": run and {**run, "parameters": {name: _bytes(rows) for name, rows in run["parameters"].items()}},
        "meaning": meaning.data(),
    }


def _bytes(rows):
    """A matrix as the eight bytes of each of its numbers, in base64: a sixth less than all their digits, deflated."""
    numbers = [number for row in rows for number in row]
    return base64.b64encode(struct.pack(f"<{len(numbers)}d", *numbers)).decode()


def script():
    """The modules as one script. Sections are the files in js/sections/ that export one, by name."""
    modules = dict(sources("js"))
    found = [path for path in sorted(modules) if path.startswith("sections/") and "const section = {" in modules[path]]
    lines = [f'import {{ section as section{i} }} from "./{path}";' for i, path in enumerate(found)]
    listed = ", ".join(f"section{i}" for i in range(len(found)))
    modules["sections.js"] = "\n".join([*lines, f"export const sections = [{listed}];"])
    return bundle(modules, "main.js")


def sources(kind):
    """(path, text) of every source of one kind, "html", "css" or "js", sorted by path."""
    return sorted(_texts(files("hornbook.guide").joinpath(kind), f".{kind}"))


def _texts(folder, ending, within=""):
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _texts(entry, ending, f"{within}{entry.name}/")
        elif entry.name.endswith(ending):
            yield within + entry.name, entry.read_text(encoding="utf-8")


def as_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _themes():
    """The palette as the system asks for it, and as `data-theme` on the page does."""
    colours = {"paper": PAPER, "ink": INK, "faint": FAINT, "rule": RULE, **FAMILIES}
    chosen = (f":root[data-theme={theme}]{{color-scheme:{theme};"
              + "".join(f"--{name}:{getattr(colour, theme)};" for name, colour in colours.items()) + "}"
              for theme in ("light", "dark"))  # fmt: skip
    return css() + "".join(chosen)


def _bare(style):
    """A style sheet without comments, line ends, and blanks around its brackets and behind its signs."""
    style = re.sub(r"\s*\n\s*", "", re.sub(r"/\*.*?\*/", "", style, flags=re.S))
    return re.sub(r" *([{};]) *|([:,]) +", r"\1\2", style)
