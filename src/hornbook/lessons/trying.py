"""Running a learner's answer: within a time limit, its printing kept short, chance fixed, arguments watched."""

import ctypes
import io
import signal
import sys
import threading
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from copy import deepcopy
from dataclasses import dataclass
from itertools import islice
from types import GeneratorType

from hornbook.lessons.comparing import Yielded, difference

SECONDS = 10.0  # for all cases of one check together
KEPT, LINES = 600, 5  # characters and lines of what an answer prints
YIELDED = 100_000  # items taken from a generator


class TimeLimit(BaseException):
    """Raised inside an answer that takes too long; no Exception, so that `except Exception` does not hold it up."""


@dataclass(frozen=True)
class Outcome:
    """What came of one case: a value, or an error; and which argument was changed in place."""

    value: object = None
    error: BaseException | None = None
    changed: int | None = None


class Kept(io.TextIOBase):
    """A stream that keeps the first `KEPT` characters and counts the rest."""

    def __init__(self):
        self.text, self.more = "", 0

    def writable(self):
        return True

    def write(self, text):
        room = KEPT - len(self.text)
        self.text += text[:room]
        self.more += max(0, len(text) - room)
        return len(text)

    def shown(self):
        """What was printed, cut short, and how much more there was."""
        kept = self.text.rstrip()
        text = "\n".join(kept.split("\n")[:LINES])
        more = len(kept) + self.more - len(text)
        return text + (f"\n… and {more:,} more characters" if more else "")


def outcomes(call, cases, seconds=SECONDS):
    """(one Outcome for each case, up to and with the first error; what was printed). `call` takes a case's args."""
    kept, found = Kept(), []

    def work():
        for case in cases:
            found.append(_outcome(call, case.args))
            if found[-1].error:
                break

    with redirect_stdout(kept), redirect_stderr(kept), chance_fixed(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"hornbook\.lessons\.")  # they show a line of the check's own code
        try:
            within(seconds, work)
        except TimeLimit as error:
            found.append(Outcome(error=error))
    return found, kept.shown()


def _outcome(call, args):
    before = copied(args)
    try:
        value = call(*args)
        if isinstance(value, GeneratorType):
            value = Yielded(islice(value, YIELDED))
    except (Exception, SystemExit) as error:
        return Outcome(error=error)
    pairs = enumerate(zip(args, before))
    changed = next((place for place, pair in pairs if _holds_data(pair[0]) and difference(*pair, (), 0)), None)
    return Outcome(value, changed=changed)


def copied(args):
    """Arguments of their own, where they can be copied."""
    try:
        return deepcopy(args)
    except Exception:  # a thing that cannot be copied (a tensor inside a graph) is handed on as it is
        return args


def _holds_data(value):
    return isinstance(value, (list, dict, set, bytearray)) or hasattr(value, "dtype")


def within(seconds, work):
    """work(), stopped after `seconds` of wall time by raising TimeLimit inside it; in any thread."""
    if threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer"):
        return _by_alarm(seconds, work)
    return _in_a_thread(seconds, work)


def _by_alarm(seconds, work):
    armed = [True]

    def ring(_number, _frame):
        if armed:
            raise TimeLimit

    handler = signal.signal(signal.SIGALRM, ring)
    before = signal.setitimer(signal.ITIMER_REAL, seconds, 0.05)  # again and again: a bare `except:` swallows one
    try:
        return work()
    finally:
        armed.clear()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if before[0]:
            signal.setitimer(signal.ITIMER_REAL, *before)


def _in_a_thread(seconds, work):
    """Alarms ring in the main thread only. A call that never comes back to Python is left behind, asleep or not."""
    errors = []

    def run():
        try:
            work()
        except BaseException as error:
            errors.append(error)

    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    worker.join(seconds)
    if worker.is_alive():
        for _ in range(40):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(worker.ident), ctypes.py_object(TimeLimit))
            worker.join(0.05)
        raise TimeLimit
    if errors:
        raise errors[0]


@contextmanager
def chance_fixed(seed=0):
    """Every generator of chance set to `seed` inside, and afterwards as it was."""
    import random

    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    states = random.getstate(), numpy and numpy.random.get_state(), torch and torch.get_rng_state()
    random.seed(seed)
    if numpy:
        numpy.random.seed(seed)
    if torch:
        torch.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(states[0])
        if numpy:
            numpy.random.set_state(states[1])
        if torch:
            torch.set_rng_state(states[2])
