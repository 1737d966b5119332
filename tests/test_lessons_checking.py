"""Judging answers: what passes, what is to do, what fails and how it is told, and what cannot be checked here."""

import random
import signal
import sys
import threading
import time
import warnings

import numpy as np
import pytest

from hornbook.errors import HornbookError
from hornbook.lessons.checking import judge, unfilled
from hornbook.lessons.exercise import Case, Mistake
from hornbook.lessons.rendering import Shown
from hornbook.lessons.trying import Kept, TimeLimit, chance_fixed, within
from lessons_cases import exercise, not_divided, of_a_value, over_the_batch, softmax


def mine(x):
    return softmax(x)


def test_a_right_answer_passes():
    result = judge(exercise(), mine)
    assert (result.state, result.says, result.difference, result.diagnosis) == ("PASS", "", None, "")


def as_tuple(x):
    return ..., softmax(x)


def half_filled(x):
    total = ...
    return np.exp(x) / total


def dots_left(x):
    ...
    return np.zeros(x.shape)


def names_missing(x):
    ...
    return exponentials / total  # noqa: F821 (what the learner has not written yet)


def returns_nothing(x):
    softmax(x)


class HalfAClass:
    def __call__(self, x):
        ...
        return x


@pytest.mark.parametrize(
    "answer", [..., None, lambda x: ..., as_tuple, half_filled, dots_left, names_missing, returns_nothing]
)
def test_what_is_not_filled_in_is_to_do(answer):
    assert judge(exercise(), answer).state == "TODO"


def test_a_class_that_is_half_filled_is_to_do():
    asked = exercise(probe=lambda made, x: made()(x), right=lambda: softmax)
    assert judge(asked, HalfAClass).state == "TODO"
    assert judge(asked, lambda: mine).state == "PASS"


def dots_in_an_index(x):
    return x[..., 0]


def test_dots_in_an_index_are_an_answer_like_any_other():
    assert judge(exercise(), dots_in_an_index).state == "FAIL"
    asked = exercise(right=lambda x: x[..., 0], mistakes=())
    assert judge(asked, dots_in_an_index).state == "PASS"


def test_parts_that_are_dots_are_unfilled():
    assert [unfilled(each) for each in ([1, ...], {"a": ...}, (1, [2, ...]))] == [True] * 3
    assert [unfilled(each) for each in ([1, None], {}, [], 0, "", np.zeros(3))] == [False] * 6


def test_the_courses_own_answer_is_no_answer():
    for own in (softmax, np.asarray):
        state = judge(exercise(right=softmax), own).state
        assert state == ("TODO" if own is softmax else "FAIL")
    from hornbook.reference.layers import softmax as of_the_library

    assert "course's own" in judge(exercise(), of_the_library).says


@pytest.mark.parametrize(
    ("answer", "says"),
    [(over_the_batch, "softmax over the batch axis"), (not_divided, "not divided by the sum")],
)
def test_a_known_mistake_is_diagnosed_beside_both_numbers(answer, says):
    result = judge(exercise(), answer)
    assert (result.state, result.diagnosis) == ("FAIL", says)
    place = (0, 0)
    x = np.random.default_rng(0).normal(size=(2, 3)) if result.on == "2 rows of 3" else np.zeros((1, 1))
    assert result.difference.name == "answer[0, 0]"
    assert float(result.difference.yours) == pytest.approx(answer(x)[place], rel=1e-5)
    assert float(result.difference.right) == pytest.approx(softmax(x)[place], rel=1e-5)


def test_of_several_mistakes_the_one_that_explains_most_is_told():
    def only_large(x):
        return softmax(x) if x.size == 1 else over_the_batch(x)

    def everywhere(x):
        return over_the_batch(x) + (x.size == 1)

    asked = exercise(mistakes=(Mistake("large", only_large), Mistake("everywhere", everywhere)))
    assert judge(asked, lambda x: everywhere(x)).diagnosis == "everywhere"
    assert judge(asked, lambda x: only_large(x)).diagnosis == "large"
    twice = exercise(mistakes=(Mistake("first", not_divided), Mistake("second", not_divided)))
    assert judge(twice, lambda x: not_divided(x)).diagnosis == "first"


def test_a_mistake_like_the_right_answer_is_never_told():
    asked = exercise(mistakes=(Mistake("none at all", mine), Mistake("other", not_divided)))
    assert judge(asked, lambda x: x).diagnosis == ""
    assert judge(asked, lambda x: mine(x) if x.size == 1 else -x).diagnosis == ""  # right on one case, as "none at all"


