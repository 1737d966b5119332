"""The exercises of Frankenstein 02: a sorted vocabulary, its two tables, encoding, decoding, characters never seen."""

from collections import Counter

from hornbook.lessons.exercise import Case, Exercise, Mistake

# -- 02.1 ---------------------------------------------------------------------------------------------------------


def vocabulary(text):
    return sorted(set(text))


def _texts():
    texts = ("the Thing in the tent", "— a dreary night, é", "zzyx")
    return [Case((text,), f"the text {text!r}") for text in texts]


# -- 02.2 ---------------------------------------------------------------------------------------------------------


def tables(characters):
    return {c: i for i, c in enumerate(characters)}, dict(enumerate(characters))


def _vocabularies():
    return [Case((list(v),), f"the vocabulary {list(v)}") for v in (" abc", "\n .Ye", "x")]


def _ix2c_starting_at_1(characters):
    return {c: i for i, c in enumerate(characters, 1)}, dict(enumerate(characters, 1))


# -- 02.3, 02.4 ---------------------------------------------------------------------------------------------------


def encode(text, c2ix):
    return [c2ix[character] for character in text]


def decode(ids, ix2c):
    return "".join(ix2c[i] for i in ids)


_LINE = "it was on a dreary night of November"


def _to_encode():
    c2ix = tables(vocabulary(_LINE))[0]
    return [Case((text, c2ix), f"the text {text!r}") for text in ("a dreary night", "November", "")]


def _to_decode():
    c2ix, ix2c = tables(vocabulary(_LINE))
    return [Case((encode(text, c2ix), ix2c), f"the ids of {text!r}") for text in ("a dreary night", "November", "")]


def _once_each(text, c2ix):
    return [c2ix[character] for character in dict.fromkeys(text)]


# -- 02.5 ---------------------------------------------------------------------------------------------------------


def encode_any(text, c2ix, unknown):
    return [c2ix.get(character, unknown) for character in text]


def _with_strangers():
    c2ix = tables(vocabulary(_LINE))[0]
    return [Case((text, c2ix, len(c2ix)), f"the text {text!r}") for text in ("a Zebra!", "no 7", "ever")]


