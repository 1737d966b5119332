"""A process and all that it started: how much memory they hold, and their end."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")  # Linux; elsewhere only the process group is known, and memory is limited by the system alone
PATIENCE = 5.0  # seconds that killed processes have until they are gone


def look(pid, seen):
    """Add to `seen` every living process that comes from `pid`, or from one seen before, as (pid, start time)."""
    alive = _alive()
    seen.intersection_update({(each, start) for each, (_, start) in alive.items()})
    known = {pid} | {each for each, _ in seen}
    while more := {each for each, (parent, _) in alive.items() if parent in known and each not in known}:
        known |= more
    seen.update((each, alive[each][1]) for each in known if each in alive)


def _alive():
    """pid -> (parent's pid, start time), without those that have ended and wait to be reaped."""
    found = {}
    for folder in PROC.glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):
            state, parent, *rest = (folder / "stat").read_text().rpartition(")")[2].split()
            if state not in "ZX":
                found[int(folder.name)] = int(parent), int(rest[17])
    return found


def _marked(mark):
    """Processes with `mark` in their environment or in the name of their folder: one lacks the first as it begins."""
    for folder in PROC.glob("[0-9]*"):
        with suppress(OSError):  # somebody else's, or gone
            if mark in os.readlink(folder / "cwd") or mark.encode() in (folder / "environ").read_bytes():
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
    """End a process, its group, and all that come from it: seen before, or `_marked`; return when they are gone."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        look(process.pid, seen)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        left = {pid for pid, _ in seen} | set(_marked(mark))
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if not left:
            break
        time.sleep(0.005)
    process.wait()
