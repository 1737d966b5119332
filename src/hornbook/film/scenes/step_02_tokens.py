"""Step 2, tokens: four ways to cut a text, vocabularies built from text, what they lack, and the special tokens."""

from manim import Create, Dot, FadeIn, VGroup

from hornbook.film.drawing import HEADER_BASELINE
from hornbook.film.scene import FilmScene

KINDS, LETTERS = ("characters", "words", "bpe", "wordpiece"), 11  # letters of the long row that are shown
NAMES = {"characters": "characters", "words": "words", "bpe": "BPE", "wordpiece": "WordPiece"}
MERGES, OURS = 5, 3  # rows of the tables; which of the measured sizes is the film's own vocabulary
HEIGHTS = {"embedding": (20_000, ""), "loss": (0.3, ":.1%")}  # of the charts, and how their values are printed
EMPTY = (
    "the empty text: {tokens.specials[2]} {tokens.specials[3]}, ids"
    " <embedding|{tokens.special_ids[2]}   {tokens.special_ids[3]}>"
)


class Step2(FilmScene):
    """From raw text to the ids of tokens."""

    accent = "embedding"

    def construct(self):
        top = self.header("Raw text to tokens")
        self.show(top)
        for part in (self.cuts, self.vocabularies, self.sizes, self.specials):
            part()
            self.clear_section(keep=[top] if part != self.specials else ())

    def cuts(self):
        """One sentence cut in four ways, each row with its ids and how many tokens it is."""
        sentence = self.text("{tokens.text}", "detail", "faint").stand(6.4, HEADER_BASELINE, "right")
        rows = [self.cut(kind, y=1.85 - 1.38 * place) for place, kind in enumerate(KINDS)]
        self.block(*rows)
        self.say("Before a text is numbered, it is cut. Characters: few kinds, but long rows.")
        self.show(sentence, rows[0], lag=0.6)
        self.say("Words: short rows. But moonlight is too rare for this vocabulary: unknown.")
        self.show(rows[1])
        self.say("Subwords, by BPE or WordPiece: common words whole, rare ones in pieces.")
        self.show(rows[2])
        self.show(rows[3], how="fade")

    def cut(self, kind, y):
        """A row: the kind, its tokens with their ids, their number."""
        there = self.value(f"tokens.{kind}.count")
        shown = [f"{{tokens.{kind}.pieces[{i}]}}" for i in range(min(there, LETTERS))]
        row = self.tokens(shown, ids=f"tokens.{kind}.ids")
        row.shift([-4.3 - row.boxes[0].get_left()[0], y - row.boxes[0].get_y(), 0])
        name = self.text(NAMES[kind], "detail", "faint").stand(-6.4, y - 0.09)
        count = self.text(f"{{tokens.{kind}.count}}", "content", "embedding").stand(6.4, y - 0.1, "right")
        parts = [name, row, count]
        if there > LETTERS:
            parts.append(self.text("…", colour="faint").stand(row.get_right()[0] + 0.15, y - 0.09))
        return self.block(*parts)

    def vocabularies(self):
        """The most frequent words and the first merges of BPE, with their counts in the training text."""
        words = self.frequent_words().move_to([-3.5, 0.1, 0])
        merges = self.merges().move_to([3.5, 0.1, 0])
        left, top = words.values[0][0].get_left()[0], words.get_bottom()[1] - 0.8
        rare = "{tokens.distinct} different words and marks,\n{tokens.once} occur only once"
        note = self.text(rare, "detail", "faint").stand(left, top)
        self.say("A vocabulary comes from the training text. Words: the most frequent are kept.")
        self.show(words)
        self.show(note)
        self.say("BPE begins with single bytes and joins the pair that is most frequent,")
        self.show(merges.row(0), merges.rule, seconds=0.5)
        for i in range(1, MERGES + 1):
            self.show(merges.row(i), seconds=0.5)
        self.say("then the next such pair, until its vocabulary has {tokens.bpe.vocab_size} entries.")

    def frequent_words(self):
        """Words, how often they occur, their ids."""
        heads = ["word", "occurs", "id"]
        rows = [
            [f"{{tokens.vocabulary.words[{i}]}}", f"{{tokens.vocabulary.counts[{i}]}}",
             f"<embedding|{{tokens.vocabulary.ids[{i}]}}>"] for i in range(MERGES)
        ]  # fmt: skip
        return self.table([heads, *rows], "lrr", [2.0, 1.9, 1.4])

    def merges(self):
        """Pairs of pieces, what they make, how often they stood together."""
        heads = ["pair", "piece", "together"]
        rows = [
            [f"{{tokens.merges.left[{i}]}} + {{tokens.merges.right[{i}]}}", f"<embedding|{{tokens.merges.made[{i}]}}>",
             f"{{tokens.merges.counts[{i}]}}"] for i in range(MERGES)
        ]  # fmt: skip
        return self.table([heads, *rows], "llr", [2.0, 1.7, 1.7])

    def sizes(self):
        """Larger vocabularies: fewer tokens for the held-out text; fewer unknown words, but some always."""
        self.say("A larger vocabulary makes texts shorter, and the model larger.")
        bpe, words = "tokens.bpe.curve", "tokens.unknown"
        self.chart(f"{bpe}.lengths", f"{bpe}.sizes", "tokens of the held-out text, by BPE", "embedding", -3.4)
        self.say("Words never suffice: {tokens.unknown.sizes[3]} miss {tokens.unknown.shares[3]:.1%} of new text.")
        self.chart(f"{words}.shares", f"{words}.entries", "share of <UNK>, by words", "loss", 3.5)

    def chart(self, name, sizes, title, family, x):
        """A curve over the sizes of the vocabulary, a dot at each measured one, the film's own with its value."""
        top, form = HEIGHTS[family]
        made = self.curve({name: family}, sizes, ("vocabulary", title), (4.6, 3.0), y_range=(0, top)).move_to(
            [x, -0.3, 0]
        )
        places = [made.at(self.value(sizes, i), self.value(name, i)) for i in range(len(self.value(sizes)))]
        dots = VGroup(*(Dot(place, radius=0.07, color=self.colour(family)) for place in places))
        label = self.text(f"{{{name}[{OURS}]{form}}}", "detail", family).stand(
            places[OURS][0] + 0.1, places[OURS][1] + 0.25
        )
        curve = made.curves[0]
        self.block(made, label)
        self.show(*(part for part in made if part is not curve), seconds=0.5, how="fade")
        self.play(Create(curve), FadeIn(dots), run_time=1)
        self.show(label, seconds=0.5)

    def specials(self):
        """The five tokens that are no words; then what ids a greeting and an empty text have."""
        row = self.tokens("tokens.specials", ids="tokens.special_ids").move_to([0, 1.6, 0])
        uses = ("fills up", "unknown", "start", "end", "hides")
        notes = [self.text(use, "detail", "faint").stand(box.get_x(), 0.55, "middle")
                 for use, box in zip(uses, row.boxes)]  # fmt: skip
        self.block(row, *notes)
        self.say("Five tokens are no words. They fill up, mark the start and the end, and hide.")
        self.show(row)
        self.show(*notes, lag=0.2, seconds=0.4)
        table = self.greetings().move_to([0, -1.0, 0])
        empty = self.text(EMPTY, "detail").stand(table.get_left()[0] + 0.1, table.get_bottom()[1] - 0.75)
        self.say("“Hello world” has other ids in every vocabulary. These are ours.")
        self.show(table)
        self.say("And an empty text still has a start and an end.")
        self.show(empty)

    def greetings(self):
        """A greeting in two vocabularies: its pieces and their ids."""
        rows = [["{tokens.hello.text}", "tokens", "ids"]]
        for kind in ("words", "bpe"):
            places = range(self.value(f"tokens.hello.{kind}.count"))
            pieces = "   ".join(f"{{tokens.hello.{kind}.pieces[{i}]}}" for i in places)
            ids = "   ".join(f"{{tokens.hello.{kind}.ids[{i}]:d}}" for i in places)
            rows.append([NAMES[kind], pieces, f"<embedding|{ids}>"])
        return self.table(rows, "lll", [2.9, 3.3, 3.7])
