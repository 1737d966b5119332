"""Step 12, troubles and cures: runs that fail, in red, and in green what helped, mostly one thing changed."""

from manim import LEFT, Create, Dot, FadeIn, GrowFromEdge

from hornbook.film.scene import FilmScene

EDGE, RIGHT_HALF, MIDDLE, BELOW = -6.4, 0.9, 0.45, -2.55
WRONG, CURED, ALSO = "loss", "attention", "stream"


def changed(wrong, cured):
    """A template: the value of the trouble in red, an arrow, the value of the cure in green."""
    return f"<{WRONG}|{{trouble.{wrong}}}> → <{CURED}|{{trouble.{cured}}}>"


class Step12(FilmScene):
    """Five groups of troubles, each on a real run that fails, beside its cure."""

    accent = "loss"

    def construct(self):
        self.head = self.header("Troubles and cures")
        key = self.text(f"<{WRONG}|the trouble>   <{CURED}|its cure>", "detail")
        kept = [self.head, key.stand(6.4 - key.width, 3.2)]
        self.show(*kept)
        parts = (self.not_converging, self.memory, self.poor_rows, self.overfitting, self.gradients)
        for part in parts:
            part()
            self.clear_section(keep=kept if part != parts[-1] else ())

    def topic(self, words):
        """What this part is about, behind the header."""
        text = self.text(words, "content", "faint")
        self.show(text.stand(self.head.get_right()[0] + 0.55, 3.2), how="fade", seconds=0.3)

    def not_converging(self):
        """A rate too low, a rate too high, first values too wide, each beside the right one."""
        axes = ("trouble.rate.steps", "step", "training loss")
        low = self.chart("rate.low.loss", "rate.good.loss", axes, EDGE, (5, 9))
        high = self.chart("rate.high.loss", "rate.good.loss", axes, -2.0, (0, 180))
        wide = self.chart("init.large.loss", "init.good.loss", axes, 2.4, (5, 30))
        self.say("Not converging? A rate too low crawls, too high it jumps about.")
        self.topic("not converging")
        good = "rate.good.final:.1f"
        rate = "rate " + changed("rate.lr[0]:.5f", "rate.lr[1]:.3f")
        self.race(low, rate + "\nheld-out loss " + changed("rate.low.final:.1f", good))
        rate = "rate " + changed("rate.lr[2]:.0f", "rate.lr[1]:.3f")
        self.race(high, rate + "\nheld-out loss " + changed("rate.high.final:.1f", good))
        self.say("First values drawn too wide begin far off, and stay behind to the end.")
        spread = "initial spread " + changed("init.std[1]:.0f", "init.std[0]:.2f")
        self.race(wide, spread + "\nheld-out loss " + changed("init.large.final:.1f", "init.good.final:.1f"))

    def memory(self):
        """Ever larger batches and texts: their bytes, in red those that did not run in the allotted ones."""
        self.say("Out of memory? In {trouble.memory.allotted} bytes the red ones failed.")
        self.topic("out of memory")
        self.sizes("batches", "bytes of a batch, by its windows", "smaller batches", EDGE)
        self.say("Half the batch takes half, half the length about a quarter.")
        self.sizes("lengths", "bytes of a text, by its tokens", "shorter texts", 0.3)
        self.rest(0.6)

    def sizes(self, of, title, cure, x):
        """Bars of bytes by size; those that did not run are the trouble, with the words it ended with."""
        count = len(self.value(f"trouble.{of}.sizes"))
        names = [f"{{trouble.{of}.sizes[{i}]}}" for i in range(count)]
        chart = self.bars(f"trouble.{of}.bytes", names, digits=None, length=3.0, family=WRONG)
        for bar, ran in zip(chart.bars, self.value(f"trouble.{of}.ran")):
            bar.set_fill(self.colour(CURED if ran else WRONG))
        self.grow(self.left(chart, x, 0.1), self.text(title, "detail", "faint"))
        up = self.text(f"↑ {cure}", "detail", CURED)
        complaint = self.text(f"“{{trouble.{of}.complaint}}”", "small", WRONG)
        up.move_to([chart.bars[0].get_left()[0] + up.width / 2, -1.8, 0])
        self.show(up, self.left(complaint, x, -2.65), how="fade")

    def poor_rows(self):
        """The nearest words after little and after much text; unknown words by the size of the vocabulary."""
        rows = [["after {trouble.words.few.count} words", "", "after {trouble.words.all.count} words", ""]]
        for i in range(4):
            row = []
            for text, family in (("few", WRONG), ("all", CURED)):
                row += [f"<{family}|{{trouble.words.{text}[{i}]}}>", f"{{trouble.words.{text}.cosines[{i}]:.3f}}"]
            rows.append(row)
        table = self.table(rows, "lrlr", [1.5, 1.4, 1.75, 1.6])
        title = self.text("nearest to “{trouble.words.word}”", "detail", "faint")
        self.say("Poor embeddings? After so little text, every word is like every other.")
        self.topic("poor embeddings")
        self.show(self.left(title, EDGE, 2.0), self.left(table, EDGE - 0.1, 0.1))
        sizes = [f"{{tokens.unknown.entries[{i}]}}" for i in range(6)]
        chart = self.bars("tokens.unknown.shares", sizes, digits=3, length=2.8)
        for bar in chart.bars[1:]:
            bar.set_fill(self.colour(CURED))
        title = self.text("share of <UNK>, by vocabulary", "detail", "faint")
        self.say("A small vocabulary misses words: take more, or cut words into pieces.")
        self.grow(self.left(chart, RIGHT_HALF, -0.1), title)

    def overfitting(self):
        """Held-out loss of a short text: to the end, with dropout, and stopped early."""
        self.say("Overfitting? A short text is learnt by heart; held-out loss rises.")
        self.topic("overfitting")
        axes = ("trouble.fit.steps", "step", "held-out loss")
        chart = self.chart("fit.none.validation", "fit.dropout.validation", axes, EDGE, (5.5, 7.5), (4.9, 3.4), ALSO)
        until, losses = (self.value(f"trouble.fit.stopped.{of}") for of in ("steps", "validation"))
        chart.draw(until, losses, self.colour(CURED))
        stopped = chart.curves.pop()
        chart.remove(stopped)
        self.race(chart)
        rows = [["loss", f"<{WRONG}|without>", f"<{ALSO}|dropout {{trouble.fit.dropout.rate:.1f}}>",
                 f"<{CURED}|stopped>"]]  # fmt: skip
        for title, kept, best in (("held-out", "last", "none.best"), ("training", "last.train", "stopped.train")):
            rows.append([title, f"<{WRONG}|{{trouble.fit.none.{kept}:.2f}}>",
                         f"<{ALSO}|{{trouble.fit.dropout.{kept}:.2f}}>",
                         f"<{CURED}|{{trouble.fit.{best}:.2f}}>"])  # fmt: skip
        self.show(self.left(self.table(rows, "lrrr"), -0.35, MIDDLE))
        self.say("Regularize: dropout hides numbers by lot. Stopping early does best here.")
        self.play(Create(stopped), run_time=0.7)
        best = chart.at(until[losses.argmin()], losses.min())
        self.show(Dot(best, radius=0.09, color=self.colour(CURED)), seconds=0.4, how="fade")

    def gradients(self):
        """Loss with and without clipping; the spread of numbers through layers with and without norms."""
        self.say("Gradients explode? Clip them: cut each to length {trouble.clip.limit:.0f} at most.")
        self.topic("gradients")
        clip = self.chart("clip.none.loss", "clip.clipped.loss", ("trouble.clip.steps", "step", "training loss"),
                          EDGE, (0, 40), (5.0, 2.7))  # fmt: skip
        longest = "longest gradient " + changed("clip.none.most:.0f", "clip.limit:.0f")
        self.race(clip, longest + "\nloss at the end " + changed("clip.none.final:.1f", "clip.clipped.final:.1f"))
        self.say("And normalize: without norms numbers grow from layer to layer.")
        axes = ("trouble.norm.layers", "layer", "spread of its numbers")
        norm = self.chart("norm.without", "norm.with", axes, RIGHT_HALF, (0, 5400), (4.4, 2.7))
        self.race(norm, "behind the last layer\n" + changed("norm.without[-1]:.0f", "norm.with[-1]:.1f"))

    def chart(self, wrong, cured, axes, x, y_range, size=(3.4, 2.7), family=CURED):
        """Axes from a left edge, with two lines that are not drawn yet: the trouble's, the cure's."""
        series = {f"trouble.{wrong}": WRONG, f"trouble.{cured}": family}
        made = self.curve(series, axes[0], axes[1:], size, y_range)
        made.shift([x + 0.6 - made.frame.get_left()[0], MIDDLE - made.frame.get_y(), 0])
        made.lines, made.curves = made.curves, []
        made.remove(*made.lines)
        return made

    def race(self, chart, words=None):
        """Draw the axes, the run that fails, the run that is cured, and what became of them."""
        self.show(chart, seconds=0.4)
        self.play(Create(chart.lines[0]), run_time=0.7)
        if words:
            text = self.text(words, "detail")
            self.show(self.left(text, chart.frame.get_left()[0], BELOW), seconds=0.4, how="fade")
        self.play(Create(chart.lines[1]), run_time=0.7)

    def grow(self, chart, title):
        """Bars under their title, one after the other."""
        self.show(self.left(title, chart.get_left()[0], 2.0), chart.submobjects[-1], how="fade", seconds=0.4)
        for place, bar in enumerate(chart.bars):
            labels = (FadeIn(label, run_time=0.35) for label in (chart.names[place], chart.values[place]))
            self.play(GrowFromEdge(bar, LEFT, run_time=0.35), *labels)

    def left(self, made, x, y):
        """Put an element's left edge at x, its middle at y."""
        return made.move_to([x + made.width / 2, y, 0])
