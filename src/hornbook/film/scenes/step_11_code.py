"""Step 11, the code: an encoder in plain PyTorch, function by function, its settings and why, and what it prints."""

from manim import DOWN, LEFT, VGroup

from hornbook.film.lettering import EM, SIZES
from hornbook.film.scene import FilmScene
from hornbook.film.words import part_of

EXAMPLE = "film/example.py"
READ = 15  # characters a second
CHARACTER = 0.602 * SIZES["small"] * EM  # the width of one of code
SCREENS = (  # functions of the example, and what is said while they are read; its `train` is step 9's
    (
        ("tokens", "vocabulary", "encode"),
        ("Preprocessing: cut the text into words, number them.",
         "Number zero is <UNK>. It stands for every word that is not in the table."),
    ),
    (
        ("Encoder",),
        ("The model: two tables, two transformer layers, a head that scores words.",
         "Its context is a window of {program.block_size} words. The mask hides those that follow."),
    ),
    (
        ("batch", "perplexity", "vector"),
        ("A batch: {program.batch_size} windows, which a GPU does side by side. The loop you have seen.",
         "Then testing, and a text's vector: the mean of its states."),
    ),
)  # fmt: skip
REASONS = (
    ("vocab_size", "", "words that come twice"),
    ("n_embd", "", "little text"),
    ("learning_rate", ":.3f", "best of three"),
)
PRINTED = (0, 2, 4, 7)  # lines of its log


class Step11(FilmScene):
    """A program from text to vector: all its functions but the loop, its sizes, and its run on the film's novel."""

    accent = "mlp"

    def construct(self):
        top = self.header("The whole code: film/example.py")
        self.show(top)
        self.parts(top)
        self.sizes()
        self.clear_section(keep=[top])
        self.run()
        self.clear_section()

    def parts(self, top):
        """The example's functions, a screen for each of preparing, model, and batches with testing."""
        for names, told in SCREENS:
            panels = [panel for name in names for panel in self.panels(name)]
            stack = VGroup(*panels).arrange(DOWN, buff=0.2 if len(names) > 1 else 0.02, aligned_edge=LEFT)
            stack.move_to([-6.4 + stack.width / 2, -0.22, 0])
            for panel in panels:
                panel.shift([self.indent(panel), 0, 0])
            share = max(self.letters(panel) for panel in panels) / READ / len(told)
            for place, said in enumerate(told):
                self.say(said)
                end = self.time + share
                if not place:
                    self.show(*panels, how="fade")
                    end += 0.4
                self.hold(end - self.time)
            self.clear_section(keep=[top])

    def panels(self, name):
        """A function's lines on a panel; of a class a panel for each method."""
        self.inputs.add(("code", EXAMPLE))
        return [self.code(text) for text in part_of(EXAMPLE, name).split("\n\n")]

    @staticmethod
    def indent(panel):
        """How far the first line of a panel of code is indented, in units."""
        first = panel.lines[0].string
        return (len(first) - len(first.lstrip())) * CHARACTER

    @staticmethod
    def letters(panel):
        """Characters of a panel of code, without blanks."""
        return sum(len("".join(line.string.split())) for line in panel.lines if line)

    def sizes(self):
        """The program's settings, why they are so, and where its parameters are."""
        rows = [["setting", "value", "why"]]
        rows += [[name.replace("_", " "), f"{{program.{name}{form}}}", f"<faint|{why}>"] for name, form, why in REASONS]
        table = self.table(rows, "lrl", size="small").move_to([-3.0, 0.8, 0])
        memory = "training takes <mlp|{program.memory}> bytes: weights, gradients, Adam's means, a batch"
        bars = self.bars("program.parameters", names="program.parts", digits=None, length=1.1, family="mlp")
        bars.move_to([3.85, 0.7, 0])
        self.say("Its settings, each for a reason.")
        self.show(table, self.text(memory, "detail", "faint").move_to([0, -2.0, 0]))
        self.say("{program.total} parameters, most in two tables of words.")
        self.show(bars)
        self.rest(1.5)

    def run(self):
        """The command, and some of the lines that it printed."""
        command = self.text("<mlp|$> python -m hornbook.film.example frankenstein.txt", face="mono", size="detail")
        rows = [["step", "held-out perplexity"]]
        rows += [[f"{{program.log.steps[{line}]}}", f"{{program.log.perplexity[{line}]:.1f}}"] for line in PRINTED]
        self.say("Run it on a book. Guessing among {program.vocab_size} words, it soon wavers among few.")
        self.show(command.move_to([0, 1.6, 0]))
        self.show(self.table(rows, "rr", [2.0, 3.6]).move_to([0, -0.6, 0]))
