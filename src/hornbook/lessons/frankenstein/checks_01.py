"""The exercises of Frankenstein 01: bytes to text, the publisher's wrapper, held-out text, counts and their bits."""

import math
from collections import Counter

from hornbook.lessons.exercise import Case, Exercise, Mistake

START = "*** START OF THE PROJECT GUTENBERG EBOOK FRANKENSTEIN ***"
END = "*** END OF THE PROJECT GUTENBERG EBOOK FRANKENSTEIN ***"

# -- 01.1 ---------------------------------------------------------------------------------------------------------


def decode(raw):
    return raw.decode("utf-8-sig")


def _files():
    texts = ("\ufeffDec. 11th, 17—.", "a père’s “letter”", "plain")
    return [Case((text.encode(),), f"the bytes of {text!r}") for text in texts]


# -- 01.2 ---------------------------------------------------------------------------------------------------------


def strip_gutenberg(text):
    from hornbook.cleaning import strip_gutenberg as strip

    return strip(text)


def _cut(text, flaw):
    """`strip_gutenberg` with one flaw: what it leaves on."""
    start, end = text.find(START), text.find(END)
    if start < 0:
        return "" if flaw == "no start" else text
    begin = {"header": 0, "start line": start}.get(flaw, start + len(START))
    stop = {"licence": len(text), "end line": end + len(END)}.get(flaw, end)
    return text[begin:stop] if flaw == "blank lines" else text[begin:stop].strip("\n") + "\n"


def _cutting(flaw):
    return lambda text: _cut(text, flaw)


def _wrapped():
    book = "Letter 1\n\nYou will rejoice to hear that no disaster\nhas accompanied the commencement\n"
    wrapped = f"Title: Frankenstein\n\n{START}\n\n\n{book}\n\n{END}\n\nThis eBook is for the use of anyone.\n"
    return [Case((wrapped,), "a wrapped book"), Case((book,), "a book without a wrapper")]


# -- 01.3 ---------------------------------------------------------------------------------------------------------


def split(text):
    from hornbook.corpus import Corpus

    parts = Corpus("text", [text]).split("text")
    return "".join(parts.train), "".join(parts.validation)


def _long_texts():
    line = "It was on a dreary night of November that I beheld the accomplishment of my toils. "
    return [Case((line * times,), f"a text of {len(line) * times:,} characters") for times in (1, 13)]


def _nine_tenths(text):
    return len(text) * 9 // 10


# -- 01.4 ---------------------------------------------------------------------------------------------------------


def most_common(text, n):
    return sorted(Counter(text).items(), key=lambda pair: (-pair[1], pair[0]))[:n]


def _countable():
    cases = (("the Thing in the tent", 4), ("a dreary night of November", 3), ("Mississippi", 10))
    return [Case((text, n), f"the {n} most frequent of {text!r}") for text, n in cases]


# -- 01.5 ---------------------------------------------------------------------------------------------------------


def bits(counts):
    total = sum(counts.values())
    return -sum(c / total * math.log2(c / total) for c in counts.values())


def _counts():
    texts = ("mississippi", "aabbccdd", "You will rejoice to hear")
    return [Case((dict(Counter(text)),), f"the counts of {text!r}") for text in texts]


