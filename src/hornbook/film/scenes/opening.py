"""The opening: an encoder that hornbook trained finds passages of a novel, a language model goes on with a sentence."""

from manim import LEFT, GrowFromEdge, LaggedStart, Rectangle

from hornbook.film import charts
from hornbook.film.scene import FilmScene
from hornbook.film.script import TITLE

LEFT_SIDE, FIRST, PITCH, LONGEST = -6.2, 0.75, 1.2, 11.0
SOURCE = "word2vec, after {encoder.words} words of {encoder.novels} novels; a text is a weighted mean of its words"
CONTEXT = 1  # the beginning that is gone on with: two words of the film's sentence


class Opening(FilmScene):
    """What will stand at the end of the film: search by meaning, and the next word."""

    accent = "embedding"

    def construct(self):
        for part in (self.search, self.predict, self.promise):
            part()
            self.clear_section()

    def search(self):
        """A question is typed; the three nearest passages come with their cosines."""
        words = self.typed("encoder.search.query", 2.2)
        field = self.frame_around(*words, room=0.28)
        results = [self.result(i) for i in range(3)]
        cosine = self.text("cosine", "small", "faint").stand(LEFT_SIDE, FIRST + 0.55)
        source = self.text(f"its encoder: {SOURCE}", "small", "faint").stand(LEFT_SIDE, -2.95)
        self.block(cosine, *(part for result in results for part in result[:2]))
        self.say("Someone asks a novel a question, in words of their own.")
        self.show(field, how="fade")
        self.show(*words, seconds=0.3, lag=0.7, how="fade")
        self.say("The encoder looks through {encoder.search.count} passages. These three are nearest in meaning.")
        self.show(cosine, source, seconds=0.5, how="fade")
        for score, passage, bar in results:
            self.play(GrowFromEdge(bar, LEFT), run_time=0.5)
            self.show(score, passage, seconds=0.5)
        self.rest(3.9)

    def typed(self, name, y):
        """A recorded text as one label a word, side by side."""
        labels, x = [], LEFT_SIDE + 0.28
        for word in self.value(name).split():
            labels.append(self.text(word).stand(x, y))
            x = labels[-1].get_right()[0] + 0.13
        self.block(*labels)
        return labels

    def result(self, i):
        """The cosine of passage i, how it begins, and under both a bar as long as the cosine."""
        y = FIRST - PITCH * i - 0.1
        score = self.number("encoder.search.scores", i, digits=2, size="detail", colour="embedding")
        passage = self.text(f"{{encoder.search.passages[{i}]}}", "small")
        bar = Rectangle(width=LONGEST * self.value("encoder.search.scores", i), height=0.07, stroke_width=0)
        bar.set_fill(self.colour(), 1).move_to([LEFT_SIDE, y - 0.25, 0], aligned_edge=LEFT)
        return score.stand(LEFT_SIDE, y), passage.stand(LEFT_SIDE + 0.85, y), bar

    def predict(self):
        """A beginning, and the five words that the film's own model finds likeliest."""
        prompt = self.text(f"{{task.contexts[{CONTEXT}]}} …", "header").move_to([-3.6, 0.2, 0])
        chart = self.next_words().move_to([1.6, 0.2, 0])
        self.say("Another model goes on with a sentence.")
        self.show(prompt)
        self.say("Each bar is a word that may come next, and how likely it is.")
        self.grow(chart)

    def next_words(self):
        """Bars of the likeliest words, each with its probability."""
        rows = range(len(self.value("task.top.probs", CONTEXT)))
        names = [self.text(f"{{task.top.words[{CONTEXT * len(rows) + i}]}}", "detail") for i in rows]
        values = [self.number("task.top.probs", (CONTEXT, i), digits=2, size="detail") for i in rows]
        numbers = self.value("task.top.probs", CONTEXT)
        return self.element(charts.bars(names, values, numbers, [self.colour("mlp")] * len(rows), 4.5, step=0.62))

    def grow(self, chart):
        """The words, then bar by bar the probabilities."""
        self.show(*chart.names, chart.submobjects[-1], seconds=0.5, how="fade")
        self.play(LaggedStart(*(GrowFromEdge(bar, LEFT) for bar in chart.bars), lag_ratio=0.3, run_time=1.5))
        self.show(*chart.values, seconds=0.5, how="fade")

    def promise(self):
        """The film's title."""
        title, below = TITLE.split(": ")
        above = self.text(title, "title").move_to([0, 0.55, 0])
        under = self.text(below, colour="faint").move_to([0, -0.35, 0])
        self.block(above, under)
        self.say("Every result in this film is from a real run. You will build an encoder.")
        self.show(above, under, lag=0.4)
