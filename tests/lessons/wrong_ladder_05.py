"""Written wrong answers to ladder notebook 05, each with a piece of the diagnosis it must get."""

import numpy as np


def sigma(z):
    return 1 / (1 + np.exp(-z))


# -- L5.1
def step_untransposed(x, hidden, w_x, w_h, b):
    return np.tanh(x.dot(w_x.T) + hidden.dot(w_h) + b)


def step_linear(x, hidden, w_x, w_h, b):
    return (w_x @ x.T + w_h @ hidden.T).T + b


def step_diagonal(x, hidden, w_x, w_h, b):
    weights = np.array([w_h[k, k] for k in range(len(b))])
    return np.tanh(x @ w_x.T + weights * hidden + b)


def step_no_bias(x, hidden, w_x, w_h, b):
    return np.tanh(np.concatenate([x, hidden], 1) @ np.concatenate([w_x, w_h], 1).T)


def step_no_memory(x, hidden, w_x, w_h, b):
    return np.tanh(b + x @ w_x.T)


# -- L5.2
def slope_squared(hidden, w_h):
    return np.diag(hidden * hidden) @ w_h


def slope_columns(hidden, w_h):
    return w_h @ np.diag(1 - hidden**2)


def slope_transposed(hidden, w_h):
    return np.diag(1 - hidden**2) @ w_h.T


def slope_tanh_twice(hidden, w_h):
    return np.diag(1 - np.tanh(hidden) ** 2) @ w_h


# -- L5.3
def back_plain(hidden, w_h, last):
    out = np.zeros_like(hidden)
    out[-1] = last
    for t in reversed(range(len(hidden) - 1)):
        out[t] = np.diag(1 - hidden[t + 1] ** 2) @ w_h @ out[t + 1]
    return out


def back_early(hidden, w_h, last):
    out = np.zeros_like(hidden)
    out[-1] = last
    for t in reversed(range(len(hidden) - 1)):
        out[t] = w_h.T @ ((1 - hidden[t] ** 2) * out[t + 1])
    return out


def back_no_slope(hidden, w_h, last):
    out = [last]
    for _ in range(len(hidden) - 1):
        out = [out[0] @ w_h, *out]
    return np.array(out)


def back_toy(hidden, w_h, last):
    T = len(hidden)
    return np.array([last * 0.8 ** (T - 1 - t) for t in range(T)])


def back_reversed(hidden, w_h, last):
    out = [last]
    for h in hidden[:0:-1]:
        out.append(w_h.T @ ((1 - h**2) * out[-1]))
    return np.array(out)


# -- L5.4
def _blocks(x, hidden, w_x, w_h, b):
    z, H = x @ w_x.T + hidden @ w_h.T + b, hidden.shape[1]
    return [z[:, k * H : (k + 1) * H] for k in range(4)]


def lstm_ifog(x, hidden, cell, w_x, w_h, b):
    i, f, o, g = _blocks(x, hidden, w_x, w_h, b)
    new = sigma(f) * cell + sigma(i) * np.tanh(g)
    return sigma(o) * np.tanh(new), new


def lstm_figo(x, hidden, cell, w_x, w_h, b):
    f, i, g, o = _blocks(x, hidden, w_x, w_h, b)
    new = sigma(f) * cell + sigma(i) * np.tanh(g)
    return sigma(o) * np.tanh(new), new


def lstm_fixed(x, hidden, cell, w_x, w_h, b):
    i, _, g, o = _blocks(x, hidden, w_x, w_h, b)
    new = 0.85 * cell + sigma(i) * np.tanh(g)
    return sigma(o) * np.tanh(new), new


def lstm_sigmoid_candidate(x, hidden, cell, w_x, w_h, b):
    i, f, g, o = _blocks(x, hidden, w_x, w_h, b)
    new = sigma(f) * cell + sigma(i) * sigma(g)
    return sigma(o) * np.tanh(new), new


def lstm_no_tanh(x, hidden, cell, w_x, w_h, b):
    i, f, g, o = _blocks(x, hidden, w_x, w_h, b)
    new = sigma(f) * cell + sigma(i) * np.tanh(g)
    return sigma(o) * new, new


def lstm_turned(x, hidden, cell, w_x, w_h, b):
    i, f, g, o = _blocks(x, hidden, w_x, w_h, b)
    new = sigma(f) * cell + sigma(i) * np.tanh(g)
    return new, sigma(o) * np.tanh(new)


# -- L5.5
def clip_numbers(grads, max_norm):
    return {name: np.maximum(np.minimum(grad, max_norm), -max_norm) for name, grad in grads.items()}


def clip_each(grads, max_norm):
    return {name: grad / max(1, np.sqrt((grad**2).sum()) / max_norm) for name, grad in grads.items()}


def clip_always(grads, max_norm):
    norm = np.linalg.norm(np.concatenate([grad.ravel() for grad in grads.values()]))
    return {name: grad / norm * max_norm for name, grad in grads.items()}


def clip_rootless(grads, max_norm):
    norm = sum(np.sum(grad * grad) for grad in grads.values())
    return {name: grad * min(1, max_norm / norm) for name, grad in grads.items()}


WRONG = {
    "L5.1": [
        (step_untransposed, "without its transpose"),
        (step_linear, "tanh is missing"),
        (step_diagonal, "one weight per dimension"),
        (step_no_bias, "bias b is left out"),
        (step_no_memory, "no memory"),
    ],
    "L5.2": [
        (slope_squared, "not h²"),
        (slope_columns, "scale the columns"),
        (slope_transposed, "W_h is transposed"),
        (slope_tanh_twice, "tanh is taken again"),
    ],
    "L5.3": [
        (back_plain, "without its transpose"),
        (back_early, "slope is taken at hidden[t-1]"),
        (back_no_slope, "W_h alone"),
        (back_toy, "multiplies by 0.8"),
        (back_reversed, "in reverse"),
    ],
    "L5.4": [
        (lstm_ifog, "split as i, f, o, g"),
        (lstm_figo, "split as f, i, g, o"),
        (lstm_fixed, "fixed 0.85"),
        (lstm_sigmoid_candidate, "candidate g goes through the sigmoid"),
        (lstm_no_tanh, "o times the cell"),
        (lstm_turned, "in each other's place"),
    ],
    "L5.5": [
        (clip_numbers, "each number is clipped by itself"),
        (clip_each, "by its own norm"),
        (clip_always, "stretched to max_norm"),
        (clip_rootless, "without its root"),
    ],
}
