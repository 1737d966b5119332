"""Many learners' notebooks graded: each run anew in a process of its own, its results by learner and exercise."""

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from hornbook.errors import HornbookError
from hornbook.lessons.desk import FORMS, SOLVED, files, is_aside, is_solved, lesson_of
from hornbook.lessons.running import run_file

SAID = ("state", "says", "diagnosis", "where", "yours", "right", "on", "line")  # of a result
COLUMNS = ("learner", "course", "notebook", "exercise", *SAID, "problem", "seconds", "file")
RANK = {"PASS": 4, "FAIL": 3, "OPEN": 2, "TODO": 1, "NONE": 0}  # of two results for one exercise, the higher counts


@dataclass(frozen=True)
class Handed:
    """One file that was handed in: whose, where, and which notebook it is; or why it is none, and None."""

    learner: str
    path: object
    notebook: object
    problem: str = ""


def handed_in(folder):
    """What there is to grade: a subfolder is a learner; a notebook right in `folder` is one too, by its name.

    A learner of whom nothing can be graded is among them all the same. Raises HornbookError where that is all.
    """
    if not folder.is_dir():
        raise HornbookError(f"{folder} is no folder. It should hold one folder for each learner.")
    found = [each for path in sorted(folder.iterdir()) if not is_aside(path.name) for each in _of_one(path)]
    if not any(each.notebook for each in found):
        raise HornbookError(f"there is no notebook of the courses in {folder}. It should hold one folder a learner.")
    return found


def _of_one(path):
    """What stands in one folder, or is one file, and whose."""
    learner = path.name if path.is_dir() else path.stem
    if path.is_symlink() and (path.is_dir() or path.suffix in FORMS):
        return [Handed(learner, path, None, "a link, which is not followed")]
    if path.is_dir():
        found = files(path)
        return [Handed(learner, *each) for each in found] or [Handed(learner, path, None, "holds no notebook to grade")]
    if path.suffix in FORMS and (notebook := lesson_of(path)):
        return [Handed(learner, path, notebook)]
    return [Handed(learner, path, None, "no notebook of the courses")] if path.suffix == ".ipynb" else []


def grade(handed, minutes=2.0, memory=2000, jobs=1):
    """Yield the rows (dicts of COLUMNS) of each file when it is done: one row for each exercise of its notebook.

    Only what is run counts: neither what a notebook prints nor what progress.json says.
    """
    with ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(_rows, each, minutes, memory) for each in handed]
        try:
            for done in as_completed(running):
                yield done.result()
        finally:
            for each in running:
                each.cancel()


def _rows(handed, minutes, memory):
    rows = {identity: _row(handed, identity) for identity in _asked(handed)}
    if problem := handed.problem or (SOLVED if is_solved(handed.path) else ""):
        return [row | {"problem": problem} for row in rows.values()]
    try:
        ran = run_file(handed.path, minutes, memory)
    except (HornbookError, OSError) as error:
        return [row | {"problem": " ".join(str(error).split())[:300]} for row in rows.values()]
    for result in ran.results:
        row = rows.get(result.get("id"))
        if row and RANK.get(result.get("state"), -1) >= RANK[row["state"]]:
            row.update({name: str(result.get(name, ""))[:500] for name in SAID})
    problem = ran.problem or (ran.errors[0][:300] if ran.errors else "")
    return [row | {"problem": problem, "seconds": round(ran.seconds, 1)} for row in rows.values()]


def _asked(handed):
    return [exercise.id for exercise in handed.notebook.exercises()] if handed.notebook else [""]


def _row(handed, identity):
    row = dict.fromkeys(COLUMNS, "") | {"learner": handed.learner, "exercise": identity, "state": "NONE"}
    row["file"] = str(handed.path)
    if handed.notebook:
        row |= {"course": handed.notebook.course.name, "notebook": handed.notebook.key}
    return row


def best(rows):
    """One row for each learner's exercise: of several files, that of the higher RANK, and of equals the first."""
    found = {}
    for row in rows:
        old = found.setdefault((row["learner"], row["exercise"]), row)
        if RANK[row["state"]] > RANK[old["state"]]:
            found[row["learner"], row["exercise"]] = row
    return list(found.values())


def gradebook(rows):
    """(notebook -> how many exercises it has, learner -> notebook -> how many passed), of all that were handed in.

    A notebook that a learner did not hand in is not in that learner's.
    """
    asked, book = {}, {}
    for row in sorted(best(rows), key=lambda row: (row["learner"], row["notebook"])):
        own = book.setdefault(row["learner"], {})
        if notebook := row["notebook"]:
            asked.setdefault(notebook, set()).add(row["exercise"])
            own[notebook] = own.get(notebook, 0) + (row["state"] == "PASS")
    return {notebook: len(asked[notebook]) for notebook in sorted(asked)}, book