EXERCISES = (
    Exercise(
        id="01.1",
        title="From bytes to text",
        goal="Decode the bytes of a file into a string, without the invisible mark some editors put first.",
        accept=("long dashes and curly quotes survive", "a byte order mark at the start does not"),
        hints=(
            "A file holds bytes. Which table turns these into characters? Nearly everything today is UTF-8.",
            "Python has a codec that is UTF-8 and takes a byte order mark off: it ends in -sig.",
        ),
        right=decode,
        cases=_files,
        mistakes=(
            Mistake(
                "the byte order mark is still there: the first character is '\\ufeff'", lambda raw: raw.decode("utf-8")
            ),
            Mistake(
                "read as Latin-1: one dash becomes three odd letters; the file is UTF-8",
                lambda raw: raw.decode("latin-1"),
            ),
            Mistake(
                "dashes and quotes are thrown away: these bytes are UTF-8, not ASCII",
                lambda raw: raw.decode("ascii", errors="ignore"),
            ),
        ),
        why="UTF-8 writes an English letter in one byte, a long dash in three. Any other table errs somewhere.",
        outcome="can read a text file without damaging its characters",
        page="tokenizer",
        film=2,
    ),
    Exercise(
        id="01.2",
        title="Off with the wrapper",
        goal="Return the book alone: what stands between Project Gutenberg's start line and its end line.",
        accept=(
            "neither start line nor end line is left, nor anything outside them",
            "no blank lines at either end, and one line break at the very end",
            "a text without a start line comes back unchanged",
        ),
        hints=(
            "str.find gives the place where a line begins, or -1 where there is none.",
            "The book begins after the start line: its place plus its length.",
            "text[begin:end].strip with a line break, then one line break added.",
        ),
        right=strip_gutenberg,
        cases=_wrapped,
        mistakes=(
            Mistake(
                "the start line is still there: begin after it, at its place plus its length", _cutting("start line")
            ),
            Mistake("the licence after the end line is still there", _cutting("licence")),
            Mistake("the end line is still there: stop where it begins", _cutting("end line")),
            Mistake("all that stands before the start line is still there", _cutting("header")),
            Mistake(
                "a text without a start line is lost: find gave -1, which must be looked at first", _cutting("no start")
            ),
            Mistake("blank lines are left at the ends", _cutting("blank lines")),
        ),
        why="A model learns whatever is in the file, and around this book are 19,000 characters of licence.",
        outcome="can strip what is not part of a text, and say why it matters",
        page="tokenizer",
        film=2,
    ),
    Exercise(
        id="01.3",
        title="Hold the end back",
        goal="Cut the text in two: the first nine tenths to learn from, the rest to be judged on.",
        accept=("the two parts together are the text", "train has len(text) * 9 // 10 characters"),
        hints=(
            "One place to cut, two slices.",
            "The place is a whole number: // divides without a remainder.",
        ),
        right=split,
        cases=_long_texts,
        mistakes=(
            Mistake(
                "the validation text is also in the training text: the model would be judged on what it has read",
                lambda text: (text, text[_nine_tenths(text) :]),
            ),
            Mistake(
                "the parts are swapped: the larger one, the first, is to learn from",
                lambda text: (text[_nine_tenths(text) :], text[: _nine_tenths(text)]),
            ),
            Mistake(
                "a tenth to learn from and nine tenths to be judged on: it is the other way round",
                lambda text: (text[: len(text) // 10], text[len(text) // 10 :]),
            ),
            Mistake(
                "characters are drawn from all over: every tenth one is held out, and no sentence is left whole",
                lambda text: ("".join(c for i, c in enumerate(text) if i % 10 < 9), text[9::10]),
            ),
        ),
        why="Text that overlaps or interleaves is no test: neighbouring characters nearly give each other away.",
        outcome="can hold out text so that a score means something",
        page="training",
        film=9,
        outputs=("train", "validation"),
    ),
    Exercise(
        id="01.4",
        title="Which characters, and how often",
        goal="List the n most frequent characters with their counts.",
        accept=(
            "pairs (character, count), the most frequent first",
            "equal counts in the order of the alphabet",
            "capital and small letters are different characters",
        ),
        hints=(
            "collections.Counter counts the characters of a string in one call.",
            "sorted with a key: a pair sorts by its first part, then its second. A minus turns an order round.",
        ),
        right=most_common,
        cases=_countable,
        mistakes=(
            Mistake(
                "equal counts are in the order of their first appearance, not of the alphabet",
                lambda text, n: Counter(text).most_common(n),
            ),
            Mistake(
                "the rarest come first: turn the order of the counts round",
                lambda text, n: sorted(Counter(text).items(), key=lambda pair: (pair[1], pair[0]))[:n],
            ),
            Mistake(
                "the text was lower-cased: T and t are two characters", lambda text, n: most_common(text.lower(), n)
            ),
            Mistake(
                "in the order of the alphabet, whatever the counts", lambda text, n: sorted(Counter(text).items())[:n]
            ),
        ),
        why="Counter.most_common leaves ties in the order of first appearance; a stated order is repeatable.",
        outcome="can count a text so that anyone gets the same list",
        page="tokenizer",
        film=2,
    ),
    Exercise(
        id="01.5",
        title="The first bar to clear",
        goal="Give the bits per character of a model that only knows how frequent each character is.",
        accept=("minus the sum of p log2 p over all characters", "p is a count divided by the sum of all counts"),
        hints=(
            "A character of probability p costs -log2 p bits. How often does one pay that price?",
            "Each character's price, weighed by its own p, and summed.",
        ),
        right=bits,
        cases=_counts,
        mistakes=(
            Mistake(
                "that is in nats (natural logarithm); bits are asked for, log2",
                lambda counts: bits(counts) * math.log(2),
            ),
            Mistake("the sign is turned: -log2 p is positive", lambda counts: -bits(counts)),
            Mistake(
                "all characters are taken as equally likely: weigh each by its p", lambda counts: math.log2(len(counts))
            ),
            Mistake(
                "the prices are averaged over the different characters; a frequent one is paid for more often",
                lambda counts: sum(-math.log2(c / sum(counts.values())) for c in counts.values()) / len(counts),
            ),
        ),
        why="This sum is the entropy. No model that ignores the context can do better on this text: the LSTM must.",
        outcome="can say what a model must beat before it has learnt anything about order",
        page="training",
        film=10,
    ),
)
