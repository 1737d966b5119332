"""The checks of the ladder's first notebook: counts, distances, TF-IDF, BM25, pairs of words."""

import numpy as np

from hornbook.lessons.exercise import Case, Exercise, Mistake
from hornbook.reference import counts, distances


def texts():
    return (
        Case(([3, 0, 1, 3, 2], 5), "five words, one of them twice, the last of the vocabulary missing"),
        Case(([0, 0, 0, 4], 6), "one word three times"),
        Case(([], 4), "a text without words"),
    )


def rows():
    return (
        Case((np.array([2, 1, 0, 1]), np.array([0, 1, 1, 3])), "rows of 4 counts"),
        Case((np.array([1.0, 0.0]), np.array([0.0, 2.0])), "rows without a word in common"),
        Case((np.array([1.0, 2.0, 2.0]), np.array([3.0, 6.0, 6.0])), "the same direction, three times as long"),
    )


def both(a, b):
    return distances.euclidean(a, b), distances.cosine(a, b)


def frequencies():
    return (
        Case((1, 9), "a word in 1 of 9 texts"),
        Case((9, 9), "a word in all 9 texts"),
        Case((np.array([0, 2, 5]), 20), "three words of 20 texts"),
    )


def several_bags():
    drawn = np.random.default_rng(1).integers(0, 4, (5, 7))
    drawn[:, 0] += 1  # no text is empty, one word is in all
    return (
        Case((np.array([[1, 2, 0], [1, 0, 3], [0, 1, 1]]),), "3 texts of 3 words"),
        Case((drawn,), "5 texts of 7 words"),
    )


def tfidf(bags):
    config = counts.Config(bags.shape[1], "tfidf")
    return counts.forward(counts.fit(bags, config), bags, config)


def tfidf_by(bags, n, scale):
    weighted = bags * counts.smooth_idf(n, len(bags))
    return weighted / scale(weighted)


def in_how_many(bags):
    return (bags > 0).sum(axis=0)


def lengths(weighted, axis=1):
    return np.sqrt((weighted**2).sum(axis=axis, keepdims=True))


def counted():
    return (
        Case((3, 2.0), "3 times in a text of twice the mean length"),
        Case((np.array([1, 2, 10]), 0.5), "once, twice, ten times in a short text"),
        Case((2, 1.5, 2.0, 0.3), "k1 = 2, b = 0.3"),
    )


def saturated(count, relative_length, k1=1.2, b=0.75):
    return counts.saturated(np.asarray(count), relative_length, counts.Config(1, "bm25", k1=k1, b=b))


def sequences():
    return (
        Case(([0, 1, 2, 0, 3], 4), "five words"),
        Case(([1, 1, 1, 0], 3), "a word three times in a row"),
        Case(([2], 3), "a single word"),
    )


def pairs(ids, vocab_size, step=1):
    table = np.zeros((vocab_size, vocab_size), int)
    np.add.at(table, (ids[:-step], ids[step:]), 1)
    return table


