"""Step 9, the training loop: its lines, what each costs, and where the held-out loss turns."""

from manim import Create

from hornbook.film.scene import FilmScene

PARTS = ("batch", "forward", "loss", "backward", "clip", "update")
LINES = """\
for step in range(steps):
    ids = batch_of(stream, step)
    logits = model(ids[:, :-1])
    loss = cross_entropy(logits, ids[:, 1:])
    loss.backward()
    clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    if step % every == every - 1:
        validate(model, held_out)"""


class Step9(FilmScene):
    """The loop of training, and the curve that says when to stop."""

    accent = "loss"

    def construct(self):
        top = self.header("The training loop")
        self.show(top)
        self.loop()
        self.clear_section(keep=[top])
        self.curve_of_the_run()
        self.clear_section()

    def loop(self):
        """Six lines, each lit as it is told, with its share of the time."""
        code = self.code(LINES).move_to([-2.6, -0.1, 0])
        self.say("Training is a loop. A batch is cut from the text, as windows of ids.")
        self.show(code)
        light, shares = self.light(code, 1, 1), self.shares(code)
        self.play(Create(light))
        self.show(*shares[:2])
        for line, said, parts in (
            (2, "Forward: the model gives every next token a score.", PARTS[1:2]),
            (3, "The loss compares the scores with what came.", PARTS[2:3]),
            (4, "Backward: the gradient of every parameter, long ones cut short.", PARTS[3:5]),
            (6, "The optimizer moves the parameters, and it begins again.", PARTS[5:]),
        ):
            self.say(said)
            self.play(light.animate.become(self.light(code, line, line + (line >= 4))), run_time=0.6)
            self.show(*(shares[1 + PARTS.index(part)] for part in parts), lag=0.4, seconds=0.5)
        self.say("Now and then the model is tried on text that it does not learn from.")
        self.play(light.animate.become(self.light(code, 8, 9)), run_time=0.6)

    def shares(self, code):
        """Beside each line of the code what share of a step's time its part takes."""
        texts = ["share of the time", *(f"{part} <loss|{{train.shares[{i}]:.1%}}>" for i, part in enumerate(PARTS))]
        rows = [self.text(text, "detail", "ink" if i else "faint") for i, text in enumerate(texts)]
        for row, line in zip(rows, code.lines):
            middle = line.get_center()[1] - row.get_center()[1]
            row.shift([code.get_right()[0] + 0.8 - row.get_left()[0], middle, 0])
        return self.block(*rows)

    def light(self, code, first, last):
        """A bar beside some lines of the code."""
        x = code.get_left()[0] - 0.15
        ends = code.lines[first].get_top()[1], code.lines[last].get_bottom()[1]
        return self.line([x, ends[0], 0], [x, ends[1], 0], "loss").set_stroke(width=6)

    def curve_of_the_run(self):
        """Training loss goes on down, held-out loss turns: the weights of its lowest point are kept."""
        series = {"train.eval.train": "faint", "train.eval.loss": "loss"}
        chart = self.curve(series, "train.eval.steps", ("step", "loss (nats a token)"), (6.8, 3.9), (4.0, 6.2))
        chart.move_to([-2.5, -0.4, 0])
        lines, chart.curves = chart.curves, []
        chart.remove(*lines)
        self.say("The run of this film: {train.max_steps} steps, {train.epochs:.1f} times through the novel.")
        self.show(chart)
        key = self.text("<faint|training>\n<loss|held out>", "detail")
        self.show(self.note(key, 1.9))
        self.play(*(Create(line, run_time=3) for line in lines))
        best = self.value("train.best.step"), self.value("train.best.loss")
        mark = self.line(chart.at(best[0], 4.0), chart.at(*best), "ink")
        found = self.text("lowest held-out loss\n<loss|{train.best.loss:.3f}> at step {train.best.step}", "detail")
        self.say("On its own text it goes on improving. On the held-out text not: overfitting.")
        self.play(Create(mark))
        self.show(self.note(found, 0.5))
        stop = self.text(
            "{train.patience} validations\nwithout a better one:\nstop at step {train.patience.step}", "detail"
        )
        self.say("Early stopping: wait a while for a better one, then keep the best weights.")
        self.show(self.note(stop, -1.1))

    def note(self, text, y):
        """Put a text in the column right of the chart."""
        return text.move_to([2.6 + text.width / 2, y, 0])
