"""ES modules joined into one script: each becomes a function, called once, behind those that it imports.

`import {a, b as c} from "./x.js"` becomes `const {a, b: c} = modules["x.js"]`, and what is exported is what the
function returns. Only that is understood: imports of names, one statement a line, and exports of a function, class or
const, both at the beginning of a line. There are no cycles, no defaults and no re-exports.
"""

import posixpath
import re

from hornbook.errors import HornbookError

IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";?[ \t]*$', re.M)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) (\w+))", re.M)
OTHER = re.compile(r"^(?:import|export)\b.*$", re.M)
COMMENT = re.compile(r"^[ \t]*//.*\n", re.M)
QUOTED = re.compile(r'"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|//.*')
BRACKETS = re.compile(r"\([^()[\]{}]*\)|\[[^()[\]{}]*\]|\{[^()[\]{}]*\}")
SEVERAL = re.compile(r"^export const \w+ = [^;,]*,\s*\w+ =", re.M)


def bundle(modules, main):
    """One script of all that `main` needs; `modules` maps a path such as "engine/gpt.js" to its text.

    Raises HornbookError for a module that is missing, that imports itself by a detour, or that says more than is
    understood here.
    """
    wrapped = (_wrapped(path, modules[path]) for path in order(modules, main))
    return '"use strict";\nconst modules = {};\n' + "".join(wrapped)


def order(modules, main):
    """The paths of all modules that `main` needs, each behind those it imports; `main` is the last."""
    done, open_ = [], []

    def visit(path, wanted_by):
        if path in done:
            return
        if path in open_:
            circle = " imports ".join([*open_[open_.index(path) :], path])
            raise HornbookError(f"{circle}: modules cannot go in a circle.")
        if path not in modules:
            raise HornbookError(f'{wanted_by} imports "{path}", and there is no such module.')
        open_.append(path)
        for other in imports(path, modules[path]):
            visit(other, path)
        done.append(open_.pop())

    visit(main, "the page")
    return done


def imports(path, text):
    """The paths of the modules that a module imports."""
    return [_resolved(path, found) for _, found in IMPORT.findall(text)]


def _resolved(path, found):
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), found))


def _wrapped(path, text):
    if several := SEVERAL.search(_bare(text)):
        raise HornbookError(f"{path} exports several consts at once, {several[0]!r}: each needs an export of its own.")
    names = EXPORT.findall(text)
    body = IMPORT.sub(lambda found: _destructured(path, *found.groups()), text)
    body = EXPORT.sub("", body)
    if strange := OTHER.search(body):
        raise HornbookError(
            f"{path} says {strange[0]!r}; only names are imported, and functions, classes and consts exported."
        )
    body = re.sub(r"\n\s*", "\n", COMMENT.sub("", body)).strip()
    return f'modules["{path}"] = (() => {{\n{body}\nreturn {{ {", ".join(names)} }};\n}})();\n'


def _bare(text):
    """A module without what is quoted or stands in brackets."""
    text, taken = QUOTED.sub("", text), 1
    while taken:
        text, taken = BRACKETS.subn("", text)
    return text


def _destructured(path, names, found):
    return f'const {{{names.replace(" as ", ": ")}}} = modules["{_resolved(path, found)}"];'