def test_no_mistake_is_told_that_no_case_has_shown():
    def raises_at_2(n):
        return n if n < 2 else 1 / 0

    def negative_from_3(n):
        return n if n < 3 else -n

    cases = tuple(Case((n,)) for n in (1, 2, 3))
    mistakes = (Mistake("the sign is turned", negative_from_3),)
    asked = exercise(right=lambda n: n, cases=lambda: cases, mistakes=mistakes)
    assert judge(asked, raises_at_2).says.startswith("ZeroDivisionError")
    assert judge(asked, raises_at_2).diagnosis == ""
    assert judge(asked, lambda n: negative_from_3(n)).diagnosis == "the sign is turned"


def test_a_mistake_may_be_an_error_or_a_changed_argument():
    def in_place(x):
        x -= x.max(axis=-1, keepdims=True)
        return softmax(x)

    def fails(x):
        return x @ np.zeros(7)

    asked = exercise(mistakes=(Mistake("changes x", in_place), Mistake("multiplies by the wrong matrix", fails)))
    assert judge(asked, lambda x: in_place(x)).diagnosis == "changes x"
    assert judge(asked, lambda x: fails(x)).diagnosis == "multiplies by the wrong matrix"
    assert judge(asked, lambda x: x @ np.zeros(8)).diagnosis == ""


def without_division(x):
    return np.exp(x) / np.float64("nan")


def changes_its_argument(scores):
    scores -= scores.max(axis=-1, keepdims=True)
    return softmax(scores)


def fails_in_numpy(x):
    x = x.ravel()
    return np.concatenate([x, np.zeros((2, 2))])


def calls_itself(x):
    return calls_itself(x)


def leaves(x):
    sys.exit(3)


def misses_a_name(x):
    return np.exp(x) / row_sums  # noqa: F821 (a cell that was not run)


FAILS = {  # what it says -> the answer
    "The type is wrong: int (5) where a function is right. Give check the function itself": 5,
    "The type is wrong: array (2, 3) float64 (array([[1., 1., 1.], [1., 1.,…) where a function": np.ones((2, 3)),
    "The type is wrong: list of 1 where array (1, 1) float64 is right.": lambda x: [1.0],
    "The shape is wrong: (1,) where (1, 1) is right.": lambda x: softmax(x)[0],
    "There is nan or inf where a number is right.": without_division,
    "The result is right, but the argument scores was changed in place: work on a copy.": changes_its_argument,
    "AttributeError: 'numpy.ndarray' object has no attribute 'summe'": lambda x: x.summe(),
    "ValueError: all the input arrays must have same number of dimensions": fails_in_numpy,
    "It cannot be called as this exercise calls it. TypeError: ": lambda x, y: x,
    "RecursionError: it calls itself without end.": calls_itself,
    "It asks Python to exit. Return a value instead.": leaves,
    "NameError: name 'row_sums' is not defined. Nothing has made row_sums yet: run the cells above": misses_a_name,
}


@pytest.mark.parametrize("says", FAILS, ids=lambda says: says[:40])
def test_a_failure_says_what_it_got(says):
    result = judge(exercise(), FAILS[says])
    assert result.state == "FAIL"
    assert result.says.startswith(says)


def test_an_error_is_told_with_the_learners_line_and_none_of_ours():
    result = judge(exercise(), fails_in_numpy)
    assert result.line.endswith("return np.concatenate([x, np.zeros((2, 2))])")
    assert result.line.startswith(f"line {fails_in_numpy.__code__.co_firstlineno + 2}: ")
    shown = repr(Shown(result))
    assert "checking.py" not in shown
    assert "Traceback" not in shown


def test_a_missing_name_of_the_course_is_told_with_its_cell():
    def uses_another(x):
        return c2ix[x]  # noqa: F821

    asked = exercise(id="02.3", mistakes=())
    assert "c2ix is made in" in judge(asked, uses_another).says
    assert "run that cell first." in judge(asked, uses_another).says


def endless(x):
    while True:
        pass


def endless_and_stubborn(x):
    for _ in range(3):
        try:
            while True:
                pass
        except:  # noqa: E722 (a learner may)
            x = x + 1
    while True:
        pass