EXERCISES = (
    Exercise(
        id="02.1",
        title="The vocabulary",
        goal="List every character of a text once, in a fixed order.",
        accept=("each character once", "sorted, so that the same text gives the same ids on every machine"),
        hints=(
            "A set keeps one of each.",
            "A set has no order to rely on: sorted gives it one, and returns a list.",
        ),
        right=vocabulary,
        cases=_texts,
        mistakes=(
            Mistake(
                "the vocabulary is not sorted: it is in the order of first appearance, so another text,"
                " or another cut of this one, gets other ids",
                lambda text: list(dict.fromkeys(text)),
            ),
            Mistake(
                "it is ordered by frequency; this course sorts by the characters themselves",
                lambda text: [c for c, _ in Counter(text).most_common()],
            ),
            Mistake("characters occur more than once: keep one of each", lambda text: sorted(text)),
            Mistake("the text was lower-cased: T and t are two characters", lambda text: sorted(set(text.lower()))),
            Mistake(
                "sorted the wrong way round: from the smallest to the largest",
                lambda text: sorted(set(text), reverse=True),
            ),
        ),
        why="Weights are stored by id. Where ids change from run to run, a saved model reads every letter wrong.",
        outcome="can build a vocabulary that is the same on every machine",
        page="tokenizer",
        film=2,
    ),
    Exercise(
        id="02.2",
        title="Two tables",
        goal="Build c2ix, from a character to its id, and ix2c, from an id to its character.",
        accept=("two dicts", "ids are 0, 1, 2 … in the order of the vocabulary"),
        hints=(
            "enumerate gives pairs (0, first), (1, second) …",
            "The same pairs, once with the character as key, once with the number.",
        ),
        right=tables,
        cases=_vocabularies,
        mistakes=(
            Mistake("the two tables are swapped: c2ix comes first", lambda characters: tables(characters)[::-1]),
            Mistake("ids begin with 1; rows of a matrix are counted from 0", _ix2c_starting_at_1),
            Mistake(
                "the ids are Unicode's (ord); a vocabulary numbers its own characters from 0",
                lambda characters: ({c: ord(c) for c in characters}, {ord(c): c for c in characters}),
            ),
            Mistake(
                "both are c2ix: the second leads from the id to the character",
                lambda characters: (tables(characters)[0], tables(characters)[0]),
            ),
        ),
        why="An id is the number of a row: the embedding matrix has V of them. So ids have no gaps and begin with 0.",
        outcome="can say why both c2ix and ix2c are needed",
        page="tokenizer",
        film=2,
        outputs=("c2ix", "ix2c"),
    ),
    Exercise(
        id="02.3",
        title="Encode",
        goal="Turn a text into the list of its ids.",
        accept=("a list, one id for each character, in the order of the text",),
        hints=(
            "Go through the text character by character, and look each one up.",
            "A list comprehension over the text, with c2ix[…] in it.",
        ),
        right=encode,
        cases=_to_encode,
        mistakes=(
            Mistake(
                "these are Unicode's numbers (ord), not the ids of this vocabulary",
                lambda text, c2ix: [ord(character) for character in text],
            ),
            Mistake("each character is encoded only once: a letter that comes again needs its id again", _once_each),
            Mistake(
                "the ids are sorted: they must stand in the order of the text",
                lambda text, c2ix: sorted(encode(text, c2ix)),
            ),
            Mistake(
                "every id is one too large: they begin with 0", lambda text, c2ix: [i + 1 for i in encode(text, c2ix)]
            ),
        ),
        why="Encoding loses nothing: one character, one id, in order. That is a whole tokenizer.",
        outcome="can turn a text into ids",
        page="tokenizer",
        film=2,
    ),
    Exercise(
        id="02.4",
        title="Decode",
        goal="Turn a list of ids back into the text.",
        accept=("one string", "decode(encode(text)) is the text"),
        hints=("The other table, and the other way.", "An empty string's join glues pieces with nothing between."),
        right=decode,
        cases=_to_decode,
        mistakes=(
            Mistake(
                "decoded with the wrong table: chr reads Unicode's numbers, these ids are in ix2c",
                lambda ids, ix2c: "".join(chr(i) for i in ids),
            ),
            Mistake(
                "there are blanks between the characters: join them with nothing",
                lambda ids, ix2c: " ".join(ix2c[i] for i in ids),
            ),
            Mistake(
                "that is a list of characters; a text is one string: join them",
                lambda ids, ix2c: [ix2c[i] for i in ids],
            ),
            Mistake(
                "every character is its neighbour in the vocabulary: the ids are shifted by one",
                lambda ids, ix2c: "".join(ix2c[(i + 1) % len(ix2c)] for i in ids),
            ),
        ),
        why="The round trip is the test of a tokenizer: what comes back must be what went in, to the last blank.",
        outcome="can turn ids back into text, and test it by a round trip",
        page="tokenizer",
        film=2,
    ),
    Exercise(
        id="02.5",
        title="Characters never seen",
        goal="Encode a text that may hold characters the vocabulary does not have.",
        accept=("an unseen character gets the id `unknown`", "as many ids as the text has characters"),
        hints=(
            "c2ix[…] raises KeyError for a stranger. A dict has a gentler way to be asked.",
            "dict.get takes a second argument: what to answer where the key is missing.",
        ),
        right=encode_any,
        cases=_with_strangers,
        mistakes=(
            Mistake(
                "unseen characters are dropped without a word: ids and text no longer line up",
                lambda text, c2ix, unknown: [c2ix[c] for c in text if c in c2ix],
            ),
            Mistake(
                "unseen characters get id 0, which belongs to a real character",
                lambda text, c2ix, unknown: [c2ix.get(c, 0) for c in text],
            ),
            Mistake(
                "every character became unknown: ask for the known ones first",
                lambda text, c2ix, unknown: [unknown] * len(text),
            ),
            Mistake(
                "unseen characters are None: an embedding has no row for that",
                lambda text, c2ix, unknown: [c2ix.get(c) for c in text],
            ),
        ),
        why="One id is set aside for whatever was never seen. hornbook calls it <UNK>; the text keeps its length.",
        outcome="can say what a model does with a character it has never seen",
        page="meaning",
        film=2,
    ),
)
