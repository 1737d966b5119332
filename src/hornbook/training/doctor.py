"""Watches a run and says what ails it: a loss that is no number, or one that has left the ground."""

import math

from hornbook.errors import HornbookError


class Diverged(HornbookError):
    """Training was stopped because its numbers stopped meaning anything; what was saved before is intact."""


def check(step, loss, grad_norm, lr, settings):
    """Raise Diverged, with what to change, when the loss or the gradient of a step is not finite."""
    if math.isfinite(loss) and math.isfinite(grad_norm):
        return
    what = "loss" if not math.isfinite(loss) else "gradient norm"
    cures = [f"learning_rate={lr / 3:.1g}"]
    if not settings.clip_norm:
        cures.append("clip_norm=1")
    if settings.precision != "float32":
        cures.append("precision=float32")
    raise Diverged(
        f"the {what} became {loss if what == 'loss' else grad_norm} at step {step}"
        f" (learning rate {lr:.2g}); training stopped, the last checkpoint is intact."
        f" Try --set {' --set '.join(cures)}."
    )
