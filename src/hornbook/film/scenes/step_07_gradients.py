"""Step 7, gradients: the chain rule down to the embedding, the rows it reaches, and one row through one step."""

from manim import UP, VGroup

from hornbook.film.scene import FilmScene

CHAIN = (
    r"\frac{\partial L}{\partial \textcolor{E}{E}} = \frac{\partial L}{\partial \textcolor{z}{z}}"
    r" \cdot \frac{\partial \textcolor{z}{z}}{\partial \textcolor{h}{h}}"
    r" \cdot \frac{\partial \textcolor{h}{h}}{\partial \textcolor{E}{E}}"
)
RULE = r"\textcolor{E}{E}_{\mathrm{new}} = \textcolor{E}{E} - \num{grad.row.lr:.1f} \cdot \textcolor{g}{g}"
LEFT = -6.4


class Step7(FilmScene):
    """Backpropagation to the embedding matrix, and what a step of descent does to its rows."""

    accent = "loss"

    def construct(self):
        top = self.header("Gradients: how the matrix learns")
        self.show(top)
        self.chain()
        self.clear_section(keep=[top])
        self.rows()
        self.clear_section(keep=[top])
        self.one_step()
        self.clear_section()

    def chain(self):
        """The chain rule, and the gradient's norm at every station from the logits to the embedding."""
        rule = self.formula(CHAIN, E="embedding", z="mlp", h="attention")
        rule.move_to([LEFT + rule.width / 2, 1.4, 0])
        key = self.text(
            "<mlp|z> logits\n<attention|h> hidden states\n<embedding|E> embedding matrix, wte", "detail", "faint"
        )
        key.move_to([LEFT + key.width / 2, -0.6, 0])
        self.say("Which way should each number move to lower the loss? Follow it backwards.")
        self.show(rule, key, lag=0.5)
        path = self.bars("grad.path.norms", names="grad.path.names", length=3.6).move_to([3.0, 0.1, 0])
        title = self.text("size of the gradient, station by station", "small", "faint")
        title.move_to([path.get_left()[0] + title.width / 2, path.get_top()[1] + 0.65, 0])
        self.say("Each part passes its share on. The norm in front of layer one magnifies it.")
        self.show(title, *(path.row(i) for i in range(len(path.bars))), lag=0.6, seconds=0.6)

    def rows(self):
        """Which rows of the matrix receive a gradient: those that were read."""
        used = self.bars("grad.rows.norms", names="grad.rows.words", length=4.2).move_to([-3.0, -0.2, 0])
        title = self.text("gradient of each row that was read", "small", "faint")
        title.move_to([used.get_left()[0] + title.width / 2, used.get_top()[1] + 0.6, 0])
        self.say("In the embedding it reaches only the rows of the words that were read.")
        self.show(title, used, lag=0.4)
        count = self.text("<loss|{grad.rows.used}> rows of {grad.rows.V}", "header").move_to([3.4, 0.9, 0])
        others = self.text("largest gradient in any other row", "detail", "faint").move_to([3.4, -0.3, 0])
        zero = self.number("grad.rows.unused_max", digits=1).move_to([3.4, -0.95, 0])
        self.say("All other rows get exactly nothing. They will not move.")
        self.show(count, self.block(others, zero), lag=0.4)

    def one_step(self):
        """A row before, its gradient, the row after; then the loss, and the check by a nudge."""
        rule = self.formula(RULE, E="embedding", g="loss")
        names = ("before", "gradient", "after")
        grids = [self.matrix(f"grad.row.{name}", family=None if name == "gradient" else "embedding", digits=3)
                 for name in names]  # fmt: skip
        for name, grid in zip(names, grids):
            self.name_rows(grid, [name])
        stack = VGroup(*grids).arrange(-UP, buff=0.25)
        for grid in grids:
            grid.shift([5.2 - grid.get_right()[0], 0, 0])
        stack.shift([0, 0.1 - stack.get_center()[1], 0])
        left = grids[0].cells[0][0].get_left()[0]
        rule.move_to([left + rule.width / 2, 1.9, 0])
        word = self.text("the row of <embedding|{grad.row.word}>", "detail")
        word.move_to([5.2 - word.width / 2, 1.9, 0])
        self.say("One step of descent: the row, minus the rate times its gradient.")
        self.show(rule, word, lag=0.3)
        self.show(*grids, lag=0.6)
        loss = self.text("loss {grad.loss.before:.4f} → <loss|{grad.loss.after:.4f}>")
        loss.move_to([left + loss.width / 2, -2.2, 0])
        self.say("All weights step so, and the loss of this sentence falls.")
        self.show(loss)
        check = self.text("by a nudge {grad.check.numeric:.6f}\nby the rule  {grad.check.analytic:.6f}", "detail")
        self.say("A check: nudge one number by hand. The loss changes as the gradient says.")
        self.show(check.move_to([5.2 - check.width / 2, -2.2, 0]))
