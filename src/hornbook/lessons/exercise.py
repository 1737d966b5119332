"""What an exercise is: the task, its hints, the right answer, and the mistakes it knows by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One input to try an answer on. `label` says what it is: "a batch of 2, 3 tokens, width 4"."""

    args: tuple = ()
    label: str = ""


@dataclass(frozen=True)
class Mistake:
    """A known mistake: its diagnosis, and the right answer with exactly this mistake (same signature as `right`)."""

    says: str
    wrong: Callable


@dataclass(frozen=True)
class Exercise:
    """One exercise of a notebook; its `id` is its only identity, wherever its cell is moved.

    `cases` makes seeded inputs, the same at each call; where it is None the answer is a value and is compared with
    `right()`. An answer that is a class or an object has a `probe`: probe(answer, *args) is what is compared.
    """

    id: str
    title: str
    goal: str  # one sentence
    accept: tuple[str, ...]  # what can be checked
    hints: tuple[str, ...]  # 1 to 3, from a nudge to nearly there
    right: Callable
    cases: Callable[[], Sequence[Case]] | None
    mistakes: tuple[Mistake, ...]
    why: str  # said after PASS
    outcome: str  # what the learner can do now
    page: str  # section of the page
    film: int  # step of the film, 1 to 12
    outputs: tuple[str, ...] = ()  # names of the parts of a tuple that is returned
    tolerance: float = 1e-9  # relative and absolute
    probe: Callable | None = None
