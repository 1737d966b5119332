"""A learner's notebook or script run in a process of its own, within time and memory; its checks' results come back.

`python -m hornbook.lessons.running FILE DESCRIPTOR` is that process: it writes one line of JSON for each check.
"""

import json
import os
import re
import sys
from ast import PyCF_ALLOW_TOP_LEVEL_AWAIT
from dataclasses import dataclass, field
from functools import cache
from inspect import CO_COROUTINE
from pathlib import Path

from hornbook.lessons.courses import LessonError

MOST = 2_000_000  # characters of results that are read from one notebook
PROCESSES = 100  # of one notebook at a time


@dataclass
class Ran:
    """What came of one file: its results in order, the errors of its cells, and why it ended early, if it did."""

    results: list = field(default_factory=list)
    errors: list = field(default_factory=list)
    problem: str = ""
    seconds: float = 0.0


def code_of(path):
    """The code cells of a notebook, or of a script in percent format, as they run outside of Jupyter.

    Raises LessonError for a file that is neither.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        cells = _cells_of_json(json.loads(text)) if path.suffix == ".ipynb" else re.split(r"^# %%.*$", text, flags=re.M)
    except (UnicodeDecodeError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise LessonError(f"{path.name} is no notebook that can be read: {error}") from None
    return [_without_magic(cell) for cell in cells]


def _cells_of_json(notebook):
    sources = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return ["".join(source) for source in sources]


def _without_magic(cell):
    """Without IPython's own lines: %matplotlib, !pip, ?help; a cell of another language becomes empty."""
    if re.match(r"\s*%%(?!time|capture)", cell):
        return ""
    return re.sub(r"^(\s*)([%!?].*|[\w.]+\?+\s*)$", r"\1pass  # \2", cell, flags=re.M)


def run_file(path, minutes=2.0, memory=2000):
    """Ran: what came of running `path` (`memory` in MB, of all its processes) in a copy of its folder.

    Raises LessonError for a file that is no notebook.
    """
    import shutil
    import tempfile
    import time

    code_of(path)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hornbook-lesson-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / "work"
        shutil.copytree(path.parent, copy, symlinks=True, ignore=_not_copied)
        process, out = _start(copy / path.name, minutes, memory)
        ran = _watch(process, out, folder, minutes, memory)
    ran.seconds = time.monotonic() - began
    return ran


def _not_copied(folder, names):
    """What a notebook does not need beside it: other people's notes on it, and what is large."""
    sizes = {name: Path(folder, name) for name in names}
    large = {name for name, path in sizes.items() if path.is_file() and path.stat().st_size > 20_000_000}
    return large | {name for name in names if name in (".ipynb_checkpoints", "progress.json", "backups", ".git")}


def _start(path, minutes, memory):
    """(the process in a group of its own, the end of the pipe that its results come out of)."""
    import subprocess

    out, into = os.pipe()
    settings = {"OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg", "PYTHONDONTWRITEBYTECODE": "1"}
    settings["HORNBOOK_LESSON"] = str(path)  # by which all that it starts is known, whatever becomes of its parents
    command = [sys.executable, "-P", "-m", "hornbook.lessons.running", str(path), str(into), str(minutes), str(memory)]
    quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    process = subprocess.Popen(
        command, cwd=path.parent, env=os.environ | settings, pass_fds=(into,), start_new_session=True, **quiet
    )
    os.close(into)
    return process, out


def _watch(process, out, mark, minutes, memory):
    """Read results until the process ends or passes a limit; then end it and all that it started."""
    import select
    import time

    from hornbook.lessons import family

    ran, text, until, seen = Ran(), b"", time.monotonic() + 60 * minutes, set()
    try:
        while not ran.problem and len(text) < MOST:
            if select.select([out], [], [], 0.05)[0]:
                text += (more := os.read(out, 65536))
                time.sleep(0.01 if more else 0.05)  # nobody else can write any more, or not much has come
            family.look(process.pid, seen)
            if family.has_ended(process):
                break
            if time.monotonic() > until:
                ran.problem = f"stopped after {minutes:g} minutes"
            elif family.memory_of(seen) > memory * 1e6:
                ran.problem = f"stopped: more than {memory:g} MB of memory"
            elif len(seen) > PROCESSES:
                ran.problem = f"stopped: more than {PROCESSES} processes"
    finally:
        family.end(process, seen, mark)
        text += _rest(out)
        os.close(out)
    return _read(ran, text[:MOST], process.returncode)


def _rest(out):
    os.set_blocking(out, False)
    try:
        return os.read(out, MOST)
    except BlockingIOError:
        return b""


def _read(ran, text, code):
    ended = False
    for line in text.decode("utf-8", "replace").splitlines():
        try:
            said = json.loads(line)
            ended = ended or "end" in said
            ran.results += [said] if "id" in said else []
            ran.errors += [said["error"]] if "error" in said else []
        except (ValueError, TypeError):  # cut off when the process was ended
            continue
    if not ended and not ran.problem:
        ran.problem = f"Python ended early, with code {code}"
    return ran


def _run_here(path, descriptor):
    """Run every cell in one namespace, errors passed over as Jupyter's "run all" would not, and write each result."""
    from hornbook.lessons import blame
    from hornbook.lessons.session import watching

    out = os.fdopen(descriptor, "w", encoding="utf-8", buffering=1)

    def say(**words):
        out.write(json.dumps(words) + "\n")

    module = type(sys)("__main__")
    module.__file__ = str(path)
    sys.modules["__main__"] = module
    sys.path.append(str(path.parent))
    with watching(lambda result: say(**as_words(result))):
        for number, cell in enumerate(code_of(path), 1):
            file = path.with_name(f"{path.stem} cell {number}.py")
            file.write_text(cell, encoding="utf-8")
            try:
                _execute(cell, str(file), vars(module))
            except BaseException as error:
                line = f"; {line}" if (line := blame.line_of(error)) else ""
                say(error=f"cell {number}: {type(error).__name__}: {blame.first_line(error)}{line}")
    say(end=True)
    out.flush()
    os._exit(0)  # threads that the notebook left do not hold it up


@cache
def _loop():
    """The event loop of all cells, as Jupyter has one."""
    import asyncio

    return asyncio.new_event_loop()


def _execute(cell, file, names):
    """Run a cell, which may `await` outside of any function, as it may in Jupyter."""
    code = compile(cell, file, "exec", PyCF_ALLOW_TOP_LEVEL_AWAIT)
    waits = eval(code, names)
    if code.co_flags & CO_COROUTINE:
        _loop().run_until_complete(waits)


def as_words(result):
    """A Result as what JSON can hold."""
    found = result.difference
    words = {"id": result.exercise.id, "state": result.state, "says": result.says, "diagnosis": result.diagnosis}
    words |= {"on": result.on, "line": result.line, "printed": result.printed}
    if found:
        words |= {"where": found.name, "yours": found.yours, "right": found.right}
        words |= {"your_form": found.your_form, "right_form": found.right_form}
    return words


def _limit(minutes, memory):
    """Limits that processes started by the notebook inherit, wherever they hide."""
    import resource

    seconds = int(60 * minutes) + 5
    for what, most in (("CPU", seconds), ("DATA", int(memory * 1e6)), ("FSIZE", 500_000_000), ("CORE", 0)):
        number = getattr(resource, f"RLIMIT_{what}")
        _, hard = resource.getrlimit(number)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(number, (most, most))


if __name__ == "__main__":
    _limit(float(sys.argv[3]), float(sys.argv[4]))
    _run_here(Path(sys.argv[1]), int(sys.argv[2]))
