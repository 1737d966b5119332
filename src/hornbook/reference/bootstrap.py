"""The bootstrap: how far a figure would move on another sample, by drawing from the sample at hand again and again.

Efron 1979. A statistic takes (…, n) arrays and gives (…): those of metrics.py do.
"""

from typing import NamedTuple

import numpy as np

from hornbook.errors import HornbookError

CELLS = 1 << 20  # numbers drawn at a time


class Figure(NamedTuple):
    """A measured value, its 95 % interval, and how many cases it is of."""

    value: float
    low: float
    high: float
    n: int

    def numbers(self):
        """As JSON holds it; what is undefined is None."""
        value, low, high = (None if np.isnan(number) else number for number in self[:3])
        return {"value": value, "interval_95": [low, high], "n": self.n}


def bootstrap_interval(arrays, statistic, draws=1000, seed=0):
    """Where `statistic` would lie 95 times in 100 on other samples: quantiles 0.025 and 0.975 over `draws` resamplings.

    `arrays` is one (n,) array or a tuple of paired ones; a draw takes n of the n with replacement, the same of every
    array. Also called the percentile bootstrap. Draws for which the statistic is undefined (NaN) are left out.
    Raises HornbookError for empty arrays.
    """
    arrays = [np.asarray(array) for array in (arrays if isinstance(arrays, tuple) else (arrays,))]
    n, rng, values = len(arrays[0]), np.random.default_rng(seed), []
    if n == 0:
        raise HornbookError("nothing was measured; an interval needs at least 1 value to draw from.")
    size = max(1, CELLS // n)
    for start in range(0, draws, size):
        chosen = rng.integers(n, size=(min(size, draws - start), n))
        values.append(statistic(*(array[chosen] for array in arrays)))
    values = np.concatenate(values)
    defined = values[~np.isnan(values)]
    low, high = np.quantile(defined, [0.025, 0.975]) if len(defined) else (np.nan, np.nan)
    return float(low), float(high)


def figure(statistic, *arrays):
    """The `Figure` of a statistic of paired (n,) arrays."""
    low, high = bootstrap_interval(arrays, statistic)
    return Figure(float(statistic(*arrays)), low, high, len(arrays[0]))


def difference(statistic, a, b, *shared):
    """The `Figure` of statistic(*shared, a) − statistic(*shared, b): a beats b where low > 0.

    Also called the paired bootstrap. Both are measured on the same draws, so what is hard for both cancels out.
    """
    return figure(lambda a, b, *shared: statistic(*shared, a) - statistic(*shared, b), a, b, *shared)


if __name__ == "__main__":
    from hornbook.reference.metrics import mrr

    rng = np.random.default_rng(1)
    a = rng.integers(1, 20, 200)
    b = a + rng.integers(0, 3, 200)  # never better, often a place or two worse
    for name, made in (("a", figure(mrr, a)), ("b", figure(mrr, b)), ("a - b", difference(mrr, a, b))):
        print(f"mrr {name:5} {made.value:.3f}   95 % {made.low:.3f} to {made.high:.3f}   of {made.n}")
