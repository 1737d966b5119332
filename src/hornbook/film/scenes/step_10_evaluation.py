"""Step 10, evaluation: perplexity, cosines, neighbours, a map of the vectors, and the vectors at work on questions."""

from manim import DOWN, LEFT, PI, Create, Dot, GrowFromEdge, LaggedStart, VGroup

from hornbook.film.scene import FilmScene

EDGE = -6.4
PERPLEXITY = (
    r"\mathrm{perplexity} = e^{\textcolor{L}{L}}"
    r" = e^{\textcolor{L}{\num{eval.nats[4]:.2f}}} = \textcolor{p}{\num{eval.perplexity[4]:.1f}}"
)
MODELS = ("a blind guess", "before training", "counting words", "counting pairs", "our model")
GROUPS = ("attention", "loss", "memory", "embedding", "mlp", "stream", "negative")  # a colour for each of the map
BESIDE, UNDER = (1, 5), (6,)  # the groups whose name stands to their right, or below, not above
WAYS = ("commonest kind", "counted words", "MiniLM's vectors")


class Step10(FilmScene):
    """Five ways to know whether it works, each on what the trained models give."""

    accent = "embedding"

    def construct(self):
        top = self.header("Evaluation: does it work?")
        self.show(top)
        for part in (self.perplexity, self.cosines, self.map, self.task):
            part()
            self.clear_section(keep=[top] if part != self.task else ())

    def perplexity(self):
        """e to the loss on held-out words, beside a blind guess, an untrained model and counting."""
        rule = self.left(self.formula(PERPLEXITY, L="loss", p="embedding"), EDGE, 1.9)
        note = self.text("on {eval.tokens} unread words; lower is better", "small", "faint")
        chart = self.spread(self.bars("eval.perplexity", MODELS, digits=0, length=8.6, best=4))
        self.left(chart, EDGE, -0.55)
        self.left(note, chart.submobjects[-1].get_x(), -2.85)
        self.say("Perplexity: among how many words does a model waver, on text it has not read?")
        self.show(rule)
        self.grow(chart)
        self.say("Counting pairs gets down to {eval.perplexity[3]:.0f}, our model to {eval.perplexity[4]:.0f}.")
        self.show(note, how="fade")

    def cosines(self):
        """The cosines between eight words; the nearest words of three."""
        grid = self.matrix("eval.cosine")
        self.name_columns(self.name_rows(grid, "eval.cosine.words"), "eval.cosine.words")
        self.left(grid, EDGE, -0.25)
        self.say("Cosine similarity: do the vectors of two words point the same way?")
        source = self.text("word2vec, after {trouble.words.all.count} words of novels", "small", "faint")
        self.left(source, grid.cells[0][0].get_left()[0], -2.95)
        self.block(grid, source)
        self.show(grid, source)
        pairs = [self.frame_around(*grid.cells[i][i : i + 2], *grid.cells[i + 1][i : i + 2], room=0.0)
                 for i in range(0, len(grid.cells), 2)]  # fmt: skip
        self.play(LaggedStart(*(Create(pair) for pair in pairs), lag_ratio=0.5))
        self.say("The words nearest to {eval.neighbours.words[2]} are other times of the day.")
        self.show(*self.neighbours(), lag=0.7)
        agreement = self.text("agreement with people:\n{eval.men:.2f}, where {=1} is perfect", "small", "faint")
        self.say("People who judged {eval.men.pairs} pairs of words mostly agree with the cosines.")
        self.show(self.left(agreement, 3.6, -2.5), how="fade")

    def neighbours(self):
        """Three words, under each the two nearest to it, to the right of the matrix."""
        found = []
        for place, word in enumerate(self.value("eval.neighbours.words")):
            near = ", ".join(f"{{eval.neighbours.{word}.words[{i}]}}" for i in range(2))
            text = self.text(f"<embedding|{{eval.neighbours.words[{place}]}}>\n{near}", "detail")
            found.append(self.left(text, 3.6, 1.5 - 1.3 * place))
        return found

    def map(self):
        """t-SNE of some words; the colours are groups that k-means finds in the vectors themselves."""
        dots = self.points("eval.map.positions", ["faint"] * self.value("eval.map.count"), (4.6, 12))
        dots.rotate(PI / 2).move_to([-1.1, -0.5, 0])
        self.say("t-SNE draws a map on which near vectors stay near. Each dot is a word.")
        self.show(dots)
        note = self.text("{eval.map.count} words\ntrustworthiness {eval.map.trustworthiness:.2f}", "detail", "faint")
        self.show(self.left(note, 3.75, -0.5))
        self.say("The colours: groups found in the vectors themselves. The map keeps most.")
        for group in range(len(GROUPS)):
            its = [dot for dot, of in zip(dots.dots, self.value("eval.map.groups")) if of == group]
            self.show(self.named(VGroup(*its), group), how="fade", seconds=0.1)
            self.play(*(dot.animate.set_color(self.colour(GROUPS[group])) for dot in its), run_time=0.35)

    def named(self, dots, group):
        """The most central word of a group, over, under or beside most of its dots."""
        label = self.text(f"<{GROUPS[group]}|{{eval.map.names[{group}]}}>", "detail")
        xs, ys = sorted(map(Dot.get_x, dots)), sorted(map(Dot.get_y, dots))
        x, y = xs[len(xs) // 2], ys[len(ys) // 2]
        if group in BESIDE:
            return self.left(label, xs[-2] + 0.25, y)
        return label.move_to([x, ys[0] - 0.34 if group in UNDER else ys[-1] + 0.34, 0])

    def task(self):
        """Questions told into kinds from their vectors, beside counted words and the commonest kind."""
        asked = self.text("{eval.probe.texts} questions, {eval.probe.classes} kinds: which is of which?", "content")
        self.left(asked, EDGE, 1.9)
        chart = self.spread(self.bars("eval.probe.accuracy", WAYS, digits=3, length=7.2, best=2), 0.5)
        self.left(chart, EDGE, -0.25)
        self.say("Put the vectors to work: a small classifier sorts questions into kinds.")
        self.show(asked)
        marks = [self.interval(chart, i) for i in range(len(chart.bars))]
        self.grow(chart)
        self.play(*(Create(mark) for mark in marks))
        note = self.text("share that is right, and its {=95}% interval", "small", "faint")
        self.left(note, chart.submobjects[-1].get_x(), -2.4)
        self.say("Beside a baseline: counted words come close, the intervals overlap.")
        self.show(note, how="fade")

    def interval(self, chart, i):
        """A line over the end of a bar from the low to the high end of its interval; its value steps aside."""
        bar, unit = chart.bars[i], chart.bars[2].width / self.value("eval.probe.accuracy", 2)
        zero, y = bar.get_left()[0], bar.get_y()
        low, high = (zero + unit * self.value(f"eval.probe.{side}", i) for side in ("low", "high"))
        chart.values[i].shift([high + 0.3 - chart.values[i].get_left()[0], 0, 0])
        return self.line([low, y, 0], [high, y, 0], "mlp").set_stroke(width=5)

    def left(self, made, x, y):
        """Put an element's left edge at x, its middle at y."""
        return made.move_to([x + made.width / 2, y, 0])

    def spread(self, chart, room=0.2):
        """Give the rows of a chart more room."""
        for i in range(len(chart.bars)):
            chart.row(i).shift(i * room * DOWN)
        axis = chart.submobjects[-1]
        axis.stretch_to_fit_height(axis.height + (len(chart.bars) - 1) * room, about_edge=-DOWN)
        return chart

    def grow(self, chart):
        """The bars of a chart, one after the other."""
        self.show(*chart.names, chart.submobjects[-1], how="fade", seconds=0.4)
        for bar, value in zip(chart.bars, chart.values):
            self.play(GrowFromEdge(bar, LEFT, run_time=0.35))
            self.show(value, how="fade", seconds=0.15)
