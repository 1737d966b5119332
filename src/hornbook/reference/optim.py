"""Optimizers: from a gradient to a step. Each rule updates one parameter; schedules say how long the steps are.

A rule takes (param, grad, state, lr, its settings) and returns the new parameter; `state` is a dict, empty at first, in
which the rule keeps what it must remember. The fast forms are those of `torch.optim`, with which these agree.
"""

import math

import numpy as np


def sgd(param, grad, state, lr):
    """Step against the gradient: θ ← θ − lr · g. Also called (stochastic) gradient descent."""
    return param - lr * grad


def momentum(param, grad, state, lr, beta=0.9):
    """Step along a running sum of gradients: m ← β m + g, θ ← θ − lr · m. Also called heavy ball. Polyak 1964."""
    state["m"] = beta * state["m"] + grad if state else grad
    return param - lr * state["m"]


def adam(param, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Step by the mean gradient over its own size: θ ← θ − lr · m̂ / (√v̂ + ε).

    m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g² start at 0, which m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ) correct at
    step t. Kingma & Ba 2014, arXiv 1412.6980.
    """
    t = state["step"] = state.get("step", 0) + 1
    m = state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * grad
    v = state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * grad**2
    return param - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)


def adamw(param, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    """`adam` on a parameter that first shrinks: θ ← (1 − lr · λ) θ. Also called decoupled weight decay.

    Loshchilov & Hutter 2017, arXiv 1711.05101.
    """
    return adam((1 - lr * weight_decay) * param, grad, state, lr, beta1, beta2, eps)


# Rows are a, b, c of Newton–Schulz steps. Jordan's five, which torch.optim takes, bring singular values to 0.7 … 1.2;
# the three, each the best of its degree for what the one before leaves of [0.003, 1], to 1 ± 0.65 in 3/5 of the time.
FIVE_STEPS = ((3.4445, -4.7750, 2.0315),) * 5
THREE_STEPS = ((8.3837, -24.7659, 18.3571), (4.0434, -3.0114, 0.5695), (3.5056, -2.6267, 0.5257))


def orthogonalised(matrix, newton_schulz=FIVE_STEPS):
    """Bring every singular value of a matrix near 1 and keep its directions: U S Vᵀ -> about U Vᵀ.

    Newton–Schulz: X ← a X + b (X Xᵀ) X + c (X Xᵀ)² X, from X = matrix / ‖matrix‖. Also called the polar factor.
    """
    x = matrix / max(np.linalg.norm(matrix), 1e-7)
    for a, b, c in newton_schulz:
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x


def muon(param, grad, state, lr, beta=0.95, weight_decay=0.0, newton_schulz=FIVE_STEPS):
    """Step equally far in all directions: θ ← θ − lr √max(1, out / in) orthogonalised(β m + (1 − β) g).

    m ← β m + (1 − β) g; param (out, in). For hidden matrices alone: embeddings, heads and vectors take `adamw`.
    Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/.
    """
    m = state["m"] = beta * state.get("m", 0) + (1 - beta) * grad
    ahead = beta * m + (1 - beta) * grad  # Nesterov: look where the momentum leads
    rows, columns = param.shape
    lr_of_shape = lr * math.sqrt(max(1, rows / columns))
    return (1 - lr * weight_decay) * param - lr_of_shape * orthogonalised(ahead, newton_schulz)


RULES = {"sgd": sgd, "momentum": momentum, "adam": adam, "adamw": adamw, "muon": muon}


def update(rule, params, grads, states, lr):
    """One step of every parameter: the new parameters by name. `states` is a dict, empty at first, kept between steps.

    A rule's own settings are given with `functools.partial(adamw, weight_decay=0.1)`.
    """
    return {name: rule(params[name], grads[name], states.setdefault(name, {}), lr) for name in params}


def clip(grads, max_norm):
    """Shorten all gradients by one factor so that together they are no longer than max_norm; returns (grads, norm).

    norm = √Σ‖g‖² over all parameters, before clipping. Keeps the direction. Pascanu et al. 2013, arXiv 1211.5063.
    """
    norm = math.sqrt(sum((grad**2).sum() for grad in grads.values()))
    factor = min(1, max_norm / (norm + 1e-6))  # as in torch, so that a norm of 0 divides nothing by 0
    return {name: factor * grad for name, grad in grads.items()}, norm


def constant(progress, warmup=0.0, final=1.0):
    """The full rate throughout; `final` does nothing."""
    return _after_warmup(progress, warmup, lambda part: 1.0)


def linear(progress, warmup=0.0, final=0.0):
    """From the full rate to the `final` share of it in a straight line: 1 − (1 − final) · part."""
    return _after_warmup(progress, warmup, lambda part: 1 - (1 - final) * part)


def cosine(progress, warmup=0.0, final=0.0):
    """From the full rate to the `final` share of it, slow at both ends: final + (1 − final) (1 + cos π part) / 2.

    Loshchilov & Hutter 2016, arXiv 1608.03983.
    """
    return _after_warmup(progress, warmup, lambda part: final + (1 - final) * (1 + math.cos(math.pi * part)) / 2)


def trapezoid(progress, warmup=0.0, final=0.0):
    """The full rate for half of the run, then to the `final` share of it in a straight line.

    Also called warmup-stable-decay. Hu et al. 2024, arXiv 2404.06395.
    """
    return _after_warmup(progress, warmup, lambda part: 1.0 if part < 0.5 else 1 - (1 - final) * (2 * part - 1))


def _after_warmup(progress, warmup, schedule):
    """Rise in a straight line from 0 while progress < warmup, then `schedule` of the part of the rest that is done."""
    return progress / warmup if progress < warmup else schedule((progress - warmup) / (1 - warmup))


# (progress, warmup, final) -> what the learning rate is multiplied by; progress 0 … 1, warmup < 1 a share of the run
SCHEDULES = {"constant": constant, "linear": linear, "cosine": cosine, "trapezoid": trapezoid}


if __name__ == "__main__":
    steep = np.array([[1.0, 0.0], [0.0, 30.0]])
    print("‖θ‖ on the way down θᵀAθ/2, thirty times as steep one way as the other, from (1, 1):")
    for (name, rule), lr in zip(RULES.items(), (0.05, 0.01, 0.1, 0.1, 0.1)):
        params, states, lengths = {"w": np.ones((2, 1))}, {}, []
        for step in range(60):
            params = update(rule, params, {"w": steep @ params["w"]}, states, lr * cosine(step / 60))
            lengths.append(np.linalg.norm(params["w"]))
        print(f"{name:9} lr {lr:<5}", *(f"{length:8.4f}" for length in lengths[9::10]))
