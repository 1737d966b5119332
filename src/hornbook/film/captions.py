"""Captions: what the film says, when; as .srt, .vtt and a transcript in HTML."""

import html
import re
import textwrap
from typing import NamedTuple

from hornbook.errors import HornbookError
from hornbook.palette import css

WIDTH, LINES, PACE, SHORTEST = 42, 2, 17, 1.0  # characters a line, lines, characters a second, seconds


class Caption(NamedTuple):
    """One caption: its words, the seconds it starts and ends at, the values in it, the numerals nobody vouches for."""

    text: str
    start: float
    end: float
    printed: tuple = ()
    loose: tuple = ()


def lines_of(text):
    """The text in at most two lines of 42 characters, as even as words allow. Raises HornbookError if it is longer."""
    fits = [lines for width in range(1, WIDTH + 1) if len(lines := _wrap(text, width)) <= LINES]
    if not fits or max(map(len, fits[0])) > WIDTH:
        raise HornbookError(f"a caption of {len(text)} characters does not fit {LINES} lines of {WIDTH}: {text!r}")
    return fits[0] if len(text) > WIDTH else [text]


def shown(caption):
    """A caption's lines as subtitles show them."""
    return "\n".join(lines_of(caption.text))


def _wrap(text, width):
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def faults(captions):
    """What is wrong with the times: (caption, words) for each that is too short, too fast, or over another."""
    for caption, following in zip(captions, [*captions[1:], None]):
        seconds = caption.end - caption.start
        if seconds < SHORTEST - 1e-6:
            yield caption, f"stays {seconds:.2f} s, a caption needs {SHORTEST:.0f}"
        if len(caption.text) > PACE * seconds + 1e-6:
            yield caption, f"{len(caption.text) / max(seconds, 1e-9):.1f} characters a second, {PACE} can be read"
        if following and following.start < caption.end - 1e-6:
            yield caption, "has not ended when the next one starts"


def srt(captions):
    """SubRip: numbered, 00:00:01,500 --> 00:00:04,000; <UNK> becomes ‹UNK›, players drop words they take for tags."""
    blocks = [
        f"{number}\n{_clock(c.start, ',')} --> {_clock(c.end, ',')}\n{_untagged(shown(c))}\n"
        for number, c in enumerate(captions, 1)
    ]
    return "\n".join(blocks)


def _untagged(text):
    return re.sub(r"<([^<>]*)>", r"‹\1›", text)


def vtt(captions):
    """WebVTT, on the rail that the film keeps empty for it."""
    blocks = [
        f"{_clock(c.start, '.')} --> {_clock(c.end, '.')} line:92%\n" + html.escape(shown(c), False) for c in captions
    ]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def transcript(title, chapters):
    """One HTML page: a heading with its time for each of `chapters`, [(title, level, start, [Caption])].

    A section's card (level 2) says its title only: it stands there as the heading.
    """
    body = []
    for heading, level, start, captions in chapters:
        body.append(f"<h{level}>{html.escape(heading)} <small>{_minutes(start)}</small></h{level}>")
        if captions and level > 2:
            body.append(f"<p>{html.escape(' '.join(c.text for c in captions), False)}</p>")
    return (
        '<!doctype html>\n<html lang="en-GB">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{html.escape(title)}: transcript</title>\n<style>{css()}\n{_STYLE}</style>\n"
        f"<main>\n<h1>{html.escape(title)}</h1>\n" + "\n".join(body) + "\n</main>\n</html>\n"
    )


_STYLE = (
    "body{background:var(--paper);color:var(--ink);font:1.1rem/1.6 sans-serif;margin:0}"
    "main{max-width:40rem;margin:auto;padding:2rem 1rem}small{color:var(--faint);font-weight:normal}"
)


def _clock(seconds, mark):
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{mark}{rest % 1000:03}"


def _minutes(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
