"""The checks of the ladder's third notebook: skip-gram's pairs, thinning, noise, loss, step, and analogies."""

import numpy as np

from hornbook.lessons.exercise import Case, Exercise, Mistake
from hornbook.reference import word2vec
from hornbook.reference import word2vec_sampling as sampling

S = sampling.FIRST_WORD  # the library's first ids are special tokens


def texts():
    return (
        Case(([7, 3, 9, 4, 3], 1), "5 words, a window of 1"),
        Case(([0, 1, 2, 3, 4, 5], 2), "6 words, a window of 2"),
        Case(([5, 5, 6], 4), "3 words, a window wider than the text"),
    )


def pairs(ids, window):
    places = range(len(ids))
    return [(ids[near], ids[at]) for at in places for near in places if 0 < abs(near - at) <= window]


def pairs_where(near_enough):
    return lambda ids, window: [
        (ids[near], ids[at]) for at in range(len(ids)) for near in range(len(ids)) if near_enough(at - near, window)
    ]


def round_the_end(ids, window):
    reach = [offset for offset in range(-window, window + 1) if offset]
    return [(ids[at + by], ids[at]) for at in range(len(ids)) for by in reach if -len(ids) <= at + by < len(ids)]


def counted():
    return (
        Case((np.array([600, 250, 90, 50, 10]), 0.05), "5 words, t = 0.05"),
        Case((np.array([4, 900, 1, 95]), 0.001), "4 words, t = 0.001"),
    )


def keep(counts, t):
    return sampling.keep(np.append(np.zeros(S, int), counts), t)[S:]


def noise(counts, exponent=0.75):
    return sampling.noise(np.append(np.zeros(S, int), counts), exponent)[S:]


def steps():
    rng = np.random.default_rng(8)
    for V, D, word, centre, negatives, label in (
        (6, 4, 1, 2, [3], "one negative"),
        (7, 3, 0, 5, [2, 4, 2], "three negatives, one drawn twice"),
        (5, 4, 3, 1, [4, 1, 0], "a negative that is the centre"),
    ):
        yield Case((rng.normal(size=(V, D)), rng.normal(size=(V, D)), word, centre, np.array(negatives), 0.1), label)


def pushed():
    return [Case(case.args[:-1], case.label) for case in steps()]


def block(wte, head, word, centre, negatives):
    """The library's parameters, block and settings for one pair with its negatives."""
    above = np.zeros((S, wte.shape[1]))
    params = {"wte": np.vstack([above, wte]), "lm_head": np.vstack([above, head])}
    sizes = {"windows_per_block": 1, "noise_per_block": len(negatives), "negative": len(negatives)}
    pair = sampling.Block(np.array([word, centre]) + S, np.array([1, 1]), slice(1, 2), negatives + S)
    return params, pair, word2vec.Config(len(wte) + S, wte.shape[1], window=1, **sizes)


def loss(wte, head, word, centre, negatives):
    return word2vec.forward(*block(wte, head, word, centre, negatives))


def step(wte, head, word, centre, negatives, rate):
    params, pair, config = block(wte, head, word, centre, negatives)
    word2vec.step(params, pair, config, rate)
    return params["wte"][S:], params["lm_head"][S:]


def surprise(wte, head, word, centre, negatives, flaw):
    """The loss with one flaw."""
    others = negatives if flaw == "centre" else negatives[negatives != centre]
    away = np.logaddexp(0, (-1 if flaw == "sign" else 1) * head[others] @ wte[word])
    return np.logaddexp(0, -head[centre] @ wte[word]) + (away.mean() if flaw == "mean" else away.sum())


def moved(wte, head, word, centre, negatives, rate, flaw):
    """A step with one flaw."""
    wte, head = wte.copy(), head.copy()
    rows = np.append(centre, negatives if flaw == "centre" else negatives[negatives != centre])
    v, u = wte[word].copy(), head[rows]
    slope = 1 / (1 + np.exp(-u @ v)) - (np.arange(len(rows)) == 0) * (flaw != "label")
    slope[1:] *= -1 if flaw == "sign" else 1
    np.subtract.at(head, rows, rate * slope[:, None] * v)
    if flaw == "twice":
        head[rows] = u - rate * slope[:, None] * v
    wte[word] -= rate * slope @ (head[rows] if flaw == "late" else u)
    return wte, head


def loss_with(flaw):
    return lambda *args: surprise(*args, flaw)


def step_with(flaw):
    return lambda *args: moved(*args, flaw)


