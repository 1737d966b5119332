"""Many learners' notebooks graded: each run anew in a process of its own, its results by learner and exercise."""

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from hornbook.errors import HornbookError
from hornbook.lessons.desk import files
from hornbook.lessons.running import run_file

SAID = ("state", "says", "diagnosis", "where", "yours", "right", "on", "line")  # of a result
COLUMNS = ("learner", "course", "notebook", "exercise", *SAID, "problem", "seconds", "file")
RANK = {"PASS": 4, "FAIL": 3, "OPEN": 2, "TODO": 1, "NONE": 0}  # of two results for one exercise, the higher counts


@dataclass(frozen=True)
class Handed:
    """One file that was handed in: whose, where, and which notebook it is."""

    learner: str
    path: object
    notebook: object


def handed_in(folder):
    """What there is to grade: a subfolder is a learner; a notebook right in `folder` is one too, by its name.

    Raises HornbookError where there is nothing.
    """
    if not folder.is_dir():
        raise HornbookError(f"{folder} is no folder. It should hold one folder for each learner.")
    found = []
    for path, notebook in files(folder):
        inside = path.relative_to(folder).parts
        found.append(Handed(inside[0] if len(inside) > 1 else path.stem, path, notebook))
    if not found:
        raise HornbookError(f"there is no notebook of the courses in {folder}. It should hold one folder a learner.")
    return found


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
    rows = {exercise.id: _row(handed, exercise.id) for exercise in handed.notebook.exercises()}
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


def _row(handed, identity):
    row = dict.fromkeys(COLUMNS, "") | {"learner": handed.learner, "exercise": identity, "state": "NONE"}
    course = handed.notebook.course.name
    return row | {"course": course, "notebook": handed.notebook.key, "file": str(handed.path)}
