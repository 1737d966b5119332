"""Wrong answers to Frankenstein 02, each with a piece of the diagnosis that it must get."""


def first_seen(text):
    found = []
    for letter in text:
        if letter not in found:
            found.append(letter)
    return found


def frequent_first(text):
    return sorted(first_seen(text), key=lambda letter: -text.count(letter))


def from_the_end(text):
    return sorted(first_seen(text))[::-1]


def numbered(letters, start=0):
    return {letter: place for place, letter in enumerate(letters, start)}


def turned(table):
    return {value: key for key, value in table.items()}


def from_one(letters):
    return numbered(letters, 1), turned(numbered(letters, 1))


def by_unicode(letters):
    table = {letter: ord(letter) for letter in letters}
    return table, turned(table)


def new_ones_only(text, c2ix):
    return [c2ix[letter] for place, letter in enumerate(text) if letter not in text[:place]]


WRONG = {
    "02.1": [
        (first_seen, "not sorted"),
        (frequent_first, "ordered by frequency"),
        (lambda text: sorted(text), "more than once"),
        (lambda text: sorted({letter.lower() for letter in text}), "lower-cased"),
        (from_the_end, "the wrong way round"),
        (lambda text: set(text), "type is wrong"),
    ],
    "02.2": [
        (lambda letters: (turned(numbered(letters)), numbered(letters)), "swapped"),
        (from_one, "begin with 1"),
        (by_unicode, "Unicode's"),
        (lambda letters: (numbered(letters), numbered(letters)), "both are c2ix"),
    ],
    "02.3": [
        (lambda text, c2ix: list(map(ord, text)), "Unicode's numbers"),
        (new_ones_only, "only once"),
        (lambda text, c2ix: sorted(c2ix[letter] for letter in text), "sorted"),
        (lambda text, c2ix: [c2ix[letter] + 1 for letter in text], "one too large"),
    ],
    "02.4": [
        (lambda ids, ix2c: "".join(map(chr, ids)), "wrong table"),
        (lambda ids, ix2c: " ".join(map(ix2c.get, ids)), "blanks between"),
        (lambda ids, ix2c: list(map(ix2c.get, ids)), "list of characters"),
        (lambda ids, ix2c: "".join(ix2c[i + 1 if i + 1 in ix2c else 0] for i in ids), "shifted by one"),
    ],
    "02.5": [
        (lambda text, c2ix, unknown: [c2ix[letter] for letter in text if letter in c2ix], "dropped"),
        (lambda text, c2ix, unknown: [int(c2ix.get(letter) or 0) for letter in text], "get id 0"),
        (lambda text, c2ix, unknown: [unknown for _ in text], "became unknown"),
        (lambda text, c2ix, unknown: list(map(c2ix.get, text)), "are None"),
    ],
}
