"""Step 6, the loss: logits → probabilities → −ln of the one that should have come, every number computed."""

from manim import Create

from hornbook.film.scene import FilmScene

NOTES, GRID = -4.6, 0.7  # the middles of the column of formulas and of the rows of numbers
LOGIT, EXP, SHARE = (
    r"\textcolor{z}{z_i}",
    r"e^{\textcolor{z}{z_i}}",
    r"\textcolor{p}{p_i} = \frac{e^{\textcolor{z}{z_i}}}{\sum_j e^{\textcolor{z}{z_j}}}",
)
LOSS = (
    r"\textcolor{l}{L} = {-}\ln\, \textcolor{p}{p_{\mathrm{target}}}"
    r" = {-}\ln\, \textcolor{p}{\num{loss.example.p_target:.2f}} = \textcolor{l}{\num{loss.example.loss:.2f}}"
)


class Step6(FilmScene):
    """Softmax and cross-entropy of seven logits, and why it is cross-entropy."""

    accent = "loss"

    def construct(self):
        top = self.header("The loss: how wrong is a prediction?")
        self.show(top)
        self.softmax()
        self.cross_entropy()
        self.clear_section(keep=[top])
        self.why()
        self.clear_section()

    def softmax(self):
        """Logits, their exponentials, their shares of the sum: three rows under each other."""
        notes = [self.formula(latex, z="stream", p="loss") for latex in (LOGIT, EXP, SHARE)]
        self.rows = [self.matrix(f"loss.example.{name}", heat=name == "probs") for name in ("logits", "exp", "probs")]
        for note, row, y in zip(notes, self.rows, (2.15, 1.2, -0.15)):
            note.move_to([NOTES, y, 0])
            row.move_to([GRID, y, 0])
        total = self.text("sum {loss.example.exp_sum:.2f}", "detail", "faint").move_to([5.4, 1.2, 0])
        self.say("A small example: seven tokens may come next. Each has a score, its logit.")
        self.show(notes[0], self.rows[0], lag=0.3)
        self.say("Softmax makes them probabilities: raise e to each, divide by the sum.")
        self.show(notes[1], self.rows[1], total, lag=0.3)
        self.show(notes[2], self.rows[2], lag=0.3)

    def cross_entropy(self):
        """The probability of the target, and minus its logarithm."""
        target = self.rows[2].cells[0][5]
        frame = self.frame_around(target, room=0.04)
        asked = self.text("the token that came", "detail", "loss").move_to([target.get_x(), -1.4, 0])
        arrow = self.arrow(asked, target, "loss")
        self.say("Then the text shows which one came. Only its probability counts.")
        self.play(Create(frame))
        self.show(asked, arrow, lag=0.3)
        loss = self.formula(LOSS, p="stream", l="loss").move_to([GRID, -2.4, 0])
        self.say("Cross-entropy is minus its logarithm: here {loss.example.loss:.2f} nats.")
        self.show(loss)

    def why(self):
        """Sure and wrong costs without bound, and its slope stays; a squared error's slope is nearly none there."""
        titles = ("probability of what came", "loss (nats)")
        curve = self.curve({"loss.curve.loss": "loss"}, "loss.curve.p", titles, size=(4.6, 3.0))
        curve.move_to([-3.8, 0.1, 0])
        line = curve.curves[0]
        curve.remove(line)
        self.say("Why the logarithm? To be sure and wrong costs more and more.")
        self.show(curve, how="fade")
        self.play(Create(line, run_time=1.2))
        columns = ("p[{i}]:.4f", "grad.cross_entropy[{i}]:.2f", "grad.squared[{i}]:.4f")
        rows = [["{loss.wrong." + column.replace("{i}", str(i)) + "}" for column in columns] for i in (0, 1, 2, 4)]
        heads = ["p", "cross-entropy's slope", "squared error's"]
        slopes = self.table([heads, *rows], "lrr").move_to([2.9, 0.3, 0])
        self.say("And its slope stays steep there. That of the squared error all but dies.")
        self.show(slopes)
        self.rest(2.5)
