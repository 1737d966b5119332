"""Cleaning: Project Gutenberg's header and licence, plays in Markdown, the topics of Python's help."""

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from hornbook import cleaning

DATA = Path(os.environ.get("HORNBOOK_DATA", "nowhere")) / "corpora"

BOOK = """\
The Project Gutenberg eBook of A Book

Title: A Book

*** START OF THE PROJECT GUTENBERG EBOOK A BOOK
WITH A LONG TITLE ***

Produced by Somebody and
somebody else.


I

It was a dark
and stormy night.

    The moon it rose,
    the moon it set.



End of the Project Gutenberg EBook of A Book, by Nobody

*** END OF THE PROJECT GUTENBERG EBOOK A BOOK ***

Updated editions will replace the previous one.
"""


def test_a_book_by_hand():
    stripped = "I\n\nIt was a dark\nand stormy night.\n\n    The moon it rose,\n    the moon it set.\n"
    assert cleaning.strip_gutenberg(BOOK) == stripped
    unwrapped = "I\n\nIt was a dark and stormy night.\n\n    The moon it rose,\n    the moon it set.\n"
    assert cleaning.unwrap(stripped) == unwrapped


@pytest.mark.parametrize(
    "start, end",
    [
        ("*** START OF THIS PROJECT GUTENBERG EBOOK X ***", "*** END OF THIS PROJECT GUTENBERG EBOOK X ***"),
        ("***START OF THE PROJECT GUTENBERG EBOOK X***", "***END OF THE PROJECT GUTENBERG EBOOK X***"),
        ("*** start of the project gutenberg ebook x ***", "End of Project Gutenberg's X, by Y"),
    ],
)
def test_start_and_end_lines_of_all_years(start, end):
    served = f"head\n{start}\n\nThe end of Project X.\n\n{end}\nlegal\n"
    assert cleaning.strip_gutenberg(served) == "The end of Project X.\n"


def test_a_text_without_the_lines_stays():
    text = "*** START\nsomething about Project Gutenberg\n*** END\n"
    assert not cleaning.is_gutenberg(text)
    assert cleaning.strip_gutenberg(text) == text


def test_stripping_twice_is_stripping_once():
    once = cleaning.strip_gutenberg(BOOK)
    assert cleaning.strip_gutenberg(once) == once
    assert cleaning.unwrap(cleaning.unwrap(once)) == cleaning.unwrap(once)


@pytest.mark.skipif(not (DATA / "frankenstein.txt").exists(), reason="HORNBOOK_DATA has no frankenstein.txt")
def test_frankenstein_has_the_same_words_with_and_without_gutenberg():
    served = (DATA / "frankenstein-gutenberg.txt").read_text(encoding="utf-8-sig")
    book = cleaning.unwrap(cleaning.strip_gutenberg(served))
    assert "gutenberg" not in book.lower()
    assert "License" not in book
    words, others = (_words(text) for text in (book, (DATA / "frankenstein.txt").read_text(encoding="utf-8")))
    assert words[:3] == others[:3] == ["you", "will", "rejoice"]
    assert words[-3:] == others[-3:] == ["darkness", "and", "distance"]
    # the two are different printings: a few words are spelt otherwise, 1 in 600; their order is the same
    assert len(others) > 75_000
    assert _missing(words, others, run=1) <= 0.002
    assert _missing(words, others, run=5) <= 0.01


def _missing(words, others, run):
    """The share of `others`' runs of words that `words` lacks."""
    have, want = (Counter(tuple(text[i : i + run]) for i in range(len(text))) for text in (words, others))
    return (want - have).total() / want.total()


def _words(text):
    """Lower-case words from the first letter's first sentence on; the contents page is in one of the two only."""
    text = text[text.index("You will rejoice to hear") :].lower()
    return re.findall("[a-z]+", text.replace("for ever", "forever").replace("’", "").replace("'", ""))


def test_a_play_by_hand():
    markdown = """\
# A Play

## ACT I

### SCENE I. A heath.

_Thunder. Enter three
Witches_

**First Witch**  
When shall we three meet again  
In thunder, _\\[Aside]_ lightning, or in rain?

**MACBETH**  
_\\[To the ghost]_  
So foul and fair'\\--a day &amp; night

_Exit Ghost_

I have not seen.

**ROSS**  
_Exit_
"""
    assert cleaning.play(markdown) == (
        "First Witch:\nWhen shall we three meet again\nIn thunder, lightning, or in rain?\n\n"
        "MACBETH:\nSo foul and fair'--a day & night\nI have not seen.\n"
    )


def test_a_help_topic_by_hand():
    topic = """\
The "assert" statement
**********************

Assert statements are a convenient way to insert debugging assertions
into a program:

   assert_stmt ::= "assert" expression ["," expression]

   >>> assert True

1. The simple form is equivalent to an "if" that
   raises an exception.

More
====

   x = 1

+---+---+
| a | b |
+---+---+

Assignments to it are illegal in any case.
"""
    assert cleaning.prose(topic) == [
        [],
        [
            "Assert statements are a convenient way to insert debugging assertions into a program:",
            'The simple form is equivalent to an "if" that raises an exception.',
        ],
        ["Assignments to it are illegal in any case."],
    ]