def questions():
    for seed, V, D in (13, 12, 6), (20, 15, 5), (3, 20, 4):  # draws in which every mistake has another answer
        rng = np.random.default_rng(seed)
        yield Case((rng.normal(size=(V, D)) * rng.uniform(0.3, 3, (V, 1)), 1, 4, 7), f"{V} words, {D} wide")


def analogy(matrix, plus, minus, also_plus):
    from hornbook.vectors import WordVectors

    found = WordVectors(map(str, range(len(matrix))), matrix).analogy([str(plus), str(also_plus)], [str(minus)], k=1)
    return int(found.answer)


def nearest(matrix, signs, lengths=True, leave_out=True, summed="unit", pick=np.argmax):
    """The id nearest to the signed sum: signs {id: ±1}; or another pick(scores)."""
    rows = matrix / (np.linalg.norm(matrix, axis=1, keepdims=True) if lengths else 1)
    scores = rows @ sum(sign * (rows if summed == "unit" else matrix)[id_] for id_, sign in signs.items())
    if leave_out:
        scores[list(signs)] = -np.inf
    return pick(scores).item()


EXERCISES = (
    Exercise(
        id="L3.1", title="Pairs from a window",
        goal="List every word together with each centre in whose window it stands.",
        accept=("A list of (word, centre).", "The window ends where the text ends.", "No place is paired with itself."),
        hints=("The neighbours of place `at` go from `at - window` to `at + window`.",
               "`max(0, …)` and `min(len(ids), …)` keep them inside; skip the place itself."),
        right=pairs, cases=texts,
        mistakes=(
            Mistake("only neighbours on the left are paired; the window reaches to both sides",
                    pairs_where(lambda by, window: 0 < by <= window)),
            Mistake("the window is one too narrow on the right: a range does not hold its end",
                    pairs_where(lambda by, window: by and -window < by <= window)),
            Mistake("a neighbour that is the same word again is left out; only the centre's own place is skipped",
                    lambda ids, window: [pair for pair in pairs(ids, window) if pair[0] != pair[1]]),
            Mistake("each word is paired with itself too", pairs_where(lambda by, window: abs(by) <= window)),
            Mistake("the window wraps around: a negative place counts from the end of the text", round_the_end),
            Mistake("(centre, word) where (word, centre) is right",
                    lambda ids, window: [pair[::-1] for pair in pairs(ids, window)]),
        ),
        why="The text itself says what goes together: pairs are all that word2vec is ever shown.",
        outcome="can make skip-gram's training pairs from a text",
        page="tokenizer", film=5,
    ),
    Exercise(
        id="L3.2", title="Thinning frequent words",
        goal="Say how likely an occurrence of each word is read.",
        accept=("f is a word's share, count / all counts.", "√(t / f) + t / f, and never above 1."),
        hints=("Make t / f first and give it a name.", "`np.minimum(x, 1)` caps every entry."),
        right=keep, cases=counted,
        mistakes=(
            Mistake("t / f is not added to its root: this is the paper's form, word2vec's program adds it",
                    lambda c, t: np.minimum(np.sqrt(t * c.sum() / c), 1)),
            Mistake("this is the probability of leaving a word out: 1 minus it is asked for",
                    lambda c, t: 1 - keep(c, t)),
            Mistake("f is a share: divide the counts by their sum",
                    lambda c, t: np.minimum(np.sqrt(t / c) + t / c, 1)),
            Mistake("probabilities above 1: rare words are always read, at most 1",
                    lambda c, t: np.sqrt(t * c.sum() / c) + t * c.sum() / c),
        ),
        why="Fewer copies of the same pair with 'the', and words that stood further apart come into one window.",
        outcome="can say why and by how much word2vec thins out frequent words",
        page="training", film=5,
    ),
    Exercise(
        id="L3.3", title="The distribution of noise",
        goal="Say how likely each word is drawn as a negative.",
        accept=("Proportional to count to the power of ¾.", "Adds up to 1."),
        hints=("`**` raises a whole array to a power.", "Divide by the sum of the powers, not of the counts."),
        right=noise, cases=lambda: [Case(case.args[:1], case.label.split(",")[0]) for case in counted()],
        mistakes=(
            Mistake("the power ¾ is missing: these are the plain shares", lambda c: c / c.sum()),
            Mistake("does not add up to 1: the powers were divided by the sum of the counts",
                    lambda c: c**0.75 / c.sum()),
            Mistake("the powers are not divided by their sum", lambda c: c**0.75),
            Mistake("every word is equally likely; it goes by count", lambda c: np.full(len(c), 1 / len(c))),
        ),
        why="It lies between the plain shares and all words alike; the authors found ¾ to work best in their trials.",
        outcome="can compute the noise distribution of negative sampling",
        page="generation", film=5,
    ),
    Exercise(
        id="L3.4", title="The loss of a pair and its negatives",
        goal="Add up how surprised the tables are that the pair is true and the negatives are not.",
        accept=("−ln σ of the true score, plus −ln σ(−score) of each negative that is not the centre.",
                "A sum, not a mean."),
        hints=("−ln σ(x) is ln(1 + e^(−x)).", "For a negative the sign of the score turns: ln(1 + e^x)."),
        right=loss, cases=pushed,
        mistakes=(
            Mistake("negatives are rewarded for high scores: the sign inside their σ is missing", loss_with("sign")),
            Mistake("the negatives' mean was taken: each of them counts whole", loss_with("mean")),
            Mistake("the true centre is among the negatives: leave such draws out", loss_with("centre")),
            Mistake("the minus is missing: this is the logarithm of the chances, the loss is minus that",
                    lambda *args: -loss(*args)),
            Mistake("the negatives are missing",
                    lambda wte, head, word, centre, negatives: np.logaddexp(0, -head[centre] @ wte[word])),
        ),
        why="Telling one true word from a few drawn ones needs no sum over the whole vocabulary: that made it fast.",
        outcome="can compute the loss of skip-gram with negative sampling",
        page="training", film=6,
    ),
    Exercise(
        id="L3.5", title="The step of exactly the rows used",
        goal="Move the rows of the word, the centre and the negatives a step down the gradient.",
        accept=("Returns new tables; the old ones stay.", "The word's row moves by the old rows of `head`.",
                "A negative drawn twice moves twice; unused rows do not move."),
        hints=("`1 / (1 + np.exp(-scores)) - labels` holds the derivative by every score.",
               "Keep a copy of the word's row and of `head[rows]` before you change anything.",
               "`np.subtract.at(table, rows, amounts)` subtracts once for each entry, repeated ones too."),
        right=step, cases=steps, outputs=("wte", "head"),
        mistakes=(
            Mistake("negatives are pulled closer: the sign of their gradient is wrong", step_with("sign")),
            Mistake("the label is missing: σ − 1 for the true pair, or it is pushed away too", step_with("label")),
            Mistake("the word's row was moved by rows of head that had already moved", step_with("late")),
            Mistake("a negative drawn twice moved once: `head[rows] -= …` writes a row once", step_with("twice")),
            Mistake("the centre was pushed away as a negative of itself: leave it out", step_with("centre")),
        ),
        why="Chance minus label, times the other side's row: rows that took no part have gradient 0 and stay.",
        outcome="can make a step of word2vec by hand, and show that unused rows do not move",
        page="meaning", film=7,
    ),
    Exercise(
        id="L3.6", title="An analogy",
        goal="Answer a is to b as … is to c with word vectors.",
        accept=("Every row is brought to length 1 first.", "None of the three words of the question is the answer."),
        hints=("`matrix / np.linalg.norm(matrix, axis=1, keepdims=True)` has rows of length 1.",
               "Rank by dot product with the sum; its own length changes no order.",
               "Set the scores of the three to `-np.inf` before `argmax`."),
        right=analogy, cases=questions,
        mistakes=(
            Mistake("the answer is a word of the question: leave all three out",
                    lambda M, a, b, c: nearest(M, {a: 1, b: -1, c: 1}, leave_out=False)),
            Mistake("long rows win: bring every row to length 1 before adding and comparing",
                    lambda M, a, b, c: nearest(M, {a: 1, b: -1, c: 1}, lengths=False)),
            Mistake("the three were added at their own lengths: bring every row to length 1 before adding too",
                    lambda M, a, b, c: nearest(M, {a: 1, b: -1, c: 1}, summed="as they are")),
            Mistake("this is the highest score; its place among the scores, the word's id, is asked for: `argmax`",
                    lambda M, a, b, c: nearest(M, {a: 1, b: -1, c: 1}, pick=np.max)),
            Mistake("the signs are exchanged: the first and the third are added, the second taken off",
                    lambda M, a, b, c: nearest(M, {a: 1, b: 1, c: -1})),
        ),
        why="Differences that many pairs share become directions; adding one and taking the nearest row follows it.",
        outcome="can do an analogy with vectors, and say what leaving out the question's words does",
        page="meaning", film=10,
    ),
)  # fmt: skip
