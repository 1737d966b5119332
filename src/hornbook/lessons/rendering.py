"""A result as a person sees it: HTML in a notebook, colour in a terminal, plain text anywhere else."""

import sys
from html import escape

COLOURS = {"PASS": ("#1b6e3c", "green"), "TODO": ("#5b4a8a", "magenta"), "FAIL": ("#a32020", "red")}
COLOURS["OPEN"] = ("#6b5200", "yellow")


def show(result):
    """Show a Result where the code runs."""
    _put(Shown(result))


def show_note(words):
    """Show a sentence that is no result: a hint, a prediction, what is missing."""
    _put(Note(words))


class Note:
    """A sentence, as text and as HTML."""

    def __init__(self, words):
        self.words = words

    def __repr__(self):
        return self.words

    def _repr_html_(self):
        return f'<p style="margin:.3em 0">{escape(self.words)}</p>'


class Shown:
    """A Result, as text and as HTML; words say everything that colour says."""

    def __init__(self, result):
        self.result = result

    def __repr__(self):
        return "\n".join(line for line in _lines(self.result) if line is not None)

    def _repr_html_(self):
        return _html(self.result)


def in_notebook():
    """Whether cells are run one by one, by IPython or marimo."""
    return _in_marimo() or _in_ipython()


def _put(shown):
    """IPython's own display where there is a notebook, marimo's where it is marimo, else print."""
    if _in_marimo():
        marimo = sys.modules["marimo"]
        marimo.output.append(marimo.Html(shown._repr_html_()))
    elif _in_ipython():
        from IPython.display import display

        display(shown)
    elif sys.stdout.isatty() and isinstance(shown, Shown):
        _print_in_colour(shown)
    else:
        print(shown, flush=True)


def _in_marimo():
    return bool((marimo := sys.modules.get("marimo")) and marimo.running_in_notebook())


def _in_ipython():
    return "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None


def _print_in_colour(shown):
    from rich.console import Console
    from rich.text import Text

    text = Text(repr(shown))
    text.stylize(f"bold {COLOURS[shown.result.state][1]}", 0, 4)
    Console(highlight=False, soft_wrap=True).print(text)


def _lines(result):
    exercise, found = result.exercise, result.difference
    yield f"{result.state}  {exercise.id} {exercise.title}"
    yield _indented(result.says)
    yield _indented(f"Tried on: {result.on}" if result.on else "")
    yield _indented(f"In your code, {result.line}" if result.line else "")
    if found:
        yield from _table(found)
    yield _indented(f"Diagnosis: {result.diagnosis}" if result.diagnosis else "")
    yield _indented(f"Your code printed: {result.printed}" if result.printed else "")
    if result.state == "PASS":
        from hornbook.lessons.outcomes import places

        yield _indented(f"Why: {exercise.why}")
        yield _indented(f"You can now {_now(exercise)}.")
        for says, found in places(exercise).items():
            yield _indented(f"{says} {'; '.join(found)}." if found else "")
    elif result.state != "OPEN":
        yield _indented(f'Stuck? hint("{exercise.id}")')


def _now(exercise):
    """An outcome without the "can" that it begins with."""
    return exercise.outcome.removeprefix("can ")


def _indented(words):
    return "\n".join(f"      {line}" for line in words.splitlines()) or None


def _rows(found):
    yield found.name, found.yours, found.right
    if (found.your_form, found.right_form) != (found.yours, found.right):
        yield "type and shape", found.your_form, found.right_form


def _table(found):
    rows = [("", "yours", "right"), *_rows(found)]
    widths = [max(len(row[place]) for row in rows) for place in range(3)]
    for row in rows:
        yield "      " + "  ".join(part.ljust(width) for part, width in zip(row, widths)).rstrip()
    if found.of > 1:
        yield f"      {_how_many(found)}"


def _how_many(found):
    return f"the first of {found.count:,} that differ, of {found.of:,}"


def _html(result):
    exercise, found = result.exercise, result.difference
    colour = COLOURS[result.state][0]
    parts = [
        f'<div role="group" aria-label="{result.state}: exercise {escape(exercise.id)}" '
        f'style="border-left:.3em solid {colour};padding:.2em .8em;margin:.3em 0;max-width:60em">',
        f'<p style="margin:.2em 0"><strong style="background:{colour};color:#fff;padding:.1em .5em">{result.state}'
        f"</strong> <strong>{escape(exercise.id)} {escape(exercise.title)}</strong></p>",
        _paragraph("", result.says),
        _paragraph("Tried on:", result.on),
        _paragraph("In your code,", result.line, code=True),
        _html_table(found) if found else "",
        _paragraph("Diagnosis:", result.diagnosis),
        _printed(result.printed),
    ]
    if result.state == "PASS":
        from hornbook.lessons.outcomes import places

        parts += [_paragraph("Why:", exercise.why), _paragraph("You can now", f"{_now(exercise)}.")]
        parts += [_paragraph(says, "; ".join(found)) for says, found in places(exercise).items()]
    elif result.state != "OPEN":
        parts += [_paragraph("Stuck?", f'hint("{exercise.id}")', code=True)]
    return "".join([*parts, "</div>"])


def _paragraph(label, words, code=False):
    if not words:
        return ""
    words = f"<code>{escape(words)}</code>" if code else escape(words)
    return f'<p style="margin:.2em 0">{f"<strong>{label}</strong> " if label else ""}{words}</p>'


def _printed(words):
    if not words:
        return ""
    return f'{_paragraph("Your code printed:", " ")}<pre style="margin:.2em 0">{escape(words)}</pre>'


def _html_table(found):
    cell = 'style="text-align:left;padding:.1em 1em .1em 0"'
    head = "".join(f'<th scope="col" {cell}>{name}</th>' for name in ("where", "yours", "right"))
    body = "".join(
        f'<tr><th scope="row" {cell}>{escape(row[0])}</th>'
        + "".join(f"<td {cell}><code>{escape(part)}</code></td>" for part in row[1:])
        + "</tr>"
        for row in _rows(found)
    )
    more = f'<caption style="caption-side:bottom;text-align:left">{_how_many(found)}</caption>' if found.of > 1 else ""
    return f'<table style="margin:.3em 0">{more}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
