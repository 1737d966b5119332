"""`hornbook lessons`: notebooks one completes; write them, check them, take hints, see what is next, grade a class."""

import json
from pathlib import Path
from typing import Annotated

import typer

from hornbook.cli import app, console
from hornbook.cli.given import AsJson, short, write_table

lessons = typer.Typer(rich_markup_mode="rich", context_settings={"help_option_names": ["-h", "--help"]})
app.add_typer(lessons, name="lessons", rich_help_panel="Learn")

Which = Annotated[str, typer.Argument(metavar="NOTEBOOK|ID", help="A notebook (04, L4, a file) or an exercise (04.2).")]
Minutes = Annotated[float, typer.Option(min=0.01, help="Time for one notebook; then it is stopped.")]
Memory = Annotated[float, typer.Option(min=100, help="MB for one notebook and all that it starts.")]


@lessons.callback(
    invoke_without_command=True,
    epilog="Examples:\n"
    "  hornbook lessons start lessons --course frankenstein\n"
    "  cd lessons && jupyter lab\n"
    "  hornbook lessons                  what is done, and what is next\n"
    "  hornbook lessons hint 04.2",
)
def listing(context: typer.Context, as_json: AsJson = False):
    """Notebooks that you complete, and checks that teach: a character-level LSTM, and the ladder of text models.

    Without a command: the courses, their notebooks, what is passed, and what is next.
    """
    if context.invoked_subcommand:
        return
    from hornbook.lessons import desk, progress

    table, folder = desk.standing(), progress.folder()
    if as_json:
        print(json.dumps({"folder": str(folder) if folder else None, "courses": table}, ensure_ascii=False))
        return
    for course in table:
        _print_course(course)
    _print_next(table, folder)


def _print_course(course):
    from rich.table import Table

    shown = Table(title=course["title"], title_justify="left", caption=None)
    for name in ("notebook", "title", "passed", "next", "cells run"):
        shown.add_column(name, justify="right" if name in ("passed", "cells run") else "left")
    for row in course["notebooks"]:
        passed = f"{row['passed']} of {len(row['exercises'])}"
        shown.add_row(row["notebook"], row["title"], passed, row["next"] or "done", row["takes"])
    console().print(shown)


def _print_next(table, folder):
    out = console()
    if folder is None:
        out.print("Begin: hornbook lessons start lessons && cd lessons && jupyter lab", markup=False)
        return
    begun = [course for course in table if any(row["passed"] for row in course["notebooks"])] or table[:1]
    for course in begun:
        row = next((row for row in course["notebooks"] if row["next"]), None)
        if row:
            out.print(f"Next: {row['next']} in {course['course']}/{row['file']}", markup=False)
        else:
            out.print(f"{course['course']} is done: every exercise passed.", markup=False)


@lessons.command(
    epilog="Examples:\n  hornbook lessons start lessons\n  hornbook lessons start lessons --course ladder --as py"
)
def start(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Your folder; what is in it already is left alone.")],
    course: Annotated[str | None, typer.Option(help="frankenstein or ladder. Default: both.")] = None,
    form: Annotated[str, typer.Option("--as", help="ipynb (notebooks) or py (scripts in percent format).")] = "ipynb",
):
    """Write the notebooks into a folder of yours, which then also keeps your progress."""
    from hornbook.errors import HornbookError, nearest
    from hornbook.lessons import desk

    if f".{form}" not in desk.FORMS:
        raise HornbookError(f'lessons cannot be written as "{form}".{nearest(form, ("ipynb", "py"))}')
    written, kept = desk.start(folder, course, f".{form}")
    out = console()
    out.print(f"{folder}: {len(written)} written, {len(kept)} were there and are as they were.", markup=False)
    opener = "jupyter lab" if form == "ipynb" else f"python {(written or kept)[0].relative_to(folder)}"
    out.print(f"Go on with: cd {folder} && {opener}", markup=False)


@lessons.command(
    epilog="Examples:\n  hornbook lessons check\n  hornbook lessons check 04\n  hornbook lessons check 04.2\n"
    "  hornbook lessons check my/copy.ipynb --json"
)
def check(
    which: Annotated[
        str | None,
        typer.Argument(metavar="[NOTEBOOK|ID]", help="A notebook, an exercise, a file or a folder. Default: all."),
    ] = None,
    minutes: Minutes = 5.0,
    memory: Memory = 4000,
    as_json: AsJson = False,
):
    """Run your notebook in a process of its own, and show what each of its checks says."""
    from hornbook.lessons import desk, progress
    from hornbook.lessons.grading import Handed, grade

    if which and not Path(which).is_dir():
        pairs = [desk.named(which)]
    else:
        pairs = desk.in_folder(Path(which) if which else desk.desk())
    rows = [row for done in grade([Handed("", *pair) for pair in pairs], minutes, memory) for row in done]
    if which and any(row["exercise"] == which for row in rows):
        rows = [row for row in rows if row["exercise"] == which]
    for row in rows:
        if row["state"] != "NONE" and (where := progress.folder(Path(row["file"]).parent)):
            progress.record(row["exercise"], row["state"], where)
    rows = [{name: value for name, value in row.items() if name != "learner"} for row in rows]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
    else:
        _print_rows(rows)
    if any(row["state"] != "PASS" for row in rows):
        raise typer.Exit(1)


def _print_rows(rows):
    from rich.table import Table
    from rich.text import Text

    shown = Table()
    for name in ("exercise", "state", "what is said"):
        shown.add_column(name)
    for row in rows:
        shown.add_row(row["exercise"], row["state"], Text("\n".join(_said(row))))
    console().print(shown)


