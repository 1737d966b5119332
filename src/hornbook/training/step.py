"""What one training step did, whichever loop took it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """`loss` is the mean of its batch in nats a token, None where there was nothing to score.

    `grad_norm` is before clipping, None where not measured.
    """

    step: int
    loss: float | None
    lr: float
    grad_norm: float | None
    tokens: int  # seen since the run began
    seconds: float  # trained since the run began
    progress: float  # 0 at the start of the schedule, 1 at its end
