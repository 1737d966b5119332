"""Step 6, the loss: logits → probabilities → −ln of the one that should have come, every number computed."""

from hornbook.film.scene import FilmScene

LEFT_COLUMN, GRID = -4.55, 1.9


class Step6(FilmScene):
    """Softmax and cross-entropy of seven logits, and why it is cross-entropy."""

    accent = "loss"

    def construct(self):
        self.top = self.header("The loss: how wrong is a prediction?")
        self.show(self.top)
        self.softmax()
        self.cross_entropy()
        self.why()
        self.clear_section()

    def softmax(self):
        """Logits, their exponentials, their shares of the sum: three rows under each other."""
        notes = [self.formula(r"\textcolor{z}{z_i}", z="stream"), self.formula(r"e^{\textcolor{z}{z_i}}", z="stream"),
                 self.formula(r"\textcolor{p}{p_i} = \frac{e^{\textcolor{z}{z_i}}}{\sum_j e^{z_j}}", p="loss", z="stream")]  # fmt: skip
        self.rows = [self.matrix(f"loss.example.{name}", heat=name == "probs") for name in ("logits", "exp", "probs")]
        for note, row, y in zip(notes, self.rows, (2.15, 1.05, -0.15)):
            note.move_to([LEFT_COLUMN, y, 0])
            row.move_to([GRID, y, 0])
        total = self.text("sum {loss.example.exp_sum:.2f}", "detail", "faint").move_to([5.5, 1.05, 0])
        self.say("Seven tokens could come next. The model gives each a score, a logit.")
        self.show(notes[0], self.rows[0], lag=0.3)
        self.say("Softmax makes them probabilities: raise e to each, then divide by the sum.")
        self.show(notes[1], self.rows[1], total, lag=0.3)
        self.show(notes[2], self.rows[2], lag=0.3)

    def cross_entropy(self):
        """The probability of the target, and minus its logarithm."""
        target = self.frame_around(self.rows[2].cells[0][5])
        asked = self.text("the token that did come", "detail", "loss").move_to([GRID, -1.25, 0])
        arrow = self.arrow([GRID + 2.0, -1.05], [GRID + 2.4, -0.55], "loss")
        loss = self.formula(
            r"L = -\ln \textcolor{p}{p_{\mathrm{target}}} = -\ln \num{loss.example.p_target:.3f} = \num{loss.example.loss:.3f}",
            p="loss",
        ).move_to([0, -2.3, 0])
        self.say("Then the text shows which one it was. Only its probability counts.")
        self.show(target, asked, arrow, lag=0.2)
        self.say("Cross-entropy is minus its logarithm: {loss.example.loss:.2f} nats. Certain and right costs nothing.")
        self.show(loss)

    def why(self):
        pass
