"""Step 9, the training loop: the lines of the film's program, what each costs, and where held-out loss turns."""

from manim import Create

from hornbook.film.scene import FilmScene

EXAMPLE = "film/example.py"
BATCH, FORWARD, LOSS, CLEAR, CLIP, UPDATE, TRIED = 3, 4, 5, 6, 8, 9, 10  # lines of its loop, the first being 0


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
        """The program's loop, its lines lit as they are told, each with its share of the time."""
        code = self.code(file=EXAMPLE, part="train")
        code.move_to([-6.15 + code.width / 2, -0.2, 0])
        self.say("Training is a loop. A batch is cut from the text, as windows of ids.")
        self.show(code)
        light, shares = self.light(code, BATCH, BATCH), self.shares(code)
        self.play(Create(light))
        self.show(*shares[:2])
        for first, last, said, parts in (
            (FORWARD, FORWARD, "Forward: the model gives every next token a score.", shares[2:3]),
            (LOSS, LOSS, "The loss compares the scores with what came.", shares[3:4]),
            (CLEAR, CLIP, "Backward: the gradient of every parameter, long ones cut short.", shares[4:7]),
            (UPDATE, UPDATE, "The optimizer moves the parameters, and it begins again.", shares[7:]),
        ):
            self.say(said)
            self.play(light.animate.become(self.light(code, first, last)), run_time=0.6)
            self.show(*parts, lag=0.4, seconds=0.5)
        self.say("Now and then the model is tried on text that it does not learn from.")
        self.play(light.animate.become(self.light(code, TRIED, TRIED + 1)), run_time=0.6)

    def shares(self, code):
        """Beside each line of a step, from the batch on, what share of the time it takes; over them what they are."""
        parts = range(len(self.value("train.parts")))
        texts = [f"{{train.parts[{i}]}} <loss|{{train.shares[{i}]:.1%}}>" for i in parts]
        rows = [self.text(text, "detail") for text in texts]
        rows.insert(0, self.text("share of the time", "detail", "faint"))
        for row, line in zip(rows, code.lines[BATCH - 1 :]):
            middle = line.get_center()[1] - row.get_center()[1]
            row.shift([code.get_right()[0] + 0.6 - row.get_left()[0], middle, 0])
        return self.block(*rows)

    def light(self, code, first, last):
        """A bar beside some lines of the code."""
        x = code.get_left()[0] - 0.15
        ends = code.lines[first].get_top()[1], code.lines[last].get_bottom()[1]
        return self.line([x, ends[0], 0], [x, ends[1], 0], "loss").set_stroke(width=6)

    def curve_of_the_run(self):
        """Training loss goes on down, held-out loss turns: the weights of its lowest point are kept."""
        series = {"train.eval.train": "faint", "train.eval.loss": "loss"}
        chart = self.curve(series, "train.eval.steps", ("step", "loss (nats a token)"), (6.8, 3.9), (4.0, 7.5))
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
