"""Step 11, the whole code: an encoder in plain PyTorch, part by part, and the film's settings with reasons."""

from manim import DOWN, LEFT, VGroup

from hornbook.film.scene import FilmScene

EXAMPLE = "film/example.py"
READ = 15  # characters a second
SCREENS = (  # functions of the example, and what is said while they are read
    (
        ("tokens", "vocabulary"),
        ("Preprocessing: cut the text into words, number them.",
         "Number zero is <UNK>. It stands for every word that is not in the table."),
    ),
    (
        ("__init__", "forward"),
        ("The model: two tables, two transformer layers, a head that scores words.",
         "Its context is a window of {code.settings.block_size} words. The mask hides those that follow."),
    ),
    (
        ("train", "perplexity"),
        ("Training, with its log: {code.settings.batch_size} windows a batch, a guess for every word.",
         "Move model and batch to a GPU, and it does all windows side by side.",
         "Then testing: perplexity on held-out text."),
    ),
)  # fmt: skip


class Step11(FilmScene):
    """From the text to a vector in five functions, and what the film's own model is made of."""

    accent = "mlp"

    def construct(self):
        top = self.header("The whole code")
        self.show(top)
        self.parts(top)
        self.sizes()
        self.clear_section()

    def parts(self, top):
        """The example's functions, a screen for each of preparing, model, training with testing."""
        for names, told in SCREENS:
            panels = [self.code(file=EXAMPLE, part=name) for name in names]
            stack = VGroup(*panels).arrange(DOWN, buff=0.35, aligned_edge=LEFT)
            stack.move_to([-6.4 + stack.width / 2, -0.25, 0])
            share = max(self.letters(panel) for panel in panels) / READ / len(told)
            for place, said in enumerate(told):
                self.say(said)
                end = self.time + share
                if not place:
                    self.show(*panels, lag=0.3)
                self.hold(end - self.time)
            self.clear_section(keep=[top])

    @staticmethod
    def letters(panel):
        """Characters of a panel of code."""
        return sum(len(line.string) for line in panel.lines if line)

    def sizes(self):
        """The settings of the film's model, why they are so, and where its parameters are."""
        reasons = (
            ("vocab_size", "", "every word that comes twice"),
            ("n_embd", "", "narrow: little text"),
            ("block_size", "", "a sentence or two"),
            ("learning_rate", ":.3f", "best of three"),
        )
        rows = [["setting", "value", "why"]]
        rows += [
            [name.replace("_", " "), f"{{code.settings.{name}{form}}}", f"<faint|{why}>"] for name, form, why in reasons
        ]
        table = self.table(rows, "lrl", size="small").move_to([-3.0, 0.8, 0])
        self.say("The film's own settings, each for a reason.")
        self.show(table)
        bars = self.bars("code.parameters", names="code.parts", digits=None, length=1.1, family="mlp")
        bars.move_to([3.85, 0.7, 0])
        self.say("{code.total} parameters, most in two tables of words.")
        self.show(bars)
        memory = "training takes\n<mlp|{code.memory.total}> bytes:\nweights, gradients,\nAdam's means, a batch"
        self.show(self.text(memory, "detail", "faint").move_to([4.4, -2.1, 0]), seconds=0.5, how="fade")
        vector = self.code(file=EXAMPLE, part="vector")
        self.say("A text's vector is the mean of its states.")
        self.show(vector.move_to([-6.3 + vector.width / 2, -2.3, 0]))
        self.rest(1.3)
