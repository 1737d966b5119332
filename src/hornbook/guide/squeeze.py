"""JavaScript without what only its readers need: comments, blanks, most line ends. No name is changed."""

import re

QUOTED = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'')
REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n\[])+/[a-z]*")
BLANK = re.compile(r" +|//.*")
BEFORE_REGEX = "(,=:[!&|?{};>\n"  # behind anything else a slash divides
LINE_END = re.compile(r"(?<=[;,{(\[])\n|\n(?=[})\].,:?])")  # where a statement ends by a semicolon, if at all


def squeezed(text):
    """The script, shorter; strings, templates and regular expressions, none over several lines, stay as they are."""
    kept, at, last = [], 0, "\n"
    while at < len(text):
        if blank := BLANK.match(text, at):
            at = blank.end()
            if _apart(last, text[at : at + 1]):
                kept.append(" ")
            continue
        end = _end(text, at, last)
        kept.append(text[at:end])
        at, last = end, text[end - 1]
    return LINE_END.sub("", "".join(kept))


def _apart(last, following):
    """Do two signs that only blanks are between need one? Words do, and so do + + and - -."""
    return (_in_word(last) and _in_word(following)) or (last == following and last in "+-")


def _in_word(sign):
    return sign.isalnum() or sign in ("_", "$")


def _end(text, at, last):
    """Where the piece that begins here ends: something quoted as a whole, else one sign."""
    if text[at] == "`":
        return _end_of_template(text, at)
    quoted = REGEX if text[at] == "/" and last in BEFORE_REGEX else QUOTED
    found = quoted.match(text, at)
    return found.end() if found else at + 1


def _end_of_template(text, at):
    at += 1
    while text[at] != "`":
        if text.startswith("${", at):
            at = _end_of_braces(text, at + 2)
        else:
            at += 2 if text[at] == "\\" else 1
    return at + 1


def _end_of_braces(text, at):
    """Behind the brace that closes one open before `at`; what is quoted in between may have braces of its own."""
    last = "{"
    while text[at] != "}":
        end = _end_of_braces(text, at + 1) if text[at] == "{" else _end(text, at, last)
        at, last = end, text[end - 1].strip() or last
    return at + 1
