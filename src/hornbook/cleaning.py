"""Texts as they are found → plain text: Project Gutenberg's files, plays in Markdown, the topics of Python's help."""

import html
import re

_GUTENBERG_START = re.compile(r"(?ims)^\*{3} ?START OF (?:THE|THIS) PROJECT GUTENBERG EBOOK.{0,300}?\*{3}")
_GUTENBERG_END = re.compile(r"(?im)^(?:\*{3} ?END OF (?:THE|THIS)|End of (?:the )?) ?Project Gutenberg")


def is_gutenberg(text: str) -> bool:
    """Whether Project Gutenberg's start line is in `text`."""
    return bool(_GUTENBERG_START.search(text))


def strip_gutenberg(text: str) -> str:
    """The book alone: all up to Project Gutenberg's start line, and all from its end line on, are taken off.

    So is a note on who produced the file, where it is the first paragraph. A text without a start line stays as it is.
    """
    if not (start := _GUTENBERG_START.search(text)):
        return text
    end = _GUTENBERG_END.search(text, start.end())
    book = text[start.end() : end.start() if end else len(text)].strip("\n")
    if book.startswith("Produced by "):
        book = book.partition("\n\n")[2].strip("\n")
    return book + "\n"


def unwrap(text: str) -> str:
    """One line a paragraph. A paragraph with an indented line is kept: it is verse, a letterhead or a table."""
    return "\n\n".join(_unwrapped(block) for block in _blocks(text)) + "\n"


def _unwrapped(block: str) -> str:
    lines = block.split("\n")
    return block if any(line[:1].isspace() for line in lines) else " ".join(map(str.strip, lines))


def _blocks(text: str) -> list[str]:
    """What blank lines separate."""
    return [block.rstrip() for block in re.split(r"\n(?:[ \t]*\n)+", text.strip("\n")) if block.strip()]


_SPEAKER = re.compile(r"\*\*(.+?)\*\*\n?")
_STAGE_DIRECTION = re.compile(r"[_*]*\[[^\]]*\][_*]* ?|(?<!\w)_+[^_]+_+|\*[^*]+\*")


def play(markdown: str) -> str:
    """Speeches alone, ``SPEAKER:`` on a line before each: no headings, no stage directions.

    A speech that a stage direction interrupts goes on, as in the text known as tiny shakespeare.
    """
    speeches = []
    for block in _blocks(html.unescape(markdown.replace("\\", ""))):
        if block.startswith("#"):
            continue
        speaker = _SPEAKER.match(block)
        words = _STAGE_DIRECTION.sub("", block[speaker.end() :] if speaker else block)
        lines = [line for line in map(str.strip, re.sub("[*_]", "", words).split("\n")) if line]
        if speaker or not speeches:
            speeches.append([f"{speaker[1]}:"] if speaker else [])
        speeches[-1].extend(lines)
    return "\n\n".join("\n".join(speech) for speech in speeches if len(speech) > 1) + "\n"


def prose(topic: str) -> list[list[str]]:
    """The sections of a help topic, each a list of the paragraphs that are sentences: no grammar, code or tables."""
    sections = [[]]
    for block in _blocks(topic):
        if _UNDERLINED.fullmatch(block):
            sections.append([])
        elif _is_prose(paragraph := re.sub(r"^(?:\*|\d+\.) ", "", " ".join(block.split()))):
            sections[-1].append(paragraph)
    return sections


_UNDERLINED = re.compile(r"[^\n]+\n([*=\-~^\"])\1+")


def _is_prose(paragraph: str) -> bool:
    letters = sum(character.isalpha() or character == " " for character in paragraph)
    return (
        (paragraph[0].isupper() or paragraph[0] in '"“*(')
        and paragraph[-1] in ".:;!?)"
        and paragraph.count(" ") >= 5
        and letters >= 0.8 * len(paragraph)
        and not re.search(r"::=|>>>", paragraph)
    )
