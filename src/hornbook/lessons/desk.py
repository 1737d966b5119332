"""The learner's folder: writing notebooks into it, finding them again, starting one anew, looking at a solution."""

import re
from pathlib import Path

from hornbook.errors import HornbookError
from hornbook.files import write_text
from hornbook.lessons import building, progress
from hornbook.lessons.courses import COURSES, LessonError, course, find_notebook, notebooks

FORMS = {".ipynb": building.notebook_json, ".py": building.script}
OURS = ("backups", "solutions")  # folders that this command writes beside a learner's own files
SOLVED = "the course's own solved notebook"


def start(folder, name=None, suffix=".ipynb"):
    """Write the notebooks of one course, or of all, into folder/COURSE/; what is there is left. (written, kept) paths.

    Raises LessonError for an unknown course.
    """
    chosen = [course(name)] if name else COURSES.values()
    written, kept = [], []
    folder.mkdir(parents=True, exist_ok=True)
    progress.begin(folder)
    for notebook in (notebook for each in chosen for notebook in each.notebooks()):
        path = folder / notebook.course.name / f"{notebook.stem}{suffix}"
        if path.exists():
            kept.append(path)
            continue
        write_text(path, FORMS[suffix](notebook))
        written.append(path)
    return written, kept


def desk():
    """The learner's folder, from the working directory upwards. Raises LessonError where there is none."""
    if found := progress.folder():
        return found
    raise LessonError(
        f"no lessons were started in {Path.cwd()} or above it (there is no {progress.NAME})."
        " Begin with: hornbook lessons start DIR, and go there."
    )


def files(folder):
    """The notebooks and scripts in a folder that are a learner's, with the Notebook that each is: [(path, Notebook)].

    A file that cannot be read goes by its name; OURS, links and hidden folders are left out, and a solved notebook
    where the learner's own is there too.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix not in FORMS or path.is_symlink() or any(map(is_aside, path.relative_to(folder).parts)):
            continue
        if path.is_file() and (notebook := lesson_of(path)):
            found.append((path, notebook))
    own = {notebook for path, notebook in found if not is_solved(path)}
    return [(path, notebook) for path, notebook in found if notebook not in own or not is_solved(path)]


def is_aside(name):
    """Whether a file or folder of this name is never a learner's answer."""
    return name.startswith((".", "__")) or name in OURS


def in_folder(folder):
    """What `files` finds. Raises LessonError where that is nothing."""
    if found := files(folder):
        return found
    raise LessonError(f"no notebook of the courses is in {folder}. hornbook lessons start {folder} writes them.")


def lesson_of(path):
    """Which Notebook a file is, by what it checks, else by what is noted in it, else by its name; or None."""
    text = path.read_text(encoding="utf-8", errors="replace")
    asked = re.findall(r"""check\(\s*\\?["'](L?\d+\.\d+)""", text)
    noted = re.findall(r'"hornbook": \{\s*"notebook": "(\w+)"', text)
    for word in (*asked, *noted, path.stem, *_keys_in_name(path)):
        try:
            return find_notebook(word)
        except HornbookError:
            continue
    return None


def is_solved(path):
    """Whether a file is SOLVED, and so nobody's answer."""
    return path.suffix == ".ipynb" and '"solved": true' in path.read_text(encoding="utf-8", errors="replace")


def _keys_in_name(path):
    """What a notebook may be by its name and folder: L4 for ladder/04_mine.ipynb, 04 for any other 04_mine.ipynb."""
    if path.suffix != ".ipynb" or not (number := re.match(r"\d\d(?=[_ .-])", path.name)):
        return []
    return [f"L{int(number[0])}" if "ladder" in path.parts[:-1] else number[0]]


def own_file(notebook, folder):
    """The learner's file of a notebook. Raises LessonError where there is none, or the solved one in its place."""
    own = [path for path, each in files(folder) if each == notebook]
    if not own:
        raise LessonError(f"{notebook.stem} is not in {folder}. hornbook lessons start {folder} writes it.")
    path = min(own, key=lambda path: path.stem != notebook.stem)
    if is_solved(path):
        raise LessonError(f"{path} is {SOLVED}. Move it away, and hornbook lessons start {folder} writes yours.")
    return path


def named(word, folder=None):
    """(path, Notebook) of a file, or of a notebook or exercise in the learner's folder."""
    path = Path(word)
    if path.suffix in FORMS and path.is_file():
        if is_solved(path):
            raise LessonError(f"{path} is {SOLVED}: there is no answer of yours in it.")
        if notebook := lesson_of(path):
            return path, notebook
        raise LessonError(f"{path} is no notebook of the courses: it checks no exercise of theirs.")
    if path.suffix in FORMS and path.stem not in {notebook.stem for notebook in notebooks()}:
        raise LessonError(f"{path} is not there.")
    notebook = find_notebook(path.stem if path.suffix in FORMS else word)
    return own_file(notebook, folder or desk()), notebook


def reset(word):
    """Write a notebook anew, the old one kept: (path, where the old one is)."""
    path, notebook = named(word)
    backups = path.parent / "backups"
    backups.mkdir(exist_ok=True)
    number = next(n for n in range(1, 10**6) if not (backups / f"{path.stem}.{n}{path.suffix}").exists())
    backup = backups / f"{path.stem}.{number}{path.suffix}"
    backup.write_bytes(path.read_bytes())
    write_text(path, FORMS[path.suffix](notebook))
    if where := progress.folder(path.parent):
        progress.forget([exercise.id for exercise in notebook.exercises()], where)
    return path, backup


def passed(exercises, known):
    """Those of the exercises that were passed once."""
    return [exercise for exercise in exercises if "passed" in known.get("exercises", {}).get(exercise.id, {})]


def solution(word, give_up=False):
    """The solved cell of an exercise, or the path of a whole solved notebook, written into the learner's folder.

    Raises LessonError where it is not passed yet and `give_up` is not said.
    """
    notebook, known = find_notebook(word), progress.read()
    one = [exercise for exercise in notebook.exercises() if exercise.id == word]
    wanted = one or notebook.exercises()
    missing = [each.id for each in wanted if each not in passed(wanted, known)]
    if missing and not give_up:
        raise LessonError(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not passed yet."
            f" hornbook lessons hint {missing[0]} helps; --give-up shows the solution all the same."
        )
    if one:
        return next(cell.text for cell in building.cells(notebook, True) if cell.kind == "exercise" and cell.id == word)
    path = desk() / notebook.course.name / "solutions" / f"{notebook.stem}.ipynb"
    write_text(path, building.notebook_json(notebook, solved=True))
    return path


def standing(folder=None):
    """What there is and what is done: a list of courses, each with notebooks, each with its exercises and states."""
    known = progress.read(folder)
    entries = known.get("exercises", {})
    table = []
    for each in COURSES.values():
        rows = []
        for notebook in each.notebooks():
            states = {e.id: entries.get(e.id, {}).get("state", "TODO") for e in notebook.exercises()}
            done = [e.id for e in passed(notebook.exercises(), known)]
            left = next((e.id for e in notebook.exercises() if e.id not in done), None)
            rows.append({"notebook": notebook.key, "file": notebook.stem, "title": notebook.title})
            rows[-1] |= {"takes": notebook.takes, "exercises": states, "passed": len(done), "next": left}
        table.append({"course": each.name, "title": each.title, "notebooks": rows})
    return table
