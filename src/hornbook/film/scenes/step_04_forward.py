"""Step 4, the forward pass: ids → rows → positions added → a padded batch, every array's shape and its bytes."""

from manim import DOWN, LEFT, RIGHT, UP, FadeIn, GrowFromEdge, LaggedStart, VGroup

from hornbook.film.scene import FilmScene
from hornbook.palette import FAINT, PAPER, blend


class Step4(FilmScene):
    """From a row of ids to the numbers that the layers read, alone and in a batch."""

    accent = "attention"

    def construct(self):
        top = self.header("The forward pass: from ids to vectors")
        self.show(top)
        for part in (self.rows, self.order, self.batch, self.memory):
            part()
            self.clear_section(keep=[top] if part != self.memory else ())

    def rows(self):
        """Seven ids read seven rows of E; then each place adds a row of its own."""
        kinds = {"embed": "embedding", "position": "attention", "sum": "stream"}
        grids = [self.matrix(f"forward.{name}", cols=2, family=family) for name, family in kinds.items()]
        names = [f"{{forward.words[{i}]}}   <embedding|{{forward.ids[{i}]}}>" for i in range(len(grids[0].cells))]
        self.name_rows(grids[0], names)
        picture = self.block(*grids).arrange(RIGHT, buff=1.1, aligned_edge=UP).move_to([0, -0.55, 0])
        heads = [self.head(grid, word) for grid, word in zip(
            grids, ("<embedding|rows of E>", "<attention|+ positions>", "<stream|= their sum>"))]  # fmt: skip
        self.block(picture, *heads)
        self.say("The ids of a sentence read their rows of E, one after the other.")
        self.show(*grids[0].row_labels, lag=0.1, seconds=0.5)
        self.come(heads[0], grids[0], seconds=2.0)
        self.say("A row does not say where its word stands. So every place adds one of its own.")
        self.come(heads[1], grids[1])
        self.come(heads[2], grids[2])

    def head(self, grid, word):
        """What a matrix is and its shape, over its columns."""
        text = self.text(word + "   <faint|{forward.shape[0]} × {forward.shape[1]}>", "small")
        return text.stand(grid.cells[0][0].get_left()[0], grid.cells[0][0].get_top()[1] + 0.25)

    def come(self, head, grid, seconds=1.2):
        """The rows of a matrix come in from the left, one after the other."""
        dots = [part for part in grid.submobjects if getattr(part, "role", "") == "tick"]
        rows = [VGroup(*grid.cells[i], *grid.values[i], dots[i]) for i in range(len(grid.cells))]
        self.show(head, seconds=0.4)
        self.play(LaggedStart(*(FadeIn(row, shift=0.15 * RIGHT) for row in rows), lag_ratio=0.4, run_time=seconds))

    def order(self):
        """Two words change places: the rows that are read stay the same, what the layers make of them does not."""
        one, other = "{forward.order.words[0]}", "{forward.order.words[1]}"
        row = self.tokens(["my", one, "saw", "my", other]).move_to([0, 1.3, 0])
        rows = [["cosine", "row of E", "after layers"]]
        rows += [[f"<embedding|{{forward.order.words[{i}]}}>", f"{{forward.order.cosine.embed[{i}]:.2f}}",
                  f"<attention|{{forward.order.cosine.hidden[{i}]:.2f}}>"] for i in (0, 1)]  # fmt: skip
        table = self.table(rows, "lrr", [2.9, 2.7, 2.9], size="content").move_to([0, -1.3, 0])
        self.say("Two words change places: the same rows are read, but the layers see the order.")
        self.show(row)
        self.exchange(row)
        self.show(table)
        self.hold(2.9)

    def exchange(self, row):
        """The second and the last token of a row change places, one over the others, one under them."""
        parts = [VGroup(box, piece) for box, piece in zip(row.boxes, row.pieces)]
        first, last = parts[1], parts[-1]
        left, right, wider = first.get_left()[0], last.get_right()[0], last.width - first.width
        self.play(first.animate.shift(0.8 * UP), last.animate.shift(0.8 * DOWN), run_time=0.5)
        self.play(
            first.animate.shift((right - first.get_right()[0]) * RIGHT),
            last.animate.shift((left - last.get_left()[0]) * RIGHT),
            *(part.animate.shift(wider * RIGHT) for part in parts[2:-1]),
            run_time=0.8,
        )
        self.play(first.animate.shift(0.8 * DOWN), last.animate.shift(0.8 * UP), run_time=0.5)

    def batch(self):
        """Three texts as one array of ids; the mask below it, and the padding greyed out."""
        ids = self.matrix("forward.batch.ids", digits=None, heat=False)
        mask = self.matrix("forward.batch.mask", digits=None, heat=False)
        self.same_columns(mask, ids)
        self.name_rows(ids, "forward.batch.texts")
        self.name_rows(mask, ["", "the mask", ""])
        ids.align_to([-6.2, 1.9, 0], LEFT + UP)
        mask.align_to(ids, RIGHT).set_y(-1.3)
        self.tint(ids, self.colour("embedding"))
        self.tint(mask, self.colour())
        shape = self.text(
            "<embedding|{forward.batch.shape[0]} × {forward.batch.shape[1]}> ids\n{forward.batch.padding:.0%} padding",
            "detail",
        ).move_to([5.2, ids.get_y(), 0])
        change = self.text("changes a text's\nown numbers by\n<attention|{forward.batch.difference:.0e}>", "detail")
        self.say("A GPU works on many texts at once: a batch, short ones filled with padding.")
        self.show(ids)
        self.show(shape)
        self.say("The mask greys it out. A text's own numbers stay the same but for rounding.")
        self.show(mask)
        self.grey_out(ids, mask)
        self.show(change.align_to(shape, LEFT).set_y(mask.get_y()))

    def same_columns(self, grid, model):
        """Give a matrix the columns of another one."""
        for j, cell in enumerate(model.cells[0]):
            column = grid.column(j)
            column.set_x(cell.get_x())
            VGroup(*(row[j] for row in grid.cells)).stretch_to_fit_width(cell.width)

    def tint(self, grid, colour):
        """One pale colour for all cells."""
        VGroup(*(cell for row in grid.cells for cell in row)).set_fill(blend(PAPER.dark, colour, 0.35), 1)

    def grey_out(self, *grids):
        """The padding of a batch fades: its cells to paper, its numbers to grey."""
        mask, moves = self.value("forward.batch.mask"), []
        for grid in grids:
            for cells, values, kept in zip(grid.cells, grid.values, mask):
                for cell, value, keep in zip(cells, values, kept):
                    if not keep:
                        moves += [cell.animate.set_fill(PAPER.dark, 1), value.animate.set_fill(FAINT.dark, 1)]
        self.play(*moves, run_time=0.8)

    def memory(self):
        """Every array of a batch with its shape, and a bar as long as its bytes."""
        names = [f"{{forward.arrays[{i}]}}   <faint|{{forward.shapes.batch[{i}]}}>"
                 for i in range(len(self.value("forward.arrays")))]  # fmt: skip
        chart = self.bars("forward.bytes.batch", names, digits=None, length=5.2).move_to([0, -0.5, 0])
        head = self.text("a batch of {forward.shapes.batch[0]} tokens: bytes of every array", "detail", "faint")
        head.move_to([0, 1.9, 0]).align_to(chart, LEFT)
        self.say("Follow the shapes. The logits cost most: a number for every word, at every place.")
        self.show(head, *chart.names, chart.submobjects[-1], seconds=0.6)
        self.play(LaggedStart(*(GrowFromEdge(bar, LEFT) for bar in chart.bars), lag_ratio=0.2, run_time=1.6))
        self.show(*chart.values, seconds=0.5, how="fade")
