"""Truncated singular value decomposition: the few directions in which a matrix stretches most, by power iteration."""

import numpy as np

from hornbook.reference.distances import unit
from hornbook.trace import see, within

ZERO = 1e-8  # a singular value below this share of the largest is rounding, and does not count for the rank


def truncated(X, k, rng, tolerance=1e-13, most=10_000):
    """X (N, V) -> σ (k,), falling, and components C (k, V), rows of length 1: X Cᵀ C is the nearest of rank k.

    v ← Xᵀ X v / ‖Xᵀ X v‖ turns any start towards what X stretches most, (σ₂/σ₁)² nearer a step; once found, a direction
    is taken out of every later v (deflation), so the next is found in the same way. Also called the power method; von
    Mises & Pollaczek-Geiringer 1929. A direction is done when a step moves v by `tolerance` or less, or after `most`
    steps. Where the rank is below k, only as many come back as there are.
    """
    sigmas, components = [], np.empty((0, X.shape[1]))
    for i in range(k):
        zero = ZERO * sigmas[0] if sigmas else 0.0
        with within(f"components.{i}"):
            sigma, v = direction(X, components, rng.normal(size=X.shape[1]), zero, (tolerance, most))
        if sigma <= zero:
            break
        sigmas, components = [*sigmas, sigma], np.vstack([components, signed(v)])
    return np.array(sigmas), components


def direction(X, found, v, zero, until):
    """The largest σ = ‖X v‖ and its v (V,) among directions at right angles to those `found` (i, V)."""
    tolerance, most = until
    v = unit(without(v, found))
    for step in range(most):
        with within(f"iterations.{step}"):
            u = X @ v  # (V,) -> (N,)
            sigma = see("sigma", np.linalg.norm(u))
            before, v = v, see("v", unit(without(X.T @ u, found)))
        if sigma <= zero or np.linalg.norm(v - before) <= tolerance:
            break
    return sigma, v


def without(v, found):
    """What is left of v (V,) when its parts along the rows of `found` are taken out: v − Σ (v·f) f."""
    return v - (found @ v) @ found


def signed(components):
    """v and −v serve equally; take the one whose largest entry is positive. components (…, V).

    Of entries that are equally large but for rounding, the first decides.
    """
    size = np.abs(components)
    first = (size >= (1 - 1e-6) * size.max(axis=-1, keepdims=True)).argmax(axis=-1)
    return components * np.where(np.take_along_axis(components, first[..., None], axis=-1) < 0, -1.0, 1.0)


if __name__ == "__main__":
    from hornbook.trace import Trace

    X = np.array([[1, 1, 0, 0], [1, 1, 0, 1], [0, 1, 1, 0], [0, 0, 1, 2]])
    with Trace() as trace:
        sigmas, components = truncated(X, 2, np.random.default_rng(42))
    print(f"X =\n{X}")
    for i, (found, component) in enumerate(zip(sigmas, components)):
        steps = [name for name in trace if name.startswith(f"components.{i}.") and name.endswith("sigma")]
        for step, name in enumerate(steps[:6]):
            v = trace[name.removesuffix("sigma") + "v"]
            print(f"direction {i}, step {step}: σ = {trace[name]:.8f}, v =", *(f"{x:8.5f}" for x in v))
        print(f"   after {len(steps)} steps, signed: σ = {found:.8f}, v =", *(f"{x:8.5f}" for x in component))
    left = ((X - X @ components.T @ components) ** 2).sum()
    tail = (X**2).sum() - (sigmas**2).sum()
    print(f"what two directions leave of X: ‖X − X CᵀC‖² = {left:.8f}, and ‖X‖² − Σσ² = {tail:.8f}")
