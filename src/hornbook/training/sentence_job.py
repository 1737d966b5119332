"""A sentence encoder's training by gradients, in a folder; killed at any moment, it goes on to the same bytes."""

from hornbook.training.job import Descent

LOOKS = 4  # held-out batches that each validation looks at


class SentenceJob(Descent):
    """Steps of an objective; `objectives` are two alike, one on what is trained on, one on what is held out, or None.

    `save(parameters)` writes the weights as they are into the run folder.
    """

    def __init__(self, network, objectives, settings, folder, save):
        from hornbook.training.budget import choose_threads

        self.objective, self.validation = objectives
        inside = sum(p.numel() for name, p in network.named_parameters() if name.startswith("layers."))
        threads = settings.threads or choose_threads(inside, settings.batch_size * 64)
        super().__init__(network, settings, folder, threads)
        self.save = save

    def train_steps(self, done, seconds):
        from hornbook.training import loop

        def loss_of(step):
            loss, tokens = self.objective.loss(self.network, step)
            return loss, self.tokens + tokens

        return loop.descend(self.network, self.optimizers, loss_of, self.settings, done, seconds)

    def validate(self):
        """The held-out loss of the same objective, always on the same batches; None where nothing is held out."""
        from hornbook.training.objectives import held_out

        return None if self.validation is None else held_out(self.validation, self.network, LOOKS)

    def keep(self):
        self.save(self.network.export())
