"""Step 5, the learning task: guess the next word, or a hidden one; what a text gives to learn, and what it cannot."""

from manim import DOWN, LEFT, FadeIn, GrowFromEdge, VGroup

from hornbook.film.scene import FilmScene
from hornbook.palette import PAPER, blend

CONTEXT, TARGET = "embedding", "mlp"


class Step5(FilmScene):
    """Next words and masked words as real models guess them, and why guessing teaches good rows."""

    accent = "mlp"

    def construct(self):
        top = self.header("The learning task: guess the word")
        self.show(top)
        for part in (self.next_words, self.two_tasks, self.why):
            part()
            self.clear_section(keep=[top] if part != self.why else ())

    def next_words(self):
        """Every place of a sentence asks for its word; a bar says how likely the model thought it."""
        row = self.tokens("forward.words", colour="faint").move_to([0, 1.9, 0])
        pairs = [f"{{task.contexts[{i}]}}   <mlp|{{task.targets[{i}]}}>" for i in range(len(row.boxes) - 1)]
        chart = self.bars("task.target.probs", names=pairs, digits=3, length=4.6).move_to([0, -1.0, 0])
        head = self.text("probability it gave", "small", "faint")
        head.stand(chart.submobjects[-1].get_x() + 0.1, chart.get_top()[1] + 0.1)
        self.say("Language modelling: guess the next word from those before. The text has it.")
        self.show(row)
        self.block(chart, head)
        self.show(chart.submobjects[-1], head, how="fade", seconds=0.4)
        for place in range(len(chart.bars)):
            self.ask(row, chart, place)
        self.hold(1.5)

    def ask(self, row, chart, place):
        """The words so far turn blue, the next one orange; its line joins the list, its bar grows."""
        known, asked = row.boxes[place], row.boxes[place + 1]
        self.play(
            known.animate.set_fill(self.tint(CONTEXT)).set_stroke(self.colour(CONTEXT)),
            asked.animate.set_fill(self.tint(TARGET)).set_stroke(self.colour(TARGET)),
            run_time=0.25,
        )
        line = VGroup(chart.names[place], chart.values[place])
        self.play(FadeIn(line, run_time=0.4), GrowFromEdge(chart.bars[place], LEFT, run_time=0.4))

    def tint(self, family):
        """A family's colour on paper, dark enough for words on it."""
        return blend(PAPER.dark, self.colour(family), 0.4)

    def two_tasks(self):
        """A beginning and its likeliest next words; a sentence with a hidden word and its likeliest fillings."""
        left = self.guesses("{task.cat.prompt} …", "task.cat", -6.2)
        right = self.guesses("{mlm.masked}", "mlm", -0.3)
        answer = self.text("hidden: <mlp|{mlm.answer}>, ranked {mlm.rank}", "detail", "faint")
        answer.align_to(right, LEFT).set_y(right.get_bottom()[1] - 0.65)
        self.say("“{task.cat.prompt} …”: our model says “{task.cat.words[0]}”, at {task.cat.probs[0]:.3f}.")
        self.reveal(left)
        self.say("Masked: hide a word, read both sides. “{mlm.words[0]}” comes first, at {mlm.probs[0]:.3f}.")
        self.reveal(right)
        self.show(answer)

    def guesses(self, title, name, x):
        """The five likeliest words with their probabilities, under what the model was given."""
        chart = self.bars(f"{name}.probs", names=f"{name}.words", digits=3, length=2.9, best=0)
        chart.shift([x + 1.2 - chart.submobjects[-1].get_x(), 0.4 - chart.bars[0].get_y(), 0])
        chart.head = self.text(title, "detail").stand(x, 1.5)
        return chart

    def reveal(self, chart):
        """What the model was given, then its words, then the bars grow."""
        self.show(chart.head)
        self.show(*chart.names, chart.submobjects[-1], how="fade", seconds=0.4)
        self.play(*(GrowFromEdge(bar, LEFT, run_time=0.7) for bar in chart.bars))
        self.show(*chart.values, how="fade", seconds=0.4)

    def why(self):
        """How much a text asks; like company, like rows; and one row for both banks."""
        self.say("The text labels itself: {task.examples} predictions, and nobody wrote one down.")
        self.show(self.amounts().move_to([-4.3, 0.0, 0]))
        self.say("Like company, like rows: that is why guessing teaches meaning.")
        alike = (("my", "mother", "said"), ("my", "sister", "said"))
        self.meet(alike, 1, 1.3, "word2vec rows:\ncosine <embedding|{matrix.cosine.dense[1]:.2f}>")
        self.say("The limit: a word has one row, whichever bank is meant.")
        self.meet((("the", "river", "bank"), ("my", "savings", "bank")), 2, -1.6, "one and\nthe same row")

    def amounts(self):
        """What the training text gives."""
        lines = ("{task.characters}", "{task.examples}", "{task.windows}")
        notes = ("characters of a novel", "predictions a pass", "context windows of {train.block_size} words")
        pairs = [self.block(self.text(line, "content", "mlp"), self.text(note, "detail", "faint"))
                 for line, note in zip(lines, notes)]  # fmt: skip
        for pair in pairs:
            pair.arrange(DOWN, buff=0.15, aligned_edge=LEFT)
        return VGroup(*pairs).arrange(DOWN, buff=0.6, aligned_edge=LEFT)

    def meet(self, phrases, k, y, words):
        """Two phrases, and what word k of one has in common with word k of the other."""
        rows = VGroup(*(self.tokens(list(phrase), colour="faint") for phrase in phrases))
        rows.arrange(DOWN, buff=0.5, aligned_edge=LEFT).move_to([1.2, y, 0]).align_to([-0.8, 0, 0], LEFT)
        note = self.text(words, "detail").move_to([5.0, y, 0])
        for row in rows:
            row.boxes[k].set_fill(self.tint(CONTEXT)).set_stroke(self.colour(CONTEXT))
        edge = note.get_left()[0] - 0.2
        arrows = [
            self.arrow([rows.get_right()[0] + 0.2, row.get_y()], [edge, y + 0.5 * (row.get_y() - y)]) for row in rows
        ]
        self.show(rows)
        self.show(note, *arrows)
