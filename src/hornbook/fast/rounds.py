"""What one round of training did: a sweep of a topic model, or a stretch of a text for word vectors."""

from typing import NamedTuple


class Round(NamedTuple):
    """`loss` is the round's mean in nats, nan where there was nothing to score, `tokens` how many it read.

    `learning_rate` is 0 where there is none.
    """

    loss: float
    tokens: int
    learning_rate: float = 0.0