EXERCISES = (
    Exercise(
        id="L1.1", title="A bag of words",
        goal="Turn the ids of a text into one row of counts.",
        accept=(
            "`bag(ids, vocab_size)` returns a NumPy array (V,).",
            "A word said three times counts 3; a text without words is a row of zeros.",
        ),
        hints=(
            "The rows printed above are `np.eye(V)[ids]`. What has to happen to them?",
            "Add them up over the words: an axis has to go, the one as long as the text.",
        ),
        right=counts.bag, cases=texts,
        mistakes=(
            Mistake("a word said twice is counted once: `row[ids] = 1` and `row[ids] += 1` both write each place once",
                    lambda ids, V: np.minimum(counts.bag(ids, V), 1)),
            Mistake("the one-hot rows are not added up; sum over the words of the text", counts.one_hot),
            Mistake("these are shares, divided by the length; counts are asked for",
                    lambda ids, V: counts.bag(ids, V) / max(1, len(ids))),
        ),
        why="A sum does not know in which order it was added up: here, in one line, is where a bag forgets the order.",
        outcome="can turn a text into a row of counts, and say which step loses the order",
        page="tokenizer", film=2,
    ),
    Exercise(
        id="L1.2", title="Euclidean distance and cosine",
        goal="Compare two rows as points and as directions.",
        accept=("Returns two numbers: the Euclidean distance, then the cosine.",
                "A row three times as long in the same direction has cosine 1."),
        hints=("The distance is the length of the difference: the square root of `squares`.",
               "For the cosine divide the dot product by both lengths; a length is the root of the sum of squares."),
        right=both, cases=rows, outputs=("Euclidean", "cosine"),
        mistakes=(
            Mistake("the distance is still squared: take its root", lambda a, b: (both(a, b)[0] ** 2, both(a, b)[1])),
            Mistake("this is the dot product: the cosine is divided by both lengths",
                    lambda a, b: (both(a, b)[0], (a * b).sum())),
            Mistake("divided by the squared lengths: their roots are missing",
                    lambda a, b: (both(a, b)[0], (a * b).sum() / ((a * a).sum() * (b * b).sum()))),
            Mistake("1 − cosine is the cosine distance; the cosine is asked for",
                    lambda a, b: (both(a, b)[0], 1 - both(a, b)[1])),
        ),
        why="Dividing by the lengths leaves only the direction: which words in which proportion, not how many.",
        outcome="can say what Euclidean distance and cosine each look at, and compute both",
        page="meaning", film=10,
    ),
    Exercise(
        id="L1.3", title="Inverse document frequency",
        goal="Give rare words a larger weight than common ones.",
        accept=("`idf(n, N)` = ln((1 + N) / (1 + n)) + 1, for numbers and arrays.",
                "A word that is in every text weighs exactly 1."),
        hints=("`np.log` is the natural logarithm.",
               "The large number, of all texts, stands above; the word's own number below."),
        right=counts.smooth_idf, cases=frequencies,
        mistakes=(
            Mistake("the ratio is upside down: common words would weigh more than rare ones",
                    lambda n, N: np.log((1 + n) / (1 + N)) + 1),
            Mistake("the ones inside the logarithm are missing: this is ln(N / n) + 1, infinite for a word in no text",
                    lambda n, N: np.log(N / np.maximum(n, 1e-300)) + 1),
            Mistake("the last + 1 is missing: words that are in every text would weigh nothing",
                    lambda n, N: np.log((1 + N) / (1 + n))),
            Mistake("another base: the natural logarithm is asked for", lambda n, N: np.log2((1 + N) / (1 + n)) + 1),
        ),
        why="A word in few texts narrows down which text it is: the logarithm counts by how much.",
        outcome="can compute IDF and say why rare words weigh more",
        page="meaning", film=1,
    ),
    Exercise(
        id="L1.4", title="TF-IDF",
        goal="Weigh every count by its word's IDF, and give every row length 1.",
        accept=("Takes (N, V) counts, returns (N, V).", "The squares of every row add up to 1.",
                "The documents that have a word are counted, not its occurrences."),
        hints=("`(bags > 0).sum(axis=0)` says in how many texts each word is.",
               "Multiply, then divide each row by the root of its sum of squares; `keepdims=True` helps."),
        right=tfidf, cases=several_bags,
        mistakes=(
            Mistake("rows are not divided by their length", lambda X: tfidf_by(X, in_how_many(X), lambda w: 1)),
            Mistake("rows are divided by their sum, not by their length (the root of the sum of squares)",
                    lambda X: tfidf_by(X, in_how_many(X), lambda w: w.sum(axis=1, keepdims=True))),
            Mistake("columns were given length 1: divide each row (axis=1), each text, by its own length",
                    lambda X: tfidf_by(X, in_how_many(X), lambda w: lengths(w, axis=0))),
            Mistake("the lengths of the texts lie along the columns: `keepdims=True` lets each divide its own row",
                    lambda X: tfidf_by(X, in_how_many(X), lambda w: lengths(w).ravel())),
            Mistake("IDF was made of how often words occur; it takes in how many texts they are",
                    lambda X: tfidf_by(X, X.sum(axis=0), lengths)),
        ),
        why="With rows of length 1 a dot product is a cosine, so one matrix product compares all texts with all.",
        outcome="can build TF-IDF rows from counts",
        page="meaning", film=1,
    ),
    Exercise(
        id="L1.5", title="BM25: a count that saturates",
        goal="Let a repeated word add less each time, and less in long texts.",
        accept=("Returns count / (count + K), K = k1 · (1 − b + b · relative_length).",
                "Twice the length lowers it; no count reaches 1."),
        hints=("Write K on a line of its own.", "With b = 0 the length would not matter: K would be k1."),
        right=saturated, cases=counted,
        mistakes=(
            Mistake("the length does not enter: K is k1 · (1 − b + b · relative_length), not k1",
                    lambda c, r, k1=1.2, b=0.75: c / (c + k1)),
            Mistake("long texts are favoured: the relative length is multiplied with b, not divided by",
                    lambda c, r, k1=1.2, b=0.75: saturated(c, 1 / r, k1, b)),
            Mistake("b and 1 − b are exchanged", lambda c, r, k1=1.2, b=0.75: saturated(c, r, k1, 1 - b)),
            Mistake("divided by K alone: then it grows without end; divide by count + K",
                    lambda c, r, k1=1.2, b=0.75: c / (k1 * (1 - b + b * r))),
        ),
        why="At count = K a word has half of its full say. Longer texts have a larger K, so there it takes more.",
        outcome="can say what k1 and b of BM25 do, and draw the curve",
        page="meaning", film=1,
    ),
    Exercise(
        id="L1.6", title="Counting pairs brings order back",
        goal="Count which word follows which.",
        accept=("A (V, V) array: row = the word before, column = the word after.",
                "A text of T words has T − 1 pairs; a single word has none."),
        hints=("Word `ids[i]` is followed by `ids[i + 1]`; the last word is followed by none.",
               "Begin with `np.zeros((vocab_size, vocab_size), int)`; each pair adds 1 to its cell."),
        right=pairs, cases=sequences,
        mistakes=(
            Mistake("row and column are exchanged: the row is the word that comes before",
                    lambda ids, V: pairs(ids, V).T),
            Mistake("the last word was followed by the first: a text is no ring",
                    lambda ids, V: pairs([*ids, ids[0]], V)),
            Mistake("each pair is counted in both directions, which forgets the order again",
                    lambda ids, V: pairs(ids, V) + pairs(ids, V).T),
            Mistake("a pair that comes again is counted once", lambda ids, V: np.minimum(pairs(ids, V), 1)),
        ),
        why="Order needs no neural network. Pairs cost V² columns; what they lack is that like words share.",
        outcome="can show that bags lose order and that pairs keep some, and what that costs",
        page="tokenizer", film=2,
    ),
)  # fmt: skip
