"""The exercises of Frankenstein 99: all shapes, the order of the steps, training against generation, four curves."""

from hornbook.lessons.exercise import Case, Exercise, Mistake

# -- 99.1 ---------------------------------------------------------------------------------------------------------

NAMES = (
    "features",
    "embedded",
    "z of one step",
    "cell of one step",
    "all hidden",
    "logits",
    "flat logits",
    "flat labels",
)


def shapes(B, T, E, H, V):
    return (B, T), (B, T, E), (B, 4 * H), (B, H), (B, T, H), (B, T, V), (B * T, V), (B * T,)


def _but(place, shape):
    """`shapes` with another one at `place`: shape(B, T, E, H, V)."""

    def wrong(*sizes):
        right = list(shapes(*sizes))
        right[place] = shape(*sizes)
        return tuple(right)

    return wrong


def _sizes():
    return [
        Case(sizes, "B={}, T={}, E={}, H={}, V={}".format(*sizes)) for sizes in ((36, 48, 48, 96, 75), (2, 5, 3, 4, 7))
    ]


# -- 99.2 to 99.4: values -----------------------------------------------------------------------------------------

STEPS = ("load", "tokenize", "vocabulary", "ids", "windows", "batches", "model", "loss", "training", "generation")


def _swapped(one, other):
    """The steps with two of them in each other's place."""
    turned = {one: other, other: one}
    return lambda: [turned.get(step, step) for step in STEPS]


WHERE = {"a": "training", "b": "generation", "c": "training", "d": "training", "e": "both", "f": "generation"}
CURVES = {"A": "labels not shifted", "B": "no optimizer step", "C": "rows mixed up", "D": "right"}


def _otherwise(right, **changed):
    return lambda: right | changed


EXERCISES = (
    Exercise(
        id="99.1",
        title="All shapes, from memory",
        goal="Give the eight shapes of one step of training, without looking back.",
        accept=("eight tuples in the order of the docstring",),
        hints=(
            "Up to the logits, B and T stay; inside the LSTM's loop there is no T: it reads one character at a time.",
            "z has a block for each of i, f, g, o.",
            "The loss wants one row for each of the B*T questions.",
        ),
        right=shapes,
        cases=_sizes,
        mistakes=(
            Mistake(
                "z has four blocks of H: one for each of i, f, g, o",
                _but(2, lambda B, T, E, H, V: (B, H)),
            ),
            Mistake("one step has no time axis: its cell is (B, H)", _but(3, lambda B, T, E, H, V: (B, T, H))),
            Mistake(
                "the logits are not flat for the loss: it needs [B*T, V]",
                _but(6, lambda B, T, E, H, V: (B, T, V)),
            ),
            Mistake("flat labels have one axis: (B*T,)", _but(7, lambda B, T, E, H, V: (B, T))),
            Mistake("the logits have V scores for each character", _but(5, lambda B, T, E, H, V: (B, T, H))),
        ),
        why="Eight shapes. Whoever can say them finds most bugs of this kind of program by printing one line.",
        outcome="can name every shape of a training step from memory",
        page="architecture",
        film=4,
        outputs=NAMES,
    ),
    Exercise(
        id="99.2",
        title="Ten steps in order",
        goal="Put the ten steps into the order in which the data goes through them.",
        accept=("a list of the ten words",),
        hints=(
            "A character needs an id before it can be in a window, and a vocabulary before it can have an id.",
            "The loss compares what the model says with the labels, so the model comes first.",
        ),
        right=lambda: list(STEPS),
        cases=None,
        mistakes=(
            Mistake("ids come from the vocabulary: it must be there first", _swapped("vocabulary", "ids")),
            Mistake("a batch is made of windows: they come first", _swapped("windows", "batches")),
            Mistake("the loss judges what the model said: the model comes first", _swapped("model", "loss")),
            Mistake("a model that has not been trained has nothing to write", _swapped("training", "generation")),
        ),
        why="That is the 90-second narration already: ten words, and a sentence for each.",
        outcome="can narrate the ten steps from text to text in 90 seconds",
        page="training",
        film=11,
    ),
    Exercise(
        id="99.3",
        title="Training or generation?",
        goal="Say of each statement whether it is true of training, of generation, or of both.",
        accept=('a dict from "a" … "f" to "training", "generation" or "both"',),
        hints=(
            "Ask of each: who wrote the character that the model reads next?",
            "An LSTM without h and c would be no LSTM, whatever it is used for.",
        ),
        right=lambda: WHERE,
        cases=None,
        mistakes=(
            Mistake(
                "a and b are swapped: training reads the real text, generation what it wrote itself",
                _otherwise(WHERE, a="generation", b="training"),
            ),
            Mistake(
                "h and c are carried along in training too, through all T characters of a window",
                _otherwise(WHERE, e="generation"),
            ),
            Mistake("generation changes no weights: only the state changes", _otherwise(WHERE, d="both")),
            Mistake("training draws nothing: it compares probabilities with labels", _otherwise(WHERE, f="both")),
            Mistake(
                "labels are needed in training alone: nobody knows what should come next", _otherwise(WHERE, c="both")
            ),
        ),
        why="Training never sees its own slips; generation reads little else. That gap is where texts go astray.",
        outcome="can tell training from generation, point by point",
        page="generation",
        film=5,
    ),
    Exercise(
        id="99.4",
        title="Four curves",
        goal="Say which run is right, and what is wrong with each of the others.",
        accept=(
            'a dict from "A" … "D" to "right", "labels not shifted", "no optimizer step" or "rows mixed up"',
            "each of the four once",
        ),
        hints=(
            "Compare each curve with the two lines: ln V is pure guessing, the other knows the frequencies alone.",
            "Can anything predict this book at almost no surprise, after 60 steps?",
            "Where answers no longer belong to their questions, all that can be learnt is how frequent each answer is.",
        ),
        right=lambda: CURVES,
        cases=None,
        mistakes=(
            Mistake(
                "the lowest loss is not the best model: no one can know this book by then; what is it asked to say?",
                _otherwise(CURVES, A="right", D="labels not shifted"),
            ),
            Mistake(
                "B and C are swapped: which one has learnt nothing at all, and which one has learnt the frequencies?",
                _otherwise(CURVES, B="rows mixed up", C="no optimizer step"),
            ),
            Mistake(
                "C goes nowhere after the first steps: is that what a right run looks like?",
                _otherwise(CURVES, C="right", D="rows mixed up"),
            ),
        ),
        why="A loss has landmarks: ln V, the frequencies, what counting reaches. Know them, and a curve speaks.",
        outcome="can tell from a curve what is wrong with a run",
        page="training",
        film=12,
    ),
)
