"""Step 1, the problem: texts are symbols of any length, networks want numbers of one; vectors are the answer."""

from manim import LEFT, Create, Dot, GrowFromEdge, LaggedStart

from hornbook.film.scene import FilmScene

FROM, TO, HALF = 60, 165, 5.0  # the stretch of ids that is drawn, and half its length in the frame
NOTE = -1.75  # the baseline of the line under a picture
WORDS = (2, 4, 3)  # of matrix.words, in the order of their ids


class Step1(FilmScene):
    """Why there are text encoders, and how they came."""

    accent = "embedding"

    def construct(self):
        top = self.header("The problem: a text is not a number")
        self.show(top)
        for part in (self.numbers, self.texts, self.history):
            part()
            self.clear_section(keep=[top] if part != self.history else ())

    def numbers(self):
        """The letters of a word as numbers, and three words on the line of ids."""
        letters = self.tokens(list(self.value("encoder.codepoints.text")), ids="encoder.codepoints.values")
        letters.move_to([0, 1.2, 0])
        self.say("A computer holds only numbers. So every letter has one.")
        self.show(letters)
        self.say("Words can be numbered too. But night falls between father and friend:")
        self.number_line()
        self.say("the order of the numbers says nothing about what the words mean.")

    def number_line(self):
        """A stretch of the line of ids, with a dot, a word and its id for each of three words."""
        y = -1.3
        axis = self.line([-HALF - 0.4, y, 0], [HALF + 0.4, y, 0])
        self.play(Create(axis), run_time=0.6)
        for i in WORDS:
            x = ((self.value("matrix.ids", i) - FROM) / (TO - FROM) * 2 - 1) * HALF
            word = self.text(f"{{matrix.words[{i}]}}").stand(x, y + 0.35, "middle")
            number = self.number("matrix.ids", i, size="detail", colour="embedding").stand(x, y - 0.55, "middle")
            self.show(self.block(word, Dot([x, y, 0], radius=0.09, color=self.colour()), number), seconds=0.5)

    def texts(self):
        """Five texts, whose names stay: their lengths, their vectors, and how alike those are."""
        chart = self.bars("encoder.lengths.tokens", "encoder.sentences", digits=None, length=4.5)
        for i in range(len(chart.bars)):
            chart.row(i).shift([0, -0.05 * i, 0])  # a row of a matrix is so much higher
        chart.move_to([0, 0.2, 0]).align_to([-6.2, 0, 0], LEFT)
        axis = chart.submobjects[-1]
        note = self.text("words of each text", "detail", "faint").stand(axis.get_x(), NOTE)
        self.say("And texts are short or long, while a network takes a fixed number of inputs.")
        self.show(*chart.names, axis, seconds=0.6)
        self.play(LaggedStart(*(GrowFromEdge(bar, LEFT) for bar in chart.bars), lag_ratio=0.25, run_time=1.5))
        self.show(*chart.values, note, seconds=0.5, how="fade")
        self.rest()
        self.hide(*chart.bars, *chart.values, axis, note)
        self.cosines(self.vectors(chart), chart)

    def beside(self, grid, chart):
        """Put the rows of a matrix beside the names of the texts."""
        across = chart.names[0].get_right()[0] + 0.35 - grid.cells[0][0].get_left()[0]
        return grid.shift([across, chart.bars[2].get_y() - grid.cells[2][0].get_y(), 0])

    def vectors(self, chart):
        """The same texts, each as a row of one width."""
        rows = self.beside(self.matrix("encoder.vectors", cols=5, digits=2), chart)
        width = self.text("<embedding|{encoder.width}> numbers for every text", "detail", "faint")
        width.stand(rows.cells[0][0].get_left()[0], NOTE)
        self.say("The solution: every text becomes one dense vector of {encoder.width} numbers.")
        self.show(rows)
        self.show(width, seconds=0.5, how="fade")
        self.rest(0.5)
        return rows, width

    def cosines(self, gone, chart):
        """How alike the texts are, pair by pair."""
        grid = self.matrix("encoder.similarity", digits=2, family="attention")
        self.beside(self.name_columns(grid, ["dog", "puppy", "ships", "boat", "love"]), chart)
        self.hide(*gone)
        self.say("Texts that mean alike point alike. The cosine measures it: one is the same.")
        self.show(grid)
        pairs = [self.frame_around(grid.cells[i][i + 1], colour="attention", room=0.02) for i in (0, 2)]
        self.say("The dog is near the puppy, the ships near the boat, though few words are shared.")
        self.play(LaggedStart(*map(Create, pairs), lag_ratio=0.8))

    def history(self):
        """One-hot, counts, dense: a strip of real cells for each, the first two of the same columns."""
        before = self.strip("one-hot", "columns.onehot", None, "{matrix.V} numbers, one of them is {=1}", 1.2)
        counts = self.strip("counts", "columns.counts", None, "{matrix.V} numbers: how often each word occurs", -0.35)
        dense = self.strip("dense", "encoder.vectors", 2, "{encoder.width} numbers, learnt from text", -1.9)
        self.say("It took decades: first one-hot vectors, then counts of words,")
        self.show(before)
        self.show(counts)
        self.say("then dense vectors. They are short, and they are learnt.")
        self.show(dense)

    def strip(self, name, values, digits, note, y):
        """A name, some cells of a recorded row with dots where it goes on, and what its numbers are."""
        cells = self.matrix(values, rows=1, cols=5, digits=digits)
        cells.remove(*(part for part in cells if getattr(part, "string", "") == "⋮"))
        first, last = cells.cells[0][0], cells.cells[0][-1]
        if values.startswith("columns."):
            for edge in (first.get_left()[0] - 0.32, last.get_right()[0] + 0.32):
                cells.add(self.text("…", "detail", "faint").move_to([edge, first.get_y(), 0]))
        if values == "columns.onehot":
            self.name_columns(cells, "columns.words")
        cells.shift([-2.4 - first.get_left()[0], y - first.get_y(), 0])
        word = self.text(name).stand(-4.7, y - 0.1)
        said = self.text(note, "detail", "faint").stand(-2.4, y - 0.75)
        return self.block(word, cells, said)
