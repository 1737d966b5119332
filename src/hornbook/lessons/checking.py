"""Judging an answer: PASS, TODO, FAIL, or OPEN where it cannot be checked here; and which known mistake it is."""

import ast
import inspect
import textwrap
from dataclasses import dataclass, replace

from hornbook.lessons import blame
from hornbook.lessons.comparing import Difference, brief, difference, form
from hornbook.lessons.exercise import Case, Exercise
from hornbook.lessons.trying import SECONDS, TimeLimit, copied, outcomes


@dataclass(frozen=True)
class Result:
    """What a check found. `says` is its sentence, `on` the case's label, `line` the learner's line that raised."""

    exercise: Exercise
    state: str
    says: str = ""
    on: str = ""
    difference: Difference | None = None
    diagnosis: str = ""
    line: str = ""
    printed: str = ""


def judge(exercise, answer, seconds=SECONDS):
    """The Result of an answer; prints nothing, keeps nothing, and lets no error of the answer out."""
    if unfilled(answer):
        return Result(exercise, "TODO", "Replace each ... of this exercise by your code.")
    if exercise.cases and is_ours(exercise, answer):
        return Result(exercise, "TODO", "This is the course's own answer: check yours.")
    try:
        cases = _cases(exercise)
        right, _ = outcomes(_call(exercise, exercise.right), _fresh(cases), 6 * seconds)
    except Exception as error:
        return Result(exercise, "OPEN", blame.why_open(error))
    if right[-1].error:
        return Result(exercise, "OPEN", blame.why_open(right[-1].error))
    if exercise.cases and not exercise.probe and not callable(answer):
        return Result(exercise, "FAIL", _not_a_function(exercise, answer))
    ours, printed = outcomes(_call(exercise, answer), _fresh(cases), seconds)
    return _judged(exercise, answer, cases, right, ours, printed, seconds)


def unfilled(answer, depth=3):
    """Whether an answer is ... or nothing, or holds an ... among its parts."""
    if answer is None or answer is Ellipsis:
        return True
    if depth and isinstance(answer, (list, tuple)) and len(answer) < 50:
        return any(part is Ellipsis or (part is not None and unfilled(part, depth - 1)) for part in answer)
    if depth and isinstance(answer, dict) and len(answer) < 50:
        return any(part is Ellipsis for part in answer.values())
    return False


def is_ours(exercise, answer):
    """Whether an answer is the course's or the library's own function or class."""
    if not (inspect.isroutine(answer) or inspect.isclass(answer)):
        return answer is exercise.right
    return answer is exercise.right or (answer.__module__ or "").partition(".")[0] == "hornbook"


def _cases(exercise):
    return list(exercise.cases()) if exercise.cases else [Case()]


def _fresh(cases):
    """The same cases with arguments of their own, so that no answer changes another's."""
    return [Case(copied(case.args), case.label) for case in cases]


def _call(exercise, answer):
    """What is run on a case's arguments, and gives what is compared."""
    if exercise.probe:
        made = answer if exercise.cases or answer is not exercise.right else answer()
        return lambda *args: exercise.probe(made, *args)
    if exercise.cases or answer is exercise.right:
        return answer
    return lambda: answer


def _judged(exercise, answer, cases, right, ours, printed, seconds):
    last = ours[-1]
    if isinstance(last.error, TimeLimit):
        says = f"It did not end within {seconds:g} seconds. Is there a loop that never stops?"
        return Result(exercise, "FAIL", says, on=cases[min(len(ours), len(cases)) - 1].label, printed=printed)
    wrong = next((place for place, pair in enumerate(zip(ours, right)) if not _same(exercise, *pair)), None)
    if wrong is None:
        return Result(exercise, "PASS", printed=printed)
    if _half_filled(answer, ours):
        return Result(exercise, "TODO", "There is still a ... to replace, or nothing is returned yet.")
    if blame.lacks_a_package(last.error):
        return Result(exercise, "OPEN", blame.why_open(last.error))
    diagnosis = _diagnosis(exercise, cases, right, ours, seconds)
    told = {"on": cases[wrong].label, "printed": printed, "diagnosis": diagnosis}
    return _failed(exercise, answer, ours[wrong], right[wrong], told)