@pytest.mark.parametrize("answer", [endless, endless_and_stubborn])
@pytest.mark.parametrize("thread", ["main", "another"])
def test_an_endless_answer_is_stopped_and_the_limit_is_said(answer, thread):
    told = []
    work = threading.Thread(target=lambda: told.append(judge(exercise(), answer, 0.5)))
    if thread == "main":
        work.run()
    else:
        work.start()
        work.join()
    assert told[0].state == "FAIL"
    assert told[0].says == "It did not end within 0.5 seconds. Is there a loop that never stops?"
    assert told[0].on == "a single score"


def test_an_alarm_of_the_learners_own_is_put_back():
    def ring(_number, _frame):
        raise AssertionError("rang")

    handler = signal.signal(signal.SIGALRM, ring)
    try:
        assert judge(exercise(), endless, 0.5).state == "FAIL"
        assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
        signal.setitimer(signal.ITIMER_REAL, 500)
        judge(exercise(), mine)
        assert 400 < signal.getitimer(signal.ITIMER_REAL)[0] <= 500
        assert signal.getsignal(signal.SIGALRM) is ring
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)


def test_after_an_endless_answer_no_thread_burns():
    before = threading.active_count()
    worker = threading.Thread(target=lambda: judge(exercise(), endless, 0.5))
    worker.start()
    worker.join()
    assert threading.active_count() == before


def test_within_gives_back_what_the_work_gives_and_raises():
    assert within(5, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 / 0)
    with pytest.raises(TimeLimit):
        within(0.05, lambda: time.sleep(60))


def test_an_endless_generator_is_cut_and_a_short_one_is_read():
    def counting(n):
        yield from range(n)

    def for_ever(n):
        while True:
            yield n

    mistakes = (Mistake("one too many", lambda n: counting(n + 1)),)
    asked = exercise(right=counting, cases=lambda: (Case((3,)),), mistakes=mistakes)
    assert judge(asked, lambda n: (i for i in range(n))).state == "PASS"
    assert judge(asked, lambda n: list(range(n))).state == "PASS"
    assert judge(asked, lambda n: (i for i in range(n + 1))).diagnosis == "one too many"
    assert judge(asked, lambda n: for_ever(n)).state == "FAIL"


def test_what_an_answer_prints_is_kept_short_and_apart(capsys):
    def talks(x):
        for line in range(100_000):
            print("line", line)
        return x

    result = judge(exercise(), talks)
    assert capsys.readouterr() == ("", "")
    assert result.printed.startswith("line 0\nline 1\n")
    assert "more characters" in result.printed
    assert len(result.printed.splitlines()) <= 6
    assert judge(exercise(), mine).printed == ""


def test_a_warning_shows_the_learners_line_and_none_of_the_checks(monkeypatch):
    def told(message, category, filename, lineno, file=None, line=None):
        sys.stderr.write(warnings.formatwarning(message, category, filename, lineno, line))

    def warns(x):
        warnings.warn("of the learner", stacklevel=1)
        return x

    known = {"__name__": "hornbook.lessons.frankenstein.checks_05", "warnings": warnings}
    probe = eval("lambda made, x: (warnings.warn('of the check'), made(x))[1]", known)
    monkeypatch.setattr(warnings, "showwarning", told)  # as Python does; pytest keeps them otherwise
    result = judge(exercise(probe=probe), warns)
    assert "of the learner" in result.printed
    assert "of the check" not in result.printed


def test_a_stream_counts_what_it_does_not_keep():
    kept = Kept()
    for _ in range(1000):
        kept.write("abcdefghi\n")
    assert kept.shown() == "\n".join(["abcdefghi"] * 5) + "\n… and 9,950 more characters"


def test_chance_is_the_same_for_every_answer_and_the_learners_own_afterwards():
    def drawn(x):
        return np.random.rand() + random.random()

    asked = exercise(right=lambda x: np.random.rand() + random.random(), mistakes=())
    np.random.seed(3)
    random.seed(3)
    expected = np.random.rand(), random.random()
    np.random.seed(3)
    random.seed(3)
    assert judge(asked, drawn).state == "PASS"
    assert (np.random.rand(), random.random()) == expected
    with chance_fixed():
        first = np.random.rand()
    with chance_fixed():
        assert np.random.rand() == first


def test_arguments_are_the_answers_own():
    shared = [np.zeros(3)]

    def spoils(x):
        x += 1
        return x

    asked = exercise(right=lambda x: x + 0, cases=lambda: (Case((shared[0],)),), mistakes=())
    assert judge(asked, spoils).state == "FAIL"
    assert not shared[0].any()


