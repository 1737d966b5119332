"""Step 3, the embedding matrix: its rows, the lookup as a product, dense against one-hot, and its first values."""

from manim import DOWN, LEFT, RIGHT, UP, Create, FadeIn, FadeOut, GrowFromEdge, LaggedStart, Rectangle, VGroup

from hornbook.film.grids import heat
from hornbook.film.scene import FilmScene

SHAPE = r"\textcolor{E}{E} \in \mathbb{R}^{V \times D}"
SPREADS = (
    r"\num{init.formula.std[0]:.2f}", r"\sqrt{\frac{\num{=2}}{V + D}}", r"\sqrt{\frac{\num{=2}}{D}}",
    r"\num{init.formula.std[3]}",
)  # fmt: skip


class Step3(FilmScene):
    """What the embedding matrix is, how a row of it is read, why it is dense, and how it begins."""

    accent = "embedding"

    def construct(self):
        top = self.header("The embedding matrix: a row for every token")
        self.show(top)
        for part in (self.rows, self.lookup, self.dense, self.first_values):
            part()
            self.clear_section(keep=[top] if part != self.first_values else ())

    def rows(self):
        """Six rows as they are drawn at random, then as training leaves them, at one scale of colour."""
        first, last = (self.matrix(f"matrix.{when}", cols=6, digits=3) for when in ("before", "after"))
        names = [f"{{matrix.words[{i}]}}   <embedding|{{matrix.ids[{i}]}}>" for i in range(len(first.cells))]
        self.name_rows(first, names).move_to([-1.8, -0.2, 0])
        last.shift(first.cells[0][0].get_center() - last.cells[0][0].get_center())
        self.block(first, last)
        self.same_heat(first)
        facts = self.facts().move_to([4.8, -0.2, 0])
        self.say("Every token has a row of numbers. Together they are the matrix E.")
        self.show(first, facts, lag=0.8)
        self.say("The first numbers are random and small. Training gives them meaning.")
        self.learn(first, last)

    def facts(self):
        """The sizes of the matrix, under its formula."""
        shape = self.formula(SHAPE, E="embedding")
        sizes = self.text("V = <embedding|{matrix.V}> rows\nD = <embedding|{matrix.D}> columns", "detail")
        costs = "{matrix.numbers} numbers\n{matrix.bytes} bytes\n{matrix.share:.0%} of the model"
        costs = self.text(costs, "detail", "faint")
        return self.block(shape, sizes, costs).arrange(DOWN, buff=0.45, aligned_edge=LEFT)

    def same_heat(self, grid):
        """Colour the untrained rows at the trained ones' scale: they are far smaller."""
        most = max(abs(number) for row in self.value("matrix.after") for number in row[: len(grid.cells[0])])
        for i, row in enumerate(grid.cells):
            for j, cell in enumerate(row):
                cell.set_fill(heat(self.value("matrix.before", i, j), most, self.accent), 1)

    def learn(self, first, last):
        """The untrained numbers go, the colours grow, the trained numbers come."""
        old, new = (VGroup(*(label for row in grid.values for label in row)) for grid in (first, last))
        cells = [(a, b) for one, other in zip(first.cells, last.cells) for a, b in zip(one, other)]
        self.play(FadeOut(old, run_time=0.5))
        self.play(LaggedStart(*(a.animate.set_fill(b.get_fill_color()) for a, b in cells), lag_ratio=0.03, run_time=1))
        self.play(FadeIn(new, run_time=0.5))

    def lookup(self):
        """One-hot rows times E: each 1 picks a row, which slides out of the matrix into the product."""
        ask = self.matrix("matrix.onehot.small", digits=None)
        table = self.matrix("matrix.small", cols=3)
        for j in range(len(ask.cells[0])):
            ask.column(j).shift(0.04 * j * LEFT)
        self.name_rows(ask, "matrix.asked").align_to([-6.5, 2.1, 0], LEFT + UP)
        self.name_rows(table, "matrix.words").next_to(ask, RIGHT, buff=0.76).align_to(ask, UP)
        y, edge = ask.cells[1][0].get_y(), table.get_right()[0]
        times = self.text("×", colour="faint").move_to([ask.get_right()[0] + 0.38, y, 0])
        equals = self.text("=", colour="faint").move_to([edge + 0.31, y, 0])
        self.block(ask, times, table, equals)
        self.say("A lookup is a product: a row of zeros with a single one, times E.")
        self.show(ask, times, table, lag=0.3)
        across = edge + 0.62 - table.cells[0][0].get_left()[0]
        for place, seconds in zip(range(len(ask.cells)), (0.7, 0.5, 0.5)):
            self.pick(ask, table, place, across, seconds)
            if not place:
                worked = self.sum_of_products()
                self.show(worked.move_to([-6.4 + worked.width / 2, -0.65, 0]), seconds=0.5)
        self.show(equals, seconds=0.4)
        self.say("So nobody multiplies: the row is read. {matrix.V} times less work, the same result.")
        self.show(self.costs().move_to([0, -2.3, 0]))

    def pick(self, ask, table, place, across, seconds):
        """The row that the 1 of a one-hot row points at slides out, and its place in the matrix fills again."""
        k = self.value("matrix.asked.rows", place)
        dots = [part for part in table.submobjects if getattr(part, "role", "") == "tick"]
        row = VGroup(*table.cells[k], *table.values[k], dots[k])
        again = row.copy()
        self.play(Create(self.frame_around(ask.cells[place][k], room=0.0), run_time=seconds / 2))
        self.play(row.animate(run_time=seconds).shift(across * RIGHT))
        up = ask.cells[place][0].get_y() - row[0].get_y()
        moves = [row.animate(run_time=seconds).shift(up * UP)] if abs(up) > 0.01 else []
        self.play(*moves, FadeIn(again, run_time=seconds))

    def sum_of_products(self):
        """The first number of the first row that is looked up, as the product makes it: a row times a column."""
        terms = [f"{{matrix.onehot.small[0,{k}]}} × {{matrix.small[{k},0]:.2f}}"
                 for k in range(len(self.value("matrix.words")))]  # fmt: skip
        one = self.value("matrix.asked.rows", 0)
        terms[one] = f"<embedding|{terms[one]}>"
        sums = "\n+ ".join(" + ".join(terms[k : k + 2]) for k in range(0, len(terms), 2))
        return self.text(f"first number of “{{matrix.asked[0]}}”:\n{sums} = {{matrix.product[0,0]:.2f}}", "small")

    def costs(self):
        """What the product and the lookup cost for the film's sentence, and how their results differ."""
        return self.table([
            ["product, {matrix.lookup.tokens} words", "E[ids]", "difference"],
            ["{matrix.multiplications} multiplications", "<embedding|{matrix.lookups}> numbers read",
             "{matrix.lookup.difference:.1f}"],
        ], "lll", [4.6, 3.9, 2.7])  # fmt: skip

    def dense(self):
        """Cosines of the same pairs of words: one-hot rows, dense rows as they are drawn, and trained ones."""
        self.say("Why not one-hot rows? They are long, and strangers to each other.")
        chart = self.cosines("onehot", "one-hot", -3.5)
        self.show(VGroup(*chart.names), seconds=0.5)
        self.grow(chart)
        self.say("Dense rows are short. Random ones say nothing; trained ones know their kin.")
        self.grow(self.cosines("before", "dense, untrained", 0.0))
        source = self.text("trained: word2vec, {trouble.words.all.count} words of novels", "small", "faint")
        self.show(source.move_to([2.0, -2.4, 0]), how="fade", seconds=0.4)
        self.grow(self.cosines("dense", "dense, trained", 3.4))

    def cosines(self, kind, title, x):
        """Bars of the cosines of four pairs, their axis at x; `.head` is the title over them."""
        most = max(map(abs, self.value(f"matrix.cosine.{kind}")))
        chart = self.bars(f"matrix.cosine.{kind}", names="matrix.pairs", length=max(2.4 * most, 0.02))
        axis = chart.submobjects[-1]
        for i in range(len(chart.bars)):
            chart.row(i).shift(0.3 * i * DOWN)
        axis.stretch_to_fit_height(axis.height + 0.9, about_edge=UP)
        chart.shift([x - axis.get_x(), 0.7 - chart.bars[0].get_y(), 0])
        chart.head = self.text(title, "detail", "faint").move_to([0, 1.7, 0]).align_to(axis, LEFT)
        return chart

    def grow(self, chart):
        """The axis and the title come, the bars grow out of the axis, the values follow."""
        axis = chart.submobjects[-1]
        self.show(chart.head, axis, seconds=0.4, how="fade")
        numbers = [(bar, LEFT if bar.get_x() > axis.get_x() else RIGHT) for bar in chart.bars]
        self.play(*(GrowFromEdge(bar, edge, run_time=0.7) for bar, edge in numbers))
        self.show(*chart.values, seconds=0.4, how="fade")

    def first_values(self):
        """Four ways to draw the first values: their histograms, their spread, and the first loss."""
        rows = [["", "normal", "Xavier", "He", "too wide"], ["spread drawn"], ["first loss"]]
        for row, key, digits in zip(rows[1:], ("std", "loss.first"), (3, 2)):
            row += [f"{{init.{key}[{i}]:.{digits}f}}" for i in range(len(SPREADS))]
        table = self.table(rows, "lcccc", [2.55] * 5).move_to([0, -2.0, 0])
        places = [label.get_x() for label in table.values[0][1:]]
        hills = [self.hill(way).move_to([x, 0.6, 0], DOWN) for way, x in enumerate(places)]
        rules = [self.formula(rf"\sigma = {latex}").move_to([x, -0.2, 0]) for latex, x in zip(SPREADS, places)]
        self.say("First values: normal, Xavier, He. Too wide is worse than a blind guess: {init.loss.blind:.2f}.")
        self.show(self.block(table, *rules), *hills)
        self.rest(0.6)

    def hill(self, way):
        """The histogram of a way's first values, all at one scale."""
        most = max(self.value("init.counts", 0))
        heights = [0.01 + 1.7 * count / most for count in self.value("init.counts", way)]
        bars = [Rectangle(width=0.05, height=height, stroke_width=0) for height in heights]
        return VGroup(*bars).set_fill(self.colour(), 1).arrange(RIGHT, buff=0.0, aligned_edge=DOWN)
