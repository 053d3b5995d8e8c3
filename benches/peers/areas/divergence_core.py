"""Divergences between two vectors of a million probabilities.

SciPy and NumPy have no checks of sums or signs here, and so do less.
"""

import numpy as np
import scipy
from _run import Work, best, read, write
from scipy.spatial.distance import jensenshannon
from scipy.special import rel_entr

N = 1_000_000
NUMPY = f"NumPy {np.__version__}"
SCIPY = f"SciPy {scipy.__version__}"


def prepare(folder):
    rng = np.random.default_rng(1)
    for name in "pq":
        weights = rng.exponential(size=N)
        write(folder, name, weights / weights.sum())


def work(peer, version, function):
    def run(folder, _):
        p, q = read(folder, "p"), read(folder, "q")
        return version, best(lambda: function(p, q)), [function(p, q)]

    return Work(f"{N:.0e}".replace("e+0", "e"), prepare, {peer: run}, 1e-12)


def hellinger(p, q):
    difference = np.sqrt(p)
    difference -= np.sqrt(q)
    return np.dot(difference, difference)


def power(p, q):
    """The α-divergence of order 0.3."""
    return (np.sum(p**0.3 * q**0.7) - 1) / (0.3 * (0.3 - 1))


WORKS = {
    "KL": work("scipy", SCIPY, lambda p, q: rel_entr(p, q).sum()),
    "JS distance": work("scipy", SCIPY, jensenshannon),
    "squared Hellinger": work("numpy", NUMPY, hellinger),
    "alpha 0.3": work("numpy", NUMPY, power),
}