def _said(row):
    """What a check said, in lines."""
    numbers = f"{row['where']}: yours {row['yours']}, right {row['right']}" if row["where"] else ""
    line = f"In your code, {row['line']}" if row["line"] else ""
    diagnosis = f"Diagnosis: {row['diagnosis']}" if row["diagnosis"] else ""
    return [part for part in (row["says"], numbers, line, diagnosis, row["problem"]) if part]


@lessons.command(epilog="Example:\n  hornbook lessons hint 04.2")
def hint(identity: Annotated[str, typer.Argument(metavar="ID", help="An exercise: 04.2, L4.2.")]):
    """The next hint of an exercise: the first, then one more at each call, at most three."""
    from hornbook.lessons import progress
    from hornbook.lessons.courses import find
    from hornbook.lessons.session import hint as show_hint

    exercise, _ = find(identity)
    show_hint(identity)
    if progress.folder() is None and len(exercise.hints) > 1:
        console().print("Which hints you had is kept in your folder of lessons: go there for the next.", markup=False)


@lessons.command(epilog="Example:\n  hornbook lessons reset 04")
def reset(which: Which):
    """Write a notebook anew; the one you have is kept in backups/."""
    from hornbook.lessons import desk

    path, backup = desk.reset(which)
    console().print(f"{path} is new; yours is now {backup}", markup=False)


@lessons.command(epilog="Examples:\n  hornbook lessons solution 04.2\n  hornbook lessons solution 04 --give-up")
def solution(
    which: Which,
    give_up: Annotated[bool, typer.Option("--give-up", help="Also where it is not passed yet.")] = False,
):
    """The course's solution of an exercise you have passed; of a notebook, all of it, in a file of its own."""
    from hornbook.lessons import desk

    found = desk.solution(which, give_up)
    print(f"wrote {found}" if isinstance(found, Path) else found)


@lessons.command(
    epilog="Examples:\n  hornbook lessons grade handed-in --out results.csv --gradebook book.csv\n"
    "  hornbook lessons grade handed-in --minutes 1 --memory 1500 --jobs 4 --json"
)
def grade(
    folder: Annotated[Path, typer.Argument(help="Holds one folder for each learner, or one notebook for each.")],
    out: Annotated[Path | None, typer.Option(help="Write all results: .csv, or .tsv between tabs.")] = None,
    gradebook: Annotated[Path | None, typer.Option(help="Write one line a learner, over all notebooks.")] = None,
    minutes: Minutes = 2.0,
    memory: Memory = 2000,
    jobs: Annotated[int, typer.Option(min=1, help="How many notebooks are run at once.")] = 1,
    as_json: AsJson = False,
):
    """Run many learners' notebooks, each in a process of its own, and tell what each exercise is.

    Only what is run counts, not what a notebook prints or progress.json says. A broken, endless or greedy notebook
    is stopped and noted, and harms no other. Notebooks are programs: grade those of strangers where that is safe.
    """
    from hornbook.lessons.grading import COLUMNS, best, handed_in

    handed = handed_in(folder)
    rows = _graded(handed, minutes, memory, jobs)
    rows.sort(key=lambda row: (row["learner"], row["file"], row["exercise"]))
    counted = best(rows)
    names, book = _gradebook(counted)
    if out:
        write_table(out, COLUMNS, [[row[name] for name in COLUMNS] for row in counted])
    if gradebook:
        write_table(gradebook, names, book)
    if as_json:
        print(json.dumps(counted, ensure_ascii=False))
    else:
        _print_files(rows)
        _print_gradebook(names, book)
    for path in filter(None, (out, gradebook)):
        console(stderr=as_json).print(f"wrote {path}", markup=False)


def _graded(handed, minutes, memory, jobs):
    from rich.progress import Progress

    from hornbook.lessons.grading import grade as graded

    rows = []
    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("notebooks", total=len(handed))
        for done in graded(handed, minutes, memory, jobs):
            rows += done
            bar.advance(task)
    return rows


def _gradebook(rows):
    """(names of columns, a row for each learner): how many passed, of how many, and how many of each notebook."""
    from hornbook.lessons.grading import gradebook

    asked, book = gradebook(rows)
    total = sum(asked.values())
    names = ["learner", "passed", "of", *asked]
    return names, [
        [learner, sum(own.values()), total, *(own.get(notebook, "") for notebook in asked)]
        for learner, own in book.items()
    ]


def _print_gradebook(names, book):
    """One line for each learner, over all notebooks, where there are several."""
    from rich.table import Table
    from rich.text import Text

    if len(names) == 4:
        return
    shown = Table()
    for name in names:
        shown.add_column(name, justify="left" if name == "learner" else "right")
    for learner, *counts in book:
        shown.add_row(Text(learner), *map(str, counts))
    console().print(shown)


def _print_files(rows):
    """One line for each file: how many passed, what did not, and what was odd."""
    from rich.table import Table
    from rich.text import Text

    shown = Table()
    for name in ("learner", "notebook", "passed", "not passed", "problem"):
        shown.add_column(name)
    for learner, file in dict.fromkeys((row["learner"], row["file"]) for row in rows):
        own = [row for row in rows if (row["learner"], row["file"]) == (learner, file)]
        asked = [row for row in own if row["exercise"]]
        left = ", ".join(f"{row['exercise']} {row['state']}" for row in asked if row["state"] != "PASS")
        passed = f"{sum(row['state'] == 'PASS' for row in asked)} of {len(asked)}" if asked else ""
        shown.add_row(Text(learner), own[0]["notebook"], passed, left, Text(short(own[0]["problem"])))
    console().print(shown)
