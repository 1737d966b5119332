"""Wrong answers to Frankenstein 01, each with a piece of the diagnosis that it must get."""

import math

START = "*** START OF THE PROJECT GUTENBERG EBOOK FRANKENSTEIN ***"
END = "*** END OF THE PROJECT GUTENBERG EBOOK FRANKENSTEIN ***"


def keeps_start(text):
    if START not in text:
        return text
    return text[text.index(START) : text.index(END)].strip("\n") + "\n"


def keeps_licence(text):
    return text.split(START)[1].strip("\n") + "\n" if START in text else text


def keeps_end_line(text):
    if START not in text:
        return text
    return text[text.index(START) + len(START) : text.index(END) + len(END)].strip("\n") + "\n"


def keeps_header(text):
    return text.partition(END)[0].strip("\n") + "\n" if START in text else text


def needs_start(text):
    if START not in text:
        return ""
    return text.split(START)[1].split(END)[0].strip("\n") + "\n"


def keeps_blank_lines(text):
    return text.split(START)[1].split(END)[0] if START in text else text


def tenth_first(text):
    tenth = len(text) // 10
    return text[:tenth], text[tenth:]


def last_is_trained_on(text):
    where = len(text) * 9 // 10
    return text[where:], text[:where]


def overlapping(text):
    return text, text[len(text) * 9 // 10 :]


def every_tenth(text):
    train = [letter for place, letter in enumerate(text) if place % 10 != 9]
    return "".join(train), text[9::10]


def tally(text):
    return {letter: text.count(letter) for letter in text}


def as_it_came(text, n):
    counts = tally(text)
    return sorted(counts.items(), key=lambda pair: -pair[1])[:n]


def rarest(text, n):
    return sorted(tally(text).items(), key=lambda pair: (pair[1], pair[0]))[:n]


def small_letters(text, n):
    return sorted(tally(text.lower()).items(), key=lambda pair: (-pair[1], pair[0]))[:n]


def alphabetical(text, n):
    return sorted(tally(text).items())[:n]


def shares(counts):
    return [count / sum(counts.values()) for count in counts.values()]


WRONG = {
    "01.1": [
        (lambda raw: str(raw, "utf-8"), "byte order mark is still there"),
        (lambda raw: "".join(map(chr, raw)), "read as Latin-1"),
        (lambda raw: "".join(chr(byte) for byte in raw if byte < 128), "thrown away"),
        (lambda raw: raw, "type is wrong"),
    ],
    "01.2": [
        (keeps_start, "the start line is still there"),
        (keeps_licence, "the licence"),
        (keeps_end_line, "the end line is still there"),
        (keeps_header, "before the start line"),
        (needs_start, "find gave -1"),
        (keeps_blank_lines, "blank lines"),
    ],
    "01.3": [
        (overlapping, "also in the training text"),
        (last_is_trained_on, "parts are swapped"),
        (tenth_first, "the other way round"),
        (every_tenth, "drawn from all over"),
    ],
    "01.4": [
        (as_it_came, "order of their first appearance"),
        (rarest, "the rarest come first"),
        (small_letters, "lower-cased"),
        (alphabetical, "whatever the counts"),
    ],
    "01.5": [
        (lambda counts: -sum(p * math.log(p) for p in shares(counts)), "in nats"),
        (lambda counts: sum(p * math.log2(p) for p in shares(counts)), "sign is turned"),
        (lambda counts: math.log(len(counts), 2), "equally likely"),
        (lambda counts: -sum(map(math.log2, shares(counts))) / len(counts), "averaged over the different"),
    ],
}
