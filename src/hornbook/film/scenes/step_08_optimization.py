"""Step 8, optimisation: descent, momentum and Adam on one model; rare rows; schedules, batches, epochs."""

from hornbook.film.scene import FilmScene

LEFT = -6.4


class Step8(FilmScene):
    """Why Adam, which rate, which batch: answered by runs that differ in one thing each."""

    accent = "loss"

    def construct(self):
        top = self.header("Optimization: taking good steps")
        self.show(top)
        self.three_optimizers()
        self.clear_section(keep=[top])
        self.rare_rows()
        self.clear_section(keep=[top])
        self.schedule_and_batches()
        self.clear_section()

    def three_optimizers(self):
        """Training loss of SGD, momentum and Adam: same model, same data, same seed."""
        series = {"optim.sgd.loss": "faint", "optim.momentum.loss": "embedding", "optim.adam.loss": "loss"}
        chart = self.curve(series, "optim.steps", ("step", "training loss (nats, mean of ten steps)"), (6.6, 3.9))
        chart.move_to([-2.6, -0.4, 0])
        lines, chart.curves = chart.curves, []
        chart.remove(*lines)
        rows = [["", "rate", "held-out loss"]]
        for i, family in enumerate(("faint", "embedding", "loss")):
            rows.append([f"<{family}|{{optim.names[{i}]}}>", f"{{optim.lr[{i}]:.3f}}", f"{{optim.final[{i}]:.3f}}"])
        table = self.table(rows, "lrr")
        table.move_to([6.3 - table.width / 2, 0.3, 0])
        self.say("SGD steps down the slope of a random batch, at one rate for all numbers.")
        self.show(chart)
        self.trace(lines[0], lines[1])
        self.say("Adam keeps two means a number: where it goes, and how far it usually jumps.")
        self.show(table)
        self.trace(lines[2])

    def rare_rows(self):
        """How far rows of frequent and of rare words move in one step of each."""
        rows = [["row of", "read in the run", "SGD moved it", "Adam moved it"]]
        for i in range(len(self.value("optim.rare.words"))):
            rows.append([f"<embedding|{{optim.rare.words[{i}]}}>", f"{{optim.rare.counts[{i}]}}",
                         *(f"{{optim.rare.{name}[{i}]:.3f}}" for name in ("sgd", "adam"))])  # fmt: skip
        table = self.table(rows, "lrrr").move_to([0, 0.3, 0])
        self.say("That matters for embeddings: a rare word's row gets few gradients.")
        self.show(table)
        self.say("SGD hardly moves it. Adam divides by what is usual for it: it moves too.")
        self.show(self.frame_around(*table.values[-1][-2:]), how="fade")

    def schedule_and_batches(self):
        """The rate over the run; batches of three sizes after the same number of tokens."""
        series = {"optim.schedule.cosine": "loss", "optim.schedule.trapezoid": "embedding"}
        chart = self.curve(
            series, "optim.schedule.progress", ("share of the run", "share of the peak rate"), (4.4, 2.8), (0, 1)
        )
        chart.move_to([-3.9, 0.6, 0])
        self.say("A schedule: warm up, then fall to zero. Large steps first, small ones last.")
        names = self.text("<loss|cosine>\n<embedding|trapezoid>", "small")
        names.move_to([-6.0 + names.width / 2, -1.95, 0])
        self.show(chart, names)
        rows = [["windows a batch", "held-out loss", "bytes", "seconds"]]
        for i in range(len(self.value("optim.batch.sizes"))):
            rows.append([f"{{optim.batch.sizes[{i}]}}", f"{{optim.batch.final[{i}]:.3f}}",
                         f"{{optim.batch.bytes[{i}]}}", f"{{optim.batch.seconds[{i}]:.1f}}"])  # fmt: skip
        table = self.table(rows, "rrrr", size="small")
        table.move_to([6.4 - table.width / 2, 0.9, 0])
        self.say("After the same tokens the largest batch is behind: few steps, much memory.")
        self.show(table)
        epoch = self.text("an epoch: {optim.epoch.steps:.0f} steps, {optim.epoch.tokens} tokens", "detail")
        self.say("Once through all the text is an epoch. Training takes several.")
        self.show(epoch.move_to([0, -2.2, 0]))

    def trace(self, *lines):
        """Draw curves from left to right."""
        from manim import Create

        self.add(*lines)
        self.play(*(Create(line, run_time=1.2) for line in lines))
