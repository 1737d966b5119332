"""Loss, clipping and one step of Frankenstein 05, right, or with one flaw that `flaw` names; and how they are tried."""

import math


def cross_entropy(logits, labels):
    from hornbook.reference.losses import cross_entropy

    return float(cross_entropy(logits, labels))


def flawed_loss(logits, labels, flaw):
    import numpy as np

    rows = np.arange(len(labels))
    largest = logits.max() if flaw == "batch axis throughout" else logits.max(axis=1, keepdims=True)
    with np.errstate(all="ignore"):
        powers = np.exp(logits - (0 if flaw == "overflow" else largest))
        probabilities = powers / powers.sum(axis=0 if "batch axis" in flaw else 1, keepdims=True)
        of_label = probabilities.max(axis=1) if flaw == "largest" else probabilities[rows, labels]
        nats = -np.log(of_label)
    of_flaw = {
        "sign": -nats.mean(),
        "sum": nats.sum(),
        "bits": nats.mean() / math.log(2),
        "probability": -of_label.mean(),
    }
    return of_flaw.get(flaw, nats.mean())


def loss_of(logits, labels, flaw=""):
    from torch.nn import functional as F

    if flaw == "not flat":
        return F.cross_entropy(logits, labels)
    if flaw == "time first":
        return F.cross_entropy(logits.transpose(0, 1).flatten(0, 1), labels.flatten())
    if flaw == "last only":
        return F.cross_entropy(logits[:, -1], labels[:, -1])
    if flaw == "numpy":
        logits.numpy()  # raises, where logits are to be differentiated
    flat = logits.softmax(-1) if flaw == "softmax" else logits
    loss = F.cross_entropy(flat.flatten(0, 1), labels.flatten(), reduction="sum" if flaw == "sum" else "mean")
    return loss.detach() if flaw == "cut off" else loss


def loss_and_slope(answer, logits, labels):
    """(the loss, its slope at the logits, or None where the loss does not know what it was computed of)."""
    import torch

    loss = answer(logits.requires_grad_(), labels)
    if loss is None:
        return None
    can = isinstance(loss, torch.Tensor) and loss.requires_grad
    return loss, torch.autograd.grad(loss.sum(), logits)[0] if can else None


def bits_per_character(nats):
    from hornbook.reference.losses import bits_per_character

    return bits_per_character(nats, tokens=1, characters=1)


def clip(grads, max_norm):
    from hornbook.reference.optim import clip

    return clip(grads, max_norm)


def flawed_clip(grads, max_norm, flaw):
    import numpy as np

    norms = {name: np.linalg.norm(grad) for name, grad in grads.items()}
    norm = math.sqrt(sum(each**2 for each in norms.values()))
    if flaw == "by element":
        return {name: np.clip(grad, -max_norm, max_norm) for name, grad in grads.items()}, norm
    if flaw == "one by one":
        return {name: grad * min(1, max_norm / norms[name]) for name, grad in grads.items()}, norm
    factor = max_norm / norm if flaw == "lengthened" else min(1, max_norm / norm)
    if flaw == "no root":
        norm = norm**2
        factor = min(1, max_norm / norm)
    return {name: grad * factor for name, grad in grads.items()}, norm * factor if flaw == "norm after" else norm


def train_step(model, optimizer, features, labels, max_norm, flaw=""):
    from torch.nn.utils import clip_grad_norm_

    if flaw != "no zero":
        optimizer.zero_grad()
    loss = loss_of(model(features)[0], features if flaw == "not shifted" else labels)
    loss.backward()
    if flaw != "no clip":
        clip_grad_norm_(model.parameters(), max_norm)
    if flaw != "no step":
        optimizer.step()
    return loss if flaw == "tensor" else loss.item()


def three_steps(step, rate):
    """Of three steps on one batch with SGD: what the losses are, their values, and the weights they leave."""
    import torch

    class Small(torch.nn.Module):
        def __init__(self):
            super().__init__()
            draw = torch.Generator().manual_seed(14)
            self.scores = torch.nn.Parameter(torch.randn(5, 5, generator=draw, dtype=torch.float64))

        def forward(self, ids, state=None):
            return self.scores[ids], state

    model, windows = Small(), torch.tensor([[0, 1, 2, 3, 4, 0], [3, 3, 1, 0, 2, 2]])
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    losses = [step(model, optimizer, windows[:, :-1], windows[:, 1:], 0.1) for _ in range(3)]
    if losses[0] is None:
        return None
    kinds = {"a tensor" if isinstance(loss, torch.Tensor) else "a number" for loss in losses}
    return " or ".join(sorted(kinds)), losses, model.scores.detach().clone()