def _failed(exercise, answer, ours, right, told):
    if ours.error:
        says, line = blame.told(ours.error, exercise)
        return Result(exercise, "FAIL", says, line=line, **told)
    found = _difference(exercise, ours.value, right.value)
    if found is None:
        return Result(exercise, "FAIL", _changed(answer, ours.changed), **told)
    found = found if exercise.cases else _veiled(found)
    says = SAYS[found.kind].format(found=found)
    return Result(exercise, "FAIL", says, difference=found, **told)


def _veiled(found):
    """A difference without what is right, keys excepted: where an answer is a value, that is the whole answer."""
    if found.kind == "keys" and found.right_form.startswith("dict"):
        return found
    right_form = found.right_form if found.kind == "length" else found.right_form.partition(" of ")[0]
    return replace(found, right="(not shown)", right_form=right_form)


SAYS = {  # kind of difference -> its sentence
    "type": "The type is wrong: {found.your_form} where {found.right_form} is right.",
    "shape": "The shape is wrong: {found.yours} where {found.right} is right.",
    "length": "The length is wrong: {found.your_form} where {found.right_form} is right.",
    "keys": "What it holds is wrong.",
    "nan": "There is nan or inf where a number is right.",
    "digits": "The numbers agree to six digits only. Is float32 in it somewhere, or a small number added?",
    "value": "The numbers differ.",
    "text": "The text differs.",
    "other": "The answer differs.",
}


def _difference(exercise, yours, right):
    return difference(yours, right, exercise.outputs, exercise.tolerance)


def _same(exercise, one, other):
    """Whether two outcomes are alike: equal values, or equal errors, and the same argument changed."""
    if one.error or other.error:
        return type(one.error) is type(other.error) and str(one.error) == str(other.error)
    return one.changed == other.changed and _difference(exercise, one.value, other.value) is None


def _diagnosis(exercise, cases, right, ours, seconds):
    """What the mistake says that explains the most cases; of equals, the first."""
    best, most = "", 0
    for mistake in exercise.mistakes:
        wrong, _ = outcomes(_wrong(exercise, mistake), _fresh(cases), seconds)
        telling = [place for place, pair in enumerate(zip(wrong, right)) if not _same(exercise, *pair)]
        shown = [place for place in telling if place < len(ours) and _same(exercise, wrong[place], ours[place])]
        alike = sum(_same(exercise, *pair) for pair in zip(wrong, ours))
        if shown and shown == [place for place in telling if place < len(ours)] and alike > most:
            best, most = mistake.says, alike
    return best


def _wrong(exercise, mistake):
    if exercise.probe:
        made = mistake.wrong if exercise.cases else mistake.wrong()
        return lambda *args: exercise.probe(made, *args)
    return mistake.wrong


def _half_filled(answer, ours):
    """Whether an answer that is not right yet still has an ... in it, or gives nothing."""
    if ours[-1].error and "ellipsis" in str(ours[-1].error).lower():
        return True
    return any(not outcome.error and unfilled(outcome.value) for outcome in ours) or _has_dots(answer)


def _has_dots(answer):
    """Whether an answer's source has an ... outside of an index such as x[..., 0]."""
    parts = vars(answer).values() if inspect.isclass(answer) else [answer]
    for part in parts:
        if not inspect.isfunction(part):
            continue
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(part)))
        except (OSError, SyntaxError, TypeError):  # typed where no source is kept
            continue
        inside = {id(node) for index in ast.walk(tree) if isinstance(index, ast.Subscript) for node in ast.walk(index)}
        dots = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value is Ellipsis)
        if any(id(node) not in inside for node in dots):
            return True
    return False


def _not_a_function(exercise, answer):
    return (
        f"The type is wrong: {form(answer)} ({brief(answer, 30)}) where a function is right."
        f' Give check the function itself, without brackets: check("{exercise.id}", its_name).'
    )


def _changed(answer, place):
    if place is None:
        return "An argument should be changed in place here, and is not."
    try:
        name = list(inspect.signature(answer).parameters)[place]
    except (TypeError, ValueError, IndexError):
        name = f"number {place + 1}"
    return f"The result is right, but the argument {name} was changed in place: work on a copy."
