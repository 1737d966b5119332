"""The film's questions: a pause to predict at the end of each section, and the answer with its reason."""

from hornbook.film.scene import FilmScene


class Question1(FilmScene):
    """How many numbers a text becomes."""

    accent = "embedding"

    def construct(self):
        self.question(
            "A text of {=5} words and one of {=50}: how many numbers does each become?",
            ["{=5} and {=50}: one for every word", "as many as it has letters", "{encoder.width} for each"],
            answer=2,
            because="One vector of {encoder.width} numbers, however long the text.",
        )


class Question2(FilmScene):
    """What becomes of a word that was never seen."""

    accent = "embedding"

    def construct(self):
        self.question(
            "A word that no training text had: what do words and BPE make of it?",
            ["<UNK> in both", "<UNK> by words, known pieces by BPE", "a new row in both"],
            answer=1,
            because="BPE falls back on smaller pieces, at last on single bytes: none is unknown.",
        )


class Question3(FilmScene):
    """Which rows a sentence reads."""

    accent = "embedding"

    def construct(self):
        ids = [f"{{forward.batch.ids[2,{place}]}}" for place in (0, 1, 2, 4)]
        self.question(
            "Which rows of E does “{forward.batch.texts[2]}” read?",
            ["all {matrix.V} of them", "five, one for every word", "four: " + ", ".join(ids)],
            answer=2,
            because=f"“the” comes twice, and reads row {ids[0]} both times.",
            pause=4.5,
        )


class Question4(FilmScene):
    """Rows that are not read."""

    accent = "loss"

    def construct(self):
        self.question(
            "{grad.rows.used} of {grad.rows.V} words are read. Which rows of E does a step of SGD move?",
            ["all of them", "only those that were read", "about half of them"],
            answer=1,
            because="A row that was not read has a gradient of exactly zero: it stays.",
        )


class Question5(FilmScene):
    """Which weights are kept."""

    accent = "loss"

    def construct(self):
        self.question(
            "Held-out loss was lowest at step {train.best.step}. Which weights are kept?",
            ["of the last step", "of step {train.best.step}", "of the lowest training loss"],
            answer=1,
            because="Held-out text shows what was learnt and not only remembered.",
        )


class Question6(FilmScene):
    """What a first loss says."""

    accent = "loss"

    def construct(self):
        self.question(
            "The first loss is {trouble.init.large.first:.1f}, a blind guess costs {eval.nats[0]:.1f}. Why?",
            ["the rate is too high", "the first values are too wide", "too little text"],
            answer=1,
            because="No step is taken yet: only the first values can be wrong.",
            pause=4.5,
        )
