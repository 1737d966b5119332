"""A process and all that it started: how much memory they hold, and their end."""

import os
import signal
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")  # Linux; elsewhere only the process group is known, and memory is limited by the system alone


def look(pid, seen):
    """Add to `seen` every living process that comes from `pid`, or from one seen before, as (pid, start time)."""
    alive = _alive()
    seen.intersection_update({(each, start) for each, (_, start) in alive.items()})
    known = {pid} | {each for each, _ in seen}
    while more := {each for each, (parent, _) in alive.items() if parent in known and each not in known}:
        known |= more
    seen.update((each, alive[each][1]) for each in known if each in alive)


def _alive():
    """pid -> (parent's pid, start time)."""
    found = {}
    for folder in PROC.glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):
            rest = (folder / "stat").read_text().rpartition(")")[2].split()
            found[int(folder.name)] = int(rest[1]), int(rest[19])
    return found


def _marked(mark):
    for folder in PROC.glob("[0-9]*"):
        with suppress(OSError):  # somebody else's, or gone
            if mark in (folder / "environ").read_bytes():
                yield int(folder.name)


def memory_of(seen):
    """Bytes of memory that the processes hold together."""
    total = 0
    for pid, _ in seen:
        with suppress(OSError, IndexError, ValueError):
            total += int((PROC / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return total


def has_ended(process):
    """Whether a process has ended; it is left unreaped, so that its number stays its own."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def end(process, seen, mark):
    """End a process, its group, and all that come from it: seen before, or with `mark` in their environment."""
    look(process.pid, seen)
    seen.update((pid, None) for pid in _marked(mark.encode()))
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    for pid, _ in seen:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    process.wait()