def test_where_the_right_answer_works_in_place_so_must_the_learners():
    def step(weights):
        weights -= 1

    def gives_new(weights):
        return None if weights is None else weights[:0].sum()

    asked = exercise(right=lambda w: step(w) or 0.0, cases=lambda: (Case((np.ones(2),)),), mistakes=())
    assert judge(asked, lambda w: step(w) or 0.0).state == "PASS"
    assert judge(asked, gives_new).says == "An argument should be changed in place here, and is not."


def test_values_are_compared_and_diagnosed():
    asked = of_a_value(27, ("the end marker is not counted", 26))
    assert judge(asked, 27).state == "PASS"
    assert judge(asked, 26).diagnosis == "the end marker is not counted"
    assert judge(asked, 25).diagnosis == ""
    assert judge(asked, ...).state == "TODO"
    assert judge(asked, "27").says == "The type is wrong: str of 2 characters where int is right."
    assert judge(asked, float("nan")).says.startswith("There is nan or inf")


WRONG_WORDS = {  # what it says -> (the answer, the right one)
    "The text differs.": ({"e": "training"}, {"e": "both"}),
    "The type is wrong: int where str is right.": ({"e": 3}, {"e": "both"}),
    "The length is wrong: list of 1 where list of 2 is right.": (["a"], ["a", "both"]),
    "What it holds is wrong.": ({"a", "b"}, {"a", "both"}),
}


@pytest.mark.parametrize("says", WRONG_WORDS)
def test_where_the_answer_is_a_value_the_right_one_is_not_shown(says):
    answer, right = WRONG_WORDS[says]
    result = judge(of_a_value(right), answer)
    assert (result.state, result.says, result.difference.right) == ("FAIL", says, "(not shown)")
    for shown in (repr(Shown(result)), Shown(result)._repr_html_()):
        assert "both" not in shown
        assert "4 characters" not in shown
    assert judge(of_a_value({"a": 1, "b": 2}), {"a": 1}).difference.right == "has 'b'"


def test_numbers_that_agree_to_six_digits_are_told_so():
    told = judge(exercise(), lambda x: softmax(x) * (1 + 1e-7)).says
    assert told == "The numbers agree to six digits only. Is float32 in it somewhere, or a small number added?"
    assert judge(exercise(), lambda x: softmax(x).astype(np.float32)).state == "PASS"


def test_objects_and_classes_are_probed():
    class Right:
        def __init__(self, scale=2):
            self.scale = scale

        def __call__(self, x):
            return self.scale * x

    asked = exercise(
        probe=lambda kind, x: kind()(x),
        right=Right,
        cases=lambda: (Case((3.0,), "3"),),
        mistakes=(Mistake("scaled by 3", lambda: Right(3)),),
    )
    assert judge(asked, type("Mine", (), {"__call__": lambda self, x: x + x})).state == "PASS"
    assert judge(asked, lambda: Right(3)).diagnosis == "scaled by 3"
    of_an_object = of_a_value(Right(2), ("scaled by 3", Right(3)), probe=lambda made: made(1.0))
    assert judge(of_an_object, Right(2)).state == "PASS"
    assert judge(of_an_object, Right(3)).diagnosis == "scaled by 3"
    assert judge(of_an_object, 5).says.startswith("It cannot be called") or "TypeError" in judge(of_an_object, 5).says


def lacks_torch(*_args):
    raise ModuleNotFoundError("No module named 'torch'", name="torch")


def out_of_reach(*_args):
    raise HornbookError("frankenstein is not here")


def broken(*_args):
    raise KeyError("a bug of ours")


OPEN = {
    "This exercise needs PyTorch, which is not installed: pip install 'hornbook[torch]'": lacks_torch,
    "It cannot be checked here: frankenstein is not here": out_of_reach,
    "The check itself failed, which is not your fault: KeyError: 'a bug of ours'": broken,
}


@pytest.mark.parametrize("part", ["right", "cases"])
@pytest.mark.parametrize("says", OPEN)
def test_what_cannot_be_checked_here_is_open_and_no_failure(says, part):
    result = judge(exercise(**{part: OPEN[says]}), mine)
    assert (result.state, result.says) == ("OPEN", says)


def test_torch_missing_in_the_learners_code_is_open_too():
    assert judge(exercise(), lambda x: lacks_torch()).state == "OPEN"
    assert judge(exercise(), lambda x: __import__("no_such_package")).state == "FAIL"


def test_stop_stops():
    def stopped(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge(exercise(), stopped)
