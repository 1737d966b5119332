"""How far back in time a loss is felt: the gradient of a recurrent model's last prediction at every earlier step.

Bengio et al. 1994, "Learning long-term dependencies with gradient descent is difficult"; Pascanu et al. 2013,
arXiv 1211.5063.
"""

import numpy as np

from hornbook.reference.losses import cross_entropy_backward
from hornbook.trace import Trace


def gradient_norms(model, params, ids, last_targets, config):
    """‖∂L/∂n_t‖ against the distance T − 1 − t, where L is the loss at the last position alone.

    model is the module rnn or lstm; ids (B, T), last_targets (B) what came after each text. For every number n that is
    carried through time, {"layers.0.hidden": (T,), …}: the mean of B texts, the last position (distance 0) first.
    """
    with Trace() as trace:
        logits = model.forward(params, ids, config)
        grad_logits = np.zeros_like(logits)
        grad_logits[:, -1] = cross_entropy_backward(logits[:, -1], last_targets) * len(ids)  # each text's own loss
        model.backward(params, trace, config, grad_logits=grad_logits)
    names = [f"layers.{i}.{name}" for i in range(config.n_layer) for name in model.CELL.carried]
    return {name: np.linalg.norm(trace[f"grad.{name}"], axis=-1).mean(axis=0)[::-1] for name in names}


def jacobian_norms(w_h, hidden):
    """The most that one step of an RNN can grow a gradient: the largest singular value of diag(1 − h²) W_h.

    w_h (H, H), hidden (…, H) -> (…). Below 1 at every step, gradients vanish; to explode they need it above 1.
    """
    return np.linalg.norm((1 - hidden**2)[..., None] * w_h, ord=2, axis=(-2, -1))


def demo(model, steps=151):
    """Train `model` on one line until it knows it, and print how far back its last prediction reaches."""
    text = "the cat sat on the mat and the rat sat on the hat"
    letters = sorted(set(text))
    ids = np.array([[letters.index(letter) for letter in text]])
    config = model.Config(len(letters), embedding_dim=8, hidden_size=24)
    params = model.init(config, np.random.default_rng(0))
    for step in range(steps):
        with Trace() as trace:
            nats = model.loss(model.forward(params, ids[:, :-1], config), ids[:, 1:])
        if step % 50 == 0:
            said = "".join(letters[i] for i in trace["logits"][0].argmax(-1))
            print(f"step {step:3}  loss {nats:.4f} nats  {text[0]}{said}")
        for name, grad in model.backward(params, trace, config).items():
            params[name] -= grad
    for name, norms in gradient_norms(model, params, ids[:, :-1], ids[:, -1], config).items():
        print(f"gradient of the last loss at {name}, 0, 5, 10 … steps back:", *(f"{norm:.0e}" for norm in norms[::5]))
    if "pre" in model.CELL.numbers:
        norms = jacobian_norms(params["layers.0.w_h"], trace["layers.0.hidden"])
        print(f"norm of one step's Jacobian: {norms.min():.2f} to {norms.max():.2f}")


if __name__ == "__main__":
    from hornbook.reference import lstm, rnn

    for model in (rnn, lstm):
        print(model.__name__)
        demo(model)
